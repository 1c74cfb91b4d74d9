//! Who is asking, as far as the service has made sure of it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody may do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PrincipalRole")]
pub enum Role {
    /// Matches people: sees what a coordinator may see, decides.
    Coordinator,
    /// A peer worker: own listing, own offers, own caseload.
    PeerWorker,
    /// A service user: own menu, own record.
    ServiceUser,
    /// Reads the audit and what an auditor may see; changes nothing.
    Auditor,
    /// A case system: sends rosters and people, calls the stateless routes.
    Integrator,
    /// Makes rosters, keys and accounts; sees no person.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Coordinator,
        Self::PeerWorker,
        Self::ServiceUser,
        Self::Auditor,
        Self::Integrator,
        Self::Administrator,
    ];

    /// The word for it, in keys, accounts and the audit.
    pub fn word(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::PeerWorker => "peer_worker",
            Self::ServiceUser => "service_user",
            Self::Auditor => "auditor",
            Self::Integrator => "integrator",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Whose own record a principal may see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A peer worker of a roster.
    Worker {
        /// Roster.
        roster: String,
        /// Worker.
        id: String,
    },
    /// A service user of a roster.
    Person {
        /// Roster.
        roster: String,
        /// Person.
        id: String,
        /// The link they came by.
        link: String,
        /// The menu it leads to, if to one.
        menu: Option<String>,
    },
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `key:ID`, `account:ID`, `link:ID` or `demo`: what the audit says.
    pub actor: String,
    /// Organisation.
    pub organisation: String,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// Rosters they may reach; empty means all of the organisation.
    pub rosters: BTreeSet<String>,
    /// Their own record, for peer workers and service users.
    pub subject: Option<Subject>,
}

impl Principal {
    /// The organisation of `serve --demo`.
    pub const DEMO_ORGANISATION: &'static str = "demo";

    /// Everybody, under `serve --demo`.
    pub fn demo() -> Self {
        Self {
            actor: "demo".to_owned(),
            organisation: Self::DEMO_ORGANISATION.to_owned(),
            roles: [Role::Coordinator, Role::Auditor, Role::Integrator, Role::Administrator].into(),
            rosters: BTreeSet::new(),
            subject: None,
        }
    }

    /// Whether they have one of these roles.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// Whether they may know that a roster is there at all.
    pub fn reaches(&self, roster: &str) -> bool {
        match &self.subject {
            Some(Subject::Worker { roster: own, .. } | Subject::Person { roster: own, .. }) => {
                own == roster
            }
            None => self.rosters.is_empty() || self.rosters.contains(roster),
        }
    }

    /// The role that is written to the audit: the first that the route admits.
    pub fn role_for(&self, admitted: &[Role]) -> Option<Role> {
        admitted.iter().copied().find(|role| self.roles.contains(role))
    }
}
