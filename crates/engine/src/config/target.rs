//! `[[target]]`: what is looked at, and how.

use std::net::IpAddr;
use std::path::Path;

use certvigil_doors::SecretReference;
use certvigil_inventory::{Defaults, Group, Source, label, parse_resolve, server_name};
use certvigil_model::{Addresses, Origin, Service, TargetOptions};

use super::raw::{Faults, Fields, Value};
use super::{forms, policy, units};

/// Patterns of files in it are relative to `folder`.
pub(super) fn read(
    table: Fields<'_>,
    owner: Option<String>,
    folder: &Path,
    faults: &Faults,
) -> Group {
    if ["names", "hosts", "file_sd", "files"].iter().all(|key| table.list(key).next().is_none()) {
        let hint = "write names = [\"www.example.org\"], or hosts, file_sd or files".to_owned();
        faults.add(table.place(), "[[target]] names nothing to look at", Some(hint));
    }
    Group {
        sources: sources(table, folder),
        names: table
            .list("names")
            .filter_map(|value| Some((value.text()?.to_owned(), Some(value.origin()))))
            .collect(),
        defaults: defaults(table),
        owner,
        default_owner: None,
        tags: table.texts("tags").map(str::to_owned).collect(),
        options: options(table, folder, faults),
        policy: policy::read(table, faults),
    }
}

fn sources(table: Fields<'_>, folder: &Path) -> Vec<Source> {
    let each = |key, read: fn(&Path, &str, &Origin) -> Vec<Source>| {
        let patterns = table.list(key).filter_map(|value| Some((value.text()?, value.origin())));
        patterns.flat_map(move |(pattern, origin)| read(folder, pattern, &origin))
    };
    let lists = each("hosts", Source::lists).chain(each("file_sd", Source::discovery));
    lists.chain(each("files", Source::certificates)).collect()
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

fn options(table: Fields<'_>, folder: &Path, faults: &Faults) -> TargetOptions {
    let resolvers = table.texts("resolvers").filter_map(|text| forms::resolver(text).ok());
    TargetOptions {
        addresses: table
            .value("addresses")
            .map(|value| addresses(value, table, faults))
            .unwrap_or_default(),
        families: table.list("families").filter_map(family).collect(),
        resolvers: resolvers.collect(),
        pool: table.flag("pool"),
        second_certificate: table.flag("second_certificate"),
        password: table
            .read("password", |text| text.parse::<SecretReference>().map_err(|_| String::new()))
            .map(|reference| reference.beside(folder).to_string()),
        deadline: table.read("deadline", units::span),
        ..TargetOptions::default()
    }
}

fn addresses(value: Value<'_>, table: Fields<'_>, faults: &Faults) -> Addresses {
    if value.text().is_some() {
        return Addresses::All;
    }
    match value.number().and_then(|most| usize::try_from(most).ok()) {
        Some(most) => Addresses::Some(most),
        None => {
            let mut these = Vec::new();
            for ip in value.items().filter_map(|item| item.text()?.parse::<IpAddr>().ok()) {
                if !these.contains(&ip) {
                    these.push(ip);
                }
            }
            if value.items().next().is_none() {
                let what = format!("{} holds no address", table.named("addresses"));
                let hint = "leave it out to ask a resolver, or write one".to_owned();
                faults.add(value.place(), what, Some(hint));
            }
            Addresses::These(these)
        }
    }
}

/// What is neither is told already.
fn family(value: Value<'_>) -> Option<u8> {
    value.number()?.try_into().ok()
}
