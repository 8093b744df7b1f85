//! Who we are, what the project has, and what is lacking.

use std::time::Instant;

use super::GitLab;
use super::shape::{Project, User};
use crate::tracker::Trouble;

/// Our username. The token of a project or group has a user of its own.
pub(super) fn account(gitlab: &GitLab, by: Instant) -> Result<String, Trouble> {
    let user: User = gitlab.site.fetch(gitlab.site.url(&["api", "v4", "user"], &[]), by)?;
    Ok(user.username)
}

pub(super) fn project(gitlab: &GitLab, by: Instant) -> Result<Project, Trouble> {
    let answer = gitlab.site.get(gitlab.at(&[]), by)?;
    match answer.status() {
        404 => Err(Trouble::Refused(format!(
            "there is no project {} that the token may see: write its whole path, groups included, and make our \
             account a member",
            gitlab.project
        ))),
        _ => answer.done()?.read(),
    }
}

pub(super) fn examine(gitlab: &GitLab, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match gitlab.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let (project, path) = (&known.project, &known.project.path_with_namespace);
    let mut lacks = Vec::new();
    if project.archived {
        lacks.push(format!("the project {path} is archived and can only be read"));
    }
    if project.issues_access_level.as_deref() == Some("disabled") {
        lacks.push(format!(
            "the project {path} has no issues: switch them on (Settings, General, Visibility, Issues)"
        ));
    }
    if project.access().is_none_or(|access| access < PLANNER) {
        lacks.push(format!(
            "our account may not set labels in {path}, and GitLab would drop them without a word: make it a member with \
             the role Planner or Reporter"
        ));
    }
    Ok(lacks)
}

/// The lowest role that sets labels.
const PLANNER: u64 = 15;
