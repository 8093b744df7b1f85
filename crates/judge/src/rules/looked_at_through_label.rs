//! `looked-at-through-label`: a wildcard has no address, so some name below it was asked.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// One name below a wildcard stands for all of them; its owner must know which.
pub(super) struct LookedAtThroughLabel;

const META: Meta = Meta {
    id: "looked-at-through-label",
    family: Family::Name,
    scope: Scope::Target,
    severities: &[Severity::Info],
    citation: "RFC 4592 section 2.1.1",
    in_force: "2006-07-01",
};

impl Rule for LookedAtThroughLabel {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Target(spread) = cx else { return };
        let Some((look, _)) = spread.looks.first() else { return };
        let Some(wildcard) = &look.target.options.wildcard else { return };
        let through = look.target.host.to_string();
        let finding = META
            .finding(Severity::Info, format!("{wildcard} was looked at through {through}"))
            .hint("set `label` where another name below it says more")
            .with("wildcard", Datum::Text(wildcard.clone()))
            .with("through", Datum::Text(through));
        found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Beside;
    use crate::testing::{as_is, ask_target, leaf, sent};

    #[test]
    fn the_name_that_was_asked_is_named() {
        let mut given = sent(vec![leaf(as_is)]).host("certvigil-1f2e.apps.example.org");
        let ask = |given| ask_target(&LookedAtThroughLabel, &[given], &Beside::default());
        given.target.options.wildcard = Some("*.apps.example.org".to_owned());
        let want = "*.apps.example.org was looked at through certvigil-1f2e.apps.example.org";
        assert_eq!(ask(given)[0].message, want);
        assert_eq!(ask(sent(vec![leaf(as_is)])), []);
    }
}
