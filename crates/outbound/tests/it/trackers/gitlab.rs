//! A stand-in for GitLab.
//!
//! Made from `doc/api/issues.md` of GitLab's repository (commit 000087ab, 2020) and from the pages Resource state events
//! API and Notes API of docs.gitlab.com as they were on 25 November 2026. What notes say of assignments, the numbers of
//! roles and who may set labels is not from there. Nothing here was held against a GitLab itself.

use std::sync::Arc;

use certvigil_doors::Secret;
use certvigil_model::Time;
use certvigil_outbound::Tracker;
use certvigil_outbound::tracker::{Settings, open};
use serde_json::{Value, json};

use crate::trackers::desk::{self, Desk, Done, Forge, TOKEN, Ticket, US, page};
use crate::trackers::ground::{client, soon};
use crate::trackers::shapes::{Shape, objection};
use crate::trackers::standin::{Asked, Reply, Standin};
use crate::trackers::suite::{self, issue, key, read};

#[test]
fn self_agrees_gitlab_takes_what_we_send() {
    let forge = forge();
    suite::holds(&forge);
    dropped_labels_are_noticed(&forge);
    what_is_lacking_is_said(&forge);
}

const SHAPES: &[Shape] = &[
    Shape { method: "GET", path: "api/v4/user", query: &[], body: &[] },
    Shape {
        method: "GET",
        path: "api/v4/projects/:id",
        query: &["license", "statistics"],
        body: &[],
    },
    Shape {
        method: "GET",
        path: "api/v4/projects/:id/issues",
        query: &[
            "state",
            "labels",
            "with_labels_details",
            "milestone",
            "scope",
            "author_id",
            "author_username",
            "order_by",
            "sort",
            "search",
            "in",
            "created_after",
            "created_before",
            "updated_after",
            "confidential",
            "iids[]",
            "page",
            "per_page",
        ],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "api/v4/projects/:id/issues",
        query: &[],
        body: &[
            "!title",
            "description",
            "labels",
            "confidential",
            "assignee_ids",
            "assignee_id",
            "created_at",
            "due_date",
            "issue_type",
            "milestone_id",
            "weight",
        ],
    },
    Shape { method: "GET", path: "api/v4/projects/:id/issues/:issue_iid", query: &[], body: &[] },
    Shape {
        method: "PUT",
        path: "api/v4/projects/:id/issues/:issue_iid",
        query: &[],
        body: &[
            "title",
            "description",
            "labels",
            "add_labels",
            "remove_labels",
            "state_event",
            "confidential",
            "assignee_ids",
            "discussion_locked",
            "due_date",
            "issue_type",
            "milestone_id",
            "updated_at",
            "weight",
        ],
    },
    Shape {
        method: "GET",
        path: "api/v4/projects/:id/issues/:issue_iid/notes",
        query: &["sort", "order_by", "activity_filter", "page", "per_page"],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "api/v4/projects/:id/issues/:issue_iid/notes",
        query: &[],
        body: &["!body", "internal", "created_at"],
    },
    Shape {
        method: "GET",
        path: "api/v4/projects/:id/issues/:issue_iid/resource_state_events",
        query: &["page", "per_page"],
        body: &[],
    },
];

fn forge() -> Forge {
    let desk = desk::desk();
    let on = Arc::clone(&desk);
    let server = Standin::start(move |asked| answer(&mut on.lock().unwrap(), asked));
    let tracker = tracker(&server.base, "ops/certs/watch", TOKEN);
    Forge {
        desk,
        tracker,
        server,
        key_label: |key| format!("certvigil:{key}"),
        begins: false,
        block_in_body: true,
        id_prefix: "",
    }
}

fn tracker(base: &str, project: &str, token: &str) -> Box<dyn Tracker> {
    let settings = Settings {
        kind: "gitlab".to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra: std::iter::once(("confidential".to_owned(), "true".to_owned())).collect(),
    };
    open(settings, client()).unwrap()
}

fn answer(desk: &mut Desk, asked: &Asked) -> Reply {
    if asked.header("private-token") != TOKEN {
        return Reply::refused(401, "401 Unauthorized");
    }
    if let Some(why) = objection(SHAPES, asked) {
        return Reply::refused(400, &why);
    }
    match (asked.method.as_str(), &asked.parts()[2..]) {
        ("GET", ["user"]) => Reply::ok(user(US)),
        ("GET", ["projects", "ops%2Fcerts%2Fwatch"]) => Reply::ok(json!({
            "id": 7, "path_with_namespace": "ops/certs/watch", "archived": desk.is_archived,
            "issues_access_level": "enabled",
            "permissions": {"project_access": null,
                "group_access": {"access_level": if desk.drops_labels { 10 } else { 20 }, "notification_level": 3}},
        })),
        (_, ["projects", "ops%2Fcerts%2Fwatch", "issues", rest @ ..]) => issues(desk, asked, rest),
        _ => Reply::refused(404, "404 Project Not Found"),
    }
}

fn issues(desk: &mut Desk, asked: &Asked, rest: &[&str]) -> Reply {
    match (asked.method.as_str(), rest) {
        ("GET", []) => list(desk, asked),
        ("POST", []) => {
            let text = |name: &str| asked.body[name].as_str().unwrap().to_owned();
            assert_eq!(asked.body["confidential"], true);
            if text("title").chars().count() > 255 {
                return Reply::refused(400, "title is too long (maximum is 255 characters)");
            }
            let labels: Vec<String> = text("labels").split(',').map(str::to_owned).collect();
            let number = desk.make(US, &text("title"), &text("description"), &labels);
            Reply::of(201, of_ticket(desk.ticket(&number.to_string()).unwrap()))
        }
        (_, [id, rest @ ..]) => match desk.ticket(id).filter(|one| !one.is_deleted) {
            Some(ticket) => one(ticket, asked, rest),
            None => Reply::refused(404, "404 Not found"),
        },
        _ => Reply::refused(404, "404 Not found"),
    }
}

fn list(desk: &Desk, asked: &Asked) -> Reply {
    let labels: Vec<&str> =
        asked.query("labels").into_iter().flat_map(|all| all.split(',')).collect();
    let is_open = match asked.query("state") {
        None | Some("all") => None,
        state => Some(state == Some("opened")),
    };
    let all = desk.list(&labels, is_open);
    let of_page = page(
        &all,
        asked.number("page").unwrap_or(1),
        asked.number("per_page").unwrap_or(20).min(100),
    );
    Reply::ok(of_page.iter().map(of_ticket).collect())
}

fn one(ticket: &mut Ticket, asked: &Asked, rest: &[&str]) -> Reply {
    match (asked.method.as_str(), rest) {
        ("GET", []) => Reply::ok(of_ticket(ticket)),
        ("PUT", []) => {
            if let Some(text) = asked.body["description"].as_str() {
                text.clone_into(&mut ticket.body);
            }
            match asked.body["state_event"].as_str() {
                Some("close") => ticket.set_open(US, false),
                Some("reopen") => ticket.set_open(US, true),
                None => {}
                Some(_) => return Reply::refused(400, "state_event does not have a valid value"),
            }
            Reply::ok(of_ticket(ticket))
        }
        ("GET", ["notes"]) => Reply::ok(notes(ticket)),
        ("POST", ["notes"]) => {
            let body = asked.body["body"].as_str().unwrap().to_owned();
            let is_command = body.lines().any(|line| line.starts_with('/'));
            assert!(!is_command, "GitLab runs what begins with a slash: {body}");
            ticket.comments.push((US, body));
            Reply::of(201, notes(ticket).as_array().unwrap().last().unwrap().clone())
        }
        ("GET", ["resource_state_events"]) => {
            let events = ticket.events.iter().filter_map(|(by, done, at)| {
                let state = match done {
                    Done::Closed => "closed",
                    Done::Reopened => "reopened",
                    Done::Assigned | Done::Begun => return None,
                };
                Some(json!({"id": 1, "user": user(by), "created_at": millis(*at), "resource_type": "Issue",
                    "resource_id": 1, "state": state}))
            });
            Reply::ok(events.collect())
        }
        _ => Reply::refused(404, "404 Not found"),
    }
}

fn of_ticket(ticket: &Ticket) -> Value {
    json!({
        "id": 5000 + ticket.number, "iid": ticket.number, "project_id": 7, "title": ticket.title,
        "description": ticket.body, "state": if ticket.is_open && ticket.is_here { "opened" } else { "closed" },
        "created_at": millis(ticket.made), "labels": ticket.labels, "author": user(ticket.author),
        "web_url": format!("https://gitlab.example.com/ops/certs/watch/-/issues/{}", ticket.number),
        "moved_to_id": if ticket.is_here { Value::Null } else { json!(9000) },
    })
}

fn notes(ticket: &Ticket) -> Value {
    let note = |by: &str, body: &str, at: Time, system: bool| {
        json!({"id": 1, "body": body, "author": user(by), "created_at": millis(at), "system": system,
            "noteable_type": "Issue"})
    };
    let assigned = ticket.events.iter().filter(|(_, done, _)| *done == Done::Assigned);
    let assigned = assigned.map(|(by, _, at)| note(by, &format!("assigned to @{by}"), *at, true));
    let comments = ticket.comments.iter().map(|(by, body)| note(by, body, ticket.made, false));
    assigned.chain(comments).collect()
}

fn user(name: &str) -> Value {
    json!({"id": name.len(), "username": name, "name": name, "state": "active", "web_url": "https://gitlab.example.com"})
}

/// As GitLab writes moments.
fn millis(at: Time) -> String {
    at.to_string().replace('Z', ".000Z")
}

fn dropped_labels_are_noticed(forge: &Forge) {
    forge.desk().drops_labels = true;
    let id = forge.tracker.create(&issue(&key()), soon()).unwrap();
    forge.desk().drops_labels = false;
    let stored = read(forge, &id);
    assert!(stored.is_ours && !stored.is_labelled && stored.key.is_none(), "{stored:?}");
}

fn what_is_lacking_is_said(forge: &Forge) {
    let base = &forge.server.base;
    let lacks = |project: &str, token: &str| {
        tracker(base, project, token).examine(soon()).unwrap().join("\n")
    };
    assert!(lacks("ops/certs/watch", "another").contains("the token lets nobody in"));
    assert!(lacks("ops/certs/other", TOKEN).contains("no project ops/certs/other"));
    forge.desk().drops_labels = true;
    assert!(lacks("ops/certs/watch", TOKEN).contains("may not set labels"));
    forge.desk().drops_labels = false;
    forge.desk().is_archived = true;
    assert!(lacks("ops/certs/watch", TOKEN).contains("is archived"));
    forge.desk().is_archived = false;
}
