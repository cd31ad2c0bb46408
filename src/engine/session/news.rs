//! Waiting for whatever comes next.

use std::{future::Future, io, pin::Pin, time::Instant};

use tokio::sync::oneshot;

use super::{capture::CaptureNews, driver::Driver, run::Run, work::Done};
use crate::{
    engine::{
        askpass,
        dispatcher::Request,
        event::{QuestionId, ViewerEvent},
        master::{Master, MasterEvent},
        pump::PumpEvent,
        unsaved::Unsaved,
        viewer::Exit,
    },
    remote::minder::Message,
    session::Failure,
};

/// What a session hears of.
#[derive(Debug)]
pub(super) enum News {
    Request(Request),
    Asked(askpass::Question),
    Withdrawn(QuestionId),
    Done(Done),
    Down(Option<Box<Run>>),
    MasterDied(Failure),
    Master(MasterEvent),
    Message(usize, Message),
    Pump(PumpEvent),
    Over,
    ViewerExited(ViewerEvent, Exit),
    Beat,
    Copied(io::Result<u64>),
    Bastion(bool),
    Tick,
}

impl From<CaptureNews> for News {
    fn from(news: CaptureNews) -> Self {
        match news {
            CaptureNews::Message(channel, message) => Self::Message(channel, message),
            CaptureNews::Pump(event) => Self::Pump(event),
            CaptureNews::Over => Self::Over,
        }
    }
}

impl Driver {
    /// Waits for the next piece of news. Cancel-safe in all its branches.
    pub(super) async fn news(&mut self) -> News {
        // The next try waits until the one before is down.
        let step = self.machine.deadline().filter(|_| self.down.is_none());
        let limits = self.ears.limits.iter().map(|(due, _)| due.instant());
        let deadline = step.into_iter().chain(limits).min();
        let running = self.run.is_some();
        tokio::select! {
            request = self.ears.requests.recv() => News::Request(request.unwrap_or(Request::Shutdown(Unsaved::Keep))),
            Some(question) = self.ears.asked.recv() => News::Asked(question),
            id = self.questions.withdrawn() => News::Withdrawn(id),
            done = finished(&mut self.work) => News::Done(done),
            run = finished(&mut self.down) => News::Down(run),
            failure = died(&mut self.master) => News::MasterDied(failure),
            Some(event) = self.ears.master.recv() => News::Master(event),
            news = heard(&mut self.run) => news.into(),
            (event, exit) = self.viewers.exited() => News::ViewerExited(event, exit),
            _ = self.ears.beats.tick(), if running => News::Beat,
            result = copied(&mut self.ears.copy) => News::Copied(result),
            answers = finished(&mut self.ears.bastion) => News::Bastion(answers),
            () = until(deadline) => News::Tick,
        }
    }
}

/// Waits for something that may not be under way at all.
pub(super) async fn finished<T>(work: &mut Option<Pin<Box<dyn Future<Output = T> + Send>>>) -> T {
    match work {
        Some(future) => {
            let done = future.await;
            *work = None;
            done
        }
        None => std::future::pending().await,
    }
}

async fn died(master: &mut Option<Box<Master>>) -> Failure {
    match master {
        Some(master) => master.died().await,
        None => std::future::pending().await,
    }
}

pub(super) async fn heard(run: &mut Option<Run>) -> CaptureNews {
    match run {
        Some(run) => run.capture.next().await,
        None => std::future::pending().await,
    }
}

pub(super) async fn copied(copy: &mut Option<oneshot::Receiver<io::Result<u64>>>) -> io::Result<u64> {
    match copy {
        Some(receiver) => {
            let result = receiver.await;
            *copy = None;
            result.unwrap_or(Ok(0))
        }
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
