//! News of what the session keeps running: the channel, the copy, the viewers, ssh's own lines.

use std::{io, time::Duration};

use super::{
    driver::Driver,
    limits::{self, Due},
    news::heard,
    run,
};
use crate::{
    engine::{
        event::{EventKind, Keep, ViewerEvent},
        master::MasterEvent,
        pump::PumpEvent,
        spool::SpoolNews,
        viewer::Exit,
    },
    profile::OnViewerExit,
    session::{FailKind, Failure, Input, Limit, Stage, State, StoppedBy},
};

/// How long the end of a connection may lag behind that of its channel.
const LAST_WORDS: Duration = Duration::from_millis(500);

impl Driver {
    pub(super) async fn master_event(&mut self, event: MasterEvent) {
        let names: Vec<String> = self.target.hops().map(|hop| hop.host.clone()).collect();
        match event {
            MasterEvent::Running(command_line) => {
                self.voice.say(EventKind::Dialing { command_line }).await;
            }
            MasterEvent::LoggedIn(count) => {
                if let Some(name) = count.checked_sub(1).and_then(|index| names.get(index)) {
                    self.voice.log(name, "logged in");
                }
            }
            MasterEvent::Said(hop, line) => {
                let name = names.get(hop).map_or("ssh", String::as_str);
                self.voice.log(name, line);
            }
            MasterEvent::Note(text) => self.voice.log("wrcap", text),
        }
    }

    pub(super) async fn pump(&mut self, event: PumpEvent) {
        match event {
            PumpEvent::Header => {
                if self.machine.state().gap().is_none() {
                    self.ears.limits = limits::of(&self.target.stop_after);
                }
                self.input(Input::Header).await;
            }
            PumpEvent::Limit(limit) => self.input(Input::Stop(StoppedBy::Limit(limit))).await,
            PumpEvent::Matched => {
                let then = self.target.stop_after.then.unwrap_or_default();
                self.voice.log("wrcap", "a packet matches stop_after.match");
                self.ears.limits.push((Due::after(then), Limit::Match));
            }
            PumpEvent::Spool(news) => self.spool(news).await,
            PumpEvent::Broken(broken) => {
                let failure = run::broken(broken, &self.target, self.machine.state().is_live());
                self.input(Input::Failed(failure)).await;
            }
            // The capture keeps it; it comes as `Over` once both streams are at their end.
            PumpEvent::Ended(_) => {}
        }
    }

    /// What the disk has to tell.
    async fn spool(&mut self, news: SpoolNews) {
        match news {
            SpoolNews::Trouble(what) => {
                let text = format!("{what}; the capture goes on, and what cannot be written is counted");
                self.voice.say(EventKind::Warning { text }).await;
            }
            SpoolNews::Recovered { packets } => {
                let text = format!("writing works again; {packets} packets could not be written");
                self.voice.say(EventKind::Warning { text }).await;
            }
            SpoolNews::Removed { path, packets } => {
                let text =
                    format!("removed {} with {packets} packets: no more files are kept", path.display());
                self.voice.log("wrcap", text);
            }
        }
    }

    /// The channel is at its end: as it should, or with the reason that was given for it.
    pub(super) async fn over(&mut self) {
        let Some(run) = self.run.take() else { return };
        let live = self.machine.state().is_live();
        let wrong_password = run.has_wrong_password();
        let (result, writer, remains) = run.conclude(&self.target, self.plan.as_deref(), live);
        self.storage.writer = writer;
        self.account.remember(remains);
        let result = self.better_reason(result).await;
        match result {
            Err(failure) if wrong_password && self.may_ask_again() => {
                self.voice.log("sudo", failure.message);
                self.ask_password().await;
            }
            result => self.input(Input::ChannelEnded(result)).await,
        }
    }

    /// A channel that broke off without a word mostly went with its connection, whose end says why.
    async fn better_reason(&mut self, result: Result<(), Failure>) -> Result<(), Failure> {
        if let Err(Failure { kind: FailKind::LinkLost, .. }) = result
            && let Some(master) = &mut self.master
            && let Ok(failure) = tokio::time::timeout(LAST_WORDS, master.died()).await
        {
            self.master = None;
            return Err(failure);
        }
        result
    }

    /// A stream that nobody reads any more ends the capture quietly; one that cannot be written to does not.
    pub(super) async fn copied(&mut self, result: io::Result<u64>) {
        match result {
            Ok(missed) => {
                self.storage.progress = None;
                self.missed(missed);
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.hear_of_header().await;
                self.input(Input::Stop(StoppedBy::User)).await;
            }
            Err(error) => {
                let message = format!("could not write to {}: {error}", self.stream_name());
                let failure = Failure::new(Stage::Write, None, FailKind::File, message);
                self.input(Input::Failed(failure.hint("a stream cannot wait for room: give a file with -w")))
                    .await;
            }
        }
    }

    /// What the stream is called in messages.
    pub(super) fn stream_name(&self) -> String {
        match &self.storage.keep {
            Keep::Stream(path) if path.as_os_str() != "-" => path.display().to_string(),
            _ => "stdout".to_owned(),
        }
    }

    /// What a reader has read was written by a pump that says so now: the capture has begun, whoever is heard first.
    async fn hear_of_header(&mut self) {
        let written = self.account.counters.sample().stored_bytes > 0;
        while written && matches!(self.machine.state(), State::Arming { .. }) && self.run.is_some() {
            let news = heard(&mut self.run).await.into();
            Box::pin(self.take(news)).await;
        }
    }

    pub(super) fn missed(&self, packets: u64) {
        if packets > 0 {
            self.voice.log(
                "wrcap",
                format!("{packets} packets were not copied: the reader was slower than the spool is large"),
            );
        }
    }

    pub(super) async fn viewer_exited(&mut self, event: ViewerEvent, exit: Exit) {
        self.voice.say(EventKind::Viewer(event)).await;
        if let Exit::Failed(words) = exit
            && !self.viewers.was_reached()
        {
            let failure =
                Failure::new(Stage::View, None, FailKind::Viewer, format!("the viewer ended: {words}"));
            // A signal is no matter of the display.
            let advice = if words.starts_with("signal:") {
                "start it by hand to see what is wrong with it, or"
            } else {
                "is there a display? without one,"
            };
            let failure = failure
                .hint(format!("{advice} start without a viewer: W"))
                .by_option(format!("{advice} keep the packets with -w FILE"));
            return self.viewer_failed(failure).await;
        }
        if !self.viewers.any() && self.ends_with_viewer() && self.machine.state().has_begun() {
            self.input(Input::Stop(StoppedBy::ViewerClosed)).await;
        }
    }

    /// A viewer that cannot be started ends a session that has no other purpose.
    pub(super) async fn viewer_failed(&mut self, failure: Failure) {
        if self.ends_with_viewer() && !self.viewers.any() && self.machine.state().has_begun() {
            self.input(Input::Failed(failure)).await;
        } else {
            self.voice.say(EventKind::Viewer(ViewerEvent::Failed(failure))).await;
        }
    }

    pub(super) fn ends_with_viewer(&self) -> bool {
        match self.target.on_viewer_exit {
            Some(choice) => choice == OnViewerExit::Stop,
            None => matches!(self.storage.keep, Keep::Spool),
        }
    }
}
