//! Host names in the one form that the rest of the program knows: A-labels, lower case, no
//! trailing dot.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use certvigil_model::{Foreign, Host};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::Fault;

/// Reads a server name to send and to match (RFC 6066 section 3): a DNS name, or an address, which
/// is matched and not sent.
pub fn server_name(text: &str) -> Result<String, Fault> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<Ipv6Addr>() {
        Ok(ip) => Ok(ip.to_string()),
        Err(_) if bare.contains(':') => Err(Fault::Ipv6 { host: cut(text) }),
        Err(_) => host(text).map(|host| host.to_string()),
    }
}

/// Reads a DNS name or an IPv4 address; IPv6 never comes here.
pub(crate) fn host(text: &str) -> Result<Host, Fault> {
    if text.is_empty() {
        return Err(Fault::NoHost);
    }
    if text == "*" || text.starts_with("*.") {
        return Err(Fault::WildcardName { host: cut(text) });
    }
    let name = to_a_labels(text)?;
    if !ends_in_a_number(&name) {
        return Ok(Host::Name(name));
    }
    match name.parse::<Ipv4Addr>() {
        Ok(ip) => Ok(Host::Ip(IpAddr::V4(ip))),
        Err(_) => Err(Fault::Ipv4 { host: cut(text) }),
    }
}

/// Text from a line, shown escaped and cut, for a message.
pub(crate) fn cut(text: &str) -> String {
    Foreign::new(text).shown_within(60).to_string()
}

/// UTS 46, non-transitional, with the ASCII rule of STD3 but `_` (RFC 8552). Hyphens in the third
/// and fourth place are allowed: names of large sites have them.
fn to_a_labels(text: &str) -> Result<String, Fault> {
    let length = DnsLength::VerifyAllowRootDot;
    let name = Uts46::new()
        .to_ascii(text.as_bytes(), HOST_NAME, Hyphens::CheckFirstLast, length)
        .map_err(|_| diagnose(text))?;
    Ok(name.strip_suffix('.').unwrap_or(&name).to_owned())
}

/// What a person would say is wrong with a name that UTS 46 refused as a whole.
fn diagnose(text: &str) -> Fault {
    if let Some(c) = text.chars().find(|&c| c.is_ascii() && !is_host_character(c)) {
        return Fault::NameCharacter { character: cut(&c.to_string()) };
    }
    let lenient =
        Uts46::new().to_ascii(text.as_bytes(), HOST_NAME, Hyphens::Allow, DnsLength::Ignore);
    let Ok(name) = lenient else {
        return Fault::NotInternationalised { name: cut(text) };
    };
    let name = name.strip_suffix('.').unwrap_or(&name);
    for label in name.split('.') {
        if label.is_empty() {
            return Fault::EmptyLabel { name: cut(text) };
        }
        if label.len() > 63 {
            return Fault::LongLabel { label: cut(label), length: label.len() };
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Fault::Hyphen { label: cut(label) };
        }
    }
    match name.len() {
        length if length > 253 => Fault::LongName { length },
        _ => Fault::NotInternationalised { name: cut(text) },
    }
}

fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Resolvers read `0x7f.1` and `2130706433` as IPv4 addresses; so nothing that ends in a number may
/// pass for a name.
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x").is_some_and(|digits| all(digits, u8::is_ascii_hexdigit));
    hex || (!last.is_empty() && all(last, u8::is_ascii_digit))
}

fn all(text: &str, is: fn(&u8) -> bool) -> bool {
    text.as_bytes().iter().all(is)
}

/// Every printable ASCII character that is neither letter, digit, hyphen, dot nor `_`.
const HOST_NAME: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");
