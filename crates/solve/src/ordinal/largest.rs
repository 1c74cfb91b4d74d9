//! As many as can be served, by shortest augmenting paths a whole level at a time (J. E. Hopcroft,
//! R. M. Karp, "An n^5/2 algorithm for maximum matchings in bipartite graphs", SIAM Journal on
//! Computing 2, 1973), for rights with several places.

use super::free;
use crate::instance::NONE;
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Frame, Left, Matching, PairTable, Prices, Right};

/// A right and one of its seats.
#[derive(Clone, Copy)]
struct Seat {
    right: usize,
    at: usize,
}

struct Search<'p> {
    pairs: &'p PairTable,
    /// Seats of right `w` are `start[w]..start[w + 1]`: no more than could be filled.
    start: Vec<usize>,
    load: Vec<usize>,
    members: Vec<u32>,
    /// Moves from somebody who waits to each right, [`NONE`] beyond the nearest place to spare.
    level: Vec<u32>,
    /// How far each left's row, and each right's seats, were searched in this phase.
    row: Vec<usize>,
    seat: Vec<usize>,
}

/// A matching that serves as many lefts as capacities and pins allow, and prices that prove it: 1
/// at the rights that somebody who waits could reach by moving others, all of them full, else 0
/// (König's cover). Minimums are not looked at.
pub(super) fn serve(
    frame: &Frame,
    pairs: &PairTable,
    places: &[u32],
    watch: &dyn Watch,
) -> Result<(Matching, Prices), Stopped> {
    let people = free(frame).count();
    let mut meter = Meter::new(watch, Stage::Serving, people);
    let mut search = Search::new(frame, pairs, places);
    let mut waiting = Vec::new();
    for left in free(frame) {
        meter.step()?;
        let spare = pairs.rights_of(Left(left)).iter().find(|right| search.spare(right.index()));
        match spare {
            Some(right) => search.sit(left, right.index()),
            None => waiting.push(left),
        }
    }
    while search.levels(&waiting, &mut meter)? {
        search.row.fill(0);
        search.seat.fill(0);
        let mut still = Vec::with_capacity(waiting.len());
        for left in waiting {
            meter.step()?;
            if !search.augment(left) {
                still.push(left);
            }
        }
        waiting = still;
    }

    let mut rights = frame.pins().to_vec();
    for right in Right::all(frame.rights()) {
        let start = search.start[right.index()];
        for &left in &search.members[start..start + search.load[right.index()]] {
            rights[left as usize] = Some(right);
        }
    }
    let prices = search.level.iter().map(|&level| i64::from(level != NONE)).collect::<Vec<_>>();
    Ok((Matching::new(rights), Prices::new(prices)))
}

impl<'p> Search<'p> {
    fn new(frame: &Frame, pairs: &'p PairTable, places: &[u32]) -> Self {
        let mut degree = vec![0u32; places.len()];
        for left in free(frame) {
            for right in pairs.rights_of(Left(left)) {
                degree[right.index()] += 1;
            }
        }
        let mut start = vec![0usize];
        let mut total = 0usize;
        for (&places, &degree) in places.iter().zip(&degree) {
            // A right that could seat everybody and does is full, and nobody is left to ask.
            total += places.min(degree) as usize;
            start.push(total);
        }
        Self {
            pairs,
            start,
            load: vec![0; places.len()],
            members: vec![0; total],
            level: vec![NONE; places.len()],
            row: vec![0; frame.lefts()],
            seat: vec![0; places.len()],
        }
    }

    #[inline]
    fn spare(&self, right: usize) -> bool {
        self.load[right] < self.start[right + 1] - self.start[right]
    }

    fn sit(&mut self, left: u32, right: usize) {
        self.members[self.start[right] + self.load[right]] = left;
        self.load[right] += 1;
    }

    /// Levels of the rights, up to the nearest with a place to spare. Whether there is one.
    fn levels(&mut self, waiting: &[u32], meter: &mut Meter<'_>) -> Result<bool, Stopped> {
        self.level.fill(NONE);
        let mut now = waiting.to_vec();
        let mut next = Vec::new();
        let mut level = 0;
        let mut found = false;
        while !found && !now.is_empty() {
            for left in now.drain(..) {
                meter.step()?;
                for right in self.pairs.rights_of(Left(left)).iter().map(|right| right.index()) {
                    if self.level[right] != NONE {
                        continue;
                    }
                    self.level[right] = level;
                    found |= self.spare(right);
                    let start = self.start[right];
                    next.extend_from_slice(&self.members[start..start + self.load[right]]);
                }
            }
            std::mem::swap(&mut now, &mut next);
            level += 1;
        }
        Ok(found)
    }

    /// Walks level by level from `first` to a place to spare, and moves everybody on the way.
    fn augment(&mut self, first: u32) -> bool {
        let mut path: Vec<(u32, Seat)> = Vec::new();
        let (mut left, mut level) = (first, 0u32);
        loop {
            let row = self.pairs.rights_of(Left(left));
            let Some(right) = row.get(self.row[left as usize]).map(|right| right.index()) else {
                let Some((before, _)) = path.pop() else { return false };
                left = before;
                level -= 1;
                continue;
            };
            if self.level[right] == level {
                if self.spare(right) {
                    self.sit(left, right);
                    for &(mover, seat) in path.iter().rev() {
                        self.members[self.start[seat.right] + seat.at] = mover;
                    }
                    return true;
                }
                let at = self.seat[right];
                if at < self.load[right] {
                    self.seat[right] += 1;
                    path.push((left, Seat { right, at }));
                    left = self.members[self.start[right] + at];
                    level += 1;
                    continue;
                }
            }
            self.row[left as usize] += 1;
        }
    }
}
