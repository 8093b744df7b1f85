//! What somebody answers for is told, counted apart, and red again on the day that it ends.

use std::sync::Arc;
use std::time::Duration;

use certvigil_model::{Acceptance, Accepted, Answer, FailOn, Origin, Time};

use crate::rounds::settings;
use crate::served::{Maker, NOW, at, look_at, port, target};

fn days(days: i64) -> Time {
    Time::from_seconds(NOW.seconds() + days * 86_400)
}

fn accept(finding: &str, of: Accepted, until: Time, line: u32) -> Acceptance {
    let answer = Answer { reason: "replaced in July".into(), owner: "ops".into(), until };
    let origin = Some(Origin { file: "certvigil.toml".into(), line });
    Acceptance { finding: finding.into(), of, certificate: None, answer, origin }
}

/// Two servers with expired certificates, one of them answered for until `until`.
fn round(until: Time) -> (u8, crate::rounds::Told) {
    let (maker, port) = (Maker::new(), port());
    for host in [1, 2] {
        let name = format!("n{host}.example.org");
        maker.serve(at(host, port), &maker.certificate(&[&name], (2025, 1)));
    }
    let mut settings = settings(Duration::from_secs(10), 8);
    settings.acceptances = Arc::new([
        accept("expired", Accepted::Tag("old".into()), until, 4),
        accept("timeout", Accepted::Tag("old".into()), days(5), 9),
    ]);
    let targets = [1, 2].map(|host| {
        target(&format!("{}#n{host}.example.org", at(host, port)), |target| {
            target.tags = vec!["old".into()];
        })
    });
    let (checked, told) = look_at(settings, targets.into());
    (checked.exit_code(FailOn::Warning), told)
}

#[test]
fn accepted_findings_are_counted_apart_and_redden_nothing() {
    let (code, told) = round(days(30));
    let closed = told.closed();
    for line in told.lines() {
        assert_eq!((line.outcome, line.verdict), ("captured", "ok"), "{line:?}");
        let expired = line.findings.iter().find(|finding| finding.id == "expired").unwrap();
        assert_eq!(expired.accepted.as_ref().map(|answer| answer.until), Some(days(30)));
    }
    assert_eq!((code, closed.accepted, closed.accepted_until), (0, 2, Some(days(30))));
    assert_eq!((closed.summary.ok, closed.summary.critical), (2, 0));
    let ids: Vec<_> = closed.findings.iter().map(|found| found.finding.id).collect();
    assert_eq!(ids, ["acceptance-unused"], "nothing timed out");
    assert!(closed.findings[0].finding.message.contains("certvigil.toml:9"));
}

#[test]
fn on_the_day_that_it_ends_all_is_red_again() {
    let (code, told) = round(NOW);
    let closed = told.closed();
    assert!(told.lines().iter().all(|line| line.verdict == "critical"), "{:?}", told.lines());
    assert_eq!((code, closed.accepted, closed.accepted_until), (1, 0, None));
    let ended = closed.findings.iter().find(|found| found.finding.id == "acceptance-ended");
    assert!(ended.unwrap().finding.message.contains("expired of targets tagged old"));
}
