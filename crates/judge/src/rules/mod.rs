//! Every rule, one file each.

mod expired;

use crate::Rule;

/// Every rule, in the order in which findings of equal severity are listed.
pub const RULES: &[&dyn Rule] = &[&expired::Expired];
