//! `nagios` beside the plugins that it stands in for: the same arguments, the same servers, the
//! same exit codes, or the reason why not.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use crate::command::{Peer, Ran, ran, run, skipped};
use crate::openssl::Authority;

/// Exit codes of one case: ours and the plugin's.
struct Case {
    name: &'static str,
    /// Who serves: a certificate of [`authority`], or what else is at the port.
    server: &'static str,
    /// What both are given beside host, address and port.
    arguments: &'static [&'static str],
    ours: i32,
    theirs: i32,
}

const fn case(
    name: &'static str,
    server: &'static str,
    arguments: &'static [&'static str],
    ours: i32,
    theirs: i32,
) -> Case {
    Case { name, server, arguments, ours, theirs }
}

const TRUSTED: &[&str] = &["-r", "root.pem", "-w", "20", "-c", "15"];

/// All agree but those at the end, where ours is the stricter.
const CHECK_SSL_CERT: &[Case] = &[
    case("good", "good", TRUSTED, 0, 0),
    case("ends soon", "soon", TRUSTED, 1, 1),
    case("ends in a few days", "near", TRUSTED, 2, 2),
    case("expired", "expired", TRUSTED, 2, 2),
    case("for another name", "other", TRUSTED, 2, 2),
    case("for the host, not for the name", "good", &["-r", "root.pem", "-m", "no.lab.test"], 2, 2),
    case(
        "for the name, not for the host",
        "other",
        &["-r", "root.pem", "-m", "other.lab.test"],
        2,
        2,
    ),
    case("for both", "both", &["-r", "root.pem", "-n", "other.lab.test"], 0, 0),
    case(
        "the host is not what is sent",
        "other",
        &["-r", "root.pem", "--sni", "other.lab.test"],
        2,
        2,
    ),
    case("refused", "nobody", TRUSTED, 2, 2),
    case("silent", "silence", &["-r", "root.pem", "-t", "2"], 2, 2),
    case("no TLS", "plaintext", TRUSTED, 2, 2),
    case("not trusted", "good", &["-w", "20", "-c", "15"], 2, 2),
    case("not trusted, and not asked", "good", &["-A"], 0, 0),
    case("for another name, trust not asked", "other", &["-A"], 2, 2),
    case("expired, trust not asked", "expired", &["-A"], 2, 2),
    case("signed itself", "self", &["-w", "20", "-c", "15"], 2, 2),
    case("signed itself, and may", "self", &["-s"], 0, 0),
    case("signed by somebody unknown, may sign itself", "good", &["-s"], 2, 2),
    case("half a day less is less", "soon", &["-A", "-w", "17", "-c", "5"], 1, 1),
    case("half a day more is not", "soon", &["-A", "-w", "16", "-c", "5"], 0, 0),
    case("parts of days", "soon", &["-A", "-w", "16.4", "-c", "0.5"], 0, 0),
    case("only -w", "soon", &["-A", "-w", "18"], 1, 1),
    case("only -c", "soon", &["-A", "-c", "18"], 2, 2),
    case("no number", "good", &["-w", "abc"], 3, 3),
    case("a warning that comes last", "good", &["-w", "5", "-c", "15"], 3, 3),
    case("no such flag", "good", &["--no-such-flag"], 3, 3),
    case("not for the address", "other", &["-H", "127.0.0.1", "-r", "root.pem"], 2, 0),
    case("for the common name alone", "old", &["-H", "old.lab.test", "-s"], 2, 0),
];

/// check_http looks neither at the name nor at trust: there ours is the stricter.
const CHECK_HTTP: &[Case] = &[
    case("good", "good", &["-S", "--sni", "-C", "20,15"], 0, 0),
    case("ends soon", "soon", &["-S", "--sni", "-C", "20,15"], 1, 1),
    case("ends in a few days", "near", &["-S", "--sni", "-C", "20,15"], 2, 2),
    case("expired", "expired", &["-S", "--sni", "-C", "20,15"], 2, 2),
    case("no critical days", "near", &["-S", "--sni", "-C", "20"], 1, 1),
    case("expired, no critical days", "expired", &["-S", "--sni", "-C", "20"], 2, 2),
    case("sixteen days and a half are sixteen", "soon", &["-S", "-C", "16,5"], 1, 1),
    case("and not fifteen", "soon", &["-S", "-C", "15,5"], 0, 0),
    case("critical counts so too", "soon", &["-S", "-C", "20,16"], 2, 2),
    case("refused", "nobody", &["-S", "--sni", "-C", "20,15"], 2, 2),
    case("silent", "silence", &["-S", "-C", "20,15", "-t", "2"], 2, 2),
    case("no TLS", "plaintext", &["-S", "-C", "20,15"], 2, 2),
    case("only IPv4", "good", &["-S", "-C", "20,15", "-4"], 0, 0),
    case("only IPv6, where there is none", "good", &["-S", "-C", "20,15", "-6"], 2, 2),
    case("a page's address", "good", &["-S", "-C", "20,15", "-u", "/health"], 0, 0),
    case("no number", "good", &["-C", "20,abc"], 3, 3),
    case("no such flag", "good", &["--no-such-flag"], 3, 3),
    case("for another name", "other", &["-S", "--sni", "-C", "20,15"], 2, 0),
];

#[test]
fn exit_codes_agree_with_check_ssl_cert() {
    let beside = |case: &Case, port: &str| {
        let mut arguments = vec!["--resolve", "127.0.0.1", "-p", port];
        if !case.arguments.contains(&"-H") {
            arguments.extend(["-H", "www.lab.test"]);
        }
        arguments.extend(["--ignore-sct", "--ignore-ocsp", "--ignore-maximum-validity"]);
        arguments.extend(case.arguments);
        arguments.into_iter().map(str::to_owned).collect()
    };
    compare("check_ssl_cert", CHECK_SSL_CERT, beside, &[]);
}

#[test]
fn exit_codes_agree_with_check_http() {
    let beside = |case: &Case, port: &str| {
        let mut arguments = vec!["-H", "www.lab.test", "-I", "127.0.0.1", "-p", port];
        arguments.extend(case.arguments);
        arguments.into_iter().map(str::to_owned).collect()
    };
    compare("check_http", CHECK_HTTP, beside, &["-r", "root.pem"]);
}

/// check_http trusts everybody; who moves from it to ours says so, or names the root.
#[test]
fn without_a_root_what_check_http_calls_good_is_not() {
    let authority = authority();
    let (_server, port) = serve(&authority, "good");
    let port = port.to_string();
    let asked = ["-H", "www.lab.test", "-I", "127.0.0.1", "-p", &port, "-S", "-C", "20,15"];
    let asked: Vec<_> = asked.map(str::to_owned).to_vec();
    assert_eq!(ours(&authority, &asked).code, Some(2));
    let excused = [asked, vec!["-A".to_owned()]].concat();
    assert_eq!(ours(&authority, &excused).code, Some(0));
}

#[test]
fn one_line_then_figures_then_why_and_what_to_do() {
    let authority = authority();
    let (_server, port) = serve(&authority, "soon");
    let port = port.to_string();
    let asked = ["-H", "www.lab.test", "-I", "127.0.0.1", "-p", &port, "-r", "root.pem"];
    let asked = [&asked[..], &["-w", "20", "-c", "15"]].concat();
    let asked: Vec<_> = asked.into_iter().map(str::to_owned).collect();
    let ran = ours(&authority, &asked);
    let lines: Vec<_> = ran.out.lines().collect();
    assert!(lines[0].starts_with("CERTVIGIL WARNING - https://127.0.0.1:"), "{}", ran.told());
    assert!(lines[0].contains(" | days_chain_elem1=16;20;15;; time="), "{}", ran.told());
    assert!(lines[1].starts_with("[warning] expires-soon at 127.0.0.1:"), "{}", ran.told());
    assert!(lines[2].starts_with("  do: "), "{}", ran.told());
    assert!(lines[3].contains("sent Test soon"), "{}", ran.told());
    let without = ours(&authority, &[asked, vec!["--no-perf".to_owned()]].concat());
    assert!(!without.out.contains('|'), "{}", without.told());
}

/// Whatever cannot be looked at, and whoever asks only for help, gets no OK.
#[test]
fn what_did_not_look_is_unknown_and_says_why() {
    for (arguments, words) in [
        (&["-H", "a.example", "--ignore-exp"] as &[&str], "what lapses"),
        (&["-H", "a.example", "-4", "-6"], "cannot be used with"),
        (&["-H", "a.example", "-S", "1.2"], "the server's choice"),
        (&["-H", "a.example", "-P", "gopher"], "https"),
        (&["-H", "a.example:443"], "the port behind -p"),
        (&["-H", "a.example#b"], "is no host"),
        (&["-H", "a.example", "-C", "20", "-w", "5"], "the one or the other"),
        (&["-H", "127.0.0.1", "-n", "*.lab.test"], "wildcard"),
        (&["-H", "a.example", "-r", "/nowhere/root.pem"], "/nowhere/root.pem"),
        (&["-H", "a.example", "-C", "/nowhere/client.pem"], "/nowhere/client.pem"),
        (&["-H", "a.example", "-K", "/nowhere/key.pem"], "-J"),
        (&[], "were not provided: --host HOST"),
    ] {
        let ran = run(&[&["nagios"], arguments].concat());
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.told());
        let first = ran.out.lines().next().unwrap_or_default();
        assert!(first.starts_with("CERTVIGIL UNKNOWN - "), "{arguments:?}: {}", ran.told());
        assert!(ran.out.contains(words), "{arguments:?}: {}", ran.told());
    }
    for asked in ["--help", "-V"] {
        assert_eq!(run(&["nagios", asked]).code, Some(3), "{asked}");
    }
}

/// Every flag that is taken or refused with words of its own stands in the table.
#[test]
fn the_table_of_flags_is_whole() {
    let page = include_str!("../../../../docs/nagios.md");
    let source = include_str!("../../src/arguments/nagios.rs");
    let help = run(&["nagios", "--help"]).out;
    let words = help.split(|c: char| !(c.is_alphanumeric() || "-_".contains(c)));
    let taken = words.filter(|word| word.len() > 1 && word.starts_with('-')).map(str::to_owned);
    let refused = source.split('"').filter(|word| word.starts_with('-') && !word.contains(' '));
    let switches = source.split("SWITCHES_OFF: [").nth(1).and_then(|rest| rest.split(']').nth(1));
    let switches = switches.unwrap_or_default().split('"').skip(1).step_by(2);
    let all =
        taken.chain(refused.map(str::to_owned)).chain(switches.map(|name| format!("--{name}")));
    let mut count = 0;
    for flag in all {
        assert!(page.contains(&format!("`{flag}`")), "{flag} is not in docs/nagios.md");
        count += 1;
    }
    assert!(count > 60, "{count}");
}

fn compare(
    plugin: &str,
    cases: &[Case],
    arguments: impl Fn(&Case, &str) -> Vec<String> + Sync,
    ours_beside: &[&str],
) {
    let authority = authority();
    let found = Mutex::new(Vec::new());
    // The plugins mostly wait for what they start.
    thread::scope(|scope| {
        for some in cases.chunks(cases.len().div_ceil(4)) {
            let (authority, arguments, found) = (&authority, &arguments, &found);
            scope.spawn(move || {
                for case in some {
                    let faults = case_beside(authority, plugin, case, arguments, ours_beside);
                    found.lock().unwrap().extend(faults);
                }
            });
        }
    });
    let (absent, wrong): (Vec<_>, Vec<_>) =
        found.into_inner().unwrap().into_iter().partition(|fault| fault == ABSENT);
    if !absent.is_empty() {
        skipped(&format!("{plugin} beside `nagios`, it or what it needs is not installed"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn case_beside(
    authority: &Authority,
    plugin: &str,
    case: &Case,
    arguments: &impl Fn(&Case, &str) -> Vec<String>,
    ours_beside: &[&str],
) -> Vec<String> {
    let (_server, port) = serve(authority, case.server);
    let arguments = arguments(case, &port.to_string());
    let beside = ours_beside.iter().map(|word| (*word).to_owned());
    let we = ours(authority, &arguments.iter().cloned().chain(beside).collect::<Vec<_>>());
    let mut wrong = Vec::new();
    if we.code != Some(case.ours) {
        wrong.push(format!("{}: ours is not {}: {}", case.name, case.ours, we.told()));
    }
    match theirs(authority, plugin, &arguments) {
        Some(they) if they.code != Some(case.theirs) => {
            wrong.push(format!("{}: theirs is not {}: {}", case.name, case.theirs, they.told()));
        }
        Some(_) => {}
        None => wrong.push(ABSENT.to_owned()),
    }
    wrong
}

const ABSENT: &str = "the plugin is not there";

fn authority() -> Authority {
    let authority = Authority::new();
    let names = &["DNS:www.lab.test", "IP:127.0.0.1"];
    for (name, days) in [("good", 90), ("near", 5), ("expired", -1)] {
        authority.leaf(name, "ec", names, days);
    }
    // Between two days, so that no second decides.
    authority.leaf_for_hours("soon", "ec", names, 16 * 24 + 12);
    authority.leaf("other", "ec", &["DNS:other.lab.test"], 90);
    authority.leaf("both", "ec", &["DNS:www.lab.test", "DNS:other.lab.test"], 90);
    for (name, common_name, names) in [
        ("self", "/CN=www.lab.test", "subjectAltName=DNS:www.lab.test"),
        ("old", "/CN=old.lab.test", "subjectAltName=DNS:new.lab.test"),
    ] {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let made = ["-keyout", &key, "-out", &certificate, "-subj", common_name, "-addext", names];
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        authority.openssl(&[&["req", "-x509", "-days", "90"], &ec[..], &made].concat());
    }
    authority
}

/// What keeps a port as it is.
#[expect(dead_code, reason = "held for its end")]
enum Served {
    Peer(Peer),
    Listener(TcpListener),
    Nobody,
}

fn serve(authority: &Authority, what: &str) -> (Served, u16) {
    let listen = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    };
    match what {
        "nobody" => (Served::Nobody, crate::command::free_port()),
        "silence" => {
            let (listener, port) = listen();
            (Served::Listener(listener), port)
        }
        "plaintext" => {
            let (listener, port) = listen();
            let accepting = listener.try_clone().unwrap();
            thread::spawn(move || {
                for stream in accepting.incoming() {
                    let _ = stream.map(|mut stream| stream.write_all(b"220 ready\r\n"));
                }
            });
            (Served::Listener(listener), port)
        }
        name => {
            let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
            let mut options = vec!["-cert", &certificate, "-key", &key, "-www"];
            if !matches!(name, "self" | "old") {
                options.extend(["-cert_chain", "int.pem"]);
            }
            let (peer, port) = authority.s_server(&options);
            (Served::Peer(peer), port)
        }
    }
}

fn ours(authority: &Authority, arguments: &[String]) -> Ran {
    let mut command = crate::command::certvigil(&["nagios"]);
    ran(command.args(arguments).current_dir(authority.folder()).output().unwrap())
}

/// The plugin's word; none where it, or a program that it calls, is not installed.
#[expect(clippy::disallowed_methods, reason = "tests start the programs that they compare with")]
fn theirs(authority: &Authority, plugin: &str, arguments: &[String]) -> Option<Ran> {
    let mut command = Command::new(format!("/usr/lib/nagios/plugins/{plugin}"));
    let output: Output = command.args(arguments).current_dir(authority.folder()).output().ok()?;
    let they = ran(output);
    if they.out.contains("cannot find program") { None } else { Some(they) }
}
