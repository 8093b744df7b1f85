//! Mails as a real server takes them, and as Python's own parser reads them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Http, Proxy};
use certvigil_model::{
    Block, ChannelName, Document, Family, Foreign, IncidentKey, Purpose, Severity, Span, Subject,
    Time,
};
use certvigil_outbound::notify::{Settings, open};
use certvigil_outbound::{Channel, Message, Trouble};
use serde_json::Value;

/// aiosmtpd, which takes every mail but those for `fail@` and `bounce@`, and prints what Python's parser makes of it. With
/// a certificate it wants STARTTLS, and a login `bot` with `pass word`.
const SINK: &str = r#"
import asyncio, email, email.policy, json, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('fail@'): return '451 4.3.0 try later'
        if address.startswith('bounce@'): return '550 5.1.1 no such user <b>'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}
        defects = [type(d).__name__ for p in mail.walk() for d in p.defects]
        print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'tls': session.ssl is not None,
            'login': str(session.auth_data), 'parts': parts, 'defects': defects,
            'headers': [[k, str(v)] for k, v in mail.items()],
            'longest': max(map(len, envelope.original_content.split(b'\r\n')))}), flush=True)
        return '250 taken'
def login(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b'bot', b'pass word'), auth_data=data.login.decode())
more = {}
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[2], sys.argv[3])
    more = dict(tls_context=context, require_starttls=True, authenticator=login, auth_required=True)
Controller(Sink(), hostname='127.0.0.1', port=int(sys.argv[1]), ready_timeout=60, **more).start()
print('ready', flush=True)
sys.stdin.read()
"#;

struct Sink {
    child: Child,
    said: BufReader<ChildStdout>,
    port: u16,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sink {
    /// None, and said aloud, where it is not installed.
    #[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "tests start their peers")]
    fn start(arguments: &[&str]) -> Option<Self> {
        let has = Command::new("/usr/bin/python3").args(["-c", "import aiosmtpd"]).status();
        if !has.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: aiosmtpd, it is not installed");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", SINK, &port.to_string()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready");
        Some(Self { child, said, port })
    }

    fn mail(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

fn channel(via: &str, to: &str, login: bool, http: Http) -> Box<dyn Channel> {
    let client = Client::new(&http, "certvigil test").unwrap();
    let settings = Settings {
        kind: "email".to_owned(),
        name: ChannelName(format!("email {to}")),
        to: Some(to.to_owned()),
        from: Some("certvigil@lab.test".to_owned()),
        via: Some(via.to_owned()),
        url: None,
        user: login.then(|| "bot".to_owned()),
        token: login.then(|| Secret::new("pass word")),
        command: Vec::new(),
        http,
    };
    open(settings, client).unwrap_or_else(|error| panic!("{error}"))
}

fn plain() -> Http {
    Http { proxy: Proxy::None, ..Http::default() }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

const HOSTILE: &str = "x\r\nBcc: everybody@evil.example\r\n\r\n.\r\n<script>alert(1)</script> \u{202e} https://evil.example";

fn message() -> Message {
    let key = IncidentKey::of("lab", None, Family::Expiry, &Subject::Round);
    Message {
        id: format!("{key}-page-1"),
        purpose: Purpose::Page,
        incident: Some(key),
        severity: Severity::Critical,
        line: "www.lab.test: certificate ended".to_owned(),
        title: format!("www.lab.test: größer {HOSTILE}"),
        body: Document(vec![
            Block::Paragraph(vec![
                "An answer: ".into(),
                Span::Link("https://certvigil.lab.test/answer/AbC".to_owned()),
            ]),
            Block::Paragraph(vec![Span::Foreign(Foreign::new(HOSTILE))]),
            Block::Paragraph(vec![".".into()]),
            Block::Commands(vec!["certvigil check www.lab.test".to_owned()]),
        ]),
        answer: None,
        issue: None,
        at: Time::from_seconds(1_795_608_000),
        since: Time::from_seconds(1_795_600_000),
    }
}

#[test]
fn a_mail_arrives_as_it_was_meant_whatever_names_hold() {
    let Some(mut sink) = Sink::start(&[]) else { return };
    let via = format!("smtp://127.0.0.1:{}", sink.port);
    let channel = channel(&via, "oncall@lab.test", false, plain());
    assert_eq!(channel.examine(soon()), Ok(Vec::new()));
    channel.send(&message(), soon()).unwrap();
    let mail = sink.mail();
    assert_eq!(
        (&mail["from"], &mail["to"][0]),
        (&"certvigil@lab.test".into(), &"oncall@lab.test".into())
    );
    assert_eq!(mail["to"].as_array().unwrap().len(), 1);
    assert_eq!(mail["defects"].as_array().unwrap().len(), 0, "{mail}");
    assert!(mail["longest"].as_u64().unwrap() <= 998, "RFC 5322 section 2.1.1: {mail}");
    let headers: Vec<(String, String)> = serde_json::from_value(mail["headers"].clone()).unwrap();
    let all = |name: &str| headers.iter().filter(|it| it.0.eq_ignore_ascii_case(name)).count();
    let one = |name: &str| {
        assert_eq!(all(name), 1, "{name}: {mail}");
        headers.iter().find(|it| it.0.eq_ignore_ascii_case(name)).unwrap().1.clone()
    };
    let key = message().incident.unwrap();
    assert_eq!(one("Message-ID"), format!("<{key}-page-1@lab.test>"));
    assert_eq!(one("References"), format!("<{key}@lab.test>"));
    assert_eq!(one("In-Reply-To"), format!("<{key}@lab.test>"));
    assert_eq!(one("Auto-Submitted"), "auto-generated");
    assert_eq!(one("List-Id"), "certvigil <certvigil.lab.test>");
    assert_eq!(one("Date"), "Wed, 25 Nov 2026 12:00:00 +0000");
    assert!(one("Subject").starts_with("www.lab.test: größer x\\u{d}\\u{a}Bcc: "), "{mail}");
    assert_eq!((all("Bcc"), all("Cc")), (0, 0), "{mail}");
    let (text, html) = (&mail["parts"]["text/plain"], &mail["parts"]["text/html"]);
    let (text, html) = (text.as_str().unwrap(), html.as_str().unwrap());
    for part in [text, html] {
        assert!(part.contains("https://certvigil.lab.test/answer/AbC"), "{part}");
        assert!(!part.contains("https://evil") && !part.contains('\u{202e}'), "{part}");
    }
    assert!(text.contains("\r\n.\r\n"), "{text:?}");
    assert!(!html.contains("<script"), "{html}");
}

#[test]
fn a_login_goes_over_tls_alone_and_only_to_whom_it_is_meant_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, san) in [("right", "IP:127.0.0.1"), ("other", "DNS:other.test")] {
        let [key, pem] = [path(&format!("{name}.key")), path(&format!("{name}.pem"))];
        let san = format!("subjectAltName={san}");
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=lab",
            "-addext",
            &san,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            &key,
            "-out",
            &pem,
        ]);
    }
    for (name, is_right) in [("right", true), ("other", false)] {
        let (pem, key) = (path(&format!("{name}.pem")), path(&format!("{name}.key")));
        let Some(mut sink) = Sink::start(&[&pem, &key]) else { return };
        let http = Http { ca_files: vec![pem.into()], ..plain() };
        let via = format!("smtp+starttls://127.0.0.1:{}", sink.port);
        let sent = channel(&via, "oncall@lab.test", true, http).send(&message(), soon());
        match is_right {
            true => {
                sent.unwrap();
                let mail = sink.mail();
                assert_eq!((&mail["tls"], &mail["login"]), (&true.into(), &"bot".into()));
            }
            false => assert!(matches!(sent, Err(Trouble::NotSent(_))), "{sent:?}"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "certificates are made by OpenSSL's own command")]
fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_a_server_refuses_is_told_as_for_ever_or_for_now() {
    let Some(sink) = Sink::start(&[]) else { return };
    let via = format!("smtp://127.0.0.1:{}", sink.port);
    let send = |to: &str| channel(&via, to, false, plain()).send(&message(), soon());
    let later = send("fail@lab.test");
    assert!(matches!(&later, Err(Trouble::Later { why, .. }) if why.contains("451")), "{later:?}");
    let never = send("bounce@lab.test");
    assert!(matches!(&never, Err(Trouble::Refused(why)) if why.contains("550")), "{never:?}");
    let starttls = format!("smtp+starttls://127.0.0.1:{}", sink.port);
    let open = channel(&starttls, "a@lab.test", false, plain()).send(&message(), soon());
    assert!(matches!(&open, Err(Trouble::Refused(why)) if why.contains("STARTTLS")), "{open:?}");
}

/// A server that says a byte now and then is over when the time is, and no read begins it anew.
#[test]
fn a_server_that_dribbles_is_left_at_the_moment_that_was_given() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let via = format!("smtp://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while stream.write_all(b"2").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let begun = Instant::now();
    let by = begun + Duration::from_millis(400);
    let sent = channel(&via, "a@lab.test", false, plain()).send(&message(), by);
    assert!(matches!(sent, Err(Trouble::NotSent(_))), "{sent:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// Whoever had the last dot and says nothing may have taken the mail.
#[test]
fn silence_after_the_mail_is_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let via = format!("smtp://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 here\r\n").unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            match line.trim() {
                "DATA" => stream.write_all(b"354 go on\r\n").unwrap(),
                "." => break,
                other
                    if other.starts_with("EHLO")
                        || other.starts_with("MAIL")
                        || other.starts_with("RCPT") =>
                {
                    stream.write_all(b"250 yes\r\n").unwrap();
                }
                _ => {}
            }
            line.clear();
        }
        // Nothing more is said until the other side has gone.
        let _ = lines.read_to_end(&mut Vec::new());
    });
    let by = Instant::now() + Duration::from_secs(2);
    let sent = channel(&via, "a@lab.test", false, plain()).send(&message(), by);
    assert!(matches!(sent, Err(Trouble::Doubtful(_))), "{sent:?}");
    server.join().unwrap();
}
