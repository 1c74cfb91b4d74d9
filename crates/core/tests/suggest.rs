//! Suggestions for many people of a kept roster are those that walking every pair gives, byte for byte.

use peermatch_core::pair::Context;
use peermatch_core::suggest::{Suggester, suggest};
use peermatch_model::policy::Policy;
use peermatch_model::roster::{Roster, UserIx};
use peermatch_testkit::rosters::{Spec, roster};

/// Compares everybody's counts, and for every `explained`th person whole suggestions, which take long to make in a test. How many people
/// were compared, and how many sentences were counted.
fn same(roster: &Roster, policy: &Policy, explained: usize) -> (usize, usize) {
    let cx = Context::new(roster, policy);
    let suggester = Suggester::new(&cx);
    let mut sentences = 0;
    for (place, user) in (0..roster.people().len()).map(UserIx::at).enumerate() {
        let top = if place % explained == 0 { 5 } else { 0 };
        let (with_sets, walked) = (suggester.suggest(user, top), suggest(&cx, user, top));
        assert_eq!(with_sets, walked, "{user:?}");
        sentences += walked.others.len();
    }
    (roster.people().len(), sentences)
}

#[test]
fn sets_count_what_walking_every_pair_counts() {
    let policy = Policy::shipped();
    let mut seen = (0, 0);
    for seed in 0..2_000 {
        let mut spec = if seed % 10 == 9 { Spec::WILD } else { Spec::SMALL };
        // Nobody, few and many to one area; meetings of any length.
        spec.areas = 1 + usize::try_from(seed % 7).unwrap() * 3;
        let mut policy = policy.clone();
        policy.rules.meeting_minutes = [45, 0, 15, 60, 240][usize::try_from(seed % 5).unwrap()];
        let explained = if seed % 25 == 0 { 11 } else { usize::MAX };
        let (people, sentences) = same(&roster(&spec, seed), &policy, explained);
        seen = (seen.0 + people, seen.1 + sentences);
    }
    assert!(seen.0 > 30_000 && seen.1 > 4 * seen.0, "{seen:?}");
}

#[test]
fn a_small_state_is_told_the_same() {
    let policy = Policy::shipped();
    for seed in 0..2 {
        same(&roster(&Spec::STATE.smaller(100), seed), &policy, 40);
    }
}
