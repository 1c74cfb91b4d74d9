//! Raw problems: scored edges and capacities in, a matching and its certificate out, as CSV.
//!
//! For benchmarks, for published instances and for anybody who scores pairs elsewhere. No people and no rules here.
//!
//! | file | columns |
//! |---|---|
//! | edges | `left,right,score`: ids are any text, score is a whole number 0..=1,000,000; a pair stands at most once |
//! | capacities | `right,capacity[,minimum]`: every right once, also those without edges |
//! | matching | `left,right`: the assigned lefts only |
//! | certificate | `right,price`: the price of a place in units of score, of either sign |
//!
//! Encodings and separators are read as everywhere ([`crate::text`]; `,`, `;` or tab). Ids are taken exactly as they stand,
//! space included, but for the apostrophe that guards what a spreadsheet would take for a formula ([`crate::write_csv`]): it is
//! written where needed and taken away in reading, so that every id comes back as it was.
//!
//! Lefts and rights are numbered in the byte order of their ids, so nothing depends on the order of rows.
//!
//! # What the certificate proves
//! With prices `p`, best total (an unassigned left is worth 0):
//! `sum over lefts of max(0, max over its edges of score - p) + sum over rights of (p * capacity if p >= 0 else p * minimum)`
//! is at least the total score of any matching that keeps capacities and minimums, whatever `p` is; where it equals the total
//! score of a given one, that one is best. For as many as can be, 0 is replaced by `-M`, with `M = 1,000,000 * lefts + 1`, and the total
//! score has `M` taken off for every left without a place.

use std::collections::HashMap;
use std::fmt::Write as _;

use peermatch_assignment::{Frame, Left, Matching, PairTable, Prices, Problem, Right};
use peermatch_model::fault::{Faults, Place, nearest};
use serde::Serialize;

use crate::table::{Lines, quotes, separator};
use crate::write_csv::{Cell, Dialect, unescape_cell, write_table};
use crate::{report, text};

/// The largest score of an edge.
pub const SCORE_MAX: i32 = 1_000_000;

/// The most faults that are told of one file; the rest is counted.
pub const FAULTS_MAX: usize = 1_000;

/// What is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coverage {
    /// The largest total score; a left without a place is worth 0.
    #[default]
    Total,
    /// As many lefts as can be, then the largest total score.
    Most,
}

impl Coverage {
    /// What waiting costs, in units of score.
    fn waiting_cost(self, lefts: usize) -> i64 {
        match self {
            Self::Total => 0,
            // One left more outweighs what all others together can lose by it.
            Self::Most => i64::from(SCORE_MAX) * i64::try_from(lefts).unwrap_or(i64::MAX >> 24) + 1,
        }
    }
}

/// A raw problem in memory: ids in byte order, and the problem to solve, in which a pair costs minus its score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawProblem {
    lefts: Vec<String>,
    rights: Vec<String>,
    problem: Problem,
}

impl RawProblem {
    /// The ids of the lefts that have an edge, ascending: left `u` is `lefts()[u]`.
    pub fn lefts(&self) -> &[String] {
        &self.lefts
    }

    /// The ids of the rights, ascending.
    pub fn rights(&self) -> &[String] {
        &self.rights
    }

    /// The problem to solve.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Number of edges.
    pub fn edges(&self) -> usize {
        self.problem.pairs().len()
    }

    /// The id of a left.
    pub fn left(&self, left: Left) -> &str {
        self.lefts.get(left.index()).map_or("", String::as_str)
    }

    /// The id of a right.
    pub fn right(&self, right: Right) -> &str {
        self.rights.get(right.index()).map_or("", String::as_str)
    }

    /// Total score of a matching; pairs that are no edges count 0.
    pub fn score(&self, matching: &Matching) -> i64 {
        matching
            .pairs()
            .filter_map(|(left, right)| self.problem.pairs().cost(left, right))
            .map(|cost| -i64::from(cost))
            .sum()
    }
}

/// What a solve of a raw problem came to, for machines. The keys are frozen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RawStats {
    /// Number of lefts (with an edge).
    pub lefts: usize,
    /// Number of rights.
    pub rights: usize,
    /// Number of edges.
    pub edges: usize,
    /// Number of lefts with a place; none where there is no matching.
    pub assigned: Option<usize>,
    /// Total score; none where there is no matching.
    pub objective: Option<i64>,
    /// `optimal` or `infeasible`.
    pub status: &'static str,
    /// Seconds from opening the files to the finished index structure.
    pub read_s: f64,
    /// Seconds of solving, tie rule included.
    pub solve_s: f64,
    /// Seconds of the independent check.
    pub verify_s: f64,
    /// The most memory the process held, in MiB, where the system tells.
    pub peak_rss_mib: Option<f64>,
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
/// Every fault of both files, each with line and column, up to [`FAULTS_MAX`] a file. What stops a file (bytes that are not
/// text, quotes that do not close, a missing column) is told alone for that file.
pub fn read_raw(
    edges: (&str, &[u8]),
    capacities: (&str, &[u8]),
    coverage: Coverage,
) -> Result<RawProblem, Faults> {
    let mut faults = Faults::new();
    let rights = read_capacities(capacities, &mut faults);
    let read = read_edges(edges, rights.as_ref(), &mut faults);
    let (Some(rights), Some(read)) = (rights, read) else { return Err(faults) };
    faults.into_result(())?;
    join(rights, read, edges, coverage)
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
}

fn read_capacities((file, bytes): (&str, &[u8]), faults: &mut Faults) -> Option<Rights> {
    let mut rights = Rights::default();
    let complete = read_rows(
        file,
        bytes,
        &[("right", true), ("capacity", true), ("minimum", false)],
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
    let mut edges = Edges::default();
    // Rows mostly come grouped by left: then its id need not be looked up again.
    let mut last: Option<(String, u32)> = None;
    let complete = read_rows(
        file,
        bytes,
        &[("left", true), ("right", true), ("score", true)],
        faults,
        |row| {
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
            let score = row
                .whole_number(2, 0, i64::from(SCORE_MAX))
                .and_then(|number| i32::try_from(number).ok());
            if let (Some(left), Some(right), Some(score)) = (left, right, score) {
                edges.left.push(left);
                edges.right.push(right);
                edges.score.push(score);
            }
        },
    );
    complete.then_some(edges)
}

/// Orders everything by id and builds the table. Pairs that stand twice are found here.
fn join(
    rights: Rights,
    edges: Edges,
    (file, bytes): (&str, &[u8]),
    coverage: Coverage,
) -> Result<RawProblem, Faults> {
    let (right_names, right_rank) = rights.ids.sorted();
    let (left_names, left_rank) = edges.ids.sorted();
    let mut starts = vec![0usize; left_names.len() + 1];
    for &left in &edges.left {
        starts[left_rank[left as usize] as usize + 1] += 1;
    }
    for left in 0..left_names.len() {
        starts[left + 1] += starts[left];
    }
    let mut next = starts.clone();
    let mut placed = vec![(0u32, 0i32); edges.left.len()];
    for ((&left, &right), &score) in edges.left.iter().zip(&edges.right).zip(&edges.score) {
        let place = &mut next[left_rank[left as usize] as usize];
        placed[*place] = (right_rank[right as usize], -score);
        *place += 1;
    }
    let mut twice = false;
    for row in starts.windows(2) {
        let row = &mut placed[row[0]..row[1]];
        if !row.is_sorted_by_key(|pair| pair.0) {
            row.sort_unstable();
        }
        twice |= row.windows(2).any(|pair| pair[0].0 == pair[1].0);
    }
    if twice {
        return Err(pairs_standing_twice(file, bytes));
    }
    let mut capacity = vec![0; right_names.len()];
    let mut minimum = vec![0; right_names.len()];
    for (index, &rank) in right_rank.iter().enumerate() {
        capacity[rank as usize] = rights.capacity[index];
        minimum[rank as usize] = rights.minimum[index];
    }
    let (column, costs) = placed.into_iter().map(|(right, cost)| (Right(right), cost)).unzip();
    // Only sides beyond 2^26 can fail here: order, range and costs were seen to above.
    let beyond =
        |error: String| report::one(report::whole(file), "", "", error, "split the problem");
    let pairs = PairTable::from_parts(right_names.len(), starts, column, costs)
        .map_err(|error| beyond(error.to_string()))?;
    let lefts = left_names.len();
    let waiting = vec![coverage.waiting_cost(lefts); lefts];
    let frame = Frame::new(waiting, vec![None; lefts], capacity, minimum)
        .map_err(|error| beyond(error.to_string()))?;
    let problem = Problem::new(frame, pairs).map_err(|error| beyond(error.to_string()))?;
    Ok(RawProblem { lefts: left_names, rights: right_names, problem })
}

/// Reads the edges once more, to say where the second of each pair stands. Only after it is known that there is one.
fn pairs_standing_twice(file: &str, bytes: &[u8]) -> Faults {
    let mut faults = Faults::new();
    let mut seen: HashMap<(String, String), u64> = HashMap::new();
    read_rows(
        file,
        bytes,
        &[("left", true), ("right", true), ("score", true)],
        &mut faults,
        |row| {
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
        },
    );
    faults
}

/// Reads a matching: `left,right`. Lefts that are not named wait. `O(bytes + n)`.
///
/// # Errors
/// Every fault: ids that the problem does not know, lefts that stand twice, columns that are missing.
pub fn read_matching(raw: &RawProblem, file: &str, bytes: &[u8]) -> Result<Matching, Faults> {
    let mut faults = Faults::new();
    let mut rights = vec![None; raw.lefts.len()];
    read_rows(file, bytes, &[("left", true), ("right", true)], &mut faults, |row| {
        let left = row.known(0, &raw.lefts, "there is no such left among the edges");
        let right = row.known(1, &raw.rights, "there is no such right in the capacities");
        if let Some(left) = left {
            if rights[left].is_some() {
                row.fault::<()>(0, "this left already has a place", "keep one row per left");
            }
            rights[left] = right.and_then(Right::from_index);
        }
    });
    faults.into_result(Matching::new(rights))
}

/// Reads a certificate: `right,price`, one row for every right. `O(bytes + K log K)`.
///
/// # Errors
/// Every fault: rights that are unknown, stand twice or are missing, prices that are no whole numbers.
pub fn read_certificate(raw: &RawProblem, file: &str, bytes: &[u8]) -> Result<Prices, Faults> {
    let mut faults = Faults::new();
    let mut prices: Vec<Option<i64>> = vec![None; raw.rights.len()];
    let complete =
        read_rows(file, bytes, &[("right", true), ("price", true)], &mut faults, |row| {
            let right = row.known(0, &raw.rights, "there is no such right in the capacities");
            let bound = peermatch_assignment::PRICE_MAX;
            let price = row.whole_number(1, -bound, bound);
            if let Some(right) = right {
                if prices[right].is_some() {
                    row.fault::<()>(0, "this right already has a price", "keep one row per right");
                }
                prices[right] = Some(price.unwrap_or(0));
            }
        });
    if complete {
        let missing: Vec<&str> = raw
            .rights
            .iter()
            .zip(&prices)
            .filter(|(_, price)| price.is_none())
            .map(|(id, _)| id.as_str())
            .collect();
        if let Some(first) = missing.first() {
            let reason = format!(
                "{} of {} rights have no price, the first of them is this",
                missing.len(),
                prices.len()
            );
            report::push(
                &mut faults,
                report::whole(file),
                "",
                first,
                reason,
                "give every right a price",
            );
        }
    }
    faults.into_result(Prices::new(prices.into_iter().map(Option::unwrap_or_default).collect()))
}

/// The matching as CSV: `left,right` for the assigned, by ascending left.
pub fn write_matching(raw: &RawProblem, matching: &Matching) -> Vec<u8> {
    let rows = matching
        .pairs()
        .map(|(left, right)| vec![Cell::from(raw.left(left)), Cell::from(raw.right(right))]);
    write_table(&["left", "right"], rows, Dialect::PLAIN)
}

/// The certificate as CSV: `right,price` for every right, ascending.
pub fn write_certificate(raw: &RawProblem, prices: &Prices) -> Vec<u8> {
    let rows = raw
        .rights
        .iter()
        .zip(prices.values())
        .map(|(right, &price)| vec![Cell::from(right.as_str()), Cell::from(price)]);
    write_table(&["right", "price"], rows, Dialect::PLAIN)
}

/// The stats as JSON with a line end.
pub fn write_stats(stats: &RawStats) -> Vec<u8> {
    // Numbers and fixed words only: this cannot fail, and an empty object would be visible at once.
    let mut text = serde_json::to_string_pretty(stats).unwrap_or_else(|_| "{}".to_owned());
    let _ = writeln!(text);
    text.into_bytes()
}

/// One row while it is being read.
struct Row<'r, 't> {
    record: &'r csv::ByteRecord,
    at: &'r [Option<usize>],
    names: &'r [(&'static str, bool)],
    lines: &'r mut Lines<'t>,
    offset: usize,
    told: &'r mut Told<'t>,
    faults: &'r mut Faults,
}

/// How many faults of a file were told.
struct Told<'t> {
    file: &'t str,
    count: usize,
}

impl Row<'_, '_> {
    /// The text of a cell as it stands; empty if there is none. The whole text was UTF-8 and cells end at ASCII, so a cell is.
    fn cell(&self, column: usize) -> &str {
        let bytes = self.at[column].and_then(|at| self.record.get(at)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// An id as it stands, without its guard, unless it is empty.
    fn id(&self, column: usize) -> Option<&str> {
        let id = unescape_cell(self.cell(column));
        (!id.trim().is_empty()).then_some(id)
    }

    fn no_id<T>(&mut self, column: usize) -> Option<T> {
        self.fault(column, "an id is missing here", "give every row its ids")
    }

    /// The place of an id among known ones.
    fn known(&mut self, column: usize, ids: &[String], reason: &str) -> Option<usize> {
        let Some(id) = self.id(column) else { return self.no_id(column) };
        match ids.binary_search_by(|known| known.as_str().cmp(id)) {
            Ok(found) => Some(found),
            Err(_) => self.fault(column, reason, "take the row away, or correct the id"),
        }
    }

    fn whole_number(&mut self, column: usize, least: i64, most: i64) -> Option<i64> {
        let text = self.cell(column).trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<i64>().ok().filter(|_| plain);
        match number {
            Some(number) if (least..=most).contains(&number) => Some(number),
            _ if plain => self.fault(
                column,
                "this number is out of range",
                format!("write a whole number from {least} to {most}"),
            ),
            _ => self.fault(
                column,
                "this is not a whole number",
                format!("write a whole number from {least} to {most}"),
            ),
        }
    }

    fn line(&mut self) -> u64 {
        self.lines.at(self.offset)
    }

    /// Tells a fault of a cell. Always `None`, so that it can stand for the value that is not there.
    fn fault<T>(
        &mut self,
        column: usize,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Option<T> {
        self.told.count += 1;
        if self.told.count > FAULTS_MAX {
            return None;
        }
        let place = Place {
            file: self.told.file.to_owned(),
            line: self.line(),
            column: self.at[column].map_or(0, |at| report::number(at + 1)),
            field: Some(self.names[column].0.to_owned()),
        };
        let value = self.cell(column).to_owned();
        report::push(self.faults, place, "", value, reason, fix);
        None
    }

    /// Tells that a row has more or fewer cells than there are columns.
    fn misshapen(&mut self, width: usize) {
        self.told.count += 1;
        if self.told.count > FAULTS_MAX {
            return;
        }
        let place = Place { line: self.line(), ..report::whole(self.told.file) };
        let reason = format!(
            "this row has {} cells, the line of column names has {width}",
            self.record.len()
        );
        report::push(
            self.faults,
            place,
            "",
            "",
            reason,
            "write one cell per column; put quotes around a cell that holds the separator",
        );
    }
}

/// Reads the rows of a file, handing each to `each`. Whether the file could be read to its end.
fn read_rows(
    file: &str,
    bytes: &[u8],
    names: &[(&'static str, bool)],
    faults: &mut Faults,
    mut each: impl FnMut(&mut Row<'_, '_>),
) -> bool {
    let text = match text::table(bytes) {
        Ok(text) => text,
        Err(error) => {
            faults.extend(error.into_faults(file, bytes));
            return false;
        }
    };
    let (separator, body) = separator(&text);
    let before = text.len() - body.len();
    // Almost no such file has a quote, and looking for one is much faster than following them.
    if body.contains('"')
        && let Some((offset, reason, fix)) = quotes(body, separator)
    {
        let (line, _) = report::line_and_column(&text, offset + before);
        let place = Place { line, ..report::whole(file) };
        report::push(faults, place, "", "", reason, fix);
        return false;
    }
    let mut lines = Lines::new(body, report::number(text[..before].matches('\n').count()) + 1);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut record = csv::ByteRecord::new();
    let blank = |record: &csv::ByteRecord| record.iter().all(|cell| cell.trim_ascii().is_empty());
    let mut next = |record: &mut csv::ByteRecord| {
        let offset = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        // Neither kind of error can happen: the reader is flexible, and memory cannot fail to be read.
        reader.read_byte_record(record).unwrap_or(false).then_some(offset)
    };
    let Some(offset) = next(&mut record) else { return false };
    let expected = || names.iter().map(|name| name.0).collect::<Vec<_>>().join(",");
    let header: Vec<String> =
        record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
    let line = lines.at(offset);
    let mut at = vec![None; names.len()];
    let mut shaped = true;
    for (column, name) in header.iter().enumerate() {
        let place = Place { line, column: report::number(column + 1), ..report::whole(file) };
        match names.iter().position(|known| known.0 == name) {
            Some(known) if at[known].is_none() => at[known] = Some(column),
            Some(_) => {
                shaped = false;
                report::push(
                    faults,
                    place,
                    "",
                    name,
                    "this column is there twice",
                    "keep one of the two",
                );
            }
            None if name.is_empty() && column + 1 == header.len() => {}
            None => {
                shaped = false;
                let fix = match nearest(name, names.iter().map(|known| known.0)) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("take the column away; known here: {}", expected()),
                };
                report::push(faults, place, "", name, "there is no such column in this file", fix);
            }
        }
    }
    for (name, at) in names.iter().zip(&at) {
        if name.1 && at.is_none() {
            shaped = false;
            let place = Place { line, ..report::whole(file) };
            report::push(
                faults,
                place,
                "",
                "",
                format!("the column `{}` is missing", name.0),
                format!("start the file with {}", expected()),
            );
        }
    }
    if !shaped {
        return false;
    }
    let width = header.len();
    let mut told = Told { file, count: 0 };
    while let Some(offset) = next(&mut record) {
        if blank(&record) {
            continue;
        }
        let fits = record.len() == width
            || (record.len() > width && record.iter().skip(width).all(<[u8]>::is_empty));
        let mut row = Row {
            record: &record,
            at: &at,
            names,
            lines: &mut lines,
            offset,
            told: &mut told,
            faults,
        };
        if fits {
            each(&mut row);
        } else {
            row.misshapen(width);
        }
    }
    if told.count > FAULTS_MAX {
        let reason = format!("there are {} more faults in this file", told.count - FAULTS_MAX);
        report::push(
            faults,
            report::whole(file),
            "",
            "",
            reason,
            "correct the ones named above first",
        );
    }
    true
}
