//! Words an incident: what stands in its issue, in comments on it, on pages and in its timeline.
//!
//! Read `context.rs` for what words rest on beside the incident, `phrases.rs` for what each finding
//! is called and what breaks by it, then `title.rs` and `body.rs`. Pure functions that give a
//! [`Document`](certvigil_model::Document): no markup, which each tracker writes in its own way.
//! What certificates, servers and people chose stands there as
//! [`Foreign`](certvigil_model::Foreign), and never in words of ours.

mod body;
mod calendar;
mod commands;
mod comment;
mod context;
mod dial;
mod digest;
mod figures;
mod held;
mod long_dead;
mod message;
mod named;
mod notes;
mod phrases;
mod places;
mod proof;
mod short;
mod timeline;
mod title;
mod todo;

pub use body::body;
pub use comment::{Change, Reopened, closing, comment, reopening};
pub use context::{ClockSeen, Context, Link, Next, Renewer, RenewerKind};
pub use digest::digest;
pub use held::held_body;
pub use long_dead::long_dead_body;
pub use message::{Call, Message, breaker, message, test_page};
pub use notes::notes_body;
pub use short::short;
pub use timeline::Timeline;
pub(crate) use title::bad_of_all;
pub use title::title;
