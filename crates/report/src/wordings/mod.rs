//! What CI systems, monitors and people read: each a function over a run.

pub(crate) mod accept;
pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod nagios;
pub(crate) mod prometheus;
mod rules;
pub(crate) mod sarif;
