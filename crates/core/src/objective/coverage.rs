//! Who is served how often, where somebody wants several workers: decided first, by waiting alone, as a flow of its own.
//!
//! Going without a further worker costs less than going without the first ([`super`]), which one cost of waiting per person cannot say.
//! So each further worker that a person wants brings a *stand-in*: a right with one place, for that person alone, at the level of that further
//! place. Whoever takes `k` of `d` places has the cheapest `d - k` of one waiting list and `d - 1` stand-ins in their stead. Pairs cost nothing here, so
//! levels are small numbers: `(layers - k) n + rank`. What comes of it, how many workers each person gets, is then held fixed, and the objective
//! decides which.

use peermatch_assignment::{
    Flow, Frame, FrameError, Left, PairTable, PairTableError, Pairs, Right, Supply,
};
use peermatch_model::roster::{PeerWorker, UserIx, WorkerIx};

use super::{layers, right_of, whole};
use crate::eligibility;
use crate::pair::Context;

/// The flow that decides who is served how often.
#[derive(Debug)]
pub struct Granting {
    frame: Frame,
    supply: Supply,
    /// By left, the levels of its stand-ins; these are numbered after the workers, by left.
    stand_ins: Vec<Vec<(Right, i32)>>,
    workers: usize,
}

impl Granting {
    /// States it. O(people + workers + places wanted).
    ///
    /// # Errors
    /// As [`Frame::new`].
    ///
    /// # Panics
    /// Never for a checked roster: nobody wants more workers than the roster allows.
    pub fn new(cx: &Context<'_>, people: &[UserIx]) -> Result<Self, FrameError> {
        let workers = cx.roster.workers().len();
        let (layers, n) = (i64::from(layers(cx, people)), whole(people.len()));
        let mut next = workers;
        let (mut waiting, mut stand_ins, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (place, &user) in people.iter().enumerate() {
            let person = cx.roster.user(user);
            let level = |further: u32| {
                let layer = whole(person.kept.len()) + i64::from(further) + 1;
                (layers - layer) * n + (n - whole(place))
            };
            waiting.push(level(0));
            let own = (1..person.wants()).map(|further| {
                let right = Right(u32::try_from(next).expect("fewer than 2^32 places are wanted"));
                next += 1;
                (right, i32::try_from(level(further)).expect("levels are at most 5 n"))
            });
            stand_ins.push(own.collect::<Vec<_>>());
            wanted.push(person.wants());
        }
        let more = next - workers;
        let roster = cx.roster.workers().iter();
        let places = roster.clone().map(PeerWorker::places).chain(vec![1; more]).collect();
        let minimums = roster.map(|worker| worker.minimum).chain(vec![0; more]).collect();
        let pins = people.iter().map(|&user| cx.roster.pinned(user).map(right_of)).collect();
        let frame = Frame::new(waiting, pins, places, minimums)?;
        let supply = Supply::new(wanted, vec![0; people.len()], vec![1; people.len()])
            .expect("everybody wants from one to five workers");
        Ok(Self { frame, supply, stand_ins, workers })
    }

    /// Everything but the pairs.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// How many places each person wants.
    pub fn supply(&self) -> &Supply {
        &self.supply
    }

    /// The first right that is a stand-in: the number of workers.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// By left, its stand-ins with their levels.
    pub fn stand_ins(&self) -> &[Vec<(Right, i32)>] {
        &self.stand_ins
    }

    /// The pairs, from those that were found by index: to solve.
    ///
    /// # Errors
    /// As [`PairTable::from_rows`].
    pub fn pairs(&self, of: &PairTable) -> Result<PairTable, PairTableError> {
        let rows = Left::all(of.lefts()).map(|left| {
            let real = of.rights_of(left).iter().map(|&right| (right, 0));
            real.chain(self.stand_ins[left.index()].iter().copied()).collect::<Vec<_>>()
        });
        PairTable::from_rows(self.frame.rights(), rows)
    }

    /// What a flow of people and workers is here: whoever lacks places has the cheapest stand-ins instead, and waits if there is no worker
    /// at all.
    pub fn with_stand_ins(&self, flow: &Flow) -> Flow {
        let row = |left: Left| {
            let have = flow.of(left);
            // The stand-in for the k-th place stands at k - 2; levels fall with k.
            let lacking = self.stand_ins[left.index()].iter().skip(have.len().saturating_sub(1));
            have.iter().copied().chain(lacking.map(|&(right, _)| (right, 1))).collect()
        };
        Flow::new(Left::all(flow.lefts()).map(row).collect())
    }

    /// Exactly as many workers for each person as `flow` gives: what the objective decides within.
    ///
    /// # Panics
    /// If somebody has more than four billion places in it.
    pub fn granted(flow: &Flow) -> Supply {
        let units = |left| u32::try_from(flow.units(left)).expect("a few places each");
        let units: Vec<u32> = Left::all(flow.lefts()).map(units).collect();
        let each = vec![1; units.len()];
        Supply::new(units.clone(), units, each).expect("as many at least as at most")
    }

    /// A flow of this problem without its stand-ins.
    pub fn without_stand_ins(&self, flow: &Flow) -> Flow {
        let real = |row: &Vec<(Right, u32)>| {
            row.iter().copied().filter(|(right, _)| right.index() < self.workers).collect()
        };
        Flow::new(flow.rows().iter().map(real).collect())
    }
}

/// The pairs of a [`Granting`], found by walking all pairs each time: to verify.
#[derive(Debug)]
pub struct AllGranting<'a> {
    cx: &'a Context<'a>,
    people: &'a [UserIx],
    coverage: &'a Granting,
}

impl<'a> AllGranting<'a> {
    /// The stream.
    pub fn new(cx: &'a Context<'a>, people: &'a [UserIx], coverage: &'a Granting) -> Self {
        Self { cx, people, coverage }
    }
}

impl Pairs for AllGranting<'_> {
    fn lefts(&self) -> usize {
        self.people.len()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        let user = self.people[left.index()];
        for worker in (0..self.cx.roster.workers().len()).map(WorkerIx::at) {
            if eligibility::eligible(&self.cx.pair(user, worker)) {
                each(right_of(worker), 0);
            }
        }
        for &(right, level) in &self.coverage.stand_ins[left.index()] {
            each(right, level);
        }
    }
}
