//! One certificate as the contract shows it.

use certvigil_model::{Fingerprint, Foreign, Time, hex};
use certvigil_x509::{Defect, Facts, Field, GeneralName, Recovered};
use serde::{Deserialize, Serialize};

/// `end_entity` and each of `presented_chain`. None: it could not be told, and `defects` or the
/// endpoint's findings say why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) sha256: Fingerprint,
    pub(crate) spki_sha256: Option<Fingerprint>,
    pub(crate) subject: Option<Foreign>,
    pub(crate) subject_alt_name: Option<Vec<Foreign>>,
    pub(crate) subject_alt_name_total: Option<usize>,
    pub(crate) serial_number: Option<String>,
    pub(crate) issuer: Option<Foreign>,
    pub(crate) public_key: Option<String>,
    pub(crate) signature_algorithm: Option<String>,
    pub(crate) not_before: Option<Time>,
    pub(crate) not_after: Option<Time>,
    pub(crate) well_formed: bool,
    pub(crate) recovered: Recovered,
    pub(crate) defects: Vec<Defect>,
}

impl From<&certvigil_x509::Certificate> for Certificate {
    fn from(certificate: &certvigil_x509::Certificate) -> Self {
        Self::with_names(certificate, NAMES_SHOWN)
    }
}

impl Certificate {
    /// With its first `shown` names.
    pub(crate) fn with_names(certificate: &certvigil_x509::Certificate, shown: usize) -> Self {
        match certificate.facts() {
            Some(facts) => Self::told(certificate.fingerprint, facts, shown),
            None => Self::untold(certificate.fingerprint),
        }
    }

    fn told(sha256: Fingerprint, facts: &Facts, shown: usize) -> Self {
        let key = facts.public_key.as_ref().ok();
        let names = alternative_names(facts);
        Self {
            sha256,
            spki_sha256: key.map(|key| key.spki_sha256),
            subject: facts.subject.as_ref().ok().map(|name| bounded(&name.text)),
            subject_alt_name: names.map(|names| first_names(names, shown)),
            subject_alt_name_total: names.map(<[_]>::len),
            serial_number: facts.serial_number.as_ref().ok().map(|serial| hex(serial)),
            issuer: facts.issuer.as_ref().ok().map(|name| bounded(&name.text)),
            public_key: key.map(|key| key.kind.to_string()),
            signature_algorithm: facts.signature_algorithm.clone().ok(),
            not_before: told(&facts.not_before),
            not_after: told(&facts.not_after),
            well_formed: facts.well_formed(),
            recovered: facts.recovered,
            defects: facts.defects.clone(),
        }
    }

    /// Reading it did not end or crashed; its bytes are known all the same.
    const fn untold(sha256: Fingerprint) -> Self {
        Self {
            sha256,
            spki_sha256: None,
            subject: None,
            subject_alt_name: None,
            subject_alt_name_total: None,
            serial_number: None,
            issuer: None,
            public_key: None,
            signature_algorithm: None,
            not_before: None,
            not_after: None,
            well_formed: false,
            recovered: Recovered::None,
            defects: Vec::new(),
        }
    }
}

/// Text that a certificate's author chose, cut where no honest one goes on: a name of half a megabyte
/// becomes four of JSON, and a few hundred such servers fill the disk that a report waits on.
fn bounded(text: &Foreign) -> Foreign {
    match text.raw().char_indices().nth(TEXT_SHOWN) {
        Some((end, _)) => Foreign::new(format!("{}…", &text.raw()[..end])),
        None => text.clone(),
    }
}

fn first_names(names: &[GeneralName], shown: usize) -> Vec<Foreign> {
    let shown = shown_names(names, shown);
    shown.iter().map(bounded).collect()
}

/// The entries of subjectAltName; empty where there is none, `None` where it cannot be told.
pub(crate) fn alternative_names(facts: &Facts) -> Option<&[GeneralName]> {
    match &facts.extensions.subject_alt_name {
        Ok(names) => Some(names.as_deref().unwrap_or_default()),
        Err(_) => None,
    }
}

/// The first `limit` names as the contract shows them.
pub(crate) fn shown_names(names: &[GeneralName], limit: usize) -> Vec<Foreign> {
    names.iter().take(limit).map(shown_name).collect()
}

/// `DNS:www.example.org`, `IP:192.0.2.1`; a kind whose value is not read by its ASN.1 name alone.
fn shown_name(name: &GeneralName) -> Foreign {
    Foreign::new(match name {
        GeneralName::Dns(name) => format!("DNS:{}", name.raw()),
        GeneralName::Ip(ip) => format!("IP:{ip}"),
        GeneralName::BadIp(bytes) => format!("IP:#{}", hex(bytes)),
        GeneralName::Email(name) => format!("email:{}", name.raw()),
        GeneralName::Uri(name) => format!("URI:{}", name.raw()),
        GeneralName::Other(tag) => other_name(*tag),
    })
}

/// The choices of GeneralName (RFC 5280 section 4.2.1.6) by their tags.
fn other_name(tag: u8) -> String {
    match tag {
        0 => "otherName".to_owned(),
        3 => "x400Address".to_owned(),
        4 => "directoryName".to_owned(),
        5 => "ediPartyName".to_owned(),
        8 => "registeredID".to_owned(),
        other => format!("[{other}]"),
    }
}

pub(crate) fn told<T: Copy>(field: &Field<T>) -> Option<T> {
    field.as_ref().ok().copied()
}

/// Characters of one text that a report shows: X.520 allows some dozens for a part of a name.
const TEXT_SHOWN: usize = 1_000;
/// Names of one certificate that a report shows; the total stands beside.
const NAMES_SHOWN: usize = 100;
