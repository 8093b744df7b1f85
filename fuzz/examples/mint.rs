//! Mints the seeds of every target: `cargo run --example mint` in `fuzz/` writes them to `seeds/`.
//!
//! Keys are new at each run, so the files change; they are kept in the repository so that fuzzing
//! begins at the same place everywhere.

use std::path::Path;

use certvigil_fuzz::tlv;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let leaf = leaf()?;
    let authority = authority()?;
    write(&seeds, "certificate/leaf", &leaf)?;
    write(&seeds, "certificate/authority", &authority)?;
    for (name, tag, text) in TIMES {
        write(&seeds, &format!("time/{name}"), &[&[*tag], text.as_bytes()].concat())?;
    }
    write(&seeds, "names/one", &relative(b"\x55\x04\x03", 0x0c, b"www.example.org"))?;
    write(&seeds, "names/two", &names())?;
    write(&seeds, "containers/der", &[&[0], &leaf[..]].concat())?;
    write(&seeds, "containers/pem", &pem_bundle(&[&leaf, &authority]))?;
    for (name, words) in DIALECTS {
        write(&seeds, &format!("dialect/{name}"), words)?;
    }
    write(&seeds, "legacy_hello/flight", &flight(&[&leaf, &authority]))?;
    Ok(())
}

fn write(seeds: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let path = seeds.join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(seeds))?;
    std::fs::write(path, bytes)
}

fn leaf() -> Result<Vec<u8>, rcgen::Error> {
    let names = ["www.example.org", "*.example.org", "192.0.2.1", "2001:db8::1"];
    let mut params = CertificateParams::new(names.map(str::to_owned))?;
    params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    for (oid, content) in EXTENSIONS {
        params.custom_extensions.push(CustomExtension::from_oid_content(oid, content.to_vec()));
    }
    Ok(params.self_signed(&KeyPair::generate()?)?.der().to_vec())
}

fn authority() -> Result<Vec<u8>, rcgen::Error> {
    let mut params = CertificateParams::new([])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".to_owned())],
        excluded_subtrees: vec![],
    });
    Ok(params.self_signed(&KeyPair::generate()?)?.der().to_vec())
}

fn names() -> Vec<u8> {
    let pair = [
        attribute(b"\x55\x04\x0b", 0x13, b"Sales"),
        attribute(b"\x55\x04\x03", 0x1e, b"\0B\0\xfc"),
    ];
    [
        relative(b"\x55\x04\x06", 0x13, b"DE"),
        relative(b"\x2b\x06\x01\x04\x01\x8b\x3a\x00", 0x04, b"Hi"),
        tlv(0x31, &[&pair[0], &pair[1]]),
    ]
    .concat()
}

fn relative(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x31, &[&attribute(kind, tag, value)])
}

fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(0x06, &[kind]), &tlv(tag, &[value])])
}

/// Without a password, certificates in PEM with rubbish between.
fn pem_bundle(certificates: &[&[u8]]) -> Vec<u8> {
    let mut text = String::from("\0rubbish\n");
    for der in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in base64(der).as_bytes().chunks(64) {
            text.extend(line.iter().map(|&octet| char::from(octet)));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text.into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            (0..3).fold(0, |sum, at| sum << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let value = (group >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= chunk.len() { char::from(DIGITS[value]) } else { '=' });
        }
    }
    text
}

/// ServerHello and Certificate of TLS 1.2 in one record, to be taken in by sevens.
fn flight(chain: &[&[u8]]) -> Vec<u8> {
    let long = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    let hello = [&[3, 3], &[7; 32][..], &[0, 0xc0, 0x2b, 0, 0, 0]].concat();
    let list: Vec<u8> = chain.iter().flat_map(|der| long(der)).collect();
    let messages = [&[2][..], &long(&hello), &[11], &long(&long(&list))].concat();
    [&[6, 22, 3, 3][..], &(messages.len() as u16).to_be_bytes(), &messages].concat()
}

const TIMES: &[(&str, u8, &str)] = &[
    ("utc", 0x17, "271231235959Z"),
    ("generalized", 0x18, "20510101000000Z"),
    ("fraction", 0x18, "20510101000000.5Z"),
    ("offset", 0x17, "270101013000+0130"),
    ("no-seconds", 0x17, "2701010130Z"),
    ("forever", 0x18, "99991231235959Z"),
];

/// A good conversation in each dialect, in the order of the registry of services.
const DIALECTS: &[(&str, &[u8])] = &[
    ("imap", b"\x00\x07* OK a\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK b\r\na2 OK c\r\n"),
    ("lmtp", b"\x01\x07220 a\r\n250-b\r\n250 STARTTLS\r\n220 c\r\n"),
    ("nntp", b"\x02\x07200 a\r\n101 b\r\nSTARTTLS\r\n.\r\n382 c\r\n"),
    ("pop3", b"\x03\x07+OK a\r\n+OK b\r\nSTLS\r\n.\r\n+OK c\r\n"),
    ("sieve", b"\x04\x07\"SASL\" {2}\r\nab\r\n\"STARTTLS\"\r\nOK \"a\"\r\nOK\r\n"),
    ("smtp", b"\x05\x07220-a\r\n220 b\r\n250-c\r\n250 STARTTLS\r\n220 d\r\n"),
    ("ftp", b"\x06\x07220-a\r\nb\r\n220 c\r\n234 d\r\n"),
    ("ldap", b"\x07\x07\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
    ("xmpp", b"\x08\x07<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='a' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ("postgres", b"\x0a\x07S"),
    ("mysql", b"\x0b\x07\x1a\x00\x00\x00\x0a8.0\x00\x01\x00\x00\x00abcdefgh\x00\xff\xff\x2d\x02\x00\xff"),
];

/// What rcgen does not write by itself: two timestamps, must-staple, access, a CRL, a policy.
const EXTENSIONS: &[(&[u64], &[u8])] = &[
    (&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], b"\x04\x09\x00\x07\x00\x02\x09\x09\x00\x01\x09"),
    (&[1, 3, 6, 1, 5, 5, 7, 1, 24], b"\x30\x03\x02\x01\x05"),
    (
        &[1, 3, 6, 1, 5, 5, 7, 1, 1],
        b"\x30\x15\x30\x13\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x07http://",
    ),
    (&[2, 5, 29, 31], b"\x30\x0f\x30\x0d\xa0\x0b\xa0\x09\x86\x07http://"),
    (&[2, 5, 29, 32], b"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01"),
];
