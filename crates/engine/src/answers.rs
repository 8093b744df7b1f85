//! Links by which a person says that they are on it: signed, ending, and good for one thing only.
//!
//! A link names whom it was sent to, so whoever follows it answers as them. It acts on POST alone: mail scanners and chat
//! previews follow links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use certvigil_doors::Secret;
use certvigil_model::{ChannelName, IncidentKey, Time, hex};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Makes links, and reads them.
#[derive(Clone, Debug)]
pub struct Answers {
    base: Url,
    key: Secret,
}

/// What a link answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is taken on.
    pub about: About,
    /// Whom the link was sent to, as [`channel_mark`] gives it.
    pub channel: [u8; 4],
    /// When the link ends.
    pub until: Time,
}

/// What is taken on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// An incident.
    Incident(IncidentKey),
    /// A test page, by the head of its notice's hash.
    Test([u8; 16]),
}

/// Why a link answers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unanswerable {
    /// It was not made here, or was changed.
    #[error("this link was not made here, or a part of it is missing")]
    Forged,
    /// Its time is over.
    #[error("this link has ended: a newer message has a newer one")]
    Ended,
}

impl Answers {
    /// `base` is where people reach the listener: `https://certvigil.example.org/`.
    pub fn new(mut base: Url, key: Secret) -> Self {
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self { base, key }
    }

    /// A link for whoever is reached by `channel`.
    pub fn link(&self, about: &About, channel: &ChannelName, now: Time) -> String {
        let until = now.plus(LASTS).seconds();
        let mut bytes = Vec::with_capacity(LENGTH);
        let (kind, id) = match about {
            About::Incident(key) => (INCIDENT, bytes_of(key)),
            About::Test(id) => (TEST, *id),
        };
        bytes.push(kind);
        bytes.extend(id);
        bytes.extend(channel_mark(channel));
        // Past the year 2106 the seconds want more than 32 bits: links end early then, and are none.
        bytes.extend(u32::try_from(until).unwrap_or_default().to_be_bytes());
        bytes.extend(self.mac(&bytes));
        format!("{}answer/{}", self.base, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What the last part of a link's path answers.
    ///
    /// # Errors
    /// It is none of ours, or its time is over.
    pub fn read(&self, token: &str, now: Time) -> Result<Answer, Unanswerable> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Unanswerable::Forged)?;
        let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| Unanswerable::Forged)?;
        let (said, mac) = bytes.split_at(LENGTH - MAC);
        self.verify(said, mac)?;
        let mut id = [0; 16];
        id.copy_from_slice(&said[1..17]);
        let about = match said[0] {
            INCIDENT => About::Incident(hex(&id).parse().map_err(|_| Unanswerable::Forged)?),
            TEST => About::Test(id),
            _ => return Err(Unanswerable::Forged),
        };
        let mut channel = [0; 4];
        channel.copy_from_slice(&said[17..21]);
        let mut until = [0; 4];
        until.copy_from_slice(&said[21..25]);
        let until = Time::from_seconds(u32::from_be_bytes(until).into());
        if until <= now {
            return Err(Unanswerable::Ended);
        }
        Ok(Answer { about, channel, until })
    }

    fn mac(&self, said: &[u8]) -> Vec<u8> {
        let mac = self.keyed(said).map(|mac| mac.finalize().into_bytes()[..MAC].to_vec());
        mac.unwrap_or_default()
    }

    /// In constant time: who guesses learns nothing from how long it takes.
    fn verify(&self, said: &[u8], mac: &[u8]) -> Result<(), Unanswerable> {
        let keyed = self.keyed(said).ok_or(Unanswerable::Forged)?;
        keyed.verify_truncated_left(mac).map_err(|_| Unanswerable::Forged)
    }

    fn keyed(&self, said: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of every length: RFC 2104 section 2.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes()).ok()?;
        mac.update(PURPOSE);
        mac.update(said);
        Some(mac)
    }
}

/// What a channel is called in a link: two of one site that share one are told apart by nothing but luck in four
/// thousand million.
pub fn channel_mark(channel: &ChannelName) -> [u8; 4] {
    let digest = Sha256::digest(channel.0.as_bytes());
    [digest[0], digest[1], digest[2], digest[3]]
}

/// What a test page is called in a link.
pub fn test_mark(notice: &str) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(notice.as_bytes()).into();
    let mut mark = [0; 16];
    mark.copy_from_slice(&digest[..16]);
    mark
}

/// The 16 bytes that a key is the digits of.
fn bytes_of(key: &IncidentKey) -> [u8; 16] {
    let number = u128::from_str_radix(key.as_str(), 16).unwrap_or_default();
    number.to_be_bytes()
}

/// The same key makes nothing else that could pass for a link.
const PURPOSE: &[u8] = b"certvigil answer 1\0";
const INCIDENT: u8 = 1;
const TEST: u8 = 2;
/// Bytes of the code: 96 bits of it are kept (RFC 2104 section 5 asks for 80 at least).
const MAC: usize = 12;
/// Kind, identity, channel, end, code.
const LENGTH: usize = 1 + 16 + 4 + 4 + MAC;
/// A link ends after so long: whoever is asked again gets a new one.
const LASTS: Duration = Duration::from_secs(7 * 86_400);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use certvigil_model::{Family, Subject};

    use super::*;

    const NOW: Time = Time::from_seconds(1_795_608_000);

    fn answers(key: &str) -> Answers {
        Answers::new("https://certvigil.example.org/ops".parse().unwrap(), Secret::new(key))
    }

    fn incident() -> About {
        About::Incident(IncidentKey::of("main", None, Family::Expiry, &Subject::Round))
    }

    fn channel() -> ChannelName {
        ChannelName("email oncall@example.org".to_owned())
    }

    fn token(link: &str) -> &str {
        link.strip_prefix("https://certvigil.example.org/ops/answer/").unwrap()
    }

    #[test]
    fn a_link_answers_what_it_was_made_for_and_nothing_after_its_end() {
        for about in [incident(), About::Test(test_mark("n-1"))] {
            let link = answers("a").link(&about, &channel(), NOW);
            assert!(link.len() < 95, "it has to leave room in a pager's line: {link}");
            let read = answers("a").read(token(&link), NOW.plus(LASTS - Duration::from_secs(1)));
            let answer = read.unwrap();
            assert_eq!((&answer.about, answer.channel), (&about, channel_mark(&channel())));
            assert_eq!(answers("a").read(token(&link), NOW.plus(LASTS)), Err(Unanswerable::Ended));
        }
    }

    #[test]
    fn a_link_that_was_changed_anywhere_or_made_with_another_key_answers_nothing() {
        let link = answers("a").link(&incident(), &channel(), NOW);
        let token = token(&link);
        assert_eq!(answers("b").read(token, NOW), Err(Unanswerable::Forged));
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(answers("a").read(&changed, NOW), Err(Unanswerable::Forged), "byte {at}");
        }
        for wrong in ["", "x", &token[1..], &format!("{token}AA"), "../../metrics"] {
            assert_eq!(answers("a").read(wrong, NOW), Err(Unanswerable::Forged), "{wrong}");
        }
    }
}
