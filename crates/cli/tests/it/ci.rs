//! `deploy/ci/certvigil-ci`, which every CI recipe runs, with the real program or one that fails in
//! a way that the real one does not, and a check-in receiver on loopback.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::command::{Ran, free_port, ran, skipped};
use crate::openssl::{Authority, ORDINARY};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/ci/certvigil-ci");
const SECRET: &str = "b7e1c0d2-secret";

#[test]
fn a_clean_round_is_told_as_zero() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["IP:127.0.0.1"], 90);
    let (_server, port) = authority.s_server(ORDINARY);
    let job = Job::new();
    job.targets(&format!("127.0.0.1:{port}\n"));
    let done = job.run(&["--trust", authority.root().to_str().unwrap()]);
    assert_eq!(done.code, Some(0), "{}", done.told());
    assert!(done.out.contains("checked 1 of 1"), "{}", done.told());
    assert_eq!(job.heard(), ["start", "0"]);
}

#[test]
fn findings_are_told_as_one_and_their_reports_are_kept() {
    let job = Job::new();
    job.targets(&format!("# ours\n127.0.0.1:{}\n", free_port()));
    let done = job.run(&["--format", "json=reports/certvigil.json"]);
    assert_eq!(done.code, Some(1), "{}", done.told());
    assert_eq!(job.heard(), ["start", "1"]);
    let report = std::fs::read_to_string(job.path("reports/certvigil.json")).unwrap();
    assert!(report.contains(r#""origin":{"file":"targets.txt","line":2}"#), "{report}");
}

#[test]
fn whatever_keeps_it_from_looking_is_our_failure() {
    let hangs = "case \"$*\" in *--bound*) echo 1s ;; *) exec tail -f /dev/null ;; esac";
    let crashes = "case \"$*\" in *--bound*) echo 1s ;; *) exit 101 ;; esac";
    for (name, program, limit, arguments, words) in [
        ("the program is missing", None, "60", &[] as &[&str], "nothing was looked at"),
        ("it hangs", Some(hangs), "1", &[], "ended after 1 s"),
        ("it crashes", Some(crashes), "60", &[], "exit code 101"),
        (
            "it is killed",
            Some("case \"$*\" in *--bound*) echo 1s ;; *) kill -9 $$ ;; esac"),
            "60",
            &[],
            "ended",
        ),
        ("it hangs before it begins", Some("exit 3"), "60", &[], ""),
        ("no file", Some(REAL), "60", &["--trust", "/nowhere.pem"], "/nowhere.pem"),
        ("too little time", Some(REAL), "5", &[], "raise CERTVIGIL_LIMIT"),
        ("no time at all", Some(REAL), "0", &[], "no number of seconds"),
        ("no number", Some(REAL), "10m", &[], "no number of seconds"),
    ] {
        let job = Job::new();
        job.targets("127.0.0.1:1\n");
        let certvigil = match program {
            Some(REAL) => REAL.to_owned(),
            Some(text) => job.program("certvigil", text),
            None => "/nowhere/certvigil".to_owned(),
        };
        let beside = [("CERTVIGIL", certvigil.as_str()), ("CERTVIGIL_LIMIT", limit)];
        let done = job.run_with(arguments, &beside);
        assert_eq!(done.code, Some(2), "{name}: {}", done.told());
        assert!(done.err.contains(words), "{name}: {}", done.told());
        assert_eq!(job.heard(), ["start", "2"], "{name}: {}", done.told());
    }
}

/// The CI system ended the job, or the machine went away: only the step that always runs is left.
#[test]
fn a_check_that_was_cut_off_is_told_as_failed() {
    let job = Job::new();
    std::fs::create_dir(job.path("reports")).unwrap();
    std::fs::write(job.path("reports/exit-code"), "0\n").unwrap();
    assert_eq!(job.step(&["start"], &[]).code, Some(0));
    let told = job.step(&["report"], &[]);
    assert_eq!(told.code, Some(0), "{}", told.told());
    assert!(told.err.contains("did not run to its end"), "{}", told.told());
    assert_eq!(job.heard(), ["start", "fail"], "yesterday's zero is not today's");
}

#[test]
fn a_receiver_that_is_away_changes_no_verdict_and_reddens_the_report() {
    let job = Job::new();
    job.targets(&format!("127.0.0.1:{}\n", free_port()));
    let nobody = format!("http://127.0.0.1:{}/{SECRET}", free_port());
    let away = [("CERTVIGIL_CHECK_IN_URL", nobody.as_str())];
    let start = job.step(&["start"], &away);
    let check = job.step(&["check", "--fail-on", "never"], &away);
    let report = job.step(&["report"], &away);
    assert_eq!([start.code, check.code, report.code], [Some(0), Some(0), Some(2)]);
    for step in [&start, &report] {
        assert!(step.err.contains("the check-in URL did not take"), "{}", step.told());
        assert!(!step.err.contains(SECRET) && !step.out.contains(SECRET), "{}", step.told());
    }
    assert!(job.heard().is_empty());
}

#[test]
fn a_url_that_is_missing_or_odd_is_told_and_never_shown() {
    let job = Job::new();
    let missing = job.step(&["start"], &[("CERTVIGIL_CHECK_IN_URL", "")]);
    assert_eq!(missing.code, Some(0), "{}", missing.told());
    assert!(missing.err.contains("nobody notices"), "{}", missing.told());
    job.targets(&format!("127.0.0.1:{}\n", free_port()));
    job.step(&["check"], &[]);
    let odd = format!("http://127.0.0.1/{SECRET}\"\noutput = \"/tmp/x");
    let odd = job.step(&["report"], &[("CERTVIGIL_CHECK_IN_URL", odd.as_str())]);
    assert_eq!(odd.code, Some(2), "{}", odd.told());
    assert!(!odd.told().contains(SECRET), "{}", odd.told());
}

/// Images without curl mostly have wget.
#[test]
fn wget_does_where_there_is_no_curl() {
    let job = Job::new();
    let programs = job.path("programs");
    std::fs::create_dir(&programs).unwrap();
    for name in ["sh", "rm", "cat", "wget"] {
        let Some(place) = ["/usr/bin", "/bin"]
            .iter()
            .map(|folder| Path::new(folder).join(name))
            .find(|place| place.exists())
        else {
            return skipped(&format!("certvigil-ci by wget, there is no {name}"));
        };
        symlink(place, programs.join(name)).unwrap();
    }
    let told = job.step(&["report"], &[("PATH", programs.to_str().unwrap())]);
    assert_eq!(told.code, Some(0), "{}", told.told());
    assert_eq!(job.heard(), ["fail"]);
}

#[test]
fn words_that_it_does_not_know_get_its_usage() {
    for words in [&[] as &[&str], &["chekc"]] {
        let ran = Job::new().step(words, &[]);
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        assert!(ran.err.contains("certvigil-ci check ARGUMENT"), "{}", ran.told());
    }
}

const REAL: &str = env!("CARGO_BIN_EXE_certvigil");

/// A job's working folder, and what its receiver heard.
struct Job {
    folder: tempfile::TempDir,
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Job {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = stream.map(|stream| hear(&stream, &hears));
            }
        });
        Self { folder: tempfile::tempdir().unwrap(), port, heard }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn targets(&self, text: &str) {
        std::fs::write(self.path("targets.txt"), text).unwrap();
    }

    /// A program that does what `text` says.
    fn program(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// The three steps of a recipe; what the middle one says.
    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let start = self.step(&["start"], variables);
        let check = self.step(&[&["check", "--no-progress"], arguments].concat(), variables);
        let report = self.step(&["report"], variables);
        assert_eq!(
            [start.code, report.code],
            [Some(0), Some(0)],
            "{}{}",
            start.told(),
            report.told()
        );
        check
    }

    #[expect(clippy::disallowed_methods, reason = "tests start what they test")]
    fn step(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(SCRIPT);
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("CERTVIGIL", REAL).env("CERTVIGIL_LIMIT", "60");
        command.env("CERTVIGIL_TARGETS", "targets.txt");
        command.env("CERTVIGIL_CHECK_IN_URL", format!("http://127.0.0.1:{}/{SECRET}", self.port));
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let ran = ran(output);
        assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "{}", ran.told());
        ran
    }

    /// The last words of the addresses asked for.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn hear(mut stream: &TcpStream, heard: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().and_then(Result::ok).unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let word = path.strip_prefix(&format!("/{SECRET}/")).unwrap_or(path).to_owned();
    while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
    heard.lock().unwrap_or_else(PoisonError::into_inner).push(word);
    let _ =
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
}
