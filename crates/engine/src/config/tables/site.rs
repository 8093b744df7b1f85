//! What holds for a whole site: what is remembered, how the way out is arranged, how much is filed at a time.

use super::super::forms::{
    ADDRESS, LIFE, LISTEN, NAME, NO_PROXY, PATH, PROXY, SENTINEL, SPAN, STORE_URL, TIME_SERVER,
    WEB_ADDRESS,
};
use super::super::keys::{Key, Kind, Need, Table};

pub(crate) static STORE: Table = Table {
    title: "[store]",
    doc: "where certvigil remembers what was seen, decided and sent; `--store` wins over it",
    live: false,
    keys: &[
        Key {
            name: "path",
            kind: Kind::Text(&PATH),
            need: Need::Or("\"/var/lib/certvigil/certvigil.db\""),
            doc: "A file of its own, on a local disk. One of `path` and `url` must be there.",
        },
        Key {
            name: "url",
            kind: Kind::Text(&STORE_URL),
            need: Need::Or("\"env:CERTVIGIL_STORE\""),
            doc: "A PostgreSQL database, `postgres://…`, or where its address is kept.",
        },
        Key {
            name: "keep_sightings",
            kind: Kind::Text(&LIFE),
            need: Need::Default("\"730d\""),
            doc: "How long what an endpoint once showed is kept, and certificates that nothing names any more.",
        },
        Key {
            name: "keep_rounds",
            kind: Kind::Text(&LIFE),
            need: Need::Default("\"90d\""),
            doc: "How long the ledgers of rounds are kept.",
        },
        Key {
            name: "keep_incidents",
            kind: Kind::Text(&LIFE),
            need: Need::Default("\"730d\""),
            doc: "How long incidents are kept once they are resolved, with what was sent for them. Open ones stay.",
        },
        Key {
            name: "keep_texts",
            kind: Kind::Text(&LIFE),
            need: Need::Default("\"180d\""),
            doc: "How long long texts beside the journal are kept; the journal itself stays whole.",
        },
    ],
};

pub(crate) static HTTP: Table = Table {
    title: "[http]",
    doc: "how whatever is asked over HTTP is reached; a tracker, a page and the beat may each say otherwise in an `http` of their own",
    live: false,
    keys: &[
        Key {
            name: "proxy",
            kind: Kind::Text(&PROXY),
            need: Need::May("\"http://proxy.example.org:3128\""),
            doc: "The proxy, or where its address is kept; `none` for none. Without it HTTPS_PROXY holds.",
        },
        Key {
            name: "no_proxy",
            kind: Kind::List(&Kind::Text(&NO_PROXY)),
            need: Need::May("[\"example.org\", \"10.0.0.0/8\"]"),
            doc: "Whom to ask without it: names with all below them, addresses, networks, `*`. Without it NO_PROXY holds.",
        },
        Key {
            name: "ca_file",
            kind: Kind::Text(&PATH),
            need: Need::May("\"internal-roots.pem\""),
            doc: "A PEM file with the roots that are trusted in place of the system's. Relative to this file.",
        },
        Key {
            name: "source_address",
            kind: Kind::Text(&ADDRESS),
            need: Need::May("\"192.0.2.7\""),
            doc: "The address of this machine to ask from.",
        },
        Key {
            name: "timeout",
            kind: Kind::Text(&SPAN),
            need: Need::Default("\"20s\""),
            doc: "The total for one request, its answer included.",
        },
    ],
};

pub(crate) static LIMITS: Table = Table {
    title: "[limits]",
    doc: "the brake on new issues, for each tracker; what is over is held and listed in one issue, and what is critical is never held",
    live: false,
    keys: &[
        Key {
            name: "new_issues_per_round",
            kind: Kind::Number(1, 10_000),
            need: Need::Default("20"),
            doc: "New issues in one round.",
        },
        Key {
            name: "new_issues_per_hour",
            kind: Kind::Number(1, 10_000),
            need: Need::Default("60"),
            doc: "New issues in one hour.",
        },
        Key {
            name: "messages_per_hour",
            kind: Kind::Number(1, 100_000),
            need: Need::Default("200"),
            doc: "Messages to people in one hour, of all channels together. What is over is not sent, and that is said once; pages are sent past it.",
        },
    ],
};

pub(crate) static CLOCK: Table = Table {
    title: "[clock]",
    doc: "whose clocks ours is held against, beside those of trackers and of a database on another machine",
    live: false,
    keys: &[Key {
        name: "ntp",
        kind: Kind::List(&Kind::Text(&TIME_SERVER)),
        need: Need::May("[\"ntp.example.org\", \"192.0.2.123:123\"]"),
        doc: "Time servers. One that takes its time from this machine says nothing. Where two sources agree against our clock by more than five minutes, everything is judged by their time as well: what comes out differently is unknown, and nothing is opened or closed on it.",
    }],
};

pub(crate) static SERVE: Table = Table {
    title: "[serve]",
    doc: "how `certvigil serve` runs",
    live: false,
    keys: &[
        Key {
            name: "interval",
            kind: Kind::Text(&LIFE),
            need: Need::May("\"1h\""),
            doc: "The time from one look at an endpoint to the next. Without it an hour, or a two-hundredth of the certificate's life where that is less. At least a minute, at most a day.",
        },
        Key {
            name: "listen",
            kind: Kind::Text(&LISTEN),
            need: Need::May("\"127.0.0.1:9219\""),
            doc: "Where health, metrics and probes are answered. An address of this machine alone, for nobody is asked who they are.",
        },
        Key {
            name: "socket",
            kind: Kind::Text(&PATH),
            need: Need::May("\"/run/certvigil/certvigil.sock\""),
            doc: "The socket by which the other commands talk to it.",
        },
        Key {
            name: "group",
            kind: Kind::Text(&NAME),
            need: Need::May("\"certvigil\""),
            doc: "The group that may use the socket, beside the own user.",
        },
        Key {
            name: "answers",
            kind: Kind::Text(&WEB_ADDRESS),
            need: Need::May("\"https://certvigil.example.org\""),
            doc: "Where people reach `listen` from outside, by a proxy that passes on /answer/ and nothing else. With it each page has a link by which somebody says that they are on it.",
        },
    ],
};

pub(crate) const SITE: Key = Key {
    name: "site",
    kind: Kind::Text(&NAME),
    need: Need::Default("\"main\""),
    doc: "What all instances that watch the same call themselves. It is part of the key by which an issue is found: another name makes other issues.",
};

pub(crate) const SENTINELS: Key = Key {
    name: "sentinels",
    kind: Kind::List(&Kind::Text(&SENTINEL)),
    need: Need::May("[\"dns://10.0.0.53\", \"router.example.org:443\"]"),
    doc: "What is looked at once more where much is newly unknown, to tell whether it is we who cannot see. Without it the resolvers, the hosts of trackers and beat, and five endpoints of different networks. Only in the file that is named on the command line.",
};
