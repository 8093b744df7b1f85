//! `incidents` and the timeline as a person on call meets them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certvigil_doors::SystemClock;
use certvigil_model::{
    Acknowledged, CertificateSeen, Clock as _, EndpointId, Ends, Family, Filing, Fingerprint,
    Foreign, Incident, IncidentKey, IssueRef, Place, Problem, Record, Severity, Status, Subject,
    Time, TrackerName,
};
use certvigil_store::{Place as At, Transaction};
use tempfile::TempDir;

use crate::command::{Ran, certvigil, ran};

const DAY: i64 = 86_400;

/// A store with three incidents and a config beside it.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new(incidents: &[Incident]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Self { folder };
        std::fs::write(site.path("certvigil.toml"), CONFIG).unwrap();
        std::fs::create_dir(site.path("issues")).unwrap();
        let now = SystemClock.wall();
        let mut store = At::File(site.path("store.db")).open(now, "check").unwrap();
        store
            .transact(now, &mut |transaction| {
                incidents.iter().try_for_each(|incident| put(transaction, incident))
            })
            .unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[("USER", "anna")])
    }

    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = certvigil(arguments);
        command.current_dir(self.folder.path()).envs(variables.iter().copied());
        ran(command.output().unwrap())
    }
}

const CONFIG: &str = r#"
default_owner = "web"
[store]
path = "store.db"
[[owner]]
name = "web"
tracker = { kind = "local", folder = "issues" }
[[target]]
names = ["127.0.0.1:1#www.example.org"]
deadline = "1s"
"#;

fn put(
    transaction: &mut dyn Transaction,
    incident: &Incident,
) -> Result<(), certvigil_store::Error> {
    transaction.put_incident(incident)?;
    transaction.record(&Record {
        at: incident.first_seen,
        kind: "incident-opened".to_owned(),
        incident: Some(incident.key.clone()),
        data: BTreeMap::from([("message".to_owned(), HOSTILE.to_owned())]),
        body: None,
    })
}

const HOSTILE: &str = "\u{1b}[2Jgone ##vso[task.complete] \u{202e}gpj.exe";

fn moment(text: &str) -> Time {
    Time::from_text(text).unwrap()
}

/// The keys' heads are `a…`, `b…`; what they are about does not matter here.
fn key(digits: &str) -> IncidentKey {
    format!("{digits:0<32}").parse().unwrap()
}

/// Of `name`, whose certificate ends in so many days.
fn incident(head: &str, name: &str, severity: Severity, days: i64) -> Incident {
    let first_seen = moment("2026-11-21T09:12:30Z");
    let end = Time::from_seconds(SystemClock.wall().seconds() / DAY * DAY + days * DAY);
    let sha256 = Fingerprint::of(head.as_bytes());
    let problem = Problem {
        id: "expires-soon".to_owned(),
        family: Family::Expiry,
        severity,
        certificate: Some(sha256),
        message: format!("the certificate ends soon, says {HOSTILE}"),
        hint: None,
        accepted: None,
    };
    let place = |good_runs| Place {
        shown: String::new(),
        target: Foreign::new(name),
        tags: Vec::new(),
        server_name: None,
        owner: "web".to_owned(),
        origin: None,
        first_bad: first_seen,
        last_bad: first_seen,
        good_runs,
        absent_since: None,
        problems: vec![problem.clone()],
    };
    Incident {
        key: key(head),
        family: Family::Expiry,
        subject: Subject::Certificate(sha256),
        status: Status::Open,
        severity,
        owner: "web".to_owned(),
        places: [("10", 0), ("11", 2)]
            .into_iter()
            .map(|(number, good)| (endpoint(number), shown_at(place(good), number)))
            .collect(),
        certificate: Some(CertificateSeen {
            sha256,
            subject: Foreign::new("CN=www.example.org"),
            names: vec![Foreign::new(HOSTILE)],
            names_total: 1,
            issuer: Foreign::new("CN=Some CA"),
            serial_number: "01".to_owned(),
            not_before: first_seen,
            not_after: end,
            ends: Ends { at: end, warning_from: first_seen, critical_from: end },
        }),
        first_seen,
        last_bad: first_seen,
        opened_at: Some(first_seen),
        resolved_at: None,
        reopened: 0,
        unseen_since: None,
        changes: 1,
        told: 1,
        block: None,
        closings: 0,
        filing: Filing::Confirmed {
            issue: IssueRef {
                tracker: TrackerName("local issues".to_owned()),
                id: "4711".to_owned(),
                url: "issues/4711.json".to_owned(),
            },
            at: first_seen,
        },
        acknowledged: None,
        climb: None,
    }
}

fn endpoint(number: &str) -> EndpointId {
    serde_json::from_value(format!("{number:0>16}").into()).unwrap()
}

fn shown_at(place: Place, number: &str) -> Place {
    Place { shown: format!("192.0.2.{number}:443"), ..place }
}

fn three() -> [Incident; 3] {
    let later = Severity::Warning;
    let taken = Acknowledged {
        by: Foreign::new("Hans\u{1b}[31m"),
        at: moment("2026-11-22T08:00:00Z"),
        until: moment("2096-11-29T08:00:00Z"),
    };
    [
        incident("b3aa2cb1", "shop.example.org", later, 20),
        Incident {
            acknowledged: Some(taken),
            ..incident("b3aa77", &format!("x{HOSTILE}"), later, 10)
        },
        incident("c0ffee", "www.example.org", Severity::Critical, 2),
    ]
}

#[test]
fn the_worst_stands_first_and_nothing_hostile_comes_through() {
    let site = Site::new(&three());
    let table = site.run(&["incidents", "list"]);
    assert_eq!(table.code, Some(0), "{}", table.told());
    assert!(
        table.out.starts_with("3 incidents are open (1 critical, 2 warning)\n"),
        "{}",
        table.told()
    );
    let position = |text: &str| table.out.find(text).unwrap_or_else(|| panic!("{}", table.told()));
    assert!(position("c0ffee00") < position("b3aa7700"));
    assert!(position("b3aa7700") < position("b3aa2cb1"), "what ends first stands first");
    for row in [
        "\n✗ critical  c0ffee00  www.example.org: certificate ends ",
        "\n! warning   b3aa2cb1  shop.example.org: certificate ends ",
        "\n                      1 of 2  web    2026-11-21 09:12  4711 confirmed\n",
        " Hans\\u{1b}[31m is on it until 2096-11-29 08:00",
    ] {
        position(row);
    }
    assert_calm(&table.out);
    let shown = site.run(&["incidents", "show", "B3AA7"]);
    assert_eq!(shown.code, Some(0), "{}", shown.told());
    assert_calm(&shown.out);
    for text in
        ["b3aa7700000000000000000000000000", "places: 1 of 2 bad", "incident-opened message="]
    {
        assert!(shown.out.contains(text), "{text}: {}", shown.told());
    }
    for json in [&["incidents", "list"] as &[&str], &["incidents", "show", "b3aa7"]] {
        let json = site.run(&[json, &["--format", "json"]].concat());
        json.json();
        assert!(!json.out.contains("u001b") && !json.out.contains('\u{202e}'), "{}", json.told());
    }
}

fn assert_calm(text: &str) {
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    assert!(!text.contains("##vso["), "{text}");
}

#[test]
fn nothing_open_says_so() {
    let site = Site::new(&[]);
    let none = site.run(&["incidents", "list"]);
    assert_eq!((none.code, &*none.out), (Some(0), "no incident is open\n"), "{}", none.told());
    let json = site.run(&["incidents", "list", "--format", "json"]).json();
    assert_eq!(json["incidents"].as_array().unwrap().len(), 0);
}

#[test]
fn what_is_over_is_listed_only_where_it_is_asked_for() {
    let over = Incident {
        status: Status::Resolved,
        resolved_at: Some(moment("2026-11-22T10:00:00Z")),
        ..incident("dead", "old.example.org", Severity::Warning, 20)
    };
    let site = Site::new(&[over]);
    assert!(!site.run(&["incidents", "list"]).out.contains("dead"));
    let all = site.run(&["incidents", "list", "--all"]);
    assert!(all.out.contains("✓ resolved  dead0000"), "{}", all.told());
}

#[test]
fn a_key_may_be_shortened_as_long_as_it_is_one() {
    let site = Site::new(&three());
    let both = site.run(&["incidents", "ack", "b3aa"]);
    assert_eq!(both.code, Some(2), "{}", both.told());
    for told in ["2 incidents have a key that begins with b3aa", "b3aa2cb1", "b3aa7700"] {
        assert!(both.err.contains(told), "{told}: {}", both.told());
    }
    for (text, why) in [("b3a", "at least its first 4 digits"), ("0000", "no incident has a key")] {
        let told = site.run(&["incidents", "show", text]);
        assert_eq!(told.code, Some(2), "{}", told.told());
        assert!(told.err.contains(why), "{}", told.told());
    }
}

#[test]
fn an_acknowledgement_is_kept_with_its_name_and_its_end() {
    let site = Site::new(&three());
    let taken = site.run(&["incidents", "ack", "b3aa2"]);
    assert_eq!(taken.code, Some(0), "{}", taken.told());
    assert!(taken.out.contains("anna is on it until "), "{}", taken.told());
    assert!(taken.out.contains("told: owner web at local "), "{}", taken.told());
    let listed = site.run(&["incidents", "list", "--format", "json"]).json();
    assert_eq!(of(&listed, "b3aa2cb1")["acknowledged"]["by"], "anna");
    let past = site.run(&["incidents", "ack", "b3aa7", "--until", "2020-01-01"]);
    assert_eq!(past.code, Some(1), "{}", past.told());
    assert!(past.err.contains("an end that is yet to come"), "{}", past.told());
    // Once it is critical, 4 hours: asking for more gets that, and is told so.
    let long = site.run(&["incidents", "ack", "c0ff", "--until", "2095-01-01", "--by", "Hans"]);
    assert!(long.out.contains("as long as an acknowledgement may last"), "{}", long.told());
}

fn of<'a>(listed: &'a serde_json::Value, head: &str) -> &'a serde_json::Value {
    let incidents = listed["incidents"].as_array().unwrap();
    incidents.iter().find(|it| it["key"].as_str().unwrap().starts_with(head)).unwrap()
}

#[test]
fn who_sudo_stands_for_is_who_orders_and_nobody_is_asked_for_a_name() {
    let site = Site::new(&three());
    let sudo = [("USER", "root"), ("LOGNAME", "root"), ("SUDO_USER", "berta")];
    let taken = site.run_with(&["incidents", "ack", "b3aa2"], &sudo);
    assert!(taken.out.contains("berta is on it"), "{}", taken.told());
    let nobody = site.run_with(&["incidents", "ack", "b3aa2"], &[]);
    assert_eq!(nobody.code, Some(2), "{}", nobody.told());
    assert!(nobody.err.contains("write --by NAME"), "{}", nobody.told());
}

#[test]
fn a_silence_has_a_reason_and_an_end_and_does_not_hold_near_the_end() {
    let site = Site::new(&three());
    let until = SystemClock.wall().seconds() + 10 * DAY;
    let until = Time::from_seconds(until).to_string();
    let silence =
        |key| ["incidents", "silence", key, "--until", &until, "--reason", "moved on Monday"];
    let taken = site.run(&silence("b3aa2"));
    assert_eq!(taken.code, Some(0), "{}", taken.told());
    assert!(taken.out.contains("nobody is told of it: anna until"), "{}", taken.told());
    let near = site.run(&silence("c0ff"));
    assert!(near.out.contains("told all the same"), "{}", near.told());
    let listed = site.run(&["incidents", "list"]);
    assert!(listed.out.contains("by anna: moved on Monday"), "{}", listed.told());
    assert!(listed.out.contains("told all the same, being critical"), "{}", listed.told());
    for (arguments, why, code) in [
        (["--until", "2020-01-01", "--reason", "x"], "yet to come", 1),
        (["--until", "2095-01-01", "--reason", "x"], "at most 90 days", 1),
        (["--until", &until, "--reason", " "], "needs a reason", 1),
    ] {
        let refused = site.run(&[&["incidents", "silence", "b3aa7"], &arguments[..]].concat());
        assert_eq!(refused.code, Some(code), "{}", refused.told());
        assert!(refused.err.contains(why), "{}", refused.told());
    }
    let json = site.run(&["incidents", "list", "--format", "json"]).json();
    assert!(of(&json, "b3aa7")["silenced"].is_null());
}

#[test]
fn what_is_held_is_filed_when_a_person_says_so() {
    let mut held = three();
    for incident in &mut held[..2] {
        incident.filing = Filing::Held { since: incident.first_seen };
    }
    let site = Site::new(&held);
    // Else the brake itself would let the other one go.
    let limits = "[limits]\nnew_issues_per_round = 1\nnew_issues_per_hour = 1\n";
    std::fs::write(site.path("certvigil.toml"), format!("{CONFIG}{limits}")).unwrap();
    let one = site.run(&["incidents", "release", "b3aa2"]);
    assert_eq!(one.code, Some(0), "{}", one.told());
    assert!(one.out.contains("1 issue is asked for"), "{}", one.told());
    let again = site.run(&["incidents", "release", "b3aa2"]);
    assert_eq!(again.code, Some(1), "{}", again.told());
    assert!(again.err.contains("is not held"), "{}", again.told());
    let all = site.run(&["incidents", "release", "--all"]);
    assert!(all.out.contains("1 issue is asked for"), "{}", all.told());
    let listed = site.run(&["incidents", "list", "--format", "json"]).json();
    for head in ["b3aa2", "b3aa7"] {
        assert_eq!(of(&listed, head)["issue"]["state"], "queued", "{head}");
    }
}

#[test]
fn a_report_is_noted_and_answered_with_what_is_seen_now() {
    let mut incidents = three();
    for place in incidents[2].places.values_mut() {
        place.target = Foreign::new("127.0.0.1:1#www.example.org");
    }
    let site = Site::new(&incidents);
    for what in ["c0ffee", "127.0.0.1:1#www.example.org", "127.0.0.1"] {
        let words = ["--by", "GSS", "customers", "report", "errors"];
        let at = ["--at", "2026-11-21T12:28:00Z"];
        let noted = site.run(&[&["incidents", "note", what], &at[..], &words[..]].concat());
        assert_eq!(noted.code, Some(0), "{}", noted.told());
        assert!(noted.err.contains("noted in the timeline of incident c0ffee"), "{}", noted.told());
        assert!(
            noted.out.contains(" UTC, and could not see it: we cannot say yet "),
            "{}",
            noted.told()
        );
        assert!(noted.out.contains("\n- 127.0.0.1:1: "), "{}", noted.told());
    }
    let timeline = site.run(&["journal", "timeline", "c0ffee"]);
    assert_eq!(timeline.code, Some(0), "{}", timeline.told());
    assert_eq!(timeline.out.matches("| 21 Nov 2026 12:28 UTC | a person reports | ").count(), 3);
    assert!(timeline.out.contains("text: `customers report errors`"), "{}", timeline.told());
    assert!(timeline.out.contains("| minutes to a person |"), "{}", timeline.told());
    assert_calm(&timeline.out);
    let json = site.run(&["journal", "timeline", "c0ffee", "--format", "json"]).json();
    // The block that its issue holds is not known here, so it is asked for once; and nobody can be called.
    assert_eq!(json["rows"].as_array().unwrap().len(), 6, "{json:#}");
}

#[test]
fn what_the_inventory_has_not_is_looked_at_and_not_remembered() {
    let site = Site::new(&[]);
    let noted = site.run(&["incidents", "note", "127.0.0.1:9", "a", "report"]);
    assert!(noted.out.starts_with("127.0.0.1:9: we looked at "), "{}", noted.told());
    assert_eq!(site.run(&["incidents", "list"]).out, "no incident is open\n");
    let shown = site.run(&["journal", "show"]);
    assert!(shown.out.contains("text=127.0.0.1:9: a report"), "{}", shown.told());
    let no_target = site.run(&["incidents", "note", "no target", "a report"]);
    assert_eq!(no_target.code, Some(2), "{}", no_target.told());
    let mistyped = site.run(&["incidents", "note", "770b1597", "a report"]);
    assert_eq!(mistyped.code, Some(2), "{}", mistyped.told());
    assert!(mistyped.err.contains("no incident has a key"), "{}", mistyped.told());
    let ahead = ["incidents", "note", "127.0.0.1:9", "--at", "2096-01-01", "a report"];
    assert!(site.run(&ahead).err.contains("is yet to come"));
}

#[test]
fn it_is_explained_by_key_by_place_and_by_name() {
    let site = Site::new(&three());
    for what in ["b3aa2", "shop.example.org", "192.0.2.10:443"] {
        let told = site.run(&["incidents", "explain", what]);
        assert_eq!(told.code, Some(0), "{}", told.told());
        assert!(told.out.contains("incident b3aa2cb1"), "{what}: {}", told.told());
        assert!(told.out.contains("  next: "), "{what}: {}", told.told());
    }
    let nothing = site.run(&["incidents", "explain", "nowhere.example"]);
    assert!(nothing.out.contains("nothing that is remembered is called nowhere.example"));
}

#[test]
fn a_store_is_named_or_stands_in_the_config() {
    let site = Site::new(&three());
    let store = site.path("store.db");
    let config = site.path("certvigil.toml");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = certvigil(arguments);
        ran(command.current_dir(elsewhere.path()).output().unwrap())
    };
    for place in [["--store", &text(&store)], ["-c", &text(&config)]] {
        let listed = run(&[&["incidents", "list"], &place[..]].concat());
        assert!(listed.out.starts_with("3 incidents are open"), "{}", listed.told());
    }
    let neither = run(&["incidents", "list"]);
    assert_eq!(neither.code, Some(2), "{}", neither.told());
    assert!(neither.err.contains("name it with --store"), "{}", neither.told());
    std::fs::write(&config, "default_owner = \"web\"\n[[owner]]\nname = \"web\"\n").unwrap();
    let without = run(&["incidents", "list", "-c", &text(&config)]);
    assert!(without.err.contains("has no [store]"), "{}", without.told());
}
