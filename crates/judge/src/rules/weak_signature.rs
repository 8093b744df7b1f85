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

#[cfg(test)]
mod tests {
    use certvigil_x509::Facts;

    use super::*;
    use crate::Profile;
    use crate::testing::{as_is, case, check, issuing, leaf, root, sent};

    fn by(algorithm: &str) -> impl FnOnce(&mut Facts) {
        let algorithm = algorithm.to_owned();
        move |facts| facts.signature_algorithm = Ok(algorithm)
    }

    #[test]
    fn broken_digests_are_named_but_not_on_anchors() {
        const INFO: Severity = Severity::Info;
        let old = || issuing(by("sha1-with-rsa-encryption"));
        let mut anchored = sent(vec![leaf(as_is), old()]);
        anchored.profiles.push(Profile::new("corp", true, vec![old()]));
        check(
            &WeakSignature,
            vec![
                case("SHA-256", sent(vec![leaf(as_is)]), &[]),
                case("SHA-1", sent(vec![leaf(by("ecdsa-with-sha1"))]), &[(INFO, "over SHA-1")]),
                case("SHA-1 by PSS", sent(vec![leaf(by("rsassa-pss-sha1"))]), &[(INFO, "SHA-1")]),
                case("MD5", sent(vec![leaf(by("md5-with-rsa-encryption"))]), &[(INFO, "MD5")]),
                case("an OID", sent(vec![leaf(by("1.2.3.4"))]), &[]),
                case("an intermediate", sent(vec![leaf(as_is), old()]), &[(INFO, "CN=Issuing CA")]),
                case("an intermediate that is an anchor", anchored, &[]),
                case(
                    "a root sent along",
                    sent(vec![leaf(as_is), root(by("ecdsa-with-sha1"))]),
                    &[],
                ),
                case(
                    "a root as a server's own",
                    sent(vec![root(by("ecdsa-with-sha1"))]),
                    &[(INFO, "")],
                ),
            ],
        );
    }
}
