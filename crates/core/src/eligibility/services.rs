//! Rules that belong to a service: a pair passes them if ONE service that both are in passes them all.
//!
//! A service is judged in this order: it must be for the person's age, the worker must hold its training, it must offer a way to
//! meet that both have and that brings them together, and the worker's supervision must not be overdue where it asks for
//! supervision. If no service passes everything, the reason given is that of the services that got furthest: of two
//! services, one for another age and one whose training is missing, the training is the reason, because that is
//! what would have to change. Supervision comes last because it is private: so nothing that is shown depends on it.

use jiff::ToSpan;
use peermatch_model::roster::{PeerWorker, Service};
use peermatch_model::words::{AgeBand, Mode, WordSet, Words};

use crate::pair::{Context, Pair};
use crate::reach;

/// How far the best of the shared services got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Furthest {
    /// No shared service is for the person's age.
    None,
    /// One is for the age, but the worker lacks its training.
    Scope,
    /// One is for the age, and the worker holds its training.
    Training,
}

/// The services both are in.
fn shared<'a>(pair: &'a Pair<'_>) -> impl Iterator<Item = &'a Service> + 'a {
    let theirs = &pair.worker.services;
    pair.user.services.iter().filter(|s| theirs.contains(s)).map(|&s| pair.roster().service(s))
}

/// Whether a service is for an age. A record whose age was taken out (for somebody who may not know it) passes.
pub(crate) fn for_age(age: Option<AgeBand>, service: &Service) -> bool {
    service.age_bands.is_empty() || age.is_none_or(|age| service.age_bands.has(age))
}

/// Whether a worker may work in a service on the day of the run: training held, supervision in order.
pub(crate) fn staffs(cx: &Context<'_>, worker: &PeerWorker, service: &Service) -> bool {
    holds_training(worker, service) && in_supervision(cx, worker, service)
}

pub(crate) fn holds_training(worker: &PeerWorker, service: &Service) -> bool {
    service.required_training.iter().all(|code| worker.training.contains(code))
}

fn in_supervision(cx: &Context<'_>, worker: &PeerWorker, service: &Service) -> bool {
    let today = cx.roster.as_of();
    let grace = i64::from(cx.policy.rules.supervision_grace_days);
    // No day on record is not overdue: a service that records none is not punished for it. Adding days is dear, so only for
    // those whose day has passed.
    !service.supervision_required
        || worker
            .supervision_due
            .is_none_or(|due| due >= today || due.saturating_add(grace.days()) >= today)
}

fn in_scope(pair: &Pair<'_>, service: &Service) -> bool {
    for_age(pair.user.age, service)
}

fn trained(pair: &Pair<'_>, service: &Service) -> bool {
    holds_training(pair.worker, service)
}

fn supervised(pair: &Pair<'_>, service: &Service) -> bool {
    in_supervision(pair.cx, pair.worker, service)
}

/// The ways to meet that person and worker have and the service offers.
fn modes(pair: &Pair<'_>, service: &Service) -> WordSet {
    let both = pair.user.modes.both(pair.worker.modes);
    if service.modes.is_empty() { both } else { both.both(service.modes) }
}

pub(super) fn furthest(pair: &Pair<'_>) -> Furthest {
    let stage = |s| match (in_scope(pair, s), trained(pair, s)) {
        (false, _) => Furthest::None,
        (true, false) => Furthest::Scope,
        (true, true) => Furthest::Training,
    };
    shared(pair).map(stage).max().unwrap_or(Furthest::None)
}

/// The services that got furthest by age and training.
fn judged<'a>(pair: &'a Pair<'_>) -> impl Iterator<Item = &'a Service> + 'a {
    let furthest = furthest(pair);
    shared(pair).filter(move |s| match furthest {
        Furthest::None => true,
        Furthest::Scope => in_scope(pair, s),
        Furthest::Training => in_scope(pair, s) && trained(pair, s),
    })
}

/// The ways to meet by which mode and travel are judged: what both have and one of the services that got furthest offers. If they
/// share no service that is for the person's age, what both have, whoever would offer it.
pub(crate) fn modes_judged(pair: &Pair<'_>) -> WordSet {
    if furthest(pair) == Furthest::None {
        return pair.user.modes.both(pair.worker.modes);
    }
    judged(pair).fold(WordSet::default(), |all, s| all.either(modes(pair, s)))
}

/// The ways to meet of the services that pass everything but, perhaps, the way there; if none passes, those judged by.
pub(crate) fn modes_passing(pair: &Pair<'_>) -> WordSet {
    if furthest(pair) == Furthest::Training {
        let passing = judged(pair).filter(|s| supervised(pair, s));
        let modes = passing.fold(WordSet::default(), |all, s| all.either(modes(pair, s)));
        if !modes.is_empty() {
            return modes;
        }
    }
    modes_judged(pair)
}

/// Whether supervision is overdue in each of the services that got furthest, by way to meet too.
pub(super) fn supervision_overdue_everywhere(pair: &Pair<'_>) -> bool {
    if furthest(pair) == Furthest::None || judged(pair).all(|s| supervised(pair, s)) {
        return false;
    }
    let journey = reach::Journey::of(pair);
    let meets = |s: &&Service| modes(pair, s).iter::<Mode>().any(|m| journey.reaches(m));
    let mut meeting = judged(pair).filter(meets).peekable();
    if meeting.peek().is_some() {
        !meeting.any(|s| supervised(pair, s))
    } else {
        !judged(pair).any(|s| supervised(pair, s))
    }
}

/// Whether no service passes everything: the rules of this file and the way there, all at once.
pub(super) fn none_passes(pair: &Pair<'_>) -> bool {
    if pair.user.modes.both(pair.worker.modes).is_empty() {
        return true;
    }
    let mut passing =
        shared(pair).filter(|s| in_scope(pair, s) && trained(pair, s) && supervised(pair, s));
    let mut journey = None;
    !passing.any(|s| {
        let offered = modes(pair, s);
        // Remote ways first: they need no distance.
        Mode::ALL.iter().any(|&m| !m.in_person() && offered.has(m))
            || (!offered.is_empty() && {
                let journey = journey.get_or_insert_with(|| reach::Journey::of(pair));
                offered.iter::<Mode>().any(|m| journey.reaches(m))
            })
    })
}
