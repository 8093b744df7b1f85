use certvigil_x509::{Defect, DefectId, GeneralName};

use super::*;
use crate::RULES;
use crate::testing::{Given, as_is, case, check, issuing, leaf, nothing, sent};

const UNKNOWN: Severity = Severity::Unknown;

fn misread(reading: Reading) -> Certificate {
    Certificate { reading, ..leaf(as_is) }
}

/// An end entity of which one field cannot be told.
fn lacking(edit: impl FnOnce(&mut Facts, Malformed)) -> Given {
    sent(vec![leaf(|facts| {
        facts.defects.push(Defect {
            id: DefectId::TimeMalformed,
            offset: 112,
            field: "tbsCertificate.validity".to_owned(),
            message: "the month is not between 1 and 12".to_owned(),
        });
        edit(facts, Malformed { defect: DefectId::TimeMalformed, offset: 112 });
    })])
}

#[test]
fn a_certificate_that_cannot_be_judged_is_unknown() {
    check(
        UNREADABLE,
        vec![
            case("good", sent(vec![leaf(as_is)]), &[]),
            case(
                "no end",
                lacking(|facts, why| facts.not_after = Err(why)),
                &[(
                    UNKNOWN,
                    "its end cannot be told (byte 112: the month is not between 1 and 12)",
                )],
            ),
            case(
                "no beginning",
                lacking(|facts, why| facts.not_before = Err(why)),
                &[(UNKNOWN, "its beginning")],
            ),
            case(
                "no names",
                lacking(|facts, why| {
                    facts.extensions.subject_alt_name = Err::<Option<Vec<GeneralName>>, _>(why);
                }),
                &[(UNKNOWN, "its names")],
            ),
            case(
                "nothing",
                lacking(|facts, why| {
                    facts.not_before = Err(why.clone());
                    facts.not_after = Err(why.clone());
                    facts.extensions.subject_alt_name = Err(why);
                }),
                &[(UNKNOWN, "neither dates nor names can be told (byte 112")],
            ),
            case("a serial number", lacking(|facts, why| facts.serial_number = Err(why)), &[]),
        ],
    );
}

#[test]
fn a_reader_that_failed_is_unknown_whatever_it_read() {
    let stalled = || Reading::Stalled("reader stalled, 100 ms, killed".to_owned());
    check(
        READER_STALLED,
        vec![
            case(
                "the end entity",
                sent(vec![misread(stalled())]),
                &[(UNKNOWN, "reader stalled, 100 ms, killed")],
            ),
            case(
                "an issuer",
                sent(vec![leaf(as_is), Certificate { reading: stalled(), ..issuing(as_is) }]),
                &[(UNKNOWN, "")],
            ),
            case("another way", sent(vec![misread(Reading::Crashed(String::new()))]), &[]),
            case(
                "twice the same",
                sent(vec![misread(stalled())]).also(Asked::Rsa, vec![misread(stalled())]),
                &[(UNKNOWN, "")],
            ),
        ],
    );
    let crashed = sent(vec![misread(Reading::Crashed("the reader died".to_owned()))]);
    check(READER_CRASHED, vec![case("it", crashed, &[(UNKNOWN, "the reader died")])]);
    let mut unread = sent(vec![leaf(as_is)]);
    unread.chains.clear();
    let local = sent(vec![misread(Reading::Local("no process could be made".to_owned()))]);
    check(
        LOCAL,
        vec![
            case("no reader", local, &[(UNKNOWN, "no process could be made")]),
            case("seen and never read", unread, &[(UNKNOWN, "was never read")]),
        ],
    );
}

/// Each outcome but `captured` has its rule, and that rule alone speaks of it.
#[test]
fn every_end_without_a_certificate_has_a_finding_of_its_name() {
    let reach = || RULES.iter().filter(|rule| rule.meta().severities == [UNKNOWN]);
    assert_eq!(reach().count(), 18);
    for rule in reach() {
        let mut told = 0;
        for outcome in OUTCOMES {
            let given = nothing(Ended::early(*outcome, Phase::Hello, "so it was"));
            let found = given.ask(*rule);
            told += found.len();
            assert_eq!(found.is_empty(), rule.meta().id != outcome.name());
            assert!(found.iter().all(|finding| finding.message == "so it was"));
        }
        assert_eq!(told, 1, "{}", rule.meta().id);
    }
}

#[test]
fn a_good_end_without_a_certificate_is_none() {
    let want: &[_] = &[(UNKNOWN, "the handshake ended without a certificate")];
    check(NO_CERTIFICATE, vec![case("bare", nothing(Ended::captured()), want)]);
}

#[test]
fn the_look_without_a_server_name_counts_where_it_was_asked_for() {
    let mut given = sent(vec![leaf(as_is)]).also(Asked::NoServerName, Vec::new());
    given.capture.presented[1].ended =
        Ended::early(Outcome::TlsAlert, Phase::Hello, "unrecognized_name (112)");
    let second = sent(vec![leaf(as_is)]).also(Asked::Rsa, Vec::new());
    check(
        TLS_ALERT,
        vec![
            case("asked for", given, &[(UNKNOWN, "asked without a server name: unrecognized")]),
            case("a second key type that is not there", second, &[]),
        ],
    );
}

const OUTCOMES: &[Outcome] = &[
    Outcome::Unresolved,
    Outcome::Refused,
    Outcome::Unreachable,
    Outcome::Timeout,
    Outcome::Reset,
    Outcome::Closed,
    Outcome::NotTls,
    Outcome::StarttlsRefused,
    Outcome::TlsAlert,
    Outcome::ProtocolError,
    Outcome::OverBudget,
    Outcome::NoCertificate,
    Outcome::Unreadable,
    Outcome::ReaderStalled,
    Outcome::ReaderCrashed,
    Outcome::NotAttempted,
    Outcome::InvalidTarget,
    Outcome::Local,
];

#[test]
fn what_fails_before_tls_has_hints_of_its_own() {
    for (rule, words) in [(TIMEOUT, "smtps"), (PROTOCOL_ERROR, "does not speak it")] {
        let before = rule.hint_in(Some(Phase::Starttls));
        assert!(before.contains(words), "{before}");
        assert_eq!(rule.hint_in(Some(Phase::Hello)), rule.hint);
    }
}
