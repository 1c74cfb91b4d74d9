//! The kinds of support the person asks for.

use peermatch_model::roster::ServiceUser;
use peermatch_model::words::{Audience, Direction, Strength, SupportType, WordSet};

use super::tags::{self, Verb};
use super::voice::list;
use super::{Ask, Criterion, Known, Part, Place};
use crate::pair::Pair;

/// The share of the asked kinds of support that the worker gives. One important wish.
#[derive(Debug, Clone, Copy)]
pub(super) struct SupportTypes;

impl Criterion for SupportTypes {
    named!(SupportTypes);

    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        if !user.support_types.is_empty() {
            ask(Ask { place: Place::SupportTypes, strength: Strength::Important });
        }
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        tags::set_share(pair.user.support_types, pair.worker.support_types)
    }

    fn words(&self, pair: &Pair<'_>, _part: &Part, audience: Audience) -> Option<String> {
        let (asked, given) = (pair.user.support_types, pair.worker.support_types);
        if asked.is_empty() {
            return None;
        }
        let missing: Vec<String> = asked
            .iter()
            .filter(|&s: &SupportType| !given.has(s))
            .map(|s| spoken(s).to_owned())
            .collect();
        Some(tags::told(
            audience,
            Direction::Prefer,
            Verb::named("Gives", "give", ""),
            &names(asked.both(given)),
            &missing,
        ))
    }
}

/// Kinds of support in the plain words that every audience gets: "company and someone to talk with and help to meet others". Empty for
/// none.
///
/// ```
/// use peermatch_core::scoring::support_words;
/// use peermatch_model::words::{SupportType, WordSet};
/// let kinds = WordSet::of([SupportType::Emotional, SupportType::Affiliational]);
/// assert_eq!(support_words(kinds), "company and someone to talk with and help to meet others");
/// ```
pub fn support_words(set: WordSet) -> String {
    list(&names(set), " and ")
}

pub(super) fn names(kinds: WordSet) -> Vec<String> {
    kinds.iter::<SupportType>().map(|s| spoken(s).to_owned()).collect()
}

/// The four kinds in plain words.
fn spoken(kind: SupportType) -> &'static str {
    match kind {
        SupportType::Emotional => "company and someone to talk with",
        SupportType::Informational => "help to find out what there is",
        SupportType::Instrumental => "help to get things done",
        SupportType::Affiliational => "help to meet others",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_of_support_count_by_their_share() {
        let mut it = Little::new();
        it.worker("support_types", json!(["emotional"]))
            .user("support_types", json!(["emotional", "instrumental"]));
        assert_eq!(it.known(), (500_000, Met::Partly));
        assert_eq!(
            it.words(Audience::Coordinator).as_deref(),
            Some("Gives company and someone to talk with, as wished; not help to get things done")
        );
    }
}
