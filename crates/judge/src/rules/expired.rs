//! `expired`: the certificate has ended, or what the only paths to a trust anchor lead through.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Time};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, words};

pub(super) struct Expired;

const META: Meta = Meta {
    id: "expired",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for Expired {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        if let Some(ended) = end(shown.end_entity).filter(|end| is_over(*end, shown.now())) {
            let message = format!("{} expired {}", shown.noun(), words::moment(ended, shown.now()));
            let hint = "install a new certificate and reload the server";
            found.push(finding(shown, shown.end_entity, ended, message).hint(hint));
        } else if let Some((certificate, ended)) = ended_authority(shown) {
            let message = format!(
                "every path from {} leads through {}, which expired {}",
                shown.noun(),
                words::subject(certificate),
                words::moment(ended, shown.now())
            );
            let hint = "send the issuer's current intermediates, or get a certificate from an \
                        authority whose path is valid";
            found.push(finding(shown, certificate, ended, message).hint(hint));
        }
    }
}

fn finding(shown: &Shown<'_>, certificate: &Certificate, ended: Time, message: String) -> Finding {
    META.finding(Severity::Critical, message)
        .on(certificate.fingerprint)
        .with("not_after", Datum::Time(ended))
        .with("seconds_left", Datum::Number(ended.seconds_since(shown.now())))
        .with("judged_at", Datum::Time(shown.now()))
}

/// What ended first on the best path, where only dates keep it from a trust anchor.
fn ended_authority<'a>(shown: &'a Shown<'_>) -> Option<(&'a Certificate, Time)> {
    if !shown.is_stopped_by_dates() {
        return None;
    }
    let paths = shown.best_paths().flat_map(|(_, path)| &path.certificates);
    let ended = paths.filter_map(|held| Some((held, end(held)?)));
    ended.filter(|(_, end)| is_over(*end, shown.now())).min_by_key(|(_, end)| *end)
}

fn end(certificate: &Certificate) -> Option<Time> {
    certificate.facts().and_then(|facts| facts.not_after.as_ref().ok().copied())
}

/// The last moment of a certificate's life belongs to it.
fn is_over(end: Time, now: Time) -> bool {
    now > end
}

#[cfg(test)]
mod tests {
    use certvigil_x509::{DefectId, Malformed};

    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn an_end_is_told_from_the_first_moment_after_it() {
        const CRITICAL: Severity = Severity::Critical;
        let at = |end: Time| leaf(|facts| facts.not_after = Ok(end));
        let ended_issuer = issuing(|facts| facts.not_after = Ok(days(-3)));
        let why = Malformed { defect: DefectId::TimeMalformed, offset: 9 };
        let endless = leaf(|facts| facts.not_after = Err(why));
        let path = |issuer: &Certificate| vec![leaf(as_is), issuer.clone(), root(as_is)];
        check(
            &Expired,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case("RFC 5280 4.1.2.5: notAfter is inclusive", sent(vec![at(days(0))]), &[]),
                case(
                    "a millisecond later",
                    sent(vec![at(Time::from_millis(days(0).millis() - 1))]),
                    &[(CRITICAL, "the certificate expired 2026-11-23T23:59:59.999Z (1 s ago)")],
                ),
                case(
                    "five days ago, whatever is thought of its issuer",
                    sent(vec![at(days(-5))]).refused("system"),
                    &[(CRITICAL, "expired 2026-11-19T00:00:00Z (5 d ago)")],
                ),
                case(
                    "an issuer on the only path",
                    sent(path(&ended_issuer)).trusted("system", path(&ended_issuer)),
                    &[(CRITICAL, "leads through CN=Issuing CA, which expired 2026-11-21")],
                ),
                case(
                    "an issuer on the only path of one profile, while another has a better",
                    sent(path(&ended_issuer))
                        .trusted("old", path(&ended_issuer))
                        .trusted("new", path(&issuing(as_is))),
                    &[],
                ),
                case("no end that can be told", sent(vec![endless]), &[]),
            ],
        );
    }

    #[test]
    fn the_proof_stands_beside_the_words() {
        let ended = sent(vec![leaf(|facts| facts.not_after = Ok(days(-1)))]).ask(&Expired);
        assert_eq!(ended[0].data["seconds_left"], Datum::Number(-86_400));
        assert_eq!(ended[0].data["not_after"], Datum::Time(days(-1)));
    }
}
