//! SIGTERM and SIGINT: the looks end, the rest was not attempted, the report is written, exit 2.

use std::net::TcpListener;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::command::{certvigil, ran};

#[test]
fn a_signal_ends_the_round_with_its_report() {
    for signal in [Signal::TERM, Signal::INT] {
        let (silent, met) = silent();
        let targets: Vec<String> =
            (0..200).map(|number| format!("127.0.0.1:{silent}#n{number}.lab.test")).collect();
        let mut arguments =
            vec!["check", "--format", "json", "--deadline", "60s", "--concurrency", "4"];
        arguments.extend(targets.iter().map(String::as_str));
        let mut command = certvigil(&arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        met.recv_timeout(Duration::from_secs(20)).expect("a look has begun");
        let begun = SystemClock.monotonic();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ran = ran(child.wait_with_output().unwrap());
        assert!(
            SystemClock.monotonic() - begun < Duration::from_secs(10),
            "the looks were waited for"
        );
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        let round = &ran.json()["round"];
        assert_eq!(round["expected"], 200);
        assert_eq!(round["attempted"], 0);
        assert_eq!(round["complete"], false);
        assert_eq!(round["summary"]["unknown"], 200);
        let report = ran.json();
        let endpoints = report["endpoints"].as_array().unwrap();
        assert!(endpoints.iter().all(|endpoint| endpoint["outcome"] == "not-attempted"));
    }
}

/// A server that takes connections and says nothing; tells when it has taken the first.
fn silent() -> (u16, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, met) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            kept.push(stream);
            let _ = tell.send(());
        }
    });
    (port, met)
}
