//! The dispatcher: knows the sessions, passes commands on, and puts all events in one order.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use tokio::{
    signal::unix::SignalKind,
    sync::{mpsc, oneshot},
    task::{AbortHandle, Id, JoinSet},
};

use super::{
    askpass::Answer,
    bastions::Bastions,
    event::{Command, Event, EventKind, QuestionId, SessionId},
    look::{self, Look},
    session::{self, Context},
    unsaved::Unsaved,
    viewer::Terminal,
};
use crate::{packet::SaveRange, profile::Target, session::StoppedBy};

/// Commands that may wait; then the front does.
const COMMANDS: usize = 64;
/// Events that may wait; then sessions do, their packets do not.
const EVENTS: usize = 256;
/// Requests that may wait for one session.
const REQUESTS: usize = 16;
/// How long the dispatcher waits for a session that does not take requests.
const REQUEST_PATIENCE: Duration = Duration::from_millis(100);

/// What an engine needs to know of the machine it runs on.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder for sockets and generated configuration, 0700, of this user.
    pub runtime: PathBuf,
    /// Folder for spools, 0700, of this user.
    pub spool: PathBuf,
    /// Whether viewers may use the terminal.
    pub terminal: Terminal,
}

/// What a session is told.
#[derive(Debug)]
pub(super) enum Request {
    Stop(StoppedBy),
    Kill,
    OpenViewer,
    Lend(oneshot::Sender<Option<Arc<openssh::Session>>>),
    Answer(u32, Answer),
    Save(SaveRange, PathBuf),
    Dismiss,
    Shutdown(Unsaved),
}

/// A session's way to be heard.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    session: SessionId,
    events: mpsc::Sender<(SessionId, SystemTime, EventKind)>,
    unheard: Arc<AtomicU64>,
}

impl Voice {
    /// Says something that must be heard. Waits while the front does not keep up; without a front it is lost.
    pub(super) async fn say(&self, kind: EventKind) {
        let unheard = self.unheard.swap(0, Relaxed);
        if unheard > 0 {
            let text = format!("{unheard} log lines were left out");
            let _ = self.events.send((self.session, SystemTime::now(), log_line("wrcap", text))).await;
        }
        let _ = self.events.send((self.session, SystemTime::now(), kind)).await;
    }

    /// Says something that may be left out; how often that happened is said later.
    pub(super) fn log(&self, source: &str, text: impl Into<String>) {
        let text = text.into();
        tracing::info!(session = self.session.0, source, "{text}");
        let event = (self.session, SystemTime::now(), log_line(source, text));
        if self.events.try_send(event).is_err() {
            self.unheard.fetch_add(1, Relaxed);
        }
    }
}

fn log_line(source: &str, text: String) -> EventKind {
    EventKind::Log { source: source.to_owned(), text }
}

/// Starts an engine. It ends, and closes the event channel, after [`Command::Shutdown`] or when nobody can
/// command it any more, once the last session is down.
pub fn start(settings: Settings) -> (mpsc::Sender<Command>, mpsc::Receiver<Event>) {
    outlive_long_files();
    let (command_sender, commands) = mpsc::channel(COMMANDS);
    let (events, event_receiver) = mpsc::channel(EVENTS);
    let (voices, heard) = mpsc::channel(EVENTS);
    let dispatcher = Dispatcher {
        bastions: Bastions::new(settings.runtime.clone()),
        settings: Arc::new(settings),
        events,
        voices,
        heard,
        sessions: HashMap::new(),
        tasks: JoinSet::new(),
        errands: Vec::new(),
        next_session: 0,
        next_event: 0,
    };
    tokio::spawn(dispatcher.run(commands));
    (command_sender, event_receiver)
}

/// A file that reaches the longest length that this process may write is an error of the write, and nothing that the
/// process dies of: the signal for it has a handler from now on.
fn outlive_long_files() {
    let signal = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    if let Err(error) = tokio::signal::unix::signal(signal) {
        tracing::warn!(%error, "could not set up the handler for files that get too long");
    }
}

/// What is to be expected of the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Commands,
    /// It asked for the end.
    Leaves,
    Gone,
}

#[derive(Debug)]
struct Dispatcher {
    settings: Arc<Settings>,
    /// What sessions share.
    bastions: Arc<Bastions>,
    events: mpsc::Sender<Event>,
    voices: mpsc::Sender<(SessionId, SystemTime, EventKind)>,
    heard: mpsc::Receiver<(SessionId, SystemTime, EventKind)>,
    sessions: HashMap<SessionId, (Id, mpsc::Sender<Request>)>,
    tasks: JoinSet<()>,
    /// Those of the tasks that nobody waits for at the end.
    errands: Vec<AbortHandle>,
    next_session: u32,
    next_event: u64,
}

impl Dispatcher {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut front = Front::Commands;
        while front == Front::Commands || !self.tasks.is_empty() {
            tokio::select! {
                // Also while shutting down: a front may lose patience and kill.
                command = commands.recv(), if front != Front::Gone => match command {
                    Some(Command::Shutdown(unsaved)) => {
                        front = Front::Leaves;
                        self.shut_down(unsaved).await;
                    }
                    Some(command) => self.obey(command).await,
                    None => {
                        front = Front::Gone;
                        self.shut_down(Unsaved::Keep).await;
                    }
                },
                Some((session, at, kind)) = self.heard.recv() => self.forward(session, at, kind).await,
                Some(ended) = self.tasks.join_next_with_id() => self.forget(&ended),
            }
        }
        self.bastions.ended().await;
        while let Ok((session, at, kind)) = self.heard.try_recv() {
            self.forward(session, at, kind).await;
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Start { target, keep, reply } => {
                let id = SessionId(self.next_session);
                self.next_session += 1;
                let (requests, receiver) = mpsc::channel(REQUESTS);
                let voice = Voice { session: id, events: self.voices.clone(), unheard: Arc::default() };
                let settings = Arc::clone(&self.settings);
                let seat = self.bastions.seat(&target);
                let context =
                    Context { id, target: *target, keep, settings, seat, voice, requests: receiver };
                let task = self.tasks.spawn(session::run(context));
                self.sessions.insert(id, (task.id(), requests));
                let _ = reply.send(id);
            }
            Command::Look { ticket, target, over } => self.look(ticket, Arc::new(*target), over).await,
            Command::Lend { session, reply } => {
                // Whoever asked may have lost patience.
                let _ = reply.send(self.borrow(session).await);
            }
            Command::Stop(id, by) => self.request(id, Request::Stop(by)).await,
            Command::Kill(id) => self.request(id, Request::Kill).await,
            Command::OpenViewer(id) => self.request(id, Request::OpenViewer).await,
            Command::Dismiss(id) => self.request(id, Request::Dismiss).await,
            Command::Answer(QuestionId { session, number }, answer) => {
                self.request(session, Request::Answer(number, answer)).await;
            }
            Command::Sweep(errand) => {
                let bastions = Arc::clone(&self.bastions);
                let task = self.tasks.spawn(async move { errand.run(&bastions).await });
                self.errands.retain(|errand| !errand.is_finished());
                self.errands.push(task);
            }
            Command::Save { session, range, path } => self.request(session, Request::Save(range, path)).await,
            Command::Shutdown(unsaved) => self.shut_down(unsaved).await,
        }
    }

    async fn look(&mut self, ticket: u64, target: Arc<Target>, over: Option<SessionId>) {
        let lent = match over {
            Some(over) => self.borrow(over).await,
            None => None,
        };
        let id = SessionId(self.next_session);
        self.next_session += 1;
        let (sender, requests) = mpsc::channel(REQUESTS);
        let voice = Voice { session: id, events: self.voices.clone(), unheard: Arc::default() };
        let settings = Arc::clone(&self.settings);
        let seat = self.bastions.seat(&target);
        let look = Look { id, ticket, target, lent, seat, settings, voice, requests };
        let task = self.tasks.spawn(look::run(look));
        self.sessions.insert(id, (task.id(), sender));
    }

    /// The connection of a session, if it has one and answers in time.
    async fn borrow(&self, id: SessionId) -> Option<Arc<openssh::Session>> {
        let (reply, answer) = oneshot::channel();
        self.request(id, Request::Lend(reply)).await;
        tokio::time::timeout(REQUEST_PATIENCE, answer).await.ok()?.ok()?
    }

    async fn shut_down(&mut self, unsaved: Unsaved) {
        // A connection that is dropped leaves nothing here.
        self.errands.drain(..).for_each(|errand| errand.abort());
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.request(id, Request::Shutdown(unsaved)).await;
        }
    }

    async fn request(&self, id: SessionId, request: Request) {
        if let Some((_, requests)) = self.sessions.get(&id)
            && let Err(mpsc::error::SendTimeoutError::Timeout(request)) =
                requests.send_timeout(request, REQUEST_PATIENCE).await
        {
            tracing::warn!(session = id.0, ?request, "a session takes no requests");
        }
    }

    async fn forward(&mut self, session: SessionId, at: SystemTime, kind: EventKind) {
        let sequence = self.next_event;
        self.next_event += 1;
        // Without a front there is nobody to tell; sessions end by the closed command channel.
        let _ = self.events.send(Event { session, sequence, at, kind }).await;
    }

    fn forget(&mut self, ended: &Result<(Id, ()), tokio::task::JoinError>) {
        let task = match ended {
            Ok((task, ())) => *task,
            Err(error) if error.is_cancelled() => error.id(),
            Err(error) => {
                tracing::error!(%error, "a session's task broke off");
                error.id()
            }
        };
        self.sessions.retain(|_, (id, _)| *id != task);
    }
}
