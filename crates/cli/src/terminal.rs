//! What the standard output can show.

use std::io::{self, IsTerminal as _};

use anstream::{AutoStream, ColorChoice};
use certvigil_doors::env;
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
    Style { color, width: width.clamp(60, 200), unicode: shows_unicode() }
}

/// Whether the locale has UTF-8; one that nobody names is taken to.
fn shows_unicode() -> bool {
    let locale = [env::LC_ALL, env::LC_CTYPE, env::LANG].into_iter().find_map(env::read);
    locale.is_none_or(|locale| has_utf8(&locale.to_string_lossy()))
}

/// `language_TERRITORY.charset@modifier`, where the charset is written as everybody likes.
fn has_utf8(locale: &str) -> bool {
    let charset = locale.split_once('.').map_or("", |(_, charset)| charset);
    let charset = charset.split('@').next().unwrap_or_default();
    charset.replace('-', "").eq_ignore_ascii_case("utf8")
}

/// Columns where nobody says how many there are.
const WIDTH: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_says_whether_it_has_utf8() {
        for (locale, want) in [
            ("en_GB.UTF-8", true),
            ("de_DE.utf8@euro", true),
            ("C.UTF-8", true),
            ("C", false),
            ("POSIX", false),
            ("de_DE.ISO-8859-15@euro", false),
            ("en_GB", false),
        ] {
            assert_eq!(has_utf8(locale), want, "{locale}");
        }
    }
}
