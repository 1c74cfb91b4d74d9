//! Writes the example programme `service`: 26 peer workers and 240 service users, all invented, as a CSV pack.
//!
//! ```text
//! cargo run -p peermatch-testkit --example service -- examples/programmes/service/roster
//! ```
//!
//! One seed, integers only: every machine writes the same bytes (the test below holds the committed pack to them). The rates are those
//! of the programme's README, where each is lettered as found or assumed. Workers are written out by hand, so that the pack has the
//! shape of a real team; most service users are drawn; those who show something of their own (a blocker, a pin, the person whom the
//! demo explains) are written out too. Service users are named by lot, without looking at anything else about them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use peermatch_formats::pack::sheets::{self, Sheet};
use peermatch_formats::write_csv::{Cell, Dialect, write_table};
use rand::Rng;
use rand_pcg::Pcg64;

/// The day of the run.
const AS_OF: Date = date(2026, 11, 22);
/// Service users in all.
const PEOPLE: usize = 240;
/// Service users without a match that stands beyond every fifth id (there are 48 of those).
const MORE_UNMATCHED: [usize; 4] = [4, 9, 14, 19];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("name the folder to write to, such as examples/programmes/service/roster")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in files() {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Every file of the pack, by name.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut pack = Pack::default();
    let mut draw = Draw(Pcg64::new(0x6d61_7461_7569, 26));
    services(&mut pack);
    codes(&mut pack);
    let workers = workers();
    for worker in &workers {
        write_worker(&mut pack, &mut draw, worker);
    }
    people(&mut pack, &mut draw, &workers);
    decisions(&mut pack);
    names(&mut pack, &mut draw, &workers);
    pack.files()
}

// ---------------------------------------------------------------- chance

/// Draws by remainder of 64 random bits: biased by less than 2^-50 at these sizes, and the same bits whatever the sampling of a library does.
struct Draw(Pcg64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("an index fits 64 bits");
        usize::try_from(self.0.next_u64() % end).expect("less than an index")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of the words, by its weight.
    fn weighted<'a>(&mut self, from: &[(&'a str, usize)]) -> &'a str {
        let all = from.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(all);
        for &(word, weight) in from {
            if at < weight {
                return word;
            }
            at -= weight;
        }
        from[0].0
    }

    /// `count` different words, in the order in which they are listed.
    fn some<'a>(&mut self, from: &[&'a str], count: usize) -> Vec<&'a str> {
        let mut places = BTreeSet::new();
        while places.len() < count.min(from.len()) {
            places.insert(self.below(from.len()));
        }
        places.into_iter().map(|place| from[place]).collect()
    }
}

// ---------------------------------------------------------------- the pack as tables

#[derive(Default)]
struct Pack(BTreeMap<&'static str, (Vec<&'static str>, Vec<Vec<String>>)>);

impl Pack {
    /// Adds a row, cell by cell in the order of the sheet's columns. Columns at the end that this service does not use are left out.
    fn row(&mut self, sheet: &'static Sheet, cells: &[&str]) {
        let columns = sheet.columns.iter().map(|column| column.name);
        let columns: Vec<&'static str> = columns.take(cells.len()).collect();
        assert_eq!(
            cells.len(),
            columns.len(),
            "a row of {} has a column for every cell",
            sheet.file
        );
        let table = self.0.entry(sheet.file).or_insert_with(|| (columns, Vec::new()));
        assert_eq!(table.0.len(), cells.len(), "all rows of {} have the same columns", sheet.file);
        table.1.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    fn files(self) -> BTreeMap<String, Vec<u8>> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (file, (header, mut rows)) in self.0 {
            // By whom a row is about, and otherwise as written.
            rows.sort_by(|a, b| a[0].cmp(&b[0]));
            let rows = rows.into_iter().map(|row| row.into_iter().map(Cell::from).collect());
            files.insert(file.to_owned(), write_table(&header, rows, Dialect::PLAIN));
        }
        let head = format!(
            "format = \"peermatch/pack@1\"\nas_of = {AS_OF}\nzone = \"Pacific/Auckland\"\n"
        );
        files.insert("pack.toml".to_owned(), head.into_bytes());
        files
    }
}

fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

fn ago(days: usize) -> String {
    let days = i64::try_from(days).expect("a few years at most");
    AS_OF.checked_sub(days.days()).expect("a few years ago is a day of the calendar").to_string()
}

fn degrees(hundredths: i32) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

// ---------------------------------------------------------------- services, areas, codes

const CRISIS: &str = "If you or somebody else is in danger, ring the emergency number. To talk to somebody at any hour, ring the free counselling line.";
const COMPLAINTS: &str =
    "Tell the service manager, or the advocacy service, which is free and not part of us.";
const ADULTS: &str = "16-17|18-24|25-34|35-44|45-54|55-64|65+";

fn services(pack: &mut Pack) {
    let phone = "The evening phone line is answered by peers, every day from 5 to 9.";
    let row = [
        "north-peer",
        "mainstream",
        ADULTS,
        "PET",
        "one_to_one|outreach|group|telephone|video|text",
        "yes",
        "2",
        CRISIS,
        COMPLAINTS,
        phone,
        "person",
    ];
    pack.row(&sheets::SERVICES, &row);
    let table =
        "The whare is open on Tuesdays and Fridays from 10: come for a cup of tea, bring whānau.";
    let row = [
        "te-ara",
        "kaupapa_maori",
        ADULTS,
        "PET|TIKANGA-PEER",
        "one_to_one|outreach|group|telephone|video",
        "yes",
        "2",
        CRISIS,
        COMPLAINTS,
        table,
        "tangata whaiora",
    ];
    pack.row(&sheets::SERVICES, &row);
    let row = [
        "whanau-north",
        "whanau_led",
        "",
        "PET|WHANAU-SUPPORT",
        "one_to_one|group|telephone|video",
        "yes",
        "2",
        CRISIS,
        COMPLAINTS,
        phone,
        "whānau member",
    ];
    pack.row(&sheets::SERVICES, &row);

    pack.row(
        &sheets::GROUPS,
        &[
            "grief-circle",
            "north-peer",
            "bereaved|loss",
            "yes",
            "4",
            "en",
            "Wed 17:30-19:00",
            "takapuna",
        ],
    );
    pack.row(
        &sheets::GROUPS,
        &[
            "hearing-voices-online",
            "north-peer",
            "voices|altered",
            "yes",
            "6",
            "en",
            "Tue 18:00-19:30",
            "",
        ],
    );
    pack.row(
        &sheets::GROUPS,
        &[
            "wellsford-table",
            "north-peer",
            "lonely|rural|low_mood",
            "yes",
            "3",
            "en",
            "Thu 10:00-12:00",
            "wellsford",
        ],
    );
}

/// Area, hundredths of a degree north and east of its middle, and how many of a hundred drawn people live there.
const AREAS: [(&str, i32, i32, usize); 6] = [
    ("takapuna", -3679, 17477, 30),
    ("albany", -3673, 17470, 28),
    ("orewa", -3659, 17469, 20),
    ("warkworth", -3640, 17466, 9),
    ("wellsford", -3629, 17452, 5),
    ("helensville", -3668, 17445, 8),
];

fn middle(area: &str) -> (i32, i32) {
    let found = AREAS.iter().find(|(name, ..)| *name == area);
    found.map(|&(_, lat, lon, _)| (lat, lon)).expect("every area written here is listed")
}

/// Plain words instead of any country's list; the iwi are placeholders (one, two, three) on purpose.
fn codes(pack: &mut Pack) {
    let rows = [
        ("ethnicity", "maori", "Māori", "", false),
        ("ethnicity", "pacific", "Pacific", "", false),
        ("ethnicity", "samoan", "Samoan", "pacific", false),
        ("ethnicity", "tongan", "Tongan", "pacific", false),
        ("ethnicity", "cook-islands", "Cook Islands Māori", "pacific", false),
        ("ethnicity", "asian", "Asian", "", false),
        ("ethnicity", "chinese", "Chinese", "asian", false),
        ("ethnicity", "indian", "Indian", "asian", false),
        ("ethnicity", "korean", "Korean", "asian", false),
        ("ethnicity", "european", "European", "", false),
        ("ethnicity", "pakeha", "Pākehā", "european", false),
        ("ethnicity", "dutch", "Dutch", "european", false),
        ("ethnicity", "middle-eastern", "Middle Eastern", "", false),
        ("ethnicity", "new-zealander", "New Zealander", "", false),
        ("ethnicity", "dont-know", "Don't know", "", true),
        ("ethnicity", "not-stated", "Not stated", "", true),
        ("iwi", "rohe-tahi", "Rohe Tahi, a group of iwi (invented)", "", false),
        ("iwi", "iwi-tahi", "Iwi Tahi (invented)", "rohe-tahi", false),
        ("iwi", "iwi-rua", "Iwi Rua (invented)", "rohe-tahi", false),
        ("iwi", "iwi-toru", "Iwi Toru (invented)", "", false),
        ("iwi", "not-stated", "Not stated", "", true),
    ];
    for (system, code, label, parent, residual) in rows {
        pack.row(&sheets::CODES, &[system, code, label, parent, yes(residual)]);
    }
}

// ---------------------------------------------------------------- workers

/// A peer worker, written out. Lists are separated by `|` as in the pack.
struct Worker {
    id: &'static str,
    /// Tenths of a full-time post.
    fte: u32,
    role: &'static str,
    services: &'static str,
    /// Areas; the first is the base.
    areas: &'static str,
    drives: bool,
    languages: &'static str,
    modes: &'static str,
    availability: &'static str,
    gender: &'static str,
    age: &'static str,
    styles: &'static str,
    interests: &'static str,
    /// Concepts told for matching, each with marks: `+` may be shown, `-` never shown; then `s` for with supervision.
    experiences: &'static str,
    ethnicities: &'static str,
    /// Free places, of the caseload that goes with the post.
    free: u32,
}

impl Worker {
    /// At most 12 people for a full post, rounded; a new worker in the first eight weeks half of that.
    fn people_max(&self) -> u32 {
        let full = (self.fte * 12 + 5) / 10;
        if self.id == NEW { full / 2 } else { full }
    }

    fn people_now(&self) -> u32 {
        self.people_max() - self.free
    }
}

/// The new worker, who is to be given people.
const NEW: &str = "W-26";
const FACE: &str = "one_to_one|telephone|video";
const OUT: &str = "one_to_one|outreach|telephone";

#[rustfmt::skip]
fn workers() -> Vec<Worker> {
    let w = |id, fte, services, areas, drives, languages, modes, availability, gender, age, styles, interests, experiences, ethnicities, free| Worker {
        id, fte, role: "peer_support", services, areas, drives, languages, modes, availability, gender, age, styles, interests, experiences, ethnicities, free,
    };
    let role = |role, worker: Worker| Worker { role, ..worker };
    vec![
        w("W-01", 10, "north-peer", "takapuna|albany", true, "en:whole", FACE, "Mon-Fri 09:00-17:00", "man", "35-44", "practical|straight-talking", "fishing|football", "alcohol+|work+|separation-", "pakeha", 1),
        w("W-02", 8, "north-peer", "takapuna", false, "en:whole", FACE, "Mon-Thu 09:00-16:00", "woman", "25-34", "listener|creative", "painting|film", "anxiety+|eating-|bullying+", "pakeha", 0),
        w("W-03", 6, "north-peer", "orewa|warkworth", true, "en:whole", OUT, "Wed 09:00-16:00|Thu 09:00-16:00|Fri 09:00-16:00", "woman", "45-54", "humour|practical", "walking|cooking", "low_mood+|parenting+|bereaved+s", "pakeha", 1),
        w("W-04", 10, "north-peer", "albany|takapuna", true, "sm:whole|en:whole", FACE, "Mon-Fri 08:30-16:30", "man", "45-54", "humour|gentle", "church music|rugby", "hospital+|faith+|diabetes+", "samoan", 1),
        w("W-05", 5, "north-peer", "takapuna", false, "en:whole", "one_to_one|telephone", "Mon 09:00-15:00|Tue 09:00-15:00|Fri 09:00-13:00", "woman", "55-64", "gentle|listener", "gardening|knitting", "bereaved+|older+|chronic_pain+", "dutch", 1),
        w("W-06", 5, "north-peer", "albany", false, "en:whole", FACE, "Tue 12:00-18:00|Wed 12:00-18:00|Thu 12:00-18:00", "woman", "18-24", "creative|humour", "music|gaming", "anxiety+|adhd+|self_harm-s", "chinese|pakeha", 1),
        w("W-07", 8, "north-peer", "warkworth|wellsford", true, "en:whole|mi:some", OUT, "Mon-Thu 09:00-15:00", "woman", "45-54", "listener|humour", "gardening|waiata", "hospital+|low_mood-|lonely+", "maori|pakeha", 1),
        w("W-08", 10, "north-peer|te-ara", "helensville|albany", true, "mi:whole|en:whole", OUT, "Mon-Fri 09:00-16:00", "man", "35-44", "straight-talking|listener", "kapa haka|diving", "drugs+|justice+|reconnecting+", "maori", 1),
        w("W-09", 6, "te-ara", "orewa|warkworth|wellsford", true, "mi:whole|en:whole", OUT, "Tue 09:00-16:00|Wed 09:00-16:00|Fri 09:00-16:00", "woman", "55-64", "gentle|listener", "weaving|gardening", "alcohol+|carer+|historical_trauma-", "maori", 1),
        w("W-10", 4, "north-peer", "takapuna", false, "nzs:whole|en:some", "one_to_one|video", "Mon 09:00-15:00|Thu 09:00-15:00", "man", "35-44", "practical|humour", "film|cycling", "deaf+|low_mood+", "pakeha", 1),
        w("W-11", 10, "north-peer", "albany|orewa", true, "zh:whole|en:whole", FACE, "Mon-Fri 09:30-17:30", "woman", "35-44", "listener|practical", "tai chi|cooking", "migrant+|perinatal+|anxiety-", "chinese", 1),
        w("W-12", 5, "north-peer", "warkworth|orewa", true, "en:whole", OUT, "Tue 09:00-15:00|Thu 09:00-15:00|Fri 09:00-15:00", "man", "45-54", "practical|gentle", "fishing|gardening", "low_mood+|chronic_pain+|work+", "pakeha", 2),
        w("W-13", 6, "north-peer", "albany|takapuna", true, "to:whole|en:whole", FACE, "Mon-Wed 09:00-16:00|Thu 12:00-16:00", "man", "25-34", "humour|straight-talking", "rugby league|choir", "gambling+|two_worlds+", "tongan", 2),
        w("W-14", 10, "north-peer", "orewa|albany", true, "en:whole", OUT, "Mon-Fri 08:30-16:30", "man", "55-64", "listener|gentle", "sailing|books", "highs_lows+|separation+", "pakeha", 1),
        w("W-15", 8, "north-peer", "helensville", true, "en:whole", OUT, "Mon-Thu 09:00-16:00", "woman", "45-54", "practical|humour", "horses|baking", "rural+|alcohol+|carer-", "pakeha|maori", 0),
        w("W-16", 5, "north-peer", "takapuna|albany", false, "en:whole", "one_to_one|telephone|video", "Wed 10:00-18:00|Thu 10:00-18:00|Fri 12:00-18:00", "another_gender", "25-34", "creative|gentle", "theatre|zines", "rainbow+|autism+|anxiety+", "pakeha", 1),
        role("whanau_support", w("W-17", 10, "whanau-north", "takapuna|albany|orewa", true, "en:whole", FACE, "Mon-Fri 09:00-17:00", "woman", "45-54", "listener|practical", "walking|choir", "carer+|parenting+|bereaved-", "pakeha", 1)),
        role("whanau_support", w("W-18", 6, "whanau-north", "orewa|warkworth|wellsford", true, "en:whole", FACE, "Mon 09:00-16:00|Wed 09:00-16:00|Thu 09:00-16:00", "man", "55-64", "gentle|humour", "fishing|bowls", "carer+|alcohol+", "pakeha", 1)),
        role("whanau_support", w("W-19", 4, "whanau-north|te-ara", "helensville|albany", true, "mi:whole|en:whole", FACE, "Tue 09:00-15:00|Thu 09:00-15:00", "woman", "35-44", "listener|straight-talking", "kapa haka|gardening", "carer+|child_removed-", "maori|samoan", 0)),
        role("peer_advocate", w("W-20", 5, "north-peer", "takapuna|albany", false, "en:whole", FACE, "Mon 10:00-16:00|Wed 10:00-16:00|Thu 10:00-16:00", "man", "45-54", "straight-talking|practical", "chess|politics", "compulsory+|cto-|voices+", "pakeha", 1)),
        w("W-21", 6, "north-peer", "orewa", true, "en:whole", FACE, "Mon 12:00-18:00|Tue 12:00-18:00|Thu 12:00-18:00", "woman", "18-24", "humour|creative", "surfing|music", "youth+|eating-s|anxiety+", "maori|pakeha", 1),
        w("W-22", 10, "north-peer", "takapuna|albany", true, "hi:whole|en:whole", FACE, "Mon-Fri 10:00-18:00", "woman", "25-34", "listener|practical", "dance|cooking", "migrant+|low_mood+|two_worlds+", "indian", 0),
        w("W-23", 8, "north-peer", "albany|orewa", true, "en:whole", FACE, "Mon-Thu 10:00-17:00", "man", "25-34", "straight-talking|humour", "gym|gaming", "meth-|prison-|money+", "maori", 1),
        w("W-24", 5, "north-peer", "wellsford|warkworth", true, "en:whole", OUT, "Mon 09:00-15:00|Wed 09:00-15:00|Fri 09:00-12:00", "man", "65+", "gentle|practical", "farming|dogs", "rural+|bereaved+|older+", "pakeha", 0),
        w("W-25", 4, "north-peer", "orewa", false, "en:whole", "telephone|video", "Tue 10:00-16:00|Wed 10:00-16:00", "woman", "35-44", "listener|gentle", "books|podcasts", "social_anxiety+|ltc+", "pakeha", 1),
        w(NEW, 10, "north-peer", "takapuna|albany", true, "en:whole", FACE, "Mon-Fri 09:00-17:00", "woman", "35-44", "listener|humour", "swimming|gardening", "hospital+|voices+|parenting+", "cook-islands", 6),
    ]
}

const GOALS: [&str; 12] = [
    "employment",
    "housing",
    "recreation",
    "education_training",
    "money_budgeting",
    "community_connection",
    "whanau_relationships",
    "health_wellbeing",
    "self_advocacy",
    "purpose_activity",
    "culture_identity",
    "digital_skills",
];
const SUPPORT: [&str; 4] = ["emotional", "informational", "instrumental", "affiliational"];
const PLACES: [&str; 7] = ["library", "cafe", "park", "at home", "marae", "church hall", "drop-in"];

fn write_worker(pack: &mut Pack, draw: &mut Draw, worker: &Worker) {
    let id = worker.id;
    let base = worker.areas.split('|').next().unwrap_or_default();
    let (lat, lon) = middle(base);
    let (max, now) = (worker.people_max().to_string(), worker.people_now().to_string());
    let new_starts = if id == NEW { "4" } else { "" };
    let paused = if id == "W-13" { "2026-12-12" } else { "" };
    let from = if id == NEW { "2026-11-16" } else { "" };
    let until = if id == "W-14" { "2026-12-04" } else { "" };
    let travel = if worker.drives { *draw.pick(&["35", "40", "45"]) } else { "30" };
    let (transport, licence) = if worker.drives {
        ("car", "full")
    } else {
        ("walk|public", *draw.pick(&["none", "restricted"]))
    };
    let goal_count = 5 + draw.below(4);
    let mut goals = draw.some(&GOALS, goal_count);
    if id == "W-07" {
        goals = vec![
            "recreation",
            "community_connection",
            "health_wellbeing",
            "purpose_activity",
            "culture_identity",
        ];
    }
    let support_count = 2 + draw.below(2);
    let mut support = draw.some(&SUPPORT, support_count);
    if id == "W-07" {
        support = vec!["emotional", "affiliational"];
    }
    let places = draw.some(&PLACES, 3).join("|");
    let due = if id == "W-23" {
        "2026-11-06".to_owned()
    } else {
        format!("2026-{}", draw.pick(&["11-27", "12-04", "12-11", "12-18"]))
    };
    // Vetting for work with under-18s is kept up by those who do it.
    let vetted = ["W-06", "W-17", "W-21", "W-22"].contains(&id);
    let vetting = if vetted {
        "2028-05-31"
    } else if draw.chance(20) {
        "2026-08-31"
    } else {
        ""
    };
    let not_now = match id {
        "W-11" => "family_violence",
        "W-05" => "suicidal|suicide_attempt",
        "W-15" => "child_removed",
        _ => "",
    };
    let cells = [
        id,
        worker.services,
        worker.role,
        &max,
        &now,
        new_starts,
        paused,
        from,
        until,
        worker.areas,
        &degrees(lat),
        &degrees(lon),
        travel,
        transport,
        licence,
        yes(worker.drives),
        worker.languages,
        worker.modes,
        worker.availability,
        "",
        &places,
        &support.join("|"),
        &goals.join("|"),
        worker.styles,
        worker.interests,
        &due,
        vetting,
        not_now,
    ];
    pack.row(&sheets::WORKERS, &cells);

    for item in worker.experiences.split('|') {
        let (concept, marks) = item.split_at(item.find(['+', '-']).unwrap_or(item.len()));
        let whose = if concept == "carer" { "whanau" } else { "self" };
        let comfort = if marks.contains('s') { "with_supervision" } else { "happy_to_work_with" };
        let show = marks.contains('+');
        pack.row(
            &sheets::WORKER_EXPERIENCES,
            &[id, concept, whose, comfort, "yes", yes(show || draw.chance(50)), yes(show)],
        );
    }
    // What a worker keeps to themselves stays in the record and never counts.
    match id {
        "W-02" | "W-14" | "W-22" => pack.row(
            &sheets::WORKER_EXPERIENCES,
            &[id, "childhood_abuse", "self", "not_now", "no", "no", "no"],
        ),
        "W-01" | "W-18" => pack.row(
            &sheets::WORKER_EXPERIENCES,
            &[id, "suicidal", "self", "happy_to_work_with", "no", "no", "no"],
        ),
        "W-12" => pack.row(
            &sheets::WORKER_EXPERIENCES,
            &[id, "hospital", "self", "happy_to_work_with", "no", "no", "no"],
        ),
        _ => {}
    }

    // Told, but not always to be used: silence must stay safe.
    let silent = ["W-05", "W-20", "W-25"].contains(&id);
    pack.row(
        &sheets::WORKER_IDENTITY,
        &[id, "gender", "", worker.gender, yes(!silent), yes(!silent)],
    );
    let tells_age = draw.chance(75);
    pack.row(
        &sheets::WORKER_IDENTITY,
        &[id, "age_band", "", worker.age, yes(tells_age), yes(tells_age && draw.chance(70))],
    );
    for code in worker.ethnicities.split('|') {
        let tells = !silent && (code != "pakeha" || draw.chance(60));
        pack.row(
            &sheets::WORKER_IDENTITY,
            &[id, "code", "ethnicity", code, yes(tells), yes(tells && draw.chance(70))],
        );
    }
    let iwi = match id {
        "W-07" => "iwi-rua",
        "W-08" => "iwi-tahi",
        "W-09" => "iwi-toru",
        _ => "",
    };
    if !iwi.is_empty() {
        pack.row(&sheets::WORKER_IDENTITY, &[id, "code", "iwi", iwi, "yes", "no"]);
    }

    let gained = format!(
        "{}-0{}-1{}",
        draw.pick(&["2021", "2022", "2023", "2024", "2025"]),
        1 + draw.below(9),
        draw.below(10)
    );
    let expires = if id == "W-25" { "2026-10-31" } else { "" };
    pack.row(&sheets::WORKER_SKILLS, &[id, "training", "PET", "", &gained, expires]);
    if worker.services.contains("te-ara") {
        pack.row(
            &sheets::WORKER_SKILLS,
            &[id, "training", "TIKANGA-PEER", "", "2024-07-05", "2027-07-04"],
        );
    }
    if worker.services.contains("whanau-north") {
        pack.row(&sheets::WORKER_SKILLS, &[id, "training", "WHANAU-SUPPORT", "", "2023-10-20", ""]);
    }
    let competences: &[(&str, &str)] = match id {
        "W-01" => &[("tikanga", "confident")],
        "W-04" => &[("pacific", "recognised_by_community"), ("faith", "confident")],
        "W-07" => &[("tikanga", "confident"), ("rural", "confident")],
        "W-08" | "W-09" => &[("tikanga", "recognised_by_community")],
        "W-10" => &[("deaf", "recognised_by_community")],
        "W-13" => &[("pacific", "recognised_by_community")],
        "W-16" => &[("rainbow", "recognised_by_community")],
        "W-21" => &[("youth", "confident")],
        "W-24" => &[("rural", "recognised_by_community")],
        _ => &[],
    };
    for (area, level) in competences {
        pack.row(&sheets::WORKER_SKILLS, &[id, "competence", area, level, "", ""]);
    }

    let wishes: &[(&str, &str, &str, &str)] = match id {
        "W-01" => &[("goals", "prefer", "employment", "nice")],
        "W-07" => &[("travel", "prefer", "", "nice")],
        "W-09" => &[("topics", "prefer", "alcohol|carer", "nice")],
        "W-16" => &[("topics", "prefer", "rainbow", "important")],
        "W-20" => &[("goals", "prefer", "self_advocacy", "important")],
        "W-21" => &[("time", "prefer", "Mon 14:00-18:00|Tue 14:00-18:00", "nice")],
        NEW => &[("mode", "prefer", "one_to_one", "nice")],
        _ => &[],
    };
    for (dimension, direction, values, strength) in wishes {
        pack.row(&sheets::WORKER_WISHES, &[id, dimension, direction, values, strength, "stated"]);
    }
}

// ---------------------------------------------------------------- service users

/// A service user as it is put together, before it becomes rows.
#[derive(Clone)]
struct Person {
    id: String,
    services: String,
    waited_days: usize,
    status: &'static str,
    age: &'static str,
    area: String,
    at: Option<(i32, i32)>,
    max_travel: &'static str,
    transport: &'static str,
    needs_lift: bool,
    languages: String,
    modes: String,
    availability: String,
    goals: String,
    support: String,
    experiences: Vec<Experience>,
    wishes: Vec<[String; 7]>,
    identity: Vec<(&'static str, &'static str, bool)>,
}

/// Concept, perspective, direction, importance, and the three consents (match, coordinator, show).
#[derive(Clone)]
struct Experience(&'static str, &'static str, &'static str, usize, [bool; 3]);

const ALL_THREE: [bool; 3] = [true, true, true];

/// A wish of the person's own.
fn wish(dimension: &str, direction: &str, values: &str, strength: &str) -> [String; 7] {
    [dimension, direction, values, strength, "stated", "self", "yes"].map(str::to_owned)
}

/// An answer that is not a wish.
fn answer(dimension: &str, status: &str) -> [String; 7] {
    [dimension, "", "", "", status, "self", ""].map(str::to_owned)
}

fn people(pack: &mut Pack, draw: &mut Draw, workers: &[Worker]) {
    let unmatched: Vec<usize> =
        (1..=PEOPLE).filter(|n| n % 5 == 1 || MORE_UNMATCHED.contains(n)).collect();
    let mut matched = (1..=PEOPLE).filter(|n| !unmatched.contains(n));
    let mut match_count = 0;
    let mut stand = |pack: &mut Pack, person: &str, worker: &str, status: &str, ended: &str| {
        match_count += 1;
        pack.row(
            &sheets::MATCHES,
            &[&format!("M-{match_count:03}"), person, worker, status, ended],
        );
    };

    for worker in workers {
        for _ in 0..worker.people_now() {
            let number =
                matched.next().expect("caseloads and people with a match are the same number");
            let person = walked_with(draw, worker, number);
            let status = draw.weighted(&[
                ("active", 80),
                ("first_meeting", 6),
                ("accepted", 4),
                ("offered", 3),
                ("paused", 7),
            ]);
            stand(pack, &person.id, worker.id, status, "");
            if draw.chance(10) {
                let others: Vec<&Worker> = workers
                    .iter()
                    .filter(|w| w.id != worker.id && w.services == worker.services)
                    .collect();
                if !others.is_empty() {
                    let before = draw.pick(&others).id;
                    stand(
                        pack,
                        &person.id,
                        before,
                        "ended",
                        &ago(person.waited_days.saturating_sub(5)),
                    );
                }
            }
            write_person(pack, &person);
        }
    }
    assert!(matched.next().is_none(), "caseloads and people with a match are the same number");

    for number in unmatched {
        let mut person = drawn(draw, number);
        written_out(&mut person);
        write_person(pack, &person);
    }
    stand(pack, "P-131", "W-05", "ended", "2026-08-14");
    stand(pack, "P-136", "W-01", "ended", "2026-09-25");
    stand(pack, "P-176", "W-26", "declined_person", "2026-11-18");
}

/// Somebody with a match that stands: of the worker's services and areas.
fn walked_with(draw: &mut Draw, worker: &Worker, number: usize) -> Person {
    let mut person = drawn(draw, number);
    let areas: Vec<&str> = worker.areas.split('|').collect();
    let area = *draw.pick(&areas);
    settle(draw, &mut person, area);
    let services: Vec<&str> = worker.services.split('|').collect();
    (*draw.pick(&services)).clone_into(&mut person.services);
    person.waited_days = 30 + draw.below(370);
    let own = worker.languages.split(':').next().unwrap_or("en");
    if own != "en" && (own == "nzs" || draw.chance(40)) {
        person.languages = format!("{own}:need|en:can");
    }
    if person.services == "whanau-north" {
        person.experiences.push(Experience("carer", "whanau", "share", 2, ALL_THREE));
    }
    person
}

/// Puts a person somewhere in an area, to a cell of about a kilometre.
fn settle(draw: &mut Draw, person: &mut Person, area: &str) {
    let (lat, lon) = middle(area);
    let off = |draw: &mut Draw| i32::try_from(draw.below(3)).expect("less than three") - 1;
    area.clone_into(&mut person.area);
    person.at = Some((lat + off(draw), lon + off(draw)));
}

const WINDOWS: [&str; 15] = [
    "Mon 09:00-12:00",
    "Mon 13:00-17:00",
    "Tue 09:00-12:00",
    "Tue 13:00-17:00",
    "Wed 09:00-12:00",
    "Wed 10:00-14:00",
    "Wed 13:00-17:00",
    "Thu 09:00-12:00",
    "Thu 12:00-16:00",
    "Thu 14:00-18:00",
    "Fri 09:00-12:00",
    "Fri 13:00-17:00",
    "Mon 16:00-18:00",
    "Tue 16:00-18:00",
    "Sat 09:00-12:00",
];
const CONCEPTS: [(&str, usize); 34] = [
    ("low_mood", 14),
    ("anxiety", 14),
    ("social_anxiety", 5),
    ("highs_lows", 6),
    ("voices", 6),
    ("altered", 3),
    ("trauma_effects", 5),
    ("lonely", 9),
    ("both", 4),
    ("alcohol", 8),
    ("cannabis", 4),
    ("meth", 4),
    ("gambling", 3),
    ("hospital", 8),
    ("compulsory", 3),
    ("psych_meds", 4),
    ("stigma", 3),
    ("bereaved", 7),
    ("bereaved_suicide", 2),
    ("separation", 5),
    ("money", 4),
    ("homeless", 3),
    ("work", 4),
    ("return_work", 4),
    ("parenting", 5),
    ("perinatal", 3),
    ("migrant", 4),
    ("two_worlds", 3),
    ("rainbow", 3),
    ("autism", 3),
    ("adhd", 4),
    ("chronic_pain", 4),
    ("eating", 2),
    ("suicidal", 3),
];
/// Told, these are the ones that people most often keep to themselves.
const VERY_SENSITIVE: [&str; 2] = ["bereaved_suicide", "suicidal"];
/// Days waited: the middles of twenty equal parts of an exponential with mean three weeks, cut at twelve.
const WAITED: [usize; 20] =
    [1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 15, 18, 20, 24, 27, 31, 37, 44, 54, 77];

/// Somebody drawn by the rates of the README.
fn drawn(draw: &mut Draw, number: usize) -> Person {
    let woman = draw.chance(58);
    let age = draw.weighted(&[
        ("16-17", 2),
        ("18-24", 18),
        ("25-34", 24),
        ("35-44", 23),
        ("45-54", 17),
        ("55-64", 11),
        ("65+", 5),
    ]);
    let areas = AREAS.map(|(area, _, _, share)| (area, share));
    let area = draw.weighted(&areas);
    let mut modes = vec!["one_to_one"];
    for (mode, percent) in [("outreach", 10), ("group", 12), ("telephone", 45), ("video", 30)] {
        if draw.chance(percent) {
            modes.push(mode);
        }
    }
    let (windows, goals, support) = (2 + draw.below(3), 1 + draw.below(3), 1 + draw.below(2));
    let transport = draw.weighted(&[("car", 45), ("walk|public", 35), ("walk", 20)]);
    let mut person = Person {
        id: format!("P-{number:03}"),
        services: draw
            .weighted(&[
                ("north-peer", 80),
                ("north-peer|te-ara", 10),
                ("te-ara", 4),
                ("whanau-north", 6),
            ])
            .to_owned(),
        waited_days: *draw.pick(&WAITED),
        status: "ready",
        age,
        area: String::new(),
        at: None,
        max_travel: draw.weighted(&[("20", 40), ("30", 40), ("45", 20)]),
        transport,
        needs_lift: transport == "walk" && draw.chance(25),
        languages: "en:need".to_owned(),
        modes: modes.join("|"),
        availability: draw.some(&WINDOWS, windows).join("|"),
        goals: draw.some(&GOALS, goals).join("|"),
        support: draw.some(&SUPPORT, support).join("|"),
        experiences: Vec::new(),
        wishes: Vec::new(),
        identity: Vec::new(),
    };
    settle(draw, &mut person, area);
    told(draw, &mut person);
    wished(draw, &mut person, woman);
    person
}

/// Lived experience, with its consents.
fn told(draw: &mut Draw, person: &mut Person) {
    if !draw.chance(78) {
        return;
    }
    for _ in 0..=draw.below(3) {
        let concept = draw.weighted(&CONCEPTS);
        if person.experiences.iter().any(|told| told.0 == concept) {
            continue;
        }
        let sensitive = VERY_SENSITIVE.contains(&concept);
        let direction =
            draw.weighted(&[("share", 60), ("fine", 18), ("avoid", 4), ("not_asked", 18)]);
        let usable = draw.chance(if sensitive { 35 } else { 85 });
        let seen = usable && draw.chance(if sensitive { 30 } else { 70 });
        let shown = usable && draw.chance(if sensitive { 10 } else { 55 });
        let importance = 1 + draw.below(3);
        person.experiences.push(Experience(
            concept,
            "self",
            direction,
            importance,
            [usable, seen, shown],
        ));
    }
}

/// Identity and wishes. Who the person is decides here only how likely a wish is; the pack holds the wish.
fn wished(draw: &mut Draw, person: &mut Person, woman: bool) {
    let mut identity: Vec<&'static str> = Vec::new();
    for (code, percent) in [
        ("maori", 29),
        ("pakeha", 58),
        ("samoan", 6),
        ("tongan", 4),
        ("cook-islands", 2),
        ("chinese", 6),
        ("indian", 6),
        ("korean", 2),
        ("middle-eastern", 2),
    ] {
        if draw.chance(percent) {
            identity.push(code);
        }
    }
    let community =
        identity.iter().any(|code| ["maori", "samoan", "tongan", "cook-islands"].contains(code));
    let asked = draw.chance(80);
    // Asked for among Māori and Pacific people: nobody knows the share (10 to 60 in a hundred); 35 stands in the middle.
    let culture = asked && !identity.is_empty() && draw.chance(if community { 35 } else { 8 });
    for code in &identity {
        person.identity.push(("ethnicity", code, culture || draw.chance(30)));
    }
    if identity.is_empty() {
        let code = *draw.pick(&["not-stated", "dont-know"]);
        person.identity.push(("ethnicity", code, false));
    }
    if identity.contains(&"maori") && draw.chance(25) {
        "en:need|mi:prefer".clone_into(&mut person.languages);
    }
    if !asked {
        person.wishes.push(answer("gender", "not_asked"));
        person.wishes.push(answer("shared_culture", "not_asked"));
        return;
    }

    let strength = |draw: &mut Draw| draw.weighted(&[("nice", 45), ("important", 50), ("must", 5)]);
    let soft = |draw: &mut Draw| draw.weighted(&[("nice", 60), ("important", 40)]);
    if draw.chance(if woman { 55 } else { 40 }) {
        let wanted = if woman {
            draw.weighted(&[("woman", 88), ("man", 8), ("woman|another_gender", 4)])
        } else {
            draw.weighted(&[("man", 50), ("woman", 46), ("another_gender", 4)])
        };
        let strength = strength(draw);
        let mut row = wish("gender", "prefer", wanted, strength);
        if draw.chance(10) {
            // What a referrer wrote down counts less until the person confirms it.
            "referrer".clone_into(&mut row[5]);
            "no".clone_into(&mut row[6]);
        }
        person.wishes.push(row);
    } else {
        person
            .wishes
            .push(answer("gender", draw.weighted(&[("no_preference", 90), ("declined", 10)])));
    }
    if culture {
        let values = draw.weighted(&[("same", 80), ("not_my_own", 10), ("ethnicity:maori", 10)]);
        let strength = soft(draw);
        person.wishes.push(wish("shared_culture", "prefer", values, strength));
        if identity.contains(&"maori") && draw.chance(40) {
            person.wishes.push(wish("cultural_competence", "prefer", "tikanga", "important"));
        }
    } else {
        person.wishes.push(answer(
            "shared_culture",
            draw.weighted(&[("no_preference", 85), ("declined", 8), ("not_asked", 7)]),
        ));
    }
    if draw.chance(25) {
        let (values, strength) =
            (draw.weighted(&[("near_me", 70), ("older", 20), ("younger", 10)]), soft(draw));
        person.wishes.push(wish("age", "prefer", values, strength));
    }
    if draw.chance(35) {
        let strength = soft(draw);
        let styles = draw
            .some(&["listener", "practical", "humour", "gentle", "straight-talking", "creative"], 2)
            .join("|");
        person.wishes.push(wish("style", "prefer", &styles, strength));
    }
    if draw.chance(22) {
        let interest = *draw.pick(&[
            "gardening",
            "music",
            "walking",
            "cooking",
            "fishing",
            "books",
            "gaming",
            "film",
            "rugby",
        ]);
        person.wishes.push(wish("interests", "prefer", interest, "nice"));
    }
    if draw.chance(20) && person.modes.contains('|') {
        let mut ranked: Vec<&str> = person.modes.split('|').collect();
        if draw.chance(40) {
            ranked.reverse();
        }
        person.wishes.push(wish("mode", "prefer", &ranked.join("|"), "nice"));
    }
    if draw.chance(15) {
        let place = *draw.pick(&PLACES);
        person.wishes.push(wish("place", "prefer", place, "nice"));
    }
    if draw.chance(12) {
        person.wishes.push(wish("travel", "prefer", "", "nice"));
    }
    if person.experiences.iter().any(|told| told.2 == "share") && draw.chance(35) {
        person.wishes.push(wish("lived_experience", "prefer", "", "important"));
    }
}

/// Those who show something of their own: what is written here replaces what was drawn.
fn written_out(person: &mut Person) {
    let plain = |person: &mut Person,
                 services: &str,
                 area: &str,
                 modes: &str,
                 languages: &str,
                 days: usize| {
        services.clone_into(&mut person.services);
        area.clone_into(&mut person.area);
        person.at =
            AREAS.iter().find(|(name, ..)| *name == area).map(|&(_, lat, lon, _)| (lat, lon));
        modes.clone_into(&mut person.modes);
        languages.clone_into(&mut person.languages);
        person.waited_days = days;
        person.age = if person.age == "16-17" { "18-24" } else { person.age };
        person.needs_lift = false;
        "Tue 09:00-15:00|Thu 09:00-15:00".clone_into(&mut person.availability);
        person.experiences.clear();
        person.wishes.clear();
    };
    match person.id.as_str() {
        // The person whom the demo explains: wants a woman, does not drive, lives in Warkworth.
        "P-031" => {
            plain(person, "north-peer", "warkworth", "one_to_one|outreach", "en:need", 62);
            person.age = "45-54";
            (person.at, person.transport, person.max_travel) = (Some((-3642, 17464)), "walk", "20");
            "Tue 10:00-14:00|Thu 10:00-14:00".clone_into(&mut person.availability);
            (person.goals, person.support) = (
                "recreation|community_connection".to_owned(),
                "emotional|affiliational".to_owned(),
            );
            person.experiences = vec![
                Experience("hospital", "self", "share", 3, ALL_THREE),
                Experience("lonely", "self", "share", 2, ALL_THREE),
            ];
            person.wishes = vec![
                wish("gender", "prefer", "woman", "important"),
                wish("lived_experience", "prefer", "", "important"),
                wish("style", "prefer", "listener", "nice"),
                wish("interests", "prefer", "gardening", "nice"),
                wish("place", "prefer", "library|park", "nice"),
                answer("age", "no_preference"),
                answer("shared_culture", "declined"),
            ];
        }
        // Needs New Zealand Sign Language and lives an hour from the one worker who signs: by video.
        "P-036" => {
            plain(person, "north-peer", "wellsford", "one_to_one|video", "nzs:need", 40);
            "Mon 10:00-14:00|Thu 10:00-14:00".clone_into(&mut person.availability);
            person.wishes = vec![
                wish("cultural_competence", "prefer", "deaf", "important"),
                wish("mode", "prefer", "one_to_one|video", "nice"),
            ];
        }
        // Needs Tongan; the one worker who speaks it takes nobody new before 12 December.
        "P-041" => {
            plain(person, "north-peer", "albany", "one_to_one|telephone", "to:need|en:can", 26);
        }
        // A must that nobody meets.
        "P-046" => {
            plain(person, "north-peer", "takapuna", "one_to_one|video", "en:need", 33);
            person.wishes = vec![wish("cultural_competence", "prefer", "refugee", "must")];
        }
        // No time in common with anybody.
        "P-051" => {
            plain(person, "north-peer", "albany", "one_to_one", "en:need", 29);
            "Sun 18:00-20:00".clone_into(&mut person.availability);
        }
        // An island that no worker covers, and no telephone or video; a group online would be welcome.
        "P-056" => {
            plain(person, "north-peer", "aotea", "one_to_one|group", "en:need", 35);
            "Tue 17:00-20:00|Sat 09:00-12:00".clone_into(&mut person.availability);
            person.experiences = vec![Experience("voices", "self", "share", 2, ALL_THREE)];
        }
        // Beyond the last worker's journey.
        "P-061" => {
            plain(person, "north-peer", "mangawhai", "one_to_one|outreach", "en:need", 47);
            (person.at, person.transport, person.max_travel) = (Some((-3613, 17457)), "walk", "20");
        }
        // By text message alone, which no worker does.
        "P-066" => plain(person, "north-peer", "orewa", "text", "en:need", 18),
        // Sixteen: nobody within reach is vetted.
        "P-071" => {
            plain(person, "north-peer", "wellsford", "one_to_one", "en:need", 24);
            (person.age, person.transport, person.max_travel) = ("16-17", "walk", "20");
        }
        // Needs Samoan; the one worker who speaks it is whānau.
        "P-076" => {
            plain(person, "north-peer", "takapuna", "one_to_one|telephone", "sm:need|en:can", 30);
        }
        // Needs Chinese, and wants to talk about what the one worker who speaks it does not work with now.
        "P-081" => {
            plain(person, "north-peer", "albany", "one_to_one", "zh:need", 38);
            person.experiences =
                vec![Experience("family_violence", "self", "share", 3, [true, false, false])];
        }
        // A kaupapa Māori service alone; one worker is full, the other was declined.
        "P-086" => {
            plain(person, "te-ara", "helensville", "one_to_one", "en:need|mi:prefer", 21);
            person.identity = vec![("ethnicity", "maori", true), ("iwi", "iwi-tahi", true)];
            person.wishes = vec![
                wish("iwi", "prefer", "far", "important"),
                wish("kaupapa", "prefer", "kaupapa_maori", "important"),
            ];
        }
        // Excluded from one worker by a coordinator, and pinned to one.
        "P-091" => plain(person, "north-peer", "takapuna", "one_to_one", "en:need", 19),
        "P-096" => plain(person, "north-peer", "orewa", "one_to_one", "en:need", 12),
        // Needs a lift; no worker with a car and a place is free when this person is.
        "P-101" => {
            plain(person, "north-peer", "takapuna", "one_to_one", "en:need", 23);
            (person.transport, person.needs_lift) = ("walk", true);
            "Fri 17:00-18:00".clone_into(&mut person.availability);
        }
        // Two of the same kaupapa: near iwi, and te reo Māori needed.
        "P-116" => {
            plain(person, "te-ara", "warkworth", "one_to_one|outreach", "mi:need|en:can", 44);
            person.identity = vec![("ethnicity", "maori", true), ("iwi", "iwi-toru", true)];
            person.wishes = vec![
                wish("iwi", "prefer", "near", "important"),
                wish("shared_culture", "prefer", "same", "important"),
            ];
        }
        // A referrer wrote must; the person has not confirmed it.
        "P-121" => {
            plain(person, "north-peer", "takapuna", "one_to_one", "en:need", 27);
            person.wishes = vec![
                ["gender", "prefer", "man", "must", "stated", "referrer", "no"].map(str::to_owned),
            ];
        }
        "P-126" => {
            plain(person, "north-peer", "albany", "one_to_one", "en:need", 36);
            person.wishes = vec![wish("named_worker", "prefer", "W-06|W-16", "important")];
        }
        "P-131" => {
            plain(person, "north-peer", "takapuna", "one_to_one", "en:need", 34);
            person.goals.clear();
            person.support.clear();
            person.wishes = vec![wish("previous_worker", "prefer", "same", "important")];
        }
        "P-136" => {
            plain(person, "north-peer", "takapuna", "one_to_one|video", "en:need", 28);
            person.wishes = vec![wish("previous_worker", "prefer", "different", "important")];
        }
        // Needs Korean, which nobody here speaks.
        "P-146" => plain(person, "north-peer", "albany", "one_to_one|video", "ko:need|en:can", 31),
        "P-151" | "P-171" => person.status = "contacted",
        "P-156" => person.status = "referral_received",
        "P-161" => person.status = "on_hold",
        "P-166" => person.status = "withdrawn",
        // Whoever comes: nothing asked.
        "P-181" => {
            plain(person, "north-peer", "albany", "one_to_one|telephone|video", "en:need", 37);
            person.goals.clear();
            person.support.clear();
        }
        // A must that can be met.
        "P-186" => {
            plain(person, "north-peer", "albany", "one_to_one", "en:need", 42);
            person.wishes = vec![wish("gender", "prefer", "woman", "must")];
        }
        _ => {}
    }
}

fn write_person(pack: &mut Pack, person: &Person) {
    let id = person.id.as_str();
    let (lat, lon) =
        person.at.map_or_else(Default::default, |(lat, lon)| (degrees(lat), degrees(lon)));
    let since = ago(person.waited_days);
    let cells = [
        id,
        &person.services,
        &since,
        person.status,
        person.age,
        &person.area,
        &lat,
        &lon,
        person.max_travel,
        person.transport,
        yes(person.needs_lift),
        &person.languages,
        &person.modes,
        &person.availability,
        "",
        &person.goals,
        &person.support,
    ];
    pack.row(&sheets::PEOPLE, &cells);
    for Experience(concept, whose, direction, importance, [usable, seen, shown]) in
        &person.experiences
    {
        let cells = [
            id,
            concept,
            whose,
            direction,
            &importance.to_string(),
            yes(*usable),
            yes(*seen),
            yes(*shown),
        ];
        pack.row(&sheets::PERSON_EXPERIENCES, &cells);
    }
    for [dimension, direction, values, strength, status, by, confirmed] in &person.wishes {
        pack.row(
            &sheets::PERSON_PREFERENCES,
            &[id, dimension, direction, values, strength, status, by, confirmed],
        );
    }
    for (system, code, usable) in &person.identity {
        pack.row(&sheets::PERSON_IDENTITY, &[id, system, code, yes(*usable)]);
    }
}

// ---------------------------------------------------------------- what people decided

fn decisions(pack: &mut Pack) {
    pack.row(&sheets::PINS, &["P-091", "W-01", "exclude"]);
    pack.row(&sheets::PINS, &["P-096", "W-12", "pin"]);
    pack.row(&sheets::MINIMUMS, &[NEW, "3"]);
    for [a, b, kind, until] in [
        ["P-076", "W-04", "whanau_relation", ""],
        ["P-086", "W-08", "person_declined_worker", ""],
        ["P-106", "W-01", "known_to_each_other", ""],
        ["P-111", "W-17", "no_contact", "2027-06-30"],
        ["P-211", "W-20", "worker_declined_person", ""],
        ["W-06", "P-021", "known_to_each_other", "2026-10-31"],
    ] {
        pack.row(&sheets::CONFLICTS, &[a, b, kind, until]);
    }
    pack.row(&sheets::NOMINATED_PEERS, &["P-061", "N-01", "neighbour", "yes"]);
    pack.row(&sheets::NOMINATED_PEERS, &["P-141", "N-02", "sister", "no"]);
}

// ---------------------------------------------------------------- names

const NAMES: [&str; 150] = [
    "Mere",
    "Hēmi",
    "Ngaire",
    "Wiremu",
    "Anahera",
    "Tāne",
    "Kahurangi",
    "Rāwiri",
    "Hinemoa",
    "Tīmoti",
    "Mārama",
    "Pāora",
    "Aria",
    "Hōne",
    "Marama",
    "Nikau",
    "Whetū",
    "Rangi",
    "Kiri",
    "Manaia",
    "Hana",
    "Mikaere",
    "Roimata",
    "Tama",
    "Wairere",
    "Hāmi",
    "Ataahua",
    "Piripi",
    "Moana",
    "Rewi",
    "Sione",
    "Mele",
    "Tavita",
    "Lupe",
    "Fetu",
    "Malia",
    "Semisi",
    "Losa",
    "Ioane",
    "Ana",
    "Viliami",
    "Seini",
    "Tevita",
    "Salote",
    "Pita",
    "Leilani",
    "Wei",
    "Mei",
    "Li",
    "Jun",
    "Xin",
    "Hao",
    "Priya",
    "Arjun",
    "Anjali",
    "Ravi",
    "Divya",
    "Sunil",
    "Meera",
    "Kiran",
    "Ji-ho",
    "Min-seo",
    "Yara",
    "Omar",
    "Leila",
    "Samir",
    "Sarah",
    "Tom",
    "Karen",
    "Graeme",
    "Noeline",
    "Brian",
    "Jocelyn",
    "Trevor",
    "Sophie",
    "Jack",
    "Olivia",
    "Liam",
    "Charlotte",
    "Noah",
    "Isla",
    "Ethan",
    "Ruby",
    "Lucas",
    "Grace",
    "Ben",
    "Ella",
    "Sam",
    "Lucy",
    "Josh",
    "Kate",
    "Matt",
    "Emma",
    "Dan",
    "Rachel",
    "Scott",
    "Nicola",
    "Craig",
    "Michelle",
    "Shane",
    "Paula",
    "Wayne",
    "Sandra",
    "Ross",
    "Heather",
    "Murray",
    "Colleen",
    "Barry",
    "Lorraine",
    "Neville",
    "Beverley",
    "Keith",
    "Shirley",
    "Ian",
    "Margaret",
    "Colin",
    "Pam",
    "Stuart",
    "Gillian",
    "Alan",
    "Robyn",
    "Duncan",
    "Fiona",
    "Hamish",
    "Kirsty",
    "Callum",
    "Jess",
    "Tyler",
    "Zoe",
    "Jordan",
    "Amber",
    "Cody",
    "Paige",
    "Logan",
    "Brooke",
    "Kahu",
    "Anika",
    "Pieter",
    "Marijke",
    "Joost",
    "Elise",
    "Tomas",
    "Ingrid",
    "Mateo",
    "Nadia",
    "Farid",
    "Amina",
    "Yusuf",
    "Freya",
    "Otis",
];

/// The team, and the person whom the demo explains. Everybody else is named by lot.
#[rustfmt::skip]
const FIXED: [(&str, &str); 27] = [
        ("P-031", "Aroha"), ("W-01", "Dean"), ("W-02", "Sophie"), ("W-03", "Tina"), ("W-04", "Tavita"), ("W-05", "Marijke"),
        ("W-06", "Mei"), ("W-07", "Mārama"), ("W-08", "Wiremu"), ("W-09", "Hinemoa"), ("W-10", "Callum"), ("W-11", "Xin"),
        ("W-12", "Ross"), ("W-13", "Viliami"), ("W-14", "Graeme"), ("W-15", "Kiri"), ("W-16", "Ash"), ("W-17", "Karen"),
        ("W-18", "Trevor"), ("W-19", "Anahera"), ("W-20", "Craig"), ("W-21", "Aria"), ("W-22", "Priya"), ("W-23", "Hēmi"),
        ("W-24", "Murray"), ("W-25", "Fiona"), (NEW, "Moana"),
];

fn names(pack: &mut Pack, draw: &mut Draw, workers: &[Worker]) {
    let fixed = BTreeMap::from(FIXED);
    let mut free: Vec<&str> =
        NAMES.iter().copied().filter(|name| !fixed.values().any(|taken| taken == name)).collect();
    let ids = workers
        .iter()
        .map(|worker| worker.id.to_owned())
        .chain((1..=PEOPLE).map(|n| format!("P-{n:03}")));
    let mut used: Vec<&str> = Vec::new();
    for id in ids {
        if let Some(name) = fixed.get(id.as_str()) {
            pack.row(&sheets::NAMES, &[&id, name]);
        } else if !free.is_empty() {
            let name = free.swap_remove(draw.below(free.len()));
            used.push(name);
            pack.row(&sheets::NAMES, &[&id, name]);
        } else {
            // Two people may share a first name; the letter tells them apart, as a team would.
            let name = used.swap_remove(draw.below(used.len()));
            let letter = char::from(*draw.pick(b"ABDEFHKLMNPRSTW"));
            pack.row(&sheets::NAMES, &[&id, &format!("{name} {letter}.")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pack_is_what_this_writes() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
        for (name, bytes) in files() {
            let committed =
                std::fs::read(folder.join(&name)).expect("every file of the pack is committed");
            assert!(
                committed == bytes,
                "{name} is not what this writes: cargo run -p peermatch-testkit --example service -- examples/programmes/service/roster"
            );
        }
    }

    #[test]
    fn posts_and_caseloads_are_those_of_the_readme() {
        let workers = workers();
        assert_eq!(workers.len(), 26);
        assert_eq!(workers.iter().map(|worker| worker.fte).sum::<u32>(), 184);
        assert_eq!(workers.iter().filter(|worker| worker.fte < 10).count(), 18);
        assert_eq!(workers.iter().map(Worker::people_now).sum::<u32>(), 188);
    }
}
