//! What words about an incident rest on beside the incident itself.

use certvigil_model::{Fingerprint, Foreign, Origin, Time};

/// What is known when words are made. Whatever is not known is left out or told as not known.
#[derive(Clone, Debug)]
pub struct Context {
    /// The moment of writing.
    pub now: Time,
    /// The program and its version: `certvigil 0.1.0`.
    pub tool: String,
    /// From where it looks, where there is more than one place.
    pub location: Option<String>,
    /// The config's path, for commands that need it.
    pub config: Option<String>,
    /// What the owner's targets are for: `production`.
    pub env: Option<String>,
    /// Where the owner of the certificate is named.
    pub owner_from: Option<Origin>,
    /// Who renews the certificate.
    pub renewer: Option<Renewer>,
    /// The chain as it was presented, the server's own first.
    pub chain: Vec<Link>,
    /// How this machine's clock stood.
    pub clock: Option<ClockSeen>,
    /// The journal's head, `SEQ:HASH`.
    pub journal_head: Option<String>,
    /// Whether there is a store, so that `certvigil incidents` can take orders.
    pub has_store: bool,
    /// How commands find that store, an option and its value: `--config certvigil.toml`, `--store certvigil.db`. None:
    /// it cannot be written down, as an address that holds a password.
    pub store_named: Option<(&'static str, String)>,
    /// What comes next.
    pub next: Option<Next>,
    /// Pages that help: what they are and where.
    pub links: Vec<(String, String)>,
}

impl Context {
    /// What `tool` knows at `now` and nothing else.
    pub fn new(now: Time, tool: impl Into<String>) -> Self {
        Self {
            now,
            tool: tool.into(),
            location: None,
            config: None,
            env: None,
            owner_from: None,
            renewer: None,
            chain: Vec::new(),
            clock: None,
            journal_head: None,
            has_store: false,
            store_named: None,
            next: None,
            links: Vec::new(),
        }
    }
}

/// Who renews a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewer {
    /// What does it.
    pub kind: RenewerKind,
    /// Where the config says so; none: it was learned from renewals seen.
    pub from: Option<Origin>,
    /// What a person does there.
    pub advice: Option<String>,
}

/// What renews a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewerKind {
    /// This program.
    Certvigil,
    /// certbot, on the machine that serves.
    Certbot,
    /// cert-manager, in a Kubernetes cluster.
    CertManager,
    /// Whoever runs the service.
    Provider,
    /// A person.
    Hand,
}

/// One certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The subject, RFC 4514.
    pub subject: Foreign,
    /// Lower-case hex of the DER contents.
    pub serial_number: String,
    /// Its identity.
    pub sha256: Fingerprint,
    /// When it ends, where that can be told.
    pub not_after: Option<Time>,
}

/// How this machine's clock stood against others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockSeen {
    /// Milliseconds that it is ahead of them; negative where it is behind.
    pub ahead_ms: i64,
    /// With what it was compared, in plain words.
    pub with: Vec<String>,
}

/// What comes next, and who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The step, as a sentence without its end: `the second contact is told`.
    pub step: String,
    /// When.
    pub at: Option<Time>,
    /// Who is told.
    pub whom: Vec<String>,
}
