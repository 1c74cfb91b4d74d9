//! Wishes of both sides: which values, directions and strengths each may have. Knows what can be said; not how much it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{each_index, gather, known};
use super::{Checker, Refs};
use crate::fault::{At, nearest};
use crate::raw::{Field, PeerWorkerInput, ServiceUserInput, WishInput, WorkerWishInput};
use crate::roster::{
    AgeWish, CodeIx, CultureWish, IWI_SYSTEM, PreviousWish, Wish, WishValues, WorkerWish,
    WorkerWishValues,
};
use crate::take::{list, optional, required, unknown};
use crate::taxonomy::Concept;
use crate::week::Zone;
use crate::words::{
    AgeBand, AnswerState, Direction, Gender, Goal, Mode, StatedBy, Strength, SupportType,
    WishAbout, WordSet, Words, WorkerWishAbout,
};

/// What a service user's wish may refer to of the same person.
pub(super) struct Wisher<'a> {
    pub(super) zone: &'a Zone,
    pub(super) age: Option<AgeBand>,
    pub(super) identity: &'a [CodeIx],
}

impl Checker<'_> {
    /// The stated wishes of a service user.
    pub(super) fn wishes(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
        refs: &Refs<'_>,
        wisher: &Wisher<'_>,
    ) -> Vec<Wish> {
        let at = at.key("wishes");
        let mut seen: BTreeMap<(WishAbout, Option<Direction>), usize> = BTreeMap::new();
        let mut out = Vec::new();
        for (i, row) in gather::<WishInput>(self.f, &at, &row.wishes) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, WishInput::MEMBERS);
            let (about, direction, status) =
                self.wish_head(&at, &row.dimension, &row.direction, &row.status);
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
                self.same_wish(&at, about.word(), earlier, "person");
            }
            if !stated {
                if row.values.given().is_some_and(|v| !v.is_empty()) || !row.strength.is_absent() {
                    self.not_a_wish(
                        &at,
                        status,
                        "write status = stated, or leave values and strength empty",
                    );
                }
                continue;
            }
            let strength = self.strength(&at, &row.strength);
            let Some(values) = self.wish_values(&at, about, &row, refs, wisher) else {
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

    /// The values, by what the wish is about; `None` if it says nothing that could count, which was reported.
    fn wish_values(
        &mut self,
        at: &At<'_>,
        about: WishAbout,
        row: &WishInput,
        refs: &Refs<'_>,
        wisher: &Wisher<'_>,
    ) -> Option<WishValues> {
        let values_at = at.key("values");
        let given: Vec<(usize, String)> = gather(self.f, &values_at, &row.values);
        if matches!(row.values, Field::Wrong(_)) {
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
                if wisher.age.is_none()
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
                            if wisher.identity.iter().all(|&code| refs.codes.is_iwi(code)) {
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
                if !wisher.identity.iter().any(|&code| refs.codes.is_iwi(code)) {
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
            WishAbout::Time => {
                WishValues::Times(self.times(at, "values", &row.values, wisher.zone))
            }
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

    /// The stated wishes of a peer worker.
    pub(super) fn worker_wishes(
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
            let (about, direction, status) =
                self.wish_head(&at, &row.dimension, &row.direction, &row.status);
            let Some(about) = about else { continue };
            if let Some(earlier) = seen.insert((about, direction), i) {
                self.same_wish(&at, about.word(), earlier, "worker");
            }
            let values_at = at.key("values");
            let given: Vec<(usize, String)> = gather(self.f, &values_at, &row.values);
            if status != AnswerState::Stated {
                if !given.is_empty() || !row.strength.is_absent() {
                    self.not_a_wish(&at, status, "leave them empty");
                }
                continue;
            }
            let Some(strength) = self.strength(&at, &row.strength) else {
                continue;
            };
            if given.is_empty() != (about == WorkerWishAbout::Travel)
                && !matches!(row.values, Field::Wrong(_))
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

    /// What a wish of either side is about, in which direction, and whether it is stated at all.
    fn wish_head<W: Words>(
        &mut self,
        at: &At<'_>,
        about: &Field<W>,
        direction: &Field<Direction>,
        status: &Field<AnswerState>,
    ) -> (Option<W>, Direction, AnswerState) {
        (
            required(self.f, &at.key("dimension"), about, "say what the wish is about"),
            optional(self.f, &at.key("direction"), direction).unwrap_or(Direction::Prefer),
            optional(self.f, &at.key("status"), status).unwrap_or(AnswerState::Stated),
        )
    }

    fn strength(&mut self, at: &At<'_>, field: &Field<Strength>) -> Option<Strength> {
        required(self.f, &at.key("strength"), field, "write nice, important or must")
    }

    fn same_wish(&mut self, at: &At<'_>, about: &str, earlier: usize, who: &str) {
        self.f.report(
            &at.key("dimension"),
            about,
            format!("wish {} of this {who} is about the same, in the same direction", earlier + 1),
            "put all the values into one wish",
        );
    }

    /// Reports values or a strength beside an answer such as `declined`.
    fn not_a_wish(&mut self, at: &At<'_>, status: AnswerState, fix: &str) {
        self.f.report(
            &at.key("status"),
            status,
            "an answer that is not stated has neither values nor strength",
            fix,
        );
    }

    /// A set of closed words; each that is not known is reported.
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
}

/// Dimensions with an answer that is not a wish.
pub(super) fn other_answers(row: &ServiceUserInput) -> BTreeMap<WishAbout, AnswerState> {
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

/// What to write, by what the wish is about.
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
