//! `expires-soon`: the certificate, or an authority of ours above it, ends before long.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Thresholds, Time};
use certvigil_x509::Certificate;

use crate::context::Anchor;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, thresholds, words};

pub(super) struct ExpiresSoon;

const META: Meta = Meta {
    id: "expires-soon",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Critical, Severity::Warning],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for ExpiresSoon {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let hint = "renew it now, install it at every address and reload the servers";
        let own = soon(shown, shown.end_entity, shown.thresholds(), shown.noun());
        found.extend(own.map(|finding| finding.hint(hint)));
        for authority in our_authorities(shown) {
            let whose = format!("the authority {}", words::subject(authority));
            let soon = soon(shown, authority, thresholds::of_our_authority(authority), &whose);
            let hint = "make its successor, and roll it out to every client that trusts it, \
                        before it ends";
            found.extend(soon.map(|finding| finding.hint(hint)));
        }
    }
}

fn soon(
    shown: &Shown<'_>,
    certificate: &Certificate,
    thresholds: Thresholds,
    whose: &str,
) -> Option<Finding> {
    let not_after = *certificate.facts()?.not_after.as_ref().ok()?;
    let left = not_after.seconds_since(shown.now());
    if left < 0 || left >= thresholds.warning_seconds || not_after == Time::NO_SET_EXPIRY {
        return None;
    }
    let severity =
        if left < thresholds.critical_seconds { Severity::Critical } else { Severity::Warning };
    let message = format!("{whose} expires {}", words::moment(not_after, shown.now()));
    let finding = META
        .finding(severity, message)
        .on(certificate.fingerprint)
        .with("not_after", Datum::Time(not_after))
        .with("seconds_left", Datum::Number(left))
        .with("warning_seconds", Datum::Number(thresholds.warning_seconds))
        .with("critical_seconds", Datum::Number(thresholds.critical_seconds))
        .with("judged_at", Datum::Time(shown.now()));
    Some(finding)
}

/// The authorities on the best paths, where they are ours: nobody else watches them. A public
/// issuer's end is judged by `path-expires-first` alone.
fn our_authorities<'a>(shown: &'a Shown<'_>) -> Vec<&'a Certificate> {
    if shown.anchor() != Anchor::Private {
        return Vec::new();
    }
    let mut ours: Vec<&Certificate> = Vec::new();
    for authority in shown.best_paths().flat_map(|(_, path)| path.certificates.iter().skip(1)) {
        if !ours.iter().any(|known| known.fingerprint == authority.fingerprint) {
            ours.push(authority);
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    const WARNING: Severity = Severity::Warning;
    const CRITICAL: Severity = Severity::Critical;

    /// A life of `life` days with `left` to go.
    fn with(life: i64, left: i64) -> Certificate {
        leaf(|facts| {
            facts.not_before = Ok(days(left - life));
            facts.not_after = Ok(days(left));
        })
    }

    #[test]
    fn soon_is_measured_by_the_length_of_a_life() {
        let override_to = |warning_days: i64, critical_days: i64| Thresholds {
            warning_seconds: warning_days * 86_400,
            critical_seconds: critical_days * 86_400,
        };
        let mut strict = sent(vec![with(90, 40)]);
        strict.policy.thresholds = Some(override_to(45, 10));
        let mut lax = sent(vec![with(90, 20)]);
        lax.policy.thresholds = Some(override_to(15, 2));
        check(
            &ExpiresSoon,
            vec![
                case("90 d, 60 left", sent(vec![with(90, 60)]), &[]),
                case("90 d, 27 left: exactly 30 %", sent(vec![with(90, 27)]), &[]),
                case(
                    "90 d, 26 left",
                    sent(vec![with(90, 26)]),
                    &[(WARNING, "the certificate expires 2026-12-20T00:00:00Z (in 26 d)")],
                ),
                case("90 d, 6 left", sent(vec![with(90, 6)]), &[(CRITICAL, "(in 6 d)")]),
                case(
                    "398 d, 29 left: the origin's 30 d",
                    sent(vec![with(398, 29)]),
                    &[(WARNING, "")],
                ),
                case("6 d, 2 left: a day and a half is not yet", sent(vec![with(6, 2)]), &[]),
                case("6 d, 1 left", sent(vec![with(6, 1)]), &[(CRITICAL, "(in 24 h)")]),
                case("ended: told by `expired`", sent(vec![with(90, -1)]), &[]),
                case("its last moment", sent(vec![with(90, 0)]), &[(CRITICAL, "(in 0 s)")]),
                case(
                    "no set end",
                    sent(vec![leaf(|facts| facts.not_after = Ok(Time::NO_SET_EXPIRY))]),
                    &[],
                ),
                case("an owner's word, earlier", strict, &[(WARNING, "(in 40 d)")]),
                case("an owner's word, later", lax, &[]),
                case(
                    "on two key types",
                    sent(vec![with(90, 60)]).also(certvigil_model::Asked::Rsa, vec![with(90, 5)]),
                    &[(CRITICAL, "the RSA certificate expires")],
                ),
            ],
        );
    }

    #[test]
    fn authorities_are_watched_where_they_are_ours() {
        let issuer = |left| issuing(move |facts| facts.not_after = Ok(days(left)));
        let path = |left| vec![leaf(as_is), issuer(left), root(as_is)];
        let logged = || leaf(|facts| facts.extensions.sct_count = Ok(2));
        check(
            &ExpiresSoon,
            vec![
                case(
                    "ours, in 300 d",
                    sent(path(300)).trusted("corp", path(300)),
                    &[(WARNING, "the authority CN=Issuing CA expires")],
                ),
                case("ours, in 80 d", sent(path(80)).trusted("corp", path(80)), &[(CRITICAL, "")]),
                case("ours, in 400 d", sent(path(400)).trusted("corp", path(400)), &[]),
                case(
                    "of this system's store, and no public one to compare with",
                    sent(path(80)).trusted("system", path(80)),
                    &[],
                ),
                case(
                    "a file with a public root in it: the certificate is publicly logged",
                    sent(path(80)).trusted("corp", vec![logged(), issuer(80), root(as_is)]),
                    &[(CRITICAL, "")],
                ),
                case(
                    "the same, seen at the certificate",
                    sent(vec![logged()]).trusted("corp", vec![logged(), issuer(80), root(as_is)]),
                    &[],
                ),
            ],
        );
    }
}
