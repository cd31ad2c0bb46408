//! What is known of a session beside its state and its numbers.

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use super::{hops::Hops, log::Log, past::Past};
use crate::{
    engine::ViewerEvent,
    profile::{Target, Viewer},
};

/// What is known of a session.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What it captures.
    pub(crate) target: Option<Arc<Target>>,
    /// What its profile has become meanwhile.
    pub(crate) renewed: Option<Target>,
    /// The ssh that was started last.
    pub(crate) ssh: Option<String>,
    /// What runs on the target, a line for each interface; empty before it is known.
    pub(crate) tcpdump: Vec<String>,
    /// The viewers that run, program and process id.
    pub(crate) viewers: Vec<(String, u32)>,
    /// When packets could flow first.
    pub(crate) live_at: Option<SystemTime>,
    /// The file that holds its packets, once that is known.
    pub(crate) file: Option<PathBuf>,
    /// How many of its packets, from the first one on, need no spool any more.
    pub(crate) saved: u64,
    /// The host key that ssh asked about last.
    pub(crate) fingerprint: Option<String>,
    /// Its own part of the log.
    pub(crate) log: Log,
    /// What is known of the machines on the way.
    pub(crate) hops: Hops,
    /// Its numbers of a while ago.
    pub(crate) past: Past,
}

impl Facts {
    /// Takes in what a viewer did.
    pub(crate) fn watch(&mut self, event: &ViewerEvent) {
        match event {
            ViewerEvent::Started { program, pid } => self.viewers.push((program.clone(), *pid)),
            ViewerEvent::Exited { pid, .. } => self.viewers.retain(|(_, other)| other != pid),
            ViewerEvent::Failed(_) => {}
        }
    }

    /// Its profile was changed. What was started as the profile had it starts again as the profile has it now; what
    /// differed from it stays as it is.
    pub(crate) fn renew(&mut self, before: Option<&Target>, after: Option<&Target>) {
        if let Some(after) = after.filter(|_| self.again() == before) {
            self.renewed = Some(after.clone());
        }
    }

    /// What a restart starts.
    pub(crate) fn again(&self) -> Option<&Target> {
        self.renewed.as_ref().or(self.target.as_deref())
    }

    /// Whether it has a viewer to be opened.
    pub(crate) fn wants_viewer(&self) -> bool {
        self.target.as_ref().is_none_or(|target| target.viewer != Viewer::None)
    }

    /// Where its packets are kept beyond its end, if anywhere.
    pub(crate) fn kept_in(&self) -> Option<String> {
        let folder = || self.target.as_ref()?.record.as_ref();
        self.file.as_ref().or_else(folder).map(|path| path.display().to_string())
    }
}
