//! Kept rosters from outside: imported, read, changed, suggested from, and told of.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use common::{Answer, ask, demo, get, post};
use peermatch_core::pair::Context;
use peermatch_core::run::match_roster;
use peermatch_core::suggest::suggest_asked;
use peermatch_core::waiting;
use peermatch_formats::{read_roster, to_json};
use peermatch_model::policy::Policy;
use peermatch_model::roster::Roster;
use peermatch_solve::Quiet;
use serde_json::{Value, json};

/// Where the shipped service is.
const ZONE: &str = "Pacific/Auckland";

fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster")
}

fn pack_json() -> Value {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(pack()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
    }
    json!(files)
}

fn roster() -> Roster {
    read_roster(&pack()).unwrap().check().unwrap()
}

async fn made(addr: SocketAddr, id: &str) {
    let roster = roster();
    let settings = json!({ "zone": ZONE, "as_of": roster.as_of().to_string() });
    let answer = post("/v1/rosters", &json!({ "id": id, "settings": settings })).send(addr).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

async fn import(addr: SocketAddr, id: &str, query: &str, files: &Value) -> Answer {
    ask("POST", &format!("/v1/rosters/{id}/import{query}"))
        .header("content-type", "application/vnd.peermatch.pack+json")
        .body(files.to_string())
        .send(addr)
        .await
}

/// A roster with the shipped service in it.
async fn service(addr: SocketAddr) {
    made(addr, "service").await;
    let answer = import(addr, "service", "", &pack_json()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_answers_as_the_command_does() {
    let running = demo().await;
    service(running.addr).await;
    let (roster, policy) = (roster(), Policy::shipped());
    let cx = Context::new(&roster, &policy);
    let people: Vec<_> = roster.waiting().take(6).collect();
    for (i, &user) in people.iter().enumerate() {
        let id = &roster.user(user).id;
        let costs = i % 2 == 0;
        let wanted = suggest_asked(&cx, user, 3, costs, &Quiet).unwrap().suggestions;
        let path = format!("/v1/rosters/service/people/{id}/suggestions?top=3&costs={costs}");
        let answer = get(&path).send(running.addr).await;
        assert_eq!(answer.text(), String::from_utf8(to_json(&wanted)).unwrap());
        // The audit knows who was shown.
        let audit = get(&format!("/v1/rosters/service/audit?about={id}")).send(running.addr).await;
        let rows = audit.json();
        let row = rows["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(row["action"], "suggestions.shown");
        let shown: Vec<&str> = wanted.workers.iter().map(|w| w.worker_id.as_str()).collect();
        // A list without anybody is left out of the row.
        assert_eq!(row.get("shown").cloned().unwrap_or(json!([])), json!(shown));
        assert!(row["input_hash"].as_str().unwrap().starts_with("sha256:"));
        // Why not, for anybody.
        let worker = &roster.workers()[i].id;
        let told = get(&format!("/v1/rosters/service/people/{id}/explanations/{worker}"))
            .send(running.addr)
            .await;
        assert_eq!(told.json()["audience"], "coordinator");
    }
    // The waiting list, page by page, is that of a run.
    let run = match_roster(&cx, &Quiet).unwrap();
    let wanted = waiting::all(&run);
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page =
            get(&format!("/v1/rosters/service/waiting?limit=7{after}")).send(running.addr).await;
        let page = page.json();
        all.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(json!(all), serde_json::to_value(&wanted).unwrap());
    assert!(all.iter().all(|one| !one["next_steps"].as_array().unwrap().is_empty()));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_all_or_nothing() {
    let running = demo().await;
    let addr = running.addr;
    made(addr, "r").await;
    let files = pack_json();
    // A dry run says what would change, and changes nothing.
    let dry = import(addr, "r", "?dry_run=true", &files).await.json();
    let people = roster().people().len();
    assert_eq!(dry["counts"]["people"]["added"], people);
    assert_eq!(get("/v1/rosters/r").send(addr).await.json()["people"], 0);
    // Every fault at once, with its line.
    let mut broken = files.clone();
    let text = broken["people.csv"].as_str().unwrap().replacen("ready", "reddy", 2);
    broken["people.csv"] = json!(text);
    let problem = import(addr, "r", "", &broken).await.problem(422, "faults");
    let errors = problem["errors"].as_array().unwrap();
    assert!(errors.len() >= 2, "{problem}");
    assert!(errors.iter().all(|error| error["place"].as_str().unwrap().starts_with("people.csv:")));
    assert_eq!(get("/v1/rosters/r").send(addr).await.json()["people"], 0);
    // In; and in again changes nothing.
    assert_eq!(import(addr, "r", "", &files).await.status, 200);
    let again = import(addr, "r", "", &files).await.json();
    for kind in ["people", "workers", "services", "matches", "names", "others"] {
        let counts = &again["counts"][kind];
        assert_eq!(
            (&counts["added"], &counts["changed"], &counts["ended"]),
            (&json!(0), &json!(0), &json!(0)),
            "{kind}: {again}"
        );
    }
    // A part of it, merged: the rest stays.
    let line = json!({ "format": "peermatch/roster@1", "people": [{ "id": "new", "services": ["nowhere"], "wait_since": "2026-01-05", "status": "ready", "age_band": "25-34" }] });
    let merge =
        post("/v1/rosters/r/import?how=merge", &line).send(addr).await.problem(422, "faults");
    assert!(merge["errors"].to_string().contains("/people/0/services/0"), "{merge}");
    assert_eq!(get("/v1/rosters/r/people/new").send(addr).await.status, 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_erased_or_named_is_what_was_looked_at() {
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let now = async || {
        let told = get("/v1/rosters/service").send(addr).await;
        told.header("etag").unwrap().to_owned()
    };
    let roster = roster();
    let person =
        format!("/v1/rosters/service/people/{}", roster.user(roster.waiting().next().unwrap()).id);
    let old = now().await;
    let name = |how: &str| ask(how, &format!("{person}/name"));
    let contact = |how: &str| ask(how, &format!("{person}/contact"));
    let named = json!({ "name": "Somebody" });
    assert!(name("PUT").json(&named).send(addr).await.status < 300);
    let writes = [
        name("PUT").json(&named),
        name("DELETE"),
        contact("PUT").json(&json!({ "telephone": "1" })),
        contact("DELETE"),
        post(&format!("{person}/erase"), &json!({ "why": "asked for" })),
        ask("DELETE", "/v1/rosters/service"),
    ];
    let kept = now().await;
    for write in &writes {
        let late = write.clone().header("if-match", old.clone());
        late.send(addr).await.problem(412, "changed_meanwhile");
    }
    assert_eq!(now().await, kept, "nothing was changed");
    for write in writes {
        let answer = write.header("if-match", now().await).send(addr).await;
        assert!(answer.status < 300, "{}", answer.text());
    }
    let gone = ask("DELETE", "/v1/rosters/service").header("if-match", kept);
    gone.send(addr).await.problem(404, "not_found");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_change_one_at_a_time_on_what_was_looked_at() {
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let roster = roster();
    let user = roster.waiting().next().unwrap();
    let id = roster.user(user).id.clone();
    let path = format!("/v1/rosters/service/people/{id}");
    let before = get(&path).send(addr).await;
    let tag = before.header("etag").unwrap().to_owned();
    let change = |tag: &str, body: Value| ask("PATCH", &path).header("if-match", tag).json(&body);
    let after = change(&tag, json!({ "max_travel_min": 5 })).send(addr).await;
    assert_eq!(after.status, 200, "{}", after.text());
    assert_ne!(after.header("etag").unwrap(), tag);
    change(&tag, json!({ "max_travel_min": 6 })).send(addr).await.problem(412, "changed_meanwhile");
    assert_eq!(get(&path).send(addr).await.json()["record"]["max_travel_min"], 5);
    let wrong = change("*", json!({ "wait_since": "2026-02-31", "needs_lift": "perhaps" }))
        .send(addr)
        .await;
    let errors = wrong.problem(422, "faults")["errors"].clone();
    let pointers: Vec<&str> =
        errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert!(pointers.contains(&"/wait_since") && pointers.contains(&"/needs_lift"), "{pointers:?}");
    assert!(!wrong.text().contains("perhaps"), "values may be personal");
    // Null takes out what is there, is nothing for what is not, and a fault for what is not known.
    assert_eq!(
        change("*", json!({ "max_travel_min": null, "demand": null })).send(addr).await.status,
        200
    );
    assert!(get(&path).send(addr).await.json()["record"].get("max_travel_min").is_none());
    let unknown = change("*", json!({ "nonsense": null })).send(addr).await;
    assert_eq!(unknown.problem(422, "faults")["errors"][0]["pointer"], "/nonsense");
    let settings = |body| ask("PATCH", "/v1/rosters/service").json(&body);
    assert_eq!(settings(json!({ "menu_days": null })).send(addr).await.status, 200);
    settings(json!({ "nonsense": null })).send(addr).await.problem(422, "faults");
    // Withdrawn, not deleted.
    let ended = ask("DELETE", &path).send(addr).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(get(&path).send(addr).await.json()["record"]["status"], "withdrawn");
    let told = get(&format!("{path}/suggestions")).send(addr).await.json();
    assert!(told["why_not_matched_now"].is_string(), "{told}");
    // Somebody who is walked with is not ended.
    let kept = roster.people().iter().find(|user| !user.kept.is_empty()).unwrap();
    ask("DELETE", &format!("/v1/rosters/service/people/{}", kept.id))
        .send(addr)
        .await
        .problem(409, "matches_stand");
    let worker = &roster.worker(kept.kept[0]).id;
    ask("DELETE", &format!("/v1/rosters/service/workers/{worker}"))
        .send(addr)
        .await
        .problem(409, "matches_stand");
    // Nor left out by an import.
    let mut files = pack_json();
    let people: Vec<&str> = files["people.csv"]
        .as_str()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with(&kept.id))
        .collect();
    files["people.csv"] = json!(people.join("\n"));
    let left_out = import(addr, "service", "", &files).await;
    assert!(left_out.status == 422 || left_out.status == 409, "{}", left_out.text());
    // What is not there is not there, in the same words for each.
    let nothing = get("/v1/rosters/service/people/nobody").send(addr).await;
    let nowhere = get("/v1/rosters/nowhere/people/nobody").send(addr).await;
    nothing.problem(404, "not_found");
    assert_eq!(nothing.body_without_id(), nowhere.body_without_id());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_everybody_once() {
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let roster = roster();
    for (list, mut wanted) in [
        ("people", roster.people().iter().map(|p| p.id.clone()).collect::<Vec<_>>()),
        ("workers", roster.workers().iter().map(|w| w.id.clone()).collect()),
    ] {
        wanted.sort();
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page =
                get(&format!("/v1/rosters/service/{list}?limit=17{after}")).send(addr).await.json();
            all.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|line| line["id"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(all, wanted);
    }
    get("/v1/rosters/service/people?limit=0").send(addr).await.problem(400, "bad_query");
    get("/v1/rosters/service/people?limit=501").send(addr).await.problem(400, "bad_query");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_has_one_effect() {
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let person = json!({ "id": "idem", "services": [roster().services()[0].id], "wait_since": "2026-01-05", "status": "contacted", "age_band": "25-34",
        "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"] });
    let request = post("/v1/rosters/service/people", &person).header("idempotency-key", "k1");
    let revision = |answer: &Answer| answer.json()["revision"].as_i64().unwrap();
    let before = revision(&get("/v1/rosters/service").send(addr).await);
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(request.send(addr).await);
    }
    assert_eq!(answers[0].status, 201, "{}", answers[0].text());
    for answer in &answers[1..] {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
        assert_eq!(answer.header("idempotency-replayed"), Some("true"));
    }
    assert_eq!(revision(&get("/v1/rosters/service").send(addr).await), before + 1);
    let mut other = person.clone();
    other["id"] = json!("other");
    post("/v1/rosters/service/people", &other)
        .header("idempotency-key", "k1")
        .send(addr)
        .await
        .problem(422, "idempotency_key_reused");
    // Many at once: one effect, and nobody is told anything else than that it was done or is being done.
    let mut body = person.clone();
    body["id"] = json!("many");
    let request = post("/v1/rosters/service/people", &body).header("idempotency-key", "k2");
    let sent: Vec<_> = (0..16)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move { request.send(addr).await })
        })
        .collect();
    let mut done = 0;
    for answer in sent {
        let answer = answer.await.unwrap();
        if answer.status == 409 {
            answer.problem(409, "in_flight");
        } else {
            assert_eq!(answer.status, 201, "{}", answer.text());
            done += 1;
        }
    }
    assert!(done >= 1);
    assert_eq!(revision(&get("/v1/rosters/service").send(addr).await), before + 2);
    // Without a key, the second is told that the id is taken.
    post("/v1/rosters/service/people", &person).send(addr).await.problem(409, "taken");
    running.stop().await;
}

/// Of an answer that is cut on its way, asking again with the same key gives the same, and nothing is done twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_cut_can_be_asked_for_again() {
    use tokio::io::AsyncWriteExt;
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let request = ask("PUT", "/v1/rosters/service/people/P-031/name")
        .header("idempotency-key", "cut")
        .json(&json!({ "name": "Somebody Else" }));
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    stream.write_all(&request.bytes()).await.unwrap();
    drop(stream);
    let mut answer = request.send(addr).await;
    for _ in 0..50 {
        if answer.status != 409 {
            break;
        }
        answer.problem(409, "in_flight");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        answer = request.send(addr).await;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let audit = get("/v1/rosters/service/audit?about=P-031&limit=500").send(addr).await.json();
    let named =
        audit["items"].as_array().unwrap().iter().filter(|row| row["action"] == "name.changed");
    assert_eq!(named.count(), 1, "{audit}");
    running.stop().await;
}

/// What was told and is taken back counts for nothing from the next call on, and no earlier words of it are told again.
#[tokio::test(flavor = "multi_thread")]
async fn taken_back_consent_takes_effect_at_once() {
    use peermatch_model::raw::Field;
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let mut input = read_roster(&pack()).unwrap().into_parts().unwrap().input;
    let Field::Given(workers) = &mut input.workers else { panic!("workers") };
    let yes = |field: &Field<bool>| field.given() == Some(&true);
    let mut changed = Vec::new();
    for row in workers {
        let Field::Given(worker) = row else { continue };
        let Field::Given(told) = &mut worker.experiences else { continue };
        let before = told.len();
        told.retain(|item| {
            let item = item.given().unwrap();
            !(yes(&item.consent_match)
                && (yes(&item.consent_coordinator) || yes(&item.consent_show)))
        });
        if told.len() < before {
            changed.push(worker.id.given().unwrap().clone());
        }
    }
    assert!(changed.len() > 3, "{changed:?}");
    for worker in &changed {
        let answer = ask("PATCH", &format!("/v1/rosters/service/workers/{worker}"))
            .json(&json!({ "experiences": null }))
            .send(addr)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let (taxonomy, policy) = (peermatch_model::taxonomy::Taxonomy::shipped(), Policy::shipped());
    let (before, after) = (roster(), Roster::check(&input, taxonomy).unwrap());
    let (was, cx) = (Context::new(&before, &policy), Context::new(&after, &policy));
    let mut differ = 0;
    for user in after.waiting().take(20) {
        let id = &after.user(user).id;
        let told =
            |cx, user| to_json(&suggest_asked(cx, user, 5, false, &Quiet).unwrap().suggestions);
        let wanted = told(&cx, user);
        let answer = get(&format!("/v1/rosters/service/people/{id}/suggestions?costs=false"))
            .send(addr)
            .await;
        assert_eq!(answer.text(), String::from_utf8(wanted.clone()).unwrap());
        differ += usize::from(told(&was, before.find_user(id).unwrap()) != wanted);
    }
    assert!(differ > 0, "what was told did not matter before");
    running.stop().await;
}

/// Everything held of somebody is told in three shapes; after the erasure none of it is found in the store, but for ids in the audit.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_told_whole_and_erased_whole() {
    let running = demo().await;
    let addr = running.addr;
    service(addr).await;
    let roster = roster();
    let user = roster.waiting().find(|&u| roster.user(u).kept.is_empty()).unwrap();
    let id = roster.user(user).id.clone();
    let path = format!("/v1/rosters/service/people/{id}");
    let put = |what: &str, body: Value| ask("PUT", &format!("{path}/{what}")).json(&body);
    assert_eq!(put("name", json!({ "name": "Canary Kererū" })).send(addr).await.status, 200);
    let contact =
        json!({ "telephone": "CANARY-TELEPHONE", "how": "=CANARY(), \"in the evening\"" });
    let kept = put("contact", contact.clone()).header("idempotency-key", "erased").send(addr).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(get(&format!("{path}/contact")).send(addr).await.json(), contact);

    let held = get(&format!("{path}/export")).send(addr).await.json();
    assert_eq!(held["name"], "Canary Kererū");
    assert_eq!(held["contact"], contact);
    // The case system's own record, whole: more than a coordinator reads.
    let input = read_roster(&pack()).unwrap().into_parts().unwrap().input;
    let record = input
        .people
        .given()
        .unwrap()
        .iter()
        .filter_map(|row| row.given())
        .find(|row| row.id.given() == Some(&id))
        .unwrap();
    assert_eq!(held["record"], serde_json::to_value(record).unwrap());
    let csv = get(&format!("{path}/export?format=csv")).send(addr).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(
        csv.text().contains("contact.how,\"'=CANARY(), \"\"in the evening\"\"\"\r\n"),
        "{}",
        csv.text()
    );
    let text = get(&format!("{path}/export?format=text")).send(addr).await.text();
    assert!(
        text.contains("telephone: CANARY-TELEPHONE") && text.contains("it can be corrected"),
        "{text}"
    );

    let kept = roster.people().iter().find(|user| !user.kept.is_empty()).unwrap();
    post(&format!("/v1/rosters/service/people/{}/erase", kept.id), &json!({}))
        .send(addr)
        .await
        .problem(409, "matches_stand");

    let erased = post(&format!("{path}/erase"), &json!({ "why": "asked for" })).send(addr).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    for gone in ["", "/contact", "/export", "/suggestions"] {
        get(&format!("{path}{gone}")).send(addr).await.problem(404, "not_found");
    }
    let store = &running.app.store;
    let all = store.load("demo", "service").await.unwrap().unwrap();
    let quoted = format!("\"{id}\"");
    for record in &all.records {
        let body = record.body.as_deref().unwrap_or_default();
        assert!(
            record.id != id
                && !body.contains(&quoted)
                && !body.contains("CANARY")
                && !body.contains("Canary"),
            "{} {}",
            record.kind,
            record.id
        );
    }
    assert_eq!(store.reply("demo", "demo", "erased").await.unwrap(), None);
    // The chain holds, and says what was done in ids alone.
    let audit = get("/v1/rosters/service/audit?limit=500").send(addr).await.text();
    assert!(
        audit.contains("person.erased_with_reason")
            && !audit.contains("CANARY")
            && !audit.contains("Canary")
            && !audit.contains("asked for")
    );
    // Somebody with an ended match: under retention, so not without a reason; then a tombstone stays that leads to the other side alone.
    let input = &input;
    let ended = input.matches.given().unwrap().iter().filter_map(|row| row.given()).find(|row| {
        let person = row.person_id.given().unwrap();
        row.ended_at.given().is_some()
            && roster.find_user(person).is_some_and(|u| roster.user(u).kept.is_empty())
    });
    if let Some(row) = ended {
        let path = format!("/v1/rosters/service/people/{}/erase", row.person_id.given().unwrap());
        post(&path, &json!({})).send(addr).await.problem(409, "under_retention");
        let erased = post(&path, &json!({ "why": "asked for" })).send(addr).await;
        assert_eq!(erased.status, 200, "{}", erased.text());
        assert!(erased.json()["matches"].as_u64().unwrap() >= 1);
    }
    running.stop().await;
}
