//! What is asked of a target about processes of ours, and what it answers (`sweep.sh`), read strictly.

use super::{label::Label, minder::Tag, script, text::clean};
use crate::session::{FailKind, Failure, Stage};
use std::{collections::BTreeMap, time::Duration};

/// The most processes that may be ended at once.
pub const MAX_CHOSEN: usize = 500;

/// A process on the target: what its kernel says, the arguments cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent's; 1 when that is gone.
    pub parent: u32,
    /// Its process group's.
    pub group: u32,
    /// Whose it is; 0 is root.
    pub uid: u32,
    /// When it was started, in the target's own words: with the id it means this process and no later one.
    pub start: String,
    /// How long ago that was.
    pub age: Duration,
    /// The letter that the system has for what it does: `T` is stopped.
    pub state: char,
    /// Its arguments, joined by spaces.
    pub args: String,
    /// The label in its environment.
    pub mark: Option<Label>,
    /// How many of the connections that its filter excludes are still there.
    pub connections: usize,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sweep {
    /// The login user's id.
    pub uid: u32,
    /// The target hides processes of other users.
    pub hidden: bool,
    /// What may be ours, by id.
    pub processes: BTreeMap<u32, Process>,
}

/// How a process is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By signals to it.
    Own,
    /// As [`Kind::Own`], after it was told who ends it: the shell that runs `minder.sh`.
    Minder,
    /// By what it passes on: a sudo or doas, which nothing but root may kill and which then leaves its child behind.
    Relay,
}

/// A process to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its id.
    pub pid: u32,
    /// [`Process::start`].
    pub start: String,
    /// How.
    pub kind: Kind,
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// There are no markers, or only the first: what came instead.
    #[error("the target did not list its processes but said: {0}")]
    Markers(String),
    /// A line between the markers that the sweep does not write.
    #[error("the target's list of processes holds a line that makes no sense: {0}")]
    Line(String),
}

impl SweepError {
    /// The failure to tell.
    pub fn failure(&self, target: &str) -> Failure {
        Failure::new(Stage::Probe, Some(target), FailKind::BadAnswer, format!("{target}: {self}"))
            .hint("see what `ssh` prints there without wrcap: a login script may be in the way")
    }
}

/// The bytes to send on a channel that runs [`script::command`], to look and nothing else.
pub fn questions(tag: &Tag) -> Vec<u8> {
    request(tag, "look", &[])
}

/// The bytes that end processes and then look again; at most [`MAX_CHOSEN`] of them.
pub fn orders(tag: &Tag, chosen: &[Chosen]) -> Vec<u8> {
    request(tag, "end", &chosen[..chosen.len().min(MAX_CHOSEN)])
}

fn request(tag: &Tag, mode: &str, chosen: &[Chosen]) -> Vec<u8> {
    let script = script::flatten(include_str!("sweep.sh"));
    let lines = chosen.iter().map(|Chosen { pid, start, kind }| {
        let kind = match kind {
            Kind::Own => "own",
            Kind::Minder => "minder",
            Kind::Relay => "relay",
        };
        format!("{pid} {start} {kind}\n")
    });
    format!("{script}\n{tag}\n{mode}\n{}\n{}", chosen.len(), lines.collect::<String>()).into_bytes()
}

impl Sweep {
    /// Reads the whole stdout of the sweep's channel; what a login shell printed around it does not matter.
    pub fn parse(bytes: &[u8], tag: &Tag) -> Result<Self, SweepError> {
        let text = String::from_utf8_lossy(bytes);
        let body = between(&text, tag)
            .ok_or_else(|| SweepError::Markers(clean(&text.chars().take(400).collect::<String>())))?;
        let mut sweep = Self::default();
        for line in body.lines() {
            sweep.take(line).ok_or_else(|| SweepError::Line(clean(line)))?;
        }
        Ok(sweep)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "uid" => self.uid = value.trim().parse().ok()?,
            "system" => {}
            "hidden" => self.hidden = true,
            "process" => {
                let process = process(value)?;
                self.processes.insert(process.pid, process);
            }
            "env" => {
                let (pid, label) = value.split_once(' ')?;
                let process = self.processes.get_mut(&pid.parse().ok()?)?;
                process.mark = Label::parse(label.trim());
            }
            "alive" => {
                let pid = value.split(' ').next()?.parse().ok()?;
                self.processes.get_mut(&pid)?.connections += 1;
            }
            _ => return None,
        }
        Some(())
    }
}

/// What stands between the markers.
fn between<'a>(text: &'a str, tag: &Tag) -> Option<&'a str> {
    let (_, body) = text.split_once(&format!("wrcap-sweep {tag}\n"))?;
    body.split_once(&format!("wrcap-sweep-end {tag}")).map(|(body, _)| body)
}

/// The value of a `process` line.
fn process(value: &str) -> Option<Process> {
    let mut words = value.splitn(8, ' ');
    let mut next = || words.next();
    Some(Process {
        pid: next()?.parse().ok()?,
        parent: next()?.parse().ok()?,
        group: next()?.parse().ok()?,
        uid: next()?.parse().ok()?,
        start: next().filter(|start| is_start(start))?.to_owned(),
        age: age(next()?)?,
        state: next()?.chars().next()?,
        args: whole(next().unwrap_or_default()),
        mark: None,
        connections: 0,
    })
}

/// It goes back to the target as one word of a line.
fn is_start(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'))
}

/// Seconds, or `[[DD-]HH:]MM:SS`. A negative number is a container's clock, and means just now.
fn age(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    }
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let parts = clock.split(':').map(|part| part.parse::<u64>().ok()).collect::<Option<Vec<_>>>()?;
    let seconds = match parts.as_slice() {
        [minutes, seconds] => minutes.checked_mul(60)?.checked_add(*seconds)?,
        [hours, minutes, seconds] => {
            hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(*seconds)?
        }
        _ => return None,
    };
    let days: u64 = days.parse().ok()?;
    Some(Duration::from_secs(days.checked_mul(86_400)?.checked_add(seconds)?))
}

/// All arguments without control characters: what is cut for the screen would be cut for the decision too.
fn whole(args: &str) -> String {
    args.chars().filter(|c| !c.is_control()).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
