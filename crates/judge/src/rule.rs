//! What a rule is, and how it speaks.

use std::collections::BTreeMap;

use certvigil_model::{Datum, Family, Finding, Fingerprint, Scope, Severity};

use crate::Context;

/// One thing that can be wrong. An instance is stateless and stands in [`crate::RULES`].
pub trait Rule: Sync {
    /// What the rule is, for lists and for the contract.
    fn meta(&self) -> &'static Meta;

    /// Adds what is wrong in `cx` to `found`; does nothing with a context of another scope.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>);
}

/// What a rule is. All of it is part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The stable kebab-case noun of its findings.
    pub id: &'static str,
    /// What kind of problem it tells of.
    pub family: Family,
    /// What it looks at.
    pub scope: Scope,
    /// The severities that its findings may have, worst first, before a policy changes them.
    pub severities: &'static [Severity],
    /// The clause that is broken, or the incident that taught it.
    pub citation: &'static str,
    /// Since when that clause binds, as `YYYY-MM-DD`.
    pub in_force: &'static str,
}

impl Meta {
    /// A finding of this rule.
    pub(crate) fn finding(&self, severity: Severity, message: impl Into<String>) -> Finding {
        Finding {
            id: self.id,
            family: self.family,
            severity,
            certificate: None,
            message: message.into(),
            hint: None,
            data: BTreeMap::new(),
            accepted: None,
        }
    }
}

/// Completes a finding, one fact at a time.
pub(crate) trait Words: Sized {
    /// Names the certificate that shows it.
    fn on(self, certificate: Fingerprint) -> Self;
    /// Says what to do.
    fn hint(self, hint: impl Into<String>) -> Self;
    /// Adds a fact for machines.
    fn with(self, key: &'static str, datum: Datum) -> Self;
}

impl Words for Finding {
    fn on(mut self, certificate: Fingerprint) -> Self {
        self.certificate = Some(certificate);
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn with(mut self, key: &'static str, datum: Datum) -> Self {
        self.data.insert(key, datum);
        self
    }
}
