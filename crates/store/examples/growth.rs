//! Prints what rounds cost a store: endpoints a second that are recorded, and rows and bytes that are kept.
//!
//! `cargo run --release -p certvigil-store --example growth -- [ENDPOINTS [ROUNDS [URL]]]`: 10,000 endpoints and 30 days
//! of hourly rounds where nothing else is said, in a new SQLite file, or in the empty PostgreSQL database at `URL`.
//! Simulated: every endpoint has a certificate of its own, which is renewed every 60 days, and one look in a thousand times out.
#![expect(clippy::print_stdout, reason = "a table for people is all that this is for")]
#![expect(clippy::cast_precision_loss, reason = "rates are rounded anyway")]

use std::path::Path;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{
    CertificateSeen, Clock as _, EndpointId, Ends, Fingerprint, Foreign, Observation, Outcome,
    Record, RoundRecord, Time,
};
use certvigil_store::{Error, Store, postgres, sqlite};

const START: Time = Time::from_seconds(1_795_608_000);
const HOURS_OF_A_CERTIFICATE: u64 = 60 * 24;
const ONE_IN: u64 = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse());
    let (endpoints, rounds) = (number(10_000_u64)?, number(720_u64)?);
    let folder = tempfile::tempdir()?;
    let mut store = match arguments.next() {
        Some(url) => postgres::open(&url, START, "growth")?,
        None => sqlite::open(&folder.path().join("store.db"), START, "growth")?,
    };
    println!("{endpoints} endpoints, {rounds} hourly rounds");
    let first = record(&mut *store, endpoints, 0)?;
    println!("the first round:  {:>9.0} endpoints a second", rate(endpoints, first));
    print_sizes(&mut *store, folder.path())?;
    let mut times = (1..rounds)
        .map(|round| record(&mut *store, endpoints, round))
        .collect::<Result<Vec<_>, _>>()?;
    times.sort();
    if let (Some(median), Some(slowest)) = (times.get(times.len() / 2), times.last()) {
        println!("later rounds:     {:>9.0} endpoints a second", rate(endpoints, *median));
        println!("the slowest:      {:>9.0} endpoints a second", rate(endpoints, *slowest));
    }
    print_sizes(&mut *store, folder.path())
}

fn rate(endpoints: u64, took: Duration) -> f64 {
    endpoints as f64 / took.as_secs_f64()
}

/// Takes in the round of hour `number`; how long that took.
fn record(store: &mut dyn Store, endpoints: u64, number: u64) -> Result<Duration, Error> {
    let at = START.plus(Duration::from_secs(number * 3600));
    let round = RoundRecord {
        id: format!("{number:032x}"),
        started_at: at,
        finished_at: at.plus(Duration::from_secs(120)),
        location: None,
        expected: endpoints,
        attempted: endpoints,
        checked: endpoints,
        bound_ms: 600_000,
        is_whole: true,
    };
    let seen: Vec<_> = (0..endpoints).map(|endpoint| look(endpoint, number, at)).collect();
    let shown = seen.iter().filter_map(|seen| seen.certificate.as_ref());
    let ders: Vec<_> = shown.map(|seen| der(&seen.serial_number)).collect();
    let ders: Vec<_> = ders.iter().map(Vec::as_slice).collect();
    let begun = SystemClock.monotonic();
    store.transact(round.finished_at, &mut |transaction| {
        transaction.keep_certificates(&ders)?;
        transaction.observe(&round, &seen)?;
        transaction.record(&round_closed(&round))
    })?;
    Ok(SystemClock.monotonic() - begun)
}

fn round_closed(round: &RoundRecord) -> Record {
    let facts = [("round", &round.id), ("expected", &round.expected.to_string())];
    let data = facts.map(|(name, fact)| (name.to_owned(), fact.clone())).into();
    Record {
        at: round.finished_at,
        kind: "round-closed".to_owned(),
        incident: None,
        data,
        body: None,
    }
}

fn look(endpoint: u64, hour: u64, at: Time) -> Observation {
    let host = format!("host-{endpoint}.example.org");
    let is_dark = spread(endpoint ^ hour << 32).is_multiple_of(ONE_IN);
    let generation = (hour + spread(endpoint) % HOURS_OF_A_CERTIFICATE) / HOURS_OF_A_CERTIFICATE;
    let serial = format!("{endpoint:08x}{generation:024x}");
    let certificate = (!is_dark).then(|| certificate(&host, &serial));
    let issuer = Fingerprint::of(b"issuer");
    let chain = certificate.iter().flat_map(|seen| [seen.sha256, issuer]).collect();
    Observation {
        // Always 16 digits, so always an id.
        endpoint: EndpointId::from_text(&format!("{:016x}", spread(endpoint)))
            .unwrap_or_else(|| unreachable!()),
        place: format!("192.0.2.1:{}", endpoint % 65_536),
        target: Foreign::new(host.clone()),
        owner: Some("ops".to_owned()),
        tags: vec!["web".to_owned()],
        origin: None,
        port: 443,
        server_name: Some(host),
        looked_at: at,
        outcome: if is_dark { Outcome::Timeout } else { Outcome::Captured },
        chain,
        others: Vec::new(),
        certificate,
        problems: Vec::new(),
    }
}

fn certificate(host: &str, serial: &str) -> CertificateSeen {
    let day = |days: u64| START.plus(Duration::from_secs(days * 86_400));
    CertificateSeen {
        sha256: Fingerprint::of(&der(serial)),
        subject: Foreign::new(format!("CN={host}")),
        names: vec![Foreign::new(format!("DNS:{host}")), Foreign::new(format!("DNS:www.{host}"))],
        names_total: 2,
        issuer: Foreign::new("CN=Example CA E7,O=Example,C=US"),
        serial_number: serial.to_owned(),
        not_before: START,
        not_after: day(90),
        ends: Ends { at: day(90), warning_from: day(60), critical_from: day(83) },
    }
}

/// As many bytes as an ECDSA certificate of a public authority has.
fn der(serial: &str) -> Vec<u8> {
    serial.bytes().cycle().take(1100).collect()
}

/// SplitMix64: the same numbers in every run.
fn spread(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

fn print_sizes(store: &mut dyn Store, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("{:<16}{:>10}{:>14}{:>8}", "table", "rows", "bytes", "each");
    for size in store.sizes()? {
        let each = size.bytes / size.rows.max(1);
        println!("{:<16}{:>10}{:>14}{each:>8}", size.table, size.rows, size.bytes);
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        println!("{:<26}{:>14}", entry.file_name().to_string_lossy(), entry.metadata()?.len());
    }
    Ok(())
}
