//! Workers leave: where could the people they walk with go?
//!
//! A proposal, like every matching. It is made from three rosters, each derived from the given one and checked like any other:
//!
//! 1. the *handover*: the matches of those who leave are ended, they themselves take nobody new, everybody else's match stands, every decision
//!    (pin) for somebody else holds, and the people handed over are matched by the policy, with the places that are free. Nobody else
//!    is matched in it: whoever lost a worker comes before whoever waits for a first one;
//! 2. the waiting list *before*: as if the people handed over took no place;
//! 3. the waiting list *after*: with the proposed matches standing. The difference to 2 is what the handover takes from the waiting list.
//!
//! The matching document of the first stands in the result with its certificate, so that [`verify`] proves it again from the given roster
//! and the names of those who leave.
//!
//! What is told of a person (which wishes the new worker keeps, which not) is a coordinator's: made from what a coordinator may see.

use jiff::civil::Date;
use peermatch_model::fault::Faults;
use peermatch_model::raw::{Field, MatchInput, RosterInput, Rows};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::{Audience, MatchStatus, PinKind, QueueState, Strength};
use peermatch_solve::Watch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hash::roster_hash;
use crate::pair::Context;
use crate::report::{self, MatchingDocument, VerifyError, document};
use crate::run::{RunError, match_with_seed};
use crate::scoring::{self, Met, Scorer};
use crate::view::View;
use peermatch_model::policy::Policy;

/// The format version that a handover document names.
pub const HANDOVER_FORMAT: &str = "peermatch/handover@1";

/// A proposal where the people of leaving workers go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// [`HANDOVER_FORMAT`].
    pub format: String,
    /// Hash of the checked roster it was made from.
    pub roster_hash: String,
    /// Who leaves, by id.
    pub leaving: Vec<String>,
    /// Everybody who walks with them now: those to talk to first come first, then by id.
    pub people: Vec<HandedOver>,
    /// What it takes from the waiting list; absent if the waiting list cannot be matched on its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting_list: Option<WaitingList>,
    /// The matching of the people handed over, in the derived roster, with its certificate.
    pub matching: MatchingDocument,
}

/// What a handover takes from the waiting list, by two exact runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitingList {
    /// How many of the waiting list could be matched if the people handed over took no place.
    pub before: u64,
    /// How many can be after it.
    pub after: u64,
}

/// One person handed over, told to a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    /// The person.
    pub person_id: String,
    /// The workers who leave.
    pub from: Vec<String>,
    /// The workers proposed; none if nobody could be found.
    pub to: Vec<String>,
    /// Criteria of wishes that were met and still are.
    pub kept: Vec<String>,
    /// What was met, or partly, and is met less, in words.
    pub lost: Vec<String>,
    /// What was not met and is now, in words.
    pub gained: Vec<String>,
    /// Why to talk to this person first, if there is a reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub talk_first: Option<String>,
    /// If nobody could be found: why, and what can be done.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub next_steps: Vec<String>,
}

/// Why there is no proposal.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// Nobody was named, or somebody unknown, or twice.
    #[error("{0}")]
    Leaving(String),
    /// A derived roster has faults: what was given does not go together once they have left.
    #[error("with these workers gone the roster has faults:\n{0}")]
    Roster(Faults),
    /// The run gave no matching.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The document is of another format, or was made from another roster or other words.
    #[error("{0}")]
    Stated(String),
    /// The matching in the document does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// Proposes where the people of `leaving` go.
///
/// `input` is what `roster` was checked from. `seed` is for what the policy's objective draws by lot. Three runs: three times what [`match_with_seed`] takes.
///
/// # Errors
/// See [`HandoverError`].
pub fn handover(
    input: &RosterInput,
    roster: &Roster,
    policy: &Policy,
    leaving: &[WorkerIx],
    seed: u64,
    watch: &dyn Watch,
) -> Result<Handover, HandoverError> {
    let plan = Plan::new(roster, leaving)?;
    let derived = derive(roster, &plan.handover(input))?;
    let cx = Context::new(&derived, policy);
    let run = match_with_seed(&cx, seed, watch)?;
    let matching = document(&run);
    let people = plan.people(&cx, &matching);

    let before = served(&derive(roster, &plan.before(input))?, policy, seed, watch)?;
    let after = served(&derive(roster, &plan.after(input, &people))?, policy, seed, watch)?;
    let waiting_list = before.zip(after).map(|(before, after)| WaitingList { before, after });
    Ok(Handover {
        format: HANDOVER_FORMAT.to_owned(),
        roster_hash: roster_hash(roster),
        leaving: plan.leaving.iter().map(|id| (*id).to_owned()).collect(),
        people,
        waiting_list,
        matching,
    })
}

/// Verifies a handover document against the roster: derives the roster of the handover again, has the checker judge the matching
/// there (no solver is involved), and compares what is told of each person. The counts of the waiting list are told, not proven.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(
    input: &RosterInput,
    roster: &Roster,
    policy: &Policy,
    handover: &Handover,
) -> Result<(), HandoverError> {
    if handover.format != HANDOVER_FORMAT {
        return Err(HandoverError::Stated(format!(
            "the handover file has format `{}`, this version reads {HANDOVER_FORMAT}",
            handover.format
        )));
    }
    if handover.roster_hash != roster_hash(roster) {
        return Err(HandoverError::Verify(VerifyError::OtherRoster));
    }
    let leaving = handover.leaving.iter().map(|id| {
        roster
            .find_worker(id)
            .ok_or_else(|| HandoverError::Leaving(format!("worker {id} is not in the roster")))
    });
    let plan = Plan::new(roster, &leaving.collect::<Result<Vec<_>, _>>()?)?;
    let derived = derive(roster, &plan.handover(input))?;
    let cx = Context::new(&derived, policy);
    report::verify(&cx, &handover.matching)?;
    if plan.people(&cx, &handover.matching) != handover.people {
        let reason = "what is told of the people handed over is not what the matching says";
        return Err(HandoverError::Stated(reason.to_owned()));
    }
    Ok(())
}

/// How many a run serves, or `None` if what the roster asks of it cannot be kept there: a minimum that the objective does not know is no
/// reason to propose nothing for the people handed over.
fn served(
    roster: &Roster,
    policy: &Policy,
    seed: u64,
    watch: &dyn Watch,
) -> Result<Option<u64>, HandoverError> {
    match match_with_seed(&Context::new(roster, policy), seed, watch) {
        Ok(run) => Ok(Some(run.decided().served() as u64)),
        Err(RunError::Infeasible(_) | RunError::Unsupported(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A derived roster, checked like any other, with the taxonomy of the given one.
fn derive(roster: &Roster, input: &RosterInput) -> Result<Roster, HandoverError> {
    Roster::check(input, roster.taxonomy().clone()).map_err(HandoverError::Roster)
}

/// Who leaves and whom it concerns.
struct Plan<'a> {
    as_of: Date,
    /// Ids, ascending.
    leaving: Vec<&'a str>,
    /// People with a match that stands with one of them: id, the workers who leave, and whether they are to be matched now.
    concerned: Vec<(&'a str, Vec<&'a str>, bool)>,
}

impl<'a> Plan<'a> {
    fn new(roster: &'a Roster, leaving: &[WorkerIx]) -> Result<Self, HandoverError> {
        let mut sorted = leaving.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != leaving.len() || leaving.is_empty() {
            let reason = "name each worker who leaves once, and at least one";
            return Err(HandoverError::Leaving(reason.to_owned()));
        }
        let id = |worker: &WorkerIx| roster.worker(*worker).id.as_str();
        let concerned = roster.people().iter().filter_map(|person| {
            let from: Vec<&str> =
                person.kept.iter().filter(|w| sorted.contains(w)).map(id).collect();
            let away = matches!(person.state, QueueState::OnHold | QueueState::Withdrawn);
            (!from.is_empty()).then_some((person.id.as_str(), from, !away))
        });
        let mut concerned: Vec<_> = concerned.collect();
        concerned.sort_unstable();
        Ok(Self { as_of: roster.as_of(), leaving: sorted.iter().map(id).collect(), concerned })
    }

    fn leaves(&self, id: &Field<String>) -> bool {
        id.given().is_some_and(|id| self.leaving.binary_search(&id.trim()).is_ok())
    }

    fn concerned(&self, id: &Field<String>) -> Option<bool> {
        let id = id.given()?.trim();
        let at = self.concerned.binary_search_by_key(&id, |person| person.0).ok()?;
        Some(self.concerned[at].2)
    }

    /// Those who leave have left: their matches are ended, decisions for them are void, and they take nobody new.
    fn gone(&self, input: &RosterInput) -> RosterInput {
        let mut out = input.clone();
        let last_day = self.as_of.to_string();
        each(&mut out.matches, |row| {
            if self.leaves(&row.worker_id)
                && row.status.given().copied().is_some_and(MatchStatus::kept)
            {
                row.status = MatchStatus::Ended.into();
                row.ended_at = last_day.clone().into();
            }
        });
        each(&mut out.workers, |row| {
            if self.leaves(&row.id) {
                row.available_from = Field::Absent;
                row.available_until = last_day.clone().into();
                row.minimum = Field::Absent;
            }
        });
        if let Field::Given(pins) = &mut out.pins {
            pins.retain(|row| {
                row.given().is_none_or(|row| {
                    row.kind.given() != Some(&PinKind::Pin) || !self.leaves(&row.worker_id)
                })
            });
        }
        out
    }

    /// Who is pinned to somebody who stays: they are matched with that worker whatever else is decided.
    fn pinned(input: &RosterInput) -> Vec<String> {
        let Field::Given(pins) = &input.pins else { return Vec::new() };
        let pins = pins.iter().filter_map(Field::given);
        let pins = pins.filter(|row| row.kind.given() == Some(&PinKind::Pin));
        let mut ids: Vec<String> =
            pins.filter_map(|row| Some(row.person_id.given()?.trim().to_owned())).collect();
        ids.sort_unstable();
        ids
    }

    /// The roster in which the people handed over, and nobody else, are matched.
    fn handover(&self, input: &RosterInput) -> RosterInput {
        let mut out = self.gone(input);
        let pinned = Self::pinned(&out);
        each(&mut out.people, |row| match self.concerned(&row.id) {
            Some(true) => row.status = QueueState::Ready.into(),
            Some(false) => {}
            None => {
                let decided = row.id.given().is_some_and(|id| {
                    pinned.binary_search_by(|pin| pin.as_str().cmp(id.trim())).is_ok()
                });
                if !decided && row.status.given().is_none_or(|s| *s == QueueState::Ready) {
                    row.status = QueueState::OnHold.into();
                }
            }
        });
        // What workers are to be given at least is for the waiting list to fill.
        each(&mut out.workers, |row| row.minimum = Field::Absent);
        out
    }

    /// The roster of the waiting list as if the people handed over took no place.
    fn before(&self, input: &RosterInput) -> RosterInput {
        let mut out = self.gone(input);
        each(&mut out.people, |row| {
            if self.concerned(&row.id) == Some(true) {
                row.status = QueueState::OnHold.into();
            }
        });
        // Nobody can be pinned who is on hold.
        if let Field::Given(pins) = &mut out.pins {
            pins.retain(|row| {
                row.given().is_none_or(|row| {
                    row.kind.given() != Some(&PinKind::Pin)
                        || self.concerned(&row.person_id) != Some(true)
                })
            });
        }
        out
    }

    /// The roster of the waiting list with the proposed matches standing.
    fn after(&self, input: &RosterInput, people: &[HandedOver]) -> RosterInput {
        let mut out = self.before(input);
        let mut rows = match std::mem::take(&mut out.matches) {
            Field::Given(rows) => rows,
            _ => Vec::new(),
        };
        for (person, worker) in people.iter().flat_map(|p| p.to.iter().map(move |w| (p, w))) {
            rows.push(Field::Given(MatchInput {
                id: format!("handover {} {worker}", person.person_id).into(),
                person_id: person.person_id.clone().into(),
                worker_id: worker.clone().into(),
                status: MatchStatus::Accepted.into(),
                ..MatchInput::default()
            }));
        }
        out.matches = Field::Given(rows);
        each(&mut out.workers, |row| {
            let Some(id) = row.id.given().map(|id| id.trim().to_owned()) else { return };
            let new = people.iter().flat_map(|p| &p.to).filter(|to| **to == id).count();
            let new = u32::try_from(new).unwrap_or(u32::MAX);
            let add = |field: &mut Field<u32>| {
                let now = field.given().copied().unwrap_or(0);
                *field = now.saturating_add(new).into();
            };
            let less = |field: &mut Field<u32>| {
                if let Field::Given(now) = field {
                    *now = now.saturating_sub(new);
                }
            };
            if new > 0 {
                add(&mut row.current_people);
                less(&mut row.new_starts);
                less(&mut row.minimum);
            }
        });
        out
    }

    /// What is told of everybody concerned, from the handover's matching.
    fn people(&self, cx: &Context<'_>, matching: &MatchingDocument) -> Vec<HandedOver> {
        let view = View::new(cx, Audience::Coordinator);
        let mut out: Vec<HandedOver> = self
            .concerned
            .iter()
            .filter_map(|(id, from, to_be_matched)| {
                let user = cx.roster.find_user(id)?;
                let to: Vec<String> = matching
                    .matches
                    .iter()
                    .filter(|pair| pair.person_id == *id && pair.status != report::Origin::Kept)
                    .map(|pair| pair.worker_id.clone())
                    .collect();
                let ids = from.iter().map(|id| (*id).to_owned()).collect();
                let mut told = HandedOver {
                    person_id: (*id).to_owned(),
                    from: ids,
                    to,
                    kept: Vec::new(),
                    lost: Vec::new(),
                    gained: Vec::new(),
                    talk_first: None,
                    next_steps: Vec::new(),
                };
                let workers = from.first().and_then(|w| cx.roster.find_worker(w));
                let new = told.to.first().and_then(|w| cx.roster.find_worker(w));
                match (workers, new) {
                    (Some(old), Some(new)) => compare(&view, user, old, new, &mut told),
                    _ => unplaced(matching, id, *to_be_matched, &mut told),
                }
                Some(told)
            })
            .collect();
        out.sort_by(|a, b| {
            let first = |p: &HandedOver| (p.talk_first.is_none(), !p.to.is_empty());
            first(a).cmp(&first(b)).then_with(|| a.person_id.cmp(&b.person_id))
        });
        out
    }
}

fn each<T>(rows: &mut Rows<T>, mut with: impl FnMut(&mut T)) {
    if let Field::Given(rows) = rows {
        for row in rows {
            if let Field::Given(row) = row {
                with(row);
            }
        }
    }
}

fn rank(met: Met) -> u8 {
    match met {
        Met::Met => 3,
        Met::Partly => 2,
        Met::Unknown => 1,
        Met::NotMet => 0,
    }
}

/// Which wishes the new worker keeps, loses and gains, as a coordinator may see both.
fn compare(view: &View<'_>, user: UserIx, old: WorkerIx, new: WorkerIx, told: &mut HandedOver) {
    let seen = view.person(user);
    let (before, after) = (view.pair(&seen, old), view.pair(&seen, new));
    let had = Scorer::for_pair(&before).fit(&before);
    let has = Scorer::for_pair(&after).fit(&after);
    for (had, has) in had.parts.iter().zip(&has.parts) {
        let name = had.criterion.replace('_', " ");
        let words = || {
            let words = scoring::words(&after, has, Audience::Coordinator);
            words.map_or_else(|| name.clone(), |words| format!("{name}: {words}"))
        };
        if rank(has.met) < rank(had.met) && had.met != Met::Unknown {
            told.lost.push(words());
        } else if rank(has.met) > rank(had.met) && rank(has.met) >= 2 {
            told.gained.push(words());
        } else if has.met == Met::Met {
            told.kept.push(name);
        }
    }
    let strong = seen.user.wishes.iter().any(|wish| wish.strength != Strength::Nice);
    if !told.lost.is_empty() && told.lost.len() >= told.kept.len().max(1) && strong {
        told.talk_first =
            Some("At least as many wishes are met less as stay met: ask first.".to_owned());
    }
}

/// Somebody for whom nobody could be found.
fn unplaced(matching: &MatchingDocument, id: &str, to_be_matched: bool, told: &mut HandedOver) {
    if !to_be_matched {
        told.talk_first = Some(
            "On hold or withdrawn: ask what the person wishes before anything else.".to_owned(),
        );
        told.next_steps.push(
            "Ask whether and when the person would like to go on with somebody else.".to_owned(),
        );
        return;
    }
    told.talk_first = Some("Nobody could be found: this person would be left without.".to_owned());
    if let Some(waiting) = matching.waiting.iter().find(|waiting| waiting.person_id == id) {
        told.next_steps.push(waiting.words.clone());
        told.next_steps.extend(waiting.next_steps.iter().cloned());
    }
}
