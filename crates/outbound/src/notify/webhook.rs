//! A web address of one's own, signed as Standard Webhooks 1.0.0 has it, so that its receiver knows who speaks.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certvigil_doors::Secret;
use certvigil_fetch::{Client, Method};
use certvigil_model::{ChannelName, hmac};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::json;
use super::{Channel, Message};
use crate::Trouble;

/// An address, and the key that we sign by.
pub(super) struct Webhook {
    name: ChannelName,
    site: Site,
    key: Key,
}

impl Webhook {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["url", "token"])?;
        let site = Site::of(&settings, client, "https://HOST/PATH")?;
        let why = "is needed: whsec_ and 24 to 64 random bytes in base64, which the receiver has too \
                   (`printf whsec_; head -c 32 /dev/urandom | base64`)";
        let key = settings.token.as_ref().and_then(Key::of);
        let key = key.ok_or_else(|| settings.wrong("token", why))?;
        Ok(Self { name: settings.name, site, key })
    }
}

impl Channel for Webhook {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let body = json(message).to_string().into_bytes();
        let seconds = message.at.seconds();
        let headers = vec![
            ("webhook-id", message.id.clone()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", self.key.signature(&message.id, seconds, &body)),
        ];
        self.site.hand_with(Method::Post, self.site.itself(), headers, body, by).map(drop)
    }

    /// What it does with a message only a message shows.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.reach(by).map(|()| Vec::new())
    }
}

/// The bytes of a secret.
struct Key(Vec<u8>);

impl Key {
    fn of(secret: &Secret) -> Option<Self> {
        let key = STANDARD.decode(secret.reveal().strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&key.len()).then_some(Self(key))
    }

    fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
        format!("v1,{}", STANDARD.encode(hmac(&self.0, &signed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of Standard Webhooks are tested by.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let key = Key::of(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = key.map(|it| it.signature(id, 1_614_265_330, b"{\"test\": 2432232314}"));
        let published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(published));
    }

    #[test]
    fn a_short_or_unmarked_secret_is_none() {
        for secret in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(Key::of(&Secret::new(secret)).is_none(), "{secret}");
        }
    }
}
