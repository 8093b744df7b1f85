//! A journal's rows are a contract: `contracts/journal.md` says what each kind is. So are the ids of what alarms find:
//! `contracts/findings.md`.

use std::collections::BTreeSet;

use certvigil_alarm::kinds::ALL;
use certvigil_alarm::problems;
use certvigil_model::Record;

const CONTRACT: &str = include_str!("../../../../contracts/journal.md");

#[test]
fn the_page_names_every_kind_with_its_facts() {
    let row = |(kind, facts): &(&str, &[&str])| {
        let facts: Vec<_> = facts.iter().map(|fact| format!("`{fact}`")).collect();
        format!("| `{kind}` | {} | ", facts.join(", "))
    };
    let missing: Vec<_> = ALL.iter().map(row).filter(|row| !CONTRACT.contains(row)).collect();
    assert_eq!(missing, [""; 0]);
    let rows = CONTRACT.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ALL.len(), "a row for nothing");
}

#[test]
fn the_page_names_everything_that_alarms_find() {
    const FINDINGS: &str = include_str!("../../../../contracts/findings.md");
    let (_, of_alarms) = FINDINGS.split_once("\n## Of alarms\n").expect("a second table");
    let rows: Vec<_> = of_alarms.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |it: &problems::Meta| {
        let severity = format!("{:?}", it.severity).to_lowercase();
        let problems::Meta { id, family, scope, means, .. } = it;
        format!("| `{id}` | {} | {scope} | {severity} | {means} |", family.name())
    };
    assert_eq!(rows, problems::ALL.iter().map(row).collect::<Vec<_>>());
}

/// Whether a record has the facts of its kind, each a line.
pub(crate) fn keeps(record: &Record) {
    let kind = ALL.iter().find(|(kind, _)| *kind == record.kind);
    let (_, facts) = kind.unwrap_or_else(|| panic!("{} is no kind", record.kind));
    let has: BTreeSet<_> = record.data.keys().map(String::as_str).collect();
    assert_eq!(has, facts.iter().copied().collect(), "{}", record.kind);
    assert!(record.data.values().all(|fact| !fact.contains(char::is_control)), "{}", record.kind);
}
