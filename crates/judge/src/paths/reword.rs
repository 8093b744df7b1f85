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
//! - critical policies (sections 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14): webpki does not know them.
//!   They are read as uncritical. What they demand is not checked, as in the defaults of OpenSSL and
//!   of browsers.
//! - the names of a self-issued intermediate, which constraints do not touch (section 6.1.3 (b)).
//! - path lengths, where a self-issued intermediate is sent: webpki counts it, section 6.1.4 (l) does
//!   not. Lengths are checked by [`super::objection`].

use certvigil_x509::Certificate;

use crate::der::{self, BOOLEAN, SEQUENCE};
use crate::signatures::Rewording;

/// A certificate as webpki is to read it.
#[derive(Clone, Debug)]
pub(crate) struct Reworded {
    der: Vec<u8>,
}

impl Reworded {
    /// `certificate` as an end entity; none where nothing is to be changed.
    pub(super) fn end_entity(certificate: &Certificate) -> Option<Self> {
        let der = &certificate.der;
        Self::with(der, policies(der).chain(ca_flag(der)).collect())
    }

    /// `certificate` as an issuer; none where nothing is to be changed.
    pub(crate) fn issuer(certificate: &Certificate, among: Among) -> Option<Self> {
        let der = &certificate.der;
        let length = path_length(der).filter(|_| among == Among::SelfIssued);
        let names = directory_constraints(der).chain(own_names(der));
        Self::with(der, policies(der).chain(names).chain(length).collect())
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

    fn with(original: &[u8], edits: Vec<Edit>) -> Option<Self> {
        if edits.is_empty() {
            return None;
        }
        let mut der = original.to_vec();
        for Edit { at, octet } in edits {
            *der.get_mut(at)? = octet;
        }
        Some(Self { der })
    }
}

/// What an issuer may stand in a path with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Certificates of which none is self-issued.
    Others,
    /// Some that are.
    SelfIssued,
}

/// One octet that is read differently.
struct Edit {
    at: usize,
    octet: u8,
}

/// cA as FALSE.
fn ca_flag(certificate: &[u8]) -> Option<Edit> {
    let extension = der::extension(certificate, BASIC_CONSTRAINTS)?;
    let constraints = der::open(certificate, extension.value, SEQUENCE)?;
    let ca = der::open(certificate, constraints, BOOLEAN)?;
    (certificate.get(ca.clone())? == [TRUE]).then_some(Edit { at: ca.start, octet: 0 })
}

/// Critical policies as uncritical.
fn policies(certificate: &[u8]) -> impl Iterator<Item = Edit> {
    der::extensions(certificate).filter_map(|extension| {
        let is_policy = POLICIES.contains(&certificate.get(extension.id)?);
        let flag = extension.critical.filter(|_| is_policy)?;
        Some(Edit { at: flag.start, octet: 0 })
    })
}

/// Constraints on directory names as constraints on X.400 addresses.
fn directory_constraints(certificate: &[u8]) -> impl Iterator<Item = Edit> {
    subtrees(certificate)
        .filter(|(_, base)| base.tag == DIRECTORY_NAME)
        .map(|(_, base)| Edit { at: base.whole.start, octet: X400_ADDRESS })
}

/// The longest path that webpki can be told to allow.
fn path_length(certificate: &[u8]) -> Option<Edit> {
    let extension = der::extension(certificate, BASIC_CONSTRAINTS)?;
    let constraints = der::open(certificate, extension.value, SEQUENCE)?;
    let length = der::elements(certificate, constraints).find(|part| part.tag == INTEGER)?;
    (length.contents.len() == 1).then_some(Edit { at: length.contents.start, octet: 0x7f })
}

/// The names of a self-issued issuer as issuerAltName.
fn own_names(certificate: &[u8]) -> Option<Edit> {
    let names = der::extension(certificate, SUBJECT_ALT_NAME)?;
    let at = names.id.end.checked_sub(1)?;
    der::is_self_issued(certificate).then_some(Edit { at, octet: ISSUER_ALT_NAME_LAST })
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
/// certificatePolicies, policyMappings, policyConstraints, inhibitAnyPolicy.
const POLICIES: &[&[u8]] =
    &[&[0x55, 0x1d, 32], &[0x55, 0x1d, 33], &[0x55, 0x1d, 36], &[0x55, 0x1d, 54]];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
const INTEGER: u8 = 0x02;
const PERMITTED: u8 = 0xa0;
const TRUE: u8 = 0xff;
/// An x400Address, which no certificate of today bears.
const X400_ADDRESS: u8 = 0xa3;
/// The last octet of id-ce-issuerAltName, which path building does not read.
const ISSUER_ALT_NAME_LAST: u8 = 0x12;
