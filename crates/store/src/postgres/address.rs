//! Where a PostgreSQL is, and how far its connection is trusted.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};
use url::form_urlencoded;

use super::connect::GONE_AFTER;
use super::trouble::ours;
use crate::Error;

/// What an address asks of the connection. The words are libpq's (PostgreSQL, section 34.19.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// None: for this machine itself, or where it is asked for in words.
    Plain,
    /// `require`: encrypted, whoever the other side is.
    Encrypted,
    /// `verify-ca`: the other side has a certificate of the authority, in whatever name.
    Authority,
    /// `verify-full`: the other side has a certificate in the name that was dialled.
    Full,
}

/// An address, read.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) protection: Protection,
    /// Authorities to trust in place of the system's.
    pub(super) ca_file: Option<PathBuf>,
    /// For people and errors: without the password.
    pub(super) place: String,
}

const CONNECT_WITHIN: Duration = Duration::from_secs(10);

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…&ca_file=…`; other parameters are libpq's.
    ///
    /// # Errors
    /// It is no such address. What it holds is not repeated: the password may stand anywhere in it.
    pub(super) fn read(url: &str) -> Result<Self, Error> {
        let parts = Parts::of(url)?;
        let mut config: Config = parts.rest.parse().map_err(|_| refused(SHAPE))?;
        if config.get_hosts().is_empty() {
            return Err(refused("names no host"));
        }
        let protection = match parts.sslmode.as_deref() {
            None if config.get_hosts().iter().all(is_here) => Protection::Plain,
            None => Protection::Full,
            Some(mode) => protection(mode)?,
        };
        config.ssl_mode(match protection {
            Protection::Plain => SslMode::Disable,
            Protection::Encrypted | Protection::Authority | Protection::Full => SslMode::Require,
        });
        set_patience(&mut config);
        let place = place(&config);
        Ok(Self { config, protection, ca_file: parts.ca_file, place })
    }
}

impl Address {
    /// Whether it is on this machine.
    pub(super) fn is_here(&self) -> bool {
        self.config.get_hosts().iter().all(is_here)
    }
}

const SHAPE: &str = "is not written as postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full is; \
     in user, password and database every character but letters, digits and -._~ is to be written as %XX";

/// An address without what is ours to read.
struct Parts {
    rest: String,
    sslmode: Option<String>,
    ca_file: Option<PathBuf>,
}

impl Parts {
    fn of(url: &str) -> Result<Self, Error> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(refused(SHAPE));
        }
        // A question mark before the `@` belongs to the password.
        let host = url.find('@').unwrap_or(0);
        let query = url[host..].find('?').map_or(url.len(), |mark| host + mark);
        let (base, query) = (&url[..query], url[query..].trim_start_matches('?'));
        let mut parts = Self { rest: base.to_owned(), sslmode: None, ca_file: None };
        let mut joint = '?';
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
                continue;
            };
            match name.as_ref() {
                "sslmode" => parts.sslmode = Some(value.into_owned()),
                "ca_file" | "sslrootcert" => parts.ca_file = Some(value.into_owned().into()),
                _ => {
                    parts.rest.push(joint);
                    parts.rest.push_str(pair);
                    joint = '&';
                }
            }
        }
        Ok(parts)
    }
}

fn protection(mode: &str) -> Result<Protection, Error> {
    match mode {
        "disable" => Ok(Protection::Plain),
        "require" => Ok(Protection::Encrypted),
        "verify-ca" => Ok(Protection::Authority),
        "verify-full" => Ok(Protection::Full),
        "allow" | "prefer" => Err(refused(
            "asks for an sslmode under which anybody on the way can have it plain: write verify-full",
        )),
        _ => Err(refused("has an sslmode other than disable, require, verify-ca and verify-full")),
    }
}

/// What goes to a host of this kind leaves the machine for nobody to read.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}

fn set_patience(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WITHIN);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(GONE_AFTER);
    }
    config.keepalives_idle(GONE_AFTER / 2);
    config.keepalives_interval(GONE_AFTER / 6);
    config.keepalives_retries(3);
    if config.get_application_name().is_none() {
        config.application_name("certvigil");
    }
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(number, host)| {
        let port = ports.get(number).or_else(|| ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}:{port}", folder.display()),
        }
    });
    let hosts: Vec<_> = hosts.collect();
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let database = config.get_dbname().or_else(|| config.get_user()).unwrap_or_default();
    format!("postgres://{user}{}/{database}", hosts.join(","))
}

fn refused(why: &str) -> Error {
    ours("postgres://…", "cannot be opened", format!("its address {why}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn what_is_asked_of_the_connection_follows_from_the_address() {
        for (url, wanted) in [
            ("postgres://u@db.example.org/c", Protection::Full),
            ("postgresql://u@db.example.org/c", Protection::Full),
            ("postgres://u@192.0.2.1/c", Protection::Full),
            ("postgres://u@localhost/c", Protection::Plain),
            ("postgres://u@127.0.0.1:5433/c", Protection::Plain),
            ("postgres://u@[::1]/c", Protection::Plain),
            ("postgres://u@%2Frun%2Fpostgresql/c", Protection::Plain),
            ("postgres://u@localhost,db.example.org/c", Protection::Full),
            ("postgres://u@localhost/c?sslmode=verify-full", Protection::Full),
            ("postgres://u@db/c?sslmode=disable", Protection::Plain),
            ("postgres://u@db/c?sslmode=require", Protection::Encrypted),
            ("postgres://u@db/c?connect_timeout=3&sslmode=verify-ca", Protection::Authority),
        ] {
            assert_eq!(Address::read(url).unwrap().protection, wanted, "{url}");
        }
    }

    #[test]
    fn its_own_parameters_are_read_and_the_others_passed_on() {
        let url =
            "postgres://u:p@h/c?ca_file=%2Fetc%2Fa%20b.pem&connect_timeout=3&application_name=x";
        let address = Address::read(url).unwrap();
        assert_eq!(address.ca_file, Some(PathBuf::from("/etc/a b.pem")));
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(address.config.get_application_name(), Some("x"));
    }

    #[test]
    fn the_password_stands_in_no_place_and_in_no_error() {
        let place = |url: &str| Address::read(url).unwrap().place;
        assert_eq!(
            place("postgres://u:s3cret@db:5433/c?sslmode=require"),
            "postgres://u@db:5433/c"
        );
        assert_eq!(
            place("postgres://u:s3cret@[2001:db8::1]/c"),
            "postgres://u@[2001:db8::1]:5432/c"
        );
        assert_eq!(place("postgres://u:s3cret@%2Frun/c"), "postgres://u@/run:5432/c");
        assert_eq!(place("postgres://u:s3/cr?et@db/c?sslmode=require"), "postgres://u@db:5432/c");
        for wrong in [
            "postgres://u:s3cret",
            "postgres://u:s3cret@host:port/c",
            "postgres://u:s3&cret=s3cret@host/c?s3cret=1",
            "postgres://u:s3cret@host/c?sslmode=s3cret",
            "postgres://u:s3cret@host/c?sslmode=prefer",
            "mysql://u:s3cret@host/c",
            "postgres:///c?password=s3cret",
        ] {
            let Err(error) = Address::read(wrong) else { panic!("{wrong} was read") };
            assert!(!format!("{error} {error:?}").contains("s3"), "{wrong}: {error}");
        }
    }
}
