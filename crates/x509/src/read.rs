//! From bytes to facts: the frame strictly or tolerantly, then each field by its own reader, then
//! what the fields say of each other.

use certvigil_model::Time;

use crate::algorithm;
use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::extensions;
use crate::facts::{Extensions, Facts, Field, KeyKind, Malformed, Recovered};
use crate::frame::{self, Frame};
use crate::guess;
use crate::key;
use crate::name;
use crate::primitive;
use crate::profile;
use crate::site::{Defects, Site};
use crate::time;
use crate::tolerant;

/// Reads one certificate's DER.
///
/// It never panics and takes linear time. What deviates from DER or RFC 5280 stands in
/// [`Facts::defects`]; what cannot be told is an error in its field.
pub fn read(der: &[u8]) -> Facts {
    let mut defects = Defects::default();
    let site = &mut Site::top(&mut defects);
    let strict = frame::strict(der);
    let is_strict = strict.is_some();
    let frame = strict.or_else(|| tolerant::frame(der, site));
    let mut facts = match &frame {
        Some(frame) => fields(frame, site),
        None => nothing(&site.malformed(
            DefectId::NotACertificate,
            0,
            "it does not look like a certificate",
        )),
    };
    let guessed =
        !frame.is_some_and(|frame| frame.has_times()) && guess_dates(der, &mut facts, site);
    profile::check(frame.as_ref(), &facts, site);
    facts.recovered = match frame {
        _ if guessed => Recovered::Guess,
        None => Recovered::None,
        Some(_) if is_strict && !defects.form_broken() => Recovered::Strict,
        Some(_) => Recovered::Tolerant,
    };
    facts.defects = defects.into_sorted();
    facts
}

/// Cuts the DER of subjectPublicKeyInfo out of a certificate, also of a broken one.
pub fn subject_public_key_info(der: &[u8]) -> Option<&[u8]> {
    let mut defects = Defects::default();
    let frame =
        frame::strict(der).or_else(|| tolerant::frame(der, &mut Site::top(&mut defects)))?;
    frame.public_key.filter(|key| !key.cut).map(|key| key.whole)
}

/// The kind of a certificate's key, also of a certificate that is broken elsewhere.
pub fn key_kind(der: &[u8]) -> Option<KeyKind> {
    let mut defects = Defects::default();
    let site = &mut Site::top(&mut defects);
    let frame = frame::strict(der).or_else(|| tolerant::frame(der, site))?;
    Some(key::read(&frame.public_key?, site).ok()?.kind)
}

/// Cuts out the contents octets of the subject's Name, also of a certificate that is broken
/// elsewhere; no field is read. What finds a trust anchor by its name needs no more.
pub fn subject_name(der: &[u8]) -> Option<&[u8]> {
    let mut defects = Defects::default();
    let frame =
        frame::strict(der).or_else(|| tolerant::frame(der, &mut Site::top(&mut defects)))?;
    frame.subject.filter(|name| !name.cut).map(|name| name.content)
}

fn fields(frame: &Frame<'_>, site: &mut Site<'_>) -> Facts {
    let site_outer = &mut site.under("signatureAlgorithm");
    let outer = frame.signature_algorithm.map(|tlv| algorithm::signature(&tlv, site_outer));
    signature_value(frame.signature_value, &mut site.under("signatureValue"));
    let site = &mut site.under("tbsCertificate");
    let version = version(frame.version, &mut site.under("version"));
    let serial_number =
        field(frame.needed(frame.serial_number), "serialNumber", site, serial_number);
    let inner = field(frame.needed(frame.signature), "signature", site, algorithm::signature);
    let issuer = field(frame.needed(frame.issuer), "issuer", site, name::read);
    let (not_before, not_after) = validity(frame, &mut site.under("validity"));
    let subject = field(frame.needed(frame.subject), "subject", site, name::read);
    let public_key = field(frame.needed(frame.public_key), "subjectPublicKeyInfo", site, key::read);
    Facts {
        recovered: Recovered::Strict,
        defects: Vec::new(),
        version,
        serial_number,
        signature_algorithm: outer.and_then(Result::ok).map_or(inner, Ok),
        issuer,
        not_before,
        not_after,
        subject,
        public_key,
        extensions: extensions(frame, &mut site.under("extensions")),
    }
}

/// Reads what stands at a place.
fn field<'a, T>(
    tlv: Field<Tlv<'a>>,
    name: &str,
    site: &mut Site<'_>,
    read: impl FnOnce(&Tlv<'a>, &mut Site<'_>) -> Field<T>,
) -> Field<T> {
    read(&tlv?, &mut site.under(name))
}

/// INTEGER DEFAULT v1 (RFC 5280 section 4.1.2.1).
fn version(tlv: Option<Tlv<'_>>, site: &mut Site<'_>) -> Field<u8> {
    let Some(tlv) = tlv else { return Ok(1) };
    match primitive::small(&tlv, site)? {
        Some(0) => {
            site.note(
                DefectId::DefaultEncoded,
                tlv.offset,
                "version 1 is the default and must be left out",
            );
            Ok(1)
        }
        Some(1) => Ok(2),
        Some(2) => Ok(3),
        _ => {
            let message = "it is none of 0, 1 and 2";
            Err(site.malformed(DefectId::VersionUnknown, tlv.inner_offset(), message))
        }
    }
}

/// RFC 5280 section 4.1.2.2. Behind another tag the octets are still those of the serial number.
fn serial_number(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<u8>> {
    tlv.note_tag(tag::INTEGER, site);
    let octets = primitive::octets(&Tlv { tag: tag::INTEGER, ..*tlv }, site)?;
    let at = tlv.inner_offset();
    if octets[0] & 0x80 != 0 {
        site.note(DefectId::SerialNegative, at, "it is negative");
    } else if octets.iter().all(|&octet| octet == 0) {
        site.note(DefectId::SerialZero, at, "it is zero");
    }
    if octets.len() > LONGEST_SERIAL {
        let message = format_args!("it has {} octets, more than {LONGEST_SERIAL}", octets.len());
        site.note(DefectId::SerialTooLong, at, message);
    }
    Ok(octets.to_vec())
}

fn validity(frame: &Frame<'_>, site: &mut Site<'_>) -> (Field<Time>, Field<Time>) {
    let not_before = field(frame.needed(frame.not_before), "notBefore", site, time::read);
    let not_after = field(frame.needed(frame.not_after), "notAfter", site, time::read);
    (not_before, not_after)
}

fn signature_value(tlv: Option<Tlv<'_>>, site: &mut Site<'_>) {
    let Some(tlv) = tlv else { return };
    if let Ok((_, unused @ 1..)) = primitive::bit_string(&tlv, site) {
        let message =
            format_args!("a signature is of whole octets, and {unused} bits of it are unused");
        site.note(DefectId::BitStringPadding, tlv.inner_offset(), message);
    }
}

fn extensions(frame: &Frame<'_>, site: &mut Site<'_>) -> Extensions {
    match (&frame.extensions, frame.doubt) {
        (Some(list), _) => extensions::read(list, site),
        (None, None) => extensions::none(),
        (None, Some(loss)) => extensions::unread(&loss.into()),
    }
}

/// Fills both dates from elsewhere, noted as guesses; whether any was found.
fn guess_dates(der: &[u8], facts: &mut Facts, site: &mut Site<'_>) -> bool {
    let Some([not_before, not_after]) = guess::adjacent_times(der) else { return false };
    facts.not_before =
        guess_date(&not_before, &mut site.under("tbsCertificate.validity.notBefore"));
    facts.not_after = guess_date(&not_after, &mut site.under("tbsCertificate.validity.notAfter"));
    facts.not_before.is_ok() || facts.not_after.is_ok()
}

fn guess_date(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<Time> {
    let time = time::read(tlv, site)?;
    site.note(DefectId::DateGuessed, tlv.offset, "a date found elsewhere than at its place");
    Ok(time)
}

/// The facts of something that is no certificate.
fn nothing(why: &Malformed) -> Facts {
    Facts {
        recovered: Recovered::None,
        defects: Vec::new(),
        version: Err(why.clone()),
        serial_number: Err(why.clone()),
        signature_algorithm: Err(why.clone()),
        issuer: Err(why.clone()),
        not_before: Err(why.clone()),
        not_after: Err(why.clone()),
        subject: Err(why.clone()),
        public_key: Err(why.clone()),
        extensions: extensions::unread(why),
    }
}

/// RFC 5280 section 4.1.2.2.
const LONGEST_SERIAL: usize = 20;
