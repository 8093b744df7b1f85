//! A score over certificates that nobody here wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use certvigil_model::Time;
use certvigil_x509::{DefectId, Facts, Field, Recovered, read};
use serde::Deserialize;

/// One object and what five independent parsers and a tolerant walk make of it.
#[derive(Deserialize)]
struct Truth {
    id: String,
    source: String,
    form: String,
    class: String,
    not_before: Option<String>,
    not_after: Option<String>,
    votes: u32,
    lenient_not_before: Option<String>,
    lenient_not_after: Option<String>,
    lenient_method: Option<String>,
    file: String,
}

#[test]
fn corpus() {
    let Some(corpus) = corpus_directory() else {
        writeln!(std::io::stderr(), "{ABSENT}").unwrap();
        return;
    };
    let mut score = Score::default();
    let truths = std::fs::read_to_string(corpus.join("truth.jsonl")).unwrap();
    for line in truths.lines() {
        let truth: Truth = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(corpus.join(&truth.file)).unwrap();
        score.add(&truth, &bytes);
    }
    score.print();
    score.judge();
}

#[derive(Default)]
struct Score {
    objects: usize,
    slowest: Option<(Duration, String)>,
    well_formed: Share,
    /// Objects of class `wellformed` that have defects, and how often which.
    flagged: usize,
    flags: BTreeMap<DefectId, usize>,
    contested: Share,
    walked: Share,
    unflagged_wrong: Vec<String>,
}

/// How many of how many, and who missed.
#[derive(Default)]
struct Share {
    of: usize,
    missed: Vec<String>,
}

impl Share {
    fn add(&mut self, hit: bool, miss: impl FnOnce() -> String) {
        self.of += 1;
        if !hit {
            self.missed.push(miss());
        }
    }

    fn percent(&self) -> f64 {
        100.0 * (self.of - self.missed.len()) as f64 / self.of.max(1) as f64
    }
}

impl Score {
    fn add(&mut self, truth: &Truth, bytes: &[u8]) {
        let der = if truth.form == "pem" { pem(bytes) } else { bytes.to_vec() };
        let (facts, took) = timed(|| read(&der));
        self.objects += 1;
        if self.slowest.as_ref().is_none_or(|(slowest, _)| took > *slowest) {
            self.slowest = Some((took, truth.file.clone()));
        }
        let told = |text: &Option<String>| text.as_deref().map(|text| text.replace("+00:00", "Z"));
        let (before, after) = (told(&truth.not_before), told(&truth.not_after));
        let equal =
            tells(&facts.not_before, &before, &facts) && tells(&facts.not_after, &after, &facts);
        let miss = || describe(truth, &facts);
        match truth.class.as_str() {
            "wellformed" => {
                self.well_formed.add(equal, miss);
                if !facts.well_formed() {
                    self.flagged += 1;
                    for id in facts.defects.iter().map(|defect| defect.id).collect::<BTreeSet<_>>()
                    {
                        *self.flags.entry(id).or_default() += 1;
                    }
                }
            }
            "contested" if truth.votes >= 3 => self.contested.add(equal, miss),
            "illformed" if truth.lenient_method.as_deref() == Some("walk") => {
                let recovered = shown(&facts.not_after) == told(&truth.lenient_not_after);
                self.walked.add(recovered && !facts.well_formed(), miss);
            }
            _ => {}
        }
        let want = after.or_else(|| told(&truth.lenient_not_after));
        let wrong = facts.not_after.is_ok() && want.is_some() && shown(&facts.not_after) != want;
        let want = before.or_else(|| told(&truth.lenient_not_before));
        let wrong =
            wrong || facts.not_before.is_ok() && want.is_some() && shown(&facts.not_before) != want;
        let guess = facts.recovered == Recovered::Guess;
        let flagged = !facts.well_formed()
            && (!guess || facts.defects.iter().any(|defect| defect.id == DefectId::DateGuessed));
        if (wrong || guess) && !flagged {
            self.unflagged_wrong.push(miss());
        }
    }

    /// Straight to stderr, for a test that passes keeps what it prints to itself.
    fn print(&self) {
        let Self { well_formed, contested, walked, .. } = self;
        let mut out = std::io::stderr().lock();
        for (name, missed) in [
            ("wellformed, dates differ", &well_formed.missed),
            ("contested, dates differ", &contested.missed),
            ("walk, not recovered or not flagged", &walked.missed),
            ("wrong and not flagged", &self.unflagged_wrong),
        ] {
            for miss in missed {
                writeln!(out, "{name}: {miss}").unwrap();
            }
        }
        writeln!(out, "corpus: {} objects, each with an outcome", self.objects).unwrap();
        for (name, share) in [
            ("wellformed: dates equal", well_formed),
            ("contested, 3 votes or more: dates equal, or told to be of the year 0000", contested),
            ("illformed with a walk: notAfter equal and flagged", walked),
        ] {
            let hits = share.of - share.missed.len();
            writeln!(out, "corpus: {name}: {hits}/{} = {:.2} %", share.of, share.percent())
                .unwrap();
        }
        writeln!(
            out,
            "corpus: wrong dates and guesses without a flag: {}",
            self.unflagged_wrong.len()
        )
        .unwrap();
        writeln!(
            out,
            "corpus: wellformed with defects: {} of {}: {:?}",
            self.flagged, well_formed.of, self.flags
        )
        .unwrap();
        let (took, file) = self.slowest.as_ref().unwrap();
        writeln!(out, "corpus: slowest object: {took:?}, {file}").unwrap();
    }

    fn judge(&self) {
        assert!(self.objects > 0, "an empty corpus shows nothing");
        assert_eq!(self.well_formed.missed, [""; 0]);
        assert!(self.contested.percent() >= 99.5);
        assert!(self.walked.percent() >= 99.0);
        assert_eq!(self.unflagged_wrong, [""; 0]);
        let (slowest, _) = self.slowest.as_ref().unwrap();
        assert!(*slowest < Duration::from_secs(5), "a stall");
    }
}

#[expect(clippy::disallowed_methods, reason = "a figure to print, and a cap on stalls")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

/// Equal, or told as no date where the corpus has the year 0000: our dates begin with year 1.
fn tells(time: &Field<Time>, want: &Option<String>, facts: &Facts) -> bool {
    if want.as_ref().is_some_and(|want| want.starts_with("0000")) {
        return time.is_err() && facts.defects.iter().any(|defect| defect.id == DefectId::YearZero);
    }
    shown(time) == *want
}

fn shown(time: &Field<Time>) -> Option<String> {
    time.as_ref().ok().map(|time| Time::from_seconds(time.seconds()).to_string())
}

fn describe(truth: &Truth, facts: &Facts) -> String {
    let told: Vec<String> = facts
        .defects
        .iter()
        .map(|defect| {
            format!("{:?}@{} {} {}", defect.id, defect.offset, defect.field, defect.message)
        })
        .collect();
    format!(
        "{} {} {:?} want {:?} {:?} / {:?} {:?} got {:?} {:?}\n    {}",
        &truth.id[..12],
        truth.source,
        facts.recovered,
        truth.not_before,
        truth.not_after,
        truth.lenient_not_before,
        truth.lenient_not_after,
        shown(&facts.not_before),
        shown(&facts.not_after),
        told.join("\n    ")
    )
}

/// What stands between the first BEGIN and the END after it, or the end.
fn pem(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let body = text.split("-----BEGIN").nth(1).unwrap_or("");
    let body = body.split_once("-----").map_or("", |(_, body)| body);
    let body = body.split("-----END").next().unwrap_or("");
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for value in body.bytes().filter_map(base64) {
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn base64(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "where the corpus lies is said by the environment")]
pub(crate) fn corpus_directory() -> Option<PathBuf> {
    let given = std::env::var_os("CERTVIGIL_CORPUS").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    Some(given.unwrap_or_else(beside)).filter(|corpus| corpus.join("truth.jsonl").is_file())
}

pub(crate) const ABSENT: &str =
    "SKIPPED: corpus absent: set CERTVIGIL_CORPUS to the directory that holds truth.jsonl";
