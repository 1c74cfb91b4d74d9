//! Organisations, and who may do what in them. Secrets stand here as hashes only.

use serde::{Deserialize, Serialize};

/// An organisation: nothing of one is seen in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// When it was made.
    pub made_at: i64,
}

/// A key for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Id, which may be told.
    pub id: String,
    /// Organisation.
    pub organisation: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// SHA-256 of the secret, hexadecimal.
    pub hash: String,
    /// Roles, words of the service.
    pub roles: Vec<String>,
    /// Rosters it is for; empty means all of the organisation.
    pub rosters: Vec<String>,
    /// The peer worker (roster, id) it speaks for, if its role is a peer worker's.
    pub subject: Option<(String, String)>,
    /// When it was made.
    pub made_at: i64,
    /// From when on it is no longer good.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// An account for people who sign in with a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Id.
    pub id: String,
    /// Organisation.
    pub organisation: String,
    /// Name to sign in with, unique over all organisations.
    pub login: String,
    /// argon2id hash with its parameters.
    pub password_hash: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Rosters; empty means all.
    pub rosters: Vec<String>,
    /// The peer worker it belongs to.
    pub subject: Option<(String, String)>,
    /// How many sign-ins have failed in a row.
    pub failed_in_a_row: u32,
    /// Until when nobody can sign in.
    pub locked_until: Option<i64>,
    /// When it was made.
    pub made_at: i64,
    /// When it was closed.
    pub closed_at: Option<i64>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub token_hash: String,
    /// Organisation.
    pub organisation: String,
    /// Account, or `link:ID` for a person who came by a link.
    pub account: String,
    /// SHA-256 of the token that forms must carry.
    pub csrf_hash: String,
    /// When it began.
    pub made_at: i64,
    /// When it was used last.
    pub seen_at: i64,
    /// From when on it is no longer good.
    pub expires_at: i64,
}

/// A link by which a person reaches their own pages, with a one-time code told by another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Id, which may be told.
    pub id: String,
    /// SHA-256 of the token in the link.
    pub token_hash: String,
    /// Hash of the code (with the link's id, so that equal codes differ).
    pub code_hash: String,
    /// Organisation.
    pub organisation: String,
    /// Roster.
    pub roster: String,
    /// The person.
    pub person: String,
    /// The menu it leads to, if to one.
    pub menu: Option<String>,
    /// When it was made.
    pub made_at: i64,
    /// From when on it is no longer good.
    pub expires_at: i64,
    /// When the code was used.
    pub used_at: Option<i64>,
    /// How often a code was tried.
    pub tries: u32,
}
