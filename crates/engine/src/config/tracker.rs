//! `tracker`: where issues are filed, and what each kind of tracker has to be told.

use std::path::{Path, PathBuf};

use certvigil_doors::SecretReference;
use certvigil_model::TrackerName;

use super::owner::secret;
use super::raw::{Faults, Fields};
use super::site::{self, Http};

/// An issue tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// What is spoken there.
    pub kind: TrackerKind,
    /// Where it is; empty for `local`.
    pub url: String,
    /// The project that issues are filed in; empty where the kind has none.
    pub project: String,
    /// Where the token or password is that lets us in.
    pub token: Option<SecretReference>,
    /// Whose it is.
    pub user: Option<String>,
    /// What kind of issue is made.
    pub issue_type: Option<String>,
    /// Labels that issues bear beside our own.
    pub labels: Vec<String>,
    /// The custom field for the key.
    pub key_field: String,
    /// The custom field for the block of state.
    pub block_field: String,
    /// How a tracker of kind `http` is asked.
    pub template: Option<PathBuf>,
    /// How it is reached, `[http]` included.
    pub http: Http,
}

/// What is spoken by a tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackerKind {
    /// Redmine.
    Redmine,
    /// Request Tracker 5, REST2.
    Rt,
    /// GitHub, github.com or an Enterprise Server.
    Github,
    /// GitLab.
    Gitlab,
    /// Gitea and Forgejo.
    Gitea,
    /// Jira Data Center.
    Jira,
    /// Jira Cloud.
    JiraCloud,
    /// Roundup.
    Roundup,
    /// Whatever a template describes.
    Http,
    /// Our own list, in the store.
    Local,
}

impl TrackerKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Redmine,
        Self::Rt,
        Self::Github,
        Self::Gitlab,
        Self::Gitea,
        Self::Jira,
        Self::JiraCloud,
        Self::Roundup,
        Self::Http,
        Self::Local,
    ];

    /// The word of the config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redmine => "redmine",
            Self::Rt => "rt",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Gitea => "gitea",
            Self::Jira => "jira",
            Self::JiraCloud => "jira-cloud",
            Self::Roundup => "roundup",
            Self::Http => "http",
            Self::Local => "local",
        }
    }

    /// Whether an issue has a place for a block of state that can be overwritten without telling anybody: a custom
    /// field, or the end of the body. Without one a run that keeps nothing cannot know what it did before.
    pub const fn has_block(self) -> bool {
        !matches!(self, Self::Roundup | Self::Http | Self::Local)
    }

    /// Keys without which it cannot be asked.
    const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Redmine | Self::Rt | Self::Gitlab | Self::Gitea | Self::Jira => {
                &["url", "project", "token"]
            }
            Self::Github => &["project", "token"],
            Self::JiraCloud => &["url", "project", "token", "user"],
            Self::Roundup => &["url", "token", "user"],
            Self::Http => &["url", "project", "token", "template"],
            Self::Local => &[],
        }
    }

    /// Keys that it may have beside those.
    const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Redmine => &["issue_type", "key_field", "block_field"],
            Self::Rt => &["key_field", "block_field"],
            Self::Github => &["url", "labels"],
            Self::Gitlab | Self::Gitea => &["labels"],
            Self::Jira | Self::JiraCloud => &["issue_type", "labels", "key_field", "block_field"],
            Self::Roundup | Self::Local => &[],
            Self::Http => &["user"],
        }
    }
}

impl Tracker {
    /// How it is told apart from others.
    pub fn name(&self) -> TrackerName {
        let Self { kind, url, project, .. } = self;
        let parts = [kind.name(), url.trim_end_matches('/'), project];
        TrackerName(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

/// None where it lacks something or has too much, which `faults` then knows. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<Tracker> {
    let name = table.text("kind")?;
    let kind = TrackerKind::ALL.into_iter().find(|kind| kind.name() == name)?;
    let token = secret(table, "token", folder);
    let is_whole = fits(table, kind, faults) && token.is_some() == table.value("token").is_some();
    let text = |key, usual: &str| table.text(key).unwrap_or(usual).to_owned();
    let url = if kind == TrackerKind::Github { "https://api.github.com" } else { "" };
    is_whole.then(|| Tracker {
        kind,
        url: text("url", url),
        project: text("project", ""),
        token,
        user: table.owned("user"),
        issue_type: table.owned("issue_type"),
        labels: table.texts("labels").map(str::to_owned).collect(),
        key_field: text("key_field", "certvigil-key"),
        block_field: text("block_field", "certvigil-state"),
        template: table.text("template").map(|path| folder.join(path)),
        http: table.table("http").map(|it| site::http(it, folder)).unwrap_or_default(),
    })
}

/// Whether it has all that its kind needs, and nothing that its kind would not heed.
fn fits(table: Fields<'_>, kind: TrackerKind, faults: &Faults) -> bool {
    let name = kind.name();
    let lacking: Vec<_> =
        kind.needs().iter().filter(|key| table.value(key).is_none()).copied().collect();
    for key in &lacking {
        let hint = table.key(key).map(|key| format!("write {} = {}", key.name, key.example()));
        faults.add(table.place(), format!("tracker of kind {name} has no `{key}`"), hint);
    }
    let everywhere = ["kind", "http"];
    let heeded = |key: &&str| {
        everywhere.contains(key) || kind.needs().contains(key) || kind.takes().contains(key)
    };
    let spare: Vec<_> = table.names().filter(|key| !heeded(key)).collect();
    for key in &spare {
        let place = table.value(key).map_or_else(|| table.place(), super::raw::Value::place);
        let what = format!("tracker of kind {name} does not heed `{key}`");
        faults.add(place, what, Some("leave it out".to_owned()));
    }
    lacking.is_empty() && spare.is_empty()
}
