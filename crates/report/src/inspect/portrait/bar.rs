//! The time that a certificate is valid, drawn as a bar with now marked on it.

use certvigil_model::Time;

/// What a stretch of a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Valid, and behind us.
    Past,
    /// The moment that it is judged for.
    Now,
    /// Valid, and before us.
    Left,
    /// Outside of the validity: until it begins, or since it ended.
    Outside,
}

/// The stretches of a bar `columns` wide from `from` to `to`, in order; nothing where the end
/// stands before the beginning.
pub(super) fn bar(from: Time, to: Time, now: Time, columns: usize) -> Vec<(Stretch, String)> {
    let mut stretches: Vec<(Stretch, String)> = Vec::new();
    if to < from || columns < 2 {
        return stretches;
    }
    let is_open = to == Time::NO_SET_EXPIRY;
    // What never ends has as much before it as behind it, and an arrow for the rest.
    let to = if is_open { mirrored(from, now) } else { to };
    let scale = Scale { start: from.min(now), end: to.max(now), columns };
    let (first, last, here) = (scale.column(from), scale.column(to), scale.column(now));
    for column in 0..columns {
        let (stretch, c) = match column {
            _ if column == here => (Stretch::Now, '●'),
            _ if column < first || column > last => (Stretch::Outside, '┄'),
            _ if column == last && is_open => (Stretch::Left, '▶'),
            _ if column < here => (Stretch::Past, end_or(column, first, last, '━')),
            _ => (Stretch::Left, end_or(column, first, last, '─')),
        };
        match stretches.last_mut() {
            Some((last, text)) if *last == stretch => text.push(c),
            _ => stretches.push((stretch, c.to_string())),
        }
    }
    stretches
}

const fn end_or(column: usize, first: usize, last: usize, between: char) -> char {
    if column == first {
        '├'
    } else if column == last {
        '┤'
    } else {
        between
    }
}

fn mirrored(from: Time, now: Time) -> Time {
    let behind = now.millis().saturating_sub(from.millis()).saturating_abs();
    Time::from_millis(now.millis().max(from.millis()).saturating_add(behind))
}

struct Scale {
    start: Time,
    end: Time,
    columns: usize,
}

impl Scale {
    fn column(&self, time: Time) -> usize {
        let [start, end, time] = [self.start, self.end, time].map(|it| i128::from(it.millis()));
        let last = self.columns as i128 - 1;
        let place = (time - start) * last / (end - start).max(1);
        usize::try_from(place.clamp(0, last)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(from: i64, to: i64, now: i64) -> String {
        let [from, to, now] = [from, to, now].map(Time::from_seconds);
        bar(from, to, now, 11).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn now_stands_where_it_is() {
        for (name, from, to, now, want) in [
            ("just begun", 0, 100, 0, "●─────────┤"),
            ("half over", 0, 100, 50, "├━━━━●────┤"),
            ("nearly over", 0, 100, 99, "├━━━━━━━━●┤"),
            ("the last moment", 0, 100, 100, "├━━━━━━━━━●"),
            ("over", 0, 50, 100, "├━━━━┤┄┄┄┄●"),
            ("not begun", 50, 100, 0, "●┄┄┄┄├────┤"),
            ("a moment, long ago", 0, 0, 100, "├┄┄┄┄┄┄┄┄┄●"),
            ("its end before its beginning", 100, 0, 50, ""),
        ] {
            assert_eq!(drawn(from, to, now), want, "{name}");
        }
    }

    #[test]
    fn what_has_no_end_goes_on() {
        let end = Time::NO_SET_EXPIRY.seconds();
        assert_eq!(drawn(0, end, 50), "├━━━━●────▶");
        assert_eq!(drawn(100, end, 0), "●┄┄┄┄├────▶");
    }

    #[test]
    fn the_ends_of_the_calendar_are_on_it() {
        let (first, last) = (Time::FIRST.seconds(), Time::NO_SET_EXPIRY.seconds() - 1);
        assert_eq!(drawn(first, last, i64::MAX), "├┄┄┄┄┄┄┄┄┄●");
        assert_eq!(drawn(first, last, i64::MIN).chars().count(), 11);
    }
}
