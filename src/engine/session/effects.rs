//! What the state machine says must be done, done.

use std::{
    fs::File,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    driver::{Driver, settle},
    place::file_stem,
    run::{Complaint, kernel_counts},
    work::{self, Arming, Done},
};
use crate::{
    engine::{
        event::{EventKind, Keep},
        folder::SessionFolder,
        guarded,
        pump::{self, GapNote, Labels, LastPacket, Trigger},
        spool::SpoolWriter,
        viewer,
    },
    packet::{SectionInfo, writer as pcapng},
    profile::StopAfter,
    remote::{
        minder::{self, MarkerFinder, Message},
        plan::Plan,
        tcpdump::{Line, Statistics},
    },
    session::{Effect, FailKind, Failure, Input, Stage},
};

/// How much longer than the target's kernel the way here may keep a packet of one channel than one of another.
const JITTER: Duration = Duration::from_millis(150);

impl Driver {
    /// Makes the session's folder, checks that its viewer can be started at all, and begins to connect.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let failed = |path: &Path, error: &std::io::Error| {
            let message = format!("could not make a folder in {}: {error}", path.display());
            Failure::new(Stage::Connect, None, FailKind::File, message)
        };
        viewer::program(&self.target.viewer, Path::new(""), "")?;
        let runtime = &self.settings.runtime;
        let folder = SessionFolder::new(runtime, "s").map_err(|e| failed(runtime, &e))?;
        let path = folder.path().to_owned();
        self.viewers.set_socket(path.join(format!("{}.sock", file_stem(&self.target))));
        self.storage.runtime = Some(folder);
        self.decide_keep()?;
        self.connect();
        Ok(())
    }

    fn connect(&mut self) {
        if self.master.is_some() {
            self.work = Some(Box::pin(async { Done::Standing }));
            return;
        }
        let Some(folder) = &self.storage.runtime else { return };
        let path = folder.path().to_owned();
        let (seat, target) = (self.seat.clone(), Arc::clone(&self.target));
        let (ask, tell) = (self.ears.ask.clone(), self.ears.tell.clone());
        let connecting = work::connect(seat, target, path, ask, tell);
        self.work = Some(Box::pin(async move { Done::Connected(connecting.await) }));
    }

    /// Takes the connection down while the session goes on.
    fn disconnect(&mut self) {
        self.work = None;
        if self.down.is_none() {
            self.down = Some(Box::pin(work::disconnect(self.master.take(), self.run.take())));
        }
    }

    pub(super) async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => self.connect(),
            Effect::Disconnect => self.disconnect(),
            Effect::BeginGap => {
                if let Some(gap) = self.machine.state().gap().cloned() {
                    self.account.begin_gap(&gap);
                }
            }
            Effect::EndGap => {
                self.account.end_gap();
                self.account.counters.add_reconnect();
            }
            Effect::Probe => self.probe(),
            Effect::Arm => self.arm(),
            Effect::OpenViewer => self.open_viewer().await,
            Effect::SendStop => {
                if let Some(run) = &mut self.run {
                    run.capture.stop();
                }
            }
            Effect::CloseStdin => {
                if let Some(run) = &mut self.run {
                    run.capture.close_stdin();
                }
            }
            Effect::KillMaster => {
                if let Some(master) = self.master.take() {
                    self.work = Some(Box::pin(async move {
                        master.close().await;
                        Done::Closed
                    }));
                }
            }
            Effect::Finish => self.finish().await,
        }
    }

    fn probe(&mut self) {
        let Some(master) = &self.master else { return };
        let (session, target) = (Arc::clone(master.session()), Arc::clone(&self.target));
        let seat = self.seat.clone();
        self.work = Some(Box::pin(async move { Done::Probed(work::plan(session, target, seat).await) }));
    }

    /// Starts the capture that was planned.
    pub(super) fn arm(&mut self) {
        let arming = self.arming();
        self.work = Some(Box::pin(async move {
            Done::Armed(match arming {
                Ok(arming) => work::arm(arming).await,
                Err(failure) => Err(failure),
            })
        }));
    }

    fn arming(&mut self) -> Result<Arming, Failure> {
        let bug = || Failure::new(Stage::Arm, None, FailKind::Internal, "there is nothing to arm");
        let plan = self.plan.as_mut().ok_or_else(bug)?;
        let session = Arc::clone(self.master.as_ref().ok_or_else(bug)?.session());
        let encoded = plan.channels().iter().map(minder::Settings::encode).collect::<Result<Vec<_>, _>>();
        let settings = encoded.map_err(|error| {
            Failure::new(
                Stage::Arm,
                Some(&self.target.host.to_string()),
                FailKind::Internal,
                error.to_string(),
            )
        })?;
        // It goes to the target now, and nobody needs it a second time: a password that is wrong is asked for anew.
        plan.settings.password = None;
        let command = minder::command(&plan.settings.tag);
        let marker = MarkerFinder::new(&plan.settings.tag);
        let names: Vec<String> = plan.merged.iter().map(|(name, _)| name.clone()).collect();
        let target = &self.target.name.target;
        self.account.merged = names.iter().map(|name| pump::label(target, name)).collect();
        let gap = self.account.gap.clone();
        let trigger = trigger(&mut self.account.trigger, &self.target.stop_after, plan);
        let pump = pump::Settings {
            labels: labels(&self.target, plan),
            packets: self.target.stop_after.packets,
            bytes: self.target.stop_after.bytes,
            interfaces: self.account.interfaces.clone(),
            gap: gap.map(|(since, cause)| GapNote::new(since, cause)),
            trigger,
        };
        let live_statistics = plan.settings.way.live_statistics();
        let writer = self.writer()?;
        Ok(Arming {
            session,
            target: Arc::clone(&self.target),
            command,
            settings,
            names,
            hold: settle(&self.target) + JITTER,
            marker,
            pump,
            live_statistics,
            writer,
            counters: Arc::clone(&self.account.counters),
            drops: Arc::clone(&self.account.drops),
        })
    }

    /// The spool's writing end: made at the first try, handed back by each run.
    fn writer(&mut self) -> Result<SpoolWriter, Failure> {
        if let Some(writer) = self.storage.writer.take() {
            return Ok(writer);
        }
        if self.account.runs > 0 {
            let message = "the spool was lost with the run before";
            return Err(Failure::new(Stage::Write, None, FailKind::Internal, message));
        }
        let failure = |message: String| {
            Failure::new(Stage::Write, None, FailKind::File, message)
                .hint("choose another place with `record:`")
                .by_option("choose another place with -w or `record:`")
        };
        let place = self.place()?;
        let mut header = Vec::new();
        let comment = self.plan.as_ref().map(|plan| plan.command_lines.join(" & "));
        let application = concat!("wrcap ", env!("CARGO_PKG_VERSION"));
        let os = self.plan.as_ref().map(|plan| plan.os.as_str());
        pcapng::section_header(
            &mut header,
            &SectionInfo { application, hardware: None, os, comment: comment.as_deref() },
        );
        let counters = Arc::clone(&self.account.counters);
        let writer =
            SpoolWriter::create(place, header, counters).map_err(|error| failure(error.to_string()))?;
        if let Keep::Stream(path) = &self.storage.keep {
            let copy = stream(path).and_then(|file| viewer::copy(writer.spool(), file));
            let copy = copy.map_err(|e| failure(format!("could not write to {}: {e}", path.display())))?;
            (self.ears.copy, self.storage.progress) = (Some(copy.0), Some(copy.1));
        }
        self.storage.packets = Some(Arc::clone(writer.spool()));
        self.viewers.serve(writer.spool())?;
        Ok(writer)
    }

    pub(super) async fn open_viewer(&mut self) {
        match self.viewers.open() {
            Ok(Some(event)) => self.voice.say(EventKind::Viewer(event)).await,
            Ok(None) => {}
            Err(failure) => self.viewer_failed(failure).await,
        }
    }

    /// The same at somebody's wish, who is told why nothing opens.
    pub(super) async fn open_wanted_viewer(&mut self) {
        if self.viewers.can_open() {
            self.open_viewer().await;
        } else {
            self.voice
                .log("wrcap", "there is nothing to open: no packets yet, or the profile says `viewer: none`");
        }
    }

    pub(super) async fn message(&mut self, channel: usize, message: Message) {
        let Some(run) = &mut self.run else { return };
        match message {
            Message::Beat { n, wire, .. } => {
                let before = run.wired(channel, wire);
                if let Some(news) = wire.and_then(|wire| wire.news(before)) {
                    let interface = self.plan.as_ref().and_then(|plan| plan.interface_of(channel));
                    let text = format!("{} {news}", interface.unwrap_or("the interface"));
                    self.voice.say(EventKind::Warning { text }).await;
                }
                let Some(run) = &mut self.run else { return };
                if let Some(round_trip) = run.capture.round_trip(n, Instant::now()) {
                    self.prove_hops();
                    self.input(Input::Beat { round_trip }).await;
                }
            }
            Message::Exit(code) => run.exited(channel, code),
            Message::Cleaned => run.cleaned = true,
            Message::Stays => {
                let text = format!(
                    "the capture on {} could not be ended and is still there; hint: wrcap clean {} tries it again",
                    self.target.host, self.target.name
                );
                self.voice.say(EventKind::Warning { text }).await;
            }
            Message::Refused(refusal, words) => {
                run.complaint.get_or_insert(Complaint::Refused(refusal, words.clone()));
                self.voice.log("target", words);
            }
            Message::Tcpdump(line) => self.tcpdump(channel, line),
        }
    }

    fn tcpdump(&mut self, channel: usize, line: Line) {
        let Some(run) = &mut self.run else { return };
        match line {
            Line::Statistics(statistics) => self.count(channel, &statistics),
            Line::Count(count) => {
                if let Some(statistics) = run.total(channel, count) {
                    self.count(channel, &statistics);
                }
            }
            Line::Listening { interface, link_type, snaplen } => {
                run.capture.listening(channel);
                let text = format!(
                    "listening on {interface}, link type {link_type}, {snaplen} bytes of each packet"
                );
                self.voice.log("tcpdump", text);
            }
            Line::Error(kind, words) => {
                run.complaint.get_or_insert(Complaint::Tcpdump(kind, words.clone()));
                self.voice.log("tcpdump", words);
            }
            Line::Warning(words) => self.voice.log("tcpdump", words),
            Line::Other(words) => {
                run.last_line = Some(words.clone());
                self.voice.log("tcpdump", words);
            }
        }
    }

    /// Takes a reading of tcpdump's counters; the next packet carries the drops since the last one.
    fn count(&mut self, channel: usize, statistics: &Statistics) {
        let account = &mut self.account;
        let drops = account.ledgers.read(channel, kernel_counts(statistics));
        if account.merged.is_empty() {
            account.drops.add(drops);
        } else {
            account.drops.add_of(channel, drops);
        }
        let total = account.ledgers.total();
        account.counters.set_kernel(total.received, total.dropped, total.interface_dropped);
    }
}

/// The packet that ends the capture: made for the first run, the same for all that follow.
fn trigger(
    known: &mut Option<Arc<Trigger>>,
    stop_after: &StopAfter,
    plan: &Plan,
) -> Option<(Arc<Trigger>, LastPacket)> {
    stop_after.matching.as_ref()?;
    let trigger = known.get_or_insert_with(|| Arc::new(Trigger::new(plan.programs())));
    let others_follow = stop_after.then.is_some_and(|then| !then.is_zero());
    let last = if others_follow { LastPacket::Later } else { LastPacket::Itself };
    Some((Arc::clone(trigger), last))
}

fn labels(target: &crate::profile::Target, plan: &Plan) -> Labels {
    let via = target.via.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let road = if via.is_empty() { target.host.to_string() } else { format!("{} via {via}", target.host) };
    Labels {
        target: target.name.target.clone(),
        interface: plan.interface.clone(),
        road,
        filter: plan.filter.clone(),
        os: Some(plan.os.clone()),
    }
}

/// A pipe or device that is written to from now on; opening a pipe waits for its reader, so that it is opened for
/// both and never waits. A pipe that somebody else made in a folder of all is refused as a file is.
fn stream(path: &Path) -> std::io::Result<File> {
    if path == Path::new("-") {
        return Ok(File::from(rustix::stdio::stdout().try_clone_to_owned()?));
    }
    guarded::open(File::options().read(true).write(true), path)
}
