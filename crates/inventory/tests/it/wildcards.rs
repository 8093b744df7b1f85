//! Targets that are wildcards, and the hosts that stand for them.

use certvigil_inventory::{Defaults, label, parse};
use certvigil_model::{Host, Target};

fn target(text: &str, defaults: &Defaults) -> Target {
    parse(text, None, defaults).target.unwrap()
}

/// The digits as coreutils' sha256sum gives them for `https://*.apps.example.org:443`.
#[test]
fn a_wildcard_is_looked_at_through_a_host_of_its_own() {
    let wildcard = target("*.Apps.Example.org", &Defaults::default());
    assert_eq!(wildcard.options.wildcard.as_deref(), Some("*.apps.example.org"));
    assert_eq!(wildcard.host, Host::Name("certvigil-4092584e.apps.example.org".into()));
    assert_eq!(wildcard.written.raw(), "*.Apps.Example.org");
}

#[test]
fn the_host_is_the_same_in_every_round_and_another_at_another_port() {
    let host = |text| target(text, &Defaults::default()).host;
    assert_eq!(host("*.apps.example.org"), host("https://*.apps.example.org:443"));
    assert_ne!(host("*.apps.example.org"), host("*.apps.example.org:8443"));
}

#[test]
fn its_author_may_name_the_label() {
    let defaults = Defaults { label: Some(label("WWW").unwrap()), ..Defaults::default() };
    let wildcard = target("*.apps.example.org:8443", &defaults);
    assert_eq!(wildcard.host, Host::Name("www.apps.example.org".into()));
    assert_eq!(target("a.example.org", &defaults).host, Host::Name("a.example.org".into()));
    for text in ["a.b", "*", "", "192.0.2.1", "-a"] {
        assert!(label(text).is_err(), "{text}");
    }
}

#[test]
fn a_star_stands_only_for_a_whole_first_label() {
    for text in
        ["*", "*.", "*.org", "a.*.example.org", "*.*.example.org", "w*.example.org", "*.192.0.2.1"]
    {
        assert!(parse(text, None, &Defaults::default()).target.is_err(), "{text}");
    }
}
