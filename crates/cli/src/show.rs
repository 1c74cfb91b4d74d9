//! Results as people read them. Names come in here and nowhere else, and only where the audience may know them.

use std::fmt::Write;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use peermatch_core::choice::OnePlaceMore;
use peermatch_core::compare::Comparison;
use peermatch_core::explain::{
    AuditBar, Bar, Explanation, ForAuditor, ForCoordinator, ForPeerWorker, ForServiceUser,
    PEOPLE_DECIDE,
};
use peermatch_core::limits::{GROUP_MIN, LimitKind, LimitLine, LimitsDocument};
use peermatch_core::lottery::{LotteryDocument, LotteryObjective};
use peermatch_core::menu::{MenuForPerson, MenuKind, MenusForCoordinator};
use peermatch_core::report::{Matched, MatchingDocument, Origin};
use peermatch_core::scoring::Met;
use peermatch_core::suggest::Suggestions;
use peermatch_core::told::known;
use peermatch_core::waiting::Blocker;
use peermatch_formats::Names;
use peermatch_model::words::Audience;

/// Appends formatted text; a text takes any text.
macro_rules! put {
    ($out:ident, $($text:tt)*) => {
        write!($out, $($text)*).expect("a text takes any text")
    };
}

/// Puts names to ids for one audience.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Labels<'a> {
    names: &'a Names,
    people: bool,
    workers: bool,
}

impl<'a> Labels<'a> {
    /// Who may know which names: a coordinator all, a person the workers', a worker nobody's before a yes, an auditor none.
    pub(crate) fn for_audience(names: &'a Names, audience: Audience) -> Self {
        let (people, workers) = match audience {
            Audience::Coordinator => (true, true),
            Audience::ServiceUser => (false, true),
            Audience::PeerWorker | Audience::Auditor => (false, false),
        };
        Self { names, people, workers }
    }

    pub(crate) fn person(&self, id: &str) -> String {
        if self.people { self.label(id) } else { id.to_owned() }
    }

    pub(crate) fn worker(&self, id: &str) -> String {
        if self.workers { self.label(id) } else { id.to_owned() }
    }

    fn label(&self, id: &str) -> String {
        self.names.of(id).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }

    /// A sentence of the engine with names beside the ids in it. Only ids with a letter and a digit are looked for, so that a
    /// number in a sentence is never taken for somebody; a coordinator alone gets this.
    pub(crate) fn sentence(&self, text: &str) -> String {
        if self.people && self.workers { self.with_names(text) } else { text.to_owned() }
    }

    /// The same for a sentence that names workers alone, as those on a person's sheet do.
    pub(crate) fn sentence_of_workers(&self, text: &str) -> String {
        if self.workers { self.with_names(text) } else { text.to_owned() }
    }

    fn with_names(&self, text: &str) -> String {
        let is_id = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_id(c)).unwrap_or(rest.len());
            let token = &rest[..end];
            let looks =
                token.chars().any(char::is_alphabetic) && token.chars().any(|c| c.is_ascii_digit());
            if looks {
                out.push_str(&self.label(token));
            } else {
                out.push_str(token);
            }
            rest = &rest[end..];
            if let Some(c) = rest.chars().next() {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        out
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if !table.is_tty() {
        table.set_width(120);
    }
    table
}

/// Rows under a header, with a line end.
pub(crate) fn grid<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut shown = table(header);
    for row in rows {
        shown.add_row(row);
    }
    format!("{shown}\n")
}

/// Millionths as whole percent, rounded down so that "100 %" is only said of all.
pub(crate) fn percent(millionths: u32) -> String {
    format!("{} %", millionths / 10_000)
}

fn fit(value: u32, nothing_asked: bool) -> String {
    if nothing_asked { "nothing asked".to_owned() } else { percent(value) }
}

/// The same as a sentence.
fn meets(value: u32, nothing_asked: bool) -> String {
    if nothing_asked {
        "nothing in particular was asked".to_owned()
    } else {
        format!("meets {} of what was asked", percent(value))
    }
}

/// A matching: who with whom, who waits and why, and what was counted.
///
/// `matches` are the document's as the reader may see them.
pub(crate) fn matching(
    document: &MatchingDocument,
    matches: &[Matched],
    labels: &Labels<'_>,
    rows_max: usize,
) -> String {
    let summary = &document.summary;
    let mut out = format!(
        "Matched: {} of {} ready and without a match. Kept: {}. {} had {}; {}.\n",
        summary.matched,
        people(summary.people),
        counted(summary.kept, "match that stands", "matches that stand"),
        counted(summary.workers_with_places, "worker", "workers"),
        counted(summary.places, "place", "places"),
        counted(summary.eligible_pairs, "eligible pair", "eligible pairs"),
    );
    if let Some(from) = &document.from {
        put!(
            out,
            "Incremental: {} of {} earlier proposals change; a fresh run may place people differently at the same total.\n",
            from.moved,
            from.earlier.len()
        );
    }
    let new: Vec<_> = matches.iter().filter(|m| m.status != Origin::Kept).collect();
    if !new.is_empty() {
        let mut shown = table(&["person", "worker", "wishes met", "note"]);
        for pair in new.iter().take(rows_max) {
            let met = pair.fit.map_or(String::new(), |value| fit(value, pair.nothing_asked));
            let note = if pair.status == Origin::Pinned { "decided before" } else { "" };
            shown.add_row([
                labels.person(&pair.person_id),
                labels.worker(&pair.worker_id),
                met,
                note.to_owned(),
            ]);
        }
        out.push_str(&shown.to_string());
        out.push('\n');
        if new.len() > rows_max {
            put!(out, "... and {} more.\n", new.len() - rows_max);
        }
    }
    if !document.waiting.is_empty() {
        let not_ready = document.waiting.iter().filter(|w| w.blocker == Blocker::NotReady).count();
        let not_ready = if not_ready == 0 {
            String::new()
        } else {
            format!(" ({not_ready} of them not ready to be matched)")
        };
        put!(
            out,
            "\nWaiting: {}, longest first{not_ready}.\n",
            people(document.waiting.len() as u64)
        );
        let mut shown = table(&["person", "days", "why", "next step"]);
        for waiting in document.waiting.iter().take(rows_max) {
            let step = waiting.next_steps.first().map_or("", String::as_str);
            shown.add_row([
                labels.person(&waiting.person_id),
                waiting.wait_days.to_string(),
                labels.sentence(&waiting.words),
                labels.sentence(step),
            ]);
        }
        out.push_str(&shown.to_string());
        out.push('\n');
        if document.waiting.len() > rows_max {
            put!(out, "... and {} more.\n", document.waiting.len() - rows_max);
        }
    }
    let [must, must_served] = summary.people_with_a_must;
    let [important, important_served] = summary.people_with_important_only;
    if must > 0 {
        put!(
            out,
            "\nOf {} with a must, {must_served} matched; of {} whose strongest wish is important, {important_served}.\n",
            people(must),
            people(important)
        );
    }
    if summary.musts_to_confirm > 0 {
        let musts = counted(
            summary.musts_to_confirm,
            "must stated by a referrer counts",
            "musts stated by referrers count",
        );
        put!(out, "{musts} as important until the person confirms.\n");
    }
    if !summary.workers_never_suggested.is_empty() {
        let ids: Vec<String> =
            summary.workers_never_suggested.iter().map(|id| labels.worker(id)).collect();
        put!(out, "Workers with a free place and nobody new: {}.\n", ids.join(", "));
    }
    out
}

/// With whom one place more would let one more person be matched: those with whom whoever has waited longest would be.
pub(crate) fn places_more(told: &[OnePlaceMore], labels: &Labels<'_>) -> String {
    const NAMED_MAX: usize = 3;
    let Some(days) = told.first().and_then(|place| place.serves_wait_days) else {
        return String::new();
    };
    let first: Vec<&OnePlaceMore> =
        told.iter().take_while(|place| place.serves_wait_days == Some(days)).collect();
    let mut with: Vec<String> =
        first.iter().take(NAMED_MAX).map(|place| labels.worker(&place.worker_id)).collect();
    if first.len() > NAMED_MAX {
        let more = counted((first.len() - NAMED_MAX) as u64, "other worker", "other workers");
        with.push(format!("one of {more}"));
    }
    let last = with.pop().unwrap_or_default();
    let with = if with.is_empty() { last } else { format!("{} or {last}", with.join(", ")) };
    let waited = counted(u64::from(days), "day", "days");
    format!("One place more with {with} would serve one more person, who has waited {waited}.\n")
}

/// The limits that a matching was made under: what was used of each, what one more would be worth, what they cost, who starts when.
/// `seen` are the limits as a coordinator may see them, `said` what a coordinator may read beside them.
pub(crate) fn limits(
    limits: &LimitsDocument,
    seen: &[LimitLine],
    said: &[String],
    labels: &Labels<'_>,
) -> String {
    let mut out = "\nLimits:\n".to_owned();
    let mut shown = table(&["limit", "of", "used", "most", "one more"]);
    // A limit that holds for every worker and touches nobody would bury those that matter.
    let untouched = |line: &&LimitLine| {
        line.kind == LimitKind::NewStarts && line.used == Some(0) && line.one_more.is_none()
    };
    let left_out = seen.iter().filter(untouched).count();
    for line in seen.iter().filter(|line| !untouched(line)) {
        let hundredths = |value: i64| format!("{}.{:02}", value / 100, (value % 100).abs());
        let in_unit = |value: i64| match line.kind {
            LimitKind::Load => hundredths(value),
            LimitKind::Floor => format!("{} %", value / 10_000),
            _ => value.to_string(),
        };
        let (name, of) = match line.kind {
            LimitKind::Load => ("load", labels.worker(&line.of)),
            LimitKind::NewStarts => ("new starts", labels.worker(&line.of)),
            LimitKind::Team => ("team", line.of.clone()),
            LimitKind::Supervisor => ("supervisor", line.of.clone()),
            LimitKind::CultureLoad => ("culture load", labels.worker(&line.of)),
            LimitKind::Floor => ("mean fit", line.of.clone()),
        };
        let bound = in_unit(line.limit);
        let bound = if line.kind == LimitKind::Floor { format!("at least {bound}") } else { bound };
        shown.add_row([
            name.to_owned(),
            of,
            line.used.map_or_else(|| format!("fewer than {GROUP_MIN}"), in_unit),
            bound,
            line.one_more.clone().unwrap_or_default(),
        ]);
    }
    if left_out < seen.len() {
        put!(out, "{shown}\n");
    }
    if left_out > 0 {
        let these = counted(left_out as u64, "limit", "limits");
        put!(out, "Not shown: {these} of workers' new starts with nothing used.\n");
    }
    if let Some(most) = limits.limits.iter().find(|line| line.kind == LimitKind::CultureLoad) {
        put!(
            out,
            "Every worker is given at most {} who asked for their culture, iwi or language. How many each is given is not shown, since beside a match it would say what two people share.\n",
            counted(most.limit.unsigned_abs(), "new person", "new people")
        );
    }
    if seen.iter().any(|line| line.kind == LimitKind::Floor) {
        put!(
            out,
            "A mean fit counts what a coordinator may see, of at least {GROUP_MIN} people who are matched and asked for something; the limit was verified on everything that is known.\n"
        );
    }
    for words in said {
        put!(out, "{words}\n");
    }
    if limits.start_weeks.iter().any(|start| start.week > 1) {
        let weeks = limits.start_weeks.iter().map(|start| start.week).max().unwrap_or(1);
        for week in 1..=weeks {
            let who: Vec<String> = limits
                .start_weeks
                .iter()
                .filter(|start| start.week == week)
                .map(|start| labels.person(&start.person_id))
                .collect();
            put!(out, "Start in week {week}: {}.\n", who.join(", "));
        }
    }
    out
}

/// The line that a verified matching ends with.
pub(crate) fn verified(document: &MatchingDocument) -> String {
    format!("verified: {}\n", known(document))
}

fn people(count: u64) -> String {
    counted(count, "person", "people")
}

pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Objectives side by side.
pub(crate) fn comparison(found: &Comparison) -> String {
    let mut out = format!(
        "{} to be matched; {}, {}.\n",
        people(found.people),
        counted(found.places, "place", "places"),
        counted(found.eligible_pairs, "eligible pair", "eligible pairs")
    );
    let mut shown = table(&[
        "objective",
        "served",
        "longest wait",
        "days left",
        "wishes met",
        "least met",
        "geom. mean",
        "under half",
        "first choice",
        "blocking pairs",
        "moved",
        "price",
    ]);
    // Names and the longest word of a heading stand unbroken.
    for (place, width) in [(0, 17), (9, 10)] {
        if let Some(column) = shown.column_mut(place) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    for row in &found.rows {
        let name = row.objective.to_string();
        let Some(told) = &row.figures else {
            shown.add_row([name, "none".to_owned()]);
            continue;
        };
        let share = |fit: Option<u32>| fit.map_or_else(|| "-".to_owned(), percent);
        let price = told.price_per_mille.map_or_else(
            || "-".to_owned(),
            |price| {
                let sign = if price < 0 { "-" } else { "+" };
                format!("{sign}{}.{} %", price.unsigned_abs() / 10, price.unsigned_abs() % 10)
            },
        );
        shown.add_row([
            name,
            told.served.to_string(),
            told.longest_wait_left.to_string(),
            told.days_left.to_string(),
            share(told.met_mean),
            share(told.met_least),
            share(told.met_geometric),
            told.under_half.to_string(),
            told.first_choices.to_string(),
            told.blocking_pairs.to_string(),
            told.moved.to_string(),
            price,
        ]);
    }
    put!(out, "{shown}\n");
    for row in &found.rows {
        if !row.refused.is_empty() {
            put!(out, "{}: no matching, so no figures. {}\n", row.objective, row.refused.join(" "));
        } else if row.objective != found.against && row.figures.is_some_and(|f| f.moved == 0) {
            put!(out, "{} gives the same matching as {} here.\n", row.objective, found.against);
        } else if row.objective != found.against {
            let part = |what: &str, all: &[String]| {
                if all.is_empty() {
                    format!("{what} nothing")
                } else {
                    format!("{what} {}", all.join(", "))
                }
            };
            let (gains, gives_up) = (part("gains", &row.gains), part("gives up", &row.gives_up));
            put!(out, "{} {gains}; {gives_up}.\n", row.objective);
        }
    }
    put!(
        out,
        "Moved, gains and price are against {}; price is how much more is lost where the same people are served.\n",
        found.against
    );
    if found.audience == Audience::Coordinator {
        out.push_str("Each matching was verified on everything that is known; these figures count what a coordinator may see.\n");
    } else {
        out.push_str("Each matching was verified; these figures count everything that is known.\n");
    }
    out
}

/// Suggestions for one person.
pub(crate) fn suggestions(found: &Suggestions, labels: &Labels<'_>) -> String {
    let who = labels.person(&found.person_id);
    let mut out = String::new();
    if let Some(why) = &found.why_not_matched_now {
        put!(out, "{}\n", labels.sentence(why));
    }
    match (&found.why_not_matched_now, found.available) {
        (_, 0) => put!(out, "Nobody else can be matched with {who} right now.\n"),
        (Some(_), _) => put!(out, "Who else could walk alongside {who}, if that changed:\n"),
        (None, n) => put!(
            out,
            "Who could walk alongside {who} (waiting {} days)? {} of {} who could:\n",
            found.wait_days,
            found.workers.len(),
            counted(n as u64, "worker", "workers")
        ),
    }
    for (place, told) in found.workers.iter().enumerate() {
        put!(
            out,
            "\n{}. {}: {}\n",
            place + 1,
            labels.worker(&told.worker_id),
            meets(told.fit, told.nothing_asked)
        );
        for bar in &told.bars {
            out.push_str(&bar_line(bar, labels));
        }
        lines(&mut out, &told.meeting, labels);
        if let Some(caution) = &told.caution {
            put!(out, "   Mind: {}\n", labels.sentence(caution));
        }
        lines(&mut out, &told.hints, labels);
        lines(&mut out, &told.changes, labels);
        if let Some(firmness) = &told.firmness {
            lines(&mut out, &firmness.words, labels);
        }
        if let Some(cost) = &told.cost_to_others {
            put!(out, "   {}\n", labels.sentence(&cost.words));
        }
    }
    if found.why_not_matched_now.is_none()
        && found.available > 0
        && found.available < found.options_promised as usize
    {
        put!(
            out,
            "\nThe service promises {} options; there are fewer right now.\n",
            found.options_promised
        );
    }
    if !found.musts.is_empty() {
        out.push('\n');
        for must in &found.musts {
            put!(out, "{must}\n");
        }
    }
    if !found.others.is_empty() {
        out.push_str("\nNot available, by reason (a worker may count under several):\n");
        for other in &found.others {
            let count = other
                .workers
                .map_or("fewer than three workers".to_owned(), |n| format!("{n} workers"));
            put!(out, "   {count}: {}\n", other.words);
        }
    }
    put!(out, "\n{PEOPLE_DECIDE}\n");
    out
}

fn lines(out: &mut String, sentences: &[String], labels: &Labels<'_>) {
    for sentence in sentences {
        put!(out, "   {}\n", labels.sentence(sentence));
    }
}

fn mark(met: Met) -> &'static str {
    match met {
        Met::Met => "met",
        Met::Partly => "partly",
        Met::NotMet => "not met",
        Met::Unknown => "not known",
    }
}

fn bar_line(bar: &Bar, labels: &Labels<'_>) -> String {
    let name = bar.criterion.replace('_', " ");
    let words = bar.words.as_deref().map(|w| labels.sentence(w)).unwrap_or_default();
    format!(
        "   {:<9} {name}: {words} ({} of {})\n",
        mark(bar.met),
        bar.points / 10_000,
        percent(bar.points_max)
    )
}

fn audit_line(bar: &AuditBar) -> String {
    format!(
        "   {:<9} {}: weight {}, value {}, fit {}, loss {}{}\n",
        mark(bar.met),
        bar.criterion,
        bar.weight,
        bar.value,
        bar.fit_points,
        bar.loss_points,
        bar.words.as_deref().map(|w| format!(" ({w})")).unwrap_or_default()
    )
}

/// An explanation, to be read aloud (but for the auditor's).
pub(crate) fn explanation(told: &Explanation, labels: &Labels<'_>) -> String {
    match told {
        Explanation::ServiceUser(told) => to_service_user(told, labels),
        Explanation::PeerWorker(told) => to_peer_worker(told),
        Explanation::Coordinator(told) => to_coordinator(told, labels),
        Explanation::Auditor(told) => to_auditor(told),
    }
}

fn part(out: &mut String, heading: &str, sentences: &[String], labels: &Labels<'_>) {
    if !sentences.is_empty() {
        put!(out, "{heading}\n");
        lines(out, sentences, labels);
    }
}

fn to_service_user(told: &ForServiceUser, labels: &Labels<'_>) -> String {
    let mut out = format!("About {}\n", labels.worker(&told.worker_id));
    part(&mut out, "This worker cannot walk with you right now.", &told.why_not, labels);
    part(&mut out, "What you asked for, and this worker brings:", &told.meets, labels);
    part(&mut out, "What is not quite as you asked:", &told.does_not_meet, labels);
    part(&mut out, "What we do not know:", &told.not_known, labels);
    part(&mut out, "How you could meet:", &told.meeting, labels);
    put!(out, "{}\n", told.choice);
    for text in told.crisis_text.iter().chain(&told.complaints_text) {
        put!(out, "{text}\n");
    }
    out
}

fn to_peer_worker(told: &ForPeerWorker) -> String {
    let nobody = Names::default();
    let labels = Labels::for_audience(&nobody, Audience::PeerWorker);
    let mut out = format!("About person {}\n", told.person_id);
    part(&mut out, "You two cannot be matched right now.", &told.why_not, &labels);
    part(&mut out, "What the person is looking for:", &told.looking_for, &labels);
    part(&mut out, "What you wished for:", &told.own_wishes, &labels);
    part(&mut out, "How you could meet:", &told.meeting, &labels);
    put!(out, "{}\n", told.choice);
    out
}

fn to_coordinator(told: &ForCoordinator, labels: &Labels<'_>) -> String {
    let (person, worker) = (labels.person(&told.person_id), labels.worker(&told.worker_id));
    let mut out = if told.eligible {
        format!("{person} and {worker}: {}.\n", meets(told.fit, told.nothing_asked))
    } else {
        format!("{person} and {worker} cannot be matched right now.\n")
    };
    for reason in &told.why_not {
        put!(out, "   {}\n", labels.sentence(&reason.words));
    }
    if !told.bars.is_empty() {
        out.push_str("What was asked:\n");
        for bar in &told.bars {
            out.push_str(&bar_line(bar, labels));
        }
    }
    part(&mut out, "Meeting:", &told.meeting, labels);
    part(&mut out, "Not known:", &told.not_known, labels);
    if let Some(caution) = &told.caution {
        put!(out, "Mind: {}\n", labels.sentence(caution));
    }
    part(&mut out, "To talk about:", &told.hints, labels);
    part(&mut out, "What would change it:", &told.changes, labels);
    part(&mut out, "Musts:", &told.musts, labels);
    if let Some(outcome) = &told.outcome {
        put!(out, "{}\n", labels.sentence(outcome));
    }
    put!(out, "{PEOPLE_DECIDE}\n");
    out
}

fn to_auditor(told: &ForAuditor) -> String {
    let mut out = format!(
        "person {} worker {}\neligible {}\nfit {}{}\nloss {}\nworker_loss {}\n",
        told.person_id,
        told.worker_id,
        told.eligible,
        told.fit,
        if told.nothing_asked { " (nothing asked)" } else { "" },
        told.loss,
        told.worker_loss
    );
    for code in &told.exclusions {
        put!(out, "excluded: {code}\n");
    }
    for bar in &told.bars {
        out.push_str(&audit_line(bar));
    }
    for change in &told.changes {
        put!(out, "{change}\n");
    }
    if let Some(outcome) = &told.outcome {
        put!(out, "{outcome}\n");
    }
    if let Some(price) = told.price {
        put!(out, "price {price}\n");
    }
    put!(out, "roster {}\npolicy {}\n", told.roster_hash, told.policy_hash);
    out
}

/// Menus for a coordinator.
pub(crate) fn menus(told: &MenusForCoordinator, labels: &Labels<'_>) -> String {
    let mut out = String::new();
    if !told.people.is_empty() {
        let resolved = told.people.iter().any(|line| line.proposed.is_some());
        let mut header = vec!["person", "waited", "menu", "options", "note"];
        if resolved {
            header.push("proposed");
        }
        let mut shown = table(&header);
        for line in &told.people {
            let kind = match line.kind {
                MenuKind::Safe => "safe",
                MenuKind::Live => "live",
                MenuKind::Shortlist => "shortlist",
                MenuKind::Nobody => "none",
            };
            let options: Vec<String> = line.options.iter().map(|id| labels.worker(id)).collect();
            let mut row = vec![
                labels.person(&line.person_id),
                counted(u64::from(line.wait_days), "day", "days"),
                kind.to_owned(),
                options.join(", "),
                labels.sentence(&line.note),
            ];
            if resolved {
                row.push(line.proposed.as_deref().map_or(String::new(), |id| labels.worker(id)));
            }
            shown.add_row(row);
        }
        put!(out, "{shown}\n");
    }
    for note in &told.notes {
        put!(out, "{note}\n");
    }
    out
}

/// One person's menu, to be printed or read aloud.
pub(crate) fn menu_sheet(person: &str, told: &MenuForPerson, labels: &Labels<'_>) -> String {
    let mut out = format!("Who could walk with you? (for {person})\n\n");
    for words in &told.about {
        put!(out, "{}\n", labels.sentence_of_workers(words));
    }
    for option in &told.options {
        put!(out, "\n[ ] {}\n", labels.worker(&option.worker_id));
        let mut about = String::new();
        part(&mut about, "What you asked for, and this worker brings:", &option.meets, labels);
        part(&mut about, "What is not quite as you asked:", &option.does_not_meet, labels);
        part(&mut about, "What we do not know:", &option.not_known, labels);
        part(&mut about, "How you could meet:", &option.meeting, labels);
        for line in about.lines() {
            put!(out, "    {line}\n");
        }
    }
    if !told.other_answers.is_empty() {
        out.push('\n');
    }
    for answer in &told.other_answers {
        put!(out, "[ ] {answer}\n");
    }
    put!(out, "\n{}\n", told.choice);
    for text in told.crisis_text.iter().chain(&told.complaints_text) {
        put!(out, "{text}\n");
    }
    out
}

/// A lottery for a coordinator: who was drawn, and how. Chances are not shown: they are made from the full records.
pub(crate) fn lottery(
    document: &LotteryDocument,
    matches: &[Matched],
    labels: &Labels<'_>,
) -> String {
    let mut out = format!(
        "Drawn: {} by lot, from {}.\n",
        people(matches.len() as u64),
        counted(document.chances.len() as u64, "eligible pair", "eligible pairs"),
    );
    if !matches.is_empty() {
        let mut shown = table(&["person", "worker", "wishes met", "note"]);
        for pair in matches {
            let met = pair.fit.map_or(String::new(), |value| fit(value, pair.nothing_asked));
            let note = if pair.status == Origin::Pinned { "decided before" } else { "" };
            shown.add_row([
                labels.person(&pair.person_id),
                labels.worker(&pair.worker_id),
                met,
                note.to_owned(),
            ]);
        }
        put!(out, "{shown}\n");
    }
    match (document.objective, document.cap) {
        (LotteryObjective::BestTotal, Some(cap)) => put!(
            out,
            "No pair had a chance above {cap}/{}, but for people with few eligible workers; under this, no other lottery is better on average.\n",
            document.denominator
        ),
        _ => out.push_str(
            "Everybody took, at the same speed, from the worker they would like best who had something left.\n",
        ),
    }
    put!(
        out,
        "Seed {}, commitment {}. The same seed draws the same again; the exact chances are in the document and the log.\n",
        document.seed,
        document.commitment
    );
    put!(out, "{PEOPLE_DECIDE}\n");
    out
}
