//! How the worker works, in the worker's own words: listener, practical, humour.

use peermatch_model::words::Audience;

use super::tags::{self, Verb};
use super::{Criterion, Known, Part, Place};
use crate::pair::Pair;

/// The share of the wished styles that the worker named; away from them, the share that the worker did not name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style;

impl Criterion for Style {
    of_wish!(Style);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        tags::share(pair, place, |tag| pair.worker.styles.contains(&tag))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let verb = Verb::named("Works in this way:", "work in this way:", "");
        tags::words(pair, part.place, audience, verb, |tag| pair.worker.styles.contains(&tag))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn styles_count_by_their_share() {
        let mut it = Little::new();
        it.wish("style", json!(["listener", "practical", "humour"]), "nice");
        assert_eq!(it.known(), (0, Met::NotMet));
        it.worker("styles", json!(["humour", "Listener", "calm"]));
        assert_eq!(it.known(), (666_667, Met::Partly));
        assert_eq!(
            it.words(Audience::PeerWorker).as_deref(),
            Some("You work in this way: humour and Listener, as this person wished; not practical")
        );
        it.avoid("style", json!(["calm"]), "nice");
        assert_eq!(it.known(), (0, Met::NotMet));
        it.avoid("style", json!(["loud"]), "nice");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Did not name loud, as you wished")
        );
    }
}
