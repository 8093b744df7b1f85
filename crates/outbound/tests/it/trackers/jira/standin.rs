//! Stand-ins for Jira Cloud and Jira Data Center.
//!
//! Made from developer.atlassian.com's pages of the REST API 3 and from a description of its gaps
//! (`docs/jira-api.md` of rmferguson/shoal), as they were on 25 November 2026: the search that needs its fields named and
//! pages by token, the old one's 410, texts as documents. The REST API 2 of Data Center is written as it is generally
//! known. Nothing here was held against a Jira itself.

use serde_json::{Value, json};

use crate::trackers::desk::{ANN, Desk, Done, TOKEN, Ticket, US};
use crate::trackers::shapes::{Shape, objection};
use crate::trackers::standin::{Asked, Reply};

const SHAPES: &[Shape] = &[
    Shape { method: "GET", path: "myself", query: &["expand"], body: &[] },
    Shape { method: "GET", path: "project/:key", query: &["expand", "properties"], body: &[] },
    Shape { method: "GET", path: "status", query: &[], body: &[] },
    Shape {
        method: "GET",
        path: "mypermissions",
        query: &["projectKey", "issueKey", "permissions"],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "issue",
        query: &["updateHistory"],
        body: &["!fields", "update", "properties", "transition", "historyMetadata"],
    },
    Shape {
        method: "GET",
        path: "issue/:key",
        query: &["fields", "expand", "properties", "fieldsByKeys", "updateHistory"],
        body: &[],
    },
    Shape {
        method: "GET",
        path: "issue/:key/transitions",
        query: &["expand", "transitionId"],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "issue/:key/transitions",
        query: &[],
        body: &["!transition", "fields", "update"],
    },
    Shape {
        method: "GET",
        path: "issue/:key/comment",
        query: &["startAt", "maxResults", "orderBy", "expand"],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "issue/:key/comment",
        query: &["expand"],
        body: &["!body", "visibility", "properties"],
    },
    Shape {
        method: "GET",
        path: "issue/:key/changelog",
        query: &["startAt", "maxResults"],
        body: &[],
    },
    Shape { method: "GET", path: "issue/:key/properties/:property", query: &[], body: &[] },
    Shape { method: "PUT", path: "issue/:key/properties/:property", query: &[], body: &[] },
    Shape {
        method: "GET",
        path: "search",
        query: &["jql", "startAt", "maxResults", "fields", "expand"],
        body: &[],
    },
    Shape {
        method: "POST",
        path: "search/jql",
        query: &[],
        body: &[
            "!jql",
            "!fields",
            "properties",
            "maxResults",
            "nextPageToken",
            "expand",
            "reconcileIssues",
            "fieldsByKeys",
        ],
    },
];

#[derive(Clone, Copy)]
pub(super) struct Jira {
    pub(super) is_cloud: bool,
}

/// Issues of one page, fewer than asked for.
const MOST: usize = 3;

impl Jira {
    pub(super) fn answer(self, desk: &mut Desk, asked: &Asked) -> Reply {
        // As `printf certvigil@example.org:the-right-token | base64` writes it.
        let basic = "Basic Y2VydHZpZ2lsQGV4YW1wbGUub3JnOnRoZS1yaWdodC10b2tlbg==";
        let bearer = format!("Bearer {TOKEN}");
        if asked.header("authorization") != if self.is_cloud { basic } else { &bearer } {
            return Reply::refused(401, "Client must be authenticated to access this resource.");
        }
        let version = if self.is_cloud { "/rest/api/3/" } else { "/rest/api/2/" };
        let Some(path) = asked.path.strip_prefix(version) else {
            return Reply::refused(404, "dead link");
        };
        let asked = &Asked { path: path.to_owned(), ..asked.clone() };
        if let Some(why) = objection(SHAPES, asked).filter(|_| !asked.path.contains("/properties/"))
        {
            return self.errors(400, &why);
        }
        match (asked.method.as_str(), asked.parts().as_slice()) {
            ("GET", ["myself"]) => Reply::ok(self.user(US)),
            ("GET", ["project", "OPS"]) => Reply::ok(json!({
                "id": "10000", "key": "OPS", "archived": desk.is_archived,
                "issueTypes": [{"id": "1", "name": "Task", "subtask": false}, {"id": "2", "name": "Bug", "subtask": false}],
            })),
            ("GET", ["status"]) => Reply::ok(json!([status("1"), status("3"), status("6")])),
            ("GET", ["mypermissions"]) => {
                let names = asked.query("permissions").unwrap().split(',');
                let permission = |name: &str| {
                    let has = !(desk.drops_labels && name == "TRANSITION_ISSUES");
                    (name.to_owned(), json!({"key": name, "name": name, "havePermission": has}))
                };
                Reply::ok(
                    json!({"permissions": names.map(permission).collect::<serde_json::Map<_, _>>()}),
                )
            }
            ("GET", ["search"]) if self.is_cloud => {
                Reply::refused(410, "The requested API has been removed.")
            }
            ("GET", ["search"]) => self.search(desk, asked),
            ("POST", ["search", "jql"]) if self.is_cloud => self.search(desk, asked),
            ("POST", ["issue"]) => self.make(desk, &asked.body),
            (_, ["issue", id, rest @ ..]) => match desk.ticket(id).filter(|one| !one.is_deleted) {
                Some(ticket) => self.one(ticket, asked, rest),
                None => self
                    .errors(404, "Issue does not exist or you do not have permission to see it."),
            },
            _ => self.errors(404, "No project could be found with key."),
        }
    }

    fn errors(self, status: u16, why: &str) -> Reply {
        Reply::of(status, json!({"errorMessages": [why], "errors": {}}))
    }

    fn make(self, desk: &mut Desk, body: &Value) -> Reply {
        let fields = &body["fields"];
        let known = ["project", "issuetype", "summary", "description", "labels"];
        let names = fields.as_object().unwrap().keys();
        assert!(names.clone().all(|name| known.contains(&name.as_str())), "{names:?}");
        assert_eq!(
            (&fields["project"]["key"], &fields["issuetype"]["name"]),
            (&json!("OPS"), &json!("Task"))
        );
        self.assert_text(&fields["description"]);
        let title = fields["summary"].as_str().unwrap();
        assert!(title.chars().count() <= 255 && !title.contains('\n'), "{title}");
        let labels = fields["labels"].as_array().unwrap().iter();
        let labels: Vec<String> = labels.map(|label| label.as_str().unwrap().to_owned()).collect();
        assert!(labels.iter().all(|label| !label.contains(' ')), "labels have no blanks");
        let number = desk.make(US, title, "", &labels);
        let id = format!("OPS-{number}");
        for property in body["properties"].as_array().into_iter().flatten() {
            assert_eq!(property["key"], "certvigil.state");
            desk.ticket(&id).unwrap().block = property["value"].as_str().unwrap().to_owned();
        }
        Reply::of(201, json!({"id": (10_000 + number).to_string(), "key": id}))
    }

    /// A document of its own in Cloud, a text elsewhere.
    fn assert_text(self, text: &Value) {
        if self.is_cloud {
            assert_eq!((&text["type"], &text["version"]), (&json!("doc"), &json!(1)));
            assert!(text["content"].is_array());
        } else {
            assert!(text.is_string(), "{text}");
        }
    }

    fn one(self, ticket: &mut Ticket, asked: &Asked, rest: &[&str]) -> Reply {
        match (asked.method.as_str(), rest) {
            ("GET", []) => {
                let fields: Vec<&str> = asked.query("fields").unwrap().split(',').collect();
                let mut issue = self.of_ticket(ticket, &fields);
                if asked.query("properties").is_some() && !ticket.block.is_empty() {
                    issue["properties"] = json!({"certvigil.state": ticket.block});
                }
                if asked.query("expand") == Some("changelog") {
                    issue["changelog"] = json!({"histories": self.histories(ticket)});
                }
                Reply::ok(issue)
            }
            ("GET", ["transitions"]) => Reply::ok(json!({"transitions": [
                {"id": "11", "name": "To Do", "to": status("1")}, {"id": "21", "name": "Start", "to": status("3")},
                {"id": "31", "name": "Done", "to": status("6")},
            ]})),
            ("POST", ["transitions"]) => {
                ticket.set_open(US, asked.body["transition"]["id"] != "31");
                Reply::of(204, Value::Null)
            }
            ("GET", ["comment"]) => {
                let start = asked.number("startAt").unwrap();
                let all = ticket.comments.iter().skip(start).take(1);
                let comments = all.map(|(by, body)| {
                    let body = if self.is_cloud && *by != US { document(body) } else { from_text(body) };
                    json!({"id": "1", "author": self.user(by), "body": body, "created": millis(ticket.made)})
                });
                Reply::ok(json!({"startAt": start, "maxResults": 1, "total": ticket.comments.len(),
                    "comments": comments.collect::<Vec<_>>()}))
            }
            ("POST", ["comment"]) => {
                self.assert_text(&asked.body["body"]);
                ticket.comments.push((US, asked.body["body"].to_string()));
                Reply::of(201, json!({"id": "1"}))
            }
            ("GET", ["changelog"]) if self.is_cloud => {
                let start = asked.number("startAt").unwrap();
                let all = self.histories(ticket);
                let some: Vec<Value> = all.iter().skip(start).take(1).cloned().collect();
                Reply::ok(
                    json!({"startAt": start, "maxResults": 1, "total": all.len(), "values": some}),
                )
            }
            ("GET", ["properties", "certvigil.state"]) if !ticket.block.is_empty() => {
                Reply::ok(json!({"key": "certvigil.state", "value": ticket.block}))
            }
            ("PUT", ["properties", "certvigil.state"]) => {
                asked.body.as_str().unwrap().clone_into(&mut ticket.block);
                Reply::of(200, Value::Null)
            }
            _ => self.errors(404, "Not found"),
        }
    }

    fn search(self, desk: &Desk, asked: &Asked) -> Reply {
        let jql = asked.query("jql").or_else(|| asked.body["jql"].as_str()).unwrap();
        let condition = jql.strip_prefix("project = \"OPS\" AND ").unwrap();
        let condition = condition.strip_suffix(" ORDER BY created DESC").unwrap();
        let (mut labels, mut is_open, mut since) = (Vec::new(), None, String::new());
        for part in condition.split(" AND ") {
            let value = || part.split('"').nth(1).unwrap();
            match part {
                "statusCategory != Done" => is_open = Some(true),
                part if part.starts_with("labels = ") => labels.push(value()),
                part if part.starts_with("created >= ") => value().clone_into(&mut since),
                part => return self.errors(400, &format!("Error in the JQL Query: {part}")),
            }
        }
        let mut all = desk.list(&labels, is_open);
        all.retain(|one| one.made.to_string() >= since);
        let start = if self.is_cloud {
            asked.body["nextPageToken"]
                .as_str()
                .map_or(0, |token| token.trim_start_matches("after-").parse().unwrap())
        } else {
            asked.number("startAt").unwrap()
        };
        let fields: Vec<&str> = match asked.query("fields") {
            Some(fields) => fields.split(',').collect(),
            None => {
                asked.body["fields"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
            }
        };
        let issues = all.iter().skip(start).take(MOST).map(|one| {
            let mut issue = self.of_ticket(one, &fields);
            if self.is_cloud {
                issue["properties"] = json!({"certvigil.state": one.block});
            }
            issue
        });
        let mut answer = json!({"issues": issues.collect::<Vec<_>>()});
        let is_last = start + MOST >= all.len();
        match (self.is_cloud, is_last) {
            (true, true) => answer["isLast"] = true.into(),
            (true, false) => answer["nextPageToken"] = format!("after-{}", start + MOST).into(),
            (false, _) => answer["total"] = all.len().into(),
        }
        Reply::ok(answer)
    }

    /// Only the fields that were asked for.
    fn of_ticket(self, ticket: &Ticket, fields: &[&str]) -> Value {
        let begun = ticket.events.iter().any(|(_, done, _)| *done == Done::Begun);
        let now = match (ticket.is_open, begun) {
            (false, _) => "6",
            (true, true) => "3",
            (true, false) => "1",
        };
        let project = if ticket.is_here { "OPS" } else { "ELSE" };
        let mut all = json!({
            "summary": ticket.title, "status": status(now), "labels": ticket.labels,
            "creator": self.user(ticket.author), "created": millis(ticket.made),
            "project": {"key": project, "name": "a name"},
        });
        all.as_object_mut().unwrap().retain(|name, _| fields.contains(&name.as_str()));
        json!({"id": (10_000 + ticket.number).to_string(), "key": format!("{project}-{}", ticket.number), "fields": all})
    }

    fn histories(self, ticket: &Ticket) -> Vec<Value> {
        let item = |done: &Done| match done {
            Done::Assigned => {
                json!({"field": "assignee", "from": null, "to": self.user(ANN)["name"].as_str().unwrap_or("id-ann")})
            }
            Done::Begun => json!({"field": "status", "from": "1", "to": "3"}),
            Done::Closed => json!({"field": "status", "from": "1", "to": "6"}),
            Done::Reopened => json!({"field": "status", "from": "6", "to": "1"}),
        };
        let history = |(by, done, at): &(&str, Done, certvigil_model::Time)| json!({"id": "1", "author": self.user(by), "created": millis(*at), "items": [item(done)]});
        // Data Center has been seen to give the newest first.
        ticket.events.iter().map(history).collect()
    }

    fn user(self, name: &str) -> Value {
        if self.is_cloud {
            json!({"accountId": format!("id-{name}"), "displayName": name, "accountType": "atlassian"})
        } else {
            json!({"name": name, "key": name, "displayName": name})
        }
    }
}

fn status(id: &str) -> Value {
    let (name, category) = match id {
        "1" => ("To Do", "new"),
        "3" => ("In Progress", "indeterminate"),
        _ => ("Done", "done"),
    };
    json!({"id": id, "name": name, "statusCategory": {"id": 1, "key": category, "name": name}})
}

/// What was sent as JSON, or said by a person.
fn from_text(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| json!(body))
}

fn document(words: &str) -> Value {
    json!({"type": "doc", "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]})
}

fn millis(at: certvigil_model::Time) -> String {
    at.to_string().replace('Z', ".000+0000")
}
