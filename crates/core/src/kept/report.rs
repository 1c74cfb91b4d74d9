//! The service on one page: choice, wishes, waits, load and decisions over some time, in counts that tell of nobody.
//!
//! Every count leaves by [`crate::counts`]: small ones hidden, the others rounded, rows with their totals so that nothing can be worked out. Nothing here compares workers
//! with each other, and nothing is a verdict: where a figure asks for a look, it says what to look at.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{Audience, MatchStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use peermatch_model::words::CriterionName;

use super::matches::EndKind;
use super::menus::MenuState;
use super::{Book, Refused};
use crate::counts::tell_row;
use crate::explain::{Standing, for_service_user};
use crate::limits::asked_for_culture;
use crate::menu::Answer;
use crate::pair::Context;
use crate::scoring::{self, Met, Place, Scorer};
use crate::view::View;

/// From how many decisions on it is looked at how often the first on the list is taken.
pub const DECISIONS_MIN: usize = 50;

/// Of so many of a hundred decisions the first on the list may be taken before somebody is asked to look.
pub const FIRST_TAKEN_MAX: usize = 95;

/// A line: something that is counted, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What is counted.
    pub what: String,
    /// How often: a multiple of three, at most two off; absent where it is too small to tell, or would give another away.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<u64>,
}

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is about.
    pub title: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// All of them, rounded by itself: need not be their sum.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
    /// What the figures mean, and what to look at.
    pub words: Vec<String>,
}

/// Whether the people of a group get what they asked for, and how long they wait. Somebody of two groups is in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupPart {
    /// What the group is called in the roster's list of codes.
    pub group: String,
    /// Wishes of those who walk with somebody on the last look.
    pub wishes: Part,
    /// How long those wait who wait on the last look.
    pub waits: Part,
}

/// The service on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// Whether people had a choice.
    pub choice: Part,
    /// What they answered.
    pub answers: Part,
    /// Wishes of those who walk with somebody on the last look.
    pub wishes: Part,
    /// How long those wait who wait on the last look.
    pub waits: Part,
    /// Of these wishes, those about culture and iwi.
    pub culture: Part,
    /// The same of the people of each broad ethnic group who let it be used, where they are enough.
    pub groups: Vec<GroupPart>,
    /// Workers by room on the last look.
    pub load: Part,
    /// Workers by how many of the people they walk with asked for their culture, iwi or language.
    pub culture_load: Part,
    /// Offers, and what became of them.
    pub offers: Part,
    /// How matches ended.
    pub ends: Part,
    /// How long decisions took.
    pub decisions: Part,
    /// How the counts are told.
    pub note: String,
}

/// Makes the page for days `from` to `until`, both among them.
///
/// O(menus + matches + people + workers), and O(wishes) for each match that stands.
///
/// # Errors
/// The days are the wrong way round.
pub fn report(
    book: &Book,
    cx: &Context<'_>,
    from: Date,
    until: Date,
) -> Result<ServiceReport, Refused> {
    if until < from {
        return Err(Refused::conflict("days_turned", "The last day is before the first."));
    }
    let zone = TimeZone::get(&book.settings().zone).unwrap_or(TimeZone::UTC);
    let within = |micros: i64| {
        jiff::Timestamp::from_microsecond(micros)
            .is_ok_and(|at| (from..=until).contains(&at.to_zoned(zone.clone()).date()))
    };
    let secret = book.secret().unwrap_or_default();
    let part = |title: &str, name: &str, cells: &[(&str, u64)], words: Vec<String>| {
        // The days are no part of a cell's name: whoever asks chooses them, and would get the same count rounded by another lot for each choice, until the mean told it.
        let row = tell_row(secret, name, cells);
        Part {
            title: title.to_owned(),
            lines: cells
                .iter()
                .zip(&row.cells)
                .map(|((what, _), told)| Line { what: (*what).to_owned(), about: told.figure() })
                .collect(),
            total: row.total.figure(),
            words,
        }
    };
    Ok(ServiceReport {
        from: from.to_string(),
        until: until.to_string(),
        choice: choice(book, cx, &within, &part),
        answers: answers(book, &within, &part),
        wishes: wishes(cx, &part),
        waits: waits(cx, "waits", &|_| true, &part),
        culture: culture(cx, &part),
        groups: groups(cx, &part),
        load: load(cx, &part),
        culture_load: culture_load(cx, &part),
        offers: offers(book, &within, &part),
        ends: ends(book, &within, &part),
        decisions: decisions(book, &within, &part),
        note: "Counts below 6 are not told; others are rounded at random to a multiple of 3, each by itself, so parts need not add up. Where one figure would give another away, it is left out too.".to_owned(),
    })
}

type MakePart<'f> = dyn Fn(&str, &str, &[(&str, u64)], Vec<String>) -> Part + 'f;
type Within<'f> = dyn Fn(i64) -> bool + 'f;

fn choice(book: &Book, cx: &Context<'_>, within: &Within<'_>, part: &MakePart<'_>) -> Part {
    let (mut real, mut fewer) = (0, 0);
    for menu in book.menus().values().filter(|menu| within(menu.made_at)) {
        let promised = cx.roster.find_user(&menu.person_id).map_or(2, |user| {
            let services = &cx.roster.user(user).services;
            services.iter().map(|&s| cx.roster.service(s).min_options_to_offer).max().unwrap_or(2)
        });
        if u32::try_from(menu.options.len()).unwrap_or(u32::MAX) >= promised {
            real += 1;
        } else {
            fewer += 1;
        }
    }
    part(
        "Had a choice",
        "choice",
        &[("at least as many options as promised", real), ("fewer options than promised", fewer)],
        vec!["A choice is real where somebody could choose among as many workers as the service promises.".to_owned()],
    )
}

fn answers(book: &Book, within: &Within<'_>, part: &MakePart<'_>) -> Part {
    let (mut picked, mut none, mut later, mut silent, mut open) = (0, 0, 0, 0, 0);
    for menu in book.menus().values().filter(|menu| within(menu.made_at)) {
        match (menu.answer.as_ref().map(|answer| &answer.answer), menu.state) {
            (Some(Answer::None), _) => none += 1,
            (Some(Answer::Later), _) => later += 1,
            (Some(_), _) => picked += 1,
            (None, MenuState::Open) => open += 1,
            (None, _) => silent += 1,
        }
    }
    part(
        "What people answered",
        "answers",
        &[
            ("chose somebody", picked),
            ("none of these", none),
            ("later", later),
            ("no answer before it ended", silent),
            ("still open", open),
        ],
        vec!["\"None of these\" is as good an answer as any: it asks for other options, not for a reason.".to_owned()],
    )
}

/// Some of the people.
type Who<'f> = dyn Fn(UserIx) -> bool + 'f;

/// Wishes met, not met and not known of some of the people, over everybody they walk with, as they may read them themselves.
fn met_of(cx: &Context<'_>, of: &Who<'_>) -> [u64; 3] {
    let view = View::new(cx, Audience::ServiceUser);
    let mut all = [0_u64; 3];
    for user in (0..cx.roster.people().len()).map(UserIx::at).filter(|&user| of(user)) {
        let kept = &cx.roster.user(user).kept;
        if kept.is_empty() {
            continue;
        }
        let seen = view.person(user);
        for &worker in kept {
            let told = for_service_user(&view.pair(&seen, worker), Standing::of(cx, user, worker));
            let lines = [&told.meets, &told.does_not_meet, &told.not_known];
            for (count, lines) in all.iter_mut().zip(lines) {
                *count += lines.len() as u64;
            }
        }
    }
    all
}

fn met_part(
    title: &str,
    name: &str,
    [met, unmet, unknown]: [u64; 3],
    words: &str,
    part: &MakePart<'_>,
) -> Part {
    let cells = [("met", met), ("not met, or only partly", unmet), ("not known", unknown)];
    part(title, name, &cells, vec![words.to_owned()])
}

fn culture(cx: &Context<'_>, part: &MakePart<'_>) -> Part {
    let view = View::new(cx, Audience::ServiceUser);
    let mut all = [0_u64; 3];
    for user in (0..cx.roster.people().len()).map(UserIx::at) {
        let seen = view.person(user);
        for &worker in &cx.roster.user(user).kept {
            let pair = view.pair(&seen, worker);
            let parts = Scorer::for_pair(&pair).fit(&pair).parts;
            let about = |part: &&scoring::Part| {
                let name = part.built_in();
                let culture =
                    matches!(name, Some(CriterionName::SharedCulture | CriterionName::Iwi));
                culture && matches!(part.place, Place::Wish(_))
            };
            for part in parts.iter().filter(about) {
                all[match part.met {
                    Met::Met => 0,
                    Met::Partly | Met::NotMet => 1,
                    Met::Unknown => 2,
                }] += 1;
            }
        }
    }
    met_part(
        "Wishes about culture and iwi",
        "culture",
        all,
        "Of those who walk with somebody now. Where nobody of the wished culture has room, the wish is counted as not met.",
        part,
    )
}

/// The list of codes by which people say their ethnicity.
const ETHNICITY: &str = "ethnicity";

fn groups(cx: &Context<'_>, part: &MakePart<'_>) -> Vec<GroupPart> {
    let codes = cx.roster.codes();
    let broad = codes
        .iter()
        .filter(|code| code.system == ETHNICITY && code.parent.is_none() && !code.residual);
    broad
        .filter_map(|group| {
            // Everybody counts in each group they name; nobody is put into one.
            let of = |user: UserIx| {
                cx.roster.user(user).identity.iter().any(|&code| {
                    let up = std::iter::successors(Some(cx.roster.code(code)), |code| {
                        code.parent.map(|parent| cx.roster.code(parent))
                    });
                    up.take(codes.len()).any(|code| std::ptr::eq(code, group))
                })
            };
            let wishes = met_part(
                "Wishes",
                &format!("wishes of {}", group.code),
                met_of(cx, &of),
                "Of those who walk with somebody now.",
                part,
            );
            let waits = waits(cx, &format!("waits of {}", group.code), &of, part);
            (wishes.total.is_some() || waits.total.is_some()).then(|| GroupPart {
                group: group.label.clone(),
                wishes,
                waits,
            })
        })
        .collect()
}

fn culture_load(cx: &Context<'_>, part: &MakePart<'_>) -> Part {
    let mut asked = vec![0_u32; cx.roster.workers().len()];
    for user in (0..cx.roster.people().len()).map(UserIx::at) {
        for &worker in &cx.roster.user(user).kept {
            asked[worker.index()] += u32::from(asked_for_culture(cx, user, worker));
        }
    }
    let many = |from: u32, to: u32| {
        asked.iter().filter(|asked| (from..=to).contains(asked)).count() as u64
    };
    part(
        "Workers asked for by their culture",
        "culture load",
        &[
            ("by nobody they walk with", many(0, 0)),
            ("by one or two", many(1, 2)),
            ("by three to five", many(3, 5)),
            ("by six or more", many(6, u32::MAX)),
        ],
        vec!["Work that is asked of somebody for their culture, iwi or language weighs on top of the rest: talk about time and pay for it.".to_owned()],
    )
}

fn wishes(cx: &Context<'_>, part: &MakePart<'_>) -> Part {
    met_part(
        "Wishes of those who walk with somebody now",
        "wishes",
        met_of(cx, &|_| true),
        "Wishes as the people themselves may read them.",
        part,
    )
}

fn waits(cx: &Context<'_>, name: &str, of: &Who<'_>, part: &MakePart<'_>) -> Part {
    let mut bands = [0_u64; 4];
    for user in cx.roster.waiting().filter(|&user| of(user)) {
        let band = match cx.roster.user(user).wait_days {
            0..14 => 0,
            14..42 => 1,
            42..84 => 2,
            _ => 3,
        };
        bands[band] += 1;
    }
    let [short, weeks, months, long] = bands;
    part(
        "How long people wait",
        name,
        &[
            ("less than 2 weeks", short),
            ("2 to 6 weeks", weeks),
            ("6 to 12 weeks", months),
            ("12 weeks or more", long),
        ],
        vec!["Only those who are ready to be matched now.".to_owned()],
    )
}

fn load(cx: &Context<'_>, part: &MakePart<'_>) -> Part {
    let (mut room, mut full, mut over) = (0, 0, 0);
    for worker in (0..cx.roster.workers().len()).map(|at| cx.roster.worker(WorkerIx::at(at))) {
        match worker.people_now.cmp(&worker.people_max) {
            std::cmp::Ordering::Less => room += 1,
            std::cmp::Ordering::Equal => full += 1,
            std::cmp::Ordering::Greater => over += 1,
        }
    }
    let words = "Places that open menus hold count as taken. Nothing that a worker told of their life is counted here.";
    part(
        "Workers by room",
        "load",
        &[("have room", room), ("are full", full), ("walk with more people than agreed", over)],
        vec![words.to_owned()],
    )
}

fn offers(book: &Book, within: &Within<'_>, part: &MakePart<'_>) -> Part {
    let (mut waiting, mut accepted, mut declined, mut expired) = (0, 0, 0, 0);
    let offered = book.matches().values().filter(|one| one.offered_at.is_some_and(within));
    for one in offered {
        match one.status {
            MatchStatus::Draft | MatchStatus::Proposed | MatchStatus::Offered => waiting += 1,
            MatchStatus::DeclinedPerson | MatchStatus::DeclinedWorker => declined += 1,
            MatchStatus::Expired => expired += 1,
            _ => accepted += 1,
        }
    }
    part(
        "Offers",
        "offers",
        &[
            ("accepted by all three", accepted),
            ("a no from one of them", declined),
            ("no answer in time", expired),
            ("waiting for answers", waiting),
        ],
        vec!["A no needs no reason, and who said it is not counted apart.".to_owned()],
    )
}

fn ends(book: &Book, within: &Within<'_>, part: &MakePart<'_>) -> Part {
    let (mut reached, mut changed, mut left, mut other) = (0, 0, 0, 0);
    for one in book.matches().values().filter(|one| one.ended_at.is_some_and(within)) {
        match one.end_kind {
            Some(EndKind::GoalsMet | EndKind::MovedOn) => reached += 1,
            Some(EndKind::PersonChanged | EndKind::WorkerChanged) => changed += 1,
            Some(EndKind::WorkerLeft | EndKind::ServiceEnded) => left += 1,
            _ => other += 1,
        }
    }
    part(
        "How matches ended",
        "ends",
        &[
            ("the person moved on", reached),
            ("one of the two asked for a change", changed),
            ("the worker left, or the service ended", left),
            ("otherwise, or not said", other),
        ],
        vec!["A change is nobody's fault, and who asked is not counted apart.".to_owned()],
    )
}

/// How decisions were made: quickly, or as the list had it, again and again.
fn decisions(book: &Book, within: &Within<'_>, part: &MakePart<'_>) -> Part {
    const MINUTE: i64 = 60_000_000;
    let mut bands = [0_u64; 4];
    let (mut accepted, mut first) = (0_usize, 0_usize);
    for one in book.matches().values() {
        let Some(decision) = one.decision.as_ref().filter(|decision| within(decision.at)) else {
            continue;
        };
        let minutes = decision.at.saturating_sub(one.made_at) / MINUTE;
        let band = match minutes {
            ..1 => 0,
            1..60 => 1,
            60..1_440 => 2,
            _ => 3,
        };
        bands[band] += 1;
        let shown = one.basis.as_ref().map(|basis| &basis.shown);
        if let (true, Some(top)) = (decision.accept, shown.and_then(|shown| shown.first())) {
            accepted += 1;
            first += usize::from(*top == one.worker_id);
        }
    }
    let mut words = vec!["From when something was proposed to when somebody decided.".to_owned()];
    if rubber_stamped(accepted, first) {
        words.push(format!(
            "Of the last {DECISIONS_MIN} or more decisions, the first on the list was taken nearly every time. Look together at some of them: was there a choice, and did the person have a say?"
        ));
    }
    let [at_once, hour, day, later] = bands;
    part(
        "How long decisions took",
        "decisions",
        &[
            ("less than a minute", at_once),
            ("up to an hour", hour),
            ("up to a day", day),
            ("longer", later),
        ],
        words,
    )
}

/// Whether the first on the list is taken so often that somebody should look.
pub fn rubber_stamped(accepted: usize, first: usize) -> bool {
    accepted >= DECISIONS_MIN && first * 100 > accepted * FIRST_TAKEN_MAX
}

#[cfg(test)]
mod tests {
    use peermatch_model::policy::Policy;
    use peermatch_model::raw::{Field, IdentityInput};
    use peermatch_model::roster::Roster;
    use peermatch_model::taxonomy::Taxonomy;
    use peermatch_model::words::QueueState;
    use peermatch_testkit::rosters::{self, Spec};

    use super::*;
    use crate::kept::menus::MenuOffer;
    use crate::kept::{Change, Entity, Settings};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn parts(page: &ServiceReport) -> Vec<&Part> {
        let ServiceReport { choice, answers, wishes, culture, waits, load, culture_load, .. } =
            page;
        let ServiceReport { offers, ends, decisions, groups, .. } = page;
        let all =
            [choice, answers, wishes, culture, waits, load, culture_load, offers, ends, decisions];
        let groups = groups.iter().flat_map(|group| [&group.wishes, &group.waits]);
        all.into_iter().chain(groups).collect()
    }

    /// Nothing is told below six, nothing exactly, and no part leaves a single hidden line beside its total.
    #[test]
    fn nothing_small_or_exact_is_told() {
        let policy = Policy::shipped();
        for seed in 0..30_u64 {
            let roster = rosters::roster(
                &Spec::SERVICE.sized(40 + 3 * usize::try_from(seed).unwrap(), 14),
                seed,
            );
            let cx = Context::new(&roster, &policy);
            let mut book = Book::new(Settings::in_zone("UTC"));
            book.apply([Change::put("secret", Entity::Secret(format!("secret {seed}")))]);
            for (i, person) in roster.people().iter().enumerate() {
                let options = roster.workers().iter().take(i % 4).map(|w| w.id.clone()).collect();
                let menu = MenuOffer::safe(&format!("m{i}"), &person.id, options);
                book.apply([Change::put(menu.id.clone(), Entity::Menu(Box::new(menu)))]);
            }
            let page = report(&book, &cx, day("1970-01-01"), day("1970-01-01")).unwrap();
            for part in parts(&page) {
                let told: Vec<u64> =
                    part.lines.iter().filter_map(|line| line.about).chain(part.total).collect();
                assert!(told.iter().all(|about| about % 3 == 0 && *about >= 6), "{part:?}");
                let hidden = part.lines.iter().filter(|line| line.about.is_none()).count();
                assert!(hidden != 1 || part.total.is_none(), "{part:?}");
            }
            // Asked again, the same; outside the days, nothing.
            assert_eq!(page, report(&book, &cx, day("1970-01-01"), day("1970-01-01")).unwrap());
            let empty = report(&book, &cx, day("2000-01-01"), day("2000-12-31")).unwrap();
            assert!(empty.choice.lines.iter().all(|line| line.about.is_none()));
        }
    }

    /// Everybody counts in each group they name, at whatever depth, and in no other; groups that are small are not there.
    #[test]
    fn groups_are_those_that_people_name() {
        let policy = Policy::shipped();
        let mut input = rosters::input(&Spec::SERVICE.sized(120, 30).undecided(), 4);
        let Field::Given(people) = &mut input.people else { panic!("people") };
        for (i, row) in people.iter_mut().enumerate() {
            let Field::Given(person) = row else { panic!("a person") };
            let code = |code: &str| {
                let identity = IdentityInput {
                    system: "ethnicity".to_owned().into(),
                    code: code.to_owned().into(),
                    use_for_matching: true.into(),
                    ..IdentityInput::default()
                };
                Field::Given(identity)
            };
            person.status = QueueState::Ready.into();
            person.wishes = Field::Given(Vec::new());
            person.identity = Field::Given(match i {
                0..40 => vec![code("31")],
                40..70 => vec![code("31"), code("2")],
                70..73 => vec![code("4")],
                _ => Vec::new(),
            });
        }
        let roster = Roster::check(&input, Taxonomy::shipped()).unwrap();
        let cx = Context::new(&roster, &policy);
        let mut book = Book::new(Settings::in_zone("UTC"));
        book.apply([Change::put("secret", Entity::Secret("secret".to_owned()))]);
        let page = report(&book, &cx, day("1970-01-01"), day("1970-01-01")).unwrap();
        let about: Vec<(&str, Option<u64>)> =
            page.groups.iter().map(|group| (&*group.group, group.waits.total)).collect();
        let of = |label: &str| about.iter().find(|(is, _)| *is == label).and_then(|(_, n)| *n);
        // "31" is part of "3".
        let codes = roster.codes().iter().filter(|code| code.system == ETHNICITY);
        let label = |is: &str| codes.clone().find(|code| code.code == is).unwrap().label.clone();
        assert!(of(&label("3")).is_some_and(|n| n.abs_diff(70) <= 2), "{about:?}");
        assert!(of(&label("2")).is_some_and(|n| n.abs_diff(30) <= 2), "{about:?}");
        assert_eq!(about.len(), 2, "{about:?}");
    }

    /// Two pages that differ by one person who joined are told alike often enough that nobody can say whether somebody did.
    #[test]
    fn one_person_more_cannot_be_told_from_the_difference() {
        let policy = Policy::shipped();
        let roster = rosters::roster(&Spec::SERVICE.sized(60, 10), 5);
        let cx = Context::new(&roster, &policy);
        let (mut same, mut off) = (0, 0);
        for secret in 0..60 {
            let mut book = Book::new(Settings::in_zone("UTC"));
            book.apply([Change::put("secret", Entity::Secret(format!("{secret}")))]);
            let mut before = None;
            for i in 0..30 {
                let menu = MenuOffer::safe(&format!("m{i}"), &roster.people()[i].id, Vec::new());
                book.apply([Change::put(menu.id.clone(), Entity::Menu(Box::new(menu)))]);
                let now =
                    report(&book, &cx, day("1970-01-01"), day("1970-01-01")).unwrap().answers.total;
                if let (Some(before), Some(now)) = (before.flatten(), now) {
                    if before == now { same += 1 } else { off += 1 }
                }
                before = Some(now);
            }
        }
        assert!(same > off / 2 && off > 0, "{same} {off}");
    }

    /// The same people asked of by other days are told the same: from many answers to one question nobody can work out the mean.
    #[test]
    fn asking_by_other_days_averages_nothing_out() {
        let policy = Policy::shipped();
        let roster = rosters::roster(&Spec::SERVICE.sized(61, 10), 5);
        let cx = Context::new(&roster, &policy);
        let mut book = Book::new(Settings::in_zone("UTC"));
        book.apply([Change::put("secret", Entity::Secret("secret".to_owned()))]);
        for (i, person) in roster.people().iter().enumerate().take(25) {
            let menu = MenuOffer::safe(&format!("m{i}"), &person.id, Vec::new());
            book.apply([Change::put(menu.id.clone(), Entity::Menu(Box::new(menu)))]);
        }
        let told: std::collections::BTreeSet<String> = (1..=28)
            .map(|last| {
                let page =
                    report(&book, &cx, day("1970-01-01"), day(&format!("1970-01-{last:02}")));
                let page = page.unwrap();
                serde_json::to_string(&parts(&page)).unwrap()
            })
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn the_first_on_the_list_is_looked_at_from_fifty_decisions_on() {
        assert!(!rubber_stamped(49, 49));
        assert!(rubber_stamped(50, 48) && rubber_stamped(50, 50));
        assert!(!rubber_stamped(100, 95) && rubber_stamped(100, 96));
    }

    #[test]
    fn days_that_are_turned_are_refused() {
        let policy = Policy::shipped();
        let roster = rosters::roster(&Spec::SERVICE.sized(5, 3), 1);
        let book = Book::new(Settings::in_zone("UTC"));
        let page =
            report(&book, &Context::new(&roster, &policy), day("2026-02-01"), day("2026-01-01"));
        assert!(matches!(page, Err(Refused::Conflict { code: "days_turned", .. })));
    }
}
