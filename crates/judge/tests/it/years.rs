//! Simulated years: one chain, judged at thousands of moments from before it begins until after it
//! has ended. Each state comes in its turn, at the second that the contract says, and none comes
//! back.
//!
//! Long, so ignored unless asked for; `scripts/soak` runs it. `CERTVIGIL_SEED` decides the moments,
//! `CERTVIGIL_STEPS` how many there are for each chain.

use std::time::Duration;

use certvigil_judge::{Profile, Signatures};
use certvigil_model::{Judgement, Time, Verdict};
use certvigil_x509::Certificate;
use rcgen::CertificateParams;

use crate::minted::{Authority, NOW, ids, judge_at, moment};

/// What a person is told, in the order in which a life goes through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    NotYetValid,
    Good,
    Warning,
    Critical,
    Expired,
}

/// A life with its two windows, all in seconds.
struct Life {
    name: &'static str,
    seconds: i64,
    warning: i64,
    critical: i64,
}

const fn life(name: &'static str, seconds: i64, warning: i64, critical: i64) -> Life {
    Life { name, seconds, warning, critical }
}

/// Worked by hand from the contract: a warning at min(30 d, 0.3 L) left; critical at L / 12 held
/// between 24 h (36 h for lives under 10 d) and 7 d, and never above three quarters of the warning.
const LIVES: &[Life] = &[
    life("1 h", HOUR, 1080, 810),
    life("24 h", DAY, 25_920, 19_440),
    life("4 d", 4 * DAY, 103_680, 77_760),
    life("6 d", 6 * DAY, 155_520, 116_640),
    life("45 d", 45 * DAY, 1_166_400, 324_000),
    life("47 d", 47 * DAY, 1_218_240, 338_400),
    life("64 d", 64 * DAY, 1_658_880, 460_800),
    life("90 d", 90 * DAY, 2_332_800, 604_800),
    life("100 d", 100 * DAY, 2_592_000, 604_800),
    life("200 d", 200 * DAY, 2_592_000, 604_800),
    life("398 d", 398 * DAY, 2_592_000, 604_800),
    life("10 y", 3652 * DAY, 2_592_000, 604_800),
];

#[test]
#[ignore = "simulates years; scripts/soak runs it"]
fn years_of_an_end_entity_go_through_every_state_in_turn() {
    let mut walks = Walks::new();
    for life in LIVES {
        for profile in ["corp", Profile::MOZILLA] {
            let begin = walks.seed.moment(NOW, later(NOW, 1000 * DAY));
            let chain = Chain::lasting(begin, life.seconds);
            let turns = Turns {
                begin,
                warning: earlier(chain.end, life.warning),
                critical: earlier(chain.end, life.critical),
                end: chain.end,
            };
            walks.walk(&format!("{}, {profile}", life.name), &chain, profile, &turns);
        }
    }
    walks.told();
}

/// The best path's end is the end that counts. A public authority's is told by `path-expires-first`,
/// which is a warning until it has ended; one of ours has windows of its own: 365 d and 90 d, at
/// most 0.3 and a twelfth of its life.
#[test]
#[ignore = "simulates years; scripts/soak runs it"]
fn years_of_a_path_that_ends_first() {
    let mut walks = Walks::new();
    let (begin, days) = (NOW, |days: i64| later(NOW, days * DAY));
    // The certificate has 398 days, the authority above it ends forty days before.
    let first = days(358);
    let public = Turns { begin, warning: earlier(first, 30 * DAY), critical: first, end: first };
    let intermediate = || Chain::under(days(-372), first, begin, days(398));
    walks.walk("a public intermediate first", &intermediate(), Profile::MOZILLA, &public);
    let root = || Chain::under_root(days(-3292), first, begin, days(398));
    walks.walk("a public root first", &root(), Profile::MOZILLA, &public);

    let (warning, critical) = (earlier(first, 219 * DAY), earlier(first, 5_256_000));
    let ours = Turns { begin, warning, critical, end: first };
    walks.walk("an intermediate of ours first, of 730 d", &intermediate(), "corp", &ours);
    // The warning comes before the certificate begins.
    let (warning, critical) = (earlier(first, 365 * DAY), earlier(first, 90 * DAY));
    let ours = Turns { begin, warning, critical, end: first };
    walks.walk("a root of ours first, of 10 y", &root(), "corp", &ours);

    let own = Turns { begin, warning: days(368), critical: days(391), end: days(398) };
    walks.walk("another path lasts", &crossed(first), Profile::MOZILLA, &own);

    let late = days(2);
    let late = Turns { begin: late, ..own };
    let chain = Chain::under(late.begin, days(3000), begin, days(398));
    walks.walk("an intermediate begins later", &chain, Profile::MOZILLA, &late);
    walks.told();
}

/// Whatever the life: five states, each there, in order. No figures are asked for.
#[test]
#[ignore = "simulates years; scripts/soak runs it"]
fn years_of_any_length_have_every_state() {
    let mut walks = Walks::new();
    for _ in 0..walks.steps.div_ceil(10) {
        let longest = (3652.0_f64 * 24.0).ln();
        let seconds = (walks.seed.fraction() * longest).exp() * 3600.0;
        let chain = Chain::lasting(NOW, seconds as i64);
        let profile = [Profile::new("corp", true, vec![chain.root.clone()])];
        let mut seen = vec![State::NotYetValid];
        let mut left = seconds as i64;
        while left >= -1 {
            let now = earlier(chain.end, left);
            seen.push(walks.state(&chain, &profile, now));
            left = if left > 9 { left - left / 10 } else { left - 1 };
        }
        assert!(seen.is_sorted(), "{seconds} s: {seen:?}");
        seen.dedup();
        assert_eq!(seen.len(), 5, "{seconds} s: {seen:?}");
        walks.chains += 1;
    }
    walks.told();
}

/// The moments after which each state holds; a certificate is good from `begin` on.
#[derive(Clone, Copy)]
struct Turns {
    begin: Time,
    warning: Time,
    critical: Time,
    end: Time,
}

impl Turns {
    fn want(&self, now: Time) -> State {
        match now {
            _ if now < self.begin => State::NotYetValid,
            _ if now > self.end => State::Expired,
            _ if now > self.critical => State::Critical,
            _ if now > self.warning => State::Warning,
            _ => State::Good,
        }
    }

    /// Each turn, a millisecond and a second around it.
    fn edges(&self) -> impl Iterator<Item = Time> {
        let turns = [self.begin, self.warning, self.critical, self.end];
        let around = [-1000, -1, 0, 1, 1000];
        turns.into_iter().flat_map(move |turn| {
            around.into_iter().map(move |by| Time::from_millis(turn.millis() + by))
        })
    }
}

/// What a server sends, and the root above it.
struct Chain {
    sent: Vec<Certificate>,
    root: Certificate,
    end: Time,
}

impl Chain {
    /// An end entity of so many seconds, its authorities decades longer.
    fn lasting(begin: Time, seconds: i64) -> Self {
        let end = later(begin, seconds);
        Self::under(earlier(begin, 30 * YEAR), later(end, 30 * YEAR), begin, end)
    }

    /// An end entity below an intermediate between two moments.
    fn under(opens: Time, closes: Time, begin: Time, end: Time) -> Self {
        let (first, last) = (earlier(begin, 40 * YEAR), later(end, 40 * YEAR));
        let root = Authority::root_between("Root CA", first, last);
        Self::below(&root, &root.between("Issuing CA", opens, closes), begin, end)
    }

    /// An end entity below a root between two moments, whose intermediate lasts longer.
    fn under_root(opens: Time, closes: Time, begin: Time, end: Time) -> Self {
        let root = Authority::root_between("Root CA", opens, closes);
        let issuing = root.between("Issuing CA", opens, later(end, 30 * YEAR));
        Self::below(&root, &issuing, begin, end)
    }

    fn below(root: &Authority, issuing: &Authority, begin: Time, end: Time) -> Self {
        let leaf = issuing.issue(|params| lasts(params, begin, end));
        let sent = vec![leaf, issuing.certificate.clone()];
        Self { sent, root: root.certificate.clone(), end }
    }
}

/// An end entity of 398 days below an intermediate that ends at `first`, with a cross-certificate
/// for it that lasts.
fn crossed(first: Time) -> Chain {
    let root = Authority::root_between("Root CA", earlier(NOW, 40 * YEAR), later(NOW, 40 * YEAR));
    let issuing = root.between("Issuing CA", earlier(NOW, 372 * DAY), first);
    let mut chain = Chain::below(&root, &issuing, NOW, later(NOW, 398 * DAY));
    chain.sent.push(root.cross(&issuing, "Issuing CA", 3000));
    chain
}

fn lasts(params: &mut CertificateParams, begin: Time, end: Time) {
    (params.not_before, params.not_after) = (moment(begin), moment(end));
}

/// Many walks through time, by one seed.
struct Walks {
    seed: Seed,
    given: u64,
    steps: usize,
    chains: usize,
    judged: usize,
    signatures: Signatures,
}

impl Walks {
    fn new() -> Self {
        let given = number("CERTVIGIL_SEED").unwrap_or(1);
        let steps = number("CERTVIGIL_STEPS").unwrap_or(2000) as usize;
        let signatures = Signatures::default();
        Self { seed: Seed(given), given, steps, chains: 0, judged: 0, signatures }
    }

    fn walk(&mut self, name: &str, chain: &Chain, profile: &str, turns: &Turns) {
        let profile = [Profile::new(profile, true, vec![chain.root.clone()])];
        let margin = (turns.end.seconds_since(turns.begin) / 4).max(60);
        let (from, to) = (earlier(turns.begin, margin), later(turns.end, margin));
        let mut moments: Vec<_> = (0..self.steps).map(|_| self.seed.instant(from, to)).collect();
        moments.extend(turns.edges());
        moments.sort_unstable();
        let mut last = State::NotYetValid;
        for now in moments {
            let state = self.state(chain, &profile, now);
            let at = format!("{name}, seed {}, at {} ms", self.given, now.millis());
            assert_eq!(state, turns.want(now), "{at}");
            assert!(state >= last, "{at}: back from {last:?} to {state:?}");
            last = state;
        }
        self.chains += 1;
    }

    fn state(&mut self, chain: &Chain, profile: &[Profile], now: Time) -> State {
        self.judged += 1;
        state(&judge_at(&chain.sent, profile, &self.signatures, now))
    }

    fn told(&self) {
        let Self { given, chains, judged, .. } = self;
        println!("years: {judged} judgements over {chains} chains, seed {given}");
    }
}

/// The one state that a judgement says; anything else is a fault.
fn state(judgement: &Judgement) -> State {
    let (verdict, ids) = (judgement.verdict(), ids(judgement));
    let has = |id| ids.contains(&id);
    match (has("not-yet-valid"), has("expired"), verdict) {
        (true, false, Verdict::Critical) => State::NotYetValid,
        (false, true, Verdict::Critical) => State::Expired,
        (false, false, _) if has("untrusted") => panic!("only dates are wrong here: {ids:?}"),
        (false, false, Verdict::Critical) => State::Critical,
        (false, false, Verdict::Warning) => State::Warning,
        (false, false, Verdict::Ok) => State::Good,
        _ => panic!("{verdict:?}: {ids:?}"),
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// To the millisecond, as a clock's are.
    fn instant(&mut self, from: Time, to: Time) -> Time {
        let second = self.moment(from, to);
        second.plus(Duration::from_millis(self.next() % 1000))
    }

    /// To the whole second, as a certificate's dates are.
    fn moment(&mut self, from: Time, to: Time) -> Time {
        let span = to.seconds_since(from) as f64;
        later(from, (self.fraction() * span) as i64)
    }
}

fn later(time: Time, seconds: i64) -> Time {
    if seconds < 0 {
        return earlier(time, -seconds);
    }
    time.plus(Duration::from_secs(seconds.unsigned_abs()))
}

fn earlier(time: Time, seconds: i64) -> Time {
    Time::from_millis(time.millis() - seconds * 1000)
}

#[expect(clippy::disallowed_methods, reason = "a test asks how it is run")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
