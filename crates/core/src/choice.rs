//! What choosing one worker for one person costs everybody else, in words for a coordinator.
//!
//! A run is solved; a person would rather walk with somebody the matching gives to others. [`Costs`] says what that changes for everybody
//! else: nothing, a little, or that somebody who has waited longer goes without. It is exact ([`peermatch_solve::choice`]): the least that
//! everybody else has to give up, found without solving again.
//!
//! # What is told
//!
//! Words, never figures: a sum of losses is made from full records, so a figure would tell of things that were not told to the
//! coordinator. Who would be without a place follows from who can walk with whom and from waiting alone (see [`crate::objective`]), which a
//! coordinator knows; that others would meet a little less of what they asked for is an outcome like the matching itself, told as
//! coarsely as it can be. No other person's id is told.
//!
//! # Where people want several workers
//!
//! The person has the worker beside those proposed or instead of one of them, whichever leaves everybody else best off. How many
//! workers each person gets is decided before anything else ([`crate::objective`]), so it is asked first whether all can keep their number; only
//! if they cannot, who has one less is found among the flows that decide it.
//!
//! # What it does not say
//!
//! Costs hold for one choice at a time. Two choices together may cost more than each alone (both want the last place) or less (one takes
//! the place that the other leaves). After a choice is made it is pinned, and the next one is asked anew.

use peermatch_assignment::{Flow, Left, Matching, Prices, Problem, Rejection, Right, VerifiedFlow};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_solve::choice::{Choices, Consequence, Move};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Granting, right_of};
use crate::proof::Proof;
use crate::run::Run;

/// From here on somebody gets "less" rather than "a little less": a tenth of all that one person asked for.
const LITTLE_MAX: i64 = 100_000;

/// What a choice means for everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The matching proposes it anyway.
    Proposed,
    /// Everybody else is as well off.
    AsWellOff,
    /// Nobody else is worse off, and somebody is better off: the person takes what others want less.
    BetterOff,
    /// Somebody else gets a little less of what they asked for.
    ALittleLess,
    /// Somebody else gets less of what they asked for.
    Less,
    /// Somebody who would be given several workers is given one fewer.
    OneFewer,
    /// Somebody who would have a place goes without.
    SomebodyWaits,
    /// It cannot be done while everything else that is decided holds.
    NotPossible,
}

/// What choosing a worker costs everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostToOthers {
    /// The kind.
    pub effect: Effect,
    /// How many others would be proposed somebody else, or nobody, in one way that costs least.
    pub others_concerned: usize,
    /// Days that those have waited who would go without, longest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub would_wait_days: Vec<u32>,
    /// In words.
    pub words: String,
}

/// What one place more with a worker is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnePlaceMore {
    /// The worker.
    pub worker_id: String,
    /// How long the person has waited who could then be matched; absent if nobody more could be, but somebody better.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serves_wait_days: Option<u32>,
    /// In words.
    pub words: String,
}

/// Somebody for whom a choice changes what the matching proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// The person.
    pub person_id: String,
    /// Days waited.
    pub wait_days: u32,
    /// Whom the matching proposes without the choice; absent if nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Whom it proposes with it; absent if the person would wait.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
}

/// The costs of all choices around one matching of least cost.
#[derive(Debug)]
pub struct Costs<'r> {
    roster: &'r Roster,
    people: &'r [UserIx],
    problem: &'r Problem,
    flow: Flow,
    choices: Choices<'r>,
    /// Around the flow that decides how many workers each person gets, where that comes first.
    numbers: Option<Choices<'r>>,
}

impl<'r> Costs<'r> {
    /// `None` unless what the run proved is a least total cost: other objectives have no such prices.
    ///
    /// O(eligible pairs), as often as one person is given workers.
    pub fn of_run(run: &'r Run<'_>) -> Option<Self> {
        let decided = run.decided();
        let cx = decided.context();
        let (people, problem) = (decided.people(), run.problem());
        if let Some(verified) = decided.proof().least_cost() {
            let (matching, prices) = (verified.matching(), verified.prices());
            return Self::of_problem(cx.roster, people, problem, matching, prices).ok();
        }
        let Proof::Flow { coverage, flow } = decided.proof() else { return None };
        let around = |problem, supply, flow: &VerifiedFlow| {
            Choices::of_flow(problem, supply, flow.flow(), flow.prices()).ok()
        };
        let (choices, numbers) = match (run.covered(), coverage) {
            (Some(covered), Some(numbers)) => (
                around(problem, covered.granted(), flow)?,
                Some(around(covered.problem(), covered.wanted(), numbers)?),
            ),
            _ => (around(problem, Granting::new(cx, people).ok()?.supply(), flow)?, None),
        };
        let flow = flow.flow().clone();
        Some(Self { roster: cx.roster, people, problem, flow, choices, numbers })
    }

    /// The costs around a matching of least cost of any problem whose lefts are `people` and whose rights are the workers of `roster`.
    ///
    /// O(eligible pairs).
    ///
    /// # Errors
    /// The prices do not prove the matching.
    pub fn of_problem(
        roster: &'r Roster,
        people: &'r [UserIx],
        problem: &'r Problem,
        matching: &Matching,
        prices: &Prices,
    ) -> Result<Self, Rejection> {
        let choices = Choices::new(problem, matching, prices)?;
        Ok(Self { roster, people, problem, flow: Flow::from(matching), choices, numbers: None })
    }

    /// What choosing `worker` for `user` costs everybody else. `None` if the person is not to be matched now or the two cannot be.
    ///
    /// One search over the workers; two where somebody has one less.
    pub fn of(&self, user: UserIx, worker: WorkerIx) -> Option<CostToOthers> {
        self.of_each(user, &[worker]).pop().flatten()
    }

    /// [`Costs::of`] for each of `workers`, in their order: one search for all of them, and none but the first time where the person would wait
    /// otherwise. Several threads may ask at once.
    pub fn of_each(&self, user: UserIx, workers: &[WorkerIx]) -> Vec<Option<CostToOthers>> {
        let Some(left) = self.left(user) else { return vec![None; workers.len()] };
        let rights: Vec<Right> = workers.iter().copied().map(right_of).collect();
        let proposed = |right: Right| self.flow.of(left).iter().any(|place| place.0 == right);
        // What is proposed, or cannot be, needs no search.
        let asked: Vec<Right> = rights
            .iter()
            .copied()
            .filter(|&right| self.problem.pairs().cost(left, right).is_some() && !proposed(right))
            .collect();
        let mut found = self.who_pays(left, &asked).into_iter();
        let each = rights.iter().zip(workers).map(|(&right, &worker)| {
            self.problem.pairs().cost(left, right)?;
            let id = &self.roster.worker(worker).id;
            if proposed(right) {
                return Some(CostToOthers {
                    effect: Effect::Proposed,
                    others_concerned: 0,
                    would_wait_days: Vec::new(),
                    words: format!(
                        "Choosing {id} is what the matching proposes: everyone else stays as they are."
                    ),
                });
            }
            Some(match found.next().flatten() {
                Some(told) => self.told(left, id, &told),
                None => CostToOthers {
                    effect: Effect::NotPossible,
                    others_concerned: 0,
                    would_wait_days: Vec::new(),
                    words: format!(
                        "Choosing {id} is not possible as things stand: every place is decided, or another worker would be left below the number promised."
                    ),
                },
            })
        });
        each.collect()
    }

    /// Who would be proposed somebody else, or nobody, if `worker` were chosen for `user`: one way that costs least, in its order, the person first. Empty if the matching
    /// proposes it anyway; `None` if the two cannot be matched or it cannot be done.
    ///
    /// That the matching proposes other pairs is an outcome, as the matching is: whoever may look at a run may look at this.
    pub fn moved(&self, user: UserIx, worker: WorkerIx) -> Option<Vec<Moved>> {
        let (left, right) = (self.left(user)?, right_of(worker));
        self.problem.pairs().cost(left, right)?;
        if self.flow.of(left).iter().any(|place| place.0 == right) {
            return Some(Vec::new());
        }
        let told = self.who_pays(left, &[right]).pop().flatten()?;
        let workers = self.roster.workers();
        let id = |right: Option<Right>| workers.get(right?.index()).map(|worker| worker.id.clone());
        let moved = told.moves.iter().map(|change| Moved {
            person_id: self.roster.user(self.people[change.left.index()]).id.clone(),
            wait_days: self.wait_days(change.left),
            from: id(change.from),
            to: id(change.to),
        });
        Some(moved.collect())
    }

    /// People who are to be matched and have nobody but `worker` to be matched with. O(people).
    pub fn only_with(&self, worker: WorkerIx) -> impl Iterator<Item = UserIx> + '_ {
        let only = [right_of(worker)];
        let pairs = self.problem.pairs();
        self.people.iter().enumerate().filter_map(move |(at, &user)| {
            (pairs.rights_of(Left::from_index(at)?) == only).then_some(user)
        })
    }

    fn left(&self, user: UserIx) -> Option<Left> {
        self.people.binary_search(&user).ok().and_then(Left::from_index)
    }

    fn wait_days(&self, left: Left) -> u32 {
        self.roster.user(self.people[left.index()]).wait_days
    }

    /// Who would move for each of `rights`, in their order.
    fn who_pays(&self, left: Left, rights: &[Right]) -> Vec<Option<Consequence>> {
        let Some(numbers) = &self.numbers else { return self.choices.who_pays_each(left, rights) };
        // A pin stands where further workers are wanted, but in what was granted there may be no room beside it.
        let beside_a_pin = self.problem.frame().pinned(left).is_some()
            && self.roster.user(self.people[left.index()]).wants() > 1
            && self.flow.units(left) == 1;
        let mut found = if beside_a_pin {
            vec![None; rights.len()]
        } else {
            self.choices.who_pays_each(left, rights)
        };
        let open: Vec<Right> =
            rights.iter().zip(&found).filter(|(_, told)| told.is_none()).map(|(&r, _)| r).collect();
        let mut further = numbers.who_pays_each(left, &open).into_iter();
        for told in found.iter_mut().filter(|told| told.is_none()) {
            *told = further.next().flatten().map(|told| self.of_workers(&told));
        }
        found
    }

    /// What a change of numbers means: whoever goes to a stand-in has no worker there.
    fn of_workers(&self, told: &Consequence) -> Consequence {
        let workers = self.roster.workers().len();
        let worker = |right: Option<Right>| right.filter(|right| right.index() < workers);
        let moves = told.moves.iter().map(|change| Move {
            from: worker(change.from),
            to: worker(change.to),
            ..*change
        });
        Consequence {
            cost: told.cost,
            moves: moves.filter(|change| change.from != change.to).collect(),
        }
    }

    /// The most that any one of the others loses among those who have as many workers before and after, and whether any of them gains. Sums would
    /// not do: what one gains does not make up for what another loses.
    fn losses_of_others(&self, left: Left, told: &Consequence) -> (i64, bool) {
        let pairs = self.problem.pairs();
        let others = told.moves.iter().filter(|change| change.left != left);
        let losses = others.filter_map(|change| {
            let (from, to) = (change.from?, change.to?);
            Some(
                i64::from(pairs.cost(change.left, to)?) - i64::from(pairs.cost(change.left, from)?),
            )
        });
        losses.fold((0, told.get_a_place().any(|other| other != left)), |(most, gains), loss| {
            (most.max(loss), gains || loss < 0)
        })
    }

    fn told(&self, left: Left, id: &str, told: &Consequence) -> CostToOthers {
        let others_concerned = told.moves.iter().filter(|change| change.left != left).count();
        let (all, fewer): (Vec<Left>, Vec<Left>) = told
            .lose_a_place()
            .filter(|&other| other != left)
            .partition(|&other| self.flow.units(other) == 1);
        let mut would_wait_days: Vec<u32> =
            all.into_iter().map(|other| self.wait_days(other)).collect();
        would_wait_days.sort_unstable_by(|a, b| b.cmp(a));
        let (loss, somebody_gains) = self.losses_of_others(left, told);
        let effect = if !would_wait_days.is_empty() {
            Effect::SomebodyWaits
        } else if !fewer.is_empty() {
            Effect::OneFewer
        } else if loss > LITTLE_MAX {
            Effect::Less
        } else if loss > 0 {
            Effect::ALittleLess
        } else if somebody_gains {
            Effect::BetterOff
        } else {
            Effect::AsWellOff
        };
        let concerned = match others_concerned {
            0 => String::new(),
            1 => "one other person would be proposed somebody else, and".to_owned(),
            n => format!("{n} others would be proposed somebody else, and some of them"),
        };
        let words = match effect {
            Effect::SomebodyWaits => {
                let first = told.moves.first();
                let more = first.is_some_and(|own| own.left == left && own.from.is_none());
                let gains = match (self.flow.units(left), more) {
                    (0, _) => " This person would otherwise wait.",
                    (_, true) => " This person would otherwise have one worker fewer.",
                    (_, false) => "",
                };
                match would_wait_days[..] {
                    [days] => format!(
                        "Choosing {id} means that one person would wait longer: somebody who has waited {} would go without a place.{gains}",
                        days_words(days)
                    ),
                    _ => format!(
                        "Choosing {id} means that {} people would wait longer, the first of whom has waited {}.{gains}",
                        would_wait_days.len(),
                        days_words(would_wait_days.first().copied().unwrap_or(0))
                    ),
                }
            }
            Effect::OneFewer => match fewer.len() {
                1 => format!(
                    "Choosing {id} means that one other person, who would be given several workers, would be given one fewer."
                ),
                n => format!(
                    "Choosing {id} means that {n} others, who would be given several workers, would be given one fewer each."
                ),
            },
            Effect::Less => {
                format!("Choosing {id}: {concerned} would get less of what they asked for.")
            }
            Effect::ALittleLess => format!(
                "Choosing {id}: {concerned} would get a little less of what they asked for."
            ),
            Effect::BetterOff => {
                format!("Choosing {id} leaves everyone else as well off or better.")
            }
            Effect::AsWellOff | Effect::Proposed | Effect::NotPossible => {
                format!("Choosing {id} leaves everyone else as well off.")
            }
        };
        CostToOthers { effect, others_concerned, would_wait_days, words }
    }

    /// The workers with whom one place more would change something, those first that would let one more person be matched (the longest
    /// waiting first), then by id. One search for all workers, and one for the numbers where these come first.
    pub fn places_more(&self) -> Vec<OnePlaceMore> {
        let roster = self.roster;
        let mut out: Vec<OnePlaceMore> = Vec::new();
        let numbers = self.numbers.as_ref().map(Choices::all_with_a_place_more);
        let places = self.choices.all_with_a_place_more();
        for (place, (told, worker)) in places.into_iter().zip(roster.workers()).enumerate() {
            let number = numbers.as_ref().map(|numbers| &numbers[place]);
            let told = match number.filter(|number| number.cost != 0) {
                Some(number) => self.of_workers(number),
                None => told,
            };
            if told.cost == 0 {
                continue;
            }
            let id = &worker.id;
            // Whoever leaves a place to make another wait is not there: one place more takes nobody's.
            let served = told.get_a_place().next().filter(|_| told.lose_a_place().next().is_none());
            let (first, further) = match served {
                Some(left) if self.flow.units(left) == 0 => (Some(left), false),
                further => (None, further.is_some()),
            };
            let serves_wait_days = first.map(|left| self.wait_days(left));
            let words = match serves_wait_days {
                Some(days) => format!(
                    "One more place with {id} would serve one more person, who has waited {}.",
                    days_words(days)
                ),
                None if further => format!(
                    "One more place with {id} would give one more worker to somebody who wants several."
                ),
                None => {
                    format!("One more place with {id} would serve nobody more, but some better.")
                }
            };
            out.push(OnePlaceMore { worker_id: id.clone(), serves_wait_days, words });
        }
        out.sort_by(|a, b| {
            b.serves_wait_days.cmp(&a.serves_wait_days).then_with(|| a.worker_id.cmp(&b.worker_id))
        });
        out
    }

    /// What one place more with `worker` is good for, if anything.
    pub fn place_more(&self, worker: WorkerIx) -> Option<OnePlaceMore> {
        let id = &self.roster.worker(worker).id;
        self.places_more().into_iter().find(|told| told.worker_id == *id)
    }
}

fn days_words(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peermatch_model::policy::WHOLE;

    #[test]
    fn a_little_is_a_tenth_of_what_one_person_asked_for() {
        assert_eq!(LITTLE_MAX * 10, i64::from(WHOLE));
        assert_eq!(days_words(1), "1 day");
        assert_eq!(days_words(0), "0 days");
    }
}
