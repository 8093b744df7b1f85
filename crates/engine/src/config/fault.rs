//! What is wrong with a config: where, what, and what to write instead.

use std::fmt;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's path as it was given or found.
    pub file: String,
    /// Line and column, both counted from 1; none where the file could not be read at all.
    pub at: Option<(u32, u32)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.at {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// One thing that keeps a config from being used. Text of the file inside has been shown escaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigFault {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, with the key.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Everything that is wrong with a config, in the order of its places; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the config has {}", counted(.0.len(), "fault"))]
pub struct Refused(pub Vec<ConfigFault>);

/// `1 fault`, `2 faults`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
