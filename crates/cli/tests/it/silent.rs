//! Promise 1: with silent servers in the list the healthy ones get their verdicts, inside the
//! bound.

use std::net::TcpListener;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;

use crate::command::run_with_input;
use crate::openssl::{Authority, ORDINARY};

#[test]
fn silent_servers_delay_nobody_beyond_the_bound() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:*.lab.test"], 90);
    let (_server, port) = authority.s_server(ORDINARY);
    // The kernel takes the connections; nobody ever says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let mut list = String::new();
    for number in 0..60 {
        let line = match number % 3 {
            0 => format!("127.0.0.1:{silent_port}#n{number}.lab.test\n"),
            _ => format!("127.0.0.1:{port}#n{number}.lab.test\n"),
        };
        list.push_str(&line);
    }
    let root = authority.root();
    let begun = SystemClock.monotonic();
    let ran = run_with_input(
        &[
            "check",
            "--stdin",
            "--trust",
            root.to_str().unwrap(),
            "--format",
            "json",
            "--deadline",
            "2s",
            "--concurrency",
            "16",
            "--first-certificate",
        ],
        &list,
    );
    let took = SystemClock.monotonic() - begun;
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    let report = ran.json();
    let round = &report["round"];
    assert_eq!(round["expected"], 60);
    assert_eq!(round["attempted"], 60);
    assert_eq!(round["checked"], 40);
    assert_eq!(round["summary"]["ok"], 40, "{}", ran.told());
    assert_eq!(round["summary"]["unknown"], 20);
    let bound = round["bound_ms"].as_u64().unwrap();
    assert!(took.as_millis() <= u128::from(bound), "{took:?} is above the bound of {bound} ms");
    let silent = report["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .find(|endpoint| endpoint["outcome"] == "timeout");
    let reason = silent.unwrap()["reason"].as_str().unwrap();
    assert!(reason.contains("accepted the connection and then sent nothing for"), "{reason}");
}
