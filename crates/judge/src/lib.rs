//! Decides what is wrong: a pure function of facts, policy, trust anchors and `now`.
//!
//! Read [`judge_endpoint`] (`endpoint.rs`), then `rule.rs` (what a rule is), then any file of
//! `rules/`, one a rule: they all have the same shape. `paths/` builds certification paths, `names.rs`
//! compares names, `thresholds.rs` says what "soon" means. It must never read a clock or a file.

mod acceptances;
mod chain;
mod context;
mod der;
mod endpoint;
mod names;
mod ocsp;
mod paths;
mod profile;
mod round;
mod rule;
mod rules;
mod signatures;
mod thresholds;
mod words;

#[cfg(test)]
mod testing;

pub use acceptances::Acceptances;
pub use context::{Beside, Context, Look, Scene, Seen, Shown, Spread};
pub use endpoint::{judge_endpoint, judge_pool, judge_round, judge_target, unseen};
pub use paths::trust;
pub use profile::{Profile, UnusableRoot};
pub use round::RoundView;
pub use rule::{Meta, Rule};
pub use rules::{RULES, unread};
pub use signatures::Signatures;
