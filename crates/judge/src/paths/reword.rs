//! Copies of certificates, changed in a byte or two where webpki refuses what RFC 5280 allows.
//!
//! webpki has no switch for these, and a path checker of our own would be a second opinion where
//! there must be one. So it reads a copy of the same length, while the signature is checked over
//! the bytes that were signed (see [`crate::signatures::Rewording`]). What is changed:
//!
//! - a CA certificate served as an end entity: `cA` is read as FALSE. RFC 5280 section 6 does not
//!   forbid it; the finding `ca-as-end-entity` tells it.
//! - constraints on directory names (section 4.2.1.10): webpki refuses whatever is under them.
//!   They are read as constraints on a kind of name that no certificate has, and checked by
//!   [`super::directory`].
//! - the names of a self-issued intermediate, which constraints do not touch (section 6.1.3 (b)).

use certvigil_x509::Certificate;

use crate::der::{self, BOOLEAN, SEQUENCE};
use crate::signatures::Rewording;

/// A certificate as webpki is to read it.
#[derive(Clone, Debug)]
pub(crate) struct Reworded {
    der: Vec<u8>,
}

impl Reworded {
    /// `certificate` as an end entity, where it is a CA's.
    pub(super) fn as_end_entity(certificate: &Certificate) -> Option<Self> {
        let facts = certificate.facts()?;
        let Ok(Some(constraints)) = &facts.extensions.basic_constraints else { return None };
        if !constraints.ca {
            return None;
        }
        let mut reworded = Self { der: certificate.der.to_vec() };
        reworded.deny_ca()?;
        Some(reworded)
    }

    /// `certificate` as an issuer, where it constrains directory names or is self-issued with
    /// names of its own.
    pub(crate) fn for_constraints(certificate: &Certificate) -> Option<Self> {
        let constrains = certificate.facts()?.extensions.has_name_constraints;
        let self_issued = der::is_self_issued(&certificate.der);
        if !constrains && !self_issued {
            return None;
        }
        let mut reworded = Self { der: certificate.der.to_vec() };
        let mut changed = constrains && reworded.hide_directory_constraints();
        changed |= self_issued && reworded.hide_names();
        changed.then_some(reworded)
    }

    /// What webpki reads.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The part of it that is signed, beside what was signed in `original`.
    pub(super) fn rewording<'a>(&'a self, original: &'a Certificate) -> Option<Rewording<'a>> {
        let part = der::signed_part(&self.der)?;
        Some(Rewording { read: self.der.get(part.clone())?, signed: original.der.get(part)? })
    }

    fn deny_ca(&mut self) -> Option<()> {
        let extension = der::extension(&self.der, BASIC_CONSTRAINTS)?;
        let sequence = der::open(&self.der, extension.value, SEQUENCE)?;
        let ca = der::open(&self.der, sequence, BOOLEAN)?;
        self.der.get_mut(ca)?.fill(0);
        Some(())
    }

    fn hide_directory_constraints(&mut self) -> bool {
        let bases: Vec<_> = subtrees(&self.der)
            .map(|(_, base)| base)
            .filter(|base| base.tag == DIRECTORY_NAME)
            .collect();
        for base in &bases {
            if let Some(tag) = self.der.get_mut(base.whole.start) {
                *tag = X400_ADDRESS;
            }
        }
        !bases.is_empty()
    }

    fn hide_names(&mut self) -> bool {
        let Some(extension) = der::extension(&self.der, SUBJECT_ALT_NAME) else { return false };
        match self.der.get_mut(extension.id).and_then(<[u8]>::last_mut) {
            Some(octet) => *octet = ISSUER_ALT_NAME_LAST,
            None => return false,
        }
        true
    }
}

/// Each subtree of nameConstraints: whether names must be under it, and its base.
pub(super) fn subtrees(certificate: &[u8]) -> impl Iterator<Item = (Subtree, der::Element)> {
    let constraints = der::extension(certificate, NAME_CONSTRAINTS)
        .and_then(|extension| der::open(certificate, extension.value, SEQUENCE))
        .unwrap_or(0..0);
    der::elements(certificate, constraints).flat_map(move |list| {
        let kind = if list.tag == PERMITTED { Subtree::Permitted } else { Subtree::Excluded };
        der::elements(certificate, list.contents)
            .filter_map(|subtree| der::elements(certificate, subtree.contents).next())
            .map(move |base| (kind, base))
    })
}

/// Which way a subtree binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subtree {
    /// No name of this kind may be under it.
    Excluded,
    /// A name of this kind must be under one of them.
    Permitted,
}

/// The context tag of a directoryName.
pub(super) const DIRECTORY_NAME: u8 = 0xa4;
/// id-ce-subjectAltName.
pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
const PERMITTED: u8 = 0xa0;
/// An x400Address, which no certificate of today bears.
const X400_ADDRESS: u8 = 0xa3;
/// The last octet of id-ce-issuerAltName, which path building does not read.
const ISSUER_ALT_NAME_LAST: u8 = 0x12;
