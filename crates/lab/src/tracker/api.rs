//! Its shape.
//!
//! ```text
//! GET   /me                                      {"name"}
//! GET   /projects/P                              {"name", "archived"}
//! POST  /projects/P/issues                       {"title", "text", "labels", "block"} → 201, the issue
//! GET   /projects/P/issues?label=L[&open=true]   {"issues": […]}   from the index, which may lag
//! GET   /projects/P/issues?since=T               {"issues": […]}   from the list, the newest first
//! GET   /issues/N                                the issue; 301 where it became another one
//! POST  /issues/N/comments                       {"text"} → 201
//! PATCH /issues/N                                {"open", "block"}
//! POST  /control/faults                          {"on", "fault", "times"}
//! POST  /control/lag                             {"finds": 3} or {"millis": 60000}
//! ```
//! `x-token: NAME-token` lets the account NAME in.

use std::io::{self, Read, Write};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Answer, Asked};
use super::issues::{LabComment, LabIssue, Lag};
use super::{Fault, On, Shared, lock};
use crate::time::generalized;

/// Serves one request, well or not.
pub(super) fn serve(stream: &mut (impl Read + Write), shared: &Shared) -> io::Result<()> {
    let Some(asked) = http::read(stream)? else { return Ok(()) };
    if asked.path.first().is_some_and(|part| part == "control") {
        return http::send(stream, &control(&asked, shared).bytes());
    }
    let on = kind(&asked);
    let fault = on.and_then(|on| lock(&shared.faults).meet(on));
    if let Some(wait) = fault.and_then(Fault::wait) {
        thread::sleep(wait);
    }
    let answer = match fault {
        Some(fault) if !fault.is_done() => spared(&asked, fault, shared),
        _ => answer(&asked, fault, shared)?,
    };
    match fault {
        Some(Fault::Hang | Fault::HangAfter) => http::hang(stream),
        Some(Fault::ResetBefore | Fault::ResetAfter) => {}
        Some(Fault::HalfAnswer) => {
            let bytes = answer.bytes();
            http::send(stream, &bytes[..bytes.len() - 5])?;
        }
        _ => http::send(stream, &answer.bytes())?,
    }
    Ok(())
}

fn kind(asked: &Asked) -> Option<On> {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let has = |name| asked.query.iter().any(|(known, _)| known == name);
    Some(match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["me"] | ["projects", _]) => On::Examine,
        ("GET", ["projects", _, "issues"]) if has("since") => On::Recent,
        ("GET", ["projects", _, "issues"]) => On::Find,
        ("POST", ["projects", _, "issues"]) => On::Create,
        ("GET", ["issues", _]) => On::Read,
        ("POST", ["issues", _, "comments"]) => On::Comment,
        ("PATCH", ["issues", _]) => On::Change,
        _ => return None,
    })
}

/// The answer of a fault that does nothing.
fn spared(asked: &Asked, fault: Fault, shared: &Shared) -> Answer {
    match fault {
        Fault::Status(status) => refused(status, "ordered by the lab"),
        Fault::RetryAfter(seconds) => {
            let mut answer = refused(429, "too many requests");
            answer.headers.push(("retry-after", seconds.to_string()));
            answer
        }
        // A number that nobody has, as if the issue had been made.
        _ => {
            let id = lock(&shared.issues).issues.len() as u64 + 1000;
            let issue = LabIssue { id, open: true, ..asked_for(asked) };
            let status = if asked.method == "POST" { 201 } else { 200 };
            Answer::json(status, &shown(&issue))
        }
    }
}

fn answer(asked: &Asked, fault: Option<Fault>, shared: &Shared) -> io::Result<Answer> {
    let account = asked.token.as_deref().and_then(|token| token.strip_suffix("-token"));
    let Some(account) = account else { return Ok(refused(401, "who are you?")) };
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let answer = match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["me"]) => Answer::json(200, &json!({"name": account})),
        ("GET", ["projects", name]) => project(name, shared),
        ("GET", ["projects", name, "issues"]) => list(name, asked, shared)?,
        ("POST", ["projects", name, "issues"]) => create(name, account, asked, fault, shared)?,
        ("GET", ["issues", id]) => read(id, shared),
        (_, ["issues", id, ..]) => write(id, account, asked, shared)?,
        _ => refused(404, "no such place"),
    };
    Ok(match fault {
        Some(Fault::StatusAfter(status)) => refused(status, "an error of ours"),
        Some(Fault::Page) => Answer {
            status: 200,
            headers: vec![("content-type", "text/html".to_owned())],
            body: "<!doctype html><title>Welcome</title>".to_owned(),
        },
        _ => answer,
    })
}

fn project(name: &str, shared: &Shared) -> Answer {
    if name == "missing" {
        return refused(404, "no such project");
    }
    let archived = lock(&shared.issues).archived.iter().any(|known| known == name);
    Answer::json(200, &json!({"name": name, "archived": archived}))
}

fn list(project: &str, asked: &Asked, shared: &Shared) -> io::Result<Answer> {
    let value =
        |name| asked.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut issues = lock(&shared.issues);
    if value("since").is_none() {
        issues.finds += 1;
        shared.keep(&issues)?;
    }
    let now = (shared.now)();
    let is_listed = |issue: &&LabIssue| {
        let is_shown = match value("since") {
            Some(since) => written(issue.made_at).as_str() >= since,
            None => issues.shows(issue, now),
        };
        let is_labelled =
            value("label").is_none_or(|label| issue.labels.iter().any(|l| l == label));
        let is_wanted = value("open").is_none_or(|_| issue.open);
        let is_there = !issue.deleted && issue.moved_to.is_none() && issue.project == project;
        is_shown && is_labelled && is_wanted && is_there
    };
    let listed: Vec<Value> = issues.issues.iter().rev().filter(is_listed).map(shown).collect();
    Ok(Answer::json(200, &json!({"issues": listed})))
}

fn create(
    project: &str,
    account: &str,
    asked: &Asked,
    fault: Option<Fault>,
    shared: &Shared,
) -> io::Result<Answer> {
    let mut issues = lock(&shared.issues);
    if issues.archived.iter().any(|known| known == project) {
        return Ok(refused(403, "the project is archived"));
    }
    let mut issue = LabIssue {
        project: project.to_owned(),
        author: account.to_owned(),
        open: fault != Some(Fault::ClosedAtOnce),
        made_at: (shared.now)(),
        ..asked_for(asked)
    };
    if issue.title.is_empty() {
        return Ok(refused(422, "an issue has a title"));
    }
    if fault == Some(Fault::LabelsDropped) {
        issue.labels.clear();
    }
    let id = issues.add(issue.clone());
    if fault == Some(Fault::Duplicate) {
        issues.add(issue.clone());
    }
    shared.keep(&issues)?;
    Ok(Answer::json(201, &shown(&LabIssue { id, ..issue })))
}

fn read(id: &str, shared: &Shared) -> Answer {
    let issues = lock(&shared.issues);
    let found = issues.issues.iter().find(|issue| issue.id.to_string() == id);
    match found {
        None => refused(404, "no such issue"),
        Some(issue) if issue.deleted => refused(410, "it was deleted"),
        Some(LabIssue { moved_to: Some(to), .. }) => {
            let mut answer = Answer::json(301, &json!({"moved_to": to}));
            answer.headers.push(("location", format!("/issues/{to}")));
            answer
        }
        Some(issue) => Answer::json(200, &shown(issue)),
    }
}

fn write(id: &str, account: &str, asked: &Asked, shared: &Shared) -> io::Result<Answer> {
    let mut issues = lock(&shared.issues);
    let archived = issues.archived.clone();
    let found = issues.issues.iter_mut().find(|issue| issue.id.to_string() == id);
    let Some(issue) = found else { return Ok(refused(404, "no such issue")) };
    if issue.deleted || issue.moved_to.is_some() {
        return Ok(refused(410, "it is not there any more"));
    }
    if issue.locked || archived.contains(&issue.project) {
        return Ok(refused(403, "nobody can write to it"));
    }
    let text = |name: &str| asked.body.get(name).and_then(Value::as_str).map(str::to_owned);
    if asked.method == "POST" {
        let text = text("text").unwrap_or_default();
        issue.comments.push(LabComment { by: account.to_owned(), text });
    }
    if let Some(open) = asked.body.get("open").and_then(Value::as_bool) {
        issue.open = open;
    }
    if let Some(block) = text("block") {
        issue.block = block;
    }
    let answer = Answer::json(if asked.method == "POST" { 201 } else { 200 }, &shown(issue));
    shared.keep(&issues)?;
    Ok(answer)
}

fn asked_for(asked: &Asked) -> LabIssue {
    let text = |name: &str| asked.body[name].as_str().unwrap_or_default().to_owned();
    let labels = asked.body["labels"].as_array().cloned().unwrap_or_default();
    LabIssue {
        title: text("title"),
        text: text("text"),
        block: text("block"),
        labels: labels.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        ..LabIssue::default()
    }
}

fn shown(issue: &LabIssue) -> Value {
    json!({
        "id": issue.id, "url": format!("/issues/{}", issue.id), "project": issue.project,
        "title": issue.title, "text": issue.text, "author": {"name": issue.author},
        "labels": issue.labels, "state": if issue.open { "open" } else { "closed" },
        "locked": issue.locked, "block": issue.block, "created_at": written(issue.made_at),
        "comments": issue.comments,
    })
}

/// RFC 3339 with milliseconds.
fn written(millis: i64) -> String {
    let text = generalized(millis.div_euclid(1000));
    let (date, time) = (&text[..8], &text[8..14]);
    format!(
        "{}-{}-{}T{}:{}:{}.{:03}Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &time[..2],
        &time[2..4],
        &time[4..],
        millis.rem_euclid(1000)
    )
}

fn refused(status: u16, why: &str) -> Answer {
    Answer::json(status, &json!({"error": why}))
}

fn control(asked: &Asked, shared: &Shared) -> Answer {
    #[derive(Deserialize)]
    struct Order {
        on: On,
        fault: Fault,
        #[serde(default = "once")]
        times: u32,
    }
    const fn once() -> u32 {
        1
    }
    let body = asked.body.clone();
    match asked.path.get(1).map(String::as_str) {
        Some("faults") => match serde_json::from_value::<Order>(body) {
            Ok(order) => lock(&shared.faults).order(order.on, order.fault, order.times),
            Err(error) => return refused(422, &error.to_string()),
        },
        Some("lag") => match serde_json::from_value::<Lag>(body) {
            Ok(lag) => lock(&shared.issues).lag = lag,
            Err(error) => return refused(422, &error.to_string()),
        },
        _ => return refused(404, "no such order"),
    }
    Answer::json(200, &json!({}))
}
