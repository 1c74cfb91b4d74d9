//! Menus of choice: people pick among workers who could walk with them, before anything is matched.
//!
//! A [`MenuDocument`] is made once ([`make`]) and then goes from answer to answer ([`choose`]); each state is a document of its own,
//! and a pick is a wish, never a match: people decide. Three kinds of menus:
//!
//! - **safe**: whatever anybody picks, every pick can be kept. A safe menu holds a place with each worker on it until it is answered. Where
//!   places are few, safe menus go by waiting order, two options each before anybody gets a third.
//! - **live**: the options that cost everybody together little *just now*; made again after each answer. Those who get no safe menu get
//!   a live one, from places that no safe menu holds and no pick has taken. (In mode `live`, everybody.)
//! - **shortlist**: everybody ranks a few workers, the one of the best matching among them; then [`resolve`] matches inside the lists.
//!
//! People who are not asked keep the place that the best matching gives them where others choose from safe menus. A live menu goes further,
//! because a proposal is no promise: nothing stands before people decide. Whoever has waited longer than the one who chooses is served all
//! the same (it may be with somebody else), but where a person would have fewer than two options, one may cost the place of somebody who has
//! waited less; coordinators are told so in words, and it is part of the stated loss. Whom a safe menu would leave with one option
//! although more could be had in this way chooses from a live one. Losses are those of the policy's costs summed up (best total),
//! whatever the policy's objective; everybody chooses one worker, also who wants several.
//!
//! What is proven, by `peermatch_assignment` and from the document alone ([`verify`]): the best matching at the start, safety and the
//! bound on what safe picks can lose, the best total now, and that the ledger of live picks leads from one to the other.

use std::collections::BTreeMap;

use peermatch_assignment::{
    Frame, FrameError, LedgerStep, Left, Matching, PairTable, Pairs, Prices, Problem, Rejection,
    Right, VerifiedMatching, check, check_ledger, check_safe_menus,
};
use peermatch_model::policy::{Policy, PolicyInput, WHOLE};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use peermatch_solve::choice::Choices;
use peermatch_solve::menus::{LiveOption, MenusOutcome, by_loss, live_menu, safe_menus};
use peermatch_solve::{Outcome, Watch, best_total};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choice::{Costs, Effect};
use crate::draw;
use crate::explain::{Explanation, ForServiceUser, explain, not_to_be_matched};
use crate::hash::{policy_hash, roster_hash};
use crate::limits;
use crate::objective::{self, AllPairs, right_of, worker_of};
use crate::pair::Context;
use crate::report::{Exact, VerifyError};

/// The format version that a menu document names.
pub const MENU_FORMAT: &str = "peermatch/menu@1";

/// Most options on a menu.
pub const SIZE_MAX: u32 = 10;

/// What an option of a live menu may cost everybody together unless said otherwise: a quarter of one person's wishes.
pub const MOST_LOSS: u32 = WHOLE / 4;

/// What a place further down somebody's list counts in [`resolve`]: more than any cost of one pair, not than many of them together.
const RANK_STEP: i32 = 2_000_001;

/// How menus are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MenuMode {
    /// Safe menus as far as places go, live ones for the others.
    Safe,
    /// Live menus for everybody.
    Live,
    /// Ranked shortlists.
    Shortlist,
}

/// What kind of menu one person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MenuKind {
    /// Holds its places until it is answered.
    Safe,
    /// Made again after each answer.
    Live,
    /// To be ranked.
    Shortlist,
    /// No worker can be matched with this person at all.
    Nobody,
}

/// What is wanted of [`make`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRequest {
    /// Who chooses; `None` for everybody who is to be matched and not pinned.
    pub asked: Option<Vec<UserIx>>,
    /// Most options per person, 2..=[`SIZE_MAX`].
    pub size: u32,
    /// How.
    pub mode: MenuMode,
    /// Seed of the neutral order of options.
    pub seed: u64,
    /// What an option of a live menu may cost everybody together, in millionths of one person's wishes.
    pub most_loss: u32,
}

/// Menus, the answers so far, and what proves them. For the service's records and an auditor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuDocument {
    /// [`MENU_FORMAT`].
    pub format: String,
    /// Version of the engine that made it.
    pub engine: String,
    /// The day of the run.
    pub as_of: String,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the checked policy.
    pub policy_hash: String,
    /// The policy, whole.
    pub policy: PolicyInput,
    /// Seed of the neutral order.
    pub seed: u64,
    /// How the menus were made.
    pub mode: MenuMode,
    /// Most options per person.
    pub size: u32,
    /// What an option of a live menu may cost everybody together.
    pub most_loss: u32,
    /// Workers who are to be given a least number of new people: choice cannot promise that, since everybody may say none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub minimums_not_promised: Vec<String>,
    /// Who was asked, longest waiting first.
    pub menus: Vec<Menu>,
    /// The answers, in the order in which they came: the ledger.
    pub answers: Vec<Answered>,
    /// What proves it.
    pub certificate: MenuCertificate,
    /// What came of the ranked shortlists, once resolved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolved: Option<Proven>,
}

/// One person's menu as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Person.
    pub person_id: String,
    /// Kind.
    pub kind: MenuKind,
    /// The options, in neutral seeded order.
    pub options: Vec<MenuOption>,
    /// The workers of the safe menu that this person was given at first, by id; empty for others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub held: Vec<String>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuOption {
    /// Worker.
    pub worker_id: String,
    /// What picking it costs everybody together just now, on a live menu.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loss: Option<Exact>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Person.
    pub person_id: String,
    /// What was said.
    pub answer: Answer,
    /// What a live option was said to cost everybody together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stated_loss: Option<Exact>,
    /// The best total after it: of the picks so far, and at best of everybody who has not answered. Absent in shortlists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total_cost: Option<Exact>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// This worker, by id.
    Pick(String),
    /// These workers, best first, by id.
    Ranks(Vec<String>),
    /// None of these.
    None,
    /// Ask me later.
    Later,
    /// An earlier answer is taken back.
    TakenBack,
}

/// A matching of least cost with the prices that prove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// Worker by person.
    pub matches: BTreeMap<String, String>,
    /// Dual price of a place, per worker; workers not named have price 0.
    pub prices: BTreeMap<String, Exact>,
    /// The least total cost, waiting included.
    pub total_cost: Exact,
}

/// What proves menus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuCertificate {
    /// The best matching of everybody before any menu: those who are not asked keep their place of it.
    pub best: Proven,
    /// Safe menus: how many hold a place with each worker, prices that bound the loss, and the bound.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safe: Option<SafeCertificate>,
    /// The best total when the first live menus were made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start: Option<Proven>,
    /// The best total now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub now: Option<Proven>,
}

/// What proves safe menus safe, and bounds what picks from them lose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeCertificate {
    /// On how many safe menus each worker stands.
    pub degrees: BTreeMap<String, u32>,
    /// Prices of the bound; workers not named have price 0.
    pub prices: BTreeMap<String, Exact>,
    /// No combination of picks from safe menus costs more than this above the best for those who picked.
    pub loss_most: Exact,
}

/// Why there is no menu, or an answer was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MenuError {
    /// What was asked for cannot be done; the words say why, and what can.
    #[error("{0}")]
    Refused(String),
    /// Minimums or pins stand in the way.
    #[error("{0}")]
    Infeasible(String),
    /// Whoever watched asked to stop.
    #[error("stopped before the menus were made")]
    Cancelled,
    /// The document does not hold for this roster.
    #[error("{0}")]
    NotVerified(#[from] VerifyError),
    /// A defect of this program.
    #[error("internal: {0}")]
    Internal(String),
}

fn internal(error: impl std::fmt::Display) -> MenuError {
    MenuError::Internal(error.to_string())
}

/// Where everybody stands after the answers so far.
#[derive(Debug, Clone)]
struct Standings {
    /// By left: the worker picked.
    picked: Vec<Option<Right>>,
    /// By left: takes no part in what is optimised now (said none, or holds an open safe menu).
    silent: Vec<bool>,
    /// By right: places that open safe menus hold.
    held: Vec<u32>,
}

/// People, by left, and back.
struct People<'a> {
    cx: &'a Context<'a>,
    users: Vec<UserIx>,
}

impl<'a> People<'a> {
    fn new(cx: &'a Context<'a>) -> Self {
        Self { cx, users: objective::people_to_match(cx.roster) }
    }

    fn left(&self, id: &str) -> Result<Left, VerifyError> {
        let user = self
            .cx
            .roster
            .find_user(id)
            .ok_or_else(|| VerifyError::People(format!("person {id} is not in the roster")))?;
        let place = self.users.binary_search(&user).ok().and_then(Left::from_index);
        place.ok_or_else(|| VerifyError::People(format!("person {id} was not to be matched")))
    }

    fn right(&self, id: &str) -> Result<Right, VerifyError> {
        self.cx
            .roster
            .find_worker(id)
            .map(right_of)
            .ok_or_else(|| VerifyError::People(format!("worker {id} is not in the roster")))
    }

    fn person(&self, left: Left) -> &str {
        &self.cx.roster.user(self.users[left.index()]).id
    }

    fn worker(&self, right: Right) -> &str {
        &self.cx.roster.worker(worker_of(right)).id
    }

    fn prices(&self, stated: &BTreeMap<String, Exact>) -> Result<Prices, VerifyError> {
        let mut prices = vec![0; self.cx.roster.workers().len()];
        for (id, price) in stated {
            prices[self.right(id)?.index()] = i64::try_from(price.0).map_err(|_| {
                VerifyError::People(format!("the price of worker {id} is too large"))
            })?;
        }
        Ok(Prices::new(prices))
    }

    fn stated_prices(&self, prices: &Prices) -> BTreeMap<String, Exact> {
        let rights = Right::all(prices.values().len()).zip(prices.values());
        let stated = rights.filter(|(_, price)| **price != 0);
        stated.map(|(w, p)| (self.worker(w).to_owned(), Exact(i128::from(*p)))).collect()
    }

    fn matching(&self, stated: &Proven) -> Result<Matching, VerifyError> {
        let mut rights = vec![None; self.users.len()];
        for (person, worker) in &stated.matches {
            rights[self.left(person)?.index()] = Some(self.right(worker)?);
        }
        Ok(Matching::new(rights))
    }

    fn proven(&self, verified: &VerifiedMatching) -> Proven {
        let named = |(u, w): (Left, Right)| (self.person(u).to_owned(), self.worker(w).to_owned());
        Proven {
            matches: verified.matching().pairs().map(named).collect(),
            prices: self.stated_prices(verified.prices()),
            total_cost: Exact(verified.cost()),
        }
    }

    /// Checks what a document states to be proven.
    fn check(
        &self,
        frame: &Frame,
        pairs: &impl Pairs,
        stated: &Proven,
        what: &str,
    ) -> Result<VerifiedMatching, VerifyError> {
        let (matching, prices) = (self.matching(stated)?, self.prices(&stated.prices)?);
        let verified = check(frame, pairs, &matching, &prices)
            .map_err(|rejection| VerifyError::Refused(rejection.into()))?;
        figure(what, &stated.total_cost.to_string(), &verified.cost().to_string())?;
        Ok(verified)
    }

    /// Neutral, seeded, and the same for this person whatever else is on the menu.
    fn neutral(&self, seed: u64, left: Left, options: &[MenuOption]) -> Vec<MenuOption> {
        let ids: Vec<&str> = options.iter().map(|o| o.worker_id.as_str()).collect();
        let order = draw::order(&format!("menu of {}", self.person(left)), seed, &ids);
        order.into_iter().map(|at| options[at].clone()).collect()
    }

    /// Where everybody stands. In shortlists nothing is held and nobody has picked.
    fn standings(&self, document: &MenuDocument) -> Result<Standings, VerifyError> {
        let mut at = Standings {
            picked: vec![None; self.users.len()],
            silent: vec![false; self.users.len()],
            held: vec![0; self.cx.roster.workers().len()],
        };
        for menu in &document.menus {
            let left = self.left(&menu.person_id)?;
            match last(document, &menu.person_id) {
                Some(Answer::Pick(worker)) => at.picked[left.index()] = Some(self.right(worker)?),
                Some(Answer::None) => at.silent[left.index()] = true,
                _ if menu.kind == MenuKind::Safe => {
                    at.silent[left.index()] = true;
                    for worker in &menu.held {
                        at.held[self.right(worker)?.index()] += 1;
                    }
                }
                _ => {}
            }
        }
        Ok(at)
    }
}

/// The answer of a person that counts: the last one, unless it was taken back or only put off.
fn last<'d>(document: &'d MenuDocument, person: &str) -> Option<&'d Answer> {
    let answers = document.answers.iter().filter(|a| a.person_id == person);
    let mut counts = None;
    for answered in answers {
        match &answered.answer {
            Answer::TakenBack => counts = None,
            Answer::Later => {}
            answer => counts = Some(answer),
        }
    }
    counts
}

/// Pairs without the rows of those who take no part.
struct Without<'p, P> {
    pairs: &'p P,
    silent: &'p [bool],
}

impl<P: Pairs> Pairs for Without<'_, P> {
    fn lefts(&self) -> usize {
        self.pairs.lefts()
    }
    fn visit(&self, left: Left, each: impl FnMut(Right, i32)) {
        if !self.silent[left.index()] {
            self.pairs.visit(left, each);
        }
    }
}

/// The frame with the places that are held taken out, and those who picked pinned to their pick.
fn frame_now(frame: &Frame, at: &Standings) -> Result<Frame, VerifyError> {
    let less = |(capacity, held): (&u32, &u32)| capacity.checked_sub(*held);
    let capacities: Option<Vec<u32>> = frame.capacities().iter().zip(&at.held).map(less).collect();
    let capacities = capacities
        .ok_or_else(|| VerifyError::People("menus hold more places than there are".to_owned()))?;
    let pins = frame.pins().iter().zip(&at.picked).map(|(pin, picked)| pin.or(*picked)).collect();
    Frame::new(frame.waiting_costs().to_vec(), pins, capacities, frame.minimums().to_vec())
        .map_err(|error| VerifyError::Frame(error.to_string()))
}

/// The frame of safe menus: what those who are not asked have in the best matching is taken out.
fn frame_of_asked(frame: &Frame, best: &Matching, asked: &[bool]) -> Result<Frame, VerifyError> {
    let mut capacities = frame.capacities().to_vec();
    for (left, right) in best.pairs() {
        if !asked[left.index()] && frame.pinned(left).is_none() {
            capacities[right.index()] -= 1;
        }
    }
    let parts = (frame.waiting_costs().to_vec(), frame.pins().to_vec());
    Frame::new(parts.0, parts.1, capacities, frame.minimums().to_vec())
        .map_err(|error| VerifyError::Frame(error.to_string()))
}

fn solved(problem: &Problem, watch: &dyn Watch) -> Result<VerifiedMatching, MenuError> {
    match best_total(problem, watch) {
        Outcome::Optimal(found) => {
            check(problem.frame(), problem.pairs(), &found.matching, &found.prices)
                .map_err(internal)
        }
        Outcome::Infeasible(_) => Err(MenuError::Infeasible(
            "The pins of this roster cannot all be kept; `match` says which and why.".to_owned(),
        )),
        Outcome::Cancelled => Err(MenuError::Cancelled),
    }
}

fn rows_without(pairs: &PairTable, silent: &[bool]) -> Result<PairTable, MenuError> {
    let rows = Left::all(pairs.lefts())
        .map(|left| if silent[left.index()] { Vec::new() } else { pairs.row(left).collect() });
    PairTable::from_rows(pairs.rights(), rows).map_err(internal)
}

/// Makes menus.
///
/// One solve for the best matching, one flow per option for safe menus, one solve for live ones, and a search per live menu.
///
/// # Errors
/// [`MenuError::Refused`] if somebody asked is not to be matched or is pinned, [`MenuError::Infeasible`] if pins
/// cannot all be kept.
pub fn make(
    cx: &Context<'_>,
    request: &MenuRequest,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    if !(2..=SIZE_MAX).contains(&request.size) {
        return Err(MenuError::Refused(format!(
            "a menu of {} options: 2 to {SIZE_MAX} are possible",
            request.size
        )));
    }
    limits::not_without_limits(cx, "A menu").map_err(MenuError::Refused)?;
    let people = People::new(cx);
    let (problem, minimums_not_promised) = problem_of(&people)?;
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let asked = asked(&people, frame, request.asked.as_deref())?;
    let best = solved(&problem, watch)?;
    let mut document = MenuDocument {
        format: MENU_FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: cx.roster.as_of().to_string(),
        roster_hash: roster_hash(cx.roster),
        policy_hash: policy_hash(cx.policy),
        policy: cx.policy.to_input(),
        seed: request.seed,
        mode: request.mode,
        size: request.size,
        most_loss: request.most_loss,
        minimums_not_promised,
        menus: Vec::new(),
        answers: Vec::new(),
        certificate: MenuCertificate {
            best: people.proven(&best),
            safe: None,
            start: None,
            now: None,
        },
        resolved: None,
    };
    let lefts: Vec<Left> = Left::all(frame.lefts()).filter(|left| asked[left.index()]).collect();
    let mut held = vec![Vec::new(); frame.lefts()];
    if request.mode == MenuMode::Safe {
        let cut = frame_of_asked(frame, best.matching(), &asked)?;
        let cut = Problem::new(cut, pairs.clone()).map_err(internal)?;
        // Who would have one option only although more workers have room for them, were others to move, chooses live instead.
        let pinned =
            frame.pins().iter().flatten().fold(vec![0; frame.rights()], |mut pinned, w| {
                pinned[w.index()] += 1;
                pinned
            });
        let open = |frame: &Frame, left: Left| {
            let row = pairs.rights_of(left).iter();
            row.filter(|right| frame.capacity(**right) > pinned[right.index()]).count()
        };
        let sure: Vec<Left> = lefts
            .iter()
            .copied()
            .filter(|&left| open(cut.frame(), left) != 1 || open(frame, left) == 1)
            .collect();
        let MenusOutcome::Found(found) = safe_menus(&cut, &sure, request.size, watch) else {
            return Err(MenuError::Cancelled);
        };
        let safe = check_safe_menus(cut.frame(), cut.pairs(), &found.menus, &found.prices)
            .map_err(internal)?;
        document.certificate.safe = Some(SafeCertificate {
            degrees: degrees(&people, safe.degrees()),
            prices: people.stated_prices(&found.prices),
            loss_most: Exact(safe.loss_most()),
        });
        held = found.menus;
    }
    for left in lefts {
        let kind = match request.mode {
            _ if pairs.rights_of(left).is_empty() => MenuKind::Nobody,
            MenuMode::Shortlist => MenuKind::Shortlist,
            MenuMode::Safe if !held[left.index()].is_empty() => MenuKind::Safe,
            MenuMode::Safe | MenuMode::Live => MenuKind::Live,
        };
        let held: Vec<String> =
            held[left.index()].iter().map(|&w| people.worker(w).to_owned()).collect();
        let options: Vec<MenuOption> =
            held.iter().map(|w| MenuOption { worker_id: w.clone(), loss: None }).collect();
        let options = people.neutral(request.seed, left, &options);
        document.menus.push(Menu {
            person_id: people.person(left).to_owned(),
            kind,
            options,
            held,
        });
    }
    if request.mode == MenuMode::Shortlist {
        shortlists(&people, &problem, &best, &mut document)?;
    } else {
        remake(&people, &problem, &mut document, watch)?;
        document.certificate.start.clone_from(&document.certificate.now);
    }
    Ok(document)
}

fn degrees(people: &People<'_>, degrees: &[u32]) -> BTreeMap<String, u32> {
    let named = Right::all(degrees.len()).zip(degrees).filter(|(_, degree)| **degree > 0);
    named.map(|(right, degree)| (people.worker(right).to_owned(), *degree)).collect()
}

/// Who chooses, by left.
fn asked(
    people: &People<'_>,
    frame: &Frame,
    named: Option<&[UserIx]>,
) -> Result<Vec<bool>, MenuError> {
    let Some(named) = named else {
        return Ok(frame.pins().iter().map(Option::is_none).collect());
    };
    let mut asked = vec![false; frame.lefts()];
    for &user in named {
        let id = &people.cx.roster.user(user).id;
        if let Some(why) = not_to_be_matched(people.cx, user) {
            return Err(MenuError::Refused(format!("no menu for {id}: {why}")));
        }
        let left = people.left(id)?;
        if let Some(right) = frame.pinned(left) {
            return Err(MenuError::Refused(format!(
                "no menu for {id}: a coordinator decided on {}. Remove the pin to let {id} choose.",
                people.worker(right)
            )));
        }
        asked[left.index()] = true;
    }
    Ok(asked)
}

/// The frame without the part of minimums that pins do not meet already, and whose minimums those are: choice cannot promise them,
/// since everybody may say none.
fn without_minimums(
    people: &People<'_>,
    frame: &Frame,
) -> Result<(Frame, Vec<String>), FrameError> {
    let mut pins = vec![0; frame.rights()];
    for pin in frame.pins().iter().flatten() {
        pins[pin.index()] += 1;
    }
    let unmet = Right::all(frame.rights())
        .filter(|right| pins[right.index()] < frame.minimum(*right))
        .map(|right| people.worker(right).to_owned())
        .collect();
    let minimums = frame.minimums().iter().zip(&pins).map(|(minimum, pins)| *minimum.min(pins));
    let (waiting, pins) = (frame.waiting_costs().to_vec(), frame.pins().to_vec());
    Ok((Frame::new(waiting, pins, frame.capacities().to_vec(), minimums.collect())?, unmet))
}

/// The problem that menus are made for: [`without_minimums`].
fn problem_of(people: &People<'_>) -> Result<(Problem, Vec<String>), MenuError> {
    let cx = people.cx;
    let frame = objective::frame(cx, &people.users)
        .map_err(|error| MenuError::Infeasible(error.to_string()))?;
    let (frame, unmet) = without_minimums(people, &frame).map_err(internal)?;
    let pairs = objective::pairs(cx, &people.users).map_err(internal)?;
    Ok((Problem::new(frame, pairs).map_err(internal)?, unmet))
}

/// What is optimised just now: picks are kept, held places are taken out, and who said none or holds a safe menu takes no part.
fn problem_now(
    people: &People<'_>,
    problem: &Problem,
    document: &MenuDocument,
) -> Result<Problem, MenuError> {
    let at = people.standings(document)?;
    let rows = rows_without(problem.pairs(), &at.silent)?;
    Problem::new(frame_now(problem.frame(), &at)?, rows).map_err(internal)
}

/// The best matching just now, and every open live menu made again.
fn remake(
    people: &People<'_>,
    problem: &Problem,
    document: &mut MenuDocument,
    watch: &dyn Watch,
) -> Result<(), MenuError> {
    let now = problem_now(people, problem, document)?;
    let best = solved(&now, watch)?;
    document.certificate.now = Some(people.proven(&best));
    let choices = Choices::new(&now, best.matching(), best.prices()).map_err(internal)?;
    let (seed, size, most) = (document.seed, document.size, i64::from(document.most_loss));
    let answered: Vec<bool> =
        document.menus.iter().map(|menu| last(document, &menu.person_id).is_some()).collect();
    for (menu, answered) in document.menus.iter_mut().zip(answered) {
        if menu.kind != MenuKind::Live || answered {
            continue;
        }
        let left = people.left(&menu.person_id)?;
        let just = by_loss(&choices, left)
            .into_iter()
            .filter(|option| passes_nobody(&choices, left, option.right));
        let shown = live_menu(just, size, most, beyond(now.frame(), left));
        menu.options = people.neutral(seed, left, &options_of(people, &shown, true));
    }
    Ok(())
}

/// What an option may cost at the most where somebody would else have no choice: less than if this person waited.
fn beyond(frame: &Frame, left: Left) -> i64 {
    i64::from(WHOLE).max(frame.waiting_cost(left) - 1)
}

/// Whether nobody who has waited longer (lefts stand by waiting) loses a place to this choice. The bound on the loss alone does not say so:
/// where somebody gets a place by it and another one loses theirs, only the difference counts.
fn passes_nobody(choices: &Choices<'_>, left: Left, right: Right) -> bool {
    let told = choices.who_pays(left, right);
    told.is_some_and(|told| told.lose_a_place().all(|other| other >= left))
}

fn options_of(people: &People<'_>, shown: &[LiveOption], stated: bool) -> Vec<MenuOption> {
    let option = |option: &LiveOption| MenuOption {
        worker_id: people.worker(option.right).to_owned(),
        loss: stated.then_some(Exact(i128::from(option.loss))),
    };
    shown.iter().map(option).collect()
}

/// For each person the worker of the best matching and the next ones by what they would cost everybody.
fn shortlists(
    people: &People<'_>,
    problem: &Problem,
    best: &VerifiedMatching,
    document: &mut MenuDocument,
) -> Result<(), MenuError> {
    let choices = Choices::new(problem, best.matching(), best.prices()).map_err(internal)?;
    let (seed, size) = (document.seed, document.size as usize);
    for menu in &mut document.menus {
        let left = people.left(&menu.person_id)?;
        let Some(own) = best.matching().right_of(left) else { continue };
        let mut options = by_loss(&choices, left);
        // It costs nothing, but so may others: it is on the list whatever their number.
        options.sort_by_key(|option| (option.right != own, *option));
        options.truncate(size);
        menu.options = people.neutral(seed, left, &options_of(people, &options, false));
    }
    Ok(())
}

/// Records an answer and gives the next state. A pick is a wish: nothing is matched by it.
///
/// The document is verified first. With `change`, an earlier answer of the person is taken back; the place it held may have gone to
/// somebody else meanwhile, so the person then chooses from a live menu.
///
/// # Errors
/// [`MenuError::Refused`] with what is possible now, if the answer is not; [`MenuError::NotVerified`] if the document does not hold.
pub fn choose(
    cx: &Context<'_>,
    document: &MenuDocument,
    person: UserIx,
    answer: Answer,
    change: bool,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    verify(cx, document)?;
    let id = cx.roster.user(person).id.as_str();
    if document.resolved.is_some() {
        return Err(MenuError::Refused(
            "these shortlists are resolved already; make new ones to ask again".to_owned(),
        ));
    }
    if answer == Answer::TakenBack {
        return Err(MenuError::Refused(format!("say what {id} answers instead")));
    }
    let Some(place) = document.menus.iter().position(|menu| menu.person_id == id) else {
        return Err(MenuError::Refused(format!(
            "{id} was not asked: there is no menu for {id} in this file"
        )));
    };
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let mut next = document.clone();
    if let Some(earlier) = last(document, id) {
        if !change {
            return Err(MenuError::Refused(format!(
                "{id} answered already: {}. Give --change to take that back.",
                in_words(earlier)
            )));
        }
        take_back(&people, &problem, &mut next, place, watch)?;
    }
    let menu = &next.menus[place];
    let stated = possible(menu, &answer)?;
    next.answers.push(Answered {
        person_id: id.to_owned(),
        answer,
        stated_loss: stated,
        total_cost: None,
    });
    if document.mode != MenuMode::Shortlist {
        remake(&people, &problem, &mut next, watch)?;
        note_total(&mut next);
    }
    Ok(next)
}

fn take_back(
    people: &People<'_>,
    problem: &Problem,
    next: &mut MenuDocument,
    place: usize,
    watch: &dyn Watch,
) -> Result<(), MenuError> {
    next.answers.push(Answered {
        person_id: next.menus[place].person_id.clone(),
        answer: Answer::TakenBack,
        stated_loss: None,
        total_cost: None,
    });
    if next.mode != MenuMode::Shortlist {
        if next.menus[place].kind == MenuKind::Safe {
            // The place that was held may be somebody else's by now.
            next.menus[place].kind = MenuKind::Live;
        }
        remake(people, problem, next, watch)?;
        note_total(next);
    }
    Ok(())
}

fn note_total(document: &mut MenuDocument) {
    let total = document.certificate.now.as_ref().map(|now| now.total_cost);
    if let Some(answered) = document.answers.last_mut() {
        answered.total_cost = total;
    }
}

/// Whether a menu has this answer now, and what its option was said to cost.
fn possible(menu: &Menu, answer: &Answer) -> Result<Option<Exact>, MenuError> {
    let ids: Vec<&str> = menu.options.iter().map(|o| o.worker_id.as_str()).collect();
    let now = if ids.is_empty() {
        format!("{} has no option just now; possible are none and later", menu.person_id)
    } else {
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        format!("possible now for {}: {}, none or later", menu.person_id, sorted.join(", "))
    };
    let refused = |why: String| Err(MenuError::Refused(format!("{why}; {now}")));
    match answer {
        Answer::Pick(_) if menu.kind == MenuKind::Shortlist => {
            refused("a shortlist is ranked: give --rank with the workers, best first".to_owned())
        }
        Answer::Pick(worker) => match menu.options.iter().find(|o| &o.worker_id == worker) {
            Some(option) => Ok(option.loss),
            None => refused(format!("{worker} cannot be picked")),
        },
        Answer::Ranks(_) if menu.kind != MenuKind::Shortlist => {
            refused("only a shortlist is ranked: give --pick with one worker".to_owned())
        }
        Answer::Ranks(ranks) => {
            if ranks.is_empty() {
                return refused("a ranking names at least one worker".to_owned());
            }
            for (place, worker) in ranks.iter().enumerate() {
                if !ids.contains(&worker.as_str()) {
                    return refused(format!("{worker} cannot be ranked"));
                }
                if ranks[..place].contains(worker) {
                    return refused(format!("{worker} is ranked twice"));
                }
            }
            Ok(None)
        }
        Answer::None | Answer::Later | Answer::TakenBack => Ok(None),
    }
}

fn in_words(answer: &Answer) -> String {
    match answer {
        Answer::Pick(worker) => format!("picked {worker}"),
        Answer::Ranks(ranks) => format!("ranked {}", ranks.join(", ")),
        Answer::None => "none of these".to_owned(),
        Answer::Later => "ask me later".to_owned(),
        Answer::TakenBack => "took the answer back".to_owned(),
    }
}

/// The problem of [`resolve`], from any stream of pairs: those who ranked, inside their lists, a step of rank counting more than any cost
/// of one pair; what everybody else has in the best matching is taken out.
fn shortlist_problem(
    people: &People<'_>,
    frame: &Frame,
    pairs: &impl Pairs,
    best: &Matching,
    document: &MenuDocument,
) -> Result<Problem, VerifyError> {
    let mut ranks: Vec<Option<Vec<Right>>> = vec![None; frame.lefts()];
    let mut out = vec![false; frame.lefts()];
    for menu in &document.menus {
        let left = people.left(&menu.person_id)?;
        match last(document, &menu.person_id) {
            Some(Answer::Ranks(ids)) => {
                let ids: Result<Vec<Right>, _> = ids.iter().map(|id| people.right(id)).collect();
                ranks[left.index()] = Some(ids?);
            }
            Some(Answer::None) => out[left.index()] = true,
            _ => {}
        }
    }
    let mut capacities = frame.capacities().to_vec();
    for (left, right) in best.pairs() {
        let keeps = ranks[left.index()].is_none() && !out[left.index()];
        if keeps && frame.pinned(left).is_none() {
            capacities[right.index()] -= 1;
        }
    }
    // Lists lengthen what a chain of exchanges can cost by as many steps as a list has places.
    let longer = i64::from(document.size) + 1;
    let waiting = frame.waiting_costs().iter().map(|cost| cost.saturating_mul(longer)).collect();
    let stated = |error: &dyn std::fmt::Display| VerifyError::Frame(error.to_string());
    let narrowed =
        Frame::new(waiting, frame.pins().to_vec(), capacities, frame.minimums().to_vec())
            .map_err(|error| stated(&error))?;
    let rows = Left::all(frame.lefts()).map(|left| {
        let mut row = Vec::new();
        pairs.visit(left, |right, cost| {
            if frame.pinned(left).is_some() {
                row.push((right, cost));
            } else if let Some(list) = &ranks[left.index()]
                && let Some(rank) = list.iter().position(|listed| *listed == right)
            {
                let steps = i32::try_from(rank).unwrap_or(i32::MAX).saturating_mul(RANK_STEP);
                row.push((right, cost.saturating_add(steps)));
            }
        });
        row
    });
    let rows = PairTable::from_rows(frame.rights(), rows).map_err(|error| stated(&error))?;
    Problem::new(narrowed, rows).map_err(|error| stated(&error))
}

/// Matches everybody who ranked, inside their shortlists: as many and who the policy's coverage says, then by the least sum of the policy's
/// costs and of steps down the lists. A step counts 2,000,001, more than any cost of one pair, so what one other person gains never
/// moves anybody down; it is one sum all the same, in which what many people gain together can outweigh a step. Those who have not answered keep the worker of the best matching; who said none waits.
/// The result is a proposal: people decide.
///
/// # Errors
/// As [`choose`].
pub fn resolve(
    cx: &Context<'_>,
    document: &MenuDocument,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    verify(cx, document)?;
    if document.mode != MenuMode::Shortlist {
        return Err(MenuError::Refused(
            "only shortlists are resolved; picks from menus stand by themselves".to_owned(),
        ));
    }
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let best = people.matching(&document.certificate.best)?;
    let narrowed = shortlist_problem(&people, problem.frame(), problem.pairs(), &best, document)?;
    let mut next = document.clone();
    next.resolved = Some(people.proven(&solved(&narrowed, watch)?));
    Ok(next)
}

/// What a menu document was verified to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMenuDocument {
    /// People asked.
    pub asked: usize,
    /// People with a safe menu, answered or not.
    pub safe: usize,
    /// The most that picks from safe menus can lose together.
    pub safe_loss_most: i128,
    /// What live picks so far lost together.
    pub live_loss: i128,
    /// People whose answer stands: answers taken back, and "ask me later", do not count.
    pub answers: usize,
}

/// The policy that a menu document states it was made with.
///
/// # Errors
/// It has faults, or was changed after the run.
pub fn policy_of(document: &MenuDocument) -> Result<Policy, VerifyError> {
    if document.format != MENU_FORMAT {
        return Err(VerifyError::Format(document.format.clone()));
    }
    let policy = Policy::check(&document.policy).map_err(VerifyError::PolicyFaults)?;
    if document.policy_hash == policy_hash(&policy) {
        Ok(policy)
    } else {
        Err(VerifyError::OtherPolicy)
    }
}

fn figure(what: &str, stated: &str, actual: &str) -> Result<(), VerifyError> {
    if stated == actual {
        return Ok(());
    }
    Err(VerifyError::Figure {
        what: what.to_owned(),
        stated: stated.to_owned(),
        actual: actual.to_owned(),
    })
}

fn wrong(reason: String) -> VerifyError {
    VerifyError::People(reason)
}

/// Verifies a menu document against a roster and the document's own policy ([`policy_of`]), by walking all pairs and with no solver:
/// the best matching at the start; that safe menus are safe, and their bound; every answer against the menu it was given to; the best
/// total now; and that the ledger leads there, no live pick costing more than was said. That a live option costs what is stated is
/// proven only from below (by the prices), and from above once it is picked.
///
/// O(people × workers), a few times.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(
    cx: &Context<'_>,
    document: &MenuDocument,
) -> Result<VerifiedMenuDocument, VerifyError> {
    limits::not_without_limits(cx, "A menu").map_err(VerifyError::People)?;
    if document.format != MENU_FORMAT {
        return Err(VerifyError::Format(document.format.clone()));
    }
    if document.roster_hash != roster_hash(cx.roster) {
        return Err(VerifyError::OtherRoster);
    }
    if document.policy_hash != policy_hash(cx.policy)
        || Policy::check(&document.policy).as_ref() != Ok(cx.policy)
    {
        return Err(VerifyError::OtherPolicy);
    }
    figure("the day of the run", &document.as_of, &cx.roster.as_of().to_string())?;
    if !(2..=SIZE_MAX).contains(&document.size) {
        return Err(wrong(format!(
            "menus of {} options: 2 to {SIZE_MAX} are possible",
            document.size
        )));
    }
    let people = People::new(cx);
    let frame = objective::frame(cx, &people.users);
    let relaxed = frame.and_then(|frame| without_minimums(&people, &frame));
    let (frame, unmet) = relaxed.map_err(|error| VerifyError::Frame(error.to_string()))?;
    if document.minimums_not_promised != unmet {
        return Err(wrong(
            "the minimums that are not promised are not those of the roster".to_owned(),
        ));
    }
    let pairs = AllPairs::new(cx, &people.users);
    let best = people.check(&frame, &pairs, &document.certificate.best, "the best total")?;

    let mut asked = vec![false; people.users.len()];
    let mut before: Option<Left> = None;
    let mut held: Vec<Vec<Right>> = vec![Vec::new(); people.users.len()];
    for menu in &document.menus {
        let left = people.left(&menu.person_id)?;
        if before.is_some_and(|before| before >= left) {
            return Err(wrong(format!(
                "the menu of {} is out of order or stands twice",
                menu.person_id
            )));
        }
        before = Some(left);
        if frame.pinned(left).is_some() {
            return Err(wrong(format!("{} is pinned and has nothing to choose", menu.person_id)));
        }
        asked[left.index()] = true;
        let ids: Result<Vec<Right>, _> = menu.held.iter().map(|id| people.right(id)).collect();
        held[left.index()] = ids?;
        menu_holds(&people, &pairs, document, left, menu)?;
    }

    let mut safe_loss_most = 0;
    match &document.certificate.safe {
        Some(stated) => {
            let cut = frame_of_asked(&frame, best.matching(), &asked)?;
            let safe = check_safe_menus(&cut, &pairs, &held, &people.prices(&stated.prices)?)
                .map_err(|error| wrong(format!("the checker refuses the menus: {error}")))?;
            figure(
                "the most that safe picks can lose",
                &stated.loss_most.to_string(),
                &safe.loss_most().to_string(),
            )?;
            if stated.degrees != degrees(&people, safe.degrees()) {
                return Err(wrong(
                    "the menus that each worker stands on are not counted right".to_owned(),
                ));
            }
            safe_loss_most = safe.loss_most();
        }
        None if document.mode == MenuMode::Safe => {
            return Err(wrong("safe menus without a certificate".to_owned()));
        }
        None => {
            if held.iter().any(|held| !held.is_empty()) {
                return Err(wrong("a menu holds places without a certificate".to_owned()));
            }
        }
    }

    let live_loss = if document.mode == MenuMode::Shortlist {
        answers_hold(&people, document)?;
        if document.certificate.start.is_some() || document.certificate.now.is_some() {
            return Err(wrong("shortlists have no totals of live menus".to_owned()));
        }
        if let Some(resolved) = &document.resolved {
            let narrowed = shortlist_problem(&people, &frame, &pairs, best.matching(), document)?;
            people.check(
                narrowed.frame(),
                narrowed.pairs(),
                resolved,
                "the total of the shortlists",
            )?;
        }
        0
    } else {
        if document.resolved.is_some() {
            return Err(wrong("only shortlists are resolved".to_owned()));
        }
        let steps = answers_hold(&people, document)?;
        let (Some(start), Some(now)) = (&document.certificate.start, &document.certificate.now)
        else {
            return Err(wrong("the totals of the live menus are missing".to_owned()));
        };
        let at = people.standings(document)?;
        let open = Without { pairs: &pairs, silent: &at.silent };
        let current = people.check(&frame_now(&frame, &at)?, &open, now, "the best total now")?;
        losses_possible(&people, &open, &frame, &current, document)?;
        let first = at_the_start(&people, document)?;
        let open = Without { pairs: &pairs, silent: &first.silent };
        let from = people.check(
            &frame_now(&frame, &first)?,
            &open,
            start,
            "the best total at the start",
        )?;
        let ledger = check_ledger(from.cost(), &steps, current.cost())
            .map_err(|error| wrong(format!("the ledger does not hold: {error}")))?;
        ledger.loss()
    };
    Ok(VerifiedMenuDocument {
        asked: document.menus.len(),
        safe: held.iter().filter(|held| !held.is_empty()).count(),
        safe_loss_most,
        live_loss,
        answers: document
            .menus
            .iter()
            .filter(|menu| last(document, &menu.person_id).is_some())
            .count(),
    })
}

/// One menu: eligible options, each once, in the neutral order, as many as there may be; a safe menu shows what it holds.
fn menu_holds(
    people: &People<'_>,
    pairs: &impl Pairs,
    document: &MenuDocument,
    left: Left,
    menu: &Menu,
) -> Result<(), VerifyError> {
    let id = &menu.person_id;
    let mut eligible = Vec::new();
    pairs.visit(left, |right, _| eligible.push(right));
    let mut shown = Vec::new();
    for option in &menu.options {
        let right = people.right(&option.worker_id)?;
        if !eligible.contains(&right) || shown.contains(&right) {
            return Err(wrong(format!("{} does not belong on the menu of {id}", option.worker_id)));
        }
        shown.push(right);
        if option.loss.is_some() != (menu.kind == MenuKind::Live) {
            return Err(wrong(format!(
                "only live options state a loss: {} of {id}",
                option.worker_id
            )));
        }
    }
    shown.sort_unstable();
    let kinds = match document.mode {
        _ if eligible.is_empty() => menu.kind == MenuKind::Nobody,
        MenuMode::Safe => matches!(menu.kind, MenuKind::Safe | MenuKind::Live),
        MenuMode::Live => menu.kind == MenuKind::Live,
        MenuMode::Shortlist => menu.kind == MenuKind::Shortlist,
    };
    if !kinds
        || menu.options.len() > document.size as usize
        || menu.held.len() > document.size as usize
    {
        return Err(wrong(format!("the menu of {id} is not of its kind or too long")));
    }
    if menu.kind == MenuKind::Safe {
        let held: Result<Vec<Right>, _> = menu.held.iter().map(|id| people.right(id)).collect();
        if held? != shown || shown.is_empty() {
            return Err(wrong(format!("the safe menu of {id} does not show what it holds")));
        }
    }
    if people.neutral(document.seed, left, &menu.options) != menu.options {
        return Err(wrong(format!("the menu of {id} is not in its neutral order")));
    }
    Ok(())
}

/// Every answer against the menu it was given to, as far as the document still shows it. Returns the ledger.
fn answers_hold(
    people: &People<'_>,
    document: &MenuDocument,
) -> Result<Vec<LedgerStep>, VerifyError> {
    let mut steps = Vec::new();
    // Whether the person's answer stands, and whether it was ever taken back.
    let mut state: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for answered in &document.answers {
        let id = answered.person_id.as_str();
        people.left(id)?;
        let menu = document.menus.iter().find(|menu| menu.person_id == id);
        let menu = menu.ok_or_else(|| wrong(format!("{id} answered, but was not asked")))?;
        let shortlist = document.mode == MenuMode::Shortlist;
        let entry = state.entry(id).or_insert((false, false));
        let (answers, taken_back) = *entry;
        let first_safe = !menu.held.is_empty() && !taken_back;
        let fits = match &answered.answer {
            Answer::TakenBack => answers,
            _ if answers => false,
            Answer::Later | Answer::None => true,
            Answer::Pick(worker) => {
                people.right(worker)?;
                // What a live menu showed when it was answered is in the ledger; the menu of who answered stays as it was.
                !shortlist
                    && (!first_safe || menu.held.contains(worker))
                    && (menu.kind == MenuKind::Live && last(document, id) == Some(&answered.answer)
                        || first_safe
                        || answered.stated_loss.is_some())
            }
            Answer::Ranks(ranks) => {
                let listed = |worker: &String| menu.options.iter().any(|o| &o.worker_id == worker);
                let once = (0..ranks.len()).all(|at| !ranks[..at].contains(&ranks[at]));
                shortlist && !ranks.is_empty() && ranks.iter().all(listed) && once
            }
        };
        let live_pick = matches!(answered.answer, Answer::Pick(_)) && !first_safe;
        if !fits
            || answered.stated_loss.is_some() != live_pick
            || answered.total_cost.is_some() == shortlist
        {
            return Err(wrong(format!(
                "the answer of {id} ({}) does not go with the menu",
                in_words(&answered.answer)
            )));
        }
        match &answered.answer {
            Answer::TakenBack => *entry = (false, true),
            Answer::Later => {}
            _ => entry.0 = true,
        }
        if let Some(Exact(total)) = answered.total_cost {
            steps.push(match answered.stated_loss {
                Some(Exact(stated)) => LedgerStep::Pick { stated, total },
                None => LedgerStep::Changed { total },
            });
        }
    }
    for menu in &document.menus {
        let taken_back = state.get(menu.person_id.as_str()).is_some_and(|state| state.1);
        let safe = !menu.held.is_empty() && !taken_back;
        if document.mode == MenuMode::Safe && safe != (menu.kind == MenuKind::Safe) {
            return Err(wrong(format!("the menu of {} is not of its kind", menu.person_id)));
        }
    }
    Ok(steps)
}

/// Where everybody stood before the first answer.
fn at_the_start(people: &People<'_>, document: &MenuDocument) -> Result<Standings, VerifyError> {
    let mut first = document.clone();
    first.answers.clear();
    for menu in &mut first.menus {
        if !menu.held.is_empty() {
            menu.kind = MenuKind::Safe;
        }
    }
    people.standings(&first)
}

/// No open live option can cost less than the prices say; within the limits that a live menu keeps.
fn losses_possible(
    people: &People<'_>,
    pairs: &impl Pairs,
    frame: &Frame,
    current: &VerifiedMatching,
    document: &MenuDocument,
) -> Result<(), VerifyError> {
    for menu in document.menus.iter().filter(|menu| menu.kind == MenuKind::Live) {
        if last(document, &menu.person_id).is_some() {
            continue;
        }
        let left = people.left(&menu.person_id)?;
        let price = |right| current.prices().of(right).unwrap_or(0);
        let mut pays = frame.waiting_cost(left);
        let mut full = Vec::new();
        pairs.visit(left, |right, cost| {
            let full_cost = i64::from(cost) + price(right);
            pays = pays.min(full_cost);
            full.push((right, full_cost));
        });
        for option in &menu.options {
            let right = people.right(&option.worker_id)?;
            let least = full.iter().find(|(w, _)| *w == right).map(|(_, full)| full - pays);
            let stated = option.loss.map_or(-1, |loss| loss.0);
            let most = i64::from(document.most_loss).max(beyond(frame, left));
            if stated < least.map_or(0, i128::from) || stated > i128::from(most) {
                return Err(wrong(format!(
                    "{} on the menu of {} cannot cost {stated}",
                    option.worker_id, menu.person_id
                )));
            }
        }
    }
    Ok(())
}

impl From<Rejection> for MenuError {
    fn from(rejection: Rejection) -> Self {
        internal(rejection)
    }
}

/// One person's menu, to read: words alone, no number, no rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MenuForPerson {
    /// Said first.
    pub about: Vec<String>,
    /// The workers, in neutral order, each as an explanation to the person.
    pub options: Vec<ForServiceUser>,
    /// The other answers: none of these, ask me later.
    pub other_answers: Vec<String>,
    /// Choice, always said.
    pub choice: String,
    /// For somebody in a crisis, in the service's words.
    pub crisis_text: Vec<String>,
    /// Where a complaint goes, in the service's words.
    pub complaints_text: Vec<String>,
}

/// A menu as its person reads it; `None` if the person was not asked. Made from what a service user may see, and from nothing else.
pub fn for_person(
    cx: &Context<'_>,
    document: &MenuDocument,
    user: UserIx,
) -> Option<MenuForPerson> {
    let id = &cx.roster.user(user).id;
    let menu = document.menus.iter().find(|menu| &menu.person_id == id)?;
    let told = |worker: WorkerIx| match explain(cx, Audience::ServiceUser, user, worker, None) {
        Explanation::ServiceUser(told) => Some(told),
        _ => None,
    };
    let workers = menu.options.iter().filter_map(|o| cx.roster.find_worker(&o.worker_id));
    let mut options: Vec<ForServiceUser> = workers.filter_map(told).collect();
    // What is the same with every worker is said once. Any worker will do to ask for it.
    let spoken = options
        .first()
        .cloned()
        .or_else(|| (!cx.roster.workers().is_empty()).then(|| told(WorkerIx::at(0))).flatten());
    let (crisis_text, complaints_text) =
        spoken.map(|told| (told.crisis_text, told.complaints_text)).unwrap_or_default();
    for option in &mut options {
        option.crisis_text.clear();
        option.complaints_text.clear();
        option.choice.clear();
    }
    if let Some(about) = after_an_answer(document, menu) {
        return Some(MenuForPerson {
            about,
            options: Vec::new(),
            other_answers: Vec::new(),
            choice: "You can change your mind at any time. You do not have to say why.".to_owned(),
            crisis_text,
            complaints_text,
        });
    }
    let about: &[&str] = match (menu.kind, options.len()) {
        (MenuKind::Nobody, _) => &[
            "Right now there is nobody we could suggest to you. This is not because of anything you did.",
            "You stay on the waiting list. We keep looking, and come back to you when that changes.",
        ],
        (_, 0) => &[
            "Right now everybody who could walk with you is already asked for. We will come back to you when that changes.",
        ],
        (_, 1) => &[
            "There is one person who could walk with you now. That is not much of a choice, and we are saying so. You can say no, and wait for others.",
        ],
        (MenuKind::Shortlist, _) => &[
            "These people could walk with you. Tell us whom you would like best, whom next, and so on. You need not name all of them.",
            "They stand in no particular order.",
        ],
        (MenuKind::Live, _) => &[
            "These people could walk with you now. Choose whom you like. They stand in no particular order.",
            "If you want to think about it, that is fine. It can be that somebody is no longer free then; we would show you who is.",
        ],
        (MenuKind::Safe, _) => &[
            "These people could walk with you. Choose whom you like. They stand in no particular order.",
            "A place is kept for you with each of them until you have answered.",
        ],
    };
    Some(MenuForPerson {
        about: about.iter().map(|&words| words.to_owned()).collect(),
        options,
        other_answers: if menu.options.is_empty() {
            Vec::new()
        } else {
            vec!["None of these.".to_owned(), "Ask me later.".to_owned()]
        },
        choice: if menu.options.is_empty() {
            "You do not have to do anything for this, and you can ask us about it at any time."
        } else {
            "You choose. You can change your mind at any time. You do not have to say why. Whom you choose is asked too, and can say yes or no."
        }
        .to_owned(),
        crisis_text,
        complaints_text,
    })
}

/// What a person who answered reads in place of the ballot: what was said, and what happens next; `None` while nothing was said.
fn after_an_answer(document: &MenuDocument, menu: &Menu) -> Option<Vec<String>> {
    let id = &menu.person_id;
    let mut about = match last(document, id) {
        Some(Answer::Pick(worker)) => vec![
            format!("You said you would like to walk with {worker}."),
            format!("Nothing is decided yet: {worker} is asked too, and can say yes or no."),
        ],
        Some(Answer::Ranks(ranks)) => vec![format!(
            "You said whom you would like, the one you would like best first: {}.",
            ranks.join(", ")
        )],
        Some(Answer::None) => vec![
            "You said none of these. That is fine.".to_owned(),
            "You stay on the waiting list. We keep looking, and come back to you.".to_owned(),
        ],
        _ => {
            let said = document.answers.iter().rev().find(|answered| &answered.person_id == id);
            if said.is_none_or(|answered| answered.answer != Answer::Later) {
                return None;
            }
            vec![
                "You asked to be asked later. That is fine.".to_owned(),
                "We will ask you again, and show you who could walk with you then.".to_owned(),
            ]
        }
    };
    if let Some(Answer::Ranks(_)) = last(document, id) {
        about.push(match &document.resolved {
            None => "Nothing is decided yet: we wait for what others say, and then tell you whom we propose.".to_owned(),
            Some(resolved) => match resolved.matches.get(id) {
                Some(worker) => format!("We propose {worker}. Nothing is decided yet: you can say no, and {worker} is asked too."),
                None => "Right now nobody you named has a place free. We keep looking, and come back to you.".to_owned(),
            },
        });
    }
    Some(about)
}

/// Menus as a coordinator reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MenusForCoordinator {
    /// One line per person asked.
    pub people: Vec<MenuLine>,
    /// What holds for all: how many have which kind of menu, and what choice can cost.
    pub notes: Vec<String>,
}

/// One person's menu for a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
fn said_of_live(
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
/// [`MenuError::NotVerified`] if the document does not hold for the roster, as far as it is looked at: [`verify`] it first.
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

fn notes(document: &MenuDocument, counts: [usize; 4], single: usize) -> Vec<String> {
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
    let losses = document.answers.iter().filter_map(|answered| answered.stated_loss);
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
fn coarse(loss: i128) -> String {
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
