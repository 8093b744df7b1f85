//! Servers that start in plaintext, nobody's mirror of ours: Exim, aiosmtpd, Dovecot, INN.
//!
//! Each is looked at through the binary; its certificate must be the one that `openssl s_client`
//! gets, and its own log must not complain of how the client left.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::command::{Peer, Ran, check, findings, free_port, skipped};
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
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let is_installed = folders.iter().any(|folder| Path::new(folder).join(program).exists());
    if !is_installed {
        println!("SKIPPED: {program} absent: its STARTTLS is not tried (scripts/test installs it)");
    } else if !is_root {
        println!("SKIPPED: {program} wants to be started by root: its STARTTLS is not tried");
    }
    is_installed && is_root
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

#[test]
fn aiosmtpd_is_looked_at_and_left_as_a_client_would() {
    const MODULE: &str = "/usr/lib/python3/dist-packages/aiosmtpd";
    if !Path::new(MODULE).exists() {
        skipped("aiosmtpd absent: its STARTTLS is not tried (scripts/test installs it)");
        return;
    }
    let authority = authority();
    for (service, options) in
        [("smtp", ["--tlscert", "--tlskey"]), ("smtps", ["--smtpscert", "--smtpskey"])]
    {
        let port = free_port();
        let at = format!("127.0.0.1:{port}");
        let [certificate, key] = options;
        let how = [certificate, "ec.chain.pem", key, "ec.key", "-n", "-d", "-d", "-l", &at];
        let arguments = [&["-m", "aiosmtpd"], &how[..]].concat();
        let _aiosmtpd = Peer::start("/usr/bin/python3", &arguments, authority.folder(), port);
        let target = format!("{service}://127.0.0.1:{port}#mx.lab.test");
        let (ran, report) = check(&target, Some(&authority.root()), &["--first-certificate"]);
        assert_eq!(ran.code, Some(0), "{service}: {}", ran.told());
        let seen = report["endpoints"][0]["end_entity"]["sha256"].as_str().unwrap();
        let own =
            authority.openssl(&["x509", "-in", "ec.pem", "-noout", "-fingerprint", "-sha256"]);
        assert_eq!(seen, own.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase());
        // Where TLS comes first there is nothing to say farewell to.
        let farewells = usize::from(service == "smtp");
        let log = logged(&authority.path(&format!("{port}.log")), "b'QUIT'", farewells);
        assert!(!log.contains("Traceback"), "{log}");
    }
}

#[test]
fn dovecot_is_looked_at_and_left_as_a_client_would() {
    if !is_here("dovecot") {
        return;
    }
    let authority = authority();
    let folder = authority.folder().to_str().unwrap();
    // Its workers give root up and must get to their sockets.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let [imap, pop3, sieve, lmtp, submission] = [(); 5].map(|()| free_port());
    let config = format!(
        "protocols = imap pop3 sieve lmtp submission
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/ec.chain.pem
ssl_key = <{folder}/ec.key
ssl_alt_cert = <{folder}/rsa.chain.pem
ssl_alt_key = <{folder}/rsa.key
passdb {{
  driver = static
  args = password=none
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/home
}}
submission_relay_host = 127.0.0.1
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service managesieve-login {{
  inet_listener sieve {{
    port = {sieve}
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {submission}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"
    );
    let path = authority.path("dovecot.conf");
    std::fs::write(&path, config).unwrap();
    let arguments = ["-F", "-c", path.to_str().unwrap()];
    let _dovecot = Peer::start("dovecot", &arguments, authority.folder(), imap);
    let log = authority.path("dovecot.log");
    for (service, port, left) in [
        ("imap", imap, "imap-login: Info: Disconnected: Aborted login by logging out"),
        ("pop3", pop3, "pop3-login: Info: Disconnected: Aborted login by logging out"),
        ("sieve", sieve, "managesieve-login: Info: Disconnected: Aborted login by logging out"),
        ("smtp", submission, "submission-login: Info: Disconnected: Aborted login by logging out"),
        ("lmtp", lmtp, "Disconnect from 127.0.0.1: Logged out (state=READY)"),
    ] {
        let (ran, endpoint) = looked_at(service, port, &authority);
        let asked: Vec<_> =
            endpoint["presented"].as_array().unwrap().iter().map(|one| &one["asked"]).collect();
        assert_eq!(asked, ["any", "rsa"], "{service}: {}", ran.told());
        logged(&log, left, 1);
    }
}

/// It has no log but the system's; that it is left well is not seen here.
#[test]
fn inn_is_looked_at() {
    if !is_here("nnrpd") {
        return;
    }
    let authority = authority();
    let folder = authority.folder().to_str().unwrap();
    let port = free_port();
    let config = format!(
        "organization: lab
pathhost: news.lab.test
domain: lab.test
pathnews: /usr/lib/news
mta: \"/bin/false %s\"
hismethod: hisv6
ovmethod: tradindexed
enableoverview: true
nnrpdloadlimit: 0
pathetc: {folder}
pathspool: {folder}
pathoverview: {folder}
patharticles: {folder}
pathdb: {folder}
pathrun: {folder}
pathlog: {folder}
pathtmp: {folder}
tlscertfile: {folder}/ec.chain.pem
tlskeyfile: {folder}/ec.key
tlscafile: {folder}/root.pem
"
    );
    for (file, text) in [
        ("inn.conf", config.as_str()),
        (
            "readers.conf",
            "auth a { hosts: \"*\" default: nobody }\naccess a { users: \"*\" newsgroups: \"*\" }\n",
        ),
        ("storage.conf", "method tradspool {\n newsgroups: *\n class: 0\n}\n"),
        ("active", "control 0000000000 0000000001 n\njunk 0000000000 0000000001 n\n"),
        ("newsgroups", ""),
    ] {
        std::fs::write(authority.path(file), text).unwrap();
    }
    given_to_news(authority.folder());
    let inn = format!("INNCONF={folder}/inn.conf");
    let as_news = [&inn, "setpriv", "--reuid=news", "--regid=news", "--clear-groups"];
    history(&as_news);
    let port_text = port.to_string();
    let nnrpd = ["/usr/lib/news/bin/nnrpd", "-D", "-f", "-b", "127.0.0.1", "-p", &port_text];
    let arguments = [&as_news[..], &nnrpd].concat();
    let _nnrpd = Peer::start("env", &arguments, authority.folder(), port);
    looked_at("nntp", port, &authority);
}

/// The user and group `news`, which are 9 wherever Debian is.
fn given_to_news(folder: &Path) {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in files.chain([folder.to_owned()]) {
        std::os::unix::fs::chown(path, Some(9), Some(9)).unwrap();
    }
}

/// A server without a history turns every reader away.
#[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
fn history(as_news: &[&str]) {
    let arguments = ["/usr/lib/news/bin/makehistory", "-O"];
    let output = Command::new("env").args(as_news).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
