-- One text for every store: TEXT and BIGINT only, checksums over what stands in TEXT (a flipped bit is found when it is read), times in microseconds since 1970, JSON as TEXT, nothing that only one database knows.
CREATE TABLE organisations (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE TABLE rosters (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (organisation, id)
);
CREATE TABLE records (
  organisation TEXT NOT NULL,
  roster TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT,
  checksum BIGINT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (organisation, roster, kind, id),
  FOREIGN KEY (organisation, roster) REFERENCES rosters (organisation, id)
);
CREATE INDEX records_by_revision ON records (organisation, roster, revision);
CREATE TABLE replies (
  organisation TEXT NOT NULL,
  principal TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  checksum BIGINT NOT NULL,
  roster TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (organisation, principal, idempotency_key)
);
CREATE INDEX replies_by_time ON replies (made_at);
CREATE TABLE audit (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  seq BIGINT NOT NULL,
  entry TEXT NOT NULL,
  before_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  roster TEXT,
  actor TEXT NOT NULL,
  PRIMARY KEY (organisation, seq)
);
CREATE INDEX audit_by_actor ON audit (organisation, actor, seq);
CREATE TABLE audit_about (
  organisation TEXT NOT NULL,
  about TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (organisation, about, seq)
);
CREATE TABLE api_keys (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL,
  checksum BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);
CREATE TABLE accounts (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  login TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL,
  checksum BIGINT NOT NULL,
  failed_in_a_row BIGINT NOT NULL,
  locked_until BIGINT,
  closed_at BIGINT,
  PRIMARY KEY (organisation, id)
);
CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL,
  account TEXT NOT NULL,
  csrf_hash TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (organisation, account);
CREATE TABLE links (
  token_hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL,
  organisation TEXT NOT NULL,
  roster TEXT NOT NULL,
  person TEXT NOT NULL,
  menu TEXT,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  tries BIGINT NOT NULL
);
CREATE INDEX links_by_person ON links (organisation, roster, person);
