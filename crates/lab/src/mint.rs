//! The lab's authorities, and the chains that servers present.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, OnceLock};

use crate::draft::{Authority, Draft};
use crate::key::Key;
use crate::time::DAY;

/// The name that almost every target asks for.
pub(crate) const HOST: &str = "www.lab.example";

/// Everything that certificates are made from, for one start of the lab.
pub(crate) struct Mint {
    pub(crate) now: i64,
    /// Trusted; signs `issuer`.
    pub(crate) root: Authority,
    /// The intermediate that signs almost everything, with years left.
    pub(crate) issuer: Authority,
    /// Trusted, but ends in 20 days.
    pub(crate) lapsing_root: Authority,
    /// Trusted, but ended ten days ago.
    pub(crate) lapsed_root: Authority,
    /// In nobody's trust store.
    pub(crate) stranger: Authority,
    /// A self-signed certificate that is itself in the trust store.
    pub(crate) pinned: Chain,
    /// The key of every ordinary end entity.
    pub(crate) key: Arc<Key>,
    rsa: OnceLock<Arc<Key>>,
}

/// What a server presents, and the key by which it proves to own it.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) key: Arc<Key>,
    pub(crate) ocsp_response: Option<Vec<u8>>,
}

impl Mint {
    /// Makes the authorities; `now` is in seconds since the epoch.
    pub(crate) fn new(now: i64) -> io::Result<Self> {
        let top = root(now, "Lab Root", 10 * YEAR)?;
        let issuer = Draft::authority(now, "Lab Issuer", Key::p256()?)?.valid(-YEAR, 5 * YEAR);
        let pinned_key = Key::p256()?;
        let pinned = Draft::server(now, &[HOST], Arc::clone(&pinned_key))?;
        let pinned = pinned.valid(-30 * DAY, 60 * DAY).self_signed()?;
        Ok(Self {
            now,
            issuer: Authority::under(&top, issuer)?,
            lapsing_root: root(now, "Lab Lapsing Root", 20 * DAY)?,
            lapsed_root: root(now, "Lab Lapsed Root", -10 * DAY)?,
            stranger: root(now, "Stranger Root", 10 * YEAR)?,
            pinned: Chain::new(vec![pinned], pinned_key),
            root: top,
            key: Key::p256()?,
            rsa: OnceLock::new(),
        })
    }

    /// What a client of the lab should trust, as PEM.
    pub(crate) fn trust_pem(&self) -> String {
        let roots = [&self.root, &self.lapsing_root, &self.lapsed_root];
        let ders = roots.iter().map(|root| &root.der).chain(&self.pinned.certificates);
        ders.map(|der| pem("CERTIFICATE", der)).collect()
    }

    /// A good end entity for [`HOST`], 30 days into a life of 90.
    pub(crate) fn leaf(&self) -> io::Result<Draft> {
        self.leaf_with(&self.key)
    }

    /// The same with a key of its own.
    pub(crate) fn leaf_with(&self, key: &Arc<Key>) -> io::Result<Draft> {
        let draft = Draft::server(self.now, &[HOST], Arc::clone(key))?;
        Ok(draft.valid(-30 * DAY, 60 * DAY))
    }

    /// The RSA key of this start; made once, as making one takes long.
    pub(crate) fn rsa(&self) -> io::Result<&Arc<Key>> {
        if self.rsa.get().is_none() {
            let _ = self.rsa.set(Key::rsa_2048()?);
        }
        self.rsa.get().ok_or_else(|| io::Error::other("the RSA key was not kept"))
    }

    /// `draft` signed by the usual intermediate, with that intermediate behind it.
    pub(crate) fn issued(&self, draft: Draft) -> io::Result<Chain> {
        Chain::issued(draft, &self.issuer)
    }

    /// An intermediate of its own under `parent`.
    pub(crate) fn issuer_under(
        &self,
        parent: &Authority,
        common_name: &str,
        from: i64,
        to: i64,
    ) -> io::Result<Authority> {
        Authority::under(parent, self.authority(common_name)?.valid(from, to))
    }

    /// The draft of an authority with a new key and years left.
    pub(crate) fn authority(&self, common_name: &str) -> io::Result<Draft> {
        Ok(Draft::authority(self.now, common_name, Key::p256()?)?.valid(-YEAR, 5 * YEAR))
    }
}

impl Chain {
    pub(crate) fn new(certificates: Vec<Vec<u8>>, key: Arc<Key>) -> Self {
        Self { certificates, key, ocsp_response: None }
    }

    /// `draft` signed by `issuer`, with the issuer's certificate behind it.
    pub(crate) fn issued(draft: Draft, issuer: &Authority) -> io::Result<Self> {
        let key = Arc::clone(&draft.key);
        Ok(Self::new(vec![draft.signed_by(issuer)?, issuer.der.clone()], key))
    }

    /// With only the end entity.
    pub(crate) fn alone(mut self) -> Self {
        self.certificates.truncate(1);
        self
    }

    /// With one more certificate at the end.
    pub(crate) fn and(mut self, der: &[u8]) -> Self {
        self.certificates.push(der.to_vec());
        self
    }

    /// With the end entity's bytes changed after signing.
    pub(crate) fn damaged(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        self.certificates.first_mut().map(change);
        self
    }

    /// With another key in the handshake than in the certificate.
    pub(crate) fn proven_by(mut self, key: Arc<Key>) -> Self {
        self.key = key;
        self
    }

    /// With a stapled OCSP response (RFC 6066 section 8).
    pub(crate) fn stapled(mut self, response: Vec<u8>) -> Self {
        self.ocsp_response = Some(response);
        self
    }

    /// All of it as PEM, in the order in which it is sent.
    pub(crate) fn pem(&self) -> String {
        self.certificates.iter().map(|der| pem("CERTIFICATE", der)).collect()
    }
}

/// RFC 7468 section 3.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        line.chunks(3).for_each(|three| base_64(three, &mut text));
        text.push('\n');
    }
    // Writing into a String cannot fail.
    let _ = writeln!(text, "-----END {label}-----");
    text
}

fn base_64(three: &[u8], text: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = (0..3).fold(0, |number, at| number << 8 | u32::from(*three.get(at).unwrap_or(&0)));
    for digit in 0..4 {
        let at = (number >> (18 - 6 * digit) & 63) as usize;
        text.push(if digit <= three.len() { DIGITS[at].into() } else { '=' });
    }
}

fn root(now: i64, common_name: &str, to: i64) -> io::Result<Authority> {
    let draft = Draft::authority(now, common_name, Key::p256()?)?.valid(to - 11 * YEAR, to);
    Authority::root(draft)
}

/// A year, near enough for an authority, in seconds.
pub(crate) const YEAR: i64 = 365 * DAY;
