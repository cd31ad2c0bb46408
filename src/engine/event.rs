//! What a front says to the engine, and what it hears back.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::SystemTime};

use tokio::sync::oneshot;

use super::{
    askpass::Answer,
    clean::Errand,
    spool::Saved,
    unsaved::{Fate, Unsaved},
};
use crate::{
    packet::SaveRange,
    profile::{Target, TargetName},
    remote::{probe::ProbeReport, rates::Flow},
    session::{Counters, FailKind, Failure, Outcome, Sample, State, StoppedBy},
};

/// A session's number, unique in one run of wrcap; it is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A question's number, unique in one run of wrcap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuestionId {
    /// The session that waits for the answer.
    pub session: SessionId,
    /// Counted from 0 in each session.
    pub number: u32,
}

/// Where a session's packets are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Keep {
    /// In the spool, until the session is dismissed.
    #[default]
    Spool,
    /// In this file, which stays, or in several of that name where the profile rotates them. Names in braces in its
    /// last part are filled in.
    File(PathBuf),
    /// As the profile's `record` says, without overwriting anything: a folder, or a path with names in braces.
    Record(PathBuf),
    /// In the spool, and copied to this pipe or device; `-` is stdout.
    Stream(PathBuf),
}

/// What a front asks for. About a session that is gone, a command does nothing.
#[derive(Debug)]
pub enum Command {
    /// Start a session.
    Start {
        /// What to capture.
        target: Box<Target>,
        /// Where to keep it.
        keep: Keep,
        /// The number it got.
        reply: oneshot::Sender<SessionId>,
    },
    /// End a session, last packets and final statistics awaited.
    Stop(SessionId, StoppedBy),
    /// End a session now.
    Kill(SessionId),
    /// Open a viewer on a session, live or ended.
    OpenViewer(SessionId),
    /// Look at what a target has and what flows there, until the look is dismissed; it has a number like a session's.
    Look {
        /// Comes back with [`LookNews::Began`].
        ticket: u64,
        /// Where; its filter is compiled there.
        target: Box<Target>,
        /// The session whose connection may be used.
        over: Option<SessionId>,
    },
    /// Lend the connection of a session for a short question.
    Lend {
        /// Whose.
        session: SessionId,
        /// Gets the connection; `None` where there is none.
        reply: oneshot::Sender<Option<Arc<openssh::Session>>>,
    },
    /// Answer a question.
    Answer(QuestionId, Answer),
    /// Save what a session holds, live or ended, as a file that stays. The answer is an event.
    Save {
        /// Whose packets.
        session: SessionId,
        /// Which of them.
        range: SaveRange,
        /// Where: a file, or a folder in which it gets a name of its own; `~` and names in braces are filled in.
        /// A file that is there is not overwritten, the new one gets a number.
        path: PathBuf,
    },
    /// Forget an ended session and delete its spool, or end a look.
    Dismiss(SessionId),
    /// Look for what earlier sessions left on a target, or end it.
    Sweep(Errand),
    /// End everything; the event channel closes when nothing is left but what nobody has saved, if that is to stay.
    Shutdown(Unsaved),
}

/// Something that happened in a session. `sequence` grows by one from event to event of all sessions.
#[derive(Debug)]
pub struct Event {
    /// Whose.
    pub session: SessionId,
    /// Its place in the one order of events.
    pub sequence: u64,
    /// When, by this machine's clock.
    pub at: SystemTime,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug)]
pub enum EventKind {
    /// A session began.
    Started {
        /// Its target's name.
        name: TargetName,
        /// Its numbers, to be sampled.
        counters: Arc<Counters>,
        /// What it captures: the saved target, or one that was changed for this session alone.
        target: Arc<Target>,
    },
    /// ssh runs; its command line, for humans.
    Dialing {
        /// Every argument, quoted for a shell.
        command_line: String,
    },
    /// All hops have let us in.
    Connected {
        /// Since when the connection to the last bastion stands, where it is shared.
        bastion_since: Option<SystemTime>,
    },
    /// The target has become silent, and the last bastion was asked whether it is there.
    Bastion {
        /// It is.
        answers: bool,
    },
    /// It stands somewhere else now. Never dropped.
    State(State),
    /// The interface it captures on, and the whole tcpdump lines, as soon as both are known.
    Armed {
        /// The target's name for it.
        interface: String,
        /// What runs on the target for each interface, a line each for humans.
        command_lines: Vec<String>,
    },
    /// ssh or sudo asks. Never dropped.
    Asked(Question),
    /// A question needs no answer any more.
    Withdrawn(QuestionId),
    /// News of a look.
    Look(LookNews),
    /// A viewer was started, attached or left.
    Viewer(ViewerEvent),
    /// Something worth a line. Dropped and counted when the front does not keep up.
    Log {
        /// Who says it: a hop's name, `ssh`, `tcpdump`, `viewer`, `wrcap`.
        source: String,
        /// One line, cleaned.
        text: String,
    },
    /// A part of it was saved. Never dropped.
    Saved {
        /// The file.
        file: Saved,
        /// How many packets, from the session's first one on, are in no danger any more: they are in a file that was
        /// saved, or had been evicted before.
        reaches: u64,
    },
    /// It could not be saved. Never dropped.
    NotSaved(Failure),
    /// Something goes wrong, or no longer does, and the session goes on. Never dropped.
    Warning {
        /// One line, cleaned.
        text: String,
    },
    /// It is over and everything of it is down. Never dropped.
    Ended(Box<Report>),
    /// What became of its packets that are in no file, the last word of a session that had some. Never dropped.
    Unsaved(Fate),
}

/// What a look at a target saw.
#[derive(Debug)]
pub enum LookNews {
    /// It began; the event's number is the look's.
    Began {
        /// As the front gave it.
        ticket: u64,
    },
    /// This many hops have let us in.
    Reached(usize),
    /// What the target has.
    Seen(Box<ProbeReport>),
    /// What flowed on its interfaces since the reading before, every two seconds.
    Flows(BTreeMap<String, Flow>),
    /// Nothing more will come: why.
    Failed(Box<Failure>),
}

/// A question for a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its number.
    pub id: QuestionId,
    /// The machine it is about, as the user names it.
    pub hop: String,
    /// What kind of question, with its details.
    pub prompt: crate::remote::prompt::Prompt,
    /// How often the same thing was asked, this time included.
    pub attempt: u32,
    /// Whether a host key can be trusted for this session only.
    pub once: bool,
}

/// What a viewer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewerEvent {
    /// Its process runs.
    Started {
        /// Its program.
        program: String,
        /// Its process id.
        pid: u32,
    },
    /// Its process ended.
    Exited {
        /// Its process id.
        pid: u32,
        /// Why, where it was not simply closed: its last words, or the signal that ended it.
        error: Option<String>,
    },
    /// It could not be started.
    Failed(Failure),
}

/// The account of a session that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its target.
    pub name: TargetName,
    /// How it ended.
    pub outcome: Outcome,
    /// All its numbers.
    pub sample: Sample,
    /// True if tcpdump's final statistics arrived: without them drops may be unknown.
    pub statistics_final: bool,
    /// Bytes of the capture that the reader of a stream had not taken when it left, or when nobody waited any longer.
    pub untaken_bytes: u64,
    /// The file that holds the packets, if they were to be kept; the last one of several.
    pub file: Option<PathBuf>,
    /// All files that hold them, oldest first.
    pub files: Vec<PathBuf>,
}

impl Report {
    /// True only if nothing was lost, as far as everything that counts was heard.
    pub fn is_complete(&self) -> bool {
        self.losses().is_empty()
    }

    /// Why the capture is not complete, a phrase for each reason.
    pub fn losses(&self) -> Vec<String> {
        let mut losses = self.sample.losses();
        if !self.statistics_final {
            losses.push("the final statistics of tcpdump did not arrive".to_owned());
        }
        if self.untaken_bytes > 0 {
            losses.push(format!("{} bytes not taken by the reader of the stream", self.untaken_bytes));
        }
        // A failure to keep packets that no counter knows.
        if let (Outcome::Failed(failure), true) = (&self.outcome, losses.is_empty())
            && failure.kind == FailKind::File
        {
            losses.push(failure.message.clone());
        }
        losses
    }
}
