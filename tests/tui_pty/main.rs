//! The dashboard in a real terminal. It runs in this same test binary, started anew in a pty.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests are tests too")]

mod ends;
#[path = "../fake/mod.rs"]
mod fake;
mod glass;
mod picture;
mod profiles;
#[path = "../terminal/mod.rs"]
mod terminal;

use std::{path::PathBuf, sync::Arc, time::Instant};

use fake::Voice;
use tokio::sync::mpsc;
use wrcap::{
    engine::{Command, EventKind, Report, SessionId},
    profile::{Hop, Target, TargetName},
    session::{Counters, FailKind, Failure, Link, Outcome, Sample, Stage, State, StoppedBy},
    tui::Depth,
};

/// Tells the dashboard that the terminal has all colours.
const ALL_COLOURS: &str = "TEST_ALL_COLOURS";

fn target() -> Target {
    let name = TargetName { site: "shop".to_owned(), target: "web-1".to_owned() };
    Target::new(name, Hop { host: "10.0.1.11".to_owned(), ..Hop::default() })
}

/// An engine of one session without packets. Opening a viewer is its panic.
async fn one_session(mut commands: mpsc::Receiver<Command>, mut voice: Voice) {
    const SESSION: SessionId = SessionId(1);
    let mut live = false;
    while let Some(command) = commands.recv().await {
        match command {
            Command::Start { target, .. } => {
                let counters = Arc::new(Counters::default());
                let now = Instant::now();
                let state = State::Live { since: now, link: Link::fresh(now) };
                let (name, target) = (target.name.clone(), Arc::new(*target));
                voice.say(SESSION, EventKind::Started { name, counters, target }).await;
                voice.say(SESSION, EventKind::State(state)).await;
                live = true;
            }
            // A stop goes wrong, so that there is something to ring for.
            Command::Stop(..) => {
                let failure = Failure::new(Stage::Capture, None, FailKind::LinkLost, "the link is gone");
                let (at, outcome) = (Instant::now(), Outcome::Failed(failure));
                voice.say(SESSION, EventKind::State(State::Ended { at, outcome })).await;
            }
            Command::OpenViewer(_) => panic!("the fake engine panics"),
            Command::Shutdown(_) => break,
            _ => {}
        }
    }
    if live {
        let report = Report {
            name: target().name,
            outcome: Outcome::Stopped(StoppedBy::Shutdown),
            sample: Sample::default(),
            statistics_final: true,
            untaken_bytes: 0,
            file: None,
            files: Vec::new(),
        };
        voice.say(SESSION, EventKind::Ended(Box::new(report))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the dashboard itself, started in a pty by the other tests"]
async fn dashboard() {
    let folder = std::env::var_os("WRCAP_TEST_PROFILES").map(PathBuf::from);
    let targets = if folder.is_some() { Vec::new() } else { vec![target()] };
    let profiles = folder.unwrap_or_else(|| "/nonexistent/profiles".into());
    let depth = if std::env::var_os(ALL_COLOURS).is_some() { Depth::True } else { Depth::Sixteen };
    match fake::dashboard(one_session, (targets, 0), &profiles, depth).await {
        Ok(exit) => eprintln!("left: {:?} {:?}", exit.reason, exit.lines),
        Err(error) => eprintln!("left: {error}"),
    }
}
