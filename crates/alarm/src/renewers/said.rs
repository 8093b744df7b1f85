//! What a renewer says of itself, in a JSON text that a program prints.
//!
//! ```json
//! {"schema": "certvigil.renewer/1",
//!  "certificates": [{"names": ["www.example.org"], "state": "failed", "reason": "CAA forbids it",
//!                    "renews_at": "2027-01-15T00:00:00Z"}]}
//! ```
//!
//! `state` is `issued`, `pending` or `failed`; `reason` and `renews_at` may be left out, and other fields are ignored.

use certvigil_model::{Foreign, Time};
use serde::Deserialize;

use crate::owners;

/// What a renewer says of one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// The names that it is for; wildcards stand for themselves and for one label.
    pub names: Vec<String>,
    /// How it stands.
    pub state: SaidState,
    /// Why.
    #[serde(default)]
    pub reason: Option<Foreign>,
    /// When the new one will be served.
    #[serde(default)]
    pub renews_at: Option<Time>,
}

/// How a renewal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaidState {
    /// Nothing is to be done yet.
    Issued,
    /// It is under way.
    Pending,
    /// It does not go on by itself.
    Failed,
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    certificates: Vec<Said>,
}

/// Reads what a program printed.
///
/// # Errors
/// What it is instead, in plain words.
pub fn read(text: &str) -> Result<Vec<Said>, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let error = error.to_string();
        format!("it does not have the shape {SCHEMA}: {}", Foreign::new(error).shown())
    })?;
    match document.schema.as_str() {
        SCHEMA => Ok(document.certificates),
        other => {
            Err(format!("its schema is {}, not {SCHEMA}", Foreign::new(other).shown_within(60)))
        }
    }
}

impl Said {
    /// Whether it is about a certificate with one of these names.
    pub(super) fn is_of(&self, names: &[&str]) -> bool {
        self.names.iter().any(|said| names.iter().any(|name| owners::has(said, name)))
    }

    /// Why it cannot renew, where it cannot.
    pub(super) fn failure(&self) -> Option<String> {
        (self.state == SaidState::Failed).then(|| match &self.reason {
            Some(reason) => reason.shown().to_string(),
            None => "it gives no reason".to_owned(),
        })
    }
}

const SCHEMA: &str = "certvigil.renewer/1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_read_as_documented() {
        let text = r#"{"schema": "certvigil.renewer/1", "more": 1, "certificates": [
            {"names": ["www.example.org"], "state": "failed", "reason": "CAA forbids it",
             "renews_at": "2027-01-15T00:00:00Z", "more": {}},
            {"names": [], "state": "pending"}]}"#;
        let expected = [
            Said {
                names: vec!["www.example.org".to_owned()],
                state: SaidState::Failed,
                reason: Some(Foreign::new("CAA forbids it")),
                renews_at: Time::from_text("2027-01-15T00:00:00Z"),
            },
            Said { names: Vec::new(), state: SaidState::Pending, reason: None, renews_at: None },
        ];
        assert_eq!(read(text).as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn what_has_another_shape_is_told() {
        for (text, told) in [
            ("", "it does not have the shape certvigil.renewer/1: EOF"),
            (
                r#"{"schema": "certvigil.renewer/2", "certificates": []}"#,
                "its schema is certvigil.renewer/2",
            ),
            (
                r#"{"schema": "certvigil.renewer/1", "certificates": [{"names": [], "state": "fine"}]}"#,
                "it does not have the shape certvigil.renewer/1: unknown variant",
            ),
            (
                r#"{"schema": "certvigil.renewer/1", "certificates": [{"names": [], "state": "issued", "renews_at": "soon"}]}"#,
                "it does not have the shape certvigil.renewer/1",
            ),
        ] {
            let error = read(text).err().unwrap_or_default();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
