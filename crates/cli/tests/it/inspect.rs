//! `inspect`: every certificate in every file, and a line for what is none.

use std::fs;

use serde_json::Value;

use crate::command::{run, run_with_input};
use crate::openssl::{Authority, ORDINARY};

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

/// OpenSSL's own server, which leaves the intermediate out: the drawing has a gap at its place.
#[test]
fn a_live_chain_is_drawn_with_its_gap() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test", "DNS:other.lab.test"], 90);
    let (_peer, port) = authority.s_server(&["-cert", "ec.pem", "-key", "ec.key"]);
    let root = authority.root();
    let target = format!("127.0.0.1:{port}#www.lab.test");
    let ran = run(&["inspect", &target, "--trust", root.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    let places = ["end entity", "DNS:other.lab.test", "missing       CN=Test int", "no path"];
    let places = places.map(|text| ran.out.find(text).unwrap_or_else(|| panic!("{}", ran.told())));
    assert!(places.is_sorted(), "{}", ran.told());
    let sha256 = authority.openssl(&["x509", "-in", "ec.pem", "-noout", "-fingerprint", "-sha256"]);
    let sha256 = sha256.trim().rsplit_once('=').unwrap().1.replace(':', "").to_lowercase();
    assert!(ran.out.contains(&sha256), "{}", ran.told());
    let serial = authority.openssl(&["x509", "-in", "ec.pem", "-noout", "-serial"]);
    let serial = serial.trim().rsplit_once('=').unwrap().1.to_lowercase();
    assert!(ran.out.contains(&format!("serial   {serial}")), "{}", ran.told());
}

#[test]
fn a_whole_chain_leads_to_its_anchor_and_all_formats_tell_it() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test"], 90);
    let (_peer, port) = authority.s_server(ORDINARY);
    let root = authority.root();
    let root = root.to_str().unwrap();
    let (target, resolve) =
        (format!("tls://www.lab.test:{port}"), format!("www.lab.test:{port}:127.0.0.1"));
    let look = ["inspect", &target, "--resolve", &resolve, "--trust", root];
    let ran = run(&look);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let path = "Test ec ← Test int ← Test root";
    assert!(
        ran.out.contains(path) && ran.out.contains("✓ trust anchor  Test root"),
        "{}",
        ran.told()
    );
    let document = run(&[&look[..], &["--format", "json", root]].concat()).json();
    assert_eq!(document["certificates"][0]["recovered"], "strict");
    assert_eq!(document["endpoints"][0]["verdict"], "ok");
    assert_eq!(document["endpoints"][0]["server_name"], "www.lab.test");
    let ran = run(&[&look[..], &["--format", "ndjson", "--at", "2099-01-01"]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    let line = &lines(&ran.out)[0];
    assert_eq!((&line["type"], &line["verdict"]), (&"endpoint".into(), &"critical".into()));
}

/// What is written like a file is none of the network's business, there or not.
#[test]
fn files_and_targets_are_told_apart() {
    for missing in ["missing.pem", "./www.lab.test", "/nowhere/www.lab.test"] {
        let ran = run(&["inspect", missing, "--format", "ndjson"]);
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        assert_eq!(lines(&ran.out)[0]["file"], missing);
    }
    let ran = run(&["inspect", "127.0.0.1:0", "--format", "ndjson"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert_eq!(lines(&ran.out)[0]["outcome"], "invalid-target");
}
