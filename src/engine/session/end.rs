//! The end of a session: the last blocks, the report, and nothing left behind.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, SystemTime},
};

use super::{
    driver::{Account, Driver, Storage},
    news::{copied, finished},
    run::{Remains, Run, disk_failure},
    work,
};
use crate::{
    engine::{
        dispatcher::Request,
        event::{EventKind, Keep, Report},
        spool::{SpoolError, SpoolFolder},
        unsaved::{Fate, Unsaved},
    },
    packet::{InterfaceInfo, InterfaceStatistics, writer as pcapng},
    session::{Failure, Gap, Outcome, StoppedBy},
};

/// How long the reader of a stream may take before somebody is told that it is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Driver {
    /// Takes the connection down, ends the spool, and reports.
    pub(super) async fn finish(&mut self) {
        self.take_down().await;
        for id in self.questions.cancel() {
            self.voice.say(EventKind::Withdrawn(id)).await;
        }
        self.account.end_gap();
        if let Some(failure) = self.end_spool() {
            self.machine.amend(failure);
        }
        self.finish_copy().await;
        self.voice.say(EventKind::State(self.machine.state().clone())).await;
        if let Some(spool) = &self.storage.spool {
            spool.end();
        }
        let report = self.report();
        self.voice.say(EventKind::Ended(Box::new(report))).await;
    }

    /// Takes down what there is: the connection and its channel.
    async fn take_down(&mut self) {
        self.work = None;
        if let Some(run) = &mut self.run {
            run.capture.close_stdin();
        }
        if self.down.is_none() {
            self.down = Some(Box::pin(work::disconnect(self.master.take(), self.run.take())));
        }
        let run = finished(&mut self.down).await;
        self.is_down(run);
        self.seat.left();
    }

    /// The connection is down; what its run left goes on to the next one.
    pub(super) fn is_down(&mut self, run: Option<Box<Run>>) {
        if let Some(run) = run {
            let (_, writer, remains) = run.conclude(&self.target, self.plan.as_deref(), false);
            self.storage.writer = writer;
            self.account.remember(remains);
        }
    }

    /// Writes the statistics block of each interface and closes the spool. A session that never captured has
    /// written no file.
    fn end_spool(&mut self) -> Option<Failure> {
        let writer = self.storage.writer.take()?;
        let spool = Arc::clone(writer.spool());
        let blocks = self.account.last_blocks(SystemTime::now());
        let result = writer.finish(&blocks);
        if self.storage.spool.is_none() {
            self.account.files = spool.files();
        }
        let error = result.err()?;
        if !matches!(error, SpoolError::Unwritten { .. } | SpoolError::Deleted { .. }) {
            self.account.statistics_final = false;
        }
        Some(disk_failure(&error))
    }

    /// Lets the reader of a stream take its time, until somebody loses patience. What it does not take is counted.
    async fn finish_copy(&mut self) {
        let mut told = Box::pin(tokio::time::sleep(PATIENCE));
        while self.ears.copy.is_some() {
            tokio::select! {
                result = copied(&mut self.ears.copy) => match result {
                    Ok(missed) => {
                        self.storage.progress = None;
                        self.missed(missed);
                    }
                    Err(error) => self.voice.log("wrcap", format!("could not write on: {error}")),
                },
                () = &mut told, if !told.is_elapsed() => {
                    let text = format!("waiting for the reader of {} to take the rest; Ctrl-c ends that", self.stream_name());
                    self.voice.say(EventKind::Warning { text }).await;
                }
                request = self.ears.requests.recv() => match request {
                    Some(Request::Stop(_) | Request::Kill) | None => break,
                    Some(Request::Shutdown(unsaved)) => {
                        self.storage.unsaved = unsaved;
                        break;
                    }
                    Some(_) => {}
                },
            }
        }
        if let Some(progress) = &self.storage.progress {
            self.account.untaken_bytes = progress.untaken();
        }
    }

    fn report(&self) -> Report {
        Report {
            name: self.target.name.clone(),
            outcome: self.outcome(),
            sample: self.account.counters.sample(),
            statistics_final: self.account.statistics_final,
            untaken_bytes: self.account.untaken_bytes,
            file: self.account.files.last().cloned(),
            files: self.account.files.clone(),
        }
    }

    /// What can still be done with a session that is over; true once it is to go.
    pub(super) async fn after(&mut self) -> bool {
        tokio::select! {
            request = self.ears.requests.recv() => match request {
                Some(Request::OpenViewer) => self.open_wanted_viewer().await,
                Some(Request::Save(range, path)) => self.save(range, &path).await,
                Some(Request::Shutdown(unsaved)) => {
                    self.storage.unsaved = unsaved;
                    return true;
                }
                Some(Request::Dismiss) | None => return true,
                Some(_) => {}
            },
            (event, _) = self.viewers.exited() => self.voice.say(EventKind::Viewer(event)).await,
        }
        false
    }

    /// Leaves the terminal to a viewer that needs it, as the shell would take it away from it, and waits for one
    /// that reads a pipe like for the end of a pipeline. Whoever asks for the
    /// end again, or asked by a signal that is not for the viewer too, does not have to wait.
    async fn wait_for_viewers(&mut self) {
        if self.outcome() == Outcome::Stopped(StoppedBy::Shutdown) {
            return;
        }
        while self.viewers.hold_us() {
            tokio::select! {
                (event, _) = self.viewers.exited() => self.voice.say(EventKind::Viewer(event)).await,
                request = self.ears.requests.recv() => {
                    if matches!(request, Some(Request::Stop(_) | Request::Kill) | None) {
                        return;
                    }
                }
            }
        }
    }

    /// Whether there are packets that are nowhere but in the spool; what a stream has got is its reader's.
    fn has_unsaved_packets(&self) -> bool {
        let sample = self.account.counters.sample();
        let is_only_here = match self.storage.keep {
            Keep::Spool => true,
            Keep::Stream(_) => self.account.untaken_bytes > 0,
            Keep::File(_) | Keep::Record(_) => false,
        };
        is_only_here && sample.only_in_spool(self.storage.saved.load(Relaxed)) > 0
    }

    /// Whether nobody has chosen to do without the packets.
    fn are_wanted(&self) -> bool {
        match self.storage.unsaved {
            Unsaved::Delete => false,
            Unsaved::KeepBroken => matches!(self.outcome(), Outcome::Failed(_)) || self.viewers.broke_off(),
            Unsaved::Keep => true,
        }
    }

    /// Leaves nothing here that is not to stay. Windows that are open stay.
    pub(super) async fn clean_up(mut self) {
        self.wait_for_viewers().await;
        self.wait_for_saves().await;
        let has_unsaved = self.has_unsaved_packets();
        let stays = has_unsaved && self.are_wanted();
        self.viewers.close().await;
        let Storage { spool, runtime, .. } = self.storage;
        if let Some(error) = runtime.and_then(|runtime| runtime.close().err()) {
            tracing::warn!(%error, "could not remove a folder");
        }
        let fate = spool.and_then(|spool| end_of(spool, stays));
        if let Some(fate) = fate.filter(|_| has_unsaved) {
            self.voice.say(EventKind::Unsaved(fate)).await;
        }
    }
}

/// Leaves a spool or removes it; gives what became of its packets, unless that failed.
fn end_of(spool: SpoolFolder, stays: bool) -> Option<Fate> {
    if stays {
        return Some(Fate::Kept { spool: spool.leave() });
    }
    let closed = spool.close();
    closed
        .map(|()| Fate::Deleted)
        .inspect_err(|error| tracing::warn!(%error, "could not remove a folder"))
        .ok()
}

impl Account {
    pub(super) fn remember(&mut self, remains: Remains) {
        if !remains.began {
            return;
        }
        let first = self.runs == 0;
        self.runs += 1;
        self.statistics_final = remains.statistics_final && (first || self.statistics_final);
        self.interfaces = remains.interfaces;
        self.statistics.extend(remains.statistics);
        self.delivered.resize(self.interfaces.len(), 0);
        for (all, run) in self.delivered.iter_mut().zip(remains.delivered) {
            *all += run;
        }
    }

    /// Counts a gap that begins.
    pub(super) fn begin_gap(&mut self, gap: &Gap) {
        self.counters.begin_gap();
        self.gap = Some((gap.since, gap.cause.message.clone()));
    }

    /// Counts the length of the gap that is over, if there is one.
    pub(super) fn end_gap(&mut self) {
        if let Some((since, _)) = self.gap.take() {
            self.counters.end_gap(since.elapsed());
        }
    }

    /// One statistics block an interface: from the stream itself where it had them, else from tcpdump's counts.
    fn last_blocks(&self, now: SystemTime) -> Vec<u8> {
        let mut blocks = Vec::new();
        for (number, interface) in (0..).zip(&self.interfaces) {
            let own = self.statistics.iter().filter(|statistics| statistics.interface == number);
            let own = own.copied().reduce(InterfaceStatistics::plus);
            let statistics = own.unwrap_or_else(|| self.counted(number, interface, now));
            pcapng::interface_statistics(&mut blocks, &statistics);
        }
        blocks
    }

    /// What tcpdump counted of an interface: that of one channel, or of the only one.
    fn counted(&self, number: u32, interface: &InterfaceInfo, now: SystemTime) -> InterfaceStatistics {
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let channel = self.merged.iter().position(|name| interface.name.as_ref() == Some(name));
        let kernel = channel.map_or_else(|| self.ledgers.total(), |channel| self.ledgers.of(channel));
        InterfaceStatistics {
            interface: number,
            timestamp: interface.resolution.units(since_epoch),
            received: Some(kernel.received),
            interface_dropped: Some(kernel.interface_dropped),
            os_dropped: Some(kernel.dropped),
            delivered: self.delivered.get(number as usize).copied(),
            ..InterfaceStatistics::default()
        }
    }
}
