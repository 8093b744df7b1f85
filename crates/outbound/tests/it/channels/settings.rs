//! A channel that cannot be made says which key is wrong and what would be right.

use certvigil_doors::Secret;
use certvigil_outbound::notify::{KINDS, Settings, open};

use crate::channels::ground::{SECRET, empty, settings};
use crate::trackers::ground::client;

fn refused(settings: Settings) -> String {
    open(settings, client()).err().map(|error| error.to_string()).unwrap()
}

#[test]
fn what_a_kind_lacks_is_named() {
    for (kind, words) in [
        ("email", "`to` is no mail address"),
        ("exec", "`command` names no program"),
        ("slack", "`url` is needed"),
        ("mattermost", "`url` is needed"),
        ("teams", "`url` is needed"),
        ("webhook", "`url` is needed"),
        ("alertmanager", "`url` is needed"),
        ("apprise", "`url` is needed"),
        ("matrix", "`url` is needed"),
        ("ntfy", "`to` is no topic"),
        ("pagerduty", "`token` is needed"),
        ("syslog", "`via` names no receiver"),
        ("pigeon", "`kind` is none that is known"),
    ] {
        let said = refused(empty(kind));
        assert!(said.contains(words), "{said}");
    }
    for kind in KINDS {
        let said = refused(empty(kind));
        assert!(!said.contains("`kind`"), "{said}");
    }
}

#[test]
fn what_is_wrong_is_named_and_not_repeated() {
    let base = "https://service.example.org";
    let with = |kind: &str, change: fn(&mut Settings)| {
        let mut settings = settings(kind, base);
        change(&mut settings);
        let said = refused(settings);
        assert!(!said.contains(SECRET) && !said.contains("hunter2"), "{said}");
        said
    };
    for (said, words) in [
        (with("slack", |it| it.url = Some(Secret::new("hunter2"))), "`url` is no address"),
        (with("slack", |it| it.url = Some(Secret::new("ftp://hunter2"))), "is no web address"),
        (with("slack", |it| it.url = Some(Secret::new("https://a:hunter2@b"))), "password"),
        (with("slack", |it| it.token = Some(Secret::new("hunter2"))), "`token` is no key of slack"),
        (
            with("webhook", |it| it.token = Some(Secret::new("hunter2"))),
            "`token` is needed: whsec_",
        ),
        (with("matrix", |it| it.to = Some("#alias:lab.test".to_owned())), "`to` is no room's id"),
        (with("matrix", |it| it.token = None), "`token` is needed"),
        (with("ntfy", |it| it.to = Some("a/b".to_owned())), "`to` is no topic"),
        (with("apprise", |it| it.to = Some("key".to_owned())), "one of both"),
        (with("pagerduty", |it| it.via = Some("smtp://a".to_owned())), "`via` is no key"),
    ] {
        assert!(said.contains(words), "{said}");
    }
}
