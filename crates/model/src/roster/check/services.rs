//! What is run rather than who: services, their groups, and which service a record names. Knows no person and no wish.

use std::collections::BTreeSet;

use super::tags::Tags;
use super::values::{PEOPLE_MAX, count, gather, known, text, words};
use super::{Checker, Refs};
use crate::fault::{At, Faults};
use crate::raw::{Field, GroupInput, ServiceInput};
use crate::roster::{Group, Service, ServiceIx};
use crate::take::{each, optional, required, unknown};

/// A service.
pub(super) fn service(f: &mut Faults, at: &At<'_>, row: &ServiceInput, tags: &Tags) -> Service {
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

impl Checker<'_> {
    /// The services a record names: at least one.
    pub(super) fn services(
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
        if !named && !matches!(rows, Field::Wrong(_)) {
            self.f.report(
                &at,
                "",
                format!("no service is named, so the {who} can be matched in none"),
                "name at least one service",
            );
        }
        out.into_iter().collect()
    }

    /// A group, unless the service that runs it is not known.
    pub(super) fn group(
        &mut self,
        at: &At<'_>,
        row: &GroupInput,
        refs: &Refs<'_>,
    ) -> Option<Group> {
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
