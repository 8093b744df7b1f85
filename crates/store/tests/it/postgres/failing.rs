//! What happens when the database, the network or somebody else comes between.

use std::cell::Cell;

use certvigil_store::{Error, Store};

use super::{Case, cases, open};
use crate::cluster::Cluster;
use crate::contract::{whole, within};
use crate::sample::{NOON, incident, record};

pub(super) const CASES: &[Case] = cases![
    work_is_run_again_when_another_came_between,
    work_is_not_run_for_ever_and_not_for_other_failures,
    work_that_hides_a_failed_statement_is_not_believed,
    a_connection_that_is_lost_in_the_middle_is_told_and_replaced,
    a_connection_that_was_lost_between_two_transactions_is_replaced_without_a_word,
    a_commit_without_an_answer_is_not_told_as_a_failure_or_a_success,
];

fn failure(store: &mut dyn Store, name: &str) -> Option<String> {
    let done = store.transact(NOON, &mut |transaction| transaction.put_document(name, "text"));
    done.err().map(|error| whole(&error))
}

fn document(store: &mut dyn Store, name: &str) -> Option<String> {
    within(store, |transaction| transaction.document(name))
}

/// A trigger that fails `times` times with `code`; what it counts by is not rolled back.
fn fail_with(cluster: &Cluster, database: &str, code: &str, times: u32) {
    let script = format!(
        "SET search_path TO certvigil;
         DROP SEQUENCE IF EXISTS failures CASCADE;
         CREATE SEQUENCE failures;
         CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('certvigil.failures') <= {times} THEN
                 RAISE EXCEPTION 'as asked' USING ERRCODE = '{code}';
             END IF;
             RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    cluster.client(database).batch_execute(&script).unwrap();
}

fn work_is_run_again_when_another_came_between(cluster: &Cluster) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    for code in ["40001", "40P01"] {
        fail_with(cluster, &database, code, 2);
        let runs = Cell::new(0);
        within(&mut *store, |transaction| {
            runs.set(runs.get() + 1);
            transaction.record(&record("told", NOON))?;
            transaction.put_document(code, "text")
        });
        assert_eq!(runs.get(), 3, "{code}");
        assert_eq!(document(&mut *store, code).as_deref(), Some("text"));
    }
    let instance = store.instance().clone();
    let rows = within(&mut *store, |transaction| transaction.journal(&instance, 1, 100));
    let told = rows.iter().filter(|row| row.text.contains("\"told\"")).count();
    assert_eq!(told, 2, "each once, however often it was run");
}

fn work_is_not_run_for_ever_and_not_for_other_failures(cluster: &Cluster) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    fail_with(cluster, &database, "40001", 1_000_000);
    let told = failure(&mut *store, "a").unwrap();
    assert!(told.contains("40001") && told.contains("INSERT INTO documents"), "{told}");
    let tries: i64 = cluster
        .client(&database)
        .query_one("SELECT last_value FROM certvigil.failures", &[])
        .unwrap()
        .get(0);
    assert_eq!(tries, 5);
    fail_with(cluster, &database, "23514", 1);
    assert!(failure(&mut *store, "a").unwrap().contains("23514"));
    assert_eq!(failure(&mut *store, "a"), None, "the connection is still good");
}

/// PostgreSQL answers COMMIT with success then, and has kept nothing.
fn work_that_hides_a_failed_statement_is_not_believed(cluster: &Cluster) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    fail_with(cluster, &database, "23514", 1);
    let done = store.transact(NOON, &mut |transaction| {
        transaction.put_incident(&incident("a"))?;
        let _ = transaction.put_document("a", "text");
        Ok(())
    });
    let told = whole(&done.unwrap_err());
    assert!(told.contains("after a statement had failed"), "{told}");
    assert_eq!(within(&mut *store, |transaction| transaction.incidents(NOON)), []);
}

fn a_connection_that_is_lost_in_the_middle_is_told_and_replaced(cluster: &Cluster) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    let done = store.transact(NOON, &mut |transaction| {
        transaction.put_document("a", "text")?;
        cluster.cut_connections(&database);
        transaction.put_incident(&incident("a"))
    });
    let told = whole(&done.unwrap_err());
    for wanted in [
        "lost its connection at `INSERT INTO incidents",
        "nothing of this transaction was written",
        "postgres://lab@",
    ] {
        assert!(told.contains(wanted), "{told}");
    }
    assert_eq!(document(&mut *store, "a"), None);
    assert_eq!(failure(&mut *store, "b"), None, "connected anew");
}

fn a_connection_that_was_lost_between_two_transactions_is_replaced_without_a_word(
    cluster: &Cluster,
) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    for name in ["a", "b"] {
        cluster.cut_connections(&database);
        assert_eq!(failure(&mut *store, name), None);
    }
    cluster.cut_connections(&database);
    assert!(!store.sizes().unwrap().is_empty());
}

/// A trigger that is deferred to the commit ends its own server process there.
fn a_commit_without_an_answer_is_not_told_as_a_failure_or_a_success(cluster: &Cluster) {
    let database = cluster.database();
    let mut store = open(&cluster.socket_url(&database));
    let script = "SET search_path TO certvigil;
        CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid());
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON documents
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()";
    cluster.client(&database).batch_execute(script).unwrap();
    let told = failure(&mut *store, "a").unwrap();
    assert!(told.contains("lost its connection at `COMMIT`"), "{told}");
    assert!(told.contains("whether this transaction was written is not known"), "{told}");
    assert_eq!(document(&mut *store, "a"), None, "here it was not");
}

#[test]
fn a_server_that_is_gone_is_told_and_its_words_are_of_the_connection() {
    let Some(cluster) = Cluster::start() else { return };
    let mut store = open(&cluster.socket_url(&cluster.database()));
    drop(cluster);
    let done: Result<(), Error> = store.transact(NOON, &mut |_| Ok(()));
    let told = whole(&done.unwrap_err());
    assert!(told.contains("cannot be reached"), "{told}");
}
