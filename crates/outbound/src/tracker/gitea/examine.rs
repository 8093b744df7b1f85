//! Who we are, what the repository has, and what is lacking.

use std::time::Instant;

use super::Gitea;
use super::shape::{Repository, User};
use crate::tracker::Trouble;

pub(super) fn account(gitea: &Gitea, by: Instant) -> Result<String, Trouble> {
    let answer = gitea.site.get(gitea.site.url(&["api", "v1", "user"], &[]), by)?;
    match answer.status() {
        403 => Err(Trouble::Refused(
            "the token may not say whose it is: make one with the scopes read:user, read:repository and write:issue"
                .to_owned(),
        )),
        _ => Ok(answer.done()?.read::<User>()?.login),
    }
}

pub(super) fn repository(gitea: &Gitea, by: Instant) -> Result<Repository, Trouble> {
    let answer = gitea.site.get(gitea.at(&[]), by)?;
    match answer.status() {
        404 => Err(Trouble::Refused(format!(
            "there is no repository {}/{} that our account may see: make it a collaborator",
            gitea.owner, gitea.repository
        ))),
        301 | 302 | 307 | 308 => Err(Trouble::Refused(format!(
            "the repository {}/{} has another name now: write that as project",
            gitea.owner, gitea.repository
        ))),
        _ => answer.done()?.read(),
    }
}

pub(super) fn examine(gitea: &Gitea, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match gitea.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let (repository, path) = (&known.repository, &known.repository.full_name);
    let mut lacks = Vec::new();
    if repository.archived {
        lacks.push(format!("the repository {path} is archived and can only be read"));
    }
    if repository.has_issues == Some(false) {
        lacks.push(format!(
            "the repository {path} has no issues: switch them on (Settings, Advanced)"
        ));
    }
    if !repository.permissions.push {
        lacks.push(format!(
            "our account may not set labels in {path}: make it a collaborator that may write"
        ));
    }
    Ok(lacks)
}
