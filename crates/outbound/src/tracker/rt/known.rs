//! Who we are in a Request Tracker, and what its queue has: asked before anything else.

use std::time::Instant;

use serde::Deserialize;

use super::shape::{Field, Link};
use crate::tracker::Trouble;
use crate::tracker::http::Site;
use crate::tracker::settings::{Keys, Unusable};

/// What the config names.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) queue: String,
    /// Our account's name or number.
    account: String,
    pub(super) key_field: String,
    pub(super) state_field: String,
    pub(super) open_status: String,
    pub(super) closed_status: String,
    /// `comment`, which the queue's people see, or `correspond`, which requestors get as well.
    pub(super) comments_as: &'static str,
    /// Accounts that are no persons, by name.
    pub(super) bots: Vec<String>,
}

impl Wanted {
    pub(super) fn of(keys: &mut Keys) -> Result<Self, Unusable> {
        let account = match keys.take("account") {
            Some(account) => account,
            None => account_of(keys.token().reveal()).ok_or_else(|| {
                keys.wrong("token", "is none that Request Tracker makes: 1-NUMBER-…")
            })?,
        };
        let comments_as = match keys.take("comments_as").as_deref() {
            None | Some("comment") => "comment",
            Some("correspond") => "correspond",
            Some(_) => return Err(keys.wrong("comments_as", "is comment or correspond")),
        };
        let mut named = |key, default: &str| keys.take(key).unwrap_or_else(|| default.to_owned());
        let (key_field, state_field) =
            (named("key_field", "certvigil key"), named("state_field", "certvigil state"));
        let (open_status, closed_status) =
            (named("open_status", "open"), named("closed_status", "resolved"));
        Ok(Self {
            queue: keys.project().to_owned(),
            account,
            key_field,
            state_field,
            open_status,
            closed_status,
            comments_as,
            bots: keys.take_list("bots"),
        })
    }

    /// Whether a status of that name closes a ticket, as far as names tell.
    pub(super) fn closes(&self, status: &str) -> bool {
        matches!(status, "resolved" | "rejected" | "deleted") || status == self.closed_status
    }

    pub(super) fn comment_right(&self) -> &'static str {
        if self.comments_as == "comment" { "CommentOnTicket" } else { "ReplyToTicket" }
    }

    pub(super) fn no_key(&self) -> String {
        format!(
            "the queue {} has no ticket custom field \"{}\" that our account sees, by which tickets are found again: \
             an administrator makes it (Admin, Custom Fields; applies to Tickets; type \"Enter one value\"), applies it \
             to the queue, and gives our account the rights SeeCustomField and ModifyCustomField",
            self.queue, self.key_field
        )
    }

    pub(super) fn no_state(&self) -> String {
        format!(
            "the queue {} has no ticket custom field \"{}\" that our account sees, which holds what a run without a \
             store has to remember: made as \"{}\", of type \"Fill in one text area\"",
            self.queue, self.state_field, self.key_field
        )
    }
}

/// A token names its account by number: version, account, secret.
fn account_of(token: &str) -> Option<String> {
    let account = token.split('-').nth(1)?;
    let is_number = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| account.to_owned())
}

/// What there is.
#[derive(Debug)]
pub(super) struct Known {
    /// Our account's name, by which tickets and histories tell it.
    pub(super) account: String,
    pub(super) queue: u64,
    pub(super) is_disabled: bool,
    pub(super) may_create: bool,
    pub(super) key_field: u64,
    pub(super) state_field: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queue {
    #[serde(flatten)]
    made: super::shape::Made,
    disabled: Option<String>,
    #[serde(default)]
    ticket_custom_fields: Vec<Field>,
    #[serde(rename = "_hyperlinks", default)]
    links: Vec<Link>,
}

impl Known {
    /// Asks, and refuses what nothing can be done without: to be somebody, the queue, the field of the key.
    pub(super) fn ask(site: &Site, wanted: &Wanted, by: Instant) -> Result<Self, Trouble> {
        let url = site.url(&["REST", "2.0", "user", &wanted.account], &[]);
        let answer = site.get(url, by)?;
        let account: Account = match answer.status() {
            401 => {
                return Err(Trouble::Refused(
                    "Request Tracker knows no account with this token: make one for our account (Logged in as, \
                     Settings, Auth Tokens)"
                        .to_owned(),
                ));
            }
            _ => answer.done()?.read()?,
        };
        let queue = queue(site, wanted, by)?;
        let field = |name: &str| {
            let named = queue.ticket_custom_fields.iter().find(|field| field.name == name);
            named.map(|field| field.id).or_else(|| name.parse().ok())
        };
        Ok(Self {
            account: account.name,
            queue: queue.made.id,
            is_disabled: queue.disabled.as_deref() == Some("1"),
            may_create: queue.links.iter().any(|link| link.kind == "create"),
            key_field: field(&wanted.key_field).ok_or_else(|| Trouble::Refused(wanted.no_key()))?,
            state_field: field(&wanted.state_field),
        })
    }
}

fn queue(site: &Site, wanted: &Wanted, by: Instant) -> Result<Queue, Trouble> {
    let answer = site.get(site.url(&["REST", "2.0", "queue", &wanted.queue], &[]), by)?;
    match answer.status() {
        403 | 404 => Err(Trouble::Refused(format!(
            "there is no queue {} that our account sees: write its name as Request Tracker shows it, and give our \
             account the rights SeeQueue, ShowTicket, ShowTicketComments, CreateTicket, CommentOnTicket and \
             ModifyTicket there",
            wanted.queue
        ))),
        _ => answer.done()?.read(),
    }
}
