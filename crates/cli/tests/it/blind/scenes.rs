//! One fault each.

use std::fmt::Debug;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;

use crate::blind::world::World;
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
    let first = world.act(None);
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
    let dead = world.act(None);
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
    let dead = world.act(None);
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
    let down = world.act(None);
    let issues = world.open();
    assert_eq!(issues.len(), 21, "{}", told(&down, &issues));
}

#[test]
fn a_dead_resolver_is_one_issue() {
    let Some(mut world) = World::new("resolver") else { return };
    world.resolve(40);
    world.config(&(1..=40).map(|n| format!("n{n}.lab.test")).collect::<Vec<_>>(), "");
    good_round(&world);
    world.end_resolver();
    let dead = world.act(None);
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
    let lacking = world.act(Some(40));
    assert!(lacking.err.contains("concurrency lowered"), "{}", told(&lacking, &world.open()));
    assert_eq!(world.issues().len(), 0, "{}", told(&lacking, &world.open()));
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
    let blind = world.act(None);
    assert_eq!(world.open().len(), 1, "{}", told(&blind, &world.open()));
    std::thread::sleep(
        (made + Duration::from_secs(9)).saturating_duration_since(SystemClock.monotonic()),
    );
    let due = world.act(None);
    let issues = world.open();
    assert_eq!(issues.len(), 2, "{}", told(&due, &issues));
    let dated = issues.iter().find(|it| it.title.contains("certificate ends")).unwrap();
    assert!(dated.text.contains("last seen"), "{}", dated.text);
    let still = world.act(None);
    assert_eq!(world.open().len(), 2, "{}", told(&still, &world.open()));
    mend(&world);
    (0..2).for_each(|_| drop(world.act(None)));
    let seeing = world.act(None);
    let issues = world.open();
    assert_eq!(issues.len(), 1, "{}", told(&seeing, &issues));
    assert!(issues[0].title.contains("certificate ends"), "{}", told(&seeing, &issues));
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
    let first = world.act(None);
    drop(world.act(None));
    let second = world.act(None);
    let issues = world.open();
    assert!(issues.is_empty(), "{}\n{}", told(&first, &()), told(&second, &issues));
    assert_eq!(world.issues().len(), filed, "{}", told(&second, &world.issues()));
}
