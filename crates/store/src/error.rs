//! Why the store did not do something.

/// Why the store did not do something. Words carry ids at most.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The roster is not at the revision that was expected: somebody else came first. Look again and decide again.
    #[error("the roster has moved on to revision {now}")]
    Moved {
        /// Where it is now.
        now: i64,
    },
    /// A reply to the same idempotency key was kept meanwhile.
    #[error("a reply to this idempotency key is kept already")]
    Repeated,
    /// The id is taken.
    #[error("the id is taken")]
    Taken,
    /// There is no such organisation or roster.
    #[error("there is no such organisation or roster")]
    Missing,
    /// No space is left. Nothing was written; reading goes on.
    #[error("no space is left to write to")]
    Full,
    /// Others held it too long.
    #[error("the store is busy")]
    Busy,
    /// Another process has the file open.
    #[error("{0} is held by another service: stop it first, or use another file")]
    Held(String),
    /// The file is damaged, or not a store at all.
    #[error("the store is damaged: {0}. Restore the last backup with `peermatch restore`")]
    Damaged(String),
    /// It was written by a newer version.
    #[error(
        "the store has schema version {found}, this program knows up to {known}: use the newer program, or restore a backup made by this one"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The SQLite that is linked in can lose committed writes.
    #[error("SQLite {0} can lose committed writes: 3.51.3 or newer is needed")]
    Unsafe(String),
    /// What was to be put in place of a store is not whole, or not one. Nothing was changed.
    #[error("the backup cannot be used: {0}. Nothing was changed")]
    BadBackup(String),
    /// Anything else.
    #[error("the store failed: {0}")]
    Failed(String),
}
