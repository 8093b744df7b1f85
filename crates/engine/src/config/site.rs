//! What holds for a whole site: `site`, `[store]`, `[http]`, `[limits]`, `[serve]`, `sentinels`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use certvigil_alarm::{Limits, Sentinel};
use certvigil_doors::SecretReference;
use url::Url;

use super::owner::{Located, located, secret};
use super::raw::{Faults, Fields};
use super::{forms, units};

/// What all instances of a site share, so that they make the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Where the secret is with which keys are made.
    pub key: Option<SecretReference>,
}

impl Default for Site {
    fn default() -> Self {
        Self { name: "main".to_owned(), key: None }
    }
}

/// Where it is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Where.
    pub at: StorePlace,
    /// Closed sightings, and certificates that nothing names any more.
    pub keep_sightings: Duration,
    /// Ledgers of rounds.
    pub keep_rounds: Duration,
    /// Resolved incidents and what was sent for them.
    pub keep_incidents: Duration,
    /// Long texts beside the journal.
    pub keep_texts: Duration,
}

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In a file.
    File(PathBuf),
    /// In a database; its address may hold a password.
    Database(Located),
}

/// How whatever is asked over HTTP is reached. None: as `[http]` says, and there as the program does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// The proxy.
    pub proxy: Option<ProxyChoice>,
    /// Whom to ask without it: names with all below them, addresses, networks, `*`.
    pub no_proxy: Option<Vec<String>>,
    /// The roots that are trusted in place of the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// The address to ask from.
    pub source_address: Option<IpAddr>,
    /// The total for one request.
    pub timeout: Option<Duration>,
}

/// Through whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// Nobody, whatever the environment says.
    None,
    /// This one; its address may hold a password.
    At(Located),
}

impl Http {
    /// How long one request may take where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(20);

    /// What is said here, and else in `base`.
    #[must_use]
    pub fn or(&self, base: &Self) -> Self {
        let Self { proxy, no_proxy, ca_file, source_address, timeout } = self.clone();
        Self {
            proxy: proxy.or_else(|| base.proxy.clone()),
            no_proxy: no_proxy.or_else(|| base.no_proxy.clone()),
            ca_file: ca_file.or_else(|| base.ca_file.clone()),
            source_address: source_address.or(base.source_address),
            timeout: timeout.or(base.timeout),
        }
    }
}

/// Who is asked what time it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockSources {
    /// Time servers, `HOST:PORT`.
    pub ntp: Vec<String>,
}

/// How the service runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serve {
    /// From one look at an endpoint to the next.
    pub interval: Option<Duration>,
    /// Where health, metrics and probes are answered: an address of loopback.
    pub listen: Option<SocketAddr>,
    /// Where the other commands talk to it.
    pub socket: Option<PathBuf>,
    /// Who may do so beside the own user.
    pub group: Option<String>,
    /// Where people reach the listener from outside.
    pub answers: Option<Url>,
}

pub(super) fn site(top: Fields<'_>, folder: &Path) -> Site {
    let usual = Site::default();
    Site { name: top.owned("site").unwrap_or(usual.name), key: secret(top, "site_key", folder) }
}

pub(super) fn sentinels(top: Fields<'_>) -> Vec<Sentinel> {
    top.texts("sentinels").filter_map(|text| forms::sentinel(text).ok()).collect()
}

/// None where it does not say where, which is a fault.
pub(super) fn store(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<Store> {
    let at = match (table.text("path"), table.text("url")) {
        (Some(path), None) => StorePlace::File(folder.join(path)),
        (None, Some(url)) => StorePlace::Database(located(url, folder)),
        _ => {
            let hint = "write path = \"…\" for a file, or url = \"env:…\" for a database";
            let what = "[store] must say once where it is";
            faults.add(table.place(), what, Some(hint.to_owned()));
            return None;
        }
    };
    let kept = |key, days: u64| {
        table.read(key, units::life).unwrap_or_else(|| Duration::from_secs(days * 86_400))
    };
    Some(Store {
        at,
        keep_sightings: kept("keep_sightings", 730),
        keep_rounds: kept("keep_rounds", 90),
        keep_incidents: kept("keep_incidents", 730),
        keep_texts: kept("keep_texts", 180),
    })
}

pub(super) fn http(table: Fields<'_>, folder: &Path) -> Http {
    let proxy = |text: &str| match text {
        "none" => ProxyChoice::None,
        text => ProxyChoice::At(located(text, folder)),
    };
    Http {
        proxy: table.text("proxy").map(proxy),
        no_proxy: table
            .value("no_proxy")
            .map(|_| table.texts("no_proxy").map(str::to_owned).collect()),
        ca_file: table.text("ca_file").map(|path| folder.join(path)),
        source_address: table
            .read("source_address", |text| text.parse().map_err(|_| String::new())),
        timeout: table.read("timeout", units::span),
    }
}

pub(super) fn limits(table: Fields<'_>) -> Limits {
    let usual = Limits::default();
    let number = |key, usual| {
        table.number(key).and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    };
    Limits {
        new_issues_per_round: number("new_issues_per_round", usual.new_issues_per_round),
        new_issues_per_hour: number("new_issues_per_hour", usual.new_issues_per_hour),
        messages_per_hour: number("messages_per_hour", usual.messages_per_hour),
    }
}

pub(super) fn clock(table: Fields<'_>) -> ClockSources {
    let with_port = |text: &str| match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(ip)) => format!("[{ip}]:{NTP}"),
        _ if text.contains(':') => text.to_owned(),
        _ => format!("{text}:{NTP}"),
    };
    ClockSources { ntp: table.texts("ntp").map(with_port).collect() }
}

/// RFC 5905 section 7.2.
const NTP: u16 = 123;

pub(super) fn serve(table: Fields<'_>, folder: &Path, faults: &Faults) -> Serve {
    let interval = table.read("interval", units::life);
    let (least, most) = (Duration::from_secs(60), Duration::from_secs(86_400));
    if let (Some(interval), Some(value)) = (interval, table.value("interval"))
        && !(least..=most).contains(&interval)
    {
        let what = format!("{} is not between 1m and 24h", table.named("interval"));
        faults.add(value.place(), what, Some("write a time like 1h".to_owned()));
    }
    Serve {
        interval,
        listen: table.read("listen", |text| text.parse().map_err(|_| String::new())),
        socket: table.text("socket").map(|path| folder.join(path)),
        group: table.owned("group"),
        answers: table.text("answers").and_then(|text| text.parse().ok()),
    }
}
