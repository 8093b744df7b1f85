//! Containers take the same road with another budget.

use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use certvigil_x509::{Found, Reading};

use crate::support::{Hostile, assert_read, certificates, told};

#[tokio::test]
async fn self_agrees_bytes_and_password_arrive_and_come_back() {
    let hostile = Hostile::new();
    let long: Vec<u8> = (0..2_000_000_u32).map(|number| number as u8).collect();
    for (bytes, password, at) in [
        (&b""[..], None, "None"),
        (b"abc", Some(""), "Some(\"\")"),
        (b"abc", Some("pass"), "Some(\"pass\")"),
        (&long, None, "None"),
        (&long, Some("pass"), "Some(\"pass\")"),
    ] {
        let found = hostile.pool.container(bytes.into(), password.map(str::to_owned)).await;
        let want = Found { at: at.to_owned(), item: Ok(bytes.to_vec()) };
        assert!(found == Ok(vec![want]), "{} bytes, {password:?}", bytes.len());
    }
}

#[tokio::test]
async fn one_that_stalls_has_five_seconds_and_holds_up_no_certificate() {
    let hostile = Hostile::new();
    let good = certificates(20);
    let started = SystemClock.monotonic();
    let stalled = async {
        let bad = ["1", "2"].map(|which| told("LOOP", which.as_bytes()));
        let [first, second] = bad.map(|bytes| hostile.pool.container(bytes.into(), None));
        tokio::join!(first, second)
    };
    let read = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        for der in &good {
            assert_read(&hostile.read(der).await, der);
        }
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    };
    let (stalled, ()) = tokio::join!(stalled, read);
    let want = Reading::Stalled("reader stalled, 5 s, killed".to_owned());
    assert_eq!(stalled, (Err(want.clone()), Err(want)));
}

#[tokio::test]
async fn one_that_crashes_is_told() {
    let hostile = Hostile::new();
    let result = hostile.pool.container(told("ALLOC", b"").into(), None).await;
    let want = Reading::Crashed("reader crashed: it ran out of memory".to_owned());
    assert_eq!(result, Err(want));
}

#[tokio::test]
async fn what_is_too_long_is_said_at_once() {
    let hostile = Hostile::new();
    let result = hostile.pool.container(vec![0; (64 << 20) + 1].into(), None).await;
    assert!(matches!(result, Err(Reading::Local(_))), "{result:?}");
    assert_eq!(hostile.children(), []);
}
