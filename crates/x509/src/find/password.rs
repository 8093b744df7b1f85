//! What a password opens in PKCS#12: PBES2 of PKCS#5 (RFC 8018) and the older schemes of PKCS#12
//! itself (RFC 7292 appendices B and C).
//!
//! Only certificates are ever decrypted; a store's private keys stay as they are.

use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use des::{TdesEde2, TdesEde3};
use pkcs5::der::Decode as _;
use pkcs5::pbes2::{self, Kdf};
use rc2::Rc2;
use sha1::{Digest as _, Sha1};

use super::shape::{step, step_tagged};
use crate::der::{Tlv, tag};

/// Why something stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// No password that was tried opens it.
    Password,
    /// It asks for more rounds of hashing, or more memory, than a store of certificates needs.
    Effort,
    /// The scheme is none that is known here.
    Scheme,
}

/// The passwords to try, and how much hashing may still be done: a store may have many parts.
#[derive(Debug)]
pub(super) struct Keyring<'a> {
    passwords: Vec<&'a str>,
    rounds_left: u64,
}

impl<'a> Keyring<'a> {
    /// The password given first, the empty one besides.
    pub(super) fn new(given: Option<&'a str>) -> Self {
        let given = given.filter(|password| !password.is_empty());
        let passwords = given.into_iter().chain([""]).collect();
        Self { passwords, rounds_left: ROUNDS }
    }

    /// Whether a password was given.
    pub(super) fn has_password(&self) -> bool {
        self.passwords.len() > 1
    }

    /// Decrypts what `algorithm` (an AlgorithmIdentifier) was used on. `is_right` tells whether
    /// what comes out makes sense: padding alone is right by chance once in 256 times.
    pub(super) fn open(
        &mut self,
        algorithm: &Tlv<'_>,
        encrypted: &[u8],
        is_right: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>, Closed> {
        let scheme = Scheme::of(algorithm).ok_or(Closed::Scheme)?;
        for password in self.passwords.clone() {
            for form in scheme.forms(password) {
                self.rounds_left =
                    self.rounds_left.checked_sub(scheme.rounds()).ok_or(Closed::Effort)?;
                if let Some(plain) = scheme.decrypt(&form, encrypted)
                    && is_right(&plain)
                {
                    return Ok(plain);
                }
            }
        }
        Err(Closed::Password)
    }
}

enum Scheme<'a> {
    Pbes2(Box<pbes2::Parameters>),
    Pkcs12 { cipher: Cipher, salt: &'a [u8], rounds: u32 },
}

/// Of RFC 7292 appendix C; the two with RC4 are left out.
#[derive(Clone, Copy)]
enum Cipher {
    TripleDes3,
    TripleDes2,
    Rc2With128Bits,
    Rc2With40Bits,
}

impl<'a> Scheme<'a> {
    fn of(algorithm: &Tlv<'a>) -> Option<Self> {
        let mut inside = algorithm.inside();
        let oid = step_tagged(&mut inside, tag::OID)?.content;
        let parameters = step(&mut inside)?;
        if oid == PBES2 {
            let parameters = pbes2::Parameters::from_der(parameters.whole).ok()?;
            return Some(Self::Pbes2(Box::new(parameters)));
        }
        let cipher = match oid.strip_prefix(&PKCS12_PBE)? {
            [3] => Cipher::TripleDes3,
            [4] => Cipher::TripleDes2,
            [5] => Cipher::Rc2With128Bits,
            [6] => Cipher::Rc2With40Bits,
            _ => return None,
        };
        let mut inside = parameters.inside();
        let salt = step_tagged(&mut inside, tag::OCTET_STRING)?.content;
        let rounds = number(step_tagged(&mut inside, tag::INTEGER)?.content)?;
        (rounds > 0).then_some(Self::Pkcs12 { cipher, salt, rounds })
    }

    /// What opening costs with one password, in rounds of hashing; without end where it would
    /// take more memory than is due.
    fn rounds(&self) -> u64 {
        match self {
            // At most twice for the key, once for the initialisation vector.
            Self::Pkcs12 { rounds, .. } => 3 * u64::from(*rounds),
            Self::Pbes2(parameters) => match &parameters.kdf {
                Kdf::Pbkdf2(kdf) => u64::from(kdf.iteration_count),
                Kdf::Scrypt(kdf) => {
                    let block = 128 * u64::from(kdf.block_size);
                    let memory = block.saturating_mul(kdf.cost_parameter);
                    let rounds = memory.saturating_mul(u64::from(kdf.parallelization)) / 64;
                    if memory > SCRYPT_MEMORY { u64::MAX } else { rounds }
                }
                _ => u64::MAX,
            },
        }
    }

    /// The bytes that a password can mean.
    fn forms(&self, password: &str) -> Vec<Vec<u8>> {
        match self {
            Self::Pbes2(_) => vec![password.as_bytes().to_vec()],
            // RFC 7292 appendix B.1: BMPString with a terminator. Programs differ in whether an
            // empty password has one.
            Self::Pkcs12 { .. } if password.is_empty() => vec![vec![0, 0], Vec::new()],
            Self::Pkcs12 { .. } => {
                let units = password.encode_utf16().chain([0]);
                vec![units.flat_map(u16::to_be_bytes).collect()]
            }
        }
    }

    fn decrypt(&self, password: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
        let (cipher, salt, rounds) = match self {
            Self::Pbes2(parameters) => return parameters.decrypt(password, encrypted).ok(),
            Self::Pkcs12 { cipher, salt, rounds } => (cipher, salt, *rounds),
        };
        let key = |length| derive(password, salt, KEY, rounds, length);
        let iv = derive(password, salt, IV, rounds, BLOCK);
        match cipher {
            Cipher::TripleDes3 => decrypt::<TdesEde3>(&key(24), &iv, encrypted),
            Cipher::TripleDes2 => decrypt::<TdesEde2>(&key(16), &iv, encrypted),
            Cipher::Rc2With128Bits => decrypt::<Rc2>(&key(16), &iv, encrypted),
            Cipher::Rc2With40Bits => decrypt::<Rc2>(&key(5), &iv, encrypted),
        }
    }
}

fn decrypt<C: KeyInit + BlockCipherDecrypt>(
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Option<Vec<u8>> {
    let decryptor = Decryptor::<C>::new_from_slices(key, iv).ok()?;
    decryptor.decrypt_padded_vec::<Pkcs7>(encrypted).ok()
}

/// The key derivation of RFC 7292 appendix B.2, with SHA-1: u = 20 and v = 64 octets.
fn derive(password: &[u8], salt: &[u8], purpose: u8, rounds: u32, length: usize) -> Vec<u8> {
    let mut i: Vec<u8> = [stretch(salt), stretch(password)].concat();
    let mut out = Vec::new();
    while out.len() < length {
        let mut a = Sha1::new().chain_update([purpose; V]).chain_update(&i).finalize();
        for _ in 1..rounds {
            a = Sha1::digest(a);
        }
        out.extend_from_slice(&a);
        for block in i.chunks_exact_mut(V) {
            add_with_one(block, &a);
        }
    }
    out.truncate(length);
    out
}

/// Copies of `bytes` up to a whole number of blocks; none of nothing.
fn stretch(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().cycle().take(bytes.len().next_multiple_of(V)).collect()
}

/// `block + B + 1` modulo 2^v, where B is copies of `a` up to a block.
fn add_with_one(block: &mut [u8], a: &[u8]) {
    let mut carry = 1;
    let b: Vec<u8> = a.iter().copied().cycle().take(block.len()).collect();
    for (digit, &more) in block.iter_mut().zip(&b).rev() {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        (carry, *digit) = (sum >> 8, sum as u8);
    }
}

/// An INTEGER's contents as a number of rounds.
fn number(octets: &[u8]) -> Option<u32> {
    let is_negative = octets.first().is_some_and(|first| first & 0x80 != 0);
    let significant = octets.strip_prefix(&[0]).unwrap_or(octets);
    (!is_negative && significant.len() <= 4)
        .then(|| significant.iter().fold(0, |sum, &octet| sum << 8 | u32::from(octet)))
}

const V: usize = 64;
const KEY: u8 = 1;
const IV: u8 = 2;
/// Octets in a block of RC2 and of DES.
const BLOCK: usize = 8;
/// Programs write 1 to 600,000 rounds; these take a second or two.
const ROUNDS: u64 = 5_000_000;
const SCRYPT_MEMORY: u64 = 64 << 20;
/// The contents octets of 1.2.840.113549.1.5.13.
const PBES2: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// The contents octets of 1.2.840.113549.1.12.1.
const PKCS12_PBE: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
