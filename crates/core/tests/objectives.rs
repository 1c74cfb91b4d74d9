//! Every objective on random rosters: what comes out is what the objective says, by laws and enumeration that know nothing of how it is
//! found; documents verify, and no changed one does unless it is right itself.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::draw;
use peermatch_core::eligibility;
use peermatch_core::objective::{coordinator_key, people_to_match};
use peermatch_core::pair::Context;
use peermatch_core::report::{Exact, MatchingDocument, Origin, Seed, document, policy_of, verify};
use peermatch_core::run::{Run, RunError, match_with_seed};
use peermatch_core::scoring::{self, Scorer};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::{PeerWorker, Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Objective, Priorities, Proposing, Words};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};

fn checked(input: &RosterInput) -> Roster {
    Roster::check(input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn each_worker(input: &mut RosterInput, with: impl Fn(&mut peermatch_model::raw::PeerWorkerInput)) {
    if let Field::Given(workers) = &mut input.workers {
        for worker in workers {
            if let Field::Given(worker) = worker {
                with(worker);
            }
        }
    }
}

/// Random people, few places, no decisions made before.
fn drawn(people: usize, places: u32, seed: u64) -> RosterInput {
    // Few rules stand in the way, and wishes pull apart.
    let mut spec = Spec::SERVICE.sized(people, 8);
    spec.areas = 2;
    spec.must_percent = 3;
    let mut input = rosters::input(&spec, seed);
    each_worker(&mut input, |worker| worker.new_starts = places.into());
    input
}

fn policy(objective: Objective) -> Policy {
    Policy::shipped().with_objective(objective, None)
}

fn run<'a>(cx: &'a Context<'a>, seed: u64) -> Run<'a> {
    match_with_seed(cx, seed, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// Who has whom, by id.
fn told(run: &Run<'_>) -> Vec<(String, String)> {
    let roster = run.decided().context().roster;
    let pairs = run.decided().pairs();
    pairs.map(|(u, w)| (roster.user(u).id.clone(), roster.worker(w).id.clone())).collect()
}

fn eligible(cx: &Context<'_>, user: UserIx) -> Vec<WorkerIx> {
    let workers = (0..cx.roster.workers().len()).map(WorkerIx::at);
    workers.filter(|&w| eligibility::eligible(&cx.pair(user, w))).collect()
}

fn loss(cx: &Context<'_>, user: UserIx, worker: WorkerIx) -> u32 {
    Scorer::for_user(cx, user).loss(&cx.pair(user, worker))
}

/// Serves people one by one by the least `key`, ties by worker: the rule in a few lines, over all pairs.
fn served_in_turn<K: Ord>(
    cx: &Context<'_>,
    order: &[UserIx],
    key: impl Fn(UserIx, WorkerIx) -> K,
) -> Vec<(String, String)> {
    let mut free: Vec<u32> = cx.roster.workers().iter().map(PeerWorker::places).collect();
    let mut out = Vec::new();
    for &user in order {
        let left = eligible(cx, user).into_iter().filter(|w| free[w.index()] > 0);
        if let Some(worker) = left.min_by_key(|&w| (key(user, w), w)) {
            free[worker.index()] -= 1;
            out.push((user, worker));
        }
    }
    out.sort_unstable();
    let roster = cx.roster;
    out.into_iter().map(|(u, w)| (roster.user(u).id.clone(), roster.worker(w).id.clone())).collect()
}

#[test]
fn rules_that_serve_in_turn_do_so() {
    let mut different = 0;
    for seed in 0..40u64 {
        let roster = checked(&drawn(16, 1 + u32::try_from(seed % 2).unwrap(), seed));
        let people = people_to_match(&roster);
        let id = |user: UserIx| roster.user(user).id.as_str();
        let mut results = Vec::new();
        for objective in [
            Objective::FirstCome,
            Objective::Serial,
            Objective::RandomEligible,
            Objective::Coordinator,
        ] {
            let policy = policy(objective);
            let cx = Context::new(&roster, &policy);
            let found = told(&run(&cx, seed));
            let expected = match objective {
                Objective::Serial => {
                    let ids: Vec<&str> = people.iter().map(|&u| id(u)).collect();
                    let order: Vec<UserIx> = draw::order("serial", seed, &ids)
                        .into_iter()
                        .map(|place| people[place])
                        .collect();
                    served_in_turn(&cx, &order, |u, w| loss(&cx, u, w))
                }
                Objective::RandomEligible => served_in_turn(&cx, &people, |u, w| {
                    draw::key("random-eligible", seed, id(u), &roster.worker(w).id)
                }),
                Objective::Coordinator => {
                    served_in_turn(&cx, &people, |u, w| coordinator_key(&cx.pair(u, w)))
                }
                _ => served_in_turn(&cx, &people, |u, w| loss(&cx, u, w)),
            };
            assert_eq!(found, expected, "{objective} on {seed}");
            results.push(found);
        }
        different += usize::from(results.windows(2).any(|pair| pair[0] != pair[1]));
    }
    assert!(different > 30, "the rules differ on {different} of 40");
}

#[test]
fn greedy_takes_the_best_pair_first() {
    for seed in 0..40 {
        let roster = checked(&drawn(14, 1, seed));
        let mut policy = policy(Objective::Greedy);
        policy.mutual_percent = 0;
        let cx = Context::new(&roster, &policy);
        let mut pairs: Vec<(u32, UserIx, WorkerIx)> = people_to_match(&roster)
            .into_iter()
            .flat_map(|u| eligible(&cx, u).into_iter().map(move |w| (u, w)))
            .map(|(u, w)| (loss(&cx, u, w), u, w))
            .collect();
        pairs.sort_unstable();
        let mut free: Vec<u32> = roster.workers().iter().map(PeerWorker::places).collect();
        let mut given = std::collections::BTreeMap::new();
        for (_, user, worker) in pairs {
            if free[worker.index()] > 0 && !given.contains_key(&user) {
                free[worker.index()] -= 1;
                given.insert(user, worker);
            }
        }
        let found: Vec<_> = run(&cx, 0).decided().pairs().collect();
        assert_eq!(found, given.into_iter().collect::<Vec<_>>(), "{seed}");
    }
}

/// Nobody prefers a worker who would prefer them too, by a scan that is written here.
#[test]
fn stable_matchings_have_no_blocking_pair() {
    let mut proposals_differ = 0;
    for seed in 0..40 {
        let roster = checked(&drawn(16, 1, seed));
        let mut results = Vec::new();
        for priorities in [Priorities::Waiting, Priorities::Wishes] {
            for proposing in [Proposing::People, Proposing::Workers] {
                let mut policy =
                    Policy::shipped().with_objective(Objective::Stable, Some(proposing));
                policy.priorities = priorities;
                let cx = Context::new(&roster, &policy);
                let run = run(&cx, seed);
                let decided = run.decided();
                let rank = |u: UserIx, w: WorkerIx| match priorities {
                    Priorities::Wishes => u64::from(scoring::worker_loss(&cx.pair(u, w))),
                    // The day; the lot of the same day is strict, so equal days prove nothing here.
                    Priorities::Waiting => 10_000 - u64::from(roster.user(u).wait_days),
                };
                for &user in decided.people() {
                    let has = decided.worker_of(user);
                    for worker in eligible(&cx, user) {
                        let rather =
                            has.is_none_or(|has| loss(&cx, user, worker) < loss(&cx, user, has));
                        if !rather {
                            continue;
                        }
                        assert_eq!(decided.load(worker), roster.worker(worker).places());
                        let worst = decided
                            .pairs()
                            .filter(|&(_, w)| w == worker)
                            .map(|(u, _)| rank(u, worker))
                            .max();
                        assert!(worst <= Some(rank(user, worker)), "{seed}: a blocking pair");
                    }
                }
                results.push(told(&run));
            }
        }
        assert_eq!(results[0], results[1], "one order for all workers: one stable matching");
        proposals_differ += usize::from(results[2] != results[3]);
    }
    assert!(proposals_differ > 0, "who proposes matters somewhere");
}

/// Whoever reports other wishes than their own under `stable` by waiting gains nothing, by their own true losses.
#[test]
fn nobody_gains_by_other_wishes_where_waiting_decides() {
    let mut tried = 0;
    for seed in 0..30 {
        let input = drawn(12, 1, seed);
        let policy = policy(Objective::Stable);
        let roster = checked(&input);
        let cx = Context::new(&roster, &policy);
        let truth = run(&cx, seed);
        for (place, &user) in truth.decided().people().iter().enumerate().take(4) {
            let id = roster.user(user).id.clone();
            let mut other = input.clone();
            let Field::Given(people) = &mut other.people else { panic!("people were drawn") };
            for person in people {
                let Field::Given(person) = person else { continue };
                if person.id.given() != Some(&id) {
                    continue;
                }
                // Says nothing, or only the first wish (musts are rules and stay).
                if let Field::Given(wishes) = &mut person.wishes {
                    let must = Some(&peermatch_model::words::Strength::Must);
                    let mut kept = 0;
                    wishes.retain(|w| {
                        w.given().is_some_and(|w| w.strength.given() == must) || {
                            kept += 1;
                            kept <= place % 2
                        }
                    });
                }
            }
            let changed = checked(&other);
            let with = Context::new(&changed, &policy);
            if eligible(&with, user) != eligible(&cx, user) {
                continue;
            }
            tried += 1;
            let lied = run(&with, seed);
            let worth = |run: &Run<'_>| {
                run.decided().worker_of(user).map_or(u32::MAX, |worker| loss(&cx, user, worker))
            };
            assert!(worth(&truth) <= worth(&lied), "{id} on {seed} gains by it");
        }
    }
    assert!(tried > 60, "{tried} reports were tried");
}

#[test]
fn what_a_rule_has_no_meaning_for_is_refused_in_words() {
    let mut input = drawn(10, 1, 1);
    each_worker(&mut input, |worker| worker.minimum = 1.into());
    let roster = checked(&input);
    for &objective in Objective::ALL {
        let policy = policy(objective);
        let cx = Context::new(&roster, &policy);
        let by_rule = matches!(
            objective,
            Objective::Stable
                | Objective::Serial
                | Objective::FirstCome
                | Objective::Greedy
                | Objective::RandomEligible
                | Objective::Coordinator
        );
        if by_rule {
            match match_with_seed(&cx, 0, &Quiet) {
                Err(RunError::Unsupported(words)) => {
                    assert!(
                        words[0].contains("minimums") && words[0].contains("W0001"),
                        "{words:?}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The objectives a test goes through.
const ALL: [Objective; 6] = [
    Objective::Stable,
    Objective::Serial,
    Objective::FirstCome,
    Objective::Greedy,
    Objective::RandomEligible,
    Objective::Coordinator,
];

#[test]
fn documents_verify_and_changed_ones_do_not() {
    let (mut broken, mut same) = (0, 0);
    for seed in 0..5 {
        let roster = checked(&drawn(12, 1, seed));
        for objective in ALL {
            let policy = policy(objective);
            let cx = Context::new(&roster, &policy);
            let right = document(&run(&cx, seed));
            let text = serde_json::to_string(&right).unwrap();
            let right: MatchingDocument = serde_json::from_str(&text).unwrap();
            let stated = policy_of(&right).unwrap();
            let cx = Context::new(&roster, &stated);
            let decided =
                verify(&cx, &right).unwrap_or_else(|error| panic!("{objective}: {error}"));
            assert_eq!(decided.seed(), seed);
            let proposed: Vec<usize> = (0..right.matches.len())
                .filter(|&i| right.matches[i].status == Origin::Proposed)
                .collect();
            for &place in &proposed {
                // Every other worker for everybody: these rules have one answer, so each is refused.
                for worker in roster.workers() {
                    let mut changed = right.clone();
                    changed.matches[place].worker_id.clone_from(&worker.id);
                    let user = roster.find_user(&changed.matches[place].person_id).unwrap();
                    let ix = roster.find_worker(&worker.id).unwrap();
                    let fit = Scorer::for_user(&cx, user).fit(&cx.pair(user, ix));
                    changed.matches[place].fit = Some(fit.value);
                    if changed == right {
                        same += 1;
                        continue;
                    }
                    broken += 1;
                    assert!(verify(&cx, &changed).is_err(), "{objective} on {seed}");
                }
            }
            let Some(&place) = proposed.first() else { continue };
            for break_it in [
                |d: &mut MatchingDocument, i: usize| {
                    d.matches.remove(i);
                },
                |d: &mut MatchingDocument, _: usize| d.certificate.total_cost = Some(Exact(0)),
                |d: &mut MatchingDocument, _: usize| {
                    let id = d.summary.workers_never_suggested.first().cloned();
                    d.certificate.prices.insert(id.unwrap_or_default(), Exact(1));
                },
                |d: &mut MatchingDocument, _: usize| {
                    d.policy.objective = Objective::BestTotal.into();
                },
                |d: &mut MatchingDocument, _: usize| d.summary.objective = Objective::BestTotal,
                |d: &mut MatchingDocument, _: usize| d.policy.proposing = Proposing::Workers.into(),
            ] {
                let mut changed = right.clone();
                break_it(&mut changed, place);
                broken += 1;
                assert!(verify(&cx, &changed).is_err(), "{objective} on {seed}");
            }
            // Another seed: refused, unless the lots of that seed come to the same.
            let mut other = right.clone();
            other.seed = Seed(seed + 1_000);
            let policy = policy_of(&other).unwrap();
            let again = Context::new(&roster, &policy);
            let redrawn = document(&run(&again, seed + 1_000));
            assert_eq!(
                verify(&cx, &other).is_ok(),
                redrawn.matches == right.matches,
                "{objective}"
            );
        }
    }
    assert!(broken > 600 && same > 80, "{broken} changed, {same} as they were");
}
