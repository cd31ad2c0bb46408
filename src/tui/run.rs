//! The loop: the only place of this room that waits, reads clocks and touches the terminal.

use std::{
    collections::VecDeque,
    io::{self, BufWriter, Stdout},
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use jiff::tz::TimeZone;
use ratatui::{Terminal, backend::CrosstermBackend, layout::Rect};
use rustix::process::{Signal, kill_current_process_group};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::sleep_until,
};

use super::{
    catalog::Catalog,
    desk::Desk,
    editor,
    inputs::{Inputs, News},
    model::{Model, Phase},
    mouse::Grip,
    msg::{EditorEnd, Effect, Moment, Msg},
    pace::Pace,
    remembered::Remembered,
    settings::Depth,
    setup::{Exit, ExitReason, Setup, TuiError},
    terminal::Guard,
    theme::{ColorChoice, Role, Theme},
    update, view,
};
use crate::{
    engine::{
        Command, Keep,
        clean::{Errand, Swept},
        hook, profiles as clerk,
        shell::Shell,
    },
    profile::ThemeName,
    session::StoppedBy,
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
    let reports = room.model.sessions.reports;
    let lines = reports.iter().map(update::summary).collect();
    Ok(Exit { reason: room.reason, reports, lines, remembered })
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
    pace: Pace,
    /// The shell that has the terminal for a while.
    shell: Option<Shell>,
    reason: ExitReason,
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
        let (swept, answers) = mpsc::channel(ERRANDS);
        let inputs = Inputs::new(setup.events, answers, setup.clerk.1).map_err(TuiError::Signals)?;
        let catalog = Catalog::new(setup.targets, setup.problems);
        let size = (size.width, size.height);
        let desk = Desk::new(setup.glyphs, TimeZone::system(), setup.settings);
        let model = Model::new(catalog, desk, size, moment());
        let mut room = Self {
            model,
            theme,
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
            pace: Pace::default(),
            shell: None,
            reason: ExitReason::Quit,
        };
        for note in setup.notes {
            room.model.say("wrcap", note, Role::Warn);
        }
        room.model.desk.welcome.folder = Some(room.profiles.clone());
        setup.remembered.restore(&mut room.model);
        if room.model.desk.settings.mouse {
            room.model.desk.mouse.grip = Grip::Ours;
            room.guard.grip(Grip::Ours).map_err(TuiError::Terminal)?;
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
        let lent = self.editor.is_some() || self.shell.is_some();
        if !self.guard.is_ours() && !lent && self.reason != ExitReason::TerminalLost {
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
        wanted.then(|| self.pace.due().unwrap_or(self.ticked))
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
            () = end_of(self.shell.as_mut()) => News::ShellEnded,
            () = sleep_to(due) => News::Nothing,
        }
    }

    fn take(&mut self, msg: Msg) {
        if let Msg::Terminate = msg {
            self.reason = ExitReason::Signal;
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

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let done = match effect {
                Effect::Suspend => self.suspend(),
                Effect::Clerk(request) => {
                    self.ask_clerk(request);
                    Ok(())
                }
                Effect::Answer(id, answer) if id.session == clerk::TRIAL => {
                    // Without a test that waits for it, it is of no use.
                    let _ = self.clerk.try_send(clerk::Request::Answer(id, answer));
                    Ok(())
                }
                Effect::Editor { site, text } => {
                    self.lend(&site, text.as_deref());
                    Ok(())
                }
                Effect::Demo => {
                    self.reason = ExitReason::Demo;
                    Ok(())
                }
                Effect::Shell => self.open_shell(),
                Effect::Redraw => self.clear(),
                Effect::Mouse(grip) => self.guard.grip(grip),
                Effect::Copy(text) => self.guard.copy(&text),
                Effect::Notify(text) => self.guard.notify(self.model.desk.settings.notify, &text),
                Effect::Hook(words) => {
                    hook::run(&self.model.desk.settings.on_event, &words);
                    Ok(())
                }
                effect => {
                    self.outbox.extend(command(effect, &self.swept, self.reason));
                    Ok(())
                }
            };
            if done.is_err() {
                self.guard.leave();
            }
        }
    }

    /// The clerk is never busy for long; where it is, the user asks again.
    fn ask_clerk(&mut self, request: clerk::Request) {
        if self.clerk.try_send(request).is_err() {
            self.model.notice = Some("the profiles are busy; try again".to_owned());
        }
    }

    /// Gives the terminal to the user's editor. Captures go on.
    fn lend(&mut self, site: &str, text: Option<&str>) {
        self.inputs.release();
        self.guard.leave();
        let (profiles, site, text) = (self.profiles.clone(), site.to_owned(), text.map(str::to_owned));
        self.editor =
            Some(tokio::task::spawn_blocking(move || editor::edit(&profiles, site, text.as_deref())));
    }

    /// Takes the terminal back from it.
    fn take_back(&mut self, end: Option<EditorEnd>) {
        self.editor = None;
        self.come_back();
        if let Some(end) = end {
            self.take(Msg::Edited(Box::new(end)));
        }
    }

    /// The whole process group stops, as if the terminal's own key had been pressed.
    fn suspend(&mut self) -> io::Result<()> {
        self.guard.leave();
        let _ = kill_current_process_group(Signal::TSTP);
        self.take_terminal()
    }

    /// A shell has the terminal; everything but the screen goes on.
    fn open_shell(&mut self) -> io::Result<()> {
        self.guard.leave();
        self.inputs.release();
        match Shell::open() {
            Ok(shell) => {
                self.shell = Some(shell);
                Ok(())
            }
            Err(error) => {
                self.model.notice = Some(format!("no shell: {error}"));
                self.inputs.resume();
                self.take_terminal()
            }
        }
    }

    fn come_back(&mut self) {
        self.shell = None;
        // What ended meanwhile because of a signal needs no terminal any more.
        if self.model.phase == Phase::Leaving {
            return;
        }
        self.inputs.resume();
        if self.take_terminal().is_err() {
            self.guard.leave();
        }
    }

    /// Has every cell drawn anew. The library's own `clear` asks the terminal where its cursor is, and somebody else
    /// may read the answer.
    fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.model.dirty = true;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    fn take_terminal(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.guard.grip(self.model.desk.mouse.grip)?;
        self.clear()?;
        let size = self.terminal.size()?;
        self.take(Msg::Resize(size.width, size.height));
        self.take(Msg::Resumed);
        Ok(())
    }

    fn draw(&mut self, now: Instant) {
        let (model, theme) = (&self.model, &self.theme);
        let drawn = self.terminal.draw(|frame| view::draw(model, theme, frame.buffer_mut()));
        if drawn.is_err() {
            self.guard.leave();
        }
        self.model.dirty = false;
        self.pace.draw(now);
    }
}

/// The command that an effect stands for, if the engine has to do with it.
fn command(effect: Effect, swept: &mpsc::Sender<Swept>, reason: ExitReason) -> Option<Command> {
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
        Effect::Look { ticket, target, over } => Command::Look { ticket, target, over },
        Effect::Shutdown => Command::Shutdown(reason.unsaved()),
        Effect::Suspend
        | Effect::Demo
        | Effect::Shell
        | Effect::Redraw
        | Effect::Mouse(_)
        | Effect::Copy(_)
        | Effect::Notify(_)
        | Effect::Hook(_)
        | Effect::Clerk(_)
        | Effect::Editor { .. } => return None,
    })
}
