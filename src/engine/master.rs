//! The ssh master: our own child in its own session, watched, and gone with us.
//!
//! `ssh -M -N` is started in the foreground, so its exit is the news that the link is gone, and its messages are
//! ours to read; commands then run over its control socket through the `openssh` crate. The crate's own `connect`
//! could do neither, nor ask questions.

mod carrier;
mod files;
mod known;
mod logs;
mod process;

pub use carrier::Carrier;
pub(super) use carrier::WeakCarrier;
pub use known::KnownHosts;
pub use process::Guard;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use openssh::Session;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use self::{files::Files, known::Links, logs::Logs, process::Process};
use super::askpass::{AskState, AskpassServer, Question, Token};
use crate::{
    profile::Target,
    remote::{
        ssh_config::{GeneratedConfig, SshFiles},
        ssh_message::{classify, was_refused},
    },
    session::{FailKind, Failure, Stage},
};

/// How often the control socket and the logs are looked at while a connection is being made.
const POLL: Duration = Duration::from_millis(20);
/// How long a hop may take to let us in, questions to a human not counted.
pub const HOP_LIMIT: Duration = Duration::from_secs(30);

/// How much later than those that it carried a connection may be seen to be gone.
const LOST_LAG: Duration = Duration::from_secs(1);

/// A bastion's refusal without its reason, in the words of ssh.
const NO_REASON: &str = "channel 0: open failed: connect failed: the bastion does not say why";

/// What a master tells while it connects and lives. Events that find the channel full are dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterEvent {
    /// ssh was started; its command line, quoted for a human.
    Running(String),
    /// This many hops have let us in.
    LoggedIn(usize),
    /// A line of ssh or of a banner, safe to show, with the index of its hop.
    Said(usize, String),
    /// What wrcap itself has to say about the way.
    Note(String),
}

/// Which part of the way a connection is.
#[derive(Debug, Clone)]
pub enum Part {
    /// All hops, for one user.
    Whole,
    /// To a bastion, to carry others: it tells which of them it could not connect.
    Bastion,
    /// From a bastion to which a connection stands already.
    Behind(Carrier),
}

/// All that it takes to get to a target.
#[derive(Debug, Clone)]
pub struct Way<'a> {
    /// Where to.
    pub target: &'a Target,
    /// Programs and files; its `dir` is the session's own fresh folder (0700).
    pub files: SshFiles,
    /// The binary that ssh runs to ask: this one.
    pub askpass: PathBuf,
    /// Where questions go. A closed or full channel cancels them.
    pub questions: mpsc::Sender<Question>,
    /// Where news goes.
    pub events: mpsc::Sender<MasterEvent>,
    /// How long one hop may take, questions not counted; [`HOP_LIMIT`] unless a test is in a hurry.
    pub hop_limit: Duration,
    /// What ends ssh when this process is killed.
    pub guard: Guard,
    /// Which part of the way it is.
    pub part: Part,
}

/// A connection that is up. Dropping it ends its processes and removes its files at once.
#[derive(Debug)]
pub struct Master {
    // Fields drop in this order: processes before the files that they use.
    process: Process,
    session: Arc<Session>,
    logs: Logs,
    labels: Vec<String>,
    control: PathBuf,
    /// Where ssh writes what it says about the last hop.
    log: PathBuf,
    _files: Files,
    _known: Links,
    part: Part,
}

impl Master {
    /// Connects, asking what ssh asks. Cancelling the future ends all its processes.
    ///
    /// Must be polled on a runtime thread that lives as long as the process (not in `block_in_place`): on Linux
    /// the parent-death signal fires when the thread that started ssh ends.
    ///
    /// # Errors
    /// Names the hop and the reason; [`FailKind::Unanswered`] when a question was cancelled.
    pub async fn connect(way: Way<'_>) -> Result<Self, Failure> {
        let (mut config, mut files) = files::prepare(&way).await?;
        let known = known::prepare(&way, &mut config).await;
        let labels: Vec<String> = config.hops.iter().map(|hop| hop.label.clone()).collect();
        let token = Token::random().map_err(|e| files::failure("random numbers", &e))?;
        let socket = way.files.dir.join("a");
        let askpass = AskpassServer::bind_for(
            &socket,
            token.clone(),
            labels.clone(),
            known.0.clone(),
            way.questions.clone(),
        )
        .map_err(|e| files::failure("the askpass socket", &e))?;
        let (process, stderr) = process::spawn(&way, &config, &socket, &token)?;
        files.note_pid(&config.control, process.pid())?;
        let _ = way.events.try_send(MasterEvent::Running(process::command_line(&way, &config)));
        let logs = Logs::new(&config, stderr, way.events.clone());
        let logged_in = logs.said().logged_in();
        let (ask, limit, part) = (askpass.state(), way.hop_limit, way.part);
        let mut login = Login { process, logs, labels, ask, limit, logged_in, part };
        let session = login.finish(&config).await.map_err(|failure| known::unmask(&known, failure))?;
        let session = Arc::new(session);
        let Login { process, logs, labels, part, .. } = login;
        let log = config.hops.last().map_or_else(PathBuf::new, |hop| hop.log.clone());
        Ok(Self {
            process,
            session,
            logs,
            labels,
            control: config.control,
            log,
            _files: files,
            _known: known,
            part,
        })
    }

    /// To run commands on the target.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The connection that carries this one, where it is shared.
    pub(super) fn carrier(&self) -> Option<&Carrier> {
        match &self.part {
            Part::Behind(carrier) => Some(carrier),
            Part::Whole | Part::Bastion => None,
        }
    }

    /// The process id of the master (of its guard, where there is one).
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Waits until the connection is gone, and says why. Safe to cancel and to call again.
    pub async fn died(&mut self) -> Failure {
        self.process.wait().await;
        self.logs.finish().await;
        match lost(&self.part).await {
            Some(failure) => failure,
            None => classify(Stage::Capture, &self.labels, self.logs.said()),
        }
    }

    /// Ends the connection within two seconds; nothing is left here afterwards.
    pub async fn close(mut self) {
        self.process.end().await;
    }
}

/// A connection being made.
struct Login {
    process: Process,
    logs: Logs,
    labels: Vec<String>,
    ask: watch::Receiver<AskState>,
    limit: Duration,
    /// How many hops have let us in.
    logged_in: usize,
    part: Part,
}

impl Login {
    /// Waits until the control socket answers, or ssh ends, or nothing moves for too long.
    async fn finish(&mut self, config: &GeneratedConfig) -> Result<Session, Failure> {
        let mut deadline = Instant::now() + self.limit;
        loop {
            tokio::select! {
                () = self.process.wait() => return Err(self.failed(config).await),
                () = tokio::time::sleep(POLL) => {}
            }
            if self.moved() {
                deadline = Instant::now() + self.limit;
            }
            if let Some(session) = attach(&config.control).await {
                if let Part::Behind(carrier) = &self.part {
                    carrier.carried();
                }
                return Ok(session);
            }
            if Instant::now() >= deadline {
                return Err(self.timed_out());
            }
        }
    }

    /// Whether something happened since the last look, or a human is being waited for.
    fn moved(&mut self) -> bool {
        self.logs.read();
        let logged_in = self.logs.said().logged_in();
        let further = logged_in != self.logged_in;
        if further {
            self.logs.tell_login(logged_in);
            self.logged_in = logged_in;
        }
        let asked = self.ask.has_changed().unwrap_or(false);
        further | asked | (self.ask.borrow_and_update().open > 0)
    }

    /// Why ssh ended.
    async fn failed(&mut self, config: &GeneratedConfig) -> Failure {
        self.logs.finish().await;
        if let Some(lost) = lost(&self.part).await {
            return Failure { stage: Stage::Connect, ..lost };
        }
        self.hear_bastion(config);
        let found = classify(Stage::Connect, &self.labels, self.logs.said());
        let found = known::tell_known_key(found, self.logs.said()).await;
        let cancelled = self.ask.borrow().cancelled.clone();
        match cancelled {
            // A question that was cancelled explains only a login that failed on the same hop, unless we ended that hop's
            // ssh for it.
            Some(cancelled)
                if cancelled.prompt.kind.is_tried_again()
                    || (matches!(found.kind, FailKind::Authentication | FailKind::HostKeyUnknown)
                        && found.hop.as_ref() == self.labels.get(cancelled.hop)) =>
            {
                let hop = self.labels.get(cancelled.hop).map(String::as_str);
                let others = "add the key to the agent (ssh-add), or connect once by hand";
                let message = format!("needs an answer: {}", cancelled.prompt.text);
                Failure::new(Stage::Connect, hop, FailKind::Unanswered, message)
                    .hint(format!("start again and answer the question, {others}"))
                    .by_option(format!("answer the question with --ask, {others}"))
            }
            _ => found,
        }
    }

    /// Takes the bastion's reason into what was said, if it did not connect us.
    fn hear_bastion(&mut self, config: &GeneratedConfig) {
        let Part::Behind(carrier) = &self.part else { return };
        let refused = self.logs.said().hops.first().is_some_and(|bastion| was_refused(&bastion.log));
        let address = config.hops.first().and_then(|bastion| bastion.address.as_ref());
        if let (true, Some(address)) = (refused, address) {
            let address = std::fs::read_to_string(address).unwrap_or_default();
            self.logs.add(0, &carrier.refusal(&address).unwrap_or_else(|| NO_REASON.to_owned()));
        }
    }

    fn timed_out(&self) -> Failure {
        let hop = self.labels.get(self.logged_in).or(self.labels.last()).map_or("the target", String::as_str);
        let message = format!("{hop} did not let us in within {} s", self.limit.as_secs());
        Failure::new(Stage::Connect, Some(hop), FailKind::Timeout, message)
            .hint("check the address, the network and any firewall on the way")
    }
}

/// Why the connection that carries this one is gone, if it is.
async fn lost(part: &Part) -> Option<Failure> {
    match part {
        Part::Behind(carrier) => carrier.lost(LOST_LAG).await,
        Part::Whole | Part::Bastion => None,
    }
}

/// The session of a control socket that answers.
async fn attach(control: &Path) -> Option<Session> {
    if !control.exists() {
        return None;
    }
    let session = Session::resume_mux(control.into(), None);
    session.check().await.is_ok().then_some(session)
}
