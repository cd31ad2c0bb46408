//! Runs the sessions of one `wrcap capture` to their end.

use std::{
    collections::HashMap,
    io::{self, IsTerminal as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, oneshot},
    time::interval,
};

use super::{
    CaptureArgs,
    output::{Format, Output, Whose},
    plan::{Planned, plan},
    saving,
};
use crate::{
    cli::{
        ask::{Asker, Asking},
        context::Context,
        error::CliError,
        exit::ExitCode,
        list, spool,
        volume::Volume,
    },
    engine::{self, Answer, Command, Event, EventKind, Question, SessionId, Unsaved, viewer::Terminal},
    profile::TargetName,
    session::{Counters, Outcome, State, StoppedBy},
};

/// How often numbers are said.
const STATS: Duration = Duration::from_secs(1);

/// Captures until every session has ended.
pub async fn run(args: CaptureArgs, context: Context) -> Result<ExitCode, CliError> {
    let selection = list::load(&context.paths)?.select(&args.selectors)?;
    let planned = plan(&args, selection.targets)?;
    let settings = engine::Settings {
        runtime: context.paths.runtime_dir()?.to_owned(),
        spool: context.paths.spool_dir()?.to_owned(),
        terminal: Terminal::Free,
    };
    let mut output = output(&args, &context);
    let left = spool::leftover_lines(&context.paths);
    let left_before = spool::left(&context.paths);
    if output.format == Format::Text && output.volume >= Volume::Normal {
        for line in left.lines() {
            let _ = output.line(line);
        }
        for (path, imported) in &selection.imported {
            for line in &imported.report {
                let _ = output.line(&format!("{}: {line}", path.display()));
            }
        }
    }
    let signals = Signals::new().map_err(|error| CliError::new(ExitCode::Internal, error.to_string()))?;
    let (commands, events) = engine::start(settings);
    let mut front = Front {
        commands,
        output,
        asker: asker(&args)?,
        sessions: HashMap::new(),
        patience: Patience::Calm,
        unsaved: Unsaved::KeepBroken,
    };
    let code = front.run(planned, events, signals).await;
    if front.output.format == Format::Text {
        for line in spool::staying_lines(&context.paths, left_before).lines() {
            let _ = front.output.line(line);
        }
    }
    Ok(code)
}

/// Where events go: stdout, unless the packets do.
fn output(args: &CaptureArgs, context: &Context) -> Output {
    let packets_on_stdout = args.write.as_deref() == Some(Path::new("-"));
    let to: Box<dyn io::Write + Send + Sync> =
        if args.json && !packets_on_stdout { Box::new(io::stdout()) } else { Box::new(io::stderr()) };
    let format = if args.json { Format::Json } else { Format::Text };
    Output { format, volume: context.volume, to, due: HashMap::new() }
}

fn asker(args: &CaptureArgs) -> Result<Option<Asker>, CliError> {
    match Asker::open(args.asking.reuse_answers) {
        Ok(asker) if args.asking.ask || io::stdin().is_terminal() || io::stderr().is_terminal() => {
            Ok(Some(asker))
        }
        Err(error) if args.asking.ask => {
            Err(CliError::usage(format!("--ask needs a terminal: {error}")).hint("run it in a terminal"))
        }
        _ => Ok(None),
    }
}

/// How often the user has asked for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Calm,
    Stopping,
    Killing,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    save: Signal,
}

/// What a signal asks for.
enum Wish {
    End(StoppedBy),
    Save,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            save: signal(SignalKind::user_defined1())?,
        })
    }

    /// Waits for a signal.
    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.interrupt.recv() => Wish::End(StoppedBy::User),
            _ = self.terminate.recv() => Wish::End(StoppedBy::Shutdown),
            _ = self.hangup.recv() => Wish::End(StoppedBy::Shutdown),
            _ = self.save.recv() => Wish::Save,
        }
    }
}

/// A session as this front sees it.
struct Session {
    name: TargetName,
    counters: Arc<Counters>,
    state: State,
    code: Option<ExitCode>,
}

struct Front {
    commands: mpsc::Sender<Command>,
    output: Output,
    asker: Option<Asker>,
    sessions: HashMap<SessionId, Session>,
    patience: Patience,
    /// What becomes of packets that nobody has saved, by how the end came.
    unsaved: Unsaved,
}

impl Front {
    async fn run(
        &mut self,
        planned: Vec<Planned>,
        mut events: mpsc::Receiver<Event>,
        mut signals: Signals,
    ) -> ExitCode {
        let count = planned.len();
        self.start(planned);
        let mut leaving = false;
        let mut stats = interval(STATS);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.event(event),
                    None => break,
                },
                wish = signals.next() => match wish {
                    Wish::End(by) => {
                        if by == StoppedBy::Shutdown {
                            self.unsaved = Unsaved::Keep;
                        }
                        self.end(&by);
                    }
                    Wish::Save => self.sessions.keys().for_each(|id| self.send(saving::command(*id))),
                },
                _ = stats.tick() => self.stats(),
            }
            if !leaving && self.sessions.len() == count && self.sessions.values().all(|s| s.code.is_some()) {
                leaving = true;
                self.send(Command::Shutdown(self.unsaved));
            }
        }
        total(self.sessions.values().map(|session| session.code))
    }

    /// Starts everything from a task of its own, so that events are read meanwhile.
    fn start(&self, planned: Vec<Planned>) {
        let commands = self.commands.clone();
        tokio::spawn(async move {
            for Planned { target, keep } in planned {
                let (reply, _) = oneshot::channel();
                if commands.send(Command::Start { target: Box::new(target), keep, reply }).await.is_err() {
                    return;
                }
            }
        });
    }

    /// Never waits: the engine may itself be waiting for its events to be read here.
    fn send(&self, command: Command) {
        if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
            let commands = self.commands.clone();
            tokio::spawn(async move { commands.send(command).await });
        }
    }

    fn event(&mut self, event: Event) {
        let Event { session: id, at, kind, .. } = event;
        match &kind {
            EventKind::Started { name, counters, .. } => {
                let state = State::Connecting { since: std::time::Instant::now(), gap: None };
                let session =
                    Session { name: name.clone(), counters: Arc::clone(counters), state, code: None };
                self.sessions.insert(id, session);
                if self.patience != Patience::Calm {
                    self.send(Command::Stop(id, StoppedBy::User));
                }
            }
            EventKind::State(state) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.state = state.clone();
                }
            }
            EventKind::Asked(question) => self.asked(question),
            EventKind::Ended(report) => {
                let code = match &report.outcome {
                    Outcome::Stopped(_) => ExitCode::Success,
                    Outcome::Interrupted => ExitCode::Interrupted,
                    Outcome::Failed(failure) => ExitCode::of(failure),
                };
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.code = Some(code);
                }
            }
            _ => {}
        }
        let Some(session) = self.sessions.get(&id) else { return };
        let said = self.output.event(Whose { id, name: &session.name }, at, &kind);
        self.heard(&said);
    }

    /// Nobody to answer means no answer, at once.
    fn asked(&self, question: &Question) {
        let id = question.id;
        let Some(asker) = &self.asker else {
            return self.send(Command::Answer(id, Answer::Cancel));
        };
        let (reply, answer) = oneshot::channel();
        asker.ask(Asking { prompt: question.prompt.clone(), attempt: question.attempt, reply });
        let commands = self.commands.clone();
        tokio::spawn(async move {
            let answer = answer.await.unwrap_or(Answer::Cancel);
            let _ = commands.send(Command::Answer(id, answer)).await;
        });
    }

    /// The first request stops gracefully, the second one kills.
    fn end(&mut self, by: &StoppedBy) {
        self.patience = match self.patience {
            Patience::Calm => Patience::Stopping,
            Patience::Stopping | Patience::Killing => Patience::Killing,
        };
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let command = match self.patience {
                Patience::Killing => Command::Kill(id),
                _ => Command::Stop(id, by.clone()),
            };
            self.send(command);
        }
    }

    fn stats(&mut self) {
        let mut said = Ok(());
        for (id, session) in &self.sessions {
            if session.state.has_begun() {
                let whose = Whose { id: *id, name: &session.name };
                said = said.and(self.output.stats(whose, &session.counters.sample(), &session.state));
            }
        }
        self.heard(&said);
    }

    /// An output that nobody reads any more ends the captures quietly.
    fn heard(&mut self, said: &io::Result<()>) {
        if said.is_err() {
            self.output.to = Box::new(io::sink());
            self.end(&StoppedBy::User);
        }
    }
}

/// One session's code is the code; several sessions of which some failed have their own.
fn total(codes: impl Iterator<Item = Option<ExitCode>>) -> ExitCode {
    let codes: Vec<ExitCode> = codes.map(|code| code.unwrap_or(ExitCode::Internal)).collect();
    match codes.as_slice() {
        [one] => *one,
        several if several.iter().all(|code| *code == ExitCode::Success) => ExitCode::Success,
        several if several.iter().all(|code| matches!(code, ExitCode::Success | ExitCode::Interrupted)) => {
            ExitCode::Interrupted
        }
        _ => ExitCode::Partial,
    }
}

#[cfg(test)]
mod tests {
    use super::{ExitCode, total};

    #[test]
    fn several_codes_make_one() {
        use ExitCode::{Connect, Interrupted, Partial, Success};
        for (codes, expected) in [
            (&[Connect][..], Connect),
            (&[Success, Success], Success),
            (&[Success, Interrupted], Interrupted),
            (&[Success, Connect], Partial),
            (&[Connect, Connect], Partial),
        ] {
            assert_eq!(total(codes.iter().copied().map(Some)), expected, "{codes:?}");
        }
    }
}
