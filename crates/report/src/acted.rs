//! What a run did about issues, and the words for it in every report.

use certvigil_model::{IncidentKey, TrackerName};
use serde::Serialize;

use crate::words::{count, inert};

/// What a run that acts did about issues, as far as it was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Each issue that there is or should be.
    pub issues: Vec<IssueLine>,
    /// What else its readers are to hear.
    pub heard: Vec<Heard>,
    /// Whether the run has a store, and so a journal and a memory to judge blindness by.
    pub has_store: bool,
}

/// One issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLine {
    /// By which it is found.
    pub key: IncidentKey,
    /// Its title.
    pub title: String,
    /// What came of it.
    pub state: IssueState,
    /// Where it is or should be; none: its owner has nowhere.
    pub tracker: Option<TrackerName>,
    /// What the tracker calls it.
    pub id: Option<String>,
    /// Where a person sees it.
    pub url: Option<String>,
    /// What stood in the way.
    pub trouble: Option<String>,
}

/// What came of an issue in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueState {
    /// Asked for, and not read back as it should be.
    NotConfirmed,
    /// Its owner has no way to be told that can be read back.
    NobodyCanConfirm,
    /// New, read back by its id and by its key.
    Filed,
    /// Read back by its id; the tracker's own search does not show it yet.
    Stored,
    /// Open again, read back.
    Reopened,
    /// Its readers were told of a change, read back.
    Updated,
    /// Over, read back closed.
    Closed,
    /// Open, and as it was told before.
    Standing,
    /// The brake, or a first round, holds it back; the summary issue lists it.
    Held,
}

impl IssueState {
    /// All of them, what has failed first.
    pub const ALL: [Self; 9] = [
        Self::NotConfirmed,
        Self::NobodyCanConfirm,
        Self::Filed,
        Self::Stored,
        Self::Reopened,
        Self::Updated,
        Self::Closed,
        Self::Standing,
        Self::Held,
    ];

    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotConfirmed => "not-confirmed",
            Self::NobodyCanConfirm => "nobody-can-confirm",
            Self::Filed => "filed",
            Self::Stored => "stored",
            Self::Reopened => "reopened",
            Self::Updated => "updated",
            Self::Closed => "closed",
            Self::Standing => "standing",
            Self::Held => "held",
        }
    }

    /// The words for people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NotConfirmed => "not confirmed",
            Self::NobodyCanConfirm => "nobody can confirm",
            Self::Filed => "filed and read back",
            Self::Stored => "stored and not yet found by key",
            Self::Reopened => "reopened and read back",
            Self::Updated => "updated and read back",
            Self::Closed => "closed and read back",
            Self::Standing => "open as told before",
            Self::Held => "held",
        }
    }

    /// Whether somebody who should have been told may not have been.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::NotConfirmed | Self::NobodyCanConfirm)
    }
}

/// A sentence for the readers of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whether it is a fault of ours or of the way to tell people.
    pub is_failure: bool,
    /// One line.
    pub text: String,
}

/// A line of a report, and whether it tells of a failure.
pub(crate) struct Told {
    pub(crate) is_failure: bool,
    pub(crate) text: String,
}

impl Acted {
    /// Whether everybody who should have been told was, as far as can be read back.
    pub fn is_proven(&self) -> bool {
        let untold = self.issues.iter().any(|issue| issue.state.is_failure());
        !untold && !self.heard.iter().any(|heard| heard.is_failure)
    }

    /// How many issues are in `state`.
    pub fn count(&self, state: IssueState) -> u64 {
        self.issues.iter().filter(|issue| issue.state == state).count() as u64
    }

    /// `issues: 1 not confirmed, 2 filed and read back, 12 open as told before`.
    pub(crate) fn headline(&self) -> String {
        let counted = IssueState::ALL.into_iter().map(|state| (state, self.count(state)));
        let counted = counted.filter(|(_, number)| *number > 0);
        let counted: Vec<_> =
            counted.map(|(state, number)| format!("{} {}", count(number), state.words())).collect();
        match counted.is_empty() {
            true => "issues: none, and none called for".to_owned(),
            false => format!("issues: {}", counted.join(", ")),
        }
    }

    /// What is behind the headline, failures first, at most `most` lines. What stands as before, and
    /// what is held, is only counted.
    pub(crate) fn lines(&self, most: usize) -> Vec<Told> {
        let mut issues: Vec<_> = self.issues.iter().filter(|issue| issue.is_news()).collect();
        issues.sort_by_key(|issue| issue.state);
        let heard = self.heard.iter().map(|Heard { is_failure, text }| Told {
            is_failure: *is_failure,
            text: bounded(text),
        });
        let issues = issues.into_iter().map(|issue| Told {
            is_failure: issue.state.is_failure(),
            text: bounded(&issue.line()),
        });
        let mut lines: Vec<_> = heard.chain(issues).collect();
        lines.sort_by_key(|told| !told.is_failure);
        let more = lines.len().saturating_sub(most);
        lines.truncate(most);
        if more > 0 {
            let text = format!("… and {} more", count(more as u64));
            lines.push(Told { is_failure: false, text });
        }
        lines.extend(
            (!self.has_store).then(|| Told { is_failure: false, text: WITHOUT_STORE.to_owned() }),
        );
        lines
    }
}

/// One line, and no more of it than anybody reads: trackers answer with whole pages.
pub(crate) fn bounded(text: &str) -> String {
    let text = inert(text, "");
    match text.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Characters of a line.
const LINE: usize = 400;

/// What a run cannot do that remembers nothing itself.
pub(crate) const WITHOUT_STORE: &str =
    "this run keeps no journal and judges blindness by its sentinels alone: it has no store";

impl IssueLine {
    const fn is_news(&self) -> bool {
        !matches!(self.state, IssueState::Standing | IssueState::Held)
    }

    /// `filed and read back: www.example.org: certificate ends …: https://…`.
    fn line(&self) -> String {
        let mut line = format!("{}: {}", self.state.words(), self.title);
        let place = match (&self.url, &self.id, &self.tracker) {
            (Some(url), ..) => Some(url.clone()),
            (None, Some(id), Some(tracker)) => Some(format!("{tracker}, {id}")),
            (None, None, Some(tracker)) => Some(tracker.0.clone()),
            (None, _, None) => None,
        };
        for part in place.iter().chain(&self.trouble) {
            line.push_str(": ");
            line.push_str(part);
        }
        line
    }
}

/// `round.acted` of the contract.
#[derive(Serialize)]
pub(crate) struct ActedView {
    proven: bool,
    journal: bool,
    counts: serde_json::Map<String, serde_json::Value>,
    issues: Vec<IssueView>,
    said: Vec<SaidView>,
}

#[derive(Serialize)]
struct IssueView {
    key: IncidentKey,
    state: IssueState,
    title: String,
    tracker: Option<String>,
    id: Option<String>,
    url: Option<String>,
    trouble: Option<String>,
}

#[derive(Serialize)]
struct SaidView {
    failure: bool,
    message: String,
}

impl From<&Acted> for ActedView {
    fn from(acted: &Acted) -> Self {
        let counts = IssueState::ALL.into_iter();
        let said = acted.heard.iter().map(|Heard { is_failure, text }| SaidView {
            failure: *is_failure,
            message: safe(text),
        });
        Self {
            proven: acted.is_proven(),
            journal: acted.has_store,
            counts: counts
                .map(|state| (state.name().to_owned(), acted.count(state).into()))
                .collect(),
            issues: acted.issues.iter().map(IssueView::from).collect(),
            said: said.collect(),
        }
    }
}

impl From<&IssueLine> for IssueView {
    fn from(issue: &IssueLine) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(safe);
        Self {
            key: issue.key.clone(),
            state: issue.state,
            title: safe(&issue.title),
            tracker: issue.tracker.as_ref().map(|tracker| safe(&tracker.0)),
            id: shown(&issue.id),
            url: shown(&issue.url),
            trouble: shown(&issue.trouble),
        }
    }
}

fn safe(text: &str) -> String {
    inert(text, "")
}
