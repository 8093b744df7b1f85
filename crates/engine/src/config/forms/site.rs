//! Texts of the tables about a whole site and its alarms.

use std::net::IpAddr;

use certvigil_alarm::{Renewer, Sentinel};
use certvigil_doors::SecretReference;
use certvigil_inventory::server_name;
use jiff::tz::TimeZone;

use super::super::keys::Form;
use super::super::units;
use super::{one_of, resolver, url_of};

pub(in crate::config) static STORE_URL: Form = Form {
    noun: "a database, postgres://…, or where its address is kept, like env:CERTVIGIL_STORE",
    check: |text| match text.parse::<SecretReference>() {
        Ok(_) => Ok(()),
        Err(_) => url_of(text, &["postgres", "postgresql"]),
    },
    hidden: true,
    words: None,
};

pub(in crate::config) static PROXY: Form = Form {
    noun: "a proxy, like http://proxy.example.org:3128, or where its address is kept, or none",
    check: |text| match text == "none" || text.parse::<SecretReference>().is_ok() {
        true => Ok(()),
        false => url_of(text, &["http", "https"]),
    },
    hidden: true,
    words: None,
};

pub(in crate::config) static NO_PROXY: Form = Form {
    noun: "a name, an address, a network or *",
    check: |text| match text.is_empty() || text.contains([',', ' ', '/', '\n']) {
        false => Ok(()),
        true if network(text) => Ok(()),
        true => Err("write one name, address or network, like example.org or 10.0.0.0/8".into()),
    },
    hidden: false,
    words: None,
};

pub(in crate::config) static LISTEN: Form = Form {
    noun: "an address of this machine alone, with its port",
    check: |text| match text.parse::<std::net::SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(()),
        _ => Err("write an address of loopback and a port, like 127.0.0.1:9219".to_owned()),
    },
    hidden: false,
    words: None,
};

pub(in crate::config) static SENTINEL: Form = Form {
    noun: "a host with its port, or a resolver as dns://ADDRESS",
    check: |text| sentinel(text).map(drop),
    hidden: false,
    words: None,
};

pub(in crate::config) static TIME_SERVER: Form = Form {
    noun: "a host, or a host and a port",
    check: |text| match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) if text.contains(':') => sentinel(text).map(drop),
        Err(_) => server_name(text).map(drop).map_err(|fault| fault.to_string()),
    },
    hidden: false,
    words: None,
};

pub(in crate::config) static CERTIFICATE_NAME: Form = Form {
    noun: "a name that a certificate has, like www.example.org or *.example.org",
    check: |text| {
        let name = text.strip_prefix("*.").unwrap_or(text);
        server_name(name).map(drop).map_err(|fault| fault.to_string())
    },
    hidden: false,
    words: None,
};

pub(in crate::config) static ARGUMENT: Form = Form {
    noun: "a program's full path or an argument",
    check: |text| match text.contains('\0') {
        true => Err("no program takes an argument with a NUL in it".to_owned()),
        false => Ok(()),
    },
    hidden: false,
    words: None,
};

pub(in crate::config) static RENEWER: Form = Form {
    noun: "what renews it",
    check: |text| one_of(text, &renewers()),
    hidden: false,
    words: Some(renewers),
};

pub(in crate::config) static DAY: Form = Form {
    noun: "a day of the week",
    check: |text| one_of(text, &days()),
    hidden: false,
    words: Some(days),
};

pub(in crate::config) static TIME_OF_DAY: Form = Form {
    noun: "a time of day, like 22:00",
    check: |text| units::time_of_day(text).map(drop),
    hidden: false,
    words: None,
};

pub(in crate::config) static WORKING_HOURS: Form = Form {
    noun: "two times of one day, like 09:00-17:00",
    check: |text| units::hours(text).map(drop),
    hidden: false,
    words: None,
};

pub(in crate::config) static ZONE: Form = Form {
    noun: "a zone of the time database, like Europe/Berlin",
    check: |text| zone(text).map(drop),
    hidden: false,
    words: None,
};

/// A place to look at once more, and whether it is a resolver.
pub(in crate::config) fn sentinel(text: &str) -> Result<Sentinel, String> {
    if let Some(address) = text.strip_prefix("dns://") {
        return resolver(address).map(Sentinel::Resolver);
    }
    let wrong = || "write a host and a port, like router.example.org:443".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    if host.contains(':') && !host.starts_with('[') {
        return Err(wrong());
    }
    let host = server_name(host).map_err(|fault| fault.to_string())?;
    Ok(Sentinel::Host { role: "host", host, port })
}

/// What is known of a zone is part of the program: it means the same on every machine.
pub(in crate::config) fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| "write a zone like Europe/Berlin or UTC".to_owned())
}

fn renewers() -> Vec<&'static str> {
    Renewer::ALL.iter().map(|renewer| renewer.name()).collect()
}

fn days() -> Vec<&'static str> {
    DAYS.iter().map(|(name, _)| *name).collect()
}

/// An address and the bits of it that count, RFC 4632 section 3.1.
fn network(text: &str) -> bool {
    let parts = text
        .split_once('/')
        .and_then(|(ip, bits)| Some((ip.parse::<IpAddr>().ok()?, bits.parse::<u8>().ok()?)));
    parts.is_some_and(|(ip, bits)| bits <= if ip.is_ipv4() { 32 } else { 128 })
}

/// What a week's days are called.
pub(in crate::config) const DAYS: [(&str, jiff::civil::Weekday); 7] = {
    use jiff::civil::Weekday::*;
    [
        ("mon", Monday),
        ("tue", Tuesday),
        ("wed", Wednesday),
        ("thu", Thursday),
        ("fri", Friday),
        ("sat", Saturday),
        ("sun", Sunday),
    ]
};
