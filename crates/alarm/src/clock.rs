//! Whether our own clock is right: others are asked, and two that agree against it are believed for judging.

use std::time::Duration;

use certvigil_model::Time;

/// What somebody else's clock showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose it is: `tracker tracker.example.org`. Two of one name are one source.
    pub name: String,
    /// What it showed.
    pub theirs: Time,
    /// What ours showed at that moment.
    pub ours: Time,
}

/// What the others say of our clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Fewer than two others were heard: nothing is said.
    Unchecked,
    /// Nobody says otherwise.
    Agrees,
    /// Ours is off: two or more agree against it, and none takes its side.
    Off(Off),
    /// They disagree, or one alone says otherwise: ours stands.
    SourcesDisagree {
        /// Who says what, in plain words.
        words: String,
    },
}

/// How far off our clock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// Seconds that have to be added to our time to get theirs.
    pub seconds: i64,
    /// Who says so.
    pub told_by: Vec<String>,
}

impl Off {
    /// Their time when ours is `now`.
    pub fn theirs(&self, now: Time) -> Time {
        Time::from_millis(now.millis().saturating_add(self.seconds.saturating_mul(1000)))
    }

    /// The reason of a verdict that is not the same under both times: `my clock is off by 55 d`.
    pub fn reason(&self) -> String {
        format!("my clock is off by {}", length(self.seconds))
    }

    /// What is told once: how far, in which direction, by whom, and what follows.
    pub fn words(&self) -> String {
        let direction = if self.seconds > 0 { "behind" } else { "ahead of" };
        let by = length(self.seconds);
        // The same words for as long as it is the same, whoever of them is ahead by a second.
        let mut told_by = self.told_by.clone();
        told_by.sort();
        let told_by = told_by.join(" and ");
        format!(
            "My clock is {by} {direction} what {told_by} say. What is the same by both times stands; the rest is unknown, and nothing is opened or closed on it. Set this machine's clock."
        )
    }
}

/// What `sources` say of our clock. More than 5 min is too much, whether between us and them or among them.
pub fn judge(sources: &[Source]) -> Clock {
    let mut known: Vec<&Source> = Vec::new();
    for source in sources {
        if !known.iter().any(|it| it.name == source.name) {
            known.push(source);
        }
    }
    let mut offsets: Vec<(i64, &str)> =
        known.iter().map(|it| (it.theirs.seconds_since(it.ours), it.name.as_str())).collect();
    offsets.sort_unstable();
    let agrees = |(seconds, _): &(i64, &str)| seconds.abs() <= MOST;
    match &offsets[..] {
        [] => return Clock::Unchecked,
        [one] if agrees(one) => return Clock::Unchecked,
        [one] => return Clock::SourcesDisagree { words: alone(one) },
        _ => {}
    }
    if offsets.iter().all(agrees) {
        return Clock::Agrees;
    }
    let together = largest(&offsets);
    let is_most = together.len() >= 2 && together.len() * 2 > offsets.len();
    if is_most && !offsets.iter().any(agrees) {
        let seconds = together.get(together.len() / 2).map_or(0, |(seconds, _)| *seconds);
        let told_by = together.iter().map(|(_, name)| (*name).to_owned()).collect();
        return Clock::Off(Off { seconds, told_by });
    }
    Clock::SourcesDisagree { words: disagreement(&offsets) }
}

/// The verdict that holds under both times; none where it does not.
pub fn under_both<T: PartialEq>(ours: T, theirs: &T) -> Option<T> {
    (ours == *theirs).then_some(ours)
}

/// The most offsets, of those in order, that lie within what is too much.
fn largest<'a, 'b>(offsets: &'a [(i64, &'b str)]) -> &'a [(i64, &'b str)] {
    let from = |start: usize| {
        let rest = offsets.get(start..).unwrap_or_default();
        let first = rest.first().map_or(0, |(seconds, _)| *seconds);
        let end = rest.partition_point(|(seconds, _)| seconds.saturating_sub(first) <= MOST);
        rest.get(..end).unwrap_or_default()
    };
    // Of several of one size the first: the later ones do not win over it.
    (0..offsets.len()).map(from).rev().max_by_key(|together| together.len()).unwrap_or_default()
}

fn alone((seconds, name): &(i64, &str)) -> String {
    let direction = if *seconds > 0 { "ahead of" } else { "behind" };
    let by = length(*seconds);
    format!(
        "{name} is {by} {direction} my clock: one alone proves nothing, so mine stands. Compare this machine's clock."
    )
}

fn disagreement(offsets: &[(i64, &str)]) -> String {
    let each = offsets.iter().map(|(seconds, name)| match seconds {
        seconds if seconds.abs() <= MOST => format!("{name} agrees with my clock"),
        seconds if *seconds > 0 => format!("{name} is {} ahead of it", length(*seconds)),
        seconds => format!("{name} is {} behind it", length(*seconds)),
    });
    let each: Vec<_> = each.collect();
    format!("The clocks that I compare mine with disagree, so mine stands: {}.", each.join(", "))
}

/// Days, hours or minutes, whatever is the largest that it has, to the nearest: a second less than 400 days is 400 days.
fn length(seconds: i64) -> String {
    let length = Duration::from_secs(seconds.unsigned_abs()).as_secs();
    match length {
        0..60 => format!("{length} s"),
        60..3600 => format!("{} min", (length + 30) / 60),
        3600..86_400 => format!("{} h", (length + 1800) / 3600),
        _ => format!("{} d", (length + 43_200) / 86_400),
    }
}

/// Seconds by which clocks may differ.
const MOST: i64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_795_608_000);
    const DAY: i64 = 86_400;

    /// Sources called a, b, c …, so many seconds ahead of us.
    fn sources(offsets: &[i64]) -> Vec<Source> {
        let source = |(number, offset): (usize, &i64)| Source {
            name: "abcdef"[number..=number].to_owned(),
            theirs: Time::from_seconds(NOW.seconds() + offset),
            ours: NOW,
        };
        offsets.iter().enumerate().map(source).collect()
    }

    #[test]
    fn two_that_agree_against_ours_by_more_than_five_minutes_are_believed() {
        for (offsets, off) in [
            (&[301, 301][..], Some((301, "a b"))),
            (&[-301, -400], Some((-301, "b a"))),
            (&[55 * DAY, 55 * DAY + 30, 55 * DAY + 60], Some((55 * DAY + 30, "a b c"))),
            // A third that agrees with nobody.
            (&[55 * DAY, -9 * DAY, 55 * DAY + 1], Some((55 * DAY + 1, "a c"))),
        ] {
            let Clock::Off(told) = judge(&sources(offsets)) else { panic!("{offsets:?}") };
            assert_eq!(Some((told.seconds, &told.told_by.join(" ")[..])), off);
        }
    }

    #[test]
    fn ours_stands_wherever_they_do_not_agree_against_it() {
        for (offsets, expected) in [
            (&[][..], "unchecked"),
            (&[1], "unchecked"),
            (&[9 * DAY], "disagree"),
            (&[0, 0], "agrees"),
            (&[300, -300], "agrees"),
            (&[301, 0], "disagree"),
            (&[301, -301], "disagree"),
            // One takes our side.
            (&[9 * DAY, 9 * DAY, 1], "disagree"),
            (&[9 * DAY, 9 * DAY, 20 * DAY, 20 * DAY], "disagree"),
            (&[9 * DAY, 20 * DAY, 30 * DAY], "disagree"),
        ] {
            let told = match judge(&sources(offsets)) {
                Clock::Unchecked => "unchecked",
                Clock::Agrees => "agrees",
                Clock::SourcesDisagree { .. } => "disagree",
                Clock::Off(off) => panic!("{offsets:?}: {off:?}"),
            };
            assert_eq!(told, expected, "{offsets:?}");
        }
    }

    #[test]
    fn one_that_is_asked_twice_is_one_source() {
        let mut twice = sources(&[9 * DAY, 9 * DAY]);
        twice[1].name = "a".to_owned();
        let Clock::SourcesDisagree { words } = judge(&twice) else { panic!("two") };
        assert!(words.starts_with("a is 9 d ahead of my clock: one alone"), "{words}");
    }

    #[test]
    fn the_words_say_how_far_and_what_follows() {
        let Clock::Off(off) = judge(&sources(&[55 * DAY, 55 * DAY])) else { panic!() };
        assert_eq!(off.reason(), "my clock is off by 55 d");
        assert!(off.words().starts_with("My clock is 55 d behind what a and b say."));
        assert_eq!(off.theirs(NOW), NOW.plus(Duration::from_secs(55 * 86_400)));
        let Clock::SourcesDisagree { words } = judge(&sources(&[0, -7200])) else { panic!() };
        assert!(words.ends_with("b is 2 h behind it, a agrees with my clock."), "{words}");
    }

    #[test]
    fn lengths_are_told_to_the_nearest_unit() {
        for (seconds, told) in [
            (59, "59 s"),
            (301, "5 min"),
            (-7199, "2 h"),
            (400 * DAY - 1, "400 d"),
            (55 * DAY + 40_000, "55 d"),
        ] {
            assert_eq!(length(seconds), told);
        }
    }

    #[test]
    fn a_verdict_stands_where_it_is_the_same_by_both_times() {
        assert_eq!(under_both("expired", &"expired"), Some("expired"));
        assert_eq!(under_both("expired", &"ok"), None);
    }
}
