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
    let message = format!("{whose} ends {}", words::moment(not_after, shown.now()));
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
