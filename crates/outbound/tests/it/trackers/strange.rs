//! What comes from a tracker that means no good, or from something else in its place: every tracker refuses it, ends,
//! and sends its secret nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use certvigil_doors::Secret;
use certvigil_model::Time;
use certvigil_outbound::tracker::{Settings, open};
use certvigil_outbound::{Found, Tracker};
use serde_json::{Value, json};

use crate::trackers::ground::{client, soon};
use crate::trackers::standin::{Reply, Standin};
use crate::trackers::suite::{issue, key, text};
use crate::trackers::templates::template;

/// Every tracker that is spoken to over the network: kind, project, and its own keys.
fn kinds() -> Vec<(&'static str, &'static str, BTreeMap<String, String>)> {
    let keys = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    vec![
        ("rt", "watch", keys(&[])),
        ("redmine", "watch", keys(&[])),
        ("github", "certs/watch", keys(&[])),
        ("gitlab", "certs/watch", keys(&[])),
        ("forgejo", "certs/watch", keys(&[])),
        ("jira", "OPS", keys(&[("edition", "cloud"), ("account", "us@example.org")])),
        ("jira", "OPS", keys(&[("edition", "data-center")])),
        ("http", "lab", template("roundup.toml", &[])),
        ("http", "99", template("servicenow.toml", &[])),
        ("http", "99", template("pivotal-v5.toml", &[])),
    ]
}

fn tracker(
    base: &str,
    (kind, project, extra): (&str, &str, BTreeMap<String, String>),
) -> Box<dyn Tracker> {
    let settings = Settings {
        kind: kind.to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new("1-14-0123456789abcdef"),
        extra,
    };
    open(settings, client()).unwrap()
}

/// Nothing is believed to be there or to be done.
fn refuses(tracker: &dyn Tracker) {
    let said = |done: &str| panic!("{} says that it {done}", tracker.name());
    if tracker.find(&key(), soon()).is_ok() {
        said("found it");
    }
    if tracker.recent(Time::from_millis(0), soon()).is_ok() {
        said("listed the newest");
    }
    if tracker.ours(soon()).is_ok() {
        said("listed ours");
    }
    if let Ok(Found::Here(stored)) = tracker.read("1", soon()) {
        said(&format!("read {stored:?}"));
    }
    if let Ok(id) = tracker.create(&issue(&key()), soon()) {
        said(&format!("made {id}"));
    }
}

fn all_refuse(answer: impl Fn() -> Reply + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    for kind in kinds() {
        let answer = Arc::clone(&answer);
        let server = Standin::start(move |_| answer());
        refuses(&*tracker(&server.base, kind));
    }
}

#[test]
fn a_redirect_to_another_host_takes_no_secret_there() {
    for status in [301, 302, 307, 308] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let other = Standin::start(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::ok(json!({}))
        });
        for kind in kinds() {
            let to = format!("{}/1", other.base);
            let server = Standin::start(move |_| Reply {
                headers: vec![("Location", to.clone())],
                ..Reply::of(status, Value::Null)
            });
            let tracker = tracker(&server.base, kind);
            refuses(&*tracker);
            let acts = [
                tracker.comment("1", &text("seen"), soon()),
                tracker.set_open("1", false, soon()),
                tracker.remember("1", "good=1", soon()),
            ];
            assert!(acts.iter().all(Result::is_err), "{}: {acts:?}", tracker.name());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{status}: the other host was asked");
    }
}

#[test]
fn deep_answers_are_refused() {
    let deep = || (0..200).fold(json!([]), |inner, _| json!([inner]));
    all_refuse(move || Reply::ok(deep()));
}

#[test]
fn gigantic_answers_are_refused() {
    for kind in kinds() {
        let server = Standin::start(|_| Reply::ok(Value::String("x".repeat(17 << 20))));
        let found = tracker(&server.base, kind).find(&key(), soon());
        assert!(found.is_err(), "{} answers {found:?}", server.base);
    }
}

#[test]
fn answers_of_another_kind_are_refused() {
    for body in [json!(null), json!(7), json!("ok"), json!({"id": {}}), json!([[1], {"id": []}])] {
        all_refuse(move || Reply::ok(body.clone()));
    }
}

/// Ids become parts of addresses: `..` would be dropped from one, a line end too, and a slash ends a part.
#[test]
fn ids_that_lead_elsewhere_are_refused() {
    for id in [
        "",
        ".",
        "..",
        "1/../2",
        "1?a=b",
        "1#2",
        "1\n2",
        "1\t2",
        "\\..\\",
        "%2e%2e",
        "é",
        &"1".repeat(200),
    ] {
        for name in ["servicenow.toml", "pivotal-v5.toml", "roundup.toml"] {
            let id = id.to_owned();
            let server = Standin::start(move |_| Reply::of(201, named(&id)));
            let tracker = tracker(&server.base, ("http", "99", template(name, &[])));
            let made = tracker.create(&issue(&key()), soon());
            assert!(made.is_err(), "{name}: {made:?}");
        }
    }
}

/// An issue of that id, where any of the templates looks for it.
fn named(id: &str) -> Value {
    json!({"id": id, "result": {"sys_id": id}, "data": {"id": id}})
}

/// The same test with an id that is one, so that it is the id which is refused.
#[test]
fn ids_that_are_ids_are_taken() {
    for id in ["12", "9d385017c611228701d22104cc95c371", "OPS-12"] {
        for name in ["servicenow.toml", "pivotal-v5.toml", "roundup.toml"] {
            let server = Standin::start(move |_| Reply::of(201, named(id)));
            let tracker = tracker(&server.base, ("http", "99", template(name, &[])));
            assert_eq!(tracker.create(&issue(&key()), soon()), Ok(id.to_owned()), "{name}");
        }
    }
}
