//! What the standard output can show.

use std::io::{self, IsTerminal as _};

use anstream::{AutoStream, ColorChoice};
use certvigil_report::Style;
use terminal_size::{Width, terminal_size_of};

/// Colour where it is wanted (`NO_COLOR` is kept), as wide as the terminal.
pub(crate) fn style() -> Style {
    let stdout = io::stdout();
    let color = !matches!(AutoStream::choice(&stdout), ColorChoice::Never);
    let width = match terminal_size_of(&stdout) {
        Some((Width(width), _)) if stdout.is_terminal() => usize::from(width),
        _ => WIDTH,
    };
    Style { color, width: width.clamp(60, 200), unicode: true }
}

/// Columns where nobody says how many there are.
const WIDTH: usize = 120;
