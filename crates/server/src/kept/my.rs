//! A person's own pages, reached by their link: their menu, their matches, what is kept of them. Words alone, and nothing of anybody else.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use peermatch_core::kept::change::{
    ChangeAsked, Changed, FeedbackAsked, FeedbackTaken, change_worker, feedback,
};
use peermatch_core::kept::feedback::{Feedback, Voice};
use peermatch_core::kept::offers::{MenuAnswered, MenuSaid, MyMenu, answer, menu_of, sheet};
use peermatch_core::kept::steps::{MatchTold, Viewer, tell};
use peermatch_core::kept::{Contact, Refused, Told};
use peermatch_model::raw::ServiceUserInput;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{Listed, decided, listed, looked, seen_by};
use super::matches::{AnswerBody, answer_event, stepped};
use super::{SMALL_BYTES_MAX, keeper};
use crate::app::App;
use crate::keeper::Answered;
use crate::principal::{Principal, Role, Subject};
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Write};
use crate::table::{Route, Who};

const TAG: &str = "my";
const ME: Who = Who::Roles(&[Role::ServiceUser]);

/// Everything that is kept of a person, for that person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MyRecord {
    /// Your record, as it is used to find somebody for you.
    pub record: ServiceUserInput,
    /// What you are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How you are reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The suggestions that were made to you.
    pub menus: Vec<MyMenu>,
    /// With whom you walk, walked, or might have.
    pub matches: Vec<MatchTold>,
    /// What you said of it.
    pub feedback: Vec<Feedback>,
    /// What you can do about it.
    pub your_rights: Vec<String>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    // A link can lead to what is gone since: the person, what they were matched with, or the whole roster.
    let gone = |route: Route| {
        route.problem(
            StatusCode::NOT_FOUND,
            "What the link led to, or what the body names, is not there.",
        )
    };
    let writes = |route: Route| {
        route.problem(StatusCode::CONFLICT, "It cannot be done as things stand; the words say why.")
    };
    let all = vec![
        Route::new(Method::GET, "/v1/my/menu", "myMenu", get(menu))
            .about(TAG, "Your suggestions", "Those your link leads to, else the open ones, else the last.")
            .who(ME)
            .answers::<MyMenu>(StatusCode::OK, "The suggestions, in words."),
        writes(Route::new(Method::POST, "/v1/my/menu/answer", "answerMyMenu", post(answer_menu)))
            .about(
                TAG,
                "Answer your suggestions",
                "Pick one, none of these, or later. You can take it back while nobody has answered to it. No reason is asked.",
            )
            .who(ME)
            .json::<MenuSaid>(SMALL_BYTES_MAX)
            .answers::<MenuAnswered>(StatusCode::OK, "What came of it."),
        Route::new(Method::GET, "/v1/my/matches", "myMatches", get(matches))
            .about(TAG, "Your matches", "From the offer on.")
            .who(ME)
            .answers::<Listed<MatchTold>>(StatusCode::OK, "Your matches."),
        writes(Route::new(
            Method::POST,
            "/v1/my/matches/{match}/answer",
            "answerMyMatch",
            post(answer_match),
        ))
        .path_param("match", "The match.")
        .about(TAG, "Say yes or no to an offer", "No reason is asked.")
        .who(ME)
        .json::<AnswerBody>(SMALL_BYTES_MAX)
        .answers::<MatchTold>(StatusCode::OK, "The match as it stands now."),
        writes(Route::new(
            Method::POST,
            "/v1/my/matches/{match}/feedback",
            "giveMyFeedback",
            post(give_feedback),
        ))
        .path_param("match", "The match.")
        .about(TAG, "Say how it goes", "Everything may be left out.")
        .who(ME)
        .json::<FeedbackAsked>(SMALL_BYTES_MAX)
        .answers::<FeedbackTaken>(StatusCode::CREATED, "It is taken down."),
        writes(Route::new(Method::POST, "/v1/my/change-worker", "changeMyWorker", post(change)))
            .about(
                TAG,
                "Ask for somebody else",
                "Nobody's fault, and no reason is asked. You wait again since the day on which you first did.",
            )
            .who(ME)
            .json::<ChangeAsked>(SMALL_BYTES_MAX)
            .answers::<Changed>(StatusCode::OK, "What came of it."),
        Route::new(Method::GET, "/v1/my/record", "myRecord", get(record))
            .about(TAG, "What is kept of you", "All of it.")
            .who(ME)
            .answers::<MyRecord>(StatusCode::OK, "Your record."),
    ];
    all.into_iter().map(gone).collect()
}

/// The roster and the id of the person that asks, and the menu their link leads to.
fn me(principal: &Principal) -> Result<(String, String, Option<String>), Problem> {
    match &principal.subject {
        Some(Subject::Person { roster, id, menu, .. }) => {
            Ok((roster.clone(), id.clone(), menu.clone()))
        }
        _ => Err(Problem::not_found()),
    }
}

async fn menu(State(app): State<App>, caller: Caller) -> Result<Json<MyMenu>, Problem> {
    let (roster, person, named) = me(&caller.principal)?;
    let (told, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let menu = menu_of(&ground, &person, named.as_deref()).ok_or(Refused::NotFound)?;
        sheet(&ground, menu, viewer).ok_or(Refused::NotFound)
    })
    .await?;
    let shown = told.sheet.options.iter().map(|option| option.worker_id.clone()).collect();
    let entry = Told { shown, ..Told::new("menu.shown", [told.id.clone()]) };
    let keeper = keeper(&app, &caller, &roster).await?;
    keeper.tell(&app, &caller.asked(), &entry, revision).await?;
    Ok(Json(told))
}

async fn answer_menu(
    State(app): State<App>,
    write: Write<Json<MenuSaid>>,
) -> Result<Answered, Problem> {
    let (roster, person, named) = me(&write.caller.principal)?;
    let said = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::OK, move |ground, viewer, by| {
        let menu = menu_of(&ground, &person, named.as_deref()).ok_or(Refused::NotFound)?;
        answer(ground, &menu.id, &said, viewer, by)
    })
    .await
}

async fn matches(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Listed<MatchTold>>, Problem> {
    let (roster, ..) = me(&caller.principal)?;
    let (items, revision) = looked(&app, &roster, &caller, |ground, viewer| {
        let all = ground.book.matches().values();
        let told = all.filter_map(|one| Some((one.id.clone(), tell(&ground, one, viewer, true)?)));
        Ok(told.collect::<Vec<_>>())
    })
    .await?;
    let ids = items.iter().map(|(id, _)| id.clone());
    seen_by(&app, &roster, &caller, listed("matches.shown", ids), revision).await?;
    let items = items.into_iter().map(|(_, told)| told).collect();
    Ok(Json(Listed { items, revision: revision.0 }))
}

async fn answer_match(
    State(app): State<App>,
    Path(id): Path<String>,
    write: Write<Json<AnswerBody>>,
) -> Result<Answered, Problem> {
    let (roster, ..) = me(&write.caller.principal)?;
    let event = answer_event(&write.caller, &write.body.0)?;
    stepped(&app, &roster, id, write, event).await
}

async fn give_feedback(
    State(app): State<App>,
    Path(id): Path<String>,
    write: Write<Json<FeedbackAsked>>,
) -> Result<Answered, Problem> {
    let (roster, ..) = me(&write.caller.principal)?;
    let said = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        feedback(ground, &id, &said, viewer, by)
    })
    .await
}

async fn change(
    State(app): State<App>,
    write: Write<Json<ChangeAsked>>,
) -> Result<Answered, Problem> {
    let (roster, person, _) = me(&write.caller.principal)?;
    let asked = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::OK, move |ground, _, by| {
        change_worker(ground, &person, &asked, by)
    })
    .await
}

async fn record(State(app): State<App>, caller: Caller) -> Result<Json<MyRecord>, Problem> {
    let (roster, person, _) = me(&caller.principal)?;
    let about = person.clone();
    let (told, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let book = ground.book;
        let own = Viewer::Person(person.clone());
        debug_assert_eq!(viewer, &own);
        let mine = |id: &str| book.matches().get(id).is_some_and(|one| own.sees(one));
        Ok(MyRecord {
            record: book.person(&person).ok_or(Refused::NotFound)?.clone(),
            name: book.names().get(&person).cloned(),
            contact: book.contacts().get(&person).cloned(),
            menus: book
                .menus()
                .values()
                .filter(|menu| menu.person_id == person)
                .filter_map(|menu| sheet(&ground, menu, &own))
                .collect(),
            matches: book
                .matches()
                .values()
                .filter_map(|one| tell(&ground, one, &own, true))
                .collect(),
            feedback: book
                .feedback()
                .values()
                .filter(|said| said.voice == Voice::Person && mine(&said.match_id))
                .cloned()
                .collect(),
            your_rights: vec![
                "You can ask us to correct any of this, to give you a copy, or to erase it."
                    .to_owned(),
                "You can take back leave to use something at any time.".to_owned(),
            ],
        })
    })
    .await?;
    let entry = Told::new("record.shown", [about]);
    let keeper = keeper(&app, &caller, &roster).await?;
    keeper.tell(&app, &caller.asked(), &entry, revision).await?;
    Ok(Json(told))
}
