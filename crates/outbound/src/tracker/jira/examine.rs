//! Who we are, what the project has, and what is lacking.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;

use super::Jira;
use super::shape::{Status, User};
use crate::tracker::Trouble;

/// What is asked once.
#[derive(Debug)]
pub(super) struct Known {
    /// Our account: its id in Cloud, its name in Data Center.
    pub(super) account: String,
    pub(super) is_archived: bool,
    issue_types: Vec<String>,
    statuses: Vec<Status>,
}

impl Known {
    pub(super) fn ask(jira: &Jira, by: Instant) -> Result<Self, Trouble> {
        let user: User = jira.site.fetch(jira.at(&["myself"], &[]), by)?;
        let project = project(jira, by)?;
        Ok(Self {
            account: user.id().to_owned(),
            is_archived: project.archived,
            issue_types: project.issue_types.into_iter().map(|one| one.name).collect(),
            statuses: jira.site.fetch(jira.at(&["status"], &[]), by)?,
        })
    }

    pub(super) fn status(&self, id: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.id == id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    issue_types: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

fn project(jira: &Jira, by: Instant) -> Result<Project, Trouble> {
    let answer = jira.site.get(jira.at(&["project", &jira.project], &[]), by)?;
    match answer.status() {
        404 => Err(Trouble::Refused(format!(
            "there is no project {} that our account may see: write its key, and give our account the permission Browse \
             projects",
            jira.project
        ))),
        _ => answer.done()?.read(),
    }
}

pub(super) fn examine(jira: &Jira, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match jira.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let project = &jira.project;
    let mut lacks = Vec::new();
    if known.is_archived {
        lacks.push(format!("the project {project} is archived and can only be read"));
    }
    if !known.issue_types.contains(&jira.issue_type) {
        lacks.push(format!(
            "the project {project} has no issue type {}; issue_type can be: {}",
            jira.issue_type,
            known.issue_types.join(", ")
        ));
    }
    lacks.extend(permissions_lacking(jira, by)?);
    Ok(lacks)
}

const PERMISSIONS: [&str; 4] =
    ["CREATE_ISSUES", "ADD_COMMENTS", "EDIT_ISSUES", "TRANSITION_ISSUES"];

fn permissions_lacking(jira: &Jira, by: Instant) -> Result<Option<String>, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        permissions: BTreeMap<String, Permission>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Permission {
        have_permission: bool,
    }
    let wanted = PERMISSIONS.join(",");
    let query = [("projectKey", jira.project.as_str()), ("permissions", &wanted)];
    let answer: Answer = jira.site.fetch(jira.at(&["mypermissions"], &query), by)?;
    let has = |name: &&&str| answer.permissions.get(**name).is_some_and(|one| one.have_permission);
    let lacking: Vec<&str> = PERMISSIONS.iter().filter(|name| !has(name)).copied().collect();
    Ok((!lacking.is_empty()).then(|| {
        let lacking = lacking.join(", ");
        format!("our account lacks permissions in the project {}: {lacking}", jira.project)
    }))
}
