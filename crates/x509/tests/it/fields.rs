//! Version, serial number, algorithms and keys (RFC 5280 section 4.1), right and wrong.

use certvigil_x509::{DefectId, Facts, KeyKind, read};

use crate::der::{ED25519, Parts, sequence, tlv};

/// The identifiers of all defects but those that follow from made-up keys and signatures.
fn ids(facts: &Facts) -> Vec<DefectId> {
    facts.defects.iter().map(|defect| defect.id).collect()
}

#[test]
fn versions() {
    let explicit = |content: &[u8]| tlv(0xa0, content);
    type Row<'a> = (&'a str, Vec<u8>, Option<u8>, &'a [DefectId]);
    let cases: [Row<'_>; 7] = [
        ("left out", vec![], Some(1), &[]),
        ("version 1 written out", explicit(b"\x02\x01\x00"), Some(1), &[DefectId::DefaultEncoded]),
        ("version 2", explicit(b"\x02\x01\x01"), Some(2), &[]),
        ("version 3", explicit(b"\x02\x01\x02"), Some(3), &[]),
        ("version 4", explicit(b"\x02\x01\x03"), None, &[DefectId::VersionUnknown]),
        ("negative", explicit(b"\x02\x01\xff"), None, &[DefectId::VersionUnknown]),
        ("empty", explicit(b"\x02\x00"), None, &[DefectId::IntegerEmpty]),
    ];
    for (name, version, want, defects) in cases {
        let facts = read(&Parts { version, extensions: vec![], ..Parts::default() }.der());
        assert_eq!(facts.version.as_ref().ok(), want.as_ref(), "{name}");
        assert_eq!(ids(&facts), defects, "{name}: {:?}", facts.defects);
    }
    let facts = read(&Parts { version: vec![], ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::ExtensionsWithoutV3]);
    assert!(matches!(facts.extensions.subject_alt_name, Ok(Some(_))));
}

#[test]
fn serial_numbers() {
    let twenty = [0x7f; 20];
    let padded = [&[0][..], &[0xff; 20]].concat();
    let cases: [(&str, &[u8], bool, &[DefectId]); 10] = [
        ("one", &[1], true, &[]),
        ("20 octets", &twenty, true, &[]),
        ("the sign octet counts", &padded, true, &[DefectId::SerialTooLong]),
        ("empty", &[], false, &[DefectId::IntegerEmpty]),
        ("zero", &[0], true, &[DefectId::SerialZero]),
        ("zero twice", &[0, 0], true, &[DefectId::SerialZero, DefectId::IntegerNotMinimal]),
        ("negative", &[0x80], true, &[DefectId::SerialNegative]),
        ("padded", &[0, 1], true, &[DefectId::IntegerNotMinimal]),
        (
            "padded and negative",
            &[0xff, 0x80],
            true,
            &[DefectId::SerialNegative, DefectId::IntegerNotMinimal],
        ),
        ("needed zero", &[0, 0x80], true, &[]),
    ];
    for (name, octets, told, defects) in cases {
        let facts = read(&Parts { serial_number: tlv(0x02, octets), ..Parts::default() }.der());
        assert_eq!(facts.serial_number.as_deref().ok(), told.then_some(octets), "{name}");
        let (mut got, mut want) = (ids(&facts), defects.to_vec());
        got.sort();
        want.sort();
        assert_eq!(got, want, "{name}");
    }
}

const NULL: &[u8] = b"\x05\x00";
const SHA256_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
const ECDSA_SHA384: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x03";
const ML_DSA_65: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x03\x12";
const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";

#[test]
fn signature_algorithms() {
    let pss = sequence(&[&tlv(0xa0, &sequence(&[&tlv(0x06, SHA512), NULL]))]);
    type Row<'a> = (&'a str, &'a [u8], &'a [u8], &'a [DefectId]);
    let cases: [Row<'_>; 11] = [
        ("sha256-with-rsa-encryption", SHA256_RSA, NULL, &[]),
        ("sha256-with-rsa-encryption", SHA256_RSA, b"", &[DefectId::AlgorithmParameters]),
        (
            "sha256-with-rsa-encryption",
            SHA256_RSA,
            b"\x05\x01\x00",
            &[DefectId::AlgorithmParameters],
        ),
        ("ecdsa-with-sha384", ECDSA_SHA384, b"", &[]),
        ("ecdsa-with-sha384", ECDSA_SHA384, NULL, &[DefectId::AlgorithmParameters]),
        ("ml-dsa-65", ML_DSA_65, b"", &[]),
        ("rsassa-pss-sha512", RSASSA_PSS, &pss, &[]),
        ("rsassa-pss-sha1", RSASSA_PSS, b"\x30\x00", &[]),
        ("rsassa-pss", RSASSA_PSS, b"", &[DefectId::AlgorithmParameters]),
        ("1.2.3.4", b"\x2a\x03\x04", b"\x04\x00", &[]),
        ("1.2.3", b"\x2a\x03", b"\x04\x00\x05\x00", &[DefectId::TrailingData]),
    ];
    for (want, oid, parameters, defects) in cases {
        let algorithm = sequence(&[&tlv(0x06, oid), parameters]);
        let parts = Parts {
            signature: algorithm.clone(),
            signature_algorithm: algorithm,
            ..Parts::default()
        };
        let facts = read(&parts.der());
        assert_eq!(facts.signature_algorithm.as_deref(), Ok(want));
        let twice: Vec<DefectId> = defects.iter().chain(defects).copied().collect();
        assert_eq!(ids(&facts), twice, "{want}: {:?}", facts.defects);
    }
}

#[test]
fn the_two_algorithms_must_be_one() {
    let signature_algorithm = sequence(&[&tlv(0x06, ECDSA_SHA384)]);
    let facts = read(&Parts { signature_algorithm, ..Parts::default() }.der());
    assert_eq!(facts.signature_algorithm.as_deref(), Ok("ecdsa-with-sha384"));
    assert_eq!(ids(&facts), [DefectId::SignatureAlgorithmMismatch]);
}

/// X.690 section 8.19.
#[test]
fn object_identifiers() {
    let uuid = [&[0x69, 0x83], &[0xff; 17][..], &[0x7f]].concat();
    let cases: [(&[u8], Option<&str>); 10] = [
        (b"\x2a\x86\x48\x86\xf7\x0d", Some("1.2.840.113549")),
        (b"\x00", Some("0.0")),
        (b"\x27", Some("0.39")),
        (b"\x28", Some("1.0")),
        (b"\x88\x37", Some("2.999")),
        (&uuid, Some("2.25.340282366920938463463374607431768211455")),
        (b"", None),
        (b"\x2a\x86", None),
        (b"\x2a\x80\x01", None),
        (&[0xff; 30], None),
    ];
    for (octets, want) in cases {
        let algorithm = sequence(&[&tlv(0x06, octets)]);
        let parts = Parts {
            signature: algorithm.clone(),
            signature_algorithm: algorithm,
            ..Parts::default()
        };
        let facts = read(&parts.der());
        assert_eq!(facts.signature_algorithm.as_deref().ok(), want, "{octets:x?}");
        assert_eq!(ids(&facts).contains(&DefectId::OidMalformed), want.is_none(), "{octets:x?}");
    }
}

const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const BRAINPOOL: &[u8] = b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07";

/// A key of `algorithm` with `parameters`; `bits` begin with the count of unused bits.
fn key(algorithm: &[u8], parameters: &[u8], bits: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&tlv(0x06, algorithm), parameters]), &tlv(0x03, bits)])
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    [&[0], &sequence(&[&tlv(0x02, modulus), &tlv(0x02, exponent)])[..]].concat()
}

#[test]
fn public_keys() {
    let modulus = [&[0, 0xc0][..], &[1; 127]].concat();
    let small = [&[1][..], &[1; 127]].concat();
    let p256 = [&[0, 4][..], &[1; 64]].concat();
    let pqg = sequence(&[&tlv(0x02, &modulus), &tlv(0x02, &[5]), &tlv(0x02, &[2])]);
    let rsa_kind = |bits, exponent| KeyKind::Rsa { bits, exponent };
    let ec = |curve: &str| KeyKind::Ec { curve: curve.to_owned() };
    let other = |algorithm: &str| KeyKind::Other { algorithm: algorithm.to_owned() };
    let edwards = |curve: &str| KeyKind::Edwards { curve: curve.to_owned() };
    let cases: Vec<(Vec<u8>, KeyKind, &[DefectId])> = vec![
        (key(RSA, NULL, &rsa(&modulus, &[1, 0, 1])), rsa_kind(1024, Some(65_537)), &[]),
        (key(RSA, NULL, &rsa(&small, &[3])), rsa_kind(1017, Some(3)), &[]),
        (key(RSA, NULL, &rsa(&small, &[1; 9])), rsa_kind(1017, None), &[]),
        (
            key(RSA, b"", &rsa(&small, &[3])),
            rsa_kind(1017, Some(3)),
            &[DefectId::AlgorithmParameters],
        ),
        (key(RSA, NULL, b"\0junk"), other("rsa"), &[DefectId::PublicKeyMalformed]),
        (key(RSA, NULL, &rsa(&[0x80], &[3])), other("rsa"), &[DefectId::PublicKeyMalformed]),
        (
            key(RSA, NULL, &[rsa(&small, &[3]), vec![0]].concat()),
            other("rsa"),
            &[DefectId::PublicKeyMalformed],
        ),
        (key(EC, P256, &p256), ec("p256"), &[]),
        (key(EC, P256, &[&[0, 2], &[1; 32][..]].concat()), ec("p256"), &[]),
        (
            key(EC, P256, &[&[0, 6], &[1; 64][..]].concat()),
            ec("p256"),
            &[DefectId::PublicKeyMalformed],
        ),
        (key(EC, P256, &p256[..64]), ec("p256"), &[DefectId::PublicKeyMalformed]),
        (key(EC, BRAINPOOL, &p256), ec("brainpoolp256r1"), &[]),
        (key(EC, b"\x06\x02\x2a\x03", &p256), ec("1.2.3"), &[]),
        (key(EC, &sequence(&[]), &p256), ec("unnamed"), &[DefectId::AlgorithmParameters]),
        (key(EC, b"", &p256), ec("unnamed"), &[DefectId::AlgorithmParameters]),
        (key(ED25519, b"", &[0; 33]), edwards("ed25519"), &[]),
        (key(ED25519, NULL, &[0; 33]), edwards("ed25519"), &[DefectId::AlgorithmParameters]),
        (key(ED25519, b"", &[0; 32]), edwards("ed25519"), &[DefectId::PublicKeyMalformed]),
        (key(b"\x2b\x65\x71", b"", &[0; 58]), edwards("ed448"), &[]),
        (key(DSA, &pqg, b"\0\x02\x01\x05"), KeyKind::Dsa { bits: 1024 }, &[]),
        (key(DSA, b"", b"\0\x02\x01\x05"), other("dsa"), &[]),
        (key(DSA, NULL, b"\0\x02\x01\x05"), other("dsa"), &[DefectId::AlgorithmParameters]),
        (key(ML_DSA_65, b"", &[0; 99]), other("ml-dsa-65"), &[]),
        (key(b"\x2a\x03", b"", &[0; 9]), other("1.2.3"), &[]),
        (key(ED25519, b"", &[]), other("ed25519"), &[DefectId::BitStringPadding]),
        (key(b"\x2a\x03", b"", &[9, 9]), other("1.2.3"), &[DefectId::BitStringPadding]),
        (key(b"\x2a\x03", b"", &[1, 1]), other("1.2.3"), &[DefectId::BitStringPadding]),
    ];
    for (public_key, want, defects) in cases {
        let facts = read(&Parts { public_key: public_key.clone(), ..Parts::default() }.der());
        let told = facts.public_key.as_ref().unwrap();
        assert_eq!(told.kind, want);
        assert_eq!(told.spki_der, public_key);
        assert_eq!(ids(&facts), defects, "{want}: {:?}", facts.defects);
    }
}

#[test]
fn a_key_that_cannot_be_named_has_no_value() {
    let bits = tlv(0x03, &[0; 33]);
    let algorithm = sequence(&[&tlv(0x06, ED25519)]);
    for broken in [
        sequence(&[&bits]),
        sequence(&[&sequence(&[]), &bits]),
        sequence(&[&algorithm]),
        sequence(&[&algorithm, &tlv(0x04, &[0; 33])]),
        sequence(&[&sequence(&[&tlv(0x06, b"\x80")]), &bits]),
    ] {
        let facts = read(&Parts { public_key: broken, ..Parts::default() }.der());
        assert!(facts.public_key.is_err());
        assert!(facts.not_after.is_ok() && facts.subject.is_ok());
    }
}

#[test]
fn unique_identifiers_and_odd_signatures_are_flagged() {
    let facts = read(&Parts { unique_id: tlv(0x81, &[0, 1]), ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::UniqueIdentifier]);
    let facts = read(&Parts { signature_value: tlv(0x03, &[1, 0]), ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::BitStringPadding]);
    let facts = read(&Parts { signature_value: tlv(0x03, &[]), ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::BitStringPadding]);
}

#[test]
fn empty_names_need_a_critical_subject_alt_name() {
    let empty = sequence(&[]);
    let facts = read(&Parts { issuer: empty.clone(), ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::IssuerEmpty]);
    let facts = read(&Parts { subject: empty.clone(), ..Parts::default() }.der());
    assert_eq!(ids(&facts), [DefectId::SubjectEmpty]);
    let names = sequence(&[&tlv(0x82, b"a.example")]);
    let critical = crate::der::extension(crate::der::SUBJECT_ALT_NAME, true, &names);
    let facts = read(&Parts { subject: empty, ..Parts::with_extensions(&[&critical]) }.der());
    assert!(facts.well_formed(), "{:?}", facts.defects);
}
