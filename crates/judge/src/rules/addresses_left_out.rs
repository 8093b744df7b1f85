//! `addresses-left-out`: a name has more addresses than one round looks at.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// What a round did not look at is said, even where it is by design.
pub(super) struct AddressesLeftOut;

const META: Meta = Meta {
    id: "addresses-left-out",
    family: Family::Spread,
    scope: Scope::Target,
    severities: &[Severity::Info],
    citation: "RFC 1794 section 2",
    in_force: "1995-04-01",
};

impl Rule for AddressesLeftOut {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Target(spread) = cx else { return };
        let left_out = &spread.beside.left_out;
        if left_out.is_empty() {
            return;
        }
        let looked_at = spread.looks.len();
        let count = words::count(left_out.len(), "address", "addresses");
        let said = words::list(left_out.iter().map(ToString::to_string));
        let message = format!(
            "this round looked at {looked_at} of the name's addresses and left {count} for another: \
             {said}"
        );
        let texts = left_out.iter().take(LIMIT).map(|ip| Datum::Text(ip.to_string()));
        let finding = META
            .finding(Severity::Info, message)
            .hint("`addresses = \"all\"` looks at each of them in every round")
            .with("count", Datum::Number(i64::try_from(left_out.len()).unwrap_or(i64::MAX)))
            .with("addresses", Datum::List(texts.collect()));
        found.push(finding);
    }
}

const LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, as_is, ask_target, leaf, sent};
    use crate::{Beside, Spread};

    #[test]
    fn those_that_wait_for_their_turn_are_counted() {
        let left_out = (1..=7).map(|n| std::net::Ipv4Addr::new(192, 0, 2, n).into()).collect();
        let beside = Beside { left_out, ..Beside::default() };
        let found = ask_target(&AddressesLeftOut, &[sent(vec![leaf(as_is)])], &beside);
        assert_eq!(found[0].data["count"], Datum::Number(7));
        assert!(
            found[0].message.contains("looked at 1 of the name's addresses and left 7 addresses"),
            "{}",
            found[0].message
        );
        let none = Spread { looks: &[], beside: &Beside::default(), now: NOW };
        let mut found = Vec::new();
        AddressesLeftOut.judge(&Context::Target(&none), &mut found);
        assert_eq!(found, []);
    }
}
