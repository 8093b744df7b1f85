//! The frame of a certificate (RFC 5280 section 4.1): which bytes are which field.

use crate::defect::DefectId;
use crate::der::{Cursor, Loss, Tlv, tag};
use crate::facts::{Field, Malformed};

/// Where each field stands. In a frame that the strict reader found, all that must be there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// The INTEGER inside `[0]`.
    pub(crate) version: Option<Tlv<'a>>,
    pub(crate) serial_number: Option<Tlv<'a>>,
    /// AlgorithmIdentifier inside of what is signed.
    pub(crate) signature: Option<Tlv<'a>>,
    pub(crate) issuer: Option<Tlv<'a>>,
    pub(crate) not_before: Option<Tlv<'a>>,
    pub(crate) not_after: Option<Tlv<'a>>,
    pub(crate) subject: Option<Tlv<'a>>,
    pub(crate) public_key: Option<Tlv<'a>>,
    /// issuerUniqueID or subjectUniqueID.
    pub(crate) unique_id: Option<Tlv<'a>>,
    /// The list inside `[3]`.
    pub(crate) extensions: Option<Tlv<'a>>,
    /// AlgorithmIdentifier outside of what is signed.
    pub(crate) signature_algorithm: Option<Tlv<'a>>,
    pub(crate) signature_value: Option<Tlv<'a>>,
    /// What was lost or left over, so that extensions may have been there and not been found.
    pub(crate) doubt: Option<Loss>,
    /// Where the fields end, and what is missing is missed.
    pub(crate) end: usize,
}

impl<'a> Frame<'a> {
    /// One of the fields that must be there, whole; what is wrong with it was noted when the frame
    /// was made.
    pub(crate) fn needed(&self, field: Option<Tlv<'a>>) -> Field<Tlv<'a>> {
        let missing = Malformed { defect: DefectId::MissingField, offset: self.end };
        let tlv = field.ok_or(missing)?;
        tlv.lost().map_or(Ok(tlv), |loss| Err(loss.into()))
    }

    /// Whether anything that is a time by its tag stands where validity's times belong.
    pub(crate) fn has_times(&self) -> bool {
        let times = [self.not_before, self.not_after];
        times.iter().flatten().any(|tlv| matches!(tlv.tag, tag::UTC_TIME | tag::GENERALIZED_TIME))
    }

    /// The names of the fields of TBSCertificate that must be there and are not.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.serial_number, "serialNumber"),
            (self.signature, "signature"),
            (self.issuer, "issuer"),
            (self.not_before, "validity.notBefore"),
            (self.not_after, "validity.notAfter"),
            (self.subject, "subject"),
            (self.public_key, "subjectPublicKeyInfo"),
        ]
        .into_iter()
        .filter_map(|(field, name)| field.is_none().then_some(name))
    }
}

/// The frame of a certificate that is DER down to its fields and has each at its place; else nothing.
pub(crate) fn strict(der: &[u8]) -> Option<Frame<'_>> {
    let mut file = Cursor::new(der, 0);
    let mut certificate = file.strict_tagged(tag::SEQUENCE)?.inside();
    let mut signed = certificate.strict_tagged(tag::SEQUENCE)?.inside();
    let mut frame = Frame {
        signature_algorithm: Some(certificate.strict_tagged(tag::SEQUENCE)?),
        signature_value: Some(certificate.strict_tagged(tag::BIT_STRING)?),
        ..signed_fields(&mut signed)?
    };
    frame.version = match frame.version {
        Some(explicit) => Some(only(&explicit, tag::INTEGER)?),
        None => None,
    };
    frame.extensions = match frame.extensions {
        Some(explicit) => Some(only(&explicit, tag::SEQUENCE)?),
        None => None,
    };
    (file.is_empty() && certificate.is_empty() && signed.is_empty()).then_some(frame)
}

/// The fields of TBSCertificate in their order, `[0]` and `[3]` not yet opened.
fn signed_fields<'a>(signed: &mut Cursor<'a>) -> Option<Frame<'a>> {
    let version = optional(signed, tag::constructed(0))?;
    let serial_number = signed.strict_tagged(tag::INTEGER)?;
    let signature = signed.strict_tagged(tag::SEQUENCE)?;
    let issuer = signed.strict_tagged(tag::SEQUENCE)?;
    let mut validity = signed.strict_tagged(tag::SEQUENCE)?.inside();
    let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
    let subject = signed.strict_tagged(tag::SEQUENCE)?;
    let public_key = signed.strict_tagged(tag::SEQUENCE)?;
    let issuer_id = optional(signed, tag::context(1))?;
    let subject_id = optional(signed, tag::context(2))?;
    let extensions = optional(signed, tag::constructed(3))?;
    validity.is_empty().then_some(Frame {
        version,
        serial_number: Some(serial_number),
        signature: Some(signature),
        issuer: Some(issuer),
        not_before: Some(not_before),
        not_after: Some(not_after),
        subject: Some(subject),
        public_key: Some(public_key),
        unique_id: issuer_id.or(subject_id),
        extensions,
        ..Frame::default()
    })
}

/// Nothing where one with `tag` is there and broken.
fn optional<'a>(cursor: &mut Cursor<'a>, tag: u8) -> Option<Option<Tlv<'a>>> {
    if cursor.peek() == Some(tag) { cursor.strict().map(Some) } else { Some(None) }
}

fn time<'a>(cursor: &mut Cursor<'a>) -> Option<Tlv<'a>> {
    let tlv = cursor.strict()?;
    matches!(tlv.tag, tag::UTC_TIME | tag::GENERALIZED_TIME).then_some(tlv)
}

/// The one thing inside an EXPLICIT tag.
fn only<'a>(explicit: &Tlv<'a>, tag: u8) -> Option<Tlv<'a>> {
    let mut inside = explicit.inside();
    let tlv = inside.strict_tagged(tag)?;
    inside.is_empty().then_some(tlv)
}
