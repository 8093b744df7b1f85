//! One line to one target.

use std::net::{IpAddr, Ipv6Addr};

use certvigil_model::{Addresses, Foreign, Host, Origin, Service, Target, TargetOptions};

use crate::name::{self, cut};
use crate::wildcard::Wildcard;
use crate::{Fault, ResolveOverride};

/// What holds for every target that does not say otherwise.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The service of a target that names none; else `host` is `https` and `host:port` is `tls`.
    pub service: Option<Service>,
    /// The port of a target that names none; else the service's own.
    pub port: Option<u16>,
    /// The name to send and to match, in the form that [`crate::server_name`] gives.
    pub server_name: Option<String>,
    /// Addresses to use instead of asking a resolver.
    pub resolve: Vec<ResolveOverride>,
    /// Also look once without sending a server name.
    pub without_server_name: bool,
    /// The label below a wildcard to look through, in the form that [`crate::label`] gives.
    pub label: Option<String>,
}

/// One line of a list: a target, or why it is none.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Where the line stands.
    pub origin: Option<Origin>,
    /// The line as written, without the blanks around it; cut where it is longer than a target.
    pub text: Foreign,
    /// What it says.
    pub target: Result<Target, Fault>,
    /// Who answers for it, also where it is no target.
    pub owner: Option<String>,
}

/// Reads one target.
///
/// ```text
/// target  = [ service "://" ] host [ ":" port ] [ "/" ] [ "#" server-name ]
/// host    = [ "*." ] name / IPv4 address / "[" IPv6 address "]"   ; bare IPv6 where no port follows
/// ```
/// `host` alone is `https` on 443; `host:port` is direct `tls`: a port is never taken as a hint of
/// what is spoken there. A wildcard is looked at through one host that it covers. Names may be internationalised (UTS 46). Blanks around it do not count.
pub fn parse(text: &str, origin: Option<Origin>, defaults: &Defaults) -> Listed {
    let text = text.trim_matches([' ', '\t', '\r']);
    let kept = Foreign::new(&text[..text.floor_char_boundary(LINE_LIMIT)]);
    let target = parts(text).and_then(|parts| parts.target(defaults)).map(|mut target| {
        target.written = kept.clone();
        target.origin.clone_from(&origin);
        target
    });
    Listed { origin, text: kept, target, owner: None }
}

/// The service whose plaintext start is usual at `port`, for the hint that follows `not-tls`:
/// "write smtp://host:25". Mail is submitted at 587 (RFC 6409).
pub fn starttls_hint(port: u16) -> Option<Service> {
    let registered = if port == 587 { 25 } else { port };
    let is_usual = |service: &Service| {
        service.starts_in_plaintext() && service.default_port() == Some(registered)
    };
    Service::all().find(is_usual)
}

/// A line cut into its parts, each still as written.
struct Parts<'a> {
    service: Option<Service>,
    host: &'a str,
    port: Option<&'a str>,
    server_name: Option<&'a str>,
}

fn parts(text: &str) -> Result<Parts<'_>, Fault> {
    if text.len() > LINE_LIMIT {
        return Err(Fault::TooLong { length: text.len(), limit: LINE_LIMIT });
    }
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err(Fault::ControlCharacter { code: u32::from(c) });
    }
    if text.contains(char::is_whitespace) {
        return Err(Fault::Blank);
    }
    let (text, server_name) = match text.split_once('#') {
        Some((_, "")) => return Err(Fault::NoServerName),
        Some((text, name)) => (text, Some(name)),
        None => (text, None),
    };
    let (service, rest) = match text.split_once("://") {
        Some((word, rest)) => (Some(service(word, rest)?), rest),
        None => (None, text),
    };
    let (host, port) = host_and_port(authority(rest)?)?;
    Ok(Parts { service, host, port, server_name })
}

fn service(word: &str, rest: &str) -> Result<Service, Fault> {
    let lower = word.to_ascii_lowercase();
    if let Ok(service) = lower.parse() {
        return Ok(service);
    }
    if lower == "http" {
        return Err(Fault::Plaintext { rest: cut(rest) });
    }
    match NOT_SPOKEN_YET.iter().find(|known| **known == lower) {
        Some(word) => Err(Fault::NotSpokenYet { word }),
        None => Err(Fault::UnknownService { word: cut(word) }),
    }
}

/// What stands before the path; an empty path is the same as none (RFC 3986 section 6.2.3).
fn authority(text: &str) -> Result<&str, Fault> {
    let end = text.find(['/', '?']).unwrap_or(text.len());
    let (authority, rest) = text.split_at(end);
    if !matches!(rest, "" | "/") {
        return Err(Fault::Path { rest: cut(rest) });
    }
    if authority.contains('@') {
        return Err(Fault::UserInfo);
    }
    Ok(authority)
}

fn host_and_port(text: &str) -> Result<(&str, Option<&str>), Fault> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text, None));
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (host, rest) = inner.split_once(']').ok_or(Fault::Brackets)?;
        ipv6(host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(Fault::Brackets),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => match ipv6(text) {
            Err(fault @ Fault::Zone { .. }) => Err(fault),
            _ => Err(Fault::Ipv6 { host: cut(text) }),
        },
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

fn ipv6(text: &str) -> Result<Ipv6Addr, Fault> {
    match text.split_once('%') {
        Some((ip, _)) if ip.parse::<Ipv6Addr>().is_ok() => Err(Fault::Zone { host: cut(text) }),
        _ => text.parse().map_err(|_| Fault::Ipv6 { host: cut(text) }),
    }
}

/// A decimal number from 1 to 65535; no sign, no blank.
pub(crate) fn port(text: &str) -> Result<u16, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err(Fault::Port { port: cut(text) }),
    }
}

impl Parts<'_> {
    fn target(&self, defaults: &Defaults) -> Result<Target, Fault> {
        let (service, port) = self.service_and_port(defaults)?;
        let (host, wildcard) = self.host_and_wildcard(defaults, service, port)?;
        let server_name = match self.server_name {
            Some(name) => Some(name::server_name(name)?),
            None => defaults.server_name.clone(),
        };
        let overrides = defaults.resolve.iter().filter(|one| one.is_for(&host, port));
        let addresses: Vec<_> = overrides.map(|one| one.address).collect();
        let addresses = match addresses.is_empty() {
            true => Addresses::default(),
            false => Addresses::These(addresses),
        };
        let without_server_name = defaults.without_server_name;
        Ok(Target {
            written: Foreign::default(),
            host,
            port,
            service,
            options: TargetOptions {
                server_name,
                addresses,
                without_server_name,
                wildcard,
                ..TargetOptions::default()
            },
            origin: None,
            owner: None,
            tags: Vec::new(),
            also: Vec::new(),
        })
    }

    fn host_and_wildcard(
        &self,
        defaults: &Defaults,
        service: Service,
        port: u16,
    ) -> Result<(Host, Option<String>), Fault> {
        if let Ok(ip) = self.host.parse::<Ipv6Addr>() {
            return Ok((Host::Ip(IpAddr::V6(ip)), None));
        }
        match Wildcard::read(self.host).transpose()? {
            Some(wildcard) => {
                let host = wildcard.host(defaults.label.as_deref(), service, port)?;
                Ok((host, Some(wildcard.pattern)))
            }
            None => Ok((name::host(self.host)?, None)),
        }
    }

    fn service_and_port(&self, defaults: &Defaults) -> Result<(Service, u16), Fault> {
        let wanted = self.service.or(defaults.service);
        let written = self.port.map(port).transpose()?;
        match written.or(defaults.port) {
            Some(port) => Ok((wanted.unwrap_or(Service::Tls), port)),
            None => {
                let service = wanted.unwrap_or(Service::Https);
                let missing = || Fault::PortNeeded { service, host: cut(self.host) };
                Ok((service, service.default_port().ok_or_else(missing)?))
            }
        }
    }
}

/// A name of 253 characters, a port and a server name of 253, in UTF-8, fit well.
pub(crate) const LINE_LIMIT: usize = 4096;

/// Words that people will write and that deserve a better answer than "no service".
const NOT_SPOKEN_YET: &[&str] = &["mssql", "quic", "rdp"];
