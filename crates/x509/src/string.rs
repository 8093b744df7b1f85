//! The string types of names (X.680 section 41) as text.

use std::borrow::Cow;
use std::fmt::Write as _;

use certvigil_model::Foreign;

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::site::Site;

/// A string, decoded as far as its bytes let.
pub(crate) enum Text<'a> {
    /// Characters.
    Chars(Cow<'a, str>),
    /// What should be characters and is not.
    Bytes(&'a [u8]),
}

/// Decodes a value of any string type; nothing where `tlv` is no string.
///
/// TeletexString is read as Latin-1, which is what those who write it mean.
pub(crate) fn decode<'a>(tlv: &Tlv<'a>, site: &mut Site<'_>) -> Option<Text<'a>> {
    let content = tlv.content;
    let chars = match tlv.tag {
        tag::UTF8_STRING => str::from_utf8(content).ok().map(Cow::Borrowed),
        tag::PRINTABLE_STRING => ascii(content, is_printable),
        tag::IA5_STRING => ascii(content, |_| true),
        tag::NUMERIC_STRING => ascii(content, |octet| octet.is_ascii_digit() || octet == b' '),
        tag::VISIBLE_STRING => ascii(content, |octet| octet == b' ' || octet.is_ascii_graphic()),
        tag::TELETEX_STRING => Some(latin1(content)),
        tag::BMP_STRING => units::<2>(content).map(Cow::Owned),
        tag::UNIVERSAL_STRING => units::<4>(content).map(Cow::Owned),
        _ => return None,
    };
    Some(chars.map_or_else(
        || {
            site.note(
                DefectId::StringMalformed,
                tlv.inner_offset(),
                "some bytes are none of its type's characters",
            );
            Text::Bytes(content)
        },
        Text::Chars,
    ))
}

/// Whether `tag` is that of a string which [`decode`] knows.
pub(crate) const fn is_string(tag: u8) -> bool {
    matches!(
        tag,
        tag::UTF8_STRING
            | tag::PRINTABLE_STRING
            | tag::IA5_STRING
            | tag::NUMERIC_STRING
            | tag::VISIBLE_STRING
            | tag::TELETEX_STRING
            | tag::BMP_STRING
            | tag::UNIVERSAL_STRING
    )
}

/// The text for comparing and showing, without RFC 4514's escapes.
pub(crate) fn foreign(text: &Text<'_>) -> Foreign {
    match text {
        Text::Chars(chars) => Foreign::new(chars.as_ref()),
        Text::Bytes(bytes) => Foreign::from_bytes(bytes),
    }
}

impl Text<'_> {
    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Chars(chars) => chars.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// Appends it with the escapes of RFC 4514 section 2.4.
    pub(crate) fn escape_into(&self, out: &mut String) {
        match self {
            Self::Chars(chars) => escape_chars(chars, true, true, out),
            Self::Bytes(bytes) => {
                let mut left = bytes.len();
                for chunk in bytes.utf8_chunks() {
                    let first = left == bytes.len();
                    left -= chunk.valid().len() + chunk.invalid().len();
                    escape_chars(
                        chunk.valid(),
                        first,
                        left == 0 && chunk.invalid().is_empty(),
                        out,
                    );
                    chunk.invalid().iter().for_each(|octet| push_hex(*octet, out));
                }
            }
        }
    }
}

/// `first` and `last` say whether the value begins and ends with these characters.
fn escape_chars(chars: &str, first: bool, last: bool, out: &mut String) {
    if chars.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-".contains(&octet)) {
        out.push_str(chars);
        return;
    }
    let end = chars.len();
    for (at, c) in chars.char_indices() {
        let leads = first && at == 0 && matches!(c, ' ' | '#');
        let trails = last && at + 1 == end && c == ' ';
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', c]),
            _ if leads || trails => out.extend(['\\', c]),
            '\0'..='\x1f' | '\x7f' => push_hex(c as u8, out),
            _ => out.push(c),
        }
    }
}

fn push_hex(octet: u8, out: &mut String) {
    let _ = write!(out, "\\{octet:02X}");
}

fn ascii(content: &[u8], allowed: impl Fn(u8) -> bool) -> Option<Cow<'_, str>> {
    let fits = content.iter().all(|&octet| octet.is_ascii() && allowed(octet));
    if fits { str::from_utf8(content).ok().map(Cow::Borrowed) } else { None }
}

/// X.680 section 41.4.
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}

fn latin1(content: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(content) {
        Ok(text) if content.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(content.iter().map(|&octet| char::from(octet)).collect()),
    }
}

/// Code points of `N` octets, the highest first; a surrogate is no character of these types.
fn units<const N: usize>(content: &[u8]) -> Option<String> {
    let (units, []) = content.as_chunks::<N>() else { return None };
    let point = |unit: &[u8; N]| unit.iter().fold(0, |sum, &octet| sum << 8 | u32::from(octet));
    units.iter().map(|unit| char::from_u32(point(unit))).collect()
}
