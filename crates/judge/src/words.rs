//! Moments, lengths of time, lists and places as people say them.

use std::fmt;

use certvigil_model::{Endpoint, Foreign, Host, Time};
use certvigil_x509::{Certificate, GeneralName};

/// A moment beside its distance: `2027-01-15T00:00:00Z (in 12 d)`, `… (3 h ago)`.
pub(crate) fn moment(time: Time, now: Time) -> String {
    let left = time.seconds_since(now);
    if left < 0 {
        format!("{time} ({} ago)", Span(left.saturating_neg()))
    } else {
        format!("{time} (in {})", Span(left))
    }
}

/// A length of time in seconds, shown in the largest unit of which there are at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        match seconds {
            ..120 => write!(f, "{seconds} s"),
            120..7_200 => write!(f, "{} min", seconds / 60),
            7_200..172_800 => write!(f, "{} h", seconds / 3600),
            _ => write!(f, "{} d", seconds / 86_400),
        }
    }
}

/// The first few of `items` and how many more there are: `a, b and 3 more`.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    let total = items.len();
    list_of(items, total)
}

/// The first few of `some`, which are part of `total`.
pub(crate) fn list_of(some: Vec<String>, total: usize) -> String {
    let shown: Vec<String> = some.into_iter().take(LIST_LIMIT).collect();
    match total.saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `1 address`, `3 addresses`: the word that fits the count.
pub(crate) fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Where packets went, else what the target says.
pub(crate) fn place(endpoint: &Endpoint) -> String {
    endpoint.address.map_or_else(|| endpoint.host_port.clone(), |address| address.to_string())
}

/// Whom a certificate names as its subject, or its number where it names nobody.
pub(crate) fn subject(certificate: &Certificate) -> String {
    let facts = certificate.facts();
    let subject = facts.and_then(|facts| facts.subject.as_ref().ok()).map(|name| &name.text);
    match subject.filter(|text| !text.raw().is_empty()) {
        Some(text) => text.shown_within(NAME_LIMIT).to_string(),
        None => format!("the certificate {:.16}…", certificate.fingerprint.to_string()),
    }
}

/// A name as a certificate holds it, in the form of the JSON contract: `DNS:www.example.org`.
pub(crate) fn general_name(name: &GeneralName) -> String {
    let shown = |text: &Foreign| text.shown_within(NAME_LIMIT).to_string();
    match name {
        GeneralName::Dns(text) => format!("DNS:{}", shown(text)),
        GeneralName::Ip(ip) => format!("IP:{ip}"),
        GeneralName::BadIp(bytes) => format!("IP:{} bytes", bytes.len()),
        GeneralName::Email(text) => format!("email:{}", shown(text)),
        GeneralName::Uri(text) => format!("URI:{}", shown(text)),
        GeneralName::Other(tag) => format!("[{tag}]"),
    }
}

/// A reference identifier as people say it.
pub(crate) fn reference(host: &Host) -> String {
    Foreign::new(host.to_string()).shown_within(NAME_LIMIT).to_string()
}

const LIST_LIMIT: usize = 5;
const NAME_LIMIT: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        for (seconds, want) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
            (12 * 86_400, "12 d"),
        ] {
            assert_eq!(Span(seconds).to_string(), want);
        }
        let now = Time::from_seconds(1_795_564_800);
        let later = Time::from_seconds(now.seconds() + 12 * 86_400);
        assert_eq!(moment(later, now), "2026-12-07T00:00:00Z (in 12 d)");
        assert_eq!(moment(now, later), "2026-11-25T00:00:00Z (12 d ago)");
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let letters = |n: u8| (b'a'..b'a' + n).map(|c| char::from(c).to_string());
        assert_eq!(list(letters(2)), "a, b");
        assert_eq!(list(letters(5)), "a, b, c, d, e");
        assert_eq!(list(letters(8)), "a, b, c, d, e and 3 more");
    }
}
