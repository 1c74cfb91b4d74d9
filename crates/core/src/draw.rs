//! Draws of lots that any program in any language can replay.
//!
//! A draw is the SHA-256 of what it is for, so no generator has a hidden state, no draw depends on how many were made before it
//! for somebody else, and adding a person changes nobody else's number. What is hashed is a list of *parts*, each written as its
//! length in bytes (8 bytes, big endian) followed by its bytes, so that no two lists run together into the same bytes:
//!
//! | draw | parts | read as |
//! |---|---|---|
//! | [`order`] | `peermatch/draw@1`, `order`, purpose, seed, id | the whole digest, compared as bytes |
//! | [`key`] | `peermatch/draw@1`, `pair`, purpose, seed, first id, second id | the first 30 bits, big endian |
//! | [`Draws`] | `peermatch/draw@1`, `count`, purpose, seed, number of the draw (0, 1, ...) | the first 8 bytes, big endian |
//!
//! Words and ids are UTF-8; seed and number of the draw are 8 bytes, big endian. The *purpose* keeps draws apart that share a seed:
//! the order of turns says nothing about the order on somebody's menu. [`commitment`] lets a service publish which seed it will use
//! before the seed itself is known.
//!
//! ```
//! use peermatch_core::draw;
//! // The same on every machine, whatever the order in which the ids are given.
//! let ids = ["ana", "ben", "cleo", "dan"];
//! let drawn: Vec<&str> = draw::order("turns", 7, &ids).into_iter().map(|at| ids[at]).collect();
//! let again = ["dan", "cleo", "ben", "ana"];
//! let redrawn: Vec<&str> = draw::order("turns", 7, &again).into_iter().map(|at| again[at]).collect();
//! assert_eq!(drawn, redrawn);
//! ```

use sha2::{Digest, Sha256};

/// First part of everything that is hashed here: the name and version of this way of drawing.
pub const DOMAIN: &str = "peermatch/draw@1";

/// Number of bits of a [`key`], so that a key can stand for the cost of a pair.
pub const KEY_BITS: u32 = 30;

/// SHA-256 of the parts, each after its length in 8 bytes, big endian.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The first 8 bytes of a digest as a number.
fn leading(digest: [u8; 32]) -> u64 {
    digest[..8].iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// A random order of `ids`: the places of the ids in `ids`, the one whose turn is first in front.
///
/// Depends on the ids, not on where they stand: each id has its own digest and they are sorted by it. Equal ids, which a checked
/// roster cannot have, keep the order given. `O(n log n)` and `n` hashes. Every order is equally likely as far as SHA-256 can be
/// told from chance; a digest has 256 bits, so two ids never tie.
pub fn order<Id: AsRef<str>>(purpose: &str, seed: u64, ids: &[Id]) -> Vec<usize> {
    let mut keyed: Vec<([u8; 32], usize)> = (0..)
        .zip(ids)
        .map(|(at, id)| {
            let parts: [&[u8]; 5] = [
                DOMAIN.as_bytes(),
                b"order",
                purpose.as_bytes(),
                &seed.to_be_bytes(),
                id.as_ref().as_bytes(),
            ];
            (digest(&parts), at)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, at)| at).collect()
}

/// A random number for the pair of `a` and `b`: 30 bits, `0..2^30`. Two pairs tie once in 2^30; whoever sorts by it says how.
pub fn key(purpose: &str, seed: u64, a: &str, b: &str) -> u32 {
    let [first, second, third, fourth, ..] = digest(&[
        DOMAIN.as_bytes(),
        b"pair",
        purpose.as_bytes(),
        &seed.to_be_bytes(),
        a.as_bytes(),
        b.as_bytes(),
    ]);
    u32::from_be_bytes([first, second, third, fourth]) >> (u32::BITS - KEY_BITS)
}

/// What a service can publish before a draw, so that everybody can see afterwards that the seed was not chosen for its outcome:
/// SHA-256, in lower-case hexadecimal, of the parts `peermatch/draw@1`, `commitment`, `secret`, seed.
///
/// A seed alone could be guessed by trying all small ones, so `secret` may be any words that the service keeps to itself until the
/// draw; both are told afterwards. An empty `secret` commits to the seed alone.
pub fn commitment(secret: &str, seed: u64) -> String {
    let parts: [&[u8]; 4] =
        [DOMAIN.as_bytes(), b"commitment", secret.as_bytes(), &seed.to_be_bytes()];
    crate::hash::hexadecimal(&digest(&parts))
}

/// A stream of random numbers: the draws number 0, 1, 2, ... of one purpose and seed.
#[derive(Debug, Clone)]
pub struct Draws {
    purpose: String,
    seed: u64,
    made: u64,
}

impl Draws {
    /// The stream of `purpose` and `seed`, at its start.
    pub fn new(purpose: &str, seed: u64) -> Self {
        Self { purpose: purpose.to_owned(), seed, made: 0 }
    }

    /// The next number, `0..2^64`.
    #[expect(clippy::should_implement_trait, reason = "a stream that never ends has no Option")]
    pub fn next(&mut self) -> u64 {
        let parts: [&[u8]; 5] = [
            DOMAIN.as_bytes(),
            b"count",
            self.purpose.as_bytes(),
            &self.seed.to_be_bytes(),
            &self.made.to_be_bytes(),
        ];
        self.made += 1;
        leading(digest(&parts))
    }

    /// A number of `0..bound`, each exactly as likely as the others.
    ///
    /// Numbers of [`Draws::next`] at or above the largest multiple of `bound` below 2^64 are passed over; the first one that is not
    /// is divided by `bound`, and the remainder is the answer. Never passes over more than every second number on average.
    ///
    /// # Panics
    /// If `bound` is 0: there is no number below 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        // 2^64 mod bound numbers at the top would make the first remainders likelier.
        let surplus = (u64::MAX % bound + 1) % bound;
        let last = u64::MAX - surplus;
        loop {
            let number = self.next();
            if number <= last {
                return number % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_never_change() {
        // Computed by another program (Python's hashlib) from the table in the module's documentation.
        assert_eq!(order("turns", 7, &["ana", "ben", "cleo", "dan"]), [2, 1, 3, 0]);
        assert_eq!(key("random-eligible", 7, "ana", "w1"), 533_650_616);
        let mut draws = Draws::new("lottery", 7);
        assert_eq!(
            [draws.next(), draws.next(), draws.next()],
            [3_242_071_371_494_975_910, 313_645_549_489_368_357, 4_765_155_008_030_914_940]
        );
        assert_eq!(
            commitment("", 7),
            "7e464628ed2437a76dd256c15b996d46847f1349a6e51ab27c720b9ed7c2521d"
        );
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(key("p", 0, "ab", "c"), key("p", 0, "a", "bc"));
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b"a"]), digest(&[b"a", b""]));
        assert_ne!(Draws::new("a", 0).next(), Draws::new("b", 0).next());
        assert_ne!(Draws::new("a", 0).next(), Draws::new("a", 1).next());
    }

    #[test]
    fn an_order_does_not_depend_on_who_else_is_there() {
        let all: Vec<String> = (0..50).map(|n| format!("p{n}")).collect();
        let fewer: Vec<&str> =
            all.iter().map(String::as_str).filter(|id| !id.ends_with('3')).collect();
        let whole: Vec<&str> = order("x", 3, &all)
            .into_iter()
            .map(|at| all[at].as_str())
            .filter(|id| !id.ends_with('3'))
            .collect();
        let part: Vec<&str> = order("x", 3, &fewer).into_iter().map(|at| fewer[at]).collect();
        assert_eq!(whole, part);
        assert_ne!(part, fewer, "an order that changes nothing is no draw");
    }

    #[test]
    fn below_is_uniform_and_passes_over_the_surplus() {
        let mut draws = Draws::new("dice", 1);
        let mut seen = [0u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(draws.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
        // With a bound just above 2^63 nearly half of all numbers are passed over, and what is not is itself.
        let bound = (1 << 63) + 1;
        let (mut raw, mut kept) = (Draws::new("half", 1), Draws::new("half", 1));
        let passed: Vec<u64> = (0..200).map(|_| raw.next()).filter(|&n| n < bound).collect();
        assert!(passed.len() < 150, "{}", passed.len());
        for expected in passed {
            assert_eq!(kept.below(bound), expected);
        }
        assert_eq!(Draws::new("one", 0).below(1), 0);
    }
}
