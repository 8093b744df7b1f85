//! Each way to misbehave, alone and with good certificates behind it.

use certvigil_x509::Reading;

use crate::support::{Hostile, assert_read, certificates, told};

/// What the pool is to say.
#[derive(Clone, Copy, Debug)]
enum Want {
    Stalled(&'static str),
    Crashed(&'static str),
    Local(&'static str),
    /// The facts of the certificate behind the marker.
    Facts,
}

const CASES: &[(&str, Want)] = &[
    ("LOOP", Want::Stalled("reader stalled, 100 ms, killed")),
    ("SLEEP", Want::Stalled("reader stalled, 2 s, killed")),
    ("RECURSE", Want::Crashed("reader crashed: its stack overflowed")),
    ("ALLOC", Want::Crashed("reader crashed: it ran out of memory")),
    ("ABORT", Want::Crashed("reader crashed: it was ended by SIGABRT (it gave up)")),
    ("PANIC", Want::Crashed("reader crashed: it panicked at ")),
    ("EXIT", Want::Crashed("reader crashed: it ended by itself with exit code 0")),
    ("TORN", Want::Crashed("reader crashed: it ended by itself with exit code 0")),
    ("LONG", Want::Crashed("reader crashed: its answer was longer than any may be")),
    ("GARBAGE", Want::Local("the reading process gave an answer that makes no sense")),
    ("READY", Want::Local("the reading process gave an answer that makes no sense")),
    ("FACTS", Want::Local("the reading process gave an answer that makes no sense")),
    // Refused, so the reader goes on.
    ("OPEN", Want::Facts),
    // Deadly, so that it does not.
    ("SOCKET", Want::Crashed("reader crashed: it was ended by SIGSYS")),
    ("EXEC", Want::Crashed("reader crashed: it was ended by SIGSYS")),
    ("THREAD", Want::Crashed("reader crashed: it was ended by SIGSYS")),
    ("SLOW", Want::Facts),
];

fn assert_is(marker: &str, reading: &Reading, want: Want, der: &[u8]) {
    match (reading, want) {
        (Reading::Stalled(words), Want::Stalled(wanted)) => assert_eq!(words, wanted, "{marker}"),
        (Reading::Crashed(words), Want::Crashed(wanted)) => {
            assert!(words.starts_with(wanted), "{marker}: {words}");
        }
        (Reading::Local(words), Want::Local(wanted)) => assert_eq!(words, wanted, "{marker}"),
        (reading, Want::Facts) => assert_read(reading, der),
        _ => panic!("{marker}: {reading:?}, wanted {want:?}"),
    }
}

/// The certificates asked for before, with and after the bad one are read all the same.
#[tokio::test]
async fn each_misbehaviour_has_its_words_and_harms_nobody_else() {
    let good = certificates(17);
    for &(marker, want) in CASES {
        let hostile = Hostile::new();
        let bad = told(marker, &good[16]);
        let mut all: Vec<&[u8]> = good[..16].iter().map(Vec::as_slice).collect();
        all.insert(8, &bad);
        let readings = hostile.read_all(all.iter().copied()).await;
        for (bytes, reading) in all.iter().zip(&readings) {
            if *bytes == bad {
                assert_is(marker, reading, want, &good[16]);
            } else {
                assert_read(reading, bytes);
            }
        }
        assert_eq!(hostile.end(), [], "{marker}");
    }
}

/// Its end is known by its hash: the second time costs no child and no time.
#[tokio::test]
async fn a_culprit_is_not_read_twice() {
    let hostile = Hostile::new();
    for marker in ["LOOP", "ABORT"] {
        let first = hostile.read(&told(marker, b"")).await;
        let children = hostile.children();
        let second = hostile.read(&told(marker, b"")).await;
        assert_eq!(first, second);
        assert_eq!(children, hostile.children());
    }
}

/// What was our own failure may go better the next time.
#[tokio::test]
async fn our_own_failure_is_not_held_against_a_certificate() {
    let hostile = Hostile::new();
    let good = certificates(1).remove(0);
    for _ in 0..2 {
        let reading = hostile.read(&told("GARBAGE", &good)).await;
        assert!(matches!(reading, Reading::Local(_)), "{reading:?}");
    }
}

#[tokio::test]
async fn what_is_too_long_is_said_at_once() {
    let hostile = Hostile::new();
    let reading = hostile.read(&vec![0; (1 << 20) + 1]).await;
    let want = "the certificate has 1048577 bytes; at most 1048576 are read";
    assert_eq!(reading, Reading::Local(want.to_owned()));
    assert_eq!(hostile.children(), []);
    assert!(matches!(hostile.read(&vec![0; 1 << 20]).await, Reading::Facts(_)));
}
