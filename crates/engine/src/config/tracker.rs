//! `tracker`: where issues are filed, and what each kind of tracker has to be told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certvigil_doors::SecretReference;
use certvigil_model::{Foreign, TrackerName};
use url::Url;

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
    /// How a tracker of kind `http` is asked.
    pub template: Option<PathBuf>,
    /// Keys of its kind, as the tracker itself reads them; lists parted by commas.
    pub extra: BTreeMap<String, String>,
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
    /// Jira, Cloud and Data Center.
    Jira,
    /// Whatever a template describes.
    Http,
    /// Our own list, in the store.
    Local,
}

impl TrackerKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Redmine,
        Self::Rt,
        Self::Github,
        Self::Gitlab,
        Self::Gitea,
        Self::Jira,
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
            Self::Http => "http",
            Self::Local => "local",
        }
    }

    /// Whether an issue has a place for a block of state that can be overwritten without telling anybody: a custom
    /// field, or the end of the body. Without one a run that keeps nothing cannot know what it did before.
    pub const fn has_block(self) -> bool {
        !matches!(self, Self::Http)
    }

    /// Keys without which it cannot be asked.
    const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Redmine | Self::Rt | Self::Gitlab | Self::Gitea | Self::Jira => {
                &["url", "project", "token"]
            }
            Self::Github => &["project", "token"],
            Self::Http => &["url", "project", "token", "template"],
            Self::Local => &["folder"],
        }
    }

    /// Keys that it may have beside those.
    const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Redmine => &[
                "markup",
                "tracker",
                "priority",
                "open_status",
                "closed_status",
                "key_field",
                "state_field",
                "bots",
            ],
            Self::Rt => &[
                "account",
                "comments_as",
                "open_status",
                "closed_status",
                "key_field",
                "state_field",
                "bots",
            ],
            Self::Github => &["url", "account", "bots"],
            Self::Gitlab => &["confidential", "bots"],
            Self::Gitea => &["bots"],
            Self::Jira => &[
                "edition",
                "account",
                "issue_type",
                "open_status",
                "closed_status",
                "key_field",
                "state_field",
                "bots",
            ],
            Self::Http | Self::Local => &[],
        }
    }
}

impl Tracker {
    /// How it is told apart from others: as the tracker itself says it.
    pub fn name(&self) -> TrackerName {
        let kind = self.kind.name();
        if let Some(folder) = self.extra.get("folder") {
            return TrackerName(format!("{kind} {}", Foreign::new(folder.as_str()).shown()));
        }
        // An address as the web writes it (the WHATWG's URL Standard), so that spellings do not part it.
        let url = Url::parse(&self.url).map_or_else(|_| self.url.clone(), String::from);
        TrackerName(format!("{kind} {} {}", url.trim_end_matches('/'), self.project))
    }
}

/// None where it lacks something or has too much, which `faults` then knows. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<Tracker> {
    let name = table.text("kind")?;
    let kind = TrackerKind::ALL.into_iter().find(|kind| kind.name() == name)?;
    let token = secret(table, "token", folder);
    let is_whole = fits(table, kind, faults) && token.is_some() == table.value("token").is_some();
    let text = |key, usual: &str| table.text(key).unwrap_or(usual).to_owned();
    let url = if kind == TrackerKind::Github { "https://github.com" } else { "" };
    is_whole.then(|| Tracker {
        kind,
        url: text("url", url),
        project: text("project", ""),
        token,
        template: table.text("template").map(|path| folder.join(path)),
        extra: extra(table, kind, folder),
        http: table.table("http").map(|it| site::http(it, folder)).unwrap_or_default(),
    })
}

/// What only the tracker itself reads.
fn extra(table: Fields<'_>, kind: TrackerKind, folder: &Path) -> BTreeMap<String, String> {
    let own = kind.takes().iter().filter(|key| **key != "url");
    let texts = own.filter_map(|key| {
        let list: Vec<_> = table.texts(key).collect();
        let text = table.owned(key).or_else(|| (!list.is_empty()).then(|| list.join(", ")));
        Some(((*key).to_owned(), text?))
    });
    let path = table.text("folder").map(|path| folder.join(path).display().to_string());
    texts.chain(path.map(|path| ("folder".to_owned(), path))).collect()
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
