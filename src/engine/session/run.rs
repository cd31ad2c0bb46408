//! One run of the capture on the target, and what it said on its way.

use super::capture::{Capture, CaptureNews};
use crate::{
    engine::{
        pump::{Broken, PumpEnd, PumpError},
        spool::{SpoolError, SpoolWriter},
    },
    packet::{InterfaceInfo, InterfaceStatistics},
    profile::Target,
    remote::{
        minder::Wire,
        plan::Plan,
        privilege::Refusal,
        tcpdump::{self, Count, Statistics, Totals},
    },
    session::{FailKind, Failure, KernelCounts, Stage},
};

/// What to do about a stream that is no capture.
const BAD_STREAM: &str =
    "look for a login script, a forced command or a `command:` that writes anything but packets";

/// A run of the capture.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) capture: Capture,
    /// What tcpdump or sudo gave as the reason, if anything.
    pub(super) complaint: Option<Complaint>,
    /// By channel, as the exit codes.
    totals: Vec<Totals>,
    /// The last line that nobody understood.
    pub(super) last_line: Option<String>,
    /// The exit codes that the minders reported.
    exits: Vec<Option<i32>>,
    /// Whether `wrcap clean` ended it, by the minder's word.
    pub(super) cleaned: bool,
    /// What the target said last of each interface.
    wires: Vec<Option<Wire>>,
}

/// Why a capture could not start or go on, in the target's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Complaint {
    /// sudo or doas.
    Refused(Refusal, String),
    /// tcpdump.
    Tcpdump(FailKind, String),
}

/// What is left of a run for the file and the report.
#[derive(Debug, Default)]
pub(super) struct Remains {
    pub(super) interfaces: Vec<InterfaceInfo>,
    pub(super) statistics: Vec<InterfaceStatistics>,
    pub(super) delivered: Vec<u64>,
    /// Whether packets could flow at all.
    pub(super) began: bool,
    pub(super) statistics_final: bool,
}

impl Run {
    pub(super) fn new(capture: Capture) -> Self {
        let channels = capture.channels();
        Self {
            capture,
            complaint: None,
            totals: vec![Totals::default(); channels],
            last_line: None,
            exits: vec![None; channels],
            cleaned: false,
            wires: vec![None; channels],
        }
    }

    /// Takes one line of a tcpdump's final statistics; gives them once they are whole.
    pub(super) fn total(&mut self, channel: usize, count: Count) -> Option<Statistics> {
        let totals = self.totals.get_mut(channel)?;
        totals.add(count);
        totals.statistics()
    }

    /// Takes the exit code that a minder reported.
    pub(super) fn exited(&mut self, channel: usize, code: i32) {
        if let Some(exit) = self.exits.get_mut(channel) {
            *exit = Some(code);
        }
    }

    /// Takes what a minder said of its interface, if anything; gives what it had said before.
    pub(super) fn wired(&mut self, channel: usize, wire: Option<Wire>) -> Option<Wire> {
        self.wires.get_mut(channel).and_then(|known| std::mem::replace(known, wire))
    }

    /// How the capture ended: none without a word of every minder, else with the first code that tells of a failure.
    fn exit(&self) -> Option<i32> {
        let codes = self.exits.iter().copied().collect::<Option<Vec<i32>>>()?;
        codes.into_iter().reduce(|first, next| if first == 0 { next } else { first })
    }

    /// Whether another password could help.
    pub(super) fn has_wrong_password(&self) -> bool {
        let complaint = self.complaint.as_ref();
        matches!(complaint, Some(Complaint::Refused(Refusal::WrongPassword | Refusal::PasswordRequired, _)))
    }

    /// Reads on until both streams are at their end, and keeps only what the streams leave behind.
    pub(super) async fn drain(&mut self) {
        while !matches!(self.capture.next().await, CaptureNews::Over) {}
    }

    /// Judges a run whose streams are at their end. `live` says whether packets could flow and nobody had asked
    /// for the end.
    pub(super) fn conclude(
        mut self,
        target: &Target,
        plan: Option<&Plan>,
        live: bool,
    ) -> (Result<(), Failure>, Option<SpoolWriter>, Remains) {
        let own = target.command.is_some();
        let Some(end) = self.capture.end.take() else {
            return (self.judge(target, plan, live, Ok(())), None, Remains::default());
        };
        let PumpEnd { writer, interfaces, statistics, delivered, began, result } = *end;
        let statistics_final = if own {
            self.exit() == Some(0) && result.is_ok()
        } else {
            self.totals.iter().all(|totals| totals.statistics().is_some())
        };
        let remains = Remains { interfaces, statistics, delivered, began, statistics_final };
        (self.judge(target, plan, live, result), Some(writer), remains)
    }

    /// The first thing that explains the end wins: our own disk, then the target's words, then its exit code.
    fn judge(
        self,
        target: &Target,
        plan: Option<&Plan>,
        live: bool,
        pumped: Result<(), PumpError>,
    ) -> Result<(), Failure> {
        let hop = &target.host.to_string();
        let stage = if live { Stage::Capture } else { Stage::Arm };
        if let Err(PumpError::Spool(error)) = &pumped {
            return Err(disk_failure(error));
        }
        if let Err(error @ PumpError::LinkType(_)) = &pumped {
            return Err(no_match(hop, &error.to_string()));
        }
        if self.cleaned {
            let message = format!("the capture on {hop} was ended by `wrcap clean`");
            return Err(Failure::new(stage, Some(hop), FailKind::Cleaned, message).hint(
                "`wrcap clean --all` also ends captures that run: start it again, if that was not meant",
            ));
        }
        let exit = self.exit();
        match (self.complaint, plan) {
            (Some(Complaint::Refused(refusal, words)), Some(plan)) => {
                return Err(plan.refused(refusal, &words));
            }
            (Some(Complaint::Tcpdump(kind, words)), _) => {
                return Err(tcpdump::failure(kind, &words, stage, hop));
            }
            _ => {}
        }
        let said = self.last_line.map_or(String::new(), |line| format!(": {line}"));
        match (exit, pumped) {
            (None, _) => Err(Failure::new(
                stage,
                Some(hop),
                FailKind::LinkLost,
                format!("the capture on {hop} broke off{said}"),
            )
            .hint("the connection or the shell on the target ended without a word")),
            (Some(0), Err(error)) | (Some(_), Err(error @ PumpError::Stream(_)))
                if said.is_empty() && !error.is_cut() =>
            {
                Err(Failure::new(
                    stage,
                    Some(hop),
                    FailKind::BadStream,
                    format!("the capture from {hop} cannot be read: {error}"),
                )
                .hint(BAD_STREAM))
            }
            (Some(0), _) if target.command.is_some() || !live => Ok(()),
            (Some(0), _) => Err(Failure::new(
                stage,
                Some(hop),
                FailKind::CaptureDied,
                format!("tcpdump on {hop} was ended by somebody else"),
            )
            .hint("look on the target who ended it, then start again")),
            // As shells and sudo tell it: 128 and the signal.
            (Some(code @ 129..), _) if target.command.is_none() => Err(Failure::new(
                stage,
                Some(hop),
                FailKind::CaptureDied,
                format!("tcpdump on {hop} was killed by somebody else (signal {})", code - 128),
            )),
            (Some(code), _) => Err(Failure::new(
                stage,
                Some(hop),
                FailKind::CaptureDied,
                format!("the capture on {hop} ended with code {code}{said}"),
            )),
        }
    }
}

/// The failure of a capture that goes on and is of no use.
pub(super) fn broken(broken: Broken, target: &Target, live: bool) -> Failure {
    match broken {
        Broken::Disk(words) => written(words),
        Broken::Match(words) => no_match(&target.host.to_string(), &words),
        Broken::Stream(words) => {
            let (hop, stage) = (target.host.to_string(), if live { Stage::Capture } else { Stage::Arm });
            let message = format!("the capture from {hop} cannot be read: {words}");
            Failure::new(stage, Some(&hop), FailKind::BadStream, message).hint(BAD_STREAM)
        }
    }
}

/// `stop_after.match` is compiled for link types, and the stream has another one.
fn no_match(hop: &str, words: &str) -> Failure {
    Failure::new(
        Stage::Arm,
        Some(hop),
        FailKind::Filter,
        format!("the capture on {hop} cannot begin: {words}"),
    )
    .hint("capture on another interface, or leave out stop_after.match")
}

/// The failure of our own disk.
pub(super) fn disk_failure(error: &SpoolError) -> Failure {
    written(error.to_string())
}

fn written(words: String) -> Failure {
    Failure::new(Stage::Write, None, FailKind::File, words)
        .hint("free some space, or choose another place with `record:`")
        .by_option("free some space, or choose another place with -w or `record:`")
}

/// tcpdump's counts as the ledger takes them.
pub(super) fn kernel_counts(statistics: &Statistics) -> KernelCounts {
    KernelCounts {
        received: statistics.received,
        dropped: statistics.dropped,
        interface_dropped: statistics.interface_dropped.unwrap_or(0),
    }
}
