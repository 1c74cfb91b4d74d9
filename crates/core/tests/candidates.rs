//! The index finds exactly what walking all pairs finds, on any roster, on any number of threads.

use std::collections::BTreeMap;

use peermatch_core::candidates::{Candidates, blockers};
use peermatch_core::eligibility::{Exclusion, eligible, reasons};
use peermatch_core::pair::Context;
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::Audience;
use peermatch_testkit::rosters::{Spec, check, input, roster};
use proptest::prelude::*;

fn people(roster: &Roster) -> Vec<UserIx> {
    (0..roster.people().len()).map(UserIx::at).collect()
}

fn by_walking(cx: &Context<'_>) -> Vec<Vec<WorkerIx>> {
    let row = |user| {
        (0..cx.roster.workers().len())
            .map(WorkerIx::at)
            .filter(|&w| eligible(&cx.pair(user, w)))
            .collect()
    };
    people(cx.roster).into_iter().map(row).collect()
}

fn agrees(roster: &Roster) {
    let policy = Policy::shipped();
    let cx = Context::new(roster, &policy);
    assert_eq!(Candidates::new(&cx).rows(&people(roster)), by_walking(&cx));
}

/// Scatters everybody over hard parts of the earth (both poles, the date line, the equator), with long journeys.
fn scatter(input: &mut RosterInput, mut at: impl FnMut() -> (i32, i32, u32)) {
    let degrees = |hundredths: i32| Field::Given(f64::from(hundredths) / 100.0);
    let Field::Given(people) = &mut input.people else { panic!("the list is there") };
    for person in people {
        let Field::Given(person) = person else { panic!("the record is right") };
        let (lat, lon, minutes) = at();
        (person.lat, person.lon, person.max_travel_min) =
            (degrees(lat), degrees(lon), minutes.into());
    }
    let Field::Given(workers) = &mut input.workers else { panic!("the list is there") };
    for worker in workers {
        let Field::Given(worker) = worker else { panic!("the record is right") };
        let (lat, lon, minutes) = at();
        (worker.lat, worker.lon, worker.max_travel_min) =
            (degrees(lat), degrees(lon), minutes.into());
    }
}

/// A small generator of its own, so that a test's places depend on its seed alone.
fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    }
}

fn around(next: &mut impl FnMut() -> u64, middle: i32, spread: u64) -> i32 {
    middle + i32::try_from(next() % (2 * spread + 1)).expect("small")
        - i32::try_from(spread).expect("small")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_index_finds_what_walking_finds(seed in any::<u64>(), people in 0usize..30, workers in 1usize..80, must in 0u8..60, areas in 1usize..8, wild in any::<bool>()) {
        let base = if wild { Spec::WILD } else { Spec::SERVICE };
        let mut spec = base.sized(people, workers);
        (spec.must_percent, spec.areas) = (must, areas);
        agrees(&roster(&spec, seed));
    }

    #[test]
    fn nobody_is_lost_at_the_poles_or_the_date_line(seed in any::<u64>(), wide in any::<bool>()) {
        let mut next = numbers(seed);
        let mut drawn = input(&Spec::SERVICE.sized(40, 40), seed);
        let centres = [(8_950, 0), (-8_950, 9_000), (0, 17_950), (-3_700, -17_980), (0, 0), (6_000, 17_990)];
        let spread = if wide { 300 } else { 40 };
        let place = usize::try_from(next() % 6).expect("small");
        scatter(&mut drawn, || {
            let (lat, lon) = (around(&mut next, centres[place].0, spread), around(&mut next, centres[place].1, spread));
            let minutes = u32::try_from(next() % 600).expect("small");
            (lat.clamp(-9_000, 9_000), (lon + 18_000).rem_euclid(36_000) - 18_000, minutes)
        });
        agrees(&check(&drawn));
    }
}

#[test]
fn people_all_over_the_world_make_coarser_cells_and_the_same_rows() {
    let mut drawn = input(&Spec::SERVICE.sized(2_500, 20), 5);
    let mut next = numbers(5);
    scatter(&mut drawn, || {
        (
            around(&mut next, 0, 9_000),
            around(&mut next, 0, 18_000),
            u32::try_from(next() % 600).expect("small"),
        )
    });
    agrees(&check(&drawn));
}

#[test]
fn a_region_agrees_too() {
    agrees(&roster(&Spec::REGION.sized(400, 300), 11));
}

#[test]
fn any_number_of_threads_gives_the_same_rows() {
    let (roster, policy) = (roster(&Spec::SERVICE, 3), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Candidates::new(&cx).rows(&people(&roster)))
    };
    let one = run(1);
    assert!(one.iter().any(|row| !row.is_empty()));
    assert_eq!(run(2), one);
    assert_eq!(run(8), one);
}

#[test]
fn the_order_of_rows_in_the_input_does_not_matter() {
    let by_id = |input: &RosterInput| -> BTreeMap<String, Vec<String>> {
        let (roster, policy) = (check(input), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        let rows = Candidates::new(&cx).rows(&people(&roster));
        let ids =
            |row: Vec<WorkerIx>| row.into_iter().map(|w| roster.worker(w).id.clone()).collect();
        people(&roster)
            .into_iter()
            .zip(rows)
            .map(|(u, row)| (roster.user(u).id.clone(), ids(row)))
            .collect()
    };
    for seed in 0..10 {
        let drawn = input(&Spec::WILD, seed);
        let mut turned = drawn.clone();
        let Field::Given(people) = &mut turned.people else { panic!("the list is there") };
        people.reverse();
        let Field::Given(workers) = &mut turned.workers else { panic!("the list is there") };
        workers.rotate_left(7);
        let Field::Given(services) = &mut turned.services else { panic!("the list is there") };
        services.reverse();
        assert_eq!(by_id(&turned), by_id(&drawn));
    }
}

#[test]
fn blockers_count_what_one_change_would_open() {
    let mut some = 0;
    for seed in 0..20 {
        let (roster, policy) = (roster(&Spec::WILD, seed), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        for user in people(&roster) {
            let pairs = (0..roster.workers().len()).map(|w| cx.pair(user, WorkerIx::at(w)));
            let found = blockers(pairs, |_| true);
            let all: Vec<Vec<Exclusion>> = (0..roster.workers().len())
                .map(|w| reasons(&cx.pair(user, WorkerIx::at(w))))
                .collect();
            assert_eq!(
                (found.workers, found.eligible),
                (all.len(), all.iter().filter(|r| r.is_empty()).count())
            );
            for &(reason, n) in &found.alone {
                assert_eq!(n, all.iter().filter(|r| r[..] == [reason]).count());
            }
            for &(reason, n) in &found.among {
                assert_eq!(n, all.iter().filter(|r| r.contains(&reason)).count());
            }
            assert!(found.alone.is_sorted_by(|a, b| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0)));
            some += found.alone.len();

            let pairs = (0..roster.workers().len()).map(|w| cx.pair(user, WorkerIx::at(w)));
            let shown = blockers(pairs, |r| r.visible_to(Audience::Coordinator));
            assert!(shown.among.iter().all(|(r, _)| r.visible_to(Audience::Coordinator)));
        }
    }
    assert!(some > 0);
}
