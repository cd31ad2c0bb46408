//! What earlier sessions left behind on a target: looking for it, and ending it.

mod errand;

pub use errand::{Errand, Outcome, Swept, Task};

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{askpass, bastions::Bastions, folder::SessionFolder, master::Master, session::work};
use crate::{
    profile::Target,
    remote::{
        leftover::{Group, Traces},
        minder::Tag,
        probe::ProbeReport,
        sweep::{self, Chosen, Sweep},
    },
    session::{FailKind, Failure, Stage},
};

/// How long a session that is just ending may take; what is there longer is left over.
const ENDING: Duration = Duration::from_secs(1);

/// How often processes are ended that others of their session started meanwhile.
const ROUNDS: u32 = 3;

/// News of ssh that nobody reads here; the master drops what finds the channel full.
const IGNORED: usize = 1;

/// A connection to a target, for a look and what follows from it. Dropping it ends it.
#[derive(Debug)]
pub struct Visit {
    // The connection goes before its files.
    master: Master,
    target: Arc<Target>,
    _folder: SessionFolder,
}

impl Visit {
    /// Logs in. Questions of ssh go to `questions`; a closed channel cancels them.
    ///
    /// # Errors
    /// As those of a session that cannot connect.
    pub async fn open(
        target: Arc<Target>,
        bastions: &Arc<Bastions>,
        questions: mpsc::Sender<askpass::Question>,
    ) -> Result<Self, Failure> {
        let (runtime, seat) = (bastions.runtime(), bastions.seat(&target));
        let folder = SessionFolder::new(runtime, "c").map_err(|error| {
            let message = format!("could not make a folder in {}: {error}", runtime.display());
            Failure::new(Stage::Connect, None, FailKind::File, message)
        })?;
        let (events, _ignored) = mpsc::channel(IGNORED);
        let master =
            work::connect(seat, Arc::clone(&target), folder.path().to_owned(), questions, events).await?;
        Ok(Self { master: *master, target, _folder: folder })
    }

    /// Looks for processes of ours; a second time before it calls anything left over.
    ///
    /// # Errors
    /// The target does not run commands, or answers something else.
    pub async fn look(&self) -> Result<Traces, Failure> {
        let first = self.once().await?;
        if first.leftovers.is_empty() {
            return Ok(first);
        }
        tokio::time::sleep(ENDING).await;
        Ok(self.once().await?.confirmed(&first))
    }

    /// Asks what the target has, as every capture does before it starts.
    pub(super) async fn probe(&self) -> Result<ProbeReport, Failure> {
        work::probe(Arc::clone(self.master.session()), &self.target).await
    }

    /// Ends the processes of these groups, TERM first, and what they start meanwhile; gives what is still there.
    ///
    /// # Errors
    /// As those of [`Visit::look`].
    pub async fn end(&self, groups: &[Group]) -> Result<Vec<Group>, Failure> {
        let mut left = groups.to_vec();
        for _ in 0..ROUNDS {
            let chosen: Vec<Chosen> = left.iter().flat_map(Group::chosen).collect();
            let tag = work::tag(&self.target)?;
            let orders = sweep::orders(&tag, &chosen);
            left = self.ask(&orders, &tag).await?.still(groups);
            // What withstood everything withstands it again.
            if left.iter().flat_map(Group::chosen).all(|still| chosen.contains(&still)) {
                break;
            }
        }
        Ok(left)
    }

    /// Logs out; nothing is left here afterwards.
    pub async fn close(self) {
        self.master.close().await;
    }

    async fn once(&self) -> Result<Traces, Failure> {
        let tag = work::tag(&self.target)?;
        self.ask(&sweep::questions(&tag), &tag).await
    }

    async fn ask(&self, input: &[u8], tag: &Tag) -> Result<Traces, Failure> {
        let hop = self.target.host.to_string();
        let answer = work::put(self.master.session(), &hop, input, tag).await?;
        let sweep = Sweep::parse(&answer, tag).map_err(|error| error.failure(&hop))?;
        Ok(Traces::of(&sweep, tag))
    }
}

/// Looks at a target: logs in, looks, logs out.
///
/// # Errors
/// As those of [`Visit`].
pub async fn look(
    target: Arc<Target>,
    bastions: &Arc<Bastions>,
    questions: mpsc::Sender<askpass::Question>,
) -> Result<Traces, Failure> {
    let visit = Visit::open(target, bastions, questions).await?;
    let found = visit.look().await;
    visit.close().await;
    found
}

/// Ends what an earlier look found; gives what is still there.
///
/// # Errors
/// As those of [`Visit`].
pub async fn end(
    target: Arc<Target>,
    bastions: &Arc<Bastions>,
    questions: mpsc::Sender<askpass::Question>,
    groups: &[Group],
) -> Result<Vec<Group>, Failure> {
    let visit = Visit::open(target, bastions, questions).await?;
    let left = visit.end(groups).await;
    visit.close().await;
    left
}
