//! OCSP responses to staple (RFC 6960 section 4.2.1).

use std::io;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::asn1::{bit_string, oid, sequence, tag, tlv};
use crate::draft::Authority;
use crate::time::{generalized, generalized_time};

/// `good` for the certificate with this serial number, signed by its issuer, from `this_update` to
/// `next_update`, in seconds since the epoch.
pub(crate) fn good(
    issuer: &Authority,
    serial_number: &[u8],
    this_update: i64,
    next_update: i64,
) -> io::Result<Vec<u8>> {
    let at = |seconds| generalized_time(&generalized(seconds));
    let single = sequence(&[
        &certificate_id(issuer, serial_number),
        &tlv(tag::context(0), &[]),
        &at(this_update),
        &tlv(tag::within(0), &at(next_update)),
    ]);
    let data =
        sequence(&[&tlv(tag::within(1), &issuer.name), &at(this_update), &sequence(&[&single])]);
    let signature = bit_string(&issuer.key.sign(&data)?);
    let basic = sequence(&[&data, &issuer.key.algorithm, &signature]);
    let bytes = sequence(&[&oid("1.3.6.1.5.5.7.48.1.1"), &tlv(tag::OCTET_STRING, &basic)]);
    Ok(sequence(&[&tlv(tag::ENUMERATED, &[0]), &tlv(tag::within(0), &bytes)]))
}

/// CertID by SHA-1, which is what everybody uses (RFC 6960 section 4.3).
fn certificate_id(issuer: &Authority, serial_number: &[u8]) -> Vec<u8> {
    let sha1 =
        |bytes: &[u8]| tlv(tag::OCTET_STRING, digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    // The point alone: the last octets of a P-256 subjectPublicKeyInfo.
    let point = &issuer.key.spki[issuer.key.spki.len() - 65..];
    sequence(&[
        &sequence(&[&oid("1.3.14.3.2.26"), &tlv(tag::NULL, &[])]),
        &sha1(&issuer.name),
        &sha1(point),
        &tlv(tag::INTEGER, serial_number),
    ])
}
