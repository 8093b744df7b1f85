//! What every certificate of a path must be for (RFC 5280 section 4.2.1.12).

use webpki::{
    Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, KeyUsage,
    RequiredEkuNotFoundContext,
};

use super::effort::Effort;

/// For servers: it says so, says that it is for anything, or does not say.
///
/// webpki asks once for each certificate that it goes on from, so this is where a step is paid for.
pub(super) struct ServerAuth<'a>(pub(super) &'a Effort);

impl ExtendedKeyUsageValidator for ServerAuth<'_> {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        self.0.spend()?;
        let mut silent = true;
        for purpose in purposes {
            let purpose = purpose?;
            if purpose == KeyPurposeId::new(SERVER_AUTH) || purpose == KeyPurposeId::new(ANY) {
                return Ok(());
            }
            silent = false;
        }
        if silent { Ok(()) } else { Err(not_for_servers()) }
    }
}

fn not_for_servers() -> Error {
    let required = KeyUsage::server_auth();
    Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present: Vec::new() })
}

/// id-kp-serverAuth.
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
/// anyExtendedKeyUsage.
const ANY: &[u8] = &[0x55, 0x1d, 37, 0];
