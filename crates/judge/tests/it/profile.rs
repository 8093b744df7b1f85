//! The clauses of RFC 5280 section 4 and of the Baseline Requirements section 7.1.2, each broken
//! alone in a chain that keeps to all others.

use certvigil_judge::Profile;
use certvigil_model::Severity;
use certvigil_x509::Certificate;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};

use crate::minted::{authority, certificate, judge_by, server};

struct Case {
    name: &'static str,
    anchor: Anchor,
    root: fn(&mut CertificateParams),
    ca: fn(&mut CertificateParams),
    server: fn(&mut CertificateParams),
    /// The finding and words of it; none for a chain without fault.
    want: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Private,
    Public,
}

const GOOD: Case = Case {
    name: "a chain that keeps to all",
    anchor: Anchor::Public,
    root: |_| {},
    ca: |_| {},
    server: |_| {},
    want: None,
};

const CASES: &[Case] = &[
    GOOD,
    Case { name: "the same below a private anchor", anchor: Anchor::Private, ..GOOD },
    Case {
        name: "the Baseline Requirements do not bind a private chain",
        anchor: Anchor::Private,
        server: |server| {
            server.custom_extensions.clear();
            server.extended_key_usages.clear();
            server.subject_alt_names.push(SanType::DnsName("host.internal".try_into().unwrap()));
        },
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.1: no authorityKeyIdentifier",
        anchor: Anchor::Private,
        server: |server| server.use_authority_key_identifier_extension = false,
        want: Some(("profile-key-identifier", "has no authorityKeyIdentifier")),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.1: none is needed in a self-signed root",
        anchor: Anchor::Private,
        root: |root| root.use_authority_key_identifier_extension = false,
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.1: an authorityKeyIdentifier without key",
        anchor: Anchor::Private,
        server: |server| replace_authority(server, &[0x30, 0x00]),
        want: Some(("profile-key-identifier", "without keyIdentifier")),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.2: another key than the issuer's",
        anchor: Anchor::Private,
        server: |server| replace_authority(server, &[0x30, 0x04, 0x80, 0x02, 0xab, 0xcd]),
        want: Some(("profile-key-identifier", "names another key than its issuer's")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.1.3: a root that names another key as its own",
        root: |root| replace_authority(root, &[0x30, 0x04, 0x80, 0x02, 0xab, 0xcd]),
        want: Some(("profile-key-identifier", "(BR section 7.1.2.1.3)")),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.3: a CA without keyUsage",
        anchor: Anchor::Private,
        ca: |ca| ca.key_usages.clear(),
        want: Some(("profile-key-usage", "is a CA's and has no keyUsage")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.10.7: a CA that may not sign CRLs",
        ca: |ca| ca.key_usages = vec![KeyUsagePurpose::KeyCertSign],
        want: Some(("profile-key-usage", "has no cRLSign")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.10.7: a CA that may encipher keys",
        ca: |ca| ca.key_usages.push(KeyUsagePurpose::KeyEncipherment),
        want: Some(("profile-key-usage", "has other uses")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.11: a server that may sign CRLs",
        server: |server| server.key_usages.push(KeyUsagePurpose::CrlSign),
        want: Some(("profile-key-usage", "has a CA's uses")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.8: a CA as a server",
        server: |server| server.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained),
        want: Some(("profile-basic-constraints", "is a server's and is marked as a CA's")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.6: critical policies",
        server: |server| server.custom_extensions[0].set_criticality(true),
        want: Some(("profile-criticality", "has a certificatePolicies that must not be critical")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.6: no extKeyUsage",
        server: |server| server.extended_key_usages.clear(),
        want: Some(("profile-extended-key-usage", "has no extKeyUsage")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.10: for anything",
        server: |server| server.extended_key_usages.push(ExtendedKeyUsagePurpose::Any),
        want: Some(("profile-extended-key-usage", "names anyExtendedKeyUsage")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.10: for signing code besides",
        server: |server| server.extended_key_usages.push(ExtendedKeyUsagePurpose::CodeSigning),
        want: Some(("profile-extended-key-usage", "names codeSigning")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.1.2: a root with an extKeyUsage",
        root: |root| root.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
        want: Some(("profile-extended-key-usage", "is a root and has an extKeyUsage")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.9: no policy",
        server: |server| server.custom_extensions.clear(),
        want: Some(("profile-policies", "has no certificatePolicies")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.9: a policy of one's own alone",
        server: |server| server.custom_extensions[0] = extension(&[2, 5, 29, 32], OWN_POLICY),
        want: Some(("profile-policies", "names none of the policies that the CA/Browser Forum")),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.5: anyPolicy mapped",
        anchor: Anchor::Private,
        ca: |ca| ca.custom_extensions.push(extension(&[2, 5, 29, 33], MAPPED_ANY)),
        want: Some(("profile-policies", "maps anyPolicy")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.12: no subjectAltName",
        server: |server| server.subject_alt_names.clear(),
        want: Some(("profile-subject-alt-name", "has no subjectAltName")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.12: a name that only insiders know",
        server: |server| add_name(server, "host.internal"),
        want: Some(("profile-subject-alt-name", "host.internal")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.12: an address that only insiders reach",
        server: |server| {
            server.subject_alt_names.push(SanType::IpAddress("10.0.0.1".parse().unwrap()));
        },
        want: Some(("profile-subject-alt-name", "10.0.0.1")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.12: a mail address",
        server: |server| {
            let mail = SanType::Rfc822Name("root@example.org".try_into().unwrap());
            server.subject_alt_names.push(mail);
        },
        want: Some(("profile-subject-alt-name", "neither a DNS name nor an address")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.4.3: a common name that is none of the names",
        server: |server| {
            server.distinguished_name = DistinguishedName::new();
            server.distinguished_name.push(rcgen::DnType::CommonName, "WWW.example.org");
        },
        want: Some(("profile-common-name", "WWW.example.org")),
        ..GOOD
    },
    Case {
        name: "BR 3.2.2.6: every name of a registry",
        server: |server| add_name(server, "*.co.uk"),
        want: Some(("profile-wildcard", "all names under a public suffix: *.co.uk")),
        ..GOOD
    },
    Case {
        name: "a wildcard under one's own name",
        server: |server| add_name(server, "*.example.co.uk"),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2.1.13: a distribution point of nothing but reasons",
        anchor: Anchor::Private,
        server: |server| server.custom_extensions.push(extension(&[2, 5, 29, 31], ONLY_REASONS)),
        want: Some(("profile-access", "names no place")),
        ..GOOD
    },
    Case {
        name: "BR 7.1.2.7.7: an access description other than OCSP and caIssuers",
        server: |server| {
            server.custom_extensions.push(extension(&[1, 3, 6, 1, 5, 5, 7, 1, 1], TIME_STAMPING));
        },
        want: Some(("profile-access", "other than an http URI")),
        ..GOOD
    },
    Case {
        name: "RFC 5280 4.2: a root with a critical extension that nobody knows",
        anchor: Anchor::Private,
        root: |root| {
            let mut unknown = extension(&[1, 3, 6, 1, 4, 1, 99999], &[0x05, 0x00]);
            unknown.set_criticality(true);
            root.custom_extensions.push(unknown);
        },
        want: Some(("profile-anchor", "critical")),
        ..GOOD
    },
];

#[test]
fn each_clause_is_told_alone() {
    for case in CASES {
        let judgement = {
            let (chain, root) = mint(case, &KeyPair::generate().unwrap());
            judged(case.anchor, &chain, root)
        };
        let told: Vec<_> = judgement.iter().map(|(id, message)| (*id, message.as_str())).collect();
        match case.want {
            None => assert_eq!(told, [], "{}", case.name),
            Some((id, words)) => {
                let found =
                    told.iter().any(|(told, message)| *told == id && message.contains(words));
                assert!(
                    found && told.iter().all(|(told, _)| *told == id),
                    "{}: {told:?}",
                    case.name
                );
            }
        }
    }
}

/// BR section 7.1.3.1: RSA and three curves, nothing else.
#[test]
fn a_public_key_of_another_kind_is_told() {
    for (algorithm, words) in [
        (&rcgen::PKCS_ECDSA_P256_SHA256, None),
        (&rcgen::PKCS_ECDSA_P384_SHA384, None),
        (&rcgen::PKCS_ED25519, Some("has a key of the kind ed25519")),
    ] {
        let (chain, root) = mint(&GOOD, &KeyPair::generate_for(algorithm).unwrap());
        let told = judged(Anchor::Public, &chain, root);
        let told: Vec<_> =
            told.iter().map(|(id, message)| (*id, message.contains(words.unwrap_or("")))).collect();
        let want: Vec<_> = words.iter().map(|_| ("profile-public-key", true)).collect();
        assert_eq!(told, want);
    }
}

/// The findings of form, each with its words.
fn judged(anchor: Anchor, chain: &[Certificate], root: Certificate) -> Vec<(&'static str, String)> {
    let name = if anchor == Anchor::Public { "mozilla" } else { "corp" };
    let judgement = judge_by(chain, &[Profile::new(name, true, vec![root])]);
    let form = judgement.findings.into_iter().filter(|told| told.id.starts_with("profile-"));
    form.inspect(|told| assert_eq!(told.severity, Severity::Info))
        .map(|told| (told.id, told.message))
        .collect()
}

fn mint(case: &Case, server_key: &KeyPair) -> (Vec<Certificate>, Certificate) {
    let (mut root, mut ca) = (authority("Root", -3650, 3650), authority("CA", -365, 365));
    let mut server = server();
    for below in [&mut ca, &mut server] {
        below.custom_extensions.push(extension(&[2, 5, 29, 32], RESERVED_POLICY));
    }
    (case.root)(&mut root);
    (case.ca)(&mut ca);
    (case.server)(&mut server);
    let (root_key, ca_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let anchor = certificate(root.self_signed(&root_key).unwrap().der());
    let by_root = Issuer::from_params(&root, &root_key);
    let by_ca = Issuer::from_params(&ca, &ca_key);
    let middle = certificate(ca.signed_by(&ca_key, &by_root).unwrap().der());
    let leaf = certificate(server.signed_by(server_key, &by_ca).unwrap().der());
    (vec![leaf, middle], anchor)
}

fn extension(oid: &[u64], value: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(oid, value.to_vec())
}

fn replace_authority(params: &mut CertificateParams, value: &[u8]) {
    params.use_authority_key_identifier_extension = false;
    params.custom_extensions.push(extension(&[2, 5, 29, 35], value));
}

fn add_name(params: &mut CertificateParams, name: &str) {
    params.subject_alt_names.push(SanType::DnsName(name.try_into().unwrap()));
}

/// SEQUENCE { SEQUENCE { 2.23.140.1.2.1 } }.
const RESERVED_POLICY: &[u8] = &[0x30, 10, 0x30, 8, 6, 6, 0x67, 0x81, 0x0c, 1, 2, 1];
/// SEQUENCE { SEQUENCE { 1.3.6.1.4.1.99999 } }.
const OWN_POLICY: &[u8] = &[0x30, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f];
/// SEQUENCE { SEQUENCE { anyPolicy, 2.23.140.1.2.1 } }.
const MAPPED_ANY: &[u8] =
    &[0x30, 16, 0x30, 14, 6, 4, 0x55, 0x1d, 0x20, 0, 6, 6, 0x67, 0x81, 0x0c, 1, 2, 1];
/// SEQUENCE { SEQUENCE { reasons [1] keyCompromise } }.
const ONLY_REASONS: &[u8] = &[0x30, 6, 0x30, 4, 0x81, 2, 6, 0x40];
/// SEQUENCE { SEQUENCE { id-ad-timeStamping, URI "http://a.example" } }.
const TIME_STAMPING: &[u8] =
    b"\x30\x1e\x30\x1c\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x03\x86\x10http://a.example";
