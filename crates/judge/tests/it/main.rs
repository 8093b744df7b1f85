//! Judging from outside, as the engine does it.

mod limbo;
