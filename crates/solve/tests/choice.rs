//! Opportunity costs against solving again with the choice forced.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

use peermatch_assignment::{
    Flow, Frame, Left, Matching, PairTable, Prices, Problem, Right, Supply, check, check_flow,
    check_flow_within,
};
use peermatch_solve::choice::{Choices, Consequence};
use peermatch_solve::{FlowOutcome, Outcome, Quiet, Solution, Stage, Watch, best_flow, best_total};
use peermatch_testkit::{brute, graphs};
use std::ops::ControlFlow;

fn solved(problem: &Problem) -> Option<Solution> {
    match best_total(problem, &Quiet) {
        Outcome::Optimal(found) => Some(found),
        Outcome::Infeasible(_) => None,
        Outcome::Cancelled => panic!("nobody stopped it"),
    }
}

/// The least cost, by the checker.
fn least(problem: &Problem) -> Option<i128> {
    let found = solved(problem)?;
    let proven = check(problem.frame(), problem.pairs(), &found.matching, &found.prices);
    Some(proven.expect("a certificate").cost())
}

fn with_frame(
    problem: &Problem,
    change: impl FnOnce(&mut Vec<Option<Right>>, &mut Vec<u32>),
) -> Option<Problem> {
    let frame = problem.frame();
    let (mut pins, mut capacity) = (frame.pins().to_vec(), frame.capacities().to_vec());
    change(&mut pins, &mut capacity);
    let frame =
        Frame::new(frame.waiting_costs().to_vec(), pins, capacity, frame.minimums().to_vec());
    Some(Problem::new(frame.ok()?, problem.pairs().clone()).unwrap())
}

/// The same problem with `left` pinned to `right`.
fn forced(problem: &Problem, left: Left, right: Right) -> Problem {
    with_frame(problem, |pins, _| pins[left.index()] = Some(right)).expect("a pin is no fault")
}

/// The same problem with `left` able to go nowhere.
fn nowhere(problem: &Problem, left: Left) -> Problem {
    let frame = problem.frame();
    let rows = Left::all(frame.lefts())
        .map(|u| if u == left { Vec::new() } else { problem.pairs().row(u).collect() });
    let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
    let mut pins = frame.pins().to_vec();
    pins[left.index()] = None;
    let frame = Frame::new(
        frame.waiting_costs().to_vec(),
        pins,
        frame.capacities().to_vec(),
        frame.minimums().to_vec(),
    );
    Problem::new(frame.unwrap(), pairs).unwrap()
}

fn cost_of(problem: &Problem, matching: &Matching) -> i128 {
    Left::all(problem.frame().lefts())
        .map(|u| match matching.right_of(u) {
            Some(w) => i128::from(problem.pairs().cost(u, w).expect("an eligible pair")),
            None => i128::from(problem.frame().waiting_cost(u)),
        })
        .sum()
}

/// The moves make a feasible matching of `problem` that costs what they say.
fn moves_hold(
    problem: &Problem,
    from: &Matching,
    base: i128,
    told: &Consequence,
    name: &str,
) -> Matching {
    let frame = problem.frame();
    for change in &told.moves {
        assert_eq!(from.right_of(change.left), change.from, "{name}");
        assert_ne!(change.from, change.to, "{name}");
    }
    let mut movers: Vec<Left> = told.moves.iter().map(|m| m.left).collect();
    movers.sort_unstable();
    assert!(movers.windows(2).all(|two| two[0] != two[1]), "{name}: nobody moves twice");
    let after = told.applied(from);
    let loads = after.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let load = loads[right.index()];
        assert!((frame.minimum(right)..=frame.capacity(right)).contains(&load), "{name}: {right}");
    }
    for left in Left::all(frame.lefts()) {
        assert!(frame.pinned(left).is_none_or(|pin| after.right_of(left) == Some(pin)), "{name}");
    }
    assert_eq!(cost_of(problem, &after), base + i128::from(told.cost), "{name}");
    after
}

#[derive(Default, Debug)]
struct Seen {
    problems: u32,
    pairs: u32,
    free: u32,
    impossible: u32,
    pinned: u32,
    above_reduced: u32,
    chains: u32,
    worth_more: u32,
    no_place_less: u32,
}

/// One search for all rights of a left, in any order, some of them twice, tells what one for each does.
fn asked_together(choices: &Choices<'_>, problem: &Problem, left: Left, name: &str) {
    let rights = problem.pairs().rights_of(left);
    let mut asked: Vec<Right> = rights.iter().rev().copied().collect();
    asked.extend(rights.first());
    // A right that the left has no pair with, where there is one.
    asked.extend(Right::all(problem.frame().rights()).find(|right| !rights.contains(right)));
    let each: Vec<_> = asked.iter().map(|&right| choices.who_pays(left, right)).collect();
    assert_eq!(choices.who_pays_each(left, &asked), each, "{name}: {left}\n{problem:?}");
}

/// Every pair, every wait and every place of one problem, priced and solved again.
fn all_prices_hold(problem: &Problem, prices: Option<&Prices>, name: &str, seen: &mut Seen) {
    let Some(found) = solved(problem) else { return };
    let frame = problem.frame();
    let prices = prices.unwrap_or(&found.prices);
    let choices = Choices::new(problem, &found.matching, prices).expect("a certificate");
    let base = cost_of(problem, &found.matching);
    seen.problems += 1;
    let mut by_all = Vec::new();
    assert!(choices.all(&Quiet, |u, w, d| by_all.push(((u, w), d))).is_continue());
    by_all.sort_unstable();
    let mut by_row = Vec::new();
    for left in Left::all(frame.lefts()) {
        asked_together(&choices, problem, left, name);
        for (right, cost) in choices.row(left) {
            by_row.push(((left, right), cost));
            let again = forced(problem, left, right);
            let expected = least(&again).map(|cost| cost - base);
            assert_eq!(
                cost.map(i128::from),
                expected,
                "{name}: {left} {right}\n{problem:?}\n{found:?}"
            );
            assert_eq!(choices.of(left, right), cost, "{name}");
            let told = choices.who_pays(left, right);
            assert_eq!(told.as_ref().map(|told| told.cost), cost, "{name}");
            if let Some(told) = &told {
                let after = moves_hold(&again, &found.matching, base, told, name);
                assert_eq!(after.right_of(left), Some(right), "{name}");
                seen.chains += u32::from(told.moves.len() > 2);
                if frame.pinned(left).is_none() {
                    let own = match found.matching.right_of(left) {
                        Some(w) => {
                            i64::from(problem.pairs().cost(left, w).unwrap())
                                + prices.of(w).unwrap()
                        }
                        None => frame.waiting_cost(left),
                    };
                    let pair = i64::from(problem.pairs().cost(left, right).unwrap());
                    let reduced = pair + prices.of(right).unwrap() - own;
                    assert!(told.cost >= reduced && reduced >= 0, "{name}: a lower bound");
                    seen.above_reduced += u32::from(told.cost > reduced);
                }
            }
            seen.pairs += 1;
            seen.free += u32::from(cost == Some(0));
            seen.impossible += u32::from(cost.is_none());
            seen.pinned += u32::from(frame.pinned(left).is_some());
        }
        let again = nowhere(problem, left);
        let expected = least(&again).map(|cost| cost - base);
        assert_eq!(choices.waiting(left).map(i128::from), expected, "{name}: {left} waits");
        let told = choices.who_gains(left);
        assert_eq!(told.as_ref().map(|told| told.cost), choices.waiting(left), "{name}");
        if let Some(told) = &told {
            moves_hold(&again, &found.matching, base, told, name);
        }
    }
    assert_eq!(by_all, by_row, "{name}");
    for (right, worth) in Right::all(frame.rights()).zip(choices.places()) {
        assert_eq!(worth.less, choices.place_less(right), "{name}");
        assert_eq!(worth.more, choices.place_more(right), "{name}");
        let fewer = with_frame(problem, |_, capacity| {
            capacity[right.index()] = capacity[right.index()].wrapping_sub(1);
        });
        // Wrapping round is no problem with one place less.
        let fewer = fewer.filter(|fewer| fewer.frame().capacity(right) < frame.capacity(right));
        let expected = fewer.as_ref().and_then(least).map(|cost| cost - base);
        assert_eq!(worth.less.map(i128::from), expected, "{name}: {right} less\n{problem:?}");
        let told = choices.who_loses_with_a_place_less(right);
        assert_eq!(told.as_ref().map(|told| told.cost), worth.less, "{name}");
        if let (Some(told), Some(fewer)) = (&told, &fewer) {
            moves_hold(fewer, &found.matching, base, told, name);
        }
        if frame.capacity(right) < u32::MAX {
            let more = with_frame(problem, |_, capacity| capacity[right.index()] += 1).unwrap();
            let gain = base - least(&more).expect("more places break nothing");
            assert_eq!(i128::from(worth.more), gain, "{name}: {right} more\n{problem:?}");
            let told = choices.who_gains_with_a_place_more(right);
            assert_eq!(told.cost, -worth.more, "{name}");
            moves_hold(&more, &found.matching, base, &told, name);
            assert_eq!(choices.all_with_a_place_more()[right.index()], told, "{name}");
        }
        seen.worth_more += u32::from(worth.more > 0);
        seen.no_place_less += u32::from(worth.less.is_none());
    }
}

#[test]
fn every_choice_of_ten_thousand_wild_problems() {
    let mut seen = Seen::default();
    for seed in 0..10_000 {
        all_prices_hold(&graphs::wild(6, 4, seed), None, &format!("seed {seed}"), &mut seen);
    }
    assert!(seen.problems > 4_000 && seen.pairs > 30_000, "{seen:?}");
    assert!(seen.free > 5_000 && seen.impossible > 2_000 && seen.pinned > 1_000, "{seen:?}");
    assert!(seen.above_reduced > 1_000 && seen.chains > 1_000, "{seen:?}");
    assert!(seen.worth_more > 1_000 && seen.no_place_less > 500, "{seen:?}");
}

#[test]
fn every_choice_of_small_problems() {
    let mut seen = Seen::default();
    for seed in 0..600 {
        all_prices_hold(
            &graphs::wild(16, 7, 70_000 + seed),
            None,
            &format!("small {seed}"),
            &mut seen,
        );
    }
    assert!(seen.problems > 150 && seen.pairs > 5_000 && seen.chains > 500, "{seen:?}");
}

/// At the bounds of costs, waiting and capacity, with overflow checks on.
#[test]
fn the_bounds_of_the_numbers_hold() {
    let mut seen = Seen::default();
    for seed in 0..1_500 {
        all_prices_hold(&graphs::extreme(6, 4, seed), None, &format!("extreme {seed}"), &mut seen);
    }
    assert!(seen.problems > 300 && seen.pairs > 3_000, "{seen:?}");
}

/// Any prices that prove the matching give the same costs: degenerate prices have a whole range.
#[test]
fn costs_do_not_depend_on_which_prices_prove_it() {
    let (mut seen, mut others) = (Seen::default(), 0);
    for seed in 0..1_500u64 {
        let problem = graphs::wild(5, 3, 80_000 + seed);
        let Some(found) = solved(&problem) else { continue };
        for right in 0..problem.frame().rights() {
            for step in [-7, -1, 1, 7, 1 << 40] {
                let mut values = found.prices.values().to_vec();
                values[right] += step;
                let prices = Prices::new(values);
                if check(problem.frame(), problem.pairs(), &found.matching, &prices).is_ok() {
                    others += 1;
                    let name = format!("seed {seed} prices {prices:?}");
                    all_prices_hold(&problem, Some(&prices), &name, &mut seen);
                }
            }
        }
    }
    assert!(others > 500, "{others}");
}

#[test]
fn what_is_not_optimal_is_refused() {
    let problem = graphs::structured(&graphs::Spec::TINY, 1);
    let found = solved(&problem).unwrap();
    let nobody = Matching::new(vec![None; problem.frame().lefts()]);
    assert!(Choices::new(&problem, &nobody, &found.prices).is_err());
    let free = Prices::zero(problem.frame().rights());
    assert!(Choices::new(&problem, &found.matching, &free).is_err());
}

#[test]
fn a_watch_can_stop_all_of_it() {
    struct Stop;
    impl Watch for Stop {
        fn progress(&self, _: Stage, done: u64, _: u64) -> ControlFlow<()> {
            if done > 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let problem = graphs::structured(&graphs::Spec::TINY, 1);
    let found = solved(&problem).unwrap();
    let choices = Choices::new(&problem, &found.matching, &found.prices).unwrap();
    let mut told = 0;
    assert!(choices.all(&Stop, |_, _, _| told += 1).is_break());
    assert!(told > 0 && told < problem.pairs().len());
}

/// Costs of two choices do not add up, in either direction.
#[test]
fn two_choices_together_cost_more_or_less_than_their_sum() {
    let (mut more, mut less) = (0, 0);
    for seed in 0..400 {
        let problem = graphs::wild(4, 3, 90_000 + seed);
        let Some(found) = solved(&problem).filter(|found| found.matching.lefts() > 1) else {
            continue;
        };
        let choices = Choices::new(&problem, &found.matching, &found.prices).unwrap();
        for (u, w) in problem.pairs().rights_of(Left(0)).iter().map(|&w| (Left(0), w)) {
            for v in Left::all(problem.frame().lefts()).skip(1) {
                for &x in problem.pairs().rights_of(v) {
                    let both = forced(&forced(&problem, u, w), v, x);
                    let both = least(&both).map(|cost| cost - cost_of(&problem, &found.matching));
                    if let (Some(a), Some(b), Some(both)) =
                        (choices.of(u, w), choices.of(v, x), both)
                    {
                        more += u32::from(both > i128::from(a) + i128::from(b));
                        less += u32::from(both < i128::from(a) + i128::from(b));
                    }
                }
            }
        }
    }
    assert!(more > 0 && less > 0, "{more} more, {less} less");
}

/// 200 pairs of 10,000 x 1,000, each solved again: by hand, with `--ignored`, in some minutes.
#[test]
#[ignore = "solves a large problem two hundred times"]
fn two_hundred_pairs_of_a_large_problem() {
    for (waiting, seed) in [(graphs::Waiting::Zero, 1), (graphs::Waiting::Levels, 2)] {
        let problem = graphs::structured(&graphs::Spec::M.waiting(waiting), seed);
        let found = solved(&problem).unwrap();
        let choices = Choices::new(&problem, &found.matching, &found.prices).unwrap();
        let base = cost_of(&problem, &found.matching);
        let (lefts, mut positive) = (problem.frame().lefts(), 0);
        for draw in 0..100usize {
            let left = Left::from_index(draw * 7_919 % lefts).unwrap();
            let row = choices.row(left);
            let Some(&(right, cost)) = row.get(draw * 31 % row.len().max(1)) else { continue };
            let again = least(&forced(&problem, left, right)).map(|cost| cost - base);
            assert_eq!(cost.map(i128::from), again, "{left} {right}");
            positive += u32::from(cost > Some(0));
        }
        assert!(positive > 50, "{positive}");
    }
}

/// Cost of a flow, from its definition.
fn cost_of_flow(problem: &Problem, supply: &Supply, rows: &[Vec<(Right, u32)>]) -> i128 {
    let mut cost = 0;
    for (left, row) in Left::all(rows.len()).zip(rows) {
        let mut units = 0;
        for &(right, places) in row {
            let pair = problem.pairs().cost(left, right).expect("an eligible pair");
            cost += i128::from(pair) * i128::from(places);
            units += places;
        }
        let waits = i128::from(supply.wanted(left) - units);
        cost += i128::from(problem.frame().waiting_cost(left)) * waits;
    }
    cost
}

fn places_at(row: &[(Right, u32)], right: Right) -> u32 {
    row.iter().find(|place| place.0 == right).map_or(0, |place| place.1)
}

/// The least cost of the flows that hold, by enumeration.
fn least_flow(
    problem: &Problem,
    supply: &Supply,
    holds: impl Fn(&[Vec<(Right, u32)>]) -> bool,
) -> Option<i128> {
    let mut least: Option<i128> = None;
    brute::flows(problem.frame(), supply, problem.pairs(), |rows| {
        if holds(rows) {
            let cost = cost_of_flow(problem, supply, rows);
            least = Some(least.map_or(cost, |least| least.min(cost)));
        }
    });
    least
}

/// The moves make a feasible flow of `problem` that costs what they say.
fn flow_moves_hold(
    problem: &Problem,
    supply: &Supply,
    from: &Flow,
    base: i128,
    told: &Consequence,
    name: &str,
) -> Flow {
    for change in &told.moves {
        let has = change.from.map(|right| places_at(from.of(change.left), right) > 0);
        let waits = from.units(change.left) < u64::from(supply.wanted(change.left));
        assert!(has.unwrap_or(waits), "{name}: {told:?}");
        assert_ne!(change.from, change.to, "{name}");
    }
    let mut movers: Vec<Left> = told.moves.iter().map(|m| m.left).collect();
    movers.sort_unstable();
    assert!(movers.windows(2).all(|two| two[0] != two[1]), "{name}: nobody moves twice");
    let after = told.applied_to(from);
    assert!(
        brute::is_feasible(problem.frame(), supply, problem.pairs(), &after),
        "{name}: {told:?}"
    );
    let cost = cost_of_flow(problem, supply, after.rows());
    assert_eq!(cost, base + i128::from(told.cost), "{name}: {told:?}");
    after
}

#[derive(Default, Debug)]
struct FlowSeen {
    problems: u32,
    pairs: u32,
    free: u32,
    impossible: u32,
    several: u32,
    additional: u32,
    below: u32,
    chains: u32,
    worth_more: u32,
    less: u32,
    one_less: u32,
}

/// Every pair and every place of one problem where lefts want several places, priced and enumerated again.
fn all_flow_prices_hold(
    problem: &Problem,
    supply: &Supply,
    prices: Option<&Prices>,
    name: &str,
    seen: &mut FlowSeen,
) {
    let FlowOutcome::Optimal(found) = best_flow(problem, supply, &Quiet) else { return };
    let (frame, flow) = (problem.frame(), &found.flow);
    let choices = Choices::of_flow(problem, supply, flow, prices.unwrap_or(&found.prices));
    let choices = choices.expect("a certificate");
    let base = cost_of_flow(problem, supply, flow.rows());
    seen.problems += 1;
    let mut by_all = Vec::new();
    assert!(choices.all(&Quiet, |u, w, d| by_all.push(((u, w), d))).is_continue());
    by_all.sort_unstable();
    let mut by_row = Vec::new();
    for left in Left::all(frame.lefts()) {
        let at = left.index();
        let wanted = supply.wanted(left);
        // A pin that takes all that a left wants gives up one place.
        let pin = frame.pinned(left).filter(|_| supply.each(left) >= wanted);
        let open = with_frame(problem, |pins, _| {
            if pin.is_some() {
                pins[at] = None;
            }
        })
        .unwrap();
        let pin_kept =
            |row: &[(Right, u32)]| pin.is_none_or(|pin| places_at(row, pin) + 1 >= wanted);
        asked_together(&choices, problem, left, name);
        for (right, cost) in choices.row(left) {
            by_row.push(((left, right), cost));
            let expected = if places_at(flow.of(left), right) > 0 {
                Some(base)
            } else {
                least_flow(&open, supply, |rows| {
                    places_at(&rows[at], right) > 0 && pin_kept(&rows[at])
                })
            };
            assert_eq!(
                cost.map(i128::from),
                expected.map(|cost| cost - base),
                "{name}: {left} {right}\n{problem:?}\n{supply:?}\n{found:?}"
            );
            assert_eq!(choices.of(left, right), cost, "{name}");
            let told = choices.who_pays(left, right);
            assert_eq!(told.as_ref().map(|told| told.cost), cost, "{name}");
            if let Some(told) = &told {
                let after = flow_moves_hold(&open, supply, flow, base, told, name);
                assert!(places_at(after.of(left), right) > 0 && pin_kept(after.of(left)), "{name}");
                seen.chains += u32::from(told.moves.len() > 2);
                seen.below += u32::from(told.cost < 0);
                let more = after.units(left) > flow.units(left);
                seen.additional += u32::from(more && flow.units(left) > 0);
            }
            seen.pairs += 1;
            seen.free += u32::from(cost == Some(0));
            seen.impossible += u32::from(cost.is_none());
            seen.several += u32::from(flow.of(left).len() > 1);
        }
        let units = flow.units(left);
        if units == 0 || units == u64::from(wanted) {
            let expected = if units == 0 {
                Some(base)
            } else {
                least_flow(&open, supply, |rows| {
                    let row = &rows[at];
                    row.iter().map(|place| u64::from(place.1)).sum::<u64>() < units && pin_kept(row)
                })
            };
            let told = choices.who_gains(left);
            assert_eq!(
                told.as_ref().map(|told| i128::from(told.cost)),
                expected.map(|cost| cost - base),
                "{name}: {left} has one less\n{problem:?}\n{supply:?}\n{found:?}"
            );
            assert_eq!(choices.waiting(left), told.as_ref().map(|told| told.cost));
            if let Some(told) = &told {
                flow_moves_hold(&open, supply, flow, base, told, name);
            }
            seen.one_less += u32::from(units > 0 && told.is_some());
        } else {
            assert_eq!(choices.waiting(left), None, "{name}");
        }
    }
    assert_eq!(by_all, by_row, "{name}");
    for (right, worth) in Right::all(frame.rights()).zip(choices.places()) {
        let capacity = frame.capacity(right);
        let places = |places: u32| with_frame(problem, |_, all| all[right.index()] = places);
        let fewer = capacity.checked_sub(1).and_then(places);
        let expected = fewer.as_ref().and_then(|fewer| least_flow(fewer, supply, |_| true));
        let expected = expected.map(|cost| cost - base);
        assert_eq!(worth.less.map(i128::from), expected, "{name}: {right} less\n{problem:?}");
        if let (Some(told), Some(fewer)) = (choices.who_loses_with_a_place_less(right), &fewer) {
            flow_moves_hold(fewer, supply, flow, base, &told, name);
        }
        let more = places(capacity + 1).unwrap();
        let gain = base - least_flow(&more, supply, |_| true).expect("more places break nothing");
        assert_eq!(i128::from(worth.more), gain, "{name}: {right} more\n{problem:?}");
        let told = choices.who_gains_with_a_place_more(right);
        flow_moves_hold(&more, supply, flow, base, &told, name);
        seen.worth_more += u32::from(worth.more > 0);
        seen.less += u32::from(worth.less > Some(0));
    }
}

fn small_flow(seed: u64) -> (Problem, Supply) {
    let (lefts, rights, wanted) = [(4, 3, 2), (3, 3, 3), (4, 4, 2), (2, 4, 3)][(seed % 4) as usize];
    let problem = graphs::wild(lefts, rights, seed);
    let supply = graphs::wild_supply(problem.frame().lefts(), wanted, seed);
    (problem, supply)
}

#[test]
fn every_choice_of_eight_thousand_wild_problems_with_several_places() {
    let mut seen = FlowSeen::default();
    for seed in 0..8_000 {
        let (problem, supply) = small_flow(seed);
        all_flow_prices_hold(&problem, &supply, None, &format!("seed {seed}"), &mut seen);
    }
    assert!(seen.problems > 6_000 && seen.pairs > 13_000, "{seen:?}");
    assert!(seen.free > 4_500 && seen.impossible > 5_000 && seen.several > 1_500, "{seen:?}");
    assert!(seen.additional > 120 && seen.below > 20 && seen.chains > 20, "{seen:?}");
    assert!(seen.worth_more > 1_000 && seen.less > 1_000 && seen.one_less > 2_000, "{seen:?}");
}

/// At the bounds of costs, waiting and capacity, with overflow checks on; and with any prices that prove the flow.
#[test]
fn costs_of_flows_hold_at_the_bounds_and_at_other_prices() {
    let (mut seen, mut others) = (FlowSeen::default(), 0);
    for seed in 0..1_500u64 {
        let problem = graphs::wild(3, 3, 60_000 + seed);
        let supply = graphs::wild_supply(problem.frame().lefts(), 3, seed);
        let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { continue };
        for right in 0..problem.frame().rights() {
            for step in [-7, -1, 1, 7, 1 << 40] {
                let mut values = found.prices.values().to_vec();
                values[right] += step;
                let prices = Prices::new(values);
                let (frame, pairs) = (problem.frame(), problem.pairs());
                if check_flow(frame, &supply, pairs, &found.flow, &prices).is_ok() {
                    others += 1;
                    let name = format!("seed {seed} prices {prices:?}");
                    all_flow_prices_hold(&problem, &supply, Some(&prices), &name, &mut seen);
                }
            }
        }
    }
    assert!(others > 500, "{others}");
    for seed in 0..400u64 {
        // Capacities at the bound have no place more.
        let problem = graphs::extreme(4, 3, seed);
        let supply = graphs::wild_supply(problem.frame().lefts(), 2, seed);
        let problem = with_frame(&problem, |_, capacity| {
            for places in capacity.iter_mut() {
                *places = (*places).min(u32::MAX - 1);
            }
        });
        if let Some(problem) = problem {
            all_flow_prices_hold(&problem, &supply, None, &format!("extreme {seed}"), &mut seen);
        }
    }
    assert!(seen.problems > 1_000, "{seen:?}");
}

/// A larger problem whose people want two workers each: forced pairs, solved again.
#[test]
fn sampled_choices_of_a_larger_flow_are_what_solving_again_gives() {
    for (waiting, wanted, demand) in
        [(graphs::Waiting::Levels, 2, 52), (graphs::Waiting::Most, 3, 40)]
    {
        let spec = graphs::Spec::S.waiting(waiting).demand(demand);
        let problem = graphs::structured(&spec, 3);
        let lefts = problem.frame().lefts();
        let supply = Supply::new(vec![wanted; lefts], vec![0; lefts], vec![1; lefts]).unwrap();
        let solved = |problem: &Problem| match best_flow(problem, &supply, &Quiet) {
            FlowOutcome::Optimal(found) => Some(found),
            _ => None,
        };
        let found = solved(&problem).unwrap();
        let choices = Choices::of_flow(&problem, &supply, &found.flow, &found.prices).unwrap();
        let base = cost_of_flow(&problem, &supply, found.flow.rows());
        let mut costs = vec![None; problem.pairs().len()];
        let all = choices.all(&Quiet, |u, w, cost| {
            let at = problem.pairs().rights_of(u).binary_search(&w).unwrap();
            costs[problem.pairs().range(u).start + at] = cost;
        });
        assert!(all.is_continue());
        let (mut positive, mut chains) = (0, 0);
        for draw in 0..40usize {
            let left = Left::from_index(draw * 7_919 % lefts).unwrap();
            let row = choices.row(left);
            let range = problem.pairs().range(left);
            assert!(row.iter().map(|pair| pair.1).eq(costs[range].iter().copied()), "{left}");
            let Some(&(right, cost)) = row.get(draw * 31 % row.len().max(1)) else { continue };
            let again = forced(&problem, left, right);
            let best = solved(&again)
                .map(|found| cost_of_flow(&problem, &supply, found.flow.rows()) - base);
            assert_eq!(cost.map(i128::from), best, "{left} {right}");
            positive += u32::from(cost > Some(0));
            let told = choices.who_pays(left, right).unwrap();
            let after = told.applied_to(&found.flow);
            let pairs = again.pairs();
            check_flow_within(again.frame(), &supply, pairs, &after, &found.prices).unwrap();
            let after = cost_of_flow(&problem, &supply, after.rows());
            assert_eq!(after - base, i128::from(told.cost), "{left} {right}");
            chains += u32::from(told.moves.len() > 2);
        }
        assert!(positive > 15 && chains > 5, "{positive} {chains}");
    }
}
