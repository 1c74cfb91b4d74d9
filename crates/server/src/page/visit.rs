//! Somebody looks at a page: who, in which language, and how the page asks the service on their behalf.
//!
//! A page is one more caller of the routes for programs, in the same process and with the visitor's own credentials. So it shows what these routes tell that visitor and
//! nothing else, is audited as they are, and can decide nothing that they do not.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use fluent_bundle::FluentValue;
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::Service;

use super::words::Language;
use crate::app::App;
use crate::auth::secrets;
use crate::auth::sessions::{self, CSRF};
use crate::gate::{Inside, Peer, RequestId, Within, caller};
use crate::kept::asks::ServiceWords;
use crate::principal::{Principal, Role, Subject};
use crate::problem::Problem;
use crate::request::Whole;

/// What of a visitor's request goes along when a page asks on their behalf: who they are, and where their browser says that it comes from.
const CARRIED: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::HOST,
    header::ORIGIN,
    HeaderName::from_static("sec-fetch-site"),
];

/// Somebody who looks at a page.
#[derive(Clone)]
pub(crate) struct Visit {
    /// Who, as far as the service has made sure of it.
    pub(crate) principal: Option<Principal>,
    /// The language of the page.
    pub(crate) language: Language,
    /// The time, in microseconds since 1970 UTC.
    pub(crate) now: i64,
    /// Whether everybody is let in.
    pub(crate) demo: bool,
    /// The address of the page, so that a change of language leads back to it.
    pub(crate) at: String,
    /// The words that the services of the roster speak in, where the page is about one.
    pub(crate) service: ServiceWords,
    inside: Router,
    headers: HeaderMap,
    peer: Option<Peer>,
    request_id: Option<RequestId>,
    form_token: Option<String>,
}

/// What was answered from within.
pub(crate) struct Told<T> {
    /// What.
    pub(crate) told: T,
    /// With which headers.
    pub(crate) headers: HeaderMap,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let inside = parts.extensions.get::<Inside>().cloned().ok_or_else(Problem::internal)?;
        let mut headers = HeaderMap::new();
        for name in CARRIED {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let mut visit = Self {
            principal: caller(parts).map(|(principal, _)| principal),
            language: Language::of(&parts.headers),
            now: app.clock.micros(),
            demo: app.demo,
            at: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            inside: inside.0,
            headers,
            peer: parts.extensions.get::<Peer>().copied(),
            request_id: parts.extensions.get::<RequestId>().cloned(),
            form_token: None,
            service: ServiceWords::default(),
        };
        if let Some(roster) = visit.about(parts.uri.path()) {
            // Without them the page says the same in plainer words.
            let words = visit.get(&format!("/v1/rosters/{roster}/words")).await;
            visit.service = words.unwrap_or_default();
        }
        Ok(visit)
    }
}

impl Visit {
    /// The roster that a page is about, as it stands in an address, where its visitor walks or works with its people.
    fn about(&self, path: &str) -> Option<String> {
        match self.principal.as_ref()?.subject.as_ref() {
            Some(Subject::Worker { roster, .. } | Subject::Person { roster, .. }) => {
                Some(part(roster))
            }
            None if self.is(Role::Coordinator) => {
                path.strip_prefix("/rosters/")?.split('/').next().map(str::to_owned)
            }
            None => None,
        }
    }

    /// A message in the language of the page, with what is put in, and with the service's own word for the person.
    pub(crate) fn say_with(
        &self,
        id: &str,
        with: &[(&'static str, FluentValue<'_>)],
    ) -> Cow<'static, str> {
        let who = match &self.service.person_word {
            Some(word) => Cow::Borrowed(word.as_str()),
            None => self.language.say("person-word"),
        };
        let mut all = with.to_vec();
        all.push(("who", FluentValue::from(&*who)));
        self.language.say_with(id, &all)
    }

    /// A message with nothing but the service's own word for the person.
    pub(crate) fn say(&self, id: &str) -> Cow<'static, str> {
        self.say_with(id, &[])
    }

    /// Whether the visitor has a role.
    pub(crate) fn is(&self, role: Role) -> bool {
        self.principal.as_ref().is_some_and(|principal| principal.roles.contains(&role))
    }

    /// By which name the visitor reached the service.
    pub(crate) fn host(&self) -> &str {
        self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
    }

    /// Whether the visitor signed in or came by a link, which can be ended.
    pub(crate) fn has_session(&self) -> bool {
        sessions::cookie(&self.headers).is_some()
    }

    /// The token that forms of this page carry; empty for visitors without a session.
    pub(crate) fn form_token(&self) -> String {
        sessions::cookie(&self.headers).map(secrets::csrf_of).unwrap_or_default()
    }

    /// Asks for what there is to read.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        self.ask(Method::GET, path, None::<&()>).await.map(|answer| answer.told)
    }

    /// Asks for a change.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        self.ask(Method::POST, path, Some(body)).await.map(|answer| answer.told)
    }

    /// Asks for a change of what was looked at: `tag` is what it was then.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn put_if<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        tag: Option<&str>,
    ) -> Result<T, Problem> {
        let mut visit = self.clone();
        if let Some(tag) = tag {
            let tag = HeaderValue::from_str(tag).map_err(|_| Problem::not_found())?;
            visit.headers.insert(header::IF_MATCH, tag);
        }
        visit.ask(Method::PUT, path, Some(body)).await.map(|answer| answer.told)
    }

    /// Asks for a change, with a body in a media type of its own.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        media: &'static str,
        body: Bytes,
    ) -> Result<T, Problem> {
        let mut request = Request::builder().method(Method::POST).uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
            self.with_token(headers)?;
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        let request = request.body(Body::from(body)).map_err(|_| Problem::not_found())?;
        let (_, bytes) = self.told(request).await?;
        serde_json::from_slice(&bytes).map_err(|_| Problem::internal())
    }

    /// Puts the token that the form carried where programs put it.
    fn with_token(&self, headers: &mut HeaderMap) -> Result<(), Problem> {
        if let Some(token) = &self.form_token {
            let token = HeaderValue::from_str(token).map_err(|_| Problem::forbidden())?;
            headers.insert(CSRF, token);
        }
        Ok(())
    }

    /// Asks for a text.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn text(&self, path: &str) -> Result<String, Problem> {
        let mut request = Request::builder().uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
        }
        let request = request.body(Body::empty()).map_err(|_| Problem::not_found())?;
        let (_, bytes) = self.told(request).await?;
        String::from_utf8(bytes.into()).map_err(|_| Problem::internal())
    }

    /// What a route for programs answers to a visitor's request.
    async fn told(&self, mut request: Request) -> Result<(HeaderMap, Bytes), Problem> {
        let extensions = request.extensions_mut();
        extensions.insert(Within);
        if let Some(peer) = self.peer {
            extensions.insert(peer);
        }
        if let Some(id) = &self.request_id {
            extensions.insert(id.clone());
        }
        let Ok(mut response) = self.inside.clone().call(request).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            return Err(problem);
        }
        let headers = std::mem::take(response.headers_mut());
        let bytes = response.into_body().collect().await.map_err(|_| Problem::internal())?;
        Ok((headers, bytes.to_bytes()))
    }

    /// Asks a route for programs on the visitor's behalf.
    ///
    /// # Errors
    /// What the route answers.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Told<T>, Problem> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
            self.with_token(headers)?;
            if body.is_some() {
                let json = HeaderValue::from_static("application/json");
                headers.insert(header::CONTENT_TYPE, json);
            }
        }
        let body = match body {
            Some(body) => Body::from(serde_json::to_vec(body).map_err(|_| Problem::internal())?),
            None => Body::empty(),
        };
        // What cannot be an address leads nowhere.
        let request = request.body(body).map_err(|_| Problem::not_found())?;
        let (headers, bytes) = self.told(request).await?;
        // Nothing was told where there was nothing to tell.
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        let told = serde_json::from_slice(text).map_err(|error| {
            tracing::error!(%error, path, "a page could not read what the service told it");
            Problem::internal()
        })?;
        Ok(Told { told, headers })
    }
}

/// A part of an address, so that an id stands in it whatever it is made of.
pub(crate) fn part(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A form that a visitor has sent.
pub(crate) struct Form {
    /// Who.
    pub(crate) visit: Visit,
    pub(crate) fields: Vec<(String, String)>,
    /// Files that came along: name and bytes.
    pub(crate) files: Vec<(String, Bytes)>,
}

type PartsOf = (Vec<(String, String)>, Vec<(String, Bytes)>);

/// The fields and files of a form with files.
async fn parts_of(bytes: Bytes, boundary: String) -> Result<PartsOf, Problem> {
    let broken = |_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_form",
            "The form did not arrive whole. Send it again.",
        )
    };
    let stream = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>(bytes) });
    let mut all = multer::Multipart::new(stream, boundary);
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(field) = all.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            // Nothing was chosen.
            Some(file) if file.is_empty() => {}
            Some(file) => files.push((file, field.bytes().await.map_err(broken)?)),
            None => fields.push((name, field.text().await.map_err(broken)?)),
        }
    }
    Ok((fields, files))
}

impl FromRequest<App> for Form {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let mut visit = Visit::from_request_parts(&mut parts, app).await?;
        let boundary = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|media| multer::parse_boundary(media.to_str().ok()?).ok());
        let whole = Whole::from_request(Request::from_parts(parts, body), app).await?;
        let (fields, files) = match (whole.media.as_str(), boundary) {
            ("application/x-www-form-urlencoded", _) => {
                (form_urlencoded::parse(&whole.bytes).into_owned().collect(), Vec::new())
            }
            ("multipart/form-data", Some(boundary)) => parts_of(whole.bytes, boundary).await?,
            _ => {
                return Err(Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_media_type",
                    "This is for the form of the page. Programs use the routes at /v1.",
                ));
            }
        };
        visit.form_token =
            fields.iter().find(|(name, _)| name == "form_token").map(|(_, token)| token.clone());
        Ok(Self { visit, fields, files })
    }
}

impl Form {
    /// What stands in a field, without spaces around it; `None` where nothing does.
    pub(crate) fn one<'f>(&'f self, name: &'f str) -> Option<&'f str> {
        self.all(name).next()
    }

    /// What stands in all fields of a name.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields
            .iter()
            .filter(move |(is, _)| is == name)
            .map(|(_, text)| text.trim())
            .filter(|text| !text.is_empty())
    }
}

impl Visit {
    /// Somebody of whom only the request is known.
    pub(crate) fn bare(parts: &mut Parts) -> Self {
        Self {
            principal: None,
            language: Language::of(&parts.headers),
            now: 0,
            demo: false,
            at: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            inside: Router::new(),
            headers: HeaderMap::new(),
            peer: None,
            request_id: parts.extensions.get::<RequestId>().cloned(),
            form_token: None,
            service: ServiceWords::default(),
        }
    }

    /// The id of the request, to be told to whoever runs the service.
    pub(crate) fn request_id(&self) -> String {
        self.request_id.as_ref().map_or_else(String::new, |id| id.0.to_string())
    }
}
