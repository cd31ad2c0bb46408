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
    let (stdout, writer) =
        pipe_with(PipeFlags::CLOEXEC).map_err(|error| broken("make a pipe for the capture", &error))?;
    widen(&stdout);
    let mut command = session.clone().arc_raw_command(command);
    command.stdin(Stdio::piped()).stdout(Stdio::from(writer)).stderr(Stdio::piped());
    let mut child = command.spawn().await.map_err(|error| broken("start the capture", &error))?;
    if let Some(stdin) = child.stdin().as_mut() {
        stdin.write_all(&settings).await.map_err(|error| broken("start the capture", &error))?;
    }
    Ok(Channel { stdout, child })
}

/// Makes the pipe as wide as the system lets us; a narrow one is slower and nothing else.
fn widen(pipe: &OwnedFd) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_BYTES);
    #[cfg(not(target_os = "linux"))]
    let _ = (pipe, PIPE_BYTES);
}

/// What a capture says.
#[derive(Debug)]
pub(super) enum CaptureNews {
    /// The minder, or what it started.
    Message(Message),
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

/// A capture that runs.
#[derive(Debug)]
pub(super) struct Capture {
    input: Option<mpsc::Sender<Order>>,
    messages: Option<mpsc::Receiver<Message>>,
    pump: Option<mpsc::Receiver<PumpEvent>>,
    beats: VecDeque<(u64, Instant)>,
    next_beat: u64,
    statistics: Statistics,
    /// What the pump left; there once its stream has ended.
    pub(super) end: Option<Box<PumpEnd>>,
}

impl Capture {
    /// Takes a minder's streams over, its stdout being read by the pump already.
    pub(super) fn new(
        mut channel: openssh::Child<Arc<openssh::Session>>,
        pump: mpsc::Receiver<PumpEvent>,
        live_statistics: bool,
    ) -> Self {
        let (input, mut orders) = mpsc::channel::<Order>(ORDERS);
        let (sender, messages) = mpsc::channel(MESSAGES);
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
                    if sender.send(Message::parse(&line)).await.is_err() {
                        return;
                    }
                }
            }
            if let Some(line) = splitter.finish() {
                let _ = sender.send(Message::parse(&line)).await;
            }
            drop(channel);
        });
        Self {
            input: Some(input),
            messages: Some(messages),
            pump: Some(pump),
            beats: VecDeque::new(),
            next_beat: 0,
            statistics: if live_statistics { Statistics::NotYet } else { Statistics::Never },
            end: None,
        }
    }

    /// Waits for what comes next; after [`CaptureNews::Over`] nothing comes any more.
    pub(super) async fn next(&mut self) -> CaptureNews {
        loop {
            let (messages, pump) = (&mut self.messages, &mut self.pump);
            tokio::select! {
                message = receive(messages), if messages.is_some() => match message {
                    Some(message) => return CaptureNews::Message(message),
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
        if self.send(Order::Beat(number)) {
            self.beats.push_back((number, now));
            if self.beats.len() > BEATS {
                self.beats.pop_front();
            }
        }
        if self.statistics == Statistics::Now {
            self.send(Order::Stat);
        }
    }

    /// Says that tcpdump listens: from now on it can be asked for statistics, and is.
    pub(super) fn listening(&mut self) {
        if self.statistics == Statistics::NotYet {
            self.statistics = Statistics::Now;
            self.send(Order::Stat);
        }
    }

    /// The round trip of a beat that came back.
    pub(super) fn round_trip(&mut self, number: u64, now: Instant) -> Option<Duration> {
        while let Some((sent, at)) = self.beats.pop_front() {
            if sent == number {
                return Some(now.saturating_duration_since(at));
            }
        }
        None
    }

    /// Asks the minder to end the capture.
    pub(super) fn stop(&mut self) {
        self.send(Order::Stop);
    }

    /// Closes the minder's stdin, which ends the capture too.
    pub(super) fn close_stdin(&mut self) {
        self.input = None;
    }

    /// An order that finds the queue full is not sent: the link is stuck, and the lease takes care of the rest.
    fn send(&mut self, order: Order) -> bool {
        self.input.as_ref().is_some_and(|input| input.try_send(order).is_ok())
    }
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
