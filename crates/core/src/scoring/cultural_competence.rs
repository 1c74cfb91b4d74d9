//! The worker's cultural competence: can work safely with, whoever the worker is. Never taken for shared identity.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::Tag;
use peermatch_model::words::{Audience, CompetenceLevel};

use super::tags::{self, Verb};
use super::{Criterion, Known, Part, Place, portion};
use crate::pair::Pair;

/// The mean over the wished areas: whole where the worker is confident or recognised by that community, half where still learning. Confident counts as much as
/// recognised, so that nobody is pressed to seek a community's word for a weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct CulturalCompetence;

impl Criterion for CulturalCompetence {
    of_wish!(CulturalCompetence);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some((wish, areas)) = tags::wished(pair, place) else { return Known::UNKNOWN };
        let (mut halves, mut all) = (0, 0);
        for &area in areas {
            all += 2;
            halves += match level(pair, area) {
                Some(CompetenceLevel::Confident | CompetenceLevel::Recognised) => 2,
                Some(CompetenceLevel::Developing) => 1,
                None => 0,
            };
        }
        Known::of(tags::directed(
            wish.direction,
            if all == 0 { WHOLE } else { portion(halves, all) },
        ))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let (wish, areas) = tags::wished(pair, part.place)?;
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for &area in areas {
            let [name] = &tags::names(pair, &[area])[..] else { continue };
            match level(pair, area) {
                Some(CompetenceLevel::Recognised) => {
                    there.push(format!("{name} (recognised by that community)"));
                }
                Some(CompetenceLevel::Confident) => there.push(name.clone()),
                Some(CompetenceLevel::Developing) => there.push(format!("{name} (still learning)")),
                None => missing.push(name.clone()),
            }
        }
        let verb = Verb::named("Is at home in", "are at home in", "somebody at home in ");
        Some(tags::told(audience, wish.direction, verb, &there, &missing))
    }
}

fn level(pair: &Pair<'_>, area: Tag) -> Option<CompetenceLevel> {
    pair.worker.competences.iter().filter(|(a, _)| *a == area).map(|&(_, level)| level).max()
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn learning_is_half_and_identity_is_nothing() {
        let mut it = Little::new();
        it.wish("cultural_competence", json!(["tikanga", "deaf"]), "important")
            .told(&[("eth", "Māori")]);
        assert_eq!(
            it.known(),
            (0, Met::NotMet),
            "who somebody is says nothing of what they can do"
        );
        it.worker("competences", json!([{"area": "tikanga", "level": "developing"}]));
        assert_eq!(it.known(), (250_000, Met::Partly));
        it.worker("competences", json!([{"area": "tikanga", "level": "recognised_by_community"}, {"area": "deaf", "level": "confident"}]));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Is at home in deaf and tikanga (recognised by that community), as you wished")
        );
    }
}
