//! LMTP (RFC 2033): SMTP but for the word by which a client greets.

use certvigil_model::Ended;

use super::{Talk, smtp};

pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    smtp::greeted_by("LHLO", talk).await
}
