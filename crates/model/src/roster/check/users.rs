//! One service user: what was told, asked for and agreed to. Knows the record alone; neither the workers nor who stands with
//! whom.

use super::values::{TRAVEL_MAX, count, date, each_right, gather, position, text, words};
use super::wishes::{Wisher, other_answers};
use super::{Checker, Refs};
use crate::fault::At;
use crate::raw::{Field, LanguageInput, NominatedPeerInput, ServiceUserInput};
use crate::roster::{DEMAND_MAX, NominatedPeer, ServiceUser};
use crate::take::{optional, required, unknown};
use crate::words::{Goal, Mode, QueueState, SupportType};

impl Checker<'_> {
    pub(super) fn user(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
        refs: &Refs<'_>,
    ) -> ServiceUser {
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
            && !matches!(row.availability, Field::Wrong(_))
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
        if rows.is_empty() && !matches!(row.languages, Field::Wrong(_)) {
            self.f.report(&langs_at, "", "no language", "write at least one, such as en:need");
        }
        languages.sort_unstable();
        languages.dedup();

        let identity = self.user_identity(at, row, refs);
        let mut wishes =
            self.wishes(at, row, refs, &Wisher { zone: &zone, age, identity: &identity });
        wishes.sort_by_key(|w| (w.about, w.direction));
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
            other_answers: other_answers(row),
            identity,
            nominated_peers: self.nominated(at, row),
            previous_workers: Vec::new(),
            kept: Vec::new(),
            demand: self.demand(at, row),
            contact: optional(self.f, &at.key("contact"), &row.contact),
        }
    }

    fn demand(&mut self, at: &At<'_>, row: &ServiceUserInput) -> u32 {
        let at = at.key("demand");
        let demand = optional(self.f, &at, &row.demand).unwrap_or(1);
        if (1..=DEMAND_MAX).contains(&demand) {
            return demand;
        }
        let reason = if demand == 0 {
            "somebody who wants no worker is not to be matched"
        } else {
            "more workers than one person can walk with"
        };
        let fix = format!("write a whole number from 1 to {DEMAND_MAX}, or set the status");
        self.f.report(&at, demand, reason, fix);
        1
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
}
