//! What a project or our account in it lacks.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Deserialize;

use super::Redmine;
use super::known::Known;
use super::shape::{Issues, Named};
use crate::tracker::Trouble;

pub(super) fn examine(redmine: &Redmine, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match redmine.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let project = &redmine.wanted.project;
    let mut lacks = Vec::new();
    if known.project.is_closed {
        lacks.push(format!(
            "the project {project} is closed and can only be read: reopen it, or name another one"
        ));
    }
    if !known.project.tracks_issues {
        lacks.push(format!(
            "the project {project} tracks no issues: switch the module on (Settings, Project, Modules)"
        ));
    }
    if known.state_field.is_none() {
        lacks.push(redmine.wanted.no_state());
    }
    if known.is_admin {
        lacks.push(
            "our account is an administrator: give it a role of its own in this project and nothing else"
                .to_owned(),
        );
    } else {
        lacks.extend(rights_lacking(redmine, &known, by)?);
    }
    lacks.extend(filter_lacks(redmine, &known, by)?);
    Ok(lacks)
}

/// What has to be done, the permission for it, and the one that includes it.
const RIGHTS: [(&str, &str, &str); 4] = [
    ("see issues", "view_issues", "view_issues"),
    ("add issues", "add_issues", "add_issues"),
    ("edit its own issues", "edit_own_issues", "edit_issues"),
    ("add notes", "add_issue_notes", "add_issue_notes"),
];

fn rights_lacking(
    redmine: &Redmine,
    known: &Known,
    by: Instant,
) -> Result<Option<String>, Trouble> {
    let roles = roles(redmine, known, by)?;
    let project = &redmine.wanted.project;
    if roles.is_empty() {
        return Ok(Some(format!(
            "our account is no member of the project {project}: make it one (Settings, Members), with a role that may \
             view issues, add issues, edit own issues and add notes"
        )));
    }
    let mut permissions = BTreeSet::new();
    for role in roles {
        permissions.extend(permissions_of(redmine, role, by)?);
    }
    let is_lacking = |(_, least, more): &&(&str, &str, &str)| {
        !permissions.contains(*least) && !permissions.contains(*more)
    };
    let lacking: Vec<&str> = RIGHTS.iter().filter(is_lacking).map(|(what, ..)| *what).collect();
    Ok((!lacking.is_empty()).then(|| {
        let lacking = lacking.join(", ");
        format!("our account's role in the project {project} may not {lacking}: allow it")
    }))
}

fn roles(redmine: &Redmine, known: &Known, by: Instant) -> Result<Vec<u64>, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        user: Member,
    }
    #[derive(Deserialize)]
    struct Member {
        #[serde(default)]
        memberships: Vec<Membership>,
    }
    #[derive(Deserialize)]
    struct Membership {
        project: Named,
        roles: Vec<Named>,
    }
    let url = redmine.site.url(&["users", "current.json"], &[("include", "memberships")]);
    let answer: Answer = redmine.site.fetch(url, by)?;
    let here = answer.user.memberships.into_iter().filter(|one| one.project.id == known.project.id);
    Ok(here.flat_map(|one| one.roles).map(|role| role.id).collect())
}

fn permissions_of(redmine: &Redmine, role: u64, by: Instant) -> Result<Vec<String>, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        role: Role,
    }
    #[derive(Deserialize)]
    struct Role {
        #[serde(default)]
        permissions: Vec<String>,
    }
    let url = redmine.site.url(&["roles", &format!("{role}.json")], &[]);
    Ok(redmine.site.fetch::<Answer>(url, by)?.role.permissions)
}

/// A field that is no filter is passed over by lists: every issue would come.
fn filter_lacks(redmine: &Redmine, known: &Known, by: Instant) -> Result<Option<String>, Trouble> {
    let (project, filter) = (known.project.id.to_string(), known.filter());
    let query = [
        ("project_id", project.as_str()),
        ("status_id", "*"),
        ("limit", "1"),
        (&filter, "no issue has this key"),
    ];
    let issues: Issues = redmine.site.fetch(redmine.site.url(&["issues.json"], &query), by)?;
    Ok((issues.total_count > 0).then(|| {
        format!(
            "lists cannot be filtered by the custom field \"{}\": tick \"Used as a filter\" in it",
            redmine.wanted.key_field
        )
    }))
}
