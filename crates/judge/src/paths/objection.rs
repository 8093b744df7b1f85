//! What clients ask of a path that webpki leaves out. It does not read key usages, knows of an anchor
//! only name and key, counts self-issued certificates, and does not compare directory names.

use certvigil_x509::Certificate;

use super::{DirectoryConstraints, words};
use crate::der;
use crate::profile::Root;

/// Why the path over `certificates`, the end entity first, up to `root` is none.
pub(super) fn check(certificates: &[Certificate], root: &Root) -> Result<(), String> {
    for (at, issuer) in certificates.iter().enumerate().skip(1).rev() {
        let below = &certificates[..at];
        let own = || DirectoryConstraints::of(issuer);
        let is_root = at + 1 == certificates.len();
        let constraints = if is_root { root.directory_constraints.clone() } else { own() };
        if !may_sign(issuer) {
            return Err(words::may_not_sign(issuer));
        }
        if path_len(issuer).is_some_and(|most| below_counted(below) > most) {
            return Err(words::too_long(issuer));
        }
        if constraints.is_some_and(|constraints| !allow(&constraints, below)) {
            return Err(words::outside_constraints(issuer));
        }
    }
    Ok(())
}

/// RFC 5280 section 6.1.4 (k) and (n).
fn may_sign(issuer: &Certificate) -> bool {
    let Some(facts) = issuer.facts() else { return true };
    let key_usage = facts.extensions.key_usage.as_ref().ok().copied().flatten();
    let signs_by_key_usage = key_usage.map(|bits| bits & KEY_CERT_SIGN != 0);
    let is_ca = match &facts.extensions.basic_constraints {
        Ok(Some(constraints)) => constraints.ca,
        // Version 1 has no extensions; some roots of version 3 say it by their key usage alone.
        Ok(None) => facts.version != Ok(3) || signs_by_key_usage == Some(true),
        Err(_) => true,
    };
    is_ca && signs_by_key_usage.unwrap_or(true)
}

/// RFC 5280 section 4.2.1.9.
fn path_len(issuer: &Certificate) -> Option<usize> {
    let constraints = issuer.facts()?.extensions.basic_constraints.as_ref().ok()?.as_ref()?;
    constraints.path_len.and_then(|most| usize::try_from(most).ok())
}

/// The intermediates in `below` that count: none that is self-issued, and never the last one
/// (section 6.1.4 (l)).
fn below_counted(below: &[Certificate]) -> usize {
    let intermediates = below.iter().skip(1);
    intermediates.filter(|one| !der::is_self_issued(&one.der)).count()
}

/// Section 6.1.3 (b) and (c): a self-issued certificate is bound only where it is the last one.
fn allow(constraints: &DirectoryConstraints, below: &[Certificate]) -> bool {
    let mut bound =
        below.iter().enumerate().filter(|(at, one)| *at == 0 || !der::is_self_issued(&one.der));
    bound.all(|(_, certificate)| constraints.allow(certificate))
}

/// keyCertSign (RFC 5280 section 4.2.1.3).
const KEY_CERT_SIGN: u16 = 1 << 5;
