//! Containers take the same road with another budget.

use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_doors::command::{Limits, Program, run};
use certvigil_model::Clock as _;
use certvigil_x509::{Found, Reading};

use crate::support::{Hostile, assert_read, certificates, told};

#[tokio::test]
async fn self_agrees_bytes_and_password_arrive_and_come_back() {
    let hostile = Hostile::new();
    let long: Vec<u8> = (0..2_000_000_u32).map(|number| number as u8).collect();
    for (bytes, password, at) in [
        (told("ECHO", b""), None, "None"),
        (told("ECHO", b"abc"), Some(""), "Some(\"\")"),
        (told("ECHO", b"abc"), Some("pass"), "Some(\"pass\")"),
        (told("ECHO", &long), None, "None"),
        (told("ECHO", &long), Some("pass"), "Some(\"pass\")"),
    ] {
        let password = password.map(str::to_owned);
        let found = hostile.pool.container(bytes.as_slice().into(), password).await.unwrap();
        let [Found { at: said, item, .. }] = found.as_slice() else { panic!() };
        assert!(said == at && item.as_ref() == Ok(&bytes), "{} bytes, {said}", bytes.len());
    }
}

/// What opening a store takes is allowed to a child that may do so little else.
#[tokio::test]
async fn a_store_of_openssl_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["a.example.org".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(path("one.pem"), certificate.pem() + &key.serialize_pem()).unwrap();
    let arguments = ["pkcs12", "-export", "-passout", "pass:secret", "-in", "one.pem", "-out", "p"];
    let arguments = arguments.map(|word| match word {
        "one.pem" | "p" => path(word).into_os_string(),
        _ => word.into(),
    });
    let limits = Limits { deadline: Some(Duration::from_secs(60)), output_bytes: 0 };
    assert!(run(&Program::new("/usr/bin/openssl", arguments), limits).unwrap().status.success());
    let store = std::fs::read(path("p")).unwrap();
    let hostile = Hostile::new();
    let found = hostile.pool.container(store.into(), Some("secret".to_owned())).await.unwrap();
    assert_eq!(found[0].item.as_deref(), Ok(certificate.der().as_ref()), "{found:?}");
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
