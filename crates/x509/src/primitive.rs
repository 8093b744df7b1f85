//! INTEGER and BIT STRING: the plain values that most fields are made of (X.690 section 8.3, 8.6).

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::Field;
use crate::site::Site;

/// The contents octets of an INTEGER; one without any has no value.
pub(crate) fn octets<'a>(tlv: &Tlv<'a>, site: &mut Site<'_>) -> Field<&'a [u8]> {
    let at = tlv.inner_offset();
    if tlv.tag != tag::INTEGER {
        let message = format_args!("the tag {:#04x} is not that of an INTEGER", tlv.tag);
        return Err(site.malformed(DefectId::WrongTag, tlv.offset, message));
    }
    match tlv.content {
        [] => Err(site.malformed(DefectId::IntegerEmpty, at, "the number has no octets")),
        [0, low, ..] if low & SIGN == 0 => {
            site.note(DefectId::IntegerNotMinimal, at, "the number begins with needless zeros");
            Ok(tlv.content)
        }
        [0xff, low, ..] if low & SIGN != 0 => {
            site.note(
                DefectId::IntegerNotMinimal,
                at,
                "the number begins with needless sign octets",
            );
            Ok(tlv.content)
        }
        octets => Ok(octets),
    }
}

/// An INTEGER from zero to what 64 bits hold; nothing where it is another.
pub(crate) fn small(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<Option<u64>> {
    Ok(magnitude(octets(tlv, site)?).and_then(fold))
}

/// The octets of a number that is not negative, leading zeros dropped.
pub(crate) fn magnitude(octets: &[u8]) -> Option<&[u8]> {
    if octets.first().is_some_and(|octet| octet & SIGN != 0) {
        return None;
    }
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    Some(&octets[zeros..])
}

/// How many bits a [`magnitude`] has.
pub(crate) fn bits(magnitude: &[u8]) -> u32 {
    let Some(first) = magnitude.first() else { return 0 };
    let octets = u32::try_from(magnitude.len()).unwrap_or(u32::MAX / 8);
    octets.saturating_mul(8) - first.leading_zeros()
}

/// The value of a [`magnitude`] of at most eight octets.
pub(crate) fn fold(magnitude: &[u8]) -> Option<u64> {
    let small = magnitude.len() <= size_of::<u64>();
    small.then(|| magnitude.iter().fold(0, |sum, &octet| sum << 8 | u64::from(octet)))
}

/// The octets of a BIT STRING and how many bits of the last are unused.
pub(crate) fn bit_string<'a>(tlv: &Tlv<'a>, site: &mut Site<'_>) -> Field<(&'a [u8], u8)> {
    let at = tlv.inner_offset();
    if tlv.tag != tag::BIT_STRING {
        let message = format_args!("the tag {:#04x} is not that of a BIT STRING", tlv.tag);
        return Err(site.malformed(DefectId::WrongTag, tlv.offset, message));
    }
    let Some((&unused, octets)) = tlv.content.split_first() else {
        let message = "the octet that counts unused bits is not there";
        return Err(site.malformed(DefectId::BitStringPadding, at, message));
    };
    if unused > 7 || (unused > 0 && octets.is_empty()) {
        let message = format_args!("it says that {unused} bits of its last octet are unused");
        return Err(site.malformed(DefectId::BitStringPadding, at, message));
    }
    if octets.last().is_some_and(|last| last.trailing_zeros() < u32::from(unused)) {
        site.note(DefectId::BitStringPadding, at, "bits that are unused are set");
    }
    Ok((octets, unused))
}

/// Reads a BOOLEAN; what is neither 00 nor FF counts as true, as BER has it (X.690 8.2.2).
pub(crate) fn boolean(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<bool> {
    match tlv.content {
        [0] => Ok(false),
        [0xff] => Ok(true),
        [_] => {
            site.note(
                DefectId::BooleanNotDer,
                tlv.inner_offset(),
                "true is written as another octet than FF",
            );
            Ok(true)
        }
        _ => {
            let message = "a BOOLEAN of another length than one octet";
            Err(site.malformed(DefectId::BooleanNotDer, tlv.inner_offset(), message))
        }
    }
}

const SIGN: u8 = 0x80;
