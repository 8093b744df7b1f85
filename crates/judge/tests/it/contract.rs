//! The list of findings is a contract: `contracts/findings.md` says what each rule is.

use std::fmt::Write as _;
use std::path::PathBuf;

use certvigil_judge::{Meta, RULES};
use serde::Serialize;

/// `CERTVIGIL_BLESS=1` writes the file instead of comparing with it; the change then belongs into
/// CHANGELOG.md.
#[test]
fn the_list_of_findings_is_as_promised() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/findings.md");
    #[expect(clippy::disallowed_methods, reason = "a test asks how it is run")]
    let is_blessed = std::env::var_os("CERTVIGIL_BLESS").is_some();
    let is = listing();
    let promised = std::fs::read_to_string(&path).unwrap();
    let (rules, of_alarms) = promised.split_at(promised.find(OF_ALARMS).unwrap());
    if is_blessed {
        std::fs::write(&path, is + of_alarms).unwrap();
        return;
    }
    assert_eq!(is, rules, "blessed by CERTVIGIL_BLESS=1");
}

#[test]
fn each_rule_has_a_name_of_its_own_and_a_date() {
    let mut ids: Vec<_> = RULES.iter().map(|rule| rule.meta().id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for meta in RULES.iter().map(|rule| rule.meta()) {
        assert!(meta.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", meta.id);
        assert!(!meta.citation.is_empty(), "{}", meta.id);
        assert!(meta.severities.is_sorted_by(|worse, better| worse > better), "{}", meta.id);
        let parts: Vec<u16> = meta.in_force.split('-').map(|part| part.parse().unwrap()).collect();
        assert!(matches!(parts[..], [1987..=2026, 1..=12, 1..=31]), "{}", meta.id);
    }
}

fn listing() -> String {
    let mut text = HEAD.to_owned();
    for Meta { id, family, scope, severities, citation, in_force } in
        RULES.iter().map(|rule| rule.meta())
    {
        let severities: Vec<String> = severities.iter().map(word).collect();
        let (family, scope, severities) = (word(family), word(scope), severities.join(", "));
        writeln!(text, "| `{id}` | {family} | {scope} | {severities} | {citation} | {in_force} |")
            .unwrap();
    }
    text
}

/// The word that a unit variant is serialised as.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// What follows is held together with the alarms by a test of theirs.
const OF_ALARMS: &str = "\n## Of alarms\n";

const HEAD: &str = "# Findings

Each rule's id, the family that incidents group it by, what it looks at, the severities that it may
give before a policy changes them, the clause that is broken, and since when that clause binds.
Written from the rules themselves; a test holds both together. Readers must ignore ids that they do
not know.

| id | family | scope | severity | citation | in force |
|---|---|---|---|---|---|
";
