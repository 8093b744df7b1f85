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
            let message = format!("{} ended {}", shown.noun(), words::moment(ended, shown.now()));
            let hint = "install a new certificate and reload the server";
            found.push(finding(shown, shown.end_entity, ended, message).hint(hint));
        } else if let Some((certificate, ended)) = ended_authority(shown) {
            let message = format!(
                "every path from {} leads through {}, which ended {}",
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
