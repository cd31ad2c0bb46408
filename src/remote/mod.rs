//! What is said to a target and what it says back: scripts, argument lists, parsers of messages.

pub mod prompt;
pub mod text;
