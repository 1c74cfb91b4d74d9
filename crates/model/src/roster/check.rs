//! From raw to checked: every fault at once, then canonical order. Knows the order of the work and what refers to what; no
//! single member and no rule of matching.

mod experiences;
mod parties;
mod services;
mod tags;
mod users;
mod values;
mod wishes;
mod workers;

use std::collections::BTreeMap;

use jiff::civil::Date;

use self::parties::Parties;
use self::services::service;
use self::tags::{Codes, Tags, languages};
use self::values::{date, each_index, each_right, zone};
use super::{Group, PeerWorker, Roster, ServiceIx, UnitLimit, UserIx, WorkerIx};
use crate::fault::{At, Faults, nearest};
use crate::raw::{LimitInput, ROSTER_FORMAT, RosterInput};
use crate::take::{each, optional, required, unknown};
use crate::taxonomy::Taxonomy;
use crate::week::Zone;
use crate::words::LimitOf;

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
        let mut parties = Parties::new(&user_ix, &worker_ix, &mut people);
        parties.matches(&mut cx, input);
        parties.conflicts(&mut cx, input);
        parties.pins(&mut cx, input);
        parties.counts(cx.f, &root.key("workers"), &workers);
        let Parties { conflicts, pins, .. } = parties;
        let limits = unit_limits(cx.f, input, &workers);

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
            limits,
            tags,
            languages,
            taxonomy,
            user_by_id: user_ix,
            worker_by_id: worker_ix,
        };
        faults.into_result(roster)
    }
}

/// Limits of teams and supervisors that workers name, each once.
fn unit_limits(
    f: &mut Faults,
    input: &RosterInput,
    workers: &[(PeerWorker, usize)],
) -> Vec<UnitLimit> {
    let root = At::root();
    let at = root.key("limits");
    let mut out: Vec<UnitLimit> = Vec::new();
    each(f, &at, &input.limits, |f, at, _, row: &LimitInput| {
        unknown(f, at, &row.unknown, LimitInput::MEMBERS);
        let kind = required(f, &at.key("kind"), &row.kind, "write team or supervisor");
        if row.id.is_absent() {
            f.report(&at.key("id"), "", "nothing stands here, but it is needed", "name it");
        }
        let id = values::unit(f, &at.key("id"), &row.id);
        let fix = "write how many new people at most";
        let most_at = at.key("new_people_max");
        let most = if row.new_people_max.is_absent() {
            required(f, &most_at, &row.new_people_max, fix)
        } else {
            values::count(f, &most_at, &row.new_people_max, values::PEOPLE_MAX)
        };
        let (Some(kind), Some(id), Some(new_people_max)) = (kind, id, most) else { return };
        let named = |worker: &PeerWorker| match kind {
            LimitOf::Team => worker.team.clone(),
            LimitOf::Supervisor => worker.supervisor.clone(),
        };
        let known: Vec<String> = workers.iter().filter_map(|(worker, _)| named(worker)).collect();
        if !known.contains(&id) {
            let fix = match nearest(&id, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write the {kind} of a worker, or remove the row"),
            };
            f.report(&at.key("id"), &id, format!("no worker has this {kind}"), fix);
        }
        if out.iter().any(|limit| limit.kind == kind && limit.id == id) {
            f.report(&at.key("id"), &id, format!("this {kind} has a limit already"), "keep one");
            return;
        }
        out.push(UnitLimit { kind, id, new_people_max });
    });
    out.sort();
    out
}

/// What names resolve to.
struct Refs<'a> {
    services: &'a BTreeMap<&'a str, ServiceIx>,
    workers: &'a BTreeMap<String, WorkerIx>,
    codes: &'a Codes,
}

/// What every part of the check needs: where faults go, the day, and the names there are.
struct Checker<'a> {
    f: &'a mut Faults,
    as_of: Date,
    zone: Zone,
    taxonomy: &'a Taxonomy,
    tags: Tags,
    languages: Vec<String>,
    /// Zones already looked up, by name: many records name the same few.
    zones: BTreeMap<String, Option<Zone>>,
}
