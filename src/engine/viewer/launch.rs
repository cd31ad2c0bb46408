//! Starting a viewer and hearing of its end. A viewer is never ended by us: what it shows stays.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    process::Stdio,
    sync::Arc,
};

use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, ChildStdin, Command},
    task::JoinHandle,
};

use super::{Display, Feed, Program};
use crate::{
    engine::{
        process,
        spool::{Spool, SpoolReader, Step},
    },
    remote::text::clean,
    session::{FailKind, Failure, Stage},
};

/// Whether wrcap's own terminal is free for a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// It is: `wrcap capture`.
    Free,
    /// The dashboard draws on it.
    Taken,
}

/// A viewer that runs.
#[derive(Debug)]
pub struct Launched {
    /// Its program, for messages.
    pub program: String,
    /// Its process id.
    pub pid: u32,
    /// True if it uses wrcap's terminal or its own stdin, so that wrcap must not leave before it.
    pub holds_us: bool,
    child: Child,
    /// What it wrote to stderr, where that is not the terminal's. A file and not a pipe, because a viewer outlives us
    /// and must not die of a closed one.
    messages: Option<File>,
    /// Ends when it has read an ended spool to its end, or reads no more.
    pub feed: Option<JoinHandle<()>>,
}

/// How a viewer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// Closed.
    Closed,
    /// It ended with an error; the last words it had for it.
    Failed(String),
}

/// Starts a viewer of a spool.
pub fn launch(program: &Program, spool: &Arc<Spool>, terminal: Terminal) -> Result<Launched, Failure> {
    let name =
        program.arguments.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path)).to_owned();
    if program.display == Display::Terminal && terminal == Terminal::Taken {
        return Err(failure(format!("{name} needs a terminal of its own"))
            .hint("W starts without a viewer; `wrcap capture` in another terminal shows it there"));
    }
    let (child, messages) =
        spawn(program, terminal).map_err(|error| failure(format!("could not start {name}: {error}")))?;
    let pid = child.id().unwrap_or_default();
    let holds_us = program.display == Display::Terminal || program.feed == Feed::Stdin;
    let mut launched = Launched { program: name, pid, holds_us, child, messages, feed: None };
    if let Some(stdin) = launched.child.stdin.take() {
        launched.feed = Some(tokio::spawn(feed(stdin, spool.reader())));
    }
    Ok(launched)
}

fn spawn(program: &Program, terminal: Terminal) -> io::Result<(Child, Option<File>)> {
    let mut command = Command::new(&program.arguments[0]);
    command.args(&program.arguments[1..]);
    command.stdin(match program.feed {
        Feed::Stdin => Stdio::piped(),
        Feed::Socket if program.display == Display::Terminal => Stdio::inherit(),
        Feed::Socket => Stdio::null(),
    });
    if program.display != Display::Terminal {
        // A Ctrl-c on the terminal is for wrcap, not for a window.
        process::own_session(&mut command);
    }
    if terminal == Terminal::Free && program.display != Display::Window {
        return Ok((command.spawn()?, None));
    }
    let messages = tempfile::tempfile()?;
    command.stdout(Stdio::null()).stderr(messages.try_clone()?);
    Ok((command.spawn()?, Some(messages)))
}

impl Launched {
    /// Waits for its end.
    pub async fn exit(&mut self) -> Exit {
        match self.child.wait().await {
            Ok(status) if status.success() => Exit::Closed,
            // What was ended by a signal has not said why: its last words are about something else.
            Ok(status) if status.code().is_none() => Exit::Failed(status.to_string()),
            Ok(status) => Exit::Failed(self.last_words().unwrap_or_else(|| status.to_string())),
            Err(error) => Exit::Failed(error.to_string()),
        }
    }

    fn last_words(&mut self) -> Option<String> {
        let file = self.messages.as_mut()?;
        let length = file.seek(SeekFrom::End(0)).ok()?;
        file.seek(SeekFrom::Start(length.saturating_sub(4096))).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(clean).rfind(|line| !line.is_empty())
    }
}

/// Copies a spool into a viewer's stdin until one of the two ends.
async fn feed(mut stdin: ChildStdin, mut reader: SpoolReader) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer) {
            Ok(Step::Data(length)) => {
                if stdin.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
            Ok(Step::Wait) => reader.changed().await,
            Ok(Step::Ended) => return,
            Err(error) => return tracing::warn!(%error, "could not read the spool for a viewer"),
        }
    }
}

fn failure(message: String) -> Failure {
    Failure::new(Stage::View, None, FailKind::Viewer, message)
}
