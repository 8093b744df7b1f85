//! A tracker that cannot be made says which key is wrong and what would be right.

use std::collections::BTreeMap;

use certvigil_doors::Secret;
use certvigil_outbound::tracker::{KINDS, Settings, open};

use crate::trackers::ground::client;

fn settings(kind: &str) -> Settings {
    let project = match kind {
        "github" | "gitea" | "forgejo" => "owner/repository",
        _ => "OPS",
    };
    Settings {
        kind: kind.to_owned(),
        url: "https://tracker.example.org/path".to_owned(),
        project: project.to_owned(),
        token: Secret::new("1-14-0123456789abcdef"),
        extra: BTreeMap::new(),
    }
}

fn refused(change: impl FnOnce(&mut Settings), kind: &str) -> String {
    let mut settings = settings(kind);
    change(&mut settings);
    open(settings, client()).err().map(|error| error.to_string()).unwrap()
}

#[test]
fn what_is_wrong_is_named() {
    let with = |key: &str, value: &str| {
        let (key, value) = (key.to_owned(), value.to_owned());
        move |settings: &mut Settings| drop(settings.extra.insert(key, value))
    };
    for (said, words) in [
        (refused(|_| {}, "trac"), "kind of the tracker trac"),
        (
            refused(|one| one.url = "tracker".to_owned(), "rt"),
            "url of the tracker rt is no address",
        ),
        (
            refused(|one| one.url = "ftp://a".to_owned(), "rt"),
            "url of the tracker rt is no web address",
        ),
        (refused(|one| one.url = "https://a:b@c".to_owned(), "rt"), "holds a password"),
        (refused(|one| one.project = String::new(), "rt"), "project of the tracker rt is empty"),
        (refused(|one| one.token = Secret::new("hunter2"), "rt"), "token of the tracker rt"),
        (
            refused(with("pony", "1"), "rt"),
            "pony of the tracker rt https://tracker.example.org/path is no key of this kind",
        ),
        (refused(with("markup", "html"), "redmine"), "is textile or markdown"),
        (refused(|one| one.project = "watch".to_owned(), "github"), "is written OWNER/REPOSITORY"),
        (refused(|one| one.project = "a/b/c".to_owned(), "gitea"), "is written OWNER/REPOSITORY"),
        (refused(|one| one.project = "O\" OR 1".to_owned(), "jira"), "is the project's key"),
        (refused(with("edition", "cloud"), "jira"), "account of the tracker jira"),
        (refused(with("edition", "server"), "jira"), "is cloud or data-center"),
        (refused(with("confidential", "yes"), "gitlab"), "is true or false"),
    ] {
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("a:b"), "{said}");
    }
}

#[test]
fn kind_address_and_project_make_the_name() {
    for kind in KINDS.iter().filter(|kind| !matches!(**kind, "http" | "local")) {
        let settings = settings(kind);
        let want = format!("{kind} https://tracker.example.org/path {}", settings.project);
        assert_eq!(open(settings, client()).unwrap().name().0, want);
    }
}
