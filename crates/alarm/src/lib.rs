//! Decides who has to hear of what, and when: `step(state, event, now, rules)`, a pure function.
//!
//! Read [`State`] and [`Event`] for what comes in, [`Step`] for what goes out. Verdicts become incidents, incidents
//! become deliveries; whether a round that sees nothing is blind or right is asked first. It must never do I/O or read
//! a clock.

mod acknowledge;
pub mod blind;
mod block;
mod brake;
mod breaker;
mod calendar;
mod channels;
pub mod clock;
mod deliver;
mod event;
mod explain;
pub mod kinds;
mod ladder;
mod long_dead;
mod notes;
mod notify;
mod orphans;
mod outcome;
pub mod owners;
mod pace;
mod passing;
pub mod problems;
mod recall;
mod reconcile;
pub mod renewers;
mod routine;
mod rules;
mod settle;
mod state;
mod step;
mod subject;
mod time;
mod turn;
mod unseen;
mod view;
pub mod windows;

pub use blind::{Sentinel, SentinelSeen, Sight};
pub use block::{block, checksum};
pub use brake::held;
pub use breaker::breaker_is_open;
pub use calendar::Calendar;
pub use deliver::{begin, due};
pub use event::{
    Delivered, Event, Heard, IssueSeen, Noticed, Order, RoundSeen, Step, Told, Wanted,
};
pub use explain::explain;
pub use ladder::{Deed, Rung, next_step};
pub use long_dead::{is_long_dead, long_dead};
pub use notes::is_notes;
pub use notify::{begin_notice, due_notices};
pub use pace::Pace;
pub use recall::{IssueHeld, Orphan, recall};
pub use renewers::Renewer;
pub use routine::{Asked, Routine, Tested, asked_tests};
pub use rules::{CertificateRule, Contacts, Limits, OwnerRule, Rules};
pub use state::{Memory, Silence, State};
pub use step::step;
pub use view::is_suspicious;
pub use windows::Window;
