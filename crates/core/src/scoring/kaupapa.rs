//! Whose worldview runs the service that the two would meet in.

use peermatch_model::roster::Tag;
use peermatch_model::words::Audience;

use super::tags::{self, Verb};
use super::{Criterion, Known, Part, Place};
use crate::pair::Pair;

/// The share of the wished kaupapa that the services both are in stand for: a worker's other services do not count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kaupapa;

impl Criterion for Kaupapa {
    of_wish!(Kaupapa);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        tags::share(pair, place, |tag| stands_for(pair, tag))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let verb = Verb {
            with: ("Works in a service that is", "work in a service that is"),
            without: ("Works in a service that is not", "work in a service that is not"),
            thing: "a service that is ",
            has: ("this worker's service is", "your service is"),
            lacks: ("this worker's service is not", "your service is not"),
        };
        tags::words(pair, part.place, audience, verb, |tag| stands_for(pair, tag))
    }
}

fn stands_for(pair: &Pair<'_>, kaupapa: Tag) -> bool {
    let shared = pair.user.services.iter().filter(|s| pair.worker.services.contains(s));
    shared.into_iter().any(|&s| pair.roster().service(s).kaupapa.contains(&kaupapa))
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn only_services_that_both_are_in_count() {
        let mut it = Little::new();
        it.wish("kaupapa", json!(["kaupapa_maori"]), "important")
            .worker("services", json!(["s", "t"]));
        assert_eq!(it.known(), (0, Met::NotMet));
        it.user("services", json!(["s", "t"]));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Works in a service that is kaupapa maori, as you wished")
        );
    }
}
