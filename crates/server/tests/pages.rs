//! The pages over a live socket, as a browser without a script meets them: forms, cookies and redirects.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;
mod keyed;

use common::{Answer, Ask, ask, get};
use keyed::Keyed;
use peermatch_server::Role;
use peermatch_server::auth::{entry, passwords};
use peermatch_server::page;
use peermatch_server::table::Who;
use peermatch_store::Account;
use peermatch_testkit::rosters::{self, Spec};
use serde_json::Value;

const PASSWORD: &str = "four words that fit";

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn form(path: &str, fields: &[(&str, &str)]) -> Ask {
    ask("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(fields))
}

/// The value of the first field of a name in a page.
fn field(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).expect(name);
    page[at..].split('"').nth(3).unwrap().to_owned()
}

/// Where links of a page lead, of those that begin so.
fn links<'p>(page: &'p str, start: &str) -> Vec<&'p str> {
    page.split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|to| to.starts_with(start))
        .collect()
}

/// Somebody with a browser.
struct Browser<'k> {
    keyed: &'k Keyed,
    cookie: String,
}

impl<'k> Browser<'k> {
    fn new(keyed: &'k Keyed) -> Self {
        Self { keyed, cookie: String::new() }
    }

    async fn send(&mut self, ask: Ask) -> Answer {
        let ask = if self.cookie.is_empty() { ask } else { ask.header("cookie", &*self.cookie) };
        let answer = ask
            .header("sec-fetch-site", "same-origin")
            .header("origin", "http://localhost")
            .send(self.keyed.addr())
            .await;
        for (name, value) in &answer.headers {
            if name == "set-cookie" && value.starts_with("__Host-") {
                value.split(';').next().unwrap().clone_into(&mut self.cookie);
            }
        }
        answer
    }

    /// A page, after whatever leads on from it.
    async fn open(&mut self, ask: Ask) -> String {
        let mut answer = self.send(ask).await;
        for _ in 0..4 {
            if answer.status != 303 {
                break;
            }
            let to = answer.header("location").unwrap().to_owned();
            answer = self.send(get(&to)).await;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        answer.text()
    }

    async fn sign_in(&mut self, login: &str) -> String {
        let page = self.open(get("/")).await;
        let to = field(&page, "to");
        let fields = [("login", login), ("password", PASSWORD), ("to", &*to)];
        self.open(form("/sign-in", &fields)).await
    }
}

async fn account(keyed: &Keyed, login: &str, roles: &[Role]) {
    account_of(keyed, login, roles, None).await;
}

async fn account_of(keyed: &Keyed, login: &str, roles: &[Role], worker: Option<&str>) {
    let account = Account {
        organisation: keyed::ORGANISATION.to_owned(),
        id: login.to_owned(),
        login: login.to_owned(),
        password_hash: passwords::hash(PASSWORD).unwrap(),
        roles: roles.iter().map(|role| role.word().to_owned()).collect(),
        rosters: Vec::new(),
        subject: worker.map(|id| ("main".to_owned(), id.to_owned())),
        made_at: 0,
        closed_at: None,
        failed_in_a_row: 0,
        locked_until: None,
    };
    let audit = entry(0, "command", "", "account.opened", login, None);
    keyed.running.app.store.put_account(&account, &audit).await.unwrap();
}

fn roster() -> Value {
    let input = rosters::input(&Spec::SERVICE.sized(30, 12), 5);
    serde_json::to_value(input).unwrap()
}

/// The page of a menu for somebody on the waiting list: the first who gets one.
async fn with_menu(browser: &mut Browser<'_>, waiting: &str) -> String {
    let people: Vec<String> =
        links(waiting, "/rosters/main/people/").into_iter().map(str::to_owned).collect();
    assert!(people.len() > 5, "{waiting}");
    for person in &people {
        let page = browser.open(get(person)).await;
        if !page.contains("Offer a choice of workers") {
            continue;
        }
        let token = field(&page, "form_token");
        let menu = browser.open(form(&format!("{person}/menu"), &[("form_token", &token)])).await;
        if menu.contains("Write down what they said") {
            return menu;
        }
    }
    panic!("nobody gets a menu");
}

/// Where a form of a page is sent, of those that end so.
fn action(page: &str, end: &str) -> String {
    let mut all = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    all.find(|to| to.ends_with(end)).expect(end).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_chooses_by_link_and_code_and_the_worker_answers() {
    let keyed = Keyed::new().await;
    keyed.roster("main", &roster()).await;
    for worker in roster()["workers"].as_array().unwrap() {
        let id = worker["id"].as_str().unwrap();
        let words = serde_json::json!({ "words": format!("I am {id}, and I <like> the sea.") });
        let put = ask("PUT", &format!("/v1/rosters/main/workers/{id}/own-words")).json(&words);
        assert_eq!(keyed.by(&keyed.coordinator, put).await.status, 200);
    }
    account(&keyed, "mere", &[Role::Coordinator]).await;
    let mut coordinator = Browser::new(&keyed);
    let page = coordinator.sign_in("mere").await;
    let menu = with_menu(&mut coordinator, &page).await;
    let token = field(&menu, "form_token");
    let link = coordinator.open(form(&action(&menu, "/link"), &[("form_token", &token)])).await;
    let codes = link.split("<code").skip(1);
    let mut codes = codes.map(|rest| rest.split('<').next().unwrap().split_once('>').unwrap().1);
    // As it can be sent on: with where the service is.
    let (whole, code) = (codes.next().unwrap(), codes.next().unwrap());
    let (host, _) = whole.split_once("/open/").unwrap();
    assert_eq!(host, "localhost", "{whole}");
    let address = whole.strip_prefix(host).unwrap();
    // The code is wrong, then right, then used.
    let mut person = Browser::new(&keyed);
    let page = person.open(get(address)).await;
    let link_token = field(&page, "token");
    let open = |code: &str| form("/open", &[("token", &*link_token), ("code", code)]);
    let refused = person.send(open("000000")).await;
    assert!(
        refused.status == 404 && refused.text().contains("role=\"alert\""),
        "{}",
        refused.text()
    );
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let page = person.open(open(&spaced)).await;
    assert_eq!(Browser::new(&keyed).send(open(code)).await.status, 404, "used");
    for word in ["score", "rank", "candidate", "optimal"] {
        assert!(!page.to_lowercase().contains(word), "{word}: {page}");
    }
    let token = field(&page, "form_token");
    let pick = page.split("value=\"pick:").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // In the worker's own words, and as they wrote them.
    assert!(page.contains(&format!("I am {pick}, and I &#60;like&#62; the sea.")), "{page}");
    let print = person.open(get("/me/print")).await;
    assert!(print.contains(&format!("I am {pick}, and I")), "{print}");
    let picked = format!("pick:{pick}");
    let fields = [("form_token", &*token), ("answer", &*picked)];
    let page = person.open(form("/me/answer", &fields)).await;
    assert!(!page.contains("value=\"pick:"), "answered: {page}");
    let held = person.open(get("/me/held")).await;
    assert!(held.contains("<pre"), "{held}");
    for other in ["/rosters", "/mine", "/rosters/main/waiting"] {
        assert_eq!(person.send(get(other)).await.status, 403, "{other}");
    }
    // The worker is asked, and says yes.
    account_of(&keyed, "worker", &[Role::PeerWorker], Some(&pick)).await;
    let mut worker = Browser::new(&keyed);
    let page = worker.sign_in("worker").await;
    let token = field(&page, "form_token");
    let yes = [("form_token", &*token), ("yes", "true")];
    let page = worker.open(form(&action(&page, "/answer"), &yes)).await;
    assert!(page.contains("Nobody is waiting for your answer"), "{page}");
    assert!(worker.open(get("/mine/held")).await.contains("I am "));
    let mine = [("form_token", &*token), ("words", "I walk slowly.")];
    let page = worker.open(form("/mine/own-words", &mine)).await;
    assert!(page.contains(">I walk slowly.</textarea>"), "{page}");
    let none = [("form_token", &*token), ("words", " ")];
    let page = worker.open(form("/mine/own-words", &none)).await;
    assert!(page.contains("></textarea>"), "{page}");
    let long = "x".repeat(601);
    let refused =
        worker.send(form("/mine/own-words", &[("form_token", &*token), ("words", &*long)])).await;
    assert!(
        refused.status == 422 && refused.text().contains("at most 600 letters"),
        "{}",
        refused.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_waiting_list_to_the_choice_written_down_and_taken_back() {
    let keyed = Keyed::new().await;
    let mut roster = roster();
    for service in roster["services"].as_array_mut().unwrap() {
        service["person_word"] = Value::from("guest");
    }
    keyed.roster("main", &roster).await;
    account(&keyed, "mere", &[Role::Coordinator]).await;
    let mut browser = Browser::new(&keyed);
    let page = browser.sign_in("mere").await;
    assert!(page.contains("Who is waiting"), "{page}");
    assert!(page.contains("Add a guest"), "the service's own word: {page}");
    let menu = with_menu(&mut browser, &page).await;
    let pick = field(&menu, "answer");
    assert!(pick.starts_with("pick:"), "{menu}");
    // Asked for twice, there is one choice; and the person's page leads to it.
    let person = links(&menu, "/rosters/main/people/").last().unwrap().to_string();
    let again = [("form_token", &*field(&menu, "form_token")), ("size", "2")];
    let again = browser.open(form(&format!("{person}/menu"), &again)).await;
    assert_eq!(action(&again, "/answer"), action(&menu, "/answer"));
    let page = browser.open(get(&person)).await;
    let at = action(&menu, "/answer");
    assert_eq!(links(&page, "/rosters/main/menus/"), [at.strip_suffix("/answer").unwrap()]);
    let token = field(&menu, "form_token");
    let at = menu.split("action=\"").find(|part| part.contains("/answer\"")).unwrap();
    let at = at.split('"').next().unwrap().to_owned();
    let said = [("form_token", &*token), ("answer", &*pick), ("how", "phone")];
    let page = browser.open(form(&at, &said)).await;
    assert!(page.contains("They chose"), "{page}");
    // The match that came of it waits for a decision and for the worker.
    let one = links(&page, "/rosters/main/matches/")[0].to_owned();
    let page = browser.open(get(&one)).await;
    assert!(
        page.contains("Waiting for answers") && page.contains("value=\"worker-yes\""),
        "{page}"
    );
    let decide = [("form_token", &*token), ("do", "accept"), ("how", "phone")];
    let page = browser.open(form(&format!("{one}/step"), &decide)).await;
    assert!(!page.contains("value=\"accept\""), "{page}");
    let undo = [("form_token", &*token), ("do", "take-back"), ("how", "phone")];
    let page = browser.open(form(&format!("{one}/step"), &undo)).await;
    assert!(page.contains("value=\"accept\""), "{page}");
    let back = [("form_token", &*token), ("answer", "taken_back"), ("how", "phone")];
    let page = browser.open(form(&at, &back)).await;
    assert!(page.contains("Write down what they said"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_or_of_another_site_changes_nothing() {
    let keyed = Keyed::new().await;
    keyed.roster("main", &roster()).await;
    account(&keyed, "mere", &[Role::Coordinator]).await;
    let mut browser = Browser::new(&keyed);
    let page = browser.sign_in("mere").await;
    let person = links(&page, "/rosters/main/people/")[0].to_owned();
    let menu = format!("{person}/menu");
    for token in ["", "wrong"] {
        let answer = browser.send(form(&menu, &[("form_token", token)])).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(answer.text().contains("<h1>"), "said in a page");
    }
    let cookie = browser.cookie.clone();
    let other = form(&menu, &[]).header("cookie", cookie).header("origin", "http://evil.example");
    assert_eq!(other.send(keyed.addr()).await.status, 403);
    let menus = get("/v1/rosters/main/menus").key(&keyed.coordinator).send(keyed.addr()).await;
    assert_eq!(menus.json()["items"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_is_led_to_the_door_and_back_to_where_they_were_going_and_nowhere_else() {
    let keyed = Keyed::new().await;
    keyed.roster("main", &roster()).await;
    account(&keyed, "mere", &[Role::Coordinator]).await;
    let mut browser = Browser::new(&keyed);
    let door = browser.send(get("/rosters/main/waiting")).await;
    assert_eq!(door.status, 303);
    let door = door.header("location").unwrap().to_owned();
    let page = browser.open(get(&door)).await;
    let wrong = [("login", "mere"), ("password", "not the one at all"), ("to", "/rosters")];
    let refused = browser.send(form("/sign-in", &wrong)).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("role=\"alert\""), "{}", refused.text());
    let to = field(&page, "to");
    assert_eq!(to, "/rosters/main/waiting");
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let fields = [("login", "mere"), ("password", PASSWORD), ("to", elsewhere)];
        let answer = browser.send(form("/sign-in", &fields)).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    }
}

/// Every page answers in a page, whatever is wrong, and to nobody whom the table does not admit.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_those_whom_the_table_admits() {
    let keyed = Keyed::new().await;
    keyed.roster("main", &roster()).await;
    let mut tried = 0;
    for route in page::routes() {
        let parts = route.path.replace("{roster}", "main");
        let parts: Vec<&str> = parts
            .split('/')
            .map(|part| if part.starts_with('{') { "nothing" } else { part })
            .collect();
        let path = parts.join("/");
        let request = if route.bodies.is_empty() {
            ask(route.method.as_str(), &path)
        } else {
            form(&path, &[])
        };
        let Who::Roles(admitted) = route.who else { continue };
        let nobody = request.clone().send(keyed.addr()).await;
        assert_eq!(nobody.status, 303, "{path}");
        assert!(nobody.header("location").unwrap().starts_with("/sign-in"), "{path}");
        for role in [Role::Coordinator, Role::Auditor, Role::Integrator, Role::Administrator] {
            let key = keyed.key(role, None).await;
            let answer = request.clone().key(&key).send(keyed.addr()).await;
            if admitted.contains(&role) {
                assert!(
                    !matches!(answer.status, 401 | 403) && answer.status < 500,
                    "{path}: {}",
                    answer.text()
                );
            } else {
                assert_eq!(answer.status, 403, "{path} {role:?}");
            }
            if answer.status != 303 {
                assert!(answer.text().starts_with("<!doctype html>"), "{path}: {}", answer.text());
            }
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

/// What a browser would send of the form of a record, as it stands in a page.
fn as_it_stands(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"");
        text.replace("&#39;", "'").replace("&#38;", "&")
    };
    let of = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(plain(rest.split('"').next().unwrap()))
    };
    let form = page.split("class=\"record\"").nth(1).unwrap().split("</form>").next().unwrap();
    let mut sent = Vec::new();
    for part in form.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let kind = tag.split(' ').next().unwrap();
        match kind {
            "input" => {
                let boxes = tag.contains("type=\"checkbox\"");
                if !boxes || tag.contains(" checked") {
                    let value = of(tag, "value").unwrap_or_default();
                    sent.push((of(tag, "name").unwrap(), value));
                }
            }
            "textarea" => sent.push((of(tag, "name").unwrap(), plain(text))),
            "select" => sent.push((of(tag, "name").unwrap(), String::new())),
            "option" if tag.contains(" selected") => {
                sent.last_mut().unwrap().1 = of(tag, "value").unwrap();
            }
            _ => {}
        }
    }
    sent
}

/// Whoever saves a record without a change changes nothing of it: neither what they see, nor what is hidden from them.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_saved_as_it_stands_stays_as_it_was() {
    let keyed = Keyed::new().await;
    let mut roster = roster();
    // Long lists, and what stands in no list.
    let long: Vec<Value> = (0..230)
        .map(|i| serde_json::json!({ "id": format!("friend-{i}"), "relation": "friend & more" }))
        .collect();
    roster["people"][0]["nominated_peers"] = Value::from(long);
    keyed.roster("main", &roster).await;
    account(&keyed, "mere", &[Role::Coordinator]).await;
    let mut browser = Browser::new(&keyed);
    browser.sign_in("mere").await;
    let mut saved = 0;
    for list in ["people", "workers"] {
        for record in roster[list].as_array().unwrap() {
            let id = record["id"].as_str().unwrap();
            let whole = format!("/v1/rosters/main/{list}/{id}");
            let before = keyed.by(&keyed.integrator, get(&whole)).await.json();
            let at = format!("/rosters/main/{list}/{id}/edit");
            let page = browser.open(get(&at)).await;
            let fields = as_it_stands(&page);
            assert!(fields.len() > 20, "{page}");
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = browser.send(form(&at, &fields)).await;
            assert_eq!(answer.status, 303, "{at}: {}", answer.text());
            let after = keyed.by(&keyed.integrator, get(&whole)).await.json();
            assert_eq!(
                without_defaults(&before["record"]),
                without_defaults(&after["record"]),
                "{at}"
            );
            saved += 1;
        }
    }
    assert!(saved > 40, "{saved}");
    // Two change the same: the second is told, keeps what they wrote, and can see what it is now.
    let at = format!("/rosters/main/people/{}/edit", roster["people"][1]["id"].as_str().unwrap());
    let page = browser.open(get(&at)).await;
    let with = |minutes: &str| {
        let mut fields = as_it_stands(&page);
        for (name, value) in &mut fields {
            if name == "/max_travel_min" {
                minutes.clone_into(value);
            }
        }
        fields
    };
    for (minutes, status) in [("41", 303), ("42", 422)] {
        let fields = with(minutes);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = browser.send(form(&at, &fields)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        if status == 422 {
            let text = answer.text();
            assert!(
                text.contains("See it as it is now") && text.contains("value=\"42\""),
                "{text}"
            );
        }
    }
}

/// A record without what says as much as nothing (no, and lists without an entry); all lists but wishes are sets, and in order here.
fn without_defaults(value: &Value) -> Value {
    let nothing = |value: &Value| {
        value.is_null() || *value == Value::Bool(false) || *value == Value::Array(Vec::new())
    };
    match value {
        Value::Object(members) => {
            let mut kept = serde_json::Map::new();
            for (name, value) in members {
                let mut value = without_defaults(value);
                if let Value::Array(rows) = &mut value
                    && name != "wishes"
                {
                    rows.sort_by_key(ToString::to_string);
                }
                if !nothing(&value) {
                    kept.insert(name.clone(), value);
                }
            }
            Value::Object(kept)
        }
        Value::Array(rows) => Value::Array(rows.iter().map(without_defaults).collect()),
        other => other.clone(),
    }
}
