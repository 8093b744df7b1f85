//! Ways to reach people. One file a channel: request shapes and nothing else. That a channel took a message says nothing
//! about whether a person read it.

mod email;
mod settings;
mod smtp;

use std::time::{Duration, Instant};

use certvigil_model::{ChannelName, Document, IncidentKey, Purpose, Severity, Time};

use crate::Trouble;

pub use email::Email;
pub use settings::{KINDS, Settings, Unusable, open};

/// A way to reach somebody. Every call ends by the moment that it is given.
pub trait Channel: Send + Sync {
    /// How it is told apart from others.
    fn name(&self) -> &ChannelName;

    /// Hands `message` over. The same message may come again after a doubtful end: its identity lets the receiver see
    /// that, where the channel has a place for it.
    ///
    /// # Errors
    /// What stood in the way.
    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble>;

    /// Looks whether it would take a message, without sending one, as far as the channel lets us. What is lacking, in
    /// plain words, with what to do.
    ///
    /// # Errors
    /// What stood in the way.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble>;

    /// What is to be sent again so often while it lasts, because the receiver forgets what it does not hear again.
    fn repeat(&self) -> Option<Duration> {
        None
    }
}

/// One message, in words that are ready; a channel only writes them down in its own markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The identity of the notice, the same at each attempt.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What it tells of: messages with the same key belong together.
    pub incident: Option<IncidentKey>,
    /// How bad that is.
    pub severity: Severity,
    /// One line of at most 160 characters for pagers and chats: what, what to do first, and a link.
    pub line: String,
    /// The title; the subject of a mail.
    pub title: String,
    /// All of it, for channels with room.
    pub body: Document,
    /// Where a person says that they are on it; none where nobody asks.
    pub answer: Option<String>,
    /// Where its issue is.
    pub issue: Option<String>,
    /// When it was written.
    pub at: Time,
    /// When what it tells of began.
    pub since: Time,
}
