//! What is looked at, and what is judged differently where.

use super::super::forms::{
    ADDRESS, ALL, LABEL, NAME, PATH, PATTERN, RESOLVE, RESOLVER, SECRET, SERVER_NAME, SERVICE,
    SPAN, TARGET_LINE,
};
use super::super::keys::{Key, Kind, Need, Table};
use super::{ADJUST_KEY, CRITICAL_LEFT, WARNING_LEFT};

pub(crate) static TARGET: Table = Table {
    title: "[[target]]",
    doc: "targets that are looked at in the same way",
    live: true,
    keys: &[
        Key {
            name: "names",
            kind: Kind::List(&Kind::Text(&TARGET_LINE)),
            need: Need::Or("[\"www.example.org\", \"tls://192.0.2.1:8443#server.name\"]"),
            doc: "`host` (https), `host:port` (tls), `service://host:port`, with `#server.name` where it differs.",
        },
        Key {
            name: "hosts",
            kind: Kind::List(&Kind::Text(&PATTERN)),
            need: Need::May("[\"lists/*.txt\"]"),
            doc: "Files that list more targets, one a line; what follows a `#` at its start or after a blank is a comment. Patterns are relative to this file. One that matches nothing, and a file that cannot be read, is an endpoint that is unknown.",
        },
        Key {
            name: "file_sd",
            kind: Kind::List(&Kind::Text(&PATTERN)),
            need: Need::May("[\"discovery/*.yml\"]"),
            doc: "Files for Prometheus' service discovery, YAML or JSON, that list more targets. A label becomes the tag `name=value`; those that begin with `__` are left out. Relative to this file.",
        },
        Key {
            name: "files",
            kind: Kind::List(&Kind::Text(&PATTERN)),
            need: Need::May("[\"/etc/ssl/site/*.pem\", \"keystore.p12\"]"),
            doc: "Files with certificates: PEM, DER, PKCS#7, PKCS#12, JKS, JCEKS. Each certificate in them is an endpoint, judged by its dates, its form and its strength; trust and names are judged where it is served. Relative to this file.",
        },
        Key {
            name: "password",
            kind: Kind::Text(&SECRET),
            need: Need::May("\"env:KEYSTORE_PASSWORD\""),
            doc: "Where the password of the key stores among `files` is.",
        },
        Key {
            name: "owner",
            kind: Kind::Text(&NAME),
            need: Need::May("\"ops\""),
            doc: "The name of an `[[owner]]`; without it `default_owner`.",
        },
        Key {
            name: "tags",
            kind: Kind::List(&Kind::Text(&NAME)),
            need: Need::Default("[]"),
            doc: "Words for grouping.",
        },
        Key {
            name: "service",
            kind: Kind::Text(&SERVICE),
            need: Need::May("\"tls\""),
            doc: "The service of targets that name none; else `host` is `https` and `host:port` is `tls`.",
        },
        Key {
            name: "port",
            kind: Kind::Number(1, 65_535),
            need: Need::May("8443"),
            doc: "The port of targets that name none; else the service's own.",
        },
        Key {
            name: "server_name",
            kind: Kind::Text(&SERVER_NAME),
            need: Need::May("\"www.example.org\""),
            doc: "The name to send and to match, instead of the host's own.",
        },
        Key {
            name: "label",
            kind: Kind::Text(&LABEL),
            need: Need::May("\"www\""),
            doc: "The label through which a target like `*.apps.example.org` is looked at; else one that is derived from the target, the same in every round.",
        },
        Key {
            name: "without_server_name",
            kind: Kind::Flag,
            need: Need::Default("false"),
            doc: "Look once more without sending a server name.",
        },
        Key {
            name: "second_certificate",
            kind: Kind::Flag,
            need: Need::May("true"),
            doc: "Ask for the certificate of the other key type too, or do not; else as `[check]` has it.",
        },
        Key {
            name: "client_certificate",
            kind: Kind::Text(&PATH),
            need: Need::May("\"client.pem\""),
            doc: "PEM file with the certificate to show to these servers when they ask who we are, instead of the one in `[check]`. Relative to this file.",
        },
        Key {
            name: "client_key",
            kind: Kind::Text(&PATH),
            need: Need::May("\"client.key\""),
            doc: "PEM file with that certificate's key. Relative to this file.",
        },
        Key {
            name: "addresses",
            kind: Kind::Either(&[
                Kind::Number(1, 65_535),
                Kind::Text(&ALL),
                Kind::List(&Kind::Text(&ADDRESS)),
            ]),
            need: Need::Default("16"),
            doc: "How many addresses of a name are looked at in a round, the others in turn; `\"all\"`; or these, and no resolver is asked.",
        },
        Key {
            name: "families",
            kind: Kind::List(&Kind::OneOf(&[4, 6])),
            need: Need::Default("[]"),
            doc: "The address families that must be looked at, 4 and 6: one without a route makes the target unknown. Empty: those that this machine can route.",
        },
        Key {
            name: "pool",
            kind: Kind::Flag,
            need: Need::May("true"),
            doc: "All addresses of a name are one endpoint, for what is behind it changes; else decided by their number.",
        },
        Key {
            name: "resolve",
            kind: Kind::List(&Kind::Text(&RESOLVE)),
            need: Need::Default("[]"),
            doc: "`HOST:PORT:ADDRESS`: look at this address for that host and port, and ask no resolver.",
        },
        Key {
            name: "resolvers",
            kind: Kind::List(&Kind::Text(&RESOLVER)),
            need: Need::Default("[]"),
            doc: "Ask these resolvers, `ADDRESS` or `ADDRESS:PORT`, instead of the system's.",
        },
        Key {
            name: "deadline",
            kind: Kind::Text(&SPAN),
            need: Need::May("\"30s\""),
            doc: "Total for one endpoint, instead of the one in `[check]`.",
        },
        WARNING_LEFT,
        CRITICAL_LEFT,
        ADJUST_KEY,
    ],
};

pub(crate) static TAG: Table = Table {
    title: "[[tag]]",
    doc: "what is judged differently where a target has a tag; a target's own words win, and of its tags the last",
    live: false,
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"internal\""),
            doc: "The tag.",
        },
        Key {
            name: "owner",
            kind: Kind::Text(&NAME),
            need: Need::May("\"ops\""),
            doc: "Who answers for targets with this tag that name no owner themselves.",
        },
        WARNING_LEFT,
        CRITICAL_LEFT,
        ADJUST_KEY,
    ],
};
