//! A pool of hostile readers, certificates for it, and a look at its children from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_model::{Clock as _, Fingerprint};
use certvigil_reader::{Pool, READ};
use certvigil_x509::Reading;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_certvigil-hostile-reader");

/// A pool whose children can be told from those of every other pool.
pub(crate) struct Hostile {
    pub(crate) pool: Arc<Pool>,
    tag: String,
}

impl Hostile {
    pub(crate) fn new() -> Self {
        let tag = new_tag();
        let pool = Pool::new(Program::new(PROGRAM, [READ, &tag]), Arc::new(SystemClock));
        Self { pool: Arc::new(pool), tag }
    }

    pub(crate) async fn read(&self, bytes: &[u8]) -> Reading {
        self.pool.certificate(bytes.into(), Fingerprint::of(bytes)).await
    }

    /// Asks for all at once; the answers in the order of the questions.
    pub(crate) async fn read_all<'a>(
        &self,
        all: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<Reading> {
        let ask = |bytes: &[u8]| {
            let (pool, bytes): (_, Arc<[u8]>) = (Arc::clone(&self.pool), bytes.into());
            let fingerprint = Fingerprint::of(&bytes);
            tokio::spawn(async move { pool.certificate(bytes, fingerprint).await })
        };
        let asked: Vec<_> = all.into_iter().map(ask).collect();
        let mut readings = Vec::new();
        for asked in asked {
            readings.push(asked.await.unwrap());
        }
        readings
    }

    /// The process ids of its children, dead and unreaped ones included.
    pub(crate) fn children(&self) -> Vec<u32> {
        children(&self.tag)
    }

    /// Ends the pool and says what is left of its children.
    pub(crate) fn end(self) -> Vec<u32> {
        drop(Arc::into_inner(self.pool).unwrap());
        children(&self.tag)
    }
}

pub(crate) fn new_tag() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("tag-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Every process with `tag` among its arguments as a reading child.
pub(crate) fn children(tag: &str) -> Vec<u32> {
    let wanted = format!("\0{READ}\0{tag}\0");
    let is_one = |pid: &u32| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).ends_with(&wanted))
    };
    let entries = std::fs::read_dir("/proc").unwrap();
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(is_one).collect()
}

/// Processor time of a process in ticks of 10 ms (proc_pid_stat(5), fields 14 and 15).
pub(crate) fn ticks(pid: u32) -> u64 {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0 };
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = SystemClock.monotonic() + Duration::from_secs(20);
    while !condition() {
        assert!(SystemClock.monotonic() < deadline, "not in 20 s: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `count` different certificates by one key.
pub(crate) fn certificates(count: usize) -> Vec<Vec<u8>> {
    let key = rcgen::KeyPair::generate().unwrap();
    (0..count)
        .map(|number| {
            let names = vec![format!("host-{number}.example.org"), format!("{number}.example.org")];
            rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap().der().to_vec()
        })
        .collect()
}

/// Asserts that `reading` is what reading `der` in this process gives.
pub(crate) fn assert_read(reading: &Reading, der: &[u8]) {
    let Reading::Facts(facts) = reading else { panic!("{reading:?}") };
    assert_eq!(**facts, certvigil_x509::read(der));
}

/// The bytes that make a hostile reader do what `marker` says; `rest` follows.
pub(crate) fn told(marker: &str, rest: &[u8]) -> Vec<u8> {
    [format!("{marker:<8}").as_bytes(), rest].concat()
}
