//! Just enough DER to find a part of a certificate: definite lengths, no recursion, no copies.

use std::ops::Range;

/// One element: its tag, where it begins, where its contents lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// The identifier octet.
    pub(crate) tag: u8,
    /// Header and contents.
    pub(crate) whole: Range<usize>,
    /// The contents alone.
    pub(crate) contents: Range<usize>,
}

/// The elements that follow one another in `within`; ends at the first that is no DER.
pub(crate) fn elements(der: &[u8], within: Range<usize>) -> impl Iterator<Item = Element> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        let element = element(der, at, within.end)?;
        at = element.whole.end;
        Some(element)
    })
}

/// The contents of the first element in `within`, where its tag is `tag`.
pub(crate) fn open(der: &[u8], within: Range<usize>, tag: u8) -> Option<Range<usize>> {
    let first = elements(der, within).next()?;
    (first.tag == tag).then_some(first.contents)
}

/// Where tbsCertificate lies, header included: the bytes that the issuer signed.
pub(crate) fn signed_part(certificate: &[u8]) -> Option<Range<usize>> {
    let contents = open(certificate, 0..certificate.len(), SEQUENCE)?;
    let first = elements(certificate, contents).next()?;
    (first.tag == SEQUENCE).then_some(first.whole)
}

/// The contents octets of issuer and subject.
pub(crate) fn issuer_and_subject(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let tbs = open(certificate, signed_part(certificate)?, SEQUENCE)?;
    // After version and serialNumber come the sequences signature, issuer, validity, subject.
    let mut sequences = elements(certificate, tbs).filter(|element| element.tag == SEQUENCE);
    let issuer = sequences.nth(1)?;
    let subject = sequences.nth(1)?;
    Some((certificate.get(issuer.contents)?, certificate.get(subject.contents)?))
}

/// Issuer and subject are the same name (RFC 5280 section 3.2, "self-issued").
pub(crate) fn is_self_issued(certificate: &[u8]) -> bool {
    issuer_and_subject(certificate).is_some_and(|(issuer, subject)| issuer == subject)
}

/// The extension whose OBJECT IDENTIFIER has the contents `oid`.
pub(crate) fn extension(certificate: &[u8], oid: &[u8]) -> Option<Extension> {
    extensions(certificate).find(|extension| certificate.get(extension.id.clone()) == Some(oid))
}

/// Every extension, in order.
pub(crate) fn extensions(certificate: &[u8]) -> impl Iterator<Item = Extension> {
    let list = extension_list(certificate).unwrap_or(0..0);
    elements(certificate, list).filter_map(|extension| {
        let mut parts = elements(certificate, extension.contents);
        let id = parts.next()?.contents;
        let second = parts.next()?;
        let (flag, value) = match second.tag {
            BOOLEAN => (Some(second.contents), parts.next()?),
            _ => (None, second),
        };
        let critical = flag.filter(|flag| certificate.get(flag.clone()) != Some(&[0]));
        Some(Extension { id, critical, value: value.contents })
    })
}

/// Where an extension's parts lie.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    /// The contents of its OBJECT IDENTIFIER.
    pub(crate) id: Range<usize>,
    /// The TRUE that makes it critical: who does not know it must refuse the certificate.
    pub(crate) critical: Option<Range<usize>>,
    /// The contents of its OCTET STRING.
    pub(crate) value: Range<usize>,
}

fn extension_list(certificate: &[u8]) -> Option<Range<usize>> {
    let tbs = open(certificate, signed_part(certificate)?, SEQUENCE)?;
    let tagged = elements(certificate, tbs).find(|element| element.tag == EXTENSIONS)?;
    open(certificate, tagged.contents, SEQUENCE)
}

fn element(der: &[u8], at: usize, end: usize) -> Option<Element> {
    let der = der.get(..end)?;
    let tag = *der.get(at)?;
    let first = usize::from(*der.get(at + 1)?);
    let (start, length) = match first {
        0..=0x7f => (at + 2, first),
        0x81..=0x84 => {
            let start = at + 2 + (first - 0x80);
            let octets = der.get(at + 2..start)?;
            (start, octets.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet)))
        }
        _ => return None,
    };
    let stop = start.checked_add(length).filter(|&stop| stop <= end)?;
    Some(Element { tag, whole: at..stop, contents: start..stop })
}

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const BOOLEAN: u8 = 0x01;
const EXTENSIONS: u8 = 0xa3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_where_der_ends() {
        let der = [0x02, 0x01, 0x05, 0x04, 0x81, 0x02, 0xaa, 0xbb, 0x30, 0x05, 0x00];
        let found: Vec<_> = elements(&der, 0..der.len()).collect();
        assert_eq!(
            found,
            [
                Element { tag: 0x02, whole: 0..3, contents: 2..3 },
                Element { tag: 0x04, whole: 3..8, contents: 6..8 },
            ]
        );
    }

    #[test]
    fn lengths_that_lie_are_no_elements() {
        for der in
            [&[0x30][..], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x85]]
        {
            assert_eq!(elements(der, 0..der.len()).count(), 0, "{der:02x?}");
        }
    }
}
