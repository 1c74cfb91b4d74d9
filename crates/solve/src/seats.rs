//! Who sits where, in both directions: the place of each left and the lefts of each right.

use crate::instance::{Instance, NONE};

/// A partial matching with constant-time moves. Never holds more lefts at a right than its places.
pub(crate) struct Seats {
    /// Right of each left, or `NONE`.
    at: Vec<u32>,
    /// Cost of the pair that each seated left uses.
    cost: Vec<i32>,
    /// Position of each seated left among the members of its right.
    slot: Vec<u32>,
    /// Members of right `w`: `members[start[w]..][..load[w]]`.
    start: Vec<usize>,
    members: Vec<u32>,
    load: Vec<u32>,
}

impl Seats {
    pub(crate) fn new(instance: &Instance<'_>) -> Self {
        let mut start = Vec::with_capacity(instance.rights());
        let mut total = 0usize;
        for &places in &instance.places {
            start.push(total);
            total += places as usize;
        }
        Self {
            at: vec![NONE; instance.lefts()],
            cost: vec![0; instance.lefts()],
            slot: vec![0; instance.lefts()],
            start,
            members: vec![NONE; total],
            load: vec![0; instance.rights()],
        }
    }

    /// Where `u` sits, if anywhere.
    #[inline]
    pub(crate) fn at(&self, u: u32) -> Option<usize> {
        let right = self.at[u as usize];
        (right != NONE).then_some(right as usize)
    }

    /// Cost of the pair that `u`, who is seated, uses.
    #[inline]
    pub(crate) fn cost(&self, u: u32) -> i64 {
        i64::from(self.cost[u as usize])
    }

    #[inline]
    pub(crate) fn load(&self, right: usize) -> u32 {
        self.load[right]
    }

    #[inline]
    pub(crate) fn members(&self, right: usize) -> &[u32] {
        &self.members[self.start[right]..][..self.load[right] as usize]
    }

    /// Seats `u`, who has no seat, at `right`, which has a place.
    pub(crate) fn seat(&mut self, u: u32, right: usize, cost: i32) {
        debug_assert_eq!(self.at[u as usize], NONE, "a seated left must stand up first");
        let slot = self.load[right];
        self.members[self.start[right] + slot as usize] = u;
        self.load[right] += 1;
        self.at[u as usize] = u32::try_from(right).expect("a frame has at most 2^26 rights");
        self.cost[u as usize] = cost;
        self.slot[u as usize] = slot;
    }

    /// Takes the seat of `u` away.
    pub(crate) fn unseat(&mut self, u: u32) {
        let right = self.at[u as usize] as usize;
        self.at[u as usize] = NONE;
        self.load[right] -= 1;
        let members = &mut self.members[self.start[right]..];
        let last = members[self.load[right] as usize];
        let slot = self.slot[u as usize];
        members[slot as usize] = last;
        self.slot[last as usize] = slot;
    }

    /// Moves `u`, who is seated, to `right`, which has a place.
    pub(crate) fn shift(&mut self, u: u32, right: usize, cost: i32) {
        self.unseat(u);
        self.seat(u, right, cost);
    }
}
