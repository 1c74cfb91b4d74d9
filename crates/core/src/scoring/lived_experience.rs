//! Lived experience: how far what a worker told covers what the person wants to share, or would rather not.
//!
//! Silence is never an answer here: an experience that is not told of is "not told", whatever the worker told beside it.

use peermatch_model::policy::{Policy, WHOLE};
use peermatch_model::roster::{AskedExperience, ServiceUser};
use peermatch_model::taxonomy::Concept;
use peermatch_model::words::{Audience, Direction, Perspective, Strength, WishAbout};

use super::voice::as_wished;
use super::{Ask, Criterion, Known, Part, Place, rounded};
use crate::pair::Pair;
use crate::similarity::{Cover, Kind, VALUE_MAX};

// A value of a cover is a value of a term as it stands.
const _: () = assert!(VALUE_MAX == WHOLE);

/// The mean over the wanted items, weighted by their importance, of the cover (to share) or what it leaves (to avoid).
///
/// All wanted items are one term. Its strength is that of the wish about lived experience; without such a wish it is important if any
/// item matters at least 2 of 3, else nice. As a rule, everything to share must be covered wholly, and nothing to avoid may be told of more closely
/// than by a broad area.
#[derive(Debug, Clone, Copy)]
pub(super) struct LivedExperience;

impl Criterion for LivedExperience {
    named!(LivedExperience);

    fn floor(&self, policy: &Policy) -> u32 {
        policy.floor_lived_experience
    }

    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        let Some(most) = wanted(user).map(|(item, _)| item.importance).max() else { return };
        let stated =
            user.wishes.iter().find(|w| w.about == WishAbout::LivedExperience).map(|w| w.strength);
        let strength =
            stated.unwrap_or(if most >= 2 { Strength::Important } else { Strength::Nice });
        ask(Ask { place: Place::Experiences, strength });
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        let (mut sum, mut weights, mut told) = (0, 0, false);
        for (item, direction) in wanted(pair.user) {
            let cover = cover(pair, item);
            weights += u64::from(item.importance);
            if direction == Direction::Avoid && pair.partial && cover.kind < Kind::Related {
                // It may be among what is not shown.
                continue;
            }
            told |= cover != Cover::NONE;
            let value = super::tags::directed(direction, cover.value);
            sum += u64::from(item.importance) * u64::from(value);
        }
        if weights == 0 { Known::UNKNOWN } else { Known { value: rounded(sum, weights), told } }
    }

    fn meets_must(&self, pair: &Pair<'_>, _place: Place) -> bool {
        wanted(pair.user).all(|(item, direction)| {
            let cover = cover(pair, item);
            match direction {
                Direction::Prefer => cover.value == WHOLE,
                Direction::Avoid => cover.kind < Kind::Related,
            }
        })
    }

    fn words(&self, pair: &Pair<'_>, _part: &Part, audience: Audience) -> Option<String> {
        let sentences: Vec<String> = wanted(pair.user)
            .filter_map(|(item, direction)| sentence(pair, item, direction, audience))
            .collect();
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }
}

/// The items that the person wants something of.
fn wanted(user: &ServiceUser) -> impl Iterator<Item = (AskedExperience, Direction)> {
    user.experiences.iter().filter_map(|item| item.wanted.map(|direction| (*item, direction)))
}

fn cover(pair: &Pair<'_>, item: AskedExperience) -> Cover {
    let told = pair.worker.experiences.iter().map(|e| (e.concept, e.perspective));
    pair.cx.cover.worker_cover((item.concept, item.perspective), told)
}

fn sentence(
    pair: &Pair<'_>,
    item: AskedExperience,
    direction: Direction,
    audience: Audience,
) -> Option<String> {
    let kind = cover(pair, item).kind;
    let name = name(pair, item.concept);
    if direction == Direction::Avoid {
        let who = match audience {
            Audience::ServiceUser => "you would rather not share",
            Audience::Coordinator | Audience::Auditor => "the person would rather not share",
            // That somebody would rather not share what a worker lived through is not put before that worker.
            Audience::PeerWorker => return None,
        };
        return Some(match kind {
            Kind::None | Kind::BroadArea if pair.partial => {
                format!("{}, which {who}", not_known(pair, item, audience))
            }
            Kind::None => format!("{}, which {who}", not_known(pair, item, audience)),
            Kind::BroadArea => {
                format!("Has experience in the same broad area as {name}, which {who}")
            }
            Kind::Related | Kind::SameOrNarrower => {
                format!("Has told us of {name} or something close to it, which {who}")
            }
        });
    }
    let pathway = pair.roster().taxonomy().is_pure_pathway(item.concept);
    Some(match kind {
        Kind::SameOrNarrower if pathway => {
            as_wished(audience, "Found", "found", &path(pair, item.concept))
        }
        Kind::SameOrNarrower => {
            let (third, second) = lived(item.perspective);
            as_wished(audience, third, second, &name)
        }
        Kind::Related => as_wished(
            audience,
            "Has lived through something close to",
            "have lived through something close to",
            &name,
        ),
        Kind::BroadArea => match audience {
            Audience::PeerWorker => format!("You have experience in the same broad area as {name}"),
            _ => format!("Has experience in the same broad area as {name}"),
        },
        Kind::None => not_known(pair, item, audience),
    })
}

/// What is said where nothing is known: true whether nothing was told, or what was told may not be shown to this audience.
fn not_known(pair: &Pair<'_>, item: AskedExperience, audience: Audience) -> String {
    let name = name(pair, item.concept);
    match audience {
        Audience::ServiceUser if pair.roster().taxonomy().is_pure_pathway(item.concept) => {
            format!("We cannot say whether this worker found {}", path(pair, item.concept))
        }
        Audience::ServiceUser => {
            let lived = match item.perspective {
                Perspective::OneSelf => "has lived through",
                Perspective::Whanau => "has stood by somebody close who lived through",
                Perspective::Bereaved => "has lost somebody close where this was part of it:",
                Perspective::WorkedAlongside => "has worked alongside people who lived through",
            };
            format!("We cannot say whether this worker {lived} {name}")
        }
        Audience::Coordinator | Audience::Auditor => {
            format!("Nothing that may be shown here about {name}")
        }
        Audience::PeerWorker => format!("You have not told us of {name} for matching"),
    }
}

fn lived(perspective: Perspective) -> (&'static str, &'static str) {
    match perspective {
        Perspective::OneSelf => ("Has lived through", "have lived through"),
        Perspective::Whanau => (
            "Has stood by somebody close who lived through",
            "have stood by somebody close who lived through",
        ),
        Perspective::Bereaved => (
            "Has lost somebody close; this was part of it:",
            "have lost somebody close; this was part of it:",
        ),
        Perspective::WorkedAlongside => (
            "Has worked alongside people who lived through",
            "have worked alongside people who lived through",
        ),
    }
}

/// Fellowships that live by anonymity are never named, whoever asks.
fn anonymous(pair: &Pair<'_>, concept: Concept) -> bool {
    let taxonomy = pair.roster().taxonomy();
    taxonomy.find("twelve_step").is_some_and(|anonymous| taxonomy.is_ancestor(anonymous, concept))
}

fn name(pair: &Pair<'_>, concept: Concept) -> String {
    if anonymous(pair, concept) {
        "a path that helped".to_owned()
    } else {
        format!("“{}”", pair.roster().taxonomy().label(concept))
    }
}

fn path(pair: &Pair<'_>, concept: Concept) -> String {
    if anonymous(pair, concept) {
        "the same path helpful".to_owned()
    } else {
        format!("the same path helpful ({})", name(pair, concept))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mean_is_weighted_by_importance_and_never_below_the_floor() {
        let mut it = Little::new();
        it.asks(&[("voices", "share", 3), ("opioids", "share", 1)]);
        assert_eq!((it.known(), it.part().value), ((0, Met::Unknown), 200_000));
        assert_eq!(it.part().weight, 200, "3 of 3 makes it important");
        assert_eq!(it.lived(&["voices"]).known(), (750_000, Met::Partly));
        assert_eq!(
            it.lived(&["voices", "drugs"]).known(),
            (903_928, Met::Partly),
            "(3 + 0.615712) / 4"
        );
        it.user("wishes", json!([{"dimension": "lived_experience", "strength": "nice"}]));
        assert_eq!(it.part().weight, 100);
    }

    #[test]
    fn to_avoid_is_what_the_cover_leaves() {
        let mut it = Little::new();
        it.asks(&[("voices", "avoid", 1)]);
        assert_eq!(it.known(), (WHOLE, Met::Met), "nothing told");
        let said = it.words(Audience::ServiceUser).unwrap();
        assert!(
            said.starts_with("We cannot say whether this worker has lived through")
                && said.ends_with(", which you would rather not share"),
            "{said}"
        );
        assert_eq!(it.lived(&["voices"]).known(), (0, Met::NotMet));
        assert_eq!(it.words(Audience::PeerWorker), None);
    }

    #[test]
    fn as_a_rule_everything_must_be_covered_wholly() {
        let mut it = Little::new();
        it.user("wishes", json!([{"dimension": "lived_experience", "strength": "must"}]));
        it.asks(&[("opioids", "share", 1)]).lived(&["drugs"]);
        assert!(it.fit().nothing_asked, "a rule is no term");
        assert_eq!(it.unmet(), [WishAbout::LivedExperience]);
        assert!(it.lived(&["opioids"]).unmet().is_empty());
        it.asks(&[("voices", "avoid", 1)]);
        assert!(it.lived(&["opioids"]).unmet().is_empty());
        assert_eq!(it.lived(&["voices"]).unmet(), [WishAbout::LivedExperience]);
        it.asks(&[]);
        assert!(it.unmet().is_empty(), "nothing is asked");
    }

    #[test]
    fn what_nobody_consented_to_or_asked_for_changes_nothing() {
        let mut it = Little::new();
        it.asks(&[("voices", "share", 1)]);
        let before = it.fit();
        it.worker("experiences", json!([{"concept": "voices", "comfort": "happy_to_work_with"}]));
        assert_eq!(it.fit(), before);
        it.asks(&[("voices", "fine", 3)]).lived(&["voices"]);
        assert!(it.fit().nothing_asked);
    }

    #[test]
    fn a_broad_area_is_never_told_as_a_shared_experience() {
        let mut it = Little::new();
        it.asks(&[("older", "share", 1)]);
        it.lived(&["youth"]);
        let said = it.words(Audience::ServiceUser).unwrap();
        assert!(said.starts_with("Has experience in the same broad area as"), "{said}");
        it.asks(&[("distress", "share", 1)]).lived(&["voices"]);
        let said = it.words(Audience::ServiceUser).unwrap();
        assert!(said.starts_with("Has experience in the same broad area as"), "{said}");
        assert_eq!(it.known().0, WHOLE);
    }

    #[test]
    fn paths_are_told_as_paths_and_fellowships_not_at_all() {
        let mut it = Little::new();
        it.asks(&[("twelve_step", "share", 1)]).lived(&["twelve_step"]);
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Found the same path helpful, as you wished")
        );
        let label = Little::new().with(|pair| {
            pair.roster()
                .taxonomy()
                .find("twelve_step")
                .map(|c| pair.roster().taxonomy().label(c).to_owned())
        });
        for audience in [Audience::ServiceUser, Audience::Coordinator, Audience::PeerWorker] {
            for lived in [&["twelve_step"][..], &[]] {
                let said = it.lived(lived).words(audience).unwrap();
                assert!(
                    !said.contains(label.as_deref().unwrap()) && !said.contains("12"),
                    "{said}"
                );
            }
        }
        it.asks(&[("voices", "share", 1)]).lived(&["voices"]);
        let said = it.words(Audience::PeerWorker).unwrap();
        assert!(
            said.starts_with("You have lived through") && said.ends_with("as this person wished"),
            "{said}"
        );
    }
}
