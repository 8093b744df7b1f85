//! `inspect`: every certificate in every file, and a line for what is none.

use std::fs;

use serde_json::Value;

use crate::command::{run, run_with_input};
use crate::openssl::Authority;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_bad_item_never_drops_the_others() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test"], 90);
    authority.openssl(&["x509", "-in", "ec.pem", "-outform", "DER", "-out", "ec.der"]);
    let good = fs::read_to_string(authority.path("ec.pem")).unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nnot base64 at all!\n-----END CERTIFICATE-----\n";
    fs::write(authority.path("bundle.pem"), format!("rubbish\n{good}{broken}{good}")).unwrap();
    fs::write(authority.path("empty"), "").unwrap();
    let folder = authority.folder().to_str().unwrap();
    let path = |name: &str| format!("{folder}/{name}");
    let list = [path("bundle.pem"), path("ec.der"), path("empty"), path("missing")].join("\n");
    let ran = run_with_input(&["inspect", "--files-from", "-", "--format", "ndjson"], &list);
    assert_eq!(ran.code, Some(2), "a file that is not there is a fault of the run: {}", ran.told());
    let lines = lines(&ran.out);
    let of =
        |name: &str| lines.iter().filter(|line| line["file"] == path(name)).collect::<Vec<_>>();
    assert_eq!(of("bundle.pem").len(), 3, "{}", ran.told());
    let recovered: Vec<_> = of("bundle.pem").iter().map(|line| &line["recovered"]).collect();
    assert_eq!(recovered, ["strict", "none", "strict"]);
    assert_eq!(of("ec.der").len(), 1);
    assert_eq!(of("ec.der")[0]["sha256"], of("bundle.pem")[0]["sha256"]);
    assert_eq!(of("empty").len(), 1);
    assert_eq!(of("empty")[0]["recovered"], "none");
    assert!(!of("empty")[0]["defects"].as_array().unwrap().is_empty());
    assert_eq!(of("missing").len(), 1);
}

#[test]
fn key_stores_are_read_with_a_password_by_reference() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test"], 90);
    authority.openssl(&[
        "pkcs12",
        "-export",
        "-in",
        "ec.chain.pem",
        "-inkey",
        "ec.key",
        "-out",
        "store.p12",
        "-passout",
        "pass:geheim",
    ]);
    fs::write(authority.path("password"), "geheim\n").unwrap();
    let store = authority.path("store.p12");
    let reference = format!("file:{}", authority.path("password").display());
    let store = store.to_str().unwrap();
    let ran = run(&["inspect", store, "--format", "ndjson", "--password", &reference]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert_eq!(lines(&ran.out).len(), 2, "{}", ran.told());
    let ran = run(&["inspect", store, "--format", "ndjson"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert_eq!(lines(&ran.out)[0]["recovered"], "none");
    assert!(!format!("{}{}", ran.out, ran.err).contains("geheim"));
}

#[test]
fn a_file_that_says_it_is_empty_and_never_ends_costs_one_line() {
    let ran = run(&["inspect", "/proc/self/pagemap", "--format", "ndjson"]);
    let lines = lines(&ran.out);
    assert_eq!((ran.code, lines.len()), (Some(2), 1), "{}", ran.told());
    assert_eq!(lines[0]["recovered"], "none");
}
