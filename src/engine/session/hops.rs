//! What is known of each hop while a capture runs.
//!
//! A beat comes back through all of them, so it proves all of them. Where beats stay away, the bastion is asked once:
//! whether it answers tells which part of the way is silent. It is not asked oftener, since the only question that
//! every sshd answers leaves a line in its log.

use std::{path::PathBuf, time::Duration};

use super::driver::Driver;
use crate::{
    engine::{event::EventKind, master::Carrier},
    remote::ssh_config::SshFiles,
    session::{Link, Rhythm, State},
};

/// How long the bastion may take to answer; less where the lease is short.
const LIMIT: Duration = Duration::from_secs(5);

/// True from the moment when beats stay away.
fn is_late(state: &State) -> bool {
    matches!(state, State::Live { link: Link::Late { .. }, .. })
}

impl Driver {
    /// Tells that all hops have let us in, and since when the shared connection to the bastion stands.
    pub(super) async fn tell_hops(&mut self) {
        let bastion = self.master.as_ref().and_then(|master| master.carrier());
        let bastion_since = bastion.map(Carrier::since);
        self.voice.say(EventKind::Connected { bastion_since }).await;
    }

    /// Notes that a beat came back: nobody needs to ask the bastion for a while.
    pub(super) fn prove_hops(&self) {
        if let Some(carrier) = self.master.as_ref().and_then(|master| master.carrier()) {
            carrier.prove();
        }
    }

    /// Asks the bastion whether it is there, once the target has become silent.
    pub(super) fn doubt(&mut self, before: &State) {
        let carrier = self.master.as_ref().and_then(|master| master.carrier());
        if is_late(before) || !is_late(self.machine.state()) {
            return;
        }
        if let Some(carrier) = carrier.cloned() {
            // What another session heard since then answers it, too.
            let Rhythm { every: recent, late, lost } = Rhythm::of_lease(self.target.lease);
            let limit = LIMIT.min(lost.saturating_sub(late) / 2);
            let ssh = SshFiles::new(PathBuf::new()).ssh;
            self.ears.bastion = Some(Box::pin(async move { carrier.works(&ssh, recent, limit).await }));
        }
    }

    /// The bastion has answered, or has not.
    pub(super) async fn bastion_answered(&mut self, answers: bool) {
        if !is_late(self.machine.state()) {
            return;
        }
        let Some(bastion) = self.target.via.last().map(|hop| &hop.host) else { return };
        let text = if answers {
            format!("{bastion} answers: what is silent is behind it")
        } else {
            format!("{bastion} does not answer either")
        };
        self.voice.log("wrcap", text);
        self.voice.say(EventKind::Bastion { answers }).await;
    }
}
