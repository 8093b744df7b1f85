//! Who answers for targets, and how they are reached.

use super::super::forms::{CONTACT_KIND, NAME, PATH, SECRET, TRACKER_KIND, URL, URL_OR_SECRET};
use super::super::keys::{Key, Kind, Need, Table};
use super::site::HTTP;

pub(crate) static OWNER: Table = Table {
    title: "[[owner]]",
    doc: "a group that answers for targets",
    live: true,
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"ops\""),
            doc: "What targets and reports call it.",
        },
        Key {
            name: "env",
            kind: Kind::Text(&NAME),
            need: Need::Default("\"production\""),
            doc: "What its targets are for; decides who is woken.",
        },
        Key {
            name: "tracker",
            kind: Kind::Table(&TRACKER),
            need: Need::May(
                "{ kind = \"redmine\", url = \"https://tracker.example.org\", project = \"certificates\", token = \"env:TRACKER_TOKEN\" }",
            ),
            doc: "Where issues are filed.",
        },
        Key {
            name: "page",
            kind: Kind::Table(&CONTACT),
            need: Need::May(""),
            doc: "How somebody is called.",
        },
        Key {
            name: "second",
            kind: Kind::Table(&CONTACT),
            need: Need::May(""),
            doc: "Who is called when nobody answers.",
        },
        Key {
            name: "person",
            kind: Kind::Flag,
            need: Need::Default("false"),
            doc: "It is one person. Without a `second` nobody hears of anything while that person is away, and that is told.",
        },
    ],
};

pub(crate) static TRACKER: Table = Table {
    title: "tracker",
    doc: "an issue tracker",
    live: false,
    keys: &[
        Key {
            name: "kind",
            kind: Kind::Text(&TRACKER_KIND),
            need: Need::Must("\"redmine\""),
            doc: "What is spoken there.",
        },
        Key {
            name: "url",
            kind: Kind::Text(&URL),
            need: Need::Or("\"https://tracker.example.org\""),
            doc: "Where it is. Every kind but `local` has one; github without it is https://github.com.",
        },
        Key {
            name: "project",
            kind: Kind::Text(&NAME),
            need: Need::Or("\"certificates\""),
            doc: "The project that issues are filed in: the queue of rt, the key of jira, OWNER/NAME of github, gitlab and gitea. local has none.",
        },
        Key {
            name: "token",
            kind: Kind::Text(&SECRET),
            need: Need::Or("\"env:TRACKER_TOKEN\""),
            doc: "Where the token or password is that lets us in. Every kind but `local` has one.",
        },
        Key {
            name: "account",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil\""),
            doc: "Who we are there, where the token does not say: rt, github, jira.",
        },
        Key {
            name: "markup",
            kind: Kind::Text(&NAME),
            need: Need::May("\"textile\""),
            doc: "What redmine reads: textile or markdown.",
        },
        Key {
            name: "tracker",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Bug\""),
            doc: "The tracker of redmine that issues get, by name. Without it the project's first.",
        },
        Key {
            name: "issue_type",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Task\""),
            doc: "The type of jira that issues get, by name.",
        },
        Key {
            name: "priority",
            kind: Kind::Text(&NAME),
            need: Need::May("\"High\""),
            doc: "The priority of redmine, by name.",
        },
        Key {
            name: "open_status",
            kind: Kind::Text(&NAME),
            need: Need::May("\"New\""),
            doc: "The status that opens an issue again: redmine, rt, jira.",
        },
        Key {
            name: "closed_status",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Closed\""),
            doc: "The status that closes one: redmine, rt, jira.",
        },
        Key {
            name: "key_field",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil key\""),
            doc: "The custom field for the key by which an issue is found: redmine, rt, jira. Without it `certvigil key`.",
        },
        Key {
            name: "state_field",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil state\""),
            doc: "The custom field for what a run without a store remembers: redmine, rt, jira. Without it `certvigil state`.",
        },
        Key {
            name: "comments_as",
            kind: Kind::Text(&NAME),
            need: Need::May("\"comment\""),
            doc: "How rt is told of changes: `comment`, which the queue's people see, or `correspond`, which requestors get as well.",
        },
        Key {
            name: "edition",
            kind: Kind::Text(&NAME),
            need: Need::May("\"cloud\""),
            doc: "Which jira: cloud or data-center.",
        },
        Key {
            name: "confidential",
            kind: Kind::Text(&NAME),
            need: Need::May("\"true\""),
            doc: "Whether issues of gitlab are confidential: true or false.",
        },
        Key {
            name: "bots",
            kind: Kind::List(&Kind::Text(&NAME)),
            need: Need::May("[\"deploy-bot\"]"),
            doc: "Accounts that are no persons: what they do acknowledges nothing.",
        },
        Key {
            name: "folder",
            kind: Kind::Text(&PATH),
            need: Need::May("\"issues\""),
            doc: "The folder of the issues of kind local. Relative to this file.",
        },
        Key {
            name: "template",
            kind: Kind::Text(&PATH),
            need: Need::May("\"tracker.toml\""),
            doc: "The file that says how a tracker of kind http is asked. Relative to this file.",
        },
        OWN_HTTP,
    ],
};

const OWN_HTTP: Key = Key {
    name: "http",
    kind: Kind::Table(&HTTP),
    need: Need::May("{ ca_file = \"internal-roots.pem\" }"),
    doc: "How it is reached, where that is not as `[http]` says; key by key.",
};

pub(crate) static CONTACT: Table = Table {
    title: "page",
    doc: "a way to call somebody",
    live: false,
    keys: &[
        Key {
            name: "kind",
            kind: Kind::Text(&CONTACT_KIND),
            need: Need::Must("\"email\""),
            doc: "The channel.",
        },
        Key {
            name: "to",
            kind: Kind::Text(&NAME),
            need: Need::May("\"oncall@example.org\""),
            doc: "Whom it reaches: a mail address, a room.",
        },
        Key {
            name: "via",
            kind: Kind::Text(&URL),
            need: Need::May("\"smtp://localhost:25\""),
            doc: "The server that carries it.",
        },
        Key {
            name: "url",
            kind: Kind::Text(&URL_OR_SECRET),
            need: Need::May("\"env:PAGE_URL\""),
            doc: "Where it is sent, or where that address is kept.",
        },
        Key {
            name: "token",
            kind: Kind::Text(&SECRET),
            need: Need::May("\"env:PAGE_TOKEN\""),
            doc: "Where the token is that lets us in.",
        },
        OWN_HTTP,
    ],
};

pub(crate) static BEAT: Table = Table {
    title: "[beat]",
    doc: "the outgoing heartbeat",
    live: false,
    keys: &[
        Key {
            name: "url",
            kind: Kind::Text(&URL_OR_SECRET),
            need: Need::Must("\"env:BEAT_URL\""),
            doc: "A receiver that is not on this machine, or where its address is kept.",
        },
        OWN_HTTP,
    ],
};
