//! Who we are, what the repository has, and what is lacking.

use std::time::Instant;

use super::GitHub;
use super::shape::{Repository, User};
use crate::tracker::Trouble;

/// Our login, by which issues and comments are told from others'.
pub(super) fn account(github: &GitHub, by: Instant) -> Result<String, Trouble> {
    if let Some(account) = &github.wanted.account {
        return Ok(account.clone());
    }
    let answer = github.site.get(github.site.url(&["user"], &[]), by)?;
    match answer.status() {
        // The token of an app or of a workflow belongs to no user.
        403 => Err(Trouble::Refused(
            "the token belongs to no user: write under which name it files issues, account = \"github-actions[bot]\" \
             for the token of a workflow"
                .to_owned(),
        )),
        _ => Ok(answer.done()?.read::<User>()?.login),
    }
}

pub(super) fn repository(github: &GitHub, by: Instant) -> Result<Repository, Trouble> {
    let project = format!("{}/{}", github.owner, github.repository);
    let answer = github.site.get(github.at(&[], &[]), by)?;
    match answer.status() {
        404 => Err(Trouble::Refused(format!(
            "there is no repository {project} that the token may see: a fine-grained token needs it among its \
             repositories, with the permission Issues: read and write"
        ))),
        301 | 302 | 307 | 308 => Err(Trouble::Refused(format!(
            "the repository {project} has another name now: write that as project"
        ))),
        _ => answer.done()?.read(),
    }
}

pub(super) fn examine(github: &GitHub, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match github.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let repository = &known.repository;
    let project = &repository.full_name;
    let mut lacks = Vec::new();
    if repository.archived {
        lacks.push(format!("the repository {project} is archived and can only be read"));
    }
    if repository.has_issues == Some(false) {
        lacks.push(format!(
            "the repository {project} has no issues: switch them on (Settings, Features)"
        ));
    }
    // A workflow's token has permissions that the repository's answer does not tell.
    let is_told = github.wanted.account.is_none();
    if is_told && !repository.permissions.push && !repository.permissions.triage {
        lacks.push(format!(
            "our account may not set labels in {project}, and GitHub would drop them without a word: give it the role \
             Triage or Write"
        ));
    }
    Ok(lacks)
}
