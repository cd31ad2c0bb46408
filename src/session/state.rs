//! The states of a session, each with what is true only then.

use std::time::Instant;

use super::{failure::Failure, gap::Gap, link::Link};

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// ssh is on its way through the hops.
    Connecting {
        /// Since when.
        since: Instant,
        /// The gap that this is to end, if the capture had begun before.
        gap: Option<Box<Gap>>,
    },
    /// Somebody must answer a question before it can go on.
    Asking {
        /// The question as it was asked, cleaned.
        question: String,
        /// Since when.
        since: Instant,
        /// Where it goes on once answered.
        resume: Box<State>,
    },
    /// Logged in; the target is asked what it has.
    Probing {
        /// Since when.
        since: Instant,
        /// As in [`State::Connecting`].
        gap: Option<Box<Gap>>,
    },
    /// tcpdump was started; no header has come yet.
    Arming {
        /// When the minder on the target was last heard, at first since when.
        heard: Instant,
        /// As in [`State::Connecting`].
        gap: Option<Box<Gap>>,
    },
    /// Packets may flow.
    Live {
        /// Since when.
        since: Instant,
        /// Whether the target still hears us.
        link: Link,
    },
    /// The capture broke off; the next try to go on with it is waited for.
    Retrying {
        /// Since when, why, and which try.
        gap: Box<Gap>,
        /// When the try begins.
        at: Instant,
    },
    /// The end was asked for; the last packets and statistics are awaited.
    Stopping {
        /// Who or what asked.
        by: StoppedBy,
        /// How hard we are trying.
        step: StopStep,
        /// Since when this step.
        since: Instant,
    },
    /// Over.
    Ended {
        /// Since when.
        at: Instant,
        /// How.
        outcome: Outcome,
    },
}

/// Who or what ended a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoppedBy {
    /// A key, Ctrl-c, or a closed stdout.
    User,
    /// SIGTERM, SIGHUP, or quitting.
    Shutdown,
    /// A stop condition was reached.
    Limit(Limit),
    /// The viewer was closed.
    ViewerClosed,
    /// The user's own capture command came to its end.
    SourceEnded,
    /// Something broke.
    Failure(Failure),
}

/// Which stop condition was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `stop_after.packets`.
    Packets,
    /// `stop_after.bytes`.
    Bytes,
    /// `stop_after.duration`.
    Duration,
    /// `stop_after.at`.
    Time,
    /// `stop_after.match`, and `then` after it.
    Match,
}

impl Limit {
    /// The word used in JSON and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Packets => "packets",
            Self::Bytes => "bytes",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Match => "match",
        }
    }
}

/// How hard a stop is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopStep {
    /// What the target's kernel still holds is awaited.
    Settling,
    /// `stop` was sent; tcpdump ends by itself.
    Asked,
    /// The channel's stdin was closed; the minder ends tcpdump.
    Closed,
    /// The ssh master is being ended.
    Killed,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As asked, with packets or without.
    Stopped(StoppedBy),
    /// Asked to end before the capture had started.
    Interrupted,
    /// Badly.
    Failed(Failure),
}

impl State {
    /// All that [`word`](Self::word) says.
    pub const WORDS: [&str; 10] =
        ["fail", "ask", "late", "retry", "live", "dial", "probe", "arm", "stop", "done"];

    /// The word for lists, JSON and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Asking { .. } => "ask",
            state if state.gap().is_some() => "retry",
            Self::Connecting { .. } => "dial",
            Self::Probing { .. } => "probe",
            Self::Arming { .. } => "arm",
            Self::Live { link: Link::Live { .. }, .. } => "live",
            Self::Live { .. } => "late",
            Self::Retrying { .. } => "retry",
            Self::Stopping { .. } => "stop",
            Self::Ended { outcome: Outcome::Failed(_), .. } => "fail",
            Self::Ended { .. } => "done",
        }
    }

    /// True once nothing can happen any more.
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// True while packets may flow.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// The gap that the capture is in.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Asking { resume, .. } => resume.gap(),
            Self::Retrying { gap, .. } => Some(gap),
            Self::Connecting { gap, .. } | Self::Probing { gap, .. } | Self::Arming { gap, .. } => {
                gap.as_deref()
            }
            Self::Live { .. } | Self::Stopping { .. } | Self::Ended { .. } => None,
        }
    }

    /// The gap that it is in, its own state given up.
    pub(super) fn into_gap(self) -> Option<Box<Gap>> {
        match self {
            Self::Asking { resume, .. } => resume.into_gap(),
            Self::Retrying { gap, .. } => Some(gap),
            Self::Connecting { gap, .. } | Self::Probing { gap, .. } | Self::Arming { gap, .. } => gap,
            Self::Live { .. } | Self::Stopping { .. } | Self::Ended { .. } => None,
        }
    }

    /// True once packets could flow, until the end is asked for: also while a gap lasts.
    pub fn has_begun(&self) -> bool {
        self.is_live() || self.gap().is_some()
    }

    /// The failure that ended it or is ending it.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Ended { outcome: Outcome::Failed(failure), .. }
            | Self::Stopping { by: StoppedBy::Failure(failure), .. } => Some(failure),
            _ => None,
        }
    }
}

impl Outcome {
    /// The stop condition that was reached, if that is how it ended.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Self::Stopped(StoppedBy::Limit(limit)) => Some(*limit),
            _ => None,
        }
    }

    /// The word for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stopped(StoppedBy::Limit(_)) => "limit",
            Self::Stopped(StoppedBy::ViewerClosed) => "viewer-closed",
            Self::Stopped(_) => "stopped",
            Self::Interrupted => "interrupted",
            Self::Failed(_) => "failed",
        }
    }
}
