PRAGMA application_id = 1129727820;
CREATE TABLE schema_versions (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, writer TEXT NOT NULL
);
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
INSERT INTO schema_versions VALUES (1, 'memory', '27c03173f89543cba002a5bb2495f4e39666cdcd6a3717c523e2eae5839578d0', 1795608000000, 'certvigil 0.1.0');
INSERT INTO rounds VALUES (1, 'r0', '', 1, 1795608060000, '{"id":"r0","started_at":"2026-11-25T12:00:00Z","finished_at":"2026-11-25T12:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}');
INSERT INTO rounds VALUES (2, 'r1', '', 1, 1795611660000, '{"id":"r1","started_at":"2026-11-25T13:00:00Z","finished_at":"2026-11-25T13:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}');
INSERT INTO sightings VALUES (1, '0000000000000001', '', 1795611600000, '{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","subject":"CN=a","names":["DNS:a"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T12:01:00Z","since":"2026-11-25T12:00:00Z","last_seen":"2026-11-25T12:01:00Z","until":"2026-11-25T13:00:00Z"}');
INSERT INTO sightings VALUES (2, '0000000000000001', '', NULL, '{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d","subject":"CN=b","names":["DNS:b"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T13:00:00Z","since":"2026-11-25T13:00:00Z","last_seen":"2026-11-25T13:00:00Z","until":null}');
INSERT INTO certificates VALUES (X'0086979E5B1F36F29ABD592296E8FACA9A38BF3D9EA2CE9624C5D33D6F7E98FD', 1795608000000, X'6E6F2063657274696669636174652C2062757420627974657300FF');
INSERT INTO incidents VALUES ('14c1a6afe9a5224bf3877a08d246f35c', 0, NULL, '{"key":"14c1a6afe9a5224bf3877a08d246f35c","family":"expiry","subject":{"target":"a"},"status":"open","severity":"critical","owner":"ops","places":{"0000000000000001":{"shown":"127.0.0.1:1","target":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","tags":["web"],"server_name":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","owner":"web","origin":null,"first_bad":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","good_runs":1,"absent_since":"2026-11-25T13:00:00Z","problems":[{"id":"expired","family":"expiry","severity":"warning","certificate":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","message":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","hint":null,"accepted":null}]}},"certificate":{"sha256":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","subject":"CN=www","names":["DNS:www"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"first_seen":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","opened_at":"2026-11-25T12:00:00Z","resolved_at":null,"reopened":2,"unseen_since":"2026-11-25T14:00:00Z","changes":3,"told":2,"block":"sum","closings":1,"filing":{"state":"confirmed","issue":{"tracker":"redmine https://t.example ops","id":"42","url":"https://t.example/42"},"at":"2026-11-25T13:00:00Z"},"acknowledged":{"by":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","at":"2026-11-25T13:00:00Z","until":"2026-11-25T21:00:00Z"}}');
INSERT INTO deliveries VALUES ('d', '14c1a6afe9a5224bf3877a08d246f35c', 0, 1795608000000, 1795608000000, NULL, '{"id":"d","incident":"14c1a6afe9a5224bf3877a08d246f35c","tracker":"redmine https://t.example ops","act":{"do":"comment","change":7},"state":"queued","attempts":0,"created_at":"2026-11-25T12:00:00Z","attempted_at":null,"due_at":"2026-11-25T12:00:00Z","trouble":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"}');
INSERT INTO documents VALUES ('hostile', '"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"');
INSERT INTO instances VALUES ('5445c8b4fd68cbfae6003f42efe44f79', 'test', '/var/lib/certvigil/today.db (10054053)', 1795608000000);
INSERT INTO heads VALUES ('5445c8b4fd68cbfae6003f42efe44f79', 1, X'0ED4BAF31B205FC23AE9DA7377E4E5AC93785330FE1F94737A5B7916D61F10D2', '');
INSERT INTO journal VALUES ('5445c8b4fd68cbfae6003f42efe44f79', 1, 1, 1795608000000, X'0000000000000000000000000000000000000000000000000000000000000000', '{"at":"2026-11-25T12:00:00Z","kind":"told","incident":null,"data":{"what":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"},"body":"1db6489bd1c7b5024dd65eeeb33530c0864b430b8801b477df7191d7cdb18504"}', X'0ED4BAF31B205FC23AE9DA7377E4E5AC93785330FE1F94737A5B7916D61F10D2', NULL);
INSERT INTO bodies VALUES (X'1DB6489BD1C7B5024DD65EEEB33530C0864B430B8801B477DF7191D7CDB18504', 1795608000000, '"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"');
