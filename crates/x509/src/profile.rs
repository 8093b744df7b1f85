//! What the fields of one certificate say of each other (RFC 5280 section 4).

use certvigil_model::Time;

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{BasicConstraints, Facts, Field, Name};
use crate::frame::Frame;
use crate::site::Site;

/// Notes every contradiction.
pub(crate) fn check(frame: Option<&Frame<'_>>, facts: &Facts, site: &mut Site<'_>) {
    let Some(frame) = frame else { return };
    check_algorithms(frame, site);
    let site = &mut site.under("tbsCertificate");
    check_version(frame, facts, site);
    check_validity(frame, facts, site);
    check_names(frame, facts, site);
    check_authority(frame, facts, &mut site.under("extensions"));
}

/// RFC 5280 section 4.1.1.2.
fn check_algorithms(frame: &Frame<'_>, site: &mut Site<'_>) {
    if let (Some(inner), Some(outer)) = (frame.signature, frame.signature_algorithm)
        && inner.whole != outer.whole
    {
        let message = "it differs from the algorithm inside of what is signed";
        site.under("signatureAlgorithm").note(
            DefectId::SignatureAlgorithmMismatch,
            outer.offset,
            message,
        );
    }
}

/// RFC 5280 section 4.1.2.1, 4.1.2.8, 4.1.2.9.
fn check_version(frame: &Frame<'_>, facts: &Facts, site: &mut Site<'_>) {
    if let (Some(extensions), Ok(version @ (1 | 2))) = (frame.extensions, &facts.version) {
        let message = format_args!("version {version} has no extensions");
        site.under("version").note(DefectId::ExtensionsWithoutV3, extensions.offset, message);
    }
    if let Some(unique_id) = frame.unique_id {
        let message = "unique identifiers must not be written";
        site.under("issuerUniqueID").note(DefectId::UniqueIdentifier, unique_id.offset, message);
    }
}

/// RFC 5280 section 4.1.2.5.
fn check_validity(frame: &Frame<'_>, facts: &Facts, site: &mut Site<'_>) {
    let (Ok(not_before), Ok(not_after)) = (&facts.not_before, &facts.not_after) else { return };
    let Some(tlv) = frame.not_after.filter(|_| not_before > not_after) else { return };
    let site = &mut site.under("validity");
    site.note(DefectId::ValidityInverted, tlv.offset, "notBefore comes after notAfter");
    if tlv.tag == tag::UTC_TIME && *not_after < YEAR_1970 {
        let message =
            format_args!("it reads as {not_after}; most likely a hundred years later is meant");
        site.under("notAfter").note(DefectId::UtcTimeReadsAsPast, tlv.offset, message);
    }
}

/// RFC 5280 section 4.1.2.4, 4.1.2.6.
fn check_names(frame: &Frame<'_>, facts: &Facts, site: &mut Site<'_>) {
    if is_empty(&facts.issuer) {
        site.under("issuer").note(
            DefectId::IssuerEmpty,
            offset(frame.issuer),
            "the issuer has no name",
        );
    }
    if !is_empty(&facts.subject) {
        return;
    }
    let extensions = &facts.extensions;
    let critical =
        extensions.all.iter().any(|(oid, critical)| oid == SUBJECT_ALT_NAME && *critical);
    let is_ca =
        matches!(&extensions.basic_constraints, Ok(Some(BasicConstraints { ca: true, .. })));
    let told = extensions.subject_alt_name.is_ok() && extensions.basic_constraints.is_ok();
    if is_ca {
        let message = "a CA must have a name";
        site.under("subject").note(DefectId::SubjectEmpty, offset(frame.subject), message);
    } else if told && !critical {
        let message = "it is empty and no critical subjectAltName is in its stead";
        site.under("subject").note(DefectId::SubjectEmpty, offset(frame.subject), message);
    }
}

fn is_empty(name: &Field<Name>) -> bool {
    name.as_ref().is_ok_and(|name| name.text.raw().is_empty())
}

/// RFC 5280 section 4.2.1.3, 4.2.1.9, 4.2.1.10.
fn check_authority(frame: &Frame<'_>, facts: &Facts, site: &mut Site<'_>) {
    let extensions = &facts.extensions;
    let (Ok(constraints), Ok(usage)) = (&extensions.basic_constraints, &extensions.key_usage)
    else {
        return;
    };
    let at = offset(frame.extensions);
    let ca = constraints.is_some_and(|constraints| constraints.ca);
    let may_sign = usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0);
    if constraints.is_some_and(|constraints| constraints.path_len.is_some()) && !(ca && may_sign) {
        let message = "a path length is for those who may sign certificates";
        site.under("basicConstraints").note(DefectId::PathLengthWithoutCa, at, message);
    }
    if usage.is_some() && may_sign && !ca {
        let message = "keyCertSign is for a CA";
        site.under("keyUsage").note(DefectId::CertSignWithoutCa, at, message);
    }
    if extensions.has_name_constraints && !ca {
        let message = "name constraints are for a CA";
        site.under("nameConstraints").note(DefectId::NameConstraintsWithoutCa, at, message);
    }
    let critical =
        extensions.all.iter().any(|(oid, critical)| oid == BASIC_CONSTRAINTS && *critical);
    if ca && may_sign && !critical {
        let message = "it must be critical in a CA";
        site.under("basicConstraints").note(DefectId::ExtensionCriticality, at, message);
    }
}

fn offset(tlv: Option<Tlv<'_>>) -> usize {
    tlv.map_or(0, |tlv| tlv.offset)
}

/// Bit 5 (RFC 5280 section 4.2.1.3).
const KEY_CERT_SIGN: u16 = 1 << 5;
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// `1970-01-01T00:00:00Z`.
const YEAR_1970: Time = Time::from_seconds(0);
