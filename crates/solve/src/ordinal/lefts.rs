//! Lefts propose: Király's algorithm of 2013 for maximum stable marriage with ties and incomplete
//! lists, carried over to rights with several places.

use super::free;
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Frame, Left, Matching, RankTable, Right};

/// Marks, in a list, a right that does not rank equal with the one before it.
const FIRST: u32 = 1 << 31;

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

/// The list of every left that is not pinned, best first.
struct Lists {
    /// The right, and [`FIRST`] where its group of equals begins.
    rights: Vec<u32>,
    /// How that right ranks the left.
    ranks: Vec<u32>,
}

impl Lists {
    fn new(frame: &Frame, table: &RankTable, meter: &mut Meter<'_>) -> Result<Self, Stopped> {
        let pairs = table.pairs();
        let mut lists = Self { rights: vec![0; pairs.len()], ranks: vec![0; pairs.len()] };
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
            for (at, &(rank, right, by_right)) in pairs.range(left).zip(&row) {
                let first = if above == Some(rank) { 0 } else { FIRST };
                above = Some(rank);
                lists.rights[at] = right | first;
                lists.ranks[at] = by_right;
            }
        }
        Ok(lists)
    }

    #[inline]
    fn right(&self, at: usize) -> usize {
        (self.rights[at] & !FIRST) as usize
    }

    #[inline]
    fn begins_group(&self, at: usize) -> bool {
        self.rights[at] & FIRST != 0
    }
}

/// Where a left stands in its list, as offsets from its start.
///
/// A left works through one group of equals at a time: first it looks for a place to spare among
/// them (`look`), and when none has one, it asks each (`ask`). Both cursors are at the start of the
/// group before, and at its end after; a right without a place to spare never has one again, so
/// `look` never goes back.
#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    look: u32,
    ask: u32,
    promoted: bool,
}

/// The seats of the rights, side by side.
struct Seats {
    /// Seats of right `w` are `start[w]..start[w + 1]`: no more than could be filled.
    start: Vec<usize>,
    taken: Vec<u32>,
    /// Of a full right: how many seats were looked at for somebody who could as well go elsewhere.
    /// [`HEAP`] when all were, and the seats are a heap, the largest key on top.
    looked: Vec<u32>,
    keys: Vec<u64>,
}

/// More than any number of seats.
const HEAP: u32 = u32::MAX;

impl Seats {
    fn new(frame: &Frame, table: &RankTable, places: &[u32]) -> Self {
        let mut degree = vec![0u32; places.len()];
        for left in free(frame) {
            for right in table.pairs().rights_of(Left(left)) {
                degree[right.index()] += 1;
            }
        }
        let mut start = Vec::with_capacity(places.len() + 1);
        let mut total = 0usize;
        start.push(0);
        for (&places, &degree) in places.iter().zip(&degree) {
            total += places.min(degree) as usize;
            start.push(total);
        }
        Self {
            start,
            taken: vec![0; places.len()],
            looked: vec![0; places.len()],
            keys: vec![0; total],
        }
    }

    /// Whether `right` has a place to spare. One that could seat everybody is full once it does,
    /// and then nobody is left to ask.
    #[inline]
    fn spare(&self, right: usize) -> bool {
        (self.taken[right] as usize) < self.start[right + 1] - self.start[right]
    }

    #[inline]
    fn sit(&mut self, right: usize, key: u64) {
        self.keys[self.start[right] + self.taken[right] as usize] = key;
        self.taken[right] += 1;
    }

    #[inline]
    fn of(&mut self, right: usize) -> &mut [u64] {
        &mut self.keys[self.start[right]..self.start[right + 1]]
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

struct Market<'t> {
    table: &'t RankTable,
    lists: Lists,
    seats: Seats,
    cursors: Vec<Cursor>,
}

/// What came of a left's turn.
enum Turn {
    /// It has a place that nobody had, or asked everywhere twice and waits.
    Over,
    /// It has the place of this left, whose turn it is now.
    Instead(u32),
}

pub(super) fn propose(
    frame: &Frame,
    table: &RankTable,
    places: &[u32],
    watch: &dyn Watch,
) -> Result<Matching, Stopped> {
    let mut meter = Meter::new(watch, Stage::Sorting, frame.lefts());
    let mut market = Market {
        table,
        lists: Lists::new(frame, table, &mut meter)?,
        seats: Seats::new(frame, table, places),
        cursors: vec![Cursor::default(); frame.lefts()],
    };
    let mut meter = Meter::new(watch, Stage::Proposing, table.pairs().len());
    for left in free(frame) {
        let mut turn = Turn::Instead(left);
        while let Turn::Instead(left) = turn {
            turn = market.turn(left, &mut meter)?;
        }
    }

    let mut rights = frame.pins().to_vec();
    for right in Right::all(frame.rights()) {
        let seats = &market.seats;
        let start = seats.start[right.index()];
        for &key in &seats.keys[start..start + seats.taken[right.index()] as usize] {
            rights[left_of(key) as usize] = Some(right);
        }
    }
    Ok(Matching::new(rights))
}

impl Market<'_> {
    /// Lets `left` look and ask until it has a place or has asked everywhere twice.
    fn turn(&mut self, left: u32, meter: &mut Meter<'_>) -> Result<Turn, Stopped> {
        let list = self.table.pairs().range(Left(left));
        loop {
            meter.step()?;
            if let Some(at) = self.look(left) {
                let promoted = self.cursors[left as usize].promoted;
                self.seats.sit(self.lists.right(at), key(self.lists.ranks[at], promoted, left));
                return Ok(Turn::Over);
            }
            let cursor = &mut self.cursors[left as usize];
            if cursor.ask < cursor.look {
                let at = list.start + cursor.ask as usize;
                cursor.ask += 1;
                let key = key(self.lists.ranks[at], cursor.promoted, left);
                if let Some(instead) = self.ask(self.lists.right(at), key) {
                    return Ok(Turn::Instead(instead));
                }
            } else if list.start + cursor.look as usize == list.end {
                if cursor.promoted {
                    return Ok(Turn::Over);
                }
                *cursor = Cursor { promoted: true, ..Cursor::default() };
            }
        }
    }

    /// Where the present group of `left` has a right with a place to spare, if anywhere. Enters
    /// the next group if the present one is done with.
    fn look(&mut self, left: u32) -> Option<usize> {
        let list = self.table.pairs().range(Left(left));
        let cursor = &mut self.cursors[left as usize];
        let mut at = list.start + cursor.look as usize;
        let mut inside =
            cursor.ask == cursor.look || !self.lists.begins_group_or_ends(at, list.end);
        let mut found = None;
        while inside && at < list.end {
            if self.seats.spare(self.lists.right(at)) {
                found = Some(at);
                break;
            }
            at += 1;
            inside = !self.lists.begins_group_or_ends(at, list.end);
        }
        cursor.look = u32::try_from(at - list.start).expect("a row is no longer than a side");
        found
    }

    /// A full right is asked for a place. Whom it lets go for it, if anybody.
    fn ask(&mut self, right: usize, key: u64) -> Option<u32> {
        // Whoever can go to an equal right with a place to spare goes, whatever their rank. Only
        // those who sat down before the right was full can: whoever asked a full right had found
        // no place to spare among its equals. So each seat is looked at once.
        let seats = self.seats.start[right + 1] - self.seats.start[right];
        while (self.seats.looked[right] as usize) < seats {
            let at = self.seats.start[right] + self.seats.looked[right] as usize;
            self.seats.looked[right] += 1;
            let there = left_of(self.seats.keys[at]);
            if self.look(there).is_some() {
                self.seats.keys[at] = key;
                return Some(there);
            }
        }
        let looked = self.seats.looked[right];
        let heap = self.seats.of(right);
        if looked != HEAP {
            for at in (0..heap.len() / 2).rev() {
                sift_down(heap, at);
            }
        }
        let lowest = *heap.first()?;
        let instead = (key < lowest).then(|| {
            heap[0] = key;
            sift_down(heap, 0);
            left_of(lowest)
        });
        self.seats.looked[right] = HEAP;
        instead
    }
}

impl Lists {
    /// Whether `at` is past the group that the position before it belongs to.
    #[inline]
    fn begins_group_or_ends(&self, at: usize, end: usize) -> bool {
        at == end || self.begins_group(at)
    }
}
