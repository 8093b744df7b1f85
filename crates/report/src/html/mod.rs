//! HTML: one page that needs nothing but itself, worst first.
//!
//! Read `page.rs`. `overview.rs` is what one pass over all endpoints gives; `horizon.rs` draws when
//! certificates end, `card.rs` what is wrong with an endpoint, `chain.rs` what it sent, `issues.rs`
//! what became of issues, `lists.rs` all that is in order. `text.rs` is the one way that text goes onto the page.

mod answer;
mod axis;
mod card;
mod chain;
mod horizon;
mod issues;
mod lists;
mod overview;
mod page;
mod text;

pub use self::answer::{AnswerPage, answer_page};
pub(crate) use self::page::write;
