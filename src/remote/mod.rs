//! What is said to a target and what it says back: scripts, argument lists, parsers of messages.

pub mod compile;
pub mod exclude;
mod interfaces;
pub mod label;
pub mod leftover;
pub mod link_type;
pub mod minder;
pub mod opening;
pub mod plan;
pub mod preview;
pub mod privilege;
pub mod probe;
pub mod prompt;
pub mod rates;
pub mod script;
pub mod ssh_config;
pub mod ssh_message;
pub mod sweep;
pub mod tcpdump;
pub mod text;
pub mod veil;
