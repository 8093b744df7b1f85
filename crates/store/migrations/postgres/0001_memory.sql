-- Numbers are 64-bit integers, flags 0 or 1, moments milliseconds since 1970-01-01T00:00:00Z.
-- A column `document` holds JSON text as written; the columns beside it are for finding it.

CREATE TABLE rounds (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    location TEXT NOT NULL,
    is_whole BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX rounds_whole ON rounds (location, number) WHERE is_whole = 1;

CREATE TABLE sightings (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint TEXT NOT NULL,
    location TEXT NOT NULL,
    until BIGINT,
    document TEXT NOT NULL
);
CREATE UNIQUE INDEX sightings_open ON sightings (endpoint) WHERE until IS NULL;
CREATE INDEX sightings_endpoint ON sightings (endpoint, number);
CREATE INDEX sightings_closed ON sightings (until) WHERE until IS NOT NULL;

-- Open sightings that the last whole round of their location says nothing of, or says too little.
CREATE TABLE exceptions (
    endpoint TEXT PRIMARY KEY,
    last_seen BIGINT NOT NULL
);

CREATE TABLE certificates (
    sha256 BYTEA PRIMARY KEY,
    kept_at BIGINT NOT NULL,
    der BYTEA NOT NULL
);

CREATE TABLE incidents (
    key TEXT PRIMARY KEY,
    is_resolved BIGINT NOT NULL,
    resolved_at BIGINT,
    document TEXT NOT NULL
);
CREATE INDEX incidents_resolved ON incidents (is_resolved, resolved_at);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    is_over BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    document TEXT NOT NULL
);
CREATE INDEX deliveries_open ON deliveries (due_at) WHERE is_over = 0;
CREATE INDEX deliveries_incident ON deliveries (incident, created_at);

CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL
);

-- Who writes a journal chain: `home` is where the store stood when it was first opened for `role`.
CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    home TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE heads (
    instance TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    witnessed TEXT NOT NULL
);

CREATE TABLE journal (
    instance TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    text TEXT NOT NULL,
    hash BYTEA NOT NULL,
    incident TEXT,
    PRIMARY KEY (instance, sequence)
);
CREATE INDEX journal_incident ON journal (incident, at) WHERE incident IS NOT NULL;

CREATE TABLE bodies (
    sha256 BYTEA PRIMARY KEY,
    kept_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX bodies_kept ON bodies (kept_at);
