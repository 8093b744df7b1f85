//! What released programs wrote is brought up to date and still read.

use std::fs;
use std::path::{Path, PathBuf};

use certvigil_model::{Fingerprint, Time};
use certvigil_store::{Body, Noted, Restored, Store, postgres, sqlite, verify};
use rusqlite::Connection;

use crate::cluster::Cluster;
use crate::contract::{whole, within};
use crate::sample::{
    HOSTILE, NOON, delivery, endpoint, hour, incident, key, observation, record, round,
};

const DER: &[u8] = b"no certificate, but bytes\0\xff";

fn fill(store: &mut dyn Store) {
    within(store, |transaction| {
        transaction.observe(&round("r0", NOON), &[observation(1, "a", NOON)])?;
        transaction.observe(&round("r1", hour(1)), &[observation(1, "b", hour(1))])?;
        transaction.keep_certificate(DER)?;
        transaction.put_incident(&incident("a"))?;
        transaction.put_delivery(&delivery("d", "a", NOON))?;
        transaction.put_document("hostile", HOSTILE)?;
        let mut told = record("told", NOON);
        told.body = Some(transaction.put_body(&Body::masked(HOSTILE, &[]))?);
        transaction.record(&told)
    });
}

/// What does not depend on words that a later program may add to its documents.
fn assert_read(store: &mut dyn Store) {
    within(store, |transaction| {
        let seen = transaction.history(endpoint(1))?;
        let spans: Vec<_> = seen.iter().map(|seen| (seen.since, seen.until)).collect();
        assert_eq!(spans, [(hour(1), None), (NOON, Some(hour(1)))]);
        assert_eq!(
            seen[1].certificate.as_ref().map(|seen| seen.sha256),
            Some(Fingerprint::of(b"a"))
        );
        let rounds = transaction.rounds(10)?;
        assert_eq!(rounds.iter().map(|round| round.id.as_str()).collect::<Vec<_>>(), ["r1", "r0"]);
        assert_eq!(transaction.certificate(Fingerprint::of(DER))?.as_deref(), Some(DER));
        let incidents = transaction.incidents(Time::NO_SET_EXPIRY)?;
        assert_eq!(incidents.iter().map(|found| &found.key).collect::<Vec<_>>(), [&key("a")]);
        let (of_now, found) = (incident("a"), &incidents[0]);
        assert_eq!((&found.owner, found.severity), (&of_now.owner, of_now.severity));
        assert_eq!(found.filing.issue(), of_now.filing.issue());
        let deliveries = transaction.open_deliveries()?;
        assert_eq!(deliveries.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["d"]);
        assert_eq!(transaction.deliveries_of(&key("a"))?.len(), 1);
        assert_eq!(transaction.sightings()?.len(), 1);
        assert_eq!(transaction.document("hostile")?.as_deref(), Some(HOSTILE));
        let body = transaction.body(Fingerprint::of(HOSTILE.as_bytes()))?;
        assert_eq!(body.as_deref(), Some(HOSTILE));
        let mut told = 0;
        for head in transaction.heads()? {
            let chain = transaction.journal(&head.instance, 1, usize::MAX)?;
            assert!(verify(&chain, &[Noted::from(&head)]).is_ok());
            told += chain.iter().filter(|row| row.text.contains("\"told\"")).count();
        }
        assert_eq!(told, 1);
        Ok(())
    });
}

/// The released stores of one kind, in the order of their schemas.
fn released(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(kind);
    let mut files: Vec<_> = files.filter(is_one).collect();
    files.sort();
    assert!(!files.is_empty(), "schema 1 at least");
    files
}

/// Leaves today's store to be copied beside the released ones; where it stood is nobody's business.
fn leave(kind: &str, schema: i64, script: &str, stood: &Path) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("released");
    fs::create_dir_all(&folder).unwrap();
    let script = script.replace(&stood.display().to_string(), "/var/lib/certvigil");
    fs::write(folder.join(format!("{kind}-{schema}.sql")), script).unwrap();
}

#[test]
fn every_released_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("today.db");
    let open = |path: &Path| {
        sqlite::open(path, NOON, "test").unwrap_or_else(|error| panic!("{}", whole(&error)))
    };
    let mut today = open(&path);
    fill(&mut *today);
    assert_read(&mut *today);
    let (schema, script) = dump(&Connection::open(&path).unwrap());
    leave("sqlite", schema, &script, folder.path());
    for (number, file) in released("sqlite").iter().enumerate() {
        let path = folder.path().join(format!("{number}.db"));
        let script = fs::read_to_string(file).unwrap();
        Connection::open(&path).unwrap().execute_batch(&script).unwrap();
        let mut store = open(&path);
        assert_read(&mut *store);
        within(&mut *store, |transaction| {
            assert!(Restored::read(transaction)?.is_some(), "it stands elsewhere now");
            assert_eq!(transaction.heads()?.len(), 2, "the old writer's, and the one of the copy");
            Ok(())
        });
    }
}

/// The schema's number, and statements that make the store anew.
fn dump(connection: &Connection) -> (i64, String) {
    let number = |statement| connection.query_row(statement, [], |row| row.get(0)).unwrap();
    let texts = |statement: &str| -> Vec<String> {
        let mut prepared = connection.prepare(statement).unwrap();
        let rows = prepared.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let id: i64 = number("PRAGMA application_id");
    let mut script = format!("PRAGMA application_id = {id};\n");
    for statement in texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid") {
        script.push_str(&format!("{statement};\n"));
    }
    for table in
        texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    {
        let columns =
            texts(&format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"));
        let columns = columns.join(" || ', ' || ");
        for row in texts(&format!("SELECT {columns} FROM {table}")) {
            script.push_str(&format!("INSERT INTO {table} VALUES ({row});\n"));
        }
    }
    (number("SELECT MAX(number) FROM schema_versions"), script)
}

#[test]
fn every_released_database_is_read() {
    let Some(cluster) = Cluster::start() else { return };
    let open = |database: &str| {
        let opened = postgres::open(&cluster.socket_url(database), NOON, "test");
        opened.unwrap_or_else(|error| panic!("{}", whole(&error)))
    };
    let database = cluster.database();
    let mut today = open(&database);
    fill(&mut *today);
    assert_read(&mut *today);
    let folder = tempfile::tempdir().unwrap();
    let backup = today.backup(folder.path(), NOON).unwrap().path;
    let statement = "SELECT MAX(number) FROM certvigil.schema_versions";
    let schema = cluster.client(&database).query_one(statement, &[]).unwrap().get(0);
    let script = fs::read_to_string(backup).unwrap();
    leave("postgres", schema, &script, cluster.authority().parent().unwrap());
    for file in released("postgres") {
        let database = cluster.database();
        cluster.psql(&database, &file);
        assert_read(&mut *open(&database));
    }
}
