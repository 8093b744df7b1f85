-- Numbers are 64-bit integers, flags 0 or 1, moments milliseconds since 1970-01-01T00:00:00Z.
-- A column `document` holds JSON text as written; the columns beside it are for finding it.

CREATE TABLE rounds (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    location TEXT NOT NULL,
    is_whole INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX rounds_whole ON rounds (location, number) WHERE is_whole = 1;

CREATE TABLE sightings (
    number INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    location TEXT NOT NULL,
    until INTEGER,
    document TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sightings_open ON sightings (endpoint) WHERE until IS NULL;
CREATE INDEX sightings_endpoint ON sightings (endpoint, number);
CREATE INDEX sightings_closed ON sightings (until) WHERE until IS NOT NULL;

-- Open sightings that the last whole round of their location says nothing of, or says too little.
CREATE TABLE exceptions (
    endpoint TEXT PRIMARY KEY,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE certificates (
    sha256 BLOB PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    der BLOB NOT NULL
) STRICT;

CREATE TABLE incidents (
    key TEXT PRIMARY KEY,
    is_resolved INTEGER NOT NULL,
    resolved_at INTEGER,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_resolved ON incidents (is_resolved, resolved_at);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    is_over INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_open ON deliveries (due_at) WHERE is_over = 0;
CREATE INDEX deliveries_incident ON deliveries (incident, created_at);

CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who writes a journal chain: `home` is where the store stood when it was first opened for `role`.
CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    home TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE heads (
    instance TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    witnessed TEXT NOT NULL
) STRICT;

CREATE TABLE journal (
    instance TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    previous BLOB NOT NULL,
    text TEXT NOT NULL,
    hash BLOB NOT NULL,
    incident TEXT,
    PRIMARY KEY (instance, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_incident ON journal (incident, at) WHERE incident IS NOT NULL;

CREATE TABLE bodies (
    sha256 BLOB PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX bodies_kept ON bodies (kept_at);
