//! The power goes while a store is written: what was acknowledged is there, whatever the disk had kept in its cache.
//!
//! A library made by the C compiler is preloaded under a process that writes, and tells in one log all that it does to its files. From the log the test makes
//! what a disk may hold at any point: what was synced, and of the rest nothing, everything, or any sectors. The same is done without syncs, and has to lose.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod suite;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use peermatch_store::sqlite::{Options, Sync};
use peermatch_store::{AuditFilter, Sqlite, Store, chain};

use suite::{commit, entry, put, reply};

/// Says that this process is the one that writes, and how often.
const WRITES: &str = "PEERMATCH_TEST_POWER_WRITES";
/// Says that it syncs nothing.
const CARELESS: &str = "PEERMATCH_TEST_POWER_CARELESS";
/// The folder that the preloaded library tells of, and its log.
const FOLDER: &str = "POWER_FOLDER";
const LOG: &str = "POWER_LOG";
/// Beside the store: what was acknowledged, written line by line, so that it stands in the log where it happened.
const TOLD: &str = "told";

/// Not a test of its own: what the process does that loses its power.
#[test]
fn writes_until_the_power_goes() {
    let Some(times) = std::env::var(WRITES).ok().and_then(|times| times.parse::<i64>().ok()) else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let sync = if std::env::var_os(CARELESS).is_some() { Sync::Off } else { Sync::Full };
    let options = Options { sync, ..Options::default() };
    let told = Arc::new(Mutex::new(File::create(folder.join(TOLD)).unwrap()));
    let tell =
        |told: &Mutex<File>, line: String| told.lock().unwrap().write_all(line.as_bytes()).unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Arc::new(Sqlite::open(&folder.join("store.db"), options).await.unwrap());
        if store.organisations().await.unwrap().is_empty() {
            store.add_organisation(&suite::organisation("o")).await.unwrap();
        }
        let others = (0..3).map(|writer| {
            let (store, told) = (Arc::clone(&store), Arc::clone(&told));
            tokio::spawn(async move {
                for n in 0..times {
                    let id = format!("{}-{writer}-{n}", std::process::id());
                    let seq = store.append_audit("o", &[entry("seen", &[&id])]).await.unwrap();
                    tell(&told, format!("seen {seq} {id}\n"));
                }
            })
        });
        let others: Vec<_> = others.collect();
        for _ in 0..times {
            let now = store.roster("o", "r").await.unwrap().map(|meta| meta.revision.0);
            let mut next = commit(now, records(now.unwrap_or(0) + 1));
            next.reply = Some(reply(&(now.unwrap_or(0) + 1).to_string(), "done"));
            let done = store.commit(&next).await.unwrap();
            tell(&told, format!("at {}\n", done.0));
        }
        for other in others {
            other.await.unwrap();
        }
        store.close().await;
    });
}

/// Ten records that say which revision they are of, large enough that the log is folded now and then.
fn records(revision: i64) -> Vec<peermatch_store::Put> {
    (0..10).map(|i| put("n", &i.to_string(), Some(&body(revision)))).collect()
}

fn body(revision: i64) -> String {
    format!("{revision} ").repeat(200)
}

/// Numbers that look like chance and are the same each time.
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most).unwrap()).unwrap()
    }
}

/// What a disk has kept of what was not synced.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Nothing,
    /// Each sector of each write by chance, so many in a hundred.
    Some(u64),
    Everything,
}

impl Luck {
    fn kept(self, lot: &mut Lot) -> bool {
        match self {
            Self::Nothing => false,
            Self::Some(share) => lot.next() % 100 < share,
            Self::Everything => true,
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

fn write(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

#[derive(Debug, Clone, Default)]
struct Held {
    synced: Vec<u8>,
    since: Vec<Change>,
}

impl Held {
    fn apply(file: &mut Vec<u8>, change: &Change) {
        match change {
            Change::Write(at, bytes) => write(file, *at, bytes),
            Change::Cut(length) => file.resize(*length, 0),
        }
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.since) {
            Self::apply(&mut self.synced, &change);
        }
    }

    fn after(&self, luck: Luck, lot: &mut Lot) -> Vec<u8> {
        let mut file = self.synced.clone();
        for change in &self.since {
            match change {
                Change::Cut(_) => {
                    if luck.kept(lot) {
                        Self::apply(&mut file, change);
                    }
                }
                Change::Write(at, bytes) => {
                    let (mut from, end) = (*at, at + bytes.len());
                    while from < end {
                        let to = end.min((from / 512 + 1) * 512);
                        if luck.kept(lot) {
                            write(&mut file, from, &bytes[from - at..to - at]);
                        }
                        from = to;
                    }
                }
            }
        }
        file
    }
}

/// A disk with one folder: what is on it for certain, and what is in its cache.
#[derive(Debug, Default)]
struct Disk {
    files: Vec<Held>,
    by_inode: BTreeMap<u64, usize>,
    /// Names that a sync of the folder has made lasting.
    lasting: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
    /// Names given and taken since then.
    since: Vec<(String, Option<usize>)>,
    /// What was acknowledged.
    told: String,
}

impl Disk {
    fn with(images: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut disk = Self::default();
        for (name, image) in images {
            disk.lasting.insert(name.clone(), disk.files.len());
            disk.files.push(Held { synced: image.clone(), since: Vec::new() });
        }
        disk.names = disk.lasting.clone();
        disk
    }

    fn named(&mut self, name: String, file: Option<usize>) {
        match file {
            Some(file) => self.names.insert(name.clone(), file),
            None => self.names.remove(&name),
        };
        self.since.push((name, file));
    }

    fn step(&mut self, done: &Done) {
        let text = || String::from_utf8(done.bytes.clone()).unwrap();
        let at = usize::try_from(done.at).unwrap();
        match done.kind {
            1 => {
                let name = text();
                let file = self.names.get(&name).copied().unwrap_or_else(|| {
                    self.files.push(Held::default());
                    let file = self.files.len() - 1;
                    self.named(name, Some(file));
                    file
                });
                self.by_inode.insert(done.inode, file);
            }
            2 | 3 => {
                let file = self.by_inode[&done.inode];
                if self.names.get(TOLD) == Some(&file) {
                    self.told.push_str(&text());
                    return;
                }
                self.files[file].since.push(match done.kind {
                    2 => Change::Write(at, done.bytes.clone()),
                    _ => Change::Cut(at),
                });
            }
            4 => self.files[self.by_inode[&done.inode]].sync(),
            5 => {
                self.since.clear();
                self.lasting = self.names.clone();
            }
            6 => self.named(text(), None),
            kind => panic!("a log of another kind: {kind}"),
        }
    }

    /// What is there when the power is back. Names are kept in the order in which they were given, as a file system's journal does.
    fn after(&self, luck: Luck, lot: &mut Lot) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.lasting.clone();
        for (name, file) in &self.since {
            if !luck.kept(lot) {
                break;
            }
            match file {
                Some(file) => names.insert(name.clone(), *file),
                None => names.remove(name),
            };
        }
        names.remove(TOLD);
        names.into_iter().map(|(name, file)| (name, self.files[file].after(luck, lot))).collect()
    }
}

/// One entry of the log.
struct Done {
    kind: u64,
    inode: u64,
    at: u64,
    bytes: Vec<u8>,
}

fn log_of(path: &Path) -> Vec<Done> {
    let log = std::fs::read(path).unwrap();
    let (mut rest, mut done) = (&log[..], Vec::new());
    while !rest.is_empty() {
        let number = |i: usize| u64::from_ne_bytes(rest[i * 8..i * 8 + 8].try_into().unwrap());
        let end = 32 + usize::try_from(number(3)).unwrap();
        let (kind, inode, at) = (number(0), number(1), number(2));
        done.push(Done { kind, inode, at, bytes: rest[32..end].to_vec() });
        rest = &rest[end..];
    }
    done
}

/// The library to be preloaded.
fn built(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/log.c");
    let library = folder.join("log.so");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let done = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-o"])
        .args([&library, &source])
        .status()
        .expect("a C compiler, which building the store needs too");
    assert!(done.success(), "the log's library does not compile");
    library
}

/// What a store holds, or has acknowledged.
#[derive(Debug, Clone, Default)]
struct Known {
    revision: i64,
    /// What was told under which number of the audit.
    seen: BTreeMap<i64, String>,
}

impl Known {
    fn hear(&mut self, told: &str) {
        for line in told.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["at", revision] => self.revision = revision.parse().unwrap(),
                ["seen", seq, id] => drop(self.seen.insert(seq.parse().unwrap(), id.to_owned())),
                _ => panic!("{line}"),
            }
        }
    }
}

/// Opens what was left, and gives what is there, or what of the acknowledged is not.
async fn found(path: &Path, told: &Known) -> Result<Known, String> {
    let failed = |error: peermatch_store::StoreError| error.to_string();
    let store = Sqlite::open(path, Options::default()).await.map_err(failed)?;
    let held = held(&store, told).await;
    store.close().await;
    held
}

async fn held(store: &Sqlite, told: &Known) -> Result<Known, String> {
    let failed = |error: peermatch_store::StoreError| error.to_string();
    let mut walk = chain::Walk::new("o");
    let mut rows = Vec::new();
    loop {
        let after = i64::try_from(rows.len()).unwrap();
        let page = store.audit("o", &AuditFilter::default(), after, 500).await.map_err(failed)?;
        if page.is_empty() {
            break;
        }
        for row in &page {
            walk.step(row).map_err(|broken| format!("the chain is broken: {broken:?}"))?;
        }
        rows.extend(page);
    }
    for (seq, id) in &told.seen {
        let row = rows.get(usize::try_from(seq - 1).unwrap());
        if row.is_none_or(|row| row.entry.about != [id.as_str()]) {
            return Err(format!("entry {seq} was acknowledged and is gone"));
        }
    }
    let kept = store.load("o", "r").await.map_err(failed)?;
    let now = kept.as_ref().map_or(0, |kept| kept.meta.revision.0);
    if now < told.revision {
        return Err(format!("at {now}, {} was acknowledged", told.revision));
    }
    if let Some(kept) = kept {
        let whole = kept.records.len() == 10
            && kept.records.iter().all(|record| record.body.as_deref() == Some(&*body(now)));
        let changes = rows.iter().filter(|row| row.entry.action == "changed").count();
        let answer = store.reply("o", "key:k", &now.to_string()).await.map_err(failed)?;
        if !whole || i64::try_from(changes).unwrap() != now || answer.is_none() {
            return Err(format!("revision {now} is there by halves"));
        }
    }
    let seen = rows.iter().filter(|row| row.entry.action == "seen");
    let seen = seen.map(|row| (row.seq, row.entry.about[0].clone())).collect();
    Ok(Known { revision: now, seen })
}

/// What became of so many cuts.
#[derive(Debug, Default)]
struct Cuts {
    times: usize,
    /// How many of them lost something, and what the first one lost.
    lost: usize,
    first: Option<String>,
    /// How much was acknowledged before the cuts, added up.
    acknowledged: i64,
}

/// Cuts the power at points of runs of a process that writes, each run beginning with what a cut of the last one has left.
async fn cut(runs: u64, per_run: usize, writes: u32, careless: bool) -> Cuts {
    let work = tempfile::tempdir().unwrap();
    let library = built(work.path());
    let mut result = Cuts::default();
    let mut begin = (BTreeMap::new(), Known::default());
    for run in 0..runs {
        let folder = tempfile::tempdir().unwrap();
        // As the system names it, so that the library knows its files.
        let at = folder.path().canonicalize().unwrap();
        for (name, image) in &begin.0 {
            std::fs::write(at.join(name), image).unwrap();
        }
        let log = work.path().join(format!("log-{run}"));
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "writes_until_the_power_goes", "--test-threads", "1"])
            .env(WRITES, writes.to_string())
            .env(FOLDER, &at)
            .env(LOG, &log)
            .env("LD_PRELOAD", &library)
            .stdout(Stdio::null());
        if careless {
            child.env(CARELESS, "yes");
        }
        assert!(child.status().unwrap().success(), "run {run} could not write");
        let done = log_of(&log);
        std::fs::remove_file(&log).unwrap();

        let mut lot = Lot(run);
        let mut points: Vec<usize> = (0..per_run).map(|_| lot.below(done.len() + 1)).collect();
        points.sort_unstable();
        let (start, base) = std::mem::take(&mut begin);
        let mut disk = Disk::with(&start);
        let mut next = 0;
        for (number, point) in points.iter().enumerate() {
            for done in &done[next..*point] {
                disk.step(done);
            }
            next = *point;
            let luck = match lot.below(5) {
                0 | 1 => Luck::Nothing,
                2 => Luck::Everything,
                _ => Luck::Some([10, 50, 90][lot.below(3)]),
            };
            let images = disk.after(luck, &mut lot);
            let left = tempfile::tempdir().unwrap();
            for (name, image) in &images {
                std::fs::write(left.path().join(name), image).unwrap();
            }
            let mut told = base.clone();
            told.hear(&disk.told);
            result.times += 1;
            result.acknowledged += told.revision - base.revision;
            match found(&left.path().join("store.db"), &told).await {
                Ok(known) => {
                    // One of the later cuts, so that there is something to go on from.
                    if number >= per_run / 2 && begin.0.is_empty() {
                        begin = (images, known);
                    }
                }
                Err(lost) => {
                    result.lost += 1;
                    let told =
                        format!("run {run}, point {point} of {}, {luck:?}: {lost}", done.len());
                    result.first.get_or_insert(told);
                }
            }
        }
    }
    println!("{result:?}");
    result
}

#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let careful = cut(3, 6, 120, false).await;
    assert_eq!((careful.lost, &careful.first), (0, &None));
    assert!(careful.acknowledged > 300, "it did write: {careful:?}");
}

#[tokio::test]
async fn without_syncs_a_power_cut_does_lose() {
    let careless = cut(2, 6, 120, true).await;
    assert!(careless.lost >= 4, "the test above would see no loss: {careless:?}");
}

#[tokio::test]
#[ignore = "a minute or two: the same at full size"]
async fn two_hundred_power_cuts_lose_nothing_that_was_acknowledged() {
    let careful = cut(20, 10, 400, false).await;
    assert_eq!((careful.times, careful.lost, &careful.first), (200, 0, &None));
    let careless = cut(20, 10, 400, true).await;
    assert!(careless.lost >= 60, "{careless:?}");
}
