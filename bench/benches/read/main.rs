//! Reading one ordinary certificate: time by criterion, bytes and calls of the allocator beside it.
//!
//! `cargo bench --bench read` in `bench/`. Two things are measured of the others: taking the bytes in,
//! which leaves much unread, and telling what [`certvigil_x509::read`] tells.

mod counting;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use openssl::nid::Nid;
use openssl::x509::X509;
use rcgen::{
    CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

criterion_group!(benches, read);
criterion_main!(benches);

fn read(criterion: &mut Criterion) {
    counting::watch_openssl();
    let der = leaf().expect("a certificate");
    assert_eq!(certvigil_x509::read(&der).defects, []);
    let mut group = criterion.benchmark_group("read");
    let rows: [(&str, fn(&[u8])); 5] = [
        ("certvigil", |der| drop(black_box(certvigil_x509::read(der)))),
        ("x509-parser, taken in", |der| drop(black_box(X509Certificate::from_der(der)))),
        ("x509-parser, told", |der| drop(black_box(told_by_x509_parser(der)))),
        ("OpenSSL, taken in", |der| drop(black_box(X509::from_der(der)))),
        ("OpenSSL, told", |der| drop(black_box(told_by_openssl(der)))),
    ];
    for (name, work) in rows {
        let (bytes, calls) = counting::allocated(|| work(&der));
        println!("{name}: {bytes} bytes in {calls} allocations");
        group.bench_function(name, |bencher| bencher.iter(|| work(black_box(&der))));
    }
    group.finish();
}

/// A server's certificate as a public CA writes it: P-256, three names, key identifiers, access,
/// policy, two timestamps.
fn leaf() -> Result<Vec<u8>, rcgen::Error> {
    let names = ["www.example.org", "example.org", "*.apps.example.org"];
    let mut params = CertificateParams::new(names.map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "www.example.org");
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    let country = rcgen::DnValue::PrintableString("DE".try_into()?);
    params.distinguished_name.push(DnType::CountryName, country);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    for (oid, content) in EXTENSIONS {
        params.custom_extensions.push(CustomExtension::from_oid_content(oid, content.to_vec()));
    }
    Ok(params.self_signed(&KeyPair::generate()?)?.der().to_vec())
}

/// Owned text and numbers, and the hash of the key, as our facts hold them.
fn told_by_x509_parser(der: &[u8]) -> Option<(Vec<String>, [i64; 2], [u8; 32])> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let mut texts = vec![
        certificate.subject().to_string(),
        certificate.issuer().to_string(),
        certificate.raw_serial_as_string(),
        certificate.signature_algorithm.algorithm.to_id_string(),
    ];
    for extension in certificate.extensions() {
        texts.push(extension.oid.to_id_string());
        if let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() {
            texts.extend(names.general_names.iter().map(ToString::to_string));
        }
    }
    let validity = certificate.validity();
    let dates = [validity.not_before.timestamp(), validity.not_after.timestamp()];
    Some((texts, dates, openssl::sha::sha256(certificate.public_key().raw)))
}

fn told_by_openssl(der: &[u8]) -> Option<(Vec<String>, String, String, [u8; 32])> {
    let certificate = X509::from_der(der).ok()?;
    let mut texts = Vec::new();
    for name in [certificate.subject_name(), certificate.issuer_name()] {
        for entry in name.entries_by_nid(Nid::COMMONNAME) {
            texts.push(entry.data().to_string().ok()?);
        }
    }
    for name in certificate.subject_alt_names()?.iter() {
        texts.extend(name.dnsname().map(str::to_owned));
    }
    let key = certificate.public_key().ok()?.public_key_to_der().ok()?;
    let (not_before, not_after) =
        (certificate.not_before().to_string(), certificate.not_after().to_string());
    Some((texts, not_before, not_after, openssl::sha::sha256(&key)))
}

/// What rcgen does not write, or not as DER: no CA, timestamps, access, a CRL, a policy.
const EXTENSIONS: &[(&[u64], &[u8])] = &[
    (&[2, 5, 29, 19], b"\x30\x00"),
    (&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], b"\x04\x09\x00\x07\x00\x02\x09\x09\x00\x01\x09"),
    (
        &[1, 3, 6, 1, 5, 5, 7, 1, 1],
        b"\x30\x1e\x30\x1c\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x10http://o.example",
    ),
    (&[2, 5, 29, 31], b"\x30\x18\x30\x16\xa0\x14\xa0\x12\x86\x10http://c.example"),
    (&[2, 5, 29, 32], b"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01"),
];
