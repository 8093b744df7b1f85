//! `check --act`, whole: real certificates on real sockets, a tracker, and the binary between them.

pub(crate) mod clock;
mod closing;
mod drill;
mod kills;
mod lives;
mod many;
mod real;
mod roll_out;
mod troubles;
pub(crate) mod world;
