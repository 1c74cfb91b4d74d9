//! One row to one raw record. Only shapes: what a value means is the model's to check.

use peermatch_model::raw::{
    AskedExperienceInput, CodeInput, CompetenceInput, ConflictInput, Field, GroupInput,
    IdentityInput, LanguageInput, LimitInput, MatchInput, NominatedPeerInput, PeerWorkerInput,
    PinInput, Raw, Rows, ServiceInput, ServiceUserInput, SpokenInput, ToldExperienceInput,
    ToldIdentityInput, TrainingInput, WishInput, WorkerWishInput,
};

use crate::table::Cells;

/// Between a language and its level.
pub(super) const LEVEL_SEPARATOR: char = ':';

pub(super) fn person(row: &mut Cells<'_>) -> ServiceUserInput {
    ServiceUserInput {
        id: row.field("person_id"),
        services: row.list("services"),
        wait_since: row.date("wait_since"),
        status: row.field("status"),
        age_band: Field::from_cell(age_band(row.text("age_band"))),
        area: row.field("area"),
        lat: row.decimal("lat"),
        lon: row.decimal("lon"),
        max_travel_min: row.field("max_travel_min"),
        transport: row.list("transport"),
        needs_lift: row.field("needs_lift"),
        languages: languages(row, "need", "need, prefer or can", |tag, level| LanguageInput {
            tag,
            level,
            ..LanguageInput::default()
        }),
        modes: row.list("modes"),
        availability: row.list("availability"),
        zone: row.field("zone"),
        goals: row.list("goals"),
        support_types: row.list("support_types"),
        demand: row.field("demand"),
        contact: row.field("contact"),
        ..ServiceUserInput::default()
    }
}

pub(super) fn worker(row: &mut Cells<'_>) -> PeerWorkerInput {
    PeerWorkerInput {
        id: row.field("worker_id"),
        services: row.list("services"),
        role: row.field("role"),
        max_people: row.field("max_people"),
        current_people: row.field("current_people"),
        new_starts: row.field("new_starts"),
        paused_until: row.date("paused_until"),
        available_from: row.date("available_from"),
        available_until: row.date("available_until"),
        areas: row.list("areas"),
        lat: row.decimal("lat"),
        lon: row.decimal("lon"),
        max_travel_min: row.field("max_travel_min"),
        transport: row.list("transport"),
        licence: row.field("licence"),
        vehicle: row.field("vehicle"),
        languages: languages(row, "whole", "whole or some", |tag, level| SpokenInput {
            tag,
            level,
            ..SpokenInput::default()
        }),
        modes: row.list("modes"),
        availability: row.list("availability"),
        zone: row.field("zone"),
        places: row.list("places"),
        support_types: row.list("support_types"),
        goals: row.list("goals"),
        styles: row.list("styles"),
        interests: row.list("interests"),
        supervision_due: row.date("supervision_due"),
        vetting_until: row.date("vetting_until"),
        not_now: row.list("not_now"),
        load_max: row.decimal("load_max"),
        load_now: row.decimal("load_now"),
        team: row.field("team"),
        supervisor: row.field("supervisor"),
        ..PeerWorkerInput::default()
    }
}

pub(super) fn service(row: &mut Cells<'_>) -> ServiceInput {
    ServiceInput {
        id: row.field("service_id"),
        kaupapa: row.list("kaupapa"),
        age_bands: row.list_of("age_bands", |part| Field::from_cell(age_band(part))),
        required_training: row.list("required_training"),
        modes: row.list("modes"),
        supervision_required: row.field("supervision_required"),
        min_options_to_offer: row.field("min_options_to_offer"),
        crisis_text: row.field("crisis_text"),
        complaints_text: row.field("complaints_text"),
        while_waiting: row.field("while_waiting"),
        person_word: row.field("person_word"),
        ..ServiceInput::default()
    }
}

pub(super) fn asked_experience(row: &mut Cells<'_>) -> AskedExperienceInput {
    AskedExperienceInput {
        concept: row.field("concept"),
        perspective: row.field("perspective"),
        direction: row.field("direction"),
        importance: row.field("importance"),
        consent_match: row.field("consent_match"),
        consent_coordinator: row.field("consent_coordinator"),
        consent_show: row.field("consent_show"),
        ..AskedExperienceInput::default()
    }
}

pub(super) fn told_experience(row: &mut Cells<'_>) -> ToldExperienceInput {
    ToldExperienceInput {
        concept: row.field("concept"),
        perspective: row.field("perspective"),
        comfort: row.field("comfort"),
        consent_match: row.field("consent_match"),
        consent_coordinator: row.field("consent_coordinator"),
        consent_show: row.field("consent_show"),
        ..ToldExperienceInput::default()
    }
}

pub(super) fn wish(row: &mut Cells<'_>) -> WishInput {
    WishInput {
        dimension: row.field("dimension"),
        direction: row.field("direction"),
        values: row.list("values"),
        strength: row.field("strength"),
        status: row.field("status"),
        stated_by: row.field("stated_by"),
        confirmed: row.field("confirmed"),
        ..WishInput::default()
    }
}

pub(super) fn worker_wish(row: &mut Cells<'_>) -> WorkerWishInput {
    WorkerWishInput {
        dimension: row.field("dimension"),
        direction: row.field("direction"),
        values: row.list("values"),
        strength: row.field("strength"),
        status: row.field("status"),
        ..WorkerWishInput::default()
    }
}

pub(super) fn identity(row: &mut Cells<'_>) -> IdentityInput {
    IdentityInput {
        system: row.field("system"),
        code: row.field("code"),
        use_for_matching: row.field("use_for_matching"),
        ..IdentityInput::default()
    }
}

pub(super) fn told_identity(row: &mut Cells<'_>) -> ToldIdentityInput {
    ToldIdentityInput {
        system: row.field("system"),
        code: row.field("value"),
        consent_match: row.field("consent_match"),
        consent_show: row.field("consent_show"),
        ..ToldIdentityInput::default()
    }
}

pub(super) fn nominated_peer(row: &mut Cells<'_>) -> NominatedPeerInput {
    NominatedPeerInput {
        id: row.field("id"),
        relation: row.field("relation"),
        consented: row.field("consented"),
        ..NominatedPeerInput::default()
    }
}

pub(super) fn training(row: &mut Cells<'_>) -> TrainingInput {
    TrainingInput {
        code: row.field("code"),
        date: row.date("date"),
        expires: row.date("expires"),
        ..TrainingInput::default()
    }
}

pub(super) fn competence(row: &mut Cells<'_>) -> CompetenceInput {
    CompetenceInput {
        area: row.field("code"),
        level: row.field("level"),
        expires: row.date("expires"),
        ..CompetenceInput::default()
    }
}

pub(super) fn conflict(row: &mut Cells<'_>) -> ConflictInput {
    ConflictInput {
        a_id: row.field("a_id"),
        b_id: row.field("b_id"),
        kind: row.field("kind"),
        until: row.date("until"),
        ..ConflictInput::default()
    }
}

pub(super) fn earlier_match(row: &mut Cells<'_>) -> MatchInput {
    MatchInput {
        id: row.field("match_id"),
        person_id: row.field("person_id"),
        worker_id: row.field("worker_id"),
        status: row.field("status"),
        ended_at: row.date("ended_at"),
        ..MatchInput::default()
    }
}

pub(super) fn group(row: &mut Cells<'_>) -> GroupInput {
    GroupInput {
        id: row.field("group_id"),
        service: row.field("service"),
        topics: row.list("topics"),
        open: row.field("open"),
        seats_free: row.field("seats_free"),
        languages: row.list("languages"),
        schedule: row.list("schedule"),
        area: row.field("area"),
        ..GroupInput::default()
    }
}

pub(super) fn pin(row: &mut Cells<'_>) -> PinInput {
    PinInput {
        person_id: row.field("person_id"),
        worker_id: row.field("worker_id"),
        kind: row.field("kind"),
        ..PinInput::default()
    }
}

pub(super) fn limit(row: &mut Cells<'_>) -> LimitInput {
    LimitInput {
        kind: row.field("kind"),
        id: row.field("id"),
        new_people_max: row.field("new_people_max"),
        ..LimitInput::default()
    }
}

pub(super) fn code(row: &mut Cells<'_>) -> CodeInput {
    CodeInput {
        system: row.field("system"),
        code: row.field("code"),
        label: row.field("label"),
        parent: row.field("parent"),
        residual: row.field("residual"),
        ..CodeInput::default()
    }
}

/// Spreadsheets take the age band 12-15 for a day or a month of December. No other band can become a date.
pub(super) fn age_band(cell: &str) -> &str {
    if cell.eq_ignore_ascii_case("15-Dec") || cell.eq_ignore_ascii_case("Dec-15") {
        "12-15"
    } else {
        cell
    }
}

/// Languages with their levels. One without a level is one fault, told here: the check would tell one of the level and, of `English`,
/// one of the language too.
fn languages<T, L: Raw>(
    row: &mut Cells<'_>,
    example: &str,
    levels: &str,
    record: impl Fn(Field<String>, Field<L>) -> T,
) -> Rows<T> {
    let mut bare = Vec::new();
    let mut number = 0;
    let read = row.list_of("languages", |part| {
        if !part.contains(LEVEL_SEPARATOR) {
            bare.push((number, part.to_owned()));
        }
        number += 1;
        let (tag, level) = level(part);
        Field::Given(record(tag, level))
    });
    for (number, part) in bare {
        // What is a short tag already may be right; a language's name is no tag.
        let tag = part.len() <= 3 && part.bytes().all(|b| b.is_ascii_lowercase());
        let tag = if tag { part.as_str() } else { "en" };
        let fix = format!("write it as `{tag}:{example}`: the language's tag, and {levels}");
        row.report_part("languages", number, &part, "this language has no level", fix);
    }
    read
}

/// `en:need`: a language and how it is spoken or needed. Without a level, that is absent.
fn level<L: Raw>(part: &str) -> (Field<String>, Field<L>) {
    match part.rsplit_once(LEVEL_SEPARATOR) {
        Some((tag, level)) => (Field::from_cell(tag), Field::from_cell(level)),
        None => (Field::from_cell(part), Field::Absent),
    }
}
