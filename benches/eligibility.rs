//! How long it takes to judge pairs, to build the index of workers, and to find everybody's eligible workers.
//! `cargo bench --bench eligibility`; `cargo bench --bench eligibility -- service` is a smoke test. Drawing the roster is not counted.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use peermatch_core::candidates::{Candidates, blockers};
use peermatch_core::eligibility::{eligible, reasons};
use peermatch_core::pair::Context;
use peermatch_model::policy::Policy;
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_testkit::rosters::{Spec, roster};

fn main() {
    divan::main();
}

fn with(spec: &Spec, run: impl FnOnce(&Context<'_>, &[UserIx])) {
    let (roster, policy) = (roster(spec, 1), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let people: Vec<UserIx> = roster.waiting().collect();
    run(&cx, &people);
}

fn all_pairs(bencher: Bencher<'_, '_>, spec: &Spec, people_max: usize) {
    with(spec, |cx, people| {
        let people = &people[..people.len().min(people_max)];
        let workers = cx.roster.workers().len();
        let pairs = || people.iter().flat_map(|&u| (0..workers).map(move |w| (u, WorkerIx::at(w))));
        bencher
            .counter(ItemsCount::new(people.len() * workers))
            .bench_local(|| pairs().filter(|&(u, w)| eligible(black_box(&cx.pair(u, w)))).count());
    });
}

fn build(bencher: Bencher<'_, '_>, spec: &Spec) {
    with(spec, |cx, _| bencher.bench_local(|| Candidates::new(black_box(cx))));
}

/// Counts the pairs found.
fn rows(bencher: Bencher<'_, '_>, spec: &Spec) {
    with(spec, |cx, people| {
        let candidates = Candidates::new(cx);
        let found: usize = candidates.rows(people).iter().map(Vec::len).sum();
        bencher.counter(ItemsCount::new(found)).bench_local(|| candidates.rows(black_box(people)));
    });
}

/// 240 people, 26 workers.
mod service {
    use super::{
        Bencher, ItemsCount, Spec, UserIx, WorkerIx, all_pairs, black_box, blockers, build,
        reasons, rows, with,
    };

    #[divan::bench]
    fn judge_all_pairs(bencher: Bencher<'_, '_>) {
        all_pairs(bencher, &Spec::SERVICE, usize::MAX);
    }

    #[divan::bench]
    fn all_reasons(bencher: Bencher<'_, '_>) {
        with(&Spec::SERVICE, |cx, people| {
            let pair = |u: UserIx| (0..26).map(move |w| cx.pair(u, WorkerIx::at(w)));
            bencher.counter(ItemsCount::new(people.len() * 26)).bench_local(|| {
                people.iter().flat_map(|&u| pair(u)).map(|p| reasons(&p).len()).sum::<usize>()
            });
        });
    }

    #[divan::bench]
    fn why_nobody(bencher: Bencher<'_, '_>) {
        with(&Spec::SERVICE, |cx, people| {
            let pairs = || (0..26).map(|w| cx.pair(people[0], WorkerIx::at(w)));
            bencher.bench_local(|| blockers(black_box(pairs()), |_| true));
        });
    }

    #[divan::bench]
    fn index(bencher: Bencher<'_, '_>) {
        build(bencher, &Spec::SERVICE);
    }

    #[divan::bench]
    fn eligible_rows(bencher: Bencher<'_, '_>) {
        rows(bencher, &Spec::SERVICE);
    }
}

/// 10,000 people, 1,000 workers.
mod region {
    use super::{Bencher, Spec, all_pairs, build, rows};

    #[divan::bench(sample_count = 10)]
    fn judge_200_rows_of_all_pairs(bencher: Bencher<'_, '_>) {
        all_pairs(bencher, &Spec::REGION, 200);
    }

    #[divan::bench(sample_count = 10)]
    fn index(bencher: Bencher<'_, '_>) {
        build(bencher, &Spec::REGION);
    }

    #[divan::bench(sample_count = 10)]
    fn eligible_rows(bencher: Bencher<'_, '_>) {
        rows(bencher, &Spec::REGION);
    }
}
