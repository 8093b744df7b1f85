//! What the journal should say besides.

use std::fmt;

use certvigil_model::Foreign;

/// Something that was met on the way. Ids and texts are the tracker's and are shown escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An issue by somebody else bears our key.
    KeyMisused {
        /// Which.
        id: String,
    },
    /// An issue of ours was moved out of its project, where it does not count.
    Elsewhere {
        /// Which.
        id: String,
        /// Where it is now.
        project: Foreign,
    },
    /// An issue became another one, which is followed.
    Followed {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// An issue that we knew is not there any more.
    Gone {
        /// Which.
        id: String,
    },
    /// The answer to a write was lost; what it wrote was found.
    Found {
        /// Which issue.
        id: String,
    },
    /// Of two issues with one key the later was closed.
    DoubleClosed {
        /// The later one.
        id: String,
        /// The one that stays.
        kept: String,
    },
    /// A double could not be closed.
    DoubleStays {
        /// Which.
        id: String,
        /// Why not.
        why: String,
    },
    /// The tracker did not keep what it was sent.
    NotKept {
        /// Which issue.
        id: String,
        /// What it lacks.
        what: &'static str,
    },
    /// An issue was closed as soon as it was made, and was opened again.
    ClosedAtOnce {
        /// Which.
        id: String,
    },
}

impl Note {
    /// A stable kebab-case noun.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::KeyMisused { .. } => "key-misused",
            Self::Elsewhere { .. } => "issue-elsewhere",
            Self::Followed { .. } => "issue-followed",
            Self::Gone { .. } => "issue-gone",
            Self::Found { .. } => "issue-found",
            Self::DoubleClosed { .. } => "double-closed",
            Self::DoubleStays { .. } => "double-stays",
            Self::NotKept { .. } => "not-kept",
            Self::ClosedAtOnce { .. } => "closed-at-once",
        }
    }
}

/// Its kind, and one line.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.kind())?;
        match self {
            Self::KeyMisused { id } => {
                write!(f, "issue {} bears our key and was not written by us", line(id))
            }
            Self::Elsewhere { id, project } => {
                write!(
                    f,
                    "issue {} is now in {}, where it does not count",
                    line(id),
                    project.shown()
                )
            }
            Self::Followed { from, to } => write!(f, "issue {} is now {}", line(from), line(to)),
            Self::Gone { id } => write!(f, "issue {} is not there any more", line(id)),
            Self::Found { id } => {
                write!(f, "the answer was lost, and issue {} is what it made", line(id))
            }
            Self::DoubleClosed { id, kept } => {
                write!(f, "issue {} was closed as a double of {}", line(id), line(kept))
            }
            Self::DoubleStays { id, why } => {
                write!(f, "issue {} is a double and cannot be closed: {why}", line(id))
            }
            Self::NotKept { id, what } => {
                write!(f, "issue {} was stored without {what}", line(id))
            }
            Self::ClosedAtOnce { id } => {
                write!(f, "issue {} was closed as soon as it was made, and is open again", line(id))
            }
        }
    }
}

/// What a tracker calls an issue, as one line.
pub(super) fn line(id: &str) -> String {
    Foreign::new(id).shown_within(80).to_string()
}
