//! A certificate is rolled out over two addresses while a job that keeps nothing looks once an hour.

use std::path::Path;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::{LabIssue, LabTls};
use certvigil_model::Clock as _;

use crate::act::clock::{FAKETIME, faked};
use crate::act::world::{Lab, World, counts};
use crate::command::{Peer, Ran, free_port, skipped};

const NAME: &str = "www.lab.test";

/// Two servers of one name.
struct Pair {
    lab: Lab,
    world: World,
    port: u16,
    peers: [Option<Peer>; 2],
}

impl Pair {
    fn new() -> Self {
        let lab = Lab::new(LabTls::None);
        let world = World::new(lab.desk());
        world.certificate("before", 90);
        world.certificate("after", 91);
        let port = free_port();
        world.config(&[format!("{NAME}:{port}")], "");
        let mut pair = Self { lab, world, port, peers: [None, None] };
        pair.give(0, "before");
        pair.give(1, "before");
        pair
    }

    /// The server at `127.0.0.1` or `127.0.0.2` shows `certificate` from now on.
    #[expect(clippy::disallowed_methods, reason = "tests dial the peers that they start")]
    fn give(&mut self, which: usize, certificate: &str) {
        self.peers[which] = None;
        let at = format!("127.0.0.{}:{}", which + 1, self.port);
        let [file, key] = [".pem", ".key"].map(|suffix| format!("{certificate}{suffix}"));
        let options = ["-cert", &file, "-key", &key, "-cert_chain", "int.pem", "-quiet"];
        let arguments = [&["s_server", "-accept", &at][..], &options].concat();
        let folder = self.world.authority.folder();
        let peer = Peer::start_unheard("openssl", &arguments, folder, self.port);
        let until = SystemClock.monotonic() + Duration::from_secs(20);
        while std::net::TcpStream::connect(&at).is_err() {
            assert!(SystemClock.monotonic() < until, "{at} does not listen");
            std::thread::yield_now();
        }
        self.peers[which] = Some(peer);
    }

    /// A run in an empty folder, so many minutes after the third day of both certificates.
    fn run(&self, minutes: u32) -> Ran {
        let folder = tempfile::tempdir().unwrap();
        let to = [1, 2].map(|which| format!("{NAME}:{}:127.0.0.{which}", self.port));
        let offset = format!("+{}m", 3 * 1440 + minutes);
        let more = ["--resolve", &to[0], "--resolve", &to[1]];
        let ran = faked(&self.world, folder.path(), Some(&offset), &more);
        let report = ran.json();
        assert_eq!(report["round"]["checked"], 2, "{}", ran.told());
        ran
    }

    /// Issues that are open, those of notes left out.
    fn told(&self) -> Vec<LabIssue> {
        let is_told = |it: &LabIssue| it.open && !it.title.contains("notes");
        self.lab.issues().into_iter().filter(is_told).collect()
    }
}

fn can_run() -> bool {
    let is_there = Path::new(FAKETIME).exists();
    if !is_there {
        skipped(&format!("{FAKETIME} is absent: hours do not pass"));
    }
    is_there
}

/// Quiet for two hours, told after them, closed when both addresses show the same.
#[test]
fn a_roll_out_that_nobody_ends_is_told_by_runs_that_keep_nothing() {
    if !can_run() {
        return;
    }
    let mut pair = Pair::new();
    assert_eq!(&*counts(&pair.run(0)), "", "both are the same");
    assert_eq!(pair.lab.issues().len(), 0);
    pair.give(1, "after");
    for minutes in [60, 120, 179] {
        let ran = pair.run(minutes);
        assert_eq!((ran.code, pair.told()), (Some(1), vec![]), "{minutes}: {}", ran.told());
    }
    let notes = pair.lab.issues();
    assert_eq!((notes.len(), &*notes[0].comments), (1, &[][..]), "{notes:#?}");
    assert_eq!(notes[0].title, "certvigil: its notes, to be left open");

    let ran = pair.run(181);
    assert_eq!((ran.code, &*counts(&ran)), (Some(1), "filed 1, standing 1"), "{}", ran.told());
    let told = pair.told();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].title.contains("addresses serve different certificates"), "{}", told[0].title);
    let standing = pair.run(240);
    assert_eq!((standing.code, &*counts(&standing)), (Some(1), "standing 2"));
    assert_eq!(pair.told(), told);

    pair.give(0, "after");
    assert_eq!((pair.run(300).code, pair.told().len()), (Some(0), 1), "one good run is no proof");
    let closing = pair.run(360);
    assert_eq!((closing.code, pair.told().len()), (Some(0), 0), "{}", closing.told());
    let notes = pair.lab.issues();
    assert_eq!((notes.len(), notes[0].open), (2, true));
    assert_eq!(notes[0].comments, [], "nobody hears of what is only noted");
}

/// A real one, over within two hours; the next begins anew.
#[test]
fn a_roll_out_that_ends_in_time_is_never_told() {
    if !can_run() {
        return;
    }
    let mut pair = Pair::new();
    pair.give(1, "after");
    pair.run(0);
    pair.run(60);
    pair.give(0, "after");
    assert_eq!(pair.run(119).code, Some(0));
    pair.give(1, "before");
    for minutes in [180, 240, 299] {
        let ran = pair.run(minutes);
        assert_eq!(pair.told(), [], "{minutes}: {}", ran.told());
    }
    assert_eq!(pair.lab.issues().len(), 1);
    pair.run(301);
    assert_eq!(pair.told().len(), 1);
}
