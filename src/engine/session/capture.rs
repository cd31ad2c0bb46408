//! A capture that runs on a target: the minder's channel and the pump on its stdout.

use std::{
    collections::VecDeque,
    os::fd::OwnedFd,
    sync::Arc,
    time::{Duration, Instant},
};

use openssh::Stdio;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
};
use zeroize::Zeroizing;

use crate::{
    engine::pump::{PumpEnd, PumpEvent},
    remote::minder::{LineSplitter, Message, Order},
    session::{FailKind, Failure, Stage},
};

/// The pipe of a channel's stdout, in bytes; a small one halves the throughput (measured: 629 to 1089 MB/s).
const PIPE_BYTES: usize = 1 << 20;
/// Orders for the minder that may wait while the link is stuck.
const ORDERS: usize = 16;
/// Messages of the minder that may wait for the session.
const MESSAGES: usize = 64;
/// Beats that may be on their way.
const BEATS: usize = 32;

/// The streams of a minder that was started.
pub(super) struct Channel {
    /// The minder's stdout.
    pub(super) stdout: OwnedFd,
    child: openssh::Child<Arc<openssh::Session>>,
}

/// Starts the minder over a connection that is up and sends its settings.
pub(super) async fn open(
    session: &Arc<openssh::Session>,
    hop: &str,
    command: &str,
    settings: Zeroizing<Vec<u8>>,
) -> Result<Channel, Failure> {
    let broken = |what: &str, error: &dyn std::fmt::Display| {
        let message =
            format!("could not {what} on {hop}: {}", crate::remote::text::clean(&error.to_string()));
        Failure::new(Stage::Arm, Some(hop), FailKind::SessionDenied, message)
            .hint("the server may limit the sessions of one connection: see MaxSessions in its sshd_config")
    };
    let (stdout, writer) = pipe().map_err(|error| broken("make a pipe for the capture", &error))?;
    let mut command = session.clone().arc_raw_command(command);
    command.stdin(Stdio::piped()).stdout(Stdio::from(writer)).stderr(Stdio::piped());
    let mut child = command.spawn().await.map_err(|error| broken("start the capture", &error))?;
    if let Some(stdin) = child.stdin().as_mut() {
        stdin.write_all(&settings).await.map_err(|error| broken("start the capture", &error))?;
    }
    Ok(Channel { stdout, child })
}

/// A pipe as wide as the system lets us; a narrow one is slower and nothing else.
pub(super) fn pipe() -> std::io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&reader, PIPE_BYTES);
    #[cfg(not(target_os = "linux"))]
    let _ = PIPE_BYTES;
    Ok((reader, writer))
}

/// What a capture says.
#[derive(Debug)]
pub(super) enum CaptureNews {
    /// The minder of this channel, or what it started.
    Message(usize, Message),
    /// The pump.
    Pump(PumpEvent),
    /// Both streams are at their end.
    Over,
}

/// Whether tcpdump may be asked for statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistics {
    /// The signal does not reach it.
    Never,
    /// The signal would end it: it sets its handler up after its header and before it says that it listens
    /// (`tcpdump.c`).
    NotYet,
    Now,
}

/// What a minder said, by the number of its channel; nothing at its end.
type Said = (usize, Option<Message>);

/// A minder that runs.
#[derive(Debug)]
struct Minder {
    input: Option<mpsc::Sender<Order>>,
    statistics: Statistics,
}

/// A beat that is on its way.
#[derive(Debug)]
struct Beat {
    number: u64,
    sent: Instant,
    /// How many minders have not answered it.
    missing: usize,
}

/// A capture that runs: a minder an interface, and one pump.
#[derive(Debug)]
pub(super) struct Capture {
    minders: Vec<Minder>,
    messages: Option<mpsc::Receiver<Said>>,
    pump: Option<mpsc::Receiver<PumpEvent>>,
    beats: VecDeque<Beat>,
    next_beat: u64,
    /// What the pump left; there once its stream has ended.
    pub(super) end: Option<Box<PumpEnd>>,
}

impl Capture {
    /// Takes the streams of minders over, their stdout being read by the pump already.
    pub(super) fn new(
        channels: Vec<openssh::Child<Arc<openssh::Session>>>,
        pump: mpsc::Receiver<PumpEvent>,
        live_statistics: bool,
    ) -> Self {
        let (sender, messages) = mpsc::channel(MESSAGES);
        let statistics = if live_statistics { Statistics::NotYet } else { Statistics::Never };
        let minders = channels.into_iter().enumerate().map(|(number, channel)| {
            let input = Some(attend(number, channel, sender.clone()));
            Minder { input, statistics }
        });
        Self {
            minders: minders.collect(),
            messages: Some(messages),
            pump: Some(pump),
            beats: VecDeque::new(),
            next_beat: 0,
            end: None,
        }
    }

    /// How many channels it has.
    pub(super) fn channels(&self) -> usize {
        self.minders.len()
    }

    /// Waits for what comes next; after [`CaptureNews::Over`] nothing comes any more.
    pub(super) async fn next(&mut self) -> CaptureNews {
        loop {
            let (messages, pump) = (&mut self.messages, &mut self.pump);
            tokio::select! {
                said = receive(messages), if messages.is_some() => match said {
                    Some((channel, Some(message))) => return CaptureNews::Message(channel, message),
                    // What is left of a merged capture is not what was asked for.
                    Some((_, None)) => self.stop(),
                    None => self.messages = None,
                },
                event = receive(pump), if pump.is_some() => match event {
                    Some(PumpEvent::Ended(end)) => {
                        self.end = Some(end);
                        self.pump = None;
                    }
                    Some(event) => return CaptureNews::Pump(event),
                    None => self.pump = None,
                },
                else => return CaptureNews::Over,
            }
        }
    }

    /// Sends a beat, and asks for statistics where that is possible.
    pub(super) fn beat(&mut self, now: Instant) {
        let number = self.next_beat;
        self.next_beat += 1;
        let missing = self.minders.len();
        if self.minders.iter().filter(|minder| minder.send(Order::Beat(number))).count() == missing {
            self.beats.push_back(Beat { number, sent: now, missing });
            if self.beats.len() > BEATS {
                self.beats.pop_front();
            }
        }
        for minder in self.minders.iter().filter(|minder| minder.statistics == Statistics::Now) {
            minder.send(Order::Stat);
        }
    }

    /// Says that a channel's tcpdump listens: from now on it can be asked for statistics, and is.
    pub(super) fn listening(&mut self, channel: usize) {
        let Some(minder) = self.minders.get_mut(channel) else { return };
        if minder.statistics == Statistics::NotYet {
            minder.statistics = Statistics::Now;
            minder.send(Order::Stat);
        }
    }

    /// The round trip of a beat that a minder answered, once all have.
    pub(super) fn round_trip(&mut self, number: u64, now: Instant) -> Option<Duration> {
        let at = self.beats.iter().position(|beat| beat.number == number)?;
        let beat = self.beats.get_mut(at)?;
        beat.missing = beat.missing.saturating_sub(1);
        let trip = (beat.missing == 0).then(|| now.saturating_duration_since(beat.sent))?;
        self.beats.drain(..=at);
        Some(trip)
    }

    /// Asks the minders to end the capture.
    pub(super) fn stop(&self) {
        for minder in &self.minders {
            minder.send(Order::Stop);
        }
    }

    /// Closes the minders' stdin, which ends the capture too.
    pub(super) fn close_stdin(&mut self) {
        for minder in &mut self.minders {
            minder.input = None;
        }
    }
}

impl Minder {
    /// An order that finds the queue full is not sent: the link is stuck, and the lease takes care of the rest.
    fn send(&self, order: Order) -> bool {
        self.input.as_ref().is_some_and(|input| input.try_send(order).is_ok())
    }
}

/// Passes orders to a minder and its messages on, until its end; gives where the orders go.
fn attend(
    number: usize,
    mut channel: openssh::Child<Arc<openssh::Session>>,
    sender: mpsc::Sender<Said>,
) -> mpsc::Sender<Order> {
    let (input, mut orders) = mpsc::channel::<Order>(ORDERS);
    let stdin = channel.stdin().take();
    let stderr = channel.stderr().take();
    tokio::spawn(async move {
        // Dropping stdin is the minder's sign that we are gone.
        let Some(mut stdin) = stdin else { return };
        while let Some(order) = orders.recv().await {
            if stdin.write_all(&order.encode()).await.is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        let Some(mut stderr) = stderr else { return };
        let mut splitter = LineSplitter::default();
        let mut buffer = vec![0; 8 << 10];
        while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
            for line in splitter.push(&buffer[..length]) {
                if sender.send((number, Some(Message::parse(&line)))).await.is_err() {
                    return;
                }
            }
        }
        let last = splitter.finish().map(|line| Message::parse(&line));
        for said in last.map(Some).into_iter().chain([None]) {
            let _ = sender.send((number, said)).await;
        }
        drop(channel);
    });
    input
}

async fn receive<T>(receiver: &mut Option<mpsc::Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => None,
    }
}

impl Channel {
    /// Its parts.
    pub(super) fn into_parts(self) -> (OwnedFd, openssh::Child<Arc<openssh::Session>>) {
        (self.stdout, self.child)
    }
}
