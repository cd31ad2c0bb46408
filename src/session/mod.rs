//! The life of one capture as pure data: states, liveness, losses, outcomes.

mod failure;

pub use failure::{FailKind, Failure, Stage};
