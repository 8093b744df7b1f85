//! A tracker from what a config says of it.

use std::collections::BTreeMap;

use certvigil_doors::Secret;
use certvigil_fetch::Client;
use certvigil_model::TrackerName;
use thiserror::Error;
use url::Url;

use super::Tracker;
use super::gitea::Gitea;
use super::github::GitHub;
use super::gitlab::GitLab;
use super::jira::Jira;
use super::local::Local;
use super::redmine::Redmine;
use super::rt::Rt;
use super::templated::Templated;

/// What a config says of a tracker.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its kind, one of [`KINDS`].
    pub kind: String,
    /// Its address, without what its API adds to it.
    pub url: String,
    /// The project, queue or repository that issues go into.
    pub project: String,
    /// What lets us in.
    pub token: Secret,
    /// Keys of its kind; its page under `docs/trackers/` has them.
    pub extra: BTreeMap<String, String>,
}

/// Kinds of trackers that [`open`] knows.
pub const KINDS: &[&str] =
    &["forgejo", "gitea", "github", "gitlab", "http", "jira", "local", "redmine", "rt"];

/// Makes the tracker. Nobody is asked yet.
///
/// # Errors
/// A key or value that no tracker of its kind has.
pub fn open(settings: Settings, client: Client) -> Result<Box<dyn Tracker>, Unusable> {
    if settings.kind == "local" {
        return local(settings);
    }
    let mut keys = Keys::of(settings)?;
    let tracker: Box<dyn Tracker> = match keys.kind.as_str() {
        "gitea" | "forgejo" => Box::new(Gitea::new(&mut keys, client)?),
        "github" => Box::new(GitHub::new(&mut keys, client)?),
        "http" => Box::new(Templated::new(&mut keys, client)?),
        "gitlab" => Box::new(GitLab::new(&mut keys, client)?),
        "jira" => Box::new(Jira::new(&mut keys, client)?),
        "redmine" => Box::new(Redmine::new(&mut keys, client)?),
        "rt" => Box::new(Rt::new(&mut keys, client)?),
        _ => {
            let known = KINDS.join(", ");
            return Err(keys.wrong("kind", &format!("is none that is known: {known}")));
        }
    };
    keys.end()?;
    Ok(tracker)
}

/// Our own list has no address, project or token, only the folder that it is in.
fn local(mut settings: Settings) -> Result<Box<dyn Tracker>, Unusable> {
    let wrong = |key: &str, why: &str| Unusable {
        tracker: "local".to_owned(),
        key: key.to_owned(),
        why: why.to_owned(),
    };
    let folder = settings.extra.remove("folder");
    let folder = folder.ok_or_else(|| wrong("folder", "is needed: the folder of its issues"))?;
    match settings.extra.keys().next() {
        Some(key) => Err(wrong(key, "is no key of this kind; that is folder")),
        None => Ok(Box::new(Local::new(folder.as_ref()))),
    }
}

/// A tracker that cannot be made of its settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{key} of the tracker {tracker} {why}")]
pub struct Unusable {
    /// Which tracker: kind and address.
    pub tracker: String,
    /// The key of the config.
    pub key: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

/// Settings while a tracker takes what it knows.
#[derive(Debug)]
pub(crate) struct Keys {
    kind: String,
    base: Url,
    project: String,
    token: Secret,
    extra: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Keys {
    fn of(settings: Settings) -> Result<Self, Unusable> {
        let Settings { kind, url, project, token, extra } = settings;
        let wrong = |key: &str, why: &str| Unusable {
            tracker: kind.clone(),
            key: key.to_owned(),
            why: why.to_owned(),
        };
        let base =
            Url::parse(&url).map_err(|_| wrong("url", "is no address: write https://HOST"))?;
        if !matches!(base.scheme(), "https" | "http") || base.host().is_none() {
            return Err(wrong("url", "is no web address: write https://HOST"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("url", "holds a password: write it as token"));
        }
        if project.is_empty() {
            return Err(wrong("project", "is empty"));
        }
        Ok(Self { kind, base, project, token, extra, known: Vec::new() })
    }

    /// Kind, address and project in one line.
    pub(crate) fn name(&self) -> TrackerName {
        let base = self.base.as_str().trim_end_matches('/');
        TrackerName(format!("{} {base} {}", self.kind, self.project))
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    pub(crate) fn token(&self) -> &Secret {
        &self.token
    }

    /// A key's value, taken.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<String> {
        self.known.push(key);
        self.extra.remove(key)
    }

    /// A list, parted by commas.
    pub(crate) fn take_list(&mut self, key: &'static str) -> Vec<String> {
        let text = self.take(key).unwrap_or_default();
        text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    }

    /// What is wrong with a key.
    pub(crate) fn wrong(&self, key: &str, why: &str) -> Unusable {
        let tracker = format!("{} {}", self.kind, self.base.as_str().trim_end_matches('/'));
        Unusable { tracker, key: key.to_owned(), why: why.to_owned() }
    }

    fn end(self) -> Result<(), Unusable> {
        let Some(key) = self.extra.keys().next() else { return Ok(()) };
        let known = self.known.join(", ");
        Err(self.wrong(key, &format!("is no key of this kind; those are {known}")))
    }
}
