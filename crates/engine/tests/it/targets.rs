//! What an inventory line may ask for, over real servers: addresses, pools, wildcards, families.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use certvigil_model::{
    Addresses, Adjustment, Clock, Datum, Finding, Fingerprint, Origin, Policy, Severity, Target,
};
use certvigil_report::PoolSeen;

use crate::rounds::{Hooked, Line, settings};
use crate::served::{Maker, at, look_at, look_with, port, target};

const AMPLE: Duration = Duration::from_secs(10);

/// A target for `www.example.org` at these addresses of loopback.
fn at_hosts(hosts: &[u8], port: u16, edit: impl FnOnce(&mut Target)) -> Target {
    target(&format!("www.example.org:{port}"), |target| {
        let addresses = hosts.iter().map(|host| at(*host, port).ip()).collect();
        target.options.addresses = Addresses::These(addresses);
        edit(target);
    })
}

fn finding<'a>(line: &'a Line, id: &str) -> &'a Finding {
    line.findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("{line:?}"))
}

fn texts(datum: &Datum) -> Vec<String> {
    let Datum::List(list) = datum else { panic!("{datum:?}") };
    list.iter().map(|datum| format!("{datum:?}")).collect()
}

#[test]
fn a_pool_is_one_endpoint_with_the_worst_of_its_addresses() {
    let (maker, port) = (Maker::new(), port());
    let (good, old) = (
        maker.certificate(&["www.example.org"], (2026, 3)),
        maker.certificate(&["www.example.org"], (2025, 3)),
    );
    maker.serve(at(1, port), &good);
    maker.serve(at(3, port), &old);
    maker.serve(at(4, port), &good);
    let pool = at_hosts(&[1, 2, 3, 4], port, |target| target.options.pool = Some(true));
    let id = pool.endpoint(None, None).id();
    let (checked, told) = look_at(settings(AMPLE, 8), vec![pool]);
    let [line] = &told.lines()[..] else { panic!("{:?}", told.lines()) };
    assert_eq!((line.endpoint.id(), line.endpoint.address), (id, None));
    assert_eq!(line.pool, Some(PoolSeen { seen: 3, of: 4 }));
    assert_eq!((line.outcome, line.verdict), ("captured", "critical"));
    let expired = finding(line, "expired");
    assert_eq!(expired.certificate, Some(Fingerprint::of(&old)));
    assert!(expired.message.ends_with(&format!("(at {})", at(3, port))), "{}", expired.message);
    let lost = finding(line, "pool-partly-seen");
    assert_eq!(lost.severity, Severity::Warning);
    assert!(lost.message.contains(&format!("{}, the connection was refused", at(2, port))));
    let shown: Vec<_> = line.presented.iter().map(|one| (one.address, one.chain.len())).collect();
    let want = [(1, 1), (3, 1), (4, 1), (2, 0)].map(|(host, n)| (Some(at(host, port)), n));
    assert_eq!(shown, want, "what was seen comes first");
    let closed = told.closed();
    assert_eq!((closed.expected, closed.attempted, closed.checked), (1, 1, 1));
    assert_eq!(closed.bound, AMPLE + Duration::from_secs(1), "four looks at once");
    assert!(!checked.we_failed);
    let differ = told.of_targets().into_iter().find(|found| found.id == "addresses-differ");
    assert_eq!(differ.map(|found| found.severity), Some(Severity::Info), "a pool may differ");
}

#[test]
fn of_a_pool_that_nobody_has_seen_nothing_is_known() {
    let port = port();
    let pool = at_hosts(&[1, 2], port, |target| target.options.pool = Some(true));
    let (_, told) = look_at(settings(AMPLE, 8), vec![pool]);
    let [line] = &told.lines()[..] else { panic!("{:?}", told.lines()) };
    assert_eq!((line.outcome, line.verdict), ("refused", "unknown"));
    assert_eq!(line.pool, Some(PoolSeen { seen: 0, of: 2 }));
    assert!(line.reason.starts_with("none of the 2 addresses looked at showed"), "{}", line.reason);
}

/// One of a pool's looks never comes back: the others count, and what it hides is unknown.
#[test]
fn a_look_that_hangs_hides_nothing_else_of_its_pool() {
    let (maker, port) = (Maker::new(), port());
    let good = maker.certificate(&["www.example.org"], (2026, 3));
    (1..=4).for_each(|host| maker.serve(at(host, port), &good));
    let pool = at_hosts(&[1, 2, 3, 4], port, |target| target.options.pool = Some(true));
    let deadline = Duration::from_secs(1);
    let (_, told) = look_with(settings(deadline, 8), hanging_once(), vec![pool]);
    let [line] = &told.lines()[..] else { panic!("{:?}", told.lines()) };
    assert_eq!((line.pool, line.verdict), (Some(PoolSeen { seen: 3, of: 4 }), "unknown"));
    assert!(finding(line, "pool-partly-seen").message.contains("our own delay"));
}

/// A look that hangs must not take along what the other addresses show together.
#[test]
fn a_look_that_hangs_does_not_hide_that_addresses_differ() {
    let (maker, port) = (Maker::new(), port());
    for host in 1..=4 {
        let begins = if host == 1 { (2026, 2) } else { (2026, 3) };
        maker.serve(at(host, port), &maker.certificate(&["www.example.org"], begins));
    }
    let deadline = Duration::from_secs(1);
    let targets = vec![at_hosts(&[1, 2, 3, 4], port, |_| {})];
    let (_, told) = look_with(settings(deadline, 8), hanging_once(), targets);
    let lines = told.lines();
    let local = lines.iter().filter(|line| line.outcome == "local").count();
    assert_eq!((lines.len(), local), (4, 1), "{lines:?}");
    // Serial numbers are drawn, so each address shows a certificate of its own.
    let differ: Vec<_> = told.of_targets().into_iter().map(|found| found.id).collect();
    assert_eq!(differ, ["addresses-differ"]);
}

/// A clock on which one look hangs for ever; each has read it some five times before it waits for
/// the first time, so all four have begun by then.
fn hanging_once() -> Arc<dyn Clock> {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let is_done = AtomicBool::new(false);
    Arc::new(Hooked(move || {
        let is_worker = thread::current().name().is_some_and(|name| name.starts_with("tokio"));
        if is_worker
            && calls.fetch_add(1, Ordering::SeqCst) > 20
            && !is_done.swap(true, Ordering::SeqCst)
        {
            loop {
                thread::park();
            }
        }
    }))
}

#[test]
fn which_address_is_stale_is_told_with_its_certificate() {
    let (maker, port) = (Maker::new(), port());
    let (new, old) = (
        maker.certificate(&["www.example.org"], (2026, 3)),
        maker.certificate(&["www.example.org"], (2025, 9)),
    );
    maker.serve(at(1, port), &new);
    maker.serve(at(2, port), &old);
    let origin = Some(Origin { file: "certvigil.toml".to_owned(), line: 7 });
    let owned = at_hosts(&[1, 2], port, |target| {
        target.owner = Some("ops".to_owned());
        target.origin.clone_from(&origin);
    });
    let (_, told) = look_at(settings(AMPLE, 8), vec![owned]);
    let whose = told.said().into_iter().map(|said| (said.owner, said.origin));
    assert!(
        whose.eq([(Some("ops".to_owned()), origin)]),
        "who answers is told, and where it stands"
    );
    let [differ] = &told.of_targets()[..] else { panic!("{:?}", told.of_targets()) };
    assert_eq!((differ.id, differ.severity), ("addresses-differ", Severity::Warning));
    assert_eq!(texts(&differ.data["stale"]), [format!("Text(\"{}\")", at(2, port))]);
    let pair = |host: u8, certificate: &[u8]| {
        let id = Datum::Certificate(Fingerprint::of(certificate));
        Datum::List(vec![Datum::Text(at(host, port).to_string()), id])
    };
    assert_eq!(differ.data["shown"], Datum::List(vec![pair(1, &new), pair(2, &old)]));
}

#[test]
fn a_wildcard_is_judged_by_the_name_it_is_looked_at_through() {
    let (maker, port) = (Maker::new(), port());
    let wild = |host: u8, label: &str| {
        target(&format!("{label}.apps.example.org:{port}"), |target| {
            target.options.addresses = Addresses::These(vec![at(host, port).ip()]);
            target.options.wildcard = Some("*.apps.example.org".into());
        })
    };
    maker.serve(at(1, port), &maker.certificate(&["*.apps.example.org"], (2026, 3)));
    maker.serve(at(2, port), &maker.certificate(&["b.apps.example.org"], (2026, 3)));
    maker.serve(at(3, port), &maker.certificate(&["*.example.org"], (2026, 3)));
    let targets = vec![wild(1, "a"), wild(2, "b"), wild(3, "c")];
    let (_, told) = look_at(settings(AMPLE, 8), targets);
    let mut lines = told.lines();
    lines.sort_by_key(|line| line.endpoint.address);
    let ids = |line: &Line| -> Vec<&str> {
        let told = line.findings.iter().filter(|finding| finding.severity > Severity::Info);
        told.map(|finding| finding.id).collect()
    };
    assert_eq!(ids(&lines[0]), Vec::<&str>::new());
    assert_eq!(ids(&lines[1]), ["wildcard-not-held"]);
    assert_eq!(ids(&lines[2]), ["name-mismatch"]);
    let through: Vec<_> = told.of_targets().into_iter().map(|found| found.id).collect();
    assert_eq!(through, ["looked-at-through-label"; 3]);
    let findings = told.closed().findings;
    let [unwatched] = &findings[..] else { panic!("{findings:?}") };
    let message = &unwatched.finding.message;
    assert!(message.ends_with(" that no target covers: *.example.org"), "{message}");
}

#[test]
fn a_certificate_in_trouble_tells_how_many_names_it_takes_along() {
    let (maker, port) = (Maker::new(), port());
    let names = ["a.example.org", "b.example.org", "c.example.org"];
    maker.serve(at(1, port), &maker.certificate(&names, (2025, 3)));
    let targets = names.map(|name| target(&format!("{}#{name}", at(1, port)), |_| {}));
    let (_, told) = look_at(settings(AMPLE, 8), targets.into());
    let findings = told.closed().findings;
    let shared: Vec<_> = findings.iter().map(|found| found.finding.message.as_str()).collect();
    assert_eq!(shared.len(), 1, "{shared:?}");
    assert!(shared[0].contains("(expired) are 3 watched names: a.example.org, b."), "{shared:?}");
}

#[test]
fn a_family_that_is_asked_for_and_missing_makes_the_target_unknown() {
    let (maker, port) = (Maker::new(), port());
    maker.serve(at(1, port), &maker.certificate(&["www.example.org"], (2026, 3)));
    let wanted = at_hosts(&[1], port, |target| target.options.families = vec![4, 6]);
    let (_, told) = look_at(settings(AMPLE, 8), vec![wanted]);
    let mut lines = told.lines();
    lines.sort_by_key(|line| line.endpoint.address);
    let outcomes: Vec<_> = lines.iter().map(|line| (line.outcome, line.verdict)).collect();
    assert_eq!(outcomes, [("unresolved", "unknown"), ("captured", "ok")]);
    assert!(lines[0].reason.contains("no IPv6 address, and the target asks for family 6"));
    assert_eq!(told.closed().expected, 2);
}

#[test]
fn what_is_left_for_another_round_is_told() {
    let (maker, port) = (Maker::new(), port());
    let good = maker.certificate(&["localhost"], (2026, 3));
    maker.serve(at(1, port), &good);
    // The hosts file of any machine has the one, of most both.
    let one = target(&format!("localhost:{port}"), |target| {
        target.options.addresses = Addresses::Some(1);
    });
    let (_, told) = look_at(settings(AMPLE, 8), vec![one]);
    assert_eq!(told.lines().len(), 1);
    let listed = std::fs::read_to_string("/etc/hosts").unwrap();
    let addresses: std::collections::BTreeSet<IpAddr> = listed
        .lines()
        .filter_map(|line| line.split('#').next())
        .filter(|line| line.split_whitespace().skip(1).any(|name| name == "localhost"))
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    let left = told.of_targets().iter().filter(|found| found.id == "addresses-left-out").count();
    let out_of_reach = told.closed().not_looked.len();
    assert_eq!(left + out_of_reach, addresses.len() - 1, "{addresses:?}");
}

#[test]
fn a_targets_own_deadline_and_policy_come_before_the_rounds() {
    let (maker, port) = (Maker::new(), port());
    maker.serve(at(1, port), &maker.certificate(&["www.example.org"], (2025, 3)));
    let silent = std::net::TcpListener::bind(at(2, port)).unwrap();
    let adjustment =
        Adjustment { finding: "expired".into(), severity: None, reason: "a test's".into() };
    let policy = Policy { adjustments: vec![adjustment], ..Policy::default() };
    let own = at_hosts(&[1], port, |target| target.options.policy = Some(Arc::new(policy)));
    let brief = at_hosts(&[2], port, |target| {
        target.options.deadline = Some(Duration::from_millis(500));
    });
    let mut settings = settings(AMPLE, 8);
    settings.deadline = None;
    let (_, told) = look_at(settings, vec![own, brief]);
    let mut lines = told.lines();
    lines.sort_by_key(|line| line.endpoint.address);
    assert_eq!((lines[0].outcome, lines[0].verdict), ("captured", "ok"), "{lines:?}");
    assert_eq!((lines[1].outcome, lines[1].verdict), ("timeout", "unknown"));
    assert!(lines[1].elapsed < Duration::from_secs(1), "{:?}", lines[1].elapsed);
    assert_eq!(told.closed().bound, Duration::from_secs(11), "ten for a service without a word");
    drop(silent);
}
