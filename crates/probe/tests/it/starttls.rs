//! Plaintext, then TLS, as a mail server sees it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use certvigil_model::{Asked, Endpoint, Outcome, Phase, Service};
use certvigil_probe::Settings;
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::identity::{Identity, speaks};
use crate::server::{Act, Server};
use crate::support::{AMPLE, endpoint, look, now, only, prober, with};

/// What a server heard on one connection, before and inside of TLS.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    plain: Vec<String>,
    inside: String,
}

/// An SMTP server that greets after `pause`, and answers STARTTLS by `go_ahead`.
struct Mail {
    pause: Duration,
    go_ahead: &'static str,
}

const GOOD: Mail = Mail { pause: Duration::ZERO, go_ahead: "220 go\r\n" };

impl Mail {
    fn start(self) -> (Server, Receiver<Heard>) {
        let config = Arc::new(speaks(&[&TLS13], &[&Identity::ecdsa()]));
        let (told, heard) = channel();
        let told = Mutex::new(told);
        let act: Act = Box::new(move |stream| self.meet(stream, &config, &told));
        (Server::start(vec![act]), heard)
    }

    fn meet(&self, stream: TcpStream, config: &Arc<ServerConfig>, told: &Mutex<Sender<Heard>>) {
        thread::sleep(self.pause);
        let mut heard = Heard::default();
        let mut lines = BufReader::new(stream);
        lines.get_mut().write_all(b"220 mail\r\n").unwrap();
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
            let answer = match line.split_whitespace().next() {
                Some("EHLO") => "250-mail\r\n250 STARTTLS\r\n",
                Some("STARTTLS") => self.go_ahead,
                _ => "221 bye\r\n",
            };
            lines.get_mut().write_all(answer.as_bytes()).unwrap();
            let begins = line == "STARTTLS\r\n" && answer.starts_with('2');
            heard.plain.push(line);
            if begins {
                heard.inside = inside(lines.into_inner(), config);
                break;
            }
        }
        let _ = told.lock().unwrap().send(heard);
    }
}

/// What comes over TLS, up to close_notify; all of it is answered.
fn inside(stream: TcpStream, config: &Arc<ServerConfig>) -> String {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut tls = StreamOwned::new(connection, stream);
    let (mut heard, mut buffer) = (String::new(), [0; 4096]);
    loop {
        match tls.read(&mut buffer) {
            Ok(0) => return heard + "<close_notify>",
            Ok(count) => {
                heard.push_str(str::from_utf8(&buffer[..count]).unwrap());
                tls.write_all(b"221 bye\r\n").unwrap();
            }
            Err(error) => return format!("{heard}<{error}>"),
        }
    }
}

fn mail(server: &Server) -> Endpoint {
    Endpoint { service: Service::Smtp, ..endpoint(server.address) }
}

#[test]
fn a_look_says_what_a_client_says_and_leaves_as_one() {
    let (server, heard) = GOOD.start();
    for _ in 0..20 {
        let capture = look(&prober(), &mail(&server), AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
        let want = Heard {
            plain: vec!["EHLO [127.0.0.1]\r\n".to_owned(), "STARTTLS\r\n".to_owned()],
            inside: "QUIT\r\n<close_notify>".to_owned(),
        };
        assert_eq!(heard.recv_timeout(AMPLE).unwrap(), want);
    }
}

#[test]
fn a_refused_look_leaves_in_plaintext_and_does_not_come_again() {
    let (server, heard) = Mail { go_ahead: "454 no\r\n", ..GOOD }.start();
    let ehlo_name = Some("monitor.example".parse().unwrap());
    let prober = with(Settings { connect_timeout: AMPLE, second_certificate: true, ehlo_name });
    let capture = look(&prober, &mail(&server), AMPLE);
    assert_eq!(capture.ended.outcome, Outcome::StarttlsRefused);
    assert_eq!(capture.ended.phase, Some(Phase::Starttls));
    assert_eq!(only(&capture).ended, capture.ended);
    let heard = heard.recv_timeout(AMPLE).unwrap();
    assert_eq!(heard.plain, ["EHLO monitor.example\r\n", "STARTTLS\r\n", "QUIT\r\n"]);
    assert_eq!(server.met(), 1);
}

/// The legacy hello has to pass the dialect as well.
#[test]
fn the_second_certificate_is_asked_for_behind_the_dialect() {
    let identities = (Identity::ecdsa(), Identity::rsa());
    let config = Arc::new(speaks(rustls::ALL_VERSIONS, &[&identities.0, &identities.1]));
    let (told, heard) = channel();
    let told = Mutex::new(told);
    let act: Act = Box::new(move |stream| GOOD.meet(stream, &config, &told));
    let server = Server::start(vec![act]);
    let ehlo_name = None;
    let prober = with(Settings { connect_timeout: AMPLE, second_certificate: true, ehlo_name });
    let capture = look(&prober, &mail(&server), AMPLE);
    let asked: Vec<_> = capture.presented.iter().map(|presented| presented.asked).collect();
    assert_eq!(asked, [Asked::Any, Asked::Rsa], "{:?}", capture.presented);
    assert!(capture.presented.iter().all(|presented| !presented.chain.is_empty()));
    for _ in 0..2 {
        assert_eq!(heard.recv_timeout(AMPLE).unwrap().plain.len(), 2);
    }
}

/// Somebody who adds to what a server says must not be able to have it forgotten by breaking the
/// connection off.
#[test]
fn what_was_injected_stays_told_when_a_second_try_goes_well() {
    let config = Arc::new(speaks(&[&TLS13], &[&Identity::ecdsa()]));
    let (told, _heard) = channel();
    let told = Mutex::new(told);
    let good: Act = Box::new(move |stream| GOOD.meet(stream, &config, &told));
    let bad = || -> Act {
        Box::new(|stream| {
            let mut lines = BufReader::new(stream);
            for said in ["220 mail\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n250 more\r\n"] {
                lines.get_mut().write_all(said.as_bytes()).unwrap();
                let _ = lines.read_line(&mut String::new());
            }
        })
    };
    let server = Server::start(vec![bad(), bad(), good]);
    let capture = look(&prober(), &mail(&server), AMPLE);
    assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
    assert!(!capture.presented[0].chain.is_empty(), "what was seen is first");
    let injected: Vec<_> = capture.presented.iter().map(|one| &one.injected[..]).collect();
    assert!(injected.contains(&&b"250 more\r\n"[..]), "{injected:?}");
}

/// Greeting late is a known means against impatient senders.
#[test]
fn a_greeting_may_take_more_than_half_of_the_time() {
    let (server, _heard) = Mail { pause: Duration::from_millis(1500), ..GOOD }.start();
    let capture = look(&prober(), &mail(&server), Duration::from_millis(2500));
    assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
}

#[test]
fn silence_before_tls_ends_on_time_and_is_not_asked_twice() {
    let (server, _heard) = Mail { pause: AMPLE, ..GOOD }.start();
    let begun = now();
    let capture = look(&prober(), &mail(&server), Duration::from_millis(300));
    assert!(now() - begun < Duration::from_millis(800), "{:?}", now() - begun);
    assert_eq!(capture.ended.outcome, Outcome::Timeout);
    assert_eq!(capture.ended.phase, Some(Phase::Starttls));
    assert_eq!(server.met(), 1);
}
