//! Who can be matched with whom at all, and every reason why not.
//!
//! A rule is a rule: it is never a weight, no wish or policy can outvote it, and nothing here reads a score. Every rule is one file of this
//! folder: whether it excludes a pair, its words for each audience, what would lift it, and its test. A rule reads a [`Pair`] and
//! nothing else, so that the same code judges real records and records redacted for an audience.
//!
//! [`eligible`] says yes or no and stops at the first rule that fails; [`reasons`] keeps all that fail, in the order of [`Exclusion`]. Both agree
//! on every pair. Rules that belong to a service (age, training, ways to meet, supervision) are passed if one service that
//! both are in passes all of them; how the reason is chosen when none does stands in `services.rs`.
//!
//! # Who is told what
//! [`Exclusion::visible_to`] is an allow-list. Whatever is about a third person or a worker's boundary (they know each other, they must
//! not meet, one declined the other, a topic, a worker's must, supervision) is told to nobody but the auditor (supervision to the worker it is about): everybody else
//! gets [`NEUTRAL`], one sentence for all of them. [`told`] says it only where nothing else can be said, so that a hidden reason
//! beside a visible one changes no byte.

mod already_together;
mod capacity_reached;
mod excluded_by_coordinator;
mod known_to_each_other;
mod language_unshared;
mod mode_unsupported;
mod must_unmet;
mod no_common_time;
mod no_contact;
mod no_transport;
mod out_of_area;
mod person_declined_worker;
mod role_without_caseload;
mod service_scope;
pub(crate) mod services;
mod supervision_overdue;
#[cfg(test)]
pub(crate) mod testing;
mod too_far;
mod training_missing;
mod vetting_missing;
mod worker_declined_person;
mod worker_declined_topic;
mod worker_leaving;
mod worker_must_unmet;
mod worker_not_started;
mod worker_paused;

use std::fmt;

use peermatch_model::roster::PeerWorker;
use peermatch_model::words::{Audience, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pair::{Context, Pair};

/// What is said of every reason that an audience may not know. It reads the same whoever asks, and whatever the reason is.
pub const NEUTRAL: &str = "Not available right now.";

/// The next step for reasons that a coordinator may not know.
const PRIVATE_STEP: &str = "Look at the other options, or ask again at the next run.";

/// Why two cannot be matched. The order is that in which reasons are told.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The worker has no free place.
    CapacityReached,
    /// The worker takes nobody new for now.
    WorkerPaused,
    /// The worker leaves soon, or has left.
    WorkerLeaving,
    /// The worker's first day is still to come.
    WorkerNotStarted,
    /// The worker's role walks with nobody one to one.
    RoleWithoutCaseload,
    /// No service in common that is for the person's age.
    ServiceScope,
    /// The worker lacks a training that the service asks for.
    TrainingMissing,
    /// The worker's supervision is overdue. Private.
    SupervisionOverdue,
    /// The person is under 18 and the worker is not vetted.
    VettingMissing,
    /// No common time for a whole meeting.
    NoCommonTime,
    /// No way to meet in common.
    ModeUnsupported,
    /// They could only meet in person, and share no area.
    OutOfArea,
    /// They could only meet in person, and the way is too long.
    TooFar,
    /// They could only meet in person, and the person cannot get there.
    NoTransport,
    /// No language at the level needed.
    LanguageUnshared,
    /// They know each other or are whānau. Private.
    KnownToEachOther,
    /// They must not meet. Private.
    NoContact,
    /// The worker does not work with something the person told. Private.
    WorkerDeclinedTopic,
    /// The person asked not to be matched with the worker. Private.
    PersonDeclinedWorker,
    /// The worker asked not to be matched with the person. Private.
    WorkerDeclinedPerson,
    /// A `must` of the person is not met.
    MustUnmet,
    /// A `must` of the worker is not met. Private.
    WorkerMustUnmet,
    /// A coordinator excluded the pair before the run.
    ExcludedByCoordinator,
    /// A match of the two stands already.
    AlreadyTogether,
}

/// A rule: what excludes, and how it is told.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Its code.
    exclusion: Exclusion,
    /// Whether it excludes the pair.
    excludes: fn(&Pair<'_>) -> bool,
    /// For the auditor, and for the coordinator if it is not private.
    staff: &'static str,
    /// For the person, if it is about their own limits and wishes.
    person: Option<&'static str>,
    /// For the worker, if it is about their own record or about meeting.
    worker: Option<&'static str>,
    /// What would lift it, for a coordinator.
    next_step: &'static str,
}

/// Every rule, in the order of [`Exclusion`].
const RULES: [Rule; Exclusion::ALL.len()] = [
    capacity_reached::RULE,
    worker_paused::RULE,
    worker_leaving::RULE,
    worker_not_started::RULE,
    role_without_caseload::RULE,
    service_scope::RULE,
    training_missing::RULE,
    supervision_overdue::RULE,
    vetting_missing::RULE,
    no_common_time::RULE,
    mode_unsupported::RULE,
    out_of_area::RULE,
    too_far::RULE,
    no_transport::RULE,
    language_unshared::RULE,
    known_to_each_other::RULE,
    no_contact::RULE,
    worker_declined_topic::RULE,
    person_declined_worker::RULE,
    worker_declined_person::RULE,
    must_unmet::RULE,
    worker_must_unmet::RULE,
    excluded_by_coordinator::RULE,
    already_together::RULE,
];

/// A step on the way to yes or no: the rules it stands for, and whether one of them excludes.
type Step = (&'static [Exclusion], fn(&Pair<'_>) -> bool);

/// All rules, the cheap ones and those that exclude most first; rules that share their work are one step.
const CHEAP_FIRST: [Step; 17] = [
    (&[Exclusion::CapacityReached], capacity_reached::RULE.excludes),
    (&[Exclusion::WorkerPaused], worker_paused::RULE.excludes),
    (&[Exclusion::AlreadyTogether], already_together::RULE.excludes),
    (&[Exclusion::WorkerNotStarted], worker_not_started::RULE.excludes),
    (&[Exclusion::RoleWithoutCaseload], role_without_caseload::RULE.excludes),
    (&[Exclusion::ExcludedByCoordinator], excluded_by_coordinator::RULE.excludes),
    (&[Exclusion::KnownToEachOther], known_to_each_other::RULE.excludes),
    (&[Exclusion::NoContact], no_contact::RULE.excludes),
    (&[Exclusion::PersonDeclinedWorker], person_declined_worker::RULE.excludes),
    (&[Exclusion::WorkerDeclinedPerson], worker_declined_person::RULE.excludes),
    (&[Exclusion::WorkerLeaving], worker_leaving::RULE.excludes),
    (&[Exclusion::VettingMissing], vetting_missing::RULE.excludes),
    (&[Exclusion::LanguageUnshared], language_unshared::RULE.excludes),
    (
        &[
            Exclusion::ServiceScope,
            Exclusion::TrainingMissing,
            Exclusion::SupervisionOverdue,
            Exclusion::ModeUnsupported,
            Exclusion::OutOfArea,
            Exclusion::TooFar,
            Exclusion::NoTransport,
        ],
        services::none_passes,
    ),
    (&[Exclusion::NoCommonTime], no_common_time::RULE.excludes),
    (&[Exclusion::WorkerDeclinedTopic], worker_declined_topic::RULE.excludes),
    (&[Exclusion::MustUnmet, Exclusion::WorkerMustUnmet], |pair| {
        (must_unmet::RULE.excludes)(pair) || (worker_must_unmet::RULE.excludes)(pair)
    }),
];

/// Whether the two can be matched. Stops at the first rule that fails. O(wishes, languages, services and experiences of the two).
pub fn eligible(pair: &Pair<'_>) -> bool {
    !CHEAP_FIRST.iter().any(|(_, excludes)| excludes(pair))
}

/// Every reason why the two cannot be matched, in order; none if they can.
///
/// ```
/// use peermatch_core::eligibility::{Exclusion, eligible, reasons};
/// use peermatch_core::pair::Context;
/// use peermatch_model::policy::Policy;
/// use peermatch_testkit::rosters::{Spec, roster};
///
/// let (roster, policy) = (roster(&Spec::SMALL, 1), Policy::shipped());
/// let cx = Context::new(&roster, &policy);
/// let user = roster.waiting().next().expect("somebody waits");
/// for place in 0..roster.workers().len() {
///     let pair = cx.pair(user, peermatch_model::roster::WorkerIx::at(place));
///     assert_eq!(eligible(&pair), reasons(&pair).is_empty());
/// }
/// ```
pub fn reasons(pair: &Pair<'_>) -> Vec<Exclusion> {
    RULES.iter().filter(|rule| (rule.excludes)(pair)).map(|rule| rule.exclusion).collect()
}

/// How a rule judges that reads the worker alone.
type OfWorker = fn(&Context<'_>, &PeerWorker) -> bool;

/// The rules that read the worker alone.
pub(crate) const OF_WORKER: [(Exclusion, OfWorker); 5] = [
    (Exclusion::CapacityReached, capacity_reached::of_worker),
    (Exclusion::WorkerPaused, worker_paused::of_worker),
    (Exclusion::WorkerLeaving, worker_leaving::of_worker),
    (Exclusion::WorkerNotStarted, worker_not_started::of_worker),
    (Exclusion::RoleWithoutCaseload, role_without_caseload::of_worker),
];

/// Whether a worker takes new people at all: the role walks with people, the worker has begun, is not paused and does not leave. How
/// many places there are is another question ([`PeerWorker::places`]).
pub fn takes_new_people(cx: &Context<'_>, worker: &PeerWorker) -> bool {
    !(role_without_caseload::of_worker(cx, worker)
        || worker_not_started::of_worker(cx, worker)
        || worker_paused::of_worker(cx, worker)
        || worker_leaving::of_worker(cx, worker))
}

/// Whether a worker could be matched with somebody: takes new people and has a place.
pub(crate) fn open(cx: &Context<'_>, worker: &PeerWorker) -> bool {
    takes_new_people(cx, worker) && !capacity_reached::of_worker(cx, worker)
}

fn rule(exclusion: Exclusion) -> &'static Rule {
    // The table has the order of the codes, and a test holds it.
    &RULES[exclusion as usize]
}

/// A reason in plain words for an audience; [`NEUTRAL`] if the audience may not know it.
pub fn words(exclusion: Exclusion, audience: Audience) -> &'static str {
    if !exclusion.visible_to(audience) {
        return NEUTRAL;
    }
    let rule = rule(exclusion);
    match audience {
        Audience::Auditor | Audience::Coordinator => rule.staff,
        Audience::ServiceUser => rule.person.unwrap_or(NEUTRAL),
        Audience::PeerWorker => rule.worker.unwrap_or(NEUTRAL),
    }
}

/// What an audience is told of `reasons`: those it may know, each once, or, if there are only others, [`NEUTRAL`]. Empty for an eligible pair.
pub fn told(reasons: &[Exclusion], audience: Audience) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    for &reason in reasons.iter().filter(|r| r.visible_to(audience)) {
        let words = words(reason, audience);
        if !out.contains(&words) {
            out.push(words);
        }
    }
    if out.is_empty() && !reasons.is_empty() {
        out.push(NEUTRAL);
    }
    out
}

/// What would lift a reason, for a coordinator. Reasons that a coordinator may not know share one answer, which tells nothing.
pub fn next_step(exclusion: Exclusion) -> &'static str {
    rule(exclusion).next_step
}

impl Exclusion {
    /// Whether an audience may know this reason: an allow-list.
    pub fn visible_to(self, audience: Audience) -> bool {
        match audience {
            Audience::Auditor => true,
            // What a coordinator can do something about, and nothing of a third person or of a boundary.
            Audience::Coordinator => matches!(
                self,
                Self::CapacityReached
                    | Self::WorkerPaused
                    | Self::WorkerLeaving
                    | Self::WorkerNotStarted
                    | Self::RoleWithoutCaseload
                    | Self::ServiceScope
                    | Self::TrainingMissing
                    | Self::VettingMissing
                    | Self::NoCommonTime
                    | Self::ModeUnsupported
                    | Self::OutOfArea
                    | Self::TooFar
                    | Self::NoTransport
                    | Self::LanguageUnshared
                    | Self::MustUnmet
                    | Self::ExcludedByCoordinator
                    | Self::AlreadyTogether
            ),
            // The person's own limits and wishes.
            Audience::ServiceUser => matches!(
                self,
                Self::ServiceScope
                    | Self::NoCommonTime
                    | Self::ModeUnsupported
                    | Self::OutOfArea
                    | Self::TooFar
                    | Self::NoTransport
                    | Self::LanguageUnshared
                    | Self::MustUnmet
                    | Self::AlreadyTogether
            ),
            // The worker's own record, and meeting. Vetting and scope would tell the person's age.
            Audience::PeerWorker => matches!(
                self,
                Self::CapacityReached
                    | Self::WorkerPaused
                    | Self::WorkerLeaving
                    | Self::WorkerNotStarted
                    | Self::RoleWithoutCaseload
                    | Self::TrainingMissing
                    | Self::SupervisionOverdue
                    | Self::NoCommonTime
                    | Self::ModeUnsupported
                    | Self::OutOfArea
                    | Self::TooFar
                    | Self::NoTransport
                    | Self::LanguageUnshared
                    | Self::AlreadyTogether
            ),
        }
    }
}

impl Words for Exclusion {
    const ALL: &'static [Self] = &[
        Self::CapacityReached,
        Self::WorkerPaused,
        Self::WorkerLeaving,
        Self::WorkerNotStarted,
        Self::RoleWithoutCaseload,
        Self::ServiceScope,
        Self::TrainingMissing,
        Self::SupervisionOverdue,
        Self::VettingMissing,
        Self::NoCommonTime,
        Self::ModeUnsupported,
        Self::OutOfArea,
        Self::TooFar,
        Self::NoTransport,
        Self::LanguageUnshared,
        Self::KnownToEachOther,
        Self::NoContact,
        Self::WorkerDeclinedTopic,
        Self::PersonDeclinedWorker,
        Self::WorkerDeclinedPerson,
        Self::MustUnmet,
        Self::WorkerMustUnmet,
        Self::ExcludedByCoordinator,
        Self::AlreadyTogether,
    ];
    const LIST: &'static str = "exclusion";
    fn word(self) -> &'static str {
        match self {
            Self::CapacityReached => "capacity_reached",
            Self::WorkerPaused => "worker_paused",
            Self::WorkerLeaving => "worker_leaving",
            Self::WorkerNotStarted => "worker_not_started",
            Self::RoleWithoutCaseload => "role_without_caseload",
            Self::ServiceScope => "service_scope",
            Self::TrainingMissing => "training_missing",
            Self::SupervisionOverdue => "supervision_overdue",
            Self::VettingMissing => "vetting_missing",
            Self::NoCommonTime => "no_common_time",
            Self::ModeUnsupported => "mode_unsupported",
            Self::OutOfArea => "out_of_area",
            Self::TooFar => "too_far",
            Self::NoTransport => "no_transport",
            Self::LanguageUnshared => "language_unshared",
            Self::KnownToEachOther => "known_to_each_other",
            Self::NoContact => "no_contact",
            Self::WorkerDeclinedTopic => "worker_declined_topic",
            Self::PersonDeclinedWorker => "person_declined_worker",
            Self::WorkerDeclinedPerson => "worker_declined_person",
            Self::MustUnmet => "must_unmet",
            Self::WorkerMustUnmet => "worker_must_unmet",
            Self::ExcludedByCoordinator => "excluded_by_coordinator",
            Self::AlreadyTogether => "already_together",
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_code_has_its_rule_in_its_place_and_its_word() {
        for (place, (rule, &code)) in RULES.iter().zip(Exclusion::ALL).enumerate() {
            assert_eq!(rule.exclusion, code);
            assert_eq!(code as usize, place, "ALL lists the codes in their order");
            assert_eq!(serde_json::to_value(code).unwrap(), code.word());
        }
    }

    #[test]
    fn every_rule_file_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/eligibility");
        #[allow(clippy::disallowed_methods, reason = "a test may look at its own source")]
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        let rules = Exclusion::ALL.iter().map(|c| format!("{c}.rs"));
        let expected: BTreeSet<String> =
            rules.chain(["services.rs".to_owned(), "testing.rs".to_owned()]).collect();
        assert_eq!(files, expected);
    }

    #[test]
    fn the_fast_way_stands_for_every_rule_once() {
        let mut steps: Vec<Exclusion> =
            CHEAP_FIRST.iter().flat_map(|(codes, _)| codes.iter().copied()).collect();
        steps.sort_unstable();
        assert_eq!(steps, Exclusion::ALL);
    }

    #[test]
    fn words_exist_for_exactly_those_who_may_know() {
        for rule in &RULES {
            let code = rule.exclusion;
            assert_eq!(rule.person.is_some(), code.visible_to(Audience::ServiceUser), "{code}");
            assert_eq!(rule.worker.is_some(), code.visible_to(Audience::PeerWorker), "{code}");
            assert_eq!(
                rule.next_step == PRIVATE_STEP,
                !code.visible_to(Audience::Coordinator),
                "{code}"
            );
            for &audience in Audience::ALL {
                assert_eq!(
                    words(code, audience) == NEUTRAL,
                    !code.visible_to(audience),
                    "{code} {audience}"
                );
            }
        }
    }

    #[test]
    fn a_hidden_reason_changes_no_byte_beside_a_visible_one() {
        for &audience in Audience::ALL {
            for &shown in Exclusion::ALL.iter().filter(|c| c.visible_to(audience)) {
                for &hidden in Exclusion::ALL.iter().filter(|c| !c.visible_to(audience)) {
                    let mut both = [shown, hidden];
                    both.sort_unstable();
                    assert_eq!(told(&both, audience), told(&[shown], audience));
                    assert_eq!(told(&[hidden], audience), [NEUTRAL]);
                }
            }
            assert!(told(&[], audience).is_empty());
        }
    }

    #[test]
    fn words_are_short_and_plain() {
        for rule in &RULES {
            let texts = [Some(rule.staff), rule.person, rule.worker, Some(rule.next_step)];
            for text in texts.into_iter().flatten() {
                assert!(text.ends_with('.') && text.split_whitespace().count() <= 20, "{text}");
                for word in ["patient", "client", "candidate", "optimal"] {
                    assert!(!text.to_lowercase().contains(word), "{text}");
                }
            }
            // Nine years: short sentences of short words.
            if let Some(text) = rule.person {
                let long = text
                    .split(|c: char| !c.is_alphabetic())
                    .filter(|w| w.chars().count() > 9)
                    .count();
                assert!(text.split_whitespace().count() <= 14 && long == 0, "{text}");
            }
        }
    }

    #[test]
    fn nobody_but_the_auditor_is_told_of_a_third_person_or_a_boundary() {
        let private: BTreeMap<Exclusion, Vec<Audience>> = Exclusion::ALL
            .iter()
            .map(|&code| {
                (code, Audience::ALL.iter().copied().filter(|&a| code.visible_to(a)).collect())
            })
            .filter(|(_, seen): &(_, Vec<Audience>)| !seen.contains(&Audience::Coordinator))
            .collect();
        let mut expected = vec![
            Exclusion::SupervisionOverdue,
            Exclusion::KnownToEachOther,
            Exclusion::NoContact,
            Exclusion::WorkerDeclinedTopic,
            Exclusion::PersonDeclinedWorker,
            Exclusion::WorkerDeclinedPerson,
            Exclusion::WorkerMustUnmet,
        ];
        expected.sort_unstable();
        assert_eq!(private.keys().copied().collect::<Vec<_>>(), expected);
        for (code, seen) in private {
            // Supervision is the worker's own.
            let own = if code == Exclusion::SupervisionOverdue {
                vec![Audience::PeerWorker, Audience::Auditor]
            } else {
                vec![Audience::Auditor]
            };
            assert_eq!(seen, own, "{code}");
        }
    }
}
