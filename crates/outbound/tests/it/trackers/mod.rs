//! One contract for all trackers, and each tracker's own traps.

mod ground;
mod hostile;
mod local;
mod redmine;
mod roundup;
mod rt;
mod suite;
