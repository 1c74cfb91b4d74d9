//! What handlers take out of a request. Every refusal is a [`Problem`]; none repeats a value of the body.
//!
//! - [`Caller`]: who is asking.
//! - [`Path`], [`Query`]: parts of the address.
//! - [`Json`]: a JSON body of a type. [`Whole`]: the bytes of a body.
//! - [`Write`]: a body, who asks for it, and what makes the request one of its kind: for routes that change something.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use peermatch_formats::members::{Bounds, Unreadable, keys_twice, members};
use peermatch_store::Revision;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::gate::{BodyError, RequestId, caller};
use crate::keeper::Asked;
use crate::principal::{Principal, Role};
use crate::problem::{FaultTold, Problem};

/// Who is asking.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// The role in which the table admits them.
    pub role: Role,
    /// The request.
    pub request_id: String,
}

impl Caller {
    /// What the audit is told of who asks, for a route that only reads.
    pub fn asked(&self) -> Asked {
        Asked {
            actor: self.principal.actor.clone(),
            role: self.role.word().to_owned(),
            request_id: Some(self.request_id.clone()),
            idempotency: None,
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        // A route that is open to everybody has no caller to speak of.
        let (principal, role) = caller(parts).ok_or_else(Problem::unauthorized)?;
        let role = role.or_else(|| principal.roles.first().copied());
        let role = role.ok_or_else(Problem::forbidden)?;
        Ok(Self { principal, role, request_id: request_id(parts) })
    }
}

fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map_or_else(String::new, |id| id.0.to_string())
}

/// Parameters of the path.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read: Result<_, PathRejection> =
            axum::extract::Path::<T>::from_request_parts(parts, app).await;
        // What cannot be an id is the id of nothing.
        read.map(|path| Self(path.0)).map_err(|_| Problem::not_found())
    }
}

/// Parameters of the query. Let the type deny unknown fields.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read: Result<_, QueryRejection> =
            axum::extract::Query::<T>::from_request_parts(parts, app).await;
        read.map(|query| Self(query.0)).map_err(|error| {
            // The error's text may quote what was sent; what was expected is ours.
            let text =
                std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
            Problem::new(
                StatusCode::BAD_REQUEST,
                "bad_query",
                format!("The query cannot be used: {}.", reason(&text)),
            )
        })
    }
}

/// The bytes of a body, with its media type.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Media type without parameters, lower case; empty if none was said.
    pub media: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl FromRequest<App> for Whole {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let media = media(&parts.headers)?;
        let bytes = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => return Err(body_error(&error).into()),
        };
        Ok(Self { media, bytes })
    }
}

/// The cause of an error is ours, some layers down.
fn body_error(error: &axum::Error) -> BodyError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(ours) = error.downcast_ref::<BodyError>() {
            return *ours;
        }
        cause = error.source();
    }
    BodyError::Broken
}

fn media(headers: &HeaderMap) -> Result<String, Problem> {
    let wrong = |words: &str| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", words)
    };
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(wrong("The body is compressed. Send it as it is."));
    }
    let Some(media) = headers.get(header::CONTENT_TYPE) else { return Ok(String::new()) };
    let media = media.to_str().map_err(|_| wrong("The media type is not text."))?;
    let mut parts = media.split(';');
    let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    for parameter in parts {
        let parameter = parameter.trim().to_ascii_lowercase();
        if let Some(charset) = parameter.strip_prefix("charset=")
            && !matches!(charset.trim_matches('"'), "utf-8" | "utf8")
        {
            return Err(wrong("The body is not UTF-8. Send it as UTF-8."));
        }
    }
    Ok(kind)
}

impl Whole {
    /// That it is JSON.
    ///
    /// # Errors
    /// 415 if it says to be something else, or nothing.
    pub fn is_json(&self) -> Result<(), Problem> {
        if self.media == "application/json" {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as JSON, with `content-type: application/json`.",
        ))
    }
}

/// A JSON body of a type, in or out. In, it must be an object; let the type deny unknown fields.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let whole = Whole::from_request(request, app).await?;
        whole.is_json()?;
        read_json(&whole.bytes).map(Self)
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let bytes = serde_json::to_vec(&self.0).expect("answers are plain data");
        ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
    }
}

/// Small bodies: what a person or a case system says of one thing.
const BOUNDS: Bounds = Bounds { values_max: 200_000, depth_max: 64 };

/// Reads a JSON object as a type.
///
/// # Errors
/// 400 if it is no JSON object; 422 with a pointer if it is not of the type, or a key stands twice.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let (_, faults) = members("body", bytes, BOUNDS).map_err(|error| unreadable(&error))?;
    if !faults.is_empty() {
        return Err(Problem::faults(&faults));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::internal())?;
    let twice = keys_twice(text);
    if !twice.is_empty() {
        return Err(Problem::faults(&twice));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "faults",
            "The input has a fault; nothing was changed.",
        );
        problem.errors.push(FaultTold {
            pointer: pointer(error.path()),
            reason: reason(&error.inner().to_string()),
            fix: "write it as /openapi.json says".to_owned(),
            place: None,
        });
        problem
    })
}

/// 400 for what is no JSON object, or too much of one. Says where, never what.
pub fn unreadable(error: &Unreadable) -> Problem {
    let mut problem =
        Problem::new(StatusCode::BAD_REQUEST, "malformed", "The body is not a JSON object.");
    match error {
        Unreadable::Syntax(faults) => problem.errors = Problem::faults(faults).errors,
        Unreadable::Values(max) => {
            problem = Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                format!("The body has more than the {max} values that are read here."),
            );
        }
        Unreadable::Depth(max) => {
            problem.detail = format!("Lists and objects stand more than {max} deep in each other.");
        }
        _ => {}
    }
    problem
}

/// What was expected, without what was given: that may be personal.
fn reason(error: &str) -> String {
    let text = error.rfind(" at line ").map_or(error, |at| &error[..at]);
    if text.starts_with("missing field") || text.contains(": missing field") {
        let at = text.rfind("missing field").unwrap_or(0);
        return text[at..].to_owned();
    }
    if let Some(at) = text.rfind(", expected ") {
        return format!("this is not what stands here: {}", &text[at + 2..]);
    }
    if text.contains("number out of range") {
        return "the number is too large".to_owned();
    }
    "this cannot be read".to_owned()
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                out.push('/');
                out.push_str(&index.to_string());
            }
            Segment::Map { key } => {
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            // Neither is a place in the text.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    out
}

/// No body: for routes that take none. An empty object passes for none, since many callers send one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBody;

/// What can be the body of a [`Write`].
pub trait Written: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// It is not of this kind.
    fn read(whole: &Whole) -> Result<Self, Problem>;
}

impl Written for NoBody {
    fn read(whole: &Whole) -> Result<Self, Problem> {
        let said: Vec<u8> =
            whole.bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if said.is_empty() || said == b"{}" {
            return Ok(Self);
        }
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "no_body_here",
            "This takes no body. Send none, or an empty object.",
        ))
    }
}

impl Written for Whole {
    fn read(whole: &Whole) -> Result<Self, Problem> {
        Ok(whole.clone())
    }
}

impl<T: DeserializeOwned> Written for Json<T> {
    fn read(whole: &Whole) -> Result<Self, Problem> {
        whole.is_json()?;
        read_json(&whole.bytes).map(Self)
    }
}

/// A request that changes something: `Write<Json<T>>`, `Write<NoBody>` or `Write<Whole>`.
#[derive(Debug, Clone)]
pub struct Write<B> {
    /// Who asks.
    pub caller: Caller,
    /// The same as the keeper wants it: with the idempotency key, and the hash of method, address and body that goes with it.
    pub asked: Asked,
    /// The revisions that `If-Match` admits.
    pub if_match: IfMatch,
    /// What is to be written.
    pub body: B,
}

impl<B: Written> FromRequest<App> for Write<B> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, app).await?;
        let if_match = IfMatch::read(&parts.headers)?;
        let key = idempotency_key(&parts.headers)?;
        let mut hash = Sha256::new();
        for part in [parts.method.as_str(), &parts.uri.to_string()] {
            hash.update(part.as_bytes());
            hash.update(b"\n");
        }
        let whole = Whole::from_request(Request::from_parts(parts, body), app).await?;
        hash.update(&whole.bytes);
        let mut asked = caller.asked();
        asked.idempotency = key.map(|key| (key, hex(&hash.finalize())));
        Ok(Self { asked, if_match, body: B::read(&whole)?, caller })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let good = |key: &&str| {
        (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match (key.to_str().ok().filter(good), keys.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_idempotency_key",
            "An idempotency key is 1 to 200 visible characters without spaces, and stands once.",
        )),
    }
}

/// The revisions that `If-Match` admits; all of them where the header is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<String>>);

/// The entity tag of a revision.
pub fn etag(revision: Revision) -> String {
    format!("\"r{}\"", revision.0)
}

impl IfMatch {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        for value in headers.get_all(header::IF_MATCH) {
            let value = value.to_str().map_err(|_| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "bad_if_match",
                    "The header `if-match` is not text.",
                )
            })?;
            tags.extend(value.split(',').map(|tag| tag.trim().to_owned()));
        }
        let any = tags.is_empty() || tags.iter().any(|tag| tag == "*");
        Ok(Self((!any).then_some(tags)))
    }

    /// That a revision is among them.
    ///
    /// # Errors
    /// 412: what was looked at has changed since.
    pub fn admits(&self, revision: Revision) -> Result<(), Problem> {
        let now = etag(revision);
        if self.0.as_ref().is_none_or(|tags| tags.contains(&now)) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "This has changed since you looked at it. Look again, and decide again.",
        ))
    }

    /// The tags as they were sent; `None` if any will do.
    pub fn tags(&self) -> Option<String> {
        self.0.as_ref().map(|tags| tags.join(", "))
    }

    /// Whether the header was sent with tags.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Small {
        count: u32,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        inner: Option<Box<Small>>,
    }

    fn told(text: &str) -> (u16, Vec<(String, String)>) {
        let problem = read_json::<Small>(text.as_bytes()).unwrap_err();
        let errors = problem.errors.into_iter().map(|e| (e.pointer, e.reason)).collect();
        (problem.status, errors)
    }

    #[test]
    fn faults_have_pointers_and_never_values() {
        for (text, status, pointer) in [
            (r#"{"count": "Aroha"}"#, 422, "/count"),
            (r#"{"count": 1, "names": ["a", 7]}"#, 422, "/names/1"),
            (r#"{"count": 1, "inner": {"count": -1}}"#, 422, "/inner/count"),
            (r#"{"count": 1e999}"#, 422, "/count"),
            (r#"{"count": 1, "count": 2}"#, 422, "/count"),
            (r#"{"count": 1, "inner": {"count": 1, "count": 1}}"#, 422, "/inner/count"),
            (r#"{"names": []}"#, 422, ""),
            (r#"{"count": NaN}"#, 400, ""),
            (r#"{"count": 1"#, 400, ""),
            ("[]", 400, ""),
            ("", 400, ""),
            ("\u{feff}{}", 400, ""),
        ] {
            let (found, errors) = told(text);
            assert_eq!(found, status, "{text}");
            assert_eq!(errors.len(), 1, "{text}: {errors:?}");
            assert_eq!(errors[0].0, pointer, "{text}: {errors:?}");
            assert!(!errors[0].1.contains("Aroha"), "{errors:?}");
        }
        let deep = format!("{}1{}", "{\"inner\":".repeat(200), "}".repeat(200));
        assert_eq!(told(&deep).0, 400);
        let long = format!("{{\"names\": [{}\"\"]}}", "\"\",".repeat(300_000));
        assert_eq!(told(&long).0, 413);
        assert!(read_json::<Small>(br#"{"count": 3, "names": ["x"]}"#).is_ok());
        assert_eq!(
            read_json::<Small>(b"{\"count\": 3, \"names\": [\"\xff\"]}").unwrap_err().status,
            400
        );
    }

    #[test]
    fn tags_admit_their_revision_alone() {
        let mut headers = HeaderMap::new();
        assert!(IfMatch::read(&headers).unwrap().admits(Revision(3)).is_ok());
        headers.insert(header::IF_MATCH, "\"r2\", \"r4\"".parse().unwrap());
        let tags = IfMatch::read(&headers).unwrap();
        assert!(tags.admits(Revision(4)).is_ok());
        assert_eq!(tags.admits(Revision(3)).unwrap_err().status, 412);
        headers.insert(header::IF_MATCH, "*".parse().unwrap());
        assert!(IfMatch::read(&headers).unwrap().admits(Revision(3)).is_ok());
    }

    #[test]
    fn keys_are_plain_and_alone() {
        let mut headers = HeaderMap::new();
        assert_eq!(idempotency_key(&headers).unwrap(), None);
        headers.insert("idempotency-key", "a-1".parse().unwrap());
        assert_eq!(idempotency_key(&headers).unwrap().as_deref(), Some("a-1"));
        headers.append("idempotency-key", "a-2".parse().unwrap());
        assert!(idempotency_key(&headers).is_err());
        for bad in ["", "a b", &"x".repeat(201)] {
            headers.insert("idempotency-key", bad.parse().unwrap());
            assert!(idempotency_key(&headers).is_err(), "{bad:?}");
        }
    }
}
