//! Places to meet: a marae, a café, outdoors.

use peermatch_model::policy::WHOLE;
use peermatch_model::words::{Audience, Direction};

use super::tags::{self, Verb};
use super::voice::{as_wished, list, rather_not_but, this_worker};
use super::{Criterion, Known, Met, Part, Place};
use crate::pair::Pair;

/// Towards places: the share of them that the worker meets people at. Away from places: all is well if the worker named any other place, or none at all,
/// since the two then need not meet there.
#[derive(Debug, Clone, Copy)]
pub(super) struct WishedPlace;

impl Criterion for WishedPlace {
    of_wish!(Place);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some((wish, unwished)) = tags::wished(pair, place) else { return Known::UNKNOWN };
        let places = &pair.worker.places;
        match wish.direction {
            Direction::Prefer => tags::share(pair, place, |tag| places.contains(&tag)),
            Direction::Avoid => {
                let free = places.is_empty() || places.iter().any(|p| !unwished.contains(p));
                Known::of(if free { WHOLE } else { 0 })
            }
        }
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let (wish, named) = tags::wished(pair, part.place)?;
        if wish.direction == Direction::Prefer {
            let verb = Verb::named("Meets people at:", "meet people at:", "meeting at: ");
            return tags::words(pair, part.place, audience, verb, |tag| {
                pair.worker.places.contains(&tag)
            });
        }
        let names = list(&tags::names(pair, named), " or ");
        Some(if part.met == Met::Met {
            as_wished(audience, "Can meet elsewhere than", "can meet elsewhere than", &names)
        } else {
            rather_not_but(
                audience,
                &names,
                &format!("{} named no other place", this_worker(audience)),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn somewhere_else_is_enough_to_stay_away() {
        let mut it = Little::new();
        it.wish("place", json!(["marae", "cafe"]), "nice").worker("places", json!(["cafe"]));
        assert_eq!(it.known(), (500_000, Met::Partly));
        it.avoid("place", json!(["cafe"]), "nice");
        assert_eq!(it.known(), (0, Met::NotMet));
        it.worker("places", json!(["cafe", "marae"]));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Can meet elsewhere than cafe, as you wished")
        );
    }
}
