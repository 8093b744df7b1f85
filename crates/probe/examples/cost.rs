//! What a look costs this machine, beside a bare handshake by rustls with webpki's judgement.
//!
//! `cargo run --release -p certvigil-probe --example cost [LOOKS]` starts itself once more as the
//! servers, so that only the client's side is counted, and prints microseconds of one core (user
//! and system) for one look, and ratios. Linux only: the kernel's own count is read.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on must stop")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "it starts itself, and dials on its own")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{
    Capture, Clock as _, Ended, Endpoint, Outcome, Phase, Service, Time, Transport,
};
use certvigil_probe::{Prober, Questions, Settings};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, SignatureAlgorithm,
};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

const NAME: &str = "www.example.org";
const AT_ONCE: usize = 20;
const RUNS: usize = 7;
const WHAT: [&str; 3] =
    ["bare rustls and webpki handshake", "look", "look, and for a second certificate"];
const TYPES: [(&str, &SignatureAlgorithm); 2] =
    [("P-256", &PKCS_ECDSA_P256_SHA256), ("RSA-2048", &PKCS_RSA_SHA256)];

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve(),
        count => measure(count.map_or(2000, |count| count.parse().unwrap())),
    }
}

fn measure(count: usize) {
    let mut servers = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(servers.stdout.take().unwrap()).lines();
    for (name, _) in TYPES {
        let line = lines.next().unwrap().unwrap();
        let (address, root) = line.split_once(' ').unwrap();
        let (address, root) = (address.parse().unwrap(), unhex(root));
        let bare = bare_config(&root);
        let [once, twice] = [false, true].map(|second| Arc::new(prober(second)));
        let costs = least([
            &|| handshakes(address, &bare, count),
            &|| looks(address, &once, count),
            &|| looks(address, &twice, count),
        ]);
        for (what, cost) in WHAT.iter().zip(costs) {
            println!("{name:9} {what:34} {cost:7.1} us   {:.2}x", cost / costs[0]);
        }
    }
    drop(servers.stdin.take());
    servers.wait().unwrap();
}

/// The least of some runs of each, in turn, so that what else the machine does falls on all alike.
fn least<const N: usize>(runs: [&dyn Fn() -> f64; N]) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..RUNS {
        for (least, run) in least.iter_mut().zip(runs) {
            *least = run().min(*least);
        }
    }
    least
}

fn prober(second_certificate: bool) -> Prober {
    let settings =
        Settings { connect_timeout: Duration::from_secs(3), second_certificate, ehlo_name: None };
    Prober::new(settings, certvigil_probe::ClientCertificates::default(), Arc::new(SystemClock))
        .unwrap()
}

fn looks(address: SocketAddr, prober: &Arc<Prober>, count: usize) -> f64 {
    let endpoint = Endpoint {
        service: Service::Tls,
        transport: Transport::Tcp,
        address: Some(address),
        host_port: address.to_string(),
        server_name: Some(NAME.to_owned()),
        location: None,
    };
    cpu_each(count, || {
        let (prober, endpoint) = (Arc::clone(prober), endpoint.clone());
        async move {
            let ended = Ended::early(Outcome::Local, Phase::Connect, "");
            let mut capture = Capture::begun(Time::from_seconds(0), ended);
            let deadline = SystemClock.monotonic() + Duration::from_secs(10);
            prober.look(&mut capture, &endpoint, Questions::default(), deadline).await;
            assert_eq!(capture.ended.outcome, Outcome::Captured);
        }
    })
}

fn handshakes(address: SocketAddr, config: &Arc<ClientConfig>, count: usize) -> f64 {
    cpu_each(count, || {
        let config = Arc::clone(config);
        async move {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let name = ServerName::try_from(NAME).unwrap();
            let mut connection = ClientConnection::new(config, name).unwrap();
            let mut buffer = vec![0; 16_384];
            while connection.is_handshaking() {
                send(&mut connection, &mut stream).await;
                let count = stream.read(&mut buffer).await.unwrap();
                let mut data = &buffer[..count];
                while !data.is_empty() {
                    connection.read_tls(&mut data).unwrap();
                    connection.process_new_packets().unwrap();
                }
            }
            connection.send_close_notify();
            send(&mut connection, &mut stream).await;
        }
    })
}

async fn send(connection: &mut ClientConnection, stream: &mut tokio::net::TcpStream) {
    let mut data = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut data).unwrap();
    }
    stream.write_all(&data).await.unwrap();
}

/// Microseconds of this thread for each of `count` tasks, some of them at once.
fn cpu_each<F: Future<Output = ()> + Send + 'static>(count: usize, task: impl Fn() -> F) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = cpu();
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            if tasks.len() == AT_ONCE {
                tasks.join_next().await.unwrap().unwrap();
            }
            tasks.spawn(task());
        }
        tasks.join_all().await;
    });
    (cpu() - begun) as f64 / 1000.0 / count as f64
}

/// Nanoseconds that this thread has run (`proc_pid_schedstat(5)`).
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

fn bare_config(root: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root)).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// A server for each key type; tells where and under which root, and ends with its input.
fn serve() {
    for (_, algorithm) in TYPES {
        let (config, root) = identity(algorithm);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        println!("{} {}", listener.local_addr().unwrap(), certvigil_model::hex(&root));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let config = Arc::clone(&config);
                std::thread::spawn(move || drop(answer(stream.unwrap(), config)));
            }
        });
    }
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn answer(mut stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(config).unwrap();
    while !matches!(connection.complete_io(&mut stream)?, (0, _)) {}
    Ok(())
}

/// A chain of two and its root.
fn identity(algorithm: &'static SignatureAlgorithm) -> (Arc<ServerConfig>, Vec<u8>) {
    let authority = |name, issuer: Option<&Issuer<'static, KeyPair>>| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = match issuer {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        (certificate.unwrap().der().clone(), Issuer::new(params, key))
    };
    let (root, issuer) = authority("root", None);
    let (intermediate, issuer) = authority("intermediate", Some(&issuer));
    let key = KeyPair::generate_for(algorithm).unwrap();
    let mut leaf = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, NAME);
    let leaf = leaf.signed_by(&key, &issuer).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = aws_lc_rs::default_provider();
    let key = CertifiedKey::from_der(vec![leaf, intermediate], key, &provider).unwrap();
    let mut resolver = ResolvesServerCertUsingSni::new();
    resolver.add(NAME, key).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    (Arc::new(builder.with_cert_resolver(Arc::new(resolver))), root.to_vec())
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
