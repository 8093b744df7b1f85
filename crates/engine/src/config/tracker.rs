//! `tracker`: where issues are filed, and what each kind of tracker has to be told.

use std::collections::BTreeMap;
use std::path::Path;

use certvigil_doors::{SecretReference, file};
use certvigil_model::{Foreign, TrackerName};
use toml::de::DeTable;
use url::Url;

use super::owner::secret;
use super::raw::{Faults, Fields, Value};
use super::site::{self, Http};

/// An issue tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// What is spoken there.
    pub kind: TrackerKind,
    /// Where it is; empty for `local`.
    pub url: String,
    /// The project that issues are filed in; empty for `local`.
    pub project: String,
    /// Where the token is that lets us in; none for `local` alone.
    pub token: Option<SecretReference>,
    /// What its kind has to be told beside that, a list parted by commas.
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
    /// Our own list, in a folder.
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
                "key_field",
                "state_field",
                "tracker",
                "priority",
                "open_status",
                "closed_status",
                "markup",
                "bots",
            ],
            Self::Rt => &[
                "account",
                "key_field",
                "state_field",
                "open_status",
                "closed_status",
                "comments_as",
                "bots",
            ],
            Self::Github => &["url", "account", "bots"],
            Self::Gitlab => &["confidential", "bots"],
            Self::Gitea => &["bots"],
            Self::Jira => {
                &["edition", "account", "issue_type", "open_status", "closed_status", "bots"]
            }
            Self::Http => &["account"],
            Self::Local => &[],
        }
    }
}

impl Tracker {
    /// How it is told apart from others: as the tracker itself says it.
    pub fn name(&self) -> TrackerName {
        let kind = self.kind.name();
        if let Some(folder) = self.extra.get(FOLDER) {
            return TrackerName(format!("{kind} {}", Foreign::new(folder.as_str()).shown()));
        }
        let url = Url::parse(&self.url).map_or_else(|_| self.url.clone(), String::from);
        TrackerName(format!("{kind} {} {}", url.trim_end_matches('/'), self.project))
    }

    /// Whether an issue has a place for a block of state that can be overwritten without telling anybody: a custom
    /// field, or the end of the body. Without one a run that keeps nothing cannot know what it did before.
    pub fn has_block(&self) -> bool {
        match self.kind {
            TrackerKind::Http => self.extra.contains_key("remember"),
            _ => true,
        }
    }
}

/// None where it lacks something or has too much, which `faults` then knows. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<Tracker> {
    let name = table.text("kind")?;
    let kind = TrackerKind::ALL.into_iter().find(|kind| kind.name() == name)?;
    let token = secret(table, "token", folder);
    let is_whole = fits(table, kind, faults) && token.is_some() == table.value("token").is_some();
    let mut extra = match table.text("template") {
        Some(path) => template(table, &folder.join(path), faults)?,
        None => BTreeMap::new(),
    };
    extra.extend(kind.takes().iter().chain(kind.needs()).filter_map(|key| of_kind(table, key)));
    if let Some(path) = extra.get_mut(FOLDER) {
        *path = folder.join(&*path).display().to_string();
    }
    let text = |key, usual: &str| table.text(key).unwrap_or(usual).to_owned();
    let url = if kind == TrackerKind::Github { "https://github.com" } else { "" };
    is_whole.then(|| Tracker {
        kind,
        url: text("url", url),
        project: text("project", ""),
        token,
        extra,
        http: table.table("http").map(|it| site::http(it, folder)).unwrap_or_default(),
    })
}

/// A key of the kind's own, as one text.
fn of_kind(table: Fields<'_>, key: &str) -> Option<(String, String)> {
    if ["url", "project", "token", "template"].contains(&key) {
        return None;
    }
    let list = || table.texts(key).collect::<Vec<_>>().join(",");
    let text = table.owned(key).or_else(|| table.flag(key).map(|flag| flag.to_string()));
    table.value(key)?;
    Some((key.to_owned(), text.unwrap_or_else(list)))
}

/// What a file says of a tracker that only it describes: keys and texts.
fn template(table: Fields<'_>, path: &Path, faults: &Faults) -> Option<BTreeMap<String, String>> {
    let read = || -> Result<BTreeMap<String, String>, String> {
        let bytes = file::read_at_most(path, LARGEST).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
        let parsed = DeTable::parse(&text)
            .map_err(|error| format!("it is no TOML: {}", Foreign::new(error.message()).shown()))?;
        let pairs = parsed.get_ref().iter().map(|(key, value)| {
            let key = key.get_ref().to_string();
            match value.get_ref().as_str() {
                Some(text) => Ok((key, text.to_owned())),
                None => Err(format!("{} is no text", Foreign::new(key).shown_within(60))),
            }
        });
        pairs.collect()
    };
    match read() {
        Ok(keys) => Some(keys),
        Err(why) => {
            let place = table.value("template").map_or_else(|| table.place(), Value::place);
            let shown = Foreign::new(path.to_string_lossy());
            let what = format!("the template {} cannot be read: {why}", shown.shown());
            let hint = "name a file of lines like find = \"GET /issues?key={key}\"".to_owned();
            faults.add(place, what, Some(hint));
            None
        }
    }
}

/// The key of the folder that a list of our own is in.
const FOLDER: &str = "folder";

/// The largest template, in bytes.
const LARGEST: u64 = 1 << 20;

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
        let place = table.value(key).map_or_else(|| table.place(), Value::place);
        let what = format!("tracker of kind {name} does not heed `{key}`");
        faults.add(place, what, Some("leave it out".to_owned()));
    }
    lacking.is_empty() && spare.is_empty()
}
