//! A real Roundup, spoken to by the templates that stand ready; and the other templates, as far as they can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::Method;
use certvigil_model::{Act, Clock as _, DeliveryState, IncidentKey, IssueRef};
use certvigil_outbound::delivery::{Errand, Outcome, Words, deliver};
use certvigil_outbound::tracker::{Settings, open};
use certvigil_outbound::{Found, Stored, Tracker};

use super::ground::{Person, Server, client, free_port, is_here, run, soon};
use super::templates::template;
use crate::delivery::ground::{delivery, key, words};

/// As scripts/test lays it out.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/roundup/bin").join(name)
}

fn settings(url: &str, project: &str, token: &str, extra: BTreeMap<String, String>) -> Settings {
    Settings {
        kind: "http".to_owned(),
        url: url.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra,
    }
}

#[test]
fn every_template_that_stands_ready_is_taken() {
    for name in ["roundup.toml", "servicenow.toml", "pivotal-v5.toml"] {
        let settings = settings("https://tracker.example.org", "99", "a", template(name, &[]));
        let opened = open(settings, client());
        assert!(opened.is_ok(), "{name}: {:?}", opened.err());
    }
}

#[test]
fn roundup_keeps_the_protocol_by_its_template() {
    let server = program("roundup-server");
    if !is_here("a real Roundup", &[server.to_str().unwrap()]) {
        return;
    }
    let roundup = Roundup::start();
    assert_eq!(roundup.tracker.examine(soon()), Ok(Vec::new()));
    let key = key();
    let filed = roundup.confirmed(&key, Act::File, None);
    let stored = roundup.read(&filed);
    assert!(stored.is_ours && stored.is_open && stored.key.as_ref() == Some(&key), "{stored:?}");
    assert_eq!(stored.block.unwrap().raw(), words(1).block);
    assert_eq!(roundup.confirmed(&key, Act::File, None), filed, "it is taken over");
    for act in [Act::Comment { change: 1 }, Act::Comment { change: 1 }, Act::Comment { change: 2 }]
    {
        roundup.confirmed(&key, act, Some(&filed));
    }
    let marks = |mark: &str| {
        let comments = roundup.read(&filed).our_comments;
        comments.iter().filter(|comment| comment.raw().ends_with(mark)).count()
    };
    assert_eq!((marks("/1"), marks("/2")), (1, 1), "each is made once");
    roundup.confirmed(&key, Act::Close, Some(&filed));
    assert!(!roundup.read(&filed).is_open);
    roundup.confirmed(&key, Act::Reopen, Some(&filed));
    assert!(roundup.read(&filed).is_open);
    let twin = certvigil_outbound::Issue {
        title: "a twin".to_owned(),
        body: words(1).body,
        key: key.clone(),
        block: String::new(),
    };
    let twin = roundup.tracker.create(&twin, soon()).unwrap();
    let outcome = roundup.go(&key, Act::File, None);
    assert_eq!(outcome.notes[0].kind(), "double-closed", "{outcome:?}");
    assert_eq!(outcome.issue.as_ref(), Some(&filed));
    let Found::Here(twin) = roundup.tracker.read(&twin, soon()).unwrap() else { panic!("gone") };
    assert!(!twin.is_open);
    roundup.tracker.remember(&filed.id, "good=2", soon()).unwrap();
    assert_eq!(roundup.read(&filed).block.unwrap().raw(), "good=2");
}

struct Roundup {
    tracker: Box<dyn Tracker>,
    _server: Server,
    _folder: tempfile::TempDir,
}

impl Roundup {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}/lab/");
        lay_out(folder.path(), &base);
        // `certvigil:secret` and `admin:labpw`.
        let (token, admin) = ("Y2VydHZpZ2lsOnNlY3JldA==", "YWRtaW46bGFicHc=");
        let person = Person {
            secret: ("authorization", format!("Basic {admin}")),
            base: base.trim_end_matches('/').to_owned(),
        };
        let mut server = command("roundup-server");
        server.args(["-n", "127.0.0.1", "-p", &port.to_string()]);
        if rustix::process::getuid().is_root() {
            server.args(["-u", "nobody", "-g", "nogroup"]);
        }
        server.arg(format!("lab={}", folder.path().join("lab").display()));
        let is_ready = || person.ask(Method::Get, "/rest/data/status", None).0 == 200;
        let log = folder.path().join("server.log");
        let server = Server::start(server, &log, is_ready);
        let origin = format!("http://127.0.0.1:{port}");
        let template = template("roundup.toml", &[("http://roundup.example.org", &origin)]);
        let tracker = open(settings(&base, "lab", token, template), client()).unwrap();
        Self { tracker, _server: server, _folder: folder }
    }

    fn read(&self, issue: &IssueRef) -> Stored {
        match self.tracker.read(&issue.id, soon()).unwrap() {
            Found::Here(stored) => *stored,
            other => panic!("{other:?}"),
        }
    }

    fn go(&self, key: &IncidentKey, act: Act, issue: Option<&IssueRef>) -> Outcome {
        let now = SystemClock.wall();
        let words: Words = words(1);
        let errand = Errand {
            delivery: &delivery(key, act, now),
            words: &words,
            issue,
            now,
            by: soon(),
            request_limit: Duration::from_secs(20),
        };
        deliver(self.tracker.as_ref(), &errand)
    }

    fn confirmed(&self, key: &IncidentKey, act: Act, issue: Option<&IssueRef>) -> IssueRef {
        let outcome = self.go(key, act, issue);
        assert_eq!(outcome.standing.state(), DeliveryState::Confirmed, "{outcome:?}");
        assert_eq!(outcome.notes, []);
        outcome.issue.unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn command(name: &str) -> Command {
    Command::new(program(name))
}

/// A tracker of the classic kind with what the template asks of it, and a user of our own.
fn lay_out(folder: &Path, base: &str) {
    let lab = folder.join("lab");
    let admin = |arguments: &[&str]| {
        let mut admin = command("roundup-admin");
        admin.arg("-i").arg(&lab).args(arguments);
        run(admin)
    };
    admin(&["install", "classic", "sqlite"]);
    let mail = folder.join("mail.log");
    edit(
        &lab.join("config.ini"),
        &[
            ("\n#web = ", &format!("\nweb = {base}\n#")),
            ("\n#domain = ", "\ndomain = lab.test\n#"),
            ("\n#host = NO DEFAULT", "\nhost = localhost"),
            ("\npassword_pbkdf2_default_rounds = 2", "\npassword_pbkdf2_default_rounds = 1000\n#2"),
            ("\ndebug = \n", &format!("\ndebug = {}\n", mail.display())),
        ],
    );
    let properties = "certvigil_key=String(), certvigil_state=String(), \
                      messages=Multilink(\"msg\", rev_multilink=\"issues\"),";
    let class = "IssueClass(db, \"issue\",";
    edit(&lab.join("schema.py"), &[(class, &format!("{class} {properties}"))]);
    admin(&["initialise", "labpw"]);
    admin(&[
        "create",
        "user",
        "username=certvigil",
        "password=secret",
        "address=c@lab.test",
        "roles=User",
    ]);
    if rustix::process::getuid().is_root() {
        let mut chown = chown();
        chown.args(["-R", "nobody:nogroup"]).arg(folder);
        run(chown);
    }
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn chown() -> Command {
    Command::new("chown")
}

fn edit(path: &Path, changes: &[(&str, &str)]) {
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in changes {
        text = text.replacen(from, to, 1);
    }
    std::fs::write(path, text).unwrap();
}
