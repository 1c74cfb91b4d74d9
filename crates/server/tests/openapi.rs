//! What the service says of itself: the document for programs and the page for people, both made from the table.

mod common;

use std::collections::BTreeSet;

use common::{demo, get};
use peermatch_server::{docs, openapi, routes};
use serde_json::Value;

fn refs(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(to) => drop(found.insert(to.to_owned())),
                    None => refs(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| refs(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = openapi::document(&routes());
    let mut found = BTreeSet::new();
    refs(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for to in found {
        let pointer = to.strip_prefix('#').unwrap_or_else(|| panic!("{to} leads outside"));
        assert!(document.pointer(pointer).is_some(), "{to}");
    }
}

#[tokio::test]
async fn both_are_served_and_the_page_loads_nothing_from_outside() {
    let service = demo().await;
    let answer = get("/openapi.json").send(service.addr).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, openapi::told()));
    let answer = get("/docs").send(service.addr).await;
    assert_eq!((answer.status, answer.text()), (200, docs::page(&routes())));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'self'"));
    assert!(!policy.contains("unsafe"));
    let page = answer.text();
    for outside in ["src=", "href=\"http", "<script", "style=", "onclick", "<style", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for route in routes() {
        assert!(page.contains(&format!("{} {}</code>", route.method, route.path)));
    }
    let style = get("/docs.css").send(service.addr).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(!style.text().contains("url(") && !style.text().contains("@import"));
    service.stop().await;
}
