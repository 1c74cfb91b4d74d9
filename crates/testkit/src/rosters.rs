//! Seeded random rosters: valid ones, of any size, with wishes of every dimension on both sides.
//!
//! A roster is drawn as raw input ([`input`]), so that readers and writers can be tried on it too, and checked by the model
//! ([`roster`]). The same spec and seed give the same bytes everywhere. People are invented; nothing here is drawn from a real service.
//!
//! Workers and people live in areas on a line, about ten kilometres apart, so that who can reach whom is local, as it is in a region: a person
//! shares an area with about `3 workers / areas` workers, and long journeys reach some more. [`Spec::wild`] rosters hold everything that can stand
//! in the way of a pair, often; the others hold it as rarely as a service does.
//!
//! ```
//! use peermatch_testkit::rosters::{Spec, roster};
//!
//! let one = roster(&Spec::SERVICE, 7);
//! assert_eq!((one.people().len(), one.workers().len()), (240, 26));
//! ```

use jiff::ToSpan;
use jiff::civil::{Date, date};
use peermatch_model::raw::{
    AskedExperienceInput, CodeInput, CompetenceInput, ConflictInput, Field, GroupInput,
    IdentityInput, LanguageInput, MatchInput, PeerWorkerInput, PinInput, ROSTER_FORMAT,
    RosterInput, Rows, ServiceInput, ServiceUserInput, SpokenInput, ToldExperienceInput,
    ToldIdentityInput, TrainingInput, WishInput, WorkerWishInput,
};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{
    AgeBand, AnswerState, Comfort, CompetenceLevel, ConflictKind, Direction, ExperienceDirection,
    Fluency, Gender, Goal, LanguageLevel, Licence, MatchStatus, Mode, Perspective, PinKind,
    QueueState, Role, StatedBy, Strength, SupportType, Transport, WishAbout, Words,
    WorkerWishAbout,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The day of every random roster.
pub const AS_OF: Date = date(2026, 11, 22);

/// A roster to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// Number of service users.
    pub people: usize,
    /// Number of peer workers.
    pub workers: usize,
    /// Number of services.
    pub services: usize,
    /// Number of areas on a line; a worker works in one to three of them.
    pub areas: usize,
    /// Of 100 people, how many state a wish on any one dimension.
    pub wish_percent: u8,
    /// Of 100 wishes, how many are a must.
    pub must_percent: u8,
    /// Whether pins, exclusions and minimums are drawn; a roster with pins and minimums may have no matching at all.
    pub decisions: bool,
    /// Whether whatever can stand in the way of a pair does so often.
    pub wild: bool,
    /// Of 100 people, how many walk with a worker already; the workers' caseloads are then nearly full. 0 draws a match that stands
    /// only now and then.
    pub matched_percent: u8,
}

impl Spec {
    /// 12 people, 8 workers, everything in the way: for property tests over all pairs.
    pub const SMALL: Self = Self {
        people: 12,
        workers: 8,
        services: 3,
        areas: 3,
        wish_percent: 20,
        must_percent: 20,
        decisions: true,
        wild: true,
        matched_percent: 0,
    };
    /// 60 people, 30 workers, everything in the way.
    pub const WILD: Self = Self {
        people: 60,
        workers: 30,
        services: 4,
        areas: 5,
        wish_percent: 20,
        must_percent: 15,
        decisions: true,
        wild: true,
        matched_percent: 0,
    };
    /// 240 people and 26 workers: the service of the examples.
    pub const SERVICE: Self = Self {
        people: 240,
        workers: 26,
        services: 2,
        areas: 4,
        wish_percent: 25,
        must_percent: 10,
        decisions: false,
        wild: false,
        matched_percent: 0,
    };
    /// 10,000 people and 1,000 workers: a region, with about a million eligible pairs.
    pub const REGION: Self = Self {
        people: 10_000,
        workers: 1_000,
        services: 3,
        areas: 6,
        wish_percent: 20,
        must_percent: 5,
        decisions: false,
        wild: false,
        matched_percent: 0,
    };
    /// 60,000 people and 5,000 workers of six services, where most people are matched already, as in the service of the examples: of
    /// 240 people there 188 walk with a worker and 47 wait, for 28 places. The size that a kept roster is promised to hold.
    pub const STATE: Self = Self {
        people: 60_000,
        workers: 5_000,
        services: 6,
        areas: 300,
        wish_percent: 25,
        must_percent: 10,
        decisions: false,
        wild: false,
        matched_percent: 78,
    };

    /// This spec with other sizes.
    #[must_use]
    pub const fn sized(self, people: usize, workers: usize) -> Self {
        Self { people, workers, ..self }
    }

    /// A spec of the same density in a smaller country: fewer people, workers and areas alike, rounded down.
    #[must_use]
    pub const fn smaller(self, times: usize) -> Self {
        Self {
            people: self.people / times,
            workers: self.workers / times,
            areas: self.areas / times,
            ..self
        }
    }

    /// This spec without pins, exclusions and minimums.
    #[must_use]
    pub const fn undecided(self) -> Self {
        Self { decisions: false, ..self }
    }
}

/// A random roster, checked, on the shipped taxonomy.
///
/// # Panics
/// If the generator drew something that the model refuses: a bug here, told with every fault.
pub fn roster(spec: &Spec, seed: u64) -> Roster {
    check(&input(spec, seed))
}

/// Checks an input on the shipped taxonomy.
///
/// # Panics
/// If the model refuses it, with every fault.
pub fn check(input: &RosterInput) -> Roster {
    match Roster::check(input, Taxonomy::shipped()) {
        Ok(roster) => roster,
        Err(faults) => {
            let told: Vec<String> = faults.iter().take(20).map(ToString::to_string).collect();
            panic!("not a valid roster:\n{}", told.join("\n"));
        }
    }
}

/// A random roster as it would be read. O(people + workers).
///
/// # Panics
/// If the spec names no worker, no service or no area.
pub fn input(spec: &Spec, seed: u64) -> RosterInput {
    assert!(
        spec.workers > 0 && spec.services > 0 && spec.areas > 0,
        "a roster needs a worker, a service and an area"
    );
    let mut draw = Draw { random: Pcg64::seed_from_u64(seed), spec: *spec, concepts: concepts() };
    let services: Vec<ServiceInput> = (0..spec.services).map(|i| draw.service(i)).collect();
    let people: Vec<ServiceUserInput> = (0..spec.people).map(|i| draw.person(i)).collect();
    let mut workers: Vec<PeerWorkerInput> = (0..spec.workers).map(|i| draw.worker(i)).collect();
    let matches = draw.matches(&people, &mut workers);
    let conflicts: Vec<ConflictInput> = draw.conflicts();
    let pins = draw.pins(&people, &matches);
    let groups: Vec<GroupInput> = (0..spec.services * 2).map(|i| draw.group(i)).collect();
    RosterInput {
        format: ROSTER_FORMAT.to_owned().into(),
        as_of: AS_OF.to_string().into(),
        zone: "Pacific/Auckland".to_owned().into(),
        services: all(services),
        people: all(people),
        workers: all(workers),
        conflicts: all(conflicts),
        matches: all(matches),
        groups: all(groups),
        pins: all(pins),
        codes: all(codes()),
        ..RosterInput::default()
    }
}

/// The id of the `i`th service drawn.
pub fn service_id(i: usize) -> String {
    format!("S{i}")
}

/// The id of the `i`th person drawn. Where a person stands in the checked roster depends on the time waited.
pub fn person_id(i: usize) -> String {
    format!("P{i:05}")
}

/// The id of the `i`th worker drawn.
pub fn worker_id(i: usize) -> String {
    format!("W{i:04}")
}

/// A list of records, none of them wrong.
pub fn all<T>(values: impl IntoIterator<Item = T>) -> Rows<T> {
    Field::Given(values.into_iter().map(Field::Given).collect())
}

fn concepts() -> Vec<String> {
    let taxonomy = Taxonomy::shipped();
    taxonomy
        .concepts()
        .filter(|&c| !taxonomy.is_root(c))
        .map(|c| taxonomy.id(c).to_owned())
        .collect()
}

const STYLES: [&str; 6] = ["listener", "practical", "humour", "direct", "calm", "creative"];
const INTERESTS: [&str; 8] =
    ["music", "gardening", "sport", "art", "gaming", "fishing", "cooking", "walking"];
const PLACES: [&str; 5] = ["marae", "cafe", "park", "library", "office"];
const KAUPAPA: [&str; 3] = ["kaupapa_maori", "pacific", "rainbow"];
const COMPETENCES: [&str; 5] = ["tikanga", "deaf", "pacific:tongan", "refugee", "youth"];
const TRAINING: [&str; 3] = ["peer_level_4", "safe_talk", "first_aid"];
const LANGUAGES: [&str; 6] = ["en", "mi", "sm", "nzs", "to", "hi"];
const ZONES: [&str; 4] =
    ["Pacific/Auckland", "Pacific/Chatham", "Australia/Brisbane", "Pacific/Apia"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// System, code, the broader code, whether it stands for no answer.
const CODES: [(&str, &str, &str, bool); 12] = [
    ("ethnicity", "1", "", false),
    ("ethnicity", "2", "", false),
    ("ethnicity", "3", "", false),
    ("ethnicity", "31", "3", false),
    ("ethnicity", "32", "3", false),
    ("ethnicity", "4", "", false),
    ("ethnicity", "99", "", true),
    ("iwi", "a", "", false),
    ("iwi", "a1", "a", false),
    ("iwi", "a2", "a", false),
    ("iwi", "b", "", false),
    ("iwi", "00", "", true),
];

fn codes() -> impl Iterator<Item = CodeInput> {
    CODES.iter().map(|&(system, code, parent, residual)| CodeInput {
        system: text(system),
        code: text(code),
        label: Field::Given(format!("{system} {code}")),
        parent: if parent.is_empty() { Field::Absent } else { text(parent) },
        residual: residual.into(),
        ..CodeInput::default()
    })
}

/// Which workers work in which area.
fn by_area(workers: &[PeerWorkerInput], areas: usize) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); areas];
    for (i, worker) in workers.iter().enumerate() {
        for area in worker.areas.given().into_iter().flatten().filter_map(Field::given) {
            let number = area.strip_prefix("area-").and_then(|number| number.parse::<usize>().ok());
            out[number.expect("areas are drawn by number")].push(i);
        }
    }
    out
}

fn text(word: &str) -> Field<String> {
    Field::Given(word.to_owned())
}

struct Draw {
    random: Pcg64,
    spec: Spec,
    concepts: Vec<String>,
}

impl Draw {
    /// True `percent` times of 100.
    fn odds(&mut self, percent: u8) -> bool {
        self.random.random_range(0..100u8) < percent
    }

    /// True `tame` times of 100, or `wild` times where everything gets in the way.
    fn rare(&mut self, tame: u8, wild: u8) -> bool {
        let percent = if self.spec.wild { wild } else { tame };
        self.odds(percent)
    }

    fn below(&mut self, n: usize) -> usize {
        self.random.random_range(0..n)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.random_range(0..of.len())]
    }

    /// Each of `of` with the given odds, in order.
    fn some<T: Copy>(&mut self, of: &[T], percent: u8) -> Vec<T> {
        of.iter().copied().filter(|_| self.odds(percent)).collect()
    }

    /// As [`Draw::some`], but never none.
    fn few<T: Copy>(&mut self, of: &[T], percent: u8) -> Vec<T> {
        let some = self.some(of, percent);
        if some.is_empty() { vec![self.one(of)] } else { some }
    }

    fn some_words(&mut self, of: &[&str], percent: u8) -> Rows<String> {
        all(self.some(of, percent).into_iter().map(str::to_owned))
    }

    fn concept(&mut self) -> String {
        let i = self.below(self.concepts.len());
        self.concepts[i].clone()
    }

    /// Up to `most` different concepts.
    fn some_concepts(&mut self, most: usize) -> Vec<String> {
        let n = self.below(most + 1);
        let mut out: Vec<String> = (0..n).map(|_| self.concept()).collect();
        out.sort();
        out.dedup();
        out
    }

    fn day(&mut self, from: i64, to: i64) -> String {
        let days = self.random.random_range(from..=to);
        AS_OF.saturating_add(days.days()).to_string()
    }

    fn windows(&mut self, most: usize, span: std::ops::RangeInclusive<usize>) -> Vec<String> {
        let n = 1 + self.below(most);
        (0..n)
            .map(|_| {
                let day = self.one(&DAYS);
                let start = 16 + self.below(64);
                let end = (start + self.random.random_range(span.clone())).min(96);
                format!(
                    "{day} {:02}:{:02}-{:02}:{:02}",
                    start / 4,
                    start % 4 * 15,
                    end / 4,
                    end % 4 * 15
                )
            })
            .collect()
    }

    fn zone(&mut self) -> Field<String> {
        if self.rare(2, 20) { text(self.one(&ZONES)) } else { Field::Absent }
    }

    fn transport(&mut self) -> Rows<Transport> {
        all(self.few(Transport::ALL, 50))
    }

    /// A place near an area: areas lie on a line, a tenth of a degree of longitude apart.
    fn near(&mut self, area: usize) -> (Field<f64>, Field<f64>) {
        let lat = -3_690 + self.random.random_range(-4..=4i32);
        let east = i32::try_from(area).unwrap_or(0) * 10 + self.random.random_range(-4..=4i32);
        // A line longer than half the world would go round: people in its far areas meet those in its first.
        let lon = (17_470 + east + 18_000).rem_euclid(36_000) - 18_000;
        (Field::Given(f64::from(lat) / 100.0), Field::Given(f64::from(lon) / 100.0))
    }

    fn service(&mut self, i: usize) -> ServiceInput {
        ServiceInput {
            id: service_id(i).into(),
            kaupapa: self.some_words(&KAUPAPA, 25),
            age_bands: if self.rare(0, 40) {
                all(self.few(AgeBand::ALL, 60))
            } else {
                Field::Absent
            },
            required_training: if self.spec.wild {
                self.some_words(&TRAINING, 40)
            } else {
                self.some_words(&TRAINING[..1], 50)
            },
            modes: if self.rare(10, 40) { all(self.few(Mode::ALL, 60)) } else { Field::Absent },
            supervision_required: if self.odds(50) { Field::Absent } else { self.odds(50).into() },
            min_options_to_offer: Field::Given(2),
            while_waiting: text("The drop-in is open every weekday."),
            ..ServiceInput::default()
        }
    }

    fn services(&mut self) -> Rows<String> {
        let n = self.spec.services;
        let first = self.below(n);
        let mut out = vec![first];
        if self.odds(40) {
            let second = self.below(n);
            if second != first {
                out.push(second);
            }
        }
        all(out.into_iter().map(service_id))
    }

    fn person(&mut self, i: usize) -> ServiceUserInput {
        let area = self.below(self.spec.areas);
        let placed = self.odds(60);
        let (lat, lon) = if placed { self.near(area) } else { (Field::Absent, Field::Absent) };
        let named_area = !placed || self.odds(80);
        let identity = self.person_identity();
        let wishes = self.wishes(&identity);
        let age = if self.rare(5, 20) {
            self.one(&AgeBand::ALL[..2])
        } else {
            self.one(&AgeBand::ALL[2..])
        };
        ServiceUserInput {
            id: person_id(i).into(),
            services: self.services(),
            wait_since: self.day(-400, 0).into(),
            status: if self.rare(5, 10) { self.one(QueueState::ALL) } else { QueueState::Ready }
                .into(),
            age_band: age.into(),
            area: if named_area { Field::Given(format!("area-{area}")) } else { Field::Absent },
            lat,
            lon,
            max_travel_min: if self.odds(60) {
                Field::Given(self.random.random_range(0..=60))
            } else {
                Field::Absent
            },
            transport: self.transport(),
            needs_lift: self.rare(3, 15).into(),
            languages: self.needed_languages(),
            modes: all(self.few(Mode::ALL, 40)),
            availability: all(self.windows(5, 2..=24)),
            zone: self.zone(),
            goals: all(self.some(Goal::ALL, 15)),
            support_types: all(self.some(SupportType::ALL, 25)),
            experiences: self.asked_experiences(),
            wishes: all(wishes),
            identity: all(identity),
            ..ServiceUserInput::default()
        }
    }

    fn needed_languages(&mut self) -> Rows<LanguageInput> {
        let mut out = vec![(
            "en",
            self.one(&[
                LanguageLevel::Need,
                LanguageLevel::Can,
                LanguageLevel::Can,
                LanguageLevel::Prefer,
            ]),
        )];
        if self.rare(10, 40) {
            out.push((self.one(&LANGUAGES[1..]), self.one(LanguageLevel::ALL)));
        }
        all(out.into_iter().map(|(tag, level)| LanguageInput {
            tag: text(tag),
            level: level.into(),
            ..LanguageInput::default()
        }))
    }

    fn asked_experiences(&mut self) -> Rows<AskedExperienceInput> {
        let concepts = self.some_concepts(4);
        all(concepts.into_iter().map(|concept| AskedExperienceInput {
            concept: concept.into(),
            perspective: if self.odds(80) {
                Perspective::OneSelf
            } else {
                self.one(Perspective::ALL)
            }
            .into(),
            direction: self.one(ExperienceDirection::ALL).into(),
            importance: self.random.random_range(0..=3u8).into(),
            consent_match: self.odds(85).into(),
            consent_coordinator: self.odds(50).into(),
            consent_show: self.odds(30).into(),
            ..AskedExperienceInput::default()
        }))
    }

    fn person_identity(&mut self) -> Vec<IdentityInput> {
        let picked = self.some(&CODES, 15);
        picked
            .into_iter()
            .map(|(system, code, ..)| IdentityInput {
                system: text(system),
                code: text(code),
                use_for_matching: self.odds(80).into(),
                ..IdentityInput::default()
            })
            .collect()
    }

    fn wishes(&mut self, identity: &[IdentityInput]) -> Vec<WishInput> {
        let usable = |iwi: bool| {
            identity.iter().any(|i| {
                let named = |f: &Field<String>| f.given().cloned().unwrap_or_default();
                let residual =
                    CODES.iter().any(|c| c.0 == named(&i.system) && c.1 == named(&i.code) && c.3);
                i.use_for_matching == Field::Given(true)
                    && !residual
                    && (named(&i.system) == "iwi") == iwi
            })
        };
        let (own_culture, own_iwi) = (usable(false), usable(true));
        let mut out = Vec::new();
        for &about in WishAbout::ALL {
            let percent = self.spec.wish_percent;
            if !self.odds(percent) {
                if self.odds(10) {
                    let status = self.one(&AnswerState::ALL[1..]);
                    out.push(WishInput {
                        dimension: about.into(),
                        status: status.into(),
                        ..WishInput::default()
                    });
                }
                continue;
            }
            let avoidable = matches!(
                about,
                WishAbout::Gender
                    | WishAbout::Age
                    | WishAbout::SharedCulture
                    | WishAbout::Kaupapa
                    | WishAbout::Style
                    | WishAbout::Interests
                    | WishAbout::Place
                    | WishAbout::Mode
            );
            if about == WishAbout::Iwi && !own_iwi {
                continue;
            }
            let values = self.wish_values(about, own_culture);
            let named = about == WishAbout::NamedWorker
                || (about == WishAbout::PreviousWorker
                    && values.first().is_some_and(|v| v == "same"));
            let must = self.spec.must_percent;
            let strength = if self.odds(must) && !named {
                Strength::Must
            } else {
                self.one(&[Strength::Nice, Strength::Important])
            };
            out.push(WishInput {
                dimension: about.into(),
                direction: if avoidable && self.odds(15) {
                    Direction::Avoid
                } else {
                    Direction::Prefer
                }
                .into(),
                values: if values.is_empty() { Field::Absent } else { all(values) },
                strength: strength.into(),
                stated_by: if self.odds(85) { StatedBy::OneSelf } else { self.one(StatedBy::ALL) }
                    .into(),
                confirmed: self.odds(30).into(),
                ..WishInput::default()
            });
        }
        out
    }

    fn wish_values(&mut self, about: WishAbout, own_culture: bool) -> Vec<String> {
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
        match about {
            WishAbout::Travel | WishAbout::LivedExperience => Vec::new(),
            WishAbout::Gender => {
                owned(self.few(Gender::ALL, 30).into_iter().map(Words::word).collect())
            }
            WishAbout::Age => {
                owned(self.few(&["near_me", "older", "younger", "25-34", "55-64"], 15))
            }
            WishAbout::SharedCulture if own_culture && self.odds(60) => {
                owned(vec![self.one(&["same", "not_my_own"])])
            }
            WishAbout::SharedCulture => {
                owned(self.few(&["ethnicity:1", "ethnicity:3", "ethnicity:31"], 30))
            }
            WishAbout::CulturalCompetence => owned(self.few(&COMPETENCES, 20)),
            WishAbout::Kaupapa => owned(self.few(&KAUPAPA, 20)),
            WishAbout::Iwi => owned(vec![self.one(&["near", "far"])]),
            WishAbout::Style => owned(self.few(&STYLES, 20)),
            WishAbout::Interests => owned(self.few(&INTERESTS, 20)),
            WishAbout::Mode => {
                owned(self.few(Mode::ALL, 30).into_iter().map(Words::word).collect())
            }
            WishAbout::Place => owned(self.few(&PLACES, 25)),
            WishAbout::Time => self.windows(3, 4..=24),
            WishAbout::NamedWorker => {
                let mut out: Vec<String> =
                    (0..=self.below(2)).map(|_| worker_id(self.below(self.spec.workers))).collect();
                out.dedup();
                out
            }
            WishAbout::PreviousWorker => owned(vec![self.one(&["same", "like", "different"])]),
        }
    }

    fn worker(&mut self, i: usize) -> PeerWorkerInput {
        let areas = self.spec.areas;
        let home = self.below(areas);
        let mut works_in = vec![home];
        if home + 1 < areas && self.odds(50) {
            works_in.push(home + 1);
        }
        if home > 0 && self.odds(50) {
            works_in.push(home - 1);
        }
        let (lat, lon) =
            if self.odds(60) { self.near(home) } else { (Field::Absent, Field::Absent) };
        let available_from = if self.rare(20, 30) {
            self.day(-300, if self.spec.wild { 60 } else { 0 }).into()
        } else {
            Field::Absent
        };
        // The last day may not come before the first.
        let available_until = match (self.rare(3, 15), available_from.is_absent()) {
            (true, true) => self.day(if self.spec.wild { -10 } else { 20 }, 90).into(),
            (true, false) => self.day(61, 200).into(),
            (false, _) => Field::Absent,
        };
        let max_people = self.random.random_range(4..=16u32);
        let role = if self.rare(2, 10) { self.one(Role::ALL) } else { Role::PeerSupport };
        let mut languages =
            vec![("en", if self.rare(2, 10) { Fluency::Some } else { Fluency::Whole })];
        if self.odds(30) {
            languages.push((self.one(&LANGUAGES[1..]), self.one(Fluency::ALL)));
        }
        let trained = if self.spec.wild { 70 } else { 95 };
        PeerWorkerInput {
            id: worker_id(i).into(),
            services: self.services(),
            role: role.into(),
            max_people: max_people.into(),
            current_people: if self.rare(3, 15) {
                max_people
            } else {
                self.random.random_range(0..max_people)
            }
            .into(),
            new_starts: if self.odds(60) {
                Field::Absent
            } else {
                Field::Given(self.random.random_range(u32::from(!self.spec.wild)..=5))
            },
            minimum: if self.spec.decisions && self.odds(5) {
                Field::Given(1)
            } else {
                Field::Absent
            },
            paused_until: if self.rare(2, 10) { self.day(-30, 60).into() } else { Field::Absent },
            available_from,
            available_until,
            areas: all(works_in.into_iter().map(|a| format!("area-{a}"))),
            lat,
            lon,
            max_travel_min: if self.odds(60) {
                Field::Given(self.random.random_range(0..=45))
            } else {
                Field::Absent
            },
            transport: self.transport(),
            licence: self.one(Licence::ALL).into(),
            vehicle: self.odds(60).into(),
            languages: all(languages.into_iter().map(|(tag, level)| SpokenInput {
                tag: text(tag),
                level: level.into(),
                ..SpokenInput::default()
            })),
            modes: all(self.few(Mode::ALL, 60)),
            availability: all(self.windows(8, 4..=36)),
            zone: self.zone(),
            places: self.some_words(&PLACES, 50),
            support_types: all(self.some(SupportType::ALL, 60)),
            goals: all(self.some(Goal::ALL, 40)),
            styles: self.some_words(&STYLES, 35),
            interests: self.some_words(&INTERESTS, 35),
            training: {
                let held = self.some(&TRAINING, trained);
                all(held.into_iter().map(|code| TrainingInput {
                    code: text(code),
                    date: self.day(-900, -500).into(),
                    expires: if self.odds(50) {
                        Field::Absent
                    } else {
                        Field::Given(self.day(if self.spec.wild { -60 } else { 10 }, 600))
                    },
                    ..TrainingInput::default()
                }))
            },
            supervision_due: if self.odds(40) {
                Field::Absent
            } else {
                Field::Given(self.day(if self.spec.wild { -20 } else { 0 }, 60))
            },
            vetting_until: if self.odds(60) {
                Field::Given(self.day(if self.spec.wild { -60 } else { 30 }, 600))
            } else {
                Field::Absent
            },
            experiences: self.told_experiences(),
            not_now: if self.rare(5, 20) { all(self.some_concepts(2)) } else { Field::Absent },
            age_band: if self.odds(70) {
                self.one(&AgeBand::ALL[2..]).into()
            } else {
                Field::Absent
            },
            age_consent_match: self.odds(80).into(),
            age_consent_show: self.odds(60).into(),
            gender: if self.odds(80) { self.one(Gender::ALL).into() } else { Field::Absent },
            gender_consent_match: self.odds(80).into(),
            gender_consent_show: self.odds(60).into(),
            identity: {
                let told = self.some(&CODES, 15);
                all(told.into_iter().map(|(system, code, ..)| ToldIdentityInput {
                    system: text(system),
                    code: text(code),
                    consent_match: self.odds(80).into(),
                    consent_show: self.odds(50).into(),
                    ..ToldIdentityInput::default()
                }))
            },
            competences: {
                let held = self.some(&COMPETENCES, 20);
                all(held.into_iter().map(|area| CompetenceInput {
                    area: text(area),
                    level: self.one(CompetenceLevel::ALL).into(),
                    expires: if self.odds(80) { Field::Absent } else { self.day(-100, 500).into() },
                    ..CompetenceInput::default()
                }))
            },
            wishes: all(self.worker_wishes()),
            ..PeerWorkerInput::default()
        }
    }

    fn told_experiences(&mut self) -> Rows<ToldExperienceInput> {
        let concepts = self.some_concepts(8);
        all(concepts.into_iter().map(|concept| ToldExperienceInput {
            concept: concept.into(),
            perspective: if self.odds(80) {
                Perspective::OneSelf
            } else {
                self.one(Perspective::ALL)
            }
            .into(),
            comfort: if self.rare(2, 10) {
                Comfort::NotNow
            } else {
                self.one(&[Comfort::Happy, Comfort::WithSupervision])
            }
            .into(),
            consent_match: self.odds(80).into(),
            consent_coordinator: self.odds(50).into(),
            consent_show: self.odds(40).into(),
            ..ToldExperienceInput::default()
        }))
    }

    fn worker_wishes(&mut self) -> Vec<WorkerWishInput> {
        let mut out = Vec::new();
        for &about in WorkerWishAbout::ALL {
            let percent = self.spec.wish_percent;
            if !self.odds(percent) {
                continue;
            }
            let words = |values: Vec<&'static str>| {
                values.into_iter().map(str::to_owned).collect::<Vec<_>>()
            };
            let values = match about {
                WorkerWishAbout::Travel => Vec::new(),
                WorkerWishAbout::Time => self.windows(3, 8..=24),
                WorkerWishAbout::Mode => {
                    words(self.few(Mode::ALL, 40).into_iter().map(Words::word).collect())
                }
                WorkerWishAbout::SupportTypes => {
                    words(self.few(SupportType::ALL, 40).into_iter().map(Words::word).collect())
                }
                WorkerWishAbout::Goals => {
                    words(self.few(Goal::ALL, 30).into_iter().map(Words::word).collect())
                }
                WorkerWishAbout::Topics => vec![self.concept()],
            };
            let avoidable = !matches!(about, WorkerWishAbout::Travel | WorkerWishAbout::Time);
            let must = self.spec.must_percent / 2;
            out.push(WorkerWishInput {
                dimension: about.into(),
                direction: if avoidable && self.odds(20) {
                    Direction::Avoid
                } else {
                    Direction::Prefer
                }
                .into(),
                values: if values.is_empty() { Field::Absent } else { all(values) },
                strength: if self.odds(must) {
                    Strength::Must
                } else {
                    self.one(&[Strength::Nice, Strength::Important])
                }
                .into(),
                ..WorkerWishInput::default()
            });
        }
        out
    }

    /// Earlier matches, and a caseload that has room for those that stand.
    fn matches(
        &mut self,
        people: &[ServiceUserInput],
        workers: &mut [PeerWorkerInput],
    ) -> Vec<MatchInput> {
        let mut standing = vec![0u32; workers.len()];
        let near = if self.spec.matched_percent > 0 {
            by_area(workers, self.spec.areas)
        } else {
            Vec::new()
        };
        let mut out = Vec::new();
        for (i, person) in people.iter().enumerate() {
            let mut earlier = Vec::new();
            if self.rare(10, 25) {
                earlier.push((
                    self.below(workers.len()),
                    self.one(&[
                        MatchStatus::Ended,
                        MatchStatus::Ended,
                        MatchStatus::DeclinedPerson,
                        MatchStatus::DeclinedWorker,
                    ]),
                ));
            }
            if self.spec.matched_percent > 0 {
                if self.odds(self.spec.matched_percent) {
                    let worker = self.walks_with(person, workers, &near, &standing);
                    standing[worker] += 1;
                    earlier.push((worker, self.standing_status()));
                }
            } else if self.rare(3, 10) {
                let worker = self.below(workers.len());
                let status = self.one(&[
                    MatchStatus::Offered,
                    MatchStatus::Accepted,
                    MatchStatus::FirstMeeting,
                    MatchStatus::Active,
                    MatchStatus::Paused,
                ]);
                standing[worker] += 1;
                earlier.push((worker, status));
            }
            for (worker, status) in earlier {
                out.push(MatchInput {
                    id: format!("M{:05}", out.len()).into(),
                    person_id: person_id(i).into(),
                    worker_id: worker_id(worker).into(),
                    status: status.into(),
                    ended_at: if status == MatchStatus::Ended {
                        self.day(-300, -10).into()
                    } else {
                        Field::Absent
                    },
                    ..MatchInput::default()
                });
            }
        }
        for (worker, &standing) in workers.iter_mut().zip(&standing) {
            if self.spec.matched_percent > 0 {
                // About 28 places free for 188 that are taken.
                let free = self.one(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 4]);
                worker.current_people = standing.into();
                worker.max_people = (standing + free).max(1).into();
                continue;
            }
            let now = worker.current_people.given().copied().unwrap_or(0);
            worker.current_people = now.max(standing).into();
        }
        out
    }

    /// Where a match that stands stands, most of them for long.
    fn standing_status(&mut self) -> MatchStatus {
        match self.below(20) {
            0 => MatchStatus::Accepted,
            1 => MatchStatus::FirstMeeting,
            2 => MatchStatus::Paused,
            3 if self.odds(30) => MatchStatus::Offered,
            _ => MatchStatus::Active,
        }
    }

    /// Of a few workers of the person's area and services, the one who walks with fewest.
    fn walks_with(
        &mut self,
        person: &ServiceUserInput,
        workers: &[PeerWorkerInput],
        near: &[Vec<usize>],
        standing: &[u32],
    ) -> usize {
        let number = person.area.given().and_then(|area| area.strip_prefix("area-")?.parse().ok());
        let area: usize = number.unwrap_or_else(|| self.below(near.len()));
        let shares = |worker: &PeerWorkerInput| {
            let theirs = worker.services.given().into_iter().flatten();
            person.services.given().is_some_and(|own| theirs.into_iter().any(|s| own.contains(s)))
        };
        let mut best: Option<usize> = None;
        for _ in 0..8 {
            let worker = match near[area].len() {
                0 => self.below(workers.len()),
                n => near[area][self.below(n)],
            };
            let better = best.is_none_or(|best| standing[worker] < standing[best]);
            if better && shares(&workers[worker]) {
                best = Some(worker);
            }
        }
        best.unwrap_or_else(|| self.below(workers.len()))
    }

    fn conflicts(&mut self) -> Vec<ConflictInput> {
        let spec = self.spec;
        let per_hundred = if spec.wild { 60 } else { 5 };
        let n = if spec.people == 0 { 0 } else { (spec.people * per_hundred).div_ceil(100) };
        (0..n)
            .map(|_| {
                let (person, worker) =
                    (person_id(self.below(spec.people)), worker_id(self.below(spec.workers)));
                let (a, b) = if self.odds(50) { (person, worker) } else { (worker, person) };
                ConflictInput {
                    a_id: a.into(),
                    b_id: b.into(),
                    kind: self.one(ConflictKind::ALL).into(),
                    until: if self.odds(80) { Field::Absent } else { self.day(-20, 100).into() },
                    ..ConflictInput::default()
                }
            })
            .collect()
    }

    fn pins(&mut self, people: &[ServiceUserInput], matches: &[MatchInput]) -> Vec<PinInput> {
        let mut out = Vec::new();
        if !self.spec.decisions {
            return out;
        }
        for (i, person) in people.iter().enumerate() {
            let kind = if self.odds(4) {
                PinKind::Pin
            } else if self.odds(10) {
                PinKind::Exclude
            } else {
                continue;
            };
            let id = person_id(i);
            let stands = matches.iter().any(|m| {
                m.person_id.given() == Some(&id) && m.status.given().is_some_and(|s| s.kept())
            });
            if kind == PinKind::Pin && (stands || person.status != Field::Given(QueueState::Ready))
            {
                continue;
            }
            let worker = worker_id(self.below(self.spec.workers));
            out.push(PinInput {
                person_id: id.into(),
                worker_id: worker.into(),
                kind: kind.into(),
                ..PinInput::default()
            });
        }
        out
    }

    fn group(&mut self, i: usize) -> GroupInput {
        let service = self.below(self.spec.services);
        let area = self.below(self.spec.areas);
        GroupInput {
            id: format!("G{i}").into(),
            service: service_id(service).into(),
            topics: all(self.some_concepts(2)),
            open: self.odds(80).into(),
            seats_free: self.random.random_range(0..=8u32).into(),
            languages: if self.odds(60) {
                Field::Absent
            } else {
                all([self.one(&LANGUAGES).to_owned()])
            },
            schedule: all(self.windows(1, 4..=8)),
            area: if self.odds(30) { Field::Absent } else { Field::Given(format!("area-{area}")) },
            ..GroupInput::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peermatch_model::roster::PeerWorker;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_is_drawn_is_valid_and_the_same_every_time() {
        for seed in 0..300 {
            let one = input(&Spec::SMALL, seed);
            assert_eq!(one, input(&Spec::SMALL, seed));
            check(&one);
        }
        check(&input(&Spec::WILD.sized(0, 1), 1));
        assert_eq!(roster(&Spec::SERVICE, 1).workers().len(), 26);
    }

    #[test]
    fn a_state_is_matched_as_the_service_of_the_examples_is() {
        let spec = Spec::STATE.smaller(30);
        assert_eq!((spec.people, spec.workers, spec.areas), (2_000, 166, 10));
        let roster = roster(&spec, 3);
        let matched = roster.people().iter().filter(|user| !user.kept.is_empty()).count();
        let (waiting, free): (usize, u32) =
            (roster.waiting().count(), roster.workers().iter().map(PeerWorker::places).sum());
        assert!((1_500..1_620).contains(&matched), "{matched}");
        assert!((380..460).contains(&waiting), "{waiting}");
        assert!((120..240).contains(&free), "{free}");
    }

    #[test]
    fn every_dimension_is_wished_about_in_both_strengths_and_as_a_must() {
        let mut seen = BTreeSet::new();
        let mut of_workers = BTreeSet::new();
        for seed in 0..100 {
            let roster = roster(&Spec::SMALL, seed);
            seen.extend(
                roster.people().iter().flat_map(|u| u.wishes.iter().map(|w| (w.about, w.strength))),
            );
            of_workers.extend(
                roster
                    .workers()
                    .iter()
                    .flat_map(|w| w.wishes.iter().map(|w| (w.about, w.strength))),
            );
        }
        for &about in WishAbout::ALL {
            for &strength in Strength::ALL {
                assert!(
                    seen.contains(&(about, strength)) || about == WishAbout::NamedWorker,
                    "{about} {strength}"
                );
            }
        }
        assert_eq!(of_workers.len(), WorkerWishAbout::ALL.len() * Strength::ALL.len());
    }
}
