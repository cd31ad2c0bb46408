//! The driver of one session: turns news into inputs of the state machine.

use std::{
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Interval, MissedTickBehavior},
};
use tokio_util::task::TaskTracker;

use super::{
    Context,
    limits::Due,
    news::News,
    questions::Questions,
    run::Run,
    viewers::Viewers,
    work::{Done, Down, Work},
};
use crate::{
    engine::{
        askpass,
        bastions::Seat,
        dispatcher::{Request, Settings, Voice},
        event::{EventKind, Keep},
        folder::SessionFolder,
        master::{Master, MasterEvent},
        pump::{PendingDrops, Trigger},
        spool::{Spool, SpoolFolder, SpoolWriter},
        unsaved::Unsaved,
        viewer::Progress,
    },
    packet::{InterfaceInfo, InterfaceStatistics},
    profile::{Delivery, Target},
    remote::plan::Plan,
    session::{Counters, Input, Ledgers, Limit, Machine, Outcome, Retries, Rhythm, StoppedBy},
};

/// Questions that may wait to be taken in; ssh asks one after the other.
const QUESTIONS: usize = 16;
/// Lines of ssh that may wait; more are dropped by the master.
const MASTER_EVENTS: usize = 64;

/// All that a session is made of.
pub(super) struct Driver {
    pub(super) target: Arc<Target>,
    pub(super) settings: Arc<Settings>,
    /// Among those through the same bastion.
    pub(super) seat: Seat,
    pub(super) voice: Voice,
    pub(super) machine: Machine,
    pub(super) ears: Ears,
    pub(super) questions: Questions,
    pub(super) work: Option<Work>,
    pub(super) down: Option<Down>,
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
    /// The times that end the capture, and which conditions they are of.
    pub(super) limits: Vec<(Due, Limit)>,
    /// The end of the copy to a stream, and the packets it missed.
    pub(super) copy: Option<oneshot::Receiver<io::Result<u64>>>,
    /// Whether the bastion answers, while it is asked.
    pub(super) bastion: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
    pub(super) ask: mpsc::Sender<askpass::Question>,
    pub(super) tell: mpsc::Sender<MasterEvent>,
}

/// Files of the session.
pub(super) struct Storage {
    pub(super) keep: Keep,
    /// Sockets and generated configuration; gone with the session.
    pub(super) runtime: Option<SessionFolder>,
    /// The spool's folder, where the packets are not kept; gone with the session.
    pub(super) spool: Option<SpoolFolder>,
    pub(super) writer: Option<SpoolWriter>,
    /// What was captured, for whoever wants to save it.
    pub(super) packets: Option<Arc<Spool>>,
    /// Files that are being saved.
    pub(super) saves: TaskTracker,
    /// How many packets from the first one on are in a file that was saved, or were evicted before.
    pub(super) saved: Arc<AtomicU64>,
    /// When the session began.
    pub(super) started: SystemTime,
    /// How far the copy to a stream is, until all of it is there.
    pub(super) progress: Option<Progress>,
    /// What becomes of the spool's folder.
    pub(super) unsaved: Unsaved,
}

/// What the end report will say.
#[derive(Default)]
pub(super) struct Account {
    pub(super) counters: Arc<Counters>,
    /// tcpdump's counts, by channel.
    pub(super) ledgers: Ledgers,
    /// How many runs of the capture have left something.
    pub(super) runs: u32,
    /// Bytes that the reader of a stream has not taken.
    pub(super) untaken_bytes: u64,
    /// Whether each of them told its final statistics.
    pub(super) statistics_final: bool,
    /// Since when no packets flow, and why.
    pub(super) gap: Option<(Instant, String)>,
    pub(super) password_tries: u32,
    pub(super) interfaces: Vec<InterfaceInfo>,
    pub(super) statistics: Vec<InterfaceStatistics>,
    /// How many packets each of the interfaces brought.
    pub(super) delivered: Vec<u64>,
    /// What the interfaces of a merged capture are called in the file, by channel.
    pub(super) merged: Vec<String>,
    pub(super) drops: Arc<PendingDrops>,
    /// The files that stay.
    pub(super) files: Vec<PathBuf>,
    /// The packet that ends the capture.
    pub(super) trigger: Option<Arc<Trigger>>,
}

/// How long the target's kernel may keep a packet: tcpdump asks for blocks of one second.
pub(super) fn settle(target: &Target) -> Duration {
    match (target.delivery, &target.command) {
        (Delivery::Batched, None) => Duration::from_millis(1100),
        _ => Duration::ZERO,
    }
}

/// How long a capture that broke off is tried again.
fn retries(target: &Target) -> Retries {
    Retries::lasting(if target.reconnect { target.retry_for } else { Duration::ZERO })
}

impl Driver {
    pub(super) fn new(context: Context) -> Self {
        let Context { id, target, keep, settings, seat, voice, requests } = context;
        let rhythm = Rhythm::of_lease(target.lease);
        let (ask, asked) = mpsc::channel(QUESTIONS);
        let (tell, master) = mpsc::channel(MASTER_EVENTS);
        let mut beats = tokio::time::interval(rhythm.every);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let title = target.name.to_string();
        let viewers = Viewers::new(target.viewer.clone(), title, settings.terminal);
        Self {
            machine: Machine::new(rhythm, settle(&target), retries(&target), Instant::now()),
            ears: Ears {
                requests,
                asked,
                master,
                beats,
                limits: Vec::new(),
                copy: None,
                bastion: None,
                ask,
                tell,
            },
            questions: Questions::new(id),
            work: None,
            down: None,
            master: None,
            plan: None,
            run: None,
            viewers,
            storage: Storage {
                keep,
                runtime: None,
                spool: None,
                writer: None,
                packets: None,
                saves: TaskTracker::new(),
                saved: Arc::default(),
                started: SystemTime::now(),
                progress: None,
                unsaved: Unsaved::default(),
            },
            account: Account::default(),
            target: Arc::new(target),
            settings,
            seat,
            voice,
        }
    }

    /// The whole life of the session.
    pub(super) async fn run(mut self) {
        let counters = Arc::clone(&self.account.counters);
        let target = Arc::clone(&self.target);
        let name = target.name.clone();
        self.voice.say(EventKind::Started { name, counters, target }).await;
        self.voice.say(EventKind::State(self.machine.state().clone())).await;
        if let Err(failure) = self.begin() {
            self.input(Input::Failed(failure)).await;
        }
        let mut dismissed = false;
        while !self.machine.state().is_ended() {
            let news = self.news().await;
            dismissed |= matches!(news, News::Request(Request::Shutdown(_)));
            self.take(news).await;
        }
        while !dismissed {
            dismissed = self.after().await;
        }
        self.clean_up().await;
    }

    pub(super) async fn take(&mut self, news: News) {
        match news {
            News::Request(request) => self.request(request).await,
            News::Asked(question) => {
                if let Some(question) = self.questions.ask(question) {
                    self.asked(question).await;
                }
            }
            News::Withdrawn(id) => {
                self.voice.say(EventKind::Withdrawn(id)).await;
                self.answered().await;
            }
            News::Done(done) => self.done(done).await,
            News::Down(run) => self.is_down(run),
            News::MasterDied(failure) => {
                self.master = None;
                self.input(Input::MasterDied(failure)).await;
            }
            News::Master(event) => self.master_event(event).await,
            News::Message(channel, message) => self.message(channel, message).await,
            News::Pump(event) => self.pump(event).await,
            News::Over => self.over().await,
            News::ViewerExited(event, exit) => self.viewer_exited(event, exit).await,
            News::Beat => {
                if let Some(run) = &mut self.run {
                    run.capture.beat(Instant::now());
                }
            }
            News::Copied(result) => self.copied(result).await,
            News::Bastion(answers) => self.bastion_answered(answers).await,
            News::Tick => self.tick().await,
        }
    }

    async fn request(&mut self, request: Request) {
        match request {
            Request::Stop(by) => self.input(Input::Stop(by)).await,
            Request::Shutdown(unsaved) => {
                self.storage.unsaved = unsaved;
                self.input(Input::Stop(StoppedBy::Shutdown)).await;
            }
            Request::Kill => self.input(Input::Kill).await,
            Request::OpenViewer => self.open_wanted_viewer().await,
            Request::Lend(reply) => {
                // Whoever asked may have lost patience.
                let _ = reply.send(self.master.as_ref().map(|master| Arc::clone(master.session())));
            }
            Request::Answer(number, answer) => {
                self.questions.answer(number, answer);
                self.answered().await;
            }
            Request::Save(range, path) => self.save(range, &path).await,
            // Only what is over can be dismissed.
            Request::Dismiss => {}
        }
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Connected(Ok(master)) => {
                self.master = Some(master);
                self.tell_hops().await;
                self.input(Input::Connected).await;
            }
            Done::Probed(Ok(plan)) => self.probed(plan).await,
            Done::Password(answer) => self.password(answer).await,
            Done::Standing => self.input(Input::Connected).await,
            Done::Armed(Ok(run)) => {
                self.ears.beats.reset_immediately();
                self.account.ledgers.restart(run.capture.channels());
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
        let command_lines = plan.command_lines.clone();
        for note in &plan.notes {
            self.voice.log("wrcap", note.clone());
        }
        let needs_password = plan.settings.way.needs_password();
        self.account.password_tries = 0;
        self.plan = Some(plan);
        self.voice.say(EventKind::Armed { interface, command_lines }).await;
        if needs_password {
            self.ask_password().await;
        } else {
            self.input(Input::Probed).await;
        }
    }

    async fn tick(&mut self) {
        if let Some(at) = self.ears.limits.iter().position(|(due, _)| due.is_over()) {
            let (_, limit) = self.ears.limits.remove(at);
            self.input(Input::Stop(StoppedBy::Limit(limit))).await;
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
            self.doubt(&before);
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
