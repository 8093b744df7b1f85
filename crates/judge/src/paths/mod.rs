//! Certification paths (RFC 5280 section 6) for each trust profile.
//!
//! webpki builds and checks them: signatures, dates, CA bits, path lengths, extended key usages,
//! critical extensions, name constraints. Ours is what it leaves open: the root's own certificate,
//! key usages of issuers, directory name constraints, a CA certificate or a root served as an end
//! entity, and what would hold at another moment. Revocation is no part of it.
//!
//! Read [`standings`], then `search.rs` (one question to webpki), then `reword.rs`.

mod directory;
mod effort;
mod objection;
mod path;
mod presented;
mod purpose;
mod reword;
mod search;
pub(crate) mod words;

use certvigil_model::{Time, Trust};
use certvigil_x509::Certificate;

use self::presented::Chain;
use self::search::Search;
use crate::{Profile, Signatures};

pub(crate) use self::directory::DirectoryConstraints;
pub(crate) use self::path::Path;
pub(crate) use self::reword::{Among, Reworded};

/// What one trust profile says of a presented chain.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The profile's name.
    pub(crate) profile: String,
    /// Whether the verdict rests on it.
    pub(crate) decides: bool,
    /// All paths found, best first: those valid now, then those that end last, then the shorter.
    pub(crate) paths: Vec<Path>,
    /// Whether a path is valid now.
    pub(crate) trusted: bool,
    /// Why not.
    pub(crate) reason: Option<String>,
    /// There is no path now, but there is one at a moment when all of it was valid.
    pub(crate) without_dates: bool,
}

impl Standing {
    /// The form that leaves the crate.
    pub(crate) fn trust(&self) -> Trust {
        let best = self.paths.first();
        Trust {
            profile: self.profile.clone(),
            decides: self.decides,
            trusted: self.trusted,
            path: best.map(Path::fingerprints).unwrap_or_default(),
            expires_at: best.map(|path| path.expires_at),
            reason: self.reason.clone(),
        }
    }

    fn of(profile: &Profile, paths: Result<Vec<Path>, String>, now: Time) -> Self {
        let (mut paths, reason) = match paths {
            Ok(paths) => (paths, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        paths.sort_by(Path::best_first);
        let best = paths.first();
        let trusted = best.is_some_and(|path| path.valid_now);
        let out_of_date = best.filter(|path| !path.valid_now).map(|path| words::dates(path, now));
        Self {
            profile: profile.name().to_owned(),
            decides: profile.decides(),
            without_dates: out_of_date.is_some(),
            reason: reason.or(out_of_date),
            trusted,
            paths,
        }
    }
}

/// What each profile says of `chain`, the end entity first, at `now`.
///
/// Only the end entity's place counts: intermediates may come in any order, twice, or beside
/// others. An end entity that is byte for byte in a profile is trusted by it without a path.
pub(crate) fn standings(
    chain: &[Certificate],
    profiles: &[Profile],
    signatures: &Signatures,
    now: Time,
) -> Vec<Standing> {
    let Some(chain) = Chain::new(chain) else { return Vec::new() };
    let standing = |profile| {
        let paths = paths(&chain, profile, signatures, now);
        Standing::of(profile, paths, now)
    };
    profiles.iter().map(standing).collect()
}

/// What each profile says of `chain` at `now`, the end entity first: trust alone, no rule asked.
///
/// The order of the profiles is kept; an empty chain gives nothing.
pub fn trust(
    chain: &[Certificate],
    profiles: &[Profile],
    signatures: &Signatures,
    now: Time,
) -> Vec<Trust> {
    standings(chain, profiles, signatures, now).iter().map(Standing::trust).collect()
}

/// Every path, valid now or not; at least one, or why there is none.
fn paths(
    chain: &Chain<'_>,
    profile: &Profile,
    signatures: &Signatures,
    now: Time,
) -> Result<Vec<Path>, String> {
    let end_entity = chain.end_entity.certificate;
    if profile.holds(end_entity.fingerprint) {
        let pinned = Path::new(vec![end_entity.clone()], now);
        return pinned.map(|path| vec![path]).ok_or_else(words::unreadable_dates);
    }
    let search = Search::new(chain, profile, signatures, now)?;
    let refusal = match search.at(now) {
        Ok(paths) => return Ok(paths),
        Err(refusal) => refusal,
    };
    search.moments().find_map(|moment| search.at(moment).ok()).ok_or(refusal)
}

#[cfg(test)]
mod tests;
