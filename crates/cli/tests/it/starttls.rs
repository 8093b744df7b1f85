//! Servers that start in plaintext, nobody's mirror of ours: Exim.
//!
//! Each is looked at through the binary; its certificate must be the one that `openssl s_client`
//! gets, and its own log must not complain of how the client left.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::command::{Peer, Ran, check, findings, free_port};
use crate::openssl::Authority;

/// Two key types, so that the second look goes through the dialect too.
pub(crate) fn authority() -> Authority {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:mx.lab.test"], 90);
    authority.leaf("rsa", "rsa", &["DNS:mx.lab.test"], 90);
    authority
}

/// Looks at `service` on `port` and holds what was seen against what `s_client` sees there.
fn looked_at(service: &str, port: u16, authority: &Authority) -> (Ran, Value) {
    let target = format!("{service}://127.0.0.1:{port}#mx.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &[]);
    let endpoint = report["endpoints"][0].clone();
    assert_eq!(ran.code, Some(0), "{service}: {}", ran.told());
    assert_eq!(endpoint["verdict"], "ok", "{service}: {}", ran.told());
    assert_eq!(endpoint["outcome"], "captured", "{service}: {}", ran.told());
    assert_eq!(endpoint["presented"][0]["by"], "rustls", "{service}");
    assert_eq!(endpoint["presented"][0]["tls"]["key_proof"], "proven", "{service}");
    assert!(!findings(&endpoint).contains(&"starttls-injection"), "{service}: {}", ran.told());
    let seen = endpoint["end_entity"]["sha256"].as_str().unwrap();
    assert_eq!(seen, fingerprint_by_s_client(authority, service, port), "{service}");
    (ran, endpoint)
}

/// The end entity's SHA-256 as OpenSSL gets it over the same dialect.
#[expect(clippy::disallowed_methods, reason = "tests start the programs that they compare with")]
fn fingerprint_by_s_client(authority: &Authority, dialect: &str, port: u16) -> String {
    let at = format!("127.0.0.1:{port}");
    let arguments = ["-starttls", dialect, "-connect", &at, "-servername", "mx.lab.test"];
    let mut command = Command::new("openssl");
    command.arg("s_client").args(arguments).stdin(std::process::Stdio::null());
    let output = command.output().unwrap();
    let path = authority.path(&format!("{dialect}.{port}.pem"));
    std::fs::write(&path, output.stdout).unwrap();
    let file = path.to_str().unwrap();
    let said = authority.openssl(&["x509", "-in", file, "-noout", "-fingerprint", "-sha256"]);
    said.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase()
}

/// Whether `program` is here; says so where it is not.
#[expect(clippy::print_stdout, reason = "a skip is told")]
pub(crate) fn is_here(program: &str) -> bool {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/lib/news/bin"];
    let here = folders.iter().any(|folder| Path::new(folder).join(program).exists());
    if !here {
        println!("SKIPPED: {program} absent: its STARTTLS is not tried (scripts/test installs it)");
    }
    here
}

/// Waits until `file` holds `words` so many times, and returns all of it.
pub(crate) fn logged(file: &Path, words: &str, times: usize) -> String {
    let until = SystemClock.monotonic() + Duration::from_secs(20);
    loop {
        let log = std::fs::read_to_string(file).unwrap_or_default();
        if log.matches(words).count() >= times {
            return log;
        }
        assert!(SystemClock.monotonic() < until, "no {words:?} in {log}");
        std::thread::yield_now();
    }
}

#[test]
fn exim_is_looked_at_and_left_as_a_client_would() {
    if !is_here("exim4") {
        return;
    }
    let authority = authority();
    let folder = authority.folder().to_str().unwrap();
    let port = free_port();
    let config = format!(
        "primary_hostname = mx.lab.test
exim_user = root
exim_group = root
spool_directory = {folder}/spool
log_file_path = {folder}/exim.%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
log_selector = +smtp_connection +smtp_no_mail +smtp_protocol_error +smtp_syntax_error
tls_advertise_hosts = *
tls_certificate = {folder}/rsa.chain.pem : {folder}/ec.chain.pem
tls_privatekey = {folder}/rsa.key : {folder}/ec.key
host_lookup =
rfc1413_hosts =
keep_environment =
"
    );
    let path = authority.path("exim.conf");
    std::fs::write(&path, config).unwrap();
    let arguments = ["-C", path.to_str().unwrap(), "-bdf", "-q1h"];
    let _exim = Peer::start("/usr/sbin/exim4", &arguments, authority.folder(), port);
    let log = authority.path("exim.mainlog");
    // The connection that found the port open said nothing.
    logged(&log, " lost", 1);
    let target = format!("smtp://127.0.0.1:{port}#mx.lab.test");
    let options = ["--first-certificate", "--ehlo-name", "monitor.lab.test"];
    let (ran, _) = check(&target, Some(&authority.root()), &options);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let said = logged(&log, "C=EHLO,STARTTLS,QUIT", 1);
    assert!(said.contains("closed by QUIT"), "{said}");
    assert!(said.matches(" lost").count() == 1 && !said.contains("error"), "{said}");
    let (ran, endpoint) = looked_at("smtp", port, &authority);
    let asked: Vec<_> =
        endpoint["presented"].as_array().unwrap().iter().map(|one| &one["asked"]).collect();
    assert_eq!(asked, ["any", "ecdsa"], "{}", ran.told());
}
