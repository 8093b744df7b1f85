-- certvigil backup 1: psql -f restores it into a database without one
BEGIN;
CREATE SCHEMA certvigil;
SET LOCAL search_path TO certvigil, pg_catalog;
SET LOCAL standard_conforming_strings = on;
CREATE TABLE IF NOT EXISTS schema_versions (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, writer TEXT NOT NULL
);
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
;
COPY certvigil.bodies (sha256, kept_at, body) FROM stdin;
\\x1db6489bd1c7b5024dd65eeeb33530c0864b430b8801b477df7191d7cdb18504	1795608000000	"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿"
\.
COPY certvigil.certificates (sha256, kept_at, der) FROM stdin;
\\x0086979e5b1f36f29abd592296e8faca9a38bf3d9ea2ce9624c5d33d6f7e98fd	1795608000000	\\x6e6f2063657274696669636174652c2062757420627974657300ff
\.
COPY certvigil.deliveries (id, incident, is_over, created_at, due_at, leased_until, document) FROM stdin;
d	14c1a6afe9a5224bf3877a08d246f35c	0	1795608000000	1795608000000	\N	{"id":"d","incident":"14c1a6afe9a5224bf3877a08d246f35c","tracker":"redmine https://t.example ops","act":{"do":"comment","change":7},"state":"queued","attempts":0,"created_at":"2026-11-25T12:00:00Z","attempted_at":null,"due_at":"2026-11-25T12:00:00Z","trouble":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿"}
\.
COPY certvigil.documents (name, document) FROM stdin;
hostile	"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿"
\.
COPY certvigil.exceptions (endpoint, last_seen) FROM stdin;
\.
COPY certvigil.heads (instance, sequence, hash, witnessed) FROM stdin;
ec1dadd8f6dfe0b9eed5daa2c12b1f91	1	\\x8609d2cf28ebabdac83f10304ff06fcd5b2704d395bdff15acaae67d28c772df	
\.
COPY certvigil.incidents (key, is_resolved, resolved_at, document) FROM stdin;
14c1a6afe9a5224bf3877a08d246f35c	0	\N	{"key":"14c1a6afe9a5224bf3877a08d246f35c","family":"expiry","subject":{"target":"a"},"status":"open","severity":"critical","owner":"ops","places":{"0000000000000001":{"shown":"127.0.0.1:1","target":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿","tags":["web"],"server_name":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿","owner":"web","origin":null,"first_bad":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","good_runs":1,"absent_since":"2026-11-25T13:00:00Z","problems":[{"id":"expired","family":"expiry","severity":"warning","certificate":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","message":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿","hint":null,"accepted":null}]}},"certificate":{"sha256":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","subject":"CN=www","names":["DNS:www"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"first_seen":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","opened_at":"2026-11-25T12:00:00Z","resolved_at":null,"reopened":2,"unseen_since":"2026-11-25T14:00:00Z","changes":3,"told":2,"block":"sum","closings":1,"filing":{"state":"confirmed","issue":{"tracker":"redmine https://t.example ops","id":"42","url":"https://t.example/42"},"at":"2026-11-25T13:00:00Z"},"acknowledged":{"by":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿","at":"2026-11-25T13:00:00Z","until":"2026-11-25T21:00:00Z"}}
\.
COPY certvigil.instances (id, role, home, made_at) FROM stdin;
ec1dadd8f6dfe0b9eed5daa2c12b1f91	test	7711951062355489966/16384	1795608000000
\.
COPY certvigil.journal (instance, sequence, version, at, previous, text, hash, incident) FROM stdin;
ec1dadd8f6dfe0b9eed5daa2c12b1f91	1	1	1795608000000	\\x0000000000000000000000000000000000000000000000000000000000000000	{"at":"2026-11-25T12:00:00Z","kind":"told","incident":null,"data":{"what":"nul\\u0000 'single' \\"double\\" \\\\back ‮gro.elpmaxe \\r\\n\\t%s $1 ?1 '); DROP TABLE x;-- 􏿿"},"body":"1db6489bd1c7b5024dd65eeeb33530c0864b430b8801b477df7191d7cdb18504"}	\\x8609d2cf28ebabdac83f10304ff06fcd5b2704d395bdff15acaae67d28c772df	\N
\.
COPY certvigil.rounds (number, id, location, is_whole, finished_at, document) FROM stdin;
1	r0		1	1795608060000	{"id":"r0","started_at":"2026-11-25T12:00:00Z","finished_at":"2026-11-25T12:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}
2	r1		1	1795611660000	{"id":"r1","started_at":"2026-11-25T13:00:00Z","finished_at":"2026-11-25T13:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}
\.
SELECT setval(pg_get_serial_sequence('certvigil.rounds', 'number'), COALESCE(MAX(number) + 1, 1), false) FROM certvigil.rounds;
COPY certvigil.schema_versions (number, name, sha256, applied_at, writer) FROM stdin;
1	memory	a29da699d19690c95924ce2315f4b0b3a7cc23dd18133dba4413089ac8004bda	1795608000000	certvigil 0.1.0
\.
COPY certvigil.sightings (number, endpoint, location, until, document) FROM stdin;
1	0000000000000001		1795611600000	{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","subject":"CN=a","names":["DNS:a"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T12:01:00Z","since":"2026-11-25T12:00:00Z","last_seen":"2026-11-25T12:01:00Z","until":"2026-11-25T13:00:00Z"}
2	0000000000000001		\N	{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d","subject":"CN=b","names":["DNS:b"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T13:00:00Z","since":"2026-11-25T13:00:00Z","last_seen":"2026-11-25T13:00:00Z","until":null}
\.
SELECT setval(pg_get_serial_sequence('certvigil.sightings', 'number'), COALESCE(MAX(number) + 1, 1), false) FROM certvigil.sightings;
INSERT INTO documents (name, document) VALUES ('restored', '"{\"at\":\"2026-11-25T12:00:00Z\",\"from\":\"postgres://lab@/var/lib/certvigil:46169/d0\"}"')
    ON CONFLICT (name) DO UPDATE SET document = excluded.document;
UPDATE instances SET home = '';
COMMIT;
