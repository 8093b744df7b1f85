//! Servers that nobody here wrote: OpenSSL's `s_server` with odd options, and nginx.

use serde_json::Value;

use crate::command::{Peer, check, findings, free_port};
use crate::openssl::{Authority, ORDINARY};

struct Case {
    name: &'static str,
    /// What `s_server` is started with, beside its port.
    server: &'static [&'static str],
    /// What the command is given beside the target.
    client: &'static [&'static str],
    verdict: &'static str,
    outcome: &'static str,
    by: &'static str,
    key_proof: &'static str,
    version: &'static str,
    with: &'static [&'static str],
    without: &'static [&'static str],
}

const GOOD: Case = Case {
    name: "an ordinary server",
    server: ORDINARY,
    client: &[],
    verdict: "ok",
    outcome: "captured",
    by: "rustls",
    key_proof: "proven",
    version: "1.3",
    with: &[],
    without: &["legacy-tls", "untrusted", "name-mismatch", "expires-soon", "second-certificate"],
};

const RSA: &[&str] = &["-cert", "rsa.pem", "-key", "rsa.key", "-cert_chain", "int.pem"];

#[test]
fn s_server_gets_the_verdict_that_it_deserves() {
    let authority = Authority::new();
    let names = &["DNS:www.lab.test", "IP:127.0.0.1"];
    authority.leaf("ec", "ec", names, 90);
    authority.leaf("rsa", "rsa", names, 90);
    authority.leaf("old", "rsa", names, -1);
    authority.leaf("client", "ec", &[], 90);
    authority.leaf("soon", "ec", names, 20);
    authority.leaf("ed", "ed25519", names, 90);
    authority.leaf("k1", "secp256k1", names, 90);
    authority.leaf("p521", "secp521r1", names, 90);
    authority.leaf("other", "ec", &["DNS:other.lab.test"], 90);
    for case in cases() {
        let (_server, port) = authority.s_server(case.server);
        let target = format!("127.0.0.1:{port}#www.lab.test");
        let client: Vec<String> = case
            .client
            .iter()
            .map(|word| word.replace("DIR", authority.folder().to_str().unwrap()))
            .collect();
        let client: Vec<&str> = client.iter().map(String::as_str).collect();
        let (ran, report) = check(&target, Some(&authority.root()), &client);
        let endpoint = &report["endpoints"][0];
        assert_case(&case, endpoint, &ran.told());
    }
}

fn assert_case(case: &Case, endpoint: &Value, told: &str) {
    let name = case.name;
    let shown = &endpoint["presented"][0];
    assert_eq!(endpoint["verdict"], case.verdict, "{name}: {told}");
    assert_eq!(endpoint["outcome"], case.outcome, "{name}: {told}");
    assert_eq!(shown["by"], case.by, "{name}: {told}");
    assert_eq!(shown["tls"]["key_proof"], case.key_proof, "{name}: {told}");
    assert_eq!(shown["tls"]["version"], case.version, "{name}: {told}");
    let found = findings(endpoint);
    for id in case.with {
        assert!(found.contains(id), "{name}: {id} is not among {found:?}");
    }
    for id in case.without {
        assert!(!found.contains(id), "{name}: {id} is among {found:?}");
    }
}

fn cases() -> Vec<Case> {
    const LEGACY: &str = "DEFAULT:@SECLEVEL=0";
    vec![
        GOOD,
        Case { name: "RSA", server: RSA, ..GOOD },
        Case {
            name: "TLS 1.2 alone",
            server: &["-cert", "ec.pem", "-key", "ec.key", "-cert_chain", "int.pem", "-tls1_2"],
            version: "1.2",
            ..GOOD
        },
        Case {
            name: "TLS 1.0 alone",
            server: &[
                "-cert",
                "rsa.pem",
                "-key",
                "rsa.key",
                "-cert_chain",
                "int.pem",
                "-tls1",
                "-cipher",
                LEGACY,
            ],
            by: "legacy-hello",
            key_proof: "not-checked",
            version: "1.0",
            with: &["legacy-tls"],
            without: &["untrusted"],
            ..GOOD
        },
        Case {
            name: "TLS 1.1 alone",
            server: &[
                "-cert",
                "rsa.pem",
                "-key",
                "rsa.key",
                "-cert_chain",
                "int.pem",
                "-tls1_1",
                "-cipher",
                LEGACY,
            ],
            by: "legacy-hello",
            key_proof: "not-checked",
            version: "1.1",
            with: &["legacy-tls"],
            without: &["untrusted"],
            ..GOOD
        },
        Case {
            name: "RSA key exchange alone",
            server: &[
                "-cert",
                "rsa.pem",
                "-key",
                "rsa.key",
                "-cert_chain",
                "int.pem",
                "-tls1_2",
                "-cipher",
                "AES128-SHA",
            ],
            by: "legacy-hello",
            key_proof: "not-checked",
            version: "1.2",
            with: &["legacy-tls"],
            without: &["untrusted"],
            ..GOOD
        },
        Case {
            name: "DHE alone",
            server: &[
                "-cert",
                "rsa.pem",
                "-key",
                "rsa.key",
                "-cert_chain",
                "int.pem",
                "-tls1_2",
                "-cipher",
                "DHE-RSA-AES128-SHA256",
            ],
            by: "legacy-hello",
            key_proof: "not-checked",
            version: "1.2",
            ..GOOD
        },
        Case {
            name: "Ed25519",
            server: &["-cert", "ed.pem", "-key", "ed.key", "-cert_chain", "int.pem"],
            ..GOOD
        },
        Case {
            name: "P-521 over TLS 1.3",
            server: &["-cert", "p521.pem", "-key", "p521.key", "-cert_chain", "int.pem"],
            ..GOOD
        },
        Case {
            name: "secp256k1, which our client cannot do",
            server: &["-cert", "k1.pem", "-key", "k1.key", "-cert_chain", "int.pem"],
            by: "legacy-hello",
            key_proof: "not-checked",
            version: "1.2",
            ..GOOD
        },
        Case {
            name: "a client certificate is demanded and none is given, TLS 1.3",
            server: &[
                "-cert",
                "ec.pem",
                "-key",
                "ec.key",
                "-cert_chain",
                "int.pem",
                "-Verify",
                "2",
                "-CAfile",
                "root.pem",
            ],
            ..GOOD
        },
        Case {
            name: "a client certificate is demanded and given",
            server: &[
                "-cert",
                "ec.pem",
                "-key",
                "ec.key",
                "-cert_chain",
                "int.pem",
                "-Verify",
                "2",
                "-CAfile",
                "root.pem",
                "-verify_return_error",
                "-tls1_2",
            ],
            client: &[
                "--client-certificate",
                "DIR/client.chain.pem",
                "--client-key",
                "DIR/client.key",
            ],
            version: "1.2",
            ..GOOD
        },
        Case {
            name: "an expired RSA certificate beside a good ECDSA one",
            server: &[
                "-cert",
                "ec.pem",
                "-key",
                "ec.key",
                "-cert_chain",
                "int.pem",
                "-dcert",
                "old.pem",
                "-dkey",
                "old.key",
                "-dcert_chain",
                "int.pem",
            ],
            verdict: "critical",
            with: &["second-certificate", "expired"],
            without: &[],
            ..GOOD
        },
        Case {
            name: "20 of 20 days left are no threat, but inside 30 % they are",
            server: &["-cert", "soon.pem", "-key", "soon.key", "-cert_chain", "int.pem"],
            ..GOOD
        },
        Case {
            name: "expired",
            server: &["-cert", "old.pem", "-key", "old.key", "-cert_chain", "int.pem"],
            verdict: "critical",
            with: &["expired"],
            without: &["untrusted"],
            ..GOOD
        },
        Case {
            name: "another name",
            server: &["-cert", "other.pem", "-key", "other.key", "-cert_chain", "int.pem"],
            verdict: "critical",
            with: &["name-mismatch"],
            without: &["untrusted"],
            ..GOOD
        },
        Case {
            name: "no intermediate",
            server: &["-cert", "ec.pem", "-key", "ec.key"],
            verdict: "critical",
            with: &["chain-incomplete", "untrusted"],
            without: &[],
            ..GOOD
        },
    ]
}

/// The end of a certificate's life and its names are those that OpenSSL prints.
#[test]
fn dates_and_names_are_those_that_openssl_prints() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test", "DNS:*.apps.lab.test", "IP:127.0.0.1"], 90);
    let (_server, port) = authority.s_server(ORDINARY);
    let (ran, report) = check(&format!("127.0.0.1:{port}"), Some(&authority.root()), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let said = authority.openssl(&[
        "x509",
        "-in",
        "ec.pem",
        "-noout",
        "-enddate",
        "-startdate",
        "-serial",
        "-fingerprint",
        "-sha256",
        "-dateopt",
        "iso_8601",
    ]);
    let value = |key: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_else(|| panic!("no {key} in {said}")).to_owned()
    };
    let end_entity = &report["endpoints"][0]["end_entity"];
    assert_eq!(end_entity["not_after"], value("notAfter=").replace(' ', "T"));
    assert_eq!(end_entity["not_before"], value("notBefore=").replace(' ', "T"));
    let serial = end_entity["serial_number"].as_str().unwrap();
    assert_eq!(
        serial.trim_start_matches("00"),
        value("serial=").to_lowercase().trim_start_matches("00")
    );
    let fingerprint = value("sha256 Fingerprint=").replace(':', "").to_lowercase();
    assert_eq!(end_entity["sha256"], fingerprint);
    assert_eq!(
        end_entity["subject_alt_name"],
        serde_json::json!(["DNS:www.lab.test", "DNS:*.apps.lab.test", "IP:127.0.0.1"])
    );
}

#[test]
fn nginx_with_two_key_types_and_names() {
    let authority = Authority::new();
    authority.leaf("ec", "ec", &["DNS:www.lab.test"], 90);
    authority.leaf("rsa", "rsa", &["DNS:www.lab.test"], 90);
    authority.leaf("other", "ec", &["DNS:other.lab.test"], 90);
    let (port, strict) = (free_port(), free_port());
    let folder = authority.folder().to_str().unwrap();
    let config = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}
         http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
           uwsgi_temp_path {folder}; scgi_temp_path {folder};
           server {{ listen 127.0.0.1:{port} ssl http2; server_name www.lab.test;
             ssl_certificate {folder}/ec.chain.pem; ssl_certificate_key {folder}/ec.key;
             ssl_certificate {folder}/rsa.chain.pem; ssl_certificate_key {folder}/rsa.key; }}
           server {{ listen 127.0.0.1:{port} ssl http2 default_server; server_name other.lab.test;
             ssl_certificate {folder}/other.chain.pem; ssl_certificate_key {folder}/other.key; }}
           server {{ listen 127.0.0.1:{strict} ssl default_server; ssl_reject_handshake on; }}
         }}"
    );
    std::fs::write(authority.path("nginx.conf"), config).unwrap();
    let path = authority.path("nginx.conf");
    let nginx =
        if std::path::Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    let arguments = ["-p", folder, "-c", path.to_str().unwrap()];
    let _nginx = Peer::start(nginx, &arguments, authority.folder(), port);
    let target = format!("https://127.0.0.1:{port}#www.lab.test");
    let (ran, report) = check(&target, Some(&authority.root()), &["--without-server-name"]);
    let endpoint = &report["endpoints"][0];
    let asked: Vec<_> =
        endpoint["presented"].as_array().unwrap().iter().map(|one| &one["asked"]).collect();
    assert_eq!(asked, ["any", "rsa", "no-server-name"], "{}", ran.told());
    assert_eq!(endpoint["presented"][0]["tls"]["alpn_protocol"], "h2");
    assert!(findings(endpoint).contains(&"second-certificate"), "{}", ran.told());
    let (ran, report) =
        check(&format!("127.0.0.1:{strict}#www.lab.test"), Some(&authority.root()), &[]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(report["endpoints"][0]["outcome"], "tls-alert");
    assert_eq!(report["endpoints"][0]["verdict"], "unknown");
    let reason = report["endpoints"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("unrecognized_name (112)"), "{reason}");
}
