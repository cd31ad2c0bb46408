//! `-q` and `-v`.

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Failures only.
    Quiet,
    /// States and summaries.
    Normal,
    /// Everything that ssh and tcpdump say, too.
    Verbose,
}
