//! Menus and lotteries of whole rosters: every combination of picks is kept and bounded, answers go from state to state, documents that
//! were tampered with are refused, and the sheet of a person holds nothing hidden.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{Frame, Left, PairTable, Problem, Right, check};
use peermatch_core::lottery::{self, Chance, LotteryDocument, LotteryObjective, LotteryRequest};
use peermatch_core::menu::{
    Answer, MOST_LOSS, MenuDocument, MenuError, MenuKind, MenuMode, MenuRequest, choose,
    for_coordinator, for_person, make, resolve, verify,
};
use peermatch_core::objective;
use peermatch_core::pair::Context;
use peermatch_core::report::Exact;
use peermatch_model::policy::Policy;
use peermatch_model::raw::Field;
use peermatch_model::roster::{Roster, UserIx};
use peermatch_model::words::{Coverage, Objective};
use peermatch_solve::{Outcome, Quiet, Stage, Watch, best_total};
use peermatch_testkit::rosters::{self, Spec};
use std::ops::ControlFlow;

fn request(mode: MenuMode, seed: u64) -> MenuRequest {
    MenuRequest { asked: None, size: 3, mode, seed, most_loss: MOST_LOSS }
}

/// Half of them with everything in the way, pins and minimums included; half with room to choose.
fn spec(seed: u64) -> Spec {
    if seed.is_multiple_of(2) {
        return Spec::SMALL;
    }
    let mut spec = Spec::SERVICE.sized(14, 12);
    spec.areas = 1;
    spec.services = 1;
    spec.must_percent = 0;
    spec
}

/// Everything about one roster that checking picks needs.
struct Facts {
    pairs: PairTable,
    waiting: Vec<i64>,
    places: Vec<u32>,
    menus: Vec<(Left, Vec<Right>)>,
    loss_most: i128,
}

fn facts(cx: &Context<'_>, document: &MenuDocument) -> Facts {
    let people = objective::people_to_match(cx.roster);
    let frame = objective::frame(cx, &people).unwrap();
    let left = |id: &str| {
        let user = cx.roster.find_user(id).unwrap();
        Left::from_index(people.binary_search(&user).unwrap()).unwrap()
    };
    let right = |id: &String| objective::right_of(cx.roster.find_worker(id).unwrap());
    let mut places = frame.capacities().to_vec();
    for pin in frame.pins().iter().flatten() {
        places[pin.index()] -= 1;
    }
    let menus = document.menus.iter().filter(|menu| !menu.held.is_empty());
    let menus = menus.map(|menu| (left(&menu.person_id), menu.held.iter().map(right).collect()));
    Facts {
        pairs: objective::pairs(cx, &people).unwrap(),
        waiting: frame.waiting_costs().to_vec(),
        places,
        menus: menus.collect(),
        loss_most: document.certificate.safe.as_ref().unwrap().loss_most.0,
    }
}

/// Cost of the picks less the least cost for those who picked, with the places that no pin holds. Panics if a pick cannot be kept.
fn loss(facts: &Facts, picks: &[Option<Right>]) -> i128 {
    let mut loads = vec![0; facts.places.len()];
    let (mut waiting, mut rows, mut cost) = (Vec::new(), Vec::new(), 0i128);
    for ((left, _), pick) in facts.menus.iter().zip(picks) {
        let Some(right) = pick else { continue };
        loads[right.index()] += 1;
        cost += i128::from(facts.pairs.cost(*left, *right).expect("options are eligible"));
        waiting.push(facts.waiting[left.index()]);
        rows.push(facts.pairs.row(*left).collect());
    }
    let kept = loads.iter().zip(&facts.places).all(|(load, places)| load <= places);
    assert!(kept, "{picks:?} cannot all be kept");
    let (n, k) = (waiting.len(), facts.places.len());
    let frame = Frame::new(waiting, vec![None; n], facts.places.clone(), vec![0; k]).unwrap();
    let pairs = PairTable::from_rows(k, rows).unwrap();
    let problem = Problem::new(frame, pairs).unwrap();
    let Outcome::Optimal(found) = best_total(&problem, &Quiet) else {
        panic!("no minimums, no pins")
    };
    let best = check(problem.frame(), problem.pairs(), &found.matching, &found.prices).unwrap();
    cost - best.cost()
}

/// Tries combinations of picks: all of them if there are at most `exhaustive`, else `sampled` random ones and the dearest of all.
fn try_picks(facts: &Facts, exhaustive: u64, sampled: u64, seed: u64) -> u64 {
    let ways: Vec<u64> = facts.menus.iter().map(|(_, menu)| menu.len() as u64 + 1).collect();
    let all = ways.iter().try_fold(1u64, |all, ways| all.checked_mul(*ways));
    let pick = |menu: &[Right], way: u64| menu.get(usize::try_from(way).unwrap()).copied();
    let bounded = |picks: &[Option<Right>]| {
        let loss = loss(facts, picks);
        assert!(loss <= facts.loss_most, "{picks:?} loses {loss}, above {}", facts.loss_most);
    };
    // Everybody takes the dearest option: the worst by the bound's own reading.
    let dearest = facts.menus.iter().map(|(left, menu)| {
        menu.iter().copied().max_by_key(|right| facts.pairs.cost(*left, *right))
    });
    bounded(&dearest.collect::<Vec<_>>());
    if let Some(all) = all.filter(|all| *all <= exhaustive) {
        for mut number in 0..all {
            let picks = facts.menus.iter().zip(&ways).map(|((_, menu), ways)| {
                let way = number % ways;
                number /= ways;
                pick(menu, way)
            });
            bounded(&picks.collect::<Vec<_>>());
        }
        return all;
    }
    let mut state = seed;
    for _ in 0..sampled {
        let picks = facts.menus.iter().zip(&ways).map(|((_, menu), ways)| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            pick(menu, (state >> 33) % ways)
        });
        bounded(&picks.collect::<Vec<_>>());
    }
    sampled
}

fn safe_menus_hold(rosters: u64, exhaustive: u64, sampled: u64) {
    let policy = Policy::shipped();
    let (mut tried, mut with_choice) = (0, 0);
    for seed in 0..rosters {
        let roster = rosters::roster(&spec(seed), 40_000 + seed);
        let cx = Context::new(&roster, &policy);
        let document = match make(&cx, &request(MenuMode::Safe, seed), &Quiet) {
            Ok(document) => document,
            Err(MenuError::Infeasible(_)) => continue,
            Err(error) => panic!("roster {seed}: {error}"),
        };
        let facts = facts(&cx, &document);
        with_choice += facts.menus.iter().filter(|(_, menu)| menu.len() > 1).count();
        tried += try_picks(&facts, exhaustive, sampled, seed);
    }
    assert!(
        with_choice as u64 > rosters,
        "{with_choice} people with a choice on {rosters} rosters"
    );
    assert!(tried > 5 * rosters, "{tried} combinations");
}

/// 1,000 random rosters; at most 40 combinations exhaustively, else 12 random ones each and the dearest: the whole is
/// [`no_combination_of_picks_breaks_a_safe_menu_at_length`].
#[test]
fn no_combination_of_picks_breaks_a_safe_menu() {
    safe_menus_hold(1_000, 40, 12);
}

/// By hand: `cargo test --release -p peermatch-core --test menu -- --ignored`.
#[test]
#[ignore = "10,000 combinations on each of 1,000 rosters take minutes"]
fn no_combination_of_picks_breaks_a_safe_menu_at_length() {
    safe_menus_hold(1_000, 2_000, 10_000);
}

/// Who is asked alone has at least two options wherever two workers could be had without a place lost for somebody who has waited
/// longer: judged by solving again with each eligible worker forced. Nobody who has waited longer loses a place to any option.
#[test]
fn one_person_asked_has_a_choice_where_there_is_one_to_be_had() {
    let policy = Policy::shipped();
    let (mut chose, mut cost_a_place, mut told_so) = (0, 0, 0);
    for seed in 0..60 {
        let roster = rosters::roster(&spec(seed), 70_000 + seed);
        let cx = Context::new(&roster, &policy);
        let people = objective::people_to_match(&roster);
        let Ok(frame) = objective::frame(&cx, &people) else { continue };
        let pairs = objective::pairs(&cx, &people).unwrap();
        let mut pinned = vec![0; frame.rights()];
        for pin in frame.pins().iter().flatten() {
            pinned[pin.index()] += 1;
        }
        // Menus promise no minimums beyond what pins meet.
        let minimums: Vec<u32> =
            frame.minimums().iter().zip(&pinned).map(|(least, pins)| *least.min(pins)).collect();
        let served = |forced: Option<(Left, Right)>| {
            let mut pins = frame.pins().to_vec();
            if let Some((left, right)) = forced {
                pins[left.index()] = Some(right);
            }
            let places = frame.capacities().to_vec();
            let waiting = frame.waiting_costs().to_vec();
            let frame = Frame::new(waiting, pins, places, minimums.clone()).ok()?;
            let problem = Problem::new(frame, pairs.clone()).unwrap();
            match best_total(&problem, &Quiet) {
                Outcome::Optimal(found) => Some(found.matching),
                _ => None,
            }
        };
        let Some(best) = served(None) else { continue };
        for left in Left::all(frame.lefts()).filter(|left| frame.pinned(*left).is_none()) {
            let user = people[left.index()];
            let id = &roster.user(user).id;
            let lost = |right: Right| {
                let forced = served(Some((left, right)))?;
                let lost = |other: &Left| {
                    best.right_of(*other).is_some() && forced.right_of(*other).is_none()
                };
                Some(Left::all(frame.lefts()).filter(lost).collect::<Vec<_>>())
            };
            let to_be_had = |right: &&Right| {
                lost(**right).is_some_and(|lost| lost.iter().all(|other| *other >= left))
            };
            let open = pairs.rights_of(left).iter().filter(to_be_had).count();
            for mode in [MenuMode::Safe, MenuMode::Live] {
                let request = MenuRequest { asked: Some(vec![user]), ..request(mode, seed) };
                let document = make(&cx, &request, &Quiet).unwrap();
                verify(&cx, &document).unwrap();
                let options = &document.menus[0].options;
                assert!(options.len() >= open.min(2), "roster {seed}, {id}: {open} to be had");
                chose += usize::from(options.len() > 1);
                let note = for_coordinator(&cx, &document).unwrap().people[0].note.clone();
                for option in options {
                    let right = objective::right_of(roster.find_worker(&option.worker_id).unwrap());
                    let lost = lost(right).unwrap();
                    assert!(
                        lost.iter().all(|other| *other > left),
                        "roster {seed}, {id}: {lost:?}"
                    );
                    if let [_, ..] = lost[..] {
                        cost_a_place += 1;
                        let said = format!("{} means that one person would wait", option.worker_id);
                        told_so += usize::from(note.contains(&said));
                    }
                }
            }
        }
    }
    assert!(chose > 100 && cost_a_place > 5, "{chose} {cost_a_place}");
    assert_eq!(told_so, cost_a_place, "a place that a choice costs is told");
}

fn roster(seed: u64) -> Roster {
    rosters::roster(&spec(1), 50_000 + seed)
}

#[test]
fn answers_go_from_state_to_state_and_the_ledger_adds_up() {
    let policy = Policy::shipped();
    let (mut live_picks, mut refused, mut changed) = (0, 0, 0);
    for seed in 0..15 {
        let roster = roster(seed);
        let cx = Context::new(&roster, &policy);
        for mode in [MenuMode::Safe, MenuMode::Live] {
            let Ok(mut document) = make(&cx, &request(mode, seed), &Quiet) else { continue };
            verify(&cx, &document).unwrap();
            let ids: Vec<String> = document.menus.iter().map(|m| m.person_id.clone()).collect();
            for (at, id) in ids.iter().enumerate() {
                let user = roster.find_user(id).unwrap();
                let menu = document.menus.iter().find(|m| &m.person_id == id).unwrap().clone();
                let answer = match (at + usize::try_from(seed).unwrap()) % 4 {
                    0 => Answer::None,
                    1 => Answer::Later,
                    _ => match menu.options.last() {
                        Some(option) => Answer::Pick(option.worker_id.clone()),
                        None => Answer::Later,
                    },
                };
                live_picks +=
                    usize::from(menu.kind == MenuKind::Live && matches!(answer, Answer::Pick(_)));
                document = choose(&cx, &document, user, answer.clone(), false, &Quiet)
                    .unwrap_or_else(|error| panic!("roster {seed}, {id}: {error}"));
                verify(&cx, &document)
                    .unwrap_or_else(|error| panic!("roster {seed}, {id}: {error}"));
                if answer != Answer::Later {
                    let again = choose(&cx, &document, user, Answer::None, false, &Quiet);
                    assert!(matches!(again, Err(MenuError::Refused(_))), "answered twice");
                    refused += 1;
                }
                if at % 5 == 0 && answer != Answer::Later {
                    document = choose(&cx, &document, user, Answer::Later, true, &Quiet).unwrap();
                    verify(&cx, &document)
                        .unwrap_or_else(|error| panic!("roster {seed}, {id}: {error}"));
                    changed += 1;
                }
                // Nobody who was not asked, and nothing that is not on the menu.
                if let Some(strange) = roster
                    .workers()
                    .iter()
                    .find(|w| document.menus[at].options.iter().all(|o| o.worker_id != w.id))
                    && at == 1
                    && answer == Answer::Later
                {
                    let answer = Answer::Pick(strange.id.clone());
                    let judged = choose(&cx, &document, user, answer, false, &Quiet);
                    assert!(
                        matches!(judged, Err(MenuError::Refused(words)) if words.contains("later"))
                    );
                }
            }
        }
    }
    assert!(live_picks > 8 && refused > 30 && changed > 4, "{live_picks} {refused} {changed}");
}

#[test]
fn shortlists_are_ranked_and_resolved() {
    let policy = Policy::shipped();
    let mut resolved = 0;
    for seed in 0..30 {
        let roster = roster(seed);
        let cx = Context::new(&roster, &policy);
        let Ok(mut document) = make(&cx, &request(MenuMode::Shortlist, seed), &Quiet) else {
            continue;
        };
        let best = document.certificate.best.matches.clone();
        let mut ranked = Vec::new();
        for menu in document.menus.clone() {
            let user = roster.find_user(&menu.person_id).unwrap();
            if let Some(own) = best.get(&menu.person_id) {
                assert!(
                    menu.options.iter().any(|o| &o.worker_id == own),
                    "the best is on the list"
                );
                let ranks: Vec<String> = menu.options.iter().map(|o| o.worker_id.clone()).collect();
                document =
                    choose(&cx, &document, user, Answer::Ranks(ranks.clone()), false, &Quiet)
                        .unwrap();
                ranked.push((menu.person_id.clone(), ranks));
            }
        }
        document = resolve(&cx, &document, &Quiet).unwrap();
        verify(&cx, &document).unwrap();
        let outcome = document.resolved.clone().unwrap();
        for (person, ranks) in &ranked {
            let given = outcome.matches.get(person).expect("everybody who ranked can be served");
            assert!(ranks.contains(given));
        }
        resolved += ranked.len();
        let late = roster.find_user(&document.menus[0].person_id).unwrap();
        assert!(choose(&cx, &document, late, Answer::None, true, &Quiet).is_err());
    }
    assert!(resolved > 40, "{resolved}");
}

/// Every figure of a document, changed by one, is refused; so are other changes.
#[test]
fn a_changed_menu_document_is_refused() {
    let policy = Policy::shipped();
    let mut tried = 0;
    for seed in 0..12 {
        let roster = roster(seed);
        let cx = Context::new(&roster, &policy);
        let Ok(document) = make(&cx, &request(MenuMode::Safe, seed), &Quiet) else { continue };
        verify(&cx, &document).unwrap();
        let mut refused = |what: &str, change: &dyn Fn(&mut MenuDocument) -> bool| {
            let mut changed = document.clone();
            if change(&mut changed) {
                assert!(verify(&cx, &changed).is_err(), "seed {seed}: {what}");
                tried += 1;
            }
        };
        refused("loss bound", &|d| {
            d.certificate.safe.as_mut().unwrap().loss_most.0 += 1;
            true
        });
        refused("best total", &|d| {
            d.certificate.best.total_cost.0 += 1;
            true
        });
        refused("total now", &|d| {
            d.certificate.now.as_mut().unwrap().total_cost.0 -= 1;
            true
        });
        refused("start", &|d| {
            d.certificate.start.as_mut().unwrap().total_cost.0 -= 1;
            true
        });
        refused("hash", &|d| {
            d.roster_hash.push('0');
            true
        });
        refused("day", &|d| {
            d.as_of = "2001-01-01".to_owned();
            true
        });
        refused("degrees", &|d| {
            let degrees = &mut d.certificate.safe.as_mut().unwrap().degrees;
            degrees.values_mut().next().map(|degree| *degree += 1).is_some()
        });
        refused("order", &|d| {
            let menu = d.menus.iter_mut().find(|m| m.options.len() > 1);
            menu.map(|menu| menu.options.reverse()).is_some()
        });
        refused("held", &|d| {
            let menu = d.menus.iter_mut().find(|m| !m.held.is_empty());
            menu.map(|menu| menu.held.pop()).is_some()
        });
        refused("kind", &|d| {
            let menu = d.menus.iter_mut().find(|m| m.kind == MenuKind::Safe);
            menu.map(|menu| menu.kind = MenuKind::Live).is_some()
        });
        refused("twice", &|d| {
            let first = d.menus[0].clone();
            d.menus.push(first);
            true
        });
        refused("an answer from nowhere", &|d| {
            let menu = d.menus[0].clone();
            d.answers.push(peermatch_core::menu::Answered {
                person_id: menu.person_id,
                answer: Answer::None,
                stated_loss: None,
                total_cost: Some(Exact(0)),
            });
            true
        });
        refused("no certificate", &|d| {
            d.certificate.safe = None;
            true
        });
        refused("live loss", &|d| {
            let mut options = d.menus.iter_mut().flat_map(|m| &mut m.options);
            options.find_map(|o| o.loss.as_mut()).map(|loss| loss.0 = -1).is_some()
        });
    }
    assert!(tried > 100, "{tried}");
}

fn lottery_request(objective: LotteryObjective, seed: u64) -> LotteryRequest {
    LotteryRequest { objective, cap: 30, denominator: 60, seed, secret: String::new() }
}

/// Stops whatever it watches at once.
struct Stops;
impl Watch for Stops {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn where_limits_are_stated_no_menu_and_no_lottery_promises_places() {
    let roster = roster(1);
    let shipped = Policy::shipped();
    let free = Context::new(&roster, &shipped);
    let menus = make(&free, &request(MenuMode::Safe, 1), &Quiet).unwrap();
    let drawn =
        lottery::make(&free, &lottery_request(LotteryObjective::BestTotal, 1), &Quiet).unwrap();
    let mut policy = Policy::shipped();
    policy.limits.new_starts_per_week = Some(1);
    policy.limits.weeks = 1;
    let cx = Context::new(&roster, &policy);
    let told = make(&cx, &request(MenuMode::Safe, 1), &Quiet).unwrap_err().to_string();
    assert!(told.contains("limits"), "{told}");
    let request = lottery_request(LotteryObjective::BestTotal, 1);
    let told = lottery::make(&cx, &request, &Quiet).unwrap_err().to_string();
    assert!(told.contains("limits"), "{told}");
    assert!(verify(&cx, &menus).is_err() && lottery::verify(&cx, &drawn, &Quiet).is_err());
}

#[test]
fn lotteries_verify_and_replay_and_changed_ones_are_refused() {
    let policy = Policy::shipped();
    let (mut drawn, mut split, mut stops) = (0, 0, 0);
    for seed in 0..30 {
        let roster = roster(seed);
        let cx = Context::new(&roster, &policy);
        for objective in [LotteryObjective::BestTotal, LotteryObjective::ProbabilisticSerial] {
            let Ok(document) = lottery::make(&cx, &lottery_request(objective, seed), &Quiet) else {
                continue;
            };
            let held = lottery::verify(&cx, &document, &Quiet).unwrap();
            drawn += held.drawn;
            let undecided = |c: &Chance| c.numerator.0 > 0 && c.numerator < document.denominator;
            if document.chances.iter().any(undecided) {
                stops += 1;
                let stopped = lottery::verify(&cx, &document, &Stops);
                assert!(stopped.is_err(), "seed {seed}: a replay that was stopped proves nothing");
            }
            let again = lottery::make(&cx, &lottery_request(objective, seed), &Quiet).unwrap();
            assert_eq!(again, document, "the same seed gives the same");
            let whole = document.denominator;
            split += document
                .chances
                .iter()
                .filter(|c| c.numerator.0 > 0 && c.numerator < whole)
                .count();
            let refused = |what: &str, change: &dyn Fn(&mut LotteryDocument) -> bool| {
                let mut changed = document.clone();
                if change(&mut changed) {
                    let judged = lottery::verify(&cx, &changed, &Quiet);
                    assert!(judged.is_err(), "seed {seed} {objective:?}: {what}");
                }
            };
            refused("a chance", &|d| {
                d.chances
                    .iter_mut()
                    .find(|c| c.numerator.0 > 0)
                    .map(|c| c.numerator.0 -= 1)
                    .is_some()
            });
            refused("a missing pair", &|d| d.chances.pop().is_some());
            refused("the seed", &|d| {
                d.seed += 1;
                true
            });
            refused("the secret", &|d| {
                d.secret.push('x');
                true
            });
            refused("somebody drawn", &|d| d.drawn.pop_first().is_some());
            refused("the total", &|d| {
                d.certificate.as_mut().map(|c| c.total_cost.0 += 1).is_some()
            });
            refused("the kind", &|d| {
                d.objective = match d.objective {
                    LotteryObjective::BestTotal => LotteryObjective::ProbabilisticSerial,
                    LotteryObjective::ProbabilisticSerial => LotteryObjective::BestTotal,
                };
                true
            });
        }
    }
    assert!(drawn > 80 && split > 20 && stops > 5, "{drawn} {split} {stops}");
}

/// The sheet of a person is made of what explanations to service users hold, has no number of ours, no rank and no score, and everybody
/// asked has one. The sheets of a roster from which all is gone that a service user may not see are the same where the menu is.
#[test]
fn a_sheet_tells_nothing_hidden() {
    let policy = Policy::shipped();
    let mut sheets = 0;
    for seed in 0..60 {
        let mut input = rosters::input(&spec(1), 60_000 + seed);
        let full = rosters::check(&input);
        if let Field::Given(workers) = &mut input.workers {
            for worker in workers {
                let Field::Given(worker) = worker else { continue };
                // What only a coordinator may see, and a worker's own wishes.
                if let Field::Given(items) = &mut worker.experiences {
                    items.retain(|item| {
                        item.given()
                            .is_none_or(|i| i.consent_show.given().copied().unwrap_or(false))
                    });
                }
                worker.wishes = Field::Absent;
            }
        }
        let bare = rosters::check(&input);
        let (a, b) = (Context::new(&full, &policy), Context::new(&bare, &policy));
        let made = |cx: &Context<'_>| make(cx, &request(MenuMode::Safe, seed), &Quiet);
        let (Ok(first), Ok(second)) = (made(&a), made(&b)) else { continue };
        for (one, other) in first.menus.iter().zip(&second.menus) {
            let user: UserIx = full.find_user(&one.person_id).unwrap();
            let sheet = for_person(&a, &first, user).unwrap();
            let words = serde_json::to_string(&sheet).unwrap();
            for hidden in ["sha256", "\"loss", "\"price", "\"fit", "\"rank", "\"score"] {
                assert!(
                    !words.contains(hidden),
                    "`{hidden}` on the sheet of {}: {words}",
                    one.person_id
                );
            }
            assert!(sheet.options.iter().all(|option| option.available));
            if one == other && one.kind == other.kind {
                assert_eq!(Some(sheet), for_person(&b, &second, user), "roster {seed}");
                sheets += 1;
            }
        }
        let told = for_coordinator(&a, &first).unwrap();
        assert_eq!(told.people.len(), first.menus.len());
    }
    assert!(sheets > 100, "{sheets}");
}

/// A pseudo-random number below `below`, from a state that goes on.
fn dice(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap() % below
}

/// The answer of a person that stands, read from the document by hand.
fn stands<'d>(document: &'d MenuDocument, id: &str) -> Option<&'d Answer> {
    let said = document.answers.iter().rev().filter(|a| a.person_id == id);
    let counts = said.map(|a| &a.answer).find(|answer| **answer != Answer::Later);
    counts.filter(|answer| **answer != Answer::TakenBack)
}

/// Any sequence of answers and changes keeps what is stated: each state is verified (totals, ledger, neutral order), picks and what open safe menus hold
/// fit the places, picks from safe menus stay within the stated bound, and who takes a pick back sees every first option that is still free.
#[test]
fn any_sequence_of_answers_and_changes_keeps_what_was_promised() {
    let policy = Policy::shipped();
    let (mut again, mut narrowed, mut live, mut bounded) = (0, 0, 0, 0);
    for seed in 0..24 {
        let roster = rosters::roster(&spec(seed % 4), 50_000 + seed);
        let cx = Context::new(&roster, &policy);
        let Ok(mut document) = make(&cx, &request(MenuMode::Safe, seed), &Quiet) else { continue };
        let facts = facts(&cx, &document);
        let right = |id: &String| objective::right_of(roster.find_worker(id).unwrap());
        let mut state = seed;
        for _ in 0..18 {
            let at = dice(&mut state, document.menus.len());
            let id = document.menus[at].person_id.clone();
            let user = roster.find_user(&id).unwrap();
            let before = document.clone();
            if stands(&document, &id).is_some() {
                document = choose(&cx, &document, user, Answer::TakenBack, true, &Quiet).unwrap();
                let (was, menu) = (&before.menus[at], &document.menus[at]);
                assert!(stands(&document, &id).is_none());
                if was.kind == MenuKind::Safe {
                    // Everybody is asked here, so only picks and open safe menus hold places.
                    let mut left = facts.places.clone();
                    for other in document.menus.iter().filter(|m| m.person_id != id) {
                        match stands(&document, &other.person_id) {
                            Some(Answer::Pick(worker)) => left[right(worker).index()] -= 1,
                            None if other.kind == MenuKind::Safe => {
                                for option in &other.options {
                                    left[right(&option.worker_id).index()] -= 1;
                                }
                            }
                            _ => {}
                        }
                    }
                    let free: Vec<&String> =
                        menu.held.iter().filter(|w| left[right(w).index()] > 0).collect();
                    let shown = |w: &&String| menu.options.iter().any(|o| &&o.worker_id == w);
                    assert!(free.iter().all(shown), "roster {seed}, {id}: {free:?}");
                    if menu.kind == MenuKind::Safe {
                        assert_eq!(menu.options.len(), free.len(), "roster {seed}, {id}");
                        again += 1;
                        narrowed += usize::from(free.len() < menu.held.len());
                    } else {
                        assert!(free.len() < 2 && (free.is_empty() || menu.options.len() > 1));
                        live += 1;
                    }
                } else {
                    assert_eq!(menu.kind, was.kind, "a live menu stays one");
                }
            } else {
                let options = &document.menus[at].options;
                let answer = match dice(&mut state, options.len() + 2) {
                    0 => Answer::None,
                    1 => Answer::Later,
                    n => Answer::Pick(options[n - 2].worker_id.clone()),
                };
                document = choose(&cx, &document, user, answer, false, &Quiet).unwrap();
            }
            verify(&cx, &document).unwrap_or_else(|error| panic!("roster {seed}, {id}: {error}"));

            let mut used = vec![0; facts.places.len()];
            let mut safe_picks = vec![None; facts.menus.len()];
            let mut safe = 0;
            for menu in &document.menus {
                match stands(&document, &menu.person_id) {
                    Some(Answer::Pick(worker)) => {
                        used[right(worker).index()] += 1;
                        if menu.kind == MenuKind::Safe {
                            safe_picks[safe] = Some(right(worker));
                        }
                    }
                    None if menu.kind == MenuKind::Safe => {
                        for option in &menu.options {
                            used[right(&option.worker_id).index()] += 1;
                        }
                    }
                    _ => {}
                }
                safe += usize::from(!menu.held.is_empty());
            }
            assert!(used.iter().zip(&facts.places).all(|(used, places)| used <= places));
            bounded += safe_picks.iter().flatten().count();
            assert!(loss(&facts, &safe_picks) <= facts.loss_most, "roster {seed}");
        }
    }
    assert!(again > 20 && narrowed > 0 && bounded > 100, "{again} {narrowed} {live} {bounded}");
}

/// What a sheet says in every state of every mode: the words, and whether there is something to choose.
#[test]
fn a_sheet_says_what_is_true_in_every_state() {
    let policy = Policy::shipped();
    let roster = roster(1);
    let cx = Context::new(&roster, &policy);
    let mut tried = 0;
    for mode in [MenuMode::Safe, MenuMode::Live, MenuMode::Shortlist] {
        let document = make(&cx, &request(mode, 3), &Quiet).unwrap();
        let menu = document.menus.iter().find(|menu| menu.options.len() > 1).unwrap();
        let user = roster.find_user(&menu.person_id).unwrap();
        let worker = menu.options[0].worker_id.clone();
        let shortlist = mode == MenuMode::Shortlist;
        let said = if shortlist {
            Answer::Ranks(vec![worker.clone()])
        } else {
            Answer::Pick(worker.clone())
        };
        let asks = "no particular order";
        let change = "You can change your mind at any time.";
        let liked = "You said";
        let none = "You said none of these. That is fine.";
        let later = "You asked to be asked later. That is fine.";
        let changed = "You changed your mind. That is fine.";
        // What was said, in turn; resolved or not; is there a ballot; what is said.
        let mut states: Vec<(Vec<Answer>, bool, bool, Vec<&str>)> = vec![
            (vec![], false, true, vec![asks, change]),
            (vec![Answer::Later], false, true, vec![later, "look again", asks, change]),
            (
                vec![said.clone()],
                false,
                false,
                vec![liked, &worker, "Nothing is decided yet", change],
            ),
            (vec![Answer::None], false, false, vec![none, "waiting list", change]),
            (vec![said.clone(), Answer::TakenBack], false, true, vec![changed, asks, change]),
            (vec![Answer::None, Answer::TakenBack], false, true, vec![changed, asks, change]),
            (vec![said.clone(), Answer::TakenBack, Answer::Later], false, true, vec![later, asks]),
        ];
        if shortlist {
            let kept = "You have not told us whom you would like best. That is fine.";
            let propose = format!("We propose {worker}.");
            let propose = Box::leak(propose.into_boxed_str());
            states.extend([
                (vec![], true, false, vec![kept, "A place is kept for you with", "You can say no"]),
                (
                    vec![Answer::Later],
                    true,
                    false,
                    vec![kept, "You can say no to this at any time."],
                ),
                (vec![said.clone(), Answer::TakenBack], true, false, vec![kept]),
                (
                    vec![said.clone()],
                    true,
                    false,
                    vec![liked, propose, "You can say no to this at any time."],
                ),
                (vec![Answer::None], true, false, vec![none, "ask us about it"]),
            ]);
        }
        for (answers, resolved, ballot, words) in states {
            let mut state = document.clone();
            for answer in &answers {
                let change = *answer == Answer::TakenBack;
                state = choose(&cx, &state, user, answer.clone(), change, &Quiet).unwrap();
            }
            if resolved {
                state = resolve(&cx, &state, &Quiet).unwrap();
            }
            let sheet = for_person(&cx, &state, user).unwrap();
            let about = format!("{mode:?} {answers:?} {resolved}: {sheet:?}");
            assert_eq!(!sheet.options.is_empty(), ballot, "{about}");
            assert_eq!(sheet.other_answers.len(), if ballot { 2 } else { 0 }, "{about}");
            let text = format!("{} {}", sheet.about.join(" "), sheet.choice);
            for words in words {
                assert!(text.contains(words), "`{words}`: {about}");
            }
            if resolved {
                assert!(!text.contains("change your mind"), "the lists are closed: {about}");
            }
            if !ballot {
                assert!(
                    !text.contains("Choose whom") && !text.contains("best, whom next"),
                    "{about}"
                );
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 26);
}

/// Aims that sum no losses have no price of waiting under `total`: menus serve as many as can be all the same, and are proven.
#[test]
fn menus_serve_as_many_as_can_be_where_waiting_has_no_price() {
    let mut served = 0;
    for seed in 0..8 {
        let roster = rosters::roster(&spec(seed), 50_000 + seed);
        let most = Policy::shipped();
        let most = make(&Context::new(&roster, &most), &request(MenuMode::Live, seed), &Quiet);
        let Ok(most) = most else { continue };
        for aim in [Objective::MaxMin, Objective::Leximin, Objective::Nash] {
            let mut policy = Policy::shipped().with_objective(aim, None);
            policy.coverage = Coverage::Total;
            let cx = Context::new(&roster, &policy);
            for mode in [MenuMode::Safe, MenuMode::Live, MenuMode::Shortlist] {
                let document = make(&cx, &request(mode, seed), &Quiet).unwrap();
                verify(&cx, &document).unwrap();
                let matches = &document.certificate.best.matches;
                assert_eq!(matches.len(), most.certificate.best.matches.len(), "{seed} {aim:?}");
                served += matches.len();
                let menu = document.menus.iter().find(|menu| !menu.options.is_empty());
                let Some(menu) = menu.filter(|_| mode != MenuMode::Shortlist) else { continue };
                let user = roster.find_user(&menu.person_id).unwrap();
                let pick = Answer::Pick(menu.options[0].worker_id.clone());
                verify(&cx, &choose(&cx, &document, user, pick, false, &Quiet).unwrap()).unwrap();
            }
        }
    }
    assert!(served > 100, "{served}");
}

/// What cannot be answered, and what was changed by hand, is refused with an id, the reason and what to do.
#[test]
fn refusals_name_ids_reasons_and_what_to_do() {
    let policy = Policy::shipped();
    let roster = roster(1);
    let cx = Context::new(&roster, &policy);
    let document = make(&cx, &request(MenuMode::Safe, 3), &Quiet).unwrap();
    let at = document.menus.iter().position(|menu| menu.held.len() > 1).unwrap();
    let id = document.menus[at].person_id.clone();
    let user = roster.find_user(&id).unwrap();
    let held = document.menus[at].held.clone();
    let off = roster.workers().iter().find(|w| !held.contains(&w.id)).unwrap().id.clone();
    let alone = MenuRequest { asked: Some(vec![user]), ..request(MenuMode::Safe, 3) };
    let alone = make(&cx, &alone, &Quiet).unwrap();
    let other = document.menus.iter().find(|menu| menu.person_id != id).unwrap();
    let other = roster.find_user(&other.person_id).unwrap();
    let pick = Answer::Pick(held[0].clone());
    let answered = choose(&cx, &document, user, pick.clone(), false, &Quiet).unwrap();
    let pick_off = Answer::Pick(off.clone());
    let refused: Vec<(&MenuDocument, UserIx, Answer, bool, Vec<&str>)> = vec![
        (&alone, other, Answer::None, false, vec!["was not asked"]),
        (&document, user, pick_off, false, vec![&id, &off, "cannot be picked", "none or later"]),
        (&document, user, Answer::Ranks(held.clone()), false, vec![&id, "--pick"]),
        (&document, user, Answer::TakenBack, true, vec![&id, "no answer to take back"]),
        (&answered, user, pick, false, vec![&id, "answered already", "--change"]),
        (&answered, user, Answer::TakenBack, false, vec![&id, "--pick"]),
    ];
    for (document, user, answer, change, words) in refused {
        let error = choose(&cx, document, user, answer, change, &Quiet).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, MenuError::Refused(_)), "{told}");
        assert!(words.iter().all(|words| told.contains(words)), "{words:?}: {told}");
    }

    let by_hand = |document: &MenuDocument, change: &dyn Fn(&mut MenuDocument), words: &[&str]| {
        let mut changed = document.clone();
        change(&mut changed);
        let told = verify(&cx, &changed).unwrap_err().to_string();
        assert!(words.iter().all(|words| told.contains(words)), "{words:?}: {told}");
        assert!(told.contains("make new menus"), "{told}");
        let stopped = choose(&cx, &changed, user, Answer::None, true, &Quiet);
        assert!(matches!(stopped, Err(MenuError::NotVerified(_))), "{words:?}");
    };
    by_hand(&document, &|d| d.menus[at].options[0].worker_id.clone_from(&off), &[&id]);
    by_hand(&document, &|d| d.menus[at].options.truncate(1), &[&id, "does not show what it holds"]);
    by_hand(&document, &|d| d.menus[at].options.reverse(), &[&id, "neutral order"]);
    by_hand(
        &document,
        &|d| d.certificate.safe.as_mut().unwrap().loss_most.0 -= 1,
        &["the most that safe picks can lose"],
    );
    by_hand(&document, &|d| d.roster_hash.push('0'), &["another roster"]);
    by_hand(&document, &|d| d.policy_hash.push('0'), &["the policy in these menus"]);
    by_hand(
        &document,
        &|d| d.menus[at].person_id = "P-none".to_owned(),
        &["P-none", "not in the roster"],
    );
    by_hand(&answered, &|d| d.answers[0].answer = Answer::Pick(off.clone()), &[&id, &off]);
    by_hand(
        &answered,
        &|d| d.answers[0].stated_loss = Some(Exact(1)),
        &[&id, "does not go with the menu"],
    );
    by_hand(&answered, &|d| d.answers[0].total_cost = Some(Exact(1)), &["ledger"]);
    by_hand(
        &answered,
        &|d| d.answers[0].answer = Answer::TakenBack,
        &[&id, "took the answer back"],
    );
    by_hand(&answered, &|d| d.answers[0].person_id = "P-none".to_owned(), &["P-none"]);
}
