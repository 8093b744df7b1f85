//! `chain-incomplete`: the server leaves out a certificate that clients need.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::{Certificate, Facts};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, chain, der, words};

/// Browsers hide the fault, since they remember intermediates and fetch them; everything else fails.
pub(super) struct ChainIncomplete;

const META: Meta = Meta {
    id: "chain-incomplete",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 9846 section 4.4.2",
    in_force: "2018-08-01",
};

impl Rule for ChainIncomplete {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some((top, facts)) = loose_end(shown) else { return };
        let Ok(issuer) = &facts.issuer else { return };
        let message = format!(
            "the chain stops at {}: its issuer {} was neither sent nor is it a trust anchor",
            words::subject(top),
            issuer.text.shown_within(80)
        );
        let urls = facts.extensions.ca_issuers.first();
        let hint = match urls {
            Some(url) => {
                format!("send the intermediate too; the issuer offers it at {}", url.shown())
            }
            None => "send the intermediates too, each after the certificate it issued".to_owned(),
        };
        let finding = META
            .finding(Severity::Warning, message)
            .on(shown.end_entity.fingerprint)
            .hint(hint)
            .with("issuer", Datum::Foreign(issuer.text.clone()))
            .with(
                "ca_issuers",
                Datum::List(urls.cloned().map(Datum::Foreign).into_iter().collect()),
            );
        found.push(finding);
    }
}

/// Where the presented chain ends short of an anchor: no profile has a path, and the last
/// certificate's issuer is known to nobody. An authority as the last one counts only where it says
/// where its issuer is to be had: without, it may as well come right below an unknown root.
fn loose_end<'a>(shown: &Shown<'a>) -> Option<(&'a Certificate, &'a Facts)> {
    if shown.standings.is_empty() || shown.standings.iter().any(|s| !s.paths.is_empty()) {
        return None;
    }
    let top = chain::top(shown.chain)?;
    let facts = top.facts()?;
    let (issuer, _) = der::issuer_and_subject(&top.der)?;
    let mut profiles = shown.scene.profiles.iter();
    let is_known = profiles.any(|profile| profile.with_subject(issuer).next().is_some());
    let is_end_entity = top.fingerprint == shown.end_entity.fingerprint;
    let is_loose = is_end_entity || !facts.extensions.ca_issuers.is_empty();
    (is_loose && !is_known && !chain::is_self_issued(top)).then_some((top, facts))
}
