//! Shared identity, on the person's wish alone: their own, a named one, or not their own community.
//!
//! Competence in a culture is another criterion: it is never taken for identity, nor identity for competence.

use peermatch_model::policy::Policy;
use peermatch_model::roster::{CodeIx, CultureWish, WishValues};
use peermatch_model::words::{Audience, Direction};

use super::identity::{self, Compared};
use super::voice::{as_wished, list, rather_not_but, unknown, wished_but};
use super::{Criterion, Known, Met, Part, Place, wish_at};
use crate::pair::Pair;

/// Any of the wished identities will do, each at the level it was recorded or named.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedCulture;

impl Criterion for SharedCulture {
    of_wish!(SharedCulture);

    fn floor(&self, policy: &Policy) -> u32 {
        policy.floor_identity
    }

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Cultures(wished) = &wish.values else { return Known::UNKNOWN };
        let them = Compared::cultures(pair);
        let answer = identity::any(wished.iter().map(|one| match one {
            CultureWish::Same => them.same(),
            CultureWish::NotMyOwn => them.apart(),
            // A wish may name an iwi here too; it is then compared among iwi.
            &CultureWish::Code(code) if pair.roster().code(code).system == identity::IWI_SYSTEM => {
                Compared::iwi(pair).is(code)
            }
            &CultureWish::Code(code) => them.is(code),
        }));
        Known::from_answer(identity::directed(wish.direction, answer))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let wish = wish_at(pair, part.place)?;
        let WishValues::Cultures(wished) = &wish.values else { return None };
        if audience == Audience::PeerWorker {
            return None;
        }
        let label = |code: CodeIx| pair.roster().code(code).label.as_str();
        let them = Compared::cultures(pair);
        let own: Vec<CodeIx> = them.own().collect();
        let codes: Vec<CodeIx> = wished
            .iter()
            .flat_map(|one| match one {
                CultureWish::Same => own.clone(),
                CultureWish::NotMyOwn => Vec::new(),
                &CultureWish::Code(code) => vec![code],
            })
            .collect();
        let owner = if audience == Audience::ServiceUser { "your" } else { "the person's" };
        let outside = wished.contains(&CultureWish::NotMyOwn);
        let matched = codes
            .iter()
            .find_map(|&c| them.match_for(c).or_else(|| Compared::iwi(pair).match_for(c)));
        let mut names: Vec<String> = codes.iter().map(|&c| label(c).to_owned()).collect();
        if outside {
            names.push(format!("somebody from outside {owner} own community"));
        }
        let names = list(&names, " or ");
        Some(match (part.met, wish.direction) {
            (Met::Unknown, _) => unknown(audience, "culture and identity"),
            (Met::Met, Direction::Prefer) => match matched {
                Some(code) => as_wished(
                    audience,
                    "Shares this identity:",
                    "share this identity:",
                    label(code),
                ),
                None => as_wished(
                    audience,
                    "Is from outside",
                    "are from outside",
                    &format!("{owner} own community"),
                ),
            },
            (Met::Met, Direction::Avoid) => {
                as_wished(audience, "Did not name", "did not name", &names)
            }
            (_, Direction::Prefer) => {
                // At a broader level the match is said as what it is.
                match codes.iter().find_map(|&c| them.broader(c)) {
                    Some((broad, told)) if broad == told => {
                        wished_but(audience, &names, &format!("also {}", label(broad)))
                    }
                    Some((broad, told)) => wished_but(
                        audience,
                        &names,
                        &format!("also {}, {}", label(broad), label(told)),
                    ),
                    None if outside => {
                        wished_but(audience, &names, "this worker named it, or one near to it")
                    }
                    None => wished_but(audience, &names, "this worker named another identity"),
                }
            }
            (_, Direction::Avoid) => rather_not_but(audience, &names, "this worker named that"),
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
    fn level_matters() {
        let mut it = Little::new();
        it.own(&[("eth", "Samoan")]).wish("shared_culture", json!(["same"]), "important");
        assert_eq!(it.told(&[("eth", "Samoan")]).known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Shares this identity: Samoan, as you wished")
        );
        assert_eq!(it.told(&[("eth", "Tongan")]).known(), (0, Met::NotMet));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("You wished for Samoan; also Pacific, Tongan")
        );
        assert_eq!(
            it.told(&[("eth", "Pacific")]).known(),
            (0, Met::Unknown),
            "Pacific may be Samoan or not"
        );
        it.own(&[("eth", "Pacific")]);
        assert_eq!(
            it.told(&[("eth", "Tongan")]).known(),
            (WHOLE, Met::Met),
            "recorded broadly, met by the narrower"
        );
    }

    #[test]
    fn several_identities_stand_in_no_order() {
        let mut it = Little::new();
        it.wish("shared_culture", json!(["same"]), "important");
        for own in [[("eth", "Māori"), ("eth", "Samoan")], [("eth", "Samoan"), ("eth", "Māori")]]
        {
            for told in
                [[("eth", "Tongan"), ("eth", "Māori")], [("eth", "Māori"), ("eth", "Tongan")]]
            {
                assert_eq!(it.own(&own).told(&told).known(), (WHOLE, Met::Met));
            }
        }
    }

    #[test]
    fn residual_codes_make_nobody_the_same() {
        let mut it = Little::new();
        it.wish("shared_culture", json!(["same"]), "important");
        it.own(&[("eth", "not stated"), ("eth", "Samoan")]).told(&[("eth", "not stated")]);
        assert_eq!(it.known(), (0, Met::Unknown));
    }

    #[test]
    fn outside_my_own_community_must_be_known() {
        let mut it = Little::new();
        it.own(&[("eth", "Samoan")]).wish("shared_culture", json!(["not_my_own"]), "important");
        assert_eq!(it.known(), (0, Met::Unknown));
        assert_eq!(
            it.told(&[("faith", "Catholic")]).known(),
            (0, Met::Unknown),
            "a faith tells nothing of it"
        );
        assert_eq!(it.told(&[("eth", "Pacific")]).known(), (0, Met::NotMet), "broader is related");
        assert_eq!(it.told(&[("eth", "Tongan")]).known(), (WHOLE, Met::Met));
        assert_eq!(it.told(&[("eth", "Tongan"), ("eth", "Samoan")]).known(), (0, Met::NotMet));
    }

    #[test]
    fn a_named_culture_and_away_from_one() {
        let mut it = Little::new();
        it.wish("shared_culture", json!(["eth:Pacific"]), "important").told(&[("eth", "Tongan")]);
        assert_eq!(it.known(), (WHOLE, Met::Met));
        it.avoid("shared_culture", json!(["eth:Samoan"]), "important");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(it.told(&[("eth", "Pacific")]).known(), (0, Met::Unknown));
        assert_eq!(it.told(&[]).known(), (0, Met::Unknown));
        assert_eq!(it.told(&[("eth", "Samoan")]).known(), (0, Met::NotMet));
        assert_eq!(it.words(Audience::PeerWorker), None);
    }
}
