//! The type of a server's key, as far as asking for the other one needs it.

use certvigil_model::Asked;
use rustls::{CipherSuite, SignatureScheme};

/// What kind of key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    /// ECDSA, and the Edwards curves, which TLS 1.2 asks for by the same suites (RFC 8422).
    Ecdsa,
    Rsa,
}

impl KeyType {
    /// The question for a certificate of the other type.
    pub(crate) const fn other(self) -> Asked {
        match self {
            Self::Ecdsa => Asked::Rsa,
            Self::Rsa => Asked::Ecdsa,
        }
    }

    /// By what a server signed with (RFC 9846 section 4.2.3).
    pub(crate) const fn of_scheme(scheme: SignatureScheme) -> Option<Self> {
        match scheme {
            SignatureScheme::ECDSA_NISTP256_SHA256
            | SignatureScheme::ECDSA_NISTP384_SHA384
            | SignatureScheme::ECDSA_NISTP521_SHA512
            | SignatureScheme::ECDSA_SHA1_Legacy
            | SignatureScheme::ED25519
            | SignatureScheme::ED448 => Some(Self::Ecdsa),
            SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PKCS1_SHA512
            | SignatureScheme::RSA_PSS_SHA256
            | SignatureScheme::RSA_PSS_SHA384
            | SignatureScheme::RSA_PSS_SHA512 => Some(Self::Rsa),
            _ => None,
        }
    }

    /// By the suite that a server chose in TLS 1.2 or before: its name says whose key signs, or
    /// decrypts. None for DSA, for no key at all, and for TLS 1.3, whose suites say nothing.
    pub(crate) fn of_suite(suite: CipherSuite) -> Option<Self> {
        let name = suite.as_str()?;
        match name.split_once("_WITH_")?.0 {
            key if key.ends_with("_ECDSA") => Some(Self::Ecdsa),
            key if key.ends_with("_RSA") => Some(Self::Rsa),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The registry of cipher suites, by number.
    #[test]
    fn a_suite_names_its_key() {
        for (suite, want) in [
            (0xc02b, Some(KeyType::Ecdsa)), // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            (0xc0ac, Some(KeyType::Ecdsa)), // TLS_ECDHE_ECDSA_WITH_AES_128_CCM
            (0xc02f, Some(KeyType::Rsa)),   // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
            (0x0033, Some(KeyType::Rsa)),   // TLS_DHE_RSA_WITH_AES_128_CBC_SHA
            (0x0005, Some(KeyType::Rsa)),   // TLS_RSA_WITH_RC4_128_SHA
            (0xc060, Some(KeyType::Rsa)),   // TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256
            (0x0032, None),                 // TLS_DHE_DSS_WITH_AES_128_CBC_SHA
            (0x0034, None),                 // TLS_DH_anon_WITH_AES_128_CBC_SHA
            (0x1301, None),                 // TLS_AES_128_GCM_SHA256
            (0xfefe, None),
        ] {
            assert_eq!(KeyType::of_suite(CipherSuite::from(suite)), want, "{suite:04x}");
        }
    }

    #[test]
    fn a_scheme_names_its_key() {
        for (scheme, want) in [
            (0x0403, Some(KeyType::Ecdsa)), // ecdsa_secp256r1_sha256
            (0x0807, Some(KeyType::Ecdsa)), // ed25519
            (0x0804, Some(KeyType::Rsa)),   // rsa_pss_rsae_sha256
            (0x0201, Some(KeyType::Rsa)),   // rsa_pkcs1_sha1
            (0x0202, None),                 // dsa_sha1
        ] {
            assert_eq!(KeyType::of_scheme(SignatureScheme::from(scheme)), want, "{scheme:04x}");
        }
        assert_eq!((KeyType::Ecdsa.other(), KeyType::Rsa.other()), (Asked::Rsa, Asked::Ecdsa));
    }
}
