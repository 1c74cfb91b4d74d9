//! Rights propose: deferred acceptance with ties broken by index beforehand.

use super::free;
use crate::instance::{NONE, small};
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Frame, Left, Matching, RankTable, Right};

/// One entry of a right's list. The order of the fields is the order of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// How the right ranks the left.
    rank: u32,
    left: u32,
    /// How the left ranks the right.
    by_left: u32,
}

pub(super) fn propose(
    frame: &Frame,
    table: &RankTable,
    mut places: Vec<u32>,
    watch: &dyn Watch,
) -> Result<Matching, Stopped> {
    let mut meter = Meter::new(watch, Stage::Sorting, frame.rights());
    let (starts, lists) = lists(frame, table, &mut meter)?;

    let mut meter = Meter::new(watch, Stage::Proposing, lists.len());
    let mut next = starts.clone();
    // What each left has: how it ranks it, and which right. Waiting is below everything.
    let mut held = vec![(u32::MAX, NONE); frame.lefts()];
    let mut waiting: Vec<u32> = (0..small(frame.rights())).rev().collect();
    let mut in_line = vec![true; frame.rights()];
    while let Some(right) = waiting.pop() {
        let w = right as usize;
        in_line[w] = false;
        while places[w] > 0 && next[w] < starts[w + 1] {
            meter.step()?;
            let Entry { left, by_left, .. } = lists[next[w]];
            next[w] += 1;
            let has = &mut held[left as usize];
            if (by_left, right) >= *has {
                continue;
            }
            let before = std::mem::replace(has, (by_left, right)).1;
            places[w] -= 1;
            if before != NONE {
                places[before as usize] += 1;
                if !std::mem::replace(&mut in_line[before as usize], true) {
                    waiting.push(before);
                }
            }
        }
    }

    let rights = frame
        .pins()
        .iter()
        .zip(&held)
        .map(|(&pin, &(_, right))| pin.or((right != NONE).then_some(Right(right))))
        .collect::<Vec<_>>();
    Ok(Matching::new(rights))
}

/// The list of every right over the lefts that are not pinned, best first, side by side.
fn lists(
    frame: &Frame,
    table: &RankTable,
    meter: &mut Meter<'_>,
) -> Result<(Vec<usize>, Vec<Entry>), Stopped> {
    let mut starts = vec![0usize; frame.rights() + 1];
    for left in free(frame) {
        for right in table.pairs().rights_of(Left(left)) {
            starts[right.index() + 1] += 1;
        }
    }
    for right in 0..frame.rights() {
        starts[right + 1] += starts[right];
    }
    let mut next = starts.clone();
    let mut lists = vec![Entry::default(); starts[frame.rights()]];
    for left in free(frame) {
        for (right, ranks) in table.row(Left(left)) {
            let at = &mut next[right.index()];
            lists[*at] = Entry { rank: ranks.right, left, by_left: ranks.left };
            *at += 1;
        }
    }
    for list in starts.windows(2) {
        meter.step()?;
        lists[list[0]..list[1]].sort_unstable();
    }
    Ok((starts, lists))
}
