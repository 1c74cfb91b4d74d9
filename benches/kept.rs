//! What a kept roster costs at the size that is promised: 60,000 people and 5,000 workers of whom most are matched already. Reading its stored
//! records, checking and preparing it, and what one suggestion takes, with what each choice costs everybody else.
//! `cargo bench --bench kept`; `cargo bench --bench kept -- small` is a smoke test. Drawing the roster is not counted, nor the checks of
//! what is timed. `cargo run --release --example kept_size` tells memory too.

use divan::{Bencher, black_box};
use peermatch::engine::choice::Costs;
use peermatch::engine::hash::roster_hash;
use peermatch::engine::suggest::{Suggester, suggest};
use peermatch::model::raw::{Field, ServiceUserInput};
use peermatch::model::roster::UserIx;
use peermatch::{Context, Policy, Quiet, Roster, match_roster};
use peermatch_testkit::rosters::{self, Spec};

fn main() {
    divan::main();
}

/// A hundredth of the size in the smoke test, the whole otherwise.
#[derive(Debug, Clone, Copy)]
enum Size {
    Small,
    State,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Small => "small",
            Self::State => "state",
        })
    }
}

impl Size {
    /// Whatever is built without optimisation is run to see that it runs, not to be timed.
    const ALL: &'static [Self] =
        if cfg!(debug_assertions) { &[Self::Small] } else { &[Self::Small, Self::State] };

    fn spec(self) -> Spec {
        match self {
            Self::Small => Spec::STATE.smaller(100),
            Self::State => Spec::STATE,
        }
    }

    fn roster(self) -> Roster {
        rosters::roster(&self.spec(), 1)
    }
}

/// Some of those who are to be matched, from the longest waiting to the newest.
fn some(roster: &Roster) -> Vec<UserIx> {
    let waiting: Vec<UserIx> = roster.waiting().collect();
    let each = (waiting.len() / 100).max(1);
    waiting.into_iter().step_by(each).collect()
}

/// The people read from their stored records, one JSON text each.
#[divan::bench(args = Size::ALL.iter().copied(), max_time = 10)]
fn read_people(bencher: Bencher<'_, '_>, size: Size) {
    let input = rosters::input(&size.spec(), 1);
    let people = input.people.given().into_iter().flatten().filter_map(Field::given);
    let records: Vec<String> =
        people.map(|person| serde_json::to_string(person).expect("a record is written")).collect();
    let read = |text: &String| serde_json::from_str::<ServiceUserInput>(text);
    assert!(records.iter().all(|text| read(text).is_ok()));
    bencher.bench(|| black_box(&records).iter().map(read).collect::<Vec<_>>());
}

/// A whole roster checked.
#[divan::bench(args = Size::ALL.iter().copied(), max_time = 10)]
fn check(bencher: Bencher<'_, '_>, size: Size) {
    let input = rosters::input(&size.spec(), 1);
    bencher.bench(|| rosters::check(black_box(&input)));
}

/// The hash that binds what is told to what it was made from.
#[divan::bench(args = Size::ALL.iter().copied(), max_time = 10)]
fn hash(bencher: Bencher<'_, '_>, size: Size) {
    let roster = size.roster();
    bencher.bench(|| roster_hash(black_box(&roster)));
}

/// Context and suggester: what is prepared once.
#[divan::bench(args = Size::ALL.iter().copied(), max_time = 10)]
fn prepare(bencher: Bencher<'_, '_>, size: Size) {
    let (roster, policy) = (size.roster(), Policy::shipped());
    bencher.bench(|| {
        let cx = Context::new(black_box(&roster), &policy);
        Suggester::new(&cx).suggest(UserIx::at(0), 0).available
    });
}

/// The whole matching.
#[divan::bench(args = Size::ALL.iter().copied(), max_time = 20)]
fn whole_matching(bencher: Bencher<'_, '_>, size: Size) {
    let (roster, policy) = (size.roster(), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    bencher.bench(|| match_roster(black_box(&cx), &Quiet).map(|run| run.decided().served()).ok());
}

/// Five suggestions for one person, explained: one after another of those who are to be matched.
#[divan::bench(args = Size::ALL.iter().copied(), sample_count = 1_000, sample_size = 1)]
fn suggestions(bencher: Bencher<'_, '_>, size: Size) {
    let (roster, policy) = (size.roster(), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let (suggester, users) = (Suggester::new(&cx), some(&roster));
    for &user in users.iter().step_by(20) {
        assert_eq!(suggester.suggest(user, 5), suggest(&cx, user, 5));
    }
    let mut next = users.iter().cycle();
    bencher.bench_local(|| next.next().map(|&user| suggester.suggest(user, 5)));
}

/// The same with what each choice costs everybody else, beside a matching made before.
#[divan::bench(args = Size::ALL.iter().copied(), sample_count = 1_000, sample_size = 1)]
fn suggestions_with_costs(bencher: Bencher<'_, '_>, size: Size) {
    let (roster, policy) = (size.roster(), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let (suggester, users) = (Suggester::new(&cx), some(&roster));
    let run = match_roster(&cx, &Quiet).expect("feasible");
    let costs = Costs::of_run(&run).expect("the shipped policy has prices");
    for &user in users.iter().step_by(20) {
        let found = suggester.suggest_with_costs(&costs, user, 5);
        for told in &found.workers {
            let worker = roster.find_worker(&told.worker_id).expect("a worker of the roster");
            assert_eq!(told.cost_to_others, costs.of(user, worker));
        }
    }
    let mut next = users.iter().cycle();
    bencher.bench_local(|| next.next().map(|&user| suggester.suggest_with_costs(&costs, user, 5)));
}
