//! Who answers for targets, and how they are reached.

use super::super::forms::{CONTACT_KIND, NAME, SECRET, TRACKER_KIND, URL, URL_OR_SECRET};
use super::super::keys::{Key, Kind, Need, Table};

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
            need: Need::May(""),
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
            need: Need::Must("\"https://tracker.example.org\""),
            doc: "Where it is.",
        },
        Key {
            name: "project",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"certificates\""),
            doc: "The project that issues are filed in.",
        },
        Key {
            name: "token",
            kind: Kind::Text(&SECRET),
            need: Need::Must("\"env:TRACKER_TOKEN\""),
            doc: "Where the token is that lets us in.",
        },
    ],
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
    ],
};

pub(crate) static BEAT: Table = Table {
    title: "[beat]",
    doc: "the outgoing heartbeat",
    live: false,
    keys: &[Key {
        name: "url",
        kind: Kind::Text(&URL_OR_SECRET),
        need: Need::Must("\"env:BEAT_URL\""),
        doc: "A receiver that is not on this machine, or where its address is kept.",
    }],
};
