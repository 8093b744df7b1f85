//! Every key that a config may hold. A key is added here, and read in `build`.

mod alarm;
mod owner;
mod site;
mod target;

use super::forms::{
    EHLO_NAME, FAIL_ON, FINDING, FINGERPRINT, LIFE, NAME, PATH, PATTERN, RATE, SECRET, SEVERITY,
    SPAN, TRUST,
};
use super::keys::{Key, Kind, Need, Table};
use alarm::{CERTIFICATE, WINDOW};
use owner::{BEAT, OWNER};
use site::{CLOCK, HTTP, LIMITS, SENTINELS, SERVE, SITE, STORE};
use target::{TAG, TARGET};

/// The top of a file.
pub(crate) static FILE: Table = Table {
    title: "",
    doc: "what stands before the first table",
    live: true,
    keys: &[
        Key {
            name: "default_owner",
            kind: Kind::Text(&NAME),
            need: Need::May("\"ops\""),
            doc: "The owner of the targets of this file, and of those that it includes, that name none. In the file that is named on the command line it also answers for whatever else has no owner.",
        },
        Key {
            name: "operations",
            kind: Kind::Text(&NAME),
            need: Need::May("\"ops\""),
            doc: "The owner whose group is called, beside its own, when an owner does not answer. Without it default_owner.",
        },
        SITE,
        Key {
            name: "site_key",
            kind: Kind::Text(&SECRET),
            need: Need::May("\"file:site.key\""),
            doc: "Where a secret is that all instances of the site share: nobody else can make a key of theirs then, or a block of state that passes for ours.",
        },
        SENTINELS,
        Key {
            name: "include",
            kind: Kind::List(&Kind::Text(&PATTERN)),
            need: Need::Default("[]"),
            doc: "More files like this one, as patterns relative to it. Each file is read once; one that includes itself is refused, and a pattern that matches nothing is told.",
        },
        Key {
            name: "owner",
            kind: Kind::Tables(&OWNER),
            need: Need::May(""),
            doc: "Who answers for targets.",
        },
        Key {
            name: "target",
            kind: Kind::Tables(&TARGET),
            need: Need::May(""),
            doc: "What is looked at.",
        },
        Key {
            name: "tag",
            kind: Kind::Tables(&TAG),
            need: Need::May(""),
            doc: "What is judged differently where a target has a tag.",
        },
        Key {
            name: "accept",
            kind: Kind::Tables(&ACCEPT),
            need: Need::May(""),
            doc: "Findings that somebody answers for, for a time.",
        },
        Key {
            name: "certificate",
            kind: Kind::Tables(&CERTIFICATE),
            need: Need::May(""),
            doc: "Who renews which certificates.",
        },
        Key {
            name: "window",
            kind: Kind::Tables(&WINDOW),
            need: Need::May(""),
            doc: "Times at which less is told.",
        },
        Key {
            name: "check",
            kind: Kind::Table(&CHECK),
            need: Need::May(""),
            doc: "How it is looked at. Only in the file that is named on the command line.",
        },
        Key {
            name: "beat",
            kind: Kind::Table(&BEAT),
            need: Need::May(""),
            doc: "The outgoing heartbeat. Only in the file that is named on the command line.",
        },
        Key {
            name: "store",
            kind: Kind::Table(&STORE),
            need: Need::May(""),
            doc: "Where is remembered. Only in the file that is named on the command line.",
        },
        Key {
            name: "limits",
            kind: Kind::Table(&LIMITS),
            need: Need::May(""),
            doc: "How much is filed at a time. Only in the file that is named on the command line.",
        },
        Key {
            name: "clock",
            kind: Kind::Table(&CLOCK),
            need: Need::May(""),
            doc: "Who is asked what time it is. Only in the file that is named on the command line.",
        },
        Key {
            name: "http",
            kind: Kind::Table(&HTTP),
            need: Need::May(""),
            doc: "How the way out is arranged. Only in the file that is named on the command line.",
        },
        Key {
            name: "serve",
            kind: Kind::Table(&SERVE),
            need: Need::May(""),
            doc: "How the service runs. Only in the file that is named on the command line.",
        },
    ],
};

pub(crate) static CHECK: Table = Table {
    title: "[check]",
    doc: "how a round looks; what is typed on the command line wins over it",
    live: true,
    keys: &[
        Key {
            name: "deadline",
            kind: Kind::Text(&SPAN),
            need: Need::May("\"10s\""),
            doc: "Total for one endpoint, resolving and reading included. Without it 10 s, for smtp and lmtp 30 s.",
        },
        Key {
            name: "connect_timeout",
            kind: Kind::Text(&SPAN),
            need: Need::Default("\"3s\""),
            doc: "How long one connection request may go unanswered.",
        },
        Key {
            name: "concurrency",
            kind: Kind::Number(1, 100_000),
            need: Need::Default("64"),
            doc: "Looks under way at a time.",
        },
        Key {
            name: "rate_per_address",
            kind: Kind::Text(&RATE),
            need: Need::Default("\"50/s\""),
            doc: "Looks a second to one address; loopback has no limit.",
        },
        Key {
            name: "trust",
            kind: Kind::List(&Kind::Text(&TRUST)),
            need: Need::May("[\"system\", \"internal=roots.pem\"]"),
            doc: "The trust stores that decide. Without any, `system` decides and `mozilla` is shown. Paths are relative to this file.",
        },
        Key {
            name: "fail_on",
            kind: Kind::Text(&FAIL_ON),
            need: Need::Default("\"warning\""),
            doc: "The least that makes the exit code 1.",
        },
        Key {
            name: "first_address",
            kind: Kind::Flag,
            need: Need::Default("false"),
            doc: "Look only at the first address of a name.",
        },
        Key {
            name: "first_certificate",
            kind: Kind::Flag,
            need: Need::Default("false"),
            doc: "Do not ask for a second certificate of the other key type.",
        },
        Key {
            name: "client_certificate",
            kind: Kind::Text(&PATH),
            need: Need::May("\"client.pem\""),
            doc: "PEM file with the certificate to show to servers that ask who we are. Relative to this file.",
        },
        Key {
            name: "client_key",
            kind: Kind::Text(&PATH),
            need: Need::May("\"client.key\""),
            doc: "PEM file with that certificate's key. Relative to this file.",
        },
        Key {
            name: "look_again_after",
            kind: Kind::Text(&SPAN),
            need: Need::Default("\"30s\""),
            doc: "How long after a round with `--act` what it found is looked at once more, on a new connection, before people are told.",
        },
        Key {
            name: "act_within",
            kind: Kind::Text(&SPAN),
            need: Need::Default("\"3m\""),
            doc: "How long telling may take once the round is over, second looks included. What is not proven to be told by then fails the run.",
        },
        Key {
            name: "ehlo_name",
            kind: Kind::Text(&EHLO_NAME),
            need: Need::May("\"monitor.example.org\""),
            doc: "The name to greet mail servers with, instead of our own address.",
        },
        WARNING_LEFT,
        CRITICAL_LEFT,
        ADJUST_KEY,
    ],
};

pub(crate) static ACCEPT: Table = Table {
    title: "[[accept]]",
    doc: "a finding that somebody answers for, for a time: told and counted apart, never red, red again on the day that it ends",
    live: false,
    keys: &[
        Key {
            name: "finding",
            kind: Kind::Text(&FINDING),
            need: Need::Must("\"weak-key\""),
            doc: "The finding's id, however bad it becomes, and without `certificate` whatever certificate shows it. What says that nothing was seen cannot be accepted: unknown is not OK.",
        },
        Key {
            name: "target",
            kind: Kind::Text(&NAME),
            need: Need::May("\"www.example.org\""),
            doc: "For the target written so. One of `target`, `tag` and `round` must be there.",
        },
        Key {
            name: "tag",
            kind: Kind::Text(&NAME),
            need: Need::May("\"internal\""),
            doc: "For every target with this tag. A label from service discovery is a tag too: who writes that file chooses what is accepted, so pin the `certificate` there.",
        },
        Key {
            name: "certificate",
            kind: Kind::Text(&FINGERPRINT),
            need: Need::May("\"66dfefab0ed12d60792df42e47f57f5d8171ee03cc154351668ee5ae45b02651\""),
            doc: "Only where this certificate shows it, by its SHA-256: the next one with the same fault is red again. Colons and capitals may stand in it.",
        },
        Key {
            name: "round",
            kind: Kind::Flag,
            need: Need::May("true"),
            doc: "For a finding of the round itself.",
        },
        Key {
            name: "reason",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"replaced in January\""),
            doc: "Why it may stand.",
        },
        Key {
            name: "owner",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"ops\""),
            doc: "Whose word that is.",
        },
        Key {
            name: "until",
            kind: Kind::Moment,
            need: Need::Must("2027-01-15"),
            doc: "When it ends, at most 90 days ahead. A date means its first moment in UTC.",
        },
    ],
};

pub(crate) static ADJUST: Table = Table {
    title: "adjust",
    doc: "like { finding = \"weak-key\", severity = \"critical\", reason = \"policy 12\" }",
    live: false,
    keys: &[
        Key {
            name: "finding",
            kind: Kind::Text(&FINDING),
            need: Need::Must("\"weak-key\""),
            doc: "The finding's id.",
        },
        Key {
            name: "severity",
            kind: Kind::Text(&SEVERITY),
            need: Need::Must("\"critical\""),
            doc: "Its new severity; `off` switches the rule off.",
        },
        Key {
            name: "reason",
            kind: Kind::Text(&NAME),
            need: Need::Must("\"policy 12\""),
            doc: "Why.",
        },
    ],
};

const WARNING_LEFT: Key = Key {
    name: "warning_left",
    kind: Kind::Text(&LIFE),
    need: Need::May("\"30d\""),
    doc: "Warn when a certificate has less than this left, whatever its life. Needs `critical_left`.",
};

const CRITICAL_LEFT: Key = Key {
    name: "critical_left",
    kind: Kind::Text(&LIFE),
    need: Need::May("\"7d\""),
    doc: "Critical when a certificate has less than this left. Needs `warning_left`.",
};

const ADJUST_KEY: Key = Key {
    name: "adjust",
    kind: Kind::List(&Kind::Table(&ADJUST)),
    need: Need::May(""),
    doc: "Rules given another weight, each with its reason. The one nearest to the target counts, and of those in one list the last.",
};
