//! One contract for all trackers, and each tracker's own traps.

mod ground;
mod hostile;
mod redmine;
mod rt;
mod suite;
