//! One fault each.

use std::fmt::Debug;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;

use crate::blind::world::{Issue, World};
use crate::command::Ran;

/// Behind one switch.
fn behind_switch() -> Vec<String> {
    let at = |n: usize| format!("10.66.1.{}:{}#www.lab.test", 1 + n % 250, [443, 8443][n / 250]);
    (0..500).map(at).collect()
}

/// In networks of their own.
fn spread(networks: usize, host: usize) -> Vec<String> {
    (1..=networks).map(|n| format!("10.77.{n}.{host}:443#www.lab.test")).collect()
}

fn told(ran: &Ran, issues: &impl Debug) -> String {
    let acted = ran.out.find("\"acted\"").map_or(&*ran.out, |at| &ran.out[at..]);
    format!(
        "exit {:?}\n{}\n{}\n{issues:#?}",
        ran.code,
        ran.err,
        &acted[..acted.find("]}},").unwrap_or(acted.len()).min(1500)]
    )
}

fn good_round(world: &World) {
    let first = world.act();
    assert_eq!(
        (first.code, world.issues().len()),
        (Some(0), 0),
        "{}",
        told(&first, &world.issues())
    );
}

#[test]
fn five_hundred_endpoints_behind_one_dead_switch_are_one_issue() {
    let Some(world) = World::new("switch") else { return };
    world.config(&[behind_switch(), spread(20, 1)].concat(), "");
    good_round(&world);
    world.inside("elsewhere", &["link set switch down"]);
    let dead = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&dead, &issues));
    let title = "network 10.66.1.0/24: endpoints cannot be seen, 500 of them";
    assert_eq!(issues[0].title, title, "{}", told(&dead, &issues));
    world.inside("elsewhere", &["link set switch up", "route add 10.66.2.0/24 dev switch"]);
    recovered(&world);
}

#[test]
fn a_cut_uplink_is_one_issue_and_says_nothing_of_any_endpoint() {
    let Some(world) = World::new("uplink") else { return };
    world.config(&spread(40, 1), "");
    good_round(&world);
    cut(&world);
    let dead = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&dead, &issues));
    assert_eq!(issues[0].title, "certvigil: cannot see", "{}", told(&dead, &issues));
    for words in ["40 of 40 endpoints unknown. This says nothing about them.", "ends first, on "] {
        assert!(issues[0].text.contains(words), "{words}: {}", issues[0].text);
    }
    mend(&world);
    recovered(&world);
}

#[test]
fn five_hundred_that_are_down_are_filed_as_the_brake_lets_and_listed_in_one_more() {
    let Some(world) = World::new("down") else { return };
    world.config(&[spread(250, 1), spread(250, 2), spread(250, 3)].concat(), "");
    good_round(&world);
    let gone = |n: usize| format!("10.77.{}.{}/32 table local", 1 + n % 250, 2 + n / 250);
    let gone: Vec<String> = (0..500).map(|n| format!("route add blackhole {}", gone(n))).collect();
    world.inside("elsewhere", &gone.iter().map(String::as_str).collect::<Vec<_>>());
    let down = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 21, "{}", told(&down, &issues));
}

/// However close together: two beside them answer, so the way is open.
#[test]
fn five_hundred_that_are_down_in_one_network_are_no_dead_switch() {
    let Some(world) = World::new("near") else { return };
    let up =
        ["10.66.1.252:443#www.lab.test".to_owned(), "10.66.1.253:8443#www.lab.test".to_owned()];
    world.config(&[&behind_switch()[..], &up, &spread(5, 1)].concat(), "");
    good_round(&world);
    let gone: Vec<_> =
        (1..=250).map(|n| format!("route add blackhole 10.66.1.{n}/32 table local")).collect();
    world.inside("elsewhere", &gone.iter().map(String::as_str).collect::<Vec<_>>());
    let down = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 21, "{}", told(&down, &issues));
    let says_network = |it: &Issue| it.title.starts_with("network ");
    assert!(!issues.iter().any(says_network), "{}", told(&down, &issues));
}

#[test]
fn a_dead_resolver_is_one_issue() {
    let Some(mut world) = World::new("resolver") else { return };
    world.resolve(40);
    world.config(&(1..=40).map(|n| format!("n{n}.lab.test")).collect::<Vec<_>>(), "");
    good_round(&world);
    world.end_resolver();
    let dead = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&dead, &issues));
    let title = "resolver 10.77.250.53: endpoints cannot be seen, 40 of them";
    assert_eq!(issues[0].title, title, "{}", told(&dead, &issues));
    world.resolve(40);
    recovered(&world);
}

#[test]
fn few_descriptors_make_a_slower_round_and_no_issue() {
    let Some(world) = World::new("files") else { return };
    world.config(&spread(100, 1), "");
    good_round(&world);
    let lacking = world.act_with_descriptors(40);
    assert!(lacking.err.contains("concurrency lowered"), "{}", told(&lacking, &world.open()));
    assert_eq!(world.issues().len(), 0, "{}", told(&lacking, &world.open()));
}

#[test]
fn no_descriptors_left_is_told_once_and_of_no_endpoint() {
    let Some(world) = World::new("nofile") else { return };
    world.config(&spread(100, 1), "");
    good_round(&world);
    let mut has_seen_nothing = false;
    for limit in [10, 16] {
        let lacking = world.act_with_descriptors(limit);
        assert_eq!(lacking.code, Some(2), "{limit}: {}", told(&lacking, &world.issues()));
        assert!(!lacking.err.contains("panicked"), "{limit}: {}", lacking.err);
        has_seen_nothing |= lacking.out.contains("100 of 100 endpoints unknown");
    }
    assert!(has_seen_nothing, "the limits are not those of this program any more");
    let issues = world.issues();
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!(issues[0].title, "certvigil: cannot see");
    let words = "certvigil: I cannot see: this machine stands in the way (";
    assert!(issues[0].text.starts_with(words), "{}", issues[0].text);
    recovered(&world);
}

#[test]
fn a_cut_uplink_without_a_store_and_with_the_tracker_behind_it_fails_and_files_nothing() {
    let Some(mut world) = World::new("alone") else { return };
    let lab = world.track_at("10.77.250.9");
    world.config(&spread(40, 1), "act_within = \"20s\"");
    let good = world.act_without_store();
    assert_eq!(lab.issues().len(), 0, "{}", told(&good, &lab.issues()));
    assert_eq!(good.code, Some(0), "{}", told(&good, &lab.issues()));
    cut(&world);
    let blind = world.act_without_store();
    assert_eq!(blind.code, Some(2), "{}", told(&blind, &lab.issues()));
    mend(&world);
    let seeing = world.act_without_store();
    assert_eq!(seeing.code, Some(0), "{}", told(&seeing, &lab.issues()));
    assert_eq!(lab.issues().len(), 0, "{}", told(&seeing, &lab.issues()));
}

#[test]
fn a_cut_uplink_without_a_store_is_one_issue_where_the_tracker_is_elsewhere() {
    let Some(mut world) = World::new("beside") else { return };
    let lab = world.track_at("10.66.1.9");
    let sentinels = "sentinels = [\"10.77.1.1:443\", \"10.77.2.1:443\"]";
    world.config_with(sentinels, &spread(40, 1), "act_within = \"20s\"");
    let good = world.act_without_store();
    assert_eq!(lab.issues().len(), 0, "{}", told(&good, &lab.issues()));
    cut(&world);
    for _ in 0..2 {
        let blind = world.act_without_store();
        let issues = lab.issues();
        assert_eq!(issues.len(), 1, "{}", told(&blind, &issues));
        assert_eq!(issues[0].title, "certvigil: cannot see", "{}", told(&blind, &issues));
        let words = "40 of 40 endpoints unknown. This says nothing about them.";
        assert!(issues[0].text.contains(words), "{}", issues[0].text);
    }
    mend(&world);
    let seeing: Vec<_> = (0..3).map(|_| world.act_without_store()).collect();
    let issues = lab.issues();
    assert_eq!(issues.len(), 1, "{}", told(&seeing[2], &issues));
    assert!(!issues[0].open, "{}", told(&seeing[2], &issues));
}

/// The dates of what is not seen run on, as it was last seen.
#[test]
fn a_certificate_that_comes_due_while_we_are_blind_is_told_on_time() {
    let Some(world) = World::new("dates") else { return };
    let life = 20 * 86_400;
    let left = format!("warning_left = \"{}s\"\ncritical_left = \"{}s\"", life - 8, life - 3600);
    world.config(&spread(40, 1), &left);
    let made = SystemClock.monotonic();
    good_round(&world);
    cut(&world);
    let blind = world.act();
    assert_eq!(world.open().len(), 1, "{}", told(&blind, &world.open()));
    std::thread::sleep(
        (made + Duration::from_secs(9)).saturating_duration_since(SystemClock.monotonic()),
    );
    let due = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 2, "{}", told(&due, &issues));
    let dated = issues.iter().find(|it| it.title.contains("certificate ends")).unwrap();
    assert!(dated.text.contains("last seen"), "{}", dated.text);
    let still = world.act();
    assert_eq!(world.open().len(), 2, "{}", told(&still, &world.open()));
    mend(&world);
    (0..2).for_each(|_| drop(world.act()));
    let seeing = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&seeing, &issues));
    assert!(issues[0].title.contains("certificate ends"), "{}", told(&seeing, &issues));
}

#[test]
fn a_warning_that_becomes_critical_while_we_are_blind_is_raised_on_time() {
    let Some(world) = World::new("raised") else { return };
    let life = 20 * 86_400;
    let left = format!("warning_left = \"{}s\"\ncritical_left = \"{}s\"", life - 1, life - 15);
    world.config(&spread(40, 1), &left);
    let made = SystemClock.monotonic();
    let until = |seconds: u64| {
        let at = made + Duration::from_secs(seconds);
        std::thread::sleep(at.saturating_duration_since(SystemClock.monotonic()));
    };
    until(2);
    let warned = world.act();
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&warned, &issues));
    assert!(issues[0].text.contains("(warning)"), "{}", told(&warned, &issues));
    cut(&world);
    let blind = world.act();
    let dated =
        || world.open().into_iter().find(|it| it.title.contains("certificate ends")).unwrap();
    assert_eq!(world.open().len(), 2, "{}", told(&blind, &world.open()));
    assert!(dated().comments.is_empty(), "{}", told(&blind, &world.open()));
    until(16);
    let raised = world.act();
    assert_eq!(world.open().len(), 2, "{}", told(&raised, &world.open()));
    let comments = dated().comments;
    assert_eq!(comments.len(), 1, "{}", told(&raised, &world.open()));
    assert!(comments[0].contains("critical"), "{comments:?}");
    let still = world.act();
    assert_eq!(dated().comments.len(), 1, "{}", told(&still, &world.open()));
}

fn cut(world: &World) {
    world.inside("watcher", &["link set uplink down"]);
}

fn mend(world: &World) {
    let route = "route add 10.77.0.0/16 dev uplink src 10.70.0.1";
    world.inside("watcher", &["link set uplink up", route]);
}

/// Once everything is seen again, and seen so twice, the issue is closed, and there never was another.
fn recovered(world: &World) {
    let filed = world.issues().len();
    let first = world.act();
    drop(world.act());
    let second = world.act();
    let issues = world.open();
    assert!(issues.is_empty(), "{}\n{}", told(&first, &()), told(&second, &issues));
    assert_eq!(world.issues().len(), filed, "{}", told(&second, &world.issues()));
}
