//! Matchings and prices as tables.

use std::collections::HashSet;

use peermatch_assignment::{Flow, Left, Matching, Prices, Right};
use peermatch_model::fault::Faults;

use super::RawProblem;
use super::rows::{Need, read_rows};
use crate::report;
use crate::write_csv::{Cell, Dialect, write_table};

/// Reads a matching: `left,right`. Lefts that are not named wait. `O(bytes + n)`.
///
/// # Errors
/// Every fault: ids that the problem does not know, lefts that stand twice, columns that are missing.
pub fn read_matching(raw: &RawProblem, file: &str, bytes: &[u8]) -> Result<Matching, Faults> {
    let mut faults = Faults::new();
    let mut rights = vec![None; raw.lefts.len()];
    read_rows(
        file,
        bytes,
        &[("left", Need::Always), ("right", Need::Always)],
        &mut faults,
        |row| {
            let left = row.known(0, &raw.lefts, "there is no such left among the edges");
            let right = row.known(1, &raw.rights, "there is no such right in the capacities");
            if let Some(left) = left {
                if rights[left].is_some() {
                    row.fault::<()>(0, "this left already has a place", "keep one row per left");
                }
                rights[left] = right.and_then(Right::from_index);
            }
        },
    );
    faults.into_result(Matching::new(rights))
}

/// Reads who has which rights: `left,right`, a row for each right. Lefts that are not named wait. `O(bytes + n)`.
///
/// # Errors
/// Every fault: as [`read_matching`], where a left that wants one right stands twice; and pairs that stand twice.
pub fn read_flow(raw: &RawProblem, file: &str, bytes: &[u8]) -> Result<Flow, Faults> {
    if raw.supply.is_one_each() {
        return read_matching(raw, file, bytes).map(|matching| Flow::from(&matching));
    }
    let mut faults = Faults::new();
    let mut rows: Vec<Vec<(Right, u32)>> = vec![Vec::new(); raw.lefts.len()];
    let mut seen = HashSet::new();
    let names = [("left", Need::Always), ("right", Need::Always)];
    read_rows(file, bytes, &names, &mut faults, |row| {
        let left = row.known(0, &raw.lefts, "there is no such left among the edges");
        let right = row.known(1, &raw.rights, "there is no such right in the capacities");
        if let (Some(left), Some(right)) = (left, right.and_then(Right::from_index)) {
            if !seen.insert((left, right)) {
                row.fault::<()>(1, "this left already has this right", "keep one row per pair");
            }
            rows[left].push((right, 1));
        }
    });
    faults.into_result(Flow::new(rows))
}

/// Reads a certificate: `right,price`, one row for every right. `O(bytes + K log K)`.
///
/// # Errors
/// Every fault: rights that are unknown, stand twice or are missing, prices that are no whole numbers.
pub fn read_certificate(raw: &RawProblem, file: &str, bytes: &[u8]) -> Result<Prices, Faults> {
    let mut faults = Faults::new();
    let mut prices: Vec<Option<i64>> = vec![None; raw.rights.len()];
    let complete = read_rows(
        file,
        bytes,
        &[("right", Need::Always), ("price", Need::Always)],
        &mut faults,
        |row| {
            let right = row.known(0, &raw.rights, "there is no such right in the capacities");
            let bound = peermatch_assignment::PRICE_MAX;
            let price = row.whole_number(1, -bound, bound);
            if let Some(right) = right {
                if prices[right].is_some() {
                    row.fault::<()>(0, "this right already has a price", "keep one row per right");
                }
                prices[right] = Some(price.unwrap_or(0));
            }
        },
    );
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

/// Who has which rights as CSV: `left,right`, by ascending left and then right.
pub fn write_flow(raw: &RawProblem, flow: &Flow) -> Vec<u8> {
    let rows = flow
        .pairs()
        .map(|(left, right, _)| vec![Cell::from(raw.left(left)), Cell::from(raw.right(right))]);
    write_table(&["left", "right"], rows, Dialect::PLAIN)
}

/// What every edge would cost all others as CSV: `left,right,cost`, by ascending left and then right. `costs` are those of the edges in
/// that order; none, where forcing the pair would break a minimum, is an empty cell.
pub fn write_choices(raw: &RawProblem, costs: &[Option<i64>]) -> Vec<u8> {
    let pairs = raw.problem.pairs();
    let edges = Left::all(pairs.lefts())
        .flat_map(|left| pairs.rights_of(left).iter().map(move |&right| (left, right)));
    let rows = edges.zip(costs).map(|((left, right), cost)| {
        let cost = cost.map_or(Cell::from(""), Cell::from);
        vec![Cell::from(raw.left(left)), Cell::from(raw.right(right)), cost]
    });
    write_table(&["left", "right", "cost"], rows, Dialect::PLAIN)
}

/// What one place more and one less with every right is worth as CSV: `right,more,less`, by ascending right. `worth` is by right; none less,
/// where there is no place to take away or a minimum would break, is an empty cell.
pub fn write_places(raw: &RawProblem, worth: &[(i64, Option<i64>)]) -> Vec<u8> {
    let rows = raw.rights.iter().zip(worth).map(|(right, &(more, less))| {
        let less = less.map_or(Cell::from(""), Cell::from);
        vec![Cell::from(right.as_str()), Cell::from(more), less]
    });
    write_table(&["right", "more", "less"], rows, Dialect::PLAIN)
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
