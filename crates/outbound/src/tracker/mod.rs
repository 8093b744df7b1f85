//! What an issue tracker can do for us, and what it shows. One file a tracker: request shapes and nothing else. None of
//! them can call an issue filed: that is what reading it back is for.

mod body_block;
mod gitea;
mod github;
mod gitlab;
mod http;
mod ident;
mod jira;
mod local;
mod people;
mod redmine;
mod rt;
mod settings;
mod templated;
mod when;

use std::time::{Duration, Instant};

use certvigil_model::{Document, Foreign, IncidentKey, Time, TrackerName};
use thiserror::Error;

pub use gitea::Gitea;
pub use github::GitHub;
pub use gitlab::GitLab;
pub use jira::Jira;
pub use local::Local;
pub use redmine::Redmine;
pub use rt::Rt;
pub use settings::{KINDS, Settings, Unusable, open};
pub use templated::Templated;

/// A project in an issue tracker. Every call ends by the moment that it is given.
pub trait Tracker: Send + Sync {
    /// How it is told apart from others.
    fn name(&self) -> &TrackerName;

    /// How long its own search may lag behind what was written.
    fn settle(&self) -> Duration;

    /// Whether an issue has a place for a block of state that can be overwritten without telling anybody.
    fn has_block(&self) -> bool;

    /// Issues with `key`, open and closed, by a filter on a field or label; never by text search. Lists show neither
    /// comments nor what people did: [`Tracker::read`] does.
    ///
    /// # Errors
    /// What stood in the way; so for all below.
    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble>;

    /// Issues of the project made since `since`, whatever their state, from the list that shows the newest first: it
    /// does not lag.
    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble>;

    /// Every open issue with our label.
    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble>;

    /// Makes an issue and tells its id as the answer gives it. That it is there is not said by this.
    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble>;

    /// Reads one issue back.
    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble>;

    /// Adds a comment that its readers hear of.
    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble>;

    /// Closes or reopens it.
    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble>;

    /// Overwrites the block of state, telling nobody.
    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble>;

    /// Looks whether we are let in, and whether the project and all that we need in it are there. What is lacking, in
    /// plain words, with what to do; for `config check` and for the run's beginning.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble>;
}

/// An issue to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// One line.
    pub title: String,
    /// What stands in it.
    pub body: Document,
    /// By which it is found.
    pub key: IncidentKey,
    /// The block of state; empty where nothing is to be remembered there.
    pub block: String,
}

/// The label that all of our issues bear, where a tracker has labels.
pub const LABEL: &str = "certvigil";

/// The label that holds a key, where a tracker has labels and no fields.
fn key_label(key: &IncidentKey) -> String {
    format!("{LABEL}:{key}")
}

/// The key that one of the labels holds.
fn key_of_labels(labels: &[&str]) -> Option<IncidentKey> {
    let key = |label: &&str| label.strip_prefix(LABEL)?.strip_prefix(':')?.parse().ok();
    labels.iter().find_map(key)
}

/// What a tracker shows of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What the tracker calls it; a number where it counts, so that the lowest is the first.
    pub id: String,
    /// Where a person sees it.
    pub url: String,
    /// The project that it is in now.
    pub project: Foreign,
    /// Whether that is the project meant.
    pub is_in_project: bool,
    /// Whether we wrote it.
    pub is_ours: bool,
    /// The title.
    pub title: Foreign,
    /// The key that its field or label holds.
    pub key: Option<IncidentKey>,
    /// Whether it bears what [`Tracker::find`] and [`Tracker::ours`] look for.
    pub is_labelled: bool,
    /// Whether work on it is not over.
    pub is_open: bool,
    /// Whether nothing can be written to it any more.
    pub is_locked: bool,
    /// When it was made.
    pub created_at: Option<Time>,
    /// The block of state, as it stands there.
    pub block: Option<Foreign>,
    /// The last comments by us, the newest last, as text: a comment that was made is known by its mark.
    pub our_comments: Vec<Foreign>,
    /// A person was made responsible for it, or set it in progress: who and when. Our own acts, those of other
    /// programs, and whatever happens within two minutes of its making do not count.
    pub taken: Option<(Foreign, Time)>,
    /// A person closed it: who and when.
    pub closed: Option<(Foreign, Time)>,
}

/// What reading by id brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Here(Box<Stored>),
    /// It has become another one: moved, or merged into it.
    Moved {
        /// Its new id.
        to: String,
    },
    /// It is not there, or not for us.
    Gone,
}

/// Why a tracker did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// It was not reached: nothing can have been done.
    #[error("{0}")]
    NotSent(String),
    /// It may have been done.
    #[error("{0}")]
    Doubtful(String),
    /// It will not do it now.
    #[error("{why}")]
    Later {
        /// How long it asked to be left alone, where it did.
        after: Option<Duration>,
        /// What it said.
        why: String,
    },
    /// It will not do it, however often it is asked: rights, a project that is not there, a wrong request.
    #[error("{0}")]
    Refused(String),
    /// It answered with something that no tracker of this kind answers with.
    #[error("{0}")]
    Strange(String),
}
