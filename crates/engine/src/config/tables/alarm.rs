//! Certificates that somebody renews, and times at which less is told.

use super::super::forms::{
    ARGUMENT, CERTIFICATE_NAME, DAY, LIFE, NAME, RENEWER, TIME_OF_DAY, ZONE,
};
use super::super::keys::{Key, Kind, Need, Table};

pub(crate) static CERTIFICATE: Table = Table {
    title: "[[certificate]]",
    doc: "who renews the certificates that have a name; the first that matches counts",
    live: false,
    keys: &[
        Key {
            name: "names",
            kind: Kind::List(&Kind::Text(&CERTIFICATE_NAME)),
            need: Need::Must("[\"www.example.org\"]"),
            doc: "Names of the subjectAltName, one of which the certificate has; `*.example.org` stands for all directly below it, and for itself.",
        },
        Key {
            name: "owner",
            kind: Kind::Text(&NAME),
            need: Need::May("\"ops\""),
            doc: "Who answers for it, wherever it is served. Without it the owner of the target that names it most closely.",
        },
        Key {
            name: "renewer",
            kind: Kind::Text(&RENEWER),
            need: Need::Default("\"unknown\""),
            doc: "What renews it.",
        },
        Key {
            name: "renew_before",
            kind: Kind::Text(&LIFE),
            need: Need::May("\"30d\""),
            doc: "How long before its end the new one should be served. Without it that is as `state` says, or learned from two renewals seen.",
        },
        Key {
            name: "advice",
            kind: Kind::Text(&NAME),
            need: Need::May("\"open a ticket with the hosting company\""),
            doc: "What a person does where it was not renewed. Without it what is usual for its renewer.",
        },
        Key {
            name: "state",
            kind: Kind::List(&Kind::Text(&ARGUMENT)),
            need: Need::May("[\"/usr/local/bin/renewal-state\", \"www\"]"),
            doc: "A program that prints how its renewal stands, and its arguments; see above for the shape.",
        },
    ],
};

pub(crate) static WINDOW: Table = Table {
    title: "[[window]]",
    doc: "a time of maintenance: what cannot be reached and what differs from address to address is not told meanwhile. Dates, names and trust are",
    live: false,
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"patch night\""),
            doc: "What reports call it.",
        },
        Key {
            name: "days",
            kind: Kind::List(&Kind::Text(&DAY)),
            need: Need::Or("[\"sat\", \"sun\"]"),
            doc: "The days on which it begins, every week. One of `days` and `date` must be there.",
        },
        Key {
            name: "date",
            kind: Kind::Moment,
            need: Need::Or("2026-12-24"),
            doc: "The one day on which it begins.",
        },
        Key {
            name: "from",
            kind: Kind::Text(&TIME_OF_DAY),
            need: Need::Must("\"22:00\""),
            doc: "When it begins, by the clocks of its zone. Where they leave that time out it begins as much later.",
        },
        Key {
            name: "for",
            kind: Kind::Text(&LIFE),
            need: Need::Must("\"4h\""),
            doc: "How long it lasts, at most 24h.",
        },
        Key {
            name: "zone",
            kind: Kind::Text(&ZONE),
            need: Need::Default("\"UTC\""),
            doc: "The zone of the time database, like Europe/Berlin.",
        },
        Key {
            name: "targets",
            kind: Kind::List(&Kind::Text(&NAME)),
            need: Need::May("[\"www.example.org\"]"),
            doc: "Only for the targets written so.",
        },
        Key {
            name: "tags",
            kind: Kind::List(&Kind::Text(&NAME)),
            need: Need::May("[\"internal\"]"),
            doc: "Only for targets with one of these tags. Without `targets`, `tags` and `owners` it is for all.",
        },
        Key {
            name: "owners",
            kind: Kind::List(&Kind::Text(&NAME)),
            need: Need::May("[\"ops\"]"),
            doc: "Only for targets of these owners.",
        },
    ],
};
