//! A server of each other service, as people run it: of those that start in plaintext, and of those
//! that begin with TLS.
//!
//! Each is looked at through the binary; the certificate must be the one that `openssl s_client`
//! gets, and the server's own log must not complain of how the client left.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::{Peer, check, findings, free_port};
use crate::openssl::Authority;
use crate::starttls::{authority, is_here, logged};

/// How OpenSSL is told to get to TLS; nothing where TLS comes first.
pub(crate) const DIRECT: &[&str] = &[];

/// Looks at `service` on `port`, holds what was seen against what `s_client` sees there, and against
/// the dates and names that OpenSSL prints.
pub(crate) fn looked_at(service: &str, port: u16, authority: &Authority, how: &[&str]) -> Value {
    let target = format!("{service}://127.0.0.1:{port}#mx.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &[]);
    let endpoint = report["endpoints"][0].clone();
    let told = ran.told();
    assert_eq!(ran.code, Some(0), "{service}: {told}");
    assert_eq!(endpoint["outcome"], "captured", "{service}: {told}");
    assert_eq!(endpoint["presented"][0]["by"], "rustls", "{service}: {told}");
    assert_eq!(endpoint["presented"][0]["tls"]["key_proof"], "proven", "{service}: {told}");
    assert!(!findings(&endpoint).contains(&"starttls-injection"), "{service}: {told}");
    let seen = seen_by_s_client(authority, port, how);
    let end_entity = &endpoint["end_entity"];
    assert_eq!(end_entity["not_after"], seen.not_after, "{service}");
    assert_eq!(end_entity["sha256"], seen.fingerprint, "{service}");
    assert_eq!(end_entity["subject_alt_name"], serde_json::json!(["DNS:mx.lab.test"]), "{service}");
    endpoint
}

struct Seen {
    not_after: String,
    fingerprint: String,
}

#[expect(clippy::disallowed_methods, reason = "tests start the programs that they compare with")]
fn seen_by_s_client(authority: &Authority, port: u16, how: &[&str]) -> Seen {
    let at = format!("127.0.0.1:{port}");
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &at, "-servername", "mx.lab.test"]).args(how);
    let output = command.stdin(Stdio::null()).output().unwrap();
    fs::write(authority.path("seen.pem"), output.stdout).unwrap();
    let wanted = ["-noout", "-enddate", "-fingerprint", "-sha256", "-dateopt", "iso_8601"];
    let said = authority.openssl(&[&["x509", "-in", "seen.pem"], &wanted[..]].concat());
    let value =
        |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    Seen {
        not_after: value("notAfter=").replace(' ', "T"),
        fingerprint: value("sha256 Fingerprint=").replace(':', "").to_lowercase(),
    }
}

/// Starts `program`, whose output is a log.
pub(crate) fn start(
    program: &str,
    arguments: &[&str],
    authority: &Authority,
    port: u16,
) -> (Peer, PathBuf) {
    let peer = Peer::start(program, arguments, authority.folder(), port);
    (peer, authority.path(&format!("{port}.log")))
}

pub(crate) fn written(authority: &Authority, name: &str, text: &str) -> String {
    let path = authority.path(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) fn folder(authority: &Authority) -> &str {
    authority.folder().to_str().unwrap()
}

#[test]
fn vsftpd_by_auth_tls_and_over_implicit_tls() {
    if !is_here("vsftpd") {
        return;
    }
    let authority = authority();
    for implicit in [false, true] {
        let port = free_port();
        let folder = folder(&authority);
        let implicit_ssl = if implicit { "YES" } else { "NO" };
        fs::create_dir_all(authority.path("empty")).unwrap();
        let config = format!(
            "listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port={port}\nanonymous_enable=YES
anon_root={folder}/empty\nsecure_chroot_dir={folder}/empty\nnopriv_user=nobody\nftp_username=nobody
ssl_enable=YES\nimplicit_ssl={implicit_ssl}\nrsa_cert_file={folder}/rsa.chain.pem\nrsa_private_key_file={folder}/rsa.key
seccomp_sandbox=NO\nisolate=NO\nisolate_network=NO\nftpd_banner=Welcome
xferlog_enable=YES\nxferlog_std_format=NO\nlog_ftp_protocol=YES\nvsftpd_log_file={folder}/{port}.ftp.log\n"
        );
        let config = written(&authority, &format!("{port}.conf"), &config);
        let (_vsftpd, _) = start("/usr/sbin/vsftpd", &[&config], &authority, port);
        if implicit {
            looked_at("ftps", port, &authority, DIRECT);
            continue;
        }
        looked_at("ftp", port, &authority, &["-starttls", "ftp"]);
        // Once in the look, once in that for a second certificate.
        let log = logged(&authority.path(&format!("{port}.ftp.log")), "\"QUIT\"", 1);
        assert!(log.contains("\"AUTH TLS\"") && log.contains("\"221 Goodbye.\""), "{log}");
    }
}

#[test]
fn slapd_by_start_tls_and_over_tls() {
    if !is_here("slapd") {
        return;
    }
    let authority = authority();
    let (port, direct) = (free_port(), free_port());
    let folder = folder(&authority);
    fs::create_dir(authority.path("db")).unwrap();
    let config = format!(
        "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb
TLSCertificateFile {folder}/ec.chain.pem\nTLSCertificateKeyFile {folder}/ec.key
database mdb\ndirectory {folder}/db\nmaxsize 1048576\nsuffix dc=lab,dc=test\n"
    );
    let config = written(&authority, "slapd.conf", &config);
    let urls = format!("ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{direct}/");
    let arguments = ["-d", "256", "-f", &config, "-h", &urls];
    let (_slapd, log) = start("/usr/sbin/slapd", &arguments, &authority, port);
    looked_at("ldap", port, &authority, &["-starttls", "ldap"]);
    let log = logged(&log, "UNBIND", 1);
    assert!(log.contains("STARTTLS") && log.contains("TLS established"), "{log}");
    looked_at("ldaps", direct, &authority, DIRECT);
}

/// OpenLDAP without a certificate answers protocolError.
#[test]
fn slapd_without_tls_refuses_in_its_own_words() {
    if !is_here("slapd") {
        return;
    }
    let authority = authority();
    let port = free_port();
    fs::create_dir(authority.path("db")).unwrap();
    let config = format!(
        "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb
database mdb\ndirectory {}/db\nmaxsize 1048576\nsuffix dc=lab,dc=test\n",
        folder(&authority)
    );
    let config = written(&authority, "slapd.conf", &config);
    let url = format!("ldap://127.0.0.1:{port}/");
    let arguments = ["-d", "256", "-f", &config, "-h", &url];
    let (_slapd, log) = start("/usr/sbin/slapd", &arguments, &authority, port);
    let reason = refused("ldap", port, &authority);
    assert!(reason.contains("protocolError (2): unsupported extended operation"), "{reason}");
    logged(&log, "UNBIND", 1);
}

#[test]
fn prosody_for_clients_and_for_servers() {
    if !is_here("prosody") {
        return;
    }
    let authority = authority();
    let (clients, servers) = (free_port(), free_port());
    let folder = folder(&authority);
    fs::create_dir(authority.path("data")).unwrap();
    let config = format!(
        "run_as_root = true; pidfile = '{folder}/pid'; data_path = '{folder}/data'; plugin_paths = {{}}
interfaces = {{ '127.0.0.1' }}; c2s_ports = {{ {clients} }}; s2s_ports = {{ {servers} }}
modules_enabled = {{ 'tls', 'saslauth', 'dialback', 's2s', 'c2s' }}; modules_disabled = {{ 'posix' }}
c2s_require_encryption = true; s2s_require_encryption = true
log = {{ {{ levels = {{ min = 'debug' }}, to = 'console' }} }}
ssl = {{ certificate = '{folder}/ec.chain.pem'; key = '{folder}/ec.key' }}; certificates = '{folder}/none'
VirtualHost 'mx.lab.test'\n"
    );
    let config = written(&authority, "prosody.cfg.lua", &config);
    let arguments = ["--config", &config, "-F"];
    let (prosody, log) = start("/usr/bin/prosody", &arguments, &authority, servers);
    for (service, port, dialect) in
        [("xmpp-client", clients, "xmpp"), ("xmpp-server", servers, "xmpp-server")]
    {
        let how = ["-starttls", dialect, "-xmpphost", "mx.lab.test"];
        looked_at(service, port, &authority, &how);
    }
    // A host that is not served is told by the stream's own error.
    let target = format!("xmpp-client://127.0.0.1:{clients}#other.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &[]);
    let endpoint = &report["endpoints"][0];
    assert_eq!(endpoint["outcome"], "starttls-refused", "{}", ran.told());
    let reason = endpoint["reason"].as_str().unwrap();
    assert!(reason.contains("“host-unknown: "), "{reason}");
    drop(prosody);
    let log = fs::read_to_string(log).unwrap();
    assert!(!log.contains("not-well-formed") && !log.contains("Traceback"), "{log}");
}

#[test]
fn postgresql_with_tls_and_without() {
    const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
    if !Path::new(PROGRAMS).exists() {
        is_here("postgresql 15");
        return;
    }
    let authority = authority();
    let port = free_port();
    let data = cluster(&authority, PROGRAMS, port);
    let program = format!("{PROGRAMS}/postgres");
    let arguments = unprivileged(&[&program, "-D", &data]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (postgres, log) = start(arguments[0], &arguments[1..], &authority, port);
    looked_at("postgres", port, &authority, &["-starttls", "postgres"]);
    // It ends when all of its processes have, and so has written all.
    drop(postgres);
    let log = fs::read_to_string(log).unwrap();
    // The question for an RSA certificate, which it has not.
    let log = log.replacen("could not accept SSL connection: no shared cipher", "", 1);
    for complaint in ["invalid", "could not", "SSL", "incomplete"] {
        assert!(!log.contains(complaint), "{complaint}: {log}");
    }
    let without = [&arguments[1..], &["-c", "ssl=off"]].concat();
    let (_postgres, _) = start(arguments[0], &without, &authority, port);
    let reason = refused("postgres", port, &authority);
    assert!(reason.contains("the server does not offer TLS"), "{reason}");
}

/// A data folder with a certificate, ready to be served.
#[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
pub(crate) fn cluster(authority: &Authority, programs: &str, port: u16) -> String {
    let home = authority.path("postgres");
    fs::create_dir(&home).unwrap();
    make_passable(authority.folder());
    give_away(&home);
    let data = home.join("data").to_str().unwrap().to_owned();
    let arguments = ["-D", &data, "-A", "trust", "-U", "lab", "--no-sync", "--locale=C.UTF-8"];
    let program = format!("{programs}/initdb");
    let all = unprivileged(&[&[program.as_str()][..], &arguments].concat());
    let output = Command::new(&all[0]).args(&all[1..]).current_dir(&home).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (from, to) in [("ec.chain.pem", "server.crt"), ("ec.key", "server.key")] {
        let to = home.join("data").join(to);
        fs::copy(authority.path(from), &to).unwrap();
        set_mode(&to, 0o600);
        give_away(&to);
    }
    let settings = home.join("data/postgresql.auto.conf");
    let text = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nssl = on
fsync = off\nlog_connections = on\nlog_min_messages = debug1\nlogging_collector = off\n"
    );
    fs::write(settings, text).unwrap();
    data
}

#[test]
fn mariadb_with_tls_and_without() {
    if !is_here("mariadbd") {
        return;
    }
    let authority = authority();
    let folder = folder(&authority).to_owned();
    let data = format!("{folder}/data");
    install_mariadb(&authority, &data);
    let port = free_port();
    let tls = [
        format!("--ssl-cert={folder}/ec.chain.pem"),
        format!("--ssl-key={folder}/ec.key"),
        format!("--ssl-ca={folder}/root.pem"),
    ];
    let all = [
        "--no-defaults".to_owned(),
        "--user=root".to_owned(),
        "--skip-grant-tables".to_owned(),
        "--skip-networking=0".to_owned(),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--skip-log-bin".to_owned(),
        "--innodb-buffer-pool-size=8M".to_owned(),
        "--log-warnings=4".to_owned(),
        format!("--datadir={data}"),
        format!("--port={port}"),
        format!("--socket={folder}/s"),
        format!("--pid-file={folder}/pid"),
    ];
    let mut arguments: Vec<&str> = all.iter().map(String::as_str).collect();
    let program = "/usr/sbin/mariadbd";
    {
        let _mariadb = start(program, &arguments, &authority, port);
        let reason = refused("mysql", port, &authority);
        assert!(reason.contains("the server does not offer TLS"), "{reason}");
    }
    arguments.extend(tls.iter().map(String::as_str));
    let (_mariadb, log) = start(program, &arguments, &authority, port);
    looked_at("mysql", port, &authority, &["-starttls", "mysql"]);
    // What it says of every client that knows no user; anything else would be a complaint.
    let log = logged(&log, "(This connection closed normally without authentication)", 2);
    assert!(!log.contains("Got an error") && !log.contains("out of order"), "{log}");
}

#[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
fn install_mariadb(authority: &Authority, data: &str) {
    let data = format!("--datadir={data}");
    let arguments = ["--no-defaults", "--user=root", "--skip-test-db", &data];
    let mut command = Command::new("mariadb-install-db");
    command.args(arguments).arg("--auth-root-authentication-method=normal");
    let output = command.current_dir(authority.folder()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn mosquitto_over_tls() {
    if !is_here("mosquitto") {
        return;
    }
    let authority = authority();
    let port = free_port();
    let folder = folder(&authority);
    let config = format!(
        "listener {port} 127.0.0.1\nuser root\nallow_anonymous true\nlog_dest stdout
certfile {folder}/ec.chain.pem\nkeyfile {folder}/ec.key\n"
    );
    let config = written(&authority, "mosquitto.conf", &config);
    let _mosquitto = start("/usr/sbin/mosquitto", &["-c", &config], &authority, port);
    looked_at("mqtts", port, &authority, DIRECT);
}

#[test]
fn redis_over_tls() {
    if !is_here("redis-server") {
        return;
    }
    let authority = authority();
    let port = free_port();
    let folder = folder(&authority);
    let config = format!(
        "port 0\ntls-port {port}\nbind 127.0.0.1\ndir {folder}\nsave ''\ntls-auth-clients no
tls-cert-file {folder}/ec.chain.pem\ntls-key-file {folder}/ec.key\ntls-ca-cert-file {folder}/root.pem\n"
    );
    let config = written(&authority, "redis.conf", &config);
    let _redis = start("/usr/bin/redis-server", &[&config], &authority, port);
    looked_at("rediss", port, &authority, DIRECT);
}

#[test]
fn bind_over_tls() {
    if !is_here("named") {
        return;
    }
    let authority = authority();
    let port = free_port();
    let folder = folder(&authority);
    let config = format!(
        "tls local {{ cert-file \"{folder}/ec.chain.pem\"; key-file \"{folder}/ec.key\"; }}; controls {{ }};
options {{ directory \"{folder}\"; pid-file \"{folder}/pid\"; session-keyfile \"{folder}/key\"; recursion no;
  dnssec-validation no; listen-on port {port} tls local {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; }};\n"
    );
    let config = written(&authority, "named.conf", &config);
    let arguments = ["-g", "-n", "1", "-c", &config];
    let _named = start("/usr/sbin/named", &arguments, &authority, port);
    let endpoint = looked_at("dot", port, &authority, DIRECT);
    assert_eq!(endpoint["presented"][0]["tls"]["alpn_protocol"], "dot", "{endpoint}");
}

#[test]
fn dovecot_over_tls() {
    if !is_here("dovecot") {
        return;
    }
    let authority = authority();
    let [imaps, pop3s, smtps] = [free_port(), free_port(), free_port()];
    let folder = folder(&authority);
    let listener = |login: &str, plain: &str, direct: &str, port: u16| {
        format!(
            "service {login}-login {{\n  inet_listener {plain} {{\n    port = 0\n  }}
  inet_listener {direct} {{\n    port = {port}\n    ssl = yes\n  }}\n}}\n"
        )
    };
    let config = format!(
        "protocols = imap pop3 submission\nbase_dir = {folder}/run\nstate_dir = {folder}/state
log_path = /dev/stderr\nlisten = 127.0.0.1\nssl = required
ssl_cert = <{folder}/ec.chain.pem\nssl_key = <{folder}/ec.key
ssl_alt_cert = <{folder}/rsa.chain.pem\nssl_alt_key = <{folder}/rsa.key
submission_relay_host = 127.0.0.1
passdb {{\n  driver = static\n  args = password=secret\n}}\n{}{}{}",
        listener("imap", "imap", "imaps", imaps),
        listener("pop3", "pop3", "pop3s", pop3s),
        listener("submission", "submission", "submissions", smtps),
    );
    let config = written(&authority, "dovecot.conf", &config);
    let _dovecot = start("/usr/sbin/dovecot", &["-F", "-c", &config], &authority, smtps);
    for (service, port) in [("imaps", imaps), ("pop3s", pop3s), ("smtps", smtps)] {
        let endpoint = looked_at(service, port, &authority, DIRECT);
        assert_eq!(endpoint["presented"].as_array().unwrap().len(), 2, "{endpoint}");
    }
}

/// The reason of a look that the server's own refusal ended.
fn refused(service: &str, port: u16, authority: &Authority) -> String {
    let target = format!("{service}://127.0.0.1:{port}#mx.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &[]);
    let endpoint = &report["endpoints"][0];
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert_eq!(endpoint["outcome"], "starttls-refused", "{}", ran.told());
    assert_eq!(endpoint["verdict"], "unknown", "{}", ran.told());
    assert_eq!(endpoint["phase"], "starttls", "{}", ran.told());
    endpoint["reason"].as_str().unwrap().to_owned()
}

/// The user and group `nobody`, as Debian numbers them.
pub(crate) const NOBODY: u32 = 65_534;

/// PostgreSQL refuses to run as root.
pub(crate) fn unprivileged(command: &[&str]) -> Vec<String> {
    let id = format!("--reuid={NOBODY}");
    let group = format!("--regid={NOBODY}");
    let drop = ["/usr/bin/setpriv", &id, &group, "--clear-groups"];
    let prefix: &[&str] = if is_root() { &drop } else { &[] };
    [prefix, command].concat().iter().map(|word| (*word).to_owned()).collect()
}

fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn make_passable(folder: &Path) {
    set_mode(folder, 0o711);
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
