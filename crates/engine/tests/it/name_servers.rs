//! Targets with name servers of their own: Unbound as the peer, which nobody here wrote.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, Severity};
use certvigil_report::PoolSeen;
use tempfile::TempDir;

use crate::rounds::{Line, settings};
use crate::served::{Maker, at, look_at, port, target};

/// A running `unbound`, which ends with this value.
struct Unbound {
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Unbound {
    /// Without a way to any other server: what it does not know is SERVFAIL.
    #[expect(clippy::disallowed_methods, reason = "a test starts its own peer")]
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free();
        let config = CONFIG
            .replace("{port}", &address.port().to_string())
            .replace("{folder}", &folder.path().display().to_string())
            .replace("{many}", &(1..=20).map(many).collect::<String>());
        let file = folder.path().join("unbound.conf");
        fs::write(&file, config).unwrap();
        let child = Command::new("/usr/sbin/unbound")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("apt-get install unbound: {error}"));
        let begun = SystemClock.monotonic();
        while TcpStream::connect(address).is_err() {
            assert!(SystemClock.monotonic() - begun < Duration::from_secs(20), "unbound is silent");
            thread::yield_now();
        }
        Self { address, child, _folder: folder }
    }
}

impl Drop for Unbound {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free for both transports.
fn free() -> SocketAddr {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

fn many(host: u8) -> String {
    format!("  local-data: \"many.served.test. A 127.0.0.{host}\"\n")
}

/// Questions that it asks others go to a port where nobody is, over TCP, which is told at once.
const CONFIG: &str = r#"server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: ""
  directory: "{folder}"
  use-syslog: no
  do-not-query-localhost: no
  tcp-upstream: yes
  module-config: "iterator"
  local-zone: "test." nodefault
  local-zone: "served.test." static
  local-data: "www.served.test. A 127.0.0.1"
  local-data: "both.served.test. A 127.0.0.1"
  local-data: "both.served.test. AAAA 2001:db8::1"
{many}
  local-zone: "refused.test." always_refuse
  local-zone: "silent.test." deny
  local-zone: "half.test." typetransparent
  local-data: "www.half.test. A 127.0.0.1"
forward-zone:
  name: "half.test."
  forward-addr: 127.0.0.1@9
forward-zone:
  name: "broken.test."
  forward-addr: 127.0.0.1@9
"#;

/// The lines for `names`, found by `unbound`, and what is said of each target beside them.
fn look_up(unbound: &Unbound, names: &[&str], port: u16) -> (Vec<Line>, Vec<&'static str>) {
    let targets = names.iter().map(|name| {
        target(&format!("{name}:{port}#www.example.org"), |target| {
            target.options.resolvers = vec![unbound.address];
            target.options.deadline = Some(Duration::from_secs(4));
            if name.starts_with("label.") {
                target.options.wildcard = Some(name.replacen("label", "*", 1));
            }
        })
    });
    let (_, told) = look_at(settings(Duration::from_secs(20), 16), targets.collect());
    let beside = told.of_targets().into_iter();
    let beside = beside.filter(|found| found.severity > Severity::Info).map(|found| found.id);
    (told.lines(), beside.collect())
}

#[test]
fn each_answer_of_a_real_name_server_is_told_as_what_it_is() {
    let unbound = Unbound::start();
    let (maker, port) = (Maker::new(), port());
    maker.serve(at(1, port), &maker.certificate(&["www.example.org"], (2026, 3)));
    for (name, outcome, reason, beside) in [
        ("www.served.test", "captured", "", &[][..]),
        ("none.served.test", "unresolved", "the name does not exist (NXDOMAIN)", &[]),
        ("x.refused.test", "unresolved", "the name server answered with an error: ", &[]),
        ("x.broken.test", "unresolved", "the name server answered with an error: ", &[]),
        ("x.silent.test", "unresolved", "no name server answered within 2 s", &[]),
        ("www.half.test", "captured", "", &["partly-resolved"]),
    ] {
        let (lines, found) = look_up(&unbound, &[name], port);
        let [line] = &lines[..] else { panic!("{name}: {lines:?}") };
        assert_eq!(line.outcome, outcome, "{name}: {line:?}");
        assert!(line.reason.starts_with(reason), "{name}: {}", line.reason);
        assert_eq!(found, beside, "{name}");
    }
}

#[test]
fn a_name_with_many_addresses_is_a_pool() {
    let unbound = Unbound::start();
    let (maker, port) = (Maker::new(), port());
    let certificate = maker.certificate(&["www.example.org"], (2026, 3));
    (1..=20).for_each(|host| maker.serve(at(host, port), &certificate));
    let (lines, _) = look_up(&unbound, &["many.served.test"], port);
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((line.pool, line.verdict), (Some(PoolSeen { seen: 16, of: 20 }), "ok"));
    let mut places: Vec<_> = line.presented.iter().filter_map(|one| one.address).collect();
    places.dedup();
    assert_eq!(places.len(), 16, "{places:?}");
}

#[test]
fn a_label_that_is_not_there_comes_with_what_to_do() {
    let (lines, _) = look_up(&Unbound::start(), &["label.served.test"], 443);
    assert_eq!(lines[0].outcome, "unresolved");
    let hint = lines[0].findings[0].hint.as_deref();
    assert_eq!(hint, Some("set `label` to a name below *.served.test that exists"));
}
