//! A presented chain, as path building needs it: names cut out, copies where webpki needs them.

use certvigil_x509::Certificate;
use rustls_pki_types::CertificateDer;

use super::reword::{Among, Reworded};
use crate::der;
use crate::signatures::Rewording;

/// A presented chain; built once, asked for each profile.
pub(super) struct Chain<'a> {
    /// What the server says it is.
    pub(super) end_entity: Member<'a>,
    /// All the rest, each once.
    pub(super) others: Vec<Member<'a>>,
}

impl<'a> Chain<'a> {
    /// None for an empty chain.
    pub(super) fn new(chain: &'a [Certificate]) -> Option<Self> {
        let (end_entity, rest) = chain.split_first()?;
        let is_new = |at: &usize| {
            let earlier = &chain[..=*at];
            earlier.iter().all(|certificate| certificate.fingerprint != rest[*at].fingerprint)
        };
        let self_issued = rest.iter().any(|one| der::is_self_issued(&one.der));
        let among = if self_issued { Among::SelfIssued } else { Among::Others };
        let others = (0..rest.len()).filter(is_new).map(|at| Member::issuer(&rest[at], among));
        let others = others.collect();
        Some(Self { end_entity: Member::end_entity(end_entity), others })
    }
}

/// One certificate of a presented chain.
pub(super) struct Member<'a> {
    pub(super) certificate: &'a Certificate,
    /// The contents octets of its issuer and subject, empty where there are none to cut out.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    reworded: Option<Reworded>,
}

impl<'a> Member<'a> {
    fn end_entity(certificate: &'a Certificate) -> Self {
        Self::new(certificate, Reworded::end_entity(certificate))
    }

    fn issuer(certificate: &'a Certificate, among: Among) -> Self {
        Self::new(certificate, Reworded::issuer(certificate, among))
    }

    fn new(certificate: &'a Certificate, reworded: Option<Reworded>) -> Self {
        let (issuer, subject) = der::issuer_and_subject(&certificate.der).unwrap_or_default();
        Self { certificate, issuer, subject, reworded }
    }

    /// What webpki is to read.
    pub(super) fn der(&self) -> CertificateDer<'_> {
        CertificateDer::from(self.reworded.as_ref().map_or(&*self.certificate.der, Reworded::der))
    }

    /// Where what webpki reads is not what was signed.
    pub(super) fn rewording(&self) -> Option<Rewording<'_>> {
        self.reworded.as_ref()?.rewording(self.certificate)
    }

    /// It names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }
}
