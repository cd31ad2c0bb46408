//! The driver of one session: turns news into inputs of the state machine.

use std::{io, path::PathBuf, sync::Arc, time::Instant};

use tempfile::TempDir;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Interval, MissedTickBehavior},
};

use super::{
    Context,
    news::News,
    questions::Questions,
    run::Run,
    viewers::Viewers,
    work::{Done, Work},
};
use crate::{
    engine::{
        askpass,
        dispatcher::{Request, Settings, Voice},
        event::{EventKind, Keep, ViewerEvent},
        folder::SessionFolder,
        master::{Master, MasterEvent},
        pump::{PendingDrops, PumpEvent},
        spool::SpoolWriter,
        viewer::Exit,
    },
    packet::{InterfaceInfo, InterfaceStatistics},
    profile::{OnViewerExit, Target},
    remote::plan::Plan,
    session::{
        Counters, DropLedger, FailKind, Failure, Input, Limit, Machine, Outcome, Rhythm, Stage, StoppedBy,
    },
};

/// Questions that may wait to be taken in; ssh asks one after the other.
const QUESTIONS: usize = 16;
/// Lines of ssh that may wait; more are dropped by the master.
const MASTER_EVENTS: usize = 64;
/// How often sudo's password may be tried.
const PASSWORD_TRIES: u32 = 3;

/// All that a session is made of.
pub(super) struct Driver {
    pub(super) target: Arc<Target>,
    pub(super) settings: Arc<Settings>,
    pub(super) voice: Voice,
    pub(super) machine: Machine,
    pub(super) ears: Ears,
    pub(super) questions: Questions,
    pub(super) work: Option<Work>,
    pub(super) master: Option<Box<Master>>,
    pub(super) plan: Option<Box<Plan>>,
    pub(super) run: Option<Run>,
    pub(super) viewers: Viewers,
    pub(super) storage: Storage,
    pub(super) account: Account,
}

/// Where news comes from.
pub(super) struct Ears {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) asked: mpsc::Receiver<askpass::Question>,
    pub(super) master: mpsc::Receiver<MasterEvent>,
    pub(super) beats: Interval,
    /// When `stop_after.duration` is over; known once packets may flow.
    pub(super) time_limit: Option<Instant>,
    /// The end of the copy to a stream, and the packets it missed.
    pub(super) copy: Option<oneshot::Receiver<io::Result<u64>>>,
    pub(super) ask: mpsc::Sender<askpass::Question>,
    pub(super) tell: mpsc::Sender<MasterEvent>,
}

/// Files of the session.
pub(super) struct Storage {
    pub(super) keep: Keep,
    /// Sockets and generated configuration; gone with the session.
    pub(super) runtime: Option<SessionFolder>,
    /// The spool's folder, where the packets are not kept; gone with the session.
    pub(super) spool: Option<TempDir>,
    pub(super) writer: Option<SpoolWriter>,
}

/// What the end report will say.
#[derive(Default)]
pub(super) struct Account {
    pub(super) counters: Arc<Counters>,
    pub(super) ledger: DropLedger,
    pub(super) statistics_final: bool,
    pub(super) password_tries: u32,
    pub(super) interfaces: Vec<InterfaceInfo>,
    pub(super) statistics: Vec<InterfaceStatistics>,
    pub(super) drops: Arc<PendingDrops>,
    pub(super) file: Option<PathBuf>,
}

impl Driver {
    pub(super) fn new(context: Context) -> Self {
        let Context { id, target, keep, settings, voice, requests } = context;
        let rhythm = Rhythm::of_lease(target.lease);
        let (ask, asked) = mpsc::channel(QUESTIONS);
        let (tell, master) = mpsc::channel(MASTER_EVENTS);
        let mut beats = tokio::time::interval(rhythm.every);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let title = target.name.to_string();
        let viewers = Viewers::new(target.viewer.clone(), title, settings.terminal);
        Self {
            machine: Machine::new(rhythm, Instant::now()),
            ears: Ears { requests, asked, master, beats, time_limit: None, copy: None, ask, tell },
            questions: Questions::new(id),
            work: None,
            master: None,
            plan: None,
            run: None,
            viewers,
            storage: Storage { keep, runtime: None, spool: None, writer: None },
            account: Account::default(),
            target: Arc::new(target),
            settings,
            voice,
        }
    }

    /// The whole life of the session.
    pub(super) async fn run(mut self) {
        let counters = Arc::clone(&self.account.counters);
        self.voice.say(EventKind::Started { name: self.target.name.clone(), counters }).await;
        self.voice.say(EventKind::State(self.machine.state().clone())).await;
        if let Err(failure) = self.begin() {
            self.input(Input::Failed(failure)).await;
        }
        let mut dismissed = false;
        while !self.machine.state().is_ended() {
            let news = self.news().await;
            dismissed |= matches!(news, News::Request(Request::Shutdown));
            self.take(news).await;
        }
        while !dismissed {
            dismissed = self.after().await;
        }
        self.clean_up().await;
    }

    async fn take(&mut self, news: News) {
        match news {
            News::Request(request) => self.request(request).await,
            News::Asked(question) => {
                let question = self.questions.ask(question);
                self.asked(question).await;
            }
            News::Withdrawn(id) => {
                self.voice.say(EventKind::Withdrawn(id)).await;
                self.answered().await;
            }
            News::Done(done) => self.done(done).await,
            News::MasterDied(failure) => {
                self.master = None;
                self.input(Input::MasterDied(failure)).await;
            }
            News::Master(event) => self.master_event(event),
            News::Message(message) => self.message(message).await,
            News::Pump(event) => self.pump(event).await,
            News::Over => self.over().await,
            News::ViewerExited(event, exit) => self.viewer_exited(event, exit).await,
            News::Beat => {
                if let Some(run) = &mut self.run {
                    run.capture.beat(Instant::now());
                }
            }
            News::Copied(result) => self.copied(result).await,
            News::Tick => self.tick().await,
        }
    }

    /// A stream that nobody reads any more ends the capture quietly; one that cannot be written to does not.
    async fn copied(&mut self, result: io::Result<u64>) {
        match result {
            Ok(missed) => self.missed(missed),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.input(Input::Stop(StoppedBy::User)).await;
            }
            Err(error) => {
                let failure =
                    Failure::new(Stage::Write, None, FailKind::File, format!("could not write on: {error}"));
                self.input(Input::Failed(failure)).await;
            }
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

    async fn request(&mut self, request: Request) {
        match request {
            Request::Stop(by) => self.input(Input::Stop(by)).await,
            Request::Shutdown => self.input(Input::Stop(StoppedBy::Shutdown)).await,
            Request::Kill => self.input(Input::Kill).await,
            Request::OpenViewer => self.open_viewer().await,
            Request::Answer(number, answer) => {
                self.questions.answer(number, answer);
                self.answered().await;
            }
            // Only what is over can be dismissed.
            Request::Dismiss => {}
        }
    }

    async fn asked(&mut self, question: crate::engine::event::Question) {
        let text = question.prompt.text.clone();
        self.voice.say(EventKind::Asked(question)).await;
        self.input(Input::Asked(text)).await;
    }

    async fn answered(&mut self) {
        if self.questions.is_empty() {
            self.input(Input::Answered).await;
        }
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Connected(Ok(master)) => {
                self.master = Some(master);
                self.input(Input::Connected).await;
            }
            Done::Probed(Ok(plan)) => self.probed(plan).await,
            Done::Password(askpass::Answer::Typed(secret)) => {
                if let Some(plan) = &mut self.plan {
                    plan.settings.password = Some(secret.into_inner());
                }
                if matches!(self.machine.state(), crate::session::State::Arming { .. }) {
                    self.arm();
                } else {
                    self.input(Input::Probed).await;
                }
            }
            Done::Password(_) => {
                if let Some(failure) = self.plan.as_ref().map(|plan| plan.unanswered()) {
                    self.input(Input::Failed(failure)).await;
                }
            }
            Done::Armed(Ok(run)) => {
                self.ears.beats.reset_immediately();
                self.run = Some(*run);
            }
            Done::Connected(Err(failure)) | Done::Probed(Err(failure)) | Done::Armed(Err(failure)) => {
                self.input(Input::Failed(failure)).await;
            }
            Done::Closed => {}
        }
    }

    async fn probed(&mut self, plan: Box<Plan>) {
        let interface = plan.interface.clone().unwrap_or_else(|| "own command".into());
        let command_line = plan.command_line.clone();
        for note in &plan.notes {
            self.voice.log("wrcap", note.clone());
        }
        let needs_password = plan.settings.way.needs_password();
        self.plan = Some(plan);
        self.voice.say(EventKind::Armed { interface, command_line }).await;
        if needs_password {
            self.ask_password().await;
        } else {
            self.input(Input::Probed).await;
        }
    }

    /// Asks for sudo's password; the answer comes back as work that is done.
    async fn ask_password(&mut self) {
        self.account.password_tries += 1;
        let who = self.plan.as_ref().map_or(String::new(), |plan| plan.user.clone());
        let hop = self.target.host.host.clone();
        let (question, answer) = self.questions.ask_password(&hop, &who, self.account.password_tries);
        self.work =
            Some(Box::pin(async move { Done::Password(answer.await.unwrap_or(askpass::Answer::Cancel)) }));
        self.asked(question).await;
    }

    fn master_event(&self, event: MasterEvent) {
        let names: Vec<String> = self.target.hops().map(|hop| hop.host.clone()).collect();
        match event {
            MasterEvent::LoggedIn(count) => {
                if let Some(name) = count.checked_sub(1).and_then(|index| names.get(index)) {
                    self.voice.log(name, "logged in");
                }
            }
            MasterEvent::Said(hop, line) => {
                let name = names.get(hop).map_or("ssh", String::as_str);
                self.voice.log(name, line);
            }
        }
    }

    async fn pump(&mut self, event: PumpEvent) {
        match event {
            PumpEvent::Header => {
                let now = Instant::now();
                self.ears.time_limit = self.target.stop_after.duration.map(|duration| now + duration);
                self.input(Input::Header).await;
            }
            PumpEvent::Limit(limit) => self.input(Input::Stop(StoppedBy::Limit(limit))).await,
            // The capture keeps it; it comes as `Over` once both streams are at their end.
            PumpEvent::Ended(_) => {}
        }
    }

    /// The channel is at its end: as it should, or with the reason that was given for it.
    async fn over(&mut self) {
        let Some(run) = self.run.take() else { return };
        let live = self.machine.state().is_live();
        let wrong_password = run.has_wrong_password();
        let (result, writer, remains) = run.conclude(&self.target, self.plan.as_deref(), live);
        self.storage.writer = writer;
        self.account.remember(remains);
        match result {
            Err(failure) if wrong_password && self.may_ask_again() => {
                self.voice.log("sudo", failure.message);
                self.ask_password().await;
            }
            result => self.input(Input::ChannelEnded(result)).await,
        }
    }

    fn may_ask_again(&self) -> bool {
        matches!(self.machine.state(), crate::session::State::Arming { .. })
            && self.plan.as_ref().is_some_and(|plan| plan.settings.way.needs_password())
            && self.account.password_tries < PASSWORD_TRIES
    }

    async fn viewer_exited(&mut self, event: ViewerEvent, exit: Exit) {
        self.voice.say(EventKind::Viewer(event)).await;
        if let Exit::Failed(words) = exit {
            self.voice.log("viewer", format!("it ended: {words}"));
            if !self.viewers.was_reached() {
                let failure =
                    Failure::new(Stage::View, None, FailKind::Viewer, format!("the viewer ended: {words}"));
                self.viewer_failed(
                    failure.hint("is there a display? without one, keep the packets with -w FILE"),
                )
                .await;
                return;
            }
        }
        if !self.viewers.any() && self.ends_with_viewer() && self.machine.state().is_live() {
            self.input(Input::Stop(StoppedBy::ViewerClosed)).await;
        }
    }

    /// A viewer that cannot be started ends a session that has no other purpose.
    pub(super) async fn viewer_failed(&mut self, failure: Failure) {
        self.voice.say(EventKind::Viewer(ViewerEvent::Failed(failure.clone()))).await;
        if self.ends_with_viewer() && !self.viewers.any() && self.machine.state().is_live() {
            self.input(Input::Failed(failure)).await;
        }
    }

    pub(super) fn ends_with_viewer(&self) -> bool {
        match self.target.on_viewer_exit {
            Some(choice) => choice == OnViewerExit::Stop,
            None => matches!(self.storage.keep, Keep::Spool),
        }
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        if self.ears.time_limit.is_some_and(|at| now >= at) {
            self.ears.time_limit = None;
            self.input(Input::Stop(StoppedBy::Limit(Limit::Duration))).await;
        }
        self.input(Input::Tick).await;
    }

    /// Gives the machine an input, does what it says, and tells where the session stands then.
    pub(super) async fn input(&mut self, input: Input) {
        let before = self.machine.state().clone();
        let effects = self.machine.step(input, Instant::now());
        let finished = self.machine.state().is_ended();
        if *self.machine.state() != before && !finished {
            self.voice.say(EventKind::State(self.machine.state().clone())).await;
        }
        for effect in effects {
            Box::pin(self.perform(effect)).await;
        }
    }

    /// The outcome, once there is one.
    pub(super) fn outcome(&self) -> Outcome {
        match self.machine.state() {
            crate::session::State::Ended { outcome, .. } => outcome.clone(),
            _ => Outcome::Interrupted,
        }
    }
}
