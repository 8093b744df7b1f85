//! Why there is no path, in plain words.

use certvigil_model::Time;
use certvigil_x509::Certificate;
use webpki::Error;

use super::Path;
use super::path::Dates;
use super::presented::Chain;

/// What webpki's refusal means to the one who runs the server.
pub(crate) fn of(error: &Error) -> String {
    let words = match error {
        Error::CertExpired { .. } => "a certificate of the chain has ended",
        Error::CertNotValidYet { .. } => "a certificate of the chain is not valid yet",
        Error::InvalidCertValidity => "a certificate ends before it begins",
        Error::BadDerTime => "a date in a certificate is ill-formed",
        Error::CaUsedAsEndEntity => "a CA certificate is served in the place of a server's own",
        Error::EndEntityUsedAsCa => "an issuer in the chain is not marked as a CA",
        Error::PathLenConstraintViolated => "there are more intermediates than an issuer allows",
        Error::MaximumPathDepthExceeded => "the chain is longer than clients follow",
        Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => {
            "the certificates can be put together in more ways than clients try"
        }
        Error::NameConstraintViolation => {
            "a name lies outside what an issuer's name constraints allow"
        }
        Error::MalformedNameConstraint | Error::InvalidNetworkMaskConstraint => {
            "the name constraints of an issuer are ill-formed"
        }
        Error::EmptyEkuExtension => "the extended key usage of a certificate is empty",
        Error::RequiredEkuNotFoundContext(_) => {
            "the extended key usage of a certificate does not allow servers"
        }
        Error::UnsupportedCriticalExtension => {
            "a certificate has a critical extension that clients do not know"
        }
        Error::UnsupportedCertVersion => "a certificate is not of X.509 version 3",
        Error::CertDistrusted => "a key in the chain is one that clients explicitly distrust",
        Error::InvalidSignatureForPublicKey => {
            "a signature does not fit the key of the issuer of that name"
        }
        Error::SignatureAlgorithmMismatch => {
            "a certificate names two different signature algorithms, inside and outside"
        }
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "a signature algorithm or key is one that clients do not take"
        }
        Error::MalformedDnsIdentifier => "a DNS name in a certificate is ill-formed",
        Error::MalformedExtensions | Error::ExtensionValueInvalid => {
            "an extension of a certificate is ill-formed, or stands there twice"
        }
        Error::InvalidSerialNumber => "a serial number is ill-formed",
        Error::TrailingData(_) | Error::BadDer => "a certificate is ill-formed",
        Error::UnknownIssuer => "nothing that was sent leads to a root of this profile",
        // Revocation is not asked for; what webpki adds later has at least its own words.
        other => return format!("the chain is refused: {other:?}"),
    };
    words.to_owned()
}

/// Why the end entity itself cannot be part of a path.
pub(super) fn unusable(error: &Error) -> String {
    format!("clients cannot use the certificate itself: {}", of(error))
}

/// Why `path`, good in all but its dates, does not hold at `now`.
pub(super) fn dates(path: &Path, now: Time) -> String {
    let outside = path.certificates.iter().enumerate().find_map(|(at, certificate)| {
        let dates = Dates::of(certificate).filter(|dates| !dates.include(now))?;
        Some((at, certificate, dates))
    });
    let Some((at, certificate, dates)) = outside else { return String::new() };
    let who = match at {
        0 => "the certificate".to_owned(),
        _ if at + 1 == path.certificates.len() => format!("the root {}", subject(certificate)),
        _ => format!("the intermediate {}", subject(certificate)),
    };
    if now < dates.not_before {
        format!("{who} is valid only from {}", dates.not_before)
    } else {
        format!("{who} was valid until {}", dates.not_after)
    }
}

/// Why no root of the profile is reached by any of `names`, the issuers met.
pub(super) fn no_root(chain: &Chain<'_>, names: &[&[u8]]) -> String {
    let end_entity = &chain.end_entity;
    if end_entity.is_self_issued() {
        return "the certificate is its own issuer, and is not in this profile".to_owned();
    }
    let sent = |name: &[u8]| chain.others.iter().any(|member| member.subject == name);
    let open = names.iter().rfind(|name| !sent(name));
    let mut members = chain.others.iter().chain([end_entity]);
    match open.and_then(|open| members.find(|member| member.issuer == *open)) {
        Some(member) => format!(
            "the issuer {} was not sent and is no root of this profile",
            issuer(member.certificate)
        ),
        None => {
            let last = names.last().and_then(|name| members.find(|member| member.subject == *name));
            let last = last.unwrap_or(end_entity);
            format!(
                "the chain ends at {}, which is no root of this profile",
                issuer(last.certificate)
            )
        }
    }
}

/// Why a path over `issuer` is none.
pub(super) fn may_not_sign(issuer: &Certificate) -> String {
    format!("the issuer {} is not marked as one that may sign certificates", subject(issuer))
}

/// Why a path below `issuer` is none.
pub(super) fn too_long(issuer: &Certificate) -> String {
    format!("there are more intermediates than the issuer {} allows", subject(issuer))
}

/// Why a path under `issuer` is none.
pub(super) fn outside_constraints(issuer: &Certificate) -> String {
    format!("a directory name lies outside what {} allows", subject(issuer))
}

/// Why nothing can be said of a path.
pub(super) fn unreadable_dates() -> String {
    "the dates of a certificate cannot be told".to_owned()
}

fn subject(certificate: &Certificate) -> String {
    quoted(certificate.facts().and_then(|facts| facts.subject.as_ref().ok()))
}

fn issuer(certificate: &Certificate) -> String {
    quoted(certificate.facts().and_then(|facts| facts.issuer.as_ref().ok()))
}

fn quoted(name: Option<&certvigil_x509::Name>) -> String {
    name.map_or_else(
        || "of an unreadable name".to_owned(),
        |name| format!("“{}”", name.text.shown()),
    )
}
