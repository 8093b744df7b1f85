//! `not-yet-valid`: the certificate's life, or that of an authority it needs, has not begun.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Time};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, words};

pub(super) struct NotYetValid;

const META: Meta = Meta {
    id: "not-yet-valid",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for NotYetValid {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some((certificate, begins)) = unborn(shown) else { return };
        let whose = if certificate.fingerprint == shown.end_entity.fingerprint {
            shown.noun().to_owned()
        } else {
            format!("{}, which {} needs,", words::subject(certificate), shown.noun())
        };
        let begin = words::moment(begins, shown.now());
        let finding = META
            .finding(Severity::Critical, format!("{whose} begins to be valid only {begin}"))
            .on(certificate.fingerprint)
            .hint("serve the certificate before this one, or wait; check this machine's clock too")
            .with("not_before", Datum::Time(begins))
            .with("judged_at", Datum::Time(shown.now()));
        found.push(finding);
    }
}

/// The end entity itself, else what is not valid yet on the best path where only dates stand in
/// the way.
fn unborn<'a>(shown: &'a Shown<'_>) -> Option<(&'a Certificate, Time)> {
    let is_ahead = |(_, begin): &(&Certificate, Time)| *begin > shown.now();
    let own = begin(shown.end_entity).map(|begin| (shown.end_entity, begin)).filter(is_ahead);
    if own.is_some() || !shown.is_stopped_by_dates() {
        return own;
    }
    let paths = shown.best_paths().flat_map(|(_, path)| &path.certificates);
    let begins = paths.filter_map(|held| Some((held, begin(held)?)));
    begins.filter(is_ahead).max_by_key(|(_, begin)| *begin)
}

fn begin(certificate: &Certificate) -> Option<Time> {
    certificate.facts().and_then(|facts| facts.not_before.as_ref().ok().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn a_life_that_has_not_begun_is_told() {
        const CRITICAL: Severity = Severity::Critical;
        let from = |begin: Time| leaf(|facts| facts.not_before = Ok(begin));
        let next_issuer = issuing(|facts| facts.not_before = Ok(days(2)));
        let path = vec![leaf(as_is), next_issuer, root(as_is)];
        check(
            &NotYetValid,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case("RFC 5280 4.1.2.5: notBefore is inclusive", sent(vec![from(days(0))]), &[]),
                case(
                    "tomorrow",
                    sent(vec![from(days(1))]),
                    &[(CRITICAL, "begins to be valid only 2026-11-25T00:00:00Z (in 24 h)")],
                ),
                case(
                    "an issuer on the only path",
                    sent(path.clone()).trusted("system", path),
                    &[(CRITICAL, "CN=Issuing CA, which the certificate needs, begins")],
                ),
            ],
        );
    }
}
