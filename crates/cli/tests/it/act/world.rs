//! What a scene stands on: an authority, servers that show its certificates, a config, and runs in empty folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::{LabIssue, LabTls, LabTracker, LabTrackerSetup};
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::command::{Peer, Ran, certvigil, free_port, ran};
use crate::openssl::Authority;

/// Where issues go, as the config has it, and what the environment holds for it.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The inline table of `tracker`.
    pub(crate) table: String,
    /// The value of `TRACKER_TOKEN`.
    pub(crate) token: String,
}

pub(crate) struct World {
    pub(crate) authority: Authority,
    desk: Desk,
}

/// A server that can be given another certificate.
pub(crate) struct Shown {
    port: u16,
    peer: Option<Peer>,
}

impl World {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { authority: Authority::new(), desk }
    }

    /// An end entity for `*.lab.test`, and that wildcard's own.
    pub(crate) fn certificate(&self, name: &str, days: i32) {
        self.authority.leaf(name, "ec", &["DNS:*.lab.test"], days);
    }

    /// What the environment holds for the tracker.
    pub(crate) fn token(&self) -> &str {
        &self.desk.token
    }

    /// Serves the certificate `name` on a port of its own.
    pub(crate) fn serve(&self, name: &str) -> Shown {
        let mut shown = Shown { port: free_port(), peer: None };
        shown.give(self, name);
        shown
    }

    /// Writes the config; `checking` are more lines of `[check]`, with tables behind it where wanted.
    pub(crate) fn config(&self, targets: &[String], checking: &str) -> PathBuf {
        let names: Vec<String> = targets.iter().map(|target| format!("{target:?}")).collect();
        let root = self.authority.root();
        let text = format!(
            "default_owner = \"ops\"\nsite = \"lab\"\n\
             [[owner]]\nname = \"ops\"\ntracker = {}\n\
             [[target]]\nnames = [{}]\n\
             [check]\ntrust = [{root:?}]\nfirst_certificate = true\ndeadline = \"3s\"\n\
             look_again_after = \"1s\"\nwarning_left = \"30d\"\ncritical_left = \"5d\"\n{checking}\n",
            self.desk.table,
            names.join(", "),
        );
        let path = self.authority.path("certvigil.toml");
        fs::write(&path, text).unwrap();
        path
    }

    /// `check --act` in an empty folder of its own, with what is in `more`; its report is JSON.
    pub(crate) fn act(&self, more: &[&str]) -> Ran {
        let folder = tempfile::tempdir().unwrap();
        ran(self.command(folder.path(), more).output().unwrap())
    }

    /// The same, not started yet.
    pub(crate) fn command(&self, folder: &Path, more: &[&str]) -> Command {
        let config = self.authority.path("certvigil.toml");
        let config = config.to_str().unwrap();
        let usual = ["check", "--act", "-c", config, "--format", "json", "--no-progress"];
        let mut command = certvigil(&[&usual, more].concat());
        command.current_dir(folder).env("TRACKER_TOKEN", &self.desk.token);
        command
    }
}

impl Shown {
    /// Serves another certificate from now on, on the same port.
    pub(crate) fn give(&mut self, world: &World, name: &str) {
        self.peer = None;
        let [certificate, key] = [".pem", ".key"].map(|suffix| format!("{name}{suffix}"));
        let options = ["-cert", &certificate, "-key", &key, "-cert_chain", "int.pem"];
        self.peer = Some(world.authority.s_server_at(self.port, &options));
    }

    /// As a target of a config.
    pub(crate) fn target(&self, name: &str) -> String {
        format!("127.0.0.1:{}#{name}.lab.test", self.port)
    }
}

/// A tracker of the lab, its template beside it.
pub(crate) struct Lab {
    pub(crate) tracker: LabTracker,
    folder: tempfile::TempDir,
}

impl Lab {
    pub(crate) fn new(tls: LabTls) -> Self {
        let setup = LabTrackerSetup { file: None, tls };
        let tracker = LabTracker::start(setup, || SystemClock.wall().millis()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lab.toml"), TEMPLATE).unwrap();
        fs::write(folder.path().join("ca.pem"), tracker.trust_pem()).unwrap();
        Self { tracker, folder }
    }

    pub(crate) fn desk(&self) -> Desk {
        let table = self.table(&self.tracker.url(), &self.folder.path().join("ca.pem"));
        Desk { table, token: "robot-token".to_owned() }
    }

    /// The table of `tracker` for one who reaches it at `url` and believes `ca_file`.
    pub(crate) fn table(&self, url: &str, ca_file: &Path) -> String {
        let template = self.folder.path().join("lab.toml");
        format!(
            "{{ kind = \"http\", url = \"{url}\", project = \"certificates\", token = \"env:TRACKER_TOKEN\", \
             template = {template:?}, http = {{ proxy = \"none\", ca_file = {ca_file:?} }} }}"
        )
    }

    /// All issues, the first made first.
    pub(crate) fn issues(&self) -> Vec<LabIssue> {
        self.tracker.change(|issues| issues.issues.clone()).unwrap()
    }
}

/// How many issues came to be in `state` by a run.
pub(crate) fn count(ran: &Ran, state: &str) -> u64 {
    let report: Value = ran.json();
    let counts = &report["round"]["acted"]["counts"];
    counts[state].as_u64().unwrap_or_else(|| panic!("{}", ran.told()))
}

/// The counts that are not zero, like `filed 1, standing 2`.
pub(crate) fn counts(ran: &Ran) -> String {
    let report: Value = ran.json();
    let counts = report["round"]["acted"]["counts"].as_object().cloned().unwrap_or_default();
    let told: Vec<_> = counts.iter().filter(|(_, count)| **count != 0).collect();
    told.iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>().join(", ")
}

const TEMPLATE: &str = r#"
header = "x-token: {token}"
account = "robot"
create = "POST /projects/{project}/issues"
create_body = '{"title": "{title}", "text": "{body}", "block": "{block}", "labels": ["certvigil", "{key}"]}'
find = "GET /projects/{project}/issues?label={key}"
recent = "GET /projects/{project}/issues?since={since}"
ours = "GET /projects/{project}/issues?label=certvigil&open=true"
read = "GET /issues/{id}"
comment = "POST /issues/{id}/comments"
comment_body = '{"text": "{text}"}'
close = "PATCH /issues/{id}"
close_body = '{"open": false}'
reopen = "PATCH /issues/{id}"
reopen_body = '{"open": true}'
remember = "PATCH /issues/{id}"
remember_body = '{"block": "{block}"}'
examine = "GET /projects/{project}"
issues = "/issues"
issue_id = "/id"
issue_title = "/title"
issue_author = "/author/name"
issue_state = "/state"
open_states = "open"
issue_created = "/created_at"
issue_project = "/project"
issue_labels = "/labels"
issue_block = "/block"
issue_locked = "/locked"
issue_comments = "/comments"
comment_text = "/text"
comment_author = "/by"
"#;
