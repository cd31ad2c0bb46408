//! What is said to a target and what it says back: scripts, argument lists, parsers of messages.

pub mod prompt;
pub mod ssh_config;
pub mod ssh_message;
pub mod text;
