//! One contract for all trackers, and each tracker's own traps.

mod desk;
mod gitea;
mod github;
mod gitlab;
mod ground;
mod hostile;
mod jira;
mod local;
mod markdown;
mod openapi;
mod redmine;
mod roundup;
mod rt;
mod settings;
mod shapes;
mod standin;
mod strange;
mod suite;
mod templates;
