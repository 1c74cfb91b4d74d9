//! What a kept roster is made of, and how it is written as records.

use std::fmt::Write;

use peermatch_model::fault::{At, Fault, Faults};
use peermatch_model::policy::PolicyInput;
use peermatch_model::raw::{
    CodeInput, ConflictInput, Field, GroupInput, LimitInput, PeerWorkerInput, PinInput,
    ServiceInput, ServiceUserInput,
};
use peermatch_model::taxonomy::TaxonomyInput;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Ask, Document, Feedback, Match, MenuOffer, Settings, Tombstone};

macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident($of:ty) = $word:literal,)+) => {
        /// What a record is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word for it in the store.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }

        /// A record's content.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Entity {
            $($(#[$doc])* $name($of),)+
        }

        impl Entity {
            /// What it is.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$name(_) => Kind::$name,)+
                }
            }

            /// Its content as JSON.
            pub fn text(&self) -> String {
                let text = match self {
                    $(Self::$name(content) => serde_json::to_string(content),)+
                };
                text.expect("records are plain data")
            }

            fn read(kind: Kind, body: &str) -> Result<Self, serde_json::Error> {
                Ok(match kind {
                    $(Kind::$name => Self::$name(read(body)?),)+
                })
            }
        }
    };
}

entities! {
    /// What holds for the roster as a whole.
    Settings(Settings) = "settings",
    /// The policy, if it is not the shipped one.
    Policy(Box<PolicyInput>) = "policy",
    /// The service's own taxonomy, if it has one.
    Taxonomy(Box<TaxonomyInput>) = "taxonomy",
    /// A service.
    Service(Box<ServiceInput>) = "service",
    /// A service user.
    Person(Box<ServiceUserInput>) = "person",
    /// A peer worker.
    Worker(Box<PeerWorkerInput>) = "worker",
    /// Two who are kept apart. Private.
    Conflict(ConflictInput) = "conflict",
    /// A group.
    Group(Box<GroupInput>) = "group",
    /// An identity code.
    Code(CodeInput) = "code",
    /// What a team or supervisor can take.
    Limit(LimitInput) = "limit",
    /// What a coordinator decided before a run.
    Pin(PinInput) = "pin",
    /// A match.
    Match(Box<Match>) = "match",
    /// A menu.
    Menu(Box<MenuOffer>) = "menu",
    /// What somebody said of a match.
    Feedback(Box<Feedback>) = "feedback",
    /// What somebody asked of those who coordinate.
    Ask(Box<Ask>) = "ask",
    /// What proves a run, menus or a handover, whole.
    Document(Box<Document>) = "document",
    /// That there was a match with somebody who was erased.
    Tombstone(Tombstone) = "tombstone",
    /// What rounding is drawn from; told to nobody.
    Secret(String) = "secret",
    /// The name that a person or worker is called by.
    Name(String) = "name",
    /// How a person or worker is reached.
    Contact(Contact) = "contact",
    /// What a worker says of themselves to people who may choose them.
    OwnWords(String) = "own_words",
}

/// How somebody is reached. Never part of what the engine sees.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContactDetails")]
pub struct Contact {
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub telephone: Option<String>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// How they want to be reached, in their own words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<String>,
}

/// A record written or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// Its id within its kind.
    pub id: String,
    /// What it becomes; `None` deletes.
    pub to: Option<Entity>,
}

impl Change {
    /// Writes a record under an id.
    pub fn put(id: impl Into<String>, to: Entity) -> Self {
        Self { kind: to.kind(), id: id.into(), to: Some(to) }
    }

    /// Deletes a record.
    pub fn delete(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), to: None }
    }

    /// As the store keeps it: kind, id, and JSON unless it deletes.
    pub fn record(&self) -> (&'static str, String, Option<String>) {
        (self.kind.word(), self.id.clone(), self.to.as_ref().map(Entity::text))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// A kind that this version does not know, or content it cannot read.
    pub fn read(kind: &str, id: &str, body: &str) -> Result<Self, Faults> {
        let fault = |reason: String| {
            let mut faults = Faults::new();
            faults.push(Fault {
                pointer: At::root().key(kind).key(id).pointer(),
                place: None,
                value: String::new(),
                reason,
                fix: "use the version of this program that wrote the store, or restore a backup"
                    .to_owned(),
            });
            faults
        };
        let known = Kind::ALL.iter().find(|known| known.word() == kind);
        let kind = *known.ok_or_else(|| {
            fault("a record of a kind that this version does not know".to_owned())
        })?;
        let to = Entity::read(kind, body)
            .map_err(|_| fault("a record that cannot be read".to_owned()))?;
        Ok(Self { kind, id: id.to_owned(), to: Some(to) })
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(body)
}

/// The id under which a record without an id of its own is kept: made of what it is about, each part after its length, so that no two are the same.
pub fn id_of_parts<'p>(parts: impl IntoIterator<Item = &'p Field<String>>) -> String {
    let mut id = String::new();
    for part in parts {
        let part = part.given().map_or("", String::as_str);
        // Writing to a string cannot fail.
        let _ = write!(id, "{}:{part};", part.len());
    }
    id
}

/// What the audit names of a record. The id of what keeps two apart is made of both and of why; why is told to nobody but the case system, and the audit outlives the
/// record, so of such a record the two are named and nothing else.
pub fn audited(kind: Kind, id: &str) -> Vec<String> {
    if kind != Kind::Conflict {
        return vec![id.to_owned()];
    }
    let (mut parts, mut rest) = (Vec::new(), id);
    while let Some((length, after)) = rest.split_once(':')
        && let Ok(length) = length.parse::<usize>()
        && let (Some(part), Some(next)) = (after.get(..length), after.get(length + 1..))
    {
        parts.push(part.to_owned());
        rest = next;
    }
    parts.truncate(2);
    parts
}
