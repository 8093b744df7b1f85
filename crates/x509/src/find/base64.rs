//! Base64 (RFC 4648 section 4) as it is met in files: broken over lines, indented, quoted.

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// What is odd about it, though it is clear what it says.
    pub(super) oddities: Vec<&'static str>,
}

/// A character that cannot stand where it does, by its place from the text's beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is no base64.
    Character(usize),
    /// It follows the padding, which ends a text.
    BehindPadding(usize),
}

/// Decodes `text`. Passed over are white space, quoting signs at the beginning of a line, and what
/// JSON and programs write for the end of a line; anything else that is not base64 is an error,
/// for what it should have been cannot be known.
pub(super) fn decode(text: &[u8]) -> Result<Decoded, Wrong> {
    let mut sextets = Sextets::default();
    let mut oddities = Vec::new();
    let (mut padding, mut at) = (0, 0);
    while let Some(&byte) = text.get(at) {
        let length = match sextet(byte) {
            Some(_) if padding > 0 => return Err(Wrong::BehindPadding(at)),
            Some(value) => {
                sextets.push(value);
                1
            }
            None if byte == b'=' => {
                padding += 1;
                1
            }
            None => passed_over(text, at).ok_or(Wrong::Character(at))?,
        };
        if length == ESCAPE && !oddities.contains(&ESCAPED) {
            oddities.push(ESCAPED);
        }
        at += length;
    }
    oddities.extend(odd_end(sextets.count, padding));
    Ok(Decoded { bytes: sextets.finish(), oddities })
}

/// What a text with something wrong in it may have said: without the wrong characters, and without
/// the lines that they stand in. Whether it did is for the caller to see.
pub(super) fn salvage(text: &[u8]) -> [Vec<u8>; 2] {
    let all = |text: &[u8]| {
        let mut sextets = Sextets::default();
        text.iter().filter_map(|&byte| sextet(byte)).for_each(|value| sextets.push(value));
        sextets.finish()
    };
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    let good: Vec<&[u8]> = lines.filter(|line| decode(line).is_ok()).collect();
    [all(text), all(&good.concat())]
}

/// Bytes that are nothing but base64 of something that may hold a certificate.
pub(super) fn whole(text: &[u8]) -> Option<Vec<u8>> {
    let Decoded { bytes, oddities } = decode(text).ok()?;
    let promising = matches!(bytes.first(), Some(b'-' | 0x30 | 0xce | 0xfe));
    (promising && oddities.is_empty()).then_some(bytes)
}

/// Gathers six bits at a time.
#[derive(Default)]
struct Sextets {
    bytes: Vec<u8>,
    bits: u32,
    count: usize,
}

impl Sextets {
    fn push(&mut self, value: u8) {
        self.bits = self.bits << 6 | u32::from(value);
        self.count += 1;
        if self.count.is_multiple_of(4) {
            self.bytes.extend_from_slice(&self.bits.to_be_bytes()[1..]);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        match self.count % 4 {
            2 => self.bytes.push((self.bits >> 4) as u8),
            3 => self.bytes.extend_from_slice(&(self.bits >> 2).to_be_bytes()[2..]),
            _ => {}
        }
        self.bytes
    }
}

/// How many bytes at `at` are no data and no fault.
fn passed_over(text: &[u8], at: usize) -> Option<usize> {
    match text[at..] {
        [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | b'"', ..] => Some(1),
        [b'\\', b'n' | b'r' | b't', ..] => Some(ESCAPE),
        // `\/` in JSON, a line continued in a program.
        [b'\\', b'/' | b'\r' | b'\n', ..] => Some(1),
        [b'>' | b'|', ..] if at == 0 || text[..at].ends_with(b"\n") => Some(1),
        _ => None,
    }
}

fn odd_end(count: usize, padding: usize) -> Option<&'static str> {
    match (count % 4, padding) {
        (0, 0) | (2, 2) | (3, 1) => None,
        (1, _) => Some("its last character says nothing by itself: one is missing or too many"),
        _ => Some("the padding at its end is wrong"),
    }
}

const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The length of `\n` where it is written so.
const ESCAPE: usize = 2;
const ESCAPED: &str = "its line ends are written as \\n";

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 section 10.
    #[test]
    fn agrees_with_rfc_4648() {
        for (text, want) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            let want = Decoded { bytes: want.into(), oddities: Vec::new() };
            assert_eq!(decode(text.as_bytes()), Ok(want));
        }
        let all = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let values: Vec<u8> = all.iter().filter_map(|&byte| sextet(byte)).collect();
        assert_eq!(values, (0..64).collect::<Vec<u8>>());
    }

    #[test]
    fn what_stands_around_it_is_passed_over() {
        for text in ["Z\nm 9\r\nv\t", "Zm\\n9v\\r\\n", "> Zm\n> 9v", "\"Zm\"\n\"9v\"", "\\/\\/9v"] {
            let bytes = decode(text.as_bytes()).map(|decoded| decoded.bytes);
            let want: &[u8] = if text.starts_with('\\') { &[0xff, 0xff, 0x6f] } else { b"foo" };
            assert_eq!(bytes.as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, want) in [
            ("Zm*v", Wrong::Character(2)),
            ("Zg==Zg==", Wrong::BehindPadding(4)),
            ("Zm9v-", Wrong::Character(4)),
            ("Z>m9v", Wrong::Character(1)),
            ("\\x", Wrong::Character(0)),
        ] {
            assert_eq!(decode(text.as_bytes()), Err(want), "{text}");
        }
        for (text, bytes) in [
            ("Zm9vZ", "foo"),
            ("Zm9vZg", "foof"),
            ("Zm9v=", "foo"),
            ("Zm9v=====", "foo"),
            ("Zm\\n9v", "foo"),
        ] {
            let decoded = decode(text.as_bytes());
            let odd = decoded.map(|decoded| (decoded.bytes, decoded.oddities.len()));
            assert_eq!(odd, Ok((bytes.into(), 1)), "{text}");
        }
    }

    #[test]
    fn what_can_be_saved_is_without_the_wrong_or_without_its_line() {
        let [characters, lines] = salvage(b"Zm*9v\nYmFy\n# no\n");
        assert_eq!((characters.as_slice(), lines.as_slice()), (&b"foobar\x9e"[..], &b"bar"[..]));
        assert_eq!(salvage(b"Zg==Zm9v"), [b"f\x06\x66\xf6".to_vec(), Vec::new()]);
    }
}
