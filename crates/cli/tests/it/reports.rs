//! Report files: there in full or not at all, and never yesterday's.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::command::{certvigil, run};

/// Every wording that there is, to a file each.
const FORMATS: [&str; 10] = [
    "table",
    "json",
    "ndjson",
    "junit",
    "sarif",
    "github",
    "nagios",
    "prometheus",
    "markdown",
    "accept",
];

#[test]
fn a_killed_round_leaves_reports_that_say_so() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        std::fs::write(folder.path().join(format), "yesterday was green").unwrap();
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = silent.local_addr().unwrap().to_string();
    let outputs = outputs(folder.path());
    let mut arguments = vec!["check", &target, "--deadline", "60s", "--no-progress"];
    let soon = soon();
    arguments.extend(["--accept-until", &soon]);
    arguments.extend(outputs.iter().flat_map(|output| ["--format", output]));
    let mut command = certvigil(&arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (_held, _) = silent.accept().unwrap(); // a look has begun
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    for (format, wanted) in [
        ("table", "incomplete: 1 endpoint without a verdict"),
        ("json", "\"expected\":1,\"attempted\":0,\"checked\":0,\"complete\":false"),
        ("ndjson", "\"expected\":1,\"attempted\":0,\"checked\":0,\"complete\":false"),
        ("junit", "<error type=\"round-incomplete\" message=\"attempted 0 of 1\">"),
        ("sarif", "\"executionSuccessful\":false"),
        ("github", "::error title=certvigil%3A the round is not complete::attempted 0 of 1"),
        ("nagios", "CERTVIGIL UNKNOWN - checked 0 of 1"),
        ("prometheus", "certvigil_round_complete 0\n"),
        ("markdown", "**This round is not complete: attempted 0 of 1.**"),
        ("accept", "# attempted 0 of 1"),
    ] {
        let text = std::fs::read_to_string(folder.path().join(format)).unwrap();
        assert!(text.contains(wanted), "{format}: {text}");
        assert!(!text.contains("yesterday"), "{format}: {text}");
    }
    assert_eq!(names(folder.path()), sorted(&FORMATS), "nothing else is left behind");
}

#[test]
fn several_reports_of_one_round_agree() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let outputs = outputs(folder.path());
    let soon = soon();
    let mut arguments = vec!["check", &closed, "no target", "--no-progress"];
    arguments.extend(["--accept-until", &soon]);
    arguments.extend(outputs.iter().flat_map(|output| ["--format", output]));
    let ran = run(&arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for format in FORMATS {
        let text = std::fs::read_to_string(folder.path().join(format)).unwrap();
        for id in ["refused", "invalid-target"] {
            assert!(text.contains(id), "{format} lacks {id}: {text}");
        }
    }
    assert_eq!(names(folder.path()), sorted(&FORMATS));
}

#[test]
fn a_list_of_acceptances_has_an_end() {
    for (arguments, wanted) in [
        (&["--format", "accept"][..], "--format accept needs --accept-until"),
        (&["--accept-until", "2999-01-01", "--format", "accept"], "90 days ahead"),
        (&["--accept-until", "2001-01-01", "--format", "accept"], "between now and"),
        (&["--accept-until", "2999-01-01"], "goes with --format accept"),
    ] {
        let mut all = vec!["check", "127.0.0.1:1"];
        all.extend(arguments);
        let ran = run(&all);
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        assert!(ran.err.contains(wanted), "{}", ran.told());
    }
}

fn outputs(folder: &Path) -> Vec<String> {
    FORMATS.iter().map(|format| format!("{format}={}", folder.join(format).display())).collect()
}

/// A moment that lies ahead.
fn soon() -> String {
    use certvigil_model::Clock as _;
    certvigil_doors::SystemClock.wall().plus(std::time::Duration::from_secs(864_000)).to_string()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    names
}
