//! The extensions of RFC 5280 section 4.2, RFC 6962 and RFC 7633, right and wrong.

use std::net::{Ipv4Addr, Ipv6Addr};

use certvigil_model::Foreign;
use certvigil_x509::{BasicConstraints, DefectId, Extensions, Facts, GeneralName, read};

use crate::der::{Parts, SUBJECT_ALT_NAME, common_name, extension, sequence, tlv};

const AUTHORITY_KEY: &[u8] = b"\x55\x1d\x23";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const CRL_POINTS: &[u8] = b"\x55\x1d\x1f";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
const INFORMATION_ACCESS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x01\x01";
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const NAME_CONSTRAINTS: &[u8] = b"\x55\x1d\x1e";
const POLICIES: &[u8] = b"\x55\x1d\x20";
const SUBJECT_KEY: &[u8] = b"\x55\x1d\x0e";
const TIMESTAMPS: &[u8] = b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02";
const TLS_FEATURE: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x01\x18";

fn with(list: &[&[u8]]) -> Facts {
    read(&Parts::with_extensions(list).der())
}

fn one(kind: &[u8], critical: bool, value: &[u8]) -> Facts {
    with(&[&extension(kind, critical, value)])
}

fn ids(facts: &Facts) -> Vec<DefectId> {
    facts.defects.iter().map(|defect| defect.id).collect()
}

fn foreign(text: &str) -> Foreign {
    Foreign::new(text)
}

#[test]
fn every_general_name_is_told() {
    let directory = common_name("a");
    let names = sequence(&[
        &tlv(0x82, b"*.a.example"),
        &tlv(0x87, &[192, 0, 2, 1]),
        &tlv(0x87, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        &tlv(0x81, b"a@b.example"),
        &tlv(0x86, b"spiffe://a.example/b"),
        &tlv(0xa4, &directory),
        &tlv(0x88, &[0x2a, 3]),
        &tlv(0xa0, &[&tlv(0x06, &[0x2a])[..], &tlv(0xa0, &tlv(0x0c, b"a"))].concat()),
    ]);
    let facts = one(SUBJECT_ALT_NAME, false, &names);
    assert!(facts.well_formed(), "{:?}", facts.defects);
    let told = facts.extensions.subject_alt_name.unwrap().unwrap();
    assert_eq!(
        told,
        [
            GeneralName::Dns(foreign("*.a.example")),
            GeneralName::Ip(Ipv4Addr::new(192, 0, 2, 1).into()),
            GeneralName::Ip(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()),
            GeneralName::Email(foreign("a@b.example")),
            GeneralName::Uri(foreign("spiffe://a.example/b")),
            GeneralName::Other(4),
            GeneralName::Other(8),
            GeneralName::Other(0),
        ]
    );
}

#[test]
fn broken_general_names_are_flagged_and_told() {
    let long = "a".repeat(64);
    let dns = |name: &[u8]| (tlv(0x82, name), GeneralName::Dns(Foreign::from_bytes(name)));
    let cases = [
        (dns(b"a.example\0.b.example"), DefectId::GeneralNameMalformed),
        (dns(b"a\xff.example"), DefectId::GeneralNameMalformed),
        (dns(b"b\xc3\xbccher.example"), DefectId::GeneralNameMalformed),
        (dns(b"a\n.example"), DefectId::GeneralNameMalformed),
        (dns(b""), DefectId::GeneralNameSyntax),
        (dns(b" "), DefectId::GeneralNameSyntax),
        (dns(b"a b.example"), DefectId::GeneralNameSyntax),
        (dns(b"a_b.example"), DefectId::GeneralNameSyntax),
        (dns(b"a..example"), DefectId::GeneralNameSyntax),
        (dns(b".example"), DefectId::GeneralNameSyntax),
        (dns(b"-a.example"), DefectId::GeneralNameSyntax),
        (dns(b"a.*.example"), DefectId::GeneralNameSyntax),
        (dns(b"*"), DefectId::GeneralNameSyntax),
        (dns(b"192.0.2.1"), DefectId::GeneralNameSyntax),
        (dns(b"https://a.example"), DefectId::GeneralNameSyntax),
        (dns(long.as_bytes()), DefectId::GeneralNameSyntax),
        ((tlv(0x87, &[1, 2, 3]), GeneralName::BadIp(vec![1, 2, 3])), DefectId::IpAddressLength),
        ((tlv(0x87, &[]), GeneralName::BadIp(vec![])), DefectId::IpAddressLength),
        (
            (tlv(0x81, b"nobody"), GeneralName::Email(foreign("nobody"))),
            DefectId::GeneralNameSyntax,
        ),
        ((tlv(0x81, b"<a@b>"), GeneralName::Email(foreign("<a@b>"))), DefectId::GeneralNameSyntax),
        ((tlv(0x86, b"/path"), GeneralName::Uri(foreign("/path"))), DefectId::GeneralNameSyntax),
        ((tlv(0xa2, b""), GeneralName::Other(2)), DefectId::GeneralNameMalformed),
        ((tlv(0x0c, b"a"), GeneralName::Other(12)), DefectId::GeneralNameMalformed),
    ];
    for ((entry, want), defect) in cases {
        let good = tlv(0x82, b"good.example");
        let facts = one(SUBJECT_ALT_NAME, false, &sequence(&[&entry, &good]));
        let told = facts.extensions.subject_alt_name.as_ref().unwrap().as_ref().unwrap();
        assert_eq!(told, &[want, GeneralName::Dns(foreign("good.example"))]);
        assert_eq!(ids(&facts), [defect], "{told:?}");
        assert_eq!(facts.defects[0].field, "tbsCertificate.extensions.subjectAltName[0]");
    }
}

struct Case {
    name: &'static str,
    kind: &'static [u8],
    critical: bool,
    value: Vec<u8>,
    defects: &'static [DefectId],
    told: fn(&Extensions) -> bool,
}

fn case(
    name: &'static str,
    kind: &'static [u8],
    value: Vec<u8>,
    defects: &'static [DefectId],
    told: fn(&Extensions) -> bool,
) -> Case {
    Case { name, kind, critical: kind == BASIC_CONSTRAINTS, value, defects, told }
}

fn cases() -> Vec<Case> {
    const MALFORMED: &[DefectId] = &[DefectId::ExtensionMalformed];
    let server_auth = tlv(0x06, b"\x2b\x06\x01\x05\x05\x07\x03\x01");
    let uri = |text: &str| tlv(0x86, text.as_bytes());
    let access = |method: u8, location: &[u8]| {
        sequence(&[&tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 0x30, method]), location])
    };
    let point = |names: &[u8]| sequence(&[&tlv(0xa0, &tlv(0xa0, names))]);
    let policy = sequence(&[&tlv(0x06, b"\x67\x81\x0c\x01\x02\x01")]);
    vec![
        case(
            "a list of nothing",
            SUBJECT_ALT_NAME,
            sequence(&[]),
            &[DefectId::ListEmpty],
            |told| told.subject_alt_name == Ok(Some(vec![])),
        ),
        case("no list", SUBJECT_ALT_NAME, tlv(0x82, b"a"), MALFORMED, |told| {
            told.subject_alt_name.is_err()
        }),
        case("no value", SUBJECT_ALT_NAME, vec![], MALFORMED, |told| {
            told.subject_alt_name.is_err()
        }),
        case(
            "a list cut off",
            SUBJECT_ALT_NAME,
            sequence(&[b"\x82\x01a\x82\x09b"]),
            &[DefectId::ExtensionMalformed, DefectId::Truncated],
            |told| told.subject_alt_name.is_err(),
        ),
        case(
            "something behind",
            SUBJECT_ALT_NAME,
            [sequence(&[&tlv(0x82, b"a")]), vec![0]].concat(),
            &[DefectId::TrailingData],
            |told| matches!(&told.subject_alt_name, Ok(Some(names)) if names.len() == 1),
        ),
        case("an end entity", BASIC_CONSTRAINTS, sequence(&[]), &[], |told| {
            told.basic_constraints == Ok(Some(BasicConstraints { ca: false, path_len: None }))
        }),
        case("a CA", BASIC_CONSTRAINTS, sequence(&[b"\x01\x01\xff"]), &[], |told| {
            told.basic_constraints == Ok(Some(BasicConstraints { ca: true, path_len: None }))
        }),
        case(
            "a path length",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x01\x01\xff\x02\x01\x03"]),
            &[],
            |told| {
                told.basic_constraints == Ok(Some(BasicConstraints { ca: true, path_len: Some(3) }))
            },
        ),
        case(
            "false written out",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x01\x01\x00"]),
            &[DefectId::DefaultEncoded],
            |told| {
                told.basic_constraints == Ok(Some(BasicConstraints { ca: false, path_len: None }))
            },
        ),
        case(
            "true as 01",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x01\x01\x01"]),
            &[DefectId::BooleanNotDer],
            |told| {
                told.basic_constraints == Ok(Some(BasicConstraints { ca: true, path_len: None }))
            },
        ),
        case(
            "a boolean of nothing",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x01\x00"]),
            &[DefectId::BooleanNotDer],
            |told| told.basic_constraints.is_err(),
        ),
        case(
            "a path length of no CA",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x02\x01\x00"]),
            &[DefectId::PathLengthWithoutCa],
            |told| {
                told.basic_constraints
                    == Ok(Some(BasicConstraints { ca: false, path_len: Some(0) }))
            },
        ),
        case(
            "a negative path length",
            BASIC_CONSTRAINTS,
            sequence(&[b"\x01\x01\xff\x02\x01\xff"]),
            MALFORMED,
            |told| told.basic_constraints.is_err(),
        ),
        case("digital signature", KEY_USAGE, tlv(0x03, &[7, 0x80]), &[], |told| {
            told.key_usage == Ok(Some(1))
        }),
        case("key encipherment and agreement", KEY_USAGE, tlv(0x03, &[3, 0x28]), &[], |told| {
            told.key_usage == Ok(Some(0b1_0100))
        }),
        case("decipher only, the ninth bit", KEY_USAGE, tlv(0x03, &[7, 0x08, 0x80]), &[], |told| {
            told.key_usage == Ok(Some(0b1_0001_0000))
        }),
        case(
            "zeros at the end",
            KEY_USAGE,
            tlv(0x03, &[0, 0x80]),
            &[DefectId::BitStringPadding],
            |told| told.key_usage == Ok(Some(1)),
        ),
        case(
            "unused bits set",
            KEY_USAGE,
            tlv(0x03, &[7, 0xff]),
            &[DefectId::BitStringPadding, DefectId::BitStringPadding, DefectId::CertSignWithoutCa],
            |told| told.key_usage.is_ok(),
        ),
        case("no usage", KEY_USAGE, tlv(0x03, &[0]), &[DefectId::KeyUsageZero], |told| {
            told.key_usage == Ok(Some(0))
        }),
        case(
            "keyCertSign of no CA",
            KEY_USAGE,
            tlv(0x03, &[2, 0x04]),
            &[DefectId::CertSignWithoutCa],
            |told| told.key_usage == Ok(Some(1 << 5)),
        ),
        case("no bit string", KEY_USAGE, tlv(0x04, &[7, 0x80]), MALFORMED, |told| {
            told.key_usage.is_err()
        }),
        case(
            "a server",
            EXTENDED_KEY_USAGE,
            sequence(&[&server_auth]),
            &[],
            |told| matches!(&told.extended_key_usage, Ok(Some(usages)) if usages == &["1.3.6.1.5.5.7.3.1"]),
        ),
        case("no purpose", EXTENDED_KEY_USAGE, sequence(&[]), &[DefectId::ListEmpty], |told| {
            told.extended_key_usage == Ok(Some(vec![]))
        }),
        case(
            "a purpose that is no OID",
            EXTENDED_KEY_USAGE,
            sequence(&[&tlv(0x02, &[1])]),
            &[DefectId::OidMalformed],
            |told| told.extended_key_usage.is_err(),
        ),
        case("a key identifier", SUBJECT_KEY, tlv(0x04, &[1, 2]), &[], |told| {
            told.subject_key_identifier == Ok(Some(vec![1, 2]))
        }),
        case(
            "a key identifier of another kind",
            SUBJECT_KEY,
            tlv(0x03, &[1, 2]),
            MALFORMED,
            |told| told.subject_key_identifier.is_err(),
        ),
        case("an authority's key", AUTHORITY_KEY, sequence(&[&tlv(0x80, &[1, 2])]), &[], |told| {
            told.authority_key_identifier == Ok(Some(vec![1, 2]))
        }),
        case(
            "an authority without a key",
            AUTHORITY_KEY,
            sequence(&[&tlv(0xa1, &tlv(0xa4, &common_name("a"))), &tlv(0x82, &[1])]),
            &[],
            |told| told.authority_key_identifier == Ok(None),
        ),
        case(
            "a serial number without an issuer",
            AUTHORITY_KEY,
            sequence(&[&tlv(0x80, &[1]), &tlv(0x82, &[1])]),
            MALFORMED,
            |told| told.authority_key_identifier == Ok(Some(vec![1])),
        ),
        case(
            "rubbish behind the authority's key",
            AUTHORITY_KEY,
            sequence(&[&tlv(0x80, &[1]), &tlv(0x05, &[])]),
            &[DefectId::TrailingData],
            |told| told.authority_key_identifier == Ok(Some(vec![1])),
        ),
        case("must staple", TLS_FEATURE, sequence(&[&tlv(0x02, &[5])]), &[], |told| {
            told.tls_features == Ok(Some(vec![5]))
        }),
        case(
            "a feature out of range",
            TLS_FEATURE,
            sequence(&[&tlv(0x02, &[1, 0, 0])]),
            MALFORMED,
            |told| told.tls_features.is_err(),
        ),
        case("two timestamps", TIMESTAMPS, tlv(0x04, &[0, 7, 0, 2, 9, 9, 0, 1, 9]), &[], |told| {
            told.sct_count == Ok(2)
        }),
        case("no timestamps", TIMESTAMPS, tlv(0x04, &[0, 0]), &[], |told| told.sct_count == Ok(0)),
        case(
            "a timestamp cut off",
            TIMESTAMPS,
            tlv(0x04, &[0, 4, 0, 9, 9, 9]),
            MALFORMED,
            |told| told.sct_count.is_err(),
        ),
        case(
            "bytes behind the timestamps",
            TIMESTAMPS,
            tlv(0x04, &[0, 3, 0, 1, 9, 9]),
            MALFORMED,
            |told| told.sct_count.is_err(),
        ),
        case(
            "access to the issuer",
            INFORMATION_ACCESS,
            sequence(&[
                &access(1, &uri("http://o.example")),
                &access(2, &uri("http://c.example/a.crt")),
            ]),
            &[],
            |told| {
                told.ocsp == [foreign("http://o.example")]
                    && told.ca_issuers == [foreign("http://c.example/a.crt")]
            },
        ),
        case(
            "access without a place",
            INFORMATION_ACCESS,
            sequence(&[&access(1, &[]), &access(1, &uri("http://o.example"))]),
            MALFORMED,
            |told| told.ocsp.len() == 1,
        ),
        case(
            "a CRL",
            CRL_POINTS,
            sequence(&[&point(&uri("http://c.example/a.crl"))]),
            &[],
            |told| told.crl_distribution_points == [foreign("http://c.example/a.crl")],
        ),
        case(
            "a CRL point that is none",
            CRL_POINTS,
            sequence(&[&tlv(0x05, &[]), &point(&uri("http://c.example"))]),
            MALFORMED,
            |told| told.crl_distribution_points.len() == 1,
        ),
        case("a policy", POLICIES, sequence(&[&policy]), &[], |told| {
            told.policies == ["2.23.140.1.2.1"]
        }),
        case(
            "a policy twice",
            POLICIES,
            sequence(&[&policy, &policy]),
            &[DefectId::PolicyDuplicate],
            |told| told.policies.len() == 2,
        ),
        case("no policy", POLICIES, sequence(&[]), &[DefectId::ListEmpty], |told| {
            told.policies.is_empty()
        }),
    ]
}

#[test]
fn every_extension_is_told_or_said_to_be_broken() {
    for case in cases() {
        let facts = one(case.kind, case.critical, &case.value);
        let (mut got, mut want) = (ids(&facts), case.defects.to_vec());
        got.sort();
        want.sort();
        assert_eq!(got, want, "{}: {:?}", case.name, facts.defects);
        assert!((case.told)(&facts.extensions), "{}: {:?}", case.name, facts.extensions);
        assert!(facts.not_after.is_ok() && facts.subject.is_ok(), "{}", case.name);
    }
}

/// What it shows, what is given, what is flagged.
type Row<'a, T> = (&'a str, T, &'a [DefectId]);

#[test]
fn the_list_itself() {
    let names = sequence(&[&tlv(0x82, b"a.example")]);
    let good = extension(SUBJECT_ALT_NAME, false, &names);
    let oid = tlv(0x06, SUBJECT_ALT_NAME);
    let value = tlv(0x04, &names);
    let unknown = extension(b"\x2a\x03", true, b"");
    let cases: Vec<Row<'_, Vec<&[u8]>>> = vec![
        ("nothing", vec![], &[DefectId::ExtensionsEmpty]),
        ("twice", vec![&good, &good], &[DefectId::ExtensionDuplicate]),
        ("critical and unknown", vec![&good, &unknown], &[DefectId::ExtensionUnknownCritical]),
        ("an entry that is none", vec![&good, b"\x05\x00"], &[DefectId::ExtensionMalformed]),
    ];
    for (name, list, defects) in cases {
        assert_eq!(ids(&with(&list)), defects, "{name}");
    }
    let cases: [Row<'_, &[&[u8]]>; 5] = [
        ("FALSE written out", &[&oid, b"\x01\x01\x00", &value], &[DefectId::DefaultEncoded]),
        ("true as 01", &[&oid, b"\x01\x01\x01", &value], &[DefectId::BooleanNotDer]),
        ("no value", &[&oid], &[DefectId::ExtensionMalformed]),
        ("something behind", &[&oid, &value, b"\x05\x00"], &[DefectId::TrailingData]),
        ("no kind", &[&value], &[DefectId::ExtensionMalformed]),
    ];
    for (name, parts, defects) in cases {
        assert_eq!(ids(&with(&[&sequence(parts)])), defects, "{name}");
    }
    let facts = with(&[&good, &unknown]);
    let all = [("2.5.29.17".to_owned(), false), ("1.2.3".to_owned(), true)];
    assert_eq!(facts.extensions.all, all);
}

#[test]
fn what_may_have_been_lost_does_not_pass_for_absent() {
    let key_usage = extension(KEY_USAGE, true, &tlv(0x03, &[7, 0x80]));
    for rubbish in [&b"\x05\x00"[..], b"\x30\x09", b"\x30\x02\x06\x00", b"\x1f"] {
        let facts = with(&[&key_usage, rubbish]);
        assert_eq!(facts.extensions.key_usage, Ok(Some(1)), "{rubbish:x?}");
        assert!(facts.extensions.subject_alt_name.is_err(), "{rubbish:x?}");
        assert!(facts.extensions.sct_count.is_err(), "{rubbish:x?}");
    }
    let facts = with(&[&key_usage]);
    assert_eq!(facts.extensions.subject_alt_name, Ok(None));
    assert_eq!(facts.extensions.sct_count, Ok(0));
}

/// RFC 5280 section 4.2.1.1, 4.2.1.2, 4.2.1.9, 4.2.1.10, 4.2.2.1.
#[test]
fn criticality() {
    let ca = sequence(&[b"\x01\x01\xff"]);
    let constraints = sequence(&[&tlv(0xa0, &sequence(&[&tlv(0x82, b"a.example")]))]);
    let authority = extension(BASIC_CONSTRAINTS, true, &ca);
    let cases: [(&[u8], bool, &[u8]); 4] = [
        (AUTHORITY_KEY, true, &sequence(&[&tlv(0x80, &[1])])),
        (SUBJECT_KEY, true, &tlv(0x04, &[1])),
        (NAME_CONSTRAINTS, false, &constraints),
        (
            INFORMATION_ACCESS,
            true,
            &sequence(&[&sequence(&[&tlv(0x06, &[0x2a]), &tlv(0x86, b"a:b")])]),
        ),
    ];
    for (kind, critical, value) in cases {
        let wrong = with(&[&authority, &extension(kind, critical, value)]);
        assert_eq!(ids(&wrong), [DefectId::ExtensionCriticality], "{kind:x?}");
        let right = with(&[&authority, &extension(kind, !critical, value)]);
        assert!(right.well_formed(), "{:?}", right.defects);
    }
    assert_eq!(ids(&one(BASIC_CONSTRAINTS, false, &ca)), [DefectId::ExtensionCriticality]);
    assert!(one(BASIC_CONSTRAINTS, false, &sequence(&[])).well_formed());
}

/// RFC 5280 section 4.2.1.10.
#[test]
fn name_constraints() {
    let authority = extension(BASIC_CONSTRAINTS, true, &sequence(&[b"\x01\x01\xff"]));
    let permitted = |base: &[u8]| sequence(&[&tlv(0xa0, &sequence(&[base]))]);
    let cases: [(&str, Vec<u8>, &[DefectId]); 14] = [
        ("a domain", permitted(&tlv(0x82, b"a.example")), &[]),
        ("every domain", permitted(&tlv(0x82, b"")), &[]),
        ("a network", permitted(&tlv(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])), &[]),
        ("a mail domain", permitted(&tlv(0x81, b".a.example")), &[]),
        ("a directory name", permitted(&tlv(0xa4, &common_name("a"))), &[]),
        ("a wildcard", permitted(&tlv(0x82, b"*.a.example")), &[DefectId::GeneralNameSyntax]),
        ("a leading dot", permitted(&tlv(0x82, b".a.example")), &[DefectId::GeneralNameSyntax]),
        ("no mask", permitted(&tlv(0x87, &[10, 0, 0, 0])), &[DefectId::GeneralNameSyntax]),
        (
            "a mask with a hole",
            permitted(&tlv(0x87, &[10, 0, 0, 0, 255, 0, 255, 0])),
            &[DefectId::GeneralNameSyntax],
        ),
        (
            "a mask with a hole in an octet",
            permitted(&tlv(0x87, &[10, 0, 0, 0, 0xfd, 0, 0, 0])),
            &[DefectId::GeneralNameSyntax],
        ),
        (
            "a mail address with a wildcard host",
            permitted(&tlv(0x81, b"*.a.example")),
            &[DefectId::GeneralNameSyntax],
        ),
        (
            "a minimum",
            permitted(&[tlv(0x82, b"a.example"), tlv(0x80, &[1])].concat()),
            &[DefectId::ExtensionMalformed],
        ),
        ("nothing", sequence(&[]), &[DefectId::ListEmpty]),
        ("nothing permitted", sequence(&[&tlv(0xa0, &[])]), &[DefectId::ListEmpty]),
    ];
    for (name, value, defects) in cases {
        let facts = with(&[&authority, &extension(NAME_CONSTRAINTS, true, &value)]);
        assert_eq!(ids(&facts), defects, "{name}: {:?}", facts.defects);
        assert!(facts.extensions.has_name_constraints, "{name}");
    }
    let facts = one(NAME_CONSTRAINTS, true, &permitted(&tlv(0x82, b"a.example")));
    assert_eq!(ids(&facts), [DefectId::NameConstraintsWithoutCa]);
}
