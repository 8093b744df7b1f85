//! The expiry horizon: when certificates end, drawn.

use std::io::{self, Write};

use certvigil_model::{Time, Verdict};

use super::axis;
use super::overview::{Column, Overview, WORST_FIRST};
use super::text::{Apart, Text};
use crate::words::{count, counted, day, length, relative};

/// Writes the section. It is drawn twice, for wide screens and for narrow ones.
pub(super) fn write(overview: &Overview, now: Time, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<section id=\"horizon\" aria-labelledby=\"horizon-h\">\n")?;
    out.write_all(b"<h2 id=\"horizon-h\">When certificates end</h2>\n")?;
    let all: u64 = overview.columns.iter().map(Column::total).sum();
    if all == 0 {
        out.write_all(b"<p class=\"quiet\">No end of any certificate is known.</p>\n")?;
    } else {
        Drawing::WIDE.write(&overview.columns, now, out)?;
        let pairs = overview.columns.chunks(2);
        let pairs: Vec<_> =
            pairs.map(|pair| pair.iter().fold(Column::default(), Column::with)).collect();
        Drawing::NARROW.write(&pairs, now, out)?;
        legend(out)?;
        soonest(overview, now, out)?;
    }
    out.write_all(b"</section>\n")
}

/// One drawing: its size and how much it says.
struct Drawing {
    name: &'static str,
    width: f64,
    height: f64,
    margin: f64,
    /// Days from now, and whether the date is told too.
    ticks: &'static [(f64, &'static str)],
    tells_dates: bool,
}

impl Drawing {
    const WIDE: Self = Self {
        name: "wide",
        width: 984.0,
        height: 236.0,
        margin: 24.0,
        ticks: &[
            (-365.0, "−1 y"),
            (-30.0, "−30 d"),
            (0.0, "now"),
            (2.0, "2 d"),
            (7.0, "7 d"),
            (14.0, "14 d"),
            (30.0, "30 d"),
            (60.0, "60 d"),
            (90.0, "90 d"),
            (180.0, "180 d"),
            (365.0, "1 y"),
            (730.0, "2 y"),
        ],
        tells_dates: true,
    };
    const NARROW: Self = Self {
        name: "narrow",
        width: 400.0,
        height: 220.0,
        margin: 12.0,
        ticks: &[
            (0.0, "now"),
            (7.0, "7 d"),
            (30.0, "30 d"),
            (90.0, "90 d"),
            (365.0, "1 y"),
            (1100.0, "later"),
        ],
        tells_dates: false,
    };

    fn write(&self, columns: &[Column], now: Time, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, width, height, .. } = self;
        let words = described(columns);
        writeln!(
            out,
            "<svg class=\"horizon {name}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"Expiry horizon. {0}\">\n<title>Expiry horizon</title>\n<desc>{0}</desc>",
            Text(&words)
        )?;
        self.bands(out)?;
        self.ticks(now, out)?;
        let most = columns.iter().map(Column::total).max().unwrap_or(0);
        let mut tops = Vec::new();
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.total() > 0) {
            let x = self.x((at as f64 + 0.5) / columns.len() as f64);
            writeln!(out, "<g><title>{}</title>", Text(&column_words(column, now)))?;
            if column.total() <= STACKED {
                self.stack(x, column, out)?;
            } else {
                tops.push((x, self.bar(x, column, most, out)?, column.total()));
            }
            out.write_all(b"</g>\n")?;
        }
        numbers(&tops, out)?;
        self.now(out)?;
        out.write_all(b"</svg>\n")
    }

    /// What has ended, what is about to, and the next 90 days.
    fn bands(&self, out: &mut dyn Write) -> io::Result<()> {
        let (top, bottom) = (TOP, self.floor());
        for (class, from, to, words) in [
            ("ended", f64::NEG_INFINITY, 0.0, "ended"),
            ("near", 0.0, 90.0, ""),
            ("c", 0.0, 7.0, "under 7 d"),
            ("w", 7.0, 30.0, "under 30 d"),
            ("", 30.0, 90.0, "under 90 d"),
        ] {
            let (left, right) = (self.x(axis::at(from)), self.x(axis::at(to)));
            if !class.is_empty() {
                let (wide, high) = (right - left, bottom - top);
                writeln!(
                    out,
                    "<rect class=\"band {class}\" x=\"{left:.1}\" y=\"{top}\" \
                     width=\"{wide:.1}\" height=\"{high}\"/>"
                )?;
            }
            if !words.is_empty() && right - left > 7.0 * words.len() as f64 {
                writeln!(
                    out,
                    "<text class=\"band-name\" x=\"{:.1}\" y=\"{}\">{words}</text>",
                    left.midpoint(right),
                    top - 7.0
                )?;
            }
        }
        Ok(())
    }

    fn ticks(&self, now: Time, out: &mut dyn Write) -> io::Result<()> {
        let floor = self.floor();
        let (left, right) = (self.margin, self.width - self.margin);
        writeln!(
            out,
            "<line class=\"axis\" x1=\"{left}\" x2=\"{right}\" y1=\"{floor}\" y2=\"{floor}\"/>"
        )?;
        for (days, words) in self.ticks {
            let x = self.x(axis::at(*days));
            let anchor = match x {
                _ if x < self.margin + 20.0 => "start",
                _ if x > self.width - self.margin - 20.0 => "end",
                _ => "middle",
            };
            writeln!(
                out,
                "<line class=\"tick\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{floor}\" y2=\"{}\"/>\
                 <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{words}</text>",
                floor + 5.0,
                floor + 20.0
            )?;
            if self.tells_dates && *days >= 0.0 {
                let date = Time::from_seconds(now.seconds() + (*days * 86_400.0) as i64);
                writeln!(
                    out,
                    "<text class=\"date\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                    floor + 34.0,
                    short_day(date, *days)
                )?;
            }
        }
        Ok(())
    }

    fn now(&self, out: &mut dyn Write) -> io::Result<()> {
        let x = self.x(axis::NOW);
        writeln!(
            out,
            "<line class=\"now\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\"/>",
            TOP - 4.0,
            self.floor() + 5.0
        )
    }

    /// A mark for each certificate, the worst at the bottom.
    fn stack(&self, x: f64, column: &Column, out: &mut dyn Write) -> io::Result<()> {
        let mut y = self.floor() - STEP / 2.0 - 1.0;
        for (verdict, number) in WORST_FIRST.iter().zip(column.counts) {
            for _ in 0..number {
                mark(*verdict, x, y, out)?;
                y -= STEP;
            }
        }
        Ok(())
    }

    /// Where they are too many for a mark each: a bar, the higher the more. Returns where it ends.
    fn bar(&self, x: f64, column: &Column, most: u64, out: &mut dyn Write) -> io::Result<f64> {
        let total = column.total() as f64;
        let beyond = (total / STACKED as f64).ln() / (most as f64 / STACKED as f64).ln();
        let whole = STEP * (STACKED as f64 + HIGHER * beyond.clamp(0.0, 1.0));
        let mut bottom = self.floor() - 1.0;
        let top = bottom - whole;
        for (verdict, number) in WORST_FIRST.iter().zip(column.counts) {
            if number == 0 {
                continue;
            }
            // Even one among thousands can be seen.
            let high = (whole * number as f64 / total).max(4.0).min(bottom - top);
            bottom -= high;
            writeln!(
                out,
                "<rect class=\"mark {}\" x=\"{:.1}\" y=\"{bottom:.1}\" width=\"9\" \
                 height=\"{high:.1}\" rx=\"1.5\"/>",
                verdict.name(),
                x - 4.5
            )?;
        }
        Ok(top)
    }

    fn x(&self, place: f64) -> f64 {
        self.margin + place * (self.width - 2.0 * self.margin)
    }

    fn floor(&self) -> f64 {
        self.height - if self.tells_dates { 44.0 } else { 28.0 }
    }
}

/// A shape for each verdict: none is told by its colour alone.
fn mark(verdict: Verdict, x: f64, y: f64, out: &mut dyn Write) -> io::Result<()> {
    let path = match verdict {
        Verdict::Critical => "l5 5-5 5-5-5z",
        Verdict::Warning => "l5 9h-10z",
        Verdict::Unknown | Verdict::Ok => {
            let radius = if verdict == Verdict::Ok { 4.5 } else { 3.6 };
            return writeln!(
                out,
                "<circle class=\"mark {}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>",
                verdict.name()
            );
        }
    };
    writeln!(out, "<path class=\"mark {}\" d=\"M{x:.1} {:.1}{path}\"/>", verdict.name(), y - 5.0)
}

/// How many each bar stands for, where the number beside leaves room.
fn numbers(tops: &[(f64, f64, u64)], out: &mut dyn Write) -> io::Result<()> {
    let mut taken = f64::NEG_INFINITY;
    for (x, top, total) in tops {
        let words = count(*total);
        let half = 3.4 * words.len() as f64;
        if x - half < taken {
            continue;
        }
        taken = x + half + 2.0;
        let y = top - 4.0;
        writeln!(
            out,
            "<text class=\"number\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{words}</text>"
        )?;
    }
    Ok(())
}

fn legend(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<p class=\"legend\">One mark a certificate:")?;
    for verdict in WORST_FIRST {
        write!(out, " <svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">")?;
        mark(verdict, 6.0, 6.0, out)?;
        write!(out, "</svg>&nbsp;{}", verdict.name())?;
    }
    out.write_all(b"</p>\n")
}

/// What to see in words, for those who do not see it.
fn soonest(overview: &Overview, now: Time, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<h3 class=\"small\">The first to end</h3>\n<ol class=\"soonest\">\n")?;
    for (ends, name) in &overview.soonest {
        let when = match ends {
            &Time::NO_SET_EXPIRY => "no set end".to_owned(),
            ends => format!("{} <span class=\"quiet\">{}</span>", relative(*ends, now), day(*ends)),
        };
        writeln!(
            out,
            "<li><span class=\"name\">{}</span> <span class=\"when\">{when}</span></li>",
            Apart(name)
        )?;
    }
    out.write_all(b"</ol>\n")
}

fn described(columns: &[Column]) -> String {
    let now = columns.len() as f64 * axis::NOW;
    let month = columns.len() as f64 * axis::at(30.0);
    let quarter = columns.len() as f64 * axis::at(90.0);
    let between = |from: f64, to: f64| -> u64 {
        let within = columns.iter().enumerate().filter(|(at, _)| {
            let middle = *at as f64 + 0.5;
            middle >= from && middle < to
        });
        within.map(|(_, column)| column.total()).sum()
    };
    let certificates = |number| counted(number, "certificate");
    format!(
        "About: {} ended, {} to end within 30 days, {} within 90 days, {} later. The first to end are listed below.",
        certificates(between(0.0, now)),
        certificates(between(now, month)),
        certificates(between(month, quarter)),
        certificates(between(quarter, f64::INFINITY)),
    )
}

fn column_words(column: &Column, now: Time) -> String {
    let Some((verdict, ends, name)) = &column.example else { return String::new() };
    let others = column.total().saturating_sub(1);
    let others = if others > 0 { format!(", and {} more", count(others)) } else { String::new() };
    let when = match *ends {
        Time::NO_SET_EXPIRY => "no set end".to_owned(),
        ends if ends < now => format!("ended {} ago", length(ends.seconds_since(now))),
        ends => format!("{} left, to {}", length(ends.seconds_since(now)), day(ends)),
    };
    format!("{name}: {}, {when}{others}", verdict.name())
}

/// `24 Nov`; the year where it is far.
fn short_day(date: Time, days: f64) -> String {
    let civil = date.to_civil();
    let month = MONTHS.get(usize::from(civil.month).saturating_sub(1)).unwrap_or(&"");
    if days > 150.0 { format!("{month} {}", civil.year) } else { format!("{} {month}", civil.day) }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Marks on top of each other; more become a bar.
const STACKED: u64 = 8;
/// Marks that the bar of the most is higher than those.
const HIGHER: f64 = 3.4;
/// From mark to mark.
const STEP: f64 = 12.0;
/// Where the bands begin.
const TOP: f64 = 26.0;
