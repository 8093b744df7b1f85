//! Who we are in a Redmine, and what its project has: asked before anything else.

use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use super::shape::{Issues, Named, Status};
use crate::tracker::Trouble;
use crate::tracker::http::Site;
use crate::tracker::settings::Keys;

/// What the config names.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) project: String,
    pub(super) key_field: String,
    pub(super) state_field: String,
    pub(super) tracker: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) open_status: Option<String>,
    pub(super) closed_status: Option<String>,
    /// Accounts that are no persons, as Redmine shows their names.
    pub(super) bots: Vec<String>,
}

impl Wanted {
    pub(super) fn of(keys: &mut Keys) -> Self {
        let mut named = |key, default: &str| keys.take(key).unwrap_or_else(|| default.to_owned());
        let key_field = named("key_field", "certvigil key");
        let state_field = named("state_field", "certvigil state");
        Self {
            project: keys.project().to_owned(),
            key_field,
            state_field,
            tracker: keys.take("tracker"),
            priority: keys.take("priority"),
            open_status: keys.take("open_status"),
            closed_status: keys.take("closed_status"),
            bots: keys.take_list("bots"),
        }
    }

    pub(super) fn no_key(&self) -> String {
        format!(
            "the project {} has no custom field \"{}\", by which issues are found again: an administrator makes it \
             (Administration, Custom fields, Issues; format Text, used as a filter) and ticks the project and its \
             tracker; a field for all projects is named by its number, key_field = \"7\"",
            self.project, self.key_field
        )
    }

    pub(super) fn no_state(&self) -> String {
        format!(
            "the project {} has no custom field \"{}\" that our account sees, which holds what a run without a store \
             has to remember: an administrator makes it (format Long text, visible to our role alone, so that nobody \
             is mailed when it changes) and ticks the project and its tracker",
            self.project, self.state_field
        )
    }
}

/// What there is.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) account: u64,
    pub(super) is_admin: bool,
    pub(super) project: Project,
    pub(super) key_field: u64,
    pub(super) state_field: Option<u64>,
    pub(super) statuses: Vec<Status>,
    pub(super) tracker: Option<u64>,
    pub(super) priority: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: u64,
    /// It can be read only.
    pub(super) is_closed: bool,
    pub(super) tracks_issues: bool,
}

impl Known {
    /// Asks, and refuses what nothing can be done without: to be somebody, the project, the field of the key.
    pub(super) fn ask(site: &Site, wanted: &Wanted, by: Instant) -> Result<Self, Trouble> {
        let account = account(site, by)?;
        let project = project(site, wanted, by)?;
        let fields = fields(site, &project, by)?;
        let key_field = number(&wanted.key_field, &fields);
        let key_field = key_field.ok_or_else(|| Trouble::Refused(wanted.no_key()))?;
        let statuses: Statuses = site.fetch(site.url(&["issue_statuses.json"], &[]), by)?;
        Ok(Self {
            account: account.id,
            is_admin: account.admin,
            key_field,
            state_field: number(&wanted.state_field, &fields),
            statuses: statuses.issue_statuses,
            tracker: one_of("tracker", wanted.tracker.as_ref(), &project.trackers)?,
            priority: priority(site, wanted, by)?,
            project: Project {
                id: project.id,
                is_closed: project.status == Some(CLOSED),
                tracks_issues: project
                    .enabled_modules
                    .iter()
                    .any(|one| one.name == "issue_tracking"),
            },
        })
    }

    /// The parameter that lists by the key.
    pub(super) fn filter(&self) -> String {
        format!("cf_{}", self.key_field)
    }

    pub(super) fn is_closed(&self, status: &Status) -> bool {
        status.is_closed.unwrap_or_else(|| self.closes(status.id))
    }

    /// Whether the status of that number closes an issue.
    pub(super) fn closes(&self, id: u64) -> bool {
        self.statuses.iter().any(|status| status.id == id && status.is_closed == Some(true))
    }
}

/// `Project::STATUS_CLOSED`.
const CLOSED: u64 = 5;

#[derive(Debug, Deserialize)]
struct Account {
    id: u64,
    #[serde(default)]
    admin: bool,
}

fn account(site: &Site, by: Instant) -> Result<Account, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        user: Account,
    }
    let answer = site.get(site.url(&["users", "current.json"], &[]), by)?;
    match answer.status() {
        401 => Err(Trouble::Refused(
            "Redmine knows no account with this API key, though it may show public projects to it: take the key \
             from the account's page (My account, API access key)"
                .to_owned(),
        )),
        403 => Err(Trouble::Refused(
            "Redmine's REST API is off: an administrator switches it on (Administration, Settings, API)".to_owned(),
        )),
        _ => Ok(answer.done()?.read::<Answer>()?.user),
    }
}

#[derive(Debug, Deserialize)]
struct RawProject {
    id: u64,
    status: Option<u64>,
    #[serde(default)]
    trackers: Vec<Named>,
    #[serde(default)]
    enabled_modules: Vec<Named>,
    /// Those that the project ticks by itself; fields for all projects are not told.
    #[serde(default)]
    issue_custom_fields: Vec<Named>,
}

fn project(site: &Site, wanted: &Wanted, by: Instant) -> Result<RawProject, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        project: RawProject,
    }
    let include = [("include", "trackers,enabled_modules,issue_custom_fields")];
    let url = site.url(&["projects", &format!("{}.json", wanted.project)], &include);
    let answer = site.get(url, by)?;
    match answer.status() {
        404 => Err(Trouble::Refused(format!(
            "there is no project {}: write its identifier, the last part of its address",
            wanted.project
        ))),
        403 => Err(Trouble::Refused(format!(
            "the project {} is archived, or our account is no member of it: make it one",
            wanted.project
        ))),
        _ => Ok(answer.done()?.read::<Answer>()?.project),
    }
}

#[derive(Deserialize)]
struct Statuses {
    issue_statuses: Vec<Status>,
}

/// Custom fields of the project's issues: those that the project names, and those that an issue in it shows.
fn fields(site: &Site, project: &RawProject, by: Instant) -> Result<Vec<Named>, Trouble> {
    let mut fields = project.issue_custom_fields.clone();
    let id = project.id.to_string();
    let query =
        [("project_id", id.as_str()), ("status_id", "*"), ("sort", "id:desc"), ("limit", "25")];
    let issues: Issues = site.fetch(site.url(&["issues.json"], &query), by)?;
    let shown = issues.issues.into_iter().flat_map(|issue| issue.custom_fields);
    fields.extend(shown.map(|field| Named { id: field.id, name: field.name }));
    Ok(fields)
}

/// A field by its name, or by its number whether or not it was seen.
fn number(wanted: &str, fields: &[Named]) -> Option<u64> {
    let by_name = fields.iter().find(|field| field.name == wanted).map(|field| field.id);
    by_name.or_else(|| wanted.parse().ok())
}

fn one_of(what: &str, wanted: Option<&String>, known: &[Named]) -> Result<Option<u64>, Trouble> {
    let Some(wanted) = wanted else { return Ok(None) };
    let found = known.iter().find(|one| one.name == *wanted).map(|one| one.id);
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        Trouble::Refused(format!(
            "there is no {what} {wanted} here; there are: {}",
            names.join(", ")
        ))
    })
}

fn priority(site: &Site, wanted: &Wanted, by: Instant) -> Result<Option<u64>, Trouble> {
    if wanted.priority.is_none() {
        return Ok(None);
    }
    let url = site.url(&["enumerations", "issue_priorities.json"], &[]);
    let answer: Value = site.fetch(url, by)?;
    let known = serde_json::from_value(answer["issue_priorities"].clone()).unwrap_or_default();
    let known: Vec<Named> = known;
    one_of("priority", wanted.priority.as_ref(), &known)
}
