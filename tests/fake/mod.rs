//! The dashboard over an engine that a test plays.

use std::{path::Path, time::SystemTime};

use tokio::sync::mpsc;
use wrcap::{
    engine::{self, Command, Event, EventKind, SessionId},
    profile::{Config, Target},
    tui::{self, ColorChoice, Depth, Exit, GlyphSet, Settings, Setup, TuiError},
};

/// What an engine says, in one order.
pub(crate) struct Voice {
    says: mpsc::Sender<Event>,
    sequence: u64,
}

impl Voice {
    pub(crate) async fn say(&mut self, session: SessionId, kind: EventKind) {
        self.sequence += 1;
        let event = Event { session, sequence: self.sequence, at: SystemTime::now(), kind };
        // Nobody listens any more once the dashboard is left.
        let _ = self.says.send(event).await;
    }
}

/// Shows a dashboard of these targets, the first `start` of which are started, until it is left. Sites are in
/// `profiles`, the rest of its files in the folder beside that.
pub(crate) async fn dashboard<Played: Future<Output = ()> + Send + 'static>(
    engine: impl FnOnce(mpsc::Receiver<Command>, Voice) -> Played,
    (targets, start): (Vec<Target>, usize),
    profiles: &Path,
    depth: Depth,
) -> Result<Exit, TuiError> {
    let (commands, heard) = mpsc::channel(64);
    let (says, events) = mpsc::channel(256);
    tokio::spawn(engine(heard, Voice { says, sequence: 0 }));
    let state = profiles.with_file_name("state");
    let clerk = engine::profiles::start(engine::profiles::Settings {
        profiles: profiles.to_owned(),
        undo: state.join("undo.json"),
        runtime: state,
        engine: None,
    });
    tui::run(Setup {
        start: targets.iter().take(start).map(|target| target.name.clone()).collect(),
        targets,
        problems: Vec::new(),
        notes: Vec::new(),
        commands,
        events,
        color: ColorChoice::Ansi,
        glyphs: GlyphSet::Unicode,
        settings: Settings::new(Config::default(), depth, None).unwrap(),
        reload: tui::Reload::new(|| Err(vec!["there are no settings here".to_owned()])),
        remembered: tui::Remembered::default(),
        profiles: profiles.to_owned(),
        spool: std::path::PathBuf::from("/nonexistent"),
        throwaway: false,
        clerk,
    })
    .await
}
