//! From raw to checked: every fault at once, then canonical order. Knows shapes, references and ranges; no rule of matching.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use oxilangtag::LanguageTag;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{
    AgeWish, AskedExperience, Code, CodeIx, CultureWish, Group, IWI_SYSTEM, Language,
    NominatedPeer, PeerWorker, Position, PreviousWish, Roster, Service, ServiceIx, ServiceUser,
    Tag, Told, ToldExperience, UserIx, Wish, WishValues, WorkerIx, WorkerWish, WorkerWishValues,
};
use crate::fault::{At, Faults, nearest};
use crate::raw::{
    AskedExperienceInput, CodeInput, CompetenceInput, ConflictInput, Field, GroupInput,
    IdentityInput, LanguageInput, MatchInput, NominatedPeerInput, PeerWorkerInput, PinInput,
    ROSTER_FORMAT, RosterInput, ServiceInput, ServiceUserInput, SpokenInput, ToldExperienceInput,
    ToldIdentityInput, TrainingInput, WishInput, WorkerWishInput,
};
use crate::take::{each, list, optional, required, unknown};
use crate::taxonomy::{Concept, Taxonomy};
use crate::week::{WeekTimes, Zone, add_window};
use crate::words::{
    AgeBand, AnswerState, Comfort, ConflictKind, Direction, ExperienceDirection, Gender, Goal,
    Licence, MatchStatus, Mode, Perspective, PinKind, QueueState, Role, StatedBy, Strength,
    SupportType, Transport, WishAbout, WordSet, Words, WorkerWishAbout,
};

/// The longest id, in characters.
const ID_CHARS_MAX: usize = 100;
/// The longest free text (crisis text and the like), in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// The largest count of people a worker may hold.
const PEOPLE_MAX: u32 = 10_000;
/// The longest journey, minutes.
const TRAVEL_MAX: u32 = 600;

impl Roster {
    /// Checks a roster against a taxonomy.
    ///
    /// Items without consent for matching and residual codes are dropped here, so that nothing later can read them. Rows may
    /// come in any order.
    ///
    /// # Errors
    /// Every fault at once, by JSON pointer into `input`.
    pub fn check(input: &RosterInput, taxonomy: Taxonomy) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let root = At::root();
        let f = &mut faults;
        unknown(f, &root, &input.unknown, RosterInput::MEMBERS);
        if let Some(format) =
            required(f, &root.key("format"), &input.format, &format!("write \"{ROSTER_FORMAT}\""))
            && format != ROSTER_FORMAT
        {
            f.report(
                &root.key("format"),
                format,
                "not a format this version reads",
                format!("write \"{ROSTER_FORMAT}\""),
            );
        }
        let as_of =
            required(f, &root.key("as_of"), &input.as_of, "write the day of the run as 2026-11-22")
                .and_then(|text| date(f, &root.key("as_of"), &text));
        // Without a day, nothing is compared with it: that would only repeat the one fault.
        let as_of = as_of.unwrap_or(jiff::civil::date(2200, 12, 31));
        let zone_name =
            optional(f, &root.key("zone"), &input.zone).unwrap_or_else(|| "UTC".to_owned());
        let zone = zone(f, &root.key("zone"), &zone_name, as_of);

        let mut cx = Checker {
            f,
            as_of,
            zone,
            taxonomy: &taxonomy,
            tags: Tags::gather(input),
            languages: languages(input),
            zones: BTreeMap::new(),
        };
        let codes = Codes::check(&mut cx, input);
        let service_ids = cx.ids(&root.key("services"), &input.services, |s| &s.id, "service");
        let user_ids = cx.ids(&root.key("people"), &input.people, |u| &u.id, "person");
        let worker_ids = cx.ids(&root.key("workers"), &input.workers, |w| &w.id, "worker");
        for id in user_ids.keys().filter(|id| worker_ids.contains_key(*id)) {
            let at = root.key("workers");
            cx.f.report(
                &at.index(worker_ids[id]).key("id"),
                id,
                "a person has the same id",
                "give every person and worker an id of their own",
            );
        }
        let service_ix: BTreeMap<&str, ServiceIx> =
            service_ids.keys().enumerate().map(|(i, id)| (id.as_str(), ServiceIx::at(i))).collect();
        let worker_ix: BTreeMap<String, WorkerIx> =
            worker_ids.keys().enumerate().map(|(i, id)| (id.clone(), WorkerIx::at(i))).collect();
        let refs = Refs { services: &service_ix, workers: &worker_ix, codes: &codes };

        let mut services = Vec::new();
        each_right(cx.f, &root.key("services"), &input.services, |f, at, _, row| {
            services.push(service(f, at, row, &cx.tags));
        });
        services.sort_by(|a, b| a.id.cmp(&b.id));

        let mut people = Vec::new();
        let at = root.key("people");
        each_index(&input.people, |i, row| {
            let user = cx.user(&at.index(i), row, &refs);
            people.push((user, i));
        });
        let mut workers = Vec::new();
        let at = root.key("workers");
        each_index(&input.workers, |i, row| {
            let worker = cx.worker(&at.index(i), row, &refs);
            workers.push((worker, i));
        });
        let mut groups = Vec::new();
        let at = root.key("groups");
        cx.ids(&at, &input.groups, |g| &g.id, "group");
        each_index(&input.groups, |i, row| groups.extend(cx.group(&at.index(i), row, &refs)));
        groups.sort_by(|a: &Group, b| a.id.cmp(&b.id));

        people.sort_by(|(a, _), (b, _)| {
            a.wait_since.cmp(&b.wait_since).then_with(|| a.id.cmp(&b.id))
        });
        workers.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let user_ix: BTreeMap<String, UserIx> =
            people.iter().enumerate().map(|(i, (u, _))| (u.id.clone(), UserIx::at(i))).collect();
        let mut parties = Parties {
            user_ix: &user_ix,
            worker_ix: &worker_ix,
            people: &mut people,
            conflicts: BTreeMap::new(),
            pins: BTreeMap::new(),
            kept: BTreeMap::new(),
        };
        parties.matches(&mut cx, input);
        parties.conflicts(&mut cx, input);
        parties.pins(&mut cx, input);
        let Parties { conflicts, pins, kept, .. } = parties;
        let at = root.key("workers");
        for (worker, place) in &workers {
            let Some(&ix) = worker_ix.get(&worker.id) else { continue };
            let standing = kept.get(&ix).copied().unwrap_or(0);
            if standing > worker.people_now {
                cx.f.report(
                    &at.index(*place).key("current_people"),
                    worker.people_now,
                    format!("{standing} matches that stand name this worker, but the worker is said to walk with {}", worker.people_now),
                    format!("write at least {standing}: everybody the worker walks with counts, matches that stand among them"),
                );
            }
        }

        let (zone, tags, languages) = (cx.zone, cx.tags.words, cx.languages);
        let codes = codes.list;
        let roster = Self {
            as_of,
            zone,
            services,
            people: people.into_iter().map(|(u, _)| u).collect(),
            workers: workers.into_iter().map(|(w, _)| w).collect(),
            groups,
            conflicts,
            pins,
            codes,
            tags,
            languages,
            taxonomy,
            user_by_id: user_ix,
            worker_by_id: worker_ix,
        };
        faults.into_result(roster)
    }
}

/// Calls `with` for each right record; wrong ones were reported when the ids were gathered.
fn each_index<T>(rows: &Field<Vec<Field<T>>>, mut with: impl FnMut(usize, &T)) {
    for (i, row) in rows.given().into_iter().flatten().enumerate() {
        if let Field::Given(row) = row {
            with(i, row);
        }
    }
}

fn each_right<T>(
    f: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
    mut with: impl FnMut(&mut Faults, &At<'_>, usize, &T),
) {
    each_index(rows, |i, row| with(f, &at.index(i), i, row));
}

/// What names resolve to.
struct Refs<'a> {
    services: &'a BTreeMap<&'a str, ServiceIx>,
    workers: &'a BTreeMap<String, WorkerIx>,
    codes: &'a Codes,
}

struct Checker<'a> {
    f: &'a mut Faults,
    as_of: Date,
    zone: Zone,
    taxonomy: &'a Taxonomy,
    tags: Tags,
    languages: Vec<String>,
    zones: BTreeMap<String, Option<Zone>>,
}

// ---------------------------------------------------------------- open words, languages, codes

/// Folds a word so that case, accents and spacing do not part what belongs together (`Māori`, `maori`).
pub(crate) fn fold(word: &str) -> String {
    let plain: String = word.nfd().filter(|&c| !is_combining_mark(c)).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every open word of the input, sorted by its folded form; the spelling kept is the first in byte order, so that the order
/// of rows does not show.
struct Tags {
    folded: Vec<String>,
    words: Vec<String>,
}

impl Tags {
    fn gather(input: &RosterInput) -> Self {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |word: &str| {
            let word: String = word.trim().nfc().collect();
            let key = fold(&word);
            if key.is_empty() {
                return;
            }
            all.entry(key)
                .and_modify(|kept| *kept = std::cmp::min(kept.as_str(), &word).to_owned())
                .or_insert(word);
        };
        let mut many = |rows: &Field<Vec<Field<String>>>| each_index(rows, |_, word| add(word));
        each_index(&input.services, |_, s| {
            many(&s.kaupapa);
            many(&s.required_training);
        });
        each_index(&input.people, |_, u| each_index(&u.wishes, |_, w| many(&w.values)));
        each_index(&input.workers, |_, w| {
            many(&w.areas);
            many(&w.places);
            many(&w.styles);
            many(&w.interests);
        });
        let mut one = |field: &Field<String>| {
            if let Some(word) = field.given() {
                add(word);
            }
        };
        each_index(&input.people, |_, u| one(&u.area));
        each_index(&input.groups, |_, g| one(&g.area));
        each_index(&input.workers, |_, w| {
            each_index(&w.training, |_, t| one(&t.code));
            each_index(&w.competences, |_, c| one(&c.area));
        });
        let (folded, words) = all.into_iter().unzip();
        Self { folded, words }
    }

    fn find(&self, word: &str) -> Option<Tag> {
        self.folded.binary_search(&fold(word)).ok().map(Tag::at)
    }

    /// The tags of a list: sorted, each once. Wrong shapes are reported.
    fn list(&self, f: &mut Faults, at: &At<'_>, rows: &Field<Vec<Field<String>>>) -> Vec<Tag> {
        let mut out = self.ranked(f, at, rows);
        out.sort_unstable();
        out.dedup();
        out
    }

    fn ranked(&self, f: &mut Faults, at: &At<'_>, rows: &Field<Vec<Field<String>>>) -> Vec<Tag> {
        let mut out = Vec::new();
        each(f, at, rows, |f, at, _, word| match self.find(word) {
            Some(tag) => out.push(tag),
            None => f.report(at, word, "an empty word", "remove it"),
        });
        out
    }
}

fn primary(tag: &str) -> Option<String> {
    let parsed = LanguageTag::parse_and_normalize(tag.trim()).ok()?;
    // Longer ones are reserved or names written out (`english`): well formed, and never meant.
    Some(parsed.primary_language().to_lowercase())
        .filter(|language| (2..=3).contains(&language.len()))
}

fn languages(input: &RosterInput) -> Vec<String> {
    let mut all = BTreeSet::new();
    let mut add = |field: &Field<String>| all.extend(field.given().and_then(|t| primary(t)));
    each_index(&input.people, |_, u| each_index(&u.languages, |_, l| add(&l.tag)));
    each_index(&input.workers, |_, w| each_index(&w.languages, |_, l| add(&l.tag)));
    each_index(&input.groups, |_, g| {
        for l in g.languages.given().into_iter().flatten() {
            add(l);
        }
    });
    all.into_iter().collect()
}

struct Codes {
    list: Vec<Code>,
    by_name: BTreeMap<(String, String), CodeIx>,
}

impl Codes {
    fn check(cx: &mut Checker<'_>, input: &RosterInput) -> Self {
        let root = At::root();
        let at = root.key("codes");
        let mut rows: BTreeMap<(String, String), (usize, CodeInput)> = BTreeMap::new();
        each(cx.f, &at, &input.codes, |f, at, i, row: &CodeInput| {
            unknown(f, at, &row.unknown, CodeInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            if let (Some(system), Some(code)) = (system, code) {
                let key = (system.trim().to_owned(), code.trim().to_owned());
                if let Some((earlier, _)) = rows.get(&key) {
                    f.report(
                        &at.key("code"),
                        &key.1,
                        format!("the same code stands in row {} too", earlier + 1),
                        "keep one of the two",
                    );
                } else {
                    rows.insert(key, (i, row.clone()));
                }
            }
        });
        let by_name: BTreeMap<(String, String), CodeIx> =
            rows.keys().enumerate().map(|(i, key)| (key.clone(), CodeIx::at(i))).collect();
        let mut list = Vec::new();
        for ((system, code), (i, row)) in &rows {
            let at = at.index(*i);
            let parent = optional(cx.f, &at.key("parent"), &row.parent)
                .filter(|p| !p.trim().is_empty())
                .and_then(|parent| {
                    let found = by_name.get(&(system.clone(), parent.trim().to_owned())).copied();
                    if found.is_none() {
                        cx.f.report(
                            &at.key("parent"),
                            &parent,
                            format!("no code of `{system}` has this name"),
                            "name a code of the list, or leave it empty",
                        );
                    }
                    found
                });
            list.push(Code {
                system: system.clone(),
                code: code.clone(),
                label: optional(cx.f, &at.key("label"), &row.label).unwrap_or_else(|| code.clone()),
                parent,
                residual: optional(cx.f, &at.key("residual"), &row.residual).unwrap_or(false),
            });
        }
        // A chain longer than the list goes round.
        for (place, (_, (i, row))) in rows.iter().enumerate() {
            let mut seen = 0;
            let mut next = list[place].parent;
            while let Some(code) = next {
                seen += 1;
                if seen > list.len() {
                    let parent = row.parent.given().cloned().unwrap_or_default();
                    cx.f.report(
                        &at.index(*i).key("parent"),
                        parent,
                        "the parents go round in a circle",
                        "let the broadest code have no parent",
                    );
                    break;
                }
                next = list[code.index()].parent;
            }
        }
        if !cx.f.is_empty() {
            // A circle must not be walked later in this check.
            for code in &mut list {
                code.parent = None;
            }
        }
        Self { list, by_name }
    }

    /// A code that a record names; residual codes give `Some(None)`.
    fn find(&self, f: &mut Faults, at: &At<'_>, system: &str, code: &str) -> Option<CodeIx> {
        let found = self.by_name.get(&(system.trim().to_owned(), code.trim().to_owned())).copied();
        if found.is_none() {
            let known =
                self.list.iter().filter(|c| c.system == system.trim()).map(|c| c.code.as_str());
            let fix = match nearest(code, known) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!(
                    "add `{code}` to the codes of `{system}`, with its parent and whether it stands for no answer"
                ),
            };
            f.report(at, format!("{system}:{code}"), "not among the codes the service loaded", fix);
        }
        found
    }
}

// ---------------------------------------------------------------- small values

fn date(f: &mut Faults, at: &At<'_>, text: &str) -> Option<Date> {
    let parsed = text.trim().parse::<Date>().ok();
    match parsed {
        Some(day) if (1900..=2200).contains(&day.year()) => Some(day),
        Some(_) => {
            f.report(at, text, "a year that cannot be meant", "write a year from 1900 to 2200");
            None
        }
        None => {
            f.report(
                at,
                text,
                "not a day of the calendar",
                "write it as year-month-day: 2026-11-22",
            );
            None
        }
    }
}

fn optional_date(f: &mut Faults, at: &At<'_>, field: &Field<String>) -> Option<Date> {
    let text = optional(f, at, field)?;
    date(f, at, &text)
}

fn zone(f: &mut Faults, at: &At<'_>, name: &str, day: Date) -> Zone {
    Zone::on(name.trim(), day).unwrap_or_else(|| {
        f.report(at, name, "not a known time zone", "write an IANA name such as Pacific/Auckland");
        Zone { name: name.to_owned(), offset_minutes: 0 }
    })
}

fn count(f: &mut Faults, at: &At<'_>, field: &Field<u32>, max: u32) -> Option<u32> {
    let value = optional(f, at, field)?;
    if value > max {
        f.report(
            at,
            value,
            "more than can be meant",
            format!("write a whole number from 0 to {max}"),
        );
        return None;
    }
    Some(value)
}

fn text(f: &mut Faults, at: &At<'_>, field: &Field<String>) -> String {
    let text = optional(f, at, field).unwrap_or_default();
    if text.chars().count() > TEXT_CHARS_MAX {
        f.report(at, &text, "too long", format!("write at most {TEXT_CHARS_MAX} characters"));
    }
    text.trim().nfc().collect()
}

fn words<W: Words>(f: &mut Faults, at: &At<'_>, rows: &Field<Vec<Field<W>>>) -> WordSet {
    WordSet::of(list(f, at, rows))
}

fn position(f: &mut Faults, at: &At<'_>, lat: &Field<f64>, lon: &Field<f64>) -> Option<Position> {
    let one = |f: &mut Faults, key: &str, field: &Field<f64>, max: f64| {
        let at = at.key(key);
        let value = optional(f, &at, field)?;
        if !value.is_finite() || value.abs() > max {
            f.report(
                &at,
                value,
                "not a place on earth",
                format!("write degrees from -{max} to {max}"),
            );
            return None;
        }
        let hundredths = (value * 100.0).round();
        if (value * 100.0 - hundredths).abs() > 1e-6 {
            f.report(
                &at,
                value,
                "finer than about a kilometre: an address must not reach the engine",
                "round to two decimals",
            );
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most 18,000 in size, and whole")]
        Some(hundredths as i32)
    };
    let (had_lat, had_lon) = (!lat.is_absent(), !lon.is_absent());
    let found = (one(f, "lat", lat, 90.0), one(f, "lon", lon, 180.0));
    if had_lat != had_lon {
        let (missing, there) = if had_lat { ("lon", "lat") } else { ("lat", "lon") };
        f.report(&at.key(missing), "", format!("{there} stands alone"), "write both or neither");
        return None;
    }
    Some(Position { lat_hundredths: found.0?, lon_hundredths: found.1? })
}

fn service(f: &mut Faults, at: &At<'_>, row: &ServiceInput, tags: &Tags) -> Service {
    unknown(f, at, &row.unknown, ServiceInput::MEMBERS);
    Service {
        id: row.id.given().map(|id| id.trim().to_owned()).unwrap_or_default(),
        kaupapa: tags.list(f, &at.key("kaupapa"), &row.kaupapa),
        age_bands: words(f, &at.key("age_bands"), &row.age_bands),
        required_training: tags.list(f, &at.key("required_training"), &row.required_training),
        modes: words(f, &at.key("modes"), &row.modes),
        supervision_required: optional(
            f,
            &at.key("supervision_required"),
            &row.supervision_required,
        )
        .unwrap_or(true),
        min_options_to_offer: count(
            f,
            &at.key("min_options_to_offer"),
            &row.min_options_to_offer,
            20,
        )
        .unwrap_or(2),
        crisis_text: text(f, &at.key("crisis_text"), &row.crisis_text),
        complaints_text: text(f, &at.key("complaints_text"), &row.complaints_text),
        while_waiting: text(f, &at.key("while_waiting"), &row.while_waiting),
        person_word: Some(text(f, &at.key("person_word"), &row.person_word))
            .filter(|w| !w.is_empty())
            .unwrap_or_else(|| "person".to_owned()),
    }
}

// ---------------------------------------------------------------- people

impl Checker<'_> {
    /// The ids of a list, each with its place; missing, ill-formed and double ones are reported.
    fn ids<T>(
        &mut self,
        at: &At<'_>,
        rows: &Field<Vec<Field<T>>>,
        id: impl Fn(&T) -> &Field<String>,
        what: &str,
    ) -> BTreeMap<String, usize> {
        let mut out: BTreeMap<String, usize> = BTreeMap::new();
        each(self.f, at, rows, |f, at, i, row| {
            let at = at.key("id");
            let Some(given) = required(f, &at, id(row), &format!("give the {what} an id")) else {
                return;
            };
            let given = given.trim().to_owned();
            if given.is_empty()
                || given.chars().count() > ID_CHARS_MAX
                || given.chars().any(char::is_control)
            {
                f.report(
                    &at,
                    &given,
                    "not an id",
                    format!("write 1 to {ID_CHARS_MAX} characters on one line"),
                );
            } else if let Some(&earlier) = out.get(&given) {
                f.report(
                    &at,
                    &given,
                    format!("{what} {} of the list has the same id", earlier + 1),
                    "give each an id of its own, or remove one",
                );
            } else {
                out.insert(given, i);
            }
        });
        out
    }

    fn times(
        &mut self,
        at: &At<'_>,
        key: &str,
        rows: &Field<Vec<Field<String>>>,
        zone: &Zone,
    ) -> WeekTimes {
        let mut times = WeekTimes::NEVER;
        each(self.f, &at.key(key), rows, |f, at, _, window| {
            if let Err(reason) = add_window(&mut times, window, zone.offset_minutes) {
                f.report(
                    at,
                    window,
                    reason,
                    "write it as `Mon 09:00-12:30` or `Mon-Fri 13:00-17:00`",
                );
            }
        });
        times
    }

    fn own_zone(&mut self, at: &At<'_>, field: &Field<String>) -> Zone {
        let Some(name) = optional(self.f, &at.key("zone"), field) else { return self.zone.clone() };
        let as_of = self.as_of;
        let known = self
            .zones
            .entry(name.trim().to_owned())
            .or_insert_with(|| Zone::on(name.trim(), as_of));
        match known {
            Some(zone) => zone.clone(),
            None => zone(self.f, &at.key("zone"), &name, as_of),
        }
    }

    fn services(
        &mut self,
        at: &At<'_>,
        rows: &Field<Vec<Field<String>>>,
        refs: &Refs<'_>,
        who: &str,
    ) -> Vec<ServiceIx> {
        let at = at.key("services");
        let mut out = BTreeSet::new();
        let mut named = false;
        each(self.f, &at, rows, |f, at, _, id| {
            named = true;
            out.extend(known(f, at, id, refs.services, "service"));
        });
        if !named && !matches!(rows, Field::Wrong { .. }) {
            self.f.report(
                &at,
                "",
                format!("no service is named, so the {who} can be matched in none"),
                "name at least one service",
            );
        }
        out.into_iter().collect()
    }

    fn language(&mut self, at: &At<'_>, tag: &Field<String>) -> Option<Language> {
        let at = at.key("tag");
        let tag = required(self.f, &at, tag, "write a language tag such as en, mi or nzs")?;
        self.language_tag(&at, &tag)
    }

    fn language_tag(&mut self, at: &At<'_>, tag: &str) -> Option<Language> {
        let found =
            primary(tag).and_then(|p| self.languages.binary_search(&p).ok()).map(Language::at);
        if found.is_none() {
            self.f.report(
                at,
                tag,
                "not a BCP-47 language tag",
                "write a tag such as en (English), mi (te reo Māori), sm or nzs",
            );
        }
        found
    }

    fn concept(&mut self, at: &At<'_>, id: &str) -> Option<Concept> {
        let found = self.taxonomy.find(id.trim());
        match found {
            None => {
                let ids = self.taxonomy.concepts().map(|c| self.taxonomy.id(c));
                let fix = match nearest(id, ids) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "use an id of the taxonomy".to_owned(),
                };
                self.f.report(at, id, "not a concept of the taxonomy", fix);
                None
            }
            Some(concept) if self.taxonomy.is_root(concept) => {
                self.f.report(
                    at,
                    id,
                    "the root stands for everything and says nothing",
                    "name the experience, or its area",
                );
                None
            }
            found => found,
        }
    }

    fn needed_set<W: Words>(
        &mut self,
        at: &At<'_>,
        key: &str,
        rows: &Field<Vec<Field<W>>>,
        fix: &str,
    ) -> WordSet {
        let at = at.key(key);
        let set = words(self.f, &at, rows);
        if set.is_empty()
            && rows.given().is_none_or(Vec::is_empty)
            && !matches!(rows, Field::Wrong { .. })
        {
            self.f.report(&at, "", "nothing stands here, but it is needed", fix);
        }
        set
    }

    fn user(&mut self, at: &At<'_>, row: &ServiceUserInput, refs: &Refs<'_>) -> ServiceUser {
        unknown(self.f, at, &row.unknown, ServiceUserInput::MEMBERS);
        let zone = self.own_zone(at, &row.zone);
        let wait_at = at.key("wait_since");
        let wait_since =
            required(self.f, &wait_at, &row.wait_since, "write the day the person began to wait")
                .and_then(|t| date(self.f, &wait_at, &t));
        let wait_since = wait_since.unwrap_or(self.as_of);
        let waited = wait_since.until(self.as_of).map_or(0, |span| span.get_days());
        if wait_since > self.as_of {
            self.f.report(
                &wait_at,
                wait_since,
                format!("later than the day of the run ({})", self.as_of),
                "write the day the person began to wait",
            );
        }
        let state = required(
            self.f,
            &at.key("status"),
            &row.status,
            "write ready, on_hold, withdrawn, contacted or referral_received",
        );
        let age =
            required(self.f, &at.key("age_band"), &row.age_band, "write a band such as 25-34");
        let modes = self.needed_set(
            at,
            "modes",
            &row.modes,
            "write the ways to meet that work: one_to_one, telephone, video, ...",
        );
        let availability = self.times(at, "availability", &row.availability, &zone);
        if row.availability.given().is_none_or(Vec::is_empty)
            && !matches!(row.availability, Field::Wrong { .. })
        {
            self.f.report(
                &at.key("availability"),
                "",
                "no time to meet",
                "write windows such as `Mon 09:00-12:30`",
            );
        }
        let area =
            optional(self.f, &at.key("area"), &row.area).and_then(|word| self.tags.find(&word));
        let position = position(self.f, at, &row.lat, &row.lon);
        let in_person = modes.iter::<Mode>().any(Mode::in_person);
        if in_person && row.area.is_absent() && row.lat.is_absent() && row.lon.is_absent() {
            self.f.report(
                &at.key("area"),
                "",
                "meeting in person needs to know roughly where",
                "write an area, or rounded lat and lon",
            );
        }

        let mut languages = Vec::new();
        let langs_at = at.key("languages");
        let rows: Vec<(usize, LanguageInput)> = gather(self.f, &langs_at, &row.languages);
        for (i, row) in &rows {
            let at = langs_at.index(*i);
            unknown(self.f, &at, &row.unknown, LanguageInput::MEMBERS);
            let level = required(self.f, &at.key("level"), &row.level, "write need, prefer or can");
            if let (Some(language), Some(level)) = (self.language(&at, &row.tag), level) {
                languages.push((language, level));
            }
        }
        if rows.is_empty() && !matches!(row.languages, Field::Wrong { .. }) {
            self.f.report(&langs_at, "", "no language", "write at least one, such as en:need");
        }
        languages.sort_unstable();
        languages.dedup();

        let identity = self.user_identity(at, row, refs);
        let mut wishes = self.wishes(at, row, refs, &zone, age, &identity);
        wishes.sort_by_key(|w| (w.about, w.direction));
        let other_answers = other_answers(row);
        ServiceUser {
            id: row.id.given().map(|id| id.trim().to_owned()).unwrap_or_default(),
            services: self.services(at, &row.services, refs, "person"),
            wait_since,
            wait_days: u32::try_from(waited.max(0)).unwrap_or(0),
            state: state.unwrap_or(QueueState::OnHold),
            age,
            area,
            position,
            travel_min_max: count(
                self.f,
                &at.key("max_travel_min"),
                &row.max_travel_min,
                TRAVEL_MAX,
            )
            .unwrap_or(0),
            transport: words(self.f, &at.key("transport"), &row.transport),
            needs_lift: optional(self.f, &at.key("needs_lift"), &row.needs_lift).unwrap_or(false),
            languages,
            modes,
            times: availability,
            goals: words::<Goal>(self.f, &at.key("goals"), &row.goals),
            support_types: words::<SupportType>(
                self.f,
                &at.key("support_types"),
                &row.support_types,
            ),
            experiences: self.asked_experiences(at, row),
            wishes,
            other_answers,
            identity,
            nominated_peers: self.nominated(at, row),
            previous_workers: Vec::new(),
            kept: None,
        }
    }

    fn nominated(&mut self, at: &At<'_>, row: &ServiceUserInput) -> Vec<NominatedPeer> {
        let at = at.key("nominated_peers");
        self.ids(&at, &row.nominated_peers, |p| &p.id, "nominated peer");
        let mut out = Vec::new();
        each_right(self.f, &at, &row.nominated_peers, |f, at, _, row: &NominatedPeerInput| {
            unknown(f, at, &row.unknown, NominatedPeerInput::MEMBERS);
            out.push(NominatedPeer {
                id: row.id.given().map(|id| id.trim().to_owned()).unwrap_or_default(),
                relation: text(f, &at.key("relation"), &row.relation),
                consented: optional(f, &at.key("consented"), &row.consented).unwrap_or(false),
            });
        });
        out.sort_by(|a, b| a.id.cmp(&b.id));
        out
    }

    fn asked_experiences(&mut self, at: &At<'_>, row: &ServiceUserInput) -> Vec<AskedExperience> {
        let at = at.key("experiences");
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for (i, row) in gather::<AskedExperienceInput>(self.f, &at, &row.experiences) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, AskedExperienceInput::MEMBERS);
            let perspective = optional(self.f, &at.key("perspective"), &row.perspective)
                .unwrap_or(Perspective::OneSelf);
            let direction = optional(self.f, &at.key("direction"), &row.direction)
                .unwrap_or(ExperienceDirection::NotAsked);
            let importance = optional(self.f, &at.key("importance"), &row.importance).unwrap_or(1);
            if importance > 3 {
                self.f.report(
                    &at.key("importance"),
                    importance,
                    "more than the most",
                    "write 0 (least) to 3 (most)",
                );
            }
            let consent =
                optional(self.f, &at.key("consent_match"), &row.consent_match).unwrap_or(false);
            let coordinator_may_see =
                optional(self.f, &at.key("consent_coordinator"), &row.consent_coordinator)
                    .unwrap_or(false);
            let show =
                optional(self.f, &at.key("consent_show"), &row.consent_show).unwrap_or(false);
            let Some(id) = required(
                self.f,
                &at.key("concept"),
                &row.concept,
                "name a concept of the taxonomy",
            ) else {
                continue;
            };
            let Some(concept) = self.concept(&at.key("concept"), &id) else { continue };
            if !seen.insert((concept, perspective)) {
                self.f.report(
                    &at.key("concept"),
                    &id,
                    "the same experience from the same perspective stands twice",
                    "keep one of the two",
                );
            } else if consent {
                let wanted = match direction {
                    ExperienceDirection::Share => Some(Direction::Prefer),
                    ExperienceDirection::Avoid => Some(Direction::Avoid),
                    ExperienceDirection::Fine | ExperienceDirection::NotAsked => None,
                };
                out.push(AskedExperience {
                    concept,
                    perspective,
                    wanted,
                    importance: importance.clamp(1, 3),
                    coordinator_may_see,
                    show,
                });
            }
        }
        out.sort_unstable();
        out
    }

    fn user_identity(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
        refs: &Refs<'_>,
    ) -> Vec<CodeIx> {
        let at = at.key("identity");
        let mut out = BTreeSet::new();
        each(self.f, &at, &row.identity, |f, at, _, row: &IdentityInput| {
            unknown(f, at, &row.unknown, IdentityInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            let usable =
                optional(f, &at.key("use_for_matching"), &row.use_for_matching).unwrap_or(false);
            if let (Some(system), Some(code)) = (system, code)
                && let Some(ix) = refs.codes.find(f, &at.key("code"), &system, &code)
                && usable
                && !refs.codes.list[ix.index()].residual
            {
                out.insert(ix);
            }
        });
        out.into_iter().collect()
    }

    fn wishes(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
        refs: &Refs<'_>,
        zone: &Zone,
        age: Option<AgeBand>,
        identity: &[CodeIx],
    ) -> Vec<Wish> {
        let at = at.key("wishes");
        let mut seen: BTreeMap<(WishAbout, Option<Direction>), usize> = BTreeMap::new();
        let mut out = Vec::new();
        for (i, row) in gather::<WishInput>(self.f, &at, &row.wishes) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, WishInput::MEMBERS);
            let about = required(
                self.f,
                &at.key("dimension"),
                &row.dimension,
                "say what the wish is about",
            );
            let direction =
                optional(self.f, &at.key("direction"), &row.direction).unwrap_or(Direction::Prefer);
            let status =
                optional(self.f, &at.key("status"), &row.status).unwrap_or(AnswerState::Stated);
            let stated_by =
                optional(self.f, &at.key("stated_by"), &row.stated_by).unwrap_or(StatedBy::OneSelf);
            let confirmed = optional(self.f, &at.key("confirmed"), &row.confirmed).unwrap_or(false);
            let Some(about) = about else {
                optional(self.f, &at.key("strength"), &row.strength);
                list(self.f, &at.key("values"), &row.values);
                continue;
            };
            let stated = status == AnswerState::Stated;
            let key = (about, stated.then_some(direction));
            if let Some(earlier) = seen.insert(key, i) {
                self.f.report(
                    &at.key("dimension"),
                    about,
                    format!(
                        "wish {} of this person is about the same, in the same direction",
                        earlier + 1
                    ),
                    "put all the values into one wish",
                );
            }
            if !stated {
                if row.values.given().is_some_and(|v| !v.is_empty()) || !row.strength.is_absent() {
                    self.f.report(
                        &at.key("status"),
                        status,
                        "an answer that is not stated has neither values nor strength",
                        "write status = stated, or leave values and strength empty",
                    );
                }
                continue;
            }
            let strength = required(
                self.f,
                &at.key("strength"),
                &row.strength,
                "write nice, important or must",
            );
            let Some(values) = self.wish_values(&at, about, &row, refs, zone, age, identity) else {
                continue;
            };
            self.wish_makes_sense(&at, about, direction, strength, &values);
            let Some(strength) = strength else { continue };
            let unconfirmed_must =
                strength == Strength::Must && stated_by == StatedBy::Referrer && !confirmed;
            out.push(Wish {
                about,
                direction,
                values,
                strength: if unconfirmed_must { Strength::Important } else { strength },
                stated_by,
                unconfirmed_must,
            });
        }
        out
    }

    /// Directions and strengths that a dimension does not have.
    fn wish_makes_sense(
        &mut self,
        at: &At<'_>,
        about: WishAbout,
        direction: Direction,
        strength: Option<Strength>,
        values: &WishValues,
    ) {
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
        if direction == Direction::Avoid && !avoidable {
            let fix = match about {
                WishAbout::NamedWorker => {
                    "to be kept apart from a worker, use a conflict of kind person_declined_worker"
                }
                WishAbout::LivedExperience => "write direction avoid on the experience itself",
                WishAbout::Iwi => "write far (or near) instead",
                _ => "write it as what the person would prefer",
            };
            self.f.report(
                &at.key("direction"),
                direction,
                format!("`{about}` cannot be avoided"),
                fix,
            );
        }
        let names_a_worker = about == WishAbout::NamedWorker
            || matches!(values, WishValues::Previous(PreviousWish::Same));
        if strength == Some(Strength::Must) && names_a_worker {
            self.f.report(
                &at.key("strength"),
                Strength::Must,
                "a wish for one certain worker is at most important: a place cannot be promised",
                "write important, or pin the pair if it is decided",
            );
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one caller; the arguments are what a value may refer to"
    )]
    fn wish_values(
        &mut self,
        at: &At<'_>,
        about: WishAbout,
        row: &WishInput,
        refs: &Refs<'_>,
        zone: &Zone,
        age: Option<AgeBand>,
        identity: &[CodeIx],
    ) -> Option<WishValues> {
        let values_at = at.key("values");
        let given: Vec<(usize, String)> = gather(self.f, &values_at, &row.values);
        if matches!(row.values, Field::Wrong { .. }) {
            return None;
        }
        let plain = matches!(about, WishAbout::Travel | WishAbout::LivedExperience);
        if plain {
            if !given.is_empty() {
                self.f.report(
                    &values_at,
                    given.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(", "),
                    format!("a wish about `{about}` has no values"),
                    if about == WishAbout::Travel {
                        "leave them out: less travel is better"
                    } else {
                        "leave them out: the experiences say what is wished"
                    },
                );
            }
            return Some(WishValues::Plain);
        }
        if given.is_empty() {
            self.f.report(
                &values_at,
                "",
                format!("a wish about `{about}` needs values"),
                value_help(about),
            );
            return None;
        }
        let single = matches!(about, WishAbout::Iwi | WishAbout::PreviousWorker);
        if single && given.len() > 1 {
            self.f.report(
                &values_at,
                given.len(),
                format!("a wish about `{about}` has one value"),
                value_help(about),
            );
            return None;
        }
        let mut ok = true;
        let mut bad = |cx: &mut Self, i: usize, value: &str, known: &[&str]| {
            let fix = match nearest(value, known.iter().copied()) {
                Some(word) => format!("did you mean `{word}`? {}", value_help(about)),
                None => value_help(about).to_owned(),
            };
            cx.f.report(&values_at.index(i), value, format!("not a value for `{about}`"), fix);
            ok = false;
        };
        let values = match about {
            WishAbout::Travel | WishAbout::LivedExperience => WishValues::Plain,
            WishAbout::Gender => {
                let mut out = Vec::new();
                for (i, v) in &given {
                    match Gender::from_word(v) {
                        Some(g) => out.push(g),
                        None => bad(
                            self,
                            *i,
                            v,
                            &Gender::ALL.iter().map(|g| g.word()).collect::<Vec<_>>(),
                        ),
                    }
                }
                WishValues::Genders(WordSet::of(out))
            }
            WishAbout::Age => {
                let mut out = BTreeSet::new();
                for (i, v) in &given {
                    match v.trim() {
                        "near_me" => out.insert(AgeWish::NearMe),
                        "older" => out.insert(AgeWish::Older),
                        "younger" => out.insert(AgeWish::Younger),
                        v => {
                            if let Some(band) = AgeBand::from_word(v) {
                                out.insert(AgeWish::Band(band))
                            } else {
                                bad(self, *i, v, &["near_me", "older", "younger"]);
                                false
                            }
                        }
                    };
                }
                if age.is_none()
                    && row.dimension.given().is_some()
                    && out.iter().any(|w| !matches!(w, AgeWish::Band(_)))
                {
                    // The missing age band itself is already reported.
                    ok = false;
                }
                WishValues::Ages(out.into_iter().collect())
            }
            WishAbout::SharedCulture => {
                let mut out = BTreeSet::new();
                for (i, v) in &given {
                    let at = values_at.index(*i);
                    match v.trim() {
                        "same" | "not_my_own" => {
                            if !identity
                                .iter()
                                .any(|c| refs.codes.list[c.index()].system != IWI_SYSTEM)
                            {
                                self.f.report(
                                    &at,
                                    v,
                                    "the person's own identity is not recorded for matching, so there is nothing to compare",
                                    "record it with use_for_matching = yes, or name the culture as system:code",
                                );
                            }
                            out.insert(if v.trim() == "same" {
                                CultureWish::Same
                            } else {
                                CultureWish::NotMyOwn
                            });
                        }
                        v => match v.rsplit_once(':') {
                            Some((system, code)) => {
                                out.extend(
                                    refs.codes
                                        .find(self.f, &at, system, code)
                                        .map(CultureWish::Code),
                                );
                            }
                            None => bad(self, *i, v, &["same", "not_my_own"]),
                        },
                    }
                }
                WishValues::Cultures(out.into_iter().collect())
            }
            WishAbout::Iwi => {
                let (i, v) = &given[0];
                if !identity.iter().any(|c| refs.codes.list[c.index()].system == IWI_SYSTEM) {
                    self.f.report(
                        &values_at.index(*i),
                        v,
                        "the person's iwi is not recorded for matching, so there is nothing to compare",
                        format!("record it in system `{IWI_SYSTEM}` with use_for_matching = yes"),
                    );
                }
                match v.trim() {
                    "near" => WishValues::IwiNear(true),
                    "far" => WishValues::IwiNear(false),
                    v => {
                        bad(self, *i, v, &["near", "far"]);
                        WishValues::Plain
                    }
                }
            }
            WishAbout::CulturalCompetence
            | WishAbout::Kaupapa
            | WishAbout::Style
            | WishAbout::Interests
            | WishAbout::Place => WishValues::Tags(self.tags.list(self.f, &values_at, &row.values)),
            WishAbout::Mode => {
                let mut out = Vec::new();
                for (i, v) in &given {
                    match Mode::from_word(v) {
                        Some(mode) if !out.contains(&mode) => out.push(mode),
                        Some(_) => {}
                        None => bad(
                            self,
                            *i,
                            v,
                            &Mode::ALL.iter().map(|m| m.word()).collect::<Vec<_>>(),
                        ),
                    }
                }
                WishValues::Modes(out)
            }
            WishAbout::Time => WishValues::Times(self.times(at, "values", &row.values, zone)),
            WishAbout::NamedWorker => {
                let mut out = Vec::new();
                for (i, v) in &given {
                    match known(self.f, &values_at.index(*i), v, refs.workers, "worker") {
                        Some(worker) if !out.contains(&worker) => out.push(worker),
                        _ => {}
                    }
                }
                WishValues::Workers(out)
            }
            WishAbout::PreviousWorker => {
                let (i, v) = &given[0];
                match v.trim() {
                    "same" => WishValues::Previous(PreviousWish::Same),
                    "like" => WishValues::Previous(PreviousWish::Like),
                    "different" => WishValues::Previous(PreviousWish::Different),
                    v => {
                        bad(self, *i, v, &["same", "like", "different"]);
                        WishValues::Plain
                    }
                }
            }
        };
        ok.then_some(values)
    }

    // ---------------------------------------------------------------- workers

    fn worker(&mut self, at: &At<'_>, row: &PeerWorkerInput, refs: &Refs<'_>) -> PeerWorker {
        unknown(self.f, at, &row.unknown, PeerWorkerInput::MEMBERS);
        let zone = self.own_zone(at, &row.zone);
        let role = optional(self.f, &at.key("role"), &row.role).unwrap_or(Role::PeerSupport);
        let max_at = at.key("max_people");
        if role.carries_caseload() && row.max_people.is_absent() {
            let fix = "write how many people the worker may walk with";
            self.f.report(&max_at, "", "nothing stands here, but it is needed", fix);
        }
        let people_max = count(self.f, &max_at, &row.max_people, PEOPLE_MAX).unwrap_or(0);
        let (modes, times) = if role.carries_caseload() {
            let modes = self.needed_set(
                at,
                "modes",
                &row.modes,
                "write the ways the worker meets: one_to_one, telephone, video, ...",
            );
            let times = self.times(at, "availability", &row.availability, &zone);
            if row.availability.given().is_none_or(Vec::is_empty)
                && !matches!(row.availability, Field::Wrong { .. })
            {
                self.f.report(
                    &at.key("availability"),
                    "",
                    "no time to meet",
                    "write windows such as `Mon 09:00-17:00`",
                );
            }
            (modes, times)
        } else {
            (
                words(self.f, &at.key("modes"), &row.modes),
                self.times(at, "availability", &row.availability, &zone),
            )
        };
        let mut languages = Vec::new();
        let langs_at = at.key("languages");
        for (i, row) in gather::<SpokenInput>(self.f, &langs_at, &row.languages) {
            let at = langs_at.index(i);
            unknown(self.f, &at, &row.unknown, SpokenInput::MEMBERS);
            let level = required(self.f, &at.key("level"), &row.level, "write whole or some");
            if let (Some(language), Some(level)) = (self.language(&at, &row.tag), level) {
                languages.push((language, level));
            }
        }
        languages.sort_unstable();
        languages.dedup();

        let (experiences, mut not_now) = self.told_experiences(at, row);
        let not_now_at = at.key("not_now");
        for (i, id) in gather::<String>(self.f, &not_now_at, &row.not_now) {
            not_now.extend(self.concept(&not_now_at.index(i), &id));
        }
        let not_now: BTreeSet<Concept> = not_now.into_iter().collect();

        let licence = optional(self.f, &at.key("licence"), &row.licence).unwrap_or(Licence::None);
        let vehicle = optional(self.f, &at.key("vehicle"), &row.vehicle).unwrap_or(false);
        let available_from = optional_date(self.f, &at.key("available_from"), &row.available_from);
        let available_until =
            optional_date(self.f, &at.key("available_until"), &row.available_until);
        if let (Some(from), Some(until)) = (available_from, available_until)
            && until < from
        {
            self.f.report(
                &at.key("available_until"),
                until,
                format!("earlier than the first day ({from})"),
                "write the last day, not before the first",
            );
        }
        PeerWorker {
            id: row.id.given().map(|id| id.trim().to_owned()).unwrap_or_default(),
            services: self.services(at, &row.services, refs, "worker"),
            role,
            people_max,
            people_now: count(self.f, &at.key("current_people"), &row.current_people, PEOPLE_MAX)
                .unwrap_or(0),
            new_starts_max: count(self.f, &at.key("new_starts"), &row.new_starts, PEOPLE_MAX),
            minimum: count(self.f, &at.key("minimum"), &row.minimum, PEOPLE_MAX).unwrap_or(0),
            paused_until: optional_date(self.f, &at.key("paused_until"), &row.paused_until),
            available_from,
            available_until,
            areas: self.tags.list(self.f, &at.key("areas"), &row.areas),
            position: position(self.f, at, &row.lat, &row.lon),
            travel_min_max: count(
                self.f,
                &at.key("max_travel_min"),
                &row.max_travel_min,
                TRAVEL_MAX,
            )
            .unwrap_or(0),
            transport: words::<Transport>(self.f, &at.key("transport"), &row.transport),
            drives_people: licence == Licence::Full && vehicle,
            languages,
            modes,
            times,
            places: self.tags.list(self.f, &at.key("places"), &row.places),
            support_types: words(self.f, &at.key("support_types"), &row.support_types),
            goals: words(self.f, &at.key("goals"), &row.goals),
            styles: self.tags.list(self.f, &at.key("styles"), &row.styles),
            interests: self.tags.list(self.f, &at.key("interests"), &row.interests),
            training: self.training(at, row),
            supervision_due: optional_date(
                self.f,
                &at.key("supervision_due"),
                &row.supervision_due,
            ),
            vetting_until: optional_date(self.f, &at.key("vetting_until"), &row.vetting_until),
            experiences,
            not_now: not_now.into_iter().collect(),
            age: self.told(
                at,
                "age_band",
                &row.age_band,
                &row.age_consent_match,
                &row.age_consent_show,
            ),
            gender: self.told(
                at,
                "gender",
                &row.gender,
                &row.gender_consent_match,
                &row.gender_consent_show,
            ),
            identity: self.worker_identity(at, row, refs),
            competences: self.competences(at, row),
            wishes: self.worker_wishes(at, row, &zone),
        }
    }

    fn told<T: Clone>(
        &mut self,
        at: &At<'_>,
        key: &str,
        value: &Field<T>,
        consent: &Field<bool>,
        show: &Field<bool>,
    ) -> Option<Told<T>> {
        let stem = key.trim_end_matches("_band");
        let consent =
            optional(self.f, &at.key(&format!("{stem}_consent_match")), consent).unwrap_or(false);
        let show =
            optional(self.f, &at.key(&format!("{stem}_consent_show")), show).unwrap_or(false);
        optional(self.f, &at.key(key), value).filter(|_| consent).map(|value| Told { value, show })
    }

    fn told_experiences(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
    ) -> (Vec<ToldExperience>, Vec<Concept>) {
        let at = at.key("experiences");
        let (mut out, mut not_now, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (i, row) in gather::<ToldExperienceInput>(self.f, &at, &row.experiences) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, ToldExperienceInput::MEMBERS);
            let perspective = optional(self.f, &at.key("perspective"), &row.perspective)
                .unwrap_or(Perspective::OneSelf);
            let comfort =
                optional(self.f, &at.key("comfort"), &row.comfort).unwrap_or(Comfort::Happy);
            let consent =
                optional(self.f, &at.key("consent_match"), &row.consent_match).unwrap_or(false);
            let coordinator_may_see =
                optional(self.f, &at.key("consent_coordinator"), &row.consent_coordinator)
                    .unwrap_or(false);
            let show =
                optional(self.f, &at.key("consent_show"), &row.consent_show).unwrap_or(false);
            let Some(id) = required(
                self.f,
                &at.key("concept"),
                &row.concept,
                "name a concept of the taxonomy",
            ) else {
                continue;
            };
            let Some(concept) = self.concept(&at.key("concept"), &id) else { continue };
            if !seen.insert((concept, perspective)) {
                self.f.report(
                    &at.key("concept"),
                    &id,
                    "the same experience from the same perspective stands twice",
                    "keep one of the two",
                );
            } else if comfort == Comfort::NotNow {
                not_now.push(concept);
            } else if consent {
                out.push(ToldExperience { concept, perspective, coordinator_may_see, show });
            }
        }
        out.sort_unstable();
        (out, not_now)
    }

    fn training(&mut self, at: &At<'_>, row: &PeerWorkerInput) -> Vec<Tag> {
        let at = at.key("training");
        let mut out = BTreeSet::new();
        for (i, row) in gather::<TrainingInput>(self.f, &at, &row.training) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, TrainingInput::MEMBERS);
            let code = required(self.f, &at.key("code"), &row.code, "write the training's code");
            let gained = optional_date(self.f, &at.key("date"), &row.date);
            let expires = optional_date(self.f, &at.key("expires"), &row.expires);
            if let (Some(gained), Some(expires)) = (gained, expires)
                && expires < gained
            {
                self.f.report(
                    &at.key("expires"),
                    expires,
                    format!("expires before it was gained ({gained})"),
                    "check both days",
                );
            }
            let current = expires.is_none_or(|day| day >= self.as_of)
                && gained.is_none_or(|day| day <= self.as_of);
            if let Some(tag) = code.and_then(|code| self.tags.find(&code))
                && current
            {
                out.insert(tag);
            }
        }
        out.into_iter().collect()
    }

    fn competences(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
    ) -> Vec<(Tag, crate::words::CompetenceLevel)> {
        let at = at.key("competences");
        let mut out = BTreeMap::new();
        for (i, row) in gather::<CompetenceInput>(self.f, &at, &row.competences) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, CompetenceInput::MEMBERS);
            let area = required(self.f, &at.key("area"), &row.area, "name the area");
            let level = required(
                self.f,
                &at.key("level"),
                &row.level,
                "write developing, confident or recognised_by_community",
            );
            let expires = optional_date(self.f, &at.key("expires"), &row.expires);
            if let (Some(tag), Some(level)) = (area.and_then(|area| self.tags.find(&area)), level)
                && expires.is_none_or(|day| day >= self.as_of)
            {
                // The higher of two levels: more said never counts less.
                out.entry(tag)
                    .and_modify(|kept: &mut crate::words::CompetenceLevel| *kept = level.max(*kept))
                    .or_insert(level);
            }
        }
        out.into_iter().collect()
    }

    fn worker_identity(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
        refs: &Refs<'_>,
    ) -> Vec<Told<CodeIx>> {
        let at = at.key("identity");
        let mut out = BTreeMap::new();
        each(self.f, &at, &row.identity, |f, at, _, row: &ToldIdentityInput| {
            unknown(f, at, &row.unknown, ToldIdentityInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            let usable = optional(f, &at.key("consent_match"), &row.consent_match).unwrap_or(false);
            let show = optional(f, &at.key("consent_show"), &row.consent_show).unwrap_or(false);
            if let (Some(system), Some(code)) = (system, code)
                && let Some(ix) = refs.codes.find(f, &at.key("code"), &system, &code)
                && usable
                && !refs.codes.list[ix.index()].residual
            {
                out.insert(ix, show);
            }
        });
        out.into_iter().map(|(value, show)| Told { value, show }).collect()
    }

    fn worker_wishes(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
        zone: &Zone,
    ) -> Vec<WorkerWish> {
        let at = at.key("wishes");
        let mut seen = BTreeMap::new();
        let mut out = Vec::new();
        for (i, row) in gather::<WorkerWishInput>(self.f, &at, &row.wishes) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, WorkerWishInput::MEMBERS);
            let about = required(
                self.f,
                &at.key("dimension"),
                &row.dimension,
                "say what the wish is about",
            );
            let direction =
                optional(self.f, &at.key("direction"), &row.direction).unwrap_or(Direction::Prefer);
            let status =
                optional(self.f, &at.key("status"), &row.status).unwrap_or(AnswerState::Stated);
            let Some(about) = about else { continue };
            if let Some(earlier) = seen.insert((about, direction), i) {
                let reason = format!(
                    "wish {} of this worker is about the same, in the same direction",
                    earlier + 1
                );
                self.f.report(
                    &at.key("dimension"),
                    about,
                    reason,
                    "put all the values into one wish",
                );
            }
            let values_at = at.key("values");
            let given: Vec<(usize, String)> = gather(self.f, &values_at, &row.values);
            if status != AnswerState::Stated {
                if !given.is_empty() || !row.strength.is_absent() {
                    self.f.report(
                        &at.key("status"),
                        status,
                        "an answer that is not stated has neither values nor strength",
                        "leave them empty",
                    );
                }
                continue;
            }
            let Some(strength) = required(
                self.f,
                &at.key("strength"),
                &row.strength,
                "write nice, important or must",
            ) else {
                continue;
            };
            if given.is_empty() != (about == WorkerWishAbout::Travel)
                && !matches!(row.values, Field::Wrong { .. })
            {
                let fix = if about == WorkerWishAbout::Travel {
                    "leave them out: less travel is better"
                } else {
                    "write at least one value"
                };
                self.f.report(
                    &values_at,
                    given.len(),
                    format!("the wrong number of values for `{about}`"),
                    fix,
                );
                continue;
            }
            if direction == Direction::Avoid
                && matches!(about, WorkerWishAbout::Travel | WorkerWishAbout::Time)
            {
                self.f.report(
                    &at.key("direction"),
                    direction,
                    format!("`{about}` cannot be avoided"),
                    "write it as what the worker would prefer",
                );
            }
            let values = match about {
                WorkerWishAbout::Travel => WorkerWishValues::Plain,
                WorkerWishAbout::Time => {
                    WorkerWishValues::Times(self.times(&at, "values", &row.values, zone))
                }
                WorkerWishAbout::Topics => {
                    let concepts: BTreeSet<Concept> = given
                        .iter()
                        .filter_map(|(i, id)| self.concept(&values_at.index(*i), id))
                        .collect();
                    WorkerWishValues::Concepts(concepts.into_iter().collect())
                }
                WorkerWishAbout::Mode => {
                    WorkerWishValues::Words(self.word_values::<Mode>(&values_at, &given))
                }
                WorkerWishAbout::SupportTypes => {
                    WorkerWishValues::Words(self.word_values::<SupportType>(&values_at, &given))
                }
                WorkerWishAbout::Goals => {
                    WorkerWishValues::Words(self.word_values::<Goal>(&values_at, &given))
                }
            };
            out.push(WorkerWish { about, direction, values, strength });
        }
        out.sort_by_key(|w| (w.about, w.direction));
        out
    }

    fn word_values<W: Words>(&mut self, at: &At<'_>, given: &[(usize, String)]) -> WordSet {
        let mut out = Vec::new();
        for (i, value) in given {
            if let Some(word) = W::from_word(value) {
                out.push(word);
            } else {
                let known: Vec<&str> = W::ALL.iter().map(|w| w.word()).collect();
                let fix = match nearest(value, known.iter().copied()) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("use one of: {}", known.join(", ")),
                };
                self.f.report(&at.index(*i), value, format!("not a known {}", W::LIST), fix);
            }
        }
        WordSet::of(out)
    }

    fn group(&mut self, at: &At<'_>, row: &GroupInput, refs: &Refs<'_>) -> Option<Group> {
        unknown(self.f, at, &row.unknown, GroupInput::MEMBERS);
        let service =
            required(self.f, &at.key("service"), &row.service, "name the service that runs it");
        let service =
            service.and_then(|id| known(self.f, &at.key("service"), &id, refs.services, "service"));
        let topics_at = at.key("topics");
        let mut topics = BTreeSet::new();
        for (i, id) in gather::<String>(self.f, &topics_at, &row.topics) {
            topics.extend(self.concept(&topics_at.index(i), &id));
        }
        let langs_at = at.key("languages");
        let mut languages = BTreeSet::new();
        for (i, tag) in gather::<String>(self.f, &langs_at, &row.languages) {
            languages.extend(self.language_tag(&langs_at.index(i), &tag));
        }
        let zone = self.zone.clone();
        Some(Group {
            id: row.id.given().map(|id| id.trim().to_owned()).unwrap_or_default(),
            topics: topics.into_iter().collect(),
            open: optional(self.f, &at.key("open"), &row.open).unwrap_or(true),
            seats_free: count(self.f, &at.key("seats_free"), &row.seats_free, PEOPLE_MAX)
                .unwrap_or(0),
            languages: languages.into_iter().collect(),
            schedule: self.times(at, "schedule", &row.schedule, &zone),
            area: optional(self.f, &at.key("area"), &row.area)
                .and_then(|word| self.tags.find(&word)),
            service: service?,
        })
    }
}

/// Dimensions with an answer that is not a wish.
fn other_answers(row: &ServiceUserInput) -> BTreeMap<WishAbout, AnswerState> {
    let mut out = BTreeMap::new();
    each_index(&row.wishes, |_, wish: &WishInput| {
        if let (Some(&about), Some(&state)) = (wish.dimension.given(), wish.status.given())
            && state != AnswerState::Stated
        {
            out.insert(about, state);
        }
    });
    out
}

/// The right elements of a list with their places; the wrong ones are reported.
fn gather<T: Clone>(f: &mut Faults, at: &At<'_>, rows: &Field<Vec<Field<T>>>) -> Vec<(usize, T)> {
    let mut out = Vec::new();
    each(f, at, rows, |_, _, i, row| out.push((i, row.clone())));
    out
}

/// The record an id names, or a fault with the nearest id.
fn known<K: std::borrow::Borrow<str> + Ord, V: Copy>(
    f: &mut Faults,
    at: &At<'_>,
    id: &str,
    map: &BTreeMap<K, V>,
    what: &str,
) -> Option<V> {
    let found = map.get(id.trim()).copied();
    if found.is_none() {
        // Only short lists are searched for what was meant: a long one would make many faults slow.
        let near = (map.len() <= 1_000)
            .then(|| nearest(id, map.keys().map(std::borrow::Borrow::borrow)))
            .flatten();
        let fix = match near {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("use the id of a {what} in this roster, or add it"),
        };
        f.report(at, id, format!("no {what} has this id"), fix);
    }
    found
}

fn value_help(about: WishAbout) -> &'static str {
    match about {
        WishAbout::Gender => "write man, woman or another_gender",
        WishAbout::Age => "write near_me, older, younger or a band such as 25-34",
        WishAbout::SharedCulture => "write same, not_my_own or system:code",
        WishAbout::Iwi => "write near or far",
        WishAbout::CulturalCompetence => "name areas such as tikanga or deaf",
        WishAbout::Kaupapa => "name a kaupapa such as kaupapa_maori",
        WishAbout::Style => "name styles such as listener or practical",
        WishAbout::Interests => "name interests",
        WishAbout::Mode => "write ways to meet, best first: one_to_one, telephone, video, ...",
        WishAbout::Place => "name places such as marae or cafe",
        WishAbout::Time => "write windows such as `Mon 09:00-12:30`",
        WishAbout::NamedWorker => "write worker ids, best first",
        WishAbout::PreviousWorker => "write same, like or different",
        WishAbout::Travel | WishAbout::LivedExperience => "leave the values out",
    }
}

// ---------------------------------------------------------------- who stands with whom

/// What is known of pairs: earlier matches, conflicts and pins.
struct Parties<'a> {
    user_ix: &'a BTreeMap<String, UserIx>,
    worker_ix: &'a BTreeMap<String, WorkerIx>,
    people: &'a mut Vec<(ServiceUser, usize)>,
    conflicts: BTreeMap<UserIx, Vec<(WorkerIx, ConflictKind)>>,
    pins: BTreeMap<UserIx, Vec<(WorkerIx, PinKind)>>,
    kept: BTreeMap<WorkerIx, u32>,
}

impl Parties<'_> {
    fn pair(
        &self,
        f: &mut Faults,
        at: &At<'_>,
        person: &Field<String>,
        worker: &Field<String>,
    ) -> Option<(UserIx, WorkerIx)> {
        let user = required(f, &at.key("person_id"), person, "name the person")
            .and_then(|id| known(f, &at.key("person_id"), &id, self.user_ix, "person"));
        let worker = required(f, &at.key("worker_id"), worker, "name the worker")
            .and_then(|id| known(f, &at.key("worker_id"), &id, self.worker_ix, "worker"));
        Some((user?, worker?))
    }

    fn matches(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("matches");
        cx.ids(&at, &input.matches, |m| &m.id, "match");
        each_index(&input.matches, |i, row: &MatchInput| {
            let at = at.index(i);
            unknown(cx.f, &at, &row.unknown, MatchInput::MEMBERS);
            let status =
                required(cx.f, &at.key("status"), &row.status, "say where the match stands");
            let ended = optional_date(cx.f, &at.key("ended_at"), &row.ended_at);
            if let (Some(day), Some(status)) = (ended, status)
                && status.kept()
            {
                cx.f.report(
                    &at.key("ended_at"),
                    day,
                    format!("a match that is `{status}` has not ended"),
                    "write status = ended, or leave the day out",
                );
            }
            let (Some((user, worker)), Some(status)) =
                (self.pair(cx.f, &at, &row.person_id, &row.worker_id), status)
            else {
                return;
            };
            let person = &mut self.people[user.index()].0;
            if status.kept() {
                if person.kept.is_some() {
                    cx.f.report(
                        &at.key("person_id"),
                        &person.id,
                        "another match of this person stands too",
                        "end one of them",
                    );
                }
                person.kept = Some(worker);
                *self.kept.entry(worker).or_default() += 1;
            }
            match status {
                MatchStatus::Ended => {
                    person.previous_workers.push(worker);
                    person.previous_workers.sort_unstable();
                    person.previous_workers.dedup();
                }
                MatchStatus::DeclinedPerson => self
                    .conflicts
                    .entry(user)
                    .or_default()
                    .push((worker, ConflictKind::PersonDeclined)),
                MatchStatus::DeclinedWorker => self
                    .conflicts
                    .entry(user)
                    .or_default()
                    .push((worker, ConflictKind::WorkerDeclined)),
                _ => {}
            }
        });
    }

    fn conflicts(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("conflicts");
        each(cx.f, &at, &input.conflicts, |f, at, _, row: &ConflictInput| {
            unknown(f, at, &row.unknown, ConflictInput::MEMBERS);
            let kind = required(f, &at.key("kind"), &row.kind, "say what keeps them apart");
            let until = optional_date(f, &at.key("until"), &row.until);
            let a = required(f, &at.key("a_id"), &row.a_id, "name one of the two");
            let b = required(f, &at.key("b_id"), &row.b_id, "name the other");
            let (Some(a), Some(b)) = (a, b) else { return };
            let (a, b) = (a.trim(), b.trim());
            let mut resolve = |key: &str, id: &str| {
                let found = (self.user_ix.get(id).copied(), self.worker_ix.get(id).copied());
                if found == (None, None) {
                    f.report(
                        &at.key(key),
                        id,
                        "nobody in this roster has this id",
                        "use the id of a person or a worker",
                    );
                }
                found
            };
            let (a_is, b_is) = (resolve("a_id", a), resolve("b_id", b));
            let pair = match (a_is, b_is) {
                ((Some(user), _), (_, Some(worker))) | ((_, Some(worker)), (Some(user), _)) => {
                    (user, worker)
                }
                ((None, None), _) | (_, (None, None)) => return,
                _ => {
                    return f.report(
                        at,
                        format!("{a}, {b}"),
                        "both are people or both are workers",
                        "name one person and one worker",
                    );
                }
            };
            if let Some(kind) = kind
                && until.is_none_or(|day| day >= cx.as_of)
            {
                self.conflicts.entry(pair.0).or_default().push((pair.1, kind));
            }
        });
        for list in self.conflicts.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn pins(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("pins");
        each(cx.f, &at, &input.pins, |f, at, _, row: &PinInput| {
            unknown(f, at, &row.unknown, PinInput::MEMBERS);
            let kind = required(f, &at.key("kind"), &row.kind, "write pin or exclude");
            let (Some((user, worker)), Some(kind)) =
                (self.pair(f, at, &row.person_id, &row.worker_id), kind)
            else {
                return;
            };
            let person = &self.people[user.index()].0;
            let list = self.pins.entry(user).or_default();
            if kind == PinKind::Pin {
                if person.state != QueueState::Ready {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        format!("pinned, but the person is `{}`", person.state),
                        "remove the pin, or set the person to ready",
                    );
                } else if person.kept.is_some() {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        "pinned, but a match of this person stands",
                        "remove the pin, or end the match",
                    );
                }
                if list.iter().any(|&(other, k)| k == PinKind::Pin && other != worker) {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        "pinned to two workers",
                        "keep one of the pins",
                    );
                }
            }
            if list.iter().any(|&(other, k)| other == worker && k != kind) {
                f.report(
                    at,
                    &person.id,
                    "the same pair is both pinned and excluded",
                    "keep one of the two",
                );
            }
            list.push((worker, kind));
        });
        for list in self.pins.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
    }
}
