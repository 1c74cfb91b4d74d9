//! Iwi near or far, on the person's wish alone. Some want their own beside them, some want nobody who knows the whānau.

use peermatch_model::policy::Policy;
use peermatch_model::roster::WishValues;
use peermatch_model::words::Audience;

use super::identity::Compared;
use super::voice::{as_wished, unknown, wished_but};
use super::{Criterion, Known, Met, Part, Place, wish_at};
use crate::pair::Pair;

/// Near: one of the person's own iwi, at the level recorded. Far: the worker's iwi are known and none is related.
#[derive(Debug, Clone, Copy)]
pub(super) struct Iwi;

impl Criterion for Iwi {
    of_wish!(Iwi);

    fn floor(&self, policy: &Policy) -> u32 {
        policy.floor_identity
    }

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::IwiNear(near) = wish.values else { return Known::UNKNOWN };
        let them = Compared::iwi(pair);
        Known::from_answer(if near { them.same() } else { them.apart() })
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let WishValues::IwiNear(near) = wish_at(pair, part.place)?.values else { return None };
        if audience == Audience::PeerWorker {
            return None;
        }
        let owner = if audience == Audience::ServiceUser { "your" } else { "the person's" };
        Some(match (part.met, near) {
            (Met::Unknown, _) => unknown(audience, "iwi"),
            (Met::Met, true) => as_wished(audience, "Is of", "are of", &format!("{owner} iwi")),
            (Met::Met, false) => as_wished(audience, "Is of", "are of", "another iwi"),
            (_, true) => wished_but(
                audience,
                &format!("somebody of {owner} iwi"),
                "this worker is of another",
            ),
            (_, false) => wished_but(
                audience,
                "somebody of another iwi",
                &format!("this worker is of {owner} iwi, or near to it"),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn near_and_far_read_iwi_alone() {
        let mut it = Little::new();
        it.own(&[("iwi", "North"), ("eth", "Māori")]).wish("iwi", json!(["near"]), "important");
        assert_eq!(it.told(&[("eth", "Māori")]).known(), (0, Met::Unknown));
        assert_eq!(it.told(&[("iwi", "North")]).known(), (WHOLE, Met::Met));
        assert_eq!(it.told(&[("iwi", "South")]).known(), (0, Met::NotMet));
        it.wish("iwi", json!(["far"]), "important");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Is of another iwi, as you wished")
        );
        assert_eq!(it.told(&[("iwi", "South"), ("iwi", "North")]).known(), (0, Met::NotMet));
        assert_eq!(it.told(&[]).known(), (0, Met::Unknown));
        assert_eq!(it.words(Audience::PeerWorker), None);
    }
}
