//! `malformed`: the certificate is not written as DER and RFC 5280 ask.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::{Certificate, Defect, DefectId};

use super::odd_date::is_about_dates;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// Some clients refuse such a certificate, and a monitor hung on one in 2017.
pub(super) struct Malformed;

const META: Meta = Meta {
    id: "malformed",
    family: Family::Form,
    scope: Scope::Certificate,
    severities: &[Severity::Warning, Severity::Info],
    citation: "RFC 5280 section 4.1, ITU-T X.690",
    in_force: "2008-05-01",
};

impl Rule for Malformed {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        for held in shown.chain {
            let defects = defects(held);
            if defects.is_empty() {
                continue;
            }
            let is_grave = defects.iter().any(|defect| is_grave(defect.id));
            let severity = match is_grave && shown.is_needed(held) {
                true => Severity::Warning,
                false => Severity::Info,
            };
            let message = format!(
                "{} is ill-formed: {}",
                words::subject(held),
                words::list(defects.iter().map(|d| sentence(d)))
            );
            let finding = META
                .finding(severity, message)
                .on(held.fingerprint)
                .hint("have it issued again by software that keeps to RFC 5280")
                .with("defects", Datum::Number(i64::try_from(defects.len()).unwrap_or(i64::MAX)));
            found.push(finding);
        }
    }
}

fn defects(certificate: &Certificate) -> Vec<&Defect> {
    let all = certificate.facts().map(|facts| facts.defects.as_slice()).unwrap_or_default();
    all.iter().filter(|defect| !is_about_dates(defect)).collect()
}

/// Whether clients refuse a certificate for it: anything that breaks the encoding, and of what
/// breaks only the profile that which a widespread library (OpenSSL, Go, webpki) stops at.
fn is_grave(defect: DefectId) -> bool {
    defect.breaks_the_form()
        || matches!(
            defect,
            DefectId::VersionUnknown
                | DefectId::ExtensionsWithoutV3
                | DefectId::SerialNegative
                | DefectId::SerialTooLong
                | DefectId::SignatureAlgorithmMismatch
                | DefectId::ExtensionDuplicate
                | DefectId::ExtensionUnknownCritical
                | DefectId::ListEmpty
                | DefectId::IpAddressLength
        )
}

fn sentence(defect: &Defect) -> String {
    match defect.field.as_str() {
        "" => format!("{} (byte {})", defect.message, defect.offset),
        field => format!("{field}: {} (byte {})", defect.message, defect.offset),
    }
}

#[cfg(test)]
mod tests {
    use certvigil_x509::Facts;

    use super::*;
    use crate::testing::{as_is, case, check, issuing, leaf, root, sent};

    fn with(id: DefectId, field: &str) -> impl FnOnce(&mut Facts) {
        let defect =
            Defect { id, offset: 15, field: field.to_owned(), message: "so it is".to_owned() };
        move |facts| facts.defects.push(defect)
    }

    #[test]
    fn what_clients_refuse_is_a_warning_where_they_need_the_certificate() {
        let serial = "tbsCertificate.serialNumber";
        let padded = || with(DefectId::IntegerNotMinimal, serial);
        let path = || vec![leaf(as_is), issuing(padded()), root(as_is)];
        check(
            &Malformed,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case(
                    "a date: told by `odd-date`",
                    sent(vec![leaf(with(
                        DefectId::TimeFraction,
                        "tbsCertificate.validity.notAfter",
                    ))]),
                    &[],
                ),
                case(
                    "encoding",
                    sent(vec![leaf(padded())]),
                    &[(Severity::Warning, "tbsCertificate.serialNumber: so it is (byte 15)")],
                ),
                case(
                    "the profile, refused by Go 1.23",
                    sent(vec![leaf(with(DefectId::SerialNegative, serial))]),
                    &[(Severity::Warning, "")],
                ),
                case(
                    "the profile, and nobody minds",
                    sent(vec![leaf(with(DefectId::SerialZero, serial))]),
                    &[(Severity::Info, "")],
                ),
                case(
                    "an issuer's, needed",
                    sent(path()).trusted("a", path()),
                    &[(Severity::Warning, "")],
                ),
                case("an issuer's, in vain", sent(path()), &[(Severity::Info, "CN=Issuing CA")]),
                case(
                    "no bytes of a certificate at all",
                    sent(vec![leaf(with(DefectId::NotACertificate, ""))]),
                    &[(Severity::Warning, "is ill-formed: so it is (byte 15)")],
                ),
            ],
        );
    }
}
