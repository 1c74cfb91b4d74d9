//! What the criteria over open words and word sets share: how much of a list somebody has.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::{Tag, Wish, WishValues};
use peermatch_model::words::{Audience, Direction, WordSet};

use super::voice::{as_wished, list, rather_not_but, wished_but};
use super::{Known, portion, wish_at};
use crate::pair::Pair;
use crate::scoring::Place;

/// The open words of a wish.
pub(super) fn wished<'a>(pair: &Pair<'a>, place: Place) -> Option<(&'a Wish, &'a [Tag])> {
    let wish = wish_at(pair, place)?;
    match &wish.values {
        WishValues::Tags(tags) => Some((wish, tags)),
        _ => None,
    }
}

/// The share of the wished words that are there; away from them, the share that is not.
pub(super) fn share(pair: &Pair<'_>, place: Place, has: impl Fn(Tag) -> bool) -> Known {
    let Some((wish, tags)) = wished(pair, place) else { return Known::UNKNOWN };
    Known::of(directed(
        wish.direction,
        portion(count(tags.iter().filter(|&&t| has(t))), count(tags.iter())),
    ))
}

/// The share of the asked words of a set that are there.
pub(super) fn set_share(asked: WordSet, there: WordSet) -> Known {
    Known::of(portion(u64::from(asked.both(there).len()), u64::from(asked.len())))
}

/// A value towards or away.
pub(super) fn directed(direction: Direction, value: u32) -> u32 {
    match direction {
        Direction::Prefer => value,
        Direction::Avoid => WHOLE - value,
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.map(|_| 1).sum()
}

/// How a criterion speaks: each pair is what is said of a worker, and to a worker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verb {
    /// "Works in this way:".
    pub(super) with: (&'static str, &'static str),
    /// "Did not name".
    pub(super) without: (&'static str, &'static str),
    /// What comes before the words when they are wished for: "help with ".
    pub(super) thing: &'static str,
    /// "this worker named that".
    pub(super) has: (&'static str, &'static str),
    /// "this worker did not name that".
    pub(super) lacks: (&'static str, &'static str),
}

impl Verb {
    /// For what a worker names of themselves.
    pub(super) const fn named(
        third: &'static str,
        second: &'static str,
        thing: &'static str,
    ) -> Self {
        Self {
            with: (third, second),
            without: ("Did not name", "did not name"),
            thing,
            has: ("this worker named that", "you named that"),
            lacks: ("this worker did not name that", "you did not name that"),
        }
    }
}

fn said(audience: Audience, of_or_to: (&'static str, &'static str)) -> &'static str {
    if audience == Audience::PeerWorker { of_or_to.1 } else { of_or_to.0 }
}

/// Words for a wish over open words: which of them are there, which are not.
pub(super) fn words(
    pair: &Pair<'_>,
    place: Place,
    audience: Audience,
    verb: Verb,
    has: impl Fn(Tag) -> bool,
) -> Option<String> {
    let (wish, tags) = wished(pair, place)?;
    let (there, missing): (Vec<Tag>, Vec<Tag>) = tags.iter().partition(|&&t| has(t));
    Some(told(audience, wish.direction, verb, &names(pair, &there), &names(pair, &missing)))
}

/// The sentence for what is there and what is missing of a wish.
pub(super) fn told(
    audience: Audience,
    direction: Direction,
    verb: Verb,
    there: &[String],
    missing: &[String],
) -> String {
    let here = list(there, " and ");
    match (direction, there.is_empty()) {
        (Direction::Prefer, false) => {
            let met = as_wished(audience, verb.with.0, verb.with.1, &here);
            if missing.is_empty() { met } else { format!("{met}; not {}", list(missing, " or ")) }
        }
        (Direction::Prefer, true) => wished_but(
            audience,
            &format!("{}{}", verb.thing, list(missing, " and ")),
            said(audience, verb.lacks),
        ),
        (Direction::Avoid, false) => {
            rather_not_but(audience, &format!("{}{here}", verb.thing), said(audience, verb.has))
        }
        (Direction::Avoid, true) => {
            as_wished(audience, verb.without.0, verb.without.1, &list(missing, " or "))
        }
    }
}

/// How a set of words reads, each by `name`.
pub(super) fn names(pair: &Pair<'_>, tags: &[Tag]) -> Vec<String> {
    tags.iter().map(|&t| super::voice::spoken(pair.roster().tag(t))).collect()
}
