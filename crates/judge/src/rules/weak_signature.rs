//! `weak-signature`: a certificate is signed over a digest that can be forged.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, chain, words};

/// Never said of a trust anchor: nobody checks the signature on it.
pub(super) struct WeakSignature;

const META: Meta = Meta {
    id: "weak-signature",
    family: Family::Strength,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 9155, CA/B Baseline Requirements section 7.1.3.2",
    in_force: "2016-01-01",
};

impl Rule for WeakSignature {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let checked = shown.chain.iter().enumerate().filter(|(place, held)| {
            !shown.is_anchor(held) && (*place == 0 || !chain::is_self_issued(held))
        });
        for (_, held) in checked {
            let Some(Ok(algorithm)) = held.facts().map(|f| f.signature_algorithm.as_ref()) else {
                continue;
            };
            let Some(digest) = broken_digest(algorithm) else { continue };
            let message =
                format!("{} is signed over {digest}, which can be forged", words::subject(held));
            let finding = META
                .finding(Severity::Info, message)
                .on(held.fingerprint)
                .hint("have it issued again with SHA-256 or better; most clients refuse this one")
                .with("signature_algorithm", Datum::Text(algorithm.clone()));
            found.push(finding);
        }
    }
}

fn broken_digest(algorithm: &str) -> Option<&'static str> {
    let algorithm = algorithm.to_ascii_lowercase().replace('-', "");
    let broken = [("md2", "MD2"), ("md4", "MD4"), ("md5", "MD5"), ("sha1", "SHA-1")];
    broken.into_iter().find(|(id, _)| algorithm.contains(id)).map(|(_, name)| name)
}
