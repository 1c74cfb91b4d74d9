//! Lefts propose: Király's algorithm of 2013 for maximum stable marriage with ties and incomplete
//! lists, carried over to rights with several places.

use super::free;
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Frame, Left, Matching, RankTable, Right};

/// Bits of a seat's key below the right's rank: the index of the left (`SIDE_MAX` is 2^26), and
/// above it whether the left was not promoted.
const LEFT_BITS: u32 = 26;
const NOT_PROMOTED: u64 = 1 << LEFT_BITS;
const RANK_SHIFT: u32 = LEFT_BITS + 1;

/// The rank, then promoted before not promoted, then the index: a right keeps the smallest keys.
/// 32 + 1 + 26 bits.
fn key(rank: u32, promoted: bool, left: u32) -> u64 {
    let not_promoted = if promoted { 0 } else { NOT_PROMOTED };
    (u64::from(rank) << RANK_SHIFT) | not_promoted | u64::from(left)
}

/// The left of a key.
fn left_of(key: u64) -> u32 {
    u32::try_from(key & (NOT_PROMOTED - 1)).expect("26 bits")
}

/// One entry of a left's list, in eight bytes: the right, whether a group of equals begins with
/// it, and how it ranks the left.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    right_and_first: u32,
    rank: u32,
}

/// Marks a right that does not rank equal with the one before it.
const FIRST: u32 = 1 << 31;

impl Entry {
    #[inline]
    fn right(self) -> usize {
        (self.right_and_first & !FIRST) as usize
    }

    #[inline]
    fn begins_group(self) -> bool {
        self.right_and_first & FIRST != 0
    }
}

/// The list of every left that is not pinned, best first, side by side as in the table.
fn lists(frame: &Frame, table: &RankTable, meter: &mut Meter<'_>) -> Result<Vec<Entry>, Stopped> {
    let pairs = table.pairs();
    let mut lists = vec![Entry::default(); pairs.len()];
    let mut row = Vec::new();
    for left in free(frame) {
        meter.step()?;
        let left = Left(left);
        row.clear();
        row.extend(table.row(left).map(|(right, ranks)| (ranks.left, right.0, ranks.right)));
        if !row.is_sorted() {
            row.sort_unstable();
        }
        let mut above = None;
        for (entry, &(by_left, right, rank)) in lists[pairs.range(left)].iter_mut().zip(&row) {
            let first = if above == Some(by_left) { 0 } else { FIRST };
            above = Some(by_left);
            *entry = Entry { right_and_first: right | first, rank };
        }
    }
    Ok(lists)
}

/// Where a left stands in its list, as offsets from its start.
///
/// A left works through one group of equals at a time: first it looks for a place to spare among
/// them (`look`), and when none has one, it asks each (`ask`). Both cursors are at the start of the
/// group before, and at its end after; a right without a place to spare never has one again, so
/// `look` never goes back.
#[derive(Debug, Clone, Copy)]
struct Asker {
    start: usize,
    length: u32,
    look: u32,
    ask: u32,
    promoted: bool,
}

/// The seats of one right are `start..start + count` of all seats: no more than could be filled.
#[derive(Debug, Clone, Copy)]
struct Seats {
    start: usize,
    count: u32,
    taken: u32,
    /// When full: how many seats were looked at for somebody who could as well go elsewhere.
    /// [`HEAP`] when all were; the seats are then a heap, the largest key on top.
    looked: u32,
    /// The largest key, once the seats are a heap.
    largest: u64,
}

/// More than any number of seats.
const HEAP: u32 = u32::MAX;

impl Seats {
    /// Whether there is a place to spare. A right that could seat everybody is full once it does,
    /// and then nobody is left to ask.
    #[inline]
    fn spare(&self) -> bool {
        self.taken < self.count
    }

    #[inline]
    fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.count as usize
    }
}

/// Moves the key at `at` down to where it belongs in a heap with the largest on top.
fn sift_down(heap: &mut [u64], mut at: usize) {
    loop {
        let mut child = 2 * at + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && heap[child + 1] > heap[child] {
            child += 1;
        }
        if heap[at] >= heap[child] {
            return;
        }
        heap.swap(at, child);
        at = child;
    }
}

struct Market {
    lists: Vec<Entry>,
    askers: Vec<Asker>,
    rights: Vec<Seats>,
    keys: Vec<u64>,
}

pub(super) fn propose(
    frame: &Frame,
    table: &RankTable,
    places: &[u32],
    watch: &dyn Watch,
) -> Result<Matching, Stopped> {
    let mut meter = Meter::new(watch, Stage::Sorting, frame.lefts());
    let mut market = Market::new(frame, table, places, &mut meter)?;

    // In rounds, those first who stood up first. The order decides among ties of lefts only; one
    // round's turns hardly depend on each other, so the memory that they wait for is fetched for
    // several at a time.
    let mut meter = Meter::new(watch, Stage::Proposing, table.pairs().len());
    let mut standing: Vec<u32> = free(frame).collect();
    let mut next = Vec::new();
    while !standing.is_empty() {
        for &left in &standing {
            next.extend(market.turn(left, &mut meter)?);
        }
        std::mem::swap(&mut standing, &mut next);
        next.clear();
    }

    let mut rights = frame.pins().to_vec();
    for (right, seats) in Right::all(frame.rights()).zip(&market.rights) {
        for &key in &market.keys[seats.start..seats.start + seats.taken as usize] {
            rights[left_of(key) as usize] = Some(right);
        }
    }
    Ok(Matching::new(rights))
}

impl Market {
    fn new(
        frame: &Frame,
        table: &RankTable,
        places: &[u32],
        meter: &mut Meter<'_>,
    ) -> Result<Self, Stopped> {
        let lists = lists(frame, table, meter)?;
        let pairs = table.pairs();
        let mut degree = vec![0u32; places.len()];
        for left in free(frame) {
            for right in pairs.rights_of(Left(left)) {
                degree[right.index()] += 1;
            }
        }
        let mut total = 0usize;
        let rights = places
            .iter()
            .zip(&degree)
            .map(|(&places, &degree)| {
                let (start, count) = (total, places.min(degree));
                total += count as usize;
                Seats { start, count, taken: 0, looked: 0, largest: 0 }
            })
            .collect();
        let askers = Left::all(frame.lefts())
            .map(|left| {
                let row = pairs.range(left);
                let length = u32::try_from(row.len()).expect("a row is no longer than a side");
                Asker { start: row.start, length, look: 0, ask: 0, promoted: false }
            })
            .collect();
        Ok(Self { lists, askers, rights, keys: vec![0; total] })
    }

    /// Lets `left` look and ask until it has a place, or has asked everywhere twice and waits.
    /// Whoever has to stand up for it.
    fn turn(&mut self, left: u32, meter: &mut Meter<'_>) -> Result<Option<u32>, Stopped> {
        loop {
            meter.step()?;
            if let Some(at) = self.look(left) {
                self.sit(left, at);
                return Ok(None);
            }
            let asker = &mut self.askers[left as usize];
            if asker.ask < asker.look {
                let entry = self.lists[asker.start + asker.ask as usize];
                asker.ask += 1;
                let key = key(entry.rank, asker.promoted, left);
                match self.ask(entry.right(), key) {
                    Answer::No => {}
                    Answer::Yes => return Ok(None),
                    Answer::InsteadOf(other) => return Ok(Some(other)),
                }
            } else if asker.look == asker.length {
                if asker.promoted {
                    return Ok(None);
                }
                *asker = Asker { look: 0, ask: 0, promoted: true, ..*asker };
            }
        }
    }

    /// Where the present group of `left` has a right with a place to spare, if anywhere. Enters
    /// the next group if the present one is done with.
    #[inline]
    fn look(&mut self, left: u32) -> Option<usize> {
        let asker = &mut self.askers[left as usize];
        let list = &self.lists[asker.start..asker.start + asker.length as usize];
        let mut at = asker.look as usize;
        let mut inside =
            asker.ask == asker.look || list.get(at).is_some_and(|entry| !entry.begins_group());
        while inside && let Some(entry) = list.get(at) {
            if self.rights[entry.right()].spare() {
                break;
            }
            at += 1;
            inside = list.get(at).is_some_and(|entry| !entry.begins_group());
        }
        asker.look = u32::try_from(at).expect("a row is no longer than a side");
        (inside && at < list.len()).then_some(asker.start + at)
    }

    /// Seats `left` where its list has a right with a place to spare.
    fn sit(&mut self, left: u32, at: usize) {
        let entry = self.lists[at];
        let right = &mut self.rights[entry.right()];
        self.keys[right.start + right.taken as usize] =
            key(entry.rank, self.askers[left as usize].promoted, left);
        right.taken += 1;
    }

    /// A full right is asked for a place.
    fn ask(&mut self, right: usize, key: u64) -> Answer {
        if self.rights[right].looked != HEAP {
            if self.move_somebody(right, key) {
                return Answer::Yes;
            }
            let right = &mut self.rights[right];
            right.looked = HEAP;
            let heap = &mut self.keys[right.range()];
            for at in (0..heap.len() / 2).rev() {
                sift_down(heap, at);
            }
            // A right without any seat refuses everybody.
            right.largest = heap.first().copied().unwrap_or(0);
        }
        let right = &mut self.rights[right];
        if key >= right.largest {
            return Answer::No;
        }
        let instead = left_of(right.largest);
        let heap = &mut self.keys[right.range()];
        heap[0] = key;
        sift_down(heap, 0);
        right.largest = heap[0];
        Answer::InsteadOf(instead)
    }

    /// Whoever can as well go to an equal right with a place to spare goes there, whatever their
    /// rank, and leaves their seat to `key`. Only those who sat down before the right was full
    /// can: whoever asked a full right had found no place to spare among its equals. So each seat
    /// is looked at once.
    fn move_somebody(&mut self, right: usize, key: u64) -> bool {
        while self.rights[right].looked < self.rights[right].count {
            let seats = &mut self.rights[right];
            let seat = seats.start + seats.looked as usize;
            seats.looked += 1;
            let there = left_of(self.keys[seat]);
            if let Some(at) = self.look(there) {
                self.keys[seat] = key;
                self.sit(there, at);
                return true;
            }
        }
        false
    }
}

/// What a full right answers.
enum Answer {
    No,
    /// Somebody moved elsewhere, who is as well off there.
    Yes,
    /// This one has to stand up.
    InsteadOf(u32),
}
