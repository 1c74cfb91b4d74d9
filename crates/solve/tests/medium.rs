//! At medium size: against the plain flow solver, and laws that need no oracle.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{
    Frame, Left, Matching, PairTable, Prices, Problem, Right, VerifiedMatching, check,
    check_infeasible,
};
use peermatch_solve::{Outcome, Quiet, best_total};
use peermatch_testkit::flow;
use peermatch_testkit::graphs::{self, Costs, Spec, Waiting};
use proptest::prelude::*;

fn proven(problem: &Problem) -> Option<VerifiedMatching> {
    match best_total(problem, &Quiet) {
        Outcome::Optimal(found) => {
            let checked = check(problem.frame(), problem.pairs(), &found.matching, &found.prices);
            Some(checked.unwrap_or_else(|why| panic!("{why}")))
        }
        Outcome::Infeasible(prices) => {
            let proof = check_infeasible(problem.frame(), problem.pairs(), &prices);
            assert!(proof.is_ok(), "{proof:?}");
            None
        }
        Outcome::Cancelled => panic!("nobody cancelled"),
    }
}

#[test]
fn the_plain_flow_agrees_on_wild_problems() {
    let mut feasible = 0;
    for seed in 0..400 {
        let problem = graphs::wild(60, 12, 5_000_000 + seed);
        let expected = flow::best_total(&problem);
        assert_eq!(proven(&problem).map(|verified| verified.cost()), expected, "seed {seed}");
        feasible += u32::from(expected.is_some());
    }
    assert!((200..390).contains(&feasible), "{feasible} feasible");
    for seed in 0..10 {
        let problem = graphs::wild(200, 40, 6_000_000 + seed);
        let expected = flow::best_total(&problem);
        assert_eq!(proven(&problem).map(|verified| verified.cost()), expected, "large {seed}");
    }
}

#[test]
fn the_plain_flow_agrees_on_structured_problems() {
    for costs in [Costs::Wishes, Costs::Uniform, Costs::AllEqual] {
        for waiting in [Waiting::Zero, Waiting::Most, Waiting::Levels] {
            for demand in [80, 105, 150] {
                let spec = Spec { lefts: 120, rights: 14, regions: 4, ..Spec::TINY }
                    .costs(costs)
                    .waiting(waiting)
                    .demand(demand);
                let problem = graphs::structured(&spec, 7);
                let verified = proven(&problem).expect("no minimums");
                assert_eq!(Some(verified.cost()), flow::best_total(&problem), "{spec:?}");
            }
        }
    }
}

/// Larger than any oracle can follow: the certificate alone speaks.
#[test]
fn certificates_hold_at_size() {
    for (seed, waiting) in [(1, Waiting::Zero), (2, Waiting::Most), (3, Waiting::Levels)] {
        for costs in [Costs::Wishes, Costs::AllEqual] {
            let problem = graphs::structured(&Spec::S.waiting(waiting).costs(costs), seed);
            let verified = proven(&problem).expect("no minimums");
            assert!(verified.assigned() > 900);
        }
    }
}

/// Who is served when waiting stands on separate levels is what a plain greedy by waiting says.
#[test]
fn longest_wait_is_the_greedy_of_waiting() {
    for seed in 0..20 {
        let spec = Spec { lefts: 80, rights: 9, regions: 4, ..Spec::TINY }
            .waiting(Waiting::Levels)
            .demand(140);
        let problem = graphs::structured(&spec, seed);
        let verified = proven(&problem).expect("no minimums");
        let mut order: Vec<Left> = Left::all(80).collect();
        order.sort_by_key(|&left| (std::cmp::Reverse(problem.frame().waiting_cost(left)), left));
        let mut served = Vec::new();
        for left in order {
            served.push(left);
            if !can_serve(&problem, &served) {
                served.pop();
            }
        }
        let total = |lefts: &[Left]| {
            lefts.iter().map(|&left| i128::from(problem.frame().waiting_cost(left))).sum::<i128>()
        };
        let found: Vec<Left> = verified.matching().pairs().map(|(left, _)| left).collect();
        assert_eq!(total(&found), total(&served), "seed {seed}");
        assert_eq!(found.len(), served.len(), "seed {seed}");
    }
}

/// Whether all of `lefts` can be served together: Kuhn's algorithm in its plainest form.
fn can_serve(problem: &Problem, lefts: &[Left]) -> bool {
    fn place(problem: &Problem, left: Left, at: &mut [Vec<Left>], seen: &mut [bool]) -> bool {
        for &right in problem.pairs().rights_of(left) {
            if std::mem::replace(&mut seen[right.index()], true) {
                continue;
            }
            if at[right.index()].len() < problem.frame().capacity(right) as usize {
                at[right.index()].push(left);
                return true;
            }
            for slot in 0..at[right.index()].len() {
                let other = at[right.index()][slot];
                if place(problem, other, at, seen) {
                    at[right.index()][slot] = left;
                    return true;
                }
            }
        }
        false
    }
    let rights = problem.frame().rights();
    let mut at = vec![Vec::new(); rights];
    lefts.iter().all(|&left| place(problem, left, &mut at, &mut vec![false; rights]))
}

/// A problem with its rows, so that a law can rebuild it changed.
fn rebuilt(
    problem: &Problem,
    change: impl FnOnce(&mut Vec<Vec<(Right, i32)>>, &mut Vec<u32>),
) -> Problem {
    let frame = problem.frame();
    let mut rows: Vec<Vec<(Right, i32)>> =
        Left::all(frame.lefts()).map(|left| problem.pairs().row(left).collect()).collect();
    let mut capacity = frame.capacities().to_vec();
    change(&mut rows, &mut capacity);
    let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
    let frame = Frame::new(
        frame.waiting_costs().to_vec(),
        frame.pins().to_vec(),
        capacity,
        frame.minimums().to_vec(),
    )
    .unwrap();
    Problem::new(frame, pairs).unwrap()
}

/// The same problem with left `u` renamed `lefts[u]`, right `w` renamed `rights[w]`.
fn renamed(problem: &Problem, lefts: &[usize], rights: &[usize]) -> Problem {
    let frame = problem.frame();
    let right = |right: Right| Right::from_index(rights[right.index()]).unwrap();
    let mut waiting = vec![0; frame.lefts()];
    let mut pinned = vec![None; frame.lefts()];
    let mut rows = vec![Vec::new(); frame.lefts()];
    for left in Left::all(frame.lefts()) {
        let to = lefts[left.index()];
        waiting[to] = frame.waiting_cost(left);
        pinned[to] = frame.pinned(left).map(right);
        rows[to] = problem.pairs().row(left).map(|(w, cost)| (right(w), cost)).collect();
    }
    let mut capacity = vec![0; frame.rights()];
    let mut minimum = vec![0; frame.rights()];
    for w in Right::all(frame.rights()) {
        capacity[rights[w.index()]] = frame.capacity(w);
        minimum[rights[w.index()]] = frame.minimum(w);
    }
    let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
    Problem::new(Frame::new(waiting, pinned, capacity, minimum).unwrap(), pairs).unwrap()
}

fn shuffled(size: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by_key(|&index| {
        (index as u64 + 1)
            .wrapping_mul(seed | 1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(23)
    });
    order
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Renaming changes no cost, and, where there is one optimum only, renames the answer.
    #[test]
    fn names_do_not_matter(seed in 0u64..1_000_000, shuffle in 1u64..1_000_000) {
        let problem = graphs::wild(40, 8, seed);
        let lefts = shuffled(problem.frame().lefts(), shuffle);
        let rights = shuffled(problem.frame().rights(), shuffle ^ 0xFF);
        let other = renamed(&problem, &lefts, &rights);
        let (a, b) = (proven(&problem), proven(&other));
        prop_assert_eq!(a.as_ref().map(VerifiedMatching::cost), b.as_ref().map(VerifiedMatching::cost));
        if let (Some(a), Some(b)) = (a, b) {
            // As many are served, whoever they are: rule 1 of the canonical matching.
            prop_assert_eq!(a.assigned(), b.assigned());
            // Both certificates prove both answers, renamed: prices say nothing about names.
            let mut matching = vec![None; lefts.len()];
            for (left, right) in a.matching().pairs() {
                matching[lefts[left.index()]] = Right::from_index(rights[right.index()]);
            }
            let renamed = Matching::new(matching);
            prop_assert!(check(other.frame(), other.pairs(), &renamed, b.prices()).is_ok());
        }
    }

    /// The certificate of one answer proves every optimal one, so a solve from the other side of
    /// a change of units agrees: all costs doubled double the cost and keep the canonical answer.
    #[test]
    fn units_do_not_matter(seed in 0u64..1_000_000) {
        let problem = graphs::wild(40, 8, seed);
        let doubled = {
            let frame = problem.frame();
            let rows = Left::all(frame.lefts())
                .map(|left| problem.pairs().row(left).map(|(w, cost)| (w, 2 * cost)).collect());
            let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
            let waiting = frame.waiting_costs().iter().map(|cost| 2 * cost).collect();
            let (pins, capacity) = (frame.pins().to_vec(), frame.capacities().to_vec());
            let frame = Frame::new(waiting, pins, capacity, frame.minimums().to_vec()).unwrap();
            Problem::new(frame, pairs).unwrap()
        };
        let (a, b) = (proven(&problem), proven(&doubled));
        prop_assert_eq!(a.is_some(), b.is_some());
        if let (Some(a), Some(b)) = (a, b) {
            prop_assert_eq!(2 * a.cost(), b.cost());
            prop_assert_eq!(a.matching(), b.matching());
        }
    }

    /// A pair dearer than everything else together is never used by choice, so it changes nothing.
    #[test]
    fn a_pair_of_huge_cost_changes_nothing(seed in 0u64..1_000_000, at in 0usize..1_000) {
        let problem = graphs::wild(40, 8, seed);
        let Some(before) = proven(&problem) else { return Ok(()) };
        let frame = problem.frame();
        prop_assume!(frame.lefts() > 0);
        let left = Left::from_index(at % frame.lefts()).unwrap();
        let right = Right::from_index(at % frame.rights()).unwrap();
        prop_assume!(problem.pairs().cost(left, right).is_none());
        // Above any waiting cost of this kind of problem, or the law would not hold.
        prop_assume!(frame.waiting_costs().iter().all(|&cost| cost <= 12_000_001));
        let after = proven(&rebuilt(&problem, |rows, _| rows[left.index()].push((right, 1 << 30))));
        let after = after.expect("more pairs keep it feasible");
        prop_assert_eq!(before.cost(), after.cost());
        prop_assert_eq!(before.matching(), after.matching());
    }

    /// One more place never costs more.
    #[test]
    fn a_place_more_never_costs_more(seed in 0u64..1_000_000, at in 0usize..1_000) {
        let problem = graphs::wild(40, 8, seed);
        let Some(before) = proven(&problem) else { return Ok(()) };
        let right = at % problem.frame().rights();
        let after = proven(&rebuilt(&problem, |_, capacity| capacity[right] += 1)).unwrap();
        prop_assert!(after.cost() <= before.cost());
        // And at most by what the certificate says a place is worth.
        let price = before.prices().values()[right].max(0);
        prop_assert!(before.cost() - after.cost() <= i128::from(price));
    }

    /// Solving twice gives the same bytes, prices included.
    #[test]
    fn it_is_deterministic(seed in 0u64..1_000_000) {
        let problem = graphs::wild(40, 8, seed);
        prop_assert_eq!(best_total(&problem, &Quiet), best_total(&problem, &Quiet));
    }
}

/// Mutations at a size where the certificate is the only judge: one person moved elsewhere.
#[test]
fn a_moved_person_is_noticed() {
    let problem = graphs::structured(&Spec::TINY.costs(Costs::Uniform), 3);
    let verified = proven(&problem).expect("no minimums");
    let prices: &Prices = verified.prices();
    let mut refused = 0;
    for left in Left::all(problem.frame().lefts()) {
        let row: Vec<_> = problem.pairs().rights_of(left).to_vec();
        for right in row.into_iter().map(Some).chain([None]) {
            let mut rights = verified.matching().rights().to_vec();
            if rights[left.index()] == right {
                continue;
            }
            rights[left.index()] = right;
            let moved = Matching::new(rights);
            match check(problem.frame(), problem.pairs(), &moved, prices) {
                Ok(other) => assert_eq!(other.cost(), verified.cost()),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 5_000, "{refused}");
}

/// The canonical rule read as it is written, with the plain flow as judge: no left that waits
/// could be served, and no served left could have a smaller right, given those before it.
#[test]
fn the_canonical_rule_holds_beyond_enumeration() {
    // Dearer than everything else together: waiting (or moving) is then no choice.
    const NEVER: i64 = 1 << 50;
    for seed in 0..120 {
        let problem = graphs::wild(16, 5, 7_000_000 + seed);
        let Some(verified) = proven(&problem) else { continue };
        let frame = problem.frame();
        let matching = verified.matching();
        let cost_of = |pins: Vec<Option<Right>>, served: &dyn Fn(Left) -> Option<bool>| {
            let waiting = Left::all(frame.lefts())
                .map(|u| frame.waiting_cost(u) + if served(u) == Some(true) { NEVER } else { 0 })
                .collect();
            let rows = Left::all(frame.lefts()).map(|u| match served(u) {
                Some(false) => Vec::new(),
                _ => problem.pairs().row(u).collect(),
            });
            let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
            let (capacity, minimum) = (frame.capacities().to_vec(), frame.minimums().to_vec());
            let frame = Frame::new(waiting, pins, capacity, minimum).unwrap();
            flow::best_total(&Problem::new(frame, pairs).unwrap())
        };
        for u in Left::all(frame.lefts()) {
            let Some(right) = matching.right_of(u) else {
                let served =
                    |v: Left| (v == u || (v < u && matching.right_of(v).is_some())).then_some(true);
                let cost = cost_of(frame.pins().to_vec(), &served);
                assert!(cost.is_none_or(|cost| cost > verified.cost()), "seed {seed}: {u} waits");
                continue;
            };
            if frame.pinned(u).is_some() {
                continue;
            }
            for &smaller in problem.pairs().rights_of(u).iter().take_while(|&&w| w < right) {
                let pins = Left::all(frame.lefts())
                    .map(|v| match v.cmp(&u) {
                        std::cmp::Ordering::Less => matching.right_of(v),
                        std::cmp::Ordering::Equal => Some(smaller),
                        std::cmp::Ordering::Greater => frame.pinned(v),
                    })
                    .collect();
                let cost = cost_of(pins, &|v| Some(matching.right_of(v).is_some()));
                assert!(cost.is_none_or(|cost| cost > verified.cost()), "seed {seed}: {u} moves");
            }
        }
    }
}
