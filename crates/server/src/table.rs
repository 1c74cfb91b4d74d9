//! The one list of what the service offers: each route with who may call it and what goes in and out. Router, OpenAPI document and the tests of who sees
//! what are made from it, so none of them can know of a route that the others do not.

use axum::http::{Method, StatusCode};
use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::app::App;
use crate::principal::Role;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody, signed in or not.
    Everybody,
    /// Whoever has one of these roles.
    Roles(&'static [Role]),
}

/// A schema, made when the document is.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamIn {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Name.
    pub name: &'static str,
    /// Where.
    pub place: ParamIn,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
    /// Its schema.
    pub schema: SchemaOf,
}

/// A body that goes in.
#[derive(Debug, Clone, Copy)]
pub struct BodyIn {
    /// Media type.
    pub media: &'static str,
    /// Its schema.
    pub schema: SchemaOf,
    /// The most bytes read.
    pub bytes_max: usize,
}

/// An answer that can come out. Problems need not be listed: [`Route::problems`].
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// What it means.
    pub about: &'static str,
    /// Media type and schema of the body, if there is one.
    pub body: Option<(&'static str, SchemaOf)>,
}

/// One route.
#[derive(Clone)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, parameters in braces.
    pub path: &'static str,
    /// Name of the operation, unique; clients call it so.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More about it.
    pub about: &'static str,
    /// What it belongs to in the document.
    pub tag: &'static str,
    /// Who may.
    pub who: Who,
    /// Parameters.
    pub params: Vec<Param>,
    /// What goes in; one of these.
    pub bodies: Vec<BodyIn>,
    /// What can come out.
    pub answers: Vec<Answer>,
    /// Statuses of problems beyond those that every route can answer.
    pub problems: Vec<(StatusCode, &'static str)>,
    /// Whether it changes something: takes an idempotency key, needs the token of forms with a cookie.
    pub writes: bool,
    /// Whether it is answered however much there is to do (health and numbers): past the caps on callers and on requests at once.
    pub always: bool,
    /// Whether it is a page for people: it is asked of the routes for programs from within, and stands in no document for programs.
    pub page: bool,
    /// Who answers.
    pub handler: MethodRouter<App>,
}

/// The schema of a type, by reference where it has a name.
pub fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a key that makes a request one of its kind may be; [`crate::request`] holds callers to it.
fn idempotency_key(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "string", "pattern": "^[!-~]{1,200}$" })
}

impl Route {
    /// A route.
    pub fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            writes: !matches!(method, Method::GET | Method::HEAD),
            method,
            path,
            id,
            summary: "",
            about: "",
            tag: "",
            who: Who::Roles(&[]),
            params: Vec::new(),
            bodies: Vec::new(),
            answers: Vec::new(),
            problems: Vec::new(),
            always: false,
            page: false,
            handler,
        }
    }

    /// Says what it belongs to, in a line, and more about it.
    #[must_use]
    pub fn about(mut self, tag: &'static str, summary: &'static str, about: &'static str) -> Self {
        (self.tag, self.summary, self.about) = (tag, summary, about);
        self
    }

    /// Says who may.
    #[must_use]
    pub fn who(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// Says that it only reads, although it is a POST: it takes a body too large for an address.
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.writes = false;
        self
    }

    /// Says that it is answered however much there is to do.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    /// Says that it is a page for people.
    #[must_use]
    pub fn page(mut self) -> Self {
        self.page = true;
        self
    }

    /// Adds a parameter of the path.
    #[must_use]
    pub fn path_param(mut self, name: &'static str, about: &'static str) -> Self {
        self.params.push(Param {
            name,
            place: ParamIn::Path,
            required: true,
            about,
            schema: schema::<String>,
        });
        self
    }

    /// Adds a parameter of the query that may be left out.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.params.push(Param {
            name,
            place: ParamIn::Query,
            required: false,
            about,
            schema: schema::<T>,
        });
        self
    }

    /// Adds a header that may be left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, about: &'static str) -> Self {
        let schema =
            if name == "Idempotency-Key" { idempotency_key } else { schema::<String> as SchemaOf };
        self.params.push(Param { name, place: ParamIn::Header, required: false, about, schema });
        self
    }

    /// Adds a JSON body of a type.
    #[must_use]
    pub fn json<T: JsonSchema>(self, bytes_max: usize) -> Self {
        self.body("application/json", schema::<T>, bytes_max)
    }

    /// Adds a body.
    #[must_use]
    pub fn body(mut self, media: &'static str, schema: SchemaOf, bytes_max: usize) -> Self {
        self.bodies.push(BodyIn { media, schema, bytes_max });
        self
    }

    /// Adds a JSON answer of a type.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: StatusCode, about: &'static str) -> Self {
        self.answer(status, about, Some(("application/json", schema::<T>)))
    }

    /// Adds an answer.
    #[must_use]
    pub fn answer(
        mut self,
        status: StatusCode,
        about: &'static str,
        body: Option<(&'static str, SchemaOf)>,
    ) -> Self {
        self.answers.push(Answer { status, about, body });
        self
    }

    /// Adds a problem that only some routes have.
    #[must_use]
    pub fn problem(mut self, status: StatusCode, about: &'static str) -> Self {
        self.problems.push((status, about));
        self
    }
}
