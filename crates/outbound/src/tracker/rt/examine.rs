//! What a queue or our account in it lacks.

use std::time::Instant;

use super::Rt;
use super::shape::Made;
use crate::tracker::Trouble;

pub(super) fn examine(rt: &Rt, by: Instant) -> Result<Vec<String>, Trouble> {
    let known = match rt.known(by) {
        Ok(known) => known,
        Err(Trouble::Refused(why)) => return Ok(vec![why]),
        Err(trouble) => return Err(trouble),
    };
    let queue = &rt.wanted.queue;
    let mut lacks = Vec::new();
    if known.is_disabled {
        lacks.push(format!("the queue {queue} is disabled: enable it, or name another one"));
    }
    if !known.may_create {
        lacks.push(format!(
            "our account may not create tickets in the queue {queue}: give it CreateTicket"
        ));
    }
    if known.state_field.is_none() {
        lacks.push(rt.wanted.no_state());
    }
    lacks.extend(of_a_ticket(rt, known.queue, by)?);
    Ok(lacks)
}

/// What we may do with a ticket is told by a ticket, where there is one.
fn of_a_ticket(rt: &Rt, queue: u64, by: Instant) -> Result<Vec<String>, Trouble> {
    let condition = format!("Queue = {queue} AND Status = '__Active__'");
    let query =
        [("query", condition.as_str()), ("orderby", "id"), ("order", "DESC"), ("per_page", "1")];
    let page: super::shape::Page<Made> = rt.site.fetch(rt.at(&["tickets"], &query), by)?;
    let Some(newest) = page.items.first() else { return Ok(Vec::new()) };
    let Some(ticket) = rt.ticket(&newest.id.to_string(), by)? else {
        return Ok(vec![
            "our account may not see the queue's tickets: give it ShowTicket".to_owned(),
        ]);
    };
    let has = |kind: &str| ticket.links.iter().any(|link| link.kind == kind);
    let mut lacks = Vec::new();
    for (kind, right, what) in [
        ("lifecycle", "ModifyTicket", "close and reopen"),
        (rt.wanted.comments_as, rt.wanted.comment_right(), "comment on"),
    ] {
        if !has(kind) {
            lacks.push(format!("our account may not {what} tickets of the queue: give it {right}"));
        }
    }
    Ok(lacks)
}
