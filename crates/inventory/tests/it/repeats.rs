//! Lines that name one and the same target.

use std::collections::BTreeMap;

use certvigil_inventory::{Defaults, Group, Inventory, Source};
use certvigil_model::{Foreign, Policy, Target, Thresholds};

fn list(text: &str, tags: &[&str], owner: Option<&str>) -> Group {
    Group {
        sources: vec![Source::list("hosts.txt", text.to_owned())],
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        owner: owner.map(str::to_owned),
        ..Group::default()
    }
}

fn listed(inventory: &Inventory) -> Vec<Target> {
    let repeats = inventory.repeats();
    inventory.listed(&repeats).map(|listed| listed.target.unwrap()).collect()
}

fn spellings(target: &Target) -> Vec<&str> {
    target.spellings().map(Foreign::raw).collect()
}

#[test]
fn one_target_has_every_spelling_and_every_tag() {
    let inventory = Inventory {
        groups: vec![
            list("a.example\nb.example\nA.example:443\n", &["web"], Some("first")),
            list("https://a.example\na.example\n", &["web", "shop"], Some("second")),
        ],
        ..Inventory::default()
    };
    assert_eq!(inventory.repeats().lines(), 2, "A.example:443 is direct TLS");
    let targets = listed(&inventory);
    let [a, b, tls] = &targets[..] else { panic!("{targets:?}") };
    assert_eq!(spellings(a), ["a.example", "https://a.example"]);
    assert_eq!(
        (&a.tags[..], a.owner.as_deref()),
        (&["web".into(), "shop".into()][..], Some("first"))
    );
    assert_eq!((spellings(b), &b.tags[..]), (vec!["b.example"], &["web".into()][..]));
    assert_eq!(spellings(tls), ["A.example:443"]);
}

/// What a tag asks for holds wherever the tag came from; the rest is the first line's.
#[test]
fn a_tag_that_another_line_brings_is_judged_by() {
    let strict = Thresholds { warning_seconds: 90 * 86_400, critical_seconds: 86_400 };
    let strict = Policy { thresholds: Some(strict), ..Policy::default() };
    let inventory = Inventory {
        groups: vec![list("a.example\n", &[], None), list("a.example\n", &["strict"], None)],
        tags: BTreeMap::from([("strict".to_owned(), strict.clone())]),
        ..Inventory::default()
    };
    let targets = listed(&inventory);
    let [a] = &targets[..] else { panic!("{targets:?}") };
    let policy = a.options.policy.as_ref().unwrap();
    assert_eq!(policy.thresholds, strict.thresholds);
}

#[test]
fn a_question_that_any_line_asks_is_asked() {
    let without = Defaults { without_server_name: true, ..Defaults::default() };
    let asks = Group { defaults: without, ..list("a.example\n", &[], None) };
    let inventory =
        Inventory { groups: vec![list("a.example\n", &[], None), asks], ..Inventory::default() };
    assert!(listed(&inventory)[0].options.without_server_name);
}

/// Half a million ways to write one name make no list of half a million names.
#[test]
fn spellings_are_bounded() {
    let spelling = |number: u32| -> String {
        let letters = "abcdefghij".char_indices();
        let chosen =
            letters.map(|(at, c)| if number >> at & 1 == 1 { c.to_ascii_uppercase() } else { c });
        chosen.collect::<String>() + ".example\n"
    };
    let text: String = (0..1024).map(spelling).collect();
    let inventory = Inventory { groups: vec![list(&text, &[], None)], ..Inventory::default() };
    assert_eq!(inventory.repeats().lines(), 1023);
    let targets = listed(&inventory);
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].also.len(), 100);
}
