//! Limits against enumeration: tiny random rosters, every matching of which is listed and judged here from the drawn numbers alone, apart from how
//! the engine states its limits.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use peermatch_core::draw::Draws;
use peermatch_core::eligibility;
use peermatch_core::limits::{LimitKind, LimitLine, LimitsStatus};
use peermatch_core::objective::people_to_match;
use peermatch_core::pair::Context;
use peermatch_core::report::{MatchingDocument, document, verify};
use peermatch_core::run::{RunError, match_roster};
use peermatch_core::scoring::Scorer;
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::roster::{Roster, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_solve::Quiet;
use serde_json::{Value, json};

#[expect(clippy::struct_excessive_bools, reason = "a drawn person asks for each thing or not")]
struct Person {
    waited: u64,
    contact: Option<&'static str>,
    culture: bool,
    asks_culture: bool,
    prefers_maori: bool,
    asks_gender: bool,
    services: Vec<&'static str>,
}

struct Worker {
    places: u64,
    now: u64,
    load_max: Option<u64>,
    load_now: Option<u64>,
    team: Option<&'static str>,
    supervisor: Option<&'static str>,
    culture: bool,
    maori: bool,
    woman: bool,
    minimum: u64,
}

struct Drawn {
    people: Vec<Person>,
    workers: Vec<Worker>,
    /// Of a team or a supervisor.
    shared: Vec<(&'static str, &'static str, u64)>,
    starts: Option<(u64, u64)>,
    culture_load: Option<u64>,
    floor: Option<u64>,
    total: bool,
}

/// What a matching comes to, to be compared from the front: people not served, what their ranks come to, what is lost.
type Worth = (u64, u64, i64);

/// A limit of one line that is loosened: its kind, of whom, and by how much.
type Looser<'a> = Option<(LimitKind, &'a str, u64)>;

impl Drawn {
    fn new(seed: u64) -> Self {
        let mut draws = Draws::new("limits", seed);
        let mut below = |n: u64| draws.below(n);
        let floor = (below(4) == 0).then(|| 20 + below(80));
        let size = if floor.is_some() { 5 } else { 2 + below(4) };
        let people = (0..size).map(|_| Person {
            waited: below(4),
            contact: [None, Some("weekly"), Some("fortnightly"), Some("monthly"), Some("group")]
                [usize::try_from(below(5)).unwrap()],
            culture: floor.is_some() || below(2) == 0,
            asks_culture: below(2) == 0,
            prefers_maori: below(3) == 0,
            asks_gender: floor.is_some() || below(2) == 0,
            services: [vec!["s"], vec!["s", "t"], vec!["t"]][usize::try_from(below(3)).unwrap()]
                .clone(),
        });
        let people: Vec<Person> = people.collect();
        let count = 2 + below(3);
        let workers = (0..count).map(|_| {
            let places = below(4);
            let (load_max, load_now) = (50 + 10 * below(25), 10 * below(15));
            Worker {
                places,
                now: below(2),
                load_max: (below(2) == 0).then_some(load_max),
                load_now: (below(2) == 0).then_some(load_now),
                team: [None, Some("north"), Some("south")][usize::try_from(below(3)).unwrap()],
                supervisor: [None, Some("ana"), Some("ben")][usize::try_from(below(3)).unwrap()],
                culture: below(2) == 0,
                maori: below(2) == 0,
                woman: below(2) == 0,
                minimum: u64::from(places > 0 && below(8) == 0),
            }
        });
        let workers: Vec<Worker> = workers.collect();
        let named = |kind: &str, id: &str| {
            workers.iter().any(|w| (if kind == "team" { w.team } else { w.supervisor }) == Some(id))
        };
        let shared: Vec<_> =
            [("team", "north"), ("team", "south"), ("supervisor", "ana"), ("supervisor", "ben")]
                .into_iter()
                .filter(|(kind, id)| named(kind, id))
                .map(|(kind, id)| (kind, id, below(6)))
                .filter(|shared| shared.2 < 4)
                .collect();
        let starts = (below(3) == 0).then(|| (1, 1 + below(3)));
        let culture_load = (below(2) == 0).then(|| 1 + below(2));
        let total = below(4) == 0;
        Self { people, workers, shared, starts, culture_load, floor, total }
    }

    fn roster(&self) -> Value {
        let code = |has: bool, consent: &str| {
            if has {
                json!([{"system": "ethnicity", "code": "21", consent: true}])
            } else {
                json!([])
            }
        };
        let person = |(n, p): (usize, &Person)| {
            let mut languages = vec![json!({"tag": "en", "level": "need"})];
            if p.prefers_maori {
                languages.push(json!({"tag": "mi", "level": "prefer"}));
            }
            let mut wishes = Vec::new();
            if p.asks_culture && p.culture {
                wishes.push(json!({"dimension": "shared_culture", "values": ["same"], "strength": "important"}));
            }
            if p.asks_gender {
                wishes
                    .push(json!({"dimension": "gender", "values": ["woman"], "strength": "nice"}));
            }
            let mut out = json!({"id": format!("p{n}"), "services": p.services, "wait_since": format!("2026-10-0{}", p.waited + 1), "status": "ready",
                "age_band": "25-34", "languages": languages, "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
                "identity": code(p.culture, "use_for_matching"), "wishes": wishes});
            if let Some(contact) = p.contact {
                out["contact"] = json!(contact);
            }
            out
        };
        let worker = |(n, w): (usize, &Worker)| {
            let mut languages = vec![json!({"tag": "en", "level": "whole"})];
            if w.maori {
                languages.push(json!({"tag": "mi", "level": "whole"}));
            }
            let mut out = json!({"id": format!("w{n}"), "services": if n % 2 == 0 { json!(["s"]) } else { json!(["s", "t"]) },
                "max_people": w.places + w.now, "current_people": w.now, "languages": languages, "modes": ["telephone"],
                "availability": ["Mon 08:00-12:00"], "gender": if w.woman { "woman" } else { "man" }, "gender_consent_match": true,
                "gender_consent_show": true, "identity": code(w.culture, "consent_match")});
            let hundredths = |n: u64| json!(f64::from(u32::try_from(n).unwrap()) / 100.0);
            for (name, value) in [
                ("load_max", w.load_max.map(hundredths)),
                ("load_now", w.load_now.map(hundredths)),
                ("team", w.team.map(Value::from)),
                ("supervisor", w.supervisor.map(Value::from)),
                ("minimum", (w.minimum > 0).then(|| json!(w.minimum))),
            ] {
                if let Some(value) = value {
                    out[name] = value;
                }
            }
            out
        };
        let limits = self
            .shared
            .iter()
            .map(|(kind, id, most)| json!({"kind": kind, "id": id, "new_people_max": most}));
        json!({"format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "UTC", "services": [{"id": "s"}, {"id": "t"}],
            "codes": [{"system": "ethnicity", "code": "21", "label": "A"}], "limits": limits.collect::<Vec<_>>(),
            "people": self.people.iter().enumerate().map(person).collect::<Vec<_>>(),
            "workers": self.workers.iter().enumerate().map(worker).collect::<Vec<_>>()})
    }

    fn policy(&self) -> Value {
        let mut policy = json!({"format": "peermatch/policy@1", "name": "n", "version": "1"});
        if self.total {
            policy["coverage"] = json!("total");
        }
        let mut limits = json!({});
        if let Some((starts, weeks)) = self.starts {
            limits["new_starts_per_week"] = json!(starts);
            limits["weeks"] = json!(weeks);
        }
        if let Some(most) = self.culture_load {
            limits["culture_load_max"] = json!(most);
        }
        policy["limits"] = limits;
        if let Some(percent) = self.floor {
            policy["floors"] = json!([{"system": "ethnicity", "code": "21", "mean_fit_percent": percent, "at_least_people": 5}]);
        }
        policy
    }

    fn load(&self, person: usize) -> u64 {
        match self.people[person].contact {
            None | Some("weekly") => 100,
            Some("fortnightly") => 60,
            Some("monthly") => 30,
            _ => 10,
        }
    }

    fn asked_for(&self, person: usize, worker: usize) -> bool {
        let (p, w) = (&self.people[person], &self.workers[worker]);
        (p.asks_culture && p.culture && w.culture) || (p.prefers_maori && w.maori)
    }

    /// Whether who is given to whom keeps every limit and minimum (floors apart).
    fn kept(&self, given: &[Option<usize>], looser: Looser<'_>) -> bool {
        let more = |kind: LimitKind, of: &str| match looser {
            Some((k, o, by)) if (k, o) == (kind, of) => by,
            _ => 0,
        };
        let with = |worker: usize| {
            given.iter().enumerate().filter(move |(_, g)| **g == Some(worker)).map(|(p, _)| p)
        };
        let each = self.workers.iter().enumerate().all(|(n, w)| {
            let id = format!("w{n}");
            let count = with(n).count() as u64;
            let load: u64 = with(n).map(|p| self.load(p)).sum();
            let asked = with(n).filter(|&p| self.asked_for(p, n)).count() as u64;
            let room = w.load_max.map(|most| {
                most.saturating_sub(w.load_now.unwrap_or(100 * w.now)) + more(LimitKind::Load, &id)
            });
            let starts =
                self.starts.map(|(starts, weeks)| starts * weeks + more(LimitKind::NewStarts, &id));
            let culture = self.culture_load.map(|most| most + more(LimitKind::CultureLoad, &id));
            (w.minimum..=w.places).contains(&count)
                && room.is_none_or(|room| load <= room)
                && starts.is_none_or(|most| count <= most)
                && culture.is_none_or(|most| asked <= most)
        });
        let together = self.shared.iter().all(|&(kind, id, most)| {
            let (of, kind) = if kind == "team" {
                (self.workers.iter().map(|w| w.team).collect::<Vec<_>>(), LimitKind::Team)
            } else {
                (self.workers.iter().map(|w| w.supervisor).collect(), LimitKind::Supervisor)
            };
            let count = given.iter().flatten().filter(|w| of[**w] == Some(id)).count() as u64;
            count <= most + more(kind, id)
        });
        each && together
    }
}

/// A drawn roster with what the engine says of single pairs, which other tests hold.
struct Judge<'a> {
    drawn: &'a Drawn,
    /// In the order of waiting.
    order: Vec<usize>,
    losses: Vec<BTreeMap<usize, i64>>,
    fits: Vec<BTreeMap<usize, i64>>,
    asked: Vec<bool>,
    waiting_price: i64,
}

impl<'a> Judge<'a> {
    fn new(drawn: &'a Drawn, cx: &Context<'_>) -> Self {
        let number = |id: &str| id[1..].parse::<usize>().unwrap();
        let people = people_to_match(cx.roster);
        let mut losses = vec![BTreeMap::new(); people.len()];
        let (mut fits, mut asked) = (losses.clone(), vec![false; people.len()]);
        for &user in &people {
            let scorer = Scorer::for_user(cx, user);
            let person = number(&cx.roster.user(user).id);
            asked[person] = !scorer.nothing_asked();
            for worker in (0..cx.roster.workers().len()).map(WorkerIx::at) {
                let pair = cx.pair(user, worker);
                if eligibility::eligible(&pair) {
                    let at = number(&cx.roster.worker(worker).id);
                    losses[person].insert(at, i64::from(scorer.loss(&pair)));
                    fits[person].insert(at, i64::from(scorer.fit(&pair).value));
                }
            }
        }
        // Longest waiting first, then by id, from the drawn days.
        let mut order: Vec<usize> = (0..people.len()).collect();
        order.sort_by_key(|&p| (drawn.people[p].waited, p));
        let waiting_price = i64::from(cx.policy.waiting_price);
        Self { drawn, order, losses, fits, asked, waiting_price }
    }

    fn worth(&self, given: &[Option<usize>]) -> Worth {
        let lost: i64 =
            given.iter().enumerate().filter_map(|(p, g)| g.map(|w| self.losses[p][&w])).sum();
        let left = || given.iter().filter(|g| g.is_none()).count();
        if self.drawn.total {
            return (0, 0, lost + self.waiting_price * i64::try_from(left()).unwrap());
        }
        let ranks = self.order.iter().rev().zip(1u64..);
        let missed = ranks.filter(|(p, _)| given[**p].is_none()).map(|(_, rank)| rank).sum();
        (left() as u64, missed, lost)
    }

    fn all(&self, looser: Looser<'_>) -> Vec<(Worth, Vec<Option<usize>>)> {
        let mut all: Vec<Vec<Option<usize>>> = vec![vec![]];
        for own in &self.losses {
            let choices: Vec<Option<usize>> = own.keys().copied().map(Some).chain([None]).collect();
            all = all
                .iter()
                .flat_map(|start| {
                    choices.iter().map(move |&one| [start.clone(), vec![one]].concat())
                })
                .collect();
        }
        all.retain(|given| self.drawn.kept(given, looser));
        all.into_iter().map(|given| (self.worth(&given), given)).collect()
    }

    fn floor_kept(&self, given: &[Option<usize>]) -> bool {
        let Some(percent) = self.drawn.floor else { return true };
        let members: Vec<usize> =
            (0..given.len()).filter(|&p| self.drawn.people[p].culture && self.asked[p]).collect();
        let matched = members.iter().filter_map(|&p| given[p].map(|w| self.fits[p][&w]));
        let above: i64 = matched.map(|fit| fit - i64::try_from(percent).unwrap() * 10_000).sum();
        members.len() < 5 || above >= 0
    }

    /// The best worth of all matchings: who is served is decided before floors.
    fn best(&self, looser: Looser<'_>) -> Result<Worth, &'static str> {
        let all = self.all(looser);
        let serving = all.iter().map(|(worth, _)| (worth.0, worth.1)).min().ok_or("limits")?;
        let as_good = all.iter().filter(|(worth, _)| (worth.0, worth.1) == serving);
        let floors = as_good.filter(|(_, given)| self.floor_kept(given));
        floors.map(|(worth, _)| *worth).min().ok_or("floors")
    }
}

fn given(drawn: &Drawn, document: &MatchingDocument) -> Vec<Option<usize>> {
    let mut given = vec![None; drawn.people.len()];
    for pair in &document.matches {
        given[pair.person_id[1..].parse::<usize>().unwrap()] =
            Some(pair.worker_id[1..].parse().unwrap());
    }
    given
}

/// What a sentence about one more promises at most: people, and thousandths saved.
fn promised(line: &LimitLine) -> Option<(u64, Option<i64>)> {
    let words = line.one_more.as_ref().or(line.saves.as_ref())?;
    if words.contains("up to one person more") {
        return Some((1, None));
    }
    if let Some((_, rest)) = words.split_once("would let up to ") {
        return Some((rest.split(' ').next()?.parse().unwrap(), None));
    }
    if words.contains("waited longer") {
        return Some((0, None));
    }
    let (_, rest) = words.split_once("save up to ").unwrap();
    let saved = rest.split(' ').next()?.replace('.', "");
    Some((0, Some(saved.parse().unwrap())))
}

#[test]
fn limits_are_what_enumeration_says() {
    let (mut found, mut infeasible, mut floors, mut bound) = (0, 0, 0, 0);
    let (mut said, mut silent) = (0, 0);
    let mut wrong = Vec::new();
    for seed in 0..1_200 {
        let drawn = Drawn::new(seed);
        let input = serde_json::from_value(drawn.roster()).unwrap();
        let roster = Roster::check(&input, Taxonomy::shipped()).unwrap_or_else(|e| panic!("{e}"));
        let input: PolicyInput = serde_json::from_value(drawn.policy()).unwrap();
        let policy = Policy::check(&input).unwrap_or_else(|e| panic!("{e}"));
        let cx = Context::new(&roster, &policy);
        let judge = Judge::new(&drawn, &cx);
        let best = judge.best(None);
        let run = match match_roster(&cx, &Quiet) {
            Ok(run) => run,
            Err(RunError::Infeasible(words)) => {
                assert!(best.is_err(), "{seed}: {words:?}, but {best:?}");
                let about_floors = words[0].contains("floors");
                // Where waiting has a price there is one stage, and words name all that may stand in the way.
                if drawn.total {
                    let named = best != Err("floors") || words[0].contains("floor");
                    assert!(named, "{seed}: {words:?}");
                } else {
                    assert_eq!(about_floors, best == Err("floors"), "{seed}: {words:?}");
                }
                infeasible += 1;
                floors += usize::from(about_floors);
                continue;
            }
            Err(other) => panic!("{seed}: {other}"),
        };
        let told = document(&run);
        verify(&cx, &told).unwrap_or_else(|error| panic!("{seed}: {error}"));
        let own = given(&drawn, &told);
        assert!(drawn.kept(&own, None) && judge.floor_kept(&own), "{seed}: {own:?}");
        let best = best.unwrap();
        assert_eq!(judge.worth(&own), best, "{seed}: {own:?}");
        found += 1;
        let Some(limits) = &told.limits else { continue };
        assert_eq!(limits.status, LimitsStatus::Proven, "{seed}");
        bound += usize::from(limits.price.as_ref().unwrap().contains("would be matched"));
        for line in &limits.limits {
            if line.kind == LimitKind::Floor {
                continue;
            }
            let by = match (line.kind, line.one_more.as_ref().or(line.saves.as_ref())) {
                (LimitKind::Load, Some(words)) => {
                    words.split(' ').next().unwrap().replace('.', "").parse().unwrap()
                }
                _ => 1,
            };
            let more = judge.best(Some((line.kind, &line.of, by)));
            let Ok(more) = more else { continue };
            let people = best.0.saturating_sub(more.0);
            match promised(line) {
                // Nothing said is nothing to gain.
                None => {
                    silent += 1;
                    if more < best {
                        wrong.push(format!("{seed}: silent {line:?} {best:?} {more:?}"));
                    }
                }
                Some((most, saved)) => {
                    said += 1;
                    let cost = best.2 - more.2;
                    let holds = people <= most
                        && saved.is_none_or(|saved| {
                            (more.0, more.1) == (best.0, best.1) && cost <= 1_000 * saved + 500
                        });
                    if !holds {
                        wrong.push(format!("{seed}: {line:?} {best:?} {more:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    assert!(
        found > 1_000 && infeasible > 100 && floors > 50 && bound > 500,
        "{found} found, {infeasible} infeasible ({floors} floors), {bound} bound"
    );
    assert!(said > 300 && silent > 20, "{said} said, {silent} silent");
}
