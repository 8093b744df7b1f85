//! Distinguished names (RFC 5280 section 4.1.2.4) as RFC 4514 text.

use certvigil_model::Foreign;

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{Field, Name};
use crate::oid;
use crate::site::Site;
use crate::string;

/// Reads `tlv` as a Name. A relative name that cannot be read leaves the rest told, beside its
/// defect; only when none can be read has the name no value.
pub(crate) fn read(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<Name> {
    if tlv.tag != tag::SEQUENCE {
        let message = format_args!("the tag {:#04x} is not that of a name", tlv.tag);
        return Err(site.malformed(DefectId::WrongTag, tlv.offset, message));
    }
    let mut writer = Writer { text: String::with_capacity(tlv.content.len()), ..Writer::default() };
    let mut inside = tlv.inside();
    let mut index = 0;
    while let Some(relative) = inside.next(site) {
        relative_name(&relative, &mut writer, &mut site.entry(index));
        index += 1;
    }
    if writer.starts.is_empty() && !tlv.content.is_empty() {
        let message = "nothing in it reads as a part of a name";
        return Err(site.malformed(DefectId::NameMalformed, tlv.inner_offset(), message));
    }
    Ok(writer.finish(tlv))
}

/// A SET of attributes, mostly one.
fn relative_name(tlv: &Tlv<'_>, writer: &mut Writer, site: &mut Site<'_>) {
    if tlv.tag != tag::SET || tlv.content.is_empty() {
        site.note(DefectId::NameMalformed, tlv.offset, "it is not a SET of at least one attribute");
        return;
    }
    writer.begin_relative();
    let mut inside = tlv.inside();
    let mut before: Option<&[u8]> = None;
    while let Some(attribute) = inside.next(site) {
        if before.is_some_and(|before| before > attribute.whole) {
            site.note(
                DefectId::SetNotSorted,
                attribute.offset,
                "the attributes of one part are not in order",
            );
        }
        before = Some(attribute.whole);
        attribute_value(&attribute, writer, site);
    }
    writer.end_relative();
}

/// SEQUENCE { type OBJECT IDENTIFIER, value ANY }.
fn attribute_value(tlv: &Tlv<'_>, writer: &mut Writer, site: &mut Site<'_>) {
    let mut inside = tlv.inside();
    let kind = (tlv.tag == tag::SEQUENCE).then(|| inside.next_tagged(tag::OID, site)).flatten();
    let value = kind.and_then(|_| inside.next(site));
    let (Some(kind), Some(value)) = (kind, value) else {
        site.note(DefectId::NameMalformed, tlv.offset, "it is not an attribute's type and value");
        return;
    };
    if !inside.is_empty() {
        site.note(
            DefectId::TrailingData,
            inside.offset(),
            "something follows the attribute's value",
        );
    }
    let known = ATTRIBUTES.iter().find(|known| known.oid == kind.content);
    match known {
        Some(known) => {
            let site = &mut site.under(known.name);
            note_type(known, &value, site);
            known_value(known, &value, writer, site);
        }
        None => match oid::dotted(kind.content) {
            Some(dotted) => writer.unknown(&dotted, value.whole),
            None => site.note(
                DefectId::OidMalformed,
                kind.inner_offset(),
                "the attribute's type is no OID",
            ),
        },
    }
}

fn known_value(known: &Attribute, value: &Tlv<'_>, writer: &mut Writer, site: &mut Site<'_>) {
    let Some(text) = string::decode(value, site) else {
        writer.unknown(known.name, value.whole);
        return;
    };
    if text.is_empty() {
        site.note(DefectId::StringEmpty, value.offset, "the value is empty");
    }
    if known.oid == COMMON_NAME {
        writer.common_names.push(string::foreign(&text));
    }
    writer.known(known.name, &text);
}

fn note_type(known: &Attribute, value: &Tlv<'_>, site: &mut Site<'_>) {
    let fits = match known.strings {
        Strings::Directory => DIRECTORY_STRINGS.contains(&value.tag),
        Strings::Only(only) => value.tag == only,
    };
    if !fits && !string::is_string(value.tag) {
        let message = format_args!("the tag {:#04x} is not that of a string", value.tag);
        site.note(DefectId::WrongTag, value.offset, message);
    } else if !fits {
        let message =
            format_args!("the string type {:#04x} is not one that {} has", value.tag, known.name);
        site.note(DefectId::StringType, value.offset, message);
    }
}

/// Builds RFC 4514 text: the parts in reversed order, so each is kept by where it starts.
#[derive(Default)]
struct Writer {
    text: String,
    starts: Vec<usize>,
    common_names: Vec<Foreign>,
}

impl Writer {
    fn begin_relative(&mut self) {
        self.starts.push(self.text.len());
    }

    /// Forgets a part in which nothing could be read.
    fn end_relative(&mut self) {
        if self.starts.last() == Some(&self.text.len()) {
            self.starts.pop();
        }
    }

    fn attribute(&mut self, kind: &str) {
        if self.starts.last() != Some(&self.text.len()) {
            self.text.push('+');
        }
        self.text.push_str(kind);
        self.text.push('=');
    }

    fn known(&mut self, kind: &str, value: &string::Text<'_>) {
        self.attribute(kind);
        value.escape_into(&mut self.text);
    }

    /// `type=#hex` of the value's BER (RFC 4514 section 2.4).
    fn unknown(&mut self, kind: &str, ber: &[u8]) {
        self.attribute(kind);
        self.text.push('#');
        self.text.push_str(&certvigil_model::hex(ber));
    }

    fn finish(self, tlv: &Tlv<'_>) -> Name {
        let mut text = String::with_capacity(self.text.len() + self.starts.len());
        let mut end = self.text.len();
        for &start in self.starts.iter().rev() {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&self.text[start..end]);
            end = start;
        }
        Name { text: Foreign::new(text), der: tlv.whole.to_vec(), common_names: self.common_names }
    }
}

struct Attribute {
    oid: &'static [u8],
    name: &'static str,
    strings: Strings,
}

/// Which string types an attribute may have (RFC 5280 appendix A.1).
enum Strings {
    Directory,
    Only(u8),
}

const DIRECTORY_STRINGS: [u8; 5] = [
    tag::PRINTABLE_STRING,
    tag::UTF8_STRING,
    tag::TELETEX_STRING,
    tag::BMP_STRING,
    tag::UNIVERSAL_STRING,
];

const fn directory(oid: &'static [u8], name: &'static str) -> Attribute {
    Attribute { oid, name, strings: Strings::Directory }
}

const fn only(oid: &'static [u8], name: &'static str, tag: u8) -> Attribute {
    Attribute { oid, name, strings: Strings::Only(tag) }
}

const COMMON_NAME: &[u8] = b"\x55\x04\x03";

/// RFC 4514 section 3, and further names that the LDAP register of RFC 4520 holds.
const ATTRIBUTES: &[Attribute] = &[
    directory(COMMON_NAME, "CN"),
    only(b"\x55\x04\x06", "C", tag::PRINTABLE_STRING),
    directory(b"\x55\x04\x0a", "O"),
    directory(b"\x55\x04\x0b", "OU"),
    directory(b"\x55\x04\x08", "ST"),
    directory(b"\x55\x04\x07", "L"),
    directory(b"\x55\x04\x09", "STREET"),
    only(b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC", tag::IA5_STRING),
    directory(b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"),
    only(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress", tag::IA5_STRING),
    only(b"\x55\x04\x05", "serialNumber", tag::PRINTABLE_STRING),
    directory(b"\x55\x04\x04", "sn"),
    directory(b"\x55\x04\x0c", "title"),
    directory(b"\x55\x04\x0d", "description"),
    directory(b"\x55\x04\x0f", "businessCategory"),
    directory(b"\x55\x04\x11", "postalCode"),
    directory(b"\x55\x04\x29", "name"),
    directory(b"\x55\x04\x2a", "givenName"),
    directory(b"\x55\x04\x2b", "initials"),
    directory(b"\x55\x04\x2c", "generationQualifier"),
    only(b"\x55\x04\x2e", "dnQualifier", tag::PRINTABLE_STRING),
    directory(b"\x55\x04\x41", "pseudonym"),
    directory(b"\x55\x04\x61", "organizationIdentifier"),
];
