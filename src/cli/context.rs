//! What every verb knows of the command line and the machine.

use crate::{cli::volume::Volume, engine::paths::Paths};

/// What every verb knows.
#[derive(Debug, Clone)]
pub struct Context {
    /// Folders of this user.
    pub paths: Paths,
    /// How much is said.
    pub volume: Volume,
    /// When output is coloured.
    pub color: ColorChoice,
    /// Whether the dashboard starts and changes nothing.
    pub read_only: bool,
    /// Whether these folders go with the dashboard.
    pub throwaway: bool,
    /// Whether the dashboard hides addresses, machines and users.
    pub privacy: bool,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
