//! Ways to meet that the person would rather use, among those that the two really can use.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::WishValues;
use peermatch_model::words::{Audience, Direction, Mode, WordSet};

use super::named_worker::by_rank;
use super::voice::{as_wished, list, rather_not_but, wished_but};
use super::{Criterion, Known, Met, Part, Place, wish_at};
use crate::pair::Pair;
use crate::reach::reach;

/// Towards ways to meet, best first: by the first that the two can use, falling evenly with its place. Away from ways to meet: all is well if the two
/// can use any other.
#[derive(Debug, Clone, Copy)]
pub(super) struct WishedMode;

impl Criterion for WishedMode {
    of_wish!(Mode);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Modes(ranked) = &wish.values else { return Known::UNKNOWN };
        let usable = reach(pair).modes;
        Known::of(match wish.direction {
            Direction::Prefer => ranked
                .iter()
                .position(|&m| usable.has(m))
                .map_or(0, |rank| by_rank(rank, ranked.len())),
            Direction::Avoid => whole_if(any_other(usable, WordSet::of(ranked.iter().copied()))),
        })
    }

    /// Any of the wished ways to meet will do: a rule says what is acceptable, the ranks say what is better.
    fn meets_must(&self, pair: &Pair<'_>, place: Place) -> bool {
        self.value(pair, place).value > 0
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let wish = wish_at(pair, part.place)?;
        let WishValues::Modes(ranked) = &wish.values else { return None };
        let usable = reach(pair).modes;
        let names: Vec<&str> = ranked.iter().map(|&m| spoken(m, audience)).collect();
        let names = list(&names, " or ");
        Some(match (wish.direction, ranked.iter().find(|&&m| usable.has(m))) {
            (Direction::Prefer, Some(&first)) => {
                as_wished(audience, "Can meet", "can meet", spoken(first, audience))
            }
            (Direction::Prefer, None) => {
                wished_but(audience, &names, &other_ways(usable, audience))
            }
            (Direction::Avoid, _) if part.met == Met::Met => {
                let others: Vec<&str> = usable
                    .iter::<Mode>()
                    .filter(|m| !ranked.contains(m))
                    .map(|m| spoken(m, audience))
                    .collect();
                as_wished(audience, "Can meet", "can meet", &list(&others, " or "))
            }
            (Direction::Avoid, _) => {
                rather_not_but(audience, &names, &other_ways(usable, audience))
            }
        })
    }
}

/// Whether the two can use a way to meet that is not among `avoided`.
pub(super) fn any_other(usable: WordSet, avoided: WordSet) -> bool {
    usable.both(avoided).len() < usable.len()
}

pub(super) fn whole_if(yes: bool) -> u32 {
    if yes { WHOLE } else { 0 }
}

fn other_ways(usable: WordSet, audience: Audience) -> String {
    let names: Vec<&str> = usable.iter::<Mode>().map(|m| spoken(m, audience)).collect();
    if names.is_empty() {
        "there is no way to meet".to_owned()
    } else {
        format!("it would be {}", list(&names, " or "))
    }
}

/// A way to meet after "can meet".
pub(super) fn spoken(mode: Mode, audience: Audience) -> &'static str {
    match mode {
        Mode::OneToOne => "one to one",
        Mode::Outreach if audience == Audience::ServiceUser => "where you are",
        Mode::Outreach => "where the person is",
        Mode::DropIn => "at a drop-in place",
        Mode::Group => "in a group",
        Mode::Telephone => "by telephone",
        Mode::Video => "by video",
        Mode::Text => "by text message",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_way_that_both_can_use_counts() {
        let mut it = Little::new();
        it.user("modes", json!(["one_to_one", "telephone", "video"]));
        it.wish("mode", json!(["video", "telephone"]), "important");
        assert_eq!(it.known(), (500_000, Met::Partly));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Can meet by telephone, as you wished")
        );
        it.wish("mode", json!(["video"]), "important");
        assert_eq!(it.known(), (0, Met::NotMet));
        it.wish("mode", json!(["video", "telephone"]), "must");
        assert!(it.unmet().is_empty(), "any of the ranked ways is acceptable");
        it.wish("mode", json!(["video"]), "must");
        assert_eq!(it.unmet().len(), 1);
    }

    #[test]
    fn away_from_a_way_any_other_is_enough() {
        let mut it = Little::new();
        it.avoid("mode", json!(["telephone"]), "important");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        it.user("modes", json!(["telephone"]));
        assert_eq!(it.known(), (0, Met::NotMet));
    }
}
