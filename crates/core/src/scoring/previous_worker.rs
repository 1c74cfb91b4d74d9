//! The same worker as before, somebody like them, or somebody else.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::{PeerWorker, PreviousWish, WishValues};
use peermatch_model::words::Audience;

use super::{Criterion, Known, Met, Part, Place, portion, wish_at};
use crate::pair::Pair;

/// Same: one of the earlier workers. Different: none of them. Like: the share of an earlier worker's styles and kinds of support that this worker has too, the
/// best over the earlier ones; never who anybody is, so that "like last time" cannot smuggle in a gender or an ethnicity.
#[derive(Debug, Clone, Copy)]
pub(super) struct PreviousWorker;

impl Criterion for PreviousWorker {
    of_wish!(PreviousWorker);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Previous(wished) = wish.values else { return Known::UNKNOWN };
        let before = pair.user.previous_workers.contains(&pair.worker_ix);
        match wished {
            PreviousWish::Same => Known::from_answer(Some(before)),
            PreviousWish::Different => Known::from_answer(Some(!before)),
            PreviousWish::Like if before => Known::MET,
            PreviousWish::Like => {
                let earlier = pair.user.previous_workers.iter().map(|&w| pair.roster().worker(w));
                Known::of(earlier.map(|e| alike(e, pair.worker)).max().unwrap_or(0))
            }
        }
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let WishValues::Previous(wished) = wish_at(pair, part.place)?.values else { return None };
        let you = audience == Audience::ServiceUser;
        if audience == Audience::PeerWorker {
            // How it went with somebody else is not this worker's to know.
            return None;
        }
        let met = part.met != Met::NotMet;
        Some(
            match (wished, met, you) {
                (PreviousWish::Same, true, true) => "Walked with you before, as you wished",
                (PreviousWish::Same, true, false) => "Walked with the person before, as wished",
                (PreviousWish::Same, false, true) => "Has not walked with you before",
                (PreviousWish::Same, false, false) => "Has not walked with the person before",
                (PreviousWish::Different, true, true) => "Is somebody new to you, as you wished",
                (PreviousWish::Different, true, false) => {
                    "Is somebody new to the person, as wished"
                }
                (PreviousWish::Different, false, true) => {
                    "You wished for somebody new; this worker walked with you before"
                }
                (PreviousWish::Different, false, false) => {
                    "Wished for somebody new; this worker walked with the person before"
                }
                (PreviousWish::Like, true, true) => {
                    "Works much like the worker you had, as you wished"
                }
                (PreviousWish::Like, true, false) => "Works much like the worker before, as wished",
                (PreviousWish::Like, false, true) => "Works in another way than the worker you had",
                (PreviousWish::Like, false, false) => "Works in another way than the worker before",
            }
            .to_owned(),
        )
    }
}

/// The share of what is known of how `earlier` works that `now` shares; 0 if nothing is known.
fn alike(earlier: &PeerWorker, now: &PeerWorker) -> u32 {
    if earlier.styles.is_empty() && earlier.support_types.is_empty() {
        return 0;
    }
    let styles = earlier.styles.iter().filter(|s| now.styles.contains(s)).count() as u64;
    let kinds = u64::from(earlier.support_types.both(now.support_types).len());
    let all = earlier.styles.len() as u64 + u64::from(earlier.support_types.len());
    portion(styles + kinds, all).min(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    fn ended(it: &mut Little, worker: &str) {
        it.top(
            "matches",
            json!([{"id": "m", "person_id": "p", "worker_id": worker, "status": "ended"}]),
        );
    }

    #[test]
    fn same_like_and_different() {
        let mut it = Little::new();
        it.other_worker("styles", json!(["calm", "practical"]))
            .other_worker("support_types", json!(["emotional"]));
        it.worker("styles", json!(["calm"])).worker("support_types", json!(["emotional"]));
        ended(&mut it, "b");
        let value = |it: &mut Little, wish: &str| {
            it.wish("previous_worker", json!([wish]), "important").known().0
        };
        assert_eq!(
            [value(&mut it, "same"), value(&mut it, "different"), value(&mut it, "like")],
            [0, WHOLE, 666_667]
        );
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Works much like the worker you had, as you wished")
        );
        ended(&mut it, "a");
        assert_eq!(
            [value(&mut it, "same"), value(&mut it, "different"), value(&mut it, "like")],
            [WHOLE, 0, WHOLE]
        );
    }

    #[test]
    fn like_last_time_never_reads_who_somebody_is() {
        let mut it = Little::new();
        ended(&mut it, "b");
        it.wish("previous_worker", json!(["like"]), "important")
            .other_worker("styles", json!(["calm"]));
        it.worker("gender", json!("man")).worker("gender_consent_match", json!(true));
        let before = it.fit();
        it.other_worker("gender", json!("man")).other_worker("gender_consent_match", json!(true));
        assert_eq!(it.fit(), before);
        assert_eq!(it.words(Audience::PeerWorker), None);
    }
}
