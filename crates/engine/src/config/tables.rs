//! Every key that a config may hold. A key is added here, and read in `build`.

use certvigil_doors::SecretReference;
use certvigil_inventory::{label, matching, parse_resolve, server_name};
use certvigil_judge::RULES;
use certvigil_model::{Service, Severity};

use certvigil_probe::EhloName;

use super::keys::{Form, Key, Kind, Need, Table, near};
use super::units;
use crate::TrustStore;

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
            doc: "The owner of the targets of this file, and of those that it includes, that name none.",
        },
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
            need: Need::Default("\"10s\""),
            doc: "Total for one endpoint, resolving and reading included.",
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
            kind: Kind::List(&Kind::Number(4, 6)),
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
            doc: "The finding's id. What says that nothing was seen cannot be accepted: unknown is not OK.",
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
            doc: "For every target with this tag.",
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

static NAME: Form = Form {
    noun: "one line of text",
    check: |text| match text.trim().is_empty() || text.contains(char::is_control) {
        true => Err("write one line that is not empty".to_owned()),
        false => Ok(()),
    },
    hidden: false,
    words: None,
};

static PATH: Form = Form {
    noun: "a path",
    check: |text| match text.is_empty() || text.contains('\0') {
        true => Err("write a path".to_owned()),
        false => Ok(()),
    },
    hidden: false,
    words: None,
};

static PATTERN: Form = Form {
    noun: "a path, in which * and ? stand for anything and ** for any folders",
    check: |text| match text.is_empty() {
        true => Err("write a path".to_owned()),
        false => matching("".as_ref(), text).map(drop),
    },
    hidden: false,
    words: None,
};

static SPAN: Form = Form {
    noun: "a time with its unit, like 10s",
    check: |text| units::span(text).map(drop),
    hidden: false,
    words: None,
};

static LIFE: Form = Form {
    noun: "a time with its unit, like 30d",
    check: |text| units::life(text).map(drop),
    hidden: false,
    words: None,
};

static RATE: Form = Form {
    noun: "so many a second, like 50/s",
    check: |text| units::rate(text).map(drop),
    hidden: false,
    words: None,
};

static TRUST: Form = Form {
    noun: "a trust store: [NAME=]mozilla|system|FILE[,FILE…]",
    check: |text| text.parse::<TrustStore>().map(drop).map_err(|error| error.to_string()),
    hidden: false,
    words: None,
};

static FAIL_ON: Form = Form {
    noun: "info, warning, critical or never",
    check: |text| units::fail_on(text).map(drop),
    hidden: false,
    words: Some(|| vec!["info", "warning", "critical", "never"]),
};

static SEVERITY: Form = Form {
    noun: "info, warning, critical or off",
    check: |text| severity(text).map(drop),
    hidden: false,
    words: Some(|| vec!["info", "warning", "critical", "off"]),
};

static SECRET: Form = Form {
    noun: "where the secret is: env:NAME, file:PATH, cred:NAME or cmd:/PROGRAM ARGUMENT…",
    check: |text| text.parse::<SecretReference>().map(drop).map_err(|error| error.to_string()),
    hidden: true,
    words: None,
};

static URL: Form =
    Form { noun: "a URL, like https://tracker.example.org", check: url, hidden: true, words: None };

static URL_OR_SECRET: Form = Form {
    noun: "a URL, or where it is kept, like env:BEAT_URL",
    check: |text| match text.parse::<SecretReference>() {
        Ok(_) => Ok(()),
        Err(_) => url(text),
    },
    hidden: true,
    words: None,
};

static TRACKER_KIND: Form = Form {
    noun: "the tracker's kind",
    check: |text| one_of(text, TRACKER_KINDS),
    hidden: false,
    words: Some(|| TRACKER_KINDS.to_vec()),
};

static CONTACT_KIND: Form = Form {
    noun: "the channel's kind",
    check: |text| one_of(text, CONTACT_KINDS),
    hidden: false,
    words: Some(|| CONTACT_KINDS.to_vec()),
};

static SERVICE: Form = Form {
    noun: "a service",
    check: |text| {
        let known: Vec<_> = Service::all().map(Service::name).collect();
        one_of(text, &known)
    },
    hidden: false,
    words: Some(|| Service::all().map(Service::name).collect()),
};

/// Whether it is a target is said when the whole line is read, with all that its table has.
static TARGET_LINE: Form =
    Form { noun: "a target, like www.example.org", check: |_| Ok(()), hidden: false, words: None };

static SERVER_NAME: Form = Form {
    noun: "a host name or an address",
    check: |text| server_name(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

static LABEL: Form = Form {
    noun: "one label of a host name",
    check: |text| label(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

static RESOLVE: Form = Form {
    noun: "HOST:PORT:ADDRESS",
    check: |text| parse_resolve(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

static RESOLVER: Form = Form {
    noun: "a resolver's address, with its port where that is not 53",
    check: |text| resolver(text).map(drop),
    hidden: false,
    words: None,
};

static EHLO_NAME: Form = Form {
    noun: "a host name",
    check: |text| text.parse::<EhloName>().map(drop).map_err(|error| error.to_string()),
    hidden: false,
    words: None,
};

static ADDRESS: Form = Form {
    noun: "an IP address",
    check: |text| match text.parse::<std::net::IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err("write an IP address, like 192.0.2.1 or 2001:db8::1".to_owned()),
    },
    hidden: false,
    words: None,
};

static ALL: Form = Form {
    noun: "\"all\"",
    check: |text| one_of(text, &["all"]),
    hidden: false,
    words: Some(|| vec!["all"]),
};

static FINDING: Form = Form {
    noun: "a finding's id, like weak-key",
    check: |text| {
        if RULES.iter().any(|rule| rule.meta().id == text) {
            return Ok(());
        }
        Err(match near(text, RULES.iter().map(|rule| rule.meta().id)) {
            Some(meant) => format!("there is no finding of this id; did you mean {meant}?"),
            None => "there is no finding of this id".to_owned(),
        })
    },
    hidden: false,
    words: Some(|| RULES.iter().map(|rule| rule.meta().id).collect()),
};

/// The severity of an adjustment; none switches the rule off.
pub(crate) fn severity(text: &str) -> Result<Option<Severity>, String> {
    Ok(match text {
        "info" => Some(Severity::Info),
        "warning" => Some(Severity::Warning),
        "critical" => Some(Severity::Critical),
        "off" => None,
        _ => return Err("write info, warning, critical or off".to_owned()),
    })
}

/// A resolver's address; DNS is on port 53 (RFC 1035 section 4.2).
pub(crate) fn resolver(text: &str) -> Result<std::net::SocketAddr, String> {
    if let Ok(ip) = text.parse::<std::net::IpAddr>() {
        return Ok((ip, 53).into());
    }
    text.parse().map_err(|_| "write an address, like 192.0.2.53 or [2001:db8::53]:5353".to_owned())
}

/// Only its shape: scheme, `://`, a host. Who dials it reads it in full.
fn url(text: &str) -> Result<(), String> {
    let scheme = |scheme: &str| matches!(scheme, "http" | "https" | "smtp" | "smtps");
    match text.split_once("://") {
        Some((word, rest)) if scheme(word) && !rest.is_empty() && !rest.starts_with('/') => {}
        _ => return Err("write a URL that begins with https:// or smtp://".to_owned()),
    }
    match text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Err("a URL holds no blanks".to_owned()),
        false => Ok(()),
    }
}

fn one_of(text: &str, words: &[&'static str]) -> Result<(), String> {
    if words.contains(&text) {
        return Ok(());
    }
    Err(match near(text, words.iter().copied()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("write one of {}", words.join(", ")),
    })
}

const TRACKER_KINDS: &[&str] = &["redmine", "jira", "github", "gitlab", "gitea"];

const CONTACT_KINDS: &[&str] =
    &["email", "slack", "teams", "mattermost", "pagerduty", "opsgenie", "ntfy", "webhook"];
