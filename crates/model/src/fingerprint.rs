//! SHA-256 identities.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes: a certificate's identity in every report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From its 64 hexadecimal digits, as written by anybody: in either case, with colons between the
    /// bytes or without.
    pub fn from_text(text: &str) -> Option<Self> {
        let pairs: Vec<&str> = text.split(':').collect();
        match &pairs[..] {
            [digits] => from_hex(digits).map(Self),
            pairs if pairs.iter().all(|pair| pair.len() == 2) => {
                from_hex(&pairs.concat()).map(Self)
            }
            _ => None,
        }
    }

    /// The 32 bytes themselves.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// 64 lower-case hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return <[u8; 32]>::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        from_hex(&text).map(Self).ok_or_else(|| D::Error::custom("no SHA-256 in hex"))
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| char::from(digit).to_digit(16);
        *byte = (nibble(pair[0])? << 4 | nibble(pair[1])?) as u8;
    }
    Some(bytes)
}

/// `bytes` as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example for "abc".
    #[test]
    fn agrees_with_fips_180_4() {
        assert_eq!(
            Fingerprint::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    /// As `openssl x509 -fingerprint -sha256` prints it.
    #[test]
    fn is_read_as_people_copy_it() {
        let abc = Fingerprint::of(b"abc");
        let upper = abc.to_string().to_uppercase();
        let pairs: Vec<&str> = (0..32).map(|at| &upper[2 * at..2 * at + 2]).collect();
        for text in [&abc.to_string(), &upper, &pairs.join(":")] {
            assert_eq!(Fingerprint::from_text(text), Some(abc), "{text}");
        }
        let four = upper.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four));
        let four = four.collect::<Vec<_>>().join(":");
        for wrong in ["", ":", &upper[1..], &pairs[1..].join(":"), &four] {
            assert_eq!(Fingerprint::from_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn comes_back_from_its_text_and_from_nothing_else() {
        let abc = Fingerprint::of(b"abc");
        let read = |text: &str| {
            let text = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
            Fingerprint::deserialize(text).ok()
        };
        assert_eq!(read(&abc.to_string()), Some(abc));
        for wrong in ["", "ba", &"g".repeat(64), &"ü".repeat(32)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
