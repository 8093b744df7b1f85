//! `seen-not-watched`: certificates hold names that nobody watches.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// The watched host was fine and the one beside it lapsed: Instagram 2015, LinkedIn 2017, GitHub
/// 2020.
pub(super) struct SeenNotWatched;

const META: Meta = Meta {
    id: "seen-not-watched",
    family: Family::Round,
    scope: Scope::Round,
    severities: &[Severity::Info],
    citation: "the outages of LinkedIn (2017), Instagram (2015) and GitHub (2020)",
    in_force: "2026-11-24",
};

impl Rule for SeenNotWatched {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Round(view) = cx else { return };
        let unwatched = view.unwatched();
        if unwatched.count == 0 {
            return;
        }
        let shown: Vec<String> =
            unwatched.sample.iter().map(|name| name.shown_within(80).to_string()).collect();
        let names = words::count(unwatched.count, "name", "names");
        let at_least = if view.is_full() { "at least " } else { "" };
        let message = format!(
            "certificates seen in this round hold {at_least}{names} under watched domains that no \
             target covers: {}",
            words::list_of(shown, unwatched.count)
        );
        let count = i64::try_from(unwatched.count).unwrap_or(i64::MAX);
        let sample = unwatched.sample.into_iter().map(Datum::Foreign).collect();
        let finding = META
            .finding(Severity::Info, message)
            .hint("add them to the targets, or leave them out of the next certificate")
            .with("count", Datum::Number(count))
            .with("names", Datum::List(sample));
        found.push(finding);
    }
}
