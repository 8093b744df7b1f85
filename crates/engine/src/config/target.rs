//! `[[target]]`: what is looked at, and how.

use std::net::IpAddr;

use certvigil_inventory::{Defaults, Group, label, parse_resolve, server_name};
use certvigil_model::{Addresses, Service, Target, TargetOptions};

use super::raw::{Faults, Fields, Value};
use super::{policy, tables, units};

pub(super) fn read(table: Fields<'_>, owner: Option<String>, faults: &Faults) -> Group {
    if table.list("names").next().is_none() {
        let hint = "write names = [\"www.example.org\"]".to_owned();
        faults.add(table.place(), "[[target]] names nothing to look at", Some(hint));
    }
    Group {
        names: table
            .list("names")
            .filter_map(|value| Some((value.text()?.to_owned(), value.origin())))
            .collect(),
        defaults: defaults(table),
        owner,
        tags: table.texts("tags").map(str::to_owned).collect(),
        options: options(table, faults),
        policy: policy::read(table, faults),
    }
}

/// What makes a target another one than one of the same name: a name may be asked for through
/// several resolvers.
pub(super) fn identity(target: &Target) -> String {
    let Target { service, host, port, options, .. } = target;
    let TargetOptions { server_name, addresses, resolvers, wildcard, .. } = options;
    format!("{service}://{host}:{port} {server_name:?} {addresses:?} {resolvers:?} {wildcard:?}")
}

fn defaults(table: Fields<'_>) -> Defaults {
    Defaults {
        service: table.read("service", |text| text.parse::<Service>().map_err(|_| String::new())),
        port: table.number("port").and_then(|port| port.try_into().ok()),
        server_name: table
            .read("server_name", |text| server_name(text).map_err(|fault| fault.to_string())),
        resolve: table.texts("resolve").filter_map(|text| parse_resolve(text).ok()).collect(),
        without_server_name: table.flag("without_server_name").unwrap_or(false),
        label: table.read("label", |text| label(text).map_err(|fault| fault.to_string())),
    }
}

fn options(table: Fields<'_>, faults: &Faults) -> TargetOptions {
    let resolvers = table.texts("resolvers").filter_map(|text| tables::resolver(text).ok());
    TargetOptions {
        addresses: table.value("addresses").map(addresses).unwrap_or_default(),
        families: table.list("families").filter_map(|value| family(value, table, faults)).collect(),
        resolvers: resolvers.collect(),
        pool: table.flag("pool"),
        second_certificate: table.flag("second_certificate"),
        deadline: table.read("deadline", units::span),
        ..TargetOptions::default()
    }
}

fn addresses(value: Value<'_>) -> Addresses {
    if value.text().is_some() {
        return Addresses::All;
    }
    match value.number().and_then(|most| usize::try_from(most).ok()) {
        Some(most) => Addresses::Some(most),
        None => {
            let ips = value.items().filter_map(Value::text);
            Addresses::These(ips.filter_map(|text| text.parse::<IpAddr>().ok()).collect())
        }
    }
}

fn family(value: Value<'_>, table: Fields<'_>, faults: &Faults) -> Option<u8> {
    match value.number()? {
        4 => Some(4),
        6 => Some(6),
        other => {
            let what = format!("{} cannot be {other}", table.named("families"));
            faults.add(value.place(), what, Some("write 4 or 6".to_owned()));
            None
        }
    }
}
