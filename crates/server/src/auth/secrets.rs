//! Secrets: drawn from the system's randomness, told once, compared by their hashes in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `N` random bytes, in hexadecimal.
///
/// # Errors
/// The system has no randomness to give: then nothing that must be secret is made.
pub fn draw<const N: usize>() -> Result<String, Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Problem::internal())?;
    Ok(hex(&bytes))
}

/// Six digits, each sequence as likely.
///
/// # Errors
/// As [`draw`].
pub fn code() -> Result<String, Problem> {
    const CODES: u32 = 1_000_000;
    loop {
        let lot = getrandom::u32().map_err(|_| Problem::internal())?;
        // The last, incomplete round of codes would make some likelier.
        if lot < u32::MAX - u32::MAX % CODES {
            return Ok(format!("{:06}", lot % CODES));
        }
    }
}

/// What is kept of a secret. A secret of 128 bits and more needs no slow hash: nobody can try them all.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// What is kept of a one-time code: with the link's id, so that equal codes differ.
pub fn hash_of_code(link: &str, code: &str) -> String {
    hash(&format!("peermatch/code\n{link}\n{code}"))
}

/// The token that forms of a session carry: made from the cookie, so that it need not be kept, and telling nothing of it.
pub fn csrf_of(cookie: &str) -> String {
    hash(&format!("peermatch/csrf\n{cookie}"))
}

/// Whether two hashes are equal, in a time that does not tell where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_twice() {
        let drawn: std::collections::BTreeSet<String> =
            (0..1_000).map(|_| draw::<32>().unwrap()).collect();
        assert!(drawn.len() == 1_000 && drawn.iter().all(|secret| secret.len() == 64));
        assert!((0..1_000).all(|_| code().unwrap().len() == 6));
        assert!(same(&hash("a"), &hash("a")) && !same(&hash("a"), &hash("b")) && !same("a", "ab"));
        assert_ne!(hash_of_code("l1", "123456"), hash_of_code("l2", "123456"));
    }
}
