//! Who stands where after the answers so far, and the problem that is left to optimise.

use peermatch_assignment::{
    Frame, FrameError, Left, Matching, PairTable, Pairs, Prices, Problem, Right, VerifiedMatching,
    check,
};
use peermatch_model::roster::UserIx;
use peermatch_model::words::Coverage;
use std::collections::BTreeMap;

use super::verify::figure;
use super::{Answer, MenuDocument, MenuError, MenuKind, MenuOption, Proven, internal};
use crate::draw;
use crate::objective::{self, right_of, worker_of};
use crate::pair::Context;
use crate::report::{Exact, VerifyError};

/// Where everybody stands after the answers so far.
#[derive(Debug, Clone)]
pub(super) struct Standings {
    /// By left: the worker picked.
    pub(super) picked: Vec<Option<Right>>,
    /// By left: takes no part in what is optimised now (said none, or holds an open safe menu).
    pub(super) silent: Vec<bool>,
    /// By right: places that open safe menus hold.
    pub(super) held: Vec<u32>,
}

/// People, by left, and back.
pub(super) struct People<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) users: Vec<UserIx>,
}

impl<'a> People<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        Self { cx, users: objective::people_to_match(cx.roster) }
    }

    pub(super) fn left(&self, id: &str) -> Result<Left, VerifyError> {
        let user = self
            .cx
            .roster
            .find_user(id)
            .ok_or_else(|| VerifyError::People(format!("person {id} is not in the roster")))?;
        let place = self.users.binary_search(&user).ok().and_then(Left::from_index);
        place.ok_or_else(|| VerifyError::People(format!("person {id} was not to be matched")))
    }

    pub(super) fn right(&self, id: &str) -> Result<Right, VerifyError> {
        self.cx
            .roster
            .find_worker(id)
            .map(right_of)
            .ok_or_else(|| VerifyError::People(format!("worker {id} is not in the roster")))
    }

    pub(super) fn person(&self, left: Left) -> &str {
        &self.cx.roster.user(self.users[left.index()]).id
    }

    pub(super) fn worker(&self, right: Right) -> &str {
        &self.cx.roster.worker(worker_of(right)).id
    }

    pub(super) fn prices(&self, stated: &BTreeMap<String, Exact>) -> Result<Prices, VerifyError> {
        let mut prices = vec![0; self.cx.roster.workers().len()];
        for (id, price) in stated {
            prices[self.right(id)?.index()] = i64::try_from(price.0).map_err(|_| {
                VerifyError::People(format!("the price of worker {id} is too large"))
            })?;
        }
        Ok(Prices::new(prices))
    }

    pub(super) fn stated_prices(&self, prices: &Prices) -> BTreeMap<String, Exact> {
        let rights = Right::all(prices.values().len()).zip(prices.values());
        let stated = rights.filter(|(_, price)| **price != 0);
        stated.map(|(w, p)| (self.worker(w).to_owned(), Exact(i128::from(*p)))).collect()
    }

    pub(super) fn matching(&self, stated: &Proven) -> Result<Matching, VerifyError> {
        let mut rights = vec![None; self.users.len()];
        for (person, worker) in &stated.matches {
            rights[self.left(person)?.index()] = Some(self.right(worker)?);
        }
        Ok(Matching::new(rights))
    }

    pub(super) fn proven(&self, verified: &VerifiedMatching) -> Proven {
        let named = |(u, w): (Left, Right)| (self.person(u).to_owned(), self.worker(w).to_owned());
        Proven {
            matches: verified.matching().pairs().map(named).collect(),
            prices: self.stated_prices(verified.prices()),
            total_cost: Exact(verified.cost()),
        }
    }

    /// Checks what a document states to be proven.
    pub(super) fn check(
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
    pub(super) fn neutral(&self, seed: u64, left: Left, options: &[MenuOption]) -> Vec<MenuOption> {
        let ids: Vec<&str> = options.iter().map(|o| o.worker_id.as_str()).collect();
        let order = draw::order(&format!("menu of {}", self.person(left)), seed, &ids);
        order.into_iter().map(|at| options[at].clone()).collect()
    }

    /// Where everybody stands. In shortlists nothing is held and nobody has picked.
    pub(super) fn standings(&self, document: &MenuDocument) -> Result<Standings, VerifyError> {
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
                    for option in &menu.options {
                        at.held[self.right(&option.worker_id)?.index()] += 1;
                    }
                }
                _ => {}
            }
        }
        Ok(at)
    }
}

/// The answer of a person that counts: the last one, unless it was taken back or only put off.
pub(super) fn last<'d>(document: &'d MenuDocument, person: &str) -> Option<&'d Answer> {
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
pub(super) struct Without<'p, P> {
    pub(super) pairs: &'p P,
    pub(super) silent: &'p [bool],
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
pub(super) fn frame_now(frame: &Frame, at: &Standings) -> Result<Frame, VerifyError> {
    let less = |(capacity, held): (&u32, &u32)| capacity.checked_sub(*held);
    let capacities: Option<Vec<u32>> = frame.capacities().iter().zip(&at.held).map(less).collect();
    let capacities = capacities
        .ok_or_else(|| VerifyError::People("menus hold more places than there are".to_owned()))?;
    let pins = frame.pins().iter().zip(&at.picked).map(|(pin, picked)| pin.or(*picked)).collect();
    Frame::new(frame.waiting_costs().to_vec(), pins, capacities, frame.minimums().to_vec())
        .map_err(|error| VerifyError::Frame(error.to_string()))
}

/// The frame of safe menus: what those who are not asked have in the best matching is taken out.
pub(super) fn frame_of_asked(
    frame: &Frame,
    best: &Matching,
    asked: &[bool],
) -> Result<Frame, VerifyError> {
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

/// The frame without the part of minimums that pins do not meet already, and whose minimums those are: choice cannot promise them,
/// since everybody may say none.
pub(super) fn without_minimums(
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
    // Aims without a sum of losses serve as many as can be, which one unit for waiting says of their own stages, but not of a sum of losses.
    let policy = people.cx.policy;
    let as_many = policy.coverage == Coverage::Total && objective::aim(policy.objective).is_some();
    let waiting = if as_many {
        vec![objective::outweighs(people.cx, &people.users); frame.lefts()]
    } else {
        frame.waiting_costs().to_vec()
    };
    let pins = frame.pins().to_vec();
    Ok((Frame::new(waiting, pins, frame.capacities().to_vec(), minimums.collect())?, unmet))
}

/// The problem that menus are made for: [`without_minimums`].
pub(super) fn problem_of(people: &People<'_>) -> Result<(Problem, Vec<String>), MenuError> {
    let cx = people.cx;
    let frame = objective::frame(cx, &people.users)
        .map_err(|error| MenuError::Infeasible(error.to_string()))?;
    let (frame, unmet) = without_minimums(people, &frame).map_err(internal)?;
    let pairs = objective::pairs(cx, &people.users).map_err(internal)?;
    Ok((Problem::new(frame, pairs).map_err(internal)?, unmet))
}

/// What is optimised just now: picks are kept, held places are taken out, and who said none or holds a safe menu takes no part.
pub(super) fn problem_now(
    people: &People<'_>,
    problem: &Problem,
    document: &MenuDocument,
) -> Result<Problem, MenuError> {
    let at = people.standings(document)?;
    let rows = rows_without(problem.pairs(), &at.silent)?;
    Problem::new(frame_now(problem.frame(), &at)?, rows).map_err(internal)
}

pub(super) fn rows_without(pairs: &PairTable, silent: &[bool]) -> Result<PairTable, MenuError> {
    let rows = Left::all(pairs.lefts())
        .map(|left| if silent[left.index()] { Vec::new() } else { pairs.row(left).collect() });
    PairTable::from_rows(pairs.rights(), rows).map_err(internal)
}
