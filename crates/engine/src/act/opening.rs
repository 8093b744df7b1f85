//! Whoever acts, made of what the config says.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use certvigil_alarm::{Rules, Sentinel};
use certvigil_doors::{Secret, SecretError, SecretReference};
use certvigil_fetch::{Client, Http, Proxy};
use certvigil_model::{ChannelName, Clock, Time, TrackerName};
use certvigil_outbound::tracker::{self, Settings, Unusable};
use certvigil_outbound::{Channel, notify};
use certvigil_store::{Place as StoreAt, Retention};
use thiserror::Error;
use url::{Host, Url};

use super::{
    Actor, Channels, DatedHost, Diskless, Kept, LOOK_AGAIN_AFTER, Memory, MemoryError,
    OthersClocks, RequestLimits, Trackers, Watching, Wording,
};
use crate::answers::Answers;
use crate::config::{self, Config, Located, ProxyChoice, StorePlace};

/// Why nobody can act.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A secret that the config names.
    #[error("the {what} cannot be had")]
    Secret {
        /// Whose.
        what: String,
        /// Why not.
        #[source]
        source: SecretError,
    },
    /// A tracker as the config has it.
    #[error(transparent)]
    Tracker(#[from] Unusable),
    /// A channel as the config has it.
    #[error(transparent)]
    Channel(#[from] notify::Unusable),
    /// How trackers are reached.
    #[error("the way to the tracker {tracker} cannot be made")]
    Http {
        /// Which.
        tracker: TrackerName,
        /// Why not.
        #[source]
        source: certvigil_fetch::Unusable,
    },
    /// How a channel is reached.
    #[error("the way to the channel {channel} cannot be made")]
    ChannelHttp {
        /// Which.
        channel: ChannelName,
        /// Why not.
        #[source]
        source: certvigil_fetch::Unusable,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] certvigil_store::Error),
    /// What it holds.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Its address.
    #[error("the store's address cannot be used")]
    Address(#[source] certvigil_store::NotAPlace),
    /// A tracker that cannot be the memory of a run without a store.
    #[error(
        "the tracker {tracker} has no place for what a run has to remember: name a store, with [store] or --store"
    )]
    NoMemory {
        /// Which.
        tracker: TrackerName,
    },
}

/// Opens the store and the trackers that `config` names; `store` is what was typed in its place. `role` is who writes.
///
/// # Errors
/// What cannot be opened, and why.
pub fn open(
    config: &Config,
    store: Option<StoreAt>,
    (tool, file): (&str, Option<&Path>),
    role: &str,
    clock: Arc<dyn Clock>,
) -> Result<Actor, Error> {
    let rules = rules(config)?;
    let (trackers, clocks) = trackers(config, tool)?;
    let store_named = store_named(store.as_ref(), file);
    let store = match store {
        Some(typed) => Some(typed),
        None => config.store.as_ref().map(|store| store_at(&store.at)).transpose()?,
    };
    let has_store = store.is_some();
    let mut memory: Box<dyn Memory> = match store {
        Some(at) => Box::new(Kept::new(at.open(clock.wall(), role)?)),
        None => Box::new(without_store(&trackers)?),
    };
    let answers = answers(config, &rules, &mut *memory, clock.wall())?;
    Ok(Actor {
        rules,
        channels: channels(config, tool)?,
        answers,
        limits: RequestLimits(limits(config).collect()),
        retention: config.store.as_ref().map(retention).unwrap_or_default(),
        clocks: OthersClocks::new(clocks, config.clock.ntp.clone()),
        renewers: config.state_programs.clone(),
        is_examined: false,
        watching: Watching { hosts: hosts(config) },
        trackers,
        memory,
        wording: Wording {
            tool: tool.to_owned(),
            config: file.map(|file| file.display().to_string()),
            location: None,
            has_store,
            store_named,
        },
        look_again_after: config.check.look_again_after.unwrap_or(LOOK_AGAIN_AFTER),
        clock,
        seen: BTreeMap::new(),
        is_withheld: false,
    })
}

/// Links are signed with the site's key, else with one that the store keeps; a run that keeps nothing and has no key of
/// its site makes none.
fn answers(
    config: &Config,
    rules: &Rules,
    memory: &mut dyn Memory,
    now: Time,
) -> Result<Option<Answers>, Error> {
    let Some(base) = config.serve.answers.clone() else { return Ok(None) };
    let key = match &rules.site_key {
        Some(key) => Some(Secret::new(key.as_str())),
        None => memory.answer_key(now)?,
    };
    Ok(key.map(|key| Answers::new(base, key)))
}

/// What alarms keep to, as `config` has it.
///
/// # Errors
/// The key of the site cannot be had.
pub fn rules(config: &Config) -> Result<Rules, Error> {
    let site_key = config.site.key.as_ref().map(|key| secret(key, "key of the site"));
    Ok(config.rules(site_key.transpose()?.map(|key| key.reveal().to_owned())))
}

/// An address of a database may hold a password and is not written into issues.
fn store_named(typed: Option<&StoreAt>, file: Option<&Path>) -> Option<(&'static str, String)> {
    match typed {
        Some(StoreAt::File(path)) => Some(("--store", path.display().to_string())),
        Some(StoreAt::Url(_)) => None,
        None => file.map(|file| ("--config", file.display().to_string())),
    }
}

/// Where the config keeps its store.
///
/// # Errors
/// Its address cannot be had or read.
pub fn store_at(place: &StorePlace) -> Result<StoreAt, Error> {
    match place {
        StorePlace::File(path) => Ok(StoreAt::File(path.clone())),
        StorePlace::Database(at) => {
            let url = located(at, "address of the store")?;
            url.reveal().parse().map_err(Error::Address)
        }
    }
}

/// How long what is kept, as the config says.
pub fn retention(store: &config::Store) -> Retention {
    Retention {
        sightings: store.keep_sightings,
        rounds: store.keep_rounds,
        incidents: store.keep_incidents,
        bodies: store.keep_texts,
    }
}

fn without_store(trackers: &Trackers) -> Result<Diskless, Error> {
    match trackers.iter().find(|(_, tracker)| !tracker.has_block()) {
        Some((tracker, _)) => Err(Error::NoMemory { tracker: tracker.clone() }),
        None => Ok(Diskless::default()),
    }
}

/// Each, and who asks it.
fn trackers(config: &Config, tool: &str) -> Result<(Trackers, Vec<DatedHost>), Error> {
    let mut trackers = Trackers::new();
    let mut clocks = Vec::new();
    for of_owner in config.owners.iter().filter_map(|owner| owner.tracker.as_ref()) {
        if let Entry::Vacant(vacant) = trackers.entry(of_owner.name()) {
            let (tracker, client) = tracker(of_owner, vacant.key(), &config.http, tool)?;
            let url = Url::parse(&of_owner.url).ok();
            clocks.extend(far_host(&of_owner.url).map(|host| DatedHost {
                name: format!("tracker {host}"),
                url,
                client,
            }));
            vacant.insert(tracker);
        }
    }
    Ok((trackers, clocks))
}

/// The ways to reach people, each once.
///
/// # Errors
/// A secret cannot be had, or a channel as the config has it is none.
pub fn channels(config: &Config, tool: &str) -> Result<Channels, Error> {
    let mut channels = Channels::new();
    for contact in config.owners.iter().flat_map(config::Owner::contacts) {
        if let Entry::Vacant(vacant) = channels.entry(contact.name()) {
            let channel = channel(contact, vacant.key().clone(), &config.http, tool)?;
            vacant.insert(channel);
        }
    }
    Ok(channels)
}

fn channel(
    contact: &config::Contact,
    name: ChannelName,
    base: &config::Http,
    tool: &str,
) -> Result<Box<dyn Channel>, Error> {
    let http = http_of(&contact.http.or(base))?;
    let client = Client::new(&http, tool);
    let client = client.map_err(|source| Error::ChannelHttp { channel: name.clone(), source })?;
    let secret_of = |key: &str| format!("{key} of {name}");
    let settings = notify::Settings {
        kind: contact.kind.clone(),
        to: contact.to.clone(),
        from: contact.from.clone(),
        via: contact.via.clone(),
        url: contact.url.as_ref().map(|at| located(at, &secret_of("url"))).transpose()?,
        user: contact.user.clone(),
        token: contact.token.as_ref().map(|it| secret(it, &secret_of("token"))).transpose()?,
        command: contact.command.clone(),
        http,
        name,
    };
    Ok(notify::open(settings, client)?)
}

/// How long a request to each tracker may take, where the config says so.
fn limits(config: &Config) -> impl Iterator<Item = (TrackerName, Duration)> {
    let trackers = config.owners.iter().filter_map(|owner| owner.tracker.as_ref());
    trackers.filter_map(|it| Some((it.name(), it.http.or(&config.http).timeout?)))
}

fn tracker(
    of_owner: &config::Tracker,
    name: &TrackerName,
    http: &config::Http,
    tool: &str,
) -> Result<(Box<dyn tracker::Tracker>, Client), Error> {
    let http = http_of(&of_owner.http.or(http))?;
    let client =
        Client::new(&http, tool).map_err(|source| Error::Http { tracker: name.clone(), source })?;
    let token = of_owner.token.as_ref().map(|token| secret(token, &format!("token of {name}")));
    let settings = Settings {
        kind: of_owner.kind.name().to_owned(),
        url: of_owner.url.clone(),
        project: of_owner.project.clone(),
        token: token.transpose()?.unwrap_or_else(|| Secret::new("")),
        extra: of_owner.extra.clone(),
    };
    Ok((tracker::open(settings, client.clone())?, client))
}

fn http_of(http: &config::Http) -> Result<Http, Error> {
    Ok(Http {
        proxy: match &http.proxy {
            None => Proxy::Environment,
            Some(ProxyChoice::None) => Proxy::None,
            Some(ProxyChoice::At(at)) => Proxy::At(located(at, "address of the proxy")?),
        },
        no_proxy: http.no_proxy.as_ref().map(|hosts| hosts.join(",")),
        ca_files: http.ca_file.clone().into_iter().collect(),
        source_address: http.source_address,
        connect_limit: Some(CONNECT_LIMIT),
        ..Http::default()
    })
}

fn located(at: &Located, what: &str) -> Result<Secret, Error> {
    match at {
        Located::Url(url) => Ok(Secret::new(url.as_str())),
        Located::Secret(reference) => secret(reference, what),
    }
}

fn secret(reference: &SecretReference, what: &str) -> Result<Secret, Error> {
    reference.read().map_err(|source| Error::Secret { what: what.to_owned(), source })
}

/// The trackers' and the beat's hosts: without them nobody hears of anything.
fn hosts(config: &Config) -> Vec<Sentinel> {
    let trackers = config.owners.iter().filter_map(|owner| owner.tracker.as_ref());
    let trackers = trackers.filter_map(|tracker| host("tracker", &tracker.url));
    let beat = config.beat.as_ref().and_then(|beat| match &beat.url {
        Located::Url(url) => host("beat", url),
        Located::Secret(_) => None,
    });
    trackers.chain(beat).collect()
}

/// None where it is this machine: its clock is ours, and would always take its side.
fn far_host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let is_near = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_unspecified(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unspecified(),
    };
    if is_near { None } else { url.host_str().map(str::to_owned) }
}

fn host(role: &'static str, url: &str) -> Option<Sentinel> {
    let url = Url::parse(url).ok()?;
    let port = url.port_or_known_default()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some(Sentinel::Host { role, host, port })
}

/// How long a connection to a tracker may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
