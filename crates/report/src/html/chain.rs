//! The chain that an endpoint sent, from the end entity to the trust anchor, with what is missing
//! and what is sent in vain.

use std::io::{self, Write};

use certvigil_model::{Family, Foreign, Severity, Time, Trust};

use super::text::{Apart, Text};
use crate::contract::{Certificate, Datum, Endpoint};
use crate::proof::{common_name, subject};
use crate::words::{day, length};

/// Writes the chain; nothing where none was sent.
pub(super) fn write(endpoint: &Endpoint, now: Time, out: &mut dyn Write) -> io::Result<()> {
    if endpoint.presented_chain.is_empty() {
        return Ok(());
    }
    out.write_all(b"<ol class=\"chain\">\n")?;
    for link in links(endpoint) {
        link.write(endpoint, now, out)?;
    }
    out.write_all(b"</ol>\n")
}

/// One step from the end entity to the anchor, or beside the way.
enum Link<'a> {
    Sent {
        role: &'static str,
        certificate: &'a Certificate,
    },
    /// On the path and from a trust store; known by what it issued.
    Anchor {
        name: Option<&'a Foreign>,
        profiles: Vec<&'a str>,
    },
    /// On the path, neither sent nor its end.
    Fetched(Option<&'a Foreign>),
    Missing(&'a Foreign),
    Beside(&'a Certificate),
}

fn links(endpoint: &Endpoint) -> Vec<Link<'_>> {
    let chain = &endpoint.presented_chain;
    let Some(trust) = best(&endpoint.trust) else { return pathless(endpoint) };
    let sent = |wanted| chain.iter().find(|certificate| certificate.sha256 == wanted);
    let mut links = Vec::new();
    let mut below: Option<&Certificate> = None;
    for (step, wanted) in trust.path.iter().enumerate() {
        let is_last = step + 1 == trust.path.len();
        match sent(*wanted) {
            Some(certificate) => {
                let role = match step {
                    0 => "end entity",
                    _ if is_last => "trust anchor, sent along",
                    _ => "issuer",
                };
                links.push(Link::Sent { role, certificate });
                below = Some(certificate);
            }
            None => {
                let name = below.take().and_then(|below| below.issuer.as_ref());
                let profiles = leading_to(&endpoint.trust, trust);
                let anchor = Link::Anchor { name, profiles };
                links.push(if is_last { anchor } else { Link::Fetched(name) });
            }
        }
    }
    let is_needed = |certificate: &&Certificate| {
        let mut paths = endpoint.trust.iter().flat_map(|trust| &trust.path);
        paths.any(|needed| *needed == certificate.sha256)
    };
    links.extend(chain.iter().filter(|it| !is_needed(it)).map(Link::Beside));
    links
}

/// In the order sent, and what should follow.
fn pathless(endpoint: &Endpoint) -> Vec<Link<'_>> {
    let sent = &endpoint.presented_chain;
    let role = |place: usize| match place.checked_sub(1).and_then(|below| sent.get(below)) {
        None => "end entity",
        Some(below) if below.issuer.is_some() && below.issuer == sent[place].subject => "issuer",
        Some(_) => "sent with it",
    };
    let chain = sent.iter().enumerate();
    let links = chain.map(|(at, certificate)| Link::Sent { role: role(at), certificate });
    links.chain(missing(endpoint).map(Link::Missing)).collect()
}

/// The issuer that was not sent, where a finding says so.
fn missing(endpoint: &Endpoint) -> Option<&Foreign> {
    let mut findings = endpoint.findings.iter();
    let incomplete = findings.find(|finding| finding.id == "chain-incomplete")?;
    match incomplete.data.get("issuer") {
        Some(Datum::Text(issuer)) => Some(issuer),
        _ => None,
    }
}

/// The path that the verdict rests on, else any.
fn best(trust: &[Trust]) -> Option<&Trust> {
    let with_path = |trust: &&Trust| !trust.path.is_empty();
    let deciding = trust.iter().filter(with_path).find(|trust| trust.decides);
    deciding.or_else(|| trust.iter().find(with_path))
}

/// The profiles whose path ends where this one does.
fn leading_to<'a>(all: &'a [Trust], trust: &Trust) -> Vec<&'a str> {
    let same = all.iter().filter(|other| other.path.last() == trust.path.last());
    same.map(|trust| trust.profile.as_str()).collect()
}

impl Link<'_> {
    fn write(&self, endpoint: &Endpoint, now: Time, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Link::Sent { role, certificate } => {
                let class = worst(endpoint, certificate, |_| true);
                open(class, role, &subject(certificate), out)?;
                let ending = worst(endpoint, certificate, |family| family == Family::Expiry);
                validity(certificate, ending, now, out)?;
            }
            Link::Beside(certificate) => {
                open("beside", "superfluous", &subject(certificate), out)?;
                validity(certificate, "beside", now, out)?;
            }
            Link::Anchor { name, profiles } => {
                let name = name.map_or_else(|| "trust anchor".to_owned(), common_name);
                open("anchor", "trust anchor", &name, out)?;
                let words = format!("in {}", profiles.join(", "));
                writeln!(out, "<span class=\"dates\">{}</span>", Text(&words))?;
            }
            Link::Fetched(name) => {
                let name = name.map_or_else(|| "issuer".to_owned(), common_name);
                open("anchor", "issuer", &name, out)?;
                out.write_all(b"<span class=\"dates\">was not sent</span>\n")?;
            }
            Link::Missing(issuer) => {
                open("missing", "missing", &common_name(issuer), out)?;
                out.write_all(b"<span class=\"dates\">was not sent</span>\n")?;
            }
        }
        out.write_all(b"</li>\n")
    }
}

fn open(class: &str, role: &str, name: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<li class=\"{class}\"><span class=\"role\">{role}</span> <span class=\"name\">{}</span>",
        Apart(name)
    )
}

/// How bad what is said of this certificate in these families is.
fn worst(
    endpoint: &Endpoint,
    certificate: &Certificate,
    of: impl Fn(Family) -> bool,
) -> &'static str {
    let of_it = |certified| certified == Some(certificate.sha256);
    let said = endpoint.findings.iter().filter(|it| it.counts() && of_it(it.certificate));
    let said = said.filter(|finding| of(finding.family));
    match said.map(|finding| finding.severity).max() {
        Some(Severity::Critical) => "critical",
        Some(Severity::Unknown) => "unknown",
        Some(Severity::Warning) => "warning",
        Some(Severity::Info) | None => "ok",
    }
}

/// The time that it is valid as a bar, and in words.
fn validity(
    certificate: &Certificate,
    ending: &str,
    now: Time,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (Some(from), Some(to)) = (certificate.not_before, certificate.not_after) else {
        let date = |date: Option<Time>| date.map_or_else(|| "unreadable".to_owned(), day);
        let words = match (certificate.not_before, certificate.not_after) {
            (None, None) => "its dates cannot be read".to_owned(),
            (from, to) => format!("{} to {}", date(from), date(to)),
        };
        return writeln!(out, "<span class=\"dates\">{words}</span>");
    };
    let left = left(from, to, now);
    let ends = if to == Time::NO_SET_EXPIRY { "no set end".to_owned() } else { day(to) };
    let span = Span { from, to, now };
    bar(span, ending, &format!("valid {} to {ends}, {left}", day(from)), out)?;
    writeln!(
        out,
        "<span class=\"dates\">{} to {ends}</span> <span class=\"left {ending}\">{left}</span>",
        day(from)
    )
}

fn left(from: Time, to: Time, now: Time) -> String {
    match (from.seconds_since(now), to.seconds_since(now)) {
        _ if to < from => "ends before it begins".to_owned(),
        (begins @ 1.., _) => format!("begins in {}", length(begins)),
        (_, ended @ ..0) => format!("ended {} ago", length(ended)),
        _ if to == Time::NO_SET_EXPIRY => "for ever".to_owned(),
        (_, left) => format!("{} left", length(left)),
    }
}

/// A validity, and the moment that it is seen from.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) now: Time,
}

/// From the beginning to the end, or to now where that is later.
pub(super) fn bar(
    Span { from, to, now }: Span,
    class: &str,
    words: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (start, end) = (from.min(now), to.max(now));
    let whole = (end.millis() as f64 - start.millis() as f64).max(1.0);
    let x = |time: Time| 4.0 + 192.0 * (time.millis() as f64 - start.millis() as f64) / whole;
    let (from, to, now) = (x(from), x(to).max(x(from)), x(now));
    let past = now.clamp(from, to) - from;
    writeln!(
        out,
        "<svg class=\"bar {class}\" viewBox=\"0 0 200 12\" role=\"img\" aria-label=\"{}\">\
         <path class=\"outside\" d=\"M4 6h192\"/>\
         <rect class=\"whole\" x=\"{from:.1}\" y=\"3\" width=\"{:.1}\" height=\"6\" rx=\"3\"/>\
         <rect class=\"past\" x=\"{from:.1}\" y=\"3\" width=\"{past:.1}\" height=\"6\" rx=\"3\"/>\
         <path class=\"now\" d=\"M{now:.1} 0v12\"/></svg>",
        Text(words),
        (to - from).max(2.0)
    )
}
