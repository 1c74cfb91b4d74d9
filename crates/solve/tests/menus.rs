//! Menus and lotteries against enumeration: every combination of picks, every set of people who could be given a choice.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::lottery::{Marginals, capped, check_outcome};
use peermatch_assignment::{
    Frame, Left, PairTable, Prices, Problem, Right, check_flow, check_safe_menus,
};
use peermatch_solve::choice::Choices;
use peermatch_solve::lottery::draw;
use peermatch_solve::menus::{MenusOutcome, SafeMenus, by_loss, live_menu, safe_menus};
use peermatch_solve::transport::{FlowOutcome, best_flow};
use peermatch_solve::{Outcome, Quiet, best_total};
use peermatch_testkit::brute::{self, Brute};
use peermatch_testkit::graphs;

/// A tiny problem without minimums; pins that share too few places are taken out.
fn tiny(seed: u64) -> Problem {
    let wild = graphs::wild(4, 4, seed);
    let frame = wild.frame();
    let mut left_over = frame.capacities().to_vec();
    let pins = Left::all(frame.lefts())
        .map(|left| {
            let right = frame.pinned(left)?;
            let keeps = wild.pairs().cost(left, right).is_some() && left_over[right.index()] > 0;
            if keeps {
                left_over[right.index()] -= 1;
            }
            keeps.then_some(right)
        })
        .collect();
    let minimums = vec![0; frame.rights()];
    let frame =
        Frame::new(frame.waiting_costs().to_vec(), pins, frame.capacities().to_vec(), minimums);
    Problem::new(frame.unwrap(), wild.pairs().clone()).unwrap()
}

fn asked(problem: &Problem) -> Vec<Left> {
    Left::all(problem.frame().lefts())
        .filter(|&left| problem.frame().pinned(left).is_none())
        .collect()
}

fn menus(problem: &Problem, size: u32) -> SafeMenus {
    match safe_menus(problem, &asked(problem), size, &Quiet) {
        MenusOutcome::Found(found) => found,
        MenusOutcome::Cancelled => panic!("nobody cancelled"),
    }
}

fn residual(problem: &Problem) -> Vec<u32> {
    let mut residual = problem.frame().capacities().to_vec();
    for pin in problem.frame().pins().iter().flatten() {
        residual[pin.index()] -= 1;
    }
    residual
}

/// Every combination of picks, each as the pick of every left.
fn combinations(menus: &[Vec<Right>]) -> Vec<Vec<Option<Right>>> {
    let mut all = vec![Vec::new()];
    for menu in menus {
        let picks = || std::iter::once(None).chain(menu.iter().copied().map(Some));
        all = all
            .iter()
            .flat_map(|before: &Vec<Option<Right>>| {
                picks().map(move |pick| [before.as_slice(), &[pick]].concat())
            })
            .collect();
    }
    all
}

/// Cost of the picks less the least cost for those who picked, alone with the residual places; `None` if the picks cannot be kept.
fn loss(problem: &Problem, picks: &[Option<Right>]) -> Option<i128> {
    let residual = residual(problem);
    let mut loads = vec![0; residual.len()];
    let mut cost = 0;
    let (mut waiting, mut rows) = (Vec::new(), Vec::new());
    for (left, pick) in Left::all(picks.len()).zip(picks) {
        let Some(right) = *pick else { continue };
        loads[right.index()] += 1;
        cost += i128::from(problem.pairs().cost(left, right).unwrap());
        waiting.push(problem.frame().waiting_cost(left));
        rows.push(problem.pairs().row(left).collect());
    }
    if loads.iter().zip(&residual).any(|(load, places)| load > places) {
        return None;
    }
    let pins = vec![None; waiting.len()];
    let frame = Frame::new(waiting, pins, residual.clone(), vec![0; residual.len()]).unwrap();
    let pairs = PairTable::from_rows(residual.len(), rows).unwrap();
    let Brute::Optimal { cost: best, .. } = brute::best_total(&Problem::new(frame, pairs).unwrap())
    else {
        panic!("without minimums and pins something is feasible")
    };
    Some(cost - best)
}

#[test]
fn no_combination_of_picks_is_infeasible_or_loses_more_than_the_bound() {
    let (mut choosing, mut combined, mut costly) = (0, 0, 0);
    for seed in 0..6_000 {
        let problem = tiny(20_000_000 + seed);
        let size = 2 + u32::try_from(seed % 2).unwrap();
        let found = menus(&problem, size);
        let safe = check_safe_menus(problem.frame(), problem.pairs(), &found.menus, &found.prices)
            .unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        choosing += found.menus.iter().filter(|menu| menu.len() > 1).count();
        let mut worst = 0;
        let any_prices = Prices::new(
            (0..problem.frame().rights())
                .map(|w| i64::try_from((w + 7) * 13 % 31).unwrap())
                .collect(),
        );
        let looser =
            check_safe_menus(problem.frame(), problem.pairs(), &found.menus, &any_prices).unwrap();
        for picks in combinations(&found.menus) {
            let loss = loss(&problem, &picks)
                .unwrap_or_else(|| panic!("seed {seed}: {picks:?} cannot be kept"));
            assert!(loss <= safe.loss_most(), "seed {seed}: {picks:?} loses {loss}");
            assert!(loss <= looser.loss_most(), "seed {seed}: any prices bound it");
            worst = worst.max(loss);
            combined += 1;
        }
        assert_eq!(worst, safe.loss_most(), "seed {seed}: the bound is not reached");
        costly += usize::from(worst > 0);
    }
    assert!(
        choosing > 2_000 && combined > 20_000 && costly > 1_000,
        "{choosing} {combined} {costly}"
    );
}

/// One menu more than there are places, and some combination cannot be kept: the condition is exact.
#[test]
fn what_the_checker_refuses_can_go_wrong() {
    let mut refused = 0;
    for seed in 0..6_000 {
        let problem = tiny(21_000_000 + seed);
        // Everybody asked gets their first two options, whatever the places.
        let all: Vec<Vec<Right>> = Left::all(problem.frame().lefts())
            .map(|left| match problem.frame().pinned(left) {
                Some(_) => Vec::new(),
                None => problem.pairs().rights_of(left).iter().copied().take(2).collect(),
            })
            .collect();
        let prices = Prices::zero(problem.frame().rights());
        let judged = check_safe_menus(problem.frame(), problem.pairs(), &all, &prices);
        let wrong = combinations(&all).iter().any(|picks| loss(&problem, picks).is_none());
        assert_eq!(judged.is_err(), wrong, "seed {seed}: {judged:?}");
        refused += usize::from(wrong);
    }
    assert!((1_000..5_500).contains(&refused), "{refused}");
}

/// The same for one left, of whose row `need` rights are wanted yet.
fn choose(
    problem: &Problem,
    row: &[Right],
    need: u32,
    rest: &[(Left, u32)],
    residual: &mut [u32],
) -> bool {
    if need == 0 {
        return together(problem, rest, residual);
    }
    let Some((&right, others)) = row.split_first() else { return false };
    if residual[right.index()] > 0 {
        residual[right.index()] -= 1;
        if choose(problem, others, need - 1, rest, residual) {
            residual[right.index()] += 1;
            return true;
        }
        residual[right.index()] += 1;
    }
    choose(problem, others, need, rest, residual)
}

/// Whether `needs` options each can be given out together: plain search.
fn together(problem: &Problem, needs: &[(Left, u32)], residual: &mut [u32]) -> bool {
    let Some((&(left, need), rest)) = needs.split_first() else { return true };
    let row = problem.pairs().rights_of(left).to_vec();
    choose(problem, &row, need, rest, residual)
}

#[test]
fn safe_menus_go_by_waiting_order_and_spread_evenly() {
    let (mut left_out, mut third) = (0, 0);
    for seed in 0..6_000 {
        let problem = tiny(22_000_000 + seed);
        let found = menus(&problem, 3);
        let mut residual = residual(&problem);
        let mut chosen: Vec<(Left, u32)> = Vec::new();
        for left in asked(&problem) {
            let open = problem.pairs().rights_of(left).iter();
            let open = open.filter(|right| residual[right.index()] > 0).count();
            let need = u32::try_from(open.min(2)).unwrap();
            let with = [chosen.as_slice(), &[(left, need)]].concat();
            let menu = found.menus[left.index()].len();
            if need > 0 && together(&problem, &with, &mut residual) {
                chosen = with;
                assert!(menu >= need as usize, "seed {seed}: {left} could have {need} options");
                third += usize::from(menu > 2);
            } else {
                assert_eq!(menu, 0, "seed {seed}: {left}");
                left_out += usize::from(need > 0);
            }
        }
        // No third option could have been given to one person more.
        let now: Vec<(Left, u32)> = chosen
            .iter()
            .map(|&(left, _)| (left, u32::try_from(found.menus[left.index()].len()).unwrap()))
            .collect();
        for at in 0..now.len() {
            if now[at].1 == 2 {
                let mut more = now.clone();
                more[at].1 = 3;
                assert!(!together(&problem, &more, &mut residual), "seed {seed}: one more option");
            }
        }
    }
    assert!(left_out > 500 && third > 300, "{left_out} {third}");
}

#[test]
fn a_live_menu_shows_what_it_may_and_no_more() {
    let mut shown = 0;
    for seed in 0..1_000 {
        let problem = tiny(23_000_000 + seed);
        let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { continue };
        let choices = Choices::new(&problem, &found.matching, &found.prices).unwrap();
        for left in asked(&problem) {
            let options = by_loss(&choices, left);
            assert!(options.is_sorted());
            for (most, beyond) in [(0, 0), (2, 2), (0, 5), (3, i64::MAX)] {
                let menu = live_menu(options.iter().copied(), 2, most, beyond);
                assert!(options.starts_with(&menu) && menu.len() <= 2);
                for (place, option) in menu.iter().enumerate() {
                    assert!(option.loss <= most || (place < 2 && option.loss <= beyond));
                }
                let next = options.get(menu.len());
                assert!(menu.len() == 2 || next.is_none_or(|o| o.loss > most && o.loss > beyond));
                shown += menu.len();
            }
            if let Some(own) = found.matching.right_of(left) {
                assert!(options.iter().any(|o| o.right == own && o.loss == 0), "seed {seed}");
            }
        }
    }
    assert!(shown > 2_000, "{shown}");
}

#[test]
fn capped_lotteries_are_proven_and_drawn() {
    let mut capped_out = 0;
    for seed in 0..2_000 {
        let problem = tiny(24_000_000 + seed);
        let (parts, cap) = [(2, 1), (6, 2), (12, 5), (1, 1)][usize::try_from(seed % 4).unwrap()];
        let (frame, supply) = capped(problem.frame(), problem.pairs(), parts, cap).unwrap();
        let wide = Problem::new(frame, problem.pairs().clone()).unwrap();
        let FlowOutcome::Optimal(found) = best_flow(&wide, &supply, &Quiet) else {
            panic!("seed {seed}: pins fit, so a lottery is feasible")
        };
        check_flow(wide.frame(), &supply, wide.pairs(), &found.flow, &found.prices)
            .unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let marginals = Marginals::of_flow(parts, &found.flow);
        for left in asked(&problem) {
            for &(_, units) in marginals.of(left) {
                let degree = problem.pairs().rights_of(left).len() as u64;
                assert!(units <= u64::from(cap).max(u64::from(parts).div_ceil(degree)));
                capped_out += usize::from(units < u64::from(parts));
            }
        }
        let mut state = seed;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % bound
        };
        for _ in 0..3 {
            let drawn = draw(&marginals, wide.frame().rights(), &mut below, &Quiet).unwrap();
            check_outcome(wide.frame().rights(), &marginals, &drawn).unwrap();
            for (right, load) in
                Right::all(wide.frame().rights()).zip(drawn.loads(wide.frame().rights()))
            {
                assert!(load <= problem.frame().capacity(right), "seed {seed}");
            }
            for left in Left::all(drawn.lefts()) {
                if let Some(pin) = problem.frame().pinned(left) {
                    assert_eq!(drawn.right_of(left), Some(pin), "seed {seed}");
                }
            }
        }
    }
    assert!(capped_out > 1_000, "{capped_out}");
}
