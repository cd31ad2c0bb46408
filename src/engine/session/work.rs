//! The steps that take long, as futures that the driver polls beside everything else. Dropping one undoes it.

use std::{
    future::Future,
    os::fd::OwnedFd,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
};

use super::{
    capture::{self, Capture, Channel},
    run::Run,
};
use crate::{
    engine::{
        askpass,
        bastions::Seat,
        client::client,
        master::{Guard, HOP_LIMIT, Master, MasterEvent, Part, Way},
        pump::{
            self, PendingDrops,
            merge::{self, Source},
        },
        spool::SpoolWriter,
    },
    profile::Target,
    remote::{
        label::Label,
        minder::{MarkerFinder, Tag},
        plan::Plan,
        probe::{self, MAX_ANSWER, ProbeReport},
        ssh_config::SshFiles,
    },
    session::{Counters, FailKind, Failure, Stage},
};

/// How long a target may take to answer the probe.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// A step that is being taken.
pub(super) type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A connection that is being taken down; gives the run that it carried, its streams read to their end.
pub(super) type Down = Pin<Box<dyn Future<Output = Option<Box<Run>>> + Send>>;

/// What a step came to.
#[derive(Debug)]
pub(super) enum Done {
    Connected(Result<Box<Master>, Failure>),
    /// The connection of the run before still stands.
    Standing,
    Probed(Result<Box<Plan>, Failure>),
    Password(askpass::Answer),
    Armed(Result<Box<Run>, Failure>),
    Closed,
}

/// Connects through all hops, to the last bastion together with others.
pub(crate) async fn connect(
    seat: Seat,
    target: Arc<Target>,
    folder: PathBuf,
    questions: mpsc::Sender<askpass::Question>,
    events: mpsc::Sender<MasterEvent>,
) -> Result<Box<Master>, Failure> {
    let askpass = std::env::current_exe().map_err(|error| {
        Failure::new(
            Stage::Connect,
            None,
            FailKind::Internal,
            format!("could not find wrcap's own program: {error}"),
        )
    })?;
    let way = Way {
        target: &target,
        files: SshFiles::new(folder),
        askpass,
        questions,
        events,
        hop_limit: HOP_LIMIT,
        guard: Guard::default(),
        part: Part::Whole,
    };
    seat.connect(way).await.map(Box::new)
}

/// How long the streams of a capture may take to end after their master is gone.
const STREAM_GRACE: Duration = Duration::from_secs(2);

/// Takes a connection down, and lets what it carried come to its end.
pub(super) async fn disconnect(master: Option<Box<Master>>, run: Option<Run>) -> Option<Box<Run>> {
    if let Some(master) = master {
        master.close().await;
    }
    let mut run = run?;
    let _ = tokio::time::timeout(STREAM_GRACE, run.drain()).await;
    Some(Box::new(run))
}

/// Asks the target what it has.
pub(crate) async fn probe(session: Arc<openssh::Session>, target: &Target) -> Result<ProbeReport, Failure> {
    let hop = target.host.to_string();
    let tag = tag(target)?;
    let questions = probe::questions(
        &tag,
        target.privilege,
        &target.interface,
        target.filter.as_deref(),
        target.stop_after.matching.as_deref(),
    );
    let input = questions.map_err(|error| {
        Failure::new(Stage::Probe, Some(&hop), FailKind::Filter, error.to_string())
            .hint("filters are written as in pcap-filter(7), for example `tcp port 80`")
    })?;
    let answer = put(&session, &hop, &input, &tag).await?;
    ProbeReport::parse(&answer, &tag).map_err(|error| error.failure(&hop))
}

/// Runs a script that asks and is done; gives what it answered.
pub(crate) async fn put(
    session: &Arc<openssh::Session>,
    hop: &str,
    input: &[u8],
    tag: &Tag,
) -> Result<Vec<u8>, Failure> {
    match tokio::time::timeout(PROBE_LIMIT, ask(session, input, tag)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(reason)) => {
            let message = format!("could not run a command on {hop}: {reason}");
            Err(Failure::new(Stage::Probe, Some(hop), FailKind::SessionDenied, message)
                .hint("the login must allow commands, and MaxSessions in sshd_config at least one"))
        }
        Err(_) => {
            let message = format!("{hop} did not answer within {} s", PROBE_LIMIT.as_secs());
            Err(Failure::new(Stage::Probe, Some(hop), FailKind::Timeout, message)
                .hint("its login shell may wait for something: try `ssh` by hand"))
        }
    }
}

async fn ask(session: &Arc<openssh::Session>, input: &[u8], tag: &Tag) -> Result<Vec<u8>, String> {
    let clean = |error: &dyn std::fmt::Display| crate::remote::text::clean(&error.to_string());
    let mut command = session.clone().arc_raw_command(probe::command(tag));
    command.stdin(openssh::Stdio::piped()).stdout(openssh::Stdio::piped()).stderr(openssh::Stdio::null());
    let mut child = command.spawn().await.map_err(|error| clean(&error))?;
    if let Some(mut stdin) = child.stdin().take() {
        stdin.write_all(input).await.map_err(|error| clean(&error))?;
    }
    let mut answer = Vec::new();
    if let Some(stdout) = child.stdout().take() {
        stdout.take(MAX_ANSWER as u64 + 1).read_to_end(&mut answer).await.map_err(|error| clean(&error))?;
    }
    Ok(answer)
}

/// Asks the target and makes the plan.
pub(super) async fn plan(
    session: Arc<openssh::Session>,
    target: Arc<Target>,
    seat: Seat,
) -> Result<Box<Plan>, Failure> {
    let mut report = probe(session, &target).await?;
    let tag = tag(&target)?;
    // The target knows of other processes' captures, too, but not yet of one that was about to begin.
    let known = report.connection.map_or_else(Vec::new, |connection| seat.came_in(connection));
    report.others.extend(known);
    Plan::make(&target, report, tag).map(Box::new)
}

/// A label that no banner and no other channel has, and that says whose it is.
pub(crate) fn tag(target: &Target) -> Result<Tag, Failure> {
    let bug =
        || Failure::new(Stage::Probe, None, FailKind::Internal, "could not make a label for the session");
    let random = askpass::Token::random().map_err(|_| bug())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Label::tag(random.as_str(), &target.name, &client(), now).ok_or_else(bug)
}

/// What arming needs.
pub(super) struct Arming {
    pub(super) session: Arc<openssh::Session>,
    pub(super) target: Arc<Target>,
    pub(super) command: String,
    /// Of each channel.
    pub(super) settings: Vec<zeroize::Zeroizing<Vec<u8>>>,
    /// The interfaces of a merged capture, one a channel.
    pub(super) names: Vec<String>,
    /// How long a packet of a merged capture waits for those of other interfaces.
    pub(super) hold: Duration,
    pub(super) marker: MarkerFinder,
    pub(super) pump: pump::Settings,
    pub(super) live_statistics: bool,
    pub(super) writer: SpoolWriter,
    pub(super) counters: Arc<Counters>,
    pub(super) drops: Arc<PendingDrops>,
}

/// Starts the minders and the pump.
pub(super) async fn arm(arming: Arming) -> Result<Box<Run>, Failure> {
    let Arming { session, target, command, settings, names, hold, .. } = arming;
    let Arming { marker, pump, live_statistics, writer, counters, drops, .. } = arming;
    let hop = target.host.to_string();
    let opened = settings.into_iter().map(|settings| capture::open(&session, &hop, &command, settings));
    let channels = futures_util::future::try_join_all(opened).await?;
    let (mut streams, children): (Vec<_>, Vec<_>) = channels.into_iter().map(Channel::into_parts).unzip();
    let started = match (streams.pop(), streams.is_empty()) {
        (Some(stream), true) => Ok(stream),
        (last, _) => {
            streams.extend(last);
            let source = |(channel, name)| Source { channel, marker: marker.clone(), name };
            merged(streams.into_iter().zip(names).map(source).collect(), hold)
        }
    }
    .and_then(|stream| pump::start(stream, marker, pump, writer, counters, drops));
    let events = started.map_err(|error| {
        Failure::new(Stage::Arm, None, FailKind::Internal, format!("could not start a thread: {error}"))
    })?;
    Ok(Box::new(Run::new(Capture::new(children, events, live_statistics))))
}

/// Several channels as one stream.
fn merged(sources: Vec<Source>, hold: Duration) -> std::io::Result<OwnedFd> {
    let (stream, out) = capture::pipe()?;
    merge::start(sources, out, hold)?;
    Ok(stream)
}
