//! Tag, length, value (X.690 section 8.1): one cursor, no recursion, never a copy.

use crate::defect::DefectId;
use crate::facts::Malformed;
use crate::site::Site;

/// One tag-length-value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    /// The first identifier octet: class, constructed bit, tag number.
    pub(crate) tag: u8,
    /// Of the identifier octet, from the certificate's start.
    pub(crate) offset: usize,
    /// How many octets come before the contents.
    pub(crate) header: usize,
    /// The contents octets.
    pub(crate) content: &'a [u8],
    /// Identifier, length and contents octets.
    pub(crate) whole: &'a [u8],
    /// Whether its end is lost: its length points beyond what is left.
    pub(crate) cut: bool,
}

impl<'a> Tlv<'a> {
    /// Where the contents begin.
    pub(crate) fn inner_offset(&self) -> usize {
        self.offset + self.header
    }

    /// Where the contents end.
    pub(crate) fn inner_end(&self) -> usize {
        self.inner_offset() + self.content.len()
    }

    /// Where the next one begins.
    pub(crate) fn end(&self) -> usize {
        self.offset + self.whole.len()
    }

    /// Notes another tag than `tag`, where the contents are good for something all the same.
    pub(crate) fn note_tag(&self, tag: u8, site: &mut Site<'_>) {
        if self.tag != tag {
            let message = format_args!("the tag is {:#04x} and should be {tag:#04x}", self.tag);
            site.note(DefectId::WrongTag, self.offset, message);
        }
    }

    /// Why its end is lost, where it is: as it was noted when it was walked over.
    pub(crate) fn lost(&self) -> Option<Loss> {
        let is_reserved = |header: Header| matches!(header.length, Length::Reserved);
        let reserved = self.cut && Header::read(self.whole).is_ok_and(is_reserved);
        let defect = if reserved { DefectId::InvalidLength } else { DefectId::Truncated };
        self.cut.then_some(Loss { defect, offset: self.offset })
    }

    /// Walks what this one holds.
    pub(crate) fn inside(&self) -> Cursor<'a> {
        Cursor { rest: self.content, at: self.inner_offset(), lost: self.lost() }
    }

    /// The tag of the first thing inside, where this one is constructed and holds something.
    pub(crate) fn first_inside(&self) -> Option<u8> {
        if self.tag & CONSTRUCTED == 0 { None } else { self.content.first().copied() }
    }
}

/// A place in a row of tag-length-values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
    lost: Option<Loss>,
}

impl<'a> Cursor<'a> {
    /// Over `bytes`, whose first octet stands at `offset` of the certificate.
    pub(crate) const fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { rest: bytes, at: offset, lost: None }
    }

    /// Where the next octet stands.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether something that it walked over had lost its end, so that more may have been there.
    pub(crate) const fn is_cut(&self) -> bool {
        self.lost.is_some()
    }

    /// The first thing that had lost its end, as it was noted.
    pub(crate) const fn lost(&self) -> Option<Loss> {
        self.lost
    }

    /// What is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next one.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The tag of the first thing inside the next one, if it holds any.
    pub(crate) fn peek_inside(&self) -> Option<u8> {
        let header = Header::read(self.rest).ok()?;
        let holds = !matches!(header.length, Length::Definite { octets: 0, .. });
        holds.then(|| self.rest.get(header.len).copied()).flatten()
    }

    /// The next one as DER has it, or nothing: the strict reader's step.
    pub(crate) fn strict(&mut self) -> Option<Tlv<'a>> {
        let header = Header::read(self.rest).ok()?;
        match header.length {
            Length::Definite { octets, minimal: true } if self.holds(&header, octets) => {
                Some(self.take(&header, &Extent { octets, closing: 0, cut: false }))
            }
            _ => None,
        }
    }

    /// The next one when it has `tag` and is DER, else nothing and no step.
    pub(crate) fn strict_tagged(&mut self, tag: u8) -> Option<Tlv<'a>> {
        if self.peek() == Some(tag) { self.strict() } else { None }
    }

    /// The next one, whatever had to be put up with for it, each such thing noted at `site`; nothing
    /// at the end or where not even a header is left.
    pub(crate) fn next(&mut self, site: &mut Site<'_>) -> Option<Tlv<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let header = match Header::read(self.rest) {
            Ok(header) => header,
            Err(id) => {
                let message = "the bytes end inside a tag or a length";
                site.note(id, self.at, message);
                self.lost = self.lost.or(Some(Loss { defect: id, offset: self.at }));
                self.skip_all();
                return None;
            }
        };
        let extent = self.extent(&header, site);
        Some(self.take(&header, &extent))
    }

    /// The next one when it has `tag`; else nothing and no step.
    pub(crate) fn next_tagged(&mut self, tag: u8, site: &mut Site<'_>) -> Option<Tlv<'a>> {
        if self.peek() == Some(tag) { self.next(site) } else { None }
    }

    /// The next one, unless it begins at `end` or later: then it is noted as missing.
    pub(crate) fn next_before(&mut self, end: usize, site: &mut Site<'_>) -> Option<Tlv<'a>> {
        if self.at >= end || self.rest.is_empty() {
            site.note(DefectId::MissingField, self.at, "it is not there");
            return None;
        }
        self.next(site)
    }

    /// Leaves the rest unread.
    pub(crate) const fn skip_all(&mut self) {
        self.at += self.rest.len();
        self.rest = &[];
    }

    /// How far the contents reach, noting what had to be put up with.
    fn extent(&self, header: &Header, site: &mut Site<'_>) -> Extent {
        let left = self.rest.len() - header.len;
        match header.length {
            Length::Definite { octets, minimal } => {
                if !minimal {
                    let message = "the length takes more octets than it needs";
                    site.note(DefectId::NonMinimalLength, self.at, message);
                }
                if octets <= left {
                    return Extent { octets, closing: 0, cut: false };
                }
                let message = format_args!("its length is {octets} octets and {left} are left");
                site.note(DefectId::Truncated, self.at, message);
            }
            Length::Indefinite => {
                let message = "the length is left open, which BER allows and DER does not";
                site.note(DefectId::IndefiniteLength, self.at, message);
                if let Some(octets) = end_of_contents(&self.rest[header.len..]) {
                    return Extent { octets, closing: END_OF_CONTENTS, cut: false };
                }
                site.note(DefectId::Truncated, self.at, "the open length is never closed");
            }
            Length::Reserved => {
                let message = "the length is one that nothing can have";
                site.note(DefectId::InvalidLength, self.at, message);
            }
        }
        Extent { octets: left, closing: 0, cut: true }
    }

    fn holds(&self, header: &Header, octets: usize) -> bool {
        octets <= self.rest.len() - header.len
    }

    fn take(&mut self, header: &Header, extent: &Extent) -> Tlv<'a> {
        let inner = header.len + extent.octets;
        let (whole, rest) = self.rest.split_at(inner + extent.closing);
        let content = &whole[header.len..inner];
        let (tag, offset, header, cut) = (header.tag, self.at, header.len, extent.cut);
        let tlv = Tlv { tag, offset, header, content, whole, cut };
        if cut {
            self.lost = self.lost.or_else(|| tlv.lost());
        }
        self.at += whole.len();
        self.rest = rest;
        tlv
    }
}

/// How far contents reach.
struct Extent {
    octets: usize,
    /// Octets that close an open length.
    closing: usize,
    /// Whether they should reach further than there are octets.
    cut: bool,
}

/// A defect that was noted and left something without an end: where bytes may have been lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) defect: DefectId,
    pub(crate) offset: usize,
}

impl From<Loss> for Malformed {
    fn from(loss: Loss) -> Self {
        Self { defect: loss.defect, offset: loss.offset }
    }
}

/// Identifier and length octets.
struct Header {
    tag: u8,
    /// How many octets both take.
    len: usize,
    length: Length,
}

enum Length {
    Definite {
        octets: usize,
        minimal: bool,
    },
    Indefinite,
    /// The first length octet 255 (X.690 8.1.3.5 c), or more octets than a `usize` holds.
    Reserved,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, DefectId> {
        let (&tag, _) = bytes.split_first().ok_or(DefectId::Truncated)?;
        let identifier = identifier_octets(bytes)?;
        let &first = bytes.get(identifier).ok_or(DefectId::Truncated)?;
        let after = identifier + 1;
        match first {
            0..=0x7f => {
                let length = Length::Definite { octets: usize::from(first), minimal: true };
                Ok(Self { tag, len: after, length })
            }
            0x80 => Ok(Self { tag, len: after, length: Length::Indefinite }),
            0x81..=0xff => Self::long(tag, &bytes[after..], after, usize::from(first & 0x7f)),
        }
    }

    fn long(tag: u8, bytes: &[u8], after: usize, count: usize) -> Result<Self, DefectId> {
        if count == RESERVED {
            return Ok(Self { tag, len: after, length: Length::Reserved });
        }
        let octets = bytes.get(..count).ok_or(DefectId::Truncated)?;
        let significant = octets.iter().position(|&octet| octet != 0).unwrap_or(count);
        let value = &octets[significant..];
        if value.len() > size_of::<usize>() {
            return Ok(Self { tag, len: after + count, length: Length::Reserved });
        }
        let octets = value.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet));
        let minimal = significant == 0 && octets > 0x7f;
        Ok(Self { tag, len: after + count, length: Length::Definite { octets, minimal } })
    }
}

/// One octet, or more for tag numbers above 30 (X.690 8.1.2.4).
fn identifier_octets(bytes: &[u8]) -> Result<usize, DefectId> {
    if bytes[0] & 0x1f != 0x1f {
        return Ok(1);
    }
    let more = bytes[1..].iter().position(|octet| octet & 0x80 == 0);
    more.map(|last| last + 2).ok_or(DefectId::Truncated)
}

/// How many octets stand before the end-of-contents octets that close an indefinite length,
/// counting those inside it; one pass, no recursion.
fn end_of_contents(bytes: &[u8]) -> Option<usize> {
    let mut open = 1_usize;
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(&[0, 0]) {
            open -= 1;
            if open == 0 {
                return Some(at);
            }
            at += END_OF_CONTENTS;
            continue;
        }
        let header = Header::read(rest).ok()?;
        at += header.len;
        match header.length {
            Length::Definite { octets, .. } => at = at.checked_add(octets)?,
            Length::Indefinite => open += 1,
            Length::Reserved => return None,
        }
    }
}

/// The tags that RFC 5280 uses, as identifier octets.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number]` holding a plain value.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` holding further tag-length-values.
    pub(crate) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

const CONSTRUCTED: u8 = 0x20;
/// X.690 8.1.3.5 c keeps the first length octet 255 for later.
const RESERVED: usize = 0x7f;
const END_OF_CONTENTS: usize = 2;
