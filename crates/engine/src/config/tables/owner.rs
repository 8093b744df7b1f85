//! Who answers for targets, and how they are reached.

use super::super::forms::{
    ARGUMENT, COMMENTS_AS, CONTACT_KIND, DAY, MARKUP, NAME, PATH, SECRET, TRACKER_KIND, URL,
    URL_OR_SECRET, WEB_ADDRESS, WORD, WORKING_HOURS, ZONE,
};
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
            name: "channel",
            kind: Kind::Table(&CONTACT),
            need: Need::May(
                "{ kind = \"ntfy\", url = \"https://ntfy.example.org\", to = \"certificates\" }",
            ),
            doc: "Where a copy of each issue goes, and the weekly digest. Without it they go to `mail`.",
        },
        Key {
            name: "mail",
            kind: Kind::Table(&CONTACT),
            need: Need::May(
                "{ kind = \"email\", to = \"web@example.org\", via = \"smtp://localhost:25\" }",
            ),
            doc: "Where it is reminded of what nobody has taken on. Without it that goes to `channel`.",
        },
        Key {
            name: "page",
            kind: Kind::Table(&CONTACT),
            need: Need::May(
                "{ kind = \"email\", to = \"oncall@example.org\", via = \"smtp://localhost:25\" }",
            ),
            doc: "How somebody is called.",
        },
        Key {
            name: "second",
            kind: Kind::Table(&CONTACT),
            need: Need::May(
                "{ kind = \"email\", to = \"lead@example.org\", via = \"smtp://localhost:25\" }",
            ),
            doc: "Who is called when nobody answers.",
        },
        Key {
            name: "group",
            kind: Kind::List(&Kind::Table(&CONTACT)),
            need: Need::May(
                "[{ kind = \"email\", to = \"web-all@example.org\", via = \"smtp://localhost:25\" }]",
            ),
            doc: "Everybody in it: called last, every four hours.",
        },
        Key {
            name: "zone",
            kind: Kind::Text(&ZONE),
            need: Need::Default("\"UTC\""),
            doc: "By whose clocks it works: a zone of the time database, like Europe/Berlin.",
        },
        Key {
            name: "working_days",
            kind: Kind::List(&Kind::Text(&DAY)),
            need: Need::Default("[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]"),
            doc: "The days of the week on which it works.",
        },
        Key {
            name: "working_hours",
            kind: Kind::Text(&WORKING_HOURS),
            need: Need::Default("\"09:00-17:00\""),
            doc: "When it works on them.",
        },
        Key {
            name: "holidays",
            kind: Kind::List(&Kind::Moment),
            need: Need::May("[2026-12-25, 2027-01-01]"),
            doc: "Days on which it does not work all the same.",
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
            kind: Kind::Text(&WEB_ADDRESS),
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
            doc: "Our own account, where the token does not tell it: rt, github, http, and jira in the cloud, which needs it.",
        },
        Key {
            name: "bots",
            kind: Kind::List(&Kind::Text(&WORD)),
            need: Need::May("[\"deploy-bot\"]"),
            doc: "Accounts that are no persons: what they do acknowledges nothing. Every kind but http and local.",
        },
        Key {
            name: "key_field",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil key\""),
            doc: "The custom field for the key by which an issue is found, by its name or number: redmine, rt, jira. Without it `certvigil key`.",
        },
        Key {
            name: "state_field",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil state\""),
            doc: "The custom field for what a run without a store remembers: redmine, rt, jira. Without it `certvigil state`.",
        },
        Key {
            name: "tracker",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Bug\""),
            doc: "Which of a redmine project's trackers; without it its first.",
        },
        Key {
            name: "priority",
            kind: Kind::Text(&NAME),
            need: Need::May("\"High\""),
            doc: "The priority of issues in redmine; without it the usual one.",
        },
        Key {
            name: "open_status",
            kind: Kind::Text(&NAME),
            need: Need::May("\"New\""),
            doc: "The status in which work is not over: redmine, rt. Without it the tracker's own.",
        },
        Key {
            name: "closed_status",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Closed\""),
            doc: "The status of closed issues: redmine, rt. Without it the tracker's own.",
        },
        Key {
            name: "markup",
            kind: Kind::Text(&MARKUP),
            need: Need::May("\"textile\""),
            doc: "What a redmine writes its texts in. Without it textile.",
        },
        Key {
            name: "comments_as",
            kind: Kind::Text(&COMMENTS_AS),
            need: Need::May("\"comment\""),
            doc: "Whether requestors in rt get our comments too. Without it they do not.",
        },
        Key {
            name: "confidential",
            kind: Kind::Flag,
            need: Need::May("false"),
            doc: "Whether issues in gitlab are for the project's members alone.",
        },
        Key {
            name: "issue_type",
            kind: Kind::Text(&NAME),
            need: Need::May("\"Task\""),
            doc: "The type of issues in jira.",
        },
        Key {
            name: "edition",
            kind: Kind::Text(&NAME),
            need: Need::May("\"cloud\""),
            doc: "Which jira: cloud or data-center.",
        },
        Key {
            name: "folder",
            kind: Kind::Text(&PATH),
            need: Need::May("\"issues\""),
            doc: "The folder of the issues of kind local, which has to be there. Relative to this file.",
        },
        Key {
            name: "template",
            kind: Kind::Text(&PATH),
            need: Need::May("\"tracker.toml\""),
            doc: "A file that says how a tracker of kind http is asked: lines of a key and a text. Relative to this file.",
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
            name: "from",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil@example.org\""),
            doc: "From whom a mail comes. Without it certvigil at this machine's name.",
        },
        Key {
            name: "via",
            kind: Kind::Text(&URL),
            need: Need::May("\"smtp://localhost:25\""),
            doc: "The server that carries it: smtp, smtps, smtp+starttls for a mail; udp, tcp or tls for syslog.",
        },
        Key {
            name: "user",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil\""),
            doc: "Our own account there; its password is `token`.",
        },
        Key {
            name: "command",
            kind: Kind::List(&Kind::Text(&ARGUMENT)),
            need: Need::May("[\"/usr/local/bin/tell\", \"--loud\"]"),
            doc: "The program of kind exec, by its full path, and its arguments: no shell reads it. The message stands in its input.",
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
