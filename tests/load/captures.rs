//! A dashboard whose engine only pretends to capture.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use wrcap::{
    engine::{Command, EventKind, SessionId},
    profile::{Hop, Target, TargetName},
    session::{Counters, Link, State},
    tui::Depth,
};

use super::fake::{self, Voice};

/// Packets come far more often than the screen may be drawn.
const BATCH: Duration = Duration::from_millis(20);
/// A sign of life comes from each target every so many batches, not from all at once.
const BEAT: u64 = 250;
/// A line for the log comes every so many batches.
const LINE: u64 = 50;

/// Shows a dashboard on which this many captures are live from the beginning.
pub(crate) async fn dashboard(captures: usize) {
    let targets: Vec<Target> = (1..=captures).map(target).collect();
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("profiles");
    fake::dashboard(pretend, (targets, captures), &profiles, Depth::Sixteen).await.unwrap();
}

fn target(number: usize) -> Target {
    let name =
        TargetName { site: format!("site-{}", number.div_ceil(10)), target: format!("host-{number:03}") };
    Target::new(name, Hop { host: format!("10.0.1.{number}"), ..Hop::default() })
}

fn number(session: usize) -> SessionId {
    SessionId(u32::try_from(session).unwrap())
}

async fn beat(voice: &mut Voice, session: usize, since: Instant) {
    let link = Link::Live { heard: Instant::now(), round_trip: Some(Duration::from_millis(12)) };
    voice.say(number(session), EventKind::State(State::Live { since, link })).await;
}

/// Starts what is to be started, and lets packets, beats and lines come until the end.
async fn pretend(mut commands: mpsc::Receiver<Command>, mut voice: Voice) {
    let mut running: Vec<(Arc<Counters>, Instant)> = Vec::new();
    let mut clock = tokio::time::interval(BATCH);
    let mut batches = 0;
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Start { target, .. }) => {
                    let (counters, since) = (Arc::new(Counters::default()), Instant::now());
                    running.push((Arc::clone(&counters), since));
                    let (name, target) = (target.name.clone(), Arc::new(*target));
                    voice.say(number(running.len()), EventKind::Started { name, counters, target }).await;
                    let (interface, command_lines) = ("eth0".to_owned(), vec!["tcpdump -U -n -i eth0 -w -".to_owned()]);
                    voice.say(number(running.len()), EventKind::Armed { interface, command_lines }).await;
                    beat(&mut voice, running.len(), since).await;
                }
                Some(Command::Shutdown(_)) | None => return,
                Some(_) => {}
            },
            _ = clock.tick() => {
                batches += 1;
                flow(&running, batches);
                for (index, (_, since)) in running.iter().enumerate() {
                    if (batches + index as u64 * 7).is_multiple_of(BEAT) {
                        beat(&mut voice, index + 1, *since).await;
                    }
                }
                if batches.is_multiple_of(LINE) && !running.is_empty() {
                    let text = format!("tcpdump: batch {batches} of packets was written to the spool");
                    voice.say(number(1), EventKind::Log { source: "wrcap".to_owned(), text }).await;
                }
            }
        }
    }
}

/// Rates that wax and wane, other ones for each capture.
fn flow(running: &[(Arc<Counters>, Instant)], batches: u64) {
    for (index, (counters, _)) in running.iter().enumerate() {
        let packets = 1 + (batches / 40 + index as u64 * 3) % 11;
        counters.add_packets(packets, packets * 650, packets * 650, 0);
        let all = counters.sample().packets;
        counters.set_kernel(all, 0, 0);
    }
}
