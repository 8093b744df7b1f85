//! Servers whose Debian packages exclude one that other tests need: unpacked, not installed, and
//! run from where they lie.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use crate::command::{check, findings, free_port, skipped};
use crate::services::{DIRECT, folder, looked_at, start, written};
use crate::starttls::{authority, logged};

/// Where `scripts/test` unpacks `server`; says so where it is not there.
fn unpacked(server: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let root = target.join("unpacked").join(server);
    if !root.join("usr").exists() {
        skipped(&format!("{server} is not unpacked: it is not tried (scripts/test does that)"));
    } else if !rustix::process::geteuid().is_root() {
        skipped(&format!("{server} wants to be started by root: it is not tried"));
    } else {
        return Some(root);
    }
    None
}

/// Where its packages put libraries that the system has not.
fn libraries(root: &Path) -> String {
    format!("LD_LIBRARY_PATH={0}/usr/lib/x86_64-linux-gnu:{0}/usr/lib/postfix", root.display())
}

/// Its own starter would make a whole installation of it; `master` is what that runs in the end.
#[test]
fn postfix_by_starttls_and_over_tls() {
    let Some(root) = unpacked("postfix") else { return };
    let authority = authority();
    let [port, direct] = [free_port(), free_port()];
    let folder = folder(&authority);
    let programs = root.join("usr/lib/postfix");
    let programs = programs.to_str().unwrap();
    fs::create_dir(authority.path("etc")).unwrap();
    let config = format!(
        "compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data
command_directory = {root}/usr/sbin\ndaemon_directory = {programs}/sbin\nshlib_directory = {programs}
meta_directory = {folder}/etc\nmail_owner = uucp\nsetgid_group = news
import_environment = MAIL_CONFIG MAIL_LOGTAG LD_LIBRARY_PATH
inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mx.lab.test\nmydestination =
relay_domains =\nlocal_recipient_maps =\nalias_maps =\nalias_database =
smtpd_tls_security_level = may\nsmtpd_tls_loglevel = 1
smtpd_tls_chain_files = {folder}/ec.key, {folder}/ec.chain.pem, {folder}/rsa.key, {folder}/rsa.chain.pem
maillog_file = {folder}/maillog\nmaillog_file_prefixes = /\n",
        root = root.display()
    );
    written(&authority, "etc/main.cf", &config);
    let services = format!(
        "{port} inet n - n - - smtpd\n{direct} inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup\ntlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil\npostlog unix-dgram n - n - 1 postlogd\nproxymap unix - - n - - proxymap\n"
    );
    written(&authority, "etc/master.cf", &services);
    owned_by_uucp(&authority.path("data"));
    for name in ["private", "public", "incoming", "active", "maildrop"] {
        owned_by_uucp(&authority.path("queue").join(name));
    }
    fs::create_dir(authority.path("queue/pid")).unwrap();
    let master = format!("{programs}/sbin/master");
    let configs = format!("{folder}/etc");
    let arguments = [libraries(&root), master, "-c".into(), configs, "-d".into()];
    let arguments = arguments.each_ref().map(String::as_str);
    let (_postfix, _) = start("env", &arguments, &authority, port);
    let endpoint = looked_at("smtp", port, &authority, &["-starttls", "smtp"]);
    assert_eq!(endpoint["presented"].as_array().unwrap().len(), 2, "{endpoint}");
    // The look; that for a second certificate ends in the handshake.
    let log = logged(&authority.path("maillog"), "ehlo=1 starttls=1 quit=1 commands=3", 1);
    assert!(!log.contains("improper command"), "{log}");
    looked_at("smtps", direct, &authority, DIRECT);
}

/// The user and group `uucp`, which are 10 wherever Debian is: some user that is neither root nor
/// nobody.
fn owned_by_uucp(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    chown(folder, Some(10), Some(10)).unwrap();
}

/// Its users and folders are compiled in: it sees its own ones there, and nobody else does.
///
/// What stands in Debian 12 (6.8.0p2 on OpenSSL 3) cannot end a handshake with anybody. Where that
/// is so, the certificate is seen and told all the same.
#[test]
fn opensmtpd_even_where_it_cannot_sign() {
    let Some(root) = unpacked("opensmtpd") else { return };
    let authority = authority();
    let port = free_port();
    let folder = folder(&authority);
    for name in ["spool", "lib/opensmtpd/empty", "run"] {
        fs::create_dir_all(authority.path(name)).unwrap();
    }
    for (file, numbers) in
        [("passwd", "65101:65101::/var/lib/opensmtpd/empty:/bin/false"), ("group", "65101:")]
    {
        let system = fs::read_to_string(format!("/etc/{file}")).unwrap();
        let more = ["opensmtpd", "opensmtpq"].map(|name| format!("{name}:x:{numbers}\n")).concat();
        written(&authority, file, &format!("{system}{more}"));
    }
    let config = format!(
        "pki lab cert \"{folder}/ec.chain.pem\"\npki lab key \"{folder}/ec.key\"
listen on 127.0.0.1 port {port} tls pki lab hostname mx.lab.test
action d maildir \"{folder}/mail\"\nmatch from any for any reject\n"
    );
    let config = written(&authority, "smtpd.conf", &config);
    let root = root.display();
    let script = format!(
        "set -e
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/group /etc/group
mount --bind {folder}/spool /var/spool
mount --bind {folder}/lib /var/lib
mount --bind {folder}/run /run
mount --bind {root}/usr/libexec /usr/libexec
exec {root}/usr/sbin/smtpd -d -f {config}\n"
    );
    let script = written(&authority, "go", &script);
    let arguments = ["--mount", "--propagation", "private", "sh", &script];
    let (_opensmtpd, log) = start("unshare", &arguments, &authority, port);
    let target = format!("smtp://127.0.0.1:{port}#mx.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &[]);
    let endpoint = &report["endpoints"][0];
    let log = fs::read_to_string(log).unwrap();
    if log.contains("SSL routines::EVP lib") {
        assert_eq!(endpoint["outcome"], "tls-alert", "{}", ran.told());
        assert!(findings(endpoint).contains(&"handshake-unfinished"), "{}", ran.told());
    } else {
        assert_eq!(endpoint["outcome"], "captured", "{}", ran.told());
    }
    let seen = authority.openssl(&["x509", "-in", "ec.pem", "-noout", "-fingerprint", "-sha256"]);
    let seen = seen.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase();
    assert_eq!(endpoint["end_entity"]["sha256"], seen, "{}", ran.told());
}

/// Beside an RSA certificate it sends an ECDSA one without its chain, so there is but one here.
#[test]
fn proftpd_by_auth_tls_and_over_implicit_tls() {
    let Some(root) = unpacked("proftpd") else { return };
    let authority = authority();
    let [port, direct] = [free_port(), free_port()];
    let folder = folder(&authority);
    let keys = format!(
        "TLSEngine on\nTLSProtocol TLSv1.2 TLSv1.3
TLSRSACertificateFile {folder}/rsa.pem\nTLSRSACertificateKeyFile {folder}/rsa.key
TLSCertificateChainFile {folder}/int.pem\n"
    );
    let config = format!(
        "ModulePath {root}/usr/lib/proftpd\nLoadModule mod_tls.c\nServerName lab\nServerType standalone
DefaultAddress 127.0.0.1\nPort {port}\nSocketBindTight on\nUseIPv6 off\nUseReverseDNS off
User nobody\nGroup nogroup\nPidFile {folder}/pid\nScoreboardFile {folder}/score\nDelayEngine off\nWtmpLog off
SystemLog {folder}/system.log\nTLSLog {folder}/tls.log\nLogFormat commands \"%m %s\"
ExtendedLog {folder}/commands.log ALL commands\n{keys}
<VirtualHost 127.0.0.1>\nPort {direct}\nTLSLog {folder}/tls.log\nTLSOptions UseImplicitSSL\n{keys}</VirtualHost>\n",
        root = root.display()
    );
    let config = written(&authority, "proftpd.conf", &config);
    let program = root.join("usr/sbin/proftpd");
    let libraries = libraries(&root);
    let arguments = [&libraries, program.to_str().unwrap(), "-n", "-c", &config];
    let (_proftpd, _) = start("env", &arguments, &authority, port);
    looked_at("ftp", port, &authority, &["-starttls", "ftp"]);
    let log = logged(&authority.path("commands.log"), "QUIT 221", 1);
    assert!(log.contains("AUTH 234"), "{log}");
    looked_at("ftps", direct, &authority, DIRECT);
}

/// It logs to the system's log alone; that it is left well is not seen here.
#[test]
fn pure_ftpd_by_auth_tls() {
    let Some(root) = unpacked("pure-ftpd") else { return };
    let authority = authority();
    let port = free_port();
    let files = ["ec.key", "ec.chain.pem"].map(|name| fs::read_to_string(authority.path(name)));
    let both = written(&authority, "both.pem", &files.map(Result::unwrap).concat());
    let program = root.join("usr/sbin/pure-ftpd");
    let at = format!("127.0.0.1,{port}");
    let pid = format!("{}/pid", folder(&authority));
    let arguments = ["-S", &at, "-Y", "1", "-2", &both, "-g", &pid, "-H"];
    let (_pure_ftpd, _) = start(program.to_str().unwrap(), &arguments, &authority, port);
    looked_at("ftp", port, &authority, &["-starttls", "ftp"]);
}
