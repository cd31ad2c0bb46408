//! What the ssh processes of one connection say, kept within bounds.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use tokio::{io::AsyncReadExt, process::ChildStderr, sync::mpsc, task::JoinHandle};

use super::{MasterEvent, known};
use crate::remote::{
    ssh_config::GeneratedConfig,
    ssh_message::{DEBUG, Entry, HopSaid, SshSaid},
    text::clean,
};

/// Bytes kept of each log, and read of it at a time.
const MAX_LOG: usize = 64 * 1024;
/// Bytes that a file may grow to while a connection is being made.
const MAX_FILE: u64 = 1024 * 1024;
/// How long to wait for the end of the target's stderr: a stray program of the user's may hold it open.
const STDERR_LIMIT: Duration = Duration::from_millis(200);

/// The logs and stderrs of all hops.
#[derive(Debug)]
pub(super) struct Logs {
    files: Vec<LogFile>,
    said: SshSaid,
    /// Where the hops' accepted keys go.
    links: Vec<Option<PathBuf>>,
    /// How many hops are before the first of these.
    before: usize,
    events: mpsc::Sender<MasterEvent>,
    stderr: Option<JoinHandle<String>>,
}

/// Which text of a hop a file holds.
#[derive(Debug, Clone, Copy)]
enum Part {
    Log,
    Stderr,
}

/// A file that an ssh process writes.
#[derive(Debug)]
struct LogFile {
    hop: usize,
    part: Part,
    path: PathBuf,
    /// How far it was read, in bytes.
    offset: u64,
    /// The start of a line whose end was not written yet.
    rest: String,
}

impl Logs {
    /// `stderr` is the target's.
    pub(super) fn new(
        config: &GeneratedConfig,
        stderr: Option<ChildStderr>,
        events: mpsc::Sender<MasterEvent>,
    ) -> Self {
        let mut files = Vec::new();
        for (index, hop) in config.hops.iter().enumerate() {
            files.push(LogFile::new(index, Part::Log, hop.log.clone()));
            files.extend(hop.stderr.clone().map(|path| LogFile::new(index, Part::Stderr, path)));
        }
        let hops = config.hops.iter().map(|hop| {
            let entry = if hop.address.is_some() { Entry::Standing } else { Entry::Login };
            HopSaid { entry, ..HopSaid::default() }
        });
        let said = SshSaid { hops: hops.collect() };
        let links = config.hops.iter().map(known::link_of).collect();
        let before = config.first;
        let last = before + config.hops.len() - 1;
        let stderr = stderr.map(|stderr| tokio::spawn(read_stderr(stderr, last, events.clone())));
        Self { files, said, links, before, events, stderr }
    }

    /// All that was read so far.
    pub(super) fn said(&self) -> &SshSaid {
        &self.said
    }

    /// Tells that so many of the hops have let us in, if somebody keeps up with it.
    pub(super) fn tell_login(&self, count: usize) {
        let _ = self.events.try_send(MasterEvent::LoggedIn(self.before + count));
    }

    /// Adds a line to what a hop said.
    pub(super) fn add(&mut self, hop: usize, line: &str) {
        if let Some(said) = self.said.hops.get_mut(hop) {
            said.log.push_str(line);
            said.log.push('\n');
        }
    }

    /// Reads what is new: a few lines in files in memory, so this does not wait.
    pub(super) fn read(&mut self) {
        for file in &mut self.files {
            // A hop that was not started yet has no log.
            let Ok(bytes) = file.read_new() else { continue };
            file.rest.push_str(&String::from_utf8_lossy(&bytes));
            if file.rest.len() > 2 * MAX_LOG {
                // No server has a line of that length to say.
                file.rest.clear();
            }
            let hop = &mut self.said.hops[file.hop];
            let kept = match file.part {
                Part::Log => &mut hop.log,
                Part::Stderr => &mut hop.stderr,
            };
            while let Some(end) = file.rest.find('\n') {
                let line: String = file.rest.drain(..=end).collect();
                // For the eyes of whoever looks for the reason of a refusal.
                if line.starts_with(DEBUG) {
                    continue;
                }
                let known = self.links.get(file.hop).and_then(Option::as_deref);
                let truth = known.and_then(|at| known::told_once(at, &line));
                tell_line(&self.events, self.before + file.hop, truth.as_deref().unwrap_or(&line));
                if kept.len() + line.len() <= MAX_LOG {
                    kept.push_str(&line);
                }
            }
        }
    }

    /// Reads the rest, once the processes are gone.
    pub(super) async fn finish(&mut self) {
        self.read();
        if let Some(task) = &mut self.stderr {
            match tokio::time::timeout(STDERR_LIMIT, &mut *task).await {
                Ok(Ok(text)) => self.said.hops.iter_mut().last().map_or((), |hop| hop.stderr = text),
                Ok(Err(_)) | Err(_) => task.abort(),
            }
            self.stderr = None;
        }
    }
}

impl LogFile {
    fn new(hop: usize, part: Part, path: PathBuf) -> Self {
        Self { hop, part, path, offset: 0, rest: String::new() }
    }

    fn read_new(&mut self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        let read = file.take(MAX_LOG as u64).read_to_end(&mut bytes)?;
        self.offset += read as u64;
        if self.offset > MAX_FILE {
            // A server may send banners for ever; ssh appends, so it goes on at the start.
            File::options().write(true).open(&self.path)?.set_len(0)?;
            self.offset = 0;
        }
        Ok(bytes)
    }
}

/// Reads the stderr of hop `hop` to its end, keeps its beginning.
async fn read_stderr(mut stderr: ChildStderr, hop: usize, events: mpsc::Sender<MasterEvent>) -> String {
    let mut kept = Vec::new();
    let mut told = 0;
    let mut block = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut block).await {
        let room = MAX_LOG.saturating_sub(kept.len());
        kept.extend_from_slice(&block[..read.min(room)]);
        while let Some(length) = kept[told..].iter().position(|&byte| byte == b'\n') {
            tell_line(&events, hop, &String::from_utf8_lossy(&kept[told..told + length]));
            told += length + 1;
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn tell_line(events: &mpsc::Sender<MasterEvent>, hop: usize, line: &str) {
    let line = clean(line);
    if !line.is_empty() {
        // Log lines are the ones that may be lost when nobody reads.
        let _ = events.try_send(MasterEvent::Said(hop, line));
    }
}
