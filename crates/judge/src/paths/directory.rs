//! Name constraints on directory names (RFC 5280 section 4.2.1.10). webpki enforces those on DNS
//! names and addresses; a constrained sub-CA of an organisation has these besides.

use std::ops::Range;

use certvigil_x509::Certificate;

use super::reword::{self, DIRECTORY_NAME, SUBJECT_ALT_NAME, Subtree};
use crate::der::{self, SEQUENCE, SET};

/// The subtrees of directory names that a CA's certificate allows and forbids.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryConstraints {
    permitted: Vec<DirectoryName>,
    excluded: Vec<DirectoryName>,
}

impl DirectoryConstraints {
    /// Those of `certificate`; none where it has none.
    pub(crate) fn of(certificate: &Certificate) -> Option<Self> {
        if !certificate.facts()?.extensions.has_name_constraints {
            return None;
        }
        let der = &certificate.der;
        let mut constraints = Self { permitted: Vec::new(), excluded: Vec::new() };
        for (kind, base) in reword::subtrees(der) {
            if base.tag != DIRECTORY_NAME {
                continue;
            }
            let name = directory_name(der, base.contents)?;
            match kind {
                Subtree::Permitted => constraints.permitted.push(name),
                Subtree::Excluded => constraints.excluded.push(name),
            }
        }
        let any = !constraints.permitted.is_empty() || !constraints.excluded.is_empty();
        any.then_some(constraints)
    }

    /// Whether every directory name of `certificate` is where it may be.
    pub(super) fn allow(&self, certificate: &Certificate) -> bool {
        directory_names(&certificate.der).iter().all(|name| {
            let permitted = self.permitted.is_empty() || name.is_under_any(&self.permitted);
            permitted && !name.is_under_any(&self.excluded)
        })
    }
}

/// A Name as a sequence of comparable relative distinguished names, from the root on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DirectoryName(Vec<Rdn>);

/// Attributes, sorted: type and value.
type Rdn = Vec<(Vec<u8>, Value)>;

impl DirectoryName {
    fn is_under_any(&self, bases: &[Self]) -> bool {
        bases.iter().any(|base| self.0.starts_with(&base.0))
    }
}

/// An attribute's value, made comparable (RFC 5280 section 7.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Letters without case, runs of spaces as one, none at the ends.
    Text(String),
    /// A type that is no text: tag and contents.
    Other(u8, Vec<u8>),
}

/// The subject, unless it is empty, and the directory names in subjectAltName.
fn directory_names(certificate: &[u8]) -> Vec<DirectoryName> {
    let mut names = Vec::new();
    if let Some((_, subject)) = der::issuer_and_subject(certificate) {
        names.extend(rdns(subject, 0..subject.len()).filter(|name| !name.0.is_empty()));
    }
    let alternative = der::extension(certificate, SUBJECT_ALT_NAME)
        .and_then(|extension| der::open(certificate, extension.value, SEQUENCE));
    for name in der::elements(certificate, alternative.unwrap_or(0..0)) {
        if name.tag == DIRECTORY_NAME {
            names.extend(directory_name(certificate, name.contents));
        }
    }
    names
}

/// The Name inside the explicit tag of a directoryName.
fn directory_name(der: &[u8], tagged: Range<usize>) -> Option<DirectoryName> {
    rdns(der, der::open(der, tagged, SEQUENCE)?)
}

fn rdns(der: &[u8], sequence: Range<usize>) -> Option<DirectoryName> {
    der::elements(der, sequence)
        .map(|set| (set.tag == SET).then(|| rdn(der, set.contents)).flatten())
        .collect::<Option<_>>()
        .map(DirectoryName)
}

fn rdn(der: &[u8], set: Range<usize>) -> Option<Rdn> {
    let mut attributes = der::elements(der, set)
        .map(|attribute| {
            let mut parts = der::elements(der, attribute.contents);
            let id = der.get(parts.next()?.contents)?.to_vec();
            let value = parts.next()?;
            Some((id, comparable(value.tag, der.get(value.contents)?)))
        })
        .collect::<Option<Rdn>>()?;
    attributes.sort();
    Some(attributes)
}

fn comparable(tag: u8, contents: &[u8]) -> Value {
    let text = match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => String::from_utf8(contents.to_vec()).ok(),
        TELETEX_STRING => Some(contents.iter().map(|&octet| char::from(octet)).collect()),
        BMP_STRING => {
            let units: Vec<_> = contents.chunks(2).map(be16).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    };
    match text {
        Some(text) => {
            let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
            Value::Text(words.join(" "))
        }
        None => Value::Other(tag, contents.to_vec()),
    }
}

fn be16(pair: &[u8]) -> u16 {
    pair.iter().fold(0, |sum, &octet| sum << 8 | u16::from(octet))
}

const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const BMP_STRING: u8 = 0x1e;
