//! Configs as people use them.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use tempfile::TempDir;

use crate::command::{free_port, run};
use crate::openssl::Authority;

fn written(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certvigil.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn a_fault_in_a_config_is_exit_2_before_any_look() {
    let (_folder, path) = written("[check]\ndeadlin = \"1s\"\n[[target]]\nnames = [\"a b\"]\n");
    let path = path.to_str().unwrap();
    for arguments in [&["config", "check", path][..], &["check", "-c", path, "--format", "json"]] {
        let ran = run(arguments);
        assert_eq!((ran.code, &ran.out[..]), (Some(2), ""), "{}", ran.told());
        assert_eq!(
            ran.err.replace(path, "FILE"),
            "error: FILE:2:1: [check] has no key `deadlin`\n  hint: did you mean `deadline`?\n\
             error: FILE:4:10: [[target]] `names` cannot be \"a b\"\n  hint: the line holds a blank: write one target a line, as `host:port`\n"
        );
    }
}

/// A round would fail on them: whoever asks whether a config can be used is told before.
#[test]
fn files_that_a_config_names_are_opened() {
    let authority = Authority::new();
    authority.leaf("one", "ec", &[], 90);
    authority.leaf("two", "ec", &[], 90);
    let path = authority.path("certvigil.toml");
    let file = path.to_str().unwrap();
    let checked = |trust: &str, key: &str, target: &str| {
        let text = format!(
            "[check]\ntrust = [\"{trust}\"]\nclient_certificate = \"one.pem\"\nclient_key = \"{key}\"\n[[target]]\nnames = [\"a.example.org\"]\n{target}"
        );
        fs::write(&path, text).unwrap();
        run(&["config", "check", "-c", file])
    };
    let good = checked("root.pem", "one.key", "");
    assert_eq!(good.code, Some(0), "{}", good.told());
    assert!(good.out.ends_with(": 1 target, 0 owners, 0 acceptances\n"), "{}", good.told());
    let own = "client_certificate = \"none.pem\"\nclient_key = \"two.key\"\n";
    for (ran, place, what) in [
        (checked("nowhere.pem", "one.key", ""), "2:10", "nowhere.pem cannot be read"),
        (checked("one.key", "one.key", ""), "2:10", "and no certificate"),
        (checked("root.pem", "two.key", ""), "3:22", "one.pem is not used: "),
        (checked("root.pem", "one.key", own), "7:22", "none.pem cannot be read as PEM"),
    ] {
        assert_eq!((ran.code, &ran.out[..]), (Some(2), ""), "{}", ran.told());
        assert!(ran.err.contains(&format!("error: {file}:{place}: ")), "{}", ran.told());
        assert!(ran.err.contains(what), "{}", ran.told());
    }
}

#[test]
fn a_config_is_looked_at_with_its_owners_and_lines() {
    let (listed, typed) = (free_port(), free_port());
    let text = format!(
        "default_owner = \"ops\"\n[check]\nfail_on = \"never\"\n[[owner]]\nname = \"ops\"\n[[target]]\ntags = [\"t\"]\nnames = [\n\"127.0.0.1:{listed}\"]\n"
    );
    let (_folder, path) = written(&text);
    let path = path.to_str().unwrap();
    let typed = format!("127.0.0.1:{typed}");
    let ran = run(&["check", "-c", path, &typed, "--format", "json", "--no-progress"]);
    assert_eq!(ran.code, Some(0), "the file says never: {}", ran.told());
    let report = ran.json();
    let endpoints = report["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 2);
    let owned = endpoints.iter().find(|endpoint| endpoint["owner"] == "ops").unwrap();
    assert_eq!(owned["origin"]["file"], path);
    assert_eq!(owned["origin"]["line"], 9);
    assert_eq!(owned["tags"][0], "t");
    let ran = run(&["check", "-c", path, "--fail-on", "warning", "--no-progress"]);
    assert_eq!(ran.code, Some(1), "what is typed wins: {}", ran.told());
}

#[test]
fn a_line_of_a_list_that_is_no_target_has_its_owner() {
    let (folder, path) = written(
        "[[owner]]\nname = \"web\"\n[[target]]\nowner = \"web\"\nhosts = [\"web.txt\", \"gone.txt\"]\n",
    );
    fs::write(folder.path().join("web.txt"), "a b\n").unwrap();
    let ran = run(&["check", "-c", path.to_str().unwrap(), "--format", "json", "--no-progress"]);
    let report = ran.json();
    let endpoints = report["endpoints"].as_array().unwrap();
    let told =
        |endpoint: &serde_json::Value| (endpoint["outcome"].clone(), endpoint["owner"].clone());
    let all: Vec<_> = endpoints.iter().map(told).collect();
    assert_eq!(
        all,
        [("invalid-target".into(), "web".into()), ("invalid-target".into(), "web".into())]
    );
}

#[test]
fn mail_servers_are_greeted_with_the_name_in_the_config() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_folder, path) = written(&format!(
        "[check]\nehlo_name = \"monitor.lab.test\"\n[[target]]\nnames = [\"smtp://127.0.0.1:{port}\"]\n"
    ));
    let path = path.to_str().unwrap();
    for (more, greeting) in [
        (&[] as &[&str], "EHLO monitor.lab.test\r\n"),
        (&["--ehlo-name", "typed.lab.test"], "EHLO typed.lab.test\r\n"),
    ] {
        let listener = listener.try_clone().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"220 mail.lab.test ESMTP\r\n").unwrap();
            let mut heard = String::new();
            BufReader::new(&stream).read_line(&mut heard).unwrap();
            stream.write_all(b"250 mail.lab.test\r\n").unwrap();
            heard
        });
        let ran = run(&[&["check", "-c", path, "--no-progress"], more].concat());
        assert_eq!(server.join().unwrap(), greeting, "{}", ran.told());
        assert!(ran.out.contains("starttls-refused"), "{}", ran.told());
    }
}

/// OpenSSL's server that lets in only whom it knows; the other target shows nothing.
#[test]
fn a_target_shows_its_own_client_certificate() {
    let authority = Authority::new();
    authority.leaf("server", "ec", &["IP:127.0.0.1"], 90);
    authority.leaf("client", "ec", &[], 90);
    let options =
        ["-cert", "server.pem", "-key", "server.key", "-cert_chain", "int.pem", "-tls1_2"];
    let asks = ["-Verify", "2", "-verify_return_error", "-CAfile", "root.pem"];
    let (_server, port) = authority.s_server(&[&options[..], &asks].concat());
    let config = authority.path("certvigil.toml");
    let told = |client: &str| {
        let text = format!(
            "[check]\ntrust = [\"root.pem\"]\nfirst_certificate = true\n\
             [[target]]\nnames = [\"127.0.0.1:{port}\"]\n{client}"
        );
        fs::write(&config, text).unwrap();
        let config = config.to_str().unwrap();
        run(&["check", "-c", config, "--format", "json", "--no-progress"])
    };
    let shown = told("client_certificate = \"client.chain.pem\"\nclient_key = \"client.key\"\n");
    assert_eq!(shown.code, Some(0), "{}", shown.told());
    let nothing = told("");
    assert_eq!(nothing.code, Some(1), "{}", nothing.told());
    let half = told("client_certificate = \"client.chain.pem\"\n");
    assert_eq!(half.code, Some(2), "{}", half.told());
    assert!(half.err.contains("client_key"), "{}", half.told());
}

/// Certificates and a key store by OpenSSL's own command.
#[test]
fn certificates_on_disk_are_endpoints() {
    let authority = Authority::new();
    authority.leaf("good", "ec", &["DNS:www.example.org"], 300);
    authority.leaf("late", "ec", &["DNS:www.example.org"], -1);
    fs::write(authority.path("word"), "open\n").unwrap();
    authority.openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        "late.key",
        "-in",
        "late.pem",
        "-out",
        "store.p12",
        "-passout",
        "file:word",
    ]);
    let config = authority.path("certvigil.toml");
    let text = "[[target]]\nfiles = [\"good.chain.pem\", \"*.p12\"]\npassword = \"file:word\"\ntags = [\"disk\"]\n\
                [[target]]\nfiles = [\"good.key\", \"gone.pem\"]\n";
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let ran = run(&["check", "-c", config, "--format", "json", "--no-progress"]);
    let report = ran.json();
    let mut told: Vec<_> = report["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| {
            let text = |key: &str| endpoint[key].as_str().unwrap_or("-");
            let findings = endpoint["findings"].as_array().unwrap();
            let worst = findings.first().map_or("-", |finding| finding["id"].as_str().unwrap());
            format!(
                "{} {} {} {} {worst} {}",
                text("transport"),
                text("address"),
                text("verdict"),
                text("outcome"),
                endpoint["origin"]["line"]
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "file good.chain.pem#0 ok captured - 2",
            "file good.chain.pem#1 ok captured - 2",
            "file good.key#0 unknown no-certificate no-certificate 6",
            "file store.p12#0 critical captured expired 2",
            "tcp - unknown invalid-target invalid-target 6",
        ],
        "{}",
        ran.told()
    );
}

/// The design's smallest config, and a round over it on loopback.
#[test]
fn the_smallest_config_runs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/smallest.toml");
    let below = "certvigil-4092584e.apps.example.org";
    let mut arguments = vec!["check", "-c", path, "--format", "json", "--no-progress"];
    let overrides = [("www.example.org", 443), (below, 443), ("mail.example.org", 25)]
        .map(|(host, port)| format!("{host}:{port}:127.0.0.1"));
    overrides.iter().for_each(|to| arguments.extend(["--resolve", to]));
    let report = run(&arguments).json();
    assert_eq!(report["round"]["expected"], 3);
    assert_eq!(report["round"]["attempted"], 3);
    let endpoints = report["endpoints"].as_array().unwrap();
    assert!(endpoints.iter().all(|endpoint| endpoint["owner"] == "ops"));
    assert!(endpoints.iter().all(|endpoint| endpoint["origin"]["line"] == 7));
    let addresses = endpoints.iter().map(|endpoint| endpoint["address"].as_str().unwrap());
    let mut addresses: Vec<_> = addresses.collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["127.0.0.1:25", "127.0.0.1:443", "127.0.0.1:443"]);
}

#[test]
fn the_example_passes_its_own_check() {
    let example = run(&["config", "example"]);
    assert_eq!(example.code, Some(0));
    let (_folder, path) = written(&example.out);
    let ran = run(&["config", "check", path.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(ran.out.ends_with(": 2 targets, 1 owner, 0 acceptances\n"), "{}", ran.told());
}

/// Plain `config check` asks nobody; with `--ask` it says what a tracker lacks, and that a store cannot be opened.
#[test]
fn trackers_are_asked_only_where_that_is_asked_for() {
    let (folder, path) = written(
        "default_owner = \"ops\"\n[[owner]]\nname = \"ops\"\ntracker = { kind = \"local\", folder = \"issues\" }\n[store]\npath = \"store.db\"\n",
    );
    let file = path.to_str().unwrap();
    let plain = run(&["config", "check", file]);
    assert_eq!(plain.code, Some(0), "{}", plain.told());
    assert!(!folder.path().join("store.db").exists());
    let lacking = run(&["config", "check", "--ask", file]);
    assert_eq!((lacking.code, &lacking.out[..]), (Some(2), ""), "{}", lacking.told());
    assert!(lacking.err.contains("make the folder"), "{}", lacking.told());
    fs::create_dir(folder.path().join("issues")).unwrap();
    let good = run(&["config", "check", "--ask", file]);
    assert_eq!(good.code, Some(0), "{}", good.told());
    fs::write(
        folder.path().join("store.db"),
        "no store of ours, and longer than a header".repeat(9),
    )
    .unwrap();
    let broken = run(&["config", "check", "--ask", file]);
    assert_eq!((broken.code, &broken.out[..]), (Some(2), ""), "{}", broken.told());
    assert!(broken.err.contains("store.db"), "{}", broken.told());
}
