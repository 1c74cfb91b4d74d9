//! What is decided of menus: made, shown, answered, withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use peermatch_model::roster::UserIx;
use peermatch_model::words::{Audience, QueueState};
use peermatch_solve::Watch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Document, DocumentOf};
use super::ground::{DAY_MICROS, Draft, Ground};
use super::matches::{By, EventKind, How, Match, Party, TAKE_BACK_MICROS};
use super::menus::{MenuAnswer, MenuOffer, MenuState};
use super::steps::{Viewer, explained};
use super::{Change, Decision, Entity, Kind, Refused};
use crate::eligibility::{Exclusion, reasons};
use crate::menu::{
    Answer, Answered, MENU_FORMAT, MOST_LOSS, Menu, MenuCertificate, MenuDocument, MenuError,
    MenuForPerson, MenuKind, MenuMode, MenuOption, MenuRequest, Proven, for_person_read_by, make,
};
use crate::report::Exact;

/// Who is to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum For {
    /// These people.
    These(Vec<String>),
    /// Everybody who waits and has no open menu.
    All(AllWaiting),
}

/// The word for everybody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllWaiting {
    /// Everybody who waits and has no open menu.
    AllWaiting,
}

/// Which menus are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenusAsked {
    /// For whom: ids, or `all_waiting`.
    #[serde(rename = "for")]
    pub people: For,
    /// Most options each, 2 to 10 (default 3).
    #[serde(default = "three")]
    #[schemars(range(min = 2, max = 10))]
    pub size: u32,
    /// How (default safe).
    #[serde(default = "safe")]
    pub mode: MenuMode,
    /// The seed of the neutral order (default: the roster's).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seed: Option<u64>,
    /// For how many days they are open (default: the roster's).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 366))]
    pub days: Option<u32>,
}

fn three() -> u32 {
    3
}

fn safe() -> MenuMode {
    MenuMode::Safe
}

/// What came of [`offer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenusMade {
    /// The document that proves them.
    pub document: String,
    /// The menus.
    pub menus: Vec<MenuOffer>,
    /// People for whom there is nothing to choose now, each with a next step.
    pub nothing_now: Vec<NothingNow>,
    /// What holds for all of them, in words.
    pub notes: Vec<String>,
}

/// Somebody without an option just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NothingNow {
    /// The person.
    pub person_id: String,
    /// What can be done, in words.
    pub next_step: String,
}

/// Makes menus and opens them.
///
/// # Errors
/// Unknown people, people who are not to be matched or have an open menu, bounds; or what the engine says.
pub fn offer(
    ground: Ground<'_>,
    asked: &MenusAsked,
    by: &By,
    watch: &dyn Watch,
) -> Result<Decision<MenusMade>, Refused> {
    let roster = ground.cx.roster;
    let days = asked.days.unwrap_or(ground.book.settings().menu_days);
    if !(1..=super::settings::DAYS_MAX).contains(&days) {
        return Err(Refused::conflict("days", "A menu can be open for 1 to 366 days."));
    }
    let open: BTreeSet<&str> = ground
        .book
        .menus()
        .values()
        .filter(|menu| menu.state == MenuState::Open)
        .map(|menu| menu.person_id.as_str())
        .collect();
    let people: Vec<UserIx> = match &asked.people {
        For::These(ids) => {
            let mut people = Vec::new();
            for id in ids {
                let user = ground.person(id)?;
                if open.contains(id.as_str()) {
                    return Err(Refused::conflict(
                        "menu_open",
                        format!(
                            "{id} has an open menu. Withdraw it first, or wait for the answer."
                        ),
                    ));
                }
                let person = roster.user(user);
                if person.state != QueueState::Ready || person.wants() == 0 {
                    return Err(Refused::conflict(
                        "not_to_be_matched",
                        format!("{id} is not ready, or has a match or offer that stands already."),
                    ));
                }
                if people.contains(&user) {
                    return Err(Refused::conflict("twice", format!("{id} is named twice.")));
                }
                people.push(user);
            }
            people
        }
        For::All(_) => roster
            .waiting()
            .filter(|user| {
                roster.pinned(*user).is_none() && !open.contains(roster.user(*user).id.as_str())
            })
            .collect(),
    };
    if people.is_empty() {
        return Err(Refused::conflict(
            "nobody_to_ask",
            "Nobody waits who has no open menu: there is nobody to ask.",
        ));
    }
    let request = MenuRequest {
        asked: Some(people),
        size: asked.size,
        mode: asked.mode,
        seed: asked.seed.unwrap_or_else(|| ground.book.settings().seed()),
        most_loss: MOST_LOSS,
    };
    let document = make(ground.cx, &request, watch).map_err(no_menus)?;
    let id = ground.fresh_id(Kind::Document, "d", 1);
    let expires_at = by.at.saturating_add(i64::from(days) * DAY_MICROS);
    let mut draft = Draft::new(ground);
    let (mut menus, mut nothing_now) = (Vec::new(), Vec::new());
    for menu in &document.menus {
        if menu.options.is_empty() {
            let next_step = if menu.kind == MenuKind::Nobody {
                "Nobody can be matched with this person now. The suggestions say why, and what would change it."
            } else {
                "Every place is held or taken just now. Ask again when others have answered, or look at groups meanwhile."
            };
            nothing_now.push(NothingNow {
                person_id: menu.person_id.clone(),
                next_step: next_step.to_owned(),
            });
            continue;
        }
        let made = MenuOffer {
            id: ground.fresh_id(Kind::Menu, "c", menus.len() + 1),
            person_id: menu.person_id.clone(),
            mode: document.mode,
            kind: menu.kind,
            options: menu.options.iter().map(|option| option.worker_id.clone()).collect(),
            state: MenuState::Open,
            made_at: by.at,
            made_by: by.actor.clone(),
            expires_at,
            answer: None,
            match_id: None,
            document: Some(id.clone()),
            roster_hash: document.roster_hash.clone(),
            policy_hash: document.policy_hash.clone(),
        };
        let mut told = ground.told("menu.made", [&made.id, &made.person_id]);
        told.shown.clone_from(&made.options);
        draft.tell(told);
        draft.put_menu(made.clone());
        menus.push(made);
    }
    let mut told = ground.told("menus.made", [id.as_str()]);
    told.about.extend(nothing_now.iter().map(|nothing| nothing.person_id.clone()));
    draft.tell(told);
    let notes = crate::menu::for_coordinator(ground.cx, &document).map_err(no_menus)?.notes;
    draft.change(Change::put(
        id.clone(),
        Entity::Document(Box::new(Document {
            id: id.clone(),
            of: DocumentOf::Menus,
            made_at: by.at,
            made_by: by.actor.clone(),
            revision: ground.revision,
            roster_hash: document.roster_hash.clone(),
            policy_hash: document.policy_hash.clone(),
            body: serde_json::to_string(&document)
                .map_err(|_| Refused::conflict("unwritable", "The menus cannot be written."))?,
        })),
    ));
    draft.decide(MenusMade { document: id, menus, nothing_now, notes }, Audience::Coordinator)
}

fn no_menus(error: MenuError) -> Refused {
    match error {
        MenuError::Cancelled => {
            Refused::conflict("stopped", "The menus were not made in time. Ask for fewer people.")
        }
        MenuError::Refused(words) | MenuError::Infeasible(words) => {
            Refused::conflict("no_menus", words)
        }
        MenuError::NotVerified(_) | MenuError::Internal(_) => Refused::conflict(
            "no_menus",
            "The menus could not be proven, so none was made. Tell whoever runs the service.",
        ),
    }
}

/// A menu as it is now: of an open live menu only those who can still be had.
fn as_now(ground: &Ground<'_>, menu: &MenuOffer) -> MenuOffer {
    let mut now = menu.clone();
    let Some(user) = ground.cx.roster.find_user(&menu.person_id) else { return now };
    if menu.state == MenuState::Open {
        let held = menu.holds();
        now.options.retain(|id| {
            let Some(worker) = ground.cx.roster.find_worker(id) else { return false };
            let why = reasons(&ground.cx.pair(user, worker));
            // Who ranks says what they would like; whether there is a place is asked when it comes to that.
            let waits = held || menu.kind == MenuKind::Shortlist;
            why.iter().all(|reason| waits && *reason == Exclusion::CapacityReached)
        });
    }
    now
}

/// A menu to its person, word for word as they read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MyMenu {
    /// Id.
    pub id: String,
    /// Where it stands.
    pub state: MenuState,
    /// Until when it is open, in microseconds since 1970 UTC.
    pub expires_at: i64,
    /// The sheet.
    pub sheet: MenuForPerson,
    /// What the workers on it are called, by id, as far as that is kept.
    pub names: BTreeMap<String, String>,
    /// What they say of themselves, by id, in their own words. No part of any suggestion.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub own_words: BTreeMap<String, String>,
}

impl MyMenu {
    /// What a worker on it says of themselves; nothing where they wrote nothing.
    pub fn own_words_of(&self, worker: &str) -> &str {
        self.own_words.get(worker).map_or("", String::as_str)
    }
}

/// A menu as its person reads it. A coordinator reads it over their shoulder, to print it or to read it out: without what the person does not let a coordinator see.
pub fn sheet(ground: &Ground<'_>, menu: &MenuOffer, viewer: &Viewer) -> Option<MyMenu> {
    let user = ground.cx.roster.find_user(&menu.person_id)?;
    let now = as_now(ground, menu);
    let nothing =
        || Proven { matches: BTreeMap::new(), prices: BTreeMap::new(), total_cost: Exact(0) };
    // What a sheet reads of a document: this person's menu and answer, and nothing of anybody else.
    let document = MenuDocument {
        format: MENU_FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: ground.cx.roster.as_of().to_string(),
        roster_hash: menu.roster_hash.clone(),
        policy_hash: menu.policy_hash.clone(),
        policy: ground.cx.policy.to_input(),
        seed: 0,
        mode: menu.mode,
        size: u32::try_from(menu.options.len()).unwrap_or(u32::MAX),
        most_loss: MOST_LOSS,
        minimums_not_promised: Vec::new(),
        menus: vec![Menu {
            person_id: menu.person_id.clone(),
            kind: menu.kind,
            options: now
                .options
                .iter()
                .map(|id| MenuOption { worker_id: id.clone(), loss: None })
                .collect(),
            held: Vec::new(),
        }],
        answers: menu
            .answer
            .iter()
            .map(|said| Answered {
                person_id: menu.person_id.clone(),
                answer: said.answer.clone(),
                stated_loss: None,
                total_cost: None,
            })
            .collect(),
        certificate: MenuCertificate { best: nothing(), safe: None, start: None, now: None },
        resolved: None,
    };
    let reader = match viewer {
        Viewer::Person(_) => Audience::ServiceUser,
        Viewer::Auditor => Audience::Auditor,
        Viewer::Coordinator => Audience::Coordinator,
        Viewer::Worker(_) => Audience::PeerWorker,
    };
    let mut sheet = for_person_read_by(ground.cx, &document, user, reader)?;
    if matches!(menu.state, MenuState::Expired | MenuState::Withdrawn) {
        sheet.about = vec![
            "These suggestions are closed. That is fine, and not because of anything you did."
                .to_owned(),
            "You stay on the waiting list. Ask us, and we look again with you.".to_owned(),
        ];
        sheet.options.clear();
        sheet.other_answers.clear();
        "You can ask us about it at any time.".clone_into(&mut sheet.choice);
    }
    let of_options = |all: &BTreeMap<String, String>| {
        sheet
            .options
            .iter()
            .filter_map(|option| all.get_key_value(&option.worker_id))
            .map(|(id, words)| (id.clone(), words.clone()))
            .collect()
    };
    let names = of_options(ground.book.names());
    let own_words = of_options(ground.book.own_words());
    Some(MyMenu {
        id: menu.id.clone(),
        state: menu.state,
        expires_at: menu.expires_at,
        sheet,
        names,
        own_words,
    })
}

/// The menu that a person would look at: the one that is named, else the open one, else the last.
pub fn menu_of<'b>(
    ground: &Ground<'b>,
    person: &str,
    named: Option<&str>,
) -> Option<&'b MenuOffer> {
    let own = ground.book.menus().values().filter(|menu| menu.person_id == person);
    match named {
        Some(id) => ground.book.menus().get(id).filter(|menu| menu.person_id == person),
        None => own.max_by_key(|menu| (menu.state == MenuState::Open, menu.made_at, &menu.id)),
    }
}

/// What somebody says to a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuSaid {
    /// What is said: `{"pick": "W7"}`, `{"ranks": ["W7", "W2"]}`, `none`, `later` or `taken_back`.
    pub answer: Answer,
    /// By which way it was said, where somebody else records it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MenuAnswered {
    /// The menu.
    pub menu_id: String,
    /// Where it stands.
    pub state: MenuState,
    /// The match that the pick made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_id: Option<String>,
    /// What happens next, in words.
    pub next_steps: Vec<String>,
}

/// Records an answer. A pick makes an offer with the person's yes, which takes the place that a safe menu held.
///
/// # Errors
/// [`Refused::NotFound`] if the menu is not theirs to know of; a conflict in words if the answer is not possible now.
pub fn answer(
    ground: Ground<'_>,
    id: &str,
    said: &MenuSaid,
    viewer: &Viewer,
    by: &By,
) -> Result<Decision<MenuAnswered>, Refused> {
    let menu = ground.book.menus().get(id).filter(|menu| sees(viewer, menu));
    let menu = menu.ok_or(Refused::NotFound)?;
    let audience = viewer.audience();
    if by.party == Party::Coordinator && said.how.is_none() && said.answer != Answer::TakenBack {
        return Err(Refused::conflict(
            "needs_more",
            "Say how the answer was given: it is not yours but theirs.",
        ));
    }
    let how = said.how.filter(|_| by.party == Party::Coordinator);
    let mut draft = Draft::new(ground);
    if said.answer == Answer::TakenBack {
        take_back(&mut draft, menu, by)?;
    } else {
        if menu.is_due(by.at) || menu.state == MenuState::Expired {
            return Err(Refused::conflict(
                "expired",
                "The time for an answer to these suggestions is over. Ask for new ones.",
            ));
        }
        match menu.state {
            MenuState::Open => {}
            MenuState::Answered => {
                return Err(Refused::conflict(
                    "answered",
                    "These suggestions are answered already. The answer can be taken back while nothing followed from it.",
                ));
            }
            MenuState::Expired | MenuState::Withdrawn => {
                return Err(Refused::conflict(
                    "closed",
                    "These suggestions are closed. Ask for new ones.",
                ));
            }
        }
        take(&mut draft, menu, said, how, audience, by)?;
    }
    let after = draft.menu(id).cloned().ok_or(Refused::NotFound)?;
    let mut told = ground.told("menu.answered", [id, menu.person_id.as_str()]);
    told.shown.clone_from(&menu.options);
    told.picked = Some(match &said.answer {
        Answer::Pick(worker) => worker.clone(),
        Answer::Ranks(ranks) => ranks.join(","),
        Answer::None => "none".to_owned(),
        Answer::Later => "later".to_owned(),
        Answer::TakenBack => "taken_back".to_owned(),
    });
    told.about.extend(after.match_id.clone());
    draft.tell(told);
    let next = match &said.answer {
        Answer::Pick(_) => {
            "Nothing is decided yet: a coordinator looks at it, and the worker is asked too."
        }
        Answer::Ranks(_) => "Nothing is decided yet: a coordinator looks at what everybody said.",
        Answer::None => {
            "The person stays on the waiting list, since the same day as before. We keep looking."
        }
        Answer::Later => {
            "The suggestions stay open until their time is over. They can be answered at any time until then."
        }
        Answer::TakenBack => "The suggestions can be looked at again.",
    };
    let answered = MenuAnswered {
        menu_id: id.to_owned(),
        state: after.state,
        match_id: after.match_id,
        next_steps: vec![next.to_owned()],
    };
    draft.decide(answered, audience)
}

/// Whether somebody may know of a menu.
pub fn sees(viewer: &Viewer, menu: &MenuOffer) -> bool {
    match viewer {
        Viewer::Coordinator | Viewer::Auditor => true,
        Viewer::Person(id) => &menu.person_id == id,
        Viewer::Worker(_) => false,
    }
}

fn take(
    draft: &mut Draft<'_>,
    menu: &MenuOffer,
    said: &MenuSaid,
    how: Option<How>,
    audience: Audience,
    by: &By,
) -> Result<(), Refused> {
    let ground = draft.ground();
    let listed = |worker: &String| {
        if menu.options.contains(worker) {
            return Ok(());
        }
        Err(Refused::conflict(
            "not_on_the_menu",
            format!("{worker} is not among these suggestions."),
        ))
    };
    let mut after = menu.clone();
    after.answer = Some(MenuAnswer {
        answer: said.answer.clone(),
        at: by.at,
        by: by.actor.clone(),
        party: by.party,
        how,
    });
    match &said.answer {
        Answer::Pick(worker) => {
            if menu.kind == MenuKind::Shortlist {
                return Err(Refused::conflict(
                    "ranked",
                    "These suggestions are ranked: say whom first, whom next.",
                ));
            }
            listed(worker)?;
            let (user, ix) = (ground.person(&menu.person_id)?, ground.worker(worker)?);
            ground.can_meet(user, ix, menu.holds(), audience)?;
            let until = i64::from(ground.book.settings().offer_days) * DAY_MICROS;
            let id = ground.fresh_id(Kind::Match, "m", 1);
            let mut one = Match::picked(
                &id,
                &menu.person_id,
                worker,
                &menu.id,
                how,
                by.at.saturating_add(until),
                by,
            );
            let why = explained(&ground, &menu.person_id, worker);
            one.basis = Some(Box::new(ground.basis(menu.options.clone(), why)));
            after.state = MenuState::Answered;
            after.match_id = Some(id);
            draft.put_menu(after);
            draft.put(one, by);
            return Ok(());
        }
        Answer::Ranks(ranks) => {
            if menu.kind != MenuKind::Shortlist {
                return Err(Refused::conflict(
                    "not_ranked",
                    "Only a shortlist is ranked: pick one.",
                ));
            }
            let different: BTreeSet<&String> = ranks.iter().collect();
            if ranks.is_empty() || different.len() != ranks.len() {
                return Err(Refused::conflict("ranks", "Name at least one, and nobody twice."));
            }
            ranks.iter().try_for_each(listed)?;
            after.state = MenuState::Answered;
        }
        Answer::None => after.state = MenuState::Answered,
        Answer::Later | Answer::TakenBack => {}
    }
    draft.put_menu(after);
    Ok(())
}

/// An answer is taken back: by its person while nothing followed, by a coordinator who recorded it for ten minutes.
fn take_back(draft: &mut Draft<'_>, menu: &MenuOffer, by: &By) -> Result<(), Refused> {
    let ground = draft.ground();
    let Some(said) = menu
        .answer
        .as_ref()
        .filter(|_| matches!(menu.state, MenuState::Open | MenuState::Answered))
    else {
        return Err(Refused::conflict("nothing_said", "There is no answer to take back."));
    };
    if menu.expires_at <= by.at {
        return Err(Refused::conflict(
            "expired",
            "The time for an answer to these suggestions is over. Ask for new ones.",
        ));
    }
    if by.party == Party::Coordinator {
        if said.party != Party::Coordinator {
            return Err(Refused::conflict(
                "theirs",
                "The person answered themselves: it is for them to take back.",
            ));
        }
        if by.at.saturating_sub(said.at) > TAKE_BACK_MICROS {
            return Err(Refused::conflict(
                "too_late",
                "It is more than ten minutes ago. Record what is so now instead.",
            ));
        }
    }
    if let Some(one) = menu.match_id.as_deref().and_then(|id| ground.book.matches().get(id)) {
        let followed = one.decision.is_some()
            || one.worker_answer.is_some()
            || !one.possible(Party::ServiceUser).contains(&EventKind::PersonNo);
        if followed {
            return Err(Refused::conflict(
                "followed",
                "Somebody has answered to it already. The person can still say no to the offer.",
            ));
        }
        let id = one.id.clone();
        draft.remove(&id);
    }
    let mut after = menu.clone();
    after.match_id = None;
    after.answer = None;
    after.state = MenuState::Open;
    if menu.kind == MenuKind::Safe && menu.state == MenuState::Answered {
        // Held again as far as nobody else has the place; the pick's own is free again.
        after.options.retain(|id| {
            ground.cx.roster.find_worker(id).is_some_and(|worker| draft.free(worker) > 0)
        });
    }
    draft.put_menu(after);
    Ok(())
}

/// Withdraws a menu that is open: its places are free again.
///
/// # Errors
/// There is no such menu, or it is not open.
pub fn withdraw(ground: Ground<'_>, id: &str, _by: &By) -> Result<Decision<MenuOffer>, Refused> {
    let menu = ground.book.menus().get(id).ok_or(Refused::NotFound)?;
    if menu.state != MenuState::Open {
        return Err(Refused::conflict("not_open", "This menu is not open any more."));
    }
    let mut after = menu.clone();
    after.state = MenuState::Withdrawn;
    let mut draft = Draft::new(ground);
    draft.put_menu(after.clone());
    draft.tell(ground.told("menu.withdrawn", [id, menu.person_id.as_str()]));
    draft.decide(after, Audience::Coordinator)
}
