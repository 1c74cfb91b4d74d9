//! The worker's gender, on the person's wish alone.

use peermatch_model::policy::Policy;
use peermatch_model::roster::WishValues;
use peermatch_model::words::{Audience, Direction, Gender, WordSet};

use super::voice::{as_wished, list, rather_not_but, unknown, wished_but};
use super::{Criterion, Known, Met, Part, Place, identity, wish_at};
use crate::pair::Pair;

/// Any of the wished genders will do; away from some, any other that the worker told.
#[derive(Debug, Clone, Copy)]
pub(super) struct WishedGender;

impl Criterion for WishedGender {
    of_wish!(Gender);

    fn floor(&self, policy: &Policy) -> u32 {
        policy.floor_identity
    }

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Genders(wished) = wish.values else { return Known::UNKNOWN };
        let answer = pair.worker.gender.map(|told| wished.has(told.value));
        Known::from_answer(identity::directed(wish.direction, answer))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let wish = wish_at(pair, part.place)?;
        let WishValues::Genders(wished) = wish.values else { return None };
        if audience == Audience::PeerWorker {
            return None;
        }
        let Some(told) = pair.worker.gender else { return Some(unknown(audience, "gender")) };
        let is = a(told.value);
        let instead = format!("this worker is {is}");
        Some(match (part.met, wish.direction) {
            (Met::Met, _) => as_wished(audience, "Is", "are", is),
            (_, Direction::Prefer) => wished_but(audience, &any_of(wished), &instead),
            (_, Direction::Avoid) => rather_not_but(audience, &any_of(wished), &instead),
        })
    }
}

fn a(gender: Gender) -> &'static str {
    match gender {
        Gender::Man => "a man",
        Gender::Woman => "a woman",
        Gender::Another => "of another gender",
    }
}

fn any_of(genders: WordSet) -> String {
    let names: Vec<&str> = genders
        .iter::<Gender>()
        .map(|g| match g {
            Gender::Another => "somebody of another gender",
            g => a(g),
        })
        .collect();
    list(&names, " or ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn a_wish_is_met_by_what_was_told_alone() {
        let mut it = Little::new();
        it.wish("gender", json!(["woman"]), "important");
        assert_eq!(it.known(), (0, Met::Unknown), "nothing told");
        it.worker("gender", json!("woman"));
        assert_eq!(it.known(), (0, Met::Unknown), "told, but not for matching");
        it.worker("gender_consent_match", json!(true));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(it.words(Audience::ServiceUser).as_deref(), Some("Is a woman, as you wished"));
        assert_eq!(it.words(Audience::PeerWorker), None);
        it.worker("gender", json!("man"));
        assert_eq!(
            (it.known(), it.part().value),
            ((0, Met::NotMet), 200_000),
            "never below the floor"
        );
        assert_eq!(
            it.words(Audience::Coordinator).as_deref(),
            Some("Wished for a woman; this worker is a man")
        );
    }

    #[test]
    fn away_from_a_gender_silence_is_not_an_answer() {
        let mut it = Little::new();
        it.avoid("gender", json!(["man"]), "must");
        assert_eq!(it.unmet().len(), 1);
        it.worker("gender", json!("another_gender")).worker("gender_consent_match", json!(true));
        assert!(it.unmet().is_empty());
    }
}
