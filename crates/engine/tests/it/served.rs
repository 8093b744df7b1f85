//! TLS servers on loopback, each with a certificate of its own, and a round over them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_engine::{Checked, Round, Settings};
use certvigil_inventory::{Defaults, parse};
use certvigil_model::{Clock, Target, Time};
use certvigil_reader::Pool;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::readers::hostile_reader;
use crate::rounds::{Told, run};

/// `2026-06-01T00:00:00Z`: the moment that these rounds are judged for.
pub(crate) const NOW: Time = Time::from_seconds(1_780_272_000);

/// A port of loopback for servers at several of its addresses.
pub(crate) fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `127.0.0.host:port`.
pub(crate) fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)), port)
}

/// What makes the certificates of one test: all by one key.
pub(crate) struct Maker(KeyPair);

impl Maker {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate().unwrap())
    }

    /// A certificate for `names` from the first day of `begins` (year, month) for a year.
    pub(crate) fn certificate(&self, names: &[&str], begins: (i32, u8)) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(begins.0, begins.1, 1);
        params.not_after = date_time_ymd(begins.0 + 1, begins.1, 1);
        params.self_signed(&self.0).unwrap().der().to_vec()
    }

    /// Serves it at `address` until the test's process ends.
    pub(crate) fn serve(&self, address: SocketAddr, certificate: &[u8]) {
        let key = PrivateKeyDer::try_from(self.0.serialize_der()).unwrap();
        let chain = vec![CertificateDer::from(certificate.to_vec())];
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind(address).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                thread::spawn(move || shake_hands(stream, config));
            }
        });
    }
}

pub(crate) fn shake_hands(mut stream: TcpStream, config: Arc<ServerConfig>) {
    if let Ok(mut connection) = rustls::ServerConnection::new(config) {
        // The client leaves as soon as it has seen enough.
        while connection.complete_io(&mut stream).is_ok_and(|(read, _)| read > 0) {}
    }
}

/// The target that `text` means, with these addresses and what `edit` asks for.
pub(crate) fn target(text: &str, edit: impl FnOnce(&mut Target)) -> Target {
    let mut target = parse(text, None, &Defaults::default()).target.unwrap();
    edit(&mut target);
    target
}

/// A round over `targets`, judged for [`NOW`], whose certificates are really read.
pub(crate) fn look_at(mut settings: Settings, targets: Vec<Target>) -> (Checked, Told) {
    settings.at = Some(NOW);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    look_with(settings, clock, targets)
}

/// The same with a clock of the test's own.
pub(crate) fn look_with(
    settings: Settings,
    clock: Arc<dyn Clock>,
    targets: Vec<Target>,
) -> (Checked, Told) {
    let system: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = Pool::new(Program::new(hostile_reader(), ["__read"]), system);
    let round = Round::new(settings, pool, clock).unwrap();
    let told = Told::default();
    let listed = targets.into_iter().map(|target| certvigil_inventory::Listed {
        text: target.written.clone(),
        origin: target.origin.clone(),
        owner: None,
        target: Ok(target),
    });
    let checked = run(round, listed, &told);
    (checked, told)
}
