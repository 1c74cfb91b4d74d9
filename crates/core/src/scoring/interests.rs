//! Interests and strengths in common.

use peermatch_model::words::Audience;

use super::tags::{self, Verb};
use super::{Criterion, Known, Part, Place};
use crate::pair::Pair;

/// The share of the wished interests that the worker named; away from them, the share that the worker did not name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interests;

impl Criterion for Interests {
    of_wish!(Interests);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        tags::share(pair, place, |tag| pair.worker.interests.contains(&tag))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let verb = Verb::named("Is into", "are into", "");
        tags::words(pair, part.place, audience, verb, |tag| pair.worker.interests.contains(&tag))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn interests_count_by_their_share() {
        let mut it = Little::new();
        it.wish("interests", json!(["fishing", "waiata"]), "nice")
            .worker("interests", json!(["fishing"]));
        assert_eq!(it.known(), (500_000, Met::Partly));
        assert_eq!(
            it.words(Audience::Coordinator).as_deref(),
            Some("Is into fishing, as wished; not waiata")
        );
        it.worker("interests", json!([]));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("You wished for fishing and waiata; this worker did not name that")
        );
    }
}
