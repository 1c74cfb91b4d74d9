//! Which page a browser's request comes from. A browser sends cookies, and reaches this machine's own addresses, whoever's page asks it to; so whatever a cookie or the demo
//! lets in has to come from a page of this service.

use axum::http::{HeaderMap, Method, StatusCode, header};

use crate::problem::Problem;

/// That the request was sent to a name of this machine. Under the demo everybody is let in, so a page of another site must not reach it under a name of its own that leads
/// here.
///
/// # Errors
/// 421 otherwise.
pub fn of_this_machine(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if matches!(without_port(host), "localhost" | "127.0.0.1" | "[::1]") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "misdirected",
        "The demo answers to localhost, 127.0.0.1 and [::1] alone.",
    ))
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        // The colons of an address of version 6 stand in brackets.
        Some(colon) if !host.ends_with(']') => &host[..colon],
        _ => host,
    }
}

/// That a request which may change something was not sent by a page of another site. Programs send neither header.
///
/// # Errors
/// 403 otherwise.
pub fn not_another_site(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name| {
        headers
            .get(name)
            .map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("unreadable"))
    };
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    let other_site = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let host = text(header::HOST).unwrap_or_default();
    let other_origin = text(header::ORIGIN).is_some_and(|origin| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(host))
    });
    if other_site || other_origin {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "another_site",
            "The request was sent by a page of another site.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn names_of_this_machine_are_taken_and_no_others() {
        for good in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "[::1]"] {
            assert!(of_this_machine(&headers(&[("host", good)])).is_ok(), "{good}");
        }
        for bad in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"]
        {
            assert!(of_this_machine(&headers(&[("host", bad)])).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let host = ("host", "localhost:8080");
        let ok =
            |all: &[(&'static str, &str)]| not_another_site(&Method::POST, &headers(all)).is_ok();
        assert!(ok(&[host]), "a program");
        assert!(ok(&[
            host,
            ("origin", "http://localhost:8080"),
            ("sec-fetch-site", "same-origin")
        ]));
        for bad in [
            ("origin", "http://evil.example"),
            ("origin", "http://localhost:9090"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!ok(&[host, bad]), "{bad:?}");
            assert!(not_another_site(&Method::GET, &headers(&[host, bad])).is_ok());
        }
    }
}
