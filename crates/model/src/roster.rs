//! The checked roster: people and workers as the engine sees them. Only [`Roster::check`] makes one.
//!
//! What stands here may be relied on: ids are unique and known, dates compared, items without consent for matching are gone
//! (so that "no consent", "not recorded" and "none" are the same bytes), and the order is canonical: people by waiting time,
//! longest first, then id; workers by id. No names, no contact details, no reasons: ids only.

mod check;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::taxonomy::{Concept, Taxonomy};
use crate::week::{WeekTimes, Zone};
use crate::words::{
    AgeBand, AnswerState, CompetenceLevel, ConflictKind, Contact, Direction, Fluency, Gender,
    LanguageLevel, LimitOf, Mode, Perspective, PinKind, QueueState, Role, StatedBy, Strength,
    WishAbout, WordSet, WorkerWishAbout,
};

/// The code system that the `iwi` dimension reads.
pub const IWI_SYSTEM: &str = "iwi";

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub(crate) u32);
        impl $name {
            /// The place in the roster's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
            /// The element at a place. The caller vouches that there is one.
            pub fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("a roster holds fewer than 2^32 of anything"))
            }
        }
    };
}

index! {
    /// A service user's place in [`Roster::people`].
    UserIx
}
index! {
    /// A peer worker's place in [`Roster::workers`].
    WorkerIx
}
index! {
    /// A service's place in [`Roster::services`].
    ServiceIx
}
index! {
    /// An identity code's place in [`Roster::codes`].
    CodeIx
}
index! {
    /// An open word (area, place, style, interest, training code, kaupapa, competence area) in [`Roster::tag`].
    Tag
}
index! {
    /// A language in [`Roster::language`]: its primary subtag, so that `en` and `en-NZ` are one language.
    Language
}

/// A checked roster.
#[derive(Debug, Clone, Serialize)]
pub struct Roster {
    as_of: Date,
    zone: Zone,
    services: Vec<Service>,
    people: Vec<ServiceUser>,
    workers: Vec<PeerWorker>,
    groups: Vec<Group>,
    conflicts: BTreeMap<UserIx, Vec<(WorkerIx, ConflictKind)>>,
    pins: BTreeMap<UserIx, Vec<(WorkerIx, PinKind)>>,
    codes: Vec<Code>,
    // Only written for the hash where there are any, so that rosters without them keep their hash.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    limits: Vec<UnitLimit>,
    tags: Vec<String>,
    languages: Vec<String>,
    taxonomy: Taxonomy,
    #[serde(skip)]
    user_by_id: BTreeMap<String, UserIx>,
    #[serde(skip)]
    worker_by_id: BTreeMap<String, WorkerIx>,
}

impl Roster {
    /// The day of the run.
    pub fn as_of(&self) -> Date {
        self.as_of
    }
    /// The zone that times are shown in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
    /// The services, by id.
    pub fn services(&self) -> &[Service] {
        &self.services
    }
    /// The service users: longest waiting first, then by id.
    pub fn people(&self) -> &[ServiceUser] {
        &self.people
    }
    /// The peer workers, by id.
    pub fn workers(&self) -> &[PeerWorker] {
        &self.workers
    }
    /// The groups, by id.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
    /// A service.
    pub fn service(&self, service: ServiceIx) -> &Service {
        &self.services[service.index()]
    }
    /// A service user.
    pub fn user(&self, user: UserIx) -> &ServiceUser {
        &self.people[user.index()]
    }
    /// A peer worker.
    pub fn worker(&self, worker: WorkerIx) -> &PeerWorker {
        &self.workers[worker.index()]
    }
    /// The service user with this id.
    pub fn find_user(&self, id: &str) -> Option<UserIx> {
        self.user_by_id.get(id).copied()
    }
    /// The peer worker with this id.
    pub fn find_worker(&self, id: &str) -> Option<WorkerIx> {
        self.worker_by_id.get(id).copied()
    }
    /// Every conflict of a person that holds on the day of the run. Private.
    pub fn conflicts(&self, user: UserIx) -> &[(WorkerIx, ConflictKind)] {
        self.conflicts.get(&user).map_or(&[], Vec::as_slice)
    }
    /// What a coordinator decided about a person before the run.
    pub fn pins(&self, user: UserIx) -> &[(WorkerIx, PinKind)] {
        self.pins.get(&user).map_or(&[], Vec::as_slice)
    }
    /// The worker a person is pinned to.
    pub fn pinned(&self, user: UserIx) -> Option<WorkerIx> {
        self.pins(user).iter().find(|(_, kind)| *kind == PinKind::Pin).map(|&(worker, _)| worker)
    }
    /// The identity codes the service loaded.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }
    /// How many new people teams and supervisors can take, by kind and id.
    pub fn limits(&self) -> &[UnitLimit] {
        &self.limits
    }
    /// An identity code.
    pub fn code(&self, code: CodeIx) -> &Code {
        &self.codes[code.index()]
    }
    /// Whether `broader` is `narrower` or one of its broader codes.
    pub fn code_covers(&self, broader: CodeIx, narrower: CodeIx) -> bool {
        let mut at = Some(narrower);
        while let Some(code) = at {
            if code == broader {
                return true;
            }
            at = self.code(code).parent;
        }
        false
    }
    /// An open word as it was written.
    pub fn tag(&self, tag: Tag) -> &str {
        &self.tags[tag.index()]
    }
    /// A language's primary subtag.
    pub fn language(&self, language: Language) -> &str {
        &self.languages[language.index()]
    }
    /// The taxonomy of lived experience.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }
    /// The people to be matched now: ready, with no match that stands.
    pub fn waiting(&self) -> impl Iterator<Item = UserIx> + '_ {
        self.people
            .iter()
            .enumerate()
            .filter(|(_, u)| u.state == QueueState::Ready && u.wants() > 0)
            .map(|(i, _)| UserIx::at(i))
    }
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Service {
    /// Id.
    pub id: String,
    /// Whose worldview runs it.
    pub kaupapa: Vec<Tag>,
    /// Ages it is for; empty means all.
    pub age_bands: WordSet,
    /// Training a worker must hold.
    pub required_training: Vec<Tag>,
    /// Ways to meet it offers; empty means all.
    pub modes: WordSet,
    /// Whether supervision must not be overdue.
    pub supervision_required: bool,
    /// How many options to offer.
    pub min_options_to_offer: u32,
    /// For somebody in a crisis; empty if the service gave none.
    pub crisis_text: String,
    /// Where a complaint goes; empty if the service gave none.
    pub complaints_text: String,
    /// What there is meanwhile; empty if the service gave nothing.
    pub while_waiting: String,
    /// The word for the person.
    pub person_word: String,
}

/// How many new people a team or a supervisor can take in one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct UnitLimit {
    /// Of a team or of a supervisor.
    pub kind: LimitOf,
    /// Which.
    pub id: String,
    /// New people at most.
    pub new_people_max: u32,
}

/// A place, rounded to about a kilometre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Hundredths of a degree north.
    pub lat_hundredths: i32,
    /// Hundredths of a degree east.
    pub lon_hundredths: i32,
}

/// A service user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceUser {
    /// Opaque id.
    pub id: String,
    /// Services the person agreed to be matched in.
    pub services: Vec<ServiceIx>,
    /// Waiting since.
    pub wait_since: Date,
    /// Days waited on the day of the run.
    pub wait_days: u32,
    /// Where the person stands in the queue.
    pub state: QueueState,
    /// Band of ages.
    pub age: Option<AgeBand>,
    /// Area.
    pub area: Option<Tag>,
    /// Rounded place.
    pub position: Option<Position>,
    /// The longest journey the person would make, minutes; 0 means none.
    pub travel_min_max: u32,
    /// How the person gets around.
    pub transport: WordSet,
    /// Whether the person needs a lift.
    pub needs_lift: bool,
    /// Languages, as stated.
    pub languages: Vec<(Language, LanguageLevel)>,
    /// Ways to meet that work.
    pub modes: WordSet,
    /// Times that work.
    pub times: WeekTimes,
    /// Goals.
    pub goals: WordSet,
    /// Kinds of support asked for.
    pub support_types: WordSet,
    /// Lived experience told with consent for matching, by concept and perspective.
    pub experiences: Vec<AskedExperience>,
    /// Stated wishes, in the order of their dimension.
    pub wishes: Vec<Wish>,
    /// Dimensions with an answer that is not a wish.
    pub other_answers: BTreeMap<WishAbout, AnswerState>,
    /// The person's own identity, with consent for matching, without residual codes.
    pub identity: Vec<CodeIx>,
    /// People of the person's own.
    pub nominated_peers: Vec<NominatedPeer>,
    /// Workers of earlier matches.
    pub previous_workers: Vec<WorkerIx>,
    /// The workers of matches that stand, ascending: never broken by a run.
    #[serde(serialize_with = "none_one_or_all")]
    pub kept: Vec<WorkerIx>,
    /// How many workers the person wants at once, all different, those of matches that stand among them.
    // Only written for the hash where it is not the default, so that rosters which do not know it keep their hash.
    #[serde(skip_serializing_if = "is_one")]
    pub demand: u32,
    /// How often the person meets a worker, if told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// The most workers a person may want at once.
pub const DEMAND_MAX: u32 = 5;

impl ServiceUser {
    /// How many workers the person still wants beside those of matches that stand.
    pub fn wants(&self) -> u32 {
        self.demand.saturating_sub(u32::try_from(self.kept.len()).unwrap_or(u32::MAX))
    }
}

/// As one match was written before there could be several, so that hashes stay.
fn none_one_or_all<S: serde::Serializer>(kept: &[WorkerIx], to: S) -> Result<S::Ok, S::Error> {
    match kept {
        [] => to.serialize_none(),
        [one] => to.serialize_some(one),
        all => to.collect_seq(all),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_one(demand: &u32) -> bool {
    *demand == 1
}

/// Somebody of the person's own network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NominatedPeer {
    /// Opaque id.
    pub id: String,
    /// What they are to the person.
    pub relation: String,
    /// Whether they agreed to be asked.
    pub consented: bool,
}

/// What a service user told and wants of an experience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct AskedExperience {
    /// Concept.
    pub concept: Concept,
    /// Whose experience.
    pub perspective: Perspective,
    /// What the person wants of it: share it, avoid it, or neither.
    pub wanted: Option<Direction>,
    /// How much it matters, 1 to 3 (0 is told as 1).
    pub importance: u8,
    /// Whether a coordinator may see it.
    pub coordinator_may_see: bool,
    /// Whether the worker may see it before meeting.
    pub show: bool,
}

/// A stated wish of a service user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Wish {
    /// What it is about.
    pub about: WishAbout,
    /// Towards or away.
    pub direction: Direction,
    /// The values.
    pub values: WishValues,
    /// How much it counts: a referrer's `must` counts as `important` until the person confirms it.
    pub strength: Strength,
    /// Who stated it.
    pub stated_by: StatedBy,
    /// Whether it was a `must` that waits for the person's word.
    pub unconfirmed_must: bool,
}

/// The values of a wish, by what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum WishValues {
    /// Travel and lived experience: the wish is all there is (the items stand in `experiences`).
    Plain,
    /// Genders, any of which will do.
    Genders(WordSet),
    /// Ages, any of which will do.
    Ages(Vec<AgeWish>),
    /// Identities, any of which will do.
    Cultures(Vec<CultureWish>),
    /// Iwi near (true) or far.
    IwiNear(bool),
    /// Open words (competence, kaupapa, style, interests, places).
    Tags(Vec<Tag>),
    /// Ways to meet, best first.
    Modes(Vec<Mode>),
    /// Times.
    Times(WeekTimes),
    /// Workers, best first.
    Workers(Vec<WorkerIx>),
    /// An earlier worker.
    Previous(PreviousWish),
}

/// An age that is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum AgeWish {
    /// The person's own band or the one beside it.
    NearMe,
    /// An older band.
    Older,
    /// A younger band.
    Younger,
    /// This band.
    Band(AgeBand),
}

/// A shared identity that is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum CultureWish {
    /// One of the person's own, at the level the person recorded.
    Same,
    /// None of the person's own.
    NotMyOwn,
    /// This one, or narrower.
    Code(CodeIx),
}

/// What is wished about earlier workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum PreviousWish {
    /// The same worker.
    Same,
    /// Somebody who works alike.
    Like,
    /// Somebody else.
    Different,
}

/// A peer worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PeerWorker {
    /// Opaque id.
    pub id: String,
    /// Services the worker works in.
    pub services: Vec<ServiceIx>,
    /// What the worker does.
    pub role: Role,
    /// How many people the worker may walk with.
    pub people_max: u32,
    /// How many the worker walks with now.
    pub people_now: u32,
    /// How many new people the worker can start with in this run.
    pub new_starts_max: Option<u32>,
    /// How many new people the worker is to be given at least.
    pub minimum: u32,
    /// The most load the worker carries, in hundredths of one weekly contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_max: Option<u32>,
    /// The load the worker carries now, in hundredths, if told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_now: Option<u32>,
    /// The team the worker is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Who supervises the worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<String>,
    /// Takes nobody new before this day.
    pub paused_until: Option<Date>,
    /// First day.
    pub available_from: Option<Date>,
    /// Last day.
    pub available_until: Option<Date>,
    /// Areas the worker works in.
    pub areas: Vec<Tag>,
    /// Rounded place of the base.
    pub position: Option<Position>,
    /// The longest journey the worker makes, minutes; 0 means none beyond the areas.
    pub travel_min_max: u32,
    /// How the worker gets around.
    pub transport: WordSet,
    /// Whether the worker may drive people: a vehicle and a full licence.
    pub drives_people: bool,
    /// Languages.
    pub languages: Vec<(Language, Fluency)>,
    /// Ways to meet.
    pub modes: WordSet,
    /// Times.
    pub times: WeekTimes,
    /// Places the worker meets people at.
    pub places: Vec<Tag>,
    /// Kinds of support given.
    pub support_types: WordSet,
    /// Goals the worker can help with.
    pub goals: WordSet,
    /// How the worker works.
    pub styles: Vec<Tag>,
    /// Interests and strengths.
    pub interests: Vec<Tag>,
    /// Training that has not expired on the day of the run.
    pub training: Vec<Tag>,
    /// Next supervision is due by this day.
    pub supervision_due: Option<Date>,
    /// Vetting is valid until this day.
    pub vetting_until: Option<Date>,
    /// Lived experience told with consent for matching.
    pub experiences: Vec<ToldExperience>,
    /// Concepts the worker does not work with now. Private.
    pub not_now: Vec<Concept>,
    /// Band of ages, with consent for matching.
    pub age: Option<Told<AgeBand>>,
    /// Gender, with consent for matching.
    pub gender: Option<Told<Gender>>,
    /// Other identity with consent for matching, without residual codes.
    pub identity: Vec<Told<CodeIx>>,
    /// Cultural competence that has not expired.
    pub competences: Vec<(Tag, CompetenceLevel)>,
    /// Stated wishes.
    pub wishes: Vec<WorkerWish>,
}

impl PeerWorker {
    /// Places for new people in this run, whatever the worker's dates say.
    pub fn places(&self) -> u32 {
        let free = self.people_max.saturating_sub(self.people_now);
        self.new_starts_max.map_or(free, |starts| free.min(starts))
    }
}

/// Something a worker told with consent for matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Told<T> {
    /// What.
    pub value: T,
    /// Whether the person may see it before meeting.
    pub show: bool,
}

/// A lived experience a worker told with consent for matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct ToldExperience {
    /// Concept.
    pub concept: Concept,
    /// Whose experience.
    pub perspective: Perspective,
    /// Whether a coordinator may see it.
    pub coordinator_may_see: bool,
    /// Whether the person may see it before meeting.
    pub show: bool,
}

/// A stated wish of a peer worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WorkerWish {
    /// What it is about.
    pub about: WorkerWishAbout,
    /// Towards or away.
    pub direction: Direction,
    /// The values.
    pub values: WorkerWishValues,
    /// How much it matters.
    pub strength: Strength,
}

/// The values of a worker's wish, by what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum WorkerWishValues {
    /// Travel: the wish is all there is.
    Plain,
    /// Ways to meet, kinds of support or goals.
    Words(WordSet),
    /// Times.
    Times(WeekTimes),
    /// Lived experiences.
    Concepts(Vec<Concept>),
}

/// A group with seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// Id.
    pub id: String,
    /// Service that runs it.
    pub service: ServiceIx,
    /// What it is about.
    pub topics: Vec<Concept>,
    /// Whether new people may join.
    pub open: bool,
    /// Free seats.
    pub seats_free: u32,
    /// Languages; empty means any.
    pub languages: Vec<Language>,
    /// When it meets.
    pub schedule: WeekTimes,
    /// Where it meets; `None` means online.
    pub area: Option<Tag>,
}

/// An identity code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Code {
    /// Code system.
    pub system: String,
    /// Code.
    pub code: String,
    /// Label.
    pub label: String,
    /// The broader code.
    pub parent: Option<CodeIx>,
    /// Whether it stands for no answer.
    pub residual: bool,
}

// A roster is serialised whole, taxonomy and all, so that its hash binds everything a result depends on; a concept then
// stands for itself by its place in that taxonomy.
impl Serialize for Taxonomy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_input().serialize(serializer)
    }
}

impl Serialize for Concept {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.index() as u64)
    }
}
