//! The loop: the only place of this room that waits, reads clocks and touches the terminal.

mod lend;
mod perform;

use std::{
    collections::VecDeque,
    io::{self, BufWriter, Stdout},
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use jiff::tz::TimeZone;
use ratatui::{Terminal, backend::CrosstermBackend};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep_until};

use super::{
    catalog::Catalog,
    desk::Desk,
    farewell,
    inputs::{Inputs, News},
    model::{Model, Phase},
    mouse::Grip,
    msg::{EditorEnd, Effect, Moment, Msg},
    pace::Pace,
    reload::Reload,
    remembered::Remembered,
    settings::Depth,
    setup::{Exit, ExitReason, Setup, TuiError},
    terminal::Guard,
    theme::{Background, ColorChoice, Role, Theme},
    update, view,
};
use crate::{
    engine::{
        Command,
        clean::Swept,
        profiles as clerk,
        shell::Shell,
        spool::{self, Shelf},
    },
    profile::ThemeName,
};

/// How long the terminal may take to tell its background.
const ANSWER: Duration = Duration::from_millis(150);

/// What the terminal can take in one write without tearing a frame apart.
const OUTPUT: usize = 64 * 1024;

/// Answers of errands that may wait.
const ERRANDS: usize = 16;

/// Shows the dashboard until the user leaves or a signal comes, and the engine has ended everything. The
/// terminal is given back before this returns; nothing is printed.
pub async fn run(setup: Setup) -> Result<Exit, TuiError> {
    let mut room = Room::open(setup)?;
    let outcome = room.stay().await;
    room.guard.leave();
    outcome?;
    let remembered = Remembered::of(&room.model);
    let lines = farewell::lines(&room.model.sessions);
    let reports = room.model.sessions.reports.into_iter().map(|(_, report)| report).collect();
    Ok(Exit { reason: room.reason, reports, lines, remembered })
}

struct Room {
    model: Model,
    paint: Paint,
    guard: Guard,
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    inputs: Inputs,
    commands: mpsc::Sender<Command>,
    errands: Errands,
    /// Commands that wait for room in the channel: waiting there with them would stop us from hearing events,
    /// and the engine may be waiting for exactly that.
    outbox: VecDeque<Command>,
    clerk: mpsc::Sender<clerk::Request>,
    profiles: PathBuf,
    lent: Lent,
    ticked: Instant,
    pace: Pace,
    /// What the terminal shows is not what was drawn on it.
    torn: bool,
    reason: ExitReason,
}

/// How the screen looks, and what that follows from.
struct Paint {
    theme: Theme,
    color: ColorChoice,
    background: Option<Background>,
    reload: Reload,
}

/// What errands are run with, and who hears what comes of them.
struct Errands {
    swept: mpsc::Sender<Swept>,
    shelves: mpsc::Sender<Shelf>,
    /// The folder of spools.
    spools: PathBuf,
}

/// Who has the terminal for a while; at most one of them.
#[derive(Default)]
struct Lent {
    editor: Option<JoinHandle<EditorEnd>>,
    shell: Option<Shell>,
}

/// Only where the answer could change anything.
fn wants_background(setup: &Setup) -> bool {
    let settings = &setup.settings;
    setup.color == ColorChoice::Ansi && settings.theme == ThemeName::Auto && settings.depth == Depth::True
}

fn moment() -> Moment {
    Moment { instant: Instant::now(), wall: SystemTime::now() }
}

/// Waits for the editor; for ever without one.
async fn ended(editor: Option<&mut JoinHandle<EditorEnd>>) -> Option<EditorEnd> {
    match editor {
        Some(editor) => editor.await.ok(),
        None => std::future::pending().await,
    }
}

async fn end_of(shell: Option<&mut Shell>) {
    match shell {
        Some(shell) => shell.ended().await,
        None => std::future::pending().await,
    }
}

async fn sleep_to(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

impl Room {
    fn open(setup: Setup) -> Result<Self, TuiError> {
        // The theme names no colour where none is wanted; where one is wanted, the terminal library must not
        // decide again by itself.
        if setup.color == ColorChoice::Ansi {
            crossterm::style::force_color_output(true);
        }
        let guard = Guard::new().map_err(TuiError::Terminal)?;
        let background = wants_background(&setup).then(|| guard.background(ANSWER)).flatten();
        let theme = Theme::of(setup.color, &setup.settings, background);
        let out = BufWriter::with_capacity(OUTPUT, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out)).map_err(TuiError::Terminal)?;
        let size = terminal.size().map_err(TuiError::Terminal)?;
        let ((swept, of_targets), (shelves, of_spools)) = (mpsc::channel(ERRANDS), mpsc::channel(ERRANDS));
        let inputs =
            Inputs::new(setup.events, (of_targets, of_spools), setup.clerk.1).map_err(TuiError::Signals)?;
        let catalog = Catalog::new(setup.targets, setup.problems);
        let size = (size.width, size.height);
        let desk = Desk::new(setup.glyphs, TimeZone::system(), setup.settings);
        let model = Model::new(catalog, desk, size, moment());
        let mut room = Self {
            model,
            paint: Paint { theme, color: setup.color, background, reload: setup.reload },
            guard,
            terminal,
            inputs,
            commands: setup.commands,
            errands: Errands { swept, shelves, spools: setup.spool },
            outbox: VecDeque::new(),
            clerk: setup.clerk.0,
            profiles: setup.profiles,
            lent: Lent::default(),
            ticked: Instant::now(),
            pace: Pace::default(),
            // A program that was killed may have left the alternate screen with its text on it.
            torn: true,
            reason: ExitReason::Quit,
        };
        for note in setup.notes {
            room.model.say("wrcap", note, Role::Warn);
        }
        room.model.desk.throwaway = setup.throwaway;
        room.model.desk.welcome.folder = Some(room.profiles.clone());
        setup.remembered.restore(&mut room.model);
        if room.model.desk.settings.mouse {
            room.model.desk.mouse.grip = Grip::Ours;
            room.guard.grip(Grip::Ours).map_err(TuiError::Terminal)?;
        }
        let effects = update::begin(&mut room.model, &setup.start);
        room.perform(effects);
        room.perform(vec![Effect::Spools(spool::Task::List)]);
        Ok(room)
    }

    /// Lives until the engine has nothing left.
    async fn stay(&mut self) -> Result<(), TuiError> {
        loop {
            self.keep_time();
            match self.wait().await {
                News::Msg(msg) => self.take(msg),
                News::TerminalLost => self.lose_terminal(),
                News::ShellEnded => self.come_back(),
                News::EngineDone if self.model.phase == Phase::Leaving => return Ok(()),
                News::EditorDone(end) => self.take_back(end),
                News::EngineDone => return Err(TuiError::EngineGone),
                News::Nothing => {}
            }
            // What else is ready goes into the same frame.
            while let Ok(event) = self.inputs.events.try_recv() {
                self.take(Msg::Engine(Box::new(event)));
            }
        }
    }

    /// Ticks and draws when it is time, however much else is going on.
    fn keep_time(&mut self) {
        let now = Instant::now();
        if self.next_tick().is_some_and(|at| at <= now) {
            self.ticked = now;
            self.take(Msg::Tick);
        }
        if self.next_frame().is_some_and(|at| at <= now) {
            self.draw(now);
        }
        // Also of what was just drawn in vain: nothing else may ever happen.
        let lent = self.lent.editor.is_some() || self.lent.shell.is_some();
        if !self.guard.is_ours() && !lent && self.reason != ExitReason::TerminalLost {
            self.lose_terminal();
        }
    }

    /// When time alone changes the screen.
    fn next_tick(&self) -> Option<Instant> {
        self.model.aging().interval().map(|interval| self.ticked + interval)
    }

    /// When the model may be drawn, if it has changed.
    fn next_frame(&self) -> Option<Instant> {
        let wanted = self.model.dirty && self.guard.is_ours();
        wanted.then(|| self.pace.due().unwrap_or(self.ticked))
    }

    async fn wait(&mut self) -> News {
        let due = self.next_tick().into_iter().chain(self.next_frame()).min();
        tokio::select! {
            news = self.inputs.next() => news,
            end = ended(self.lent.editor.as_mut()) => News::EditorDone(end),
            permit = self.commands.reserve(), if !self.outbox.is_empty() => {
                match (permit, self.outbox.pop_front()) {
                    (Ok(permit), Some(command)) => permit.send(command),
                    // The engine is gone; its events say so.
                    _ => self.outbox.clear(),
                }
                News::Nothing
            }
            () = end_of(self.lent.shell.as_mut()) => News::ShellEnded,
            () = sleep_to(due) => News::Nothing,
        }
    }

    fn take(&mut self, msg: Msg) {
        match msg {
            Msg::Terminate => self.reason = ExitReason::Signal,
            // Even if the size is the one that is known: it may have been another one in between, and what a terminal
            // makes of its cells then is its own affair.
            Msg::Resize(..) => self.torn = true,
            _ => {}
        }
        self.pace.hear(&msg);
        let effects = update::update(&mut self.model, msg, moment());
        self.perform(effects);
    }

    /// A terminal that is gone, or that a panic gave back, ends everything; nothing is drawn any more.
    fn lose_terminal(&mut self) {
        self.take(Msg::Terminate);
        self.reason = ExitReason::TerminalLost;
        self.guard.leave();
    }

    fn draw(&mut self, now: Instant) {
        let cleared = if std::mem::take(&mut self.torn) { self.clear() } else { Ok(()) };
        let (model, theme) = (&self.model, &self.paint.theme);
        let drawn = self.terminal.draw(|frame| view::draw(model, theme, frame.buffer_mut()));
        if cleared.is_err() || drawn.is_err() {
            self.guard.leave();
        }
        self.model.dirty = false;
        self.pace.draw(now);
    }
}
