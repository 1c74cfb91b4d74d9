//! Passwords: argon2id with 19 MiB, two passes and one lane (the least that OWASP recommends), off the threads that others wait on and few at a time.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// The shortest password that is taken, in characters. Length is the only rule: composition rules make passwords worse.
pub const CHARACTERS_MIN: usize = 12;

/// The longest, in bytes.
pub const BYTES_MAX: usize = 256;

/// Hashes at once: each takes 19 MiB.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

fn argon() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("parameters within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Whether a password may be used.
///
/// # Errors
/// Why not, and what to do.
pub fn fit(password: &str) -> Result<(), &'static str> {
    if password.chars().count() < CHARACTERS_MIN {
        return Err(
            "the password is shorter than 12 characters: some words in a row make a good one",
        );
    }
    if password.len() > BYTES_MAX {
        return Err("the password is longer than 256 bytes");
    }
    Ok(())
}

/// What is kept of a password. Takes some tens of milliseconds.
///
/// # Errors
/// No randomness.
pub fn hash(password: &str) -> Result<String, Problem> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Problem::internal())?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| Problem::internal())?;
    let hash =
        argon().hash_password(password.as_bytes(), &salt).map_err(|_| Problem::internal())?;
    Ok(hash.to_string())
}

/// As [`hash`], without holding up others.
///
/// # Errors
/// No randomness.
pub async fn hash_aside(password: String) -> Result<String, Problem> {
    aside(move || hash(&password)).await?
}

/// Whether a password is the one kept; without one that is kept, as long and in vain.
///
/// # Errors
/// The service is stopping.
pub async fn is_right(password: String, kept: Option<String>) -> Result<bool, Problem> {
    aside(move || {
        let known = kept.is_some();
        // Somebody unknown takes as long as somebody known, so that the time tells nobody's login.
        let kept = kept.unwrap_or_else(|| IN_VAIN.to_owned());
        let right = PasswordHash::new(&kept)
            .is_ok_and(|kept| argon().verify_password(password.as_bytes(), &kept).is_ok());
        right && known
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let one = AT_ONCE.acquire().await.map_err(|_| Problem::internal())?;
    let done = tokio::task::spawn_blocking(move || {
        // Held by the work: whoever asked may go away, and its memory is taken all the same.
        let _one = one;
        work()
    });
    done.await.map_err(|_| Problem::internal())
}

/// A hash with the same parameters, of a password that nobody has.
const IN_VAIN: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$bm9ib2R5IGhhcyBhIHBhc3N3b3JkIGxpa2UgdGhpcyE";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_its_own_and_nobody_has_the_vain_one() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(kept, hash("correct horse battery").unwrap(), "salted");
        assert!(is_right("correct horse battery".into(), Some(kept.clone())).await.unwrap());
        assert!(!is_right("correct horse batterz".into(), Some(kept)).await.unwrap());
        assert!(!is_right("anything".into(), None).await.unwrap());
        assert!(PasswordHash::new(IN_VAIN).is_ok(), "it must be tried in earnest");
        assert!(
            fit("short").is_err() && fit("twelve chars").is_ok() && fit(&"x".repeat(257)).is_err()
        );
    }
}
