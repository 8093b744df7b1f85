//! Reads as much of a ClientHello as a hand-made server needs (RFC 5246 section 7.4.1.2).

/// What a client offers.
#[derive(Debug, Default)]
pub(crate) struct Hello {
    legacy_version: u16,
    supported_versions: Option<Vec<u16>>,
    /// Cipher suites by their IANA numbers.
    pub(crate) suites: Vec<u16>,
    /// Whether it names the server that it wants (RFC 6066 section 3).
    pub(crate) has_server_name: bool,
}

impl Hello {
    /// Reads a hello that fits one record, as all do here.
    pub(crate) fn read(record: &[u8]) -> Option<Self> {
        let mut rest = Cut(record);
        // Record header, then handshake header.
        let [22, 3, _, _, _, 1, _, _, _] = rest.take(9)? else { return None };
        let mut hello = Self { legacy_version: rest.number(2)?, ..Self::default() };
        rest.take(32)?;
        rest.prefixed(1)?;
        hello.suites = rest.prefixed(2)?.pairs();
        rest.prefixed(1)?;
        let mut extensions = rest.prefixed(2).unwrap_or(Cut(&[]));
        while let Some(kind) = extensions.number(2) {
            let mut contents = extensions.prefixed(2)?;
            match kind {
                0 => hello.has_server_name = true,
                43 => hello.supported_versions = Some(contents.prefixed(1)?.pairs()),
                _ => {}
            }
        }
        Some(hello)
    }

    /// Whether a server may choose `version` (RFC 9846 section 4.2.1): a hello without the list
    /// of versions means every version up to its own.
    pub(crate) fn offers(&self, version: u16) -> bool {
        match &self.supported_versions {
            Some(versions) => versions.contains(&version),
            None => version <= self.legacy_version,
        }
    }
}

/// The rest of a message.
struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, width: usize) -> Option<u16> {
        Some(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u16::from(*byte)))
    }

    /// What stands behind a length of `width` bytes.
    fn prefixed(&mut self, width: usize) -> Option<Self> {
        let length = self.number(width)?;
        self.take(usize::from(length)).map(Self)
    }

    fn pairs(&self) -> Vec<u16> {
        self.0.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }
}
