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

#[cfg(test)]
mod tests {
    use certvigil_x509::Certificate;

    use super::*;
    use crate::RoundView;
    use crate::testing::{dns, leaf};

    fn holding(names: &[&str]) -> Vec<Vec<Certificate>> {
        let names = names.iter().map(|name| dns(name)).collect();
        vec![vec![leaf(|facts| facts.extensions.subject_alt_name = Ok(Some(names)))]]
    }

    /// What the rule says of a round that asked for these names and saw those.
    fn ask(round: &[(Option<&str>, &[&str])]) -> Vec<Finding> {
        let mut view = RoundView::default();
        for (asked, held) in round {
            view.add(*asked, &holding(held));
        }
        let mut found = Vec::new();
        SeenNotWatched.judge(&Context::Round(&view), &mut found);
        found
    }

    #[test]
    fn names_beside_the_watched_one_are_named_once() {
        let found = ask(&[
            (Some("www.example.org"), &["www.example.org", "admin.example.org", "*.example.org"]),
            (Some("mail.example.org"), &["mail.example.org", "ADMIN.example.org", "example.org"]),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Info);
        assert!(
            found[0].message.contains("hold 2 names under watched domains"),
            "{}",
            found[0].message
        );
        assert!(found[0].message.ends_with("admin.example.org, example.org"));
        assert_eq!(found[0].data["count"], Datum::Number(2));
    }

    #[test]
    fn strangers_on_a_shared_certificate_are_not_ours() {
        let shared = ["www.example.org", "www.example.com", "example.co.uk", "*.github.io"];
        assert_eq!(ask(&[(Some("www.example.org"), &shared)]), []);
        assert_eq!(ask(&[(None, &["www.example.org", "a.example.org"])]), []);
        assert_eq!(ask(&[]), []);
    }

    #[test]
    fn a_target_that_comes_later_counts_too() {
        let found = ask(&[
            (Some("a.example.org"), &["a.example.org", "b.example.org"]),
            (Some("b.example.org"), &["b.example.org"]),
        ]);
        assert_eq!(found, []);
    }

    #[test]
    fn a_watched_wildcard_covers_what_is_right_below_it() {
        let mut view = RoundView::default();
        let held =
            ["*.apps.example.org", "shop.apps.example.org", "a.b.apps.example.org", "example.org"];
        view.add(Some("certvigil-1f2e.apps.example.org"), &holding(&held));
        view.watch_wildcard("*.apps.example.org");
        let mut found = Vec::new();
        SeenNotWatched.judge(&Context::Round(&view), &mut found);
        assert!(found[0].message.ends_with(": a.b.apps.example.org, example.org"));
    }

    #[test]
    fn many_names_are_counted_in_bounded_memory() {
        let mut view = RoundView::default();
        for n in 0..10 {
            let names: Vec<String> = (0..1000).map(|h| format!("h{n}-{h}.example.org")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            view.add(Some("www.example.org"), &holding(&names));
        }
        let mut found = Vec::new();
        SeenNotWatched.judge(&Context::Round(&view), &mut found);
        assert_eq!(found[0].data["count"], Datum::Number(10_000));
        assert!(found[0].message.ends_with(" and 9995 more"), "{}", found[0].message);
        assert!(view.texts() <= RoundView::TEXTS_KEPT);
    }

    #[test]
    fn one_certificate_with_names_without_end_does_not_hold_up_the_round() {
        let names: Vec<String> = (0..50_000).map(|h| format!("h{h}.example.org")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = ask(&[(Some("www.example.org"), &names)]);
        let want = format!("at least {}", RoundView::NAMES_TAKEN);
        assert!(found[0].message.contains(&want), "{}", found[0].message);
    }
}
