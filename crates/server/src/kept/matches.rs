//! Matches: proposed, decided, answered, lived and ended; told to each as far as it is theirs.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use peermatch_core::kept::change::{
    ChangeAsked, Changed, FeedbackAsked, FeedbackTaken, change_worker, feedback,
};
use peermatch_core::kept::feedback::{OfWorker, of_worker};
use peermatch_core::kept::history::{History, history};
use peermatch_core::kept::matches::{EndKind, Event, How, Match};
use peermatch_core::kept::steps::{MatchTold, Pair, Viewer, propose, step, tell};
use peermatch_core::kept::{Decision, Ground, Refused, Told};
use peermatch_model::words::MatchStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{decided, ground, listed, looked, seen_by, viewer};
use super::{Page, SMALL_BYTES_MAX, decides, limit, paged};
use crate::app::App;
use crate::keeper::{Answered, refused};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, NoBody, Path, Query, Write};
use crate::table::{Route, Who};

const TAG: &str = "matches";

/// Who decides.
pub(crate) const DECIDERS: Who = Who::Roles(&[Role::Coordinator]);
/// Who sees matches, each their own.
const ALL_SEEN: Who =
    Who::Roles(&[Role::Coordinator, Role::Auditor, Role::PeerWorker, Role::ServiceUser]);
/// The two, and whoever records what they say.
const BOTH: Who = Who::Roles(&[Role::Coordinator, Role::PeerWorker, Role::ServiceUser]);
/// Who says what happened.
const WALKING: Who = Who::Roles(&[Role::Coordinator, Role::PeerWorker]);

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Decide")]
pub enum Verdict {
    /// It is offered, or the offer is agreed to.
    Accept,
    /// It is not.
    Reject,
}

/// What a coordinator decides of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// The decision.
    pub decision: Verdict,
    /// Why, if they want to say. It stands in no offer; the person gets it with everything that is held about them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

/// Whose answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOf {
    /// The person's.
    Person,
    /// The worker's.
    Worker,
}

/// What one of the two says. No reason is asked, and none is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// Yes or no.
    pub yes: bool,
    /// Whose answer it is, where a coordinator records it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<AnswerOf>,
    /// By which way it was said, where a coordinator records it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// How a match ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndBody {
    /// How; nobody has to say.
    #[serde(default)]
    pub end_kind: EndKind,
}

/// What people say of a worker, or why that is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerFeedback {
    /// The worker.
    pub worker_id: String,
    /// The sums, where they may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<OfWorker>,
    /// What it rests on, in words.
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsked {
    status: Option<MatchStatus>,
    person: Option<String>,
    worker: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let at = |route: Route| route.path_param("roster", "The roster.");
    let one = |route: Route| at(route).path_param("match", "The match.");
    let moved = |route: Route| {
        decides(one(route)).answers::<MatchTold>(StatusCode::OK, "The match as it stands now.")
    };
    vec![
        decides(at(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches",
            "proposeMatch",
            post(propose_one),
        )))
        .about(
            TAG,
            "Propose two to each other",
            "With `accept` it is offered at once and takes a place: of many at once for the last place, one gets it. Why these two, the revision and the hashes of roster and policy are kept with the match.",
        )
        .who(DECIDERS)
        .json::<Pair>(SMALL_BYTES_MAX)
        .answers::<MatchTold>(StatusCode::CREATED, "The match."),
        at(paged(Route::new(Method::GET, "/v1/rosters/{roster}/matches", "listMatches", get(list))))
            .about(
                TAG,
                "List matches",
                "By id. A coordinator sees all; a worker and a person their own, from the offer on, as far as they may know.",
            )
            .who(ALL_SEEN)
            .query::<MatchStatus>("status", "Only those that stand here (for coordinators and auditors).")
            .query::<String>("person", "Only those of this person.")
            .query::<String>("worker", "Only those of this worker.")
            .answers::<Page<MatchTold>>(StatusCode::OK, "A page of them."),
        one(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/matches/{match}",
            "readMatch",
            get(read),
        ))
        .about(
            TAG,
            "Read a match",
            "To an auditor with what was explained when it was proposed; to the two with what each may know of the other while it is offered or stands.",
        )
        .who(ALL_SEEN)
        .answers::<MatchTold>(StatusCode::OK, "The match."),
        one(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/matches/{match}/history",
            "readHistory",
            get(read_history),
        ))
        .about(
            TAG,
            "How a match came to be",
            "Each step with its time, what was known when it was proposed, and the same question asked again now: which reasons still stand, which are new. What stood there then and is not told any more is an auditor's.",
        )
        .who(Who::Roles(&[Role::Coordinator, Role::Auditor]))
        .answers::<History>(StatusCode::OK, "How it came to be."),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/decision",
            "decideMatch",
            post(decision),
        ))
        .about(
            TAG,
            "Decide a match",
            "A named coordinator accepts (it is offered, and takes a place) or rejects. Nothing becomes active without this and both yeses.",
        )
        .who(DECIDERS)
        .json::<DecisionBody>(SMALL_BYTES_MAX),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/answer",
            "answerMatch",
            post(answer),
        ))
        .about(
            TAG,
            "Say yes or no to an offer",
            "Without a reason. A worker and a person answer for themselves; a coordinator may record what one of them said, and how.",
        )
        .who(BOTH)
        .json::<AnswerBody>(SMALL_BYTES_MAX),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/first-meeting",
            "firstMeeting",
            post(first_meeting),
        ))
        .about(TAG, "Say that they have met", "")
        .who(WALKING),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/activate",
            "activateMatch",
            post(activate),
        ))
        .about(TAG, "Say that they walk together", "After the first meeting.")
        .who(WALKING),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/pause",
            "pauseMatch",
            post(pause),
        ))
        .about(TAG, "Pause a match", "The place stays.")
        .who(BOTH),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/resume",
            "resumeMatch",
            post(resume),
        ))
        .about(TAG, "Go on after a pause", "")
        .who(BOTH),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/end",
            "endMatch",
            post(end),
        ))
        .about(TAG, "End a match", "How it ended may be said; nobody has to.")
        .who(BOTH)
        .json::<EndBody>(SMALL_BYTES_MAX),
        moved(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/take-back",
            "takeBackMatch",
            post(take_back),
        ))
        .about(
            TAG,
            "Take back what a coordinator recorded last",
            "Within ten minutes, while nothing followed from it.",
        )
        .who(DECIDERS),
        decides(one(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/matches/{match}/feedback",
            "giveFeedback",
            post(give_feedback),
        )))
        .about(
            TAG,
            "Say how it goes",
            "Everything may be left out. A complaint is routed out: the answer says where it goes.",
        )
        .who(BOTH)
        .json::<FeedbackAsked>(SMALL_BYTES_MAX)
        .answers::<FeedbackTaken>(StatusCode::CREATED, "It is taken down."),
        decides(at(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/people/{person}/change-worker",
            "changeWorkerOf",
            post(change),
        )))
        .path_param("person", "The person.")
        .about(
            TAG,
            "Change the worker of a person",
            "Nobody's fault, without a reason: the match ends (or pauses), and the person waits again since the day on which they first did.",
        )
        .who(DECIDERS)
        .json::<ChangeAsked>(SMALL_BYTES_MAX)
        .answers::<Changed>(StatusCode::OK, "What came of it."),
        at(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/workers/{worker}/feedback",
            "workerFeedback",
            get(worker_feedback),
        ))
        .path_param("worker", "The worker.")
        .about(
            TAG,
            "What people say of a worker, summed up",
            "Only where the service has agreed with its workers to look, and at least ten people spoke and gave leave. Never a comparison of workers.",
        )
        .who(Who::Roles(&[Role::Coordinator, Role::PeerWorker]))
        .answers::<WorkerFeedback>(StatusCode::OK, "The sums, or why they are not told."),
    ]
}

/// A decision about a match, told to whoever made it.
pub(crate) fn told(
    ground: &Ground<'_>,
    decision: Decision<Match>,
    viewer: &Viewer,
) -> Result<Decision<MatchTold>, Refused> {
    let Decision { changes, told, answer } = decision;
    let answer = tell(ground, &answer, viewer, false).ok_or(Refused::NotFound)?;
    Ok(Decision { changes, told, answer })
}

async fn propose_one(
    State(app): State<App>,
    Path(roster): Path<String>,
    write: Write<Json<Pair>>,
) -> Result<Answered, Problem> {
    let pair = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        told(&ground, propose(ground, &pair, by)?, viewer)
    })
    .await
}

async fn list(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(asked): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<MatchTold>>, Problem> {
    let most = limit(asked.limit)?;
    let (page, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let from = asked.after.as_deref().unwrap_or_default();
        // Where the two stand is told to them in other words; they are not to sort by the true ones.
        let all = matches!(viewer, Viewer::Coordinator | Viewer::Auditor);
        let wanted = ground.book.matches().values().filter(|one| {
            one.id.as_str() > from
                && viewer.sees(one)
                && asked.status.is_none_or(|status| !all || one.status == status)
                && asked.person.as_ref().is_none_or(|id| &one.person_id == id)
                && asked.worker.as_ref().is_none_or(|id| &one.worker_id == id)
        });
        let lines: Vec<(String, MatchTold)> = wanted
            .take(most + 1)
            .filter_map(|one| Some((one.id.clone(), tell(&ground, one, viewer, false)?)))
            .collect();
        Ok(lines)
    })
    .await?;
    let page = Page::of(page, most, revision.0, |line| line.0.clone());
    let ids = page.items.iter().map(|line| line.0.clone());
    seen_by(&app, &roster, &caller, listed("matches.shown", ids), revision).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|line| line.1).collect(),
        next: page.next,
        revision: page.revision,
    }))
}

async fn read(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<MatchTold>, Problem> {
    let ((told, about), revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let one = ground.book.matches().get(&id).ok_or(Refused::NotFound)?;
        let told = tell(&ground, one, viewer, true).ok_or(Refused::NotFound)?;
        Ok((told, [one.id.clone(), one.person_id.clone(), one.worker_id.clone()]))
    })
    .await?;
    seen_by(&app, &roster, &caller, Told::new("match.shown", about), revision).await?;
    Ok(Json(told))
}

/// Takes one step of a match.
pub(crate) async fn stepped<B>(
    app: &App,
    roster: &str,
    id: String,
    write: Write<B>,
    event: Event,
) -> Result<Answered, Problem> {
    decided(app, roster, write, StatusCode::OK, move |ground, viewer, by| {
        told(&ground, step(ground, &id, event.clone(), viewer, by)?, viewer)
    })
    .await
}

async fn read_history(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<History>, Problem> {
    let keeper = super::keeper(&app, &caller, &roster).await?;
    let viewer = viewer(&caller, &roster)?;
    let about = id.clone();
    let (told, revision) = keeper
        .read_with(&app, move |seen| {
            // With the hash of the roster, to be held against the one of then.
            let told = history(&ground(&seen), &id, &viewer)?;
            Ok((told, seen.ready.revision))
        })
        .await?
        .map_err(refused)?;
    keeper.tell(&app, &caller.asked(), &Told::new("history.shown", [about]), revision).await?;
    Ok(Json(told))
}

async fn decision(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<DecisionBody>>,
) -> Result<Answered, Problem> {
    let why = write.body.0.why.clone();
    let event = match write.body.0.decision {
        // How long the offer waits, the roster's settings say.
        Verdict::Accept => Event::Accept { why, expires_at: 0 },
        Verdict::Reject => Event::Reject { why },
    };
    stepped(&app, &roster, id, write, event).await
}

/// Whose answer it is: one's own, or the one that a coordinator names.
pub(crate) fn answer_event(caller: &Caller, body: &AnswerBody) -> Result<Event, Problem> {
    let (yes, how) = (body.yes, body.how);
    let of = match caller.role {
        Role::ServiceUser => Some(AnswerOf::Person),
        Role::PeerWorker => Some(AnswerOf::Worker),
        _ => body.of,
    };
    match of {
        Some(AnswerOf::Person) => Ok(Event::PersonSays { yes, how }),
        Some(AnswerOf::Worker) => Ok(Event::WorkerSays { yes, how }),
        None => Err(Problem::new(
            StatusCode::CONFLICT,
            "needs_more",
            "Say whose answer it is: it is not yours but theirs.",
        )),
    }
}

async fn answer(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<AnswerBody>>,
) -> Result<Answered, Problem> {
    let event = answer_event(&write.caller, &write.body.0)?;
    stepped(&app, &roster, id, write, event).await
}

macro_rules! steps {
    ($($name:ident = $event:expr;)+) => {
        $(async fn $name(
            State(app): State<App>,
            Path((roster, id)): Path<(String, String)>,
            write: Write<NoBody>,
        ) -> Result<Answered, Problem> {
            stepped(&app, &roster, id, write, $event).await
        })+
    };
}

steps! {
    first_meeting = Event::FirstMeeting;
    activate = Event::Activate;
    pause = Event::Pause;
    resume = Event::Resume;
    take_back = Event::TakeBack;
}

async fn end(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<EndBody>>,
) -> Result<Answered, Problem> {
    let kind = write.body.0.end_kind;
    stepped(&app, &roster, id, write, Event::End { kind }).await
}

async fn give_feedback(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<FeedbackAsked>>,
) -> Result<Answered, Problem> {
    let said = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        feedback(ground, &id, &said, viewer, by)
    })
    .await
}

async fn change(
    State(app): State<App>,
    Path((roster, person)): Path<(String, String)>,
    write: Write<Json<ChangeAsked>>,
) -> Result<Answered, Problem> {
    let asked = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::OK, move |ground, _, by| {
        change_worker(ground, &person, &asked, by)
    })
    .await
}

async fn worker_feedback(
    State(app): State<App>,
    Path((roster, worker)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<WorkerFeedback>, Problem> {
    let about = worker.clone();
    let (told, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        ground.worker(&worker)?;
        if matches!(viewer, Viewer::Worker(own) if *own != worker) {
            return Err(Refused::NotFound);
        }
        let told = of_worker(ground.book, &worker);
        let note = if told.is_some() {
            "Means of what people said who gave leave to use it. They are no grade."
        } else {
            "Not told: too few people spoke and gave leave, or the service has not agreed with its workers to look."
        };
        Ok(WorkerFeedback { worker_id: worker, told, note: note.to_owned() })
    })
    .await?;
    seen_by(&app, &roster, &caller, Told::new("feedback.shown", [about]), revision).await?;
    Ok(Json(told))
}
