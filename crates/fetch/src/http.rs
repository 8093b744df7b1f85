//! How the way out is arranged, for everybody who asks.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use certvigil_doors::{Secret, env};

/// What a client keeps to; the config's table `[http]`.
#[derive(Clone, Debug, Default)]
pub struct Http {
    /// Through whom `https` addresses are asked.
    pub proxy: Proxy,
    /// Whom to ask without it: names with all below them, addresses, networks, `*`, parted by commas. None: as the
    /// environment says.
    pub no_proxy: Option<String>,
    /// Files of certificates (PEM) that are trusted in place of the system's. None: the system's.
    pub ca_files: Vec<PathBuf>,
    /// The address to ask from.
    pub source_address: Option<IpAddr>,
    /// How long a connection may take to be made, TLS included, where that is less than a request has. None: as long
    /// as the request has.
    pub connect_limit: Option<Duration>,
    /// Where it may go.
    pub reach: Reach,
    /// The socket in the file system that every request goes to, whatever its address names.
    pub socket: Option<PathBuf>,
}

/// Through whom `https` addresses are asked.
#[derive(Clone, Debug, Default)]
pub enum Proxy {
    /// Whom the environment names, if anybody: `HTTPS_PROXY`, else `https_proxy`.
    #[default]
    Environment,
    /// Nobody, whatever the environment says.
    None,
    /// This one, for `http` too. Its address may hold a password.
    At(Secret),
}

/// Where a client may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Wherever it is sent: the config names the address.
    #[default]
    Anywhere,
    /// To public addresses only: somebody else names the address. A proxy decides that for itself.
    Public,
}

impl Http {
    /// The proxy and whether it serves `http` too.
    pub(crate) fn proxy(&self) -> Option<(Secret, bool)> {
        match &self.proxy {
            // The library takes it for all names, but not for addresses.
            _ if self.no_proxy().split(',').any(|entry| entry.trim() == "*") => None,
            Proxy::None => None,
            Proxy::At(address) => Some((address.clone(), true)),
            Proxy::Environment => {
                let address = first_set(&[env::HTTPS_PROXY, env::HTTPS_PROXY_LOWER])?;
                Some((Secret::new(address), false))
            }
        }
    }

    /// Whom to ask without the proxy.
    pub(crate) fn no_proxy(&self) -> String {
        let of_environment = || first_set(&[env::NO_PROXY, env::NO_PROXY_LOWER]);
        self.no_proxy.clone().or_else(of_environment).unwrap_or_default()
    }
}

fn first_set(variables: &[env::Variable]) -> Option<String> {
    let value: OsString = variables.iter().copied().find_map(env::read)?;
    value.into_string().ok()
}
