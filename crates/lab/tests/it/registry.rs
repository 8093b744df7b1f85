//! The registry says only what the contract knows.

use std::collections::HashSet;

use certvigil_lab::cases;

#[test]
fn names_are_their_own_and_kebab_case() {
    let mut names = HashSet::new();
    for case in cases() {
        assert!(names.insert(case.name), "{} is there twice", case.name);
        let kebab = case.name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(kebab, "{}", case.name);
        assert!(!case.does.contains('\n') && !case.does.is_empty(), "{}", case.name);
    }
}

#[test]
fn expectations_use_the_words_of_the_contract() {
    for case in cases() {
        let expect = &case.expect;
        assert!(VERDICTS.contains(&expect.verdict), "{}: {}", case.name, expect.verdict);
        assert!(OUTCOMES.contains(&expect.outcome), "{}: {}", case.name, expect.outcome);
        assert!(expect.phase.is_none_or(|phase| PHASES.contains(&phase)), "{}", case.name);
        for id in expect.findings.iter().chain(expect.absent) {
            let known = FINDINGS.iter().any(|(known, _)| known == id) || OUTCOMES.contains(id);
            assert!(known, "{}: {id}", case.name);
        }
        assert!(expect.source.len() > 6, "{}: no source", case.name);
    }
}

/// A look that ended with nothing left to do has no phase; every other has one.
#[test]
fn only_what_was_captured_has_no_phase() {
    for case in cases() {
        let expect = &case.expect;
        assert_eq!(expect.outcome == "captured", expect.phase.is_none(), "{}", case.name);
    }
}

/// Whatever ended a look before a certificate could be judged is a finding of the same name.
#[test]
fn unknown_is_told_by_the_outcomes_own_name() {
    for case in cases().iter().filter(|case| case.expect.verdict == "unknown") {
        assert!(case.expect.findings.contains(&case.expect.outcome), "{}", case.name);
        assert_ne!(case.expect.outcome, "captured", "{}", case.name);
    }
}

/// A verdict is the worst of its findings: where nothing that must be there is that bad, the
/// expectation cannot be right.
#[test]
fn verdicts_follow_from_findings() {
    for case in cases() {
        let expect = &case.expect;
        let bad = |word| {
            FINDINGS.iter().any(|(id, worst)| *worst == word && expect.findings.contains(id))
        };
        match expect.verdict {
            "critical" => assert!(bad("critical"), "{}: nothing critical", case.name),
            "warning" => assert!(bad("warning") || bad("critical"), "{}: no warning", case.name),
            "ok" => assert!(!bad("warning"), "{}: a warning in what is ok", case.name),
            _ => {}
        }
    }
}

const VERDICTS: &[&str] = &["ok", "warning", "critical", "unknown"];

const PHASES: &[&str] =
    &["resolve", "connect", "starttls", "hello", "certificate", "finished", "read"];

const OUTCOMES: &[&str] = &[
    "captured",
    "unresolved",
    "refused",
    "unreachable",
    "timeout",
    "reset",
    "closed",
    "not-tls",
    "starttls-refused",
    "tls-alert",
    "protocol-error",
    "over-budget",
    "no-certificate",
    "unreadable",
    "reader-stalled",
    "reader-crashed",
    "not-attempted",
    "invalid-target",
    "local",
];

/// Finding ids of the contract, each with the severity that it can have at worst.
const FINDINGS: &[(&str, &str)] = &[
    ("expired", "critical"),
    ("expires-soon", "critical"),
    ("not-yet-valid", "critical"),
    ("name-mismatch", "critical"),
    ("untrusted", "critical"),
    ("client-auth-only", "critical"),
    ("second-certificate", "critical"),
    ("path-expires-first", "warning"),
    ("chain-incomplete", "warning"),
    ("malformed", "warning"),
    ("odd-date", "warning"),
    ("must-staple-unstapled", "warning"),
    ("stale-staple", "warning"),
    ("addresses-differ", "warning"),
    ("handshake-unfinished", "warning"),
    ("starttls-injection", "warning"),
    ("no-common-trust", "info"),
    // Beyond the list: no client gets past it (RFC 9846 section 4.4.3).
    ("wrong-key", "critical"),
    ("ca-as-end-entity", "info"),
    ("chain-out-of-order", "info"),
    ("child-outlives-parent", "info"),
    ("key-not-proven", "info"),
    ("legacy-tls", "info"),
    ("lifetime-too-long", "info"),
    ("no-set-expiry", "info"),
    ("seen-not-watched", "info"),
    ("self-signed", "info"),
    ("superfluous-expired", "info"),
    ("weak-key", "info"),
    ("weak-signature", "info"),
];
