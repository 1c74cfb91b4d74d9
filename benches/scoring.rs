//! What one pair costs to score. `cargo bench --bench scoring`; the items per second are pairs (people, in `prepare`).

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use peermatch::engine::scoring::{Scorer, worker_loss};
use peermatch::model::roster::{UserIx, WorkerIx};
use peermatch::{Context, Policy, Roster};
use peermatch_testkit::rosters::{Spec, roster};

fn main() {
    divan::main();
}

/// The service of the examples, and the same with three times the wishes.
const WISHES: [u8; 2] = [25, 75];

fn drawn(wish_percent: u8) -> Roster {
    let mut spec = Spec::SERVICE;
    spec.wish_percent = wish_percent;
    roster(&spec, 1)
}

fn people(roster: &Roster) -> impl Iterator<Item = UserIx> {
    (0..roster.people().len()).map(UserIx::at)
}

fn workers(roster: &Roster) -> impl Iterator<Item = WorkerIx> {
    (0..roster.workers().len()).map(WorkerIx::at)
}

/// The loss of every pair, people prepared once each.
#[divan::bench(args = WISHES)]
fn loss(bencher: Bencher<'_, '_>, wish_percent: u8) {
    let (roster, policy) = (drawn(wish_percent), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let pairs = roster.people().len() * roster.workers().len();
    bencher.counter(ItemsCount::new(pairs)).bench_local(|| {
        let mut sum = 0;
        for user in people(&roster) {
            let scorer = Scorer::for_user(&cx, user);
            for worker in workers(&roster) {
                sum += u64::from(scorer.loss(black_box(&cx.pair(user, worker))));
            }
        }
        sum
    });
}

/// The workers' side of every pair.
#[divan::bench(args = WISHES)]
fn loss_of_workers(bencher: Bencher<'_, '_>, wish_percent: u8) {
    let (roster, policy) = (drawn(wish_percent), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let pairs = roster.people().len() * roster.workers().len();
    bencher.counter(ItemsCount::new(pairs)).bench_local(|| {
        let mut sum = 0;
        for user in people(&roster) {
            for worker in workers(&roster) {
                sum += u64::from(worker_loss(black_box(&cx.pair(user, worker))));
            }
        }
        sum
    });
}

/// The fit of every pair of a tenth of the people, with its parts.
#[divan::bench(args = WISHES)]
fn fit(bencher: Bencher<'_, '_>, wish_percent: u8) {
    let (roster, policy) = (drawn(wish_percent), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let few = roster.people().len() / 10;
    bencher.counter(ItemsCount::new(few * roster.workers().len())).bench_local(|| {
        let mut parts = 0;
        for user in people(&roster).take(few) {
            let scorer = Scorer::for_user(&cx, user);
            for worker in workers(&roster) {
                parts += scorer.fit(black_box(&cx.pair(user, worker))).parts.len();
            }
        }
        parts
    });
}

/// Preparing everybody's terms.
#[divan::bench(args = WISHES)]
fn prepare(bencher: Bencher<'_, '_>, wish_percent: u8) {
    let (roster, policy) = (drawn(wish_percent), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    bencher.counter(ItemsCount::new(roster.people().len())).bench_local(|| {
        people(&roster)
            .filter(|&user| Scorer::for_user(black_box(&cx), user).nothing_asked())
            .count()
    });
}
