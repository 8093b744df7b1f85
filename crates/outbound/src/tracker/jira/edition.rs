//! What is different in Cloud and in Data Center: who lets us in, texts, lists, histories.

use std::time::Instant;

use certvigil_doors::Secret;
use certvigil_fetch::Method;
use certvigil_model::Document;
use serde_json::{Value, json};

use super::shape::{Changes, Found, History, RawIssue};
use super::{FIELDS, Jira, PAGE, PAGES, PROPERTY};
use crate::markup::{Markup, adf};
use crate::tracker::Trouble;
use crate::tracker::settings::{Keys, Unusable};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    Cloud,
    DataCenter,
}

impl Edition {
    pub(super) fn of(keys: &mut Keys) -> Result<Self, Unusable> {
        let is_cloud = keys.base().host_str().is_some_and(|host| host.ends_with(".atlassian.net"));
        match keys.take("edition").as_deref() {
            Some("cloud") => Ok(Self::Cloud),
            Some("data-center") => Ok(Self::DataCenter),
            Some(_) => Err(keys.wrong("edition", "is cloud or data-center")),
            None if is_cloud => Ok(Self::Cloud),
            None => Ok(Self::DataCenter),
        }
    }

    pub(super) const fn version(self) -> &'static str {
        match self {
            Self::Cloud => "3",
            Self::DataCenter => "2",
        }
    }

    /// Cloud takes an address and its token as a password, Data Center a personal access token.
    pub(super) fn secret(self, keys: &mut Keys) -> Result<Secret, Unusable> {
        let account = keys.take("account");
        let token = keys.token().reveal();
        match (self, account) {
            (Self::Cloud, Some(account)) => {
                let both = base64(format!("{account}:{token}").as_bytes());
                Ok(Secret::new(format!("Basic {both}")))
            }
            (Self::Cloud, None) => {
                Err(keys.wrong("account", "is missing: the address that the token belongs to"))
            }
            (Self::DataCenter, None) => Ok(Secret::new(format!("Bearer {token}"))),
            (Self::DataCenter, Some(_)) => Err(keys.wrong("account", "is needed in Cloud alone")),
        }
    }

    pub(super) fn text(self, document: &Document) -> Value {
        match self {
            Self::Cloud => adf::write(document),
            Self::DataCenter => Markup::JiraWiki.write(document).into(),
        }
    }

    /// All issues that `jql` finds.
    pub(super) fn search(
        self,
        jira: &Jira,
        jql: &str,
        by: Instant,
    ) -> Result<Vec<RawIssue>, Trouble> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let found: Found = match self {
                Self::Cloud => jira.cloud_page(jql, token.as_deref(), by)?,
                Self::DataCenter => jira.data_center_page(jql, all.len(), by)?,
            };
            let is_last = found.issues.is_empty()
                || match self {
                    Self::Cloud => found.next_page_token.is_none(),
                    Self::DataCenter => all.len() + found.issues.len() >= found.total,
                };
            token = found.next_page_token;
            all.extend(found.issues);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// What happened to an issue, the oldest first.
    pub(super) fn history(
        self,
        jira: &Jira,
        issue: &mut RawIssue,
        by: Instant,
    ) -> Result<Vec<History>, Trouble> {
        let mut all = match self {
            Self::DataCenter => issue.changelog.take().map(|log| log.histories).unwrap_or_default(),
            Self::Cloud => jira.changes(&issue.key, by)?,
        };
        all.sort_by_key(History::at);
        Ok(all)
    }
}

impl Jira {
    fn cloud_page(&self, jql: &str, token: Option<&str>, by: Instant) -> Result<Found, Trouble> {
        let mut body = json!({
            "jql": jql, "fields": FIELDS, "properties": [PROPERTY], "maxResults": PAGE,
        });
        if let Some(token) = token {
            body["nextPageToken"] = token.into();
        }
        let url = self.at(&["search", "jql"], &[]);
        self.site.ask(Method::Post, url, &body, by)
    }

    fn data_center_page(&self, jql: &str, start: usize, by: Instant) -> Result<Found, Trouble> {
        let (start, size, fields) = (start.to_string(), PAGE.to_string(), FIELDS.join(","));
        let query = [("jql", jql), ("startAt", &start), ("maxResults", &size), ("fields", &fields)];
        self.site.fetch(self.at(&["search"], &query), by)
    }

    fn changes(&self, id: &str, by: Instant) -> Result<Vec<History>, Trouble> {
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let (start, size) = (all.len().to_string(), PAGE.to_string());
            let query = [("startAt", start.as_str()), ("maxResults", &size)];
            let changes: Changes =
                self.site.fetch(self.at(&["issue", id, "changelog"], &query), by)?;
            let is_last = changes.values.is_empty();
            all.extend(changes.values);
            if is_last || all.len() >= changes.total {
                break;
            }
        }
        Ok(all)
    }
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = (bits >> (18 - 6 * at)) & 63;
            let sign = ALPHABET.get(digit as usize).copied().unwrap_or(b'=');
            out.push(if at > three.len() { '=' } else { char::from(sign) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// RFC 4648 section 10.
    #[test]
    fn base64_has_the_vectors_of_its_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
