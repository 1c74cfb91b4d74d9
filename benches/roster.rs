//! What a service asks for by name, each on the shipped 26-worker service: a matching by every objective, their comparison, a list with how firm
//! it is, menus and answers, lotteries, a matching after a change, and a handover. `cargo bench --bench roster`. What is made is verified once
//! before it is timed, so no figure stands for a wrong answer. Reading and checking the roster is not counted.

use std::path::Path;

use divan::{Bencher, black_box};
use peermatch::engine::compare::compare;
use peermatch::engine::draw::{Draws, key, order};
use peermatch::engine::handover::{self, handover};
use peermatch::engine::lottery::{self, LotteryObjective, LotteryRequest};
use peermatch::engine::menu::{self, Answer, MOST_LOSS, MenuKind, MenuMode, MenuRequest};
use peermatch::engine::report::Origin;
use peermatch::engine::robust::WAYS;
use peermatch::engine::run::match_from;
use peermatch::engine::update::Earlier;
use peermatch::formats::read_pack_dir;
use peermatch::model::raw::{Field, RosterInput};
use peermatch::model::roster::UserIx;
use peermatch::model::words::{Objective, Words};
use peermatch::{
    Audience, Context, Policy, Quiet, Roster, document, match_roster, suggest, verify,
};
use peermatch_testkit::rosters;

fn main() {
    divan::main();
}

fn input() -> RosterInput {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/programmes/service/roster");
    let mut loaded = read_pack_dir(&folder).expect("the pack is there");
    // Some objectives and lotteries know no minimum and refuse one: without them all do the same work.
    loaded.set_minimums_aside();
    loaded.input().clone()
}

fn service() -> Roster {
    rosters::check(&input())
}

/// With the shipped service and policy.
fn with(run: impl FnOnce(&Context<'_>)) {
    let (roster, policy) = (service(), Policy::shipped());
    run(&Context::new(&roster, &policy));
}

/// From a checked roster to a verified matching.
#[divan::bench(args = Objective::ALL.iter().copied())]
fn objective(bencher: Bencher<'_, '_>, objective: Objective) {
    let policy = Policy::shipped().with_objective(objective, None);
    let roster = service();
    let cx = Context::new(&roster, &policy);
    let made = document(&match_roster(&cx, &Quiet).expect("feasible"));
    // The document lists the matches that stand, too.
    let proposals = made.matches.iter().filter(|pair| pair.status != Origin::Kept).count();
    assert!(verify(&cx, &made).is_ok_and(|decided| decided.pairs().count() == proposals));
    bencher.bench(|| match_roster(black_box(&cx), &Quiet).map(|run| run.decided().served()).ok());
}

/// Every objective once, with its figures.
#[divan::bench(sample_count = 10)]
fn compare_all(bencher: Bencher<'_, '_>) {
    with(|cx| {
        let all = || compare(cx, Objective::ALL, Audience::Auditor, 0, &Quiet);
        let rows = all().expect("feasible").rows;
        assert!(rows.len() == Objective::ALL.len() && rows.iter().all(|row| row.figures.is_some()));
        bencher.bench(all);
    });
}

/// Five suggestions for everybody who waits, each with how firm it is; divided by the people it is the time of one list.
#[divan::bench(sample_count = 10)]
fn lists_of_all_with_how_firm(bencher: Bencher<'_, '_>) {
    with(|cx| {
        let people: Vec<UserIx> = cx.roster.waiting().collect();
        // Somebody comes first under every way to weigh, and the first places are shared out among all.
        let told = people.iter().flat_map(|&user| suggest(cx, user, usize::MAX).workers);
        let firsts: u32 = told.filter_map(|told| Some(told.firmness?.ways_first)).sum();
        assert!(firsts > 0 && firsts.is_multiple_of(WAYS), "{firsts}");
        bencher
            .counter(divan::counter::ItemsCount::new(people.len()))
            .bench(|| people.iter().map(|&user| suggest(cx, user, 5).available).sum::<usize>());
    });
}

const MODES: [(&str, MenuMode); 3] =
    [("safe", MenuMode::Safe), ("live", MenuMode::Live), ("shortlist", MenuMode::Shortlist)];

fn request(name: &str) -> MenuRequest {
    let mode = MODES.iter().find(|mode| mode.0 == name).map_or(MenuMode::Safe, |mode| mode.1);
    MenuRequest { asked: None, size: 3, mode, seed: 0, most_loss: MOST_LOSS }
}

fn modes() -> impl Iterator<Item = &'static str> {
    MODES.iter().map(|mode| mode.0)
}

/// Menus of three for everybody.
#[divan::bench(args = modes(), sample_count = 10)]
fn menus(bencher: Bencher<'_, '_>, name: &str) {
    with(|cx| {
        let make = || menu::make(cx, &request(name), &Quiet);
        let made = make().expect("menus");
        assert!(menu::verify(cx, &made).is_ok() && !made.menus.is_empty());
        bencher.bench(make);
    });
}

/// Their verification.
#[divan::bench(args = modes(), sample_count = 10)]
fn menus_verified(bencher: Bencher<'_, '_>, name: &str) {
    with(|cx| {
        let made = menu::make(cx, &request(name), &Quiet).expect("menus");
        assert!(menu::verify(cx, &made).is_ok());
        bencher.bench(|| menu::verify(cx, black_box(&made)).is_ok());
    });
}

/// The first pick from a menu, and the menus of all others after it.
#[divan::bench(args = ["safe", "live"], sample_count = 10)]
fn menus_answered(bencher: Bencher<'_, '_>, name: &str) {
    with(|cx| {
        let made = menu::make(cx, &request(name), &Quiet).expect("menus");
        let kind = if name == "safe" { MenuKind::Safe } else { MenuKind::Live };
        let first = made.menus.iter().find(|menu| menu.kind == kind).expect("a menu");
        let person = cx.roster.find_user(&first.person_id).expect("a person of the roster");
        let pick = || Answer::Pick(first.options[0].worker_id.clone());
        let choose = || menu::choose(cx, &made, person, pick(), false, &Quiet);
        let next = choose().expect("an option can be picked");
        assert!(next.answers.len() == 1 && menu::verify(cx, &next).is_ok());
        bencher.bench(choose);
    });
}

const LOTTERIES: [(&str, LotteryObjective); 2] = [
    ("best-total, at most a half", LotteryObjective::BestTotal),
    ("probabilistic serial", LotteryObjective::ProbabilisticSerial),
];

/// All chances, the draw, and the document.
#[divan::bench(args = LOTTERIES.map(|kind| kind.0), sample_count = 5)]
fn lotteries(bencher: Bencher<'_, '_>, name: &str) {
    lottery_of(name, |make, _| bencher.bench(make));
}

/// The verification of all chances and of the draw.
#[divan::bench(args = LOTTERIES.map(|kind| kind.0), sample_count = 5)]
fn lotteries_verified(bencher: Bencher<'_, '_>, name: &str) {
    lottery_of(name, |_, check| bencher.bench(check));
}

fn lottery_of(
    name: &str,
    time: impl FnOnce(&(dyn Fn() -> usize + Sync), &(dyn Fn() -> usize + Sync)),
) {
    let objective = LOTTERIES.iter().find(|kind| kind.0 == name).expect("one of them").1;
    let secret = String::new();
    let request = LotteryRequest { objective, cap: 30, denominator: 60, seed: 0, secret };
    with(|cx| {
        let make = || lottery::make(cx, &request, &Quiet).expect("a lottery");
        let made = make();
        let check = || lottery::verify(cx, &made, &Quiet).expect("verified").drawn;
        assert!(check() > 0 && check() == make().drawn.len());
        time(&|| make().drawn.len(), &check);
    });
}

/// One who had been given somebody goes: from the earlier matching, moving the fewest, with both proofs.
#[divan::bench]
fn update_when_one_goes(bencher: Bencher<'_, '_>) {
    let (whole, policy) = (input(), Policy::shipped());
    let roster = rosters::check(&whole);
    let old = document(&match_roster(&Context::new(&roster, &policy), &Quiet).expect("feasible"));
    let gone = old.matches.iter().find(|pair| pair.status != Origin::Kept).expect("a proposal");
    let mut after = whole;
    let Field::Given(people) = &mut after.people else { unreachable!("a checked roster") };
    let goes: Field<String> = gone.person_id.clone().into();
    people.retain(|person| !matches!(person, Field::Given(person) if person.id == goes));
    let after = rosters::check(&after);
    assert_eq!(after.people().len() + 1, roster.people().len());
    let cx = Context::new(&after, &policy);
    let earlier = Earlier::read(&after, &old).expect("of the same service");
    let again = || match_from(&cx, &earlier, 0, &Quiet).map(|run| document(&run));
    let fresh = document(&match_roster(&cx, &Quiet).expect("feasible"));
    let made = again().expect("feasible");
    assert!(verify(&cx, &made).is_ok());
    assert_eq!(made.certificate.total_cost, fresh.certificate.total_cost);
    bencher.bench(again);
}

/// A worker leaves; where the people can go.
#[divan::bench]
fn handover_of_one_worker(bencher: Bencher<'_, '_>) {
    let (input, policy) = (input(), Policy::shipped());
    let roster = rosters::check(&input);
    let leaving = [roster.find_worker("W-25").expect("the worker of the README")];
    let make = || handover(&input, &roster, &policy, &leaving, 0, &Quiet);
    let made = make().expect("possible");
    assert!(!made.people.is_empty());
    handover::verify(&input, &roster, &policy, &made).expect("verified");
    bencher.bench(make);
}

/// Lots: an order of 10,000 ids, 10,000 keys of pairs, 10,000 numbers of a stream.
#[divan::bench(args = ["order", "keys", "stream"], sample_count = 20)]
fn draws_10_000(bencher: Bencher<'_, '_>, what: &str) {
    let ids: Vec<String> = (0..10_000).map(|n| format!("P-{n:05}")).collect();
    let mut turns = order("bench", 1, &ids);
    turns.sort_unstable();
    assert!(turns.into_iter().eq(0..10_000), "an order has everybody once");
    assert_ne!(key("bench", 1, "a", "b"), key("bench", 1, "b", "a"));
    bencher.bench(|| match what {
        "order" => order("bench", 1, black_box(&ids))[0] as u64,
        "keys" => ids.iter().map(|id| u64::from(key("bench", 1, id, "W-01"))).sum(),
        _ => {
            let mut draws = Draws::new("bench", 1);
            (0..10_000).map(|_| draws.next() >> 32).sum()
        }
    });
}
