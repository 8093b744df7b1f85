//! How the certificates of a presented chain hang together by their names.
//!
//! Names alone say what a server meant to send; whether signatures bear it out is for `paths`.

use certvigil_x509::{Certificate, Facts};

/// The certificate of `chain` that says it issued `certificate`; none for a self-issued one.
pub(crate) fn issuer<'a>(
    chain: &'a [Certificate],
    certificate: &Certificate,
) -> Option<&'a Certificate> {
    chain.iter().find(|held| {
        held.fingerprint != certificate.fingerprint && names_as_issuer(certificate, held)
    })
}

/// The last certificate that names lead to from the first of `chain`.
pub(crate) fn top(chain: &[Certificate]) -> Option<&Certificate> {
    let mut top = chain.first()?;
    for _ in 1..chain.len() {
        match issuer(chain, top) {
            Some(issuer) if !is_self_issued(top) => top = issuer,
            _ => break,
        }
    }
    Some(top)
}

/// Whether `certificate` says that the subject of `issuer` issued it.
pub(crate) fn names_as_issuer(certificate: &Certificate, issuer: &Certificate) -> bool {
    let issued_by = certificate.facts().and_then(|facts| facts.issuer.as_ref().ok());
    let subject = issuer.facts().and_then(|facts| facts.subject.as_ref().ok());
    matches!((issued_by, subject), (Some(by), Some(subject)) if by.der == subject.der)
}

/// Whether subject and issuer are the same name.
pub(crate) fn is_self_issued(certificate: &Certificate) -> bool {
    names_as_issuer(certificate, certificate)
}

/// Whether it looks signed by its own key: self-issued, and with no key identifier that says
/// otherwise (RFC 5280 sections 4.2.1.1 and 4.2.1.2).
pub(crate) fn is_self_signed(certificate: &Certificate) -> bool {
    let other_key = |facts: &Facts| {
        let extensions = &facts.extensions;
        let authority = extensions.authority_key_identifier.as_ref().ok().and_then(Option::as_ref);
        let subject = extensions.subject_key_identifier.as_ref().ok().and_then(Option::as_ref);
        matches!((authority, subject), (Some(authority), Some(subject)) if authority != subject)
    };
    is_self_issued(certificate) && !certificate.facts().is_some_and(other_key)
}
