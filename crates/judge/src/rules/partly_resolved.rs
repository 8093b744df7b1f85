//! `partly-resolved`: the name servers told the addresses of one family only.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Untold};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// A name server that fails on AAAA hides every IPv6 address: from clients, and from this round,
/// which is no reason to call all of them good.
pub(super) struct PartlyResolved;

const META: Meta = Meta {
    id: "partly-resolved",
    family: Family::Reach,
    scope: Scope::Target,
    severities: &[Severity::Warning],
    citation: "RFC 4074 section 4",
    in_force: "2005-05-01",
};

impl Rule for PartlyResolved {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Target(spread) = cx else { return };
        let Some(Untold { family, reason }) = &spread.beside.untold else { return };
        let record = if *family == 6 { "AAAA" } else { "A" };
        let message = format!(
            "whether the name has IPv{family} addresses is unknown, and none was looked at: asked \
             for {record}, {reason}"
        );
        let hint = format!(
            "mend the name server's answer for {record}: it must be the addresses, or that there \
             are none"
        );
        let finding = META.finding(Severity::Warning, message).hint(hint);
        found.push(finding.with("family", Datum::Number(i64::from(*family))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Beside;
    use crate::testing::{as_is, ask_target, leaf, sent};

    #[test]
    fn a_family_that_was_not_told_is_told() {
        let untold = Some(Untold { family: 6, reason: "the name server failed".to_owned() });
        let looks = [sent(vec![leaf(as_is)])];
        let beside = Beside { untold, ..Beside::default() };
        let found = ask_target(&PartlyResolved, &looks, &beside);
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(found[0].message.ends_with("asked for AAAA, the name server failed"));
        assert_eq!(ask_target(&PartlyResolved, &looks, &Beside::default()), []);
    }
}
