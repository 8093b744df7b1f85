//! A score over certificates that nobody here wrote, on both roads that bytes come by: as a peer
//! sends them, and as a file holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use certvigil_model::Time;
use certvigil_x509::{DefectId, Facts, Field, Recovered, find, read};
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
    let [mut sent, mut kept] = ["sent", "kept in a file"].map(Score::new);
    let truths = std::fs::read_to_string(corpus.join("truth.jsonl")).unwrap();
    for line in truths.lines() {
        let truth: Truth = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(corpus.join(&truth.file)).unwrap();
        if truth.form == "der" {
            sent.add(&truth, || Told::from(read(&bytes)));
        }
        kept.add(&truth, || Told::of_file(&bytes));
    }
    for score in [sent, kept] {
        score.print();
        score.judge();
    }
}

/// What is told of one object.
struct Told {
    not_before: Option<String>,
    not_after: Option<String>,
    recovered: Recovered,
    /// Every reason not to believe it blindly.
    defects: Vec<(DefectId, String)>,
}

impl From<Facts> for Told {
    fn from(facts: Facts) -> Self {
        let defects = facts.defects.iter();
        Self {
            not_before: shown(&facts.not_before),
            not_after: shown(&facts.not_after),
            recovered: facts.recovered,
            defects: defects.map(|defect| (defect.id, format!("{defect:?}"))).collect(),
        }
    }
}

impl Told {
    /// Of the first certificate in a file; what else is said of the file counts as said.
    fn of_file(bytes: &[u8]) -> Self {
        let mut told =
            Self { not_before: None, not_after: None, recovered: Recovered::None, defects: vec![] };
        let found = find(bytes, None);
        if let Some(der) = found.iter().find_map(|found| found.item.as_ref().ok()) {
            told = Self::from(read(der));
        }
        let beside =
            found.iter().flat_map(|found| found.flaws.iter().chain(found.item.as_ref().err()));
        told.defects.extend(beside.map(|defect| (defect.id, format!("{defect:?}"))));
        told
    }

    fn has(&self, id: DefectId) -> bool {
        self.defects.iter().any(|(given, _)| *given == id)
    }

    fn is_flagged(&self) -> bool {
        !self.defects.is_empty()
            && (self.recovered != Recovered::Guess || self.has(DefectId::DateGuessed))
    }

    /// Equal, or told as no date where the corpus has the year 0000: our dates begin with year 1.
    fn tells(&self, got: &Option<String>, want: &Option<String>) -> bool {
        match want {
            Some(want) if want.starts_with("0000") => got.is_none() && self.has(DefectId::YearZero),
            want => got == want,
        }
    }

    fn contradicts(
        got: &Option<String>,
        agreed: &Option<String>,
        lenient: &Option<String>,
    ) -> bool {
        let want = agreed.as_ref().or(lenient.as_ref());
        matches!((got, want), (Some(got), Some(want)) if got != want)
    }
}

struct Score {
    road: &'static str,
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
    fn new(road: &'static str) -> Self {
        Self {
            road,
            objects: 0,
            slowest: None,
            well_formed: Share::default(),
            flagged: 0,
            flags: BTreeMap::new(),
            contested: Share::default(),
            walked: Share::default(),
            unflagged_wrong: vec![],
        }
    }

    fn add(&mut self, truth: &Truth, work: impl FnOnce() -> Told) {
        let (told, took) = timed(work);
        self.objects += 1;
        if self.slowest.as_ref().is_none_or(|(slowest, _)| took > *slowest) {
            self.slowest = Some((took, truth.file.clone()));
        }
        let equal = told.tells(&told.not_before, &truth.not_before)
            && told.tells(&told.not_after, &truth.not_after);
        let miss = || describe(truth, &told);
        match truth.class.as_str() {
            "wellformed" => {
                self.well_formed.add(equal, miss);
                self.count_flags(&told);
            }
            "contested" if truth.votes >= 3 => self.contested.add(equal, miss),
            "illformed" if truth.lenient_method.as_deref() == Some("walk") => {
                let recovered = told.not_after == truth.lenient_not_after;
                self.walked.add(recovered && told.is_flagged(), miss);
            }
            _ => {}
        }
        let wrong = Told::contradicts(&told.not_after, &truth.not_after, &truth.lenient_not_after)
            || Told::contradicts(&told.not_before, &truth.not_before, &truth.lenient_not_before);
        if (wrong || told.recovered == Recovered::Guess) && !told.is_flagged() {
            self.unflagged_wrong.push(miss());
        }
    }

    fn count_flags(&mut self, told: &Told) {
        self.flagged += usize::from(!told.defects.is_empty());
        for id in told.defects.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() {
            *self.flags.entry(id).or_default() += 1;
        }
    }

    /// Straight to stderr, for a test that passes keeps what it prints to itself.
    fn print(&self) {
        let Self { road, well_formed, contested, walked, .. } = self;
        let mut out = std::io::stderr().lock();
        let shares = [
            ("wellformed: dates equal", well_formed),
            ("contested, 3 votes or more: dates equal, or told to be of the year 0000", contested),
            ("illformed with a walk: notAfter equal and flagged", walked),
        ];
        for (name, share) in shares {
            for miss in &share.missed {
                writeln!(out, "corpus, {road}: {name}: NOT {miss}").unwrap();
            }
        }
        writeln!(out, "corpus, {road}: {} objects, each with an outcome", self.objects).unwrap();
        for (name, share) in shares {
            let hits = share.of - share.missed.len();
            let percent = share.percent();
            writeln!(out, "corpus, {road}: {name}: {hits}/{} = {percent:.2} %", share.of).unwrap();
        }
        let wrong = self.unflagged_wrong.len();
        writeln!(out, "corpus, {road}: wrong dates and guesses without a flag: {wrong}").unwrap();
        let (flagged, flags) = (self.flagged, &self.flags);
        let of = well_formed.of;
        writeln!(out, "corpus, {road}: wellformed with defects: {flagged}/{of}: {flags:?}")
            .unwrap();
        let (took, file) = self.slowest.as_ref().unwrap();
        writeln!(out, "corpus, {road}: slowest object: {took:?}, {file}").unwrap();
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

fn shown(time: &Field<Time>) -> Option<String> {
    time.as_ref().ok().map(|time| Time::from_seconds(time.seconds()).to_string())
}

fn describe(truth: &Truth, told: &Told) -> String {
    let defects: Vec<&str> = told.defects.iter().map(|(_, text)| text.as_str()).collect();
    format!(
        "{} {}: agreed {:?} {:?}, lenient {:?} {:?}, told {:?} {:?} {:?}\n    {}",
        &truth.id[..12],
        truth.source,
        truth.not_before,
        truth.not_after,
        truth.lenient_not_before,
        truth.lenient_not_after,
        told.not_before,
        told.not_after,
        told.recovered,
        defects.join("\n    ")
    )
}

#[expect(clippy::disallowed_methods, reason = "a figure to print, and a cap on stalls")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

#[expect(clippy::disallowed_methods, reason = "where the corpus lies is said by the environment")]
pub(crate) fn corpus_directory() -> Option<PathBuf> {
    let given = std::env::var_os("CERTVIGIL_CORPUS").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    Some(given.unwrap_or_else(beside)).filter(|corpus| corpus.join("truth.jsonl").is_file())
}

pub(crate) const ABSENT: &str =
    "SKIPPED: corpus absent: set CERTVIGIL_CORPUS to the directory that holds truth.jsonl";
