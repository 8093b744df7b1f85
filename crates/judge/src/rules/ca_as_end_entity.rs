//! `ca-as-end-entity`: an authority's certificate identifies a server.

use certvigil_model::{Family, Finding, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// Usual with self-signed certificates that a tool made with its defaults. Some libraries refuse it.
pub(super) struct CaAsEndEntity;

const META: Meta = Meta {
    id: "ca-as-end-entity",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 5280 section 4.2.1.9",
    in_force: "2008-05-01",
};

impl Rule for CaAsEndEntity {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(facts) = shown.facts() else { return };
        let Ok(Some(constraints)) = facts.extensions.basic_constraints else { return };
        if !constraints.ca {
            return;
        }
        let message =
            format!("{} is an authority's: its key may sign other certificates", shown.noun());
        let hint = "whoever has this server's key can issue certificates: use one without CA:TRUE";
        let finding = META.finding(Severity::Info, message);
        found.push(finding.on(shown.end_entity.fingerprint).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use certvigil_x509::BasicConstraints;

    use super::*;
    use crate::testing::{as_is, case, check, issuing, leaf, sent};

    #[test]
    fn only_the_end_entity_is_asked() {
        let with = |ca| {
            let constraints = Some(BasicConstraints { ca, path_len: None });
            leaf(move |facts| facts.extensions.basic_constraints = Ok(constraints))
        };
        check(
            &CaAsEndEntity,
            vec![
                case("nothing said", sent(vec![leaf(as_is), issuing(as_is)]), &[]),
                case("CA:FALSE", sent(vec![with(false)]), &[]),
                case("CA:TRUE", sent(vec![with(true)]), &[(Severity::Info, "is an authority's")]),
            ],
        );
    }
}
