//! A stand-in for Gitea and Forgejo that neither takes nor says what Forgejo's own description of its API does not have.
//!
//! The description is `swagger.v1.json` of the package `forgejo-api` 0.12.0: Forgejo 17.0.0-dev-609, which calls itself
//! like Gitea 1.22.0; `scripts/test` fetches it. Answers have every field in it. Nothing here was held against a Gitea
//! itself.

use std::sync::{Arc, Mutex};

use certvigil_doors::Secret;
use certvigil_outbound::Tracker;
use certvigil_outbound::tracker::{Settings, open};
use serde_json::{Value, json};

use crate::trackers::desk::{self, Desk, Done, Forge, TOKEN, Ticket, US, page};
use crate::trackers::ground::{client, soon};
use crate::trackers::openapi::{Published, but, packaged};
use crate::trackers::standin::{Asked, Reply, Standin};
use crate::trackers::suite;

#[test]
fn forgejo_takes_what_we_send() {
    let Some(path) = packaged("forgejo-api-0.12.0/swagger.v1.json") else { return };
    let forge = forge(Published::read(&path));
    suite::holds(&forge);
    what_is_lacking_is_said(&forge);
}

fn forge(published: Published) -> Forge {
    let desk = desk::desk();
    let on = Arc::clone(&desk);
    let (labels, forgejo) = (Mutex::new(Vec::new()), Forgejo { published });
    let server = Standin::start(move |asked| {
        forgejo.answer(&mut on.lock().unwrap(), &mut labels.lock().unwrap(), asked)
    });
    let tracker = tracker(&server.base, "certs/watch", TOKEN);
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
        kind: "forgejo".to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra: std::collections::BTreeMap::new(),
    };
    open(settings, client()).unwrap()
}

/// A page has three entries, whatever is asked for: a server may be set so.
const MOST: usize = 3;

struct Forgejo {
    published: Published,
}

impl Forgejo {
    fn answer(&self, desk: &mut Desk, labels: &mut Vec<String>, asked: &Asked) -> Reply {
        if asked.header("authorization") != format!("token {TOKEN}") {
            return Reply::refused(401, "user does not exist [uid: 0, name: ]");
        }
        let path = asked.path.strip_prefix("/api/v1").unwrap_or_default().to_owned();
        let asked = &Asked { path, ..asked.clone() };
        if let Some(why) = self.published.objection(asked) {
            return Reply::refused(422, &why);
        }
        let reply = self.described(desk, labels, asked);
        if reply.status < 300
            && let Some(why) = self.published.objection_to_answer(asked, &reply)
        {
            return Reply::refused(422, &why);
        }
        reply
    }

    fn described(&self, desk: &mut Desk, labels: &mut Vec<String>, asked: &Asked) -> Reply {
        match (asked.method.as_str(), asked.parts().as_slice()) {
            ("GET", ["user"]) => Reply::ok(self.user(US)),
            ("GET", ["repos", "certs", "watch"]) => Reply::ok(self.full(
                "Repository",
                json!({
                    "full_name": "certs/watch", "archived": desk.is_archived, "has_issues": true,
                    "permissions": {"admin": false, "push": !desk.drops_labels, "pull": true},
                }),
            )),
            ("GET", ["repos", "certs", "watch", "labels"]) => {
                let all: Vec<Value> =
                    labels.iter().enumerate().map(|(at, name)| self.label(at, name)).collect();
                Reply::ok(Value::Array(page(&all, asked.number("page").unwrap_or(1), MOST)))
            }
            ("POST", ["repos", "certs", "watch", "labels"]) => {
                labels.push(asked.body["name"].as_str().unwrap().to_owned());
                Reply::of(201, self.label(labels.len() - 1, labels.last().unwrap()))
            }
            (_, ["repos", "certs", "watch", "issues", rest @ ..]) => {
                self.issues(desk, labels, asked, rest)
            }
            _ => Reply::refused(404, "The target couldn't be found."),
        }
    }

    fn label(&self, at: usize, name: &str) -> Value {
        self.full("Label", json!({"id": at + 1, "name": name, "color": "5b6770"}))
    }

    fn issues(&self, desk: &mut Desk, labels: &[String], asked: &Asked, rest: &[&str]) -> Reply {
        match (asked.method.as_str(), rest) {
            ("GET", []) => {
                let is_open = match asked.query("state") {
                    Some("all") => None,
                    state => Some(state != Some("closed")),
                };
                // Names that are no labels are passed over.
                let wanted = asked.query("labels").into_iter().flat_map(|all| all.split(','));
                let wanted: Vec<&str> =
                    wanted.filter(|name| labels.iter().any(|label| label == name)).collect();
                let all = desk.list(&wanted, is_open);
                let of_page = page(&all, asked.number("page").unwrap_or(1), MOST);
                Reply::ok(of_page.iter().map(|one| self.of_ticket(one)).collect())
            }
            ("POST", []) => {
                let named = |id: &Value| labels[id.as_u64().unwrap() as usize - 1].clone();
                let of_it: Vec<String> =
                    asked.body["labels"].as_array().unwrap().iter().map(named).collect();
                let text = |name: &str| asked.body[name].as_str().unwrap().to_owned();
                let number = desk.make(US, &text("title"), &text("body"), &of_it);
                Reply::of(201, self.of_ticket(desk.ticket(&number.to_string()).unwrap()))
            }
            (_, [id, rest @ ..]) => {
                match desk.ticket(id).filter(|one| !one.is_deleted && one.is_here) {
                    Some(ticket) => self.one(ticket, asked, rest),
                    None => Reply::refused(404, "issue does not exist"),
                }
            }
            _ => Reply::refused(404, "Not Found"),
        }
    }

    fn one(&self, ticket: &mut Ticket, asked: &Asked, rest: &[&str]) -> Reply {
        match (asked.method.as_str(), rest) {
            ("GET", []) => Reply::ok(self.of_ticket(ticket)),
            ("PATCH", []) => {
                if let Some(text) = asked.body["body"].as_str() {
                    text.clone_into(&mut ticket.body);
                }
                match asked.body["state"].as_str() {
                    Some(state @ ("open" | "closed")) => ticket.set_open(US, state == "open"),
                    None => {}
                    Some(_) => return Reply::refused(422, "unknown state"),
                }
                Reply::of(201, self.of_ticket(ticket))
            }
            ("GET", ["timeline"]) => {
                let all = self.timeline(ticket);
                Reply::ok(Value::Array(page(&all, asked.number("page").unwrap_or(1), MOST)))
            }
            ("POST", ["comments"]) => {
                ticket.comments.push((US, asked.body["body"].as_str().unwrap().to_owned()));
                Reply::of(201, self.full("Comment", json!({
                "id": 1, "user": self.user(US), "body": asked.body["body"], "created_at": local(desk::now())})))
            }
            _ => Reply::refused(404, "Not Found"),
        }
    }

    fn of_ticket(&self, ticket: &Ticket) -> Value {
        let labels = ticket.labels.iter().enumerate().map(|(at, name)| self.label(at, name));
        self.full("Issue", json!({
        "number": ticket.number, "title": ticket.title, "body": ticket.body,
        "state": if ticket.is_open { "open" } else { "closed" }, "labels": labels.collect::<Value>(),
        "created_at": local(ticket.made), "user": self.user(ticket.author), "pull_request": null,
        "html_url": format!("https://git.example.org/certs/watch/issues/{}", ticket.number),
        "repository": {"id": 1, "name": "watch", "owner": "certs", "full_name": "certs/watch"},
    }))
    }

    fn timeline(&self, ticket: &Ticket) -> Vec<Value> {
        let events = ticket.events.iter().map(|(by, done, at)| {
        let kind = match done {
            Done::Assigned => "assignees",
            Done::Closed => "close",
            Done::Reopened => "reopen",
            Done::Begun => "label",
        };
        self.full("TimelineComment", json!({"id": 1, "type": kind, "user": self.user(by), "created_at": local(*at), "body": "",
            "removed_assignee": false}))
    });
        let comments = ticket.comments.iter().map(|(by, body)| {
        self.full("TimelineComment", json!({"id": 1, "type": "comment", "user": self.user(by), "created_at": local(ticket.made),
            "body": body, "removed_assignee": false}))
    });
        events.chain(comments).collect()
    }

    fn user(&self, name: &str) -> Value {
        self.full("User", json!({"login": name}))
    }

    /// With every field that is described, empty where it is not given.
    fn full(&self, name: &str, given: Value) -> Value {
        but(self.published.empty(name), given)
    }
}

/// In the server's own zone, as Gitea writes moments.
fn local(at: certvigil_model::Time) -> String {
    let there = at.plus(std::time::Duration::from_secs(2 * 3600));
    there.to_string().replace('Z', "+02:00")
}

fn what_is_lacking_is_said(forge: &Forge) {
    let base = &forge.server.base;
    let lacks = |project: &str, token: &str| {
        tracker(base, project, token).examine(soon()).unwrap().join("\n")
    };
    assert!(lacks("certs/watch", "another").contains("the token lets nobody in"));
    assert!(lacks("certs/other", TOKEN).contains("no repository certs/other"));
    forge.desk().drops_labels = true;
    assert!(lacks("certs/watch", TOKEN).contains("may not set labels"));
    forge.desk().drops_labels = false;
    forge.desk().is_archived = true;
    assert!(lacks("certs/watch", TOKEN).contains("is archived"));
    forge.desk().is_archived = false;
}
