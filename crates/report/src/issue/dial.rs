//! A place as commands name it. What could mean something else to a shell stands in none.

use std::net::SocketAddr;

use certvigil_model::{Place, Service, Shown, begins_log_command, is_unsafe_to_show};

/// Where a command looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dial {
    /// At a file on this machine's disk, by its quoted path.
    File(String),
    /// At an endpoint.
    Endpoint(Endpoint),
}

/// An endpoint as its target and its place name it; nothing in it needs quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) service: Service,
    pub(super) host: String,
    pub(super) port: u16,
    /// The name to send; none for an address.
    pub(super) server_name: Option<String>,
    /// The target's words alone do not give that name.
    pub(super) is_renamed: bool,
    pub(super) address: Option<SocketAddr>,
}

impl Dial {
    /// None where the target's words are not plain enough for a command.
    pub(super) fn of(place: &Place) -> Option<Self> {
        let written = place.target.raw();
        if written.contains('/') && !written.contains("://") {
            let path = written.split_once('#').map_or(written, |(path, _)| path);
            return quoted(path).map(Self::File);
        }
        let endpoint = Endpoint::of(written)?.sending(place.server_name.as_deref())?;
        let address = place.shown.parse().ok();
        Some(Self::Endpoint(Endpoint { address, ..endpoint }))
    }
}

impl Endpoint {
    /// From `host`, `host:port`, `[v6]:port` or `service://host:port`, with `#server.name` or not.
    fn of(written: &str) -> Option<Self> {
        let (place, name) = match written.split_once('#') {
            Some((place, name)) => (place, Some(name)),
            None => (written, None),
        };
        let (service, place) = match place.split_once("://") {
            Some((service, place)) => (Some(service.parse().ok()?), place),
            None => (None, place),
        };
        let (host, port) = host_port(place)?;
        let is_name = host.parse::<std::net::IpAddr>().is_err();
        if is_name && !is_plain_name(host) || !name.is_none_or(is_plain_name) {
            return None;
        }
        let service = service.unwrap_or(match port {
            Some(_) => Service::Tls,
            None => Service::Https,
        });
        let of_host = is_name.then_some(host);
        Some(Self {
            service,
            host: host.to_owned(),
            port: port.or_else(|| service.default_port())?,
            server_name: name.or(of_host).map(str::to_owned),
            is_renamed: false,
            address: None,
        })
    }

    /// A config may have another name sent than the target's words say.
    fn sending(self, name: Option<&str>) -> Option<Self> {
        match name {
            Some(name) if self.server_name.as_deref() != Some(name) => {
                let server_name = Some(name.to_owned()).filter(|name| is_plain_name(name))?;
                Some(Self { server_name: Some(server_name), is_renamed: true, ..self })
            }
            _ => Some(self),
        }
    }

    /// `192.0.2.1:443`, or else `www.example.org:443`; brackets would be a pattern to some shells.
    pub(super) fn connect(&self) -> String {
        let place = match self.address {
            Some(address) => address.to_string(),
            None if self.host.contains(':') => format!("[{}]:{}", self.host, self.port),
            None => format!("{}:{}", self.host, self.port),
        };
        quoted(&place).unwrap_or(place)
    }
}

fn host_port(place: &str) -> Option<(&str, Option<u16>)> {
    if let Some(bracketed) = place.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if rest.is_empty() => None,
            None => return None,
        };
        return host.parse::<std::net::Ipv6Addr>().is_ok().then_some((host, port));
    }
    match place.split_once(':') {
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((place, None)),
    }
}

/// Letters, digits, dots, hyphens and underscores, and no option of a program.
pub(super) fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !name.is_empty() && name.len() <= 253 && !name.starts_with('-') && name.bytes().all(is_plain)
}

/// `text` as one word of a POSIX shell; none where that would need more than plain quotes, or
/// where the word could pass for an option.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text.is_empty() || text.starts_with('-') || text.chars().count() > Shown::LIMIT {
        return None;
    }
    let mut before = None;
    for c in text.chars() {
        if c == '\'' || is_unsafe_to_show(c) || begins_log_command(before, c) {
            return None;
        }
        before = Some(c);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"./:_-@%+=,".contains(&byte);
    Some(if text.bytes().all(is_plain) { text.to_owned() } else { format!("'{text}'") })
}
