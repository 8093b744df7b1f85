//! What it keeps.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Everything that it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabIssues {
    /// All issues, by the order in which they were made.
    pub issues: Vec<LabIssue>,
    /// Projects that nobody can write to any more.
    pub archived: Vec<String>,
    /// How its index lags.
    pub lag: Lag,
    /// How often its index was asked.
    pub finds: u64,
}

/// How an index lags behind what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lag {
    /// Not at all.
    #[default]
    None,
    /// An issue shows after so many more questions.
    Finds(u64),
    /// An issue shows after so many milliseconds.
    Millis(i64),
}

/// One issue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabIssue {
    /// Its number.
    pub id: u64,
    /// Its project.
    pub project: String,
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// The account that made it.
    pub author: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is open.
    pub open: bool,
    /// Whether nobody can write to it.
    pub locked: bool,
    /// The block of state.
    pub block: String,
    /// When it was made, in milliseconds since 1970.
    pub made_at: i64,
    /// Comments, the oldest first.
    pub comments: Vec<LabComment>,
    /// It was deleted: it answers with 410.
    pub deleted: bool,
    /// It became another one.
    pub moved_to: Option<u64>,
    /// The number of questions to the index before which it does not show.
    pub shows_from: u64,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabComment {
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

impl LabIssues {
    /// One issue.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut LabIssue> {
        self.issues.iter_mut().find(|issue| issue.id == id)
    }

    /// Those that are open and there.
    pub fn open(&self) -> Vec<&LabIssue> {
        let is_open = |issue: &&LabIssue| issue.open && !issue.deleted && issue.moved_to.is_none();
        self.issues.iter().filter(is_open).collect()
    }

    /// Takes an issue in and gives it its number.
    pub fn add(&mut self, mut issue: LabIssue) -> u64 {
        issue.id = self.issues.len() as u64 + 1;
        issue.shows_from = match self.lag {
            Lag::Finds(count) => self.finds + count,
            Lag::None | Lag::Millis(_) => 0,
        };
        let id = issue.id;
        self.issues.push(issue);
        id
    }

    /// Whether the index shows it.
    pub(super) fn shows(&self, issue: &LabIssue, now: i64) -> bool {
        let is_late = matches!(self.lag, Lag::Millis(lag) if now < issue.made_at + lag);
        !is_late && self.finds > issue.shows_from
    }
}

pub(super) fn load(file: &Path) -> io::Result<LabIssues> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LabIssues::default()),
        Err(error) => Err(error),
    }
}

/// A reader sees the old issues or the new ones.
pub(super) fn save(file: &Path, issues: &LabIssues) -> io::Result<()> {
    let beside = file.with_extension("part");
    fs::write(&beside, serde_json::to_vec(issues)?)?;
    fs::rename(&beside, file)
}
