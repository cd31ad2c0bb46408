//! A dashboard whose engine only pretends to capture.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::mpsc;
use wrcap::{
    engine::{self, Command, Event, EventKind, SessionId},
    profile::{Config, Hop, Target, TargetName},
    session::{Counters, Link, State},
    tui::{self, ColorChoice, Depth, GlyphSet, Settings, Setup},
};

/// Packets come far more often than the screen may be drawn.
const BATCH: Duration = Duration::from_millis(20);
/// A sign of life comes from each target every so many batches, not from all at once.
const BEAT: u64 = 250;
/// A line for the log comes every so many batches.
const LINE: u64 = 50;

/// Shows a dashboard on which this many captures are live from the beginning.
pub(crate) async fn dashboard(captures: usize) {
    let targets: Vec<Target> = (1..=captures).map(target).collect();
    let (commands, heard) = mpsc::channel(64);
    let (says, events) = mpsc::channel(256);
    tokio::spawn(pretend(heard, says));
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("profiles");
    let clerk = engine::profiles::start(engine::profiles::Settings {
        profiles: profiles.clone(),
        undo: folder.path().join("undo.json"),
        runtime: folder.path().to_owned(),
        engine: None,
    });
    let exit = tui::run(Setup {
        start: targets.iter().map(|target| target.name.clone()).collect(),
        targets,
        problems: Vec::new(),
        notes: Vec::new(),
        commands,
        events,
        color: ColorChoice::Ansi,
        glyphs: GlyphSet::Unicode,
        settings: Settings::new(Config::default(), Depth::Sixteen, None).unwrap(),
        remembered: tui::Remembered::default(),
        reload: tui::Reload::new(|| Err(vec!["there are no settings here".to_owned()])),
        profiles,
        spool: std::path::PathBuf::from("/nonexistent"),
        throwaway: false,
        clerk,
    });
    exit.await.unwrap();
}

fn target(number: usize) -> Target {
    let name =
        TargetName { site: format!("site-{}", number.div_ceil(10)), target: format!("host-{number:03}") };
    Target::new(name, Hop { host: format!("10.0.1.{number}"), ..Hop::default() })
}

struct Voice {
    says: mpsc::Sender<Event>,
    sequence: u64,
}

impl Voice {
    async fn say(&mut self, session: usize, kind: EventKind) {
        self.sequence += 1;
        let session = SessionId(u32::try_from(session).unwrap());
        let event = Event { session, sequence: self.sequence, at: SystemTime::now(), kind };
        // Nobody listens any more once the dashboard is left.
        let _ = self.says.send(event).await;
    }

    async fn beat(&mut self, session: usize, since: Instant) {
        let link = Link::Live { heard: Instant::now(), round_trip: Some(Duration::from_millis(12)) };
        self.say(session, EventKind::State(State::Live { since, link })).await;
    }
}

/// Starts what is to be started, and lets packets, beats and lines come until the end.
async fn pretend(mut commands: mpsc::Receiver<Command>, says: mpsc::Sender<Event>) {
    let mut voice = Voice { says, sequence: 0 };
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
                    voice.say(running.len(), EventKind::Started { name, counters, target }).await;
                    let (interface, command_line) = ("eth0".to_owned(), "tcpdump -U -n -i eth0 -w -".to_owned());
                    voice.say(running.len(), EventKind::Armed { interface, command_line }).await;
                    voice.beat(running.len(), since).await;
                }
                Some(Command::Shutdown(_)) | None => return,
                Some(_) => {}
            },
            _ = clock.tick() => {
                batches += 1;
                flow(&running, batches);
                for (index, (_, since)) in running.iter().enumerate() {
                    if (batches + index as u64 * 7).is_multiple_of(BEAT) {
                        voice.beat(index + 1, *since).await;
                    }
                }
                if batches.is_multiple_of(LINE) && !running.is_empty() {
                    let text = format!("tcpdump: batch {batches} of packets was written to the spool");
                    voice.say(1, EventKind::Log { source: "wrcap".to_owned(), text }).await;
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
