//! One login for all sessions through the same bastion.
//!
//! The first session that needs a bastion dials it, and its questions are that session's. Others wait, then go through
//! the connection that stands. It ends with its last user; what ended it is the end of all that it carried, and
//! whoever comes back first dials again.

mod gates;
mod relay;
mod ways_in;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::sync::Mutex as Turn;
use tokio_util::task::TaskTracker;

use self::{gates::Gates, ways_in::WaysIn};
use super::{
    folder::SessionFolder,
    master::{Carrier, Master, MasterEvent, Part, Way, WeakCarrier},
    session::memory::Memory,
};
use crate::{
    profile::{Hop, Target},
    remote::{
        exclude::SshConnection,
        ssh_config::{SshFiles, bastion},
    },
    session::{FailKind, Failure, Stage},
};

/// A standing connection that worked so recently is not asked whether it does.
const RECENT: Duration = Duration::from_secs(2);
/// How long it may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// The bastions that sessions go through.
#[derive(Debug)]
pub struct Bastions {
    runtime: PathBuf,
    known: Mutex<Vec<Weak<Bastion>>>,
    gates: Gates,
    ways_in: WaysIn,
    tasks: TaskTracker,
}

/// One bastion and the way to it.
#[derive(Debug)]
struct Bastion {
    /// As a target of its own; equal ones are the same bastion.
    place: Target,
    /// Whose turn it is to look for a connection or to make one.
    turn: Turn<Phone>,
    answers: Arc<Mutex<Memory>>,
}

/// The connection to a bastion, as it was left by whoever had the turn before.
#[derive(Debug, Default)]
struct Phone {
    standing: Option<WeakCarrier>,
    failed: Option<(Instant, Failure)>,
}

/// A session's place among those through the same bastion. Kept for its whole life, so that answers which may be
/// given again outlast a connection.
#[derive(Debug, Clone)]
pub struct Seat {
    bastions: Arc<Bastions>,
    bastion: Option<Arc<Bastion>>,
    /// Whose it is.
    owner: Arc<()>,
}

impl Bastions {
    /// Connections to bastions have folders in `runtime` (0700, of this user).
    pub fn new(runtime: PathBuf) -> Arc<Self> {
        let (known, gates, tasks) = (Mutex::default(), Gates::default(), TaskTracker::new());
        Arc::new(Self { runtime, known, gates, ways_in: WaysIn::default(), tasks })
    }

    /// The folder that the folders of connections are in.
    pub fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// The place of a session with this target.
    pub fn seat(self: &Arc<Self>, target: &Target) -> Seat {
        let bastion = bastion(target).map(|place| self.bastion(place));
        Seat { bastions: Arc::clone(self), bastion, owner: Arc::default() }
    }

    /// Waits until connections without a user are taken down.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn bastion(&self, place: Target) -> Arc<Bastion> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|bastion| bastion.strong_count() > 0);
        let same = known.iter().filter_map(Weak::upgrade).find(|bastion| bastion.place == place);
        same.unwrap_or_else(|| {
            let bastion = Arc::new(Bastion { place, turn: Turn::default(), answers: Arc::default() });
            known.push(Arc::downgrade(&bastion));
            bastion
        })
    }

    /// A connection of its own through all hops.
    async fn separate(&self, way: Way<'_>) -> Result<Master, Failure> {
        let first = way.target.hops().next().unwrap_or(&way.target.host);
        let _pass = self.gates.enter(&machine(first)).await;
        Master::connect(way).await
    }

    /// A standing connection to the bastion: the one that there is, or a new one.
    async fn carrier(&self, bastion: &Arc<Bastion>, way: &Way<'_>) -> Result<Carrier, Failure> {
        let name = bastion.place.host.to_string();
        let begun = Instant::now();
        let mut phone = if let Ok(phone) = bastion.turn.try_lock() {
            phone
        } else {
            note(way, format!("another session is logging in to {name}"));
            bastion.turn.lock().await
        };
        if let Some(carrier) = phone.working(&way.files.ssh).await {
            note(way, format!("goes through the connection to {name} that stands"));
            return Ok(carrier);
        }
        if let Some(failure) = phone.failed_for_all(begun) {
            return Err(failure);
        }
        match self.dial(bastion, way).await {
            Ok(carrier) => {
                *phone = Phone { standing: Some(carrier.downgrade()), failed: None };
                Ok(carrier)
            }
            Err(failure) => {
                phone.failed = Some((Instant::now(), failure.clone()));
                Err(failure)
            }
        }
    }

    /// Logs in to the bastion, on behalf of `way`.
    async fn dial(&self, bastion: &Arc<Bastion>, way: &Way<'_>) -> Result<Carrier, Failure> {
        let folder = SessionFolder::new(&self.runtime, "b").map_err(|error| {
            let message = format!("could not make a folder in {}: {error}", self.runtime.display());
            Failure::new(Stage::Connect, None, FailKind::File, message)
        })?;
        let dial = Way {
            target: &bastion.place,
            files: SshFiles { dir: folder.path().to_owned(), ..way.files.clone() },
            questions: relay::relay(Arc::clone(&bastion.answers), way.questions.clone()),
            part: Part::Bastion,
            ..way.clone()
        };
        let master = self.separate(dial).await?;
        // Others find it by the place.
        Ok(Carrier::new(master, folder, &self.tasks, Arc::clone(bastion)))
    }
}

impl Phone {
    /// The connection that stands, if it works. One that does not is left to those who use it.
    async fn working(&mut self, ssh: &Path) -> Option<Carrier> {
        let carrier = self.standing.as_ref().and_then(WeakCarrier::upgrade);
        match carrier {
            Some(carrier) if carrier.works(ssh, RECENT, ANSWER_LIMIT).await => Some(carrier),
            _ => {
                self.standing = None;
                None
            }
        }
    }

    /// Why the login failed for which one waited since `begun`, if it would fail for everybody.
    fn failed_for_all(&self, begun: Instant) -> Option<Failure> {
        let (at, failure) = self.failed.as_ref()?;
        (*at > begun && concerns_all(failure.kind)).then(|| failure.clone())
    }
}

impl Seat {
    /// Connects through the bastion that is shared, or directly where there is none. The way's `part` is chosen here.
    ///
    /// # Errors
    /// As those of [`Master::connect`].
    pub async fn connect(&self, way: Way<'_>) -> Result<Master, Failure> {
        let way = Way { part: Part::Whole, ..way };
        let Some(bastion) = &self.bastion else { return self.bastions.separate(way).await };
        let carrier = self.bastions.carrier(bastion, &way).await?;
        let behind = format!("{} behind {}", machine(&way.target.host), bastion.place.host);
        let connected = {
            let _pass = self.bastions.gates.enter(&behind).await;
            Master::connect(Way { part: Part::Behind(carrier.clone()), ..way.clone() }).await
        };
        match connected {
            Err(failure) if refuses_more(&failure, &carrier) => {
                drop(carrier);
                note(&way, format!("{}; logs in to it separately", failure.message));
                self.bastions.separate(way).await
            }
            connected => connected,
        }
    }

    /// Tells by which connection the session came into its target; gives those of others that are there already.
    pub fn came_in(&self, connection: SshConnection) -> Vec<SshConnection> {
        self.bastions.ways_in.came_in(&self.owner, connection)
    }

    /// The session has left its target.
    pub fn left(&self) {
        self.bastions.ways_in.left(&self.owner);
    }
}

/// Whether a bastion that carries others does not carry this one: servers exist that allow one forwarding a login.
fn refuses_more(failure: &Failure, carrier: &Carrier) -> bool {
    matches!(failure.kind, FailKind::ForwardingDenied | FailKind::SessionDenied) && carrier.has_carried()
}

/// Whether everybody's login would fail like this. Trying it again for each who waits would take that much longer, and
/// servers lock out whoever fails too often. Others (a question that one user cancelled) are worth the next one's try.
fn concerns_all(kind: FailKind) -> bool {
    matches!(
        kind,
        FailKind::Refused
            | FailKind::UnknownHost
            | FailKind::Timeout
            | FailKind::Unreachable
            | FailKind::Authentication
            | FailKind::HostKeyUnknown
            | FailKind::HostKeyChanged
            | FailKind::SshConfig
            | FailKind::ForwardingDenied
            | FailKind::NoSsh
    )
}

/// The name of a machine at whose gate logins wait.
fn machine(hop: &Hop) -> String {
    format!("{}:{}", hop.host, hop.port.unwrap_or(22))
}

/// A line for the session's log; left out if nobody keeps up with them.
fn note(way: &Way<'_>, text: String) {
    let _ = way.events.try_send(MasterEvent::Note(text));
}
