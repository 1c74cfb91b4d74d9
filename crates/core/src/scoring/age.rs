//! The worker's age, by bands, on the person's wish alone. Dates of birth are never held.

use peermatch_model::policy::Policy;
use peermatch_model::roster::{AgeWish, WishValues};
use peermatch_model::words::{AgeBand, Audience, Direction, Words};

use super::voice::{as_wished, list, rather_not_but, unknown, wished_but};
use super::{Criterion, Known, Met, Part, Place, identity, wish_at};
use crate::pair::Pair;

/// Any of the wished ages will do. Near me is the person's own band or the one beside it; older and younger are any band above or
/// below the person's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Age;

impl Criterion for Age {
    of_wish!(Age);

    fn floor(&self, policy: &Policy) -> u32 {
        policy.floor_identity
    }

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Ages(wished) = &wish.values else { return Known::UNKNOWN };
        let Some(told) = pair.worker.age else { return Known::UNKNOWN };
        let answer = identity::any(wished.iter().map(|&one| is(told.value, one, pair.user.age)));
        Known::from_answer(identity::directed(wish.direction, answer))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let wish = wish_at(pair, part.place)?;
        let WishValues::Ages(wished) = &wish.values else { return None };
        if audience == Audience::PeerWorker {
            return None;
        }
        let Some(told) = pair.worker.age else { return Some(unknown(audience, "age")) };
        let names: Vec<String> = wished.iter().map(|&one| name(one, audience)).collect();
        let names = list(&names, " or ");
        Some(match (part.met, wish.direction) {
            (Met::Unknown, _) => unknown(audience, "age"),
            (Met::Met, Direction::Prefer) => as_wished(audience, "Is", "are", &names),
            (Met::Met, Direction::Avoid) => as_wished(audience, "Is not", "are not", &names),
            (_, Direction::Prefer) => wished_but(
                audience,
                &format!("somebody {names}"),
                &format!("this worker is {}", aged(told.value)),
            ),
            (_, Direction::Avoid) => rather_not_but(
                audience,
                &format!("somebody {names}"),
                &format!("this worker is {}", aged(told.value)),
            ),
        })
    }
}

/// Whether a worker of this band is as wished; unknown if it depends on the person's band and that is not there.
fn is(worker: AgeBand, wished: AgeWish, person: Option<AgeBand>) -> Option<bool> {
    match wished {
        AgeWish::Band(band) => Some(worker == band),
        AgeWish::NearMe => person.map(|own| (worker as u8).abs_diff(own as u8) <= 1),
        AgeWish::Older => person.map(|own| worker > own),
        AgeWish::Younger => person.map(|own| worker < own),
    }
}

fn aged(band: AgeBand) -> String {
    match band {
        AgeBand::From65 => "65 or over".to_owned(),
        band => format!("aged {}", band.word().replace('-', " to ")),
    }
}

fn name(wished: AgeWish, audience: Audience) -> String {
    let than = if audience == Audience::ServiceUser { "you" } else { "the person" };
    match wished {
        AgeWish::NearMe => format!("near the age of {than}").replace("the age of you", "your age"),
        AgeWish::Older => format!("older than {than}"),
        AgeWish::Younger => format!("younger than {than}"),
        AgeWish::Band(band) => aged(band),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn ages_stand_by_bands() {
        let person = Some(AgeBand::From25);
        let near: Vec<bool> =
            AgeBand::ALL.iter().filter_map(|&w| is(w, AgeWish::NearMe, person)).collect();
        assert_eq!(near, [false, false, true, true, true, false, false, false]);
        assert_eq!(is(AgeBand::From35, AgeWish::Older, person), Some(true));
        assert_eq!(is(AgeBand::From25, AgeWish::Older, person), Some(false));
        assert_eq!(is(AgeBand::From18, AgeWish::Younger, person), Some(true));
        assert_eq!(is(AgeBand::From18, AgeWish::Younger, None), None);
    }

    #[test]
    fn any_wished_age_will_do_and_silence_costs_no_more_than_the_floor_leaves() {
        let mut it = Little::new();
        it.wish("age", json!(["near_me", "65+"]), "nice");
        assert_eq!((it.known(), it.part().value), ((0, Met::Unknown), 200_000));
        assert_eq!(it.words(Audience::ServiceUser).as_deref(), Some("We cannot say: age"));
        it.worker("age_band", json!("65+")).worker("age_consent_match", json!(true));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        it.worker("age_band", json!("45-54"));
        assert_eq!(it.known(), (0, Met::NotMet));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some(
                "You wished for somebody near your age or 65 or over; this worker is aged 45 to 54"
            )
        );
    }
}
