//! A look at a target that captures nothing: what it has, then how much flows on its interfaces, until somebody has
//! seen enough. It goes over the connection of a session where one is lent, else over one of its own.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use openssh::Stdio;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    sync::mpsc,
};

use super::{
    askpass,
    bastions::Seat,
    dispatcher::{Request, Settings, Voice},
    event::{EventKind, LookNews, SessionId},
    folder::SessionFolder,
    master::MasterEvent,
    session::{questions::Questions, work},
};
use crate::{
    profile::Target,
    remote::{
        rates::{self, Reading},
        text::clean,
    },
    session::{FailKind, Failure, Stage},
};

/// The time between two readings of the counters.
const EVERY: Duration = Duration::from_secs(2);
/// How long a reading may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Questions, news of ssh, and news of the look that may wait.
const WAITING: usize = 16;

/// What a look starts with.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) id: SessionId,
    /// The number that the front gave it.
    pub(super) ticket: u64,
    pub(super) target: Arc<Target>,
    /// The connection of a session to the same target.
    pub(super) lent: Option<Arc<openssh::Session>>,
    pub(super) seat: Seat,
    pub(super) settings: Arc<Settings>,
    pub(super) voice: Voice,
    pub(super) requests: mpsc::Receiver<Request>,
}

/// Looks until it is dismissed or wrcap ends; nothing of it is left afterwards.
pub(super) async fn run(look: Look) {
    let Look { id, ticket, target, lent, seat, settings, voice, mut requests } = look;
    voice.say(EventKind::Look(LookNews::Began { ticket })).await;
    let mut questions = Questions::new(id);
    let (ask, mut asked) = mpsc::channel(WAITING);
    let (tell, mut told) = mpsc::channel(WAITING);
    let (report, mut reported) = mpsc::channel(WAITING);
    let mut work = Box::pin(see(target, (lent, seat), settings, Ears { ask, tell, report }));
    let mut over = false;
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(Request::Answer(number, answer)) => questions.answer(number, answer),
                Some(Request::Dismiss | Request::Kill | Request::Stop(_) | Request::Shutdown(_)) | None => break,
                Some(_) => {}
            },
            Some(question) = asked.recv() => {
                if let Some(question) = questions.ask(question) {
                    voice.say(EventKind::Asked(question)).await;
                }
            }
            id = questions.withdrawn() => voice.say(EventKind::Withdrawn(id)).await,
            Some(event) = told.recv() => {
                if let MasterEvent::LoggedIn(hops) = event {
                    voice.say(EventKind::Look(LookNews::Reached(hops))).await;
                }
            }
            Some(news) = reported.recv() => voice.say(EventKind::Look(news)).await,
            failure = &mut work, if !over => {
                over = true;
                // What was seen before comes before.
                while let Ok(news) = reported.try_recv() {
                    voice.say(EventKind::Look(news)).await;
                }
                voice.say(EventKind::Look(LookNews::Failed(Box::new(failure)))).await;
            }
        }
    }
    // Ends ssh and removes its files.
    drop(work);
    for id in questions.cancel() {
        voice.say(EventKind::Withdrawn(id)).await;
    }
}

/// Where a look's questions and news go.
struct Ears {
    ask: mpsc::Sender<askpass::Question>,
    tell: mpsc::Sender<MasterEvent>,
    report: mpsc::Sender<LookNews>,
}

/// Looks until something fails; says what.
async fn see(
    target: Arc<Target>,
    way: (Option<Arc<openssh::Session>>, Seat),
    settings: Arc<Settings>,
    ears: Ears,
) -> Failure {
    let Err(failure) = look(target, way, &settings, ears).await;
    failure
}

async fn look(
    target: Arc<Target>,
    (lent, seat): (Option<Arc<openssh::Session>>, Seat),
    settings: &Settings,
    ears: Ears,
) -> Result<Infallible, Failure> {
    let runtime = &settings.runtime;
    let folder = SessionFolder::new(runtime, "l").map_err(|error| {
        let message = format!("could not make a folder in {}: {error}", runtime.display());
        Failure::new(Stage::Connect, None, FailKind::File, message)
    })?;
    let (own, session) = if let Some(session) = lent {
        (None, session)
    } else {
        let path = folder.path().to_owned();
        let master = work::connect(seat, Arc::clone(&target), path, ears.ask, ears.tell).await?;
        let session = Arc::clone(master.session());
        (Some(master), session)
    };
    let report = work::probe(Arc::clone(&session), &target).await?;
    // A front that has gone dismisses the look, too.
    let _ = ears.report.send(LookNews::Seen(Box::new(report))).await;
    let failure = match measure(&session, &target, &ears.report).await {
        Ok(never) => match never {},
        Err(failure) => failure,
    };
    if let Some(master) = own {
        master.close().await;
    }
    Err(failure)
}

/// Reads the counters again and again, and tells what lies between two readings.
async fn measure(
    session: &Arc<openssh::Session>,
    target: &Target,
    report: &mpsc::Sender<LookNews>,
) -> Result<Infallible, Failure> {
    let hop = target.host.to_string();
    let broken = |what: &str| {
        let message = format!("could not read the counters of {hop}: {}", clean(what));
        Failure::new(Stage::Probe, Some(&hop), FailKind::BadAnswer, message)
    };
    let said = |error: &dyn std::fmt::Display| broken(&error.to_string());
    let tag = work::tag(target)?;
    let mut command = session.clone().arc_raw_command(rates::command(&tag));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().await.map_err(|error| said(&error))?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin().take(), child.stdout().take()) else {
        return Err(broken("the channel has no streams"));
    };
    stdin.write_all(&rates::opening(&tag)).await.map_err(|error| said(&error))?;
    let (mut stdout, mut reader) = (BufReader::new(stdout), rates::Reader::new(&tag));
    let mut before: Option<(Instant, Reading)> = None;
    loop {
        stdin.write_all(rates::ASK).await.map_err(|error| said(&error))?;
        let reading = tokio::time::timeout(PATIENCE, next(&mut stdout, &mut reader)).await;
        let reading = reading.map_err(|_| broken("no answer"))?.map_err(|error| said(&error))?;
        let now = Instant::now();
        let flows = before.as_ref().map_or_else(BTreeMap::new, |(at, before)| {
            rates::between(before, &reading, now.saturating_duration_since(*at))
        });
        if before.is_some() {
            let _ = report.send(LookNews::Flows(flows)).await;
        }
        before = Some((now, reading));
        tokio::time::sleep(EVERY).await;
    }
}

/// The next whole reading. A line that is too long is cut, its rest is another line.
async fn next(
    stdout: &mut BufReader<openssh::ChildStdout>,
    reader: &mut rates::Reader,
) -> std::io::Result<Reading> {
    let mut line = Vec::with_capacity(rates::MAX_LINE);
    loop {
        line.clear();
        if (&mut *stdout).take(rates::MAX_LINE as u64).read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(reading) = reader.line(&String::from_utf8_lossy(&line)) {
            return Ok(reading);
        }
    }
}
