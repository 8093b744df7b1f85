//! The store of a fleet, over a PostgreSQL of the test's own: the contract, and what only it promises.

mod copies;
mod failing;
mod holding;
mod opening;
mod tls;

use std::panic::{AssertUnwindSafe, catch_unwind};

use certvigil_store::{Store, postgres};

use crate::cluster::Cluster;
use crate::contract::{Rule, every_rule, whole};
use crate::sample::NOON;

fn open(url: &str) -> Box<dyn Store> {
    postgres::open(url, NOON, "test").unwrap_or_else(|error| panic!("{}", whole(&error)))
}

macro_rules! a_list {
    ($($area:ident::$rule:ident)*) => {
        &[$((stringify!($rule), crate::contract::$area::$rule)),*]
    };
}
const RULES: &[(&str, Rule)] = every_rule!(a_list);

/// A promise, and what tries it.
type Case = (&'static str, fn(&Cluster));

macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        &[$((stringify!($case), $case)),*]
    };
}
use cases;

/// Few tests of many cases: test runners give each test a process, and each of those starts a cluster.
fn try_all<T>(cases: &[(&'static str, T)], holds: impl Fn(&Cluster, &T)) {
    let Some(cluster) = Cluster::start() else { return };
    let mut broken = Vec::new();
    for (name, case) in cases {
        if catch_unwind(AssertUnwindSafe(|| holds(&cluster, case))).is_err() {
            broken.push(name);
        }
    }
    assert!(broken.is_empty(), "{} of {}: {broken:?}", broken.len(), cases.len());
}

#[test]
fn it_keeps_the_contract_rule_by_rule() {
    try_all(RULES, |cluster, rule| {
        // All of a store is in its schema, and making a database takes longer than most rules.
        let drop_it = "DROP SCHEMA IF EXISTS certvigil CASCADE";
        cluster.client("postgres").batch_execute(drop_it).unwrap();
        let url = cluster.socket_url("postgres");
        rule(&|| open(&url));
    });
}

#[test]
fn it_takes_the_databases_that_it_can_keep_its_word_in() {
    try_all(opening::CASES, |cluster, case| case(cluster));
}

#[test]
fn it_knows_who_is_on_the_other_side() {
    try_all(tls::CASES, |cluster, case| case(cluster));
}

#[test]
fn it_says_what_failed_and_goes_on() {
    try_all(failing::CASES, |cluster, case| case(cluster));
}

#[test]
fn one_process_serves_it() {
    try_all(holding::CASES, |cluster, case| case(cluster));
}

#[test]
fn it_is_copied_and_restored() {
    try_all(copies::CASES, |cluster, case| case(cluster));
}
