//! Stable, in turn and greedy against their definitions, by enumeration of tiny problems.

use peermatch_assignment::{
    Frame, Left, Matching, OrdinalRejection, PairTable, RankTable, Rejection, Right, check_greedy,
    check_in_turn, check_infeasible, check_largest, check_stable,
};
use peermatch_solve::{
    OrdinalOutcome, Outcome, Proposing, Quiet, Stage, Watch, greedy, in_turn, largest, stable,
};
use peermatch_testkit::graphs::wild;
use peermatch_testkit::ordinal::{
    self, Kind, blocking_pairs, feasible, is_feasible, ranked, ranks_of,
};

use std::cell::Cell;
use std::ops::ControlFlow;

fn found(outcome: OrdinalOutcome) -> Matching {
    match outcome {
        OrdinalOutcome::Found(matching) => matching,
        other => panic!("{other:?}"),
    }
}

fn kinds() -> impl Iterator<Item = Kind> {
    (0..8u8).map(|bits| Kind {
        left_ties: bits & 1 != 0,
        right_ties: bits & 2 != 0,
        pins: bits & 4 != 0,
    })
}

/// Lefts that are not pinned and have a place.
fn served(frame: &Frame, matching: &Matching) -> Vec<Left> {
    matching.pairs().map(|pair| pair.0).filter(|&left| frame.pinned(left).is_none()).collect()
}

/// How `left` ranks what it has; waiting is below everything.
fn has(ranks: &RankTable, matching: &Matching, left: Left) -> u32 {
    matching
        .right_of(left)
        .and_then(|right| ranks_of(ranks, left, right))
        .map_or(u32::MAX, |ranks| ranks.left)
}

/// How `right` ranks the lefts it has that are not pinned, best first.
fn holds(frame: &Frame, ranks: &RankTable, matching: &Matching, right: Right) -> Vec<u32> {
    let mut all: Vec<u32> = matching
        .pairs()
        .filter(|&(left, at)| at == right && frame.pinned(left).is_none())
        .filter_map(|(left, at)| ranks_of(ranks, left, at))
        .map(|ranks| ranks.right)
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn stable_is_what_enumeration_says() {
    let (mut cases, mut matchings, mut stables, mut tight) = (0, 0, 0, 0);
    for kind in kinds() {
        for seed in 0..1_250 {
            let (frame, ranks) = ranked(5, 4, kind, seed);
            let at = format!("{kind:?}, seed {seed}: {frame:?} {ranks:?}");
            let lefts_best = found(stable(&frame, &ranks, Proposing::Lefts, &Quiet));
            let rights_best = found(stable(&frame, &ranks, Proposing::Rights, &Quiet));

            let mut all = Vec::new();
            for matching in feasible(&frame, ranks.pairs()) {
                matchings += 1;
                let blocking = blocking_pairs(&frame, &ranks, &matching);
                match check_stable(&frame, &ranks, &matching) {
                    Ok(verified) => {
                        assert_eq!(blocking, [], "{matching:?}, {at}");
                        assert_eq!(verified.assigned(), matching.assigned());
                        assert_eq!(verified.pairs_checked(), ranks.pairs().len() as u64);
                    }
                    Err(OrdinalRejection::Blocked { left, right, assigned, .. }) => {
                        assert_eq!(blocking.first(), Some(&(left, right)), "{matching:?}, {at}");
                        assert_eq!(assigned, matching.right_of(left));
                    }
                    Err(other) => panic!("{other}: {matching:?}, {at}"),
                }
                if blocking.is_empty() {
                    all.push(matching);
                }
            }
            stables += all.len();
            assert!(all.contains(&lefts_best), "{lefts_best:?}, {at}");
            assert!(all.contains(&rights_best), "{rights_best:?}, {at}");

            let largest = all.iter().map(|matching| served(&frame, matching).len()).max().unwrap();
            let size = served(&frame, &lefts_best).len();
            assert!(3 * size >= 2 * largest, "{size} of {largest}: {at}");
            assert!(2 * served(&frame, &rights_best).len() >= largest, "{at}");
            tight += usize::from(size < largest);

            if !kind.left_ties && !kind.right_ties {
                for matching in &all {
                    for left in Left::all(frame.lefts()) {
                        let rank = has(&ranks, matching, left);
                        assert!(has(&ranks, &lefts_best, left) <= rank, "{at}");
                        assert!(has(&ranks, &rights_best, left) >= rank, "{at}");
                    }
                    // Rural hospitals: the same people served, the same loads.
                    assert_eq!(served(&frame, matching), served(&frame, &lefts_best), "{at}");
                    let loads = matching.loads(frame.rights());
                    assert_eq!(loads, lefts_best.loads(frame.rights()), "{at}");
                    for right in Right::all(frame.rights()) {
                        let line = |m| holds(&frame, &ranks, m, right);
                        for (best, other) in line(&rights_best).iter().zip(line(matching)) {
                            assert!(*best <= other, "{at}");
                        }
                    }
                }
            }
            cases += 1;
        }
    }
    assert_eq!(cases, 10_000);
    // The cases are worth something: most matchings are not stable, many problems have several
    // that are, and the largest is sometimes missed.
    assert!(matchings > 8 * stables, "{matchings} matchings, {stables} stable");
    assert!(stables > cases + cases / 2, "{stables} stable in {cases} cases");
    assert!(tight > 0);
}

/// Keys from ranks, costs from both: few distinct values, so many ties.
fn costs(ranks: &RankTable, cost: impl Fn(u32, u32) -> u32) -> PairTable {
    let rows = Left::all(ranks.pairs().lefts()).map(|left| {
        let row = ranks.row(left);
        row.map(|(right, by)| (right, i32::try_from(cost(by.left, by.right)).expect("small")))
            .collect()
    });
    PairTable::from_rows(ranks.rights(), rows).expect("the rows of a table")
}

#[test]
fn in_turn_and_greedy_are_what_a_replay_says() {
    let mut random = 1u64;
    for kind in kinds() {
        for seed in 0..750 {
            let (frame, ranks) = ranked(6, 4, kind, seed);
            let at = format!("{kind:?}, seed {seed}: {frame:?} {ranks:?}");
            let pairs = costs(&ranks, |left, right| left * 2 + right);

            let taken = found(greedy(&frame, &pairs, &Quiet));
            assert_eq!(taken, ordinal::greedy(&frame, &pairs), "{at}");
            assert_eq!(check_greedy(&frame, &pairs, &taken).unwrap().matching(), &taken, "{at}");

            let mut order: Vec<Left> = Left::all(frame.lefts()).collect();
            for last in (1..order.len()).rev() {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                order.swap(last, usize::try_from(random >> 33).unwrap() % (last + 1));
            }
            let turns = found(in_turn(&frame, &pairs, &order, &Quiet));
            assert_eq!(turns, ordinal::in_turn(&frame, &pairs, &order), "{at}");
            let verified = check_in_turn(&frame, &pairs, &order, &turns).unwrap();
            assert_eq!(verified.matching(), &turns, "{at}");
            assert_eq!(verified.pairs_checked(), pairs.len() as u64, "{at}");
            // Pinned lefts may be left out of the order.
            order.retain(|&left| frame.pinned(left).is_none());
            assert_eq!(turns, found(in_turn(&frame, &pairs, &order, &Quiet)), "{at}");
            check_in_turn(&frame, &pairs, &order, &turns).unwrap();

            // Both checks accept that one matching and no other feasible one.
            if frame.lefts() <= 5 {
                for other in feasible(&frame, &pairs) {
                    let accepted = check_greedy(&frame, &pairs, &other).is_ok();
                    assert_eq!(accepted, other == taken, "{other:?}, {at}");
                    let accepted = check_in_turn(&frame, &pairs, &order, &other).is_ok();
                    assert_eq!(accepted, other == turns, "{other:?}, {at}");
                }
            }
        }
    }
}

/// Every matching that differs in one place, also out of range.
fn mutations(frame: &Frame, matching: &Matching) -> Vec<Matching> {
    let mut all = Vec::new();
    for left in 0..frame.lefts() {
        let rights = Right::all(frame.rights() + 1).map(Some).chain([None]);
        for right in rights.filter(|&right| right != matching.rights()[left]) {
            let mut rights = matching.rights().to_vec();
            rights[left] = right;
            all.push(Matching::new(rights));
        }
    }
    let mut longer = matching.rights().to_vec();
    longer.push(None);
    all.push(Matching::new(longer));
    if let Some((_, shorter)) = matching.rights().split_last() {
        all.push(Matching::new(shorter.to_vec()));
    }
    all
}

#[test]
fn a_matching_with_one_field_changed_is_refused_unless_it_is_as_good_by_definition() {
    let (mut refused, mut valid) = (0, 0);
    for kind in kinds() {
        for seed in 0..700 {
            let (frame, ranks) = ranked(5, 4, kind, seed);
            let at = format!("{kind:?}, seed {seed}: {frame:?} {ranks:?}");
            let pairs = costs(&ranks, |left, right| left + 2 * right);
            let order: Vec<Left> = Left::all(frame.lefts()).collect();

            let best = found(stable(&frame, &ranks, Proposing::Lefts, &Quiet));
            for mutant in mutations(&frame, &best) {
                let good = is_feasible(&frame, ranks.pairs(), &mutant)
                    && blocking_pairs(&frame, &ranks, &mutant).is_empty();
                assert_eq!(check_stable(&frame, &ranks, &mutant).is_ok(), good, "{mutant:?}, {at}");
                *(if good { &mut valid } else { &mut refused }) += 1;
            }
            // These two rules name one matching each: no other one passes.
            for mutant in mutations(&frame, &found(greedy(&frame, &pairs, &Quiet))) {
                assert!(check_greedy(&frame, &pairs, &mutant).is_err(), "{mutant:?}, {at}");
            }
            for mutant in mutations(&frame, &found(in_turn(&frame, &pairs, &order, &Quiet))) {
                let verdict = check_in_turn(&frame, &pairs, &order, &mutant);
                assert!(verdict.is_err(), "{mutant:?}, {at}");
            }
        }
    }
    assert!(refused > 50_000 && valid > 100, "{refused} refused, {valid} valid");
}

/// Every strict list over some of the rights of `row`, in every order.
fn reports(row: &[Right]) -> Vec<Vec<Right>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    while from < all.len() {
        for &right in row {
            if !all[from].contains(&right) {
                let mut longer = all[from].clone();
                longer.push(right);
                all.push(longer);
            }
        }
        from += 1;
    }
    all
}

/// The same problem, but `left` reports `list`, best first; the rights rank as before.
fn reporting(ranks: &RankTable, left: Left, list: &[Right]) -> RankTable {
    let (mut left_ranks, mut right_ranks) = (Vec::new(), Vec::new());
    let mut rows = Vec::new();
    for other in Left::all(ranks.pairs().lefts()) {
        let mut row = Vec::new();
        for (right, ranks) in ranks.row(other) {
            let place = list.iter().position(|&named| named == right);
            let rank = match place {
                _ if other != left => ranks.left,
                Some(place) => u32::try_from(place).expect("a short list") + 1,
                None => continue,
            };
            row.push((right, 0));
            left_ranks.push(rank);
            right_ranks.push(ranks.right);
        }
        rows.push(row);
    }
    let pairs = PairTable::from_rows(ranks.rights(), rows).expect("rows of a table");
    RankTable::new(pairs, left_ranks, right_ranks).expect("one rank per pair")
}

/// How often some left does better by some report than by its own list.
fn gains(kind: Kind, cases: u64, solve: impl Fn(&Frame, &RankTable) -> Matching) -> (u64, u64) {
    let (mut reported, mut gained) = (0, 0);
    for seed in 0..cases {
        let (frame, ranks) = ranked(4, 4, kind, seed);
        let honest = solve(&frame, &ranks);
        for left in Left::all(frame.lefts()).filter(|&left| frame.pinned(left).is_none()) {
            for list in reports(ranks.pairs().rights_of(left)) {
                let lied = solve(&frame, &reporting(&ranks, left, &list));
                reported += 1;
                gained += u64::from(has(&ranks, &lied, left) < has(&ranks, &honest, left));
            }
        }
    }
    (reported, gained)
}

#[test]
fn nobody_gains_by_a_false_list_where_the_documentation_says_so_and_somebody_does_elsewhere() {
    let strict = Kind { left_ties: false, right_ties: false, pins: false };
    let tied = Kind { right_ties: true, ..strict };
    let lefts =
        |frame: &Frame, ranks: &RankTable| found(stable(frame, ranks, Proposing::Lefts, &Quiet));
    for kind in [strict, Kind { pins: true, ..strict }] {
        let (reported, gained) = gains(kind, 1_500, lefts);
        assert!(reported > 20_000, "{reported}");
        assert_eq!(gained, 0, "of {reported}");
    }
    assert!(gains(tied, 700, lefts).1 > 0, "promotion can be had by a shorter list");

    let rights =
        |frame: &Frame, ranks: &RankTable| found(stable(frame, ranks, Proposing::Rights, &Quiet));
    assert!(gains(strict, 700, rights).1 > 0, "rights propose");

    let turns = |frame: &Frame, ranks: &RankTable| {
        let order: Vec<Left> = Left::all(frame.lefts()).rev().collect();
        found(in_turn(frame, &costs(ranks, |left, _| left), &order, &Quiet))
    };
    let any = Kind { left_ties: true, right_ties: true, pins: true };
    let (reported, gained) = gains(any, 1_500, turns);
    assert!(reported > 15_000, "{reported}");
    assert_eq!(gained, 0, "of {reported}");
}

#[test]
fn by_the_same_strict_costs_greedy_is_the_one_stable_matching() {
    for seed in 0..3_000 {
        let kind = Kind { left_ties: false, right_ties: false, pins: seed % 2 == 0 };
        let (frame, ranks) = ranked(6, 5, kind, seed);
        // Costs that differ pair by pair: the ranks of a pair first, where it stands second.
        let rows = Left::all(frame.lefts()).map(|left| {
            let cost = |right: Right, by: u32| by * 64 + left.0 * 8 + right.0;
            let row = ranks.row(left).map(|(right, by)| (right, cost(right, by.left + by.right)));
            row.map(|(right, cost)| (right, i32::try_from(cost).expect("small"))).collect()
        });
        let pairs = PairTable::from_rows(frame.rights(), rows).unwrap();
        let taken = found(greedy(&frame, &pairs, &Quiet));
        let ranks = RankTable::by_cost(pairs);
        for proposing in [Proposing::Lefts, Proposing::Rights] {
            assert_eq!(found(stable(&frame, &ranks, proposing, &Quiet)), taken, "seed {seed}");
        }
        let all = feasible(&frame, ranks.pairs()).into_iter();
        let stables = all.filter(|matching| blocking_pairs(&frame, &ranks, matching).is_empty());
        if frame.lefts() <= 5 {
            assert_eq!(stables.collect::<Vec<_>>(), [taken], "seed {seed}");
        }
    }
}

#[test]
fn greedy_is_stable_when_costs_tie() {
    for seed in 0..3_000 {
        let any = Kind { left_ties: true, right_ties: true, pins: true };
        let (frame, ranks) = ranked(8, 6, any, seed);
        let pairs = costs(&ranks, |left, right| left + right);
        let taken = found(greedy(&frame, &pairs, &Quiet));
        let ranks = RankTable::by_cost(pairs);
        check_stable(&frame, &ranks, &taken).unwrap();
        // Competition ranks: one more than the number of pairs that cost less.
        for left in Left::all(frame.lefts()) {
            for (right, by) in ranks.row(left) {
                let cost = ranks.pairs().cost(left, right).unwrap();
                let row = ranks.pairs().row(left).filter(|&(_, other)| other < cost).count();
                let column = Left::all(frame.lefts())
                    .filter_map(|left| ranks.pairs().cost(left, right))
                    .filter(|&other| other < cost)
                    .count();
                assert_eq!((by.left as usize, by.right as usize), (row + 1, column + 1));
            }
        }
    }
}

#[test]
fn the_largest_is_what_enumeration_says_and_proven() {
    let (mut solved, mut impossible) = (0, 0);
    for seed in 0..3_000 {
        let problem = wild(5, 4, seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let sizes = feasible(frame, pairs).into_iter().filter(|matching| {
            let loads = matching.loads(frame.rights());
            loads.iter().zip(frame.minimums()).all(|(load, minimum)| load >= minimum)
        });
        let most = sizes.map(|matching| matching.assigned()).max();
        match largest(frame, pairs, &Quiet) {
            Outcome::Optimal(found) => {
                let proven = check_largest(frame, pairs, &found.matching, &found.prices).unwrap();
                assert_eq!(Some(proven.assigned()), most, "seed {seed}");
                assert_eq!(proven.pairs_checked(), pairs.len() as u64);
                solved += 1;
                // One less is refused: not the largest, or not feasible.
                let mut fewer = found.matching.rights().to_vec();
                if let Some(right) = fewer.iter_mut().find(|right| right.is_some()) {
                    *right = None;
                    let fewer = Matching::new(fewer);
                    assert!(check_largest(frame, pairs, &fewer, &found.prices).is_err());
                }
            }
            Outcome::Infeasible(prices) => {
                assert_eq!(most, None, "seed {seed}");
                check_infeasible(frame, pairs, &prices).unwrap();
                impossible += 1;
            }
            Outcome::Cancelled => panic!("nobody stopped it"),
        }
    }
    assert!(solved > 2_000 && impossible > 50, "{solved} solved, {impossible} impossible");
}

#[test]
fn pins_that_cannot_be_kept_are_proven_impossible_by_every_rule() {
    let row = || vec![(Right(0), 0), (Right(1), 0)];
    let pairs = PairTable::from_rows(3, [row(), row(), row()]).unwrap();
    let ranks = RankTable::by_cost(pairs.clone());
    let order = [Left(0), Left(1), Left(2)];
    for pins in [vec![Some(Right(0)), None, Some(Right(0))], vec![None, Some(Right(2)), None]] {
        let frame = Frame::new(vec![0; 3], pins, vec![1, 1, 1], vec![0; 3]).unwrap();
        for outcome in [
            stable(&frame, &ranks, Proposing::Lefts, &Quiet),
            stable(&frame, &ranks, Proposing::Rights, &Quiet),
            in_turn(&frame, &pairs, &order, &Quiet),
            greedy(&frame, &pairs, &Quiet),
        ] {
            let OrdinalOutcome::Infeasible(prices) = outcome else { panic!("{outcome:?}") };
            check_infeasible(&frame, &pairs, &prices).unwrap();
        }
    }
}

/// Stops at the first call of one stage.
struct StopAt(Stage, Cell<bool>);

impl Watch for StopAt {
    fn progress(&self, stage: Stage, _: u64, _: u64) -> ControlFlow<()> {
        if stage == self.0 {
            self.1.set(true);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn every_rule_stops_when_asked_to() {
    let any = Kind { left_ties: true, right_ties: true, pins: false };
    let (frame, ranks) = ordinal::wide(200, 20, 5, 120, any, 1);
    let pairs = ranks.pairs();
    let order: Vec<Left> = Left::all(frame.lefts()).collect();
    for stage in [Stage::Sorting, Stage::Proposing] {
        for rule in 0..4 {
            let watch = StopAt(stage, Cell::new(false));
            let outcome = match rule {
                0 => stable(&frame, &ranks, Proposing::Lefts, &watch),
                1 => stable(&frame, &ranks, Proposing::Rights, &watch),
                2 => greedy(&frame, pairs, &watch),
                _ => in_turn(&frame, pairs, &order, &watch),
            };
            // Serving in turn sorts nothing, so nobody is asked while sorting.
            assert_eq!(watch.1.get(), rule != 3 || stage != Stage::Sorting, "{rule}, {stage:?}");
            assert_eq!(outcome == OrdinalOutcome::Cancelled, watch.1.get(), "{rule}, {stage:?}");
        }
    }
}

#[test]
fn larger_markets_are_stable_within_two_thirds_of_the_largest_matching() {
    for (seed, kind) in (0..4).flat_map(|seed| kinds().map(move |kind| (seed, kind))) {
        let (frame, ranks) = ordinal::wide(3_000, 400, 6, 110, kind, seed);
        let Outcome::Optimal(most) = largest(&frame, ranks.pairs(), &Quiet) else { panic!() };
        let most = check_largest(&frame, ranks.pairs(), &most.matching, &most.prices).unwrap();
        for proposing in [Proposing::Lefts, Proposing::Rights] {
            let matching = found(stable(&frame, &ranks, proposing, &Quiet));
            let size = check_stable(&frame, &ranks, &matching).unwrap().assigned();
            // Any stable matching is maximal, so at least half; Király's at least two thirds of
            // the largest stable one, which the largest of all bounds from above.
            assert!(size <= most.assigned() && 2 * size >= most.assigned());
        }
    }
}

#[test]
fn promotion_and_moving_serve_more_than_ties_broken_by_index() {
    let (mut promoted, mut broken, mut most) = (0, 0, 0);
    for seed in 0..40 {
        let tied = Kind { left_ties: true, right_ties: true, pins: false };
        let (frame, ranks) = ordinal::wide(600, 300, 3, 100, tied, seed);
        let Outcome::Optimal(largest) = largest(&frame, ranks.pairs(), &Quiet) else { panic!() };
        most += largest.matching.assigned();
        promoted += found(stable(&frame, &ranks, Proposing::Lefts, &Quiet)).assigned();
        // Rights that propose go by ties broken by index on both sides.
        broken += found(stable(&frame, &ranks, Proposing::Rights, &Quiet)).assigned();
    }
    assert!(broken < promoted && promoted <= most, "{broken}, {promoted}, {most}");
    // A good part of the gap to the largest matching of all, which need not be stable.
    assert!(4 * (promoted - broken) > most - broken, "{broken}, {promoted}, {most}");
}

#[test]
fn what_does_not_go_together_is_refused_in_words() {
    let (frame, ranks) = ordinal::wide(5, 4, 3, 100, Kind::default(), 1);
    let keys = ranks.pairs();
    let matching = found(greedy(&frame, keys, &Quiet));
    let order: Vec<Left> = Left::all(frame.lefts()).collect();
    let turn = |order: &[Left]| check_in_turn(&frame, keys, order, &matching).unwrap_err();
    let last = order[order.len() - 1];
    assert_eq!(turn(&order[..order.len() - 1]), OrdinalRejection::OrderMisses { left: last });
    let twice: Vec<Left> = order.iter().copied().chain([last]).collect();
    assert_eq!(turn(&twice), OrdinalRejection::OrderTwice { left: last });
    let beyond = Left(u32::try_from(order.len()).unwrap());
    let nobody: Vec<Left> = order.iter().copied().chain([beyond]).collect();
    let lefts = order.len();
    assert_eq!(turn(&nobody), OrdinalRejection::OrderNamesNobody { left: beyond, lefts });

    // A minimum that is not reached is no business of these rules, but not feasible either.
    let frame = Frame::new(vec![0], vec![None], vec![1], vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, [vec![]]).unwrap();
    let below = OrdinalRejection::Feasibility(Rejection::BelowMinimum {
        right: Right(0),
        load: 0,
        minimum: 1,
    });
    let waits = Matching::new(vec![None]);
    let ranks = RankTable::by_cost(pairs.clone());
    assert_eq!(check_stable(&frame, &ranks, &waits).unwrap_err(), below);
    assert_eq!(check_greedy(&frame, &pairs, &waits).unwrap_err(), below);
    assert_eq!(check_in_turn(&frame, &pairs, &[Left(0)], &waits).unwrap_err(), below);

    let frame = Frame::simple(1, 0, vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)]]).unwrap();
    let zero = RankTable::new(pairs, vec![0], vec![1]).unwrap();
    assert_eq!(
        check_stable(&frame, &zero, &waits).unwrap_err(),
        OrdinalRejection::RankZero { left: Left(0), right: Right(0) }
    );
    let ranks = RankTable::by_cost(zero.pairs().clone());
    assert_eq!(
        check_stable(&frame, &ranks, &waits).unwrap_err().to_string(),
        "left 0 and right 0 block the matching: left 0 ranks right 0 above waiting, and right 0 \
         has a place to spare (0 of 1 taken)"
    );
}

#[test]
#[ignore = "seconds long without contention; run with --release for the figure"]
fn a_million_lefts_are_matched_and_checked() {
    for ties in [false, true] {
        let kind = Kind { left_ties: ties, right_ties: ties, pins: false };
        let (frame, ranks) = ordinal::wide(1_000_000, 100_000, 10, 105, kind, 1);
        let matching = found(stable(&frame, &ranks, Proposing::Lefts, &Quiet));
        let size = check_stable(&frame, &ranks, &matching).unwrap().assigned();
        assert!(size > 950_000, "{size}");
    }
}
