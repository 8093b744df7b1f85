//! Certificates that rcgen makes: ordinary, legal ones.

use certvigil_model::{Fingerprint, Time};
use certvigil_x509::{GeneralName, KeyKind, Recovered, read, subject_public_key_info};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SignatureAlgorithm,
};
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// An authority and what it issued with `algorithm`.
pub(crate) fn pair(algorithm: &'static SignatureAlgorithm) -> (Vec<u8>, Vec<u8>) {
    let mut authority = params("Test Authority", &[]);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(algorithm).unwrap();
    let root = authority.self_signed(&key).unwrap().der().to_vec();
    let mut subject = params("www.example.org", &["www.example.org", "*.example.org", "192.0.2.1"]);
    subject.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    subject.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    subject.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate_for(algorithm).unwrap();
    (root, subject.signed_by(&own, &issuer).unwrap().der().to_vec())
}

fn params(name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date(2026, Month::November, 24);
    params.not_after = date(2051, Month::February, 28);
    params
}

fn date(year: i32, month: Month, day: u8) -> OffsetDateTime {
    let date = Date::from_calendar_date(year, month, day).unwrap();
    date.midnight().assume_offset(UtcOffset::UTC)
}

#[test]
fn an_ordinary_certificate_is_read_strictly_and_whole() {
    let (root, leaf) = pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    let facts = read(&leaf);
    assert_eq!(facts.defects, []);
    assert_eq!(facts.recovered, Recovered::Strict);
    assert_eq!(facts.version, Ok(3));
    assert_eq!(facts.signature_algorithm.as_deref(), Ok("ecdsa-with-sha256"));
    assert_eq!(facts.not_before, Ok(Time::from_seconds(1_795_478_400)));
    assert_eq!(facts.not_after.unwrap().to_string(), "2051-02-28T00:00:00Z");
    let subject = facts.subject.unwrap();
    assert_eq!(subject.text.raw(), "CN=www.example.org,O=Example\\, Inc.");
    assert_eq!(subject.common_names[0].raw(), "www.example.org");
    let names = facts.extensions.subject_alt_name.unwrap().unwrap();
    assert!(matches!(&names[1], GeneralName::Dns(name) if name.raw() == "*.example.org"));
    assert_eq!(names[2], GeneralName::Ip([192, 0, 2, 1].into()));
    assert_eq!(facts.extensions.key_usage, Ok(Some(1)));
    assert_eq!(facts.extensions.extended_key_usage.unwrap().unwrap(), ["1.3.6.1.5.5.7.3.1"]);
    let root = read(&root);
    assert!(root.well_formed(), "{:?}", root.defects);
    assert_eq!(facts.issuer.unwrap().der, root.subject.unwrap().der);
    let constraints = root.extensions.basic_constraints.unwrap().unwrap();
    assert_eq!((constraints.ca, constraints.path_len), (true, Some(0)));
    let identifier = root.extensions.subject_key_identifier.unwrap();
    assert_eq!(facts.extensions.authority_key_identifier.unwrap(), identifier);
}

#[test]
fn every_kind_of_key_is_named_and_cut_out() {
    let rsa = KeyKind::Rsa { bits: 2048, exponent: Some(65_537) };
    let ec = |curve: &str| KeyKind::Ec { curve: curve.to_owned() };
    let cases = [
        (&rcgen::PKCS_RSA_SHA256, "sha256-with-rsa-encryption", rsa),
        (&rcgen::PKCS_ECDSA_P256_SHA256, "ecdsa-with-sha256", ec("p256")),
        (&rcgen::PKCS_ECDSA_P384_SHA384, "ecdsa-with-sha384", ec("p384")),
        (&rcgen::PKCS_ECDSA_P521_SHA512, "ecdsa-with-sha512", ec("p521")),
        (&rcgen::PKCS_ED25519, "ed25519", KeyKind::Edwards { curve: "ed25519".to_owned() }),
    ];
    for (algorithm, signature, kind) in cases {
        let (_, leaf) = pair(algorithm);
        let facts = read(&leaf);
        assert!(facts.well_formed(), "{signature}: {:?}", facts.defects);
        assert_eq!(facts.signature_algorithm.as_deref(), Ok(signature));
        let key = facts.public_key.unwrap();
        assert_eq!(key.kind, kind);
        assert_eq!(subject_public_key_info(&leaf), Some(key.spki_der.as_slice()));
        assert_eq!(key.spki_sha256, Fingerprint::of(&key.spki_der));
    }
}

#[test]
fn the_key_agrees_with_its_maker() {
    let params = params("www.example.org", &[]);
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    assert_eq!(subject_public_key_info(&der), Some(key.subject_public_key_info().as_slice()));
}
