//! A disk that fills up while the program works: what could not be kept is told, nothing is lost or doubled.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::LabTls;
use certvigil_model::Clock as _;

use crate::act::world::{Lab, World};
use crate::command::{Ran, ran, skipped};

/// A file system in memory, of 4 MiB, that only those see who enter the namespace of `holder`.
struct Disk {
    holder: Child,
    at: PathBuf,
}

impl Disk {
    /// None, loudly, where it cannot be had.
    #[expect(clippy::disallowed_methods, reason = "tests start what they need")]
    fn new(world: &World) -> Option<Self> {
        let at = world.authority.path("disk");
        fs::create_dir(&at).unwrap();
        let script = "mount -t tmpfs -o size=4m none \"$0\" && echo there && exec cat";
        let mut holder = Command::new("unshare")
            .args(["-m", "sh", "-c", script])
            .arg(&at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let disk = Self { holder, at };
        if line.is_empty() {
            skipped("a disk that fills up: a mount namespace cannot be had (unshare -m, as root)");
            return None;
        }
        Some(disk)
    }

    /// A file on it, as those see it who are not inside.
    fn file(&self, name: &str) -> PathBuf {
        let folder = self.at.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(folder).join(name)
    }

    /// Takes all but `left` bytes.
    fn fill(&self, left: u64) {
        let free = rustix::fs::statvfs(self.file("")).unwrap();
        let bytes = (free.f_bavail * free.f_frsize).saturating_sub(left);
        fs::write(self.file("filler"), vec![0; usize::try_from(bytes).unwrap()]).unwrap();
    }

    fn free(&self) {
        fs::remove_file(self.file("filler")).unwrap();
    }

    /// `command`, inside.
    #[expect(clippy::disallowed_methods, reason = "tests start what they test")]
    fn run(&self, command: &Command) -> Ran {
        let mut inside = Command::new("nsenter");
        inside.args(["-m", "-t", &self.holder.id().to_string(), "--"]);
        inside.arg(command.get_program()).args(command.get_args()).env_clear();
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        inside.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
        ran(inside.output().unwrap())
    }

    fn act(&self, world: &World) -> Ran {
        let (store, report) = (self.at.join("store.db"), self.at.join("report.ndjson"));
        let report = format!("ndjson={}", report.display());
        let more = ["--store", store.to_str().unwrap(), "--format", &report];
        self.run(&world.command(world.authority.folder(), &more))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[test]
fn a_disk_that_fills_up_in_a_round_is_told_and_nothing_is_lost_or_doubled() {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let Some(disk) = Disk::new(&world) else { return };
    let (mut targets, mut servers) = (Vec::new(), Vec::new());
    let mut failed = 0;
    for (number, left) in [0, 4, 12, 24, 48, 96, 192, 384].into_iter().enumerate() {
        let name = format!("n{number}");
        world.certificate(&name, 20);
        let server = world.serve(&name);
        targets.push(server.target(&name));
        servers.push(server);
        world.config(&targets, "[limits]\nnew_issues_per_round = 1000\nnew_issues_per_hour = 1000");
        disk.fill(left << 10);
        let full = disk.act(&world);
        if full.code == Some(2) {
            failed += 1;
            let told = [&full.err, &full.out].into_iter().any(|it| it.contains("on a full disk"));
            assert!(told, "{left} KiB left: {}", full.told());
        }
        disk.free();
    }
    assert!(failed >= 3, "only {failed} runs met a full disk");
    let last = when_leases_are_over(&disk, &world);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for issue in lab.issues().iter().filter(|issue| issue.open) {
        let key = issue.labels.iter().find(|label| *label != "certvigil").unwrap();
        *open.entry(key.clone()).or_default() += 1;
    }
    assert_eq!(open.len(), targets.len(), "{open:?}: {}", last.told());
    assert!(open.values().all(|count| *count == 1), "{open:?}: {}", last.told());
    let store = disk.at.join("store.db");
    let verified = disk.run(&crate::command::certvigil(&[
        "journal",
        "verify",
        "--store",
        store.to_str().unwrap(),
    ]));
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}

/// What was begun and could not be ended is nobody else's for the time of its lease.
fn when_leases_are_over(disk: &Disk, world: &World) -> Ran {
    let until = SystemClock.monotonic() + Duration::from_secs(150);
    loop {
        let ran = disk.act(world);
        if ran.json()["round"]["acted"]["proven"] == true {
            return ran;
        }
        assert!(SystemClock.monotonic() < until, "{}", ran.told());
        std::thread::sleep(Duration::from_secs(5));
    }
}
