//! People are called until one of them answers: the service, a real mail server, and a clock that runs fast.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::command::{certvigil, free_port, run, skipped};
use crate::openssl::Authority;

const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// aiosmtpd; each mail is printed as Python's own parser reads it.
const SINK: &str = r#"
import email, email.policy, json, sys
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = mail.get_body(('plain',)).get_content()
        print(json.dumps({'to': envelope.rcpt_tos[0], 'subject': mail['subject'], 'text': text,
            'purpose': mail['x-certvigil-purpose'], 'thread': mail['references']}), flush=True)
        return '250 taken'
Controller(Sink(), hostname='127.0.0.1', port=int(sys.argv[1]), ready_timeout=60).start()
print('ready', flush=True)
sys.stdin.read()
"#;

/// A process that ends with the test, and the lines that it says.
struct Talking {
    child: Child,
    lines: Receiver<String>,
}

impl Drop for Talking {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let by = SystemClock.monotonic() + Duration::from_secs(10);
        while matches!(self.child.try_wait(), Ok(None)) && SystemClock.monotonic() < by {
            thread::yield_now();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Talking {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = channel();
        thread::spawn(move || said.lines().map_while(Result::ok).try_for_each(|it| say.send(it)));
        Self { child, lines }
    }

    fn line(&self, within: Duration) -> Option<String> {
        self.lines.recv_timeout(within).ok()
    }

    fn mail(&self) -> Value {
        let line = self.line(Duration::from_secs(120)).expect("a mail in two minutes");
        serde_json::from_str(&line).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
fn sink() -> Option<(Talking, u16)> {
    let has = Command::new("/usr/bin/python3").args(["-c", "import aiosmtpd"]).status();
    if !Path::new(FAKETIME).exists() || !has.is_ok_and(|status| status.success()) {
        skipped("aiosmtpd or libfaketime is absent: nobody is called");
        return None;
    }
    let mut command = Command::new("/usr/bin/python3");
    let port = free_port();
    command.args(["-c", SINK, &port.to_string()]);
    let sink = Talking::start(command);
    assert_eq!(sink.line(Duration::from_secs(60)).as_deref(), Some("ready"));
    Some((sink, port))
}

/// A minute of the service's own clock passes in half a second.
const FAST: &str = "+0 x120";

#[test]
fn nobody_answers_so_the_second_is_called_and_answers_by_the_link() {
    let Some((mails, smtp)) = sink() else { return };
    let authority = Authority::new();
    authority.leaf("ended", "ec", &["DNS:*.lab.test"], -1);
    let (_server, port) =
        authority.s_server(&["-cert", "ended.pem", "-key", "ended.key", "-cert_chain", "int.pem"]);
    let listen = free_port();
    let path = |name: &str| authority.path(name).display().to_string();
    std::fs::create_dir(path("issues")).unwrap();
    let contact = |to: &str| {
        format!("{{ kind = \"email\", to = \"{to}\", via = \"smtp://127.0.0.1:{smtp}\" }}")
    };
    let config = format!(
        "default_owner = \"web\"\n[store]\npath = \"store.db\"\n\
         [check]\ntrust = [{:?}]\nfirst_certificate = true\nlook_again_after = \"1s\"\ndeadline = \"3s\"\n\
         [serve]\nlisten = \"127.0.0.1:{listen}\"\nanswers = \"http://127.0.0.1:{listen}\"\n\
         [[owner]]\nname = \"web\"\ntracker = {{ kind = \"local\", folder = \"issues\" }}\npage = {}\nsecond = {}\n\
         [[target]]\nnames = [\"127.0.0.1:{port}#www.lab.test\"]\n",
        authority.root(),
        contact("oncall@lab.test"),
        contact("lead@lab.test"),
    );
    std::fs::write(path("certvigil.toml"), config).unwrap();
    let mut serve = certvigil(&["serve", "--config", &path("certvigil.toml")]);
    serve.env("LD_PRELOAD", FAKETIME).env("FAKETIME", FAST).env("DONT_FAKE_MONOTONIC", "1");
    serve.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").stderr(Stdio::null());
    let _serving = Talking::start(serve);

    let told: Vec<Value> = (0..3).map(|_| mails.mail()).collect();
    let whom: Vec<&str> = told.iter().map(|mail| mail["to"].as_str().unwrap()).collect();
    assert_eq!(whom, ["oncall@lab.test", "oncall@lab.test", "lead@lab.test"], "{told:#?}");
    for mail in &told {
        assert_eq!(mail["purpose"], "page", "{mail:#}");
        assert_eq!(mail["thread"], told[0]["thread"], "one thread");
        let subject = mail["subject"].as_str().unwrap();
        assert!(subject.contains("#www.lab.test: certificate ended"), "{subject}");
        let text = mail["text"].as_str().unwrap();
        for wanted in ["An answer is asked for.", "issues/1.json", "Where", "Proof", "Next"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }

    let link = link(&told[2]);
    let token = link.rsplit('/').next().unwrap().to_owned();
    let (status, page) = ask("GET", listen, &token);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("I am on it") && page.contains("email lead@lab.test"), "{page}");
    let list = || {
        let listed = run(&["incidents", "list", "-c", &path("certvigil.toml"), "--format", "json"]);
        let listed: Value = serde_json::from_str(&listed.out).unwrap();
        listed["incidents"][0].clone()
    };
    assert!(list()["acknowledged"].is_null(), "looking changes nothing: {}", list());
    assert_eq!(ask("POST", listen, &format!("{token}A")).0, 404, "a link that was changed");
    let (status, page) = ask("POST", listen, &token);
    assert!(status == 200 && page.contains("Recorded"), "{page}");
    assert_eq!(list()["acknowledged"]["by"], "email lead@lab.test, by its link", "{}", list());

    // Those who were called hear that somebody is on it; then it is quiet, though everybody was to be called by now.
    let relieved: Vec<Value> = (0..2).map(|_| mails.mail()).collect();
    for mail in &relieved {
        assert_eq!(mail["purpose"], "taken", "{mail:#}");
    }
    let more = mails.line(Duration::from_secs(25));
    assert_eq!(more, None, "50 minutes of silence");

    let key = list()["key"].as_str().unwrap().to_owned();
    let timeline = run(&["journal", "timeline", &key, "-c", &path("certvigil.toml")]);
    assert_eq!(timeline.code, Some(0), "{}", timeline.told());
    let steps =
        ["| opened |", "a message was asked for", "a message was handed over", "acknowledged"];
    let mut rest = timeline.out.as_str();
    for step in steps {
        let Some(at) = rest.find(step) else { panic!("{step}: {}", timeline.out) };
        rest = &rest[at..];
    }
    for name in ["oncall@lab.test", "lead@lab.test"] {
        assert!(timeline.out.contains(name), "{name}: {}", timeline.out);
    }
}

#[test]
fn a_test_is_sent_to_the_channel_that_is_named_and_says_that_nothing_is_wrong() {
    let Some((mails, smtp)) = sink() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certvigil.toml").display().to_string();
    let via = |port: u16| {
        format!(
            "page = {{ kind = \"email\", to = \"oncall@lab.test\", via = \"smtp://127.0.0.1:{port}\" }}"
        )
    };
    let config = |port: u16| {
        let text = format!("default_owner = \"web\"\n[[owner]]\nname = \"web\"\n{}\n", via(port));
        std::fs::write(&file, text).unwrap();
    };
    config(smtp);
    let test = |more: &[&str]| run(&[&["notify", "test", "-c", &file], more].concat());
    let listed = test(&[]);
    assert_eq!(
        (listed.code, &*listed.out),
        (Some(0), "email oncall@lab.test\n"),
        "{}",
        listed.told()
    );
    let sent = test(&["email oncall@lab.test"]);
    assert_eq!(sent.code, Some(0), "{}", sent.told());
    let mail = mails.mail();
    assert_eq!((&mail["to"], &mail["purpose"]), (&"oncall@lab.test".into(), &"test".into()));
    assert!(mail["text"].as_str().unwrap().contains("Nothing is wrong."), "{mail:#}");
    let unknown = test(&["email nobody@lab.test"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.told());
    config(free_port());
    let refused = test(&["email oncall@lab.test"]);
    assert_eq!(refused.code, Some(1), "{}", refused.told());
    assert!(refused.err.contains("cannot be reached"), "{}", refused.told());
}

fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let words = text.split_whitespace();
    words.filter(|word| word.contains("/answer/")).map(str::to_owned).next().expect("a link")
}

/// The status and all of the answer.
#[expect(clippy::disallowed_methods, reason = "a test asks as a browser would")]
fn ask(method: &str, port: u16, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "{method} /answer/{token} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{answer}")), answer)
}
