//! Certificates made by OpenSSL's own command, so that what is served is nobody's mirror of ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use certvigil_doors::SystemClock;
use certvigil_model::{Civil, Clock as _, Time};

use crate::command::{Peer, free_port};

/// A folder with a root, an intermediate and what they issue.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let this = Self { folder };
        std::fs::write(this.path("ca.cnf"), CONFIG).unwrap();
        std::fs::write(this.path("index.txt"), "").unwrap();
        std::fs::write(this.path("serial"), "1000").unwrap();
        this.issue("root", "ec", "root", &[], "CA:TRUE", 3650 * 24);
        this.issue("int", "ec", "root", &[], "CA:TRUE,pathlen:0", 1825 * 24);
        this
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root.pem")
    }

    /// An end entity `NAME.pem`, `NAME.key` for `names` (`DNS:…`, `IP:…`), with `NAME.chain.pem`
    /// behind it; one called `client` is for clients. `key` is `rsa`, `ec`, `ed25519` or the name of a curve.
    pub(crate) fn leaf(&self, name: &str, key: &str, names: &[&str], days: i32) {
        self.leaf_for_hours(name, key, names, days * 24);
    }

    /// The same, for whom a day is too coarse.
    pub(crate) fn leaf_for_hours(&self, name: &str, key: &str, names: &[&str], hours: i32) {
        self.issue(name, key, "int", names, "CA:FALSE", hours);
        let read = |name: &str| std::fs::read_to_string(self.path(name)).unwrap();
        let chain = read(&format!("{name}.pem")) + &read("int.pem");
        std::fs::write(self.path(&format!("{name}.chain.pem")), chain).unwrap();
    }

    fn issue(&self, name: &str, key: &str, issuer: &str, names: &[&str], basic: &str, hours: i32) {
        let [key_file, request, certificate, extensions] =
            [".key", ".csr", ".pem", ".ext"].map(|suffix| format!("{name}{suffix}"));
        match key {
            "rsa" => self.openssl(&["genrsa", "-out", &key_file, "2048"]),
            "ed25519" | "ed448" => self.openssl(&["genpkey", "-algorithm", key, "-out", &key_file]),
            curve => {
                let curve = if curve == "ec" { "prime256v1" } else { curve };
                self.openssl(&["ecparam", "-name", curve, "-genkey", "-noout", "-out", &key_file])
            }
        };
        let subject = format!("/CN=Test {name}");
        self.openssl(&["req", "-new", "-key", &key_file, "-subj", &subject, "-out", &request]);
        let ca = basic.starts_with("CA:TRUE");
        let usage = if ca { "keyCertSign,cRLSign" } else { "digitalSignature,keyEncipherment" };
        let mut text = format!(
            "basicConstraints=critical,{basic}\nkeyUsage=critical,{usage}\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"
        );
        if !ca {
            let purpose = if name == "client" { "clientAuth" } else { "serverAuth" };
            text.push_str(&format!("extendedKeyUsage={purpose}\n"));
        }
        if !names.is_empty() {
            text.push_str(&format!("subjectAltName={}\n", names.join(",")));
        }
        std::fs::write(self.path(&extensions), text).unwrap();
        let (ca_file, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let now = SystemClock.wall();
        let then = |hours: i32| stamp(Time::from_seconds(now.seconds() + i64::from(hours) * 3600));
        let begin = if ca { -400 * 24 } else { hours.min(0) * 100 };
        let (start, end) = (then(begin), then(hours));
        let mut arguments = vec![
            "ca",
            "-batch",
            "-notext",
            "-config",
            "ca.cnf",
            "-in",
            &request,
            "-keyfile",
            &ca_key,
            "-startdate",
            &start,
            "-enddate",
            &end,
            "-extfile",
            &extensions,
            "-out",
            &certificate,
        ];
        match issuer == name {
            true => arguments.push("-selfsign"),
            false => arguments.extend(["-cert", &ca_file]),
        }
        self.openssl(&arguments);
    }

    /// Starts OpenSSL's own server with `options` on a port of loopback.
    pub(crate) fn s_server(&self, options: &[&str]) -> (Peer, u16) {
        let port = free_port();
        (self.s_server_at(port, options), port)
    }

    /// The same, on `port`.
    pub(crate) fn s_server_at(&self, port: u16, options: &[&str]) -> Peer {
        let port_text = port.to_string();
        let mut arguments = vec!["s_server", "-accept", &port_text, "-quiet"];
        arguments.extend(options);
        Peer::start("openssl", &arguments, self.folder(), port)
    }

    /// Runs OpenSSL's command and returns what it said.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests start the programs that they compare with"
    )]
    pub(crate) fn openssl(&self, arguments: &[&str]) -> String {
        let output = Command::new("openssl").args(arguments).current_dir(self.folder()).output();
        let output = output.expect("openssl is installed by scripts/test");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}: {err}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// As `openssl ca` takes a date.
fn stamp(time: Time) -> String {
    let Civil { year, month, day, hour, minute, second } = time.to_civil();
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

const CONFIG: &str = "[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
";

/// What `s_server` is told in order to serve the end entity `ec` as anybody would.
pub(crate) const ORDINARY: &[&str] =
    &["-cert", "ec.pem", "-key", "ec.key", "-cert_chain", "int.pem"];
