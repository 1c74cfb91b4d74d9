//! Every objective on random rosters: what comes out is what the objective says, by laws and enumeration that know nothing of how it is
//! found; documents verify, and no changed one does unless it is right itself.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use peermatch_core::draw;
use peermatch_core::eligibility;
use peermatch_core::objective::{coordinator_key, people_to_match};
use peermatch_core::pair::Context;
use peermatch_core::report::{
    CoverageProof, Exact, MatchingDocument, Origin, Seed, document, policy_of, verify,
};
use peermatch_core::run::{Run, RunError, match_with_seed};
use peermatch_core::scoring::{self, Scorer};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::{PeerWorker, Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{MatchStatus, Objective, Priorities, Proposing, Words};
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
    drawn_with(people, 8, places, seed)
}

fn drawn_with(people: usize, workers: usize, places: u32, seed: u64) -> RosterInput {
    // Few rules stand in the way, and wishes pull apart.
    let mut spec = Spec::SERVICE.sized(people, workers);
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
        let mut given = BTreeMap::new();
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

/// Some people want two or three workers.
fn wanting_several(mut input: RosterInput, seed: u64) -> RosterInput {
    if let Field::Given(people) = &mut input.people {
        for (place, person) in people.iter_mut().enumerate() {
            if let Field::Given(person) = person {
                let wants = [1, 2, 1, 3, 2][(place + usize::try_from(seed).unwrap()) % 5];
                person.demand = wants.into();
            }
        }
    }
    input
}

/// What a matching comes to: the less the better, part by part. Everything is computed here, but for losses and fits of single pairs.
type Worthy = (Vec<bool>, Vec<i64>, i64);

struct Judge<'a> {
    cx: &'a Context<'a>,
    people: Vec<UserIx>,
    /// By person: worker, own loss, cost, fit.
    rows: Vec<Vec<(WorkerIx, u32, i64, u32)>>,
    layers: usize,
}

impl<'a> Judge<'a> {
    fn new(cx: &'a Context<'a>) -> Self {
        let people = people_to_match(cx.roster);
        let own: Vec<Vec<WorkerIx>> = people.iter().map(|&u| eligible(cx, u)).collect();
        let mut least = vec![u32::MAX; cx.roster.workers().len()];
        for (&user, row) in people.iter().zip(&own) {
            for &w in row {
                let loss = scoring::worker_loss(&cx.pair(user, w));
                least[w.index()] = least[w.index()].min(loss);
            }
        }
        let rows = people.iter().zip(&own).map(|(&user, row)| {
            let scorer = Scorer::for_user(cx, user);
            let pair = |&w: &WorkerIx| {
                let pair = cx.pair(user, w);
                let (loss, fit) = (scorer.loss(&pair), scorer.fit(&pair).value);
                let wishes = u64::from(scoring::worker_loss(&pair) - least[w.index()])
                    * u64::from(cx.policy.mutual_percent)
                    / 100;
                (w, loss, i64::from(loss) + i64::try_from(wishes).unwrap(), fit)
            };
            row.iter().map(pair).collect()
        });
        let rows = rows.collect();
        let layers = people.iter().map(|&u| cx.roster.user(u).demand as usize).max().unwrap_or(1);
        Self { cx, people, rows, layers }
    }

    /// What a choice per person (places in the person's row) comes to.
    fn worth(&self, chosen: &[Vec<usize>]) -> Worthy {
        let objective = self.cx.policy.objective;
        let mut lacking = Vec::new();
        if objective != Objective::RankMaximal {
            for layer in 1..=self.layers {
                for (&user, chosen) in self.people.iter().zip(chosen) {
                    let person = self.cx.roster.user(user);
                    if person.kept.len() < layer && person.demand as usize >= layer {
                        lacking.push(person.kept.len() + chosen.len() < layer);
                    }
                }
            }
        }
        let (mut cost, mut gains, mut grades) = (0, 0, Vec::new());
        for (row, chosen) in self.rows.iter().zip(chosen) {
            let mut levels: Vec<u32> = row.iter().map(|pair| pair.1).collect();
            levels.sort_unstable();
            levels.dedup();
            for &at in chosen {
                let (_, loss, pair_cost, fit) = row[at];
                cost += pair_cost;
                gains += i64::from(peermatch_assignment::gain::gain(fit));
                grades.push(if objective == Objective::RankMaximal {
                    levels.iter().position(|level| *level == loss).unwrap()
                } else {
                    ((loss - levels[0]) / self.cx.policy.fit_grade) as usize
                });
            }
        }
        let count =
            |grade: usize| i64::try_from(grades.iter().filter(|g| **g == grade).count()).unwrap();
        let most = 1_000_000 / self.cx.policy.fit_grade as usize;
        let judged = match objective {
            Objective::MaxMin => {
                vec![grades.iter().max().map_or(0, |g| i64::try_from(*g).unwrap())]
            }
            Objective::Leximin => (0..=most).rev().map(count).collect(),
            Objective::Nash => vec![-gains],
            Objective::RankMaximal => (0..8).map(|grade| -count(grade)).collect(),
            _ => Vec::new(),
        };
        (lacking, judged, cost)
    }

    /// The best of all matchings, one by one.
    fn best(&self) -> Worthy {
        let mut free: Vec<u32> = self.cx.roster.workers().iter().map(PeerWorker::places).collect();
        let mut best = None;
        self.descend(&mut free, &mut Vec::new(), &mut best);
        best.unwrap()
    }

    fn descend(&self, free: &mut [u32], chosen: &mut Vec<Vec<usize>>, best: &mut Option<Worthy>) {
        let at = chosen.len();
        if at == self.people.len() {
            let worth = self.worth(chosen);
            if best.as_ref().is_none_or(|best| worth < *best) {
                *best = Some(worth);
            }
            return;
        }
        let (row, wants) = (&self.rows[at], self.cx.roster.user(self.people[at]).wants());
        for subset in 0u32..1 << row.len() {
            if subset.count_ones() > wants {
                continue;
            }
            let own: Vec<usize> = (0..row.len()).filter(|i| subset >> i & 1 == 1).collect();
            if own.iter().any(|&i| free[row[i].0.index()] == 0) {
                continue;
            }
            for &i in &own {
                free[row[i].0.index()] -= 1;
            }
            chosen.push(own);
            self.descend(free, chosen, best);
            let own = chosen.pop().unwrap();
            for i in own {
                free[row[i].0.index()] += 1;
            }
        }
    }

    /// What the pairs of a document come to; `None` if they are not feasible.
    fn of(&self, document: &MatchingDocument) -> Option<Worthy> {
        let mut free: Vec<u32> = self.cx.roster.workers().iter().map(PeerWorker::places).collect();
        let mut chosen = vec![Vec::new(); self.people.len()];
        for pair in document.matches.iter().filter(|m| m.status != Origin::Kept) {
            let user = self.cx.roster.find_user(&pair.person_id)?;
            let worker = self.cx.roster.find_worker(&pair.worker_id)?;
            let at = self.people.binary_search(&user).ok()?;
            let place = self.rows[at].iter().position(|row| row.0 == worker)?;
            free[worker.index()] = free[worker.index()].checked_sub(1)?;
            chosen[at].push(place);
        }
        Some(self.worth(&chosen))
    }
}

/// The objectives that minimise something.
const CARDINAL: [Objective; 5] = [
    Objective::BestTotal,
    Objective::MaxMin,
    Objective::Leximin,
    Objective::Nash,
    Objective::RankMaximal,
];

#[test]
fn nothing_is_better_by_enumeration() {
    let (mut cases, mut several, mut graded) = (0, 0, 0);
    for seed in 0..40 {
        let one_each = drawn_with(6, 4, 1, seed);
        for input in [wanting_several(one_each.clone(), seed), one_each] {
            let roster = checked(&input);
            for objective in CARDINAL {
                for fit_grade in [50_000, 1] {
                    if fit_grade == 1 && !matches!(objective, Objective::MaxMin) {
                        continue;
                    }
                    let mut policy = policy(objective);
                    policy.fit_grade = fit_grade;
                    let cx = Context::new(&roster, &policy);
                    let found = match match_with_seed(&cx, 0, &Quiet) {
                        Ok(found) => found,
                        Err(RunError::Unsupported(_)) if objective == Objective::RankMaximal => {
                            continue;
                        }
                        Err(other) => panic!("{objective}: {other}"),
                    };
                    let document = document(&found);
                    let judge = Judge::new(&cx);
                    let worth = judge.of(&document).expect("feasible");
                    assert_eq!(worth, judge.best(), "{objective} on {seed}");
                    verify(&cx, &document).unwrap_or_else(|error| panic!("{objective}: {error}"));
                    cases += 1;
                    several += usize::from(document.summary.pairs.is_some());
                    graded += usize::from(document.summary.worst_grade > Some(0));
                }
            }
        }
    }
    assert!(cases > 350 && several > 80 && graded > 30, "{cases} {several} {graded}");
}

/// Who is served does not depend on which of these is asked for: waiting decides it first.
#[test]
fn the_same_people_are_served_whatever_is_best() {
    for seed in 0..12 {
        for several in [false, true] {
            let mut input = drawn(16, 1, seed);
            if several {
                input = wanting_several(input, seed);
            }
            let roster = checked(&input);
            let mut served = Vec::new();
            for objective in &CARDINAL[..4] {
                let policy = policy(*objective);
                let cx = Context::new(&roster, &policy);
                let run = run(&cx, 0);
                let counts: Vec<usize> = run
                    .decided()
                    .people()
                    .iter()
                    .map(|&user| run.decided().workers_of(user).len())
                    .collect();
                served.push(counts);
            }
            assert!(served.windows(2).all(|pair| pair[0] == pair[1]), "{seed}");
        }
    }
}

/// Every single change to what a document of stages states is refused, or states something as good.
#[test]
fn no_changed_stage_passes() {
    let (mut refused, mut as_good) = (0, 0);
    for seed in 0..3 {
        for several in [false, true] {
            let mut input = drawn(10, 1, seed);
            if several {
                input = wanting_several(input, seed);
            }
            let roster = checked(&input);
            for objective in CARDINAL {
                let policy = policy(objective);
                let cx = Context::new(&roster, &policy);
                let Ok(run) = match_with_seed(&cx, 0, &Quiet) else { continue };
                let right = document(&run);
                let text = serde_json::to_string(&right).unwrap();
                assert_eq!(serde_json::from_str::<MatchingDocument>(&text).unwrap(), right);
                let judge = Judge::new(&cx);
                let proposed: Vec<usize> = (0..right.matches.len())
                    .filter(|&i| right.matches[i].status == Origin::Proposed)
                    .collect();
                for &place in &proposed {
                    for worker in roster.workers() {
                        let mut changed = right.clone();
                        changed.matches[place].worker_id.clone_from(&worker.id);
                        let user = roster.find_user(&changed.matches[place].person_id).unwrap();
                        let ix = roster.find_worker(&worker.id).unwrap();
                        let fit = Scorer::for_user(&cx, user).fit(&cx.pair(user, ix));
                        changed.matches[place].fit = Some(fit.value);
                        // Which workers nobody was matched with is stated too, and may now be others.
                        let twice = (0..changed.matches.len()).any(|i| {
                            i != place
                                && changed.matches[i].person_id == changed.matches[place].person_id
                                && changed.matches[i].worker_id == worker.id
                        });
                        let good = !twice && judge.of(&changed) == judge.of(&right);
                        let passes = verify(&cx, &changed).is_ok();
                        assert!(good || !passes, "{objective} on {seed}: a worse one passes");
                        if passes { as_good += 1 } else { refused += 1 }
                    }
                }
                let mut changes: Vec<MatchingDocument> = Vec::new();
                for at in 0..right.certificate.stages.len() {
                    let with = |change: &dyn Fn(&mut peermatch_core::report::StageProof)| {
                        let mut changed = right.clone();
                        change(&mut changed.certificate.stages[at]);
                        changed
                    };
                    changes.push(with(&|stage| stage.cost.0 += 1));
                    changes.push(with(&|stage| stage.what.push('!')));
                    let mut less = right.clone();
                    less.certificate.stages.remove(at);
                    changes.push(less);
                }
                let mut other = right.clone();
                other.certificate.witness = match other.certificate.witness {
                    Some(_) => None,
                    None => Some(BTreeMap::new()),
                };
                changes.push(other);
                let mut other = right.clone();
                other.certificate.coverage = match other.certificate.coverage {
                    Some(_) => None,
                    None => Some(CoverageProof::default()),
                };
                changes.push(other);
                let mut other = right.clone();
                other.certificate.total_cost = match other.certificate.total_cost {
                    Some(_) => None,
                    None => Some(Exact(0)),
                };
                changes.push(other);
                let mut other = right.clone();
                other.summary.worst_grade = Some(other.summary.worst_grade.map_or(0, |g| g + 1));
                changes.push(other);
                let mut other = right.clone();
                other.summary.pairs = Some(other.summary.pairs.unwrap_or(0) + 1);
                changes.push(other);
                let mut other = right.clone();
                other.waiting.pop();
                if other != right {
                    changes.push(other);
                }
                for changed in changes {
                    assert!(verify(&cx, &changed).is_err(), "{objective} on {seed}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 400 && as_good > 20, "{refused} refused, {as_good} as good");
}

/// Whoever has one of two workers waits for another, is told so, and is never given the same one again; and everybody's first worker comes
/// before anybody's second.
#[test]
fn a_match_that_stands_counts_towards_what_is_wanted() {
    let mut backups = 0;
    for seed in 0..30 {
        let input = wanting_several(drawn(14, 2, seed), seed);
        let policy = policy(Objective::BestTotal);
        let roster = checked(&input);
        let cx = Context::new(&roster, &policy);
        let first = document(&run(&cx, 0));
        // What was proposed first now stands, for one pair of each person.
        let mut next = input.clone();
        let mut stood = BTreeMap::new();
        for pair in first.matches.iter().filter(|m| m.status == Origin::Proposed) {
            stood.entry(pair.person_id.clone()).or_insert_with(|| pair.worker_id.clone());
        }
        if let Field::Given(workers) = &mut next.workers {
            for worker in workers {
                let Field::Given(worker) = worker else { continue };
                let more = stood.values().filter(|id| Some(*id) == worker.id.given()).count();
                let now = worker.current_people.given().copied().unwrap_or(0);
                worker.current_people = (now + u32::try_from(more).unwrap()).into();
                let starts = worker.new_starts.given().copied().unwrap_or(0);
                worker.new_starts = starts.saturating_sub(u32::try_from(more).unwrap()).into();
            }
        }
        let mut rows = next.matches.given().cloned().unwrap_or_default();
        for (place, (person, worker)) in stood.iter().enumerate() {
            rows.push(Field::Given(peermatch_model::raw::MatchInput {
                id: format!("stood-{place}").into(),
                person_id: person.clone().into(),
                worker_id: worker.clone().into(),
                status: MatchStatus::Active.into(),
                ..peermatch_model::raw::MatchInput::default()
            }));
        }
        next.matches = Field::Given(rows);
        let roster = checked(&next);
        let cx = Context::new(&roster, &policy);
        let second = document(&run(&cx, 0));
        verify(&cx, &second).unwrap_or_else(|error| panic!("{error}"));
        for (person, worker) in &stood {
            let own: Vec<_> = second.matches.iter().filter(|m| m.person_id == *person).collect();
            assert!(own.iter().any(|m| m.worker_id == *worker && m.status == Origin::Kept));
            assert_eq!(own.iter().filter(|m| m.worker_id == *worker).count(), 1);
            let user = roster.user(roster.find_user(person).unwrap());
            backups += own.len() - 1;
            let waits = second.waiting.iter().find(|w| w.person_id == *person);
            assert_eq!(waits.is_some(), own.len() < user.demand as usize);
            if let Some(waits) = waits {
                let told = format!("Has {} of {} workers", own.len(), user.demand);
                assert!(waits.words.starts_with(&told), "{}", waits.words);
            }
        }
    }
    assert!(backups > 10, "{backups} further workers were found");
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
