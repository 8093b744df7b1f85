//! The time of real and of strange servers.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_fetch::ntp::{NtpError, ask};
use certvigil_model::Clock as _;

/// chronyd, which has no time but this machine's; it ends with the test.
struct Chrony {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Chrony {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Chrony {
    /// None, and said aloud, where it is not installed.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn start(stratum: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.path().display();
        let config = format!(
            "port {port}\ncmdport 0\nbindaddress 127.0.0.1\nallow 127.0.0.1\n{stratum}\ndriftfile {at}/drift\npidfile {at}/pid\n"
        );
        let file = folder.path().join("chrony.conf");
        std::fs::write(&file, config).unwrap();
        // -x: the system's clock is left alone.
        let mut command = Command::new("/usr/sbin/chronyd");
        command.args(["-x", "-d", "-U", "-f"]).arg(&file);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(child) = child else {
            eprintln!("SKIPPED: chronyd, it is not installed");
            return None;
        };
        Some(Self { child, port, _folder: folder })
    }

    fn server(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

#[test]
fn a_real_server_tells_its_time() {
    let Some(chrony) = Chrony::start("local stratum 5") else { return };
    let by = within(20);
    let told = loop {
        match ask(&chrony.server(), by.min(within(1))) {
            Ok(told) => break told,
            Err(error) => assert!(Instant::now() < by, "{error:?}"),
        }
        thread::sleep(Duration::from_millis(50));
    };
    let apart = told.theirs.millis() - told.ours.millis();
    assert!(apart.abs() < 1000, "both are this machine's clock: {apart} ms");
    assert!((SystemClock.wall().millis() - told.ours.millis()).abs() < 10_000);
}

#[test]
fn a_real_server_that_has_no_time_is_not_believed() {
    let Some(chrony) = Chrony::start("") else { return };
    let by = within(20);
    loop {
        match ask(&chrony.server(), by.min(within(1))) {
            Err(NtpError::Untold { why, .. }) => {
                assert_eq!(why, "asks not to be asked");
                return;
            }
            Ok(told) => panic!("{told:?}"),
            Err(_) => assert!(Instant::now() < by, "it does not answer at all"),
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_silent_or_lying_server_is_over_in_time() {
    for answer in [None, Some(vec![0x24; 48]), Some(vec![0x24; 7])] {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = server.local_addr().unwrap().to_string();
        let answering = thread::spawn(move || {
            let mut bytes = [0; 100];
            server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let (_, peer) = server.recv_from(&mut bytes).unwrap();
            for _ in 0..20 {
                if let Some(answer) = &answer {
                    let _ = server.send_to(answer, peer);
                }
                thread::sleep(Duration::from_millis(50));
            }
        });
        let begun = Instant::now();
        let told = ask(&at, begun + Duration::from_millis(300));
        assert!(matches!(told, Err(NtpError::Silent { .. })), "{told:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        answering.join().unwrap();
    }
}

/// The first question is lost, the second is answered.
#[test]
fn a_lost_datagram_is_sent_again() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = server.local_addr().unwrap().to_string();
    let answering = thread::spawn(move || {
        let mut question = [0; 48];
        server.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        server.recv_from(&mut question).unwrap();
        let (_, peer) = server.recv_from(&mut question).unwrap();
        let mut answer = [0; 48];
        (answer[0], answer[1]) = (0x24, 2);
        answer[24..32].copy_from_slice(&question[40..]);
        // 2036-02-07T06:28:16Z and a little: the next era of RFC 4330 section 3.
        answer[43] = 1;
        server.send_to(&answer, peer).unwrap();
    });
    let told = ask(&at, Instant::now() + Duration::from_secs(10)).unwrap();
    assert_eq!(told.theirs.to_string().get(..10), Some("2036-02-07"));
    answering.join().unwrap();
}
