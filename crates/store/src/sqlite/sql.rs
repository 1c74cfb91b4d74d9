//! Every statement, in one place and one portable text: PostgreSQL reads the same, but for two things that its store will say in its own way. A writing transaction begins with `BEGIN IMMEDIATE`
//! here and with `SELECT ... FOR UPDATE` of the roster there; and a backup is `VACUUM INTO` here and a dump there.

pub(super) const ORGANISATIONS: &str = "SELECT id, name, made_at FROM organisations ORDER BY id";
pub(super) const ADD_ORGANISATION: &str =
    "INSERT INTO organisations (id, name, made_at) VALUES ($1, $2, $3)";

pub(super) const ROSTERS: &str = "SELECT organisation, id, revision, made_at, changed_at FROM rosters WHERE organisation = $1 ORDER BY id";
pub(super) const ROSTER: &str = "SELECT organisation, id, revision, made_at, changed_at FROM rosters WHERE organisation = $1 AND id = $2";
pub(super) const MAKE_ROSTER: &str = "INSERT INTO rosters (organisation, id, revision, made_at, changed_at) VALUES ($1, $2, 1, $3, $3)";
/// The one guard of all decisions: the roster moves on only from the revision that was decided on.
pub(super) const MOVE_ON: &str = "UPDATE rosters SET revision = revision + 1, changed_at = $4 \
     WHERE organisation = $1 AND id = $2 AND revision = $3";
pub(super) const REMOVE_ROSTER: &str = "DELETE FROM rosters WHERE organisation = $1 AND id = $2";

pub(super) const RECORDS: &str = "SELECT kind, id, body, revision, checksum FROM records \
     WHERE organisation = $1 AND roster = $2 AND body IS NOT NULL ORDER BY kind, id";
pub(super) const RECORDS_AFTER: &str = "SELECT kind, id, body, revision, checksum FROM records \
     WHERE organisation = $1 AND roster = $2 AND revision > $3 ORDER BY kind, id";
pub(super) const PUT_RECORD: &str = "INSERT INTO records (organisation, roster, kind, id, body, revision, checksum) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (organisation, roster, kind, id) DO UPDATE SET body = excluded.body, revision = excluded.revision, checksum = excluded.checksum";
/// A record that is deleted leaves its id, so that whoever holds the roster in memory learns of it; its content is gone.
pub(super) const CLEAR_RECORDS: &str = "UPDATE records SET body = NULL, checksum = NULL, revision = $3 WHERE organisation = $1 AND roster = $2 AND body IS NOT NULL";
pub(super) const REMOVE_RECORDS: &str =
    "DELETE FROM records WHERE organisation = $1 AND roster = $2";

pub(super) const REPLY: &str = "SELECT principal, idempotency_key, request_hash, status, headers, body, made_at, checksum FROM replies \
     WHERE organisation = $1 AND principal = $2 AND idempotency_key = $3";
pub(super) const KEEP_REPLY: &str = "INSERT INTO replies \
     (organisation, principal, idempotency_key, request_hash, status, headers, body, made_at, roster, checksum) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const FORGET_REPLIES_NAMING: &str = "DELETE FROM replies WHERE organisation = $1 AND (body LIKE $2 ESCAPE '!' OR headers LIKE $3 ESCAPE '!')";
pub(super) const FORGET_REPLIES: &str = "DELETE FROM replies WHERE made_at < $1";
pub(super) const REMOVE_REPLIES: &str =
    "DELETE FROM replies WHERE organisation = $1 AND roster = $2";

pub(super) const AUDIT_HEAD: &str =
    "SELECT seq, hash FROM audit WHERE organisation = $1 ORDER BY seq DESC LIMIT 1";
pub(super) const ADD_AUDIT: &str = "INSERT INTO audit (organisation, seq, entry, before_hash, hash, roster, actor) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const ADD_ABOUT: &str =
    "INSERT INTO audit_about (organisation, about, seq) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(super) const AUDIT: &str = "SELECT seq, entry, before_hash, hash FROM audit a \
     WHERE organisation = $1 AND seq > $2 \
     AND (CAST($3 AS TEXT) IS NULL OR roster = $3) \
     AND (CAST($4 AS TEXT) IS NULL OR actor = $4) \
     AND (CAST($5 AS TEXT) IS NULL OR EXISTS \
       (SELECT 1 FROM audit_about b WHERE b.organisation = a.organisation AND b.about = $5 AND b.seq = a.seq)) \
     ORDER BY seq LIMIT $6";

pub(super) const ADD_KEY: &str = "INSERT INTO api_keys (organisation, id, hash, content, checksum, expires_at, revoked_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const KEY_BY_HASH: &str =
    "SELECT content, checksum, revoked_at FROM api_keys WHERE hash = $1";
pub(super) const KEYS: &str =
    "SELECT content, checksum, revoked_at FROM api_keys WHERE organisation = $1 ORDER BY id";
pub(super) const REVOKE_KEY: &str = "UPDATE api_keys SET revoked_at = $3 WHERE organisation = $1 AND id = $2 AND revoked_at IS NULL";
pub(super) const ANYBODY: &str = "SELECT \
     (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)) \
     + (SELECT count(*) FROM accounts WHERE closed_at IS NULL)";

pub(super) const PUT_ACCOUNT: &str = "INSERT INTO accounts \
     (organisation, id, login, content, checksum, failed_in_a_row, locked_until, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (organisation, id) DO UPDATE SET login = excluded.login, content = excluded.content, checksum = excluded.checksum, \
     failed_in_a_row = excluded.failed_in_a_row, locked_until = excluded.locked_until, closed_at = excluded.closed_at";
pub(super) const ACCOUNT_BY_LOGIN: &str = "SELECT content, checksum, failed_in_a_row, locked_until, closed_at FROM accounts WHERE login = $1";
pub(super) const ACCOUNT: &str = "SELECT content, checksum, failed_in_a_row, locked_until, closed_at FROM accounts WHERE organisation = $1 AND id = $2";
pub(super) const ACCOUNTS: &str = "SELECT content, checksum, failed_in_a_row, locked_until, closed_at FROM accounts WHERE organisation = $1 ORDER BY id";
pub(super) const NOTE_SIGN_IN: &str = "UPDATE accounts SET failed_in_a_row = $3, locked_until = $4 WHERE organisation = $1 AND id = $2";

pub(super) const ADD_SESSION: &str = "INSERT INTO sessions \
     (token_hash, organisation, account, csrf_hash, made_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const SESSION: &str = "SELECT token_hash, organisation, account, csrf_hash, made_at, seen_at, expires_at FROM sessions WHERE token_hash = $1";
pub(super) const TOUCH_SESSION: &str =
    "UPDATE sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2";
pub(super) const END_SESSION: &str = "DELETE FROM sessions WHERE token_hash = $1";
pub(super) const END_SESSIONS_OF: &str =
    "DELETE FROM sessions WHERE organisation = $1 AND account = $2";
pub(super) const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at < $1";

pub(super) const ADD_LINK: &str = "INSERT INTO links \
     (token_hash, id, code_hash, organisation, roster, person, menu, made_at, expires_at, used_at, tries) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
pub(super) const LINK: &str = "SELECT token_hash, id, code_hash, organisation, roster, person, menu, made_at, expires_at, used_at, tries \
     FROM links WHERE token_hash = $1";
/// One try, in one statement: of many at once each is counted, and one alone is the first to use it.
pub(super) const TRY_LINK: &str = "UPDATE links SET tries = tries + 1, used_at = $2 \
     WHERE token_hash = $1 AND used_at IS NULL AND tries < $3 AND expires_at > $4";
pub(super) const END_LINKS_OF: &str =
    "DELETE FROM links WHERE organisation = $1 AND roster = $2 AND person = $3";
pub(super) const FORGET_LINKS: &str = "DELETE FROM links WHERE expires_at < $1";
pub(super) const REMOVE_LINKS: &str = "DELETE FROM links WHERE organisation = $1 AND roster = $2";

// For a look at the whole.
pub(super) const AUDITED: &str = "SELECT id AS organisation FROM organisations \
     UNION SELECT organisation FROM audit ORDER BY organisation";
pub(super) const CHAIN: &str = "SELECT seq, entry, before_hash, hash, roster, actor FROM audit WHERE organisation = $1 ORDER BY seq";
pub(super) const ABOUT: &str =
    "SELECT seq, about FROM audit_about WHERE organisation = $1 ORDER BY seq, about";
pub(super) const EVERY_RECORD: &str =
    "SELECT kind, id, body, revision, checksum FROM records WHERE body IS NOT NULL";
pub(super) const EVERY_REPLY: &str = "SELECT principal, idempotency_key, request_hash, status, headers, body, made_at, checksum FROM replies";
pub(super) const EVERY_KEY: &str = "SELECT content, checksum, revoked_at FROM api_keys";
pub(super) const EVERY_ACCOUNT: &str =
    "SELECT content, checksum, failed_in_a_row, locked_until, closed_at FROM accounts";
