//! Addresses that are used instead of asking a resolver.

use std::net::IpAddr;

use certvigil_model::Host;

use crate::{Fault, name};

/// Look at `address` when a target names `host` and `port`; no resolver is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveOverride {
    /// The name in the form that targets have: A-labels, lower case.
    pub host: String,
    /// The target's port.
    pub port: u16,
    /// Where to look instead.
    pub address: IpAddr,
}

/// Reads `HOST:PORT:ADDRESS`; an IPv6 address may stand in brackets.
pub fn parse_resolve(text: &str) -> Result<ResolveOverride, Fault> {
    let fault = || Fault::Override { text: name::cut(text) };
    let mut parts = text.splitn(3, ':');
    let (Some(host), Some(port), Some(address)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(fault());
    };
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(address).parse().map_err(|_| fault())?;
    match name::host(host)? {
        Host::Name(host) => Ok(ResolveOverride { host, port: crate::target::port(port)?, address }),
        Host::File(_) | Host::Ip(_) => Err(fault()),
    }
}

impl ResolveOverride {
    pub(crate) fn is_for(&self, host: &Host, port: u16) -> bool {
        self.port == port && matches!(host, Host::Name(name) if *name == self.host)
    }
}
