//! Menus as a coordinator reads them.

use peermatch_model::policy::WHOLE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::answer::in_words;
use super::standing::{People, last, problem_now, problem_of};
use super::{Answer, Menu, MenuDocument, MenuError, MenuKind, MenuMode};
use crate::choice::{Costs, Effect};
use crate::objective::worker_of;
use crate::pair::Context;
use crate::report::VerifyError;

/// Menus as a coordinator reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenusForCoordinator {
    /// One line per person asked.
    pub people: Vec<MenuLine>,
    /// What holds for all: how many have which kind of menu, and what choice can cost.
    pub notes: Vec<String>,
}

/// One person's menu for a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenuLine {
    /// Person.
    pub person_id: String,
    /// Days waited.
    pub wait_days: u32,
    /// Kind.
    pub kind: MenuKind,
    /// The options, by id.
    pub options: Vec<String>,
    /// What was answered, or what is to be known about this menu: of a live one, what an option costs others that costs more than was asked for.
    pub note: String,
    /// With whom the shortlists ended, once resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
}

/// What the options of open live menus cost others, in the words of [`choice`](crate::choice), by person: of those that cost somebody's
/// place, and of those that are shown only because there would else be no choice.
pub(super) fn said_of_live(
    cx: &Context<'_>,
    document: &MenuDocument,
) -> Result<BTreeMap<String, Vec<String>>, MenuError> {
    let mut said = BTreeMap::new();
    let open = |menu: &&Menu| {
        menu.options.iter().any(|option| option.loss.is_some_and(|loss| loss.0 > 0))
            && last(document, &menu.person_id).is_none()
    };
    let menus: Vec<&Menu> = document.menus.iter().filter(open).collect();
    let Some(now) = document.certificate.now.as_ref().filter(|_| !menus.is_empty()) else {
        return Ok(said);
    };
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let problem = problem_now(&people, &problem, document)?;
    let (matching, prices) = (people.matching(now)?, people.prices(&now.prices)?);
    let costs = Costs::of_problem(cx.roster, &people.users, &problem, &matching, &prices)
        .map_err(|rejection| VerifyError::Refused(rejection.into()))?;
    for menu in menus {
        let user = people.users[people.left(&menu.person_id)?.index()];
        let mut words = Vec::new();
        for option in &menu.options {
            let loss = option.loss.map_or(0, |loss| loss.0);
            let told = costs.of(user, worker_of(people.right(&option.worker_id)?));
            if let Some(told) = told.filter(|told| {
                told.effect == Effect::SomebodyWaits || loss > i128::from(document.most_loss)
            }) {
                words.push((option.worker_id.as_str(), told.words));
            }
        }
        words.sort_unstable();
        said.insert(menu.person_id.clone(), words.into_iter().map(|(_, words)| words).collect());
    }
    Ok(said)
}

/// Menus for a coordinator. Losses are told coarsely: they are counted on the full records.
///
/// # Errors
/// [`MenuError::NotVerified`] if the document does not hold for the roster, as far as it is looked at: [`verify`](super::verify) it first.
pub fn for_coordinator(
    cx: &Context<'_>,
    document: &MenuDocument,
) -> Result<MenusForCoordinator, MenuError> {
    let mut said = said_of_live(cx, document)?;
    let mut people = Vec::new();
    let mut counts = [0usize; 4];
    let mut single = 0;
    for menu in &document.menus {
        let wait_days =
            cx.roster.find_user(&menu.person_id).map_or(0, |user| cx.roster.user(user).wait_days);
        let mut options: Vec<String> = menu.options.iter().map(|o| o.worker_id.clone()).collect();
        options.sort_unstable();
        let kind = match (menu.kind, options.len()) {
            (MenuKind::Nobody, _) => 3,
            (_, 0) => 2,
            (MenuKind::Safe | MenuKind::Shortlist, _) => 0,
            (MenuKind::Live, _) => 1,
        };
        let answer = last(document, &menu.person_id);
        counts[kind] += usize::from(answer.is_none());
        single += usize::from(answer.is_none() && options.len() == 1);
        let put_off = document
            .answers
            .iter()
            .any(|a| a.person_id == menu.person_id && a.answer == Answer::Later);
        let note = match (answer, kind) {
            (Some(answer), _) => in_words(answer),
            (None, 3) => "nobody can be matched with this person; `suggest` says why".to_owned(),
            (None, 2) if document.mode == MenuMode::Shortlist => {
                "every place is taken, or kept for those who have waited longer".to_owned()
            }
            (None, 2) => "every place is held, taken, or with those who have waited longer; options come as others answer".to_owned(),
            (None, _) if options.len() == 1 => "one real option only: say so".to_owned(),
            (None, _) if put_off => "asked to be asked later".to_owned(),
            (None, _) => String::new(),
        };
        let note = match said.remove(&menu.person_id) {
            Some(words) if !words.is_empty() && note.is_empty() => words.join(" "),
            Some(words) if !words.is_empty() => format!("{note}. {}", words.join(" ")),
            _ => note,
        };
        let resolved = document.resolved.as_ref();
        let proposed = resolved.and_then(|r| r.matches.get(&menu.person_id).cloned());
        people.push(MenuLine {
            person_id: menu.person_id.clone(),
            wait_days,
            kind: menu.kind,
            options,
            note,
            proposed,
        });
    }
    Ok(MenusForCoordinator { people, notes: notes(document, counts, single) })
}

pub(super) fn notes(document: &MenuDocument, counts: [usize; 4], single: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let [sure, live, nothing, nobody] = counts;
    let who = |n: usize| if n == 1 { "1 person".to_owned() } else { format!("{n} people") };
    let mut say = |n: usize, text: &str| {
        if n > 0 {
            notes.push(format!("{} {text}", who(n)));
        }
    };
    if document.resolved.is_some() {
        say(
            sure,
            "who did not rank a shortlist: a place is kept with the worker of the best matching.",
        );
    } else if document.mode == MenuMode::Shortlist {
        say(
            sure,
            "to rank a shortlist. The worker of the best matching is on each list, so everybody who ranks that worker can be served.",
        );
    } else {
        say(
            sure,
            "with a safe menu: whatever they pick, every pick can be kept. Places on these menus are held until they answer.",
        );
        let why = if document.mode == MenuMode::Safe {
            "with a live menu: made again after each answer, because there are not places enough to hold two for everybody. Safe menus go to those who have waited longest."
        } else {
            "with a live menu: made again after each answer. No place is held meanwhile, so ask soon, and show the menu as it is then."
        };
        say(live, why);
    }
    say(
        nothing,
        "without an option just now: every place is held, taken, or with those who have waited longer.",
    );
    say(nobody, "whom nobody can be matched with.");
    say(
        single,
        "with one real option only. Nobody else could walk with them, or there is no room, or somebody who has waited longer would lose a place for it. Say so: it is not a choice.",
    );
    if let Some(safe) = &document.certificate.safe
        && document.menus.iter().any(|menu| !menu.held.is_empty())
    {
        notes.push(format!(
            "What picks from the safe menus can cost altogether, at most: {}",
            coarse(safe.loss_most.0)
        ));
    }
    if !document.minimums_not_promised.is_empty() {
        notes.push(format!(
            "To be given a least number of new people: {}. Choice cannot promise that, since everybody may say none of these.",
            document.minimums_not_promised.join(", ")
        ));
    }
    // What was taken back costs nobody anything any more.
    let stands = document.answers.iter().enumerate().filter(|(at, answered)| {
        let later = &document.answers[at + 1..];
        later.iter().all(|other| other.person_id != answered.person_id)
    });
    let losses = stands.filter_map(|(_, answered)| answered.stated_loss);
    let (little, much): (Vec<i128>, Vec<i128>) =
        losses.map(|loss| loss.0).partition(|loss| *loss <= i128::from(WHOLE));
    if !little.is_empty() {
        notes.push(format!(
            "What {} cost so far: {}",
            if much.is_empty() { "live picks have" } else { "the other live picks have" },
            coarse(little.iter().sum())
        ));
    }
    // Beyond one person's wishes a loss counts places too, and is no sum of wishes any more.
    if !much.is_empty() {
        notes.push(format!(
            "{} more than all that one person wished for: somebody who has waited less goes without a place for it, or several people meet less of their wishes.",
            if much.len() == 1 { "1 live pick costs".to_owned() } else { format!("{} live picks cost", much.len()) },
        ));
    }
    notes.push(
        "A pick is a wish. Nothing is matched until people decide, and the worker says yes too."
            .to_owned(),
    );
    notes
}

/// A loss in words, rounded up to whole people.
pub(super) fn coarse(loss: i128) -> String {
    let whole = i128::from(WHOLE);
    match loss {
        ..=0 => "nothing: no wish of anybody is met less for it.".to_owned(),
        _ if loss <= whole => "less than if one person had none of their wishes met.".to_owned(),
        _ => format!(
            "as much as if {} people had none of their wishes met.",
            (loss + whole - 1) / whole
        ),
    }
}
