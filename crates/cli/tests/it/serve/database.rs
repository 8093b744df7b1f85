//! One service for a database, however its connection fares.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use super::{Ground, Serving};
use crate::command::{Peer, certvigil, free_port, ran, skipped};
use crate::openssl::Authority;
use crate::services::{cluster, start, unprivileged};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// The lock of whoever serves, as another program sees it: `certserv` in ASCII.
const LOCK: &str = "7162256626880442998";

struct Database {
    authority: Authority,
    _postgres: Peer,
    url: String,
}

impl Database {
    fn start() -> Option<Self> {
        if !Path::new(PROGRAMS).exists() {
            skipped("PostgreSQL 15 absent: who serves a database is not tried");
            return None;
        }
        let authority = Authority::new();
        authority.leaf("ec", "ec", &["IP:127.0.0.1"], 30);
        let port = free_port();
        let data = cluster(&authority, PROGRAMS, port);
        let postgres = format!("{PROGRAMS}/postgres");
        let arguments = unprivileged(&[&postgres, "-D", &data]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (postgres, _) = start(arguments[0], &arguments[1..], &authority, port);
        let url = format!("postgres://lab@127.0.0.1:{port}/postgres");
        Some(Self { authority, _postgres: postgres, url })
    }

    fn serve(&self, ground: &Ground) -> Command {
        let mut command = certvigil(&["serve", "--config", &ground.config()]);
        command.env("STORE_URL", &self.url);
        command
    }

    /// psql that does these one after the other in one session, until it is dropped.
    fn psql(&self, statements: &[&str]) -> Peer {
        let arguments = self.arguments(statements);
        Peer::start_unheard(&format!("{PROGRAMS}/psql"), &arguments, self.authority.folder(), 0)
    }

    /// The same, waiting for its end.
    #[expect(clippy::disallowed_methods, reason = "tests start the programs that they need")]
    fn done(&self, statements: &[&str]) {
        let mut psql = Command::new(format!("{PROGRAMS}/psql"));
        let ran = ran(psql.args(self.arguments(statements)).output().unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.told());
    }

    fn arguments<'a>(&'a self, statements: &[&'a str]) -> Vec<&'a str> {
        let statements = statements.iter().flat_map(|statement| ["-c", statement]);
        ["-X", "-q", self.url.as_str()].into_iter().chain(statements).collect()
    }
}

#[test]
fn of_two_on_one_database_one_is_refused_and_one_that_lost_it_says_so_and_does_nothing() {
    let Some(database) = Database::start() else { return };
    let ground = Ground::with_local_issues(1, "");
    let tracker = "kind = \"local\"\nfolder = \"issues\"";
    ground.write_over("url = \"env:STORE_URL\"", tracker, "");
    let mut serving = Serving::of(database.serve(&ground));
    serving.hear("filed: ");
    let second = ran(database.serve(&ground).output().unwrap());
    assert_eq!(second.code, Some(2), "{}", second.told());
    assert!(second.err.contains("/postgres is already served by process "), "{}", second.told());
    assert!(second.err.contains(" of certvigil at 127.0.0.1, since "), "{}", second.told());

    // Its connection dies, and nobody else takes it.
    let cut = format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND (classid::bigint << 32 | objid::bigint) = {LOCK}"
    );
    database.done(&[&cut]);
    serving.signal(Signal::HUP);
    serving.hear("was lost, and is there again");

    // It dies, and another one takes it.
    let take = format!("SELECT pg_advisory_lock({LOCK})");
    // It waits in the queue before the service loses it: who comes later does not get it first.
    let other = database.psql(&[&take, "SELECT pg_sleep(600)"]);
    let queued = format!(
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
         AND (classid::bigint << 32 | objid::bigint) = {LOCK}) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$"
    );
    database.done(&[&queued, &cut]);
    serving.signal(Signal::HUP);
    let told = serving.hear("nothing is done here");
    assert!(told.contains("is already served by process ") && told.contains("psql"), "{told}");
    // What would be looked at at once is not.
    let config = std::fs::read_to_string(ground.config()).unwrap();
    std::fs::write(ground.config(), format!("{config}# another\n")).unwrap();
    let heard = serving.heard.len();
    serving.signal(Signal::HUP);
    serving.hear("nothing is done here");
    // Its client's end alone does not end what the database does for it.
    database.done(&[&cut]);
    drop(other);
    serving.hear("was lost, and is there again");
    let between = &serving.heard[heard..];
    assert!(!between.iter().any(|line| line.contains("round over")), "{between:#?}");
    serving.hear("round over");
    assert_eq!(serving.end(Signal::TERM), Some(0));
}
