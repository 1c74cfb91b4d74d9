//! The roster as it was read, before anything is believed: every field may be absent, wrong, or unknown.
//!
//! `formats` fills these types from JSON or a CSV pack, an embedder from its own data; [`crate::roster::Roster::check`] is the
//! only way on. A field that does not have the shape it should have is kept as [`Field::Wrong`] instead of ending the read, so
//! that every fault is reported in one run. The names here are the names in JSON and (but for the ids) the CSV headers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::words::{
    AgeBand, AnswerState, Comfort, CompetenceLevel, ConflictKind, Contact, Direction,
    ExperienceDirection, Fluency, Gender, Goal, LanguageLevel, Licence, LimitOf, MatchStatus, Mode,
    Perspective, PinKind, QueueState, Role, StatedBy, Strength, SupportType, Transport, WishAbout,
    WorkerWishAbout,
};

/// The format version that a roster document names.
pub const ROSTER_FORMAT: &str = "peermatch/roster@1";

/// A field of raw input.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    /// Nothing stood there.
    #[default]
    Absent,
    /// A value of the right shape.
    Given(T),
    /// Something else.
    Wrong {
        /// What stood there.
        found: Value,
        /// Why it is not what it should be.
        reason: String,
    },
}

impl<T> Field<T> {
    /// Whether nothing stood there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, if there is a right one.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: DeserializeOwned> Field<T> {
    /// Reads a field from a JSON value; null counts as absent. Of a wrong list or object only the size is kept: that is all a fault
    /// tells of it, and a copy of every list and object on the way down would double the work of a read.
    pub fn from_value(value: Value) -> Self {
        let kept = match &value {
            Value::Null => return Self::Absent,
            Value::Array(items) => Kept::List(items.len()),
            Value::Object(_) => Kept::Object,
            scalar => Kept::Scalar(scalar.clone()),
        };
        match T::deserialize(value) {
            Ok(given) => Self::Given(given),
            Err(error) => Self::Wrong { found: kept.shape(), reason: error.to_string() },
        }
    }

    /// Reads a field from the text of a spreadsheet cell: empty is absent; a word, a number and yes/no are tried in this order.
    pub fn from_cell(cell: &str) -> Self {
        let text = cell.trim();
        if text.is_empty() {
            return Self::Absent;
        }
        let first = match Self::from_value(Value::String(text.to_owned())) {
            Self::Wrong { found, reason } => (found, reason),
            right => return right,
        };
        let lower = text.to_lowercase();
        let mut others = vec![Value::String(lower.clone())];
        if let Ok(Value::Number(number)) = serde_json::from_str(text) {
            others.push(Value::Number(number));
        }
        match lower.as_str() {
            "yes" | "y" | "true" | "1" => others.push(Value::Bool(true)),
            "no" | "n" | "false" | "0" => others.push(Value::Bool(false)),
            _ => {}
        }
        for other in others {
            if let Ok(given) = T::deserialize(&other) {
                return Self::Given(given);
            }
        }
        Self::Wrong { found: first.0, reason: first.1 }
    }
}

/// What is remembered of a value while it is being read.
enum Kept {
    Scalar(Value),
    List(usize),
    Object,
}

impl Kept {
    fn shape(self) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::List(length) => Value::Array(vec![Value::Null; length]),
            Self::Object => Value::Object(serde_json::Map::new()),
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Given(value)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_value(Value::deserialize(deserializer)?))
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Given(value) => value.serialize(serializer),
            Self::Wrong { found, .. } => found.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

/// A list of records, each of which may be wrong by itself.
pub type Rows<T> = Field<Vec<Field<T>>>;

/// Members that no reader knows; each is a fault.
pub type Unknown = BTreeMap<String, Value>;

/// Declares a raw record: every member a [`Field`], unknown members kept to be reported.
macro_rules! raw {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            $($(#[$fdoc])* #[serde(skip_serializing_if = "Field::is_absent")] pub $field: Field<$type>,)+
            /// Members that no reader knows.
            #[serde(flatten)]
            #[schemars(skip)]
            pub unknown: Unknown,
        }
        impl $name {
            /// The members that are known, in order.
            pub const MEMBERS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}

raw! {
    /// A whole roster.
    RosterInput {
        /// [`ROSTER_FORMAT`].
        format: String,
        /// The day of the run, ISO 8601. Dates are compared with this day, never with a clock.
        as_of: String,
        /// The IANA zone of every time that names no other.
        zone: String,
        /// The services.
        services: Vec<Field<ServiceInput>>,
        /// The service users.
        people: Vec<Field<ServiceUserInput>>,
        /// The peer workers.
        workers: Vec<Field<PeerWorkerInput>>,
        /// Who must not be matched with whom. Private.
        conflicts: Vec<Field<ConflictInput>>,
        /// Matches made earlier.
        matches: Vec<Field<MatchInput>>,
        /// Groups with seats.
        groups: Vec<Field<GroupInput>>,
        /// What a coordinator decided before the run.
        pins: Vec<Field<PinInput>>,
        /// The identity codes in use (ethnicities, iwi), as loaded by the service.
        codes: Vec<Field<CodeInput>>,
        /// How many new people teams and supervisors can take in one run.
        limits: Vec<Field<LimitInput>>,
    }
}

raw! {
    /// How many new people a team or a supervisor can take in one run.
    LimitInput {
        /// Of a team or of a supervisor.
        kind: LimitOf,
        /// Which, as the workers name it.
        id: String,
        /// New people at most.
        new_people_max: u32,
    }
}

raw! {
    /// A service that people are matched in.
    ServiceInput {
        /// Opaque id.
        id: String,
        /// Whose worldview runs the service (`kaupapa_maori`, `pacific`, `rainbow`, ...): open words.
        kaupapa: Vec<Field<String>>,
        /// Age bands the service is for; absent means all.
        age_bands: Vec<Field<AgeBand>>,
        /// Training codes a worker must hold, and not let expire, to be matched in this service.
        required_training: Vec<Field<String>>,
        /// Ways to meet that the service offers; absent means all.
        modes: Vec<Field<Mode>>,
        /// Whether supervision must not be overdue (default yes).
        supervision_required: bool,
        /// How many options to offer a person (default 2).
        min_options_to_offer: u32,
        /// What somebody in a crisis is told.
        crisis_text: String,
        /// Where a complaint goes.
        complaints_text: String,
        /// What a person who waits can do meanwhile (a phone line, a drop-in).
        while_waiting: String,
        /// The word for the person (`guest`, `tangata whaiora`, ...); default "person".
        person_word: String,
    }
}

raw! {
    /// A service user.
    ServiceUserInput {
        /// Opaque id; names live in `names.csv` alone.
        id: String,
        /// Services the person agreed to be matched in.
        services: Vec<Field<String>>,
        /// Waiting since, ISO 8601.
        wait_since: String,
        /// Where the person stands in the queue.
        status: QueueState,
        /// Band of ages.
        age_band: AgeBand,
        /// Area code.
        area: String,
        /// Latitude, at most two decimals (about a kilometre).
        lat: f64,
        /// Longitude, at most two decimals.
        lon: f64,
        /// The longest journey the person would make, minutes one way; absent means none.
        max_travel_min: u32,
        /// How the person gets around.
        transport: Vec<Field<Transport>>,
        /// Whether the person needs a lift to meet anywhere.
        needs_lift: bool,
        /// Languages.
        languages: Vec<Field<LanguageInput>>,
        /// Ways to meet that work for the person: a limit, not a wish.
        modes: Vec<Field<Mode>>,
        /// Weekly windows such as `Mon 09:00-12:30`.
        availability: Vec<Field<String>>,
        /// IANA zone of the windows, if not the roster's.
        zone: String,
        /// What the person wants to work towards.
        goals: Vec<Field<Goal>>,
        /// Kinds of support asked for.
        support_types: Vec<Field<SupportType>>,
        /// Lived experience told, item by item.
        experiences: Vec<Field<AskedExperienceInput>>,
        /// Wishes.
        wishes: Vec<Field<WishInput>>,
        /// How many workers the person wants to walk with at once, all different: 2 for a primary and a backup (default 1, at most 5).
        demand: u32,
        /// How often the person meets a worker (default weekly): what the person is of a worker's load.
        contact: Contact,
        /// The person's own identity, read only by the person's own wish.
        identity: Vec<Field<IdentityInput>>,
        /// People of the person's own that could walk along, by id alone.
        nominated_peers: Vec<Field<NominatedPeerInput>>,
    }
}

raw! {
    /// A language of a service user.
    LanguageInput {
        /// BCP-47 tag (`mi`, `nzs`, `en-NZ`).
        tag: String,
        /// How it is needed.
        level: LanguageLevel,
    }
}

raw! {
    /// A language of a peer worker.
    SpokenInput {
        /// BCP-47 tag.
        tag: String,
        /// How well.
        level: Fluency,
    }
}

raw! {
    /// A lived-experience item of a service user.
    AskedExperienceInput {
        /// Taxonomy id.
        concept: String,
        /// Whose experience.
        perspective: Perspective,
        /// What the person wants of it.
        direction: ExperienceDirection,
        /// How much it matters to the person, 0 to 3.
        importance: u8,
        /// Whether it may be used for matching (default no).
        consent_match: bool,
        /// Whether a coordinator may see it (default no).
        consent_coordinator: bool,
        /// Whether the other may see it before meeting (default no).
        consent_show: bool,
    }
}

raw! {
    /// A lived-experience item of a peer worker.
    ToldExperienceInput {
        /// Taxonomy id.
        concept: String,
        /// Whose experience.
        perspective: Perspective,
        /// How the worker feels about working with it.
        comfort: Comfort,
        /// Whether it may be used for matching (default no).
        consent_match: bool,
        /// Whether a coordinator may see it (default no).
        consent_coordinator: bool,
        /// Whether the person may see it before meeting (default no).
        consent_show: bool,
    }
}

raw! {
    /// A wish of a service user.
    WishInput {
        /// What it is about.
        dimension: WishAbout,
        /// Towards or away (default prefer).
        direction: Direction,
        /// The values; which are right depends on the dimension.
        values: Vec<Field<String>>,
        /// How much it matters.
        strength: Strength,
        /// Stated, or why not (default stated).
        status: AnswerState,
        /// Who stated it (default self).
        stated_by: StatedBy,
        /// Whether the person confirmed what somebody else stated (default no).
        confirmed: bool,
    }
}

raw! {
    /// A wish of a peer worker.
    WorkerWishInput {
        /// What it is about.
        dimension: WorkerWishAbout,
        /// Towards or away (default prefer).
        direction: Direction,
        /// The values.
        values: Vec<Field<String>>,
        /// How much it matters.
        strength: Strength,
        /// Stated, or why not (default stated).
        status: AnswerState,
    }
}

raw! {
    /// One identity of a service user.
    IdentityInput {
        /// Code system as in `codes`.
        system: String,
        /// Code.
        code: String,
        /// Whether it may be used for matching (default no).
        use_for_matching: bool,
    }
}

raw! {
    /// One identity of a peer worker.
    ToldIdentityInput {
        /// Code system as in `codes`.
        system: String,
        /// Code.
        code: String,
        /// Whether it may be used for matching (default no).
        consent_match: bool,
        /// Whether the person may see it before meeting (default no).
        consent_show: bool,
    }
}

raw! {
    /// Somebody of the person's own network, by id alone until they consent.
    NominatedPeerInput {
        /// Opaque id.
        id: String,
        /// What they are to the person.
        relation: String,
        /// Whether they agreed to be asked (default no).
        consented: bool,
    }
}

raw! {
    /// A peer worker.
    PeerWorkerInput {
        /// Opaque id; names live in `names.csv` alone.
        id: String,
        /// Services the worker works in.
        services: Vec<Field<String>>,
        /// What the worker does (default peer_support).
        role: Role,
        /// How many people the worker may walk with.
        max_people: u32,
        /// How many the worker walks with now, kept matches among them.
        current_people: u32,
        /// How many new people the worker can start with in this run; absent means no limit but the caseload.
        new_starts: u32,
        /// How many new people the worker is to be given at least.
        minimum: u32,
        /// The most load the worker carries, in units of one weekly contact, at most two decimals; absent means no limit but the caseload.
        load_max: f64,
        /// The load the worker carries now; absent means one unit for each person the worker walks with.
        load_now: f64,
        /// The team the worker is in.
        team: String,
        /// Who supervises the worker.
        supervisor: String,
        /// Takes nobody new before this day. No reason is stored.
        paused_until: String,
        /// First day.
        available_from: String,
        /// Last day.
        available_until: String,
        /// Areas the worker works in.
        areas: Vec<Field<String>>,
        /// Latitude of the base, at most two decimals.
        lat: f64,
        /// Longitude of the base, at most two decimals.
        lon: f64,
        /// The longest journey the worker makes, minutes one way; absent means none beyond the areas.
        max_travel_min: u32,
        /// How the worker gets around.
        transport: Vec<Field<Transport>>,
        /// Driver's licence (default none).
        licence: Licence,
        /// Whether the worker has a vehicle to drive people in (default no).
        vehicle: bool,
        /// Languages.
        languages: Vec<Field<SpokenInput>>,
        /// Ways to meet.
        modes: Vec<Field<Mode>>,
        /// Weekly windows such as `Mon 09:00-12:30`.
        availability: Vec<Field<String>>,
        /// IANA zone of the windows, if not the roster's.
        zone: String,
        /// Places the worker meets people at: open words.
        places: Vec<Field<String>>,
        /// Kinds of support given.
        support_types: Vec<Field<SupportType>>,
        /// Goals the worker can help with.
        goals: Vec<Field<Goal>>,
        /// How the worker works, in their own words.
        styles: Vec<Field<String>>,
        /// Interests and strengths.
        interests: Vec<Field<String>>,
        /// Training.
        training: Vec<Field<TrainingInput>>,
        /// Next supervision is due by this day.
        supervision_due: String,
        /// Vetting for work with under-18s is valid until this day.
        vetting_until: String,
        /// Lived experience told.
        experiences: Vec<Field<ToldExperienceInput>>,
        /// Concepts the worker does not work with now: a boundary, private, no reason stored.
        not_now: Vec<Field<String>>,
        /// Band of ages, if the worker tells.
        age_band: AgeBand,
        /// Whether the age band may be used for matching (default no).
        age_consent_match: bool,
        /// Whether it may be shown before meeting (default no).
        age_consent_show: bool,
        /// Gender, if the worker tells.
        gender: Gender,
        /// Whether the gender may be used for matching (default no).
        gender_consent_match: bool,
        /// Whether it may be shown before meeting (default no).
        gender_consent_show: bool,
        /// Other identity.
        identity: Vec<Field<ToldIdentityInput>>,
        /// Cultural competence.
        competences: Vec<Field<CompetenceInput>>,
        /// Wishes.
        wishes: Vec<Field<WorkerWishInput>>,
    }
}

raw! {
    /// A training a worker holds.
    TrainingInput {
        /// Code.
        code: String,
        /// Day it was gained.
        date: String,
        /// Day it expires; absent means never.
        expires: String,
    }
}

raw! {
    /// A cultural competence of a worker.
    CompetenceInput {
        /// Area (`tikanga`, `deaf`, `pacific:tongan`, ...): open words.
        area: String,
        /// Level.
        level: CompetenceLevel,
        /// Day it expires; absent means never.
        expires: String,
    }
}

raw! {
    /// Two parties to be kept apart.
    ConflictInput {
        /// One.
        a_id: String,
        /// The other.
        b_id: String,
        /// Why. Private.
        kind: ConflictKind,
        /// Last day it holds; absent means for good.
        until: String,
    }
}

raw! {
    /// An earlier match.
    MatchInput {
        /// Opaque id.
        id: String,
        /// Person.
        person_id: String,
        /// Worker.
        worker_id: String,
        /// Where it stands.
        status: MatchStatus,
        /// Day it ended.
        ended_at: String,
    }
}

raw! {
    /// A group with seats.
    GroupInput {
        /// Opaque id.
        id: String,
        /// Service that runs it.
        service: String,
        /// What it is about: taxonomy ids.
        topics: Vec<Field<String>>,
        /// Whether new people may join.
        open: bool,
        /// Free seats.
        seats_free: u32,
        /// Language tags.
        languages: Vec<Field<String>>,
        /// When it meets.
        schedule: Vec<Field<String>>,
        /// Where it meets; absent means online.
        area: String,
    }
}

raw! {
    /// A decision made before the run.
    PinInput {
        /// Person.
        person_id: String,
        /// Worker.
        worker_id: String,
        /// Pin or exclude.
        kind: PinKind,
    }
}

raw! {
    /// An identity code a service has loaded. The project ships no country's list.
    CodeInput {
        /// Code system.
        system: String,
        /// Code.
        code: String,
        /// Label for people.
        label: String,
        /// The broader code, if any.
        parent: String,
        /// Whether it stands for no answer ("not stated", "don't know"): such a code never makes two people the same.
        residual: bool,
    }
}

pub(crate) use raw;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_shapes_are_kept_instead_of_ending_the_read() {
        let raw: RosterInput =
            serde_json::from_str(r#"{"people": [{"id": 5, "needs_lift": "yes"}, 7], "extra": 1}"#)
                .unwrap();
        let people = raw.people.given().unwrap();
        let first = people[0].given().unwrap();
        assert!(matches!(first.id, Field::Wrong { .. }));
        assert!(matches!(first.needs_lift, Field::Wrong { .. }));
        assert!(matches!(people[1], Field::Wrong { .. }));
        assert!(raw.unknown.contains_key("extra"));
    }

    #[test]
    fn cells_read_words_numbers_and_yes_no() {
        assert_eq!(Field::<bool>::from_cell(" Yes "), Field::Given(true));
        assert_eq!(Field::<u32>::from_cell("12"), Field::Given(12));
        assert_eq!(Field::<Strength>::from_cell("Important"), Field::Given(Strength::Important));
        assert_eq!(Field::<String>::from_cell("12"), Field::Given("12".into()));
        assert!(matches!(Field::<u32>::from_cell("twelve"), Field::Wrong { .. }));
        assert_eq!(Field::<u32>::from_cell("  "), Field::Absent);
    }
}
