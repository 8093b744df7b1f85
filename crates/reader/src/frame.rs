//! The pipe between the pool and a child: frames of a kind, a length, and that many bytes.

use std::io::{self, Read};

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To the pool: the child has limited itself and waits. Empty.
    Ready = 1,
    /// To the child: a certificate's bytes.
    Certificate,
    /// To the child: a container's bytes.
    Container,
    /// To the child: the length of a password in four bytes, the password, a container's bytes.
    ContainerWithPassword,
    /// To the pool: `Facts`.
    Facts,
    /// To the pool: `Vec<Found>`.
    Found,
}

impl Kind {
    /// None of them is a byte that text begins with: what the runtime of a dying child prints on
    /// the same pipe is told from an answer by its first byte.
    fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::Ready,
            Self::Certificate,
            Self::Container,
            Self::ContainerWithPassword,
            Self::Facts,
            Self::Found,
        ]
        .into_iter()
        .find(|&kind| kind as u8 == byte)
    }
}

/// Appends a frame whose contents are `parts`, one behind the other.
pub(crate) fn append(out: &mut Vec<u8>, kind: Kind, parts: &[&[u8]]) {
    let begun = begin(out, kind);
    for part in parts {
        out.extend_from_slice(part);
    }
    finish(out, begun);
}

/// Begins a frame whose contents the caller appends; [`finish`] takes what comes back.
pub(crate) fn begin(out: &mut Vec<u8>, kind: Kind) -> Begun {
    out.push(kind as u8);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    Begun { length_at: at }
}

/// A frame without its length.
#[must_use]
pub(crate) struct Begun {
    length_at: usize,
}

/// Writes the length of the frame that ends where `out` ends.
pub(crate) fn finish(out: &mut [u8], Begun { length_at }: Begun) {
    let contents = out.len() - length_at - 4;
    // Contents are bounded far below 4 GiB on both sides; should they not be, the reader refuses.
    let length = u32::try_from(contents).unwrap_or(u32::MAX);
    out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
}

/// What the bytes received so far begin with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begins<'a> {
    /// A frame, and where the next one begins.
    Frame(Kind, &'a [u8], usize),
    /// A part of a frame.
    Part,
    /// A frame longer than allowed, by its own word.
    TooLong,
    /// No frame at all.
    Other,
}

/// Looks for a frame of at most `limit` bytes at the beginning of `bytes`.
pub(crate) fn split(bytes: &[u8], limit: usize) -> Begins<'_> {
    let Some((&first, rest)) = bytes.split_first() else { return Begins::Part };
    let Some(kind) = Kind::from_byte(first) else { return Begins::Other };
    let Some((length, rest)) = rest.split_first_chunk() else { return Begins::Part };
    let length = u32::from_le_bytes(*length) as usize;
    if length > limit {
        return Begins::TooLong;
    }
    match rest.get(..length) {
        Some(contents) => Begins::Frame(kind, contents, HEADER + length),
        None => Begins::Part,
    }
}

/// Reads one frame of at most `limit` bytes into `contents`; none at the end of the input.
///
/// # Errors
/// The input ends within a frame, or what comes is no frame.
pub(crate) fn read(
    input: &mut impl Read,
    contents: &mut Vec<u8>,
    limit: usize,
) -> io::Result<Option<Kind>> {
    contents.clear();
    let mut header = [0; HEADER];
    if input.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut header[1..])?;
    let [first, length @ ..] = header;
    let kind = Kind::from_byte(first).ok_or(io::ErrorKind::InvalidData)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > limit {
        return Err(io::ErrorKind::InvalidData.into());
    }
    contents.resize(length, 0);
    input.read_exact(contents)?;
    Ok(Some(kind))
}

/// A kind and a length.
const HEADER: usize = 5;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn self_agrees_both_sides_cut_alike() {
        let mut bytes = Vec::new();
        append(&mut bytes, Kind::Ready, &[]);
        append(&mut bytes, Kind::Certificate, &[b"ab", b"", b"c"]);
        let Begins::Frame(Kind::Ready, b"", next) = split(&bytes, 0) else { panic!() };
        assert_eq!(split(&bytes[next..], 3), Begins::Frame(Kind::Certificate, b"abc", 8));
        let (mut input, mut contents) = (bytes.as_slice(), Vec::new());
        assert_eq!(read(&mut input, &mut contents, 3).unwrap(), Some(Kind::Ready));
        assert_eq!(read(&mut input, &mut contents, 3).unwrap(), Some(Kind::Certificate));
        assert_eq!(contents, b"abc");
        assert_eq!(read(&mut input, &mut contents, 3).unwrap(), None);
    }

    #[test]
    fn what_is_no_whole_frame_is_told_apart() {
        let mut whole = Vec::new();
        append(&mut whole, Kind::Facts, &[b"abc"]);
        for end in 0..whole.len() {
            assert_eq!(split(&whole[..end], 3), Begins::Part, "{end}");
        }
        assert_eq!(split(&whole, 2), Begins::TooLong);
        assert_eq!(split(b"\nthread 'reader' has overflowed its stack", 9), Begins::Other);
        assert_eq!(split(b"memory allocation of 9 bytes failed", 9), Begins::Other);
        assert_eq!(split(&[0], 9), Begins::Other);
        for bad in [&whole[..whole.len() - 1], b"text", &[0]] {
            assert!(read(&mut &bad[..], &mut Vec::new(), 3).is_err());
        }
        assert!(read(&mut whole.as_slice(), &mut Vec::new(), 2).is_err());
    }
}
