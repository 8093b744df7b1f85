//! The certificates on the way to a root, each with the part that it plays.

use std::ops::Range;

use certvigil_model::Fingerprint;
use certvigil_x509::{Certificate, Facts};

use crate::context::Anchor;
use crate::{Shown, der, words};

/// Each certificate of the best paths once, the end entity first; the presented chain where there
/// is no path.
pub(super) fn members<'a>(shown: &'a Shown<'_>) -> Vec<Member<'a>> {
    let best = || shown.standings.iter().filter_map(|standing| standing.paths.first());
    let public = shown.anchor() == Anchor::Public;
    let mut seen = Vec::new();
    let mut members = Vec::new();
    for path in best() {
        let certificates = &path.certificates;
        let roles = certificates.iter().enumerate().map(|(at, certificate)| {
            let role = match at {
                0 => Role::EndEntity,
                _ if at + 1 == certificates.len() => Role::Root,
                _ => Role::Intermediate,
            };
            (certificate, role, certificates.get(at + 1))
        });
        add(&mut members, &mut seen, public, roles);
    }
    if members.is_empty() {
        let chain = shown.chain.iter().enumerate();
        let roles = chain.map(|(at, certificate)| {
            let role = if at == 0 { Role::EndEntity } else { Role::Intermediate };
            (certificate, role, None)
        });
        add(&mut members, &mut seen, public, roles);
    }
    members
}

/// One certificate on the way to a root.
pub(super) struct Member<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) facts: &'a Facts,
    pub(super) role: Role,
    /// The chain leads to a public anchor: the Baseline Requirements bind it.
    pub(super) public: bool,
    /// The certificate of its issuer, where it is known.
    pub(super) issuer: Option<&'a Certificate>,
}

/// The part that a certificate plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    EndEntity,
    Intermediate,
    Root,
}

impl<'a> Member<'a> {
    /// It signs certificates, or says that it may.
    pub(super) fn is_ca(&self) -> bool {
        self.role != Role::EndEntity || self.says_ca()
    }

    /// basicConstraints says so.
    pub(super) fn says_ca(&self) -> bool {
        matches!(&self.facts.extensions.basic_constraints, Ok(Some(constraints)) if constraints.ca)
    }

    /// Of a public chain, and no CA's.
    pub(super) fn is_subscriber(&self) -> bool {
        self.public && self.role == Role::EndEntity
    }

    /// Issuer and subject are one.
    pub(super) fn is_self_issued(&self) -> bool {
        der::is_self_issued(&self.certificate.der)
    }

    /// The contents of the extension with this OBJECT IDENTIFIER.
    pub(super) fn extension(&self, oid: &[u8]) -> Option<Value<'a>> {
        let der = &*self.certificate.der;
        der::extension(der, oid).map(|found| Value {
            der,
            range: found.value,
            critical: found.critical.is_some(),
        })
    }

    /// How findings speak of it.
    pub(super) fn name(&self) -> String {
        match self.role {
            Role::EndEntity => "the certificate".to_owned(),
            Role::Intermediate => format!("the intermediate {}", words::subject(self.certificate)),
            Role::Root => format!("the root {}", words::subject(self.certificate)),
        }
    }
}

/// A piece of DER inside a certificate.
#[derive(Clone)]
pub(super) struct Value<'a> {
    der: &'a [u8],
    range: Range<usize>,
    /// Whether the extension that it is of is critical.
    pub(super) critical: bool,
}

impl<'a> Value<'a> {
    /// The elements in it: tag and what is inside each.
    pub(super) fn elements(&self) -> impl Iterator<Item = (u8, Value<'a>)> + use<'a> {
        let (der, critical) = (self.der, self.critical);
        der::elements(der, self.range.clone())
            .map(move |element| (element.tag, Value { der, range: element.contents, critical }))
    }

    /// The elements of the SEQUENCE that it must be, and nothing else; none when it is not.
    pub(super) fn sequence(&self) -> Option<Vec<(u8, Self)>> {
        let mut outer = self.whole()?.into_iter();
        match (outer.next(), outer.next()) {
            (Some((der::SEQUENCE, inner)), None) => inner.whole(),
            _ => None,
        }
    }

    /// Its elements, where they fill it to the last byte.
    pub(super) fn whole(&self) -> Option<Vec<(u8, Self)>> {
        let elements: Vec<_> = self.elements().collect();
        let end = elements.last().map_or(self.range.start, |(_, value)| value.range.end);
        (end == self.range.end).then_some(elements)
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.der.get(self.range.clone()).unwrap_or_default()
    }
}

fn add<'a>(
    members: &mut Vec<Member<'a>>,
    seen: &mut Vec<Fingerprint>,
    public: bool,
    certificates: impl Iterator<Item = (&'a Certificate, Role, Option<&'a Certificate>)>,
) {
    for (certificate, role, issuer) in certificates {
        let Some(facts) = certificate.facts() else { continue };
        if !seen.contains(&certificate.fingerprint) {
            seen.push(certificate.fingerprint);
            members.push(Member { certificate, facts, role, public, issuer });
        }
    }
}

/// OBJECT IDENTIFIERs as DER contents: id-ce-… and id-pe-….
pub(super) mod oid {
    pub(in crate::rules) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
    pub(in crate::rules) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
    pub(in crate::rules) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
    pub(in crate::rules) const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
    pub(in crate::rules) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];
    pub(in crate::rules) const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
    pub(in crate::rules) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
    pub(in crate::rules) const ANY_POLICY: &[u8] = &[0x55, 0x1d, 32, 0];
    pub(in crate::rules) const AUTHORITY_INFORMATION_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
}
