//! `staple-revoked`: the server itself staples the word that its certificate is revoked.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::ocsp::CertStatus;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, ocsp, words};

/// The signature on the staple is not checked here: a server has nothing to win by forging this.
pub(super) struct StapleRevoked;

const META: Meta = Meta {
    id: "staple-revoked",
    family: Family::Revocation,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 6960 section 2.2",
    in_force: "2013-06-01",
};

impl Rule for StapleRevoked {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(Ok(response)) = staple(shown) else { return };
        let CertStatus::Revoked(since) = response.status else { return };
        let when = since.map(|since| format!(" since {}", words::moment(since, shown.now())));
        let message = format!(
            "{} is revoked{}: the server's own OCSP staple says so",
            shown.noun(),
            when.unwrap_or_default()
        );
        let mut finding = META
            .finding(Severity::Critical, message)
            .on(shown.end_entity.fingerprint)
            .hint("find out why it was revoked, make a new key, get and install a new certificate")
            .with("this_update", Datum::Time(response.this_update));
        if let Some(since) = since {
            finding = finding.with("revoked_at", Datum::Time(since));
        }
        found.push(finding);
    }
}

/// What the OCSP response stapled to a certificate says of it; none where nothing was stapled or
/// the serial number cannot be told.
pub(super) fn staple(shown: &Shown<'_>) -> Option<Result<ocsp::SingleResponse, ocsp::Unusable>> {
    let response = shown.presented.ocsp_response.as_ref()?;
    let serial = shown.facts()?.serial_number.as_ref().ok()?;
    Some(ocsp::read(response, serial))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent, stapled};

    #[test]
    fn a_server_that_staples_its_own_revocation_is_told() {
        check(
            &StapleRevoked,
            vec![
                case("no staple", sent(vec![leaf(as_is)]), &[]),
                case("good", stapled(include_bytes!("../../tests/data/ocsp/good.der")), &[]),
                case(
                    "revoked",
                    stapled(include_bytes!("../../tests/data/ocsp/revoked.der")),
                    &[(Severity::Critical, "is revoked since 2026-11-10T00:00:00Z (14 d ago)")],
                ),
                case("another's", stapled(include_bytes!("../../tests/data/ocsp/other.der")), &[]),
                case("rubbish", stapled(b"rubbish"), &[]),
            ],
        );
    }
}
