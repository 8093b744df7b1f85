//! What is no fault of a config, and its author should know.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_inventory::Listed;
use certvigil_model::Time;

use super::build::shown;
use super::fault::{Place, counted};
use super::{Config, Owner};

/// One line each. `places` says where each owner is described, `answering` who answers for acceptances, and where it is
/// written so.
pub(super) fn of(
    config: &Config,
    places: &BTreeMap<String, Place>,
    answering: &[(String, Place)],
    now: Time,
) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(not_acted_on(config));
    notes.extend(inventory(config));
    let ended = config.acceptances.iter().filter(|one| one.answer.until <= now).count();
    if ended > 0 {
        let ended = counted(ended, "acceptance");
        notes.push(format!("{ended} ended: what was accepted is red again"));
    }
    notes.extend(strangers(config, answering));
    for owner in &config.owners {
        let place = places.get(&owner.name);
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        notes.extend(of_owner(config, owner).map(|note| format!("{place}{note}")));
    }
    notes
}

/// Who answers for an acceptance and is no owner.
fn strangers(config: &Config, answering: &[(String, Place)]) -> impl Iterator<Item = String> {
    let is_known = move |name: &String| config.owners.iter().any(|owner| owner.name == *name);
    let strange =
        answering.iter().filter(move |(name, _)| !config.owners.is_empty() && !is_known(name));
    strange.map(|(name, place)| {
        format!("{place}: \"{}\" answers here, and no [[owner]] is called so", shown(name))
    })
}

fn not_acted_on(Config { beat, .. }: &Config) -> Option<String> {
    beat.is_some().then(|| "beat is checked and not acted on in this version".to_owned())
}

fn inventory(Config { inventory, owners, .. }: &Config) -> impl Iterator<Item = String> {
    let unowned = |listed: &Listed| matches!(&listed.target, Ok(it) if it.owner.is_none());
    let repeats = inventory.repeats();
    let unowned = inventory.listed(&repeats).filter(unowned).count();
    let unowned = (unowned > 0 && !owners.is_empty())
        .then(|| format!("{} without an owner", counted(unowned, "target")));
    let repeated = repeats.lines();
    let repeated = (repeated > 0).then(|| {
        let lines = counted(repeated, "line");
        format!("{lines} repeating a target: each target is looked at once")
    });
    unowned.into_iter().chain(repeated)
}

fn of_owner(config: &Config, owner: &Owner) -> impl Iterator<Item = String> {
    let name = shown(&owner.name);
    let idle = (!busy(config).contains(owner.name.as_str()))
        .then(|| format!("the owner \"{name}\" answers for no target"));
    let unheard = (owner.tracker.is_none() && !owner.calls()).then(|| {
        format!("nobody can confirm: owner {name} has no tracker and nobody to call, so nothing is told but in reports")
    });
    // What is handed over proves nothing; an answer does.
    let unanswered = (owner.tracker.is_none() && owner.calls() && config.serve.answers.is_none()).then(|| {
        format!("nobody can confirm: owner {name} has no tracker, and messages to it have no link to answer by; add answers to [serve], else only `incidents ack` answers")
    });
    let alone = (owner.is_person && owner.second.is_none()).then(|| {
        format!("the owner \"{name}\" is one person without a `second`: nobody hears of anything while that person is away")
    });
    let stateless = owner.tracker.as_ref().filter(|it| config.store.is_none() && !it.has_block());
    let stateless = stateless.map(|tracker| {
        let kind = tracker.kind.name();
        format!("the tracker of owner \"{name}\" has no place for what a run has to remember ({kind}): add [store], or run with --store")
    });
    [idle, unheard, unanswered, alone, stateless].into_iter().flatten()
}

/// Owners that answer for something.
fn busy(config: &Config) -> BTreeSet<&str> {
    let Config { inventory, certificates, default_owner, .. } = config;
    let groups = inventory.groups.iter();
    let of_groups = groups.filter_map(|it| it.owner.as_ref().or(it.default_owner.as_ref()));
    let of_certificates = certificates.iter().filter_map(|rule| rule.owner.as_ref());
    let all = of_groups.chain(inventory.owners.values()).chain(of_certificates);
    all.chain(default_owner).map(String::as_str).collect()
}
