//! Real receivers: what they show of a message is what was sent.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::Method;
use certvigil_model::{Clock as _, Purpose};
use certvigil_outbound::{Channel, Message, Trouble};
use serde_json::{Value, json};

use crate::channels::ground::{KEY, channel, empty, page, saying, settings, within};
use crate::trackers::ground::{Person, Server, free_port, is_here, run};

/// Until `look` finds something.
fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let by = within(60_000);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(within(0) < by, "not in a minute: {what}");
        // Its own work needs the processor.
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn program(path: &str) -> Command {
    Command::new(path)
}

#[test]
fn alertmanager_shows_an_alert_until_it_is_over() {
    if !is_here("a real Alertmanager", &["/usr/bin/prometheus-alertmanager"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("am.yml");
    std::fs::write(&config, "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n").unwrap();
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let mut command = program("/usr/bin/prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.path().display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=");
    let person = Person { secret: ("x-none", "none".to_owned()), base: base.clone() };
    let is_ready = || person.ask(Method::Get, "/-/ready", None).0 == 200;
    let _server = Server::start(command, &folder.path().join("log"), is_ready);

    let alertmanager = channel(settings("alertmanager", &base));
    assert_eq!(alertmanager.examine(within(20_000)).unwrap(), Vec::<String>::new());
    // It drops what is over by its own clock.
    let at = SystemClock.wall();
    let now = Message { at, ..page() };
    alertmanager.send(&now, within(20_000)).unwrap();
    alertmanager.send(&now, within(20_000)).unwrap();
    let active = || {
        let (_, alerts) = person.ask(Method::Get, "/api/v2/alerts?active=true", None);
        alerts.as_array().cloned().unwrap_or_default()
    };
    let alert = until("the alert", || active().first().cloned());
    assert_eq!(active().len(), 1);
    assert_eq!(alert["labels"]["incident"], KEY);
    assert_eq!(alert["annotations"]["summary"], now.title);
    assert_eq!(alert["generatorURL"], now.issue.clone().unwrap());
    alertmanager.send(&Message { purpose: Purpose::Over, ..now }, within(20_000)).unwrap();
    until("the end of the alert", || active().is_empty().then_some(()));
}

/// As rsyslog takes it to pieces; one JSON object a line.
const TEMPLATE: &str = r#"
template(name="pieces" type="list" option.jsonf="on") {
  property(outname="priority" name="pri" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="kind" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
"#;

/// An rsyslog that writes what it takes into `out`.
fn start_rsyslog(
    folder: &Path,
    options: &str,
    inputs: &str,
    is_ready: impl Fn() -> bool,
) -> Server {
    let out = folder.join("out");
    let config = format!(
        "{options}\nmodule(load=\"imudp\")\n{TEMPLATE}\n{inputs}\n\
         action(type=\"omfile\" file=\"{}\" template=\"pieces\")\n",
        out.display()
    );
    std::fs::write(folder.join("rsyslog.conf"), config).unwrap();
    let mut command = program("/usr/sbin/rsyslogd");
    command.arg("-n").arg("-f").arg(folder.join("rsyslog.conf")).arg("-i").arg(folder.join("pid"));
    Server::start(command, &folder.join("log"), is_ready)
}

fn entries(folder: &Path, count: usize) -> Vec<Value> {
    let entries = until("entries", || {
        let text = std::fs::read_to_string(folder.join("out")).ok()?;
        let whole =
            text.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>().ok()?;
        (whole.len() >= count).then_some(whole)
    });
    assert_eq!(entries.len(), count, "{entries:?}");
    entries
}

fn log(via: String, ca_files: Vec<PathBuf>) -> Box<dyn Channel> {
    let mut settings = empty("syslog");
    settings.via = Some(via);
    settings.http.ca_files = ca_files;
    channel(settings)
}

#[test]
fn rsyslog_takes_it_to_the_pieces_that_were_sent() {
    if !is_here("a real rsyslog", &["/usr/sbin/rsyslogd"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (tcp, udp) = (free_port(), udp_port());
    let inputs = format!(
        "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{tcp}\")\n\
         input(type=\"imudp\" address=\"127.0.0.1\" port=\"{udp}\")"
    );
    let by_tcp = log(format!("tcp://127.0.0.1:{tcp}"), Vec::new());
    let by_udp = log(format!("udp://127.0.0.1:{udp}"), Vec::new());
    let is_ready = || by_tcp.examine(within(1000)).is_ok();
    let _server = start_rsyslog(folder.path(), "module(load=\"imtcp\")", &inputs, is_ready);

    let hostile = Message { id: "n-42".to_owned(), ..saying("a\n<0>1 evil \u{1b}[2J é") };
    by_tcp.send(&page(), within(20_000)).unwrap();
    by_tcp.send(&hostile, within(20_000)).unwrap();
    by_udp.send(&page(), within(20_000)).unwrap();
    let entries = entries(folder.path(), 3);
    for entry in &entries {
        // Facility 3, level 2.
        assert_eq!((&entry["priority"], &entry["app"]), (&"26".into(), &"certvigil".into()));
        assert_eq!(
            (&entry["kind"], &entry["data"]),
            (&"page".into(), &"[origin software=\"certvigil\"]".into())
        );
        let message = entry["message"].as_str().unwrap();
        assert!(message.contains(&format!("incident={KEY} notice=n-4")), "{entry}");
        assert!(!message.contains('\u{1b}'), "{entry}");
    }
    assert!(entries.iter().any(|it| it["message"].as_str().unwrap().contains("\\u{a}<0>1 evil")));
}

#[test]
fn rsyslog_is_told_by_tls_and_only_where_it_is_who_it_should_be() {
    let driver = "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so";
    if !is_here("rsyslog by TLS", &["/usr/sbin/rsyslogd", driver, "/usr/bin/openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut openssl = program("/usr/bin/openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ]);
    openssl.args(["-subj", "/CN=log", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    openssl.arg("-keyout").arg(at("key.pem")).arg("-out").arg(at("cert.pem"));
    run(openssl);
    let port = free_port();
    let options = format!(
        "global(defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=\"{0}\" \
         defaultNetstreamDriverCertFile=\"{0}\" defaultNetstreamDriverKeyFile=\"{1}\")\n\
         module(load=\"imtcp\" streamDriver.name=\"gtls\" streamDriver.mode=\"1\" \
         streamDriver.authMode=\"anon\")",
        at("cert.pem").display(),
        at("key.pem").display()
    );
    let inputs = format!("input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")");
    let via = format!("tls://127.0.0.1:{port}");
    let known = log(via.clone(), vec![at("cert.pem")]);
    let is_ready = || known.examine(within(1000)).is_ok();
    let _server = start_rsyslog(folder.path(), &options, &inputs, is_ready);

    let stranger = log(via, Vec::new()).send(&page(), within(20_000));
    assert!(matches!(stranger, Err(Trouble::NotSent(_))), "{stranger:?}");
    known.send(&page(), within(20_000)).unwrap();
    let entries = entries(folder.path(), 1);
    assert!(entries[0]["message"].as_str().unwrap().contains("www.example.org ends in 20 h"));
}

/// One that takes the connection and never speaks holds nobody up.
#[test]
fn a_silent_log_receiver_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let via = format!("tls://{}", listener.local_addr().unwrap());
    let began = SystemClock.monotonic();
    let sent = log(via, Vec::new()).send(&page(), within(300));
    assert!(matches!(sent, Err(Trouble::NotSent(_))), "{sent:?}");
    assert!(SystemClock.monotonic() - began < Duration::from_secs(3));
}

fn udp_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where `scripts/test` puts it.
fn synapse() -> String {
    format!("{}/../../target/synapse/bin/python", env!("CARGO_MANIFEST_DIR"))
}

fn start_synapse(folder: &Path, port: u16) -> Server {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut generate = program(&synapse());
    generate.current_dir(folder).args(["-m", "synapse.app.homeserver", "--generate-config"]);
    generate.args(["--server-name", "lab.test", "--report-stats=no"]);
    generate.args(["--config-path", &at("hs.yaml"), "--data-directory", &at("")]);
    run(generate);
    let extra = format!(
        "listeners: [{{port: {port}, bind_addresses: [127.0.0.1], type: http, tls: false, \
         resources: [{{names: [client]}}]}}]\n\
         registration_shared_secret: lab-shared\ntrusted_key_servers: []\n\
         database: {{name: sqlite3, args: {{database: {}}}}}\n",
        at("hs.db")
    );
    std::fs::write(folder.join("extra.yaml"), extra).unwrap();
    let mut serve = program(&synapse());
    serve.current_dir(folder).args(["-m", "synapse.app.homeserver"]);
    serve.args(["-c", &at("hs.yaml"), "-c", &at("extra.yaml")]);
    let person =
        Person { secret: ("x-none", "none".to_owned()), base: format!("http://127.0.0.1:{port}") };
    let is_ready = || person.ask(Method::Get, "/_matrix/client/versions", None).0 == 200;
    Server::start(serve, &folder.join("log"), is_ready)
}

/// An access token of a new account.
fn account(folder: &Path, base: &str) -> String {
    let mut register = program(&synapse());
    register.args([
        "-m",
        "synapse._scripts.register_new_matrix_user",
        "-u",
        "watch",
        "-p",
        "lab-pass",
    ]);
    register.args(["--no-admin", "-k", "lab-shared", base]).current_dir(folder);
    run(register);
    let person = Person { secret: ("x-none", "none".to_owned()), base: base.to_owned() };
    let login = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": "watch"},
        "password": "lab-pass",
    });
    let answer = person.does(Method::Post, "/_matrix/client/v3/login", login);
    answer["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn synapse_shows_a_message_once_however_often_it_is_sent() {
    if !is_here("a real Synapse", &[&synapse()]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let _server = start_synapse(folder.path(), port);
    let token = account(folder.path(), &base);
    let person =
        Person { secret: ("authorization", format!("Bearer {token}")), base: base.clone() };
    let made = person.does(Method::Post, "/_matrix/client/v3/createRoom", json!({"name": "certs"}));
    let room = made["room_id"].as_str().unwrap().to_owned();

    let to = |room: &str| {
        let mut settings = settings("matrix", &base);
        (settings.to, settings.token) = (Some(room.to_owned()), Some(Secret::new(&token)));
        channel(settings)
    };
    let matrix = to(&room);
    assert_eq!(matrix.examine(within(20_000)).unwrap(), Vec::<String>::new());
    let lacks = to("!nowhere:lab.test").examine(within(20_000)).unwrap();
    assert!(lacks[0].contains("is not in the room"), "{lacks:?}");
    let hostile = saying("@room <b>x</b> `@watch:lab.test` http://evil.example");
    matrix.send(&hostile, within(20_000)).unwrap();
    matrix.send(&hostile, within(20_000)).unwrap();
    let path = format!("/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=20");
    let (_, page) = person.ask(Method::Get, &path, None);
    let is_message = |event: &&Value| event["type"] == "m.room.message";
    let shown: Vec<Value> =
        page["chunk"].as_array().unwrap().iter().filter(is_message).cloned().collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let content = &shown[0]["content"];
    assert!(
        content["body"]
            .as_str()
            .unwrap()
            .contains("I am on it: https://certvigil.example.org/answer/abc")
    );
    assert_eq!(content["m.mentions"], json!({}));
    assert!(!content["formatted_body"].as_str().unwrap().contains("<b>"));
    let refused = to("!nowhere:lab.test").send(&hostile, within(20_000)).err().unwrap();
    assert!(matches!(refused, Trouble::Refused(_)), "{refused:?}");
}
