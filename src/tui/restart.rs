//! Sessions that are to start again.

use std::collections::BTreeMap;

use crate::{engine::SessionId, profile::Target};

/// What starts again once a session has ended, and what was started again and has not been heard of yet.
#[derive(Debug, Default)]
pub(crate) struct Restarts {
    /// By the session that has to end first.
    pub(crate) waiting: BTreeMap<SessionId, Target>,
    /// The cursor goes to these as soon as they are there.
    pub(crate) expected: Vec<Target>,
}
