//! Which databases are taken.

use certvigil_store::postgres;

use super::{Case, cases, open};
use crate::cluster::Cluster;
use crate::contract::{whole, within};
use crate::sample::{NOON, record};

pub(super) const CASES: &[Case] = cases![
    what_a_newer_program_wrote_is_refused_naming_both,
    tables_that_another_text_made_are_refused,
    a_database_that_cannot_hold_every_text_is_refused,
    a_user_who_owns_nothing_but_the_schema_is_enough,
    many_may_make_the_same_store_at_once,
];

fn refusal(url: &str) -> String {
    postgres::open(url, NOON, "test").err().map(|error| whole(&error)).unwrap()
}

fn what_a_newer_program_wrote_is_refused_naming_both(cluster: &Cluster) {
    let database = cluster.database();
    let url = cluster.socket_url(&database);
    drop(open(&url));
    let statement =
        "INSERT INTO certvigil.schema_versions (number, name, sha256, applied_at, writer)
        VALUES (7, 'future', '', 0, 'certvigil 9.9.9')";
    cluster.client(&database).batch_execute(statement).unwrap();
    let told = refusal(&url);
    let ours = concat!("certvigil ", env!("CARGO_PKG_VERSION"));
    for wanted in [&database, "version 7", "certvigil 9.9.9", ours] {
        assert!(told.contains(wanted), "{told}");
    }
}

fn tables_that_another_text_made_are_refused(cluster: &Cluster) {
    let database = cluster.database();
    let url = cluster.socket_url(&database);
    drop(open(&url));
    let statement = "UPDATE certvigil.schema_versions SET sha256 = 'other'";
    cluster.client(&database).batch_execute(statement).unwrap();
    assert!(refusal(&url).contains("another text"));
}

fn a_database_that_cannot_hold_every_text_is_refused(cluster: &Cluster) {
    let make = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    cluster.client("postgres").batch_execute(make).unwrap();
    let told = refusal(&cluster.socket_url("latin"));
    assert!(told.contains("LATIN1") && told.contains("ENCODING 'UTF8'"), "{told}");
}

/// What the docs ask a database's keeper for, and no more.
fn a_user_who_owns_nothing_but_the_schema_is_enough(cluster: &Cluster) {
    let database = cluster.database();
    let script = "CREATE ROLE watcher LOGIN; CREATE SCHEMA certvigil AUTHORIZATION watcher";
    cluster.client(&database).batch_execute(script).unwrap();
    let url = cluster.socket_url(&database).replace("lab@", "watcher@");
    let mut store = open(&url);
    within(&mut *store, |transaction| transaction.put_document("a", "text"));
    assert!(!store.sizes().unwrap().is_empty());
}

fn many_may_make_the_same_store_at_once(cluster: &Cluster) {
    let url = cluster.socket_url(&cluster.database());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let told = record("told", NOON);
                within(&mut *open(&url), |transaction| transaction.record(&told));
            });
        }
    });
    let heads = within(&mut *open(&url), |transaction| transaction.heads());
    assert_eq!(heads.len(), 1, "one writer for one role");
}
