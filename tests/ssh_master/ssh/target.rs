//! Targets and ways to them in the lab.

use std::{collections::BTreeMap, path::Path, time::Duration};

use tokio::sync::mpsc;
use wrcap::{
    engine::{
        askpass::Question,
        master::{Guard, Master, MasterEvent, Part, Way},
    },
    profile::{Hop, Target, TargetName},
    remote::ssh_config::SshFiles,
    session::Failure,
};

use super::Lab;

/// A hop on loopback that is entered with this key of the lab.
pub(crate) fn hop(lab: &Lab, port: u16, key: &str) -> Hop {
    Hop { host: "127.0.0.1".into(), user: None, port: Some(port), identity: Some(lab.path(key)) }
}

/// A target with these hops, the last of which is the target itself.
pub(crate) fn target(lab: &Lab, hops: Vec<Hop>) -> Target {
    target_with(&lab.path("known_hosts").display().to_string(), hops)
}

/// The same, for a process that has no lab of its own.
pub(crate) fn target_with(known_hosts: &str, mut hops: Vec<Hop>) -> Target {
    let host = hops.pop().expect("at least one hop");
    let options = [("UserKnownHostsFile", known_hosts), ("GlobalKnownHostsFile", "/dev/null")];
    let name = TargetName { site: "lab".into(), target: "t".into() };
    Target {
        via: hops,
        ssh_options: BTreeMap::from(options.map(|(keyword, value)| (keyword.to_owned(), value.to_owned()))),
        ..Target::new(name, host)
    }
}

/// A way to `target` through the folder `dir`, with nobody's own configuration.
pub(crate) fn way<'a>(target: &'a Target, dir: &Path, questions: mpsc::Sender<Question>) -> Way<'a> {
    let files = SshFiles { user_config: None, system_config: None, ..SshFiles::new(dir) };
    let (events, _) = mpsc::channel::<MasterEvent>(1);
    Way {
        target,
        files,
        askpass: env!("CARGO_BIN_EXE_wrcap").into(),
        questions,
        events,
        hop_limit: Duration::from_secs(20),
        guard: Guard::default(),
        part: Part::Whole,
    }
}

/// Connects where nobody answers questions.
pub(crate) async fn connect(lab: &Lab, name: &str, target: &Target) -> Result<Master, Failure> {
    let (questions, _) = mpsc::channel(1);
    Master::connect(way(target, &lab.session(name), questions)).await
}
