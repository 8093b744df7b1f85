//! `wildcard-not-held`: the name asked is covered, the wildcard that it stands for is not.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::GeneralName;

use crate::Context;
use crate::names::is_covered;
use crate::rule::{Meta, Rule, Words as _};

/// The certificate of one name below a wildcard proves nothing of the others: they may be served by
/// another one, or by none.
pub(super) struct WildcardNotHeld;

const META: Meta = Meta {
    id: "wildcard-not-held",
    family: Family::Name,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 9525 section 6.3",
    in_force: "2023-11-01",
};

impl Rule for WildcardNotHeld {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let target = shown.scene.look.target;
        let Some(wildcard) = &target.options.wildcard else { return };
        let Some(facts) = shown.facts() else { return };
        let Ok(Some(names)) = &facts.extensions.subject_alt_name else { return };
        let reference = target.reference_identifier();
        let is_held = |name: &GeneralName| match name {
            GeneralName::Dns(held) => held.raw().eq_ignore_ascii_case(wildcard),
            _ => false,
        };
        // What does not even cover the name asked is told by `name-mismatch`.
        if names.iter().any(is_held) || !is_covered(&reference, names) {
            return;
        }
        let message = format!(
            "{} is for {reference}, but not for {wildcard}, whose other names may be served by \
             another one",
            shown.noun()
        );
        let finding = META
            .finding(Severity::Warning, message)
            .on(shown.end_entity.fingerprint)
            .hint(format!(
                "have {wildcard} in the certificate, or set `label` to a name that has none of its \
                 own"
            ))
            .with("wildcard", Datum::Text(wildcard.clone()));
        found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Given, case, check, dns, leaf, sent};

    /// What a target for `*.apps.example.org` gets, looked at through `a.apps.example.org`.
    fn holding(names: &[&str]) -> Given {
        let names = names.iter().map(|name| dns(name)).collect();
        let chain = vec![leaf(|facts| facts.extensions.subject_alt_name = Ok(Some(names)))];
        let mut given = sent(chain).host("a.apps.example.org");
        given.target.options.wildcard = Some("*.apps.example.org".to_owned());
        given
    }

    #[test]
    fn one_name_below_a_wildcard_is_not_the_wildcard() {
        let mut plain = holding(&["a.apps.example.org"]);
        plain.target.options.wildcard = None;
        check(
            &WildcardNotHeld,
            vec![
                case("the wildcard", holding(&["*.apps.example.org"]), &[]),
                case("in capitals", holding(&["*.APPS.example.org"]), &[]),
                case("both", holding(&["a.apps.example.org", "*.apps.example.org"]), &[]),
                case(
                    "only the name asked",
                    holding(&["a.apps.example.org", "*.example.org"]),
                    &[(Severity::Warning, "is for a.apps.example.org, but not for *.apps")],
                ),
                case("neither, which another rule tells", holding(&["*.example.org"]), &[]),
                case("no wildcard is watched", plain, &[]),
            ],
        );
    }
}
