//! What a text in a config must look like: one form each, with the words that help texts use.

mod site;

use certvigil_doors::SecretReference;
use certvigil_inventory::{label, matching, parse_resolve, server_name};
use certvigil_judge::RULES;
use certvigil_model::{Fingerprint, Service, Severity};
use certvigil_probe::EhloName;

use super::keys::{Form, near};
use super::tracker::TrackerKind;
use super::units;
use crate::TrustStore;

pub(super) use site::{
    ARGUMENT, CERTIFICATE_NAME, DAY, DAYS, LISTEN, NO_PROXY, PROXY, RENEWER, SENTINEL, STORE_URL,
    TIME_OF_DAY, TIME_SERVER, WORKING_HOURS, ZONE, sentinel, zone,
};

pub(super) static NAME: Form = Form {
    noun: "one line of text",
    check: |text| match text.trim().is_empty() || text.contains(char::is_control) {
        true => Err("write one line that is not empty".to_owned()),
        false => Ok(()),
    },
    hidden: false,
    words: None,
};

pub(super) static PATH: Form = Form {
    noun: "a path",
    check: |text| match text.is_empty() || text.contains('\0') {
        true => Err("write a path".to_owned()),
        false => Ok(()),
    },
    hidden: false,
    words: None,
};

pub(super) static PATTERN: Form = Form {
    noun: "a path, in which * and ? stand for anything and ** for any folders",
    check: |text| match text.is_empty() {
        true => Err("write a path".to_owned()),
        false => matching("".as_ref(), text).map(drop),
    },
    hidden: false,
    words: None,
};

pub(super) static FINGERPRINT: Form = Form {
    noun: "a SHA-256, 64 hexadecimal digits",
    check: |text| {
        match Fingerprint::from_text(text) {
        Some(_) => Ok(()),
        None => Err("copy the certificate's sha256 from a report, or what openssl x509 -fingerprint -sha256 prints".to_owned()),
    }
    },
    hidden: false,
    words: None,
};

pub(super) static SPAN: Form = Form {
    noun: "a time with its unit, like 10s",
    check: |text| units::span(text).map(drop),
    hidden: false,
    words: None,
};

pub(super) static LIFE: Form = Form {
    noun: "a time with its unit, like 30d",
    check: |text| units::life(text).map(drop),
    hidden: false,
    words: None,
};

pub(super) static RATE: Form = Form {
    noun: "so many a second, like 50/s",
    check: |text| units::rate(text).map(drop),
    hidden: false,
    words: None,
};

pub(super) static TRUST: Form = Form {
    noun: "a trust store: [NAME=]mozilla|system|FILE[,FILE…]",
    check: |text| text.parse::<TrustStore>().map(drop).map_err(|error| error.to_string()),
    hidden: false,
    words: None,
};

pub(super) static FAIL_ON: Form = Form {
    noun: "info, warning, critical or never",
    check: |text| units::fail_on(text).map(drop),
    hidden: false,
    words: Some(|| vec!["info", "warning", "critical", "never"]),
};

pub(super) static SEVERITY: Form = Form {
    noun: "info, warning, critical or off",
    check: |text| severity(text).map(drop),
    hidden: false,
    words: Some(|| vec!["info", "warning", "critical", "off"]),
};

pub(super) static SECRET: Form = Form {
    noun: "where the secret is: env:NAME, file:PATH, cred:NAME or cmd:/PROGRAM ARGUMENT…",
    check: |text| text.parse::<SecretReference>().map(drop).map_err(|error| error.to_string()),
    hidden: true,
    words: None,
};

pub(super) static URL: Form =
    Form { noun: "a URL, like https://tracker.example.org", check: url, hidden: true, words: None };

pub(super) static WEB_ADDRESS: Form = Form {
    noun: "a web address, like https://tracker.example.org",
    check: |text| url_of(text, &["http", "https"]),
    hidden: true,
    words: None,
};

pub(super) static URL_OR_SECRET: Form = Form {
    noun: "a URL, or where it is kept, like env:BEAT_URL",
    check: |text| match text.parse::<SecretReference>() {
        Ok(_) => Ok(()),
        Err(_) => url(text),
    },
    hidden: true,
    words: None,
};

pub(super) static TRACKER_KIND: Form = Form {
    noun: "the tracker's kind",
    check: |text| one_of(text, &tracker_kinds()),
    hidden: false,
    words: Some(tracker_kinds),
};

pub(super) static MARKUP: Form = Form {
    noun: "textile or markdown",
    check: |text| one_of(text, &["textile", "markdown"]),
    hidden: false,
    words: Some(|| vec!["textile", "markdown"]),
};

pub(super) static COMMENTS_AS: Form = Form {
    noun: "comment or correspond",
    check: |text| one_of(text, &["comment", "correspond"]),
    hidden: false,
    words: Some(|| vec!["comment", "correspond"]),
};

/// They are handed on in one line, parted by commas.
pub(super) static WORD: Form = Form {
    noun: "a name without a comma",
    check: |text| match text.contains(',') {
        true => Err("write each as a text of its own, without a comma".to_owned()),
        false => (NAME.check)(text),
    },
    hidden: false,
    words: None,
};

pub(super) static CONTACT_KIND: Form = Form {
    noun: "the channel's kind",
    check: |text| one_of(text, CONTACT_KINDS),
    hidden: false,
    words: Some(|| CONTACT_KINDS.to_vec()),
};

pub(super) static SERVICE: Form = Form {
    noun: "a service",
    check: |text| {
        let known: Vec<_> = Service::all().map(Service::name).collect();
        one_of(text, &known)
    },
    hidden: false,
    words: Some(|| Service::all().map(Service::name).collect()),
};

/// Whether it is a target is said when the whole line is read, with all that its table has.
pub(super) static TARGET_LINE: Form =
    Form { noun: "a target, like www.example.org", check: |_| Ok(()), hidden: false, words: None };

pub(super) static SERVER_NAME: Form = Form {
    noun: "a host name or an address",
    check: |text| server_name(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

pub(super) static LABEL: Form = Form {
    noun: "one label of a host name",
    check: |text| label(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

pub(super) static RESOLVE: Form = Form {
    noun: "HOST:PORT:ADDRESS",
    check: |text| parse_resolve(text).map(drop).map_err(|fault| fault.to_string()),
    hidden: false,
    words: None,
};

pub(super) static RESOLVER: Form = Form {
    noun: "a resolver's address, with its port where that is not 53",
    check: |text| resolver(text).map(drop),
    hidden: false,
    words: None,
};

pub(super) static EHLO_NAME: Form = Form {
    noun: "a host name",
    check: |text| text.parse::<EhloName>().map(drop).map_err(|error| error.to_string()),
    hidden: false,
    words: None,
};

pub(super) static ADDRESS: Form = Form {
    noun: "an IP address",
    check: |text| match text.parse::<std::net::IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err("write an IP address, like 192.0.2.1 or 2001:db8::1".to_owned()),
    },
    hidden: false,
    words: None,
};

pub(super) static ALL: Form = Form {
    noun: "\"all\"",
    check: |text| one_of(text, &["all"]),
    hidden: false,
    words: Some(|| vec!["all"]),
};

pub(super) static FINDING: Form = Form {
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
pub(super) fn severity(text: &str) -> Result<Option<Severity>, String> {
    Ok(match text {
        "info" => Some(Severity::Info),
        "warning" => Some(Severity::Warning),
        "critical" => Some(Severity::Critical),
        "off" => None,
        _ => return Err("write info, warning, critical or off".to_owned()),
    })
}

/// A resolver's address; DNS is on port 53 (RFC 1035 section 4.2).
pub(super) fn resolver(text: &str) -> Result<std::net::SocketAddr, String> {
    if let Ok(ip) = text.parse::<std::net::IpAddr>() {
        return Ok((ip, 53).into());
    }
    text.parse().map_err(|_| "write an address, like 192.0.2.53 or [2001:db8::53]:5353".to_owned())
}

/// Only its shape: scheme, `://`, a host. Who dials it reads it in full.
fn url(text: &str) -> Result<(), String> {
    url_of(text, &["http", "https", "smtp", "smtps"])
}

fn url_of(text: &str, schemes: &[&str]) -> Result<(), String> {
    match text.split_once("://") {
        Some((word, rest))
            if schemes.contains(&word) && !rest.is_empty() && !rest.starts_with('/') => {}
        _ => {
            let begins = match schemes {
                ["postgres", ..] => "postgres://",
                ["http", "https"] => "http:// or https://",
                _ => "https:// or smtp://",
            };
            return Err(format!("write a URL that begins with {begins}"));
        }
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

fn tracker_kinds() -> Vec<&'static str> {
    TrackerKind::ALL.iter().map(|kind| kind.name()).collect()
}

const CONTACT_KINDS: &[&str] = &[
    "email",
    "slack",
    "mattermost",
    "teams",
    "matrix",
    "ntfy",
    "pagerduty",
    "alertmanager",
    "webhook",
    "syslog",
    "exec",
    "apprise",
];
