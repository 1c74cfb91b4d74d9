//! Edges, capacities and demand: every fault of all files at once, then one table in the order of ids.

use std::collections::HashMap;

use peermatch_assignment::{Frame, PairTable, Problem, Right, Supply};
use peermatch_model::fault::Faults;

use super::rows::{Name, Need, read_rows};
use super::{Coverage, DEMAND_MAX, DEMANDS_MAX, RANK_MAX, RawProblem, SCORE_MAX};
use crate::report;

const EDGES: [Name; 5] = [
    ("left", Need::Always),
    ("right", Need::Always),
    ("score", Need::Unless(&[LEFT_RANK, RIGHT_RANK])),
    ("left_rank", Need::Never),
    ("right_rank", Need::Never),
];
const SCORE: usize = 2;
const LEFT_RANK: usize = 3;
const RIGHT_RANK: usize = 4;

/// How many different rights the lefts want.
#[derive(Debug, Clone, Copy)]
pub enum Demand<'a> {
    /// Each left this many, at least 1, and needs none.
    Each(u32),
    /// A table `left,demand[,minimum]`: its name, for faults, and its bytes. Who is not named wants 1 and needs none.
    Table(&'a str, &'a [u8]),
}

/// Reads edges and capacities. Each file is its name, for faults, and its bytes. `O(bytes + E log d)`.
///
/// ```
/// use peermatch_formats::edges::{Coverage, read_raw};
/// let edges = b"left,right,score\nAroha,w1,900000\nTama,w1,800000\nTama,w2,100\n";
/// let raw = read_raw(("edges.csv", edges), ("capacities.csv", b"right,capacity\nw1,1\nw2,1\n"), Coverage::Total).unwrap();
/// assert_eq!(raw.lefts(), ["Aroha", "Tama"]);
/// assert_eq!(raw.edges(), 3);
/// ```
///
/// # Errors
/// Every fault of both files, each with line and column, up to [`FAULTS_MAX`](super::FAULTS_MAX) a file. What stops a file (bytes that are not
/// text, quotes that do not close, a missing column) is told alone for that file.
pub fn read_raw(
    edges: (&str, &[u8]),
    capacities: (&str, &[u8]),
    coverage: Coverage,
) -> Result<RawProblem, Faults> {
    read_raw_wanting(edges, capacities, Demand::Each(1), coverage)
}

/// The same, where lefts may want several different rights.
///
/// ```
/// use peermatch_assignment::Left;
/// use peermatch_formats::edges::{Coverage, Demand, read_raw_wanting};
/// let edges = b"left,right,score\nAroha,w1,9\nAroha,w2,8\nTama,w1,7\n";
/// let capacities = b"right,capacity\nw1,2\nw2,1\n";
/// let demand = Demand::Table("demand.csv", b"left,demand,minimum\nAroha,2,1\n");
/// let raw = read_raw_wanting(("edges.csv", edges), ("capacities.csv", capacities), demand, Coverage::Total).unwrap();
/// assert_eq!([raw.supply().wanted(Left(0)), raw.supply().wanted(Left(1))], [2, 1]);
/// ```
///
/// # Errors
/// As [`read_raw`], with the faults of the demand.
pub fn read_raw_wanting(
    edges: (&str, &[u8]),
    capacities: (&str, &[u8]),
    demand: Demand<'_>,
    coverage: Coverage,
) -> Result<RawProblem, Faults> {
    let mut faults = Faults::new();
    let rights = read_capacities(capacities, &mut faults);
    let read = read_edges(edges, rights.as_ref(), &mut faults);
    let wanted = read_demand(demand, read.as_ref(), &mut faults);
    let (Some(rights), Some(read)) = (rights, read) else { return Err(faults) };
    faults.into_result(())?;
    join(rights, read, &wanted, edges, coverage)
}

/// Ids in the order in which they were first met.
#[derive(Default)]
struct Ids {
    index: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Ids {
    fn find(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }

    fn find_or_add(&mut self, id: &str) -> u32 {
        if let Some(index) = self.find(id) {
            return index;
        }
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.index.insert(id.into(), index);
        self.names.push(id.into());
        index
    }

    /// The ids in byte order, and for each index the place of its id in that order.
    fn sorted(self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<u32> =
            (0..u32::try_from(self.names.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by(|&a, &b| self.names[a as usize].cmp(&self.names[b as usize]));
        let mut rank = vec![0; order.len()];
        for (place, &index) in (0u32..).zip(&order) {
            rank[index as usize] = place;
        }
        let mut names: Vec<Option<Box<str>>> = self.names.into_iter().map(Some).collect();
        let names = order
            .iter()
            .map(|&index| names[index as usize].take().unwrap_or_default().into_string())
            .collect();
        (names, rank)
    }
}

#[derive(Default)]
struct Rights {
    ids: Ids,
    capacity: Vec<u32>,
    minimum: Vec<u32>,
    /// Ids of rows whose numbers were at fault: known, so that their edges are not faults too.
    spoilt: bool,
}

#[derive(Default)]
struct Edges {
    ids: Ids,
    left: Vec<u32>,
    right: Vec<u32>,
    score: Vec<i32>,
    /// One per edge where the file has the column, else empty; so for the other.
    left_rank: Vec<u32>,
    right_rank: Vec<u32>,
    scored: bool,
    /// Some rows were at fault, so that ids may be missing.
    spoilt: bool,
}

fn read_capacities((file, bytes): (&str, &[u8]), faults: &mut Faults) -> Option<Rights> {
    let mut rights = Rights::default();
    let complete = read_rows(
        file,
        bytes,
        &[("right", Need::Always), ("capacity", Need::Always), ("minimum", Need::Never)],
        faults,
        |row| {
            let known = rights.ids.names.len();
            let index = row.id(0).map(|id| rights.ids.find_or_add(id) as usize);
            let capacity = row
                .whole_number(1, 0, i64::from(u32::MAX))
                .and_then(|number| u32::try_from(number).ok());
            let minimum = if row.cell(2).trim().is_empty() {
                Some(0)
            } else {
                row.whole_number(2, 0, i64::from(u32::MAX))
                    .and_then(|number| u32::try_from(number).ok())
            };
            let Some(index) = index else {
                rights.spoilt = true;
                row.no_id::<()>(0);
                return;
            };
            if index < known {
                row.fault::<()>(0, "this right stands twice", "keep one row per right");
                return;
            }
            if let (Some(capacity), Some(minimum)) = (capacity, minimum)
                && minimum > capacity
            {
                row.fault::<()>(
                    2,
                    format!("the minimum is larger than the capacity of {capacity}"),
                    "lower the minimum or raise the capacity",
                );
            }
            rights.capacity.push(capacity.unwrap_or(0));
            rights.minimum.push(minimum.unwrap_or(0));
        },
    );
    complete.then_some(rights)
}

/// Without `rights` (their file could not be read) the edges are still checked for everything else.
fn read_edges(
    (file, bytes): (&str, &[u8]),
    rights: Option<&Rights>,
    faults: &mut Faults,
) -> Option<Edges> {
    let mut edges = Edges { scored: true, ..Edges::default() };
    // Rows mostly come grouped by left: then its id need not be looked up again.
    let mut last: Option<(String, u32)> = None;
    let complete = read_rows(file, bytes, &EDGES, faults, |row| {
        let left = match (&last, row.id(0)) {
            (Some((id, index)), Some(own)) if id == own => Some(*index),
            (_, Some(own)) => {
                let index = edges.ids.find_or_add(own);
                last = Some((own.to_owned(), index));
                Some(index)
            }
            (_, None) => row.no_id(0),
        };
        let right = match (row.id(1), rights) {
            (Some(id), Some(rights)) => match rights.ids.find(id) {
                None if !rights.spoilt => row.fault(
                    1,
                    "there is no such right in the capacities",
                    "add it to the capacities, or correct the id",
                ),
                found => found,
            },
            (None, _) => row.no_id(1),
            _ => None,
        };
        edges.scored = row.has(SCORE);
        let score = if edges.scored {
            row.whole_number(SCORE, 0, i64::from(SCORE_MAX))
                .and_then(|number| i32::try_from(number).ok())
        } else {
            Some(0)
        };
        // What is not there is no fault; what is there must be a rank.
        let mut rank = |column: usize| {
            if !row.has(column) {
                return Some(None);
            }
            let number = row.whole_number(column, 1, i64::from(RANK_MAX));
            number.map(|number| u32::try_from(number).ok())
        };
        let ranks = (rank(LEFT_RANK), rank(RIGHT_RANK));
        edges.spoilt |= left.is_none();
        if let (Some(left), Some(right), Some(score), (Some(by_left), Some(by_right))) =
            (left, right, score, ranks)
        {
            edges.left.push(left);
            edges.right.push(right);
            edges.score.push(score);
            edges.left_rank.extend(by_left);
            edges.right_rank.extend(by_right);
        }
    });
    complete.then_some(edges)
}

/// What each left wants and needs at least, by the index of its id. Without `edges` (their file could not be read) the rows are
/// still checked for everything else.
fn read_demand(demand: Demand<'_>, edges: Option<&Edges>, faults: &mut Faults) -> Vec<(u32, u32)> {
    let lefts = edges.map_or(0, |edges| edges.ids.names.len());
    let (file, bytes) = match demand {
        Demand::Each(each) => return vec![(each.clamp(1, DEMAND_MAX), 0); lefts],
        Demand::Table(file, bytes) => (file, bytes),
    };
    let mut wanted = vec![(1, 0); lefts];
    let mut named: HashMap<Box<str>, u64> = HashMap::new();
    let names = [("left", Need::Always), ("demand", Need::Always), ("minimum", Need::Never)];
    let complete = read_rows(file, bytes, &names, faults, |row| {
        let most = i64::from(DEMAND_MAX);
        let demand = row.whole_number(1, 1, most).and_then(|number| u32::try_from(number).ok());
        let minimum = if row.cell(2).trim().is_empty() {
            Some(0)
        } else {
            row.whole_number(2, 0, most).and_then(|number| u32::try_from(number).ok())
        };
        let line = row.line();
        let Some(id) = row.id(0).map(Box::<str>::from) else {
            row.no_id::<()>(0);
            return;
        };
        if let Some(first) = named.insert(id.clone(), line) {
            row.fault::<()>(
                0,
                format!("this left already stands in line {first}"),
                "keep one row per left",
            );
            named.insert(id.clone(), first);
        }
        let left = match edges.map(|edges| (edges.ids.find(&id), edges.spoilt)) {
            Some((None, false)) => row.fault(
                0,
                "there is no such left among the edges",
                "take the row away, or correct the id",
            ),
            found => found.and_then(|(left, _)| left),
        };
        if let (Some(demand), Some(minimum)) = (demand, minimum) {
            if minimum > demand {
                row.fault::<()>(
                    2,
                    format!("the minimum is larger than the demand of {demand}"),
                    "lower the minimum or raise the demand",
                );
            }
            if let Some(left) = left {
                wanted[left as usize] = (demand, minimum);
            }
        }
    });
    let all: u64 = wanted.iter().map(|&(demand, _)| u64::from(demand)).sum();
    if complete && all > DEMANDS_MAX {
        report::push(
            faults,
            report::whole(file),
            "",
            all,
            format!("more places are wanted than the {DEMANDS_MAX} that are supported"),
            "lower the demands, or split the problem",
        );
    }
    wanted
}

/// The rows of all lefts in one list: where each starts, and what stands in it.
struct Placed<T> {
    starts: Vec<usize>,
    pairs: Vec<(u32, T)>,
    twice: bool,
}

/// Puts the edges in order of their lefts' and rights' places in the order of ids.
fn place<T: Copy + Default>(
    edges: &Edges,
    lefts: usize,
    left_rank: &[u32],
    right_rank: &[u32],
    item: impl Fn(usize) -> T,
) -> Placed<T> {
    let mut starts = vec![0usize; lefts + 1];
    for &left in &edges.left {
        starts[left_rank[left as usize] as usize + 1] += 1;
    }
    for left in 0..lefts {
        starts[left + 1] += starts[left];
    }
    let mut next = starts.clone();
    let mut pairs = vec![(0u32, T::default()); edges.left.len()];
    for (at, (&left, &right)) in edges.left.iter().zip(&edges.right).enumerate() {
        let place = &mut next[left_rank[left as usize] as usize];
        pairs[*place] = (right_rank[right as usize], item(at));
        *place += 1;
    }
    let mut twice = false;
    for row in starts.windows(2) {
        let row = &mut pairs[row[0]..row[1]];
        if !row.is_sorted_by_key(|pair| pair.0) {
            row.sort_unstable_by_key(|pair| pair.0);
        }
        twice |= row.windows(2).any(|pair| pair[0].0 == pair[1].0);
    }
    Placed { starts, pairs, twice }
}

/// Orders everything by id and builds the table. Pairs that stand twice are found here.
fn join(
    rights: Rights,
    mut edges: Edges,
    wanted: &[(u32, u32)],
    (file, bytes): (&str, &[u8]),
    coverage: Coverage,
) -> Result<RawProblem, Faults> {
    let (right_names, right_rank) = rights.ids.sorted();
    let (left_names, left_rank) = std::mem::take(&mut edges.ids).sorted();
    let lefts = left_names.len();
    let (ranked, by_right) = (!edges.left_rank.is_empty(), !edges.right_rank.is_empty());
    let (mut left_ranks, mut right_ranks) = (None, None);
    // Most files have no ranks, and then half the memory is enough.
    let (starts, column, costs, twice) = if ranked || by_right {
        let placed = place(&edges, lefts, &left_rank, &right_rank, |at| {
            let rank = |ranks: &[u32]| ranks.get(at).copied().unwrap_or(0);
            (-edges.score[at], rank(&edges.left_rank), rank(&edges.right_rank))
        });
        left_ranks = ranked.then(|| placed.pairs.iter().map(|pair| pair.1.1).collect());
        right_ranks = by_right.then(|| placed.pairs.iter().map(|pair| pair.1.2).collect());
        let (column, costs): (Vec<_>, Vec<_>) =
            placed.pairs.into_iter().map(|(right, (cost, _, _))| (Right(right), cost)).unzip();
        (placed.starts, column, costs, placed.twice)
    } else {
        let placed = place(&edges, lefts, &left_rank, &right_rank, |at| -edges.score[at]);
        let (column, costs): (Vec<_>, Vec<_>) =
            placed.pairs.into_iter().map(|(right, cost)| (Right(right), cost)).unzip();
        (placed.starts, column, costs, placed.twice)
    };
    if twice {
        return Err(pairs_standing_twice(file, bytes));
    }
    let mut capacity = vec![0; right_names.len()];
    let mut minimum = vec![0; right_names.len()];
    for (index, &rank) in right_rank.iter().enumerate() {
        capacity[rank as usize] = rights.capacity[index];
        minimum[rank as usize] = rights.minimum[index];
    }
    // Only sides beyond 2^26 can fail here: order, range and costs were seen to above.
    let beyond =
        |error: String| report::one(report::whole(file), "", "", error, "split the problem");
    let pairs = PairTable::from_parts(right_names.len(), starts, column, costs)
        .map_err(|error| beyond(error.to_string()))?;
    let (mut most, mut least) = (vec![1; lefts], vec![0; lefts]);
    for (index, &rank) in left_rank.iter().enumerate() {
        (most[rank as usize], least[rank as usize]) = wanted[index];
    }
    let places = most.iter().map(|&demand| u64::from(demand)).sum();
    let supply =
        Supply::new(most, least, vec![1; lefts]).map_err(|error| beyond(error.to_string()))?;
    let waiting = vec![coverage.waiting_cost(places); lefts];
    let frame = Frame::new(waiting, vec![None; lefts], capacity, minimum)
        .map_err(|error| beyond(error.to_string()))?;
    let problem = Problem::new(frame, pairs).map_err(|error| beyond(error.to_string()))?;
    Ok(RawProblem {
        lefts: left_names,
        rights: right_names,
        problem,
        supply,
        scored: edges.scored,
        left_ranks,
        right_ranks,
    })
}

/// Reads the edges once more, to say where the second of each pair stands. Only after it is known that there is one.
fn pairs_standing_twice(file: &str, bytes: &[u8]) -> Faults {
    let mut faults = Faults::new();
    let mut seen: HashMap<(String, String), u64> = HashMap::new();
    read_rows(file, bytes, &EDGES, &mut faults, |row| {
        if let (Some(left), Some(right)) = (row.id(0), row.id(1)) {
            let pair = (left.to_owned(), right.to_owned());
            let line = row.line();
            let first = *seen.entry(pair).or_insert(line);
            if first != line {
                row.fault::<()>(
                    1,
                    format!("this pair already stands in line {first}"),
                    "keep one of the two",
                );
            }
        }
    });
    faults
}
