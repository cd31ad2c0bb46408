//! What the dashboard needs, and what it leaves.

use std::{io, path::PathBuf};

use tokio::sync::mpsc;

use super::{
    glyphs::GlyphSet, reload::Reload, remembered::Remembered, settings::Settings, theme::ColorChoice,
};
use crate::{
    engine::{Command, Event, Report, profiles as clerk},
    profile::{Target, TargetName},
};

/// What the dashboard needs to open.
#[derive(Debug)]
pub struct Setup {
    /// The saved targets in file order, a site's targets together.
    pub targets: Vec<Target>,
    /// What is wrong with profile files, one cleaned line each.
    pub problems: Vec<String>,
    /// What a user should know from the start, one cleaned line each: they begin the log.
    pub notes: Vec<String>,
    /// To the engine.
    pub commands: mpsc::Sender<Command>,
    /// From the engine. It must close once a [`Command::Shutdown`] is done.
    pub events: mpsc::Receiver<Event>,
    /// Whether colours may be used.
    pub color: ColorChoice,
    /// Which signs the terminal can show.
    pub glyphs: GlyphSet,
    /// What the user has set.
    pub settings: Settings,
    /// How to read that anew.
    pub reload: Reload,
    /// How the lists were arranged when the dashboard was left last.
    pub remembered: Remembered,
    /// What to start at once.
    pub start: Vec<TargetName>,
    /// The folder of site files, for the user's editor.
    pub profiles: PathBuf,
    /// The folder of spools.
    pub spool: PathBuf,
    /// Whether the spool goes with the dashboard, whatever is in it.
    pub throwaway: bool,
    /// To the clerk of the site files, and from it.
    pub clerk: (mpsc::Sender<clerk::Request>, mpsc::Receiver<clerk::News>),
}

/// How the dashboard was left.
#[derive(Debug)]
pub struct Exit {
    /// Why.
    pub reason: ExitReason,
    /// The accounts of all sessions, in the order in which they ended.
    pub reports: Vec<Report>,
    /// The same accounts, one line each, for the terminal that is given back.
    pub lines: Vec<String>,
    /// How the lists were arranged in the end.
    pub remembered: Remembered,
}

/// Why the dashboard was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// The user wanted it.
    Quit,
    /// SIGTERM, SIGHUP or SIGINT.
    Signal,
    /// The terminal went away.
    TerminalLost,
    /// The user wants to see the demo.
    Demo,
}

/// Why the dashboard could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal could not be set up.
    #[error("could not set up the terminal")]
    Terminal(#[source] io::Error),
    /// The handlers of signals could not be set up.
    #[error("could not listen to signals")]
    Signals(#[source] io::Error),
    /// The engine ended although nobody had asked it to.
    #[error("the engine ended unexpectedly")]
    EngineGone,
}
