//! Syslog, RFC 5424: by UDP (RFC 5426), TCP with counted octets (RFC 6587), or TLS (RFC 5425). No receiver ever answers.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use certvigil_doors::host_name;
use certvigil_fetch::Way;
use certvigil_model::{ChannelName, Foreign, Purpose, Severity};
use url::Url;

use super::settings::{Settings, Unusable};
use super::words::subject;
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::title;

/// A receiver.
pub(super) struct Syslog {
    name: ChannelName,
    host: String,
    port: u16,
    by: By,
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Udp,
    Tcp,
    Tls,
}

impl Syslog {
    pub(super) fn new(settings: Settings) -> Result<Self, Unusable> {
        settings.only(&["via"])?;
        let wrong = || {
            let why = "names no receiver: write udp://HOST:514, tcp://HOST:601 or tls://HOST:6514";
            settings.wrong("via", why)
        };
        let via: Url = settings.via.as_deref().unwrap_or_default().parse().map_err(|_| wrong())?;
        let (by, port) = match via.scheme() {
            "udp" => (By::Udp, 514),
            "tcp" => (By::Tcp, 601),
            "tls" => (By::Tls, 6514),
            _ => return Err(wrong()),
        };
        let host = via.host_str().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        let way = Way::new(&settings.http);
        let way =
            way.map_err(|error| settings.wrong("http", format!("cannot be kept to: {error}")))?;
        Ok(Self { host, port: via.port().unwrap_or(port), by, way, name: settings.name })
    }

    fn not_sent(&self, error: &io::Error) -> Trouble {
        Trouble::NotSent(format!(
            "the log receiver {} cannot be reached: {}",
            self.at(),
            shown(error)
        ))
    }

    fn at(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn dial(&self, by: Instant) -> io::Result<certvigil_fetch::Stream> {
        let stream = self.way.dial(&self.host, self.port, by)?;
        if self.by == By::Tls { self.way.protect(stream, &self.host) } else { Ok(stream) }
    }
}

impl Channel for Syslog {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let entry = entry(message, &host_name());
        if self.by == By::Udp {
            let told = self.way.tell(&self.host, self.port, entry.as_bytes(), by);
            return told.map_err(|error| self.not_sent(&error));
        }
        let mut stream = self.dial(by).map_err(|error| self.not_sent(&error))?;
        let counted = format!("{} {entry}", entry.len());
        let sent = stream.write_all(counted.as_bytes()).and_then(|()| stream.finish(GOODBYE));
        sent.map_err(|error| {
            let (at, why) = (self.at(), shown(&error));
            Trouble::Doubtful(format!("the log receiver {at} broke off: {why}"))
        })
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        if self.by != By::Udp {
            self.dial(by).map_err(|error| self.not_sent(&error))?;
        }
        Ok(Vec::new())
    }
}

/// One entry. Its structured data says whence it comes (section 7.2); ours would need a number of our own.
fn entry(message: &Message, host: &str) -> String {
    let host: String = host.chars().filter(char::is_ascii_graphic).take(255).collect();
    let host = if host.is_empty() { "-" } else { &host };
    let (at, kind) = (message.at, message.purpose.name());
    let line = title(&message.line, LINE);
    format!(
        "<{}>1 {at} {host} certvigil - {kind} [origin software=\"certvigil\"] \u{feff}{line} incident={} notice={}",
        FACILITY * 8 + level(message),
        title(subject(message), LINE),
        title(&message.id, LINE),
    )
}

/// RFC 5424 section 6.2.1.
const fn level(message: &Message) -> u8 {
    match (message.purpose, message.severity) {
        (Purpose::Over | Purpose::Taken | Purpose::Digest | Purpose::Test, _) => NOTICE,
        (_, Severity::Critical) => 2,
        (_, Severity::Unknown) => 3,
        (_, Severity::Warning) => 4,
        (_, Severity::Info) => NOTICE,
    }
}

fn shown(error: &io::Error) -> String {
    Foreign::new(error.to_string()).shown_within(300).to_string()
}

const NOTICE: u8 = 5;
/// Programs of the system.
const FACILITY: u8 = 3;
/// Characters of a line: with the rest below the 2,048 octets that every receiver should take.
const LINE: usize = 300;
/// How long a receiver may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
