//! The roster as it was read, before anything is believed: every field may be absent, wrong, or unknown.
//!
//! `formats` fills these types from JSON or a CSV pack, an embedder from its own data; [`crate::roster::Roster::check`] is the
//! only way on. A field that does not have the shape it should have is kept as [`Field::Wrong`] instead of ending the read, so
//! that every fault is reported in one run. The names here are the names in JSON and (but for the ids) the CSV headers.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
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
///
/// As small as what it holds: what a wrong field keeps stands elsewhere, so that a roster of many thousand right ones stays small.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    /// Nothing stood there.
    #[default]
    Absent,
    /// A value of the right shape.
    Given(T),
    /// Something else.
    Wrong(Box<Wrong>),
}

/// What stood where something else should.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// What stood there.
    pub found: Value,
    /// Why it is not what it should be.
    pub reason: String,
}

impl<T> Field<T> {
    /// A field that is not what it should be.
    pub fn wrong(found: Value, reason: impl Into<String>) -> Self {
        Self::Wrong(Box::new(Wrong { found, reason: reason.into() }))
    }

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

impl<T: Raw> Field<T> {
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
            Err(error) => Self::wrong(kept.shape(), error.to_string()),
        }
    }

    /// Reads a field from a number or a yes or no.
    fn from_scalar(value: Value) -> Self {
        match T::deserialize(&value) {
            Ok(given) => Self::Given(given),
            Err(error) => Self::wrong(value, error.to_string()),
        }
    }

    /// As [`Field::from_value`] of a text, without making a copy of the text first.
    fn from_text(text: &str) -> Self {
        match T::deserialize(StrDeserializer::<serde_json::Error>::new(text)) {
            Ok(given) => Self::Given(given),
            Err(error) => Self::wrong(Value::String(text.to_owned()), error.to_string()),
        }
    }

    /// Reads a field from the text of a spreadsheet cell: empty is absent; a word, a number and yes/no are tried in this order.
    pub fn from_cell(cell: &str) -> Self {
        let text = cell.trim();
        if text.is_empty() {
            return Self::Absent;
        }
        let first = match Self::from_text(text) {
            wrong @ Self::Wrong(_) => wrong,
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
        first
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

/// What can stand in a [`Field`]: words, numbers, texts, lists of fields, and records.
///
/// Lists and records are read as they come, without a copy of the document in between. Everything else takes a list or an object whole
/// to say what is wrong with it.
pub trait Raw: DeserializeOwned {
    /// Reads a field where a list stands.
    ///
    /// # Errors
    /// The text is not what its format allows. That the list should be something else is no error, but a [`Field::Wrong`].
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Field<Self>, A::Error> {
        Ok(Field::from_value(Value::deserialize(SeqAccessDeserializer::new(list))?))
    }

    /// Reads a field where an object stands.
    ///
    /// # Errors
    /// As for a list.
    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Field<Self>, A::Error> {
        Ok(Field::from_value(Value::deserialize(MapAccessDeserializer::new(object))?))
    }
}

impl Raw for bool {}
impl Raw for u8 {}
impl Raw for u32 {}
impl Raw for f64 {}
impl Raw for String {}
impl<T: Raw> Raw for BTreeMap<String, Field<T>> {}

impl<T: Raw> Raw for Vec<Field<T>> {
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut rows = Self::new();
        while let Some(row) = list.next_element()? {
            rows.push(row);
        }
        // Most lists are short and stay as long as the roster: the room to grow would be most of them.
        rows.shrink_to_fit();
        Ok(Field::Given(rows))
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Given(value)
    }
}

impl<'de, T: Raw> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyShape(PhantomData))
    }
}

/// Takes whatever stands there, and hands it to the type that should.
struct AnyShape<T>(PhantomData<T>);

impl<'de, T: Raw> Visitor<'de> for AnyShape<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Field<T>, E> {
        Ok(Field::from_scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Field<T>, E> {
        Ok(Field::from_scalar(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Field<T>, E> {
        Ok(Field::from_scalar(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Field<T>, E> {
        // What is no number in JSON is nothing there.
        Ok(Field::from_value(Value::from(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Field<T>, E> {
        Ok(Field::from_text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Field<T>, E> {
        Ok(Field::from_value(Value::String(value)))
    }

    fn visit_none<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field<T>, D::Error> {
        Field::deserialize(deserializer)
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<T>, A::Error> {
        T::from_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Field<T>, A::Error> {
        T::from_object(object)
    }
}

/// What a member of a record is called: where it stands among those that are known, or its name.
enum Name {
    Known(usize),
    Unknown(String),
}

/// Reads the name of a member.
struct NameOf {
    known: &'static [&'static str],
    /// Where the one before stands: members mostly come in order.
    after: usize,
}

impl<'de> DeserializeSeed<'de> for NameOf {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameOf {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        let (before, after) = self.known.split_at(self.after.min(self.known.len()));
        let place = after
            .iter()
            .position(|known| *known == name)
            .map(|place| before.len() + place)
            .or_else(|| before.iter().position(|known| *known == name));
        Ok(place.map_or_else(|| Name::Unknown(name.to_owned()), Name::Known))
    }
}

/// A record of raw input, as [`raw!`] declares it.
pub(crate) trait Record: Default {
    /// What the reader of a wrong value says was expected.
    const NAME: &'static str;
    /// The members that are known, in order.
    const KNOWN: &'static [&'static str];

    /// Reads the value of the known member at `place`.
    fn read<'de, A: MapAccess<'de>>(
        &mut self,
        place: usize,
        object: &mut A,
    ) -> Result<(), A::Error>;

    /// Where the members go that are not known.
    fn unknown(&mut self) -> &mut Unknown;
}

/// What to do where a known member stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twice {
    /// A document of its own that does so is refused.
    Refused,
    /// Within a document the last one counts, as in every JSON value.
    LastCounts,
}

/// Reads the members of a record in whatever order they come.
pub(crate) fn members<'de, R: Record, A: MapAccess<'de>>(
    mut object: A,
    twice: Twice,
) -> Result<R, A::Error> {
    let mut record = R::default();
    let (mut after, mut seen) = (0, 0_u64);
    while let Some(name) = object.next_key_seed(NameOf { known: R::KNOWN, after })? {
        match name {
            Name::Known(place) => {
                if twice == Twice::Refused && seen & (1 << place) != 0 {
                    return Err(A::Error::duplicate_field(R::KNOWN[place]));
                }
                seen |= 1 << place;
                after = place + 1;
                record.read(place, &mut object)?;
            }
            Name::Unknown(name) => {
                let value = object.next_value()?;
                record.unknown().insert(name, value);
            }
        }
    }
    Ok(record)
}

/// Reads a record that is a document of its own.
pub(crate) struct Document<R>(pub(crate) PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for Document<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", R::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<R, A::Error> {
        members(object, Twice::Refused)
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Given(value) => value.serialize(serializer),
            Self::Wrong(wrong) => wrong.found.serialize(serializer),
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
        #[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
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
        impl $crate::raw::Record for $name {
            const NAME: &'static str = stringify!($name);
            const KNOWN: &'static [&'static str] = {
                assert!(Self::MEMBERS.len() <= 64, "one bit for each");
                Self::MEMBERS
            };
            fn read<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                place: usize,
                object: &mut A,
            ) -> Result<(), A::Error> {
                let mut at = 0;
                $(
                    if place == at {
                        self.$field = object.next_value()?;
                        return Ok(());
                    }
                    at += 1;
                )+
                debug_assert!(place < at, "every member that is known has its place");
                Ok(())
            }
            fn unknown(&mut self) -> &mut $crate::raw::Unknown {
                &mut self.unknown
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map($crate::raw::Document(std::marker::PhantomData))
            }
        }
        impl $crate::raw::Raw for $name {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(
                object: A,
            ) -> Result<$crate::raw::Field<Self>, A::Error> {
                $crate::raw::members(object, $crate::raw::Twice::LastCounts)
                    .map($crate::raw::Field::Given)
            }
        }
        #[cfg(test)]
        impl $crate::raw::oracle::Old for $name {
            fn old<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let old = {
                    #[derive(Default, serde::Deserialize)]
                    #[serde(default)]
                    struct $name {
                        $($field: $crate::raw::oracle::OldField<$type>,)+
                        #[serde(flatten)]
                        unknown: $crate::raw::Unknown,
                    }
                    <$name as serde::Deserialize>::deserialize(deserializer)?
                };
                Ok(Self { $($field: old.$field.0,)+ unknown: old.unknown })
            }
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

/// How records were read before they were read as they come: through a JSON value of the whole. What the reader must agree with.
#[cfg(test)]
pub(crate) mod oracle {
    use super::*;

    pub(crate) trait Old: Sized {
        fn old<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    }

    pub(crate) struct OldField<T>(pub(crate) Field<T>);

    impl<T> Default for OldField<T> {
        fn default() -> Self {
            Self(Field::Absent)
        }
    }

    impl<'de, T: Old> Deserialize<'de> for OldField<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Self(old_field(Value::deserialize(deserializer)?)))
        }
    }

    pub(crate) fn old_field<T: Old>(value: Value) -> Field<T> {
        let found = match &value {
            Value::Null => return Field::Absent,
            Value::Array(items) => Value::Array(vec![Value::Null; items.len()]),
            Value::Object(_) => Value::Object(serde_json::Map::new()),
            scalar => scalar.clone(),
        };
        match T::old(value) {
            Ok(given) => Field::Given(given),
            Err(error) => Field::wrong(found, error.to_string()),
        }
    }

    impl<T: Old> Old for Vec<Field<T>> {
        fn old<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let rows = Vec::<OldField<T>>::deserialize(deserializer)?;
            Ok(rows.into_iter().map(|row| row.0).collect())
        }
    }

    impl<T: Old> Old for BTreeMap<String, Field<T>> {
        fn old<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let rows = BTreeMap::<String, OldField<T>>::deserialize(deserializer)?;
            Ok(rows.into_iter().map(|(key, row)| (key, row.0)).collect())
        }
    }

    macro_rules! plain {
        ($($name:ty),+ $(,)?) => {
            $(impl $crate::raw::oracle::Old for $name {
                fn old<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <Self as serde::Deserialize>::deserialize(deserializer)
                }
            })+
        };
    }
    pub(crate) use plain;
    plain!(bool, u8, u32, f64, String);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wrong_shapes_are_kept_instead_of_ending_the_read() {
        let raw: RosterInput =
            serde_json::from_str(r#"{"people": [{"id": 5, "needs_lift": "yes"}, 7], "extra": 1}"#)
                .unwrap();
        let people = raw.people.given().unwrap();
        let first = people[0].given().unwrap();
        assert!(matches!(first.id, Field::Wrong(_)));
        assert!(matches!(first.needs_lift, Field::Wrong(_)));
        assert!(matches!(people[1], Field::Wrong(_)));
        assert!(raw.unknown.contains_key("extra"));
    }

    #[test]
    fn cells_read_words_numbers_and_yes_no() {
        assert_eq!(Field::<bool>::from_cell(" Yes "), Field::Given(true));
        assert_eq!(Field::<u32>::from_cell("12"), Field::Given(12));
        assert_eq!(Field::<Strength>::from_cell("Important"), Field::Given(Strength::Important));
        assert_eq!(Field::<String>::from_cell("12"), Field::Given("12".into()));
        assert!(matches!(Field::<u32>::from_cell("twelve"), Field::Wrong(_)));
        assert_eq!(Field::<u32>::from_cell("  "), Field::Absent);
    }

    /// Any text that looks like JSON: right and wrong shapes, members that stand twice, nulls, numbers out of range, and what is no JSON
    /// at all.
    fn json() -> impl Strategy<Value = String> {
        const NAMES: &[&str] = &[
            "format",
            "as_of",
            "services",
            "people",
            "workers",
            "conflicts",
            "matches",
            "pins",
            "codes",
            "groups",
            "limits",
            "id",
            "kaupapa",
            "modes",
            "min_options_to_offer",
            "wait_since",
            "status",
            "age_band",
            "lat",
            "lon",
            "max_travel_min",
            "needs_lift",
            "languages",
            "tag",
            "level",
            "experiences",
            "concept",
            "importance",
            "consent_match",
            "wishes",
            "dimension",
            "values",
            "strength",
            "demand",
            "contact",
            "max_people",
            "load_max",
            "areas",
            "role",
            "kind",
            "criteria",
            "weight",
            "floors",
            "unknown",
            "peopl",
            "",
            "\\u0069d",
            "i\\u0064",
            "é",
            "\\ud800",
            "\\q",
        ];
        const VALUES: &[&str] = &[
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "3",
            "255",
            "256",
            "4294967295",
            "4294967296",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "1.0",
            "1.5",
            "-0",
            "-0.0",
            "1e2",
            "1e-999",
            "\"\"",
            "\"p1\"",
            "\"must\"",
            "\"nice\"",
            "\"weekly\"",
            "\"ready\"",
            "\"one_to_one\"",
            "\"Must\"",
            "\"5\"",
            "\"true\"",
            "\"mi\"",
            "\"t\\u0113\"",
            "\"\\ud83d\\ude00\"",
            "\"whole\"",
            "{\"must\": null}",
            "{\"must\": 1}",
            "{\"must\": null, \"nice\": null}",
            "{}",
            "[]",
            "{\"nice\": {}}",
            "[\"must\", null]",
        ];
        const NO_VALUES: &[&str] = &[
            "1e999",
            "01",
            "NaN",
            "\"\\ud800\"",
            "\"a\nb\"",
            "nul",
            "\"open",
            "[1",
            "{\"id\"",
            "{1: 2}",
            "[1,]",
            "",
        ];
        let scalar = prop_oneof![
            100 => proptest::sample::select(VALUES).prop_map(str::to_owned),
            1 => proptest::sample::select(NO_VALUES).prop_map(str::to_owned),
        ];
        let name = prop_oneof![
            1_000 => proptest::sample::select(&NAMES[..48]),
            1 => proptest::sample::select(NAMES),
        ];
        let value = scalar.prop_recursive(7, 160, 9, move |inner| {
            prop_oneof![
                2 => proptest::collection::vec(inner.clone(), 0..5)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                3 => proptest::collection::vec((name.clone(), inner), 0..9).prop_map(|members| {
                    let members: Vec<String> =
                        members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                    format!("{{{}}}", members.join(",\n"))
                }),
            ]
        });
        let deep = (0..140_usize, 0..3_usize, value.clone()).prop_map(|(depth, what, inner)| {
            let (open, close) = [("[", "]"), ("{\"id\":", "}"), ("{\"people\":[", "]}")][what];
            format!("{{\"people\": {}{inner}{}}}", open.repeat(depth), close.repeat(depth))
        });
        let cut = (value.clone(), 0..200_usize)
            .prop_map(|(text, at)| text.chars().take(at).collect::<String>());
        prop_oneof![20 => value, 1 => deep, 1 => cut]
    }

    /// What comes of reading a text, with the whole message of an error: its words, line and column.
    fn both<T: Raw + oracle::Old>(text: &str) -> (Result<T, String>, Result<T, String>) {
        let mut old = serde_json::Deserializer::from_str(text);
        let before = T::old(&mut old).and_then(|read| old.end().map(|()| read));
        (serde_json::from_str(text).map_err(|e| e.to_string()), before.map_err(|e| e.to_string()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6_000))]

        #[test]
        fn records_are_read_as_if_through_a_value_of_the_whole(text in json()) {
            let (new, old) = both::<RosterInput>(&text);
            prop_assert_eq!(new, old);
            let (new, old) = both::<ServiceUserInput>(&text);
            prop_assert_eq!(new, old);
            let (new, old) = both::<PeerWorkerInput>(&text);
            prop_assert_eq!(new, old);
            let (new, old) = both::<crate::policy::PolicyInput>(&text);
            prop_assert_eq!(new, old);
            let lenient = serde_json::from_str::<Field<RosterInput>>(&text);
            let through = serde_json::from_str::<Value>(&text).map(oracle::old_field);
            prop_assert_eq!(
                lenient.map_err(|error| error.to_string()),
                through.map_err(|error| error.to_string())
            );
            // And as a row of people and of workers, where most of a document stands.
            for list in ["people", "workers", "services", "conflicts", "groups"] {
                let (new, old) = both::<RosterInput>(&format!("{{\"{list}\": [{text}]}}"));
                prop_assert_eq!(new, old);
            }
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(
                    Field::<RosterInput>::from_value(value.clone()),
                    oracle::old_field(value.clone())
                );
                prop_assert_eq!(
                    Field::<WishInput>::from_value(value.clone()),
                    oracle::old_field(value.clone())
                );
                prop_assert_eq!(Field::<Strength>::from_value(value.clone()), oracle::old_field(value.clone()));
                prop_assert_eq!(Field::<u32>::from_value(value.clone()), oracle::old_field(value));
            }
        }
    }

    #[test]
    fn of_members_that_stand_twice_the_last_counts_but_a_document_is_refused() {
        let text =
            r#"{"people": [{"id": "a", "id": "b", "odd": 1, "odd": 2}], "odd": 3, "odd": 4}"#;
        let read: RosterInput = serde_json::from_str(text).unwrap();
        let person = read.people.given().unwrap()[0].given().unwrap();
        assert_eq!(person.id, Field::Given("b".to_owned()));
        assert_eq!(
            (&person.unknown["odd"], &read.unknown["odd"]),
            (&Value::from(2), &Value::from(4))
        );
        let (new, old) = both::<RosterInput>(r#"{"people": null, "people": []}"#);
        assert_eq!(new, old);
        assert!(new.unwrap_err().starts_with("duplicate field `people`"));
    }

    #[test]
    fn what_is_right_is_not_kept_beside_room_for_what_is_wrong() {
        assert_eq!(size_of::<Field<bool>>(), 16);
        assert_eq!(size_of::<Field<String>>(), size_of::<String>());
        assert!(size_of::<ServiceUserInput>() <= 520, "{}", size_of::<ServiceUserInput>());
    }
}
