//! Asking a target what it has, without capturing: for `check` and `interfaces`.

mod steps;

pub use steps::{Step, steps};

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{askpass, bastions::Bastions, clean};
use crate::{
    profile::Target,
    remote::{leftover::Traces, probe::ProbeReport},
    session::Failure,
};

/// What a target has, and what earlier sessions left there.
#[derive(Debug)]
pub struct Examined {
    /// What it can capture on, and how.
    pub report: ProbeReport,
    /// Processes of ours that are there now.
    pub traces: Result<Traces, Failure>,
}

/// As [`examine`], with a look for what earlier sessions left behind.
///
/// # Errors
/// As those of [`examine`]; a look that fails is part of what was found.
pub async fn examine_all(
    target: Arc<Target>,
    bastions: &Arc<Bastions>,
    questions: mpsc::Sender<askpass::Question>,
) -> Result<Examined, Failure> {
    let visit = clean::Visit::open(target, bastions, questions).await?;
    let found = match visit.probe().await {
        Ok(report) => Ok(Examined { report, traces: visit.look().await }),
        Err(failure) => Err(failure),
    };
    visit.close().await;
    found
}

/// Logs in, asks, and leaves nothing behind. Questions of ssh go to `questions`.
pub async fn examine(
    target: Arc<Target>,
    bastions: &Arc<Bastions>,
    questions: mpsc::Sender<askpass::Question>,
) -> Result<ProbeReport, Failure> {
    let visit = clean::Visit::open(target, bastions, questions).await?;
    let report = visit.probe().await;
    visit.close().await;
    report
}
