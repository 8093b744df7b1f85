//! A thousand certificates that end soon, all in the first round.

use std::fmt::Write as _;
use std::fs;

use certvigil_lab::tracker::{LabIssue, LabTls};
use serde_json::Value;

use crate::act::world::{Lab, World, count, counts};
use crate::command::{Peer, free_port, run};
use crate::starttls::is_here;

const MANY: usize = 1000;
/// New issues a round, and an hour, where the config says nothing.
const BRAKE: usize = 20;
const AN_HOUR: usize = 60;

#[test]
fn a_first_round_that_finds_a_thousand_makes_one_list_of_them() {
    if !is_here("nginx") {
        return;
    }
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let many = Many::new(&world);
    world.config(&many.targets, "");
    let _nginx = many.serve(&world, |number| format!("{number}.chain.pem"));
    let store = world.authority.path("store.db");
    let store = ["--store", store.to_str().unwrap()];

    let first = world.act(&store);
    assert_eq!(first.code, Some(1), "{}: {}", counts(&first), first.err);
    assert_eq!((count(&first, "filed"), count(&first, "held")), (1, MANY as u64), "{}", first.err);
    let issues = lab.issues();
    let [list] = issues.as_slice() else { panic!("{} issues", issues.len()) };
    let held = keys(&store);
    assert_eq!(held.len(), MANY);
    for key in &held {
        assert!(list.text.contains(&key[..8]), "{key} is not in the list: {}", list.text);
    }
    assert!(list.text.len() < 65_536, "GitHub takes no more: {}", list.text.len());
}

#[test]
fn a_thousand_that_go_bad_in_one_round_are_one_list_and_as_many_issues_as_the_brake_allows() {
    if !is_here("nginx") {
        return;
    }
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let many = Many::new(&world);
    world.config(&many.targets, "");
    let store = world.authority.path("store.db");
    let store = ["--store", store.to_str().unwrap()];
    world.authority.leaf("good", "ec", &["DNS:*.lab.test"], 90);
    let nginx = many.serve(&world, |_| "good.chain.pem".to_owned());
    let good = world.act(&store);
    assert_eq!((good.code, lab.issues().len()), (Some(0), 0), "{}: {}", counts(&good), good.err);
    drop(nginx);

    let _nginx = many.serve(&world, |number| format!("{number}.chain.pem"));
    for (round, own) in [(1, BRAKE), (2, 2 * BRAKE), (3, 3 * BRAKE), (4, AN_HOUR)] {
        let ran = world.act(&store);
        assert_eq!(count(&ran, "not-confirmed"), 0, "round {round}: {}: {}", counts(&ran), ran.err);
        let issues = lab.issues();
        let (of_their_own, lists): (Vec<_>, Vec<_>) =
            issues.iter().partition(|issue| is_own(issue));
        assert_eq!((of_their_own.len(), lists.len()), (own, 1), "round {round}: {}", counts(&ran));
        assert_eq!(count(&ran, "held"), (MANY - own) as u64, "round {round}");
        let of_list = &lists[0].text;
        let missing: Vec<_> =
            keys(&store).into_iter().filter(|key| !of_list.contains(&key[..8])).collect();
        assert!(missing.is_empty(), "round {round}: not in the list: {missing:?}");
    }
    assert!(lab.issues().iter().all(|issue| issue.open), "none double, so none was closed");
    let issues = lab.issues();
    let labels =
        issues.iter().flat_map(|issue| &issue.labels).filter(|label| *label != "certvigil");
    let mut keys: Vec<_> = labels.collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all, "none is double");
}

/// The keys of what is held, as the store tells them.
fn keys(store: &[&str]) -> Vec<String> {
    let listed = run(&[&["incidents", "list", "--format", "json"], store].concat());
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let all = listed["incidents"].as_array().unwrap().iter();
    let held = all.filter(|one| one["issue"]["state"] == "held");
    held.map(|one| one["key"].as_str().unwrap().to_owned()).collect()
}

fn is_own(issue: &LabIssue) -> bool {
    issue.title.contains(": certificate ends ")
}

/// As many addresses of loopback behind one nginx, and as many certificates, each with a serial number of its own.
struct Many {
    port: u16,
    at: Vec<String>,
    targets: Vec<String>,
}

impl Many {
    fn new(world: &World) -> Self {
        let authority = &world.authority;
        world.certificate("many", 20);
        fs::write(authority.path("serial"), "100000").unwrap();
        let mut arguments: Vec<&str> =
            "ca -batch -notext -config ca.cnf -keyfile int.key -cert int.pem -days 20 \
            -extfile many.ext -infiles"
                .split_whitespace()
                .collect();
        arguments.extend([const { "many.csr" }; MANY]);
        authority.openssl(&arguments);
        let issuer = fs::read_to_string(authority.path("int.pem")).unwrap();
        for number in 0..MANY {
            let own = authority.path(&format!("{:X}.pem", 0x10_0000 + number));
            let chain = fs::read_to_string(own).unwrap() + &issuer;
            fs::write(authority.path(&format!("{number}.chain.pem")), chain).unwrap();
        }
        let port = free_port();
        let at = |number: usize| format!("127.9.{}.{}:{port}", number / 250, number % 250 + 1);
        let at: Vec<String> = (0..MANY).map(at).collect();
        let target = |(number, at): (usize, &String)| format!("{at}#n{number}.lab.test");
        let targets = at.iter().enumerate().map(target).collect();
        Self { port, at, targets }
    }

    /// Each address shows the chain that `chain` names, with the key of the same name.
    fn serve(&self, world: &World, chain: impl Fn(usize) -> String) -> Peer {
        let (authority, port) = (&world.authority, self.port);
        let folder = authority.folder().display().to_string();
        let mut servers = String::new();
        for (number, at) in self.at.iter().enumerate() {
            let chain = chain(number);
            let key = if chain.starts_with("good") { "good.key" } else { "many.key" };
            writeln!(
                servers,
                "server {{ listen {at} ssl; ssl_certificate {folder}/{chain}; ssl_certificate_key {folder}/{key}; }}"
            )
            .unwrap();
        }
        let config = format!(
            "daemon off;\npid {folder}/nginx.pid;\nerror_log stderr;\nworker_processes 1;\nworker_rlimit_nofile 8192;\n\
             events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n\
             client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;\n\
             uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;\n\
             server {{ listen 127.0.0.1:{port}; }}\n{servers}}}\n"
        );
        let path = authority.path("nginx.conf");
        fs::write(&path, config).unwrap();
        let arguments = ["-c", path.to_str().unwrap()];
        Peer::start("/usr/sbin/nginx", &arguments, authority.folder(), port)
    }
}
