//! What the ssh processes of one connection say, kept within bounds.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use tokio::{io::AsyncReadExt, process::ChildStderr, sync::mpsc, task::JoinHandle};

use super::MasterEvent;
use crate::remote::{ssh_config::GeneratedConfig, ssh_message::SshSaid, text::clean};

/// Bytes kept of each log.
const MAX_LOG: usize = 64 * 1024;
/// How long to wait for the end of the common stderr: a stray program of the user's may hold it open.
const STDERR_LIMIT: Duration = Duration::from_millis(200);

/// The logs of all hops and the common stderr.
#[derive(Debug)]
pub(super) struct Logs {
    hops: Vec<HopLog>,
    said: SshSaid,
    events: mpsc::Sender<MasterEvent>,
    stderr: Option<JoinHandle<String>>,
}

/// One hop's log file.
#[derive(Debug)]
struct HopLog {
    path: PathBuf,
    /// How far it was read, in bytes.
    offset: u64,
    /// The start of a line whose end was not written yet.
    rest: String,
}

impl Logs {
    pub(super) fn new(
        config: &GeneratedConfig,
        stderr: Option<ChildStderr>,
        events: mpsc::Sender<MasterEvent>,
    ) -> Self {
        let hops: Vec<_> = config
            .hops
            .iter()
            .map(|hop| HopLog { path: hop.log.clone(), offset: 0, rest: String::new() })
            .collect();
        let said = SshSaid { hops: vec![String::new(); hops.len()], other: String::new() };
        let stderr = stderr.map(|stderr| tokio::spawn(read_stderr(stderr, events.clone())));
        Self { hops, said, events, stderr }
    }

    /// All that was read so far.
    pub(super) fn said(&self) -> &SshSaid {
        &self.said
    }

    /// Passes news on, if somebody keeps up with it.
    pub(super) fn tell(&self, event: MasterEvent) {
        let _ = self.events.try_send(event);
    }

    /// Reads what is new in the hops' logs: a few lines in files in memory, so this does not wait.
    pub(super) fn read(&mut self) {
        for (index, (hop, said)) in self.hops.iter_mut().zip(&mut self.said.hops).enumerate() {
            // A hop that was not started yet has no log.
            let Ok(bytes) = hop.read_new() else { continue };
            hop.rest.push_str(&String::from_utf8_lossy(&bytes));
            while let Some(end) = hop.rest.find('\n') {
                let line: String = hop.rest.drain(..=end).collect();
                tell_line(&self.events, Some(index), &line);
                if said.len() + line.len() <= MAX_LOG {
                    said.push_str(&line);
                }
            }
        }
    }

    /// Reads the rest, once the processes are gone.
    pub(super) async fn finish(&mut self) {
        self.read();
        if let Some(task) = &mut self.stderr {
            match tokio::time::timeout(STDERR_LIMIT, &mut *task).await {
                Ok(Ok(text)) => self.said.other = text,
                Ok(Err(_)) | Err(_) => task.abort(),
            }
            self.stderr = None;
        }
    }
}

impl HopLog {
    fn read_new(&mut self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        let read = file.take(MAX_LOG as u64).read_to_end(&mut bytes)?;
        self.offset += read as u64;
        Ok(bytes)
    }
}

/// Reads the common stderr to its end, keeps its beginning.
async fn read_stderr(mut stderr: ChildStderr, events: mpsc::Sender<MasterEvent>) -> String {
    let mut kept = Vec::new();
    let mut told = 0;
    let mut block = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut block).await {
        let room = MAX_LOG.saturating_sub(kept.len());
        kept.extend_from_slice(&block[..read.min(room)]);
        while let Some(length) = kept[told..].iter().position(|&byte| byte == b'\n') {
            tell_line(&events, None, &String::from_utf8_lossy(&kept[told..told + length]));
            told += length + 1;
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn tell_line(events: &mpsc::Sender<MasterEvent>, hop: Option<usize>, line: &str) {
    let line = clean(line);
    if !line.is_empty() {
        // Log lines are the ones that may be lost when nobody reads.
        let _ = events.try_send(MasterEvent::Said(hop, line));
    }
}
