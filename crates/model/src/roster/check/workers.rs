//! One peer worker: what the worker offers, told and may do on the day. Knows the record alone; neither the service users nor
//! who stands with whom.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{
    PEOPLE_MAX, TRAVEL_MAX, count, gather, load, optional_date, position, unit, words,
};
use super::{Checker, Refs};
use crate::fault::At;
use crate::raw::{CompetenceInput, Field, PeerWorkerInput, SpokenInput, TrainingInput};
use crate::roster::{PeerWorker, Tag, Told};
use crate::take::{optional, required, unknown};
use crate::taxonomy::Concept;
use crate::words::{CompetenceLevel, Licence, Role, Transport};

impl Checker<'_> {
    pub(super) fn worker(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
        refs: &Refs<'_>,
    ) -> PeerWorker {
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
                && !matches!(row.availability, Field::Wrong(_))
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
                "earlier than the first day",
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
            load_max: load(self.f, &at.key("load_max"), &row.load_max),
            load_now: load(self.f, &at.key("load_now"), &row.load_now),
            team: unit(self.f, &at.key("team"), &row.team),
            supervisor: unit(self.f, &at.key("supervisor"), &row.supervisor),
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
                    "expires before it was gained",
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

    fn competences(&mut self, at: &At<'_>, row: &PeerWorkerInput) -> Vec<(Tag, CompetenceLevel)> {
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
                    .and_modify(|kept: &mut CompetenceLevel| *kept = level.max(*kept))
                    .or_insert(level);
            }
        }
        out.into_iter().collect()
    }
}
