//! Stable, in turn and greedy against their definitions, by enumeration of tiny problems.

use peermatch_assignment::{
    Frame, Left, Matching, OrdinalRejection, PairTable, RankTable, Right, check_greedy,
    check_in_turn, check_stable,
};
use peermatch_solve::{OrdinalOutcome, Proposing, Quiet, greedy, in_turn, stable};
use peermatch_testkit::ordinal::{
    self, Kind, blocking_pairs, feasible, is_feasible, ranked, ranks_of,
};

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
