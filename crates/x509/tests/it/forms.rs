//! Broken encodings (X.690) and broken frames (RFC 5280 section 4.1): what is told all the same.

use certvigil_x509::{DefectId, Facts, Recovered, read, subject_public_key_info};

use crate::der::{
    ED25519, Parts, common_name, extension, extensions, sequence, set, tlv, validity,
};

struct Case {
    name: &'static str,
    der: Vec<u8>,
    defects: &'static [DefectId],
}

fn case(name: &'static str, der: Vec<u8>, defects: &'static [DefectId]) -> Case {
    Case { name, der, defects }
}

fn ids(facts: &Facts) -> Vec<DefectId> {
    facts.defects.iter().map(|defect| defect.id).collect()
}

/// The same thing in BER that DER forbids.
mod ber {
    /// The length in one octet more than it needs.
    pub(super) fn long(der: &[u8]) -> Vec<u8> {
        let (length, content) = split(der);
        let octets = [(length >> 16) as u8, (length >> 8) as u8, length as u8];
        [&[der[0], 0x83], octets.as_slice(), content].concat()
    }

    /// The length left open.
    pub(super) fn open(der: &[u8]) -> Vec<u8> {
        [&[der[0], 0x80], split(der).1, &[0, 0]].concat()
    }

    /// The length as one that ends at nothing.
    pub(super) fn with_length(der: &[u8], length: &[u8]) -> Vec<u8> {
        [&der[..1], length, split(der).1].concat()
    }

    fn split(der: &[u8]) -> (usize, &[u8]) {
        let octets = if der[1] < 0x80 { 0 } else { usize::from(der[1] & 0x7f) };
        let content = &der[2 + octets..];
        (content.len(), content)
    }
}

/// Every one of them keeps its dates, names and key.
fn told_cases() -> Vec<Case> {
    let parts = Parts::default();
    let der = parts.der();
    let (algorithm, value) = (&parts.signature_algorithm, &parts.signature_value);
    let around = |signed: Vec<u8>| sequence(&[&signed, algorithm, value]);
    let signed = parts.signed();
    let mut never_closed = ber::open(&der);
    never_closed.truncate(never_closed.len() - 2);
    let with = |change: fn(&mut Parts)| {
        let mut parts = Parts::default();
        change(&mut parts);
        parts.der()
    };
    vec![
        case("octets behind it", [&der[..], b"\r\n"].concat(), &[DefectId::TrailingData]),
        case("a long outer length", ber::long(&der), &[DefectId::NonMinimalLength]),
        case("a long inner length", around(ber::long(&signed)), &[DefectId::NonMinimalLength]),
        case("an open outer length", ber::open(&der), &[DefectId::IndefiniteLength]),
        case("an open inner length", around(ber::open(&signed)), &[DefectId::IndefiniteLength]),
        case(
            "open lengths inside each other",
            ber::open(&around(ber::open(&signed))),
            &[DefectId::IndefiniteLength, DefectId::IndefiniteLength],
        ),
        case(
            "an open length that is never closed",
            never_closed,
            &[DefectId::IndefiniteLength, DefectId::Truncated],
        ),
        case("a reserved length", ber::with_length(&der, &[0xff]), &[DefectId::InvalidLength]),
        case(
            "a length of nine octets",
            ber::with_length(&der, &[0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            &[DefectId::InvalidLength],
        ),
        case(
            "an outer length too great",
            ber::with_length(&der, &[0x82, 0x7f, 0xff]),
            &[DefectId::Truncated],
        ),
        case("another outer tag", [&[0x31], &der[1..]].concat(), &[DefectId::WrongTag]),
        case("another inner tag", around([&[0x31], &signed[1..]].concat()), &[DefectId::WrongTag]),
        case("the signed part alone", signed.clone(), &[DefectId::MissingField]),
        case("no signature", sequence(&[&signed, algorithm]), &[DefectId::MissingField]),
        case(
            "no algorithm and no signature",
            sequence(&[&signed]),
            &[DefectId::MissingField, DefectId::MissingField],
        ),
        case(
            "something behind the signature",
            sequence(&[&signed, algorithm, value, &tlv(0x05, b"")]),
            &[DefectId::TrailingData],
        ),
        case(
            "another tag at the signature",
            with(|parts| parts.signature_value[0] = 0x04),
            &[DefectId::WrongTag],
        ),
        case(
            "a long length in validity",
            with(|parts| parts.validity = ber::long(&parts.validity)),
            &[DefectId::NonMinimalLength],
        ),
        case(
            "another tag around validity",
            with(|parts| parts.validity[0] = 0x31),
            &[DefectId::WrongTag],
        ),
        case(
            "a third time",
            with(|parts| {
                let time = &parts.validity[2..17];
                parts.validity = sequence(&[&parts.validity[2..], time]);
            }),
            &[DefectId::TrailingData],
        ),
        case(
            "a long length in the version",
            with(|parts| parts.version = ber::long(&parts.version)),
            &[DefectId::NonMinimalLength],
        ),
        case(
            "another tag around the version",
            with(|parts| parts.version[0] = 0x61),
            &[DefectId::WrongTag],
        ),
        case(
            "two version numbers",
            with(|parts| parts.version = tlv(0xa0, b"\x02\x01\x02\x02\x01\x02")),
            &[DefectId::TrailingData],
        ),
        case(
            "no serial number",
            with(|parts| parts.serial_number.clear()),
            &[DefectId::MissingField],
        ),
        case(
            "two serial numbers",
            with(|parts| parts.serial_number = parts.serial_number.repeat(2)),
            &[DefectId::UnexpectedField],
        ),
        case(
            "a serial number of another tag",
            with(|parts| parts.serial_number[0] = 0x82),
            &[DefectId::WrongTag],
        ),
        case(
            "no inner algorithm",
            with(|parts| parts.signature.clear()),
            &[DefectId::MissingField],
        ),
        case(
            "two inner algorithms",
            with(|parts| parts.signature = parts.signature.repeat(2)),
            &[DefectId::UnexpectedField],
        ),
        case(
            "a string among the fields",
            with(|parts| parts.public_key.extend(tlv(0x0c, b"a"))),
            &[DefectId::UnexpectedField],
        ),
        case(
            "another tag around the inner algorithm",
            with(|parts| parts.signature[0] = 0x31),
            &[DefectId::WrongTag, DefectId::SignatureAlgorithmMismatch],
        ),
        case(
            "another tag around the outer algorithm",
            with(|parts| parts.signature_algorithm[0] = 0x70),
            &[DefectId::WrongTag, DefectId::SignatureAlgorithmMismatch],
        ),
        case(
            "extensions twice",
            with(|parts| parts.extensions = parts.extensions.repeat(2)),
            &[DefectId::UnexpectedField],
        ),
        case(
            "a long length in the extensions",
            with(|parts| parts.extensions = ber::long(&parts.extensions)),
            &[DefectId::NonMinimalLength],
        ),
        case(
            "an open length in the issuer",
            with(|parts| parts.issuer = ber::open(&parts.issuer)),
            &[DefectId::IndefiniteLength],
        ),
    ]
}

#[test]
fn a_broken_frame_still_tells_what_it_holds() {
    let whole = read(&Parts::default().der());
    assert!(whole.well_formed(), "{:?}", whole.defects);
    for case in told_cases() {
        let facts = read(&case.der);
        assert_eq!(ids(&facts), case.defects, "{}: {:?}", case.name, facts.defects);
        assert_eq!(facts.recovered, Recovered::Tolerant, "{}", case.name);
        assert_eq!(facts.not_before, whole.not_before, "{}", case.name);
        assert_eq!(facts.not_after, whole.not_after, "{}", case.name);
        let text = |facts: &Facts| facts.subject.as_ref().unwrap().text.clone();
        assert_eq!(text(&facts), text(&whole), "{}", case.name);
        assert_eq!(facts.public_key, whole.public_key, "{}", case.name);
        assert_eq!(
            subject_public_key_info(&case.der),
            Some(&Parts::default().public_key[..]),
            "{}",
            case.name
        );
        let end = case.der.len();
        assert!(facts.defects.iter().all(|defect| defect.offset <= end), "{}", case.name);
    }
}

/// Something that must be there is missing or unreadable; all else is told.
#[test]
fn a_missing_field_costs_no_other() {
    type Row = (&'static str, fn(&mut Parts), fn(&Facts) -> bool);
    let lost: [Row; 6] = [
        ("issuer", |parts| parts.issuer.clear(), |facts| facts.issuer.is_err()),
        ("validity", |parts| parts.validity.clear(), |facts| facts.not_after.is_err()),
        ("subject", |parts| parts.subject.clear(), |facts| facts.subject.is_err()),
        ("public key", |parts| parts.public_key.clear(), |facts| facts.public_key.is_err()),
        (
            "issuer of another kind",
            |parts| parts.issuer = tlv(0x0c, b"a"),
            |facts| facts.issuer.is_err(),
        ),
        (
            "subject of another kind",
            |parts| parts.subject = tlv(0x02, b"a"),
            |facts| facts.subject.is_err(),
        ),
    ];
    for (name, change, is_lost) in lost {
        let mut parts = Parts::default();
        change(&mut parts);
        let facts = read(&parts.der());
        assert!(is_lost(&facts), "{name}");
        let told = [
            facts.serial_number.is_ok(),
            facts.issuer.is_ok(),
            facts.not_before.is_ok() && facts.not_after.is_ok(),
            facts.subject.is_ok(),
            facts.public_key.is_ok(),
            facts.extensions.subject_alt_name.is_ok(),
        ];
        assert_eq!(told.iter().filter(|told| **told).count(), 5, "{name}: {:?}", facts.defects);
        assert!(!facts.well_formed(), "{name}");
        assert_eq!(facts.recovered, Recovered::Tolerant, "{name}");
    }
}

#[test]
fn truncation_never_lies() {
    let parts = Parts::default();
    let der = parts.der();
    let whole = read(&der);
    let validity_end = der.len()
        - parts.signature_value.len()
        - parts.signature_algorithm.len()
        - parts.extensions.len()
        - parts.public_key.len()
        - parts.subject.len();
    for length in 0..der.len() {
        let facts = read(&der[..length]);
        assert!(!facts.well_formed(), "{length}");
        if length >= validity_end {
            assert_eq!(facts.not_after, whole.not_after, "{length}");
            assert_eq!(facts.recovered, Recovered::Tolerant, "{length}");
        } else {
            assert!(facts.not_after.is_err(), "{length}");
        }
        let names = &facts.extensions.subject_alt_name;
        assert!(
            names.is_err() || *names == whole.extensions.subject_alt_name,
            "{length}: {names:?}"
        );
    }
}

#[test]
fn dates_out_of_their_place_are_a_guess_and_said_to_be_one() {
    let times = [tlv(0x17, b"260101000000Z"), tlv(0x17, b"271231235959Z")].concat();
    let elsewhere =
        Parts { validity: vec![], ..Parts::with_extensions(&[&extension(b"\x2a", false, &times)]) };
    let unwrapped = Parts { validity: times.clone(), ..Parts::default() };
    for der in [elsewhere.der(), unwrapped.der(), [b"rubbish", &times[..]].concat()] {
        let facts = read(&der);
        assert_eq!(facts.recovered, Recovered::Guess);
        assert_eq!(facts.not_before.as_ref().unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(facts.not_after.as_ref().unwrap().to_string(), "2027-12-31T23:59:59Z");
        assert_eq!(ids(&facts).iter().filter(|id| **id == DefectId::DateGuessed).count(), 2);
        assert!(!facts.well_formed());
    }
}

#[test]
fn a_broken_date_at_its_place_is_not_replaced_by_a_guess() {
    let times = [tlv(0x17, b"260101000000Z"), tlv(0x17, b"271231235959Z")].concat();
    let validity = validity("261301000000Z", "271301000000Z");
    let parts = Parts { validity, ..Parts::with_extensions(&[&extension(b"\x2a", false, &times)]) };
    let facts = read(&parts.der());
    assert_eq!((facts.not_before.is_err(), facts.not_after.is_err()), (true, true));
    assert_eq!(facts.recovered, Recovered::Tolerant);
}

#[test]
fn what_is_no_certificate_is_called_so() {
    let request = sequence(&[&sequence(&[&common_name("a")]), &sequence(&[&tlv(0x06, ED25519)])]);
    let cases: [&[u8]; 8] = [
        b"",
        b"\0",
        b"0",
        b"<html><body>404</body></html>",
        &[0xff; 300],
        &sequence(&[]),
        &set(&[&tlv(0x02, &[1])]),
        &request[..4],
    ];
    for bytes in cases {
        let facts = read(bytes);
        assert_eq!(facts.recovered, Recovered::None, "{bytes:?}: {facts:?}");
        assert!(ids(&facts).contains(&DefectId::NotACertificate));
        assert!(facts.not_after.is_err() && facts.extensions.subject_alt_name.is_err());
        assert_eq!(subject_public_key_info(bytes), None);
    }
}

#[test]
fn hostile_nesting_and_sizes_end() {
    let deep = [0x30, 0x80].repeat(50_000);
    let shallow = tlv(0x30, &[0x30, 0x80].repeat(500));
    let many = {
        let entries = [0x82, 0x00].repeat(30_000);
        let value = tlv(0x30, &entries);
        Parts::with_extensions(&[&extension(crate::der::SUBJECT_ALT_NAME, false, &value)]).der()
    };
    let zeros = vec![0; 100_000];
    let times = b"\x17\x0d260101000000Z".repeat(10_000);
    for bytes in [deep, shallow, many, zeros, times] {
        let facts = read(&bytes);
        assert!(!facts.well_formed());
        assert!(facts.defects.len() <= 129, "{}", facts.defects.len());
    }
    let list = extensions(&[&extension(b"\x2a", false, b"")[..]].repeat(3_000));
    let facts = read(&Parts { extensions: list, ..Parts::default() }.der());
    assert_eq!(ids(&facts).last(), Some(&DefectId::TooManyDefects));
}
