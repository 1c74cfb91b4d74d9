//! A worker's own wishes: the same formula as a person's, over what a worker may wish about.
//!
//! They read how, when and where the two would meet, and what the person told with consent for matching: experiences, kinds of support, goals. Never the
//! person's age, gender or identity: there is no such wish. Lists name what is welcome, so any of it will do.

use peermatch_model::policy::{WEIGHT_MAX, WHOLE};
use peermatch_model::roster::{WorkerWish, WorkerWishValues};
use peermatch_model::words::{
    Audience, CriterionName, Direction, Mode, Strength, WordSet, WorkerWishAbout,
};
use serde::{Deserialize, Serialize};

use super::mode::{any_other, whole_if};
use super::tags::directed;
use super::voice::list;
use super::{
    Known, Met, goals, mode, policy_weight, rounded, shared_out, support_types, time, travel,
};
use crate::pair::Pair;
use crate::reach::reach;

/// What one wish of a worker contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkerPart {
    /// What the wish is about.
    pub about: WorkerWishAbout,
    /// Its place in the worker's wishes.
    pub wish: usize,
    /// Weight times strength.
    pub weight: u32,
    /// Its value, 0..=[`WHOLE`].
    pub value: u32,
    /// Its part of [`WorkerFit::loss`].
    pub loss_points: u32,
    /// Whether and how far it is met.
    pub met: Met,
}

/// How far a person meets a worker's wishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkerFit {
    /// [`worker_loss`]: the sum of all [`WorkerPart::loss_points`].
    pub loss: u32,
    /// Whether the worker wished nothing that counts.
    pub nothing_asked: bool,
    /// One part a wish, in the order of the worker's wishes.
    pub parts: Vec<WorkerPart>,
}

/// How much of what the worker wished the person does not meet, 0..=[`WHOLE`]: `sum a (WHOLE - v) / max(A0, sum a)`; 0 if the worker wished nothing. Before the
/// least over the worker's eligible people is taken off, which only the caller knows. O(wishes), allocates nothing.
pub fn worker_loss(pair: &Pair<'_>) -> u32 {
    let (mut lost, mut sum) = (0, 0);
    for wish in &pair.worker.wishes {
        let weight = u64::from(weight(pair, wish));
        if weight > 0 {
            lost += weight * u64::from(WHOLE - value(pair, wish));
            sum += weight;
        }
    }
    rounded(lost, voice(pair, sum))
}

/// [`worker_loss`] with what each wish contributes.
pub fn worker_fit(pair: &Pair<'_>) -> WorkerFit {
    let terms: Vec<(usize, &WorkerWish, u32)> = pair
        .worker
        .wishes
        .iter()
        .enumerate()
        .map(|(i, w)| (i, w, weight(pair, w)))
        .filter(|&(_, _, a)| a > 0)
        .collect();
    let values: Vec<u32> = terms.iter().map(|&(_, wish, _)| value(pair, wish)).collect();
    let lost: Vec<u64> = terms
        .iter()
        .zip(&values)
        .map(|(&(_, _, a), &v)| u64::from(a) * u64::from(WHOLE - v))
        .collect();
    let sum = terms.iter().map(|&(_, _, a)| u64::from(a)).sum();
    let (loss, points) = shared_out(&lost, voice(pair, sum));
    let parts = terms.iter().zip(values).zip(points).map(
        |((&(place, wish, weight), value), loss_points)| WorkerPart {
            about: wish.about,
            wish: place,
            weight,
            value,
            loss_points,
            met: Met::of(Known::of(value)),
        },
    );
    WorkerFit { loss, nothing_asked: terms.is_empty(), parts: parts.collect() }
}

/// Which `must` wishes of the worker this person does not meet, in the order of the worker's wishes, each dimension once. O(wishes).
pub fn unmet_worker_musts(pair: &Pair<'_>) -> Vec<WorkerWishAbout> {
    let mut out: Vec<WorkerWishAbout> =
        musts(pair).filter(|w| !meets_must(pair, w)).map(|w| w.about).collect();
    out.dedup();
    out
}

/// Whether [`unmet_worker_musts`] is empty, without allocating.
pub fn worker_musts_met(pair: &Pair<'_>) -> bool {
    musts(pair).all(|w| meets_must(pair, w))
}

/// A plain sentence about a part of a worker's wishes. They are the worker's and the service's to know: the person hears nothing of them.
pub fn worker_words(pair: &Pair<'_>, part: &WorkerPart, audience: Audience) -> Option<String> {
    let wish = pair.worker.wishes.get(part.wish)?;
    let what = match (&wish.values, wish.about) {
        (WorkerWishValues::Words(set), WorkerWishAbout::Mode) => {
            let names: Vec<&str> = set.iter::<Mode>().map(|m| mode::spoken(m, audience)).collect();
            format!("meeting {}", list(&names, " or "))
        }
        (WorkerWishValues::Words(set), WorkerWishAbout::SupportTypes) => {
            list(&support_types::names(*set), " or ")
        }
        (WorkerWishValues::Words(set), _) => {
            format!("working on {}", list(&goals::names(*set), " or "))
        }
        // What the person did not show may meet it, or not.
        (WorkerWishValues::Concepts(_), _) if pair.partial => return None,
        (WorkerWishValues::Concepts(_), _) => "certain lived experiences".to_owned(),
        (WorkerWishValues::Times(_), _) => "meeting at certain times".to_owned(),
        (WorkerWishValues::Plain, _) => "little travel".to_owned(),
    };
    let whose = match audience {
        Audience::ServiceUser => return None,
        Audience::PeerWorker => "Your wish",
        Audience::Coordinator | Audience::Auditor => "The worker's wish",
    };
    let met = match part.met {
        Met::Met => "is met",
        Met::Partly => "is met in part",
        Met::NotMet | Met::Unknown => "is not met",
    };
    let away = if wish.direction == Direction::Avoid { "rather not " } else { "" };
    Some(format!("{whose} {met}: {away}{what}"))
}

fn musts<'a>(pair: &Pair<'a>) -> impl Iterator<Item = &'a WorkerWish> + use<'a> {
    pair.worker.wishes.iter().filter(|w| w.strength == Strength::Must)
}

/// As for a person: a rule about times asks for one meeting within them, any other for the whole.
fn meets_must(pair: &Pair<'_>, wish: &WorkerWish) -> bool {
    match &wish.values {
        WorkerWishValues::Times(windows) => time::can_meet(pair, windows),
        _ => value(pair, wish) == WHOLE,
    }
}

/// The weight of the criterion that reads the same thing, times the strength.
fn weight(pair: &Pair<'_>, wish: &WorkerWish) -> u32 {
    let criterion = match wish.about {
        WorkerWishAbout::Mode => CriterionName::Mode,
        WorkerWishAbout::Time => CriterionName::Time,
        WorkerWishAbout::Travel => CriterionName::Travel,
        WorkerWishAbout::Topics => CriterionName::LivedExperience,
        WorkerWishAbout::SupportTypes => CriterionName::SupportTypes,
        WorkerWishAbout::Goals => CriterionName::Goals,
    };
    policy_weight(pair.policy(), criterion).min(WEIGHT_MAX) * wish.strength.factor()
}

fn voice(pair: &Pair<'_>, sum: u64) -> u64 {
    u64::from(pair.policy().full_voice).max(sum).max(1)
}

fn value(pair: &Pair<'_>, wish: &WorkerWish) -> u32 {
    let any_of = |set: WordSet, asked: WordSet| {
        directed(wish.direction, whole_if(!set.both(asked).is_empty()))
    };
    match (&wish.values, wish.about) {
        (WorkerWishValues::Words(set), WorkerWishAbout::Mode) => {
            let usable = reach(pair).modes;
            whole_if(match wish.direction {
                Direction::Prefer => !usable.both(*set).is_empty(),
                Direction::Avoid => any_other(usable, *set),
            })
        }
        (WorkerWishValues::Words(set), WorkerWishAbout::SupportTypes) => {
            any_of(*set, pair.user.support_types)
        }
        (WorkerWishValues::Words(set), _) => any_of(*set, pair.user.goals),
        (WorkerWishValues::Times(windows), _) => time::overlap(pair, windows),
        (WorkerWishValues::Plain, _) => travel::nearness(pair),
        (WorkerWishValues::Concepts(topics), _) => {
            // A topic has no perspective: whoever lived through it, it is what the two would talk about.
            let covers = topics.iter().flat_map(|&topic| {
                pair.user.experiences.iter().map(move |e| pair.cx.cover.cov(topic, e.concept).value)
            });
            directed(wish.direction, covers.max().unwrap_or(0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn any_of_what_is_welcome_will_do() {
        let mut it = Little::new();
        assert_eq!(it.with(worker_loss), 0);
        it.worker_wish(json!({"dimension": "goals", "values": ["housing", "employment"], "strength": "important"}));
        assert_eq!(it.worker_known().0, 0);
        assert_eq!(
            it.with(worker_loss),
            250_000,
            "one important wish of the four that make a full voice"
        );
        it.user("goals", json!(["housing", "recreation"]));
        assert_eq!((it.worker_known().0, it.with(worker_loss)), (WHOLE, 0));
        it.worker_wish(json!({"dimension": "goals", "direction": "avoid", "values": ["housing"], "strength": "nice"}));
        assert_eq!((it.worker_known().0, it.with(worker_loss)), (0, 125_000));
        it.worker_wish(
            json!({"dimension": "support_types", "values": ["emotional"], "strength": "nice"}),
        );
        assert_eq!(it.user("support_types", json!(["emotional"])).worker_known().0, WHOLE);
    }

    #[test]
    fn topics_read_what_was_told_for_matching() {
        let mut it = Little::new();
        it.worker_wish(
            json!({"dimension": "topics", "values": ["opioids"], "strength": "important"}),
        );
        it.user("experiences", json!([{"concept": "opioids", "direction": "share"}]));
        assert_eq!(it.worker_known().0, 0, "no consent");
        assert_eq!(it.asks(&[("drugs", "fine", 1)]).worker_known(), (615_712, Met::Partly));
        assert_eq!(it.asks(&[("opioids", "share", 1)]).worker_known().0, WHOLE);
        let said = it.with(|pair| {
            let part = &worker_fit(pair).parts[0];
            [Audience::PeerWorker, Audience::ServiceUser].map(|a| worker_words(pair, part, a))
        });
        assert_eq!(said, [Some("Your wish is met: certain lived experiences".to_owned()), None]);
    }

    #[test]
    fn musts_are_rules() {
        let mut it = Little::new();
        it.worker_wish(
            json!({"dimension": "mode", "values": ["telephone", "video"], "strength": "must"}),
        );
        assert!(it.unmet_worker().is_empty() && it.with(worker_musts_met));
        it.user("modes", json!(["one_to_one"]));
        assert_eq!(it.unmet_worker(), [WorkerWishAbout::Mode]);
        assert_eq!(it.with(worker_loss), 0, "a rule is no term");
        it.worker_wish(
            json!({"dimension": "time", "values": ["Mon 09:00-10:00"], "strength": "must"}),
        );
        assert!(it.unmet_worker().is_empty());
        it.user("availability", json!(["Tue 09:00-10:00"]));
        assert_eq!(it.unmet_worker(), [WorkerWishAbout::Time]);
    }
}
