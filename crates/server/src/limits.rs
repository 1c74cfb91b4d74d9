//! How much the service takes on at once: from one caller, from all together, in one request.
//!
//! The rate of each caller is held by a token bucket of our own: some forty lines, where a crate for it would bring its own clock, its own hash maps that grow with
//! the number of callers, and no bound on their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Every limit of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Within which the head of a request must have come whole; also how long a kept-alive connection may stand idle.
    pub header_time: Duration,
    /// The longest pause while a body comes in, or while an answer is not taken.
    pub stall_time: Duration,
    /// Within which a body must have come whole.
    pub body_time: Duration,
    /// Bytes of a request's head.
    pub header_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Open connections; further ones are told to come again.
    pub connections: usize,
    /// Requests being answered at once; further ones are told to come again.
    pub in_flight: usize,
    /// Bytes of all bodies being read or worked on at once.
    pub bodies_bytes: usize,
    /// The largest body of one request, wherever a route says no less.
    pub body_bytes: usize,
    /// Requests a second of one principal, on the long run, and how many at once.
    pub rate: (f64, u32),
    /// The same for one address without credentials.
    pub rate_unknown: (f64, u32),
    /// How long to wait for what was begun when the service stops.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(10),
            stall_time: Duration::from_secs(10),
            body_time: Duration::from_mins(2),
            header_bytes: 64 << 10,
            headers: 64,
            connections: 1_024,
            in_flight: 256,
            bodies_bytes: 256 << 20,
            // As large as the largest body of any route.
            body_bytes: 256 << 20,
            rate: (500.0, 1_000),
            rate_unknown: (50.0, 200),
            stop_time: Duration::from_secs(20),
        }
    }
}

/// Callers whose buckets are remembered; beyond, the fullest are forgotten, which does them no harm.
const CALLERS_MAX: usize = 10_000;

/// A token bucket for each caller.
#[derive(Debug, Default)]
pub struct Rates {
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
    /// A second, and at most.
    allowed: (f64, u32),
}

impl Bucket {
    fn now(self, now: Instant) -> f64 {
        let (rate, burst) = self.allowed;
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + since * rate).min(f64::from(burst))
    }
}

impl Rates {
    /// Takes one request of a caller; else in how many whole seconds the next may come.
    ///
    /// # Errors
    /// The caller has spent what it has.
    pub fn take(&self, caller: &str, allowed: (f64, u32), now: Instant) -> Result<(), u32> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(caller) {
            // Whoever has all tokens again, by their own rate, is as good as new. If nobody has, forget the one that comes nearest: by its share, for who may come
            // seldom has few at best, and guesses at a password are counted here among all others.
            buckets.retain(|_, bucket| bucket.now(now) < f64::from(bucket.allowed.1));
            if buckets.len() >= CALLERS_MAX {
                let share = |bucket: &Bucket| bucket.now(now) / f64::from(bucket.allowed.1);
                let fullest = buckets
                    .iter()
                    .max_by(|a, b| share(a.1).total_cmp(&share(b.1)))
                    .map(|(caller, _)| caller.clone());
                fullest.and_then(|caller| buckets.remove(&caller));
            }
        }
        let fresh = Bucket { tokens: f64::from(allowed.1), at: now, allowed };
        let bucket = buckets.entry(caller.to_owned()).or_insert(fresh);
        bucket.allowed = allowed;
        let tokens = bucket.now(now);
        *bucket = Bucket { tokens, at: now, allowed };
        if tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let wait = Duration::from_secs_f64(((1.0 - tokens) / allowed.0).clamp(0.0, 3_600.0));
        Err(u32::try_from(wait.as_secs()).unwrap_or(3_600) + 1)
    }
}

/// The room for bodies, shared by all requests.
#[derive(Debug, Clone)]
pub struct Room(Arc<Semaphore>);

/// Bytes are counted in pieces of this size: a semaphore counts to some 500 million on small machines.
const PIECE: usize = 1_024;

impl Room {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.div_ceil(PIECE).min(Semaphore::MAX_PERMITS))))
    }

    /// What one request takes up; empty at first.
    pub fn hold(&self) -> Hold {
        Hold { room: self.clone(), pieces: Mutex::new((None, 0)) }
    }
}

/// What the body of one request takes up, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    room: Room,
    pieces: Mutex<(Option<OwnedSemaphorePermit>, usize)>,
}

impl Hold {
    /// Takes room for so many bytes in all; whether there was any.
    pub fn grow_to(&self, bytes: usize) -> bool {
        let mut held = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces = bytes.div_ceil(PIECE);
        let Ok(more) = u32::try_from(pieces.saturating_sub(held.1)) else { return false };
        if more == 0 {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.room.0).try_acquire_many_owned(more) else {
            return false;
        };
        held.1 = pieces;
        match &mut held.0 {
            Some(all) => all.merge(permit),
            none => *none = Some(permit),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_gets_its_burst_and_then_its_rate() {
        let (rates, allowed, start) = (Rates::default(), (2.0, 3), Instant::now());
        for _ in 0..3 {
            assert_eq!(rates.take("a", allowed, start), Ok(()));
        }
        assert_eq!(rates.take("a", allowed, start), Err(1));
        assert_eq!(rates.take("b", allowed, start), Ok(()), "others have their own");
        let later = start + Duration::from_millis(500);
        assert_eq!(rates.take("a", allowed, later), Ok(()));
        assert_eq!(rates.take("a", allowed, later), Err(1));
        let slow = (0.01, 1);
        assert_eq!(rates.take("c", slow, start), Ok(()));
        assert_eq!(rates.take("c", slow, start), Err(101));
    }

    #[test]
    fn the_number_of_callers_remembered_is_bounded_and_the_spent_ones_stay() {
        let (rates, allowed, start) = (Rates::default(), (1.0, 5), Instant::now());
        for _ in 0..5 {
            assert_eq!(rates.take("spent", allowed, start), Ok(()));
        }
        for n in 0..CALLERS_MAX + 10 {
            assert_eq!(rates.take(&format!("caller {n}"), allowed, start), Ok(()));
        }
        assert!(rates.buckets.lock().unwrap().len() <= CALLERS_MAX);
        assert_eq!(rates.take("spent", allowed, start), Err(2));
    }

    /// A name whose tries are spent stays so, however many callers with a higher rate come: each is judged by its own.
    #[test]
    fn tries_of_a_name_are_not_forgotten_for_callers_of_another_rate() {
        let (rates, name, start) = (Rates::default(), (1.0 / 60.0, 5), Instant::now());
        for _ in 0..5 {
            assert_eq!(rates.take("name", name, start), Ok(()));
        }
        let later = start + Duration::from_secs(10);
        for n in 0..CALLERS_MAX + 10 {
            assert_eq!(rates.take(&format!("caller {n}"), (50.0, 200), later), Ok(()));
        }
        assert!(rates.take("name", name, later).is_err(), "it has not been a minute");
    }

    #[test]
    fn room_is_given_back() {
        let room = Room::new(10 * PIECE);
        let first = room.hold();
        assert!(first.grow_to(4 * PIECE) && first.grow_to(8 * PIECE) && first.grow_to(5));
        let second = room.hold();
        assert!(!second.grow_to(3 * PIECE));
        assert!(second.grow_to(2 * PIECE));
        drop(first);
        assert!(second.grow_to(10 * PIECE));
    }
}
