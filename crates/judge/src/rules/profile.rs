//! How a certificate is to be written: what RFC 5280 section 4 and, for chains to a public anchor,
//! the CA/Browser Forum's Baseline Requirements (BR) section 7.1.2 demand, clause by clause.
//!
//! Clients let most of it pass, so a breach is information for the one who issues, never an alarm.
//! One file a subject, `profile_*.rs`; each is a list of clauses over one [`Member`].

use std::fmt::Display;

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use super::member::{self, Member};
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// A rule that is a list of clauses, asked of each certificate on the way to a root.
pub(super) struct Clauses {
    pub(super) meta: &'static Meta,
    pub(super) check: fn(&Member<'_>, &mut Breaches),
}

/// What every such rule is but for its name and the clauses that it asks.
pub(super) const fn form(id: &'static str, citation: &'static str) -> Meta {
    Meta {
        id,
        family: Family::Form,
        scope: Scope::Certificate,
        severities: &[Severity::Info],
        citation,
        in_force: "2008-05-01",
    }
}

impl Rule for Clauses {
    fn meta(&self) -> &'static Meta {
        self.meta
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        for member in member::members(shown) {
            let mut breaches = Breaches::default();
            (self.check)(&member, &mut breaches);
            found.extend(breaches.finding(self.meta, &member));
        }
    }
}

/// What a rule's clauses find broken in one certificate.
#[derive(Default)]
pub(super) struct Breaches(Vec<(&'static str, String)>);

impl Breaches {
    /// `clause` is broken: `what` says how, in words that follow the certificate's name.
    pub(super) fn add(&mut self, clause: &'static str, what: impl Display) {
        self.0.push((clause, what.to_string()));
    }

    /// Like [`Breaches::add`], where `broken`.
    pub(super) fn add_if(&mut self, broken: bool, clause: &'static str, what: impl Display) {
        if broken {
            self.add(clause, what);
        }
    }

    /// All of it as one finding.
    fn finding(self, meta: &Meta, member: &Member<'_>) -> Option<Finding> {
        if self.0.is_empty() {
            return None;
        }
        let sentences = self.0.iter().map(|(clause, what)| format!("{what} ({clause})"));
        let message = format!("{} {}", member.name(), words::list(sentences));
        let mut clauses: Vec<_> = self.0.iter().map(|(clause, _)| *clause).collect();
        clauses.dedup();
        let clauses = clauses.into_iter().map(|clause| Datum::Text(clause.to_owned())).collect();
        let finding = meta.finding(Severity::Info, message).on(member.certificate.fingerprint);
        Some(finding.with("clauses", Datum::List(clauses)))
    }
}
