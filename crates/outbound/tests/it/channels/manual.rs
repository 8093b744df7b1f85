//! Every config that the manual shows makes a channel.

use certvigil_doors::Secret;
use certvigil_outbound::notify::{KINDS, Settings, open};
use toml::de::{DeTable, DeValue};

use crate::channels::ground::{SECRET, empty};
use crate::trackers::ground::client;

fn shown(config: &str) -> Settings {
    let table = DeTable::parse(config).unwrap().into_inner();
    let contact = table.values().next().unwrap().get_ref().as_table().unwrap();
    let word = |value: &DeValue<'_>| value.as_str().unwrap().to_owned();
    let text = |key: &str| contact.get(key).map(|it| word(it.get_ref()));
    let url = text("url").map(|url| match url.contains("://") {
        true => url,
        // What is kept elsewhere is what it has to be.
        false => format!("https://service.example.org/{SECRET}"),
    });
    let command = contact.get("command").and_then(|it| it.get_ref().as_array());
    let command = command.into_iter().flat_map(|it| it.iter());
    Settings {
        to: text("to"),
        from: text("from"),
        via: text("via"),
        user: text("user"),
        url: url.map(Secret::new),
        token: text("token").map(|_| Secret::new(format!("whsec_{SECRET}"))),
        command: command.map(|it| word(it.get_ref())).collect(),
        ..empty(&text("kind").unwrap())
    }
}

#[test]
fn every_config_in_the_manual_makes_a_channel() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/channels.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let configs = manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut kinds = Vec::new();
    for config in configs {
        let settings = shown(config);
        kinds.push(settings.kind.clone());
        let opened = open(settings, client()).map(drop);
        opened.unwrap_or_else(|error| panic!("{config}: {error}"));
    }
    // The page names Mattermost beside Slack.
    for kind in KINDS.iter().filter(|kind| **kind != "mattermost") {
        assert!(kinds.iter().any(|it| it == kind), "{kind} is not shown");
    }
}
