//! Who is at the other end of a socket: the system says so, not the request.

use std::fs;

use tokio::net::UnixStream;

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer(String);

impl Peer {
    /// Whose process has connected.
    pub(crate) fn of(stream: &UnixStream) -> Self {
        match stream.peer_cred() {
            Ok(credentials) => Self(name(credentials.uid())),
            Err(_) => Self("nobody known".to_owned()),
        }
    }

    /// Whoever gives another name than that user's own is recorded with both: nobody acts in another's name unseen.
    pub(crate) fn sign(&self, by: &mut String) {
        *by = match by.trim() {
            "" => self.0.clone(),
            stated if stated == self.0 => self.0.clone(),
            stated => format!("{stated} (as {})", self.0),
        };
    }
}

/// A user's name, as passwd(5) lists them; else the number.
fn name(uid: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_it = |line: &&str| line.split(':').nth(2).and_then(|it| it.parse().ok()) == Some(uid);
    let found = users.lines().find(is_it).and_then(|line| line.split(':').next());
    found.map_or_else(|| format!("user {uid}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_stands_beside_the_users_own() {
        assert_eq!(name(0), "root");
        let root = Peer("root".to_owned());
        for (stated, signed) in [("root", "root"), ("GSS", "GSS (as root)"), (" ", "root")] {
            let mut by = stated.to_owned();
            root.sign(&mut by);
            assert_eq!(by, signed);
        }
    }
}
