//! What the room was told to do later.

use super::{kept::Kept, restart::Restarts};

/// Orders that wait for something to happen.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Sessions that are to start again as soon as they have ended.
    pub(crate) restarts: Restarts,
    /// Answers that may be given to others, too.
    pub(crate) kept: Kept,
    /// How many looks at targets were asked for.
    pub(crate) tickets: u64,
}
