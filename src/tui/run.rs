//! The loop: the only place of this room that waits, reads clocks and touches the terminal.

use std::{
    collections::VecDeque,
    io::{self, BufWriter, Stdout},
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use jiff::tz::TimeZone;
use ratatui::{
    Terminal,
    backend::{Backend as _, CrosstermBackend},
};
use rustix::process::{Signal, kill_current_process_group};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::sleep_until,
};

use super::{
    catalog::Catalog,
    editor,
    glyphs::GlyphSet,
    inputs::{Inputs, News},
    model::{Model, Phase},
    msg::{EditorEnd, Effect, Moment, Msg},
    terminal::Guard,
    theme::{ColorChoice, Role, Theme},
    update, view,
};
use crate::{
    engine::{
        Command, Event, Keep, Report,
        clean::{Errand, Swept},
        profiles as clerk,
    },
    profile::{Target, TargetName},
    session::StoppedBy,
};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// What the terminal can take in one write without tearing a frame apart.
const OUTPUT: usize = 64 * 1024;

/// Answers of errands that may wait.
const ERRANDS: usize = 16;

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
    /// What to start at once.
    pub start: Vec<TargetName>,
    /// The folder of site files, for the user's editor.
    pub profiles: PathBuf,
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

/// Shows the dashboard until the user leaves or a signal comes, and the engine has ended everything. The
/// terminal is given back before this returns; nothing is printed.
pub async fn run(setup: Setup) -> Result<Exit, TuiError> {
    let mut room = Room::open(setup)?;
    let outcome = room.stay().await;
    room.guard.leave();
    outcome?;
    let lines = room.model.reports.iter().map(update::summary).collect();
    Ok(Exit { reason: room.reason, reports: room.model.reports, lines })
}

struct Room {
    model: Model,
    theme: Theme,
    guard: Guard,
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    inputs: Inputs,
    commands: mpsc::Sender<Command>,
    /// For what comes of errands.
    swept: mpsc::Sender<Swept>,
    /// Commands that wait for room in the channel: waiting there with them would stop us from hearing events,
    /// and the engine may be waiting for exactly that.
    outbox: VecDeque<Command>,
    clerk: mpsc::Sender<clerk::Request>,
    profiles: PathBuf,
    /// The user's editor, while it has the terminal.
    editor: Option<JoinHandle<EditorEnd>>,
    ticked: Instant,
    drawn: Option<Instant>,
    reason: ExitReason,
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
        let out = BufWriter::with_capacity(OUTPUT, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out)).map_err(TuiError::Terminal)?;
        let size = terminal.size().map_err(TuiError::Terminal)?;
        let (swept, answers) = mpsc::channel(ERRANDS);
        let inputs = Inputs::new(setup.events, answers, setup.clerk.1).map_err(TuiError::Signals)?;
        let catalog = Catalog::new(setup.targets, setup.problems);
        let size = (size.width, size.height);
        let model = Model::new(catalog, setup.glyphs, TimeZone::system(), size, moment());
        let mut room = Self {
            model,
            theme: Theme::new(setup.color),
            guard,
            terminal,
            inputs,
            commands: setup.commands,
            swept,
            outbox: VecDeque::new(),
            clerk: setup.clerk.0,
            profiles: setup.profiles,
            editor: None,
            ticked: Instant::now(),
            drawn: None,
            reason: ExitReason::Quit,
        };
        for note in setup.notes {
            room.model.say("wrcap", note, Role::Warn);
        }
        let effects = update::begin(&mut room.model, &setup.start);
        room.perform(effects);
        Ok(room)
    }

    /// Lives until the engine has nothing left.
    async fn stay(&mut self) -> Result<(), TuiError> {
        loop {
            self.keep_time();
            match self.wait().await {
                News::Msg(msg) => self.take(msg),
                News::TerminalLost => self.lose_terminal(),
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
        if !self.guard.is_ours() && self.editor.is_none() && self.reason != ExitReason::TerminalLost {
            self.lose_terminal();
        }
        let now = Instant::now();
        if self.next_tick().is_some_and(|at| at <= now) {
            self.ticked = now;
            self.take(Msg::Tick);
        }
        if self.next_frame().is_some_and(|at| at <= now) {
            self.draw(now);
        }
    }

    /// When time alone changes the screen.
    fn next_tick(&self) -> Option<Instant> {
        self.model.aging().interval().map(|interval| self.ticked + interval)
    }

    /// When the model may be drawn, if it has changed.
    fn next_frame(&self) -> Option<Instant> {
        let wanted = self.model.dirty && self.guard.is_ours();
        wanted.then(|| self.drawn.map_or(self.ticked, |drawn| drawn + FRAME))
    }

    async fn wait(&mut self) -> News {
        let due = self.next_tick().into_iter().chain(self.next_frame()).min();
        tokio::select! {
            news = self.inputs.next() => news,
            end = ended(self.editor.as_mut()) => News::EditorDone(end),
            permit = self.commands.reserve(), if !self.outbox.is_empty() => {
                match (permit, self.outbox.pop_front()) {
                    (Ok(permit), Some(command)) => permit.send(command),
                    // The engine is gone; its events say so.
                    _ => self.outbox.clear(),
                }
                News::Nothing
            }
            () = sleep_to(due) => News::Nothing,
        }
    }

    fn take(&mut self, msg: Msg) {
        if let Msg::Terminate = msg {
            self.reason = ExitReason::Signal;
        }
        let effects = update::update(&mut self.model, msg, moment());
        self.perform(effects);
    }

    /// A terminal that is gone, or that a panic gave back, ends everything; nothing is drawn any more.
    fn lose_terminal(&mut self) {
        self.take(Msg::Terminate);
        self.reason = ExitReason::TerminalLost;
        self.guard.leave();
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Suspend => self.suspend(),
                // The clerk is never busy for long; where it is, the user asks again.
                Effect::Clerk(request) => {
                    if self.clerk.try_send(request).is_err() {
                        self.model.notice = Some("the profiles are busy; try again".to_owned());
                    }
                }
                Effect::Editor { site, text } => self.lend(&site, text.as_deref()),
                Effect::Redraw => {
                    if self.wipe().is_err() {
                        self.guard.leave();
                    }
                }
                Effect::Answer(id, answer) if id.session == clerk::TRIAL => {
                    // Without a test that waits for it, it is of no use.
                    let _ = self.clerk.try_send(clerk::Request::Answer(id, answer));
                }
                effect => self.outbox.extend(command(effect, &self.swept)),
            }
        }
    }

    /// Empties the screen; the next frame draws every cell. The library's own way asks the terminal where the cursor
    /// is, and fails when a reader of keys was just ended.
    fn wipe(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Gives the terminal to the user's editor. Captures go on.
    fn lend(&mut self, site: &str, text: Option<&str>) {
        self.inputs.lend_keys();
        self.guard.leave();
        let (profiles, site, text) = (self.profiles.clone(), site.to_owned(), text.map(str::to_owned));
        self.editor =
            Some(tokio::task::spawn_blocking(move || editor::edit(&profiles, site, text.as_deref())));
    }

    /// Takes the terminal back from it.
    fn take_back(&mut self, end: Option<EditorEnd>) {
        self.editor = None;
        self.inputs.take_keys();
        if self.guard.enter().and_then(|()| self.wipe()).is_err() {
            self.guard.leave();
            return;
        }
        if let Ok(size) = self.terminal.size() {
            self.take(Msg::Resize(size.width, size.height));
        }
        if let Some(end) = end {
            self.take(Msg::Edited(Box::new(end)));
        }
    }

    /// The whole process group stops, as if the terminal's own key had been pressed.
    fn suspend(&mut self) {
        self.guard.leave();
        let _ = kill_current_process_group(Signal::TSTP);
        if self.guard.enter().and_then(|()| self.wipe()).is_err() {
            self.guard.leave();
            return;
        }
        if let Ok(size) = self.terminal.size() {
            self.take(Msg::Resize(size.width, size.height));
        }
        self.take(Msg::Resumed);
    }

    fn draw(&mut self, now: Instant) {
        let (model, theme) = (&self.model, &self.theme);
        let drawn = self.terminal.draw(|frame| view::draw(model, theme, frame.buffer_mut()));
        if drawn.is_err() {
            self.guard.leave();
        }
        self.model.dirty = false;
        self.drawn = Some(now);
    }
}

/// The command that an effect stands for, if the engine has to do with it.
fn command(effect: Effect, swept: &mpsc::Sender<Swept>) -> Option<Command> {
    Some(match effect {
        // The session's number comes with its first event.
        Effect::Start(target) => {
            Command::Start { target, keep: Keep::default(), reply: oneshot::channel().0 }
        }
        Effect::Stop(id) => Command::Stop(id, StoppedBy::User),
        Effect::Kill(id) => Command::Kill(id),
        Effect::OpenViewer(id) => Command::OpenViewer(id),
        Effect::Answer(id, answer) => Command::Answer(id, answer),
        Effect::Save(session, range, path) => Command::Save { session, range, path },
        Effect::Dismiss(id) => Command::Dismiss(id),
        Effect::Sweep(target, task) => Command::Sweep(Errand { target, task, reply: swept.clone() }),
        Effect::Shutdown => Command::Shutdown,
        Effect::Suspend | Effect::Redraw | Effect::Clerk(_) | Effect::Editor { .. } => return None,
    })
}
