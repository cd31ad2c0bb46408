//! wrcap as a process, what it says, and how it ends.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{PATIENCE, holds_within, lab::Lab};

/// The most memory that wrcap may ever have, whatever it captures and from whom, in KiB.
pub(crate) const MOST_MEMORY: u64 = 150 << 10;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// A running wrcap whose outputs go to files; killed when dropped.
pub(crate) struct Wrcap {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code, or minus the signal.
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with the folders of this test.
pub(crate) fn program(lab: &Lab, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wrcap"));
    command.args(words).arg("--profiles").arg(lab.path("lab/profiles"));
    for (name, value) in folders(lab) {
        command.env(name, value);
    }
    command.env_remove("DISPLAY").env_remove("SSH_AUTH_SOCK").stdin(Stdio::null());
    command
}

/// The variables that say where things are kept.
pub(crate) fn folders(lab: &Lab) -> [(&'static str, PathBuf); 3] {
    [("XDG_RUNTIME_DIR", "r"), ("XDG_STATE_HOME", "s"), ("XDG_CONFIG_HOME", "c")]
        .map(|(name, folder)| (name, lab.path(folder)))
}

/// Runs wrcap to its end.
pub(crate) fn run(lab: &Lab, words: &[&str]) -> Ended {
    Wrcap::start(lab, words).end()
}

impl Wrcap {
    pub(crate) fn start(lab: &Lab, words: &[&str]) -> Self {
        Self::start_with(lab, words, |_| {})
    }

    /// Starts it after a last change, of its stdout for example.
    pub(crate) fn start_with(lab: &Lab, words: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let number = RUNS.fetch_add(1, Relaxed);
        let (out, err) = (lab.path(&format!("{number}.out")), lab.path(&format!("{number}.err")));
        let mut command = program(lab, words);
        command.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&err).unwrap());
        change(&mut command);
        Self { child: command.spawn().unwrap(), out, err }
    }

    pub(crate) fn stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// The file that its stdout goes to.
    pub(crate) fn stdout_path(&self) -> PathBuf {
        self.out.clone()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn said(&self) -> String {
        format!("--- stdout\n{}--- stderr\n{}", text(&self.out), text(&self.err))
    }

    /// The JSON events so far, wherever they went.
    pub(crate) fn events(&self) -> Vec<Value> {
        events(&(text(&self.out) + &text(&self.err)))
    }

    /// Waits until an event has come that `wanted` takes.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut found = None;
        let came = holds_within(PATIENCE, || {
            found = self.events().into_iter().find(|event| wanted(event));
            found.is_some()
        });
        assert!(came, "no {what}:\n{}", self.said());
        found.unwrap()
    }

    /// Waits until its messages for people hold these words.
    pub(crate) fn until_said(&self, words: &str) {
        assert!(holds_within(PATIENCE, || text(&self.err).contains(words)), "no {words:?}:\n{}", self.said());
    }

    pub(crate) fn until_live(&self) {
        self.until("live session", |event| event["event"] == "state" && event["state"] == "live");
    }

    /// The most memory that it ever had, in KiB; `None` once it has ended.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = text(Path::new(&format!("/proc/{}/status", self.id())));
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next().unwrap().parse().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let mut status = None;
        let over = holds_within(PATIENCE * 2, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(over, "it does not end:\n{}", self.said());
        let status = status.unwrap();
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap());
        Ended { code, out: text(&self.out), err: text(&self.err) }
    }
}

impl Drop for Wrcap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Itself, if it ended with this code.
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// All `ended` events.
    pub(crate) fn reports(&self) -> Vec<Value> {
        let all = events(&(self.out.clone() + &self.err));
        all.into_iter().filter(|event| event["event"] == "ended").collect()
    }

    /// The only `ended` event.
    pub(crate) fn report(&self) -> Value {
        let mut all = self.reports();
        assert_eq!(all.len(), 1, "{}\n{}", self.out, self.err);
        all.remove(0)
    }
}

fn events(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
