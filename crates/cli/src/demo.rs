//! `certvigil demo`: a rehearsal on loopback. An endpoint for every fault is started and checked
//! by the same code as everybody else's; each must get the verdict that it deserves. The round is
//! also worded as an HTML page.

use std::collections::HashMap;
use std::io::{self, Write};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, file};
use certvigil_engine::{Round, Settings, profile_from_pem, reader_pool};
use certvigil_inventory::{Defaults, Listed, parse, shuffled};
use certvigil_lab::{Case, Lab, Place};
use certvigil_model::{Clock, Finding, Foreign};
use certvigil_probe::{ClientCertificate, ClientCertificates};
use certvigil_report::{Closed, EndpointLine, Format, Report, TargetFinding};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::arguments::{Demo, Output};
use crate::outputs::Outputs;
use crate::progress::Shown;
use crate::{check, signals, words};

/// Returns the exit code: 0 when every endpoint got the verdict that it deserves.
pub(crate) fn run(demo: &Demo) -> anyhow::Result<u8> {
    if demo.list {
        return list(demo);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lab = Lab::start(clock.wall().seconds(), |case| wanted(demo, case))
        .context("the lab's endpoints cannot be started")?;
    anyhow::ensure!(!lab.places().is_empty(), "no case has a name like that");
    if demo.stay {
        return stay(&lab);
    }
    let page = match &demo.page {
        Some(page) => page.clone(),
        None => file::fresh("certvigil-demo-", ".html").context("name a page with --page")?,
    };
    let seen = check_all(demo, &page, &lab, &clock)?;
    let code = compare(&lab, &seen)?;
    words::tell(&format!("the same as a page: {}", page.display()));
    Ok(code)
}

fn wanted(demo: &Demo, case: &Case) -> bool {
    demo.only.as_ref().is_none_or(|text| case.name.contains(text.as_str()))
}

fn list(demo: &Demo) -> anyhow::Result<u8> {
    let mut out = anstream::stdout().lock();
    for case in certvigil_lab::cases().iter().filter(|case| wanted(demo, case)) {
        writeln!(out, "{:<34} {:<9} {}", case.name, case.expect.verdict, case.does)?;
    }
    Ok(0)
}

/// Keeps the endpoints up for a person who wants to look by hand.
fn stay(lab: &Lab) -> anyhow::Result<u8> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", lab.trust_pem())?;
    for place in lab.places() {
        writeln!(out, "{:<34} {}", place.case.name, place.target)?;
    }
    writeln!(out, "\nSave the certificates above as lab.pem, then for instance:")?;
    if let Some(place) = lab.places().first() {
        writeln!(out, "  certvigil check --trust lab.pem '{}'", place.target)?;
    }
    writeln!(out, "The endpoints stay up until the end of standard input (press Enter).")?;
    out.flush()?;
    io::stdin().read_line(&mut String::new())?;
    Ok(0)
}

fn check_all(demo: &Demo, page: &Path, lab: &Lab, clock: &Arc<dyn Clock>) -> anyhow::Result<Seen> {
    let settings = settings(lab)?;
    let count = lab.places().len();
    let round = Round::new(settings, reader_pool(Arc::clone(clock))?, Arc::clone(clock))?;
    let profiles = vec!["lab".to_owned()];
    let defaults = Defaults::default();
    let targets = || lab.places().iter().map(|place| named(place, &defaults));
    let opened = check::opened(clock.wall(), profiles, count, round.bound(targets()), None);
    let mut outputs = demo.formats.clone();
    outputs.push(Output { format: Format::Html, path: Some(page.to_owned()) });
    let (mut reports, files) = Outputs::open(&outputs, &opened)?.split();
    let seen = Seen::default();
    reports.push(Box::new(seen.clone()));
    signals::stop_on_signal(round.stopper()).context("signals cannot be listened for")?;
    let mut progress = Shown::new(true, count, clock);
    round.run(
        shuffled(targets(), clock.wall().millis().unsigned_abs()),
        reports,
        &mut progress,
        &mut (),
    )?;
    files.commit()?;
    Ok(seen)
}

/// The target of a place, which reports call by the name of its case.
fn named(place: &Place, defaults: &Defaults) -> Listed {
    let mut listed = parse(&place.target, None, defaults);
    if let Ok(target) = &mut listed.target {
        target.written = Foreign::new(place.case.name);
    }
    listed
}

fn settings(lab: &Lab) -> anyhow::Result<Settings> {
    let profile = profile_from_pem("lab", lab.trust_pem().as_bytes())?;
    Ok(Settings {
        deadline: Some(DEADLINE),
        connect_timeout: DEADLINE / 3,
        concurrency: check::within_descriptors(CONCURRENCY)?,
        rate_per_address: NonZeroU32::MAX,
        client_certificates: ClientCertificates {
            for_all: client_certificate(lab)?,
            ..ClientCertificates::default()
        },
        ..Settings::resting_on(vec![profile])
    })
}

fn client_certificate(lab: &Lab) -> anyhow::Result<Option<ClientCertificate>> {
    let Some((chain, key)) = lab.places().iter().find_map(|place| place.client.as_ref()) else {
        return Ok(None);
    };
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>()?;
    Ok(Some(ClientCertificate { chain, key: PrivateKeyDer::from_pem_slice(key.as_bytes())? }))
}

/// What the round said of each place, by the name of its case.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<HashMap<String, Line>>>);

struct Line {
    verdict: &'static str,
    outcome: &'static str,
    phase: Option<&'static str>,
    findings: Vec<&'static str>,
}

impl Report for Seen {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        let ended = &line.capture.ended;
        let kept = Line {
            verdict: line.judgement.verdict().name(),
            outcome: ended.outcome.name(),
            phase: ended.phase.map(certvigil_model::Phase::name),
            findings: line.judgement.findings.iter().map(|Finding { id, .. }| *id).collect(),
        };
        let target = line.targets.first().map(|target| target.raw().to_owned());
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(target.unwrap_or_default(), kept);
        Ok(())
    }

    fn target(&mut self, _said: &TargetFinding) -> io::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>, _closed: &Closed) -> io::Result<()> {
        Ok(())
    }
}

fn compare(lab: &Lab, seen: &Seen) -> anyhow::Result<u8> {
    let seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = 0;
    for place in lab.places() {
        let faults = match seen.get(place.case.name) {
            Some(line) => differences(place, line),
            None => vec!["it got no verdict".to_owned()],
        };
        if !faults.is_empty() {
            wrong += 1;
            words::tell(&format!("✗ {}: {}", place.case.name, faults.join("; ")));
        }
    }
    let all = lab.places().len();
    words::tell(&format!("{} of {all} endpoints got the verdict that they deserve", all - wrong));
    Ok(u8::from(wrong > 0))
}

/// What differs between what a place deserves and what it got; nothing when all is right.
fn differences(place: &Place, got: &Line) -> Vec<String> {
    let want = &place.case.expect;
    let mut faults = Vec::new();
    if want.verdict != got.verdict {
        faults.push(format!("verdict {} instead of {}", got.verdict, want.verdict));
    }
    if want.outcome != got.outcome {
        faults.push(format!("outcome {} instead of {}", got.outcome, want.outcome));
    }
    if want.phase.is_some() && want.phase != got.phase {
        let (want, got) = (want.phase.unwrap_or("none"), got.phase.unwrap_or("none"));
        faults.push(format!("phase {got} instead of {want}"));
    }
    let has = |id: &&str| got.findings.contains(id);
    let missing: Vec<_> = want.findings.iter().copied().filter(|id| !has(id)).collect();
    let surplus: Vec<_> = want.absent.iter().copied().filter(has).collect();
    if !missing.is_empty() {
        faults.push(format!("without {} (found: {})", missing.join(", "), got.findings.join(", ")));
    }
    if !surplus.is_empty() {
        faults.push(format!("with {}, which is wrong", surplus.join(", ")));
    }
    faults
}

/// Short, for the silent ones use all of it; long enough for a healthy look on a busy machine.
const DEADLINE: Duration = Duration::from_secs(4);

/// All of the lab at once.
const CONCURRENCY: NonZeroUsize = match NonZeroUsize::new(128) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};
