//! Who is on the other side. The server shows a certificate for `db.example.org` of an authority of its own.

use certvigil_store::postgres;

use super::{Case, cases};
use crate::cluster::{Cluster, PASSWORD};
use crate::contract::{whole, within};
use crate::sample::NOON;

pub(super) const CASES: &[Case] = cases![
    a_wrong_name_or_authority_is_refused_and_a_right_one_taken,
    what_was_asked_for_is_what_the_server_sees,
    a_wrong_password_and_a_dead_port_are_told_without_the_password,
];

/// Opens `database` by `host`, with `asked` behind the address; what is wrong, where something is.
fn refusal(cluster: &Cluster, host: &str, database: &str, asked: &str) -> Option<String> {
    let url = format!("{}?{asked}", cluster.url(host, database));
    let told = match postgres::open(&url, NOON, "test") {
        Ok(mut store) => {
            within(&mut *store, |transaction| transaction.put_document("asked", asked));
            return None;
        }
        Err(error) => format!("{} {error:?}", whole(&error)),
    };
    assert!(!told.contains(PASSWORD), "{told}");
    assert!(
        told.contains(&format!("postgres://lab@{host}:{}/{database}", cluster.port())),
        "{told}"
    );
    Some(told)
}

fn a_wrong_name_or_authority_is_refused_and_a_right_one_taken(cluster: &Cluster) {
    let database = cluster.database();
    let ca_file = format!("ca_file={}", cluster.authority().display());
    let here = "hostaddr=127.0.0.1";
    for (host, asked, wanted) in [
        // The name is the certificate's, whatever its address.
        ("db.example.org", format!("sslmode=verify-full&{here}&{ca_file}"), None),
        ("db.example.org", format!("{here}&{ca_file}"), None),
        (
            "wrong.example.org",
            format!("sslmode=verify-full&{here}&{ca_file}"),
            Some("not valid for name"),
        ),
        ("wrong.example.org", format!("{here}&{ca_file}"), Some("not valid for name")),
        ("127.0.0.1", format!("sslmode=verify-full&{ca_file}"), Some("not valid for name")),
        ("db.example.org", format!("sslmode=verify-full&{here}"), Some("UnknownIssuer")),
        ("wrong.example.org", format!("sslmode=verify-ca&{here}&{ca_file}"), None),
        ("127.0.0.1", format!("sslmode=verify-ca&{ca_file}"), None),
        ("127.0.0.1", "sslmode=verify-ca".to_owned(), Some("UnknownIssuer")),
        // As libpq does: an authority that is named is asked.
        ("127.0.0.1", format!("sslmode=require&{ca_file}"), None),
        ("127.0.0.1", "sslmode=require".to_owned(), None),
        ("127.0.0.1", "sslmode=disable".to_owned(), None),
        ("127.0.0.1", "sslmode=verify-full&ca_file=/nowhere.pem".to_owned(), Some("/nowhere.pem")),
    ] {
        let told = refusal(cluster, host, &database, &asked);
        match (&told, wanted) {
            (None, None) => {}
            (Some(told), Some(wanted)) => assert!(told.contains(wanted), "{host} {asked}: {told}"),
            _ => panic!("{host} {asked}: {told:?}"),
        }
    }
}

/// The server itself says which of its connections are encrypted.
fn what_was_asked_for_is_what_the_server_sees(cluster: &Cluster) {
    let database = cluster.database();
    for (asked, wanted) in [("sslmode=require", true), ("sslmode=disable", false)] {
        let url = format!("{}?{asked}&application_name=asked", cluster.url("127.0.0.1", &database));
        let _store = postgres::open(&url, NOON, "test").unwrap();
        let statement = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'asked' AND datname = $1";
        let rows = cluster.client("postgres").query(statement, &[&database]).unwrap();
        let seen: Vec<bool> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(seen, [wanted], "{asked}");
    }
}

fn a_wrong_password_and_a_dead_port_are_told_without_the_password(cluster: &Cluster) {
    let url = cluster.url("127.0.0.1", &cluster.database());
    let wrong = url.replace("s3cret", "wr0ng");
    let told = postgres::open(&wrong, NOON, "test").err().map(|error| whole(&error)).unwrap();
    assert!(told.contains("does not let this user in") && told.contains("28P01"), "{told}");
    assert!(!told.contains("wr0ng"), "{told}");
    let dead = url.replace(&format!(":{}/", cluster.port()), ":1/");
    let told = postgres::open(&dead, NOON, "test").err().map(|error| whole(&error)).unwrap();
    assert!(told.contains("cannot be reached") && told.contains("refused"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}
