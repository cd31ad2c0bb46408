//! Saving after the fact, beside everything else that a session does.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use super::driver::Driver;
use crate::{
    engine::{
        dispatcher::Request,
        event::EventKind,
        paths::expanded,
        spool::{SaveError, Saved, Snapshot},
    },
    packet::SaveRange,
    session::{FailKind, Failure, Stage},
};

impl Driver {
    /// Saves what is there now, on a thread that may wait for a disk. What happens to the session meanwhile changes
    /// nothing about it.
    pub(super) async fn save(&mut self, range: SaveRange, path: &Path) {
        let Some(spool) = &self.storage.packets else {
            return self.voice.say(EventKind::NotSaved(failure(&SaveError::Empty))).await;
        };
        // What is evicted by now is not in the snapshot, and what is saved begins there or earlier.
        let evicted = self.account.counters.sample().evicted_packets;
        let snapshot = match spool.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                return self.voice.say(EventKind::NotSaved(failure(&SaveError::Read(error)))).await;
            }
        };
        let path = self.named(&expanded(path));
        let path = if path.is_dir() { path.join(self.own_name()) } else { path };
        let (voice, reach) = (self.voice.clone(), Arc::clone(&self.storage.saved));
        self.storage.saves.spawn(async move {
            let done = tokio::task::spawn_blocking(move || save(&snapshot, range, &path)).await;
            let kind = match done {
                Ok(Ok(file)) => {
                    let whole = if range == SaveRange::All { evicted + file.packets } else { 0 };
                    let before = reach.fetch_max(whole, Relaxed);
                    EventKind::Saved { file, reaches: whole.max(before) }
                }
                Ok(Err(failure)) => EventKind::NotSaved(failure),
                Err(error) => EventKind::NotSaved(Failure::new(
                    Stage::Write,
                    None,
                    FailKind::Internal,
                    format!("saving broke off: {error}"),
                )),
            };
            voice.say(kind).await;
        });
    }

    /// Lets files that are being saved become whole, until somebody loses patience.
    pub(super) async fn wait_for_saves(&mut self) {
        self.storage.saves.close();
        loop {
            tokio::select! {
                () = self.storage.saves.wait() => return,
                request = self.ears.requests.recv() => {
                    if matches!(request, Some(Request::Stop(_) | Request::Kill)) {
                        return;
                    }
                    if request.is_none() {
                        return self.storage.saves.wait().await;
                    }
                }
            }
        }
    }
}

fn save(snapshot: &Snapshot, range: SaveRange, path: &Path) -> Result<Saved, Failure> {
    snapshot.save(range, path).map_err(|error| failure(&error))
}

fn failure(error: &SaveError) -> Failure {
    let failure = Failure::new(Stage::Write, None, FailKind::File, error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
