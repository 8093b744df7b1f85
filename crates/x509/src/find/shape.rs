//! What binary bytes are, told by how they begin.

use std::borrow::Cow;

use super::{Finds, Found, defect};
use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};
use crate::site::{Defects, Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One or several behind each other.
    Certificate,
    /// JKS or JCEKS.
    JavaKeyStore,
    /// RFC 7292.
    Pkcs12,
    /// A private key, which is nobody's business (RFC 5958, RFC 8017 appendix A.1.2, RFC 5915).
    PrivateKey,
    /// RFC 5652 (CMS, the heir of PKCS#7) with signed data in it.
    Pkcs7,
    /// A certification request (RFC 2986), of nobody's yet.
    Request,
    /// A revocation list (RFC 5280 section 5.1), whose dates are not a certificate's.
    RevocationList,
}

pub(super) fn of(bytes: &[u8]) -> Option<Shape> {
    if bytes.starts_with(&super::jks::JKS) || bytes.starts_with(&super::jks::JCEKS) {
        return Some(Shape::JavaKeyStore);
    }
    let outer = step(&mut Cursor::new(bytes, 0)).filter(|outer| outer.tag == tag::SEQUENCE)?;
    let mut inside = outer.inside();
    let first = step(&mut inside)?;
    match first.tag {
        tag::OID if first.content == SIGNED_DATA => Some(Shape::Pkcs7),
        tag::INTEGER => {
            let next = step(&mut inside)?;
            match (first.content, next.tag, next.first_inside()) {
                ([3], tag::SEQUENCE, Some(tag::OID)) => Some(Shape::Pkcs12),
                ([0 | 1], tag::SEQUENCE, Some(tag::OID)) => Some(Shape::PrivateKey),
                ([0 | 1], tag::INTEGER | tag::OCTET_STRING, _) => Some(Shape::PrivateKey),
                _ => None,
            }
        }
        tag::SEQUENCE if !outer.cut => of_signed(&first),
        _ => None,
    }
}

/// What is signed begins with a version or a serial number. A revocation list has a date where a
/// certificate has its validity; a request begins with the name.
fn of_signed(inner: &Tlv<'_>) -> Option<Shape> {
    let mut inside = inner.inside();
    let first = step(&mut inside)?;
    match first.tag {
        VERSION => Some(Shape::Certificate),
        tag::SEQUENCE if is_dated(inside) => Some(Shape::RevocationList),
        tag::INTEGER => {
            let mut after = inside;
            match step(&mut after)?.first_inside() {
                Some(tag::SET) => Some(Shape::Request),
                _ if is_dated(after) => Some(Shape::RevocationList),
                _ => Some(Shape::Certificate),
            }
        }
        _ => None,
    }
}

/// Whether a name and a date come next.
fn is_dated(mut cursor: Cursor<'_>) -> bool {
    step_tagged(&mut cursor, tag::SEQUENCE).is_some()
        && matches!(cursor.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME))
}

/// Cuts certificates apart that stand behind each other. What follows the last one and does not
/// begin like one stays with it: its reader tells of it.
pub(super) fn certificates(bytes: &[u8], within: &str, finds: &mut Finds) {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let first = step(&mut Cursor::new(rest, at)).map_or(rest.len(), |first| first.whole.len());
        let goes_on = of(&rest[first..]) == Some(Shape::Certificate);
        let length = if goes_on { first } else { rest.len() };
        let place = if within.is_empty() { format!("byte {at}") } else { within.to_owned() };
        let mut found = Found::good(place, &rest[..length]);
        at += length;
        if goes_on {
            let message = "another certificate follows it: most programs read the first one only";
            found.flaws.push(defect(DefectId::TrailingData, at, message));
        }
        finds.push(found);
    }
}

/// The next tag-length-value, whatever has to be put up with for it.
pub(super) fn step<'a>(cursor: &mut Cursor<'a>) -> Option<Tlv<'a>> {
    cursor.next(&mut Site::top(&mut Defects::default()))
}

/// The next one if it has `tag`.
pub(super) fn step_tagged<'a>(cursor: &mut Cursor<'a>, tag: u8) -> Option<Tlv<'a>> {
    step(cursor).filter(|tlv| tlv.tag == tag)
}

/// The contents of an OCTET STRING, or of an implicit `[0]` in its place; also in pieces, as BER has
/// it (X.690 section 8.7.3.2).
pub(super) fn octets<'a>(tlv: &Tlv<'a>) -> Option<Cow<'a, [u8]>> {
    match tlv.tag {
        tag::OCTET_STRING | IMPLICIT => Some(tlv.content.into()),
        OCTET_STRING_IN_PIECES | IMPLICIT_IN_PIECES => {
            let mut inside = tlv.inside();
            let mut whole = Vec::new();
            while let Some(piece) = step_tagged(&mut inside, tag::OCTET_STRING) {
                whole.extend_from_slice(piece.content);
            }
            Some(whole.into())
        }
        _ => None,
    }
}

/// The contents octets of 1.2.840.113549.1.7.2.
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const VERSION: u8 = tag::constructed(0);
const IMPLICIT: u8 = tag::context(0);
const IMPLICIT_IN_PIECES: u8 = tag::constructed(0);
const OCTET_STRING_IN_PIECES: u8 = tag::OCTET_STRING | 0x20;
