//! The OpenAPI 3.1 document, made from the table that the router is made from. The same table gives the same bytes.
//!
//! Every status that a route can answer stands in it: those that its row names, and those that follow from what it takes (a body, a part of its path, a
//! header that makes it conditional) and from who may call it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::problem::{PROBLEM_JSON, Problem};
use crate::table::{ParamIn, Route, Who, schema};

/// The address of the document.
pub const PATH: &str = "/openapi.json";

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            PATH,
            "openapi",
            get(|| async {
                ([(header::CONTENT_TYPE, "application/json")], told()).into_response()
            }),
        )
        .about(
            "operation",
            "This document",
            "OpenAPI 3.1. What stands here is all that the service offers and all that it answers.",
        )
        .who(Who::Everybody)
        .answer(StatusCode::OK, "The document.", Some(("application/json", any_object))),
    ]
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

/// The document of everything that the service offers, as it is sent.
pub fn told() -> &'static str {
    static TOLD: OnceLock<String> = OnceLock::new();
    TOLD.get_or_init(|| {
        let document = document(&crate::routes());
        serde_json::to_string_pretty(&document).expect("a document is plain data") + "\n"
    })
}

/// The document of a table.
pub fn document(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = BTreeMap::<&str, Map<String, Value>>::new();
    for route in routes {
        let operation = operation(route, &mut generator);
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation);
    }
    let mut schemas: Vec<_> = generator.take_definitions(true).into_iter().collect();
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    let tags: BTreeSet<&str> = routes.iter().map(|route| route.tag).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "peermatch",
            "summary": "Who could walk alongside this person?",
            "description": "Matches service users with peer workers: suggestions, menus of choice and whole matchings with reasons and proofs. People decide: nothing becomes active that a named person did not decide and both did not want. Whatever goes wrong is a problem (RFC 9457) with every fault by JSON pointer.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "tags": tags.iter().map(|tag| json!({ "name": tag })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.into_iter().collect::<Map<_, _>>(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key for programs, made with `peermatch keys add`.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-peermatch",
                    "description": "The session of somebody who signed in. What changes something needs `X-CSRF-Token` besides.",
                },
            },
        },
    });
    words_as_enums(&mut document);
    document
}

/// Says a choice of words as an `enum`. Each word stands as a `const` of its own where it has a description, and generators of callers make a type of each
/// then, some of which cannot read any word but the first.
fn words_as_enums(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(words_as_enums);
            if let Some((words, said)) = members.get("oneOf").and_then(only_words) {
                members.remove("oneOf");
                let about = members.get("description").and_then(Value::as_str).unwrap_or_default();
                let about = format!("{about} {said}").trim().to_owned();
                members.insert("type".to_owned(), "string".into());
                members.insert("enum".to_owned(), words.into());
                members.insert("description".to_owned(), about.into());
            }
        }
        Value::Array(all) => all.iter_mut().for_each(words_as_enums),
        _ => {}
    }
}

/// The words of a choice in which nothing else stands, and what they mean.
fn only_words(choice: &Value) -> Option<(Vec<Value>, String)> {
    let (mut words, mut said) = (Vec::new(), Vec::new());
    for one in choice.as_array()? {
        let about = one.get("description").and_then(Value::as_str);
        if let Some(word) = one.get("const").filter(|word| word.is_string()) {
            said.extend(
                about.map(|about| format!("`{}`: {about}", word.as_str().unwrap_or_default())),
            );
            words.push(word.clone());
        } else {
            // Words without a description stand together already.
            let known = ["type", "enum", "description"];
            one.as_object()?.keys().all(|key| known.contains(&key.as_str())).then_some(())?;
            let more = one.get("enum")?.as_array()?;
            more.iter().all(Value::is_string).then_some(())?;
            words.extend(more.iter().cloned());
        }
    }
    (!words.is_empty()).then(|| (words, said.join(" ")))
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [route.tag],
    });
    let about = match route.who {
        Who::Everybody => route.about.to_owned(),
        Who::Roles(roles) => {
            let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
            format!("{} For: {}.", route.about, words.join(", ")).trim_start().to_owned()
        }
    };
    operation["description"] = about.into();
    operation["security"] = match route.who {
        Who::Everybody => json!([]),
        Who::Roles(_) => json!([{ "key": [] }, { "session": [] }]),
    };
    let parameters: Vec<Value> = route
        .params
        .iter()
        .map(|param| {
            json!({
                "name": param.name,
                "in": match param.place {
                    ParamIn::Path => "path",
                    ParamIn::Query => "query",
                    ParamIn::Header => "header",
                },
                "required": param.required,
                "description": param.about,
                "schema": (param.schema)(generator),
            })
        })
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !route.bodies.is_empty() {
        let content: Map<String, Value> = route
            .bodies
            .iter()
            .map(|body| (body.media.to_owned(), json!({ "schema": (body.schema)(generator) })))
            .collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation["responses"] = responses(route, generator).into();
    operation
}

/// Every status: what can come out, then every problem.
fn responses(route: &Route, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut all = BTreeMap::<u16, Value>::new();
    for answer in &route.answers {
        // One status may come in several media types, as an export does; the first of them says what it is.
        let told = all
            .entry(answer.status.as_u16())
            .or_insert_with(|| json!({ "description": answer.about }));
        if let Some((media, schema)) = answer.body {
            told["content"][media] = json!({ "schema": schema(generator) });
        }
    }
    for (status, about) in problems(route) {
        let told = all.entry(status.as_u16()).or_insert_with(|| json!({ "description": about }));
        told["content"][PROBLEM_JSON] = json!({ "schema": schema::<Problem>(generator) });
    }
    all.into_iter().map(|(status, told)| (status.to_string(), told)).collect()
}

/// Every problem that a route can answer, with what it means.
pub fn problems(route: &Route) -> Vec<(StatusCode, &'static str)> {
    let mut all = route.problems.clone();
    let mut also = |status, about| {
        if !all.iter().any(|(found, _)| *found == status) {
            all.push((status, about));
        }
    };
    also(StatusCode::BAD_REQUEST, "The request cannot be read.");
    if matches!(route.who, Who::Roles(_)) {
        also(StatusCode::UNAUTHORIZED, "Nobody is signed in, or what was sent is no longer good.");
        also(StatusCode::FORBIDDEN, "The role does not do this.");
    }
    let has = |place| route.params.iter().any(|param| param.place == place);
    if has(ParamIn::Path) {
        also(StatusCode::NOT_FOUND, "There is nothing here that the caller may see.");
    }
    // Where none is asked for, a small one is read all the same, to be told that it is too much.
    if !route.bodies.is_empty() || route.writes {
        also(StatusCode::REQUEST_TIMEOUT, "The body came too slowly.");
        also(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than this route reads.");
        also(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body is not of a type that this route reads.",
        );
    }
    if !route.bodies.is_empty() {
        also(StatusCode::UNPROCESSABLE_ENTITY, "Every fault of the body, by pointer.");
    }
    if route.writes {
        also(
            StatusCode::CONFLICT,
            "It does not fit what is kept now, or the same request is being answered.",
        );
        also(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Every fault, by pointer; or the idempotency key came with another request before.",
        );
        also(
            StatusCode::INSUFFICIENT_STORAGE,
            "No space is left to write to. Nothing was changed; reading goes on.",
        );
    }
    if route.params.iter().any(|param| param.name.eq_ignore_ascii_case("if-match")) {
        also(StatusCode::PRECONDITION_FAILED, "It has changed since it was looked at.");
    }
    if !route.always {
        also(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests of one caller; `Retry-After` says when to come again.",
        );
    }
    also(StatusCode::INTERNAL_SERVER_ERROR, "A defect of the service. Nothing was changed.");
    also(
        StatusCode::SERVICE_UNAVAILABLE,
        "There is too much to do just now; `Retry-After` says when to come again.",
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_says_every_route_once_and_refers_to_nothing_that_is_not_there() {
        let routes = crate::routes();
        let ids: BTreeSet<_> = routes.iter().map(|route| route.id).collect();
        assert_eq!(ids.len(), routes.len(), "operation ids are unique");
        let document = document(&routes);
        let told = document["paths"].as_object().unwrap();
        let count: usize = told.values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(count, routes.len(), "no two routes have one method and path");
        for route in &routes {
            assert!(!route.summary.is_empty() && !route.tag.is_empty(), "{}", route.id);
            assert!(!route.answers.is_empty(), "{}", route.id);
            let named: BTreeSet<_> = (route.path.split('{').skip(1))
                .map(|part| part.split('}').next().unwrap())
                .collect();
            let told: BTreeSet<_> = (route.params.iter())
                .filter(|param| param.place == ParamIn::Path)
                .map(|param| param.name)
                .collect();
            assert_eq!(named, told, "{}", route.id);
        }
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_status_stands_with_every_media_type_that_it_can_come_in() {
        let routes = crate::routes();
        let document = document(&routes);
        for route in &routes {
            let method = route.method.as_str().to_ascii_lowercase();
            let answers = &document["paths"][route.path][method]["responses"];
            for answer in &route.answers {
                let told = &answers[answer.status.as_str()];
                assert!(told.is_object(), "{} {}", route.id, answer.status);
                if let Some((media, _)) = answer.body {
                    assert!(told["content"][media].is_object(), "{} {media}", route.id);
                }
            }
        }
    }

    /// A list that is left out while it is empty must not be said to be always there: whoever checks answers against the document would refuse them.
    #[test]
    fn what_an_answer_may_leave_out_is_not_required() {
        let mut generator = SchemaGenerator::default();
        let taken =
            schema::<peermatch_core::kept::change::FeedbackTaken>(&mut generator).to_value();
        let told = serde_json::to_value(peermatch_core::kept::change::FeedbackTaken {
            id: "f1".to_owned(),
            complaints_text: Vec::new(),
            next_steps: Vec::new(),
        })
        .unwrap();
        let name = taken["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let definition = generator.definitions()[name].clone();
        for member in definition["required"].as_array().unwrap() {
            assert!(told.get(member.as_str().unwrap()).is_some(), "{member}");
        }
        // The same wherever else a type is told: without `default`, its schema says that what is skipped is required.
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut folders: Vec<_> =
            ["core", "server"].iter().map(|name| crates.join(name).join("src")).collect();
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for (line, words) in text.lines().enumerate() {
                    let skipped = words.trim_start().starts_with("#[serde(skip_serializing_if");
                    read += usize::from(skipped);
                    assert!(
                        !skipped || words.contains("Option::is_none") || words.contains("default"),
                        "{}:{}: add `default`",
                        path.display(),
                        line + 1,
                    );
                }
            }
        }
        assert!(read > 20, "only {read} were found");
    }

    /// Two types of one name get numbers in the order of the routes: a new route would change what callers call them.
    #[test]
    fn no_two_types_share_a_name() {
        let document = document(&crate::routes());
        let numbered: Vec<_> = (document["components"]["schemas"].as_object().unwrap().keys())
            .filter(|name| name.ends_with(|c: char| c.is_ascii_digit()))
            .collect();
        assert!(numbered.is_empty(), "give them names: {numbered:?}");
    }

    /// A role said twice is a role; a document that calls that a fault would be wrong.
    #[test]
    fn roles_may_be_said_twice() {
        let document = document(&crate::routes());
        for name in ["KeyWanted", "AccountWanted"] {
            let roles = &document["components"]["schemas"][name]["properties"]["roles"];
            assert!(roles["type"] == "array" && roles.get("uniqueItems").is_none(), "{roles}");
        }
    }

    /// What is decided in a kept roster is done once for one key: callers can only use that if the document says so.
    #[test]
    fn writes_of_kept_rosters_take_a_key_that_makes_them_one() {
        let without: Vec<_> = (crate::routes().iter())
            .filter(|route| route.writes)
            .filter(|route| {
                route.path.starts_with("/v1/rosters") || route.path.starts_with("/v1/my/")
            })
            .filter(|route| !route.params.iter().any(|param| param.name == "Idempotency-Key"))
            .map(|route| route.id)
            .collect();
        assert_eq!(without, ["removeRoster", "linkToMenu", "linkToPerson"]);
    }

    #[test]
    fn a_choice_of_words_is_an_enum_that_tells_what_each_means() {
        fn look(value: &Value, at: &str) {
            match value {
                Value::Object(members) => {
                    let choice = members.get("oneOf").and_then(Value::as_array);
                    let words = |one: &Value| one["const"].is_string();
                    assert!(!choice.is_some_and(|choice| choice.iter().all(words)), "{at}");
                    members.iter().for_each(|(name, value)| look(value, &format!("{at}/{name}")));
                }
                Value::Array(all) => all.iter().for_each(|value| look(value, at)),
                _ => {}
            }
        }
        let document = document(&crate::routes());
        let mode = &document["components"]["schemas"]["Mode"];
        let words = mode["enum"].as_array().unwrap();
        assert!(words.contains(&json!("one_to_one")) && words.contains(&json!("outreach")));
        assert!(mode["description"].as_str().unwrap().contains("`outreach`: "), "{mode}");
        look(&document, "");
    }

    /// Generators of callers read an object where a list says what it holds; a schema that is only `true` they refuse.
    #[test]
    fn no_list_holds_anything_at_all() {
        fn look(value: &Value, at: &str) {
            match value {
                Value::Object(members) => {
                    assert!(members.get("items") != Some(&Value::Bool(true)), "{at}");
                    members.iter().for_each(|(name, value)| look(value, &format!("{at}/{name}")));
                }
                Value::Array(all) => all.iter().for_each(|value| look(value, at)),
                _ => {}
            }
        }
        look(&document(&crate::routes()), "");
    }

    /// `RENEW=1 cargo test -p peermatch-server openapi` writes it anew: read the difference before it is committed.
    #[test]
    fn the_document_stands_in_docs() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        if std::env::var_os("RENEW").is_some() {
            std::fs::write(path, told()).unwrap();
        }
        let stands = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stands == told(),
            "docs/openapi.json is not what the table says: RENEW=1 and read the difference"
        );
    }
}
