//! Two hundred hostile certificates among a thousand good ones.
#![expect(clippy::print_stdout, reason = "the figures are what one runs it for")]

use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use certvigil_x509::Reading;

use crate::support::{Hostile, assert_read, certificates, ticks, told};

/// How many of each: those that cost the most time are the fewest.
const MIX: &[(&str, usize)] = &[
    ("LOOP", 40),
    ("SLEEP", 6),
    ("RECURSE", 40),
    ("ALLOC", 30),
    ("ABORT", 40),
    ("PANIC", 24),
    ("EXIT", 10),
    ("SOCKET", 10),
];

/// What the contract gives each hostile one: 2 s of the wall clock when a child stalls, and as
/// much to notice a crash and start the next child, on two children at once.
const BOUND: Duration = Duration::from_secs(2 * 200 / 2);

fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    let mut state = seed;
    for end in (1..items.len()).rev() {
        // Knuth's MMIX generator; its upper bits are good enough to mix a list.
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        items.swap(end, usize::try_from(state >> 33).unwrap() % (end + 1));
    }
    items
}

fn hostile_ones() -> impl Iterator<Item = Vec<u8>> {
    MIX.iter().flat_map(|&(marker, count)| {
        (0..count).map(move |number| told(marker, number.to_string().as_bytes()))
    })
}

#[tokio::test]
async fn two_hundred_hostile_ones_do_no_harm_to_a_thousand_good_ones() {
    let good = certificates(1_000);
    let bad: Vec<Vec<u8>> = hostile_ones().collect();
    assert_eq!(bad.len(), 200);
    let all: Vec<&Vec<u8>> = shuffled(good.iter().chain(&bad).collect(), 20261124);
    let hostile = Hostile::new();
    let started = SystemClock.monotonic();
    let readings = hostile.read_all(all.iter().map(|bytes| bytes.as_slice())).await;
    let (mut read, mut ended) = (0, 0);
    for (bytes, reading) in all.into_iter().zip(&readings) {
        match reading {
            Reading::Facts(_) => {
                assert_read(reading, bytes);
                read += 1;
            }
            Reading::Stalled(_) | Reading::Crashed(_) => {
                assert!(bad.contains(bytes), "a good one was blamed: {reading:?}");
                ended += 1;
            }
            Reading::Local(_) => panic!("{reading:?}"),
        }
    }
    let took = started.elapsed();
    println!("1,000 good and 200 hostile certificates: {took:?}, bound {BOUND:?}");
    assert_eq!((read, ended), (1_000, 200));
    assert!(took < BOUND, "{took:?}");
    assert_no_core_is_busy(&hostile);
    assert_eq!(hostile.end(), []);
}

/// The children that are left wait for work.
fn assert_no_core_is_busy(hostile: &Hostile) {
    let children = hostile.children();
    let used = || children.iter().map(|&pid| ticks(pid)).sum::<u64>();
    let before = used();
    std::thread::sleep(Duration::from_millis(500));
    assert!(used() - before <= 2, "{} ticks in 500 ms", used() - before);
}

/// Prints the figures; what they may be is for a benchmark on a quiet machine to say.
#[tokio::test]
async fn what_a_good_certificate_costs_is_printed() {
    let good = certificates(8_000);
    let (at_once, in_turn) = good.split_at(4_000);
    let hostile = Hostile::new();
    hostile.read(&certificates(1)[0]).await;
    let start = Used::now(&hostile);
    let answers = hostile.read_all(at_once.iter().map(Vec::as_slice)).await;
    println!("a good certificate among many: {}", start.until(&Used::now(&hostile), 4_000));
    assert!(answers.iter().all(|reading| matches!(reading, Reading::Facts(_))));
    let start = Used::now(&hostile);
    for der in in_turn {
        assert!(matches!(hostile.read(der).await, Reading::Facts(_)));
    }
    println!("a good certificate by itself: {}", start.until(&Used::now(&hostile), 4_000));
}

/// Processor time of this process and the pool's children, and the wall clock's.
struct Used {
    ticks: u64,
    at: Instant,
}

impl Used {
    fn now(hostile: &Hostile) -> Self {
        let children: u64 = hostile.children().iter().map(|&pid| ticks(pid)).sum();
        Self { ticks: ticks(std::process::id()) + children, at: SystemClock.monotonic() }
    }

    fn until(&self, end: &Self, count: u32) -> String {
        let processor = Duration::from_millis(10 * (end.ticks - self.ticks));
        let wall = end.at - self.at;
        format!("{:?} of processor time, {:?} of wall time", processor / count, wall / count)
    }
}
