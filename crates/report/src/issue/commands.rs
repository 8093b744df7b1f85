//! Commands to be typed: see it, renew it, prove it.

use std::collections::BTreeSet;

use certvigil_model::{Family, Foreign, Incident, Place, Service};

use super::Context;
use super::dial::{Dial, Endpoint, is_plain_name, quoted};
use super::named::{is_somewhere, real_places, targets};
use super::phrases::Shows;

/// Targets that one command names, at most.
const TARGETS: usize = 5;
/// Names that a request for a certificate is made for, at most.
const NAMES: usize = 20;

/// Shows the problem at its worst place.
pub(super) fn see(incident: &Incident, shows: Shows, cx: &Context) -> Vec<String> {
    let Some(place) = worst_place(incident) else {
        return prove_all(cx).into_iter().collect();
    };
    match Dial::of(place) {
        Some(Dial::File(path)) => {
            vec![format!("certvigil inspect {path}"), of_file(&path, shows)]
        }
        Some(Dial::Endpoint(endpoint)) => {
            let by_us = quoted(place.target.raw()).map(|target| inspect(&target, &endpoint));
            by_us.into_iter().chain(by_openssl(&endpoint, shows)).collect()
        }
        None => {
            let target = quoted(place.target.raw());
            target.map(|target| format!("certvigil inspect {target}")).into_iter().collect()
        }
    }
}

/// Looks at every place again; what it exits with is the proof. None where the inventory as a whole
/// is what can be looked at.
pub(super) fn prove(incident: &Incident) -> Option<String> {
    let targets = targets(incident);
    let targets: Vec<_> =
        targets.iter().map(|target| quoted(target.raw())).collect::<Option<_>>()?;
    let is_short = (1..=TARGETS).contains(&targets.len());
    is_short.then(|| format!("certvigil check {}", targets.join(" ")))
}

/// Looks at the whole inventory, by its own trust stores and rules.
pub(super) fn prove_all(cx: &Context) -> Option<String> {
    let config = cx.config.as_deref().and_then(quoted)?;
    Some(format!("certvigil check --config {config}"))
}

/// `certvigil incidents …` with what it needs to find the store.
pub(super) fn order(cx: &Context, order: &str) -> String {
    let named = cx.store_named.as_ref().and_then(|(option, value)| Some((option, quoted(value)?)));
    match named {
        Some((option, value)) => format!("certvigil incidents {order} {option} {value}"),
        None => format!("certvigil incidents {order}"),
    }
}

/// Makes a key and a request for a successor that has all the names: what an authority wants.
pub(super) fn request(incident: &Incident) -> Option<String> {
    let names = wanted_names(incident)?;
    let first = names.first()?;
    let file = first.trim_start_matches("*.");
    // RFC 5280 appendix A: a common name has at most 64 characters.
    let subject = if first.len() <= 64 { format!("/CN={first}") } else { "/".to_owned() };
    let list: Vec<_> = names.iter().map(|name| general_name(name)).collect();
    Some(format!(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
         -keyout {file}.key -out {file}.csr -subj '{subject}' -addext 'subjectAltName={}'",
        list.join(",")
    ))
}

/// The name that tools on the serving machine most likely know the certificate by.
pub(super) fn lineage(incident: &Incident) -> Option<String> {
    let names = wanted_names(incident)?;
    names.first().map(|name| name.trim_start_matches("*.").to_owned())
}

/// The place that the words are about.
pub(super) fn worst_place(incident: &Incident) -> Option<&Place> {
    let bad = || real_places(incident).find(|place| !place.is_good());
    let worst = incident.worst().map(|(place, _)| place);
    let worst = worst.filter(|place| !place.is_good() && is_somewhere(place));
    worst.or_else(bad).or_else(|| real_places(incident).next())
}

/// The one address where it shows, whatever the name resolves to at the moment.
fn inspect(target: &str, endpoint: &Endpoint) -> String {
    let Endpoint { host, port, address, .. } = endpoint;
    let name = endpoint.server_name.as_ref().filter(|_| endpoint.is_renamed);
    let name = name.map(|name| format!(" --server-name {name}")).unwrap_or_default();
    match address {
        Some(address) if host.parse::<std::net::IpAddr>().is_err() => {
            format!("certvigil inspect {target}{name} --resolve {host}:{port}:{}", address.ip())
        }
        _ => format!("certvigil inspect {target}{name}"),
    }
}

fn by_openssl(endpoint: &Endpoint, shows: Shows) -> Option<String> {
    let Endpoint { host, .. } = endpoint;
    let ask = ask(endpoint)?;
    let show = |what: &str| format!("{ask} 2>/dev/null | openssl x509 -noout {what}");
    Some(match shows {
        Shows::Dates => show("-subject -dates -serial -fingerprint -sha256"),
        Shows::Names => show("-subject -ext subjectAltName"),
        // What no program can read as a certificate is still a structure.
        Shows::Form => {
            format!("{ask} 2>/dev/null | sed -n '/BEGIN/,/END/p' | openssl asn1parse -i")
        }
        Shows::Chain => format!("{ask} -showcerts -verify_return_error"),
        Shows::Staple => format!("{ask} -status"),
        Shows::Handshake => format!("{ask} -brief"),
        Shows::Addresses => format!("dig +noall +comments +answer {host} A {host} AAAA"),
        Shows::Nothing => return None,
    })
}

fn ask(endpoint: &Endpoint) -> Option<String> {
    let starttls = match endpoint.service.starts_in_plaintext() {
        true => format!(" -starttls {}", dialect(endpoint.service)?),
        false => String::new(),
    };
    let name = match &endpoint.server_name {
        Some(name) => format!(" -servername {name}"),
        None => " -noservername".to_owned(),
    };
    // XMPP asks for the domain in its own words too.
    let domain = match (endpoint.service, &endpoint.server_name) {
        (Service::XmppClient | Service::XmppServer, Some(name)) => format!(" -xmpphost {name}"),
        _ => String::new(),
    };
    // Not from `/dev/null`: some trackers keep no angle bracket that opens.
    Some(format!("echo | openssl s_client -connect {}{name}{starttls}{domain}", endpoint.connect()))
}

/// The dialect as `openssl s_client -starttls` calls it.
fn dialect(service: Service) -> Option<&'static str> {
    Some(match service {
        Service::XmppClient => "xmpp",
        service if service.starts_in_plaintext() => service.name(),
        _ => return None,
    })
}

fn of_file(path: &str, shows: Shows) -> String {
    match shows {
        Shows::Names => format!("openssl x509 -in {path} -noout -subject -ext subjectAltName"),
        Shows::Form => format!("openssl asn1parse -i -in {path}"),
        _ => format!("openssl x509 -in {path} -noout -subject -dates -serial -fingerprint -sha256"),
    }
}

/// All names of the certificate, and those that it lacks. None where not all of them are known, or
/// where one is not plain.
fn wanted_names(incident: &Incident) -> Option<Vec<String>> {
    let certificate = incident.certificate.as_ref()?;
    if certificate.names.len() != certificate.names_total || certificate.names_total > NAMES {
        return None;
    }
    let mut names: Vec<_> = certificate.names.iter().map(bare).collect::<Option<_>>()?;
    if incident.family == Family::Name {
        let missing = real_places(incident).filter_map(asked_name);
        let missing: BTreeSet<_> = missing.filter(|name| !names.contains(name)).collect();
        names.splice(0..0, missing);
    }
    names.truncate(NAMES + TARGETS);
    Some(names)
}

fn asked_name(place: &Place) -> Option<String> {
    match Dial::of(place)? {
        Dial::Endpoint(endpoint) => endpoint.server_name,
        Dial::File(_) => None,
    }
}

/// `www.example.org` of `DNS:www.example.org`.
fn bare(name: &Foreign) -> Option<String> {
    let raw = name.raw();
    let bare = raw.strip_prefix("DNS:").or_else(|| raw.strip_prefix("IP:")).unwrap_or(raw);
    let is_address = bare.parse::<std::net::IpAddr>().is_ok();
    let is_plain = is_address || is_plain_name(bare.strip_prefix("*.").unwrap_or(bare));
    is_plain.then(|| bare.to_owned())
}

fn general_name(name: &str) -> String {
    match name.parse::<std::net::IpAddr>() {
        Ok(address) => format!("IP:{address}"),
        Err(_) => format!("DNS:{name}"),
    }
}
