//! `acceptance-ended` and `acceptance-unused`: words of the config that do nothing any more.

use certvigil_model::{
    Acceptance, Accepted, Datum, Family, Finding, Foreign, Origin, Scope, Severity,
};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// An acceptance whose time is over: what it was for is red again, and its author must hear why.
pub(super) struct AcceptanceEnded;

/// An acceptance that met nothing: the fault is gone, or its words are wrong and hide nothing.
pub(super) struct AcceptanceUnused;

const ENDED: Meta = Meta {
    id: "acceptance-ended",
    family: Family::Round,
    scope: Scope::Round,
    severities: &[Severity::Info],
    citation: "acknowledgements have an end",
    in_force: "2026-11-24",
};

const UNUSED: Meta = Meta { id: "acceptance-unused", ..ENDED };

impl Rule for AcceptanceEnded {
    fn meta(&self) -> &'static Meta {
        &ENDED
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Accepting(acceptances, now) = cx else { return };
        let ended: Vec<_> = acceptances.ended(*now).collect();
        let said = ended.iter().map(|one| {
            let Acceptance { answer, .. } = one;
            let owner = shown(&answer.owner);
            format!("{}, by {owner}, {}", sentence(one), words::moment(answer.until, *now))
        });
        let words = words::list(said);
        let hint = "mend what was accepted, or answer for it anew with another `until`";
        tell(&ENDED, &ended, "no longer accepted, for its time is over", &words, hint, found);
    }
}

impl Rule for AcceptanceUnused {
    fn meta(&self) -> &'static Meta {
        &UNUSED
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Accepting(acceptances, now) = cx else { return };
        let unused: Vec<_> = acceptances.unused(*now).collect();
        let words = words::list(unused.iter().map(|one| sentence(one)));
        let hint = "take it out of the config where the fault is gone; else mend its words";
        tell(&UNUSED, &unused, "accepted, but nothing of the kind was found", &words, hint, found);
    }
}

fn tell(
    meta: &'static Meta,
    which: &[&Acceptance],
    what: &str,
    words: &str,
    hint: &str,
    found: &mut Vec<Finding>,
) {
    if which.is_empty() {
        return;
    }
    let places = which.iter().take(PLACES_LIMIT).map(|one| Datum::Text(place(one)));
    let finding = meta
        .finding(Severity::Info, format!("{what}: {words}"))
        .hint(hint)
        .with("count", Datum::Number(i64::try_from(which.len()).unwrap_or(i64::MAX)))
        .with("places", Datum::List(places.collect()));
    found.push(finding);
}

/// `expires-soon of www.example.org (certvigil.toml:12)`.
fn sentence(acceptance: &Acceptance) -> String {
    let of = match &acceptance.of {
        Accepted::Target(written) => format!("of {}", shown(written)),
        Accepted::Tag(tag) => format!("of targets tagged {}", shown(tag)),
        Accepted::Round => "of the round".to_owned(),
    };
    let on = acceptance.certificate.map(|pin| format!(" with certificate {:.8}…", pin.to_string()));
    format!(
        "{} {of}{}{}",
        shown(&acceptance.finding),
        on.unwrap_or_default(),
        match place(acceptance) {
            place if place.is_empty() => String::new(),
            place => format!(" ({place})"),
        }
    )
}

fn place(acceptance: &Acceptance) -> String {
    let Some(Origin { file, line }) = &acceptance.origin else { return String::new() };
    format!("{}:{line}", shown(file))
}

fn shown(text: &str) -> String {
    Foreign::new(text).shown_within(80).to_string()
}

const PLACES_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use certvigil_model::Answer;

    use super::*;
    use crate::Acceptances;
    use crate::testing::{NOW, days};

    fn of(written: &str, line: u32, until: i64) -> Acceptance {
        Acceptance {
            finding: "expired".to_owned(),
            of: Accepted::Target(written.to_owned()),
            certificate: None,
            answer: Answer {
                reason: "the new load balancer comes in March".to_owned(),
                owner: "shop".to_owned(),
                until: days(until),
            },
            origin: Some(Origin { file: "certvigil.toml".to_owned(), line }),
        }
    }

    fn ask(rule: &dyn Rule, all: Vec<Acceptance>) -> Vec<Finding> {
        let mut found = Vec::new();
        rule.judge(&Context::Accepting(&Acceptances::new(all.into()), NOW), &mut found);
        found
    }

    #[test]
    fn what_does_nothing_is_told_with_its_place() {
        let all = || vec![of("a.example.org", 12, -3), of("b.example.org", 19, 3)];
        let [ended] = &ask(&AcceptanceEnded, all())[..] else { panic!() };
        assert_eq!(
            ended.message,
            "no longer accepted, for its time is over: expired of a.example.org \
             (certvigil.toml:12), by shop, 2026-11-21T00:00:00Z (3 d ago)"
        );
        let [unused] = &ask(&AcceptanceUnused, all())[..] else { panic!() };
        assert!(unused.message.ends_with(": expired of b.example.org (certvigil.toml:19)"));
        assert_eq!(
            unused.data["places"],
            Datum::List(vec![Datum::Text("certvigil.toml:19".to_owned())])
        );
        for rule in [&AcceptanceEnded as &dyn Rule, &AcceptanceUnused] {
            assert_eq!(ask(rule, Vec::new()), []);
            assert_eq!(ask(rule, all())[0].id, rule.meta().id);
        }
    }

    #[test]
    fn one_that_met_its_finding_is_not_unused() {
        let acceptances = Acceptances::new(Arc::new([of("www.example.org", 1, 3)]));
        let mut findings = [ENDED.finding(Severity::Warning, "as if")];
        findings[0].id = "expired";
        let target = crate::testing::target("www.example.org");
        acceptances.accept(&mut findings, Some(&target), NOW);
        let mut found = Vec::new();
        AcceptanceUnused.judge(&Context::Accepting(&acceptances, NOW), &mut found);
        assert_eq!(found, []);
    }
}
