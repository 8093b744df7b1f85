//! Targets like `*.apps.example.org`: there is no such host, so one below it stands for all.

use certvigil_model::{Fingerprint, Host, Service, hex};

use crate::Fault;
use crate::name::{self, cut};

/// The label to look through, where its author names one: a single label of a host name.
///
/// # Errors
/// It is no label.
pub fn label(text: &str) -> Result<String, Fault> {
    match name::host(text)? {
        Host::Name(name) if !name.contains('.') => Ok(name),
        _ => Err(Fault::Label { text: cut(text) }),
    }
}

/// A wildcard (RFC 9525 section 6.3: `*` as the whole left-most label) and a host that it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    /// `*.apps.example.org`, in A-labels.
    pub(crate) pattern: String,
    base: String,
}

impl Wildcard {
    /// `text` as a wildcard; none where there is no `*` in it.
    pub(crate) fn read(text: &str) -> Option<Result<Self, Fault>> {
        text.contains('*')
            .then(|| Self::of(text).ok_or_else(|| Fault::Wildcard { host: cut(text) })?)
    }

    /// A wildcard right under a top-level domain matches nothing anywhere.
    fn of(text: &str) -> Option<Result<Self, Fault>> {
        let base =
            text.strip_prefix("*.").filter(|base| !base.contains('*') && !base.is_empty())?;
        match name::host(base) {
            Ok(Host::Name(base)) if base.contains('.') => {
                Some(Ok(Self { pattern: format!("*.{base}"), base }))
            }
            Ok(_) => None,
            Err(fault) => Some(Err(fault)),
        }
    }

    /// The host below it that `label` names, or else one that is the same in every round and that
    /// nobody is likely to have: what answers there answers for the wildcard.
    pub(crate) fn host(
        &self,
        label: Option<&str>,
        service: Service,
        port: u16,
    ) -> Result<Host, Fault> {
        let host = match label {
            Some(label) => format!("{label}.{}", self.base),
            None => format!("{}.{}", self.derived(service, port), self.base),
        };
        name::host(&host)
    }

    fn derived(&self, service: Service, port: u16) -> String {
        let target = format!("{service}://{}:{port}", self.pattern);
        let digest = Fingerprint::of(target.as_bytes());
        format!("certvigil-{}", hex(&digest.bytes()[..4]))
    }
}
