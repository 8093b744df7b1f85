//! The name by which a client greets a mail server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// The name to greet mail servers with: a domain name, or an address in brackets (RFC 5321 sections
/// 4.1.3 and 4.1.4). It holds no blank and no line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EhloName(String);

impl EhloName {
    /// The address literal that RFC 5321 section 4.1.4 wants from a client without a name.
    pub(crate) fn literal(ip: IpAddr) -> Self {
        Self(match ip {
            IpAddr::V4(ip) => format!("[{ip}]"),
            IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
        })
    }
}

impl FromStr for EhloName {
    type Err = NoEhloName;

    fn from_str(text: &str) -> Result<Self, NoEhloName> {
        if let Ok(ip) = text.parse() {
            return Ok(Self::literal(ip));
        }
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let literal = inner.map(|inner| inner.strip_prefix("IPv6:").unwrap_or(inner).parse());
        match literal {
            Some(Ok(ip)) => Ok(Self::literal(ip)),
            Some(Err(_)) => Err(NoEhloName),
            None if is_domain(text) => Ok(Self(text.to_owned())),
            None => Err(NoEhloName),
        }
    }
}

impl fmt::Display for EhloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is neither a domain name nor an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write a domain name such as monitor.example.org, or an address")]
pub struct NoEhloName;

/// RFC 5321 section 4.1.2, with the underscore that host names have here and there.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The literals are those of RFC 5321 section 4.1.3.
    #[test]
    fn a_name_is_a_domain_or_an_address_literal() {
        for (given, want) in [
            ("monitor.example.org", Some("monitor.example.org")),
            ("localhost", Some("localhost")),
            ("192.0.2.1", Some("[192.0.2.1]")),
            ("[192.0.2.1]", Some("[192.0.2.1]")),
            ("2001:db8::1", Some("[IPv6:2001:db8::1]")),
            ("[IPv6:2001:db8::1]", Some("[IPv6:2001:db8::1]")),
            ("a b", None),
            ("a\r\nQUIT", None),
            ("[a]", None),
            ("-a.example", None),
            ("a..example", None),
            ("", None),
        ] {
            let name = given.parse::<EhloName>().map(|name| name.to_string());
            assert_eq!(name.as_deref().ok(), want, "{given:?}");
        }
    }
}
