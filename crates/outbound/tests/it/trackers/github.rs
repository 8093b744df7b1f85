//! A stand-in for GitHub that refuses what GitHub's own description of its API does not have.
//!
//! The description is `generated/api.github.com.json` of the npm package `@octokit/openapi` 23.0.2, which GitHub
//! publishes; `scripts/test` fetches it. Answers are made of the examples in it.

use std::sync::Arc;

use certvigil_doors::Secret;
use certvigil_model::Time;
use certvigil_outbound::tracker::{Settings, open};
use certvigil_outbound::{Found, Tracker, Trouble};
use serde_json::{Value, json};

use crate::trackers::desk::{self, Desk, Done, Forge, TOKEN, Ticket, US, page};
use crate::trackers::ground::{client, soon};
use crate::trackers::openapi::{Published, but, published};
use crate::trackers::standin::{Asked, Reply, Standin};
use crate::trackers::suite::{self, World as _, issue, key, read};

#[test]
fn github_takes_what_we_send() {
    let Some(path) = published("github/api.github.com.json") else { return };
    let forge = forge(Published::read(&path));
    suite::holds(&forge);
    dropped_labels_are_noticed(&forge);
    what_is_lacking_is_said(&forge);
    pull_requests_are_no_issues(&forge);
}

fn forge(published: Published) -> Forge {
    let desk = desk::desk();
    let (on, github) = (Arc::clone(&desk), GitHub { published });
    let server = Standin::start(move |asked| github.answer(&mut on.lock().unwrap(), asked));
    let tracker = tracker(&server.base, "certs/watch", TOKEN, &[]);
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

fn tracker(base: &str, project: &str, token: &str, extra: &[(&str, &str)]) -> Box<dyn Tracker> {
    let extra = extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let settings = Settings {
        kind: "github".to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra: extra.collect(),
    };
    open(settings, client()).unwrap()
}

struct GitHub {
    published: Published,
}

impl GitHub {
    fn answer(&self, desk: &mut Desk, asked: &Asked) -> Reply {
        let path = asked.path.strip_prefix("/api/v3").unwrap_or(&asked.path).to_owned();
        let asked = &Asked { path, ..asked.clone() };
        if asked.header("authorization") != format!("Bearer {TOKEN}") {
            return Reply::refused(401, "Bad credentials");
        }
        assert_eq!(asked.header("x-github-api-version"), "2022-11-28");
        assert!(!asked.header("user-agent").is_empty(), "GitHub refuses who says no name");
        // The address that moved issues are at is described nowhere, and sent in answers.
        if asked.parts() == ["repositories", "7", "issues", "1"] {
            let there =
                json!({"number": 1, "repository_url": "https://api.github.com/repos/certs/other"});
            return Reply::ok(but(self.published.example("issue"), there));
        }
        if let Some(why) = self.published.objection(asked) {
            return Reply::refused(422, &why);
        }
        match (asked.method.as_str(), asked.parts().as_slice()) {
            ("GET", ["user"]) => {
                let name = "private-user-response-with-public-and-private-profile-information";
                Reply::ok(but(self.published.example(name), json!({"login": US})))
            }
            ("GET", ["repos", "certs", "watch"]) => self.repository(desk),
            (_, ["repos", "certs", "watch", "issues", rest @ ..]) => self.issues(desk, asked, rest),
            _ => Reply::refused(404, "Not Found"),
        }
    }

    fn repository(&self, desk: &Desk) -> Reply {
        let permissions =
            json!({"admin": false, "push": !desk.drops_labels, "pull": true, "triage": false});
        Reply::ok(but(
            self.published.example("full-repository-default-response"),
            json!({"full_name": "certs/watch", "archived": desk.is_archived, "has_issues": true,
                "permissions": permissions}),
        ))
    }

    fn issues(&self, desk: &mut Desk, asked: &Asked, rest: &[&str]) -> Reply {
        match (asked.method.as_str(), rest) {
            ("GET", []) => self.list(desk, asked),
            ("POST", []) => {
                let labels = asked.body["labels"].as_array().unwrap().iter();
                let labels: Vec<String> =
                    labels.map(|label| label.as_str().unwrap().to_owned()).collect();
                assert!(labels.iter().all(|label| label.len() <= 50), "labels have 50 characters");
                let text = |name: &str| asked.body[name].as_str().unwrap().to_owned();
                let number = desk.make(US, &text("title"), &text("body"), &labels);
                Reply::of(201, self.issue(desk.ticket(&number.to_string()).unwrap()))
            }
            (_, [id, rest @ ..]) => self.one(desk, asked, id, rest),
            _ => Reply::refused(404, "Not Found"),
        }
    }

    fn list(&self, desk: &Desk, asked: &Asked) -> Reply {
        let labels: Vec<&str> =
            asked.query("labels").into_iter().flat_map(|all| all.split(',')).collect();
        let is_open = match asked.query("state") {
            Some("all") => None,
            state => Some(state != Some("closed")),
        };
        let all = desk.list(&labels, is_open);
        let size = asked.number("per_page").unwrap_or(30).min(100);
        let of_page = page(&all, asked.number("page").unwrap_or(1), size);
        let mut entries: Vec<Value> = of_page.iter().map(|one| self.issue(one)).collect();
        if labels.is_empty() && asked.number("page") == Some(1) && entries.len() < size {
            // A pull request is an issue too.
            let mut pull = self.published.example("issue-items")[0].clone();
            pull["number"] = json!(900_000);
            pull["created_at"] = json!(desk::now().to_string());
            assert!(!pull["pull_request"].is_null(), "the example is none");
            entries.insert(0, pull);
        }
        Reply::ok(Value::Array(entries))
    }

    fn one(&self, desk: &mut Desk, asked: &Asked, id: &str, rest: &[&str]) -> Reply {
        let Some(ticket) = desk.ticket(id) else { return Reply::refused(404, "Not Found") };
        if ticket.is_deleted {
            return Reply::refused(410, "This issue was deleted");
        }
        if !ticket.is_here {
            let to = format!("http://{}/api/v3/repositories/7/issues/1", asked.header("host"));
            return Reply {
                headers: vec![("Location", to)],
                ..Reply::refused(301, "Moved Permanently")
            };
        }
        match (asked.method.as_str(), rest) {
            ("GET", []) => Reply::ok(self.issue(ticket)),
            ("PATCH", []) => {
                if let Some(body) = asked.body["body"].as_str() {
                    body.clone_into(&mut ticket.body);
                }
                if let Some(state) = asked.body["state"].as_str() {
                    ticket.set_open(US, state == "open");
                }
                Reply::ok(self.issue(ticket))
            }
            ("GET", ["comments"]) => Reply::ok(self.comments(ticket)),
            ("POST", ["comments"]) => {
                ticket.comments.push((US, asked.body["body"].as_str().unwrap().to_owned()));
                let all = self.comments(ticket);
                Reply::of(201, all.as_array().unwrap().last().unwrap().clone())
            }
            ("GET", ["events"]) => Reply::ok(self.events(ticket)),
            _ => Reply::refused(404, "Not Found"),
        }
    }

    fn issue(&self, ticket: &Ticket) -> Value {
        let example = self.published.example("issue");
        let label = |name: &String| but(example["labels"][0].clone(), json!({"name": name}));
        let labels: Vec<Value> = ticket.labels.iter().map(label).collect();
        let mut whole = but(
            example.clone(),
            json!({
                "number": ticket.number, "title": ticket.title, "body": ticket.body, "labels": labels,
                "state": if ticket.is_open { "open" } else { "closed" },
                "user": but(example["user"].clone(), json!({"login": ticket.author})),
                "created_at": ticket.made.to_string(), "comments": ticket.comments.len(),
                "html_url": format!("https://github.com/certs/watch/issues/{}", ticket.number),
                "repository_url": "https://api.github.com/repos/certs/watch",
            }),
        );
        whole.as_object_mut().unwrap().remove("pull_request");
        whole
    }

    fn comments(&self, ticket: &Ticket) -> Value {
        let example = self.published.example("issue-comment");
        let comment = |(by, body): &(&str, String)| {
            let user = but(example["user"].clone(), json!({"login": by}));
            but(example.clone(), json!({"body": body, "user": user}))
        };
        ticket.comments.iter().map(comment).collect()
    }

    fn events(&self, ticket: &Ticket) -> Value {
        let example = self.published.example("issue-event-for-issue-items")[0].clone();
        let event = |(by, done, at): &(&str, Done, Time)| {
            let word = match done {
                Done::Assigned => "assigned",
                Done::Closed => "closed",
                Done::Reopened => "reopened",
                Done::Begun => "labeled",
            };
            let actor = but(example["actor"].clone(), json!({"login": by}));
            but(
                example.clone(),
                json!({"event": word, "actor": actor, "created_at": at.to_string()}),
            )
        };
        ticket.events.iter().map(event).collect()
    }
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
        tracker(base, project, token, &[]).examine(soon()).unwrap().join("\n")
    };
    assert!(lacks("certs/watch", "another").contains("the token lets nobody in"));
    assert!(lacks("certs/other", TOKEN).contains("no repository certs/other"));
    forge.desk().drops_labels = true;
    assert!(lacks("certs/watch", TOKEN).contains("may not set labels"));
    forge.desk().drops_labels = false;
    forge.desk().is_archived = true;
    assert!(lacks("certs/watch", TOKEN).contains("is archived"));
    forge.desk().is_archived = false;
    let other = tracker(base, "certs/watch", "another", &[("account", "app[bot]")]);
    assert!(matches!(other.find(&key(), soon()), Err(Trouble::Refused(_))));
}

fn pull_requests_are_no_issues(forge: &Forge) {
    let recent = forge.tracker.recent(Time::FIRST, soon()).unwrap();
    assert!(!recent.is_empty() && recent.iter().all(|one| one.id != "900000"));
    // The token of a workflow asks nobody who it is.
    let other =
        tracker(&forge.server.base, "certs/watch", TOKEN, &[("account", "github-actions[bot]")]);
    let Found::Here(stored) = other.read(&recent[0].id, soon()).unwrap() else { panic!() };
    assert!(!stored.is_ours && !recent[0].is_locked);
    assert_eq!(forge.person(), desk::ANN);
}
