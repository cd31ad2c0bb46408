//! Asking a target what it has, without capturing: for `check` and `interfaces`.

mod steps;

pub use steps::{Step, steps};

use std::{path::Path, sync::Arc};

use tokio::sync::mpsc;

use super::{askpass, folder::SessionFolder, session::work};
use crate::{
    profile::Target,
    remote::probe::ProbeReport,
    session::{FailKind, Failure, Stage},
};

/// News of ssh that nobody reads here; the master drops what finds the channel full.
const IGNORED: usize = 1;

/// Logs in, asks, and leaves nothing behind. Questions of ssh go to `questions`.
pub async fn examine(
    target: Arc<Target>,
    runtime: &Path,
    questions: mpsc::Sender<askpass::Question>,
) -> Result<ProbeReport, Failure> {
    let folder = SessionFolder::new(runtime, "c").map_err(|error| {
        let message = format!("could not make a folder in {}: {error}", runtime.display());
        Failure::new(Stage::Connect, None, FailKind::File, message)
    })?;
    let (events, _ignored) = mpsc::channel(IGNORED);
    let master = work::connect(Arc::clone(&target), folder.path().to_owned(), questions, events).await?;
    let report = work::probe(Arc::clone(master.session()), &target).await;
    master.close().await;
    report
}
