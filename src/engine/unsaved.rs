//! What becomes of packets that are in no file.

/// What becomes of packets that are only in the spool when everything ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsaved {
    /// They are deleted: somebody has dismissed the session, or chosen to do without them.
    #[default]
    Delete,
    /// Somebody chose to leave without a question: those of sessions that broke off stay, and of those whose viewer did.
    KeepBroken,
    /// They stay for `wrcap spool`: that was chosen, or nobody was asked. A terminal was closed, or the machine goes down.
    Keep,
}

/// What became of them in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// They stay in the spool for `wrcap spool`.
    Kept {
        /// The name that `wrcap spool` knows them by.
        spool: String,
    },
    /// They are gone.
    Deleted,
}
