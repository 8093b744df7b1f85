//! Decides who has to hear of what, and when: `step(state, event, now, rules)`, a pure function.
//!
//! Read [`State`] and [`Event`] for what comes in, [`Step`] for what goes out. Verdicts become incidents, incidents
//! become deliveries; whether a round that sees nothing is blind or right is asked first. It must never do I/O or read
//! a clock.

pub mod blind;
pub mod clock;
mod event;
pub mod owners;
pub mod renewers;
mod rules;
mod state;
pub mod windows;

pub use blind::{Sentinel, SentinelSeen, Sight};
pub use event::{Delivered, Event, Heard, IssueSeen, Order, RoundSeen, Step, Wanted};
pub use renewers::Renewer;
pub use rules::{CertificateRule, Limits, OwnerRule, Rules};
pub use state::{Memory, Silence, State};
pub use windows::Window;
