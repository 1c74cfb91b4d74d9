//! Durable state of the service: rosters with their names and contact details, decisions, who may do what, and the audit.
//!
//! A [`Store`] keeps *records* and knows nothing of what they mean: no rule, no threshold and no state machine stands here or in
//! its SQL. What makes decisions safe is one thing only: a roster has a [`Revision`], and a [`Commit`] is taken whole, on disk, and
//! only if the roster still is at the revision that the decision was made at. So whoever decides (`core`, by way of the service) does it on a state that it
//! has seen, and two people racing for the last place cannot both win: the second one's revision is no longer there.
//!
//! The audit is append-only and chained by hash, one chain for each organisation ([`chain`]).
//!
//! [`Sqlite`] is the store of one machine: one file. The interface and the SQL are written so that PostgreSQL can stand in its place; whatever
//! implements [`Store`] has to pass the same suite (`tests/suite`).

pub mod audit;
pub mod chain;
pub mod error;
pub mod records;
pub mod sqlite;
pub mod who;

pub use audit::{AuditEntry, AuditFilter, AuditRow};
pub use error::StoreError;
pub use records::{Commit, Kept, Put, Record, Reply, Revision, RosterMeta};
pub use sqlite::Sqlite;
pub use who::{Account, ApiKey, Link, Organisation, Session};

use async_trait::async_trait;

/// What the service keeps, and may rely on once a call has returned.
///
/// Every write is on disk when its future is done (or is not there at all). Times are microseconds since 1970 in UTC and are always given by
/// the caller: the store reads no clock.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // Organisations and rosters.

    /// Adds an organisation. Fails with [`StoreError::Taken`] if the id is there.
    async fn add_organisation(&self, organisation: &Organisation) -> Result<(), StoreError>;
    /// All organisations, by id.
    async fn organisations(&self) -> Result<Vec<Organisation>, StoreError>;
    /// The rosters of an organisation, by id.
    async fn rosters(&self, organisation: &str) -> Result<Vec<RosterMeta>, StoreError>;
    /// Where a roster is, without its records.
    async fn roster(
        &self,
        organisation: &str,
        roster: &str,
    ) -> Result<Option<RosterMeta>, StoreError>;
    /// A roster with all its records, read in one consistent view: by kind, then id.
    async fn load(&self, organisation: &str, roster: &str) -> Result<Option<Kept>, StoreError>;
    /// Records of one kind changed after a revision (deleted ones with no body), with the revision they lead to. For whoever holds a roster in memory beside
    /// other processes.
    async fn changed_since(
        &self,
        organisation: &str,
        roster: &str,
        after: Revision,
    ) -> Result<Option<Kept>, StoreError>;
    /// Does all that the commit says, or nothing. Gives the roster's new revision.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if the roster is not at the revision that was expected; [`StoreError::Repeated`] if a reply for the same idempotency key was
    /// kept meanwhile.
    async fn commit(&self, commit: &Commit) -> Result<Revision, StoreError>;
    /// Removes a roster with all its records and replies; the audit stays. With a revision, only while the roster stands there. Tells whether it was there.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if the roster is not at the revision that was expected.
    async fn remove_roster(
        &self,
        organisation: &str,
        roster: &str,
        expected: Option<Revision>,
        audit: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    // Replies to requests that carried an idempotency key.

    /// The reply kept for a key.
    async fn reply(
        &self,
        organisation: &str,
        principal: &str,
        key: &str,
    ) -> Result<Option<Reply>, StoreError>;
    /// Forgets replies whose body or headers name an id as a JSON string, or lead to it by an address, for somebody who is erased; how many.
    async fn forget_replies_naming(&self, organisation: &str, id: &str) -> Result<u64, StoreError>;
    /// Leaves nothing to be read, in the files that the store is made of, of what was deleted or overwritten before: for what was erased to be gone in truth. As far as
    /// whoever reads and writes meanwhile lets it; asked again later, the rest goes. Backups and what they are copied to are not the store's.
    async fn forget_for_good(&self) -> Result<(), StoreError> {
        Ok(())
    }
    /// Forgets replies made before a time; how many.
    async fn forget_replies(&self, before: i64) -> Result<u64, StoreError>;

    // The audit.

    /// Appends entries to the chain of an organisation, in order; all or none. Gives the sequence number of the last.
    async fn append_audit(
        &self,
        organisation: &str,
        entries: &[AuditEntry],
    ) -> Result<i64, StoreError>;
    /// Rows of the chain of an organisation after a sequence number, at most `limit`.
    async fn audit(
        &self,
        organisation: &str,
        filter: &AuditFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError>;

    // Who may do what. Secrets come as hashes; the store never sees one.

    /// Adds a key. [`StoreError::Taken`] if the id is there.
    async fn add_key(&self, key: &ApiKey, audit: &AuditEntry) -> Result<(), StoreError>;
    /// The key with this hash, revoked or not.
    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError>;
    /// Keys of an organisation, by id.
    async fn keys(&self, organisation: &str) -> Result<Vec<ApiKey>, StoreError>;
    /// Revokes a key from a time on; whether there was one that was not revoked.
    async fn revoke_key(
        &self,
        organisation: &str,
        id: &str,
        at: i64,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError>;
    /// Whether any key or account can be used at a time.
    async fn anybody(&self, at: i64) -> Result<bool, StoreError>;
    /// Adds an account or changes it whole.
    async fn put_account(&self, account: &Account, audit: &AuditEntry) -> Result<(), StoreError>;
    /// The account with this login name, over all organisations.
    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError>;
    /// An account.
    async fn account(&self, organisation: &str, id: &str) -> Result<Option<Account>, StoreError>;
    /// Accounts of an organisation, by id.
    async fn accounts(&self, organisation: &str) -> Result<Vec<Account>, StoreError>;
    /// Counts a failed or good sign-in of an account: how many have failed in a row, and until when it is locked.
    async fn note_sign_in(
        &self,
        organisation: &str,
        id: &str,
        failed_in_a_row: u32,
        locked_until: Option<i64>,
    ) -> Result<(), StoreError>;
    /// Adds a session.
    async fn add_session(&self, session: &Session) -> Result<(), StoreError>;
    /// The session with this token hash.
    async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError>;
    /// Says that a session was used.
    async fn touch_session(&self, token_hash: &str, seen: i64) -> Result<(), StoreError>;
    /// Ends a session, or all of an account.
    async fn end_session(&self, token_hash: &str) -> Result<bool, StoreError>;
    /// Ends all sessions of an account.
    async fn end_sessions_of(&self, organisation: &str, account: &str) -> Result<u64, StoreError>;
    /// Forgets sessions and links that ended before a time; how many.
    async fn forget_ended(&self, before: i64) -> Result<u64, StoreError>;
    /// Adds a link.
    async fn add_link(&self, link: &Link, audit: &AuditEntry) -> Result<(), StoreError>;
    /// The link with this token hash.
    async fn link(&self, token_hash: &str) -> Result<Option<Link>, StoreError>;
    /// Counts one try of the one-time code, and marks the code used if it was right. In one step: of many at once, at most one is the first to use it, and no
    /// more than `tries_max` are counted. Gives the link as it is afterwards, or `None` if the code had been used, the tries were spent, or the link is gone.
    async fn try_link(
        &self,
        token_hash: &str,
        right: bool,
        tries_max: u32,
        at: i64,
    ) -> Result<Option<Link>, StoreError>;
    /// Ends a person's links.
    async fn end_links_of(
        &self,
        organisation: &str,
        roster: &str,
        person: &str,
    ) -> Result<u64, StoreError>;

    // Itself.

    /// Whether it can be read and written now.
    async fn ready(&self) -> Result<(), StoreError>;
    /// Writes a consistent copy of everything while others go on.
    async fn backup_to(&self, path: &std::path::Path) -> Result<(), StoreError>;
    /// Waits for what was begun and closes.
    async fn close(&self);
}
