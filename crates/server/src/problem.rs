//! What is answered when something cannot be done: problem details (RFC 9457) with a code for programs, words for people, and every fault of the
//! input by pointer. Never a name, a wish or an experience: only ids, and of faults the place, the reason and the fix.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use peermatch_model::Faults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Media type of problem details.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// `urn:peermatch:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here and what to do about it.
    pub detail: String,
    /// A word for programs.
    pub code: String,
    /// The request, to be told to whoever runs the service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// Every fault of the input.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FaultTold>,
    /// Seconds after which it can be tried again.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// One fault of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultTold {
    /// JSON pointer into the body.
    pub pointer: String,
    /// Why it cannot be used.
    pub reason: String,
    /// What to write instead.
    pub fix: String,
    /// File, line and column, where a pack of files was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
}

impl Problem {
    /// A problem of a status, a code for programs and a sentence.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:peermatch:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            request_id: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 404, in the same words for what is not there and for what is somebody else's.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here that you may see.")
    }

    /// 401: nobody has said who is asking.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Say who you are: send `Authorization: Bearer` with a key, or sign in.",
        )
    }

    /// 403: the role cannot do this at all, whatever it is about.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not do this.")
    }

    /// 422 with every fault. Values are left out: they may be personal.
    pub fn faults(faults: &Faults) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "faults",
            format!("The input has {} faults; nothing was changed.", faults.len()),
        );
        if faults.len() == 1 {
            "The input has a fault; nothing was changed.".clone_into(&mut problem.detail);
        }
        problem.errors = faults
            .iter()
            .map(|fault| FaultTold {
                pointer: fault.pointer.clone(),
                reason: fault.reason.clone(),
                fix: fault.fix.clone(),
                place: fault.place.as_ref().map(ToString::to_string),
            })
            .collect();
        problem
    }

    /// A defect of this program. What it was goes to the log, not to the caller.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The service failed. Nothing was changed; tell whoever runs it the request id.",
        )
    }

    /// 503 for as long as there is too much to do.
    pub fn busy(retry_after: u32) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "There is too much to do just now. Try again in a moment.",
        );
        problem.retry_after = Some(retry_after);
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).expect("a problem is plain data");
        let mut response =
            (status, [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))], body)
                .into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"peermatch\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        // So that whoever adds the request id does not have to read the body again.
        response.extensions_mut().insert(self);
        response
    }
}
