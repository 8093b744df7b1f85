//! `check --act`, whole: real certificates on real sockets, a tracker, and the binary between them.

mod lives;
mod world;
