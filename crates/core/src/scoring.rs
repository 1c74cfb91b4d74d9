//! How much of what a person asked for a worker meets: values, fit and loss.
//!
//! Everything a person stated is a *term*: one criterion, one wish, one weight. Each wish is a term of its own, so that adding one never dilutes another;
//! the lived experiences that are wanted make one term together, and so do the preferred languages, the goals and the kinds of support. Every
//! criterion is one file of this folder: its value, its words for each audience, its tests.
//!
//! # Values
//! A term has a value in 0..=[`WHOLE`]: `max(known, floor)`, where *known* is what the worker's record says and *floor* is the
//! policy's constant for what a worker may keep to themselves (identity and lived experience), 0 for what a service records. A
//! record that says nothing knows 0, so silence costs at most `1 - floor` of that one wish, and is never guessed from anything else.
//!
//! # Fit and loss
//! With `a = weight * strength` (nice 1, important 2) over the terms, and `A0` = [`Policy::full_voice`]:
//!
//! ```text
//! fit  = sum a v / sum a                              shown; WHOLE if nothing was asked
//! loss = sum a (WHOLE - v) / max(A0, sum a)           minimised; 0 if nothing was asked
//! ```
//!
//! Up to `A0` adding a wish leaves what the others weigh in the loss unchanged; beyond it everybody has an equal say. A `must` is
//! a rule and no term: [`unmet_musts`] says which are not met. Both numbers are rounded to nearest, halves up, and shared out over the terms by
//! largest remainder (ties: the earlier term), so that the points of the parts add exactly.
//!
//! All is integer arithmetic. `a` is at most 2 · 10,000 and `v` at most 10^6, so that a 64-bit sum, with the factor 2 of rounding, has
//! room for more than 10^8 terms.
//!
//! # What nobody asked
//! A criterion reads a worker only through a term, and a term exists only because the person asked: what nobody asked about changes
//! nothing. [`Criterion::value`] is never called for somebody who did not ask.

/// Name and weight of a built-in criterion.
macro_rules! named {
    ($name:ident) => {
        fn name(&self) -> &str {
            peermatch_model::words::Words::word(peermatch_model::words::CriterionName::$name)
        }
        fn weight(&self, policy: &peermatch_model::policy::Policy) -> u32 {
            super::policy_weight(policy, peermatch_model::words::CriterionName::$name)
        }
    };
}

/// Name, weight and asks of a built-in criterion that a wish of the same name asks for.
macro_rules! of_wish {
    ($name:ident) => {
        named!($name);
        fn asks(
            &self,
            user: &peermatch_model::roster::ServiceUser,
            ask: &mut dyn FnMut(super::Ask),
        ) {
            super::ask_wishes(user, peermatch_model::words::WishAbout::$name, ask);
        }
    };
}

mod age;
mod cultural_competence;
mod gender;
mod goals;
mod identity;
mod interests;
mod iwi;
mod kaupapa;
mod language;
mod lived_experience;
mod mode;
mod named_worker;
mod place;
mod previous_worker;
mod shared_culture;
mod style;
mod support_types;
mod tags;
#[cfg(test)]
mod testing;
mod time;
mod travel;
mod voice;
mod worker;

use std::fmt;
use std::sync::Arc;

use peermatch_model::policy::{Policy, WEIGHT_MAX, WHOLE};
use peermatch_model::roster::{ServiceUser, UserIx, Wish};
use peermatch_model::words::{Audience, CriterionName, Strength, WishAbout, Words};
use serde::{Deserialize, Serialize};

use crate::pair::{Context, Pair};

pub use support_types::support_words;
pub use worker::{
    WorkerFit, WorkerPart, unmet_worker_musts, worker_fit, worker_loss, worker_musts_met,
    worker_words,
};

/// Where in a person's record a term comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A stated wish, by its place in [`ServiceUser::wishes`].
    Wish(usize),
    /// The lived experiences that are wanted, all together.
    Experiences,
    /// The preferred languages, all together.
    Languages,
    /// The goals, all together.
    Goals,
    /// The kinds of support, all together.
    SupportTypes,
    /// Something a criterion of an embedder's own keeps, by a number of its own.
    Own(usize),
}

/// Something that a person asked of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Where it stands.
    pub place: Place,
    /// How much it matters. Of a criterion of an embedder's own, `must` counts as `important`: rules are a closed list.
    pub strength: Strength,
}

/// What the records say of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// 0..=[`WHOLE`], before any floor. What is larger counts as [`WHOLE`].
    pub value: u32,
    /// Whether the records say anything; if not, the value is 0.
    pub told: bool,
}

impl Known {
    /// The records say nothing.
    pub const UNKNOWN: Self = Self { value: 0, told: false };
    /// Fully as wished.
    pub const MET: Self = Self { value: WHOLE, told: true };
    /// Not as wished.
    pub const NOT_MET: Self = Self { value: 0, told: true };

    /// A value that the records tell.
    pub fn of(value: u32) -> Self {
        Self { value, told: true }
    }

    /// As wished or not, or unknown.
    pub fn from_answer(answer: Option<bool>) -> Self {
        answer.map_or(Self::UNKNOWN, |yes| if yes { Self::MET } else { Self::NOT_MET })
    }
}

/// A thing that a person can ask for, and how far a worker meets it.
///
/// The built-in criteria implement this trait, and so can an embedder's own ([`Criteria::with`]). The rules for both:
/// - whoever asked nothing gets no [`Ask`], so that the criterion has no effect on them;
/// - a value depends on the pair alone: no clock, no chance, no order of calls;
/// - words tell what the pair holds and no more, without numbers or ranks for the person.
pub trait Criterion: fmt::Debug + Send + Sync {
    /// The criterion's name, unlike any other's.
    fn name(&self) -> &str;

    /// What one wish of strength `nice` weighs. More than [`WEIGHT_MAX`] counts as [`WEIGHT_MAX`]; 0 turns
    /// its terms off, never a `must`.
    fn weight(&self, policy: &Policy) -> u32;

    /// What a term is worth at least, whatever is known of the worker: for what a worker may keep to themselves.
    fn floor(&self, _policy: &Policy) -> u32 {
        0
    }

    /// What the person asks, each passed to `ask` once.
    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask));

    /// How far the worker meets what the person asked at `place`. Allocates nothing in the built-in criteria.
    fn value(&self, pair: &Pair<'_>, place: Place) -> Known;

    /// Whether a `must` at `place` is met: what is known must be the whole, and the unknown is unmet.
    fn meets_must(&self, pair: &Pair<'_>, place: Place) -> bool {
        self.value(pair, place).value >= WHOLE
    }

    /// A plain sentence about a part of the fit, or `None` if there is nothing to tell this audience.
    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String>;
}

/// The criteria of a run: the built-in ones and an embedder's own.
#[derive(Debug, Clone, Default)]
pub struct Criteria {
    own: Vec<Arc<dyn Criterion>>,
}

/// A criterion that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CriteriaError {
    /// Another criterion has the name.
    #[error("a criterion named `{0}` is already there: give yours another name")]
    NameTaken(String),
    /// The name is empty.
    #[error("a criterion needs a name")]
    NoName,
}

impl Criteria {
    /// The built-in criteria.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// These criteria and one more.
    ///
    /// # Errors
    /// [`CriteriaError`] if the name is empty or taken.
    pub fn with(mut self, criterion: impl Criterion + 'static) -> Result<Self, CriteriaError> {
        let name = criterion.name();
        if name.trim().is_empty() {
            return Err(CriteriaError::NoName);
        }
        if self.find(name).is_some() {
            return Err(CriteriaError::NameTaken(name.to_owned()));
        }
        self.own.push(Arc::new(criterion));
        Ok(self)
    }

    /// The criterion with this name.
    pub fn find(&self, name: &str) -> Option<&dyn Criterion> {
        self.iter().find(|c| c.name() == name)
    }

    /// Every criterion: the built-in ones in the order of [`CriterionName`], then the embedder's in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Criterion> {
        let own = self.own.iter().map(|c| -> &dyn Criterion { c.as_ref() });
        CriterionName::ALL.iter().map(|&name| -> &dyn Criterion { built_in(name) }).chain(own)
    }

    /// Every criterion with whether it is built in.
    fn marked(&self) -> impl Iterator<Item = (&dyn Criterion, bool)> {
        self.iter().enumerate().map(|(place, c)| (c, place < CriterionName::ALL.len()))
    }
}

/// The built-in criterion of a name.
fn built_in(name: CriterionName) -> &'static dyn Criterion {
    match name {
        CriterionName::LivedExperience => &lived_experience::LivedExperience,
        CriterionName::SharedCulture => &shared_culture::SharedCulture,
        CriterionName::CulturalCompetence => &cultural_competence::CulturalCompetence,
        CriterionName::Kaupapa => &kaupapa::Kaupapa,
        CriterionName::Iwi => &iwi::Iwi,
        CriterionName::Language => &language::PreferredLanguage,
        CriterionName::Gender => &gender::WishedGender,
        CriterionName::Age => &age::Age,
        CriterionName::SupportTypes => &support_types::SupportTypes,
        CriterionName::Goals => &goals::Goals,
        CriterionName::Mode => &mode::WishedMode,
        CriterionName::Place => &place::WishedPlace,
        CriterionName::Time => &time::Time,
        CriterionName::Travel => &travel::Travel,
        CriterionName::Style => &style::Style,
        CriterionName::Interests => &interests::Interests,
        CriterionName::NamedWorker => &named_worker::NamedWorker,
        CriterionName::PreviousWorker => &previous_worker::PreviousWorker,
    }
}

/// The criterion that a wish is judged by.
fn criterion_of(about: WishAbout) -> CriterionName {
    match about {
        WishAbout::Gender => CriterionName::Gender,
        WishAbout::Age => CriterionName::Age,
        WishAbout::SharedCulture => CriterionName::SharedCulture,
        WishAbout::CulturalCompetence => CriterionName::CulturalCompetence,
        WishAbout::Kaupapa => CriterionName::Kaupapa,
        WishAbout::Iwi => CriterionName::Iwi,
        WishAbout::LivedExperience => CriterionName::LivedExperience,
        WishAbout::Style => CriterionName::Style,
        WishAbout::Interests => CriterionName::Interests,
        WishAbout::Mode => CriterionName::Mode,
        WishAbout::Place => CriterionName::Place,
        WishAbout::Time => CriterionName::Time,
        WishAbout::Travel => CriterionName::Travel,
        WishAbout::NamedWorker => CriterionName::NamedWorker,
        WishAbout::PreviousWorker => CriterionName::PreviousWorker,
    }
}

/// The weight that the policy gives a built-in criterion.
fn policy_weight(policy: &Policy, name: CriterionName) -> u32 {
    policy.weights.get(&name).copied().unwrap_or(0)
}

/// Asks for every wish about `about`.
fn ask_wishes(user: &ServiceUser, about: WishAbout, ask: &mut dyn FnMut(Ask)) {
    for (place, wish) in user.wishes.iter().enumerate().filter(|(_, w)| w.about == about) {
        ask(Ask { place: Place::Wish(place), strength: wish.strength });
    }
}

/// The wish that a term comes from.
fn wish_at<'a>(pair: &Pair<'a>, place: Place) -> Option<&'a Wish> {
    match place {
        Place::Wish(place) => pair.user.wishes.get(place),
        _ => None,
    }
}

/// The place by which a `must` of a wish is judged.
fn must_place(wish_place: usize, about: WishAbout) -> Place {
    if about == WishAbout::LivedExperience { Place::Experiences } else { Place::Wish(wish_place) }
}

fn musts<'a>(pair: &'a Pair<'_>) -> impl Iterator<Item = (WishAbout, bool)> + 'a {
    pair.user.wishes.iter().enumerate().filter(|(_, w)| w.strength == Strength::Must).map(
        |(i, wish)| {
            (
                wish.about,
                built_in(criterion_of(wish.about)).meets_must(pair, must_place(i, wish.about)),
            )
        },
    )
}

/// Which `must` wishes of the person this worker does not meet, in the order of the person's wishes, each dimension once. What is not
/// known is not met. O(wishes).
pub fn unmet_musts(pair: &Pair<'_>) -> Vec<WishAbout> {
    let mut out: Vec<WishAbout> =
        musts(pair).filter(|&(_, met)| !met).map(|(about, _)| about).collect();
    out.dedup();
    out
}

/// Whether [`unmet_musts`] is empty, without allocating.
pub fn musts_met(pair: &Pair<'_>) -> bool {
    musts(pair).all(|(_, met)| met)
}

/// Whether and how far a term is met, for words.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// As wished.
    Met,
    /// In part.
    Partly,
    /// Not as wished.
    NotMet,
    /// The record says nothing.
    Unknown,
}

impl Met {
    /// What a known value means.
    pub fn of(known: Known) -> Self {
        if !known.told && known.value == 0 {
            Self::Unknown
        } else if known.value >= WHOLE {
            Self::Met
        } else if known.value > 0 {
            Self::Partly
        } else {
            Self::NotMet
        }
    }
}

/// What one term contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The criterion's name.
    pub criterion: String,
    /// Where the person asked.
    pub place: Place,
    /// `a`: the criterion's weight times the strength.
    pub weight: u32,
    /// The value that counts, 0..=[`WHOLE`].
    pub value: u32,
    /// The value before the floor, 0..=[`WHOLE`].
    pub known: u32,
    /// Its part of [`Fit::value`].
    pub fit_points: u32,
    /// Its part of [`Fit::loss`].
    pub loss_points: u32,
    /// Whether and how far it is met.
    pub met: Met,
}

impl Part {
    /// The built-in criterion this is of; `None` for an embedder's own.
    pub fn built_in(&self) -> Option<CriterionName> {
        CriterionName::from_word(&self.criterion)
    }
}

/// How much of what a person asked for a worker meets, with what each wish contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fit {
    /// The fit that is shown, 0..=[`WHOLE`]. The sum of all [`Part::fit_points`], unless nothing was asked.
    pub value: u32,
    /// Whether the person asked nothing that counts, so that the fit is [`WHOLE`] and says nothing.
    pub nothing_asked: bool,
    /// The loss that is minimised, 0..=[`WHOLE`]: the sum of all [`Part::loss_points`].
    pub loss: u32,
    /// One part a term: criteria in their order, within them the person's wishes in theirs.
    pub parts: Vec<Part>,
}

impl Fit {
    /// The fit before it is rounded, times the sum of the person's weights: what a person's own list is ordered by, so that two workers who
    /// differ by less than a millionth still stand in the order of their fits. 0 if nothing was asked.
    pub fn exact(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.weight) * u64::from(part.value)).sum()
    }
}

/// A person's terms, prepared once for many workers.
///
/// ```
/// use peermatch_core::pair::Context;
/// use peermatch_core::scoring::{Met, Scorer, words};
/// use peermatch_model::policy::Policy;
/// use peermatch_model::roster::Roster;
/// use peermatch_model::taxonomy::Taxonomy;
/// use peermatch_model::words::Audience;
///
/// let json = r#"{
///   "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "UTC", "services": [{"id": "s"}],
///   "people": [{"id": "p", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
///     "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
///     "wishes": [{"dimension": "style", "values": ["calm", "practical"], "strength": "important"},
///                {"dimension": "gender", "values": ["woman"], "strength": "nice"}]}],
///   "workers": [{"id": "w", "services": ["s"], "max_people": 8, "modes": ["telephone"], "availability": ["Mon 08:00-11:00"],
///     "languages": [{"tag": "en", "level": "whole"}], "styles": ["calm"]}]
/// }"#;
/// let roster = Roster::check(&serde_json::from_str(json)?, Taxonomy::shipped()).map_err(|faults| format!("{faults:?}"))?;
/// let policy = Policy::shipped();
/// let cx = Context::new(&roster, &policy);
/// let (user, worker) = (roster.find_user("p").ok_or("no p")?, roster.find_worker("w").ok_or("no w")?);
/// let (scorer, pair) = (Scorer::for_user(&cx, user), cx.pair(user, worker));
///
/// let fit = scorer.fit(&pair);
/// // Gender (weight 100) is not told and worth its floor of 0.2, half the styles (weight 200) are there.
/// assert_eq!(fit.value, 400_000);
/// assert_eq!(scorer.loss(&pair), (100 * 800_000 + 200 * 500_000) / policy.full_voice);
/// assert_eq!(fit.parts[0].met, Met::Unknown);
/// assert_eq!(words(&pair, &fit.parts[0], Audience::ServiceUser).as_deref(), Some("We cannot say: gender"));
/// assert_eq!(fit.parts.iter().map(|p| p.fit_points).sum::<u32>(), fit.value);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scorer<'a> {
    terms: Vec<Term<'a>>,
    /// Sum of all weights.
    sum: u64,
    /// What a loss is a share of: `max(A0, sum)`.
    voice: u64,
}

#[derive(Debug, Clone, Copy)]
struct Term<'a> {
    criterion: &'a dyn Criterion,
    place: Place,
    weight: u32,
    floor: u32,
}

impl Term<'_> {
    fn value(&self, pair: &Pair<'_>) -> (Known, u32) {
        let known = self.criterion.value(pair, self.place);
        (known, known.value.max(self.floor).min(WHOLE))
    }
}

impl<'a> Scorer<'a> {
    /// Prepares the terms of a person as recorded. O(criteria × wishes).
    pub fn for_user(cx: &'a Context<'_>, user: UserIx) -> Self {
        Self::for_record(cx, cx.roster.user(user))
    }

    /// Prepares the terms of a pair's person, as far as the pair holds them: for records redacted for an audience.
    pub fn for_pair(pair: &Pair<'a>) -> Self {
        Self::for_record(pair.cx, pair.user)
    }

    /// Prepares the terms of a person's record, whole or redacted.
    pub(crate) fn for_record(cx: &'a Context<'_>, user: &ServiceUser) -> Self {
        let policy = cx.policy;
        let mut terms = Vec::new();
        for (criterion, built_in) in cx.criteria.marked() {
            let weight = criterion.weight(policy).min(WEIGHT_MAX);
            let floor = criterion.floor(policy).min(WHOLE);
            criterion.asks(user, &mut |ask| {
                let strength = match ask.strength {
                    Strength::Must if !built_in => Strength::Important,
                    strength => strength,
                };
                let weight = weight * strength.factor();
                if weight > 0 {
                    terms.push(Term { criterion, place: ask.place, weight, floor });
                }
            });
        }
        let sum = terms.iter().map(|t| u64::from(t.weight)).sum();
        // At least 1, so that a loss is always a share of something.
        let voice = u64::from(policy.full_voice).max(sum).max(1);
        Self { terms, sum, voice }
    }

    /// The loss that is minimised, 0..=[`WHOLE`]. The pair must be of the person prepared. O(terms), allocates nothing.
    pub fn loss(&self, pair: &Pair<'_>) -> u32 {
        let lost = self
            .terms
            .iter()
            .map(|t| u64::from(t.weight) * u64::from(WHOLE - t.value(pair).1))
            .sum();
        rounded(lost, self.voice)
    }

    /// [`Fit::exact`] of the fit. The pair must be of the person prepared. O(terms), allocates nothing.
    pub fn exact(&self, pair: &Pair<'_>) -> u64 {
        self.terms.iter().map(|t| u64::from(t.weight) * u64::from(t.value(pair).1)).sum()
    }

    /// The fit that is shown, with its parts. The pair must be of the person prepared. O(terms log terms).
    pub fn fit(&self, pair: &Pair<'_>) -> Fit {
        let values: Vec<(Known, u32)> = self.terms.iter().map(|t| t.value(pair)).collect();
        let with = |worth: fn(u32) -> u32| -> Vec<u64> {
            self.terms
                .iter()
                .zip(&values)
                .map(|(t, &(_, v))| u64::from(t.weight) * u64::from(worth(v)))
                .collect()
        };
        let (value, fit_points) = shared_out(&with(|v| v), self.sum);
        let (loss, loss_points) = shared_out(&with(|v| WHOLE - v), self.voice);
        let points = fit_points.into_iter().zip(loss_points);
        let parts = self.terms.iter().zip(&values).zip(points).map(
            |((term, &(known, value)), (fit_points, loss_points))| Part {
                criterion: term.criterion.name().to_owned(),
                place: term.place,
                weight: term.weight,
                value,
                known: known.value.min(WHOLE),
                fit_points,
                loss_points,
                met: Met::of(known),
            },
        );
        let nothing_asked = self.terms.is_empty();
        Fit {
            value: if nothing_asked { WHOLE } else { value },
            nothing_asked,
            loss,
            parts: parts.collect(),
        }
    }

    /// Whether the person asked nothing that counts.
    pub fn nothing_asked(&self) -> bool {
        self.terms.is_empty()
    }
}

/// A plain sentence about a part, for an audience; `None` if there is nothing to tell it. The part must be of this pair.
pub fn words(pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
    pair.cx.criteria.find(&part.criterion)?.words(pair, part, audience)
}

/// `amount / whole`, rounded to nearest, halves up; `amount <= WHOLE * whole`.
fn rounded(amount: u64, whole: u64) -> u32 {
    u32::try_from((2 * amount + whole) / (2 * whole))
        .expect("a mean of values is at most the largest")
}

/// `part / whole` in units of 1 / [`WHOLE`], rounded to nearest, halves up; 0 of nothing.
fn portion(part: u64, whole: u64) -> u32 {
    if whole == 0 { 0 } else { rounded(part.min(whole) * u64::from(WHOLE), whole) }
}

/// The rounded sum of `amounts / whole`, and whole points for each that add to it: everybody gets the whole of theirs, and what is left goes
/// to the largest remainders, one each, earlier first. What has no remainder gets nothing extra: the sum is rounded up by less than one.
fn shared_out(amounts: &[u64], whole: u64) -> (u32, Vec<u32>) {
    if whole == 0 {
        return (0, vec![0; amounts.len()]);
    }
    let total = rounded(amounts.iter().sum(), whole);
    let mut points: Vec<u32> = amounts
        .iter()
        .map(|a| u32::try_from(a / whole).expect("a part is at most the total"))
        .collect();
    let left = total - points.iter().sum::<u32>();
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(amounts[i] % whole));
    for &i in order
        .iter()
        .take(usize::try_from(left).expect("fewer points are left than there are parts"))
    {
        points[i] += 1;
    }
    (total, points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_add_to_the_rounded_total() {
        assert_eq!(shared_out(&[1, 1, 1], 3), (1, vec![1, 0, 0]));
        assert_eq!(shared_out(&[1, 2, 4], 3), (2, vec![0, 1, 1]));
        assert_eq!(shared_out(&[], 0), (0, vec![]));
        assert_eq!(shared_out(&[3, 0, 3], 2), (3, vec![2, 0, 1]));
        assert_eq!(shared_out(&[0, 5], 10), (1, vec![0, 1]));
    }

    #[test]
    fn portions_round_to_nearest() {
        assert_eq!(
            [portion(1, 3), portion(2, 3), portion(0, 0), portion(5, 4)],
            [333_333, 666_667, 0, WHOLE]
        );
    }

    #[test]
    fn every_criterion_answers_to_its_own_name() {
        for &name in CriterionName::ALL {
            assert_eq!(built_in(name).name(), name.word());
        }
    }
}
