BEGIN TRANSACTION;
CREATE TABLE bodies (
    sha256 BLOB PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "bodies" VALUES(X'3593F87B3ED8CC5D227BF3CB02DDA0ECA4D5B0F155E60601DAED26F9ACB14081',1795608000000,'"a long text"');
CREATE TABLE certificates (
    sha256 BLOB PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    der BLOB NOT NULL
) STRICT;
INSERT INTO "certificates" VALUES(X'5050D80D22ECD471EA55DF7034042C1E041341FF4066E7F6FF38E20B720DF8EA',1795608000000,X'646572');
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    is_over INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    document TEXT NOT NULL
) STRICT;
INSERT INTO "deliveries" VALUES('d1','14c1a6afe9a5224bf3877a08d246f35c',0,1795608000000,1795608000000,NULL,'{"id":"d1","incident":"14c1a6afe9a5224bf3877a08d246f35c","tracker":"redmine https://t.example ops","act":{"do":"comment","change":7},"state":"queued","attempts":0,"created_at":"2026-11-25T12:00:00Z","attempted_at":null,"due_at":"2026-11-25T12:00:00Z","trouble":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"}');
CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "documents" VALUES('name','"text"');
CREATE TABLE exceptions (
    endpoint TEXT PRIMARY KEY,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
    instance TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    witnessed TEXT NOT NULL
) STRICT;
INSERT INTO "heads" VALUES('b343a234ec3f754b5ebe9e80741068a7',1,X'F9E7CBC92A3974B4755077610587DF9523D45F54D518AC2AA8B507B6BAED99AC','');
CREATE TABLE incidents (
    key TEXT PRIMARY KEY,
    is_resolved INTEGER NOT NULL,
    resolved_at INTEGER,
    document TEXT NOT NULL
) STRICT;
INSERT INTO "incidents" VALUES('14c1a6afe9a5224bf3877a08d246f35c',0,NULL,'{"key":"14c1a6afe9a5224bf3877a08d246f35c","family":"expiry","subject":{"target":"a"},"status":"open","severity":"critical","owner":"ops","places":{"0000000000000001":{"shown":"127.0.0.1:1","target":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","tags":["web"],"server_name":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","owner":"web","origin":null,"first_bad":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","good_runs":1,"absent_since":"2026-11-25T13:00:00Z","problems":[{"id":"expired","family":"expiry","severity":"warning","certificate":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","message":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","hint":null,"accepted":null}]}},"certificate":{"sha256":"7c2ecd07f155648431e0f94b89247d713c5786e1e73e953f2fe7eca39534cd6d","subject":"CN=www","names":["DNS:www"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"first_seen":"2026-11-25T12:00:00Z","last_bad":"2026-11-25T13:00:00Z","opened_at":"2026-11-25T12:00:00Z","resolved_at":null,"reopened":2,"unseen_since":"2026-11-25T14:00:00Z","changes":3,"told":2,"block":"sum","closings":1,"filing":{"state":"confirmed","issue":{"tracker":"redmine https://t.example ops","id":"42","url":"https://t.example/42"},"at":"2026-11-25T13:00:00Z"},"acknowledged":{"by":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿","at":"2026-11-25T13:00:00Z","until":"2026-11-25T21:00:00Z"}}');
CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    home TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO "instances" VALUES('b343a234ec3f754b5ebe9e80741068a7','test','/tmp/store-gen.db (10010633)',1795608000000);
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
INSERT INTO "journal" VALUES('b343a234ec3f754b5ebe9e80741068a7',1,1,1795608000000,X'0000000000000000000000000000000000000000000000000000000000000000','{"at":"2026-11-25T12:00:00Z","kind":"incident-opened","incident":"14c1a6afe9a5224bf3877a08d246f35c","data":{"what":"nul\u0000 ''single'' \"double\" \\back ‮gro.elpmaxe \r\n\t%s $1 ?1 ''); DROP TABLE x;-- 􏿿"},"body":"3593f87b3ed8cc5d227bf3cb02dda0eca4d5b0f155e60601daed26f9acb14081"}',X'F9E7CBC92A3974B4755077610587DF9523D45F54D518AC2AA8B507B6BAED99AC','14c1a6afe9a5224bf3877a08d246f35c');
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    location TEXT NOT NULL,
    is_whole INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
INSERT INTO "rounds" VALUES(1,'r0','',1,1795608060000,'{"id":"r0","started_at":"2026-11-25T12:00:00Z","finished_at":"2026-11-25T12:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}');
INSERT INTO "rounds" VALUES(2,'r1','',1,1795611660000,'{"id":"r1","started_at":"2026-11-25T13:00:00Z","finished_at":"2026-11-25T13:01:00Z","location":null,"expected":2,"attempted":2,"checked":2,"bound_ms":60000,"is_whole":true}');
CREATE TABLE schema_versions (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, writer TEXT NOT NULL
);
INSERT INTO "schema_versions" VALUES(1,'memory','27c03173f89543cba002a5bb2495f4e39666cdcd6a3717c523e2eae5839578d0',1795608000000,'certvigil 0.1.0');
CREATE TABLE sightings (
    number INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    location TEXT NOT NULL,
    until INTEGER,
    document TEXT NOT NULL
) STRICT;
INSERT INTO "sightings" VALUES(1,'0000000000000001','',1795611600000,'{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4","subject":"CN=old","names":["DNS:old"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T12:01:00Z","since":"2026-11-25T12:00:00Z","last_seen":"2026-11-25T12:01:00Z","until":"2026-11-25T13:00:00Z"}');
INSERT INTO "sightings" VALUES(2,'0000000000000002','',NULL,'{"endpoint":"0000000000000002","place":"127.0.0.1:2","target":"host-2.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"timeout","chain":[],"others":[],"certificate":null,"certificate_at":null,"since":"2026-11-25T12:00:00Z","last_seen":"2026-11-25T12:00:00Z","until":null}');
INSERT INTO "sightings" VALUES(3,'0000000000000001','',NULL,'{"endpoint":"0000000000000001","place":"127.0.0.1:1","target":"host-1.example.org","owner":"ops","origin":{"file":"certvigil.toml","line":12},"port":443,"server_name":"www.example.org","outcome":"captured","chain":["11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437","535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"],"others":[],"certificate":{"sha256":"11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437","subject":"CN=new","names":["DNS:new"],"names_total":1,"issuer":"CN=issuer","serial_number":"0a","not_before":"2026-11-24T12:00:00Z","not_after":"2027-02-22T12:00:00Z","ends":{"at":"2027-02-22T12:00:00Z","warning_from":"2027-01-23T12:00:00Z","critical_from":"2027-02-15T12:00:00Z"}},"certificate_at":"2026-11-25T13:00:00Z","since":"2026-11-25T13:00:00Z","last_seen":"2026-11-25T13:00:00Z","until":null}');
CREATE INDEX rounds_whole ON rounds (location, number) WHERE is_whole = 1;
CREATE UNIQUE INDEX sightings_open ON sightings (endpoint) WHERE until IS NULL;
CREATE INDEX sightings_endpoint ON sightings (endpoint, number);
CREATE INDEX sightings_closed ON sightings (until) WHERE until IS NOT NULL;
CREATE INDEX incidents_resolved ON incidents (is_resolved, resolved_at);
CREATE INDEX deliveries_open ON deliveries (due_at) WHERE is_over = 0;
CREATE INDEX deliveries_incident ON deliveries (incident, created_at);
CREATE INDEX journal_incident ON journal (incident, at) WHERE incident IS NOT NULL;
CREATE INDEX bodies_kept ON bodies (kept_at);
COMMIT;
