//! How the pages look: one stylesheet, and a page that shows every part of it in every state.

use askama::Template;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::visit::Visit;
use super::{Frame, page, show};
use crate::problem::Problem;
use crate::table::{Route, Who, schema};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SCRIPT: &str = include_str!("../../templates/page.js");
const STYLE: &str = include_str!("../../templates/look.css");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/look.css", "page_look", get(style))
            .about("pages", "The stylesheet", "")
            .who(Who::Everybody)
            .answer(StatusCode::OK, "The stylesheet.", Some((CSS, schema::<String>)))
            .page(),
        Route::new(Method::GET, "/page.js", "page_script", get(script))
            .about("pages", "The script", "")
            .who(Who::Everybody)
            .answer(StatusCode::OK, "The script.", Some((JS, schema::<String>)))
            .page(),
        page(Method::GET, "/look", "page_parts", get(parts), Who::Everybody),
    ]
}

async fn style() -> Response {
    asset(CSS, STYLE)
}

async fn script() -> Response {
    asset(JS, SCRIPT)
}

fn asset(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        // The same for everybody, and another with the next version at the latest.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    (headers, text).into_response()
}

#[derive(Template)]
#[template(path = "look.html")]
struct Parts {
    frame: Frame,
}

async fn parts(visit: Visit) -> Result<Response, Problem> {
    let title = visit.say("look-title");
    show(&Parts { frame: Frame::new(visit, title) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;

    use super::STYLE;

    /// The colours of a block of variables.
    fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
        block
            .split(';')
            .filter_map(|line| line.trim().split_once(": #"))
            .map(|(name, hex)| {
                let part = |at: usize| {
                    let value =
                        f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                    if value <= 0.040_45 {
                        value / 12.92
                    } else {
                        ((value + 0.055) / 1.055).powf(2.4)
                    }
                };
                (name.rsplit('{').next().unwrap().trim(), [part(0), part(2), part(4)])
            })
            .collect()
    }

    /// WCAG 2.2, contrast ratio.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let light = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_text_can_be_read_on_its_ground_in_light_and_dark() {
        let mut blocks = STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap());
        let (light, dark) = (blocks.next().unwrap(), blocks.next().unwrap());
        for block in [light, dark] {
            let of = colours(block);
            for (text, ground) in [
                ("ink", "paper"),
                ("wrong", "paper"),
                ("wrong", "card"),
                ("ink", "card"),
                ("ink", "tint"),
                ("soft", "paper"),
                ("soft", "card"),
                ("deep", "paper"),
                ("deep", "card"),
                ("deep", "tint"),
                ("on-deep", "deep"),
                ("warm-ink", "warm"),
            ] {
                let (text, ground) = (format!("--{text}"), format!("--{ground}"));
                let found = contrast(of[text.as_str()], of[ground.as_str()]);
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
            // Lines of controls.
            assert!(contrast(of["--soft"], of["--card"]) >= 3.0);
        }
    }

    #[test]
    fn nothing_is_loaded_from_outside() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
