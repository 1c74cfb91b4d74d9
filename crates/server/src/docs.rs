//! The page for people at `/docs`: the same table as everything else, as plain HTML. It loads one stylesheet of our own and nothing from outside, and needs no script.

use std::fmt::Write;
use std::sync::OnceLock;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::Value;

use crate::openapi;
use crate::table::{Route, Who, schema};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Nothing but the stylesheet beside it.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("docs.css");

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/docs", "docs", get(docs))
            .about(
                "operation",
                "What the service offers, for people",
                "A page that loads nothing from outside.",
            )
            .who(Who::Everybody)
            .answer(StatusCode::OK, "The page.", Some((HTML, schema::<String>))),
        Route::new(Method::GET, "/docs.css", "docs_style", get(style))
            .about("operation", "The stylesheet of /docs", "")
            .who(Who::Everybody)
            .answer(StatusCode::OK, "The stylesheet.", Some((CSS, schema::<String>))),
    ]
}

async fn docs() -> Response {
    static PAGE: OnceLock<Bytes> = OnceLock::new();
    let page = PAGE.get_or_init(|| Bytes::from(page(&crate::routes())));
    let mut response = ([(header::CONTENT_TYPE, HTML)], page.clone()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, CSS)], STYLE).into_response()
}

/// What leads to a heading: ids have no spaces.
fn anchor(tag: &str) -> String {
    escaped(tag).replace(' ', "-")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Prose, with `code` set as such.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in escaped(text).split('`').enumerate() {
        let _ =
            if at % 2 == 1 { write!(out, "<code>{part}</code>") } else { write!(out, "{part}") };
    }
    out
}

/// What a schema is, in a word or two, with a link to where it is told whole.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for any in ["anyOf", "oneOf"] {
        if let Some(all) = schema[any].as_array() {
            return all.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(word) => escaped(word),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            escaped(&words.join(" or "))
        }
        _ => "anything".to_owned(),
    }
}

/// The page of a table.
pub fn page(routes: &[Route]) -> String {
    let document = openapi::document(routes);
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>peermatch: the service</title>\n<link rel=\"stylesheet\" href=\"/docs.css\">\n</head>\n<body>\n<main>\n",
    );
    let _ = writeln!(
        out,
        "<h1>peermatch {}</h1>\n<p>{}</p>\n<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. What cannot be done is answered as problem details (RFC 9457), with a code, words, and every fault of the input by pointer: <a href=\"#schema-Problem\">Problem</a>.</p>",
        env!("CARGO_PKG_VERSION"),
        escaped(document["info"]["summary"].as_str().unwrap_or_default()),
    );
    let mut tags: Vec<&str> = routes.iter().map(|route| route.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    out.push_str("<nav aria-label=\"Contents\"><ul>\n");
    for tag in &tags {
        let _ = writeln!(out, "<li><a href=\"#{}\">{}</a></li>", anchor(tag), escaped(tag));
    }
    out.push_str("<li><a href=\"#schemas\">schemas</a></li>\n</ul></nav>\n");
    for tag in tags {
        let _ = writeln!(out, "<section>\n<h2 id=\"{}\">{}</h2>", anchor(tag), escaped(tag));
        for route in routes.iter().filter(|route| route.tag == tag) {
            told(&mut out, route, &document);
        }
        out.push_str("</section>\n");
    }
    out.push_str("<section>\n<h2 id=\"schemas\">schemas</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let text = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = writeln!(
            out,
            "<details id=\"schema-{0}\"><summary>{0}</summary><pre>{1}</pre></details>",
            escaped(name),
            escaped(&text)
        );
    }
    out.push_str("</section>\n</main>\n</body>\n</html>\n");
    out
}

fn told(out: &mut String, route: &Route, document: &Value) {
    let method = route.method.as_str();
    let operation = &document["paths"][route.path][method.to_ascii_lowercase()];
    let who = match route.who {
        Who::Everybody => "everybody".to_owned(),
        Who::Roles(roles) => {
            roles.iter().map(|role| role.word().replace('_', " ")).collect::<Vec<_>>().join(", ")
        }
    };
    let _ = writeln!(
        out,
        "<article id=\"{}\">\n<h3><code>{method} {}</code> {}</h3>\n<p>{}</p>\n<p>Who: {}.</p>",
        escaped(route.id),
        escaped(route.path),
        prose(route.summary),
        prose(route.about),
        escaped(&who)
    );
    let params: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    if !params.is_empty() {
        out.push_str("<table><thead><tr><th scope=\"col\">parameter</th><th scope=\"col\">in</th><th scope=\"col\">is</th><th scope=\"col\">means</th></tr></thead><tbody>\n");
        for param in params {
            let word = |name: &str| param[name].as_str().unwrap_or_default();
            let _ = writeln!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(word("name")),
                escaped(word("in")),
                kind(&param["schema"]),
                prose(word("description"))
            );
        }
        out.push_str("</tbody></table>\n");
    }
    let content = |of: &Value| {
        let all = of["content"].as_object().into_iter().flatten();
        all.map(|(media, body)| {
            format!("<code>{}</code> {}", escaped(media), kind(&body["schema"]))
        })
        .collect::<Vec<_>>()
        .join(", or ")
    };
    if operation["requestBody"].is_object() {
        let _ = writeln!(out, "<p>Body: {}.</p>", content(&operation["requestBody"]));
    }
    out.push_str("<ul>\n");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let _ = writeln!(
            out,
            "<li><strong>{}</strong> {} {}</li>",
            escaped(status),
            prose(answer["description"].as_str().unwrap_or_default()),
            content(answer)
        );
    }
    out.push_str("</ul>\n</article>\n");
}
