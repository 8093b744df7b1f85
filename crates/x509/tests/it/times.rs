//! Every way to write a date right or wrong (RFC 5280 section 4.1.2.5, X.680 sections 46 and 47).

use certvigil_model::Time;
use certvigil_x509::{DefectId, Facts, read};

use crate::der::{Parts, sequence, tlv};

struct Case {
    name: &'static str,
    tag: u8,
    text: &'static str,
    /// The date, where it can be told.
    want: Option<&'static str>,
    defects: &'static [DefectId],
}

const UTC: u8 = 0x17;
const GENERALIZED: u8 = 0x18;

const fn good(name: &'static str, tag: u8, text: &'static str, want: &'static str) -> Case {
    Case { name, tag, text, want: Some(want), defects: &[] }
}

const fn odd(
    name: &'static str,
    tag: u8,
    text: &'static str,
    want: &'static str,
    defects: &'static [DefectId],
) -> Case {
    Case { name, tag, text, want: Some(want), defects }
}

const fn bad(
    name: &'static str,
    tag: u8,
    text: &'static str,
    defects: &'static [DefectId],
) -> Case {
    Case { name, tag, text, want: None, defects }
}

const CASES: &[Case] = &[
    good("an ordinary date", UTC, "271231235959Z", "2027-12-31T23:59:59Z"),
    good("49 is of the 21st century", UTC, "491231235959Z", "2049-12-31T23:59:59Z"),
    good("50 is of the 20th century", UTC, "500101000000Z", "1950-01-01T00:00:00Z"),
    good("a leap day", UTC, "280229120000Z", "2028-02-29T12:00:00Z"),
    good("from 2050 on", GENERALIZED, "20500101000000Z", "2050-01-01T00:00:00Z"),
    good("no set expiry", GENERALIZED, "99991231235959Z", "9999-12-31T23:59:59Z"),
    odd(
        "too early for its type",
        GENERALIZED,
        "20491231235959Z",
        "2049-12-31T23:59:59Z",
        &[DefectId::GeneralizedTimeBefore2050],
    ),
    odd(
        "a fraction",
        GENERALIZED,
        "20510101000000.5Z",
        "2051-01-01T00:00:00.500Z",
        &[DefectId::TimeFraction],
    ),
    odd(
        "a fraction behind a comma",
        GENERALIZED,
        "20510101000000,25Z",
        "2051-01-01T00:00:00.250Z",
        &[DefectId::TimeFraction],
    ),
    odd(
        "a long fraction",
        GENERALIZED,
        "20510101000000.123456789Z",
        "2051-01-01T00:00:00.123Z",
        &[DefectId::TimeFraction],
    ),
    odd(
        "east of Greenwich",
        UTC,
        "270101013000+0130",
        "2027-01-01T00:00:00Z",
        &[DefectId::TimeOffset],
    ),
    odd(
        "west of Greenwich",
        UTC,
        "261231200000-0400",
        "2027-01-01T00:00:00Z",
        &[DefectId::TimeOffset],
    ),
    odd(
        "an offset",
        GENERALIZED,
        "20510101000000+0000",
        "2051-01-01T00:00:00Z",
        &[DefectId::TimeOffset],
    ),
    odd(
        "an offset over the border of 2050",
        GENERALIZED,
        "20500101000000+0100",
        "2049-12-31T23:00:00Z",
        &[DefectId::TimeOffset, DefectId::GeneralizedTimeBefore2050],
    ),
    odd("no seconds", UTC, "2701010130Z", "2027-01-01T01:30:00Z", &[DefectId::TimeWithoutSeconds]),
    odd(
        "no seconds",
        GENERALIZED,
        "205101010130Z",
        "2051-01-01T01:30:00Z",
        &[DefectId::TimeWithoutSeconds],
    ),
    odd(
        "no seconds and an offset",
        UTC,
        "2701010130+0130",
        "2027-01-01T00:00:00Z",
        &[DefectId::TimeWithoutSeconds, DefectId::TimeOffset],
    ),
    odd("no zone", UTC, "270101000000", "2027-01-01T00:00:00Z", &[DefectId::TimeWithoutZone]),
    odd(
        "no zone",
        GENERALIZED,
        "20510101000000",
        "2051-01-01T00:00:00Z",
        &[DefectId::TimeWithoutZone],
    ),
    bad("month 13", UTC, "271301000000Z", &[DefectId::TimeMalformed]),
    bad("month 0", UTC, "270001000000Z", &[DefectId::TimeMalformed]),
    bad("day 0", UTC, "270100000000Z", &[DefectId::TimeMalformed]),
    bad("30 February", UTC, "280230000000Z", &[DefectId::TimeMalformed]),
    bad("29 February of no leap year", UTC, "270229000000Z", &[DefectId::TimeMalformed]),
    bad("29 February 2100", GENERALIZED, "21000229000000Z", &[DefectId::TimeMalformed]),
    bad("31 April", UTC, "270431000000Z", &[DefectId::TimeMalformed]),
    bad("hour 24", UTC, "270101240000Z", &[DefectId::TimeMalformed]),
    bad("minute 60", UTC, "270101006000Z", &[DefectId::TimeMalformed]),
    bad("a leap second", UTC, "261231235960Z", &[DefectId::TimeLeapSecond]),
    bad("second 61", UTC, "261231235961Z", &[DefectId::TimeMalformed]),
    bad("year 0000", GENERALIZED, "00000101000000Z", &[DefectId::YearZero]),
    bad(
        "before year 1 by its offset",
        GENERALIZED,
        "00010101000000+0100",
        &[DefectId::TimeMalformed],
    ),
    bad(
        "after year 9999 by its offset",
        GENERALIZED,
        "99991231235959-0100",
        &[DefectId::TimeMalformed],
    ),
    bad("an offset of a whole day", UTC, "270101000000+2400", &[DefectId::TimeMalformed]),
    bad("an offset of hours alone", UTC, "270101000000+01", &[DefectId::TimeMalformed]),
    bad("a year of four digits", UTC, "19020701025736Z", &[DefectId::TimeMalformed]),
    bad("a year of two digits", GENERALIZED, "271231235959Z", &[DefectId::TimeMalformed]),
    bad("no minutes", UTC, "27010101Z", &[DefectId::TimeMalformed]),
    bad("an odd number of digits", UTC, "27123123595Z", &[DefectId::TimeMalformed]),
    bad("a fraction", UTC, "271231235959.5Z", &[DefectId::TimeMalformed]),
    bad("a fraction of nothing", GENERALIZED, "20510101000000.Z", &[DefectId::TimeMalformed]),
    bad("a fraction of a minute", GENERALIZED, "205101010000.5Z", &[DefectId::TimeMalformed]),
    bad("a small z", UTC, "271231235959z", &[DefectId::TimeMalformed]),
    bad("rubbish behind", UTC, "271231235959Z0", &[DefectId::TimeMalformed]),
    bad("rubbish before", UTC, " 271231235959Z", &[DefectId::TimeMalformed]),
    bad("letters", UTC, "27dec1235959Z", &[DefectId::TimeMalformed]),
    bad("a sign", UTC, "-71231235959Z", &[DefectId::TimeMalformed]),
    bad("nothing", UTC, "", &[DefectId::TimeMalformed]),
    bad("a NUL", UTC, "271231235959\0", &[DefectId::TimeMalformed]),
    bad("a PrintableString", 0x13, "271231235959Z", &[DefectId::TimeWrongTag]),
    bad("an INTEGER", 0x02, "271231235959Z", &[DefectId::TimeWrongTag]),
];

#[test]
fn every_date_is_told_or_said_to_be_broken() {
    for case in CASES {
        let facts = with_not_after(case.tag, case.text);
        let told = facts.not_after.as_ref().ok().map(Time::to_string);
        assert_eq!(told.as_deref(), case.want, "{}: {}", case.name, case.text);
        let at =
            |defect: &&certvigil_x509::Defect| defect.field == "tbsCertificate.validity.notAfter";
        let ids: Vec<DefectId> = facts.defects.iter().filter(at).map(|defect| defect.id).collect();
        assert_eq!(ids, case.defects, "{}: {}", case.name, case.text);
        if let Err(malformed) = &facts.not_after {
            assert_eq!([malformed.defect], case.defects, "{}", case.name);
        }
        assert!(
            facts.not_before.is_ok() && facts.subject.is_ok(),
            "{}: the rest is told",
            case.name
        );
    }
}

/// notBefore is the first day of the year 1, so that nothing comes before it.
fn with_not_after(tag: u8, text: &str) -> Facts {
    let times = [tlv(GENERALIZED, b"00010101000000Z"), tlv(tag, text.as_bytes())];
    read(&Parts { validity: sequence(&[&times[0], &times[1]]), ..Parts::default() }.der())
}

#[test]
fn a_date_of_2050_in_the_wrong_type_is_told_and_explained() {
    let validity = crate::der::validity("260101000000Z", "500701120000Z");
    let facts = read(&Parts { validity, ..Parts::default() }.der());
    assert_eq!(facts.not_after.as_ref().unwrap().to_string(), "1950-07-01T12:00:00Z");
    let ids: Vec<DefectId> = facts.defects.iter().map(|defect| defect.id).collect();
    assert_eq!(ids, [DefectId::ValidityInverted, DefectId::UtcTimeReadsAsPast]);
}

#[test]
fn dates_in_the_wrong_order_are_told_and_flagged() {
    let validity = crate::der::validity("270101000000Z", "260101000000Z");
    let facts = read(&Parts { validity, ..Parts::default() }.der());
    assert_eq!(facts.not_before.as_ref().unwrap().to_string(), "2027-01-01T00:00:00Z");
    assert_eq!(facts.not_after.as_ref().unwrap().to_string(), "2026-01-01T00:00:00Z");
    let ids: Vec<DefectId> = facts.defects.iter().map(|defect| defect.id).collect();
    assert_eq!(ids, [DefectId::ValidityInverted]);
}

#[test]
fn the_same_moment_twice_is_legal() {
    let validity = crate::der::validity("270101000000Z", "270101000000Z");
    assert!(read(&Parts { validity, ..Parts::default() }.der()).well_formed());
}
