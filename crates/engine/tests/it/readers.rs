//! Certificates that hang, overflow and kill their reader, among healthy ones (promise 1).

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_model::Clock;
use certvigil_reader::Pool;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_ecdsa_type};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::rounds::{Line, round, settings};
use crate::served::shake_hands;

/// What the hostile reader does with such a certificate, and the outcome that this deserves.
const BEHAVIOURS: [(&str, &str); 4] = [
    ("LOOP", "reader-stalled"),
    ("RECURSE", "reader-crashed"),
    ("ALLOC", "reader-crashed"),
    ("ABORT", "reader-crashed"),
];

#[test]
fn twenty_of_the_zoo_with_readers_that_spin_overflow_and_abort() {
    let (lines, _) = look_at(12, 2);
    assert_verdicts(&lines, 12, 2);
}

#[test]
fn two_hundred_hostile_certificates_cost_a_thousand_good_ones_nothing() {
    let (lines, cost) = look_at(1000, 50);
    assert_verdicts(&lines, 1000, 50);
    let (healthy, alone) = look_at(1000, 0);
    assert_verdicts(&healthy, 1000, 0);
    eprintln!(
        "1,000 good endpoints: {:.2} ms each with 200 hostile ones among them, {:.2} ms alone (wall, both sides)",
        cost.as_secs_f64(),
        alone.as_secs_f64()
    );
}

/// A slot is for who answers: those that wait for silent servers leave theirs.
#[test]
fn silent_servers_hold_no_healthy_one_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().map(|address| (silent, address)).unwrap();
    let names: Vec<String> = (0..40).map(|number| format!("good{number}.lab.test")).collect();
    let address = serve(&names);
    let first = (0..20).map(|number| format!("{}#silent{number}.lab.test", silent.1));
    let then = names.iter().map(|name| format!("{address}#{name}"));
    let targets: Vec<String> = first.chain(then).collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = Pool::new(Program::new(hostile_reader(), ["__read"]), Arc::clone(&clock));
    let (_, told) = round(settings(Duration::from_secs(6), 4), pool, clock, &targets);
    let outcomes: Vec<_> = told.lines().iter().map(|line| line.outcome).collect();
    let (healthy, rest) = outcomes.split_at(40);
    assert!(healthy.iter().all(|outcome| *outcome == "captured"), "{outcomes:?}");
    assert!(rest.iter().all(|outcome| *outcome == "timeout"), "{outcomes:?}");
}

fn assert_verdicts(lines: &[Line], good: usize, hostile: usize) {
    assert_eq!(lines.len(), good + BEHAVIOURS.len() * hostile);
    let count = |outcome: &str| lines.iter().filter(|line| line.outcome == outcome).count();
    let all: Vec<_> = lines.iter().filter(|line| line.outcome != "captured").take(10).collect();
    assert_eq!(count("captured"), good, "{all:?}");
    for line in lines {
        let name = line.target.split('#').nth(1).unwrap();
        let behaviour = BEHAVIOURS.iter().find(|(word, _)| name.starts_with(&word.to_lowercase()));
        let Some((word, outcome)) = behaviour else {
            assert_eq!(line.outcome, "captured", "{line:?}");
            continue;
        };
        // Memory that fills up may use up the CPU time before the limit is met.
        let allowed = *word == "ALLOC" && line.outcome == "reader-stalled";
        assert!(line.outcome == *outcome || allowed, "{line:?}");
        assert_eq!(line.verdict, "unknown", "{line:?}");
    }
}

/// The lines of a round over `good` healthy endpoints and `hostile` of each behaviour, and the
/// time that it took.
fn look_at(good: usize, hostile: usize) -> (Vec<Line>, Duration) {
    let names = (0..good).map(|number| format!("good{number}.lab.test"));
    let bad = BEHAVIOURS.iter().flat_map(|(word, _)| {
        (0..hostile).map(move |number| format!("{}{number}.lab.test", word.to_lowercase()))
    });
    let mut names: Vec<String> = names.chain(bad).collect();
    // Any fixed order that mixes them will do.
    names.sort_by_key(|name| certvigil_model::Fingerprint::of(name.as_bytes()));
    let address = serve(&names);
    let targets: Vec<String> = names.iter().map(|name| format!("{address}#{name}")).collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = Pool::new(Program::new(hostile_reader(), ["__read"]), Arc::clone(&clock));
    let begun = SystemClock.monotonic();
    let settings = settings(Duration::from_secs(10), 64);
    let (_, told) = round(settings, pool, clock, &targets);
    let took = SystemClock.monotonic() - begun;
    let bound = told.closed().bound;
    assert!(took <= bound, "{took:?} is above the bound of {bound:?}");
    (told.lines(), took)
}

/// The test-only program of the `reader` crate whose reader misbehaves on demand.
pub(crate) fn hostile_reader() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let path = here.parent().and_then(|deps| deps.parent()).unwrap();
    let path = path.join("certvigil-hostile-reader");
    assert!(path.exists(), "build it first: cargo build -p certvigil-reader --bins");
    path
}

/// Serves TLS on a port of loopback; the certificate goes by the server name.
fn serve(names: &[String]) -> std::net::SocketAddr {
    let key = rcgen::KeyPair::generate().unwrap();
    let signing = any_ecdsa_type(&PrivateKeyDer::try_from(key.serialize_der()).unwrap()).unwrap();
    let certificate = |name: &String| {
        let der = match BEHAVIOURS.iter().find(|(word, _)| name.starts_with(&word.to_lowercase())) {
            Some((word, _)) => format!("{word:<8}{name}").into_bytes(),
            None => {
                let params = rcgen::CertificateParams::new(vec![name.clone()]).unwrap();
                params.self_signed(&key).unwrap().der().to_vec()
            }
        };
        let chain = vec![CertificateDer::from(der)];
        (name.clone(), Arc::new(CertifiedKey::new(chain, Arc::clone(&signing))))
    };
    let by_name = ByName(names.iter().map(certificate).collect());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(by_name));
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || shake_hands(stream, config));
        }
    });
    address
}

#[derive(Debug)]
struct ByName(HashMap<String, Arc<CertifiedKey>>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?).map(Arc::clone)
    }
}
