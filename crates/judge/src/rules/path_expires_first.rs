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
        "the best path in profile {profile} expires {}, before {} itself ({own_end}): {place} {} expires first",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn the_best_path_is_asked_whether_it_lasts() {
        let issuer = |left| issuing(move |facts| facts.not_after = Ok(days(left)));
        let path = |left| vec![leaf(as_is), issuer(left), root(as_is)];
        let old_root = || root(|facts| facts.not_after = Ok(days(20)));
        let to_old_root = vec![leaf(as_is), issuing(as_is), old_root()];
        check(
            &PathExpiresFirst,
            vec![
                case(
                    "all longer than the end entity",
                    sent(path(400)).trusted("a", path(400)),
                    &[],
                ),
                case("ends with it", sent(path(60)).trusted("a", path(60)), &[]),
                case(
                    "an intermediate, inside W",
                    sent(path(20)).trusted("a", path(20)),
                    &[(Severity::Warning, "the intermediate CN=Issuing CA expires first")],
                ),
                case(
                    "before it, not soon",
                    sent(path(50)).trusted("a", path(50)),
                    &[(Severity::Info, "")],
                ),
                case(
                    "a root",
                    sent(path(400)).trusted("a", to_old_root.clone()),
                    &[(Severity::Warning, "the trust anchor CN=Root CA expires first")],
                ),
                case(
                    "in one profile of two",
                    sent(path(400)).trusted("a", path(400)).trusted("b", to_old_root.clone()),
                    &[(Severity::Warning, "in profile b expires 2026-12-14T00:00:00Z (in 20 d)")],
                ),
                case(
                    "in a profile that is only shown",
                    sent(path(400)).trusted("a", path(400)).standing("b", false, Some(to_old_root)),
                    &[],
                ),
                case(
                    "already ended: told by `expired`",
                    sent(path(-1)).trusted("a", path(-1)),
                    &[],
                ),
                case("no path at all", sent(path(20)).refused("a"), &[]),
            ],
        );
    }
}
