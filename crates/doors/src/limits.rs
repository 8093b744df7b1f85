//! What this process may use.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the number of files that may be open at once as far as the system lets us, and returns
/// it; `usize::MAX` where there is no limit.
///
/// Never fails: where raising is refused the old limit stays and is what comes back.
pub fn raise_open_files() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Some systems name no hard limit and yet refuse an unlimited soft one; this one they take.
    let wanted = maximum.unwrap_or(1 << 20);
    if current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum };
        // A refusal shows in what is read back.
        let _ = setrlimit(Resource::Nofile, raised);
    }
    getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let hard = getrlimit(Resource::Nofile).maximum;
        let count = raise_open_files() as u64;
        assert_eq!(count, hard.unwrap_or(1 << 20));
        assert_eq!(getrlimit(Resource::Nofile).current, Some(count));
    }
}
