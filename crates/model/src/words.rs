//! The closed word lists of the house: one enum each, with the word that stands in files, on the wire and in reports.
//!
//! An unknown word is a fault that lists the known ones. Open lists (styles, interests, areas, training codes) are
//! [`crate::roster::Tag`]s instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A word list: every value and its spelling.
pub trait Words: Copy + Eq + Ord + Sized + 'static {
    /// Every value, in the documented order.
    const ALL: &'static [Self];
    /// What the list is called in a fault.
    const LIST: &'static str;
    /// The spelling in files.
    fn word(self) -> &'static str;
    /// The value with this spelling (case and surrounding space do not matter).
    fn from_word(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL.iter().copied().find(|v| v.word().eq_ignore_ascii_case(word))
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }
        impl Words for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const LIST: &'static str = $list;
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl crate::raw::Raw for $name {}
        #[cfg(test)]
        crate::raw::oracle::plain!($name);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// How much a wish matters to whoever stated it.
    Strength, "strength" {
        /// Nice to have: counts once.
        Nice = "nice",
        /// Important: counts twice.
        Important = "important",
        /// A rule, not a weight: pairs that do not meet it are not eligible.
        Must = "must",
    }
}

words! {
    /// How often a person meets a worker: what one person is of a worker's load.
    Contact, "contact" {
        /// Every week.
        Weekly = "weekly",
        /// Every other week.
        Fortnightly = "fortnightly",
        /// Once a month.
        Monthly = "monthly",
        /// In a group.
        Group = "group",
    }
}

words! {
    /// What a limit of new people is of.
    LimitOf, "kind" {
        /// All workers of a team together.
        Team = "team",
        /// All workers of a supervisor together.
        Supervisor = "supervisor",
    }
}

words! {
    /// Towards or away from the values of a wish.
    Direction, "direction" {
        /// Wanted.
        Prefer = "prefer",
        /// Not wanted.
        Avoid = "avoid",
    }
}

words! {
    /// The four states of any answer. None of them but `stated` carries a value, and none is a value itself.
    AnswerState, "status" {
        /// The person said what they wish.
        Stated = "stated",
        /// The person was asked and has no preference.
        NoPreference = "no_preference",
        /// The person was asked and preferred not to say.
        Declined = "declined",
        /// Nobody asked yet.
        NotAsked = "not_asked",
    }
}

words! {
    /// Who stated a wish. A referrer's `must` counts as `important` until the person confirms it.
    StatedBy, "stated_by" {
        /// The person themselves.
        OneSelf = "self",
        /// Whānau, with the person's consent.
        WhanauWithConsent = "whanau_with_consent",
        /// Someone who referred them.
        Referrer = "referrer",
    }
}

words! {
    /// What a service user's wish is about.
    WishAbout, "dimension" {
        /// The worker's gender.
        Gender = "gender",
        /// The worker's age: `near_me`, `older`, `younger` or an age band.
        Age = "age",
        /// Shared identity: `same`, `not_my_own`, or `system:code`.
        SharedCulture = "shared_culture",
        /// The worker's cultural competence, by area.
        CulturalCompetence = "cultural_competence",
        /// Whose worldview runs the service.
        Kaupapa = "kaupapa",
        /// Iwi `near` or `far`.
        Iwi = "iwi",
        /// How strongly the asked lived-experience items count together.
        LivedExperience = "lived_experience",
        /// The worker's own words for how they work (listener, practical, humour, ...).
        Style = "style",
        /// Interests and strengths in common.
        Interests = "interests",
        /// Ways to meet, best first.
        Mode = "mode",
        /// Places to meet.
        Place = "place",
        /// Times to meet.
        Time = "time",
        /// Little travel between the two.
        Travel = "travel",
        /// Workers named by the person, best first.
        NamedWorker = "named_worker",
        /// `same`, `like` or `different` from an earlier worker.
        PreviousWorker = "previous_worker",
    }
}

words! {
    /// What a peer worker's wish is about. Never age, gender or identity of a person.
    WorkerWishAbout, "dimension" {
        /// Ways to meet.
        Mode = "mode",
        /// Times to meet.
        Time = "time",
        /// Little travel.
        Travel = "travel",
        /// Lived experiences to work with.
        Topics = "topics",
        /// Kinds of support to give.
        SupportTypes = "support_types",
        /// Goals to work on.
        Goals = "goals",
    }
}

words! {
    /// Whose experience an item is. Experiences from different perspectives are not the same experience.
    Perspective, "perspective" {
        /// My own.
        OneSelf = "self",
        /// Of someone close to me.
        Whanau = "whanau",
        /// I lost someone to it.
        Bereaved = "bereaved",
        /// I worked alongside people living it.
        WorkedAlongside = "worked_alongside",
    }
}

words! {
    /// What a service user wants of a lived-experience item.
    ExperienceDirection, "direction" {
        /// Someone who has been there.
        Share = "share",
        /// Told, and fine either way.
        Fine = "fine",
        /// Please not the same.
        Avoid = "avoid",
        /// Nobody asked.
        NotAsked = "not_asked",
    }
}

words! {
    /// How a peer worker feels about working with an experience of theirs. No reason is ever stored.
    Comfort, "comfort" {
        /// Happy to work with it.
        Happy = "happy_to_work_with",
        /// With supervision.
        WithSupervision = "with_supervision",
        /// Not now: a boundary.
        NotNow = "not_now",
    }
}

words! {
    /// Where a service user stands in the queue.
    QueueState, "status" {
        /// A referral came in; nobody spoke with the person yet.
        ReferralReceived = "referral_received",
        /// Somebody spoke with the person.
        Contacted = "contacted",
        /// Ready to be matched: only these are.
        Ready = "ready",
        /// On hold, by the person's wish.
        OnHold = "on_hold",
        /// No longer wants to be matched.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What a worker does in the service. Only some roles carry a caseload.
    Role, "role" {
        /// Walks beside service users.
        PeerSupport = "peer_support",
        /// Walks beside whānau.
        WhanauSupport = "whanau_support",
        /// Speaks up beside service users.
        PeerAdvocate = "peer_advocate",
        /// Leads groups; no caseload.
        GroupLeader = "group_leader",
        /// Links people to services; no caseload.
        LinkWorker = "link_worker",
        /// Supervises peer workers; no caseload.
        Supervisor = "supervisor",
        /// Advises the service; no caseload.
        Advisor = "advisor",
    }
}

words! {
    /// How support reaches a person.
    Mode, "mode" {
        /// Meeting one to one.
        OneToOne = "one_to_one",
        /// Visiting a person where they are.
        Outreach = "outreach",
        /// A place to drop in to.
        DropIn = "drop_in",
        /// In a group.
        Group = "group",
        /// By telephone.
        Telephone = "telephone",
        /// By video.
        Video = "video",
        /// By text message.
        Text = "text",
    }
}

words! {
    /// How somebody gets around.
    Transport, "transport" {
        /// On foot or by wheelchair.
        Walk = "walk",
        /// By bus, train or ferry.
        Public = "public",
        /// By own car.
        Car = "car",
    }
}

words! {
    /// A driver's licence.
    Licence, "licence" {
        /// None.
        None = "none",
        /// Learner or restricted: no passengers.
        Restricted = "restricted",
        /// Full.
        Full = "full",
    }
}

words! {
    /// How a service user needs a language.
    LanguageLevel, "language level" {
        /// Cannot do without it: a rule.
        Need = "need",
        /// Would rather: a wish, counted as important.
        Prefer = "prefer",
        /// Can use it.
        Can = "can",
    }
}

words! {
    /// How a peer worker speaks a language.
    Fluency, "language level" {
        /// Can run a whole session in it.
        Whole = "whole",
        /// Can greet and get by.
        Some = "some",
    }
}

words! {
    /// Kinds of support (the four of the peer-support literature).
    SupportType, "support type" {
        /// Empathy and company.
        Emotional = "emotional",
        /// Knowing what there is and how to get it.
        Informational = "informational",
        /// Doing things together: housing, work, forms.
        Instrumental = "instrumental",
        /// Meeting others, belonging.
        Affiliational = "affiliational",
    }
}

words! {
    /// What a person wants to work towards.
    Goal, "goal" {
        /// Work.
        Employment = "employment",
        /// A place to live.
        Housing = "housing",
        /// Play, sport, art.
        Recreation = "recreation",
        /// Learning.
        EducationTraining = "education_training",
        /// Money and budgeting.
        MoneyBudgeting = "money_budgeting",
        /// Belonging where one lives.
        CommunityConnection = "community_connection",
        /// Whānau and close relationships.
        WhanauRelationships = "whanau_relationships",
        /// Health and wellbeing.
        HealthWellbeing = "health_wellbeing",
        /// Speaking up for oneself.
        SelfAdvocacy = "self_advocacy",
        /// Purpose and activity.
        PurposeActivity = "purpose_activity",
        /// Culture and identity.
        CultureIdentity = "culture_identity",
        /// Phones, computers, forms online.
        DigitalSkills = "digital_skills",
    }
}

words! {
    /// A band of ages; dates of birth are never held.
    AgeBand, "age band" {
        /// 12 to 15.
        From12 = "12-15",
        /// 16 and 17.
        From16 = "16-17",
        /// 18 to 24.
        From18 = "18-24",
        /// 25 to 34.
        From25 = "25-34",
        /// 35 to 44.
        From35 = "35-44",
        /// 45 to 54.
        From45 = "45-54",
        /// 55 to 64.
        From55 = "55-64",
        /// 65 and over.
        From65 = "65+",
    }
}

words! {
    /// A gender, in the words of the one it belongs to. Not told is absent, never a value.
    Gender, "gender" {
        /// A man.
        Man = "man",
        /// A woman.
        Woman = "woman",
        /// Another gender.
        Another = "another_gender",
    }
}

words! {
    /// How sure a worker is in a cultural area, and who says so.
    CompetenceLevel, "competence level" {
        /// Learning.
        Developing = "developing",
        /// Confident.
        Confident = "confident",
        /// Recognised by that community.
        Recognised = "recognised_by_community",
    }
}

words! {
    /// Why two parties are kept apart. Never shown to either, nor to a coordinator who does not own the record.
    ConflictKind, "conflict kind" {
        /// They know each other.
        KnownToEachOther = "known_to_each_other",
        /// They are whānau.
        WhanauRelation = "whanau_relation",
        /// They must not meet (a protection order, say).
        NoContact = "no_contact",
        /// The person asked not to be matched with this worker.
        PersonDeclined = "person_declined_worker",
        /// The worker asked not to be matched with this person.
        WorkerDeclined = "worker_declined_person",
    }
}

words! {
    /// Where a match stands.
    MatchStatus, "match status" {
        /// Made by a run, seen by nobody.
        Draft = "draft",
        /// Put before a coordinator.
        Proposed = "proposed",
        /// Put before the person: the place is held.
        Offered = "offered",
        /// The person said no.
        DeclinedPerson = "declined_person",
        /// The worker said no.
        DeclinedWorker = "declined_worker",
        /// Nobody answered in time.
        Expired = "expired",
        /// Both said yes: kept.
        Accepted = "accepted",
        /// They met: kept.
        FirstMeeting = "first_meeting",
        /// They walk together: kept.
        Active = "active",
        /// Paused by either: kept.
        Paused = "paused",
        /// Over.
        Ended = "ended",
    }
}

words! {
    /// What a coordinator decided about a pair before the run.
    PinKind, "pin kind" {
        /// These two are to be matched.
        Pin = "pin",
        /// These two are not.
        Exclude = "exclude",
    }
}

words! {
    /// Which coverage rule decides who is served when places are short.
    Coverage, "coverage" {
        /// As many as can be served, longest waiting first, whatever anyone wished for.
        LongestWait = "longest-wait",
        /// Least total loss, waiting at a fixed price.
        Total = "total",
    }
}

words! {
    /// What a matching is to be: an objective, or the rule of a baseline to compare with.
    Objective, "objective" {
        /// The least total loss.
        BestTotal = "best-total",
        /// Nobody further than need be from the best worker they could have; then the least total loss.
        MaxMin = "max-min",
        /// The worst off as well off as can be, then the next, and so on; then the least total loss.
        Leximin = "leximin",
        /// The largest product of fits (Nash welfare); then the least total loss.
        Nash = "nash",
        /// Nobody prefers a worker who would prefer them too: deferred acceptance.
        Stable = "stable",
        /// In an order drawn by lot, each takes the best that is left (random serial dictatorship).
        Serial = "serial",
        /// As many first choices as can be, then second choices, and so on.
        RankMaximal = "rank-maximal",
        /// Baseline: in order of waiting, each takes the best that is left.
        FirstCome = "first-come",
        /// Baseline: the best pair first, then the best of what is left.
        Greedy = "greedy",
        /// Baseline: in order of waiting, each takes anybody eligible, by lot.
        RandomEligible = "random-eligible",
        /// Baseline, as done by hand: in order of waiting, gender and area as wished, then whoever is free first.
        Coordinator = "coordinator",
    }
}

impl Objective {
    /// Whether anything is drawn by lot: under the others a seed changes nothing.
    pub fn draws(self) -> bool {
        matches!(self, Self::Serial | Self::RandomEligible | Self::Stable)
    }
}

words! {
    /// Who asks and who answers in deferred acceptance (objective `stable`).
    Proposing, "proposing" {
        /// People ask, workers hold the best who asked: of all stable matchings the best for every person.
        People = "people",
        /// Workers ask, people hold the best who asked: of all stable matchings the best for the workers.
        Workers = "workers",
    }
}

words! {
    /// How workers rank people (objective `stable`).
    Priorities, "priorities" {
        /// Whoever has waited longer, then by lot: no person gains by reporting wishes other than their own.
        Waiting = "waiting",
        /// By each worker's own wishes; equal is equal.
        Wishes = "wishes",
    }
}

words! {
    /// What contributes to fit and loss: one criterion each.
    CriterionName, "criterion" {
        /// Lived experience asked for.
        LivedExperience = "lived_experience",
        /// Shared identity.
        SharedCulture = "shared_culture",
        /// The worker's cultural competence.
        CulturalCompetence = "cultural_competence",
        /// The service's kaupapa.
        Kaupapa = "kaupapa",
        /// Iwi near or far.
        Iwi = "iwi",
        /// Preferred language.
        Language = "language",
        /// Gender.
        Gender = "gender",
        /// Age.
        Age = "age",
        /// Kinds of support.
        SupportTypes = "support_types",
        /// Goals.
        Goals = "goals",
        /// Ways to meet.
        Mode = "mode",
        /// Places to meet.
        Place = "place",
        /// Common time.
        Time = "time",
        /// Travel.
        Travel = "travel",
        /// Style.
        Style = "style",
        /// Interests and strengths.
        Interests = "interests",
        /// Named workers.
        NamedWorker = "named_worker",
        /// Same, like or different from an earlier worker.
        PreviousWorker = "previous_worker",
    }
}

words! {
    /// Who a report is for. What each may see is an allow-list.
    Audience, "audience" {
        /// The person.
        ServiceUser = "service-user",
        /// The worker, before anybody said yes.
        PeerWorker = "peer-worker",
        /// The coordinator.
        Coordinator = "coordinator",
        /// The auditor: everything, by id only.
        Auditor = "auditor",
    }
}

impl CriterionName {
    /// Whether it reads who somebody is, so that a policy must say that it is used on a wish alone.
    pub fn reads_identity(self) -> bool {
        matches!(self, Self::SharedCulture | Self::Iwi | Self::Gender | Self::Age)
    }
}

impl Role {
    /// Whether this role walks beside people one to one, so that it can be matched at all.
    pub fn carries_caseload(self) -> bool {
        matches!(self, Self::PeerSupport | Self::WhanauSupport | Self::PeerAdvocate)
    }
}

impl Mode {
    /// Whether the two have to be in one place.
    pub fn in_person(self) -> bool {
        matches!(self, Self::OneToOne | Self::Outreach | Self::DropIn | Self::Group)
    }
}

impl AgeBand {
    /// Whether the person is under 18, so that vetting is needed.
    pub fn minor(self) -> bool {
        self <= Self::From16
    }
}

impl MatchStatus {
    /// Whether the pair stands and is never broken by a run.
    pub fn kept(self) -> bool {
        matches!(
            self,
            Self::Offered | Self::Accepted | Self::FirstMeeting | Self::Active | Self::Paused
        )
    }
}

impl Strength {
    /// How much a wish of this strength counts in fit and loss; a `must` is a rule and counts nothing.
    pub fn factor(self) -> u32 {
        match self {
            Self::Nice => 1,
            Self::Important => 2,
            Self::Must => 0,
        }
    }
}

/// A set of values of one word list, as bits. Lists have at most 32 values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct WordSet(u32);

impl WordSet {
    /// The set of `values`.
    pub fn of<W: Words>(values: impl IntoIterator<Item = W>) -> Self {
        let mut set = Self::default();
        for value in values {
            set.0 |= bit(value);
        }
        set
    }

    /// Whether `value` is in it.
    pub fn has<W: Words>(self, value: W) -> bool {
        self.0 & bit(value) != 0
    }

    /// What is in both.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many values it holds.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The values, in the list's order.
    pub fn iter<W: Words>(self) -> impl Iterator<Item = W> {
        W::ALL.iter().copied().filter(move |&v| self.has(v))
    }
}

fn bit<W: Words>(value: W) -> u32 {
    let place = W::ALL.iter().position(|&v| v == value).expect("every value is in ALL");
    1 << place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list<W: Words + std::fmt::Debug>() {
        assert!(W::ALL.len() <= 32, "{} does not fit a WordSet", W::LIST);
        for &v in W::ALL {
            assert_eq!(W::from_word(v.word()), Some(v));
        }
    }

    #[test]
    fn every_word_reads_back_and_fits_a_set() {
        list::<WishAbout>();
        list::<Goal>();
        list::<Mode>();
        list::<SupportType>();
        list::<AgeBand>();
        list::<MatchStatus>();
        let set = WordSet::of([Mode::Video, Mode::OneToOne]);
        assert_eq!(set.iter::<Mode>().collect::<Vec<_>>(), [Mode::OneToOne, Mode::Video]);
    }
}
