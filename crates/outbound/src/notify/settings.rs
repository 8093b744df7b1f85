//! A channel from what a config says of it.

use certvigil_doors::{Secret, host_name};
use certvigil_fetch::{Client, Http, Way};
use certvigil_model::ChannelName;
use lettre::address::Address;
use thiserror::Error;
use url::Url;

use super::Channel;
use super::email::Email;
use super::smtp::{Protection, Smtp};

/// What a config says of a channel.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its kind, one of [`KINDS`].
    pub kind: String,
    /// How it is told apart from others.
    pub name: ChannelName,
    /// Whom it reaches.
    pub to: Option<String>,
    /// From whom it comes.
    pub from: Option<String>,
    /// The server that carries it.
    pub via: Option<String>,
    /// Where it is sent; it may hold a secret.
    pub url: Option<Secret>,
    /// Our own account.
    pub user: Option<String>,
    /// What lets us in.
    pub token: Option<Secret>,
    /// The program that carries it, with its arguments.
    pub command: Vec<String>,
    /// How it is reached.
    pub http: Http,
}

/// Kinds of channels that [`open`] knows.
pub const KINDS: &[&str] = &["email"];

/// Why there is no such channel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the channel {channel}: `{key}` {why}")]
pub struct Unusable {
    /// Which.
    pub channel: ChannelName,
    /// The key that is missing or wrong.
    pub key: &'static str,
    /// What is wrong with it, and what to write.
    pub why: String,
}

/// Makes the channel. Nobody is asked yet.
///
/// # Errors
/// A key is missing or wrong.
pub fn open(settings: Settings, _client: Client) -> Result<Box<dyn Channel>, Unusable> {
    match settings.kind.as_str() {
        "email" => Ok(Box::new(settings.email()?)),
        _ => Err(settings.wrong("kind", format!("is none that is known: {}", KINDS.join(", ")))),
    }
}

impl Settings {
    pub(super) fn wrong(&self, key: &'static str, why: impl Into<String>) -> Unusable {
        Unusable { channel: self.name.clone(), key, why: why.into() }
    }

    fn email(self) -> Result<Email, Unusable> {
        let to = self.to.as_deref().unwrap_or_default();
        let from = self.from.clone().unwrap_or_else(|| format!("certvigil@{}", host_name()));
        Ok(Email {
            to: self.address("to", to)?,
            from: self.address("from", &from)?,
            server: self.smtp()?,
            name: self.name,
        })
    }

    fn address(&self, key: &'static str, text: &str) -> Result<Address, Unusable> {
        let wrong = || self.wrong(key, "is no mail address: write oncall@example.org");
        let address: Address = text.parse().map_err(|_| wrong())?;
        if address.to_string().is_ascii() { Ok(address) } else { Err(wrong()) }
    }

    fn smtp(&self) -> Result<Smtp, Unusable> {
        let shape = "names no mail server: write smtp://localhost:25, smtp+starttls://HOST:587 or smtps://HOST:465";
        let via = self.via.as_deref().unwrap_or_default();
        let via: Url = via.parse().map_err(|_| self.wrong("via", shape))?;
        let (protection, port) = match via.scheme() {
            "smtp" => (Protection::None, 25),
            "smtp+starttls" => (Protection::StartTls, 587),
            "smtps" => (Protection::Tls, 465),
            _ => return Err(self.wrong("via", shape)),
        };
        let host = via.host_str().ok_or_else(|| self.wrong("via", shape))?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let login = match (&self.user, &self.token) {
            (Some(user), Some(token)) => Some((user.clone(), token.clone())),
            (None, None) => None,
            (Some(_), None) => return Err(self.wrong("token", "is needed with user: its password")),
            (None, Some(_)) => return Err(self.wrong("user", "is needed with token: the account")),
        };
        if login.is_some() && protection == Protection::None && !is_here(&host) {
            let why =
                "would show a password to everybody on the way: write smtp+starttls:// or smtps://";
            return Err(self.wrong("via", why));
        }
        let way = Way::new(&self.http);
        let way = way.map_err(|error| self.wrong("http", format!("cannot be kept to: {error}")))?;
        let port = via.port().unwrap_or(port);
        Ok(Smtp { host, port, protection, login, way, hello: host_name() })
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
