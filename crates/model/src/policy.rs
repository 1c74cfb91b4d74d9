//! Policy: what counts as a good match and what counts as fair, as a document with a name, a version and an approver.
//!
//! The default stands in `data/policy.toml` with its argument. A policy can weigh criteria, but it can never make a rule of
//! eligibility weaker, and it cannot use identity except on a person's own wish.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::fault::{At, Faults};
use crate::raw::{Field, Unknown, raw};
use crate::take;
use crate::words::{Contact, Coverage, CriterionName, Objective, Priorities, Proposing, Words};

/// The format version that a policy document names.
pub const POLICY_FORMAT: &str = "peermatch/policy@1";

/// The shipped policy, as a document.
pub const DEFAULT_POLICY_TOML: &str = include_str!("../data/policy.toml");

/// What fit and loss are measured in: one whole.
pub const WHOLE: u32 = 1_000_000;

/// The size of a grade of fit where a policy does not say it: a twentieth of [`WHOLE`].
pub const DEFAULT_FIT_GRADE: u32 = 50_000;

/// The weight of a criterion that a policy does not mention.
pub const DEFAULT_WEIGHT: u32 = 100;

/// The largest weight a policy may give.
pub const WEIGHT_MAX: u32 = 10_000;

raw! {
    /// A policy as read.
    PolicyInput {
        /// [`POLICY_FORMAT`].
        format: String,
        /// Name.
        name: String,
        /// Version.
        version: String,
        /// Who approved it.
        approved_by: String,
        /// What the assignment optimises.
        objective: Objective,
        /// Who is served when places are short.
        coverage: Coverage,
        /// Under coverage `total`: what waiting costs, in millionths of a whole loss.
        waiting_price: u32,
        /// Under `max-min` and `leximin`: how much loss makes a grade, in millionths; 1 compares exact values (default 50,000, twenty grades).
        fit_grade: u32,
        /// Under `stable`: who asks and who answers (default `people`).
        proposing: Proposing,
        /// Under `stable`: how workers rank people (default `waiting`).
        priorities: Priorities,
        /// How much of a worker's own wishes counts, 0 to 100.
        mutual_percent: u32,
        /// How many important wishes (at the default weight) make a full voice; up to there a wish weakens no other.
        full_voice_wishes: u32,
        /// What not telling is worth at least, 0 to 100.
        unknown_floor_percent: FloorsInput,
        /// Per criterion: its weight.
        criteria: BTreeMap<String, Field<CriterionInput>>,
        /// Numbers of the rules.
        rules: RulesInput,
        /// How long journeys take.
        travel: TravelInput,
        /// What one person is of a worker's load, by contact.
        load: LoadInput,
        /// Limits of a run beside the caseloads.
        limits: PolicyLimitsInput,
        /// The least mean fit of groups.
        floors: Vec<Field<FloorInput>>,
    }
}

raw! {
    /// What one person is of a worker's load, in hundredths of one weekly contact.
    LoadInput {
        /// Every week (default 100).
        weekly: u32,
        /// Every other week (default 60).
        fortnightly: u32,
        /// Once a month (default 30).
        monthly: u32,
        /// In a group (default 10).
        group: u32,
    }
}

raw! {
    /// Limits of a run beside the caseloads.
    PolicyLimitsInput {
        /// New people that one worker starts with in a week at most.
        new_starts_per_week: u32,
        /// How many weeks the run plans for (default 1): who starts when is said per match.
        weeks: u32,
        /// New people that one worker is given at most on their wish for the worker's culture, iwi or language.
        culture_load_max: u32,
    }
}

raw! {
    /// The least mean fit of a group, among those of it who are matched.
    FloorInput {
        /// The code system of the group's identity, as in the roster's `codes`.
        system: String,
        /// The code: everybody whose own identity is this one or narrower.
        code: String,
        /// Or a language: everybody who asked for it.
        language: String,
        /// The mean fit, in percent.
        mean_fit_percent: u32,
        /// The floor holds only where this many of the group are to be matched (default 10, at least 5).
        at_least_people: u32,
    }
}

raw! {
    /// What not telling is worth at least, in percent.
    FloorsInput {
        /// For lived experience.
        lived_experience: u32,
        /// For identity (gender, age, culture, iwi).
        identity: u32,
    }
}

raw! {
    /// How one criterion counts.
    CriterionInput {
        /// Its weight (default 100).
        weight: u32,
        /// For criteria that read identity: must be true, which says that they are used on a person's own wish alone.
        requires_preference: bool,
    }
}

raw! {
    /// Numbers of the rules.
    RulesInput {
        /// The shortest common time that makes a meeting, minutes.
        meeting_minutes: u32,
        /// Common time beyond which more adds nothing, minutes a week.
        enough_minutes: u32,
        /// A worker who leaves within this many days takes nobody new.
        leaving_notice_days: u32,
        /// How long supervision may be overdue before a worker takes nobody new, days.
        supervision_grace_days: u32,
    }
}

raw! {
    /// How long journeys take: a start and minutes per kilometre as the crow flies, by transport.
    TravelInput {
        /// On foot.
        walk: PaceInput,
        /// By public transport.
        public: PaceInput,
        /// By car.
        car: PaceInput,
    }
}

raw! {
    /// One way of getting around.
    PaceInput {
        /// Minutes before anything moves.
        start_min: u32,
        /// Tenths of a minute per kilometre.
        per_km_tenths: u32,
    }
}

/// A checked policy. Only [`Policy::check`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Policy {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Who approved it; empty if nobody yet.
    pub approved_by: String,
    /// What the assignment optimises.
    pub objective: Objective,
    /// Who is served when places are short.
    pub coverage: Coverage,
    /// Under coverage `total`: what waiting costs.
    pub waiting_price: u32,
    /// Under `max-min` and `leximin`: losses (above a person's least) that differ by less than this may count as the same grade.
    // Only written for the hash where it is not the default, so that policies which do not know it keep their hash.
    #[serde(skip_serializing_if = "is_default_grade")]
    pub fit_grade: u32,
    /// Under `stable`: who asks and who answers.
    #[serde(skip_serializing_if = "is_default_proposing")]
    pub proposing: Proposing,
    /// Under `stable`: how workers rank people.
    #[serde(skip_serializing_if = "is_default_priorities")]
    pub priorities: Priorities,
    /// How much of a worker's own wishes counts, percent.
    pub mutual_percent: u32,
    /// `A0`: the sum of weights at which a voice is full (scoring: the denominator of loss is at least this).
    pub full_voice: u32,
    /// What not telling a lived experience is worth at least, of [`WHOLE`].
    pub floor_lived_experience: u32,
    /// What not telling an identity is worth at least, of [`WHOLE`].
    pub floor_identity: u32,
    /// Weight of every built-in criterion.
    pub weights: BTreeMap<CriterionName, u32>,
    /// Numbers of the rules.
    pub rules: Rules,
    /// How long journeys take.
    pub travel: Travel,
    // What follows is only written for the hash where it is stated, so that policies without it keep their hash.
    /// What one person is of a worker's load.
    #[serde(skip_serializing_if = "Load::is_shipped")]
    pub load: Load,
    /// Limits of a run beside the caseloads.
    #[serde(skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// The least mean fit of groups, in the order of their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub floors: Vec<Floor>,
}

/// What one person is of a worker's load, in hundredths of one weekly contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Load {
    /// Every week.
    pub weekly: u32,
    /// Every other week.
    pub fortnightly: u32,
    /// Once a month.
    pub monthly: u32,
    /// In a group.
    pub group: u32,
}

impl Load {
    /// What stands where a policy says nothing.
    pub const SHIPPED: Self = Self { weekly: 100, fortnightly: 60, monthly: 30, group: 10 };

    fn is_shipped(&self) -> bool {
        *self == Self::SHIPPED
    }

    /// The load of a person with this contact; who told none counts as weekly.
    pub fn of(&self, contact: Option<Contact>) -> u32 {
        match contact {
            None | Some(Contact::Weekly) => self.weekly,
            Some(Contact::Fortnightly) => self.fortnightly,
            Some(Contact::Monthly) => self.monthly,
            Some(Contact::Group) => self.group,
        }
    }
}

/// Limits of a run beside the caseloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Limits {
    /// New people that one worker starts with in a week at most.
    pub new_starts_per_week: Option<u32>,
    /// How many weeks the run plans for.
    pub weeks: u32,
    /// New people that one worker is given at most on their wish for the worker's culture, iwi or language.
    pub culture_load_max: Option<u32>,
}

impl Limits {
    /// What stands where a policy says nothing.
    pub const NONE: Self = Self { new_starts_per_week: None, weeks: 1, culture_load_max: None };

    fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

/// The least mean fit of a group, among those of it who are matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Floor {
    /// Who is in the group.
    pub group: FloorGroup,
    /// The mean fit, in percent.
    pub mean_fit_percent: u32,
    /// The floor holds only where this many of the group are to be matched.
    pub at_least_people: u32,
}

/// Who is in a group: told by themselves, or asked for by themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum FloorGroup {
    /// Everybody whose own identity is this code or narrower.
    Code {
        /// Code system.
        system: String,
        /// Code.
        code: String,
    },
    /// Everybody who asked for this language.
    Language(String),
}

impl std::fmt::Display for FloorGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code { system, code } => write!(f, "people of {system}:{code}"),
            Self::Language(tag) => write!(f, "people who asked for the language {tag}"),
        }
    }
}

/// Numbers of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rules {
    /// The shortest common time that makes a meeting, minutes.
    pub meeting_minutes: u32,
    /// Common time beyond which more adds nothing, minutes a week.
    pub enough_minutes: u32,
    /// A worker who leaves within this many days takes nobody new.
    pub leaving_notice_days: u32,
    /// How long supervision may be overdue, days.
    pub supervision_grace_days: u32,
}

/// How long journeys take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Travel {
    /// On foot.
    pub walk: Pace,
    /// By public transport.
    pub public: Pace,
    /// By car.
    pub car: Pace,
}

/// One way of getting around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Minutes before anything moves.
    pub start_min: u32,
    /// Tenths of a minute per kilometre.
    pub per_km_tenths: u32,
}

impl Pace {
    /// Minutes for a way of `metres` as the crow flies, rounded up.
    pub fn minutes(self, metres: u32) -> u32 {
        let moving = u64::from(metres) * u64::from(self.per_km_tenths);
        self.start_min.saturating_add(u32::try_from(moving.div_ceil(10_000)).unwrap_or(u32::MAX))
    }
}

impl Policy {
    /// The shipped policy; `data/policy.toml` says the same in words (tested where TOML is read).
    pub fn shipped() -> Self {
        let input = PolicyInput {
            format: POLICY_FORMAT.to_owned().into(),
            name: "even-hand".to_owned().into(),
            version: "1".to_owned().into(),
            approved_by: "shipped default: no service has approved it yet".to_owned().into(),
            ..PolicyInput::default()
        };
        Self::check(&input).expect("the shipped policy is a right one")
    }

    /// The policy as a document with every member written out, for files that must bind it. Checking it gives this policy back.
    pub fn to_input(&self) -> PolicyInput {
        let percent = |floor: u32| Field::Given(floor / (WHOLE / 100));
        let pace = |pace: Pace| {
            Field::Given(PaceInput {
                start_min: pace.start_min.into(),
                per_km_tenths: pace.per_km_tenths.into(),
                ..PaceInput::default()
            })
        };
        let criterion = |(&name, &weight): (&CriterionName, &u32)| {
            let requires_preference =
                if name.reads_identity() { Field::Given(true) } else { Field::Absent };
            let input = CriterionInput {
                weight: weight.into(),
                requires_preference,
                ..CriterionInput::default()
            };
            (name.word().to_owned(), Field::Given(input))
        };
        PolicyInput {
            format: POLICY_FORMAT.to_owned().into(),
            name: self.name.clone().into(),
            version: self.version.clone().into(),
            approved_by: self.approved_by.clone().into(),
            objective: self.objective.into(),
            coverage: self.coverage.into(),
            waiting_price: self.waiting_price.into(),
            fit_grade: self.fit_grade.into(),
            proposing: self.proposing.into(),
            priorities: self.priorities.into(),
            mutual_percent: self.mutual_percent.into(),
            full_voice_wishes: (self.full_voice / (2 * DEFAULT_WEIGHT)).into(),
            unknown_floor_percent: Field::Given(FloorsInput {
                lived_experience: percent(self.floor_lived_experience),
                identity: percent(self.floor_identity),
                ..FloorsInput::default()
            }),
            criteria: Field::Given(self.weights.iter().map(criterion).collect()),
            rules: Field::Given(RulesInput {
                meeting_minutes: self.rules.meeting_minutes.into(),
                enough_minutes: self.rules.enough_minutes.into(),
                leaving_notice_days: self.rules.leaving_notice_days.into(),
                supervision_grace_days: self.rules.supervision_grace_days.into(),
                ..RulesInput::default()
            }),
            travel: Field::Given(TravelInput {
                walk: pace(self.travel.walk),
                public: pace(self.travel.public),
                car: pace(self.travel.car),
                ..TravelInput::default()
            }),
            load: self.load_input(),
            limits: self.limits_input(),
            floors: self.floors_input(),
            ..PolicyInput::default()
        }
    }

    /// The same policy with another objective, and, if given, another side that proposes: for runs that compare objectives.
    #[must_use]
    pub fn with_objective(mut self, objective: Objective, proposing: Option<Proposing>) -> Self {
        self.objective = objective;
        self.proposing = proposing.unwrap_or(self.proposing);
        self
    }

    // What a policy may leave out is left out where it says nothing, so that documents stay as they are without it.
    fn load_input(&self) -> Field<LoadInput> {
        if self.load.is_shipped() {
            return Field::Absent;
        }
        Field::Given(LoadInput {
            weekly: self.load.weekly.into(),
            fortnightly: self.load.fortnightly.into(),
            monthly: self.load.monthly.into(),
            group: self.load.group.into(),
            ..LoadInput::default()
        })
    }

    fn limits_input(&self) -> Field<PolicyLimitsInput> {
        if self.limits.is_none() {
            return Field::Absent;
        }
        let given = |value: Option<u32>| value.map_or(Field::Absent, Field::Given);
        Field::Given(PolicyLimitsInput {
            new_starts_per_week: given(self.limits.new_starts_per_week),
            weeks: self.limits.weeks.into(),
            culture_load_max: given(self.limits.culture_load_max),
            ..PolicyLimitsInput::default()
        })
    }

    fn floors_input(&self) -> Field<Vec<Field<FloorInput>>> {
        if self.floors.is_empty() {
            return Field::Absent;
        }
        let floor = |floor: &Floor| {
            let mut input = FloorInput {
                mean_fit_percent: floor.mean_fit_percent.into(),
                at_least_people: floor.at_least_people.into(),
                ..FloorInput::default()
            };
            match &floor.group {
                FloorGroup::Code { system, code } => {
                    input.system = system.clone().into();
                    input.code = code.clone().into();
                }
                FloorGroup::Language(tag) => input.language = tag.clone().into(),
            }
            Field::Given(input)
        };
        Field::Given(self.floors.iter().map(floor).collect())
    }

    /// The weight of a built-in criterion.
    pub fn weight(&self, criterion: CriterionName) -> u32 {
        self.weights.get(&criterion).copied().unwrap_or(DEFAULT_WEIGHT)
    }

    /// Checks a policy; absent members take the defaults of the shipped policy.
    ///
    /// # Errors
    /// Every fault at once, by JSON pointer.
    pub fn check(input: &PolicyInput) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let f = &mut faults;
        let root = At::root();
        take::unknown(f, &root, &input.unknown, PolicyInput::MEMBERS);
        if let Some(format) = take::required(
            f,
            &root.key("format"),
            &input.format,
            &format!("write format = \"{POLICY_FORMAT}\""),
        ) && format != POLICY_FORMAT
        {
            f.report(
                &root.key("format"),
                format,
                "not a format this version reads",
                format!("write {POLICY_FORMAT}"),
            );
        }
        let name = take::required(f, &root.key("name"), &input.name, "give the policy a name")
            .unwrap_or_default();
        let version = take::required(
            f,
            &root.key("version"),
            &input.version,
            "give the policy a version, such as \"1\"",
        )
        .unwrap_or_default();
        let approved_by =
            take::optional(f, &root.key("approved_by"), &input.approved_by).unwrap_or_default();
        let objective = take::optional(f, &root.key("objective"), &input.objective)
            .unwrap_or(Objective::BestTotal);
        let coverage = take::optional(f, &root.key("coverage"), &input.coverage)
            .unwrap_or(Coverage::LongestWait);
        let waiting_price =
            number(f, &root.key("waiting_price"), &input.waiting_price, 0..=10 * WHOLE, 2 * WHOLE);
        let fit_grade =
            number(f, &root.key("fit_grade"), &input.fit_grade, 1..=WHOLE, DEFAULT_FIT_GRADE);
        let proposing = take::optional(f, &root.key("proposing"), &input.proposing)
            .unwrap_or(Proposing::People);
        let priorities = take::optional(f, &root.key("priorities"), &input.priorities)
            .unwrap_or(Priorities::Waiting);
        let mutual_percent =
            number(f, &root.key("mutual_percent"), &input.mutual_percent, 0..=100, 20);
        let wishes =
            number(f, &root.key("full_voice_wishes"), &input.full_voice_wishes, 1..=100, 4);

        let at = root.key("unknown_floor_percent");
        let floors = take::optional(f, &at, &input.unknown_floor_percent).unwrap_or_default();
        take::unknown(f, &at, &floors.unknown, FloorsInput::MEMBERS);
        let floor_lived_experience =
            number(f, &at.key("lived_experience"), &floors.lived_experience, 0..=100, 20)
                * (WHOLE / 100);
        let floor_identity =
            number(f, &at.key("identity"), &floors.identity, 0..=100, 20) * (WHOLE / 100);

        let mut weights: BTreeMap<CriterionName, u32> =
            CriterionName::ALL.iter().map(|&c| (c, DEFAULT_WEIGHT)).collect();
        let at = root.key("criteria");
        for (key, field) in take::optional(f, &at, &input.criteria).unwrap_or_default() {
            let at = at.key(&key);
            let Some(criterion) = CriterionName::from_word(&key) else {
                // Its value says nothing: the name is what is wrong.
                let unknown: Unknown = [(key.clone(), serde_json::Value::Null)].into();
                let known: Vec<&'static str> =
                    CriterionName::ALL.iter().map(|c| c.word()).collect();
                take::unknown(f, &root.key("criteria"), &unknown, &known);
                continue;
            };
            let Some(one) = take::optional(f, &at, &field) else { continue };
            take::unknown(f, &at, &one.unknown, CriterionInput::MEMBERS);
            let weight = number(f, &at.key("weight"), &one.weight, 0..=WEIGHT_MAX, DEFAULT_WEIGHT);
            let flag = take::optional(f, &at.key("requires_preference"), &one.requires_preference);
            if criterion.reads_identity() && weight > 0 && flag != Some(true) {
                f.report(
                    &at.key("requires_preference"),
                    flag.map_or(String::new(), |b| b.to_string()),
                    format!("`{criterion}` reads who somebody is, so it may be used on a person's own wish alone"),
                    "write requires_preference = true, or weight = 0",
                );
            }
            weights.insert(criterion, weight);
        }

        let at = root.key("rules");
        let rules = take::optional(f, &at, &input.rules).unwrap_or_default();
        take::unknown(f, &at, &rules.unknown, RulesInput::MEMBERS);
        let meeting_minutes =
            number(f, &at.key("meeting_minutes"), &rules.meeting_minutes, 15..=480, 60);
        let rules = Rules {
            meeting_minutes,
            enough_minutes: number(
                f,
                &at.key("enough_minutes"),
                &rules.enough_minutes,
                15..=10_080,
                240,
            ),
            leaving_notice_days: number(
                f,
                &at.key("leaving_notice_days"),
                &rules.leaving_notice_days,
                0..=365,
                28,
            ),
            supervision_grace_days: number(
                f,
                &at.key("supervision_grace_days"),
                &rules.supervision_grace_days,
                0..=365,
                0,
            ),
        };

        let at = root.key("travel");
        let travel = take::optional(f, &at, &input.travel).unwrap_or_default();
        take::unknown(f, &at, &travel.unknown, TravelInput::MEMBERS);
        let travel = Travel {
            walk: pace(f, &at.key("walk"), &travel.walk, Pace { start_min: 0, per_km_tenths: 160 }),
            public: pace(
                f,
                &at.key("public"),
                &travel.public,
                Pace { start_min: 10, per_km_tenths: 40 },
            ),
            car: pace(f, &at.key("car"), &travel.car, Pace { start_min: 5, per_km_tenths: 15 }),
        };

        let policy = Self {
            name,
            version,
            approved_by,
            objective,
            coverage,
            waiting_price,
            fit_grade,
            proposing,
            priorities,
            mutual_percent,
            full_voice: wishes * 2 * DEFAULT_WEIGHT,
            floor_lived_experience,
            floor_identity,
            weights,
            rules,
            travel,
            load: load(f, &root.key("load"), &input.load),
            limits: limits(f, &root.key("limits"), &input.limits),
            floors: floors_of_groups(f, &root.key("floors"), &input.floors),
        };
        faults.into_result(policy)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_default_grade(grade: &u32) -> bool {
    *grade == DEFAULT_FIT_GRADE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_default_proposing(proposing: &Proposing) -> bool {
    *proposing == Proposing::People
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_default_priorities(priorities: &Priorities) -> bool {
    *priorities == Priorities::Waiting
}

fn number(
    faults: &mut Faults,
    at: &At<'_>,
    field: &Field<u32>,
    range: std::ops::RangeInclusive<u32>,
    default: u32,
) -> u32 {
    let Some(value) = take::optional(faults, at, field) else { return default };
    if range.contains(&value) {
        return value;
    }
    faults.report(
        at,
        value,
        "outside the range this can have",
        format!("write a whole number from {} to {}", range.start(), range.end()),
    );
    default
}

fn load(faults: &mut Faults, at: &At<'_>, field: &Field<LoadInput>) -> Load {
    let input = take::optional(faults, at, field).unwrap_or_default();
    take::unknown(faults, at, &input.unknown, LoadInput::MEMBERS);
    let mut one = |key: &str, field: &Field<u32>, default: u32| {
        number(faults, &at.key(key), field, 0..=1_000, default)
    };
    Load {
        weekly: one("weekly", &input.weekly, Load::SHIPPED.weekly),
        fortnightly: one("fortnightly", &input.fortnightly, Load::SHIPPED.fortnightly),
        monthly: one("monthly", &input.monthly, Load::SHIPPED.monthly),
        group: one("group", &input.group, Load::SHIPPED.group),
    }
}

fn limits(faults: &mut Faults, at: &At<'_>, field: &Field<PolicyLimitsInput>) -> Limits {
    let input = take::optional(faults, at, field).unwrap_or_default();
    take::unknown(faults, at, &input.unknown, PolicyLimitsInput::MEMBERS);
    let given = |faults: &mut Faults, key: &str, field: &Field<u32>, range| {
        let value = number(faults, &at.key(key), field, range, 0);
        (!field.is_absent()).then_some(value)
    };
    let new_starts_per_week =
        given(faults, "new_starts_per_week", &input.new_starts_per_week, 1..=1_000);
    let weeks = number(faults, &at.key("weeks"), &input.weeks, 1..=52, 1);
    if new_starts_per_week.is_none() && weeks > 1 {
        faults.report(
            &at.key("weeks"),
            weeks,
            "weeks mean nothing without a number of new starts per week",
            "write new_starts_per_week too, or take this away",
        );
    }
    Limits {
        new_starts_per_week,
        weeks,
        culture_load_max: given(faults, "culture_load_max", &input.culture_load_max, 0..=1_000),
    }
}

fn floors_of_groups(
    faults: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<FloorInput>>>,
) -> Vec<Floor> {
    let mut out: Vec<Floor> = Vec::new();
    take::each(faults, at, rows, |f, at, _, row| {
        take::unknown(f, at, &row.unknown, FloorInput::MEMBERS);
        let system = take::optional(f, &at.key("system"), &row.system);
        let code = take::optional(f, &at.key("code"), &row.code);
        let language = take::optional(f, &at.key("language"), &row.language);
        let group = match (system, code, language) {
            (Some(system), Some(code), None) => Some(FloorGroup::Code { system, code }),
            (None, None, Some(language)) => Some(FloorGroup::Language(language)),
            _ => {
                let fix = "write system and code, or language alone";
                f.report(at, "", "this does not say one group", fix);
                None
            }
        };
        let fit_at = at.key("mean_fit_percent");
        let fix = "write the least mean fit in percent, such as 60";
        if row.mean_fit_percent.is_absent() {
            f.report(&fit_at, "", "nothing stands here, but it is needed", fix);
        }
        let mean_fit_percent = number(f, &fit_at, &row.mean_fit_percent, 0..=100, 0);
        let people_at = at.key("at_least_people");
        let at_least_people = number(f, &people_at, &row.at_least_people, 5..=1_000_000, 10);
        let Some(group) = group else { return };
        if out.iter().any(|floor| floor.group == group) {
            f.report(at, &group, "this group has a floor already", "keep one of the two");
            return;
        }
        out.push(Floor { group, mean_fit_percent, at_least_people });
    });
    out.sort();
    out
}

fn pace(faults: &mut Faults, at: &At<'_>, field: &Field<PaceInput>, default: Pace) -> Pace {
    let Some(input) = take::optional(faults, at, field) else { return default };
    take::unknown(faults, at, &input.unknown, PaceInput::MEMBERS);
    Pace {
        start_min: number(
            faults,
            &at.key("start_min"),
            &input.start_min,
            0..=120,
            default.start_min,
        ),
        per_km_tenths: number(
            faults,
            &at.key("per_km_tenths"),
            &input.per_km_tenths,
            0..=1_000,
            default.per_km_tenths,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(json: &str) -> PolicyInput {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn identity_needs_the_persons_own_wish() {
        let faults = Policy::check(&input(r#"{"format":"peermatch/policy@1","name":"n","version":"1","criteria":{"gender":{"weight":5}}}"#)).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults.iter().next().unwrap().pointer, "/criteria/gender/requires_preference");
    }

    #[test]
    fn limits_and_floors_are_read_and_go_the_whole_round() {
        let policy = Policy::check(&input(
            r#"{"format":"peermatch/policy@1","name":"n","version":"1","load":{"fortnightly":50},
            "limits":{"new_starts_per_week":1,"weeks":4,"culture_load_max":0},
            "floors":[{"language":"mi","mean_fit_percent":60},{"system":"e","code":"2","mean_fit_percent":5,"at_least_people":5}]}"#,
        ))
        .unwrap();
        assert_eq!(policy.load, Load { fortnightly: 50, ..Load::SHIPPED });
        assert_eq!(policy.load.of(Some(Contact::Fortnightly)), 50);
        assert_eq!(policy.load.of(None), 100);
        assert_eq!(policy.limits.culture_load_max, Some(0));
        assert_eq!((policy.limits.new_starts_per_week, policy.limits.weeks), (Some(1), 4));
        let floors: Vec<(String, u32)> =
            policy.floors.iter().map(|f| (f.group.to_string(), f.at_least_people)).collect();
        let expected = [("people of e:2", 5), ("people who asked for the language mi", 10)];
        assert_eq!(floors, expected.map(|(group, least)| (group.to_owned(), least)));
        assert_eq!(Policy::check(&policy.to_input()), Ok(policy));
        // Without any of it, nothing of it is written: hashes and documents stay as they were.
        let written = serde_json::to_string(&Policy::shipped()).unwrap();
        assert!(
            !written.contains("load") && !written.contains("limits") && !written.contains("floors")
        );
        let written = serde_json::to_string(&Policy::shipped().to_input()).unwrap();
        assert!(!written.contains("\"load\"") && !written.contains("floors"));
    }

    #[test]
    fn wrong_limits_and_floors_are_faults() {
        let faults = Policy::check(&input(
            r#"{"format":"peermatch/policy@1","name":"n","version":"1","load":{"weekly":1001,"dayly":1},
            "limits":{"new_starts_per_week":0,"culture_max":1},
            "floors":[{"language":"mi"},{"system":"e","mean_fit_percent":101},{"language":"sm","mean_fit_percent":1,"at_least_people":4},
            {"language":"sm","mean_fit_percent":2}]}"#,
        ))
        .unwrap_err();
        let mut pointers: Vec<&str> = faults.iter().map(|f| f.pointer.as_str()).collect();
        pointers.sort_unstable();
        let expected = [
            "/floors/0/mean_fit_percent",
            "/floors/1",
            "/floors/1/mean_fit_percent",
            "/floors/2/at_least_people",
            "/floors/3",
            "/limits/culture_max",
            "/limits/new_starts_per_week",
            "/load/dayly",
            "/load/weekly",
        ];
        assert_eq!(pointers, expected);
        let weeks = Policy::check(&input(
            r#"{"format":"peermatch/policy@1","name":"n","version":"1","limits":{"weeks":2}}"#,
        ));
        assert_eq!(weeks.unwrap_err().iter().next().unwrap().pointer, "/limits/weeks");
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let faults = Policy::check(&input(
            r#"{"format":"x","version":1,"objectve":"best-total","coverage":"fastest","mutual_percent":101,"criteria":{"gendr":{}},"rules":{"meeting_minutes":5}}"#,
        ))
        .unwrap_err();
        let pointers: Vec<&str> = faults.iter().map(|f| f.pointer.as_str()).collect();
        for at in [
            "/objectve",
            "/format",
            "/name",
            "/version",
            "/coverage",
            "/mutual_percent",
            "/criteria/gendr",
            "/rules/meeting_minutes",
        ] {
            assert!(pointers.contains(&at), "{at} in {pointers:?}");
        }
        let slip = faults.iter().find(|f| f.pointer == "/criteria/gendr").unwrap();
        assert_eq!(slip.value, "", "a name that is not known has no value worth showing");
    }

    #[test]
    fn a_written_policy_reads_back() {
        let policy = Policy::shipped();
        let text = serde_json::to_string(&policy.to_input()).unwrap();
        assert_eq!(Policy::check(&input(&text)).unwrap(), policy);
    }

    #[test]
    fn an_unknown_objective_is_told_the_known_ones() {
        let faults = Policy::check(&input(
            r#"{"format":"peermatch/policy@1","name":"n","version":"1","objective":"fairest","fit_grade":0,"proposing":"both"}"#,
        ))
        .unwrap_err();
        let told = faults.to_string();
        for word in Objective::ALL.iter().map(|o| o.word()).chain(["people", "workers"]) {
            assert!(told.contains(word), "{word} in {told}");
        }
        assert_eq!(faults.len(), 3);
    }

    #[test]
    fn what_a_policy_does_not_use_leaves_no_trace_in_it() {
        let text = |policy: &Policy| serde_json::to_string(policy).unwrap();
        let shipped = Policy::shipped();
        assert!(!text(&shipped).contains("fit_grade") && !text(&shipped).contains("proposing"));
        let other = shipped.clone().with_objective(Objective::Stable, Some(Proposing::Workers));
        assert!(text(&other).contains("proposing"));
        assert_eq!(other.with_objective(Objective::BestTotal, Some(Proposing::People)), shipped);
    }

    #[test]
    fn journeys_round_up() {
        assert_eq!(Pace { start_min: 5, per_km_tenths: 15 }.minutes(1_000), 7);
        assert_eq!(Pace { start_min: 0, per_km_tenths: 160 }.minutes(0), 0);
    }
}
