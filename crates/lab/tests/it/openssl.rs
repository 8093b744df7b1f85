//! OpenSSL, which nobody here wrote, says what it is served.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use certvigil_lab::{Lab, Place};

use crate::places::{address, now};

/// What `openssl s_client` says of an endpoint.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// The handshake ends well, and verifying ends with this number (`man openssl-verification-options`).
    Code(u32),
    /// The handshake ends with an error that has these words.
    Error(&'static str),
    /// All is well for the client; that the server ends it a moment later may be seen or not.
    Late,
}

use Says::{Code, Error, Late};

#[test]
fn openssl_meets_what_the_cases_say() {
    let lab = Lab::start(now(), |case| is_asked(case.name, case.expect.outcome)).unwrap();
    let trust = written("trust.pem", lab.trust_pem());
    let wrong: Vec<String> = thread::scope(|scope| {
        let quarters = lab.places().chunks(lab.places().len().div_ceil(4));
        let asked: Vec<_> = quarters
            .map(|some| {
                scope.spawn(|| some.iter().filter_map(|one| objection(one, &trust)).collect())
            })
            .collect();
        asked.into_iter().flat_map(|thread| -> Vec<String> { thread.join().unwrap() }).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In which way OpenSSL says something else than it should.
fn objection(place: &Place, trust: &Path) -> Option<String> {
    let output = s_client(place, trust, &[]);
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let want = said(place.case.name).unwrap_or(Code(0));
    let agrees = match want {
        Code(code) => {
            output.status.success() && text.contains(&format!("Verify return code: {code} "))
        }
        Late => text.contains("Verify return code: 0 "),
        Error(words) => !output.status.success() && text.contains(words),
    };
    let lines = text.lines().filter(|line| line.contains("error") || line.contains("return code"));
    let lines: Vec<_> = lines.collect();
    (!agrees).then(|| format!("{}: {want:?}, but {lines:?}", place.case.name))
}

/// What times out here keeps OpenSSL waiting too.
#[test]
fn openssl_waits_in_vain_where_a_look_times_out() {
    let waits =
        |name: &str, outcome: &str| outcome == "timeout" || name == "endless-hello-requests";
    let lab = Lab::start(now(), |case| waits(case.name, case.expect.outcome)).unwrap();
    let trust = written("waiting-trust.pem", lab.trust_pem());
    thread::scope(|scope| {
        for place in lab.places() {
            scope.spawn(|| {
                let output = s_client_within("2", place, &trust, &[]);
                assert_eq!(output.status.code(), Some(TIMED_OUT), "{}", place.case.name);
            });
        }
    });
    assert!(lab.places().len() > 10);
}

/// Dates as `openssl x509` prints them.
#[test]
fn openssl_reads_the_dates_that_are_meant() {
    let names: Vec<&str> = DATES.iter().map(|(name, ..)| *name).collect();
    let lab = Lab::start(now(), |case| names.contains(&case.name)).unwrap();
    for (name, line) in DATES {
        let end_entity = end_entity(&lab, name);
        let output = openssl(&["x509", "-noout", "-dates", "-in", end_entity.to_str().unwrap()]);
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(line), "{name}: {line:?} is not in {text:?}");
    }
}

/// Time left as `openssl x509 -checkend` counts it: it is there an hour before, and gone an hour after.
#[test]
fn openssl_counts_the_days_left_that_are_meant() {
    const HOURS: &[(&str, i64)] = &[
        ("healthy-p256", 60 * 24),
        ("ten-of-ninety-days-left", 10 * 24),
        ("three-of-ninety-days-left", 3 * 24),
        ("twelve-of-47-days-left", 12 * 24),
        ("six-days-five-left", 5 * 24),
        ("six-days-one-left", 24),
        ("one-day-half-left", 12),
        ("intermediate-ends-first", 300 * 24),
    ];
    let lab = Lab::start(now(), |case| HOURS.iter().any(|(name, _)| *name == case.name)).unwrap();
    for (name, hours) in HOURS {
        let end_entity = end_entity(&lab, name);
        for (hours, lasts) in [(hours - 1, true), (hours + 1, false)] {
            let seconds = (hours * 3600).to_string();
            let file = end_entity.to_str().unwrap();
            let output = openssl(&["x509", "-noout", "-checkend", &seconds, "-in", file]);
            assert_eq!(output.status.success(), lasts, "{name}: {hours} h");
        }
    }
}

/// The signature is right and only its algorithm is too weak.
#[test]
fn openssl_verifies_the_sha_1_signature_when_it_is_allowed_to() {
    let lab = Lab::start(now(), |case| case.name == "sha-1-signature").unwrap();
    let trust = written("sha-1-trust.pem", lab.trust_pem());
    let trust = trust.to_str().unwrap();
    let chain = presented(&lab, "sha-1-signature");
    let [end_entity, issuer] = &chain[..] else { panic!("{} certificates", chain.len()) };
    let end_entity = written("sha-1.pem", end_entity);
    let issuer = written("sha-1-issuer.pem", issuer);
    let (issuer, end_entity) = (issuer.to_str().unwrap(), end_entity.to_str().unwrap());
    for (level, accepts) in [("0", true), ("2", false)] {
        let verify = ["verify", "-auth_level", level, "-CAfile", trust, "-untrusted", issuer];
        let output = openssl(&[&verify[..], &[end_entity]].concat());
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), accepts, "level {level}: {words}");
    }
}

#[test]
fn openssl_reads_the_stapled_responses() {
    let names = ["must-staple-stapled", "stale-staple", "must-staple-unstapled"];
    let lab = Lab::start(now(), |case| names.contains(&case.name)).unwrap();
    let trust = written("staple-trust.pem", lab.trust_pem());
    for (name, line) in [
        ("must-staple-stapled", "Cert Status: good"),
        ("stale-staple", "Cert Status: good"),
        ("must-staple-unstapled", "OCSP response: no response sent"),
    ] {
        let output = s_client(place(&lab, name), &trust, &["-status"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(line), "{name}: {text}");
    }
}

/// Everything whose look ends well is asked, and what is written down below.
fn is_asked(name: &str, outcome: &str) -> bool {
    outcome == "captured" || said(name).is_some()
}

fn said(name: &str) -> Option<Says> {
    SAYS.iter().find(|(known, _)| *known == name).map(|(_, says)| *says)
}

fn place<'a>(lab: &'a Lab, name: &str) -> &'a Place {
    lab.places().iter().find(|place| place.case.name == name).unwrap()
}

fn s_client(place: &Place, trust: &Path, more: &[&str]) -> Output {
    s_client_within("20", place, trust, more)
}

fn s_client_within(seconds: &str, place: &Place, trust: &Path, more: &[&str]) -> Output {
    let address = address(place).to_string();
    let mut arguments = vec!["s_client", "-connect", &address, "-showcerts"];
    arguments.extend(["-CAfile", trust.to_str().unwrap(), "-no-CApath", "-no-CAstore"]);
    let asked = place.target.split_once('#').map(|(_, name)| name);
    match asked {
        // What UTS 46 makes of the only name here that is not ASCII.
        Some("bücher.lab.example") => {
            arguments.extend(["-servername", "xn--bcher-kva.lab.example"]);
            arguments.extend(["-verify_hostname", "xn--bcher-kva.lab.example"]);
        }
        Some(name) => arguments.extend(["-servername", name, "-verify_hostname", name]),
        None => arguments.extend(["-noservername", "-verify_ip", "127.0.0.1"]),
    }
    if let Some(dialect) = dialect(place) {
        arguments.extend(["-starttls", dialect, "-xmpphost", "www.lab.example"]);
    }
    let own = place
        .client
        .as_ref()
        .map(|(chain, key)| written(&format!("{}.pem", place.case.name), &format!("{chain}{key}")));
    if let Some(own) = &own {
        let own = own.to_str().unwrap();
        arguments.extend(["-cert", own, "-key", own, "-cert_chain", own]);
    }
    arguments.extend(more);
    openssl_within(seconds, &arguments)
}

fn openssl(arguments: &[&str]) -> Output {
    openssl_within("20", arguments)
}

#[expect(clippy::disallowed_methods, reason = "a test starts its judge")]
fn openssl_within(seconds: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("timeout");
    command.args([seconds, "openssl"]).args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

/// The certificates that OpenSSL is shown, each as PEM.
fn presented(lab: &Lab, name: &str) -> Vec<String> {
    let trust = written(&format!("{name}-trust.pem"), lab.trust_pem());
    let output = s_client(place(lab, name), &trust, &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.split(BEGIN).skip(1).filter_map(|rest| rest.split(END).next());
    let mut all: Vec<_> = blocks.map(|block| format!("{BEGIN}{block}{END}\n")).collect();
    // At the end it shows the first once more.
    if all.len() > 1 && all.first() == all.last() {
        all.pop();
    }
    all
}

fn end_entity(lab: &Lab, name: &str) -> PathBuf {
    written(&format!("{name}-end-entity.pem"), &presented(lab, name)[0])
}

fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The dialect that is spoken before TLS.
pub(crate) fn dialect(place: &Place) -> Option<&str> {
    let (service, _) = place.target.split_once("://")?;
    match service {
        "https" => None,
        "xmpp-client" => Some("xmpp"),
        dialect => Some(dialect),
    }
}

/// What `timeout` says of a program that it had to end.
const TIMED_OUT: i32 = 124;

/// What OpenSSL says where it is not "all is well". Where it says less than the case, it is the
/// more lenient one, and the case's source says by which rule it is.
const SAYS: &[(&str, Says)] = &[
    ("alert-handshake-failure", Error("alert handshake failure")),
    ("alert-internal-error", Error("alert internal error")),
    ("alert-unrecognized-name", Error("unrecognized name")),
    ("alert-after-certificate", Error("alert internal error")),
    ("broken-finished", Error("bad record mac")),
    ("close-after-certificate", Error("unexpected eof")),
    ("close-at-once", Error("unexpected eof")),
    ("close-on-hello", Error("unexpected eof")),
    ("reset", Error("errno=104")),
    ("reset-after-certificate", Error("errno=104")),
    ("reset-after-server-hello", Error("errno=104")),
    ("refused", Error("Connection refused")),
    ("garbage", Error("wrong version number")),
    ("plain-http", Error("wrong version number")),
    ("smtp-banner", Error("wrong version number")),
    // More than the answer is no answer to it.
    ("postgres-injected", Error("no peer certificate available")),
    ("mysql-injected", Error("no peer certificate available")),
    ("endless-text", Error("wrong version number")),
    ("endless-empty-records", Error("record too small")),
    ("endless-warnings", Error("too many warn alerts")),
    ("unknown-message", Error("unexpected message")),
    ("unknown-suite", Error("unknown cipher returned")),
    ("oversized-record", Error("packet length too long")),
    ("no-certificates", Error("length mismatch")),
    ("thousand-certificates", Error("excessive message size")),
    ("sixteen-megabytes", Error("excessive message size")),
    ("client-certificate-refused-in-tls-1-2", Error("alert certificate required")),
    ("client-certificate-refused-in-tls-1-3", Late),
    ("server-name-missing", Error("unrecognized name")),
    ("server-name-missing-other-certificate", Code(64)),
    ("wrong-key-in-tls-1-2", Error("bad signature")),
    ("wrong-key-in-tls-1-3", Error("bad signature")),
    // These go no further than their certificate.
    ("tls-1-0-only", Error("unexpected eof")),
    ("tls-1-1-only", Error("unexpected eof")),
    ("rsa-key-exchange-only", Error("unexpected eof")),
    ("rsa-1024", Error("unexpected eof")),
    ("self-signed", Code(18)),
    ("untrusted-root", Code(19)),
    ("incomplete-chain", Code(21)),
    ("expired-intermediate", Code(10)),
    ("expired-root", Code(10)),
    ("circle", Code(20)),
    ("maze", Code(7)),
    ("bad-signature", Code(7)),
    ("sha-1-signature", Code(68)),
    ("client-auth-only", Code(26)),
    ("issuer-is-no-authority", Code(32)),
    ("path-too-long", Code(25)),
    ("outside-name-constraints", Code(47)),
    ("unknown-critical-extension", Code(34)),
    ("expired", Code(10)),
    ("expired-years-ago", Code(10)),
    ("not-yet-valid", Code(9)),
    ("begins-after-its-end", Code(10)),
    ("ends-in-2050-as-utc-time", Code(10)),
    ("month-13", Code(14)),
    ("february-30", Code(14)),
    ("hour-24", Code(14)),
    ("without-seconds", Code(14)),
    ("fraction-of-a-second", Code(14)),
    ("expired-fraction-of-a-second", Code(14)),
    ("offset-from-utc", Code(14)),
    ("local-time", Code(14)),
    ("end-in-words", Code(14)),
    ("no-end", Code(14)),
    ("end-as-a-number", Error("mstring wrong tag")),
    ("odd-begin", Code(13)),
    ("outer-tag", Error("wrong tag")),
    ("cut-in-half", Error("too long")),
    ("cut-at-the-end", Error("too long")),
    ("byte-after-the-end", Error("cert length mismatch")),
    ("length-of-two-gigabytes", Error("too long")),
    ("no-der-at-all", Error("header too long")),
    ("empty-entry", Error("too small")),
    ("empty-sequence", Error("field missing")),
    ("pem-instead-of-der", Error("wrong tag")),
    ("padded-serial", Error("illegal padding")),
    ("empty-serial", Error("illegal zero content")),
    ("extension-twice", Code(21)),
    ("broken-names", Code(21)),
    ("two-algorithms", Code(7)),
    ("no-utf-8-in-subject", Error("invalid utf8string")),
    ("wrong-host", Code(62)),
    ("wildcard-two-labels-deep", Code(62)),
    ("wildcard-without-a-label", Code(62)),
    ("two-wildcards", Code(62)),
    ("wrong-address", Code(64)),
    ("address-as-dns-name", Code(64)),
    ("international-name-in-unicode", Code(62)),
    ("nul-in-dns-name", Code(62)),
];

const DATES: &[(&str, &str)] = &[
    ("no-set-expiry", "notAfter=Dec 31 23:59:59 9999 GMT"),
    ("ends-in-2049", "notAfter=Dec 31 23:59:59 2049 GMT"),
    ("ends-in-2050", "notAfter=Jan  1 00:00:00 2050 GMT"),
    ("ends-in-2050-as-utc-time", "notAfter=Jan  1 00:00:00 1950 GMT"),
    ("expired-fraction-of-a-second", "notAfter=Jan  1 00:00:00.5 2020 GMT"),
    ("month-13", "notAfter=Bad time value"),
    ("february-30", "notAfter=Bad time value"),
    ("hour-24", "notAfter=Bad time value"),
    ("end-in-words", "notAfter=Bad time value"),
    ("no-end", "notAfter=Bad time value"),
    ("odd-begin", "notBefore=Bad time value"),
    ("year-0000", "notBefore=Jan  1 00:00:00 0 GMT"),
];
