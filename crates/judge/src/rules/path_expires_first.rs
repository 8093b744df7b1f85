//! `path-expires-first`: an authority on the best path ends before the certificate does.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Time};

use crate::paths::Path;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, thresholds, words};

/// An intermediate that ended while the end entity had months to run took Gmail's SMTP down in
/// 2015, Firefox's add-ons in 2019; a root did it to half the web in 2020 and 2021.
pub(super) struct PathExpiresFirst;

const META: Meta = Meta {
    id: "path-expires-first",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Warning, Severity::Info],
    citation: "RFC 5280 section 6.1.3 (a)(2)",
    in_force: "2008-05-01",
};

impl Rule for PathExpiresFirst {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(Ok(own_end)) = shown.facts().map(|facts| facts.not_after.as_ref()) else { return };
        let trusted = shown.deciding().filter(|standing| standing.trusted);
        let best = trusted.filter_map(|s| s.paths.first().map(|path| (s.profile.as_str(), path)));
        let earliest = best.min_by_key(|(_, path)| path.expires_at);
        if let Some((profile, path)) = earliest.filter(|(_, path)| path.expires_at < *own_end) {
            found.extend(finding(shown, profile, path, *own_end));
        }
    }
}

fn finding(shown: &Shown<'_>, profile: &str, path: &Path, own_end: Time) -> Option<Finding> {
    let first = path.certificates.get(path.first_to_expire)?;
    let place = if path.first_to_expire + 1 == path.certificates.len() {
        "the trust anchor"
    } else {
        "the intermediate"
    };
    let left = path.expires_at.seconds_since(shown.now());
    let warning = thresholds::of(first).warning_seconds.max(shown.thresholds().warning_seconds);
    let severity = if left < warning { Severity::Warning } else { Severity::Info };
    let message = format!(
        "the best path in profile {profile} ends {}, before {} itself ({own_end}): {place} {} ends first",
        words::moment(path.expires_at, shown.now()),
        shown.noun(),
        words::subject(first),
    );
    let finding = META
        .finding(severity, message)
        .on(first.fingerprint)
        .hint("ask the issuer for its newer intermediate and send that, or renew from another one")
        .with("profile", Datum::Text(profile.to_owned()))
        .with("expires_at", Datum::Time(path.expires_at))
        .with("not_after", Datum::Time(own_end))
        .with("seconds_left", Datum::Number(left))
        .with("judged_at", Datum::Time(shown.now()));
    Some(finding)
}
