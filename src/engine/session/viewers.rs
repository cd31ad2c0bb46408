//! The viewers of one session.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::task::{JoinHandle, JoinSet};

use crate::{
    engine::{
        event::ViewerEvent,
        spool::Spool,
        viewer::{self, Exit, Feed, Launched, Terminal, ViewerServer},
    },
    profile::Viewer,
    session::{FailKind, Failure, Stage},
};

/// How long viewers may take to read the rest of an ended capture before wrcap leaves.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Starts viewers and hears of their end.
#[derive(Debug)]
pub(super) struct Viewers {
    kind: Viewer,
    title: String,
    socket: PathBuf,
    terminal: Terminal,
    served: Option<(Arc<Spool>, ViewerServer)>,
    running: JoinSet<(Launched, Exit)>,
    /// The connections that there were when the last viewer was started that has to make one.
    before: Option<u64>,
    /// Copies into the stdin of viewers.
    feeds: Vec<JoinHandle<()>>,
    /// How many of those that run wrcap must not leave before.
    holding: usize,
    /// How many have broken off.
    broken: usize,
}

impl Viewers {
    pub(super) fn new(kind: Viewer, title: String, terminal: Terminal) -> Self {
        Self {
            kind,
            title,
            socket: PathBuf::new(),
            terminal,
            served: None,
            running: JoinSet::new(),
            before: None,
            feeds: Vec::new(),
            holding: 0,
            broken: 0,
        }
    }

    /// Says where the session's socket is to be.
    pub(super) fn set_socket(&mut self, socket: PathBuf) {
        self.socket = socket;
    }

    /// True if a viewer ever connected.
    pub(super) fn was_reached(&self) -> bool {
        self.served.as_ref().is_some_and(|(_, server)| server.admitted() > 0)
    }

    /// Begins to serve a spool.
    pub(super) fn serve(&mut self, spool: &Arc<Spool>) -> Result<(), Failure> {
        let server = ViewerServer::bind(self.socket.clone(), Arc::clone(spool)).map_err(|error| {
            let path = self.socket.display();
            Failure::new(Stage::View, None, FailKind::Viewer, format!("could not listen on {path}: {error}"))
        })?;
        self.served = Some((Arc::clone(spool), server));
        Ok(())
    }

    /// True if there is a viewer to open and something to show.
    pub(super) fn can_open(&self) -> bool {
        self.served.is_some() && self.kind != Viewer::None
    }

    /// Opens the session's viewer; `None` if it has none.
    pub(super) fn open(&mut self) -> Result<Option<ViewerEvent>, Failure> {
        let Some((spool, server)) = &self.served else { return Ok(None) };
        let Some(program) = viewer::program(&self.kind, &self.socket, &self.title)? else { return Ok(None) };
        let before = server.admitted();
        let mut launched = viewer::launch(&program, spool, self.terminal)?;
        if program.feed == Feed::Socket {
            self.before = Some(before);
        }
        self.feeds.extend(launched.feed.take());
        self.holding += usize::from(launched.holds_us);
        let event = ViewerEvent::Started { program: launched.program.clone(), pid: launched.pid };
        self.running.spawn(async move {
            let exit = launched.exit().await;
            (launched, exit)
        });
        Ok(Some(event))
    }

    /// True while a viewer that was started runs.
    pub(super) fn any(&self) -> bool {
        !self.running.is_empty()
    }

    /// Waits for a viewer to end. When it was the last one, connections that are left are of no window.
    pub(super) async fn exited(&mut self) -> (ViewerEvent, Exit) {
        loop {
            match self.running.join_next().await {
                Some(Ok((launched, exit))) => {
                    self.holding -= usize::from(launched.holds_us);
                    if let Some((_, server)) = &self.served
                        && self.running.is_empty()
                    {
                        server.disconnect();
                    }
                    self.broken += usize::from(matches!(exit, Exit::Failed(_)));
                    let error = match &exit {
                        Exit::Closed => None,
                        Exit::Failed(words) => Some(words.clone()),
                    };
                    return (ViewerEvent::Exited { pid: launched.pid, error }, exit);
                }
                Some(Err(error)) => tracing::error!(%error, "waiting for a viewer broke off"),
                None => std::future::pending().await,
            }
        }
    }

    /// True if a viewer ended with an error or by a signal, with whatever it had.
    pub(super) fn broke_off(&self) -> bool {
        self.broken > 0
    }

    /// True while a viewer runs that wrcap must not leave before.
    pub(super) fn hold_us(&self) -> bool {
        self.holding > 0
    }

    /// Lets viewers read to the end, one that was just started too, then stops serving. Their windows stay.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(DRAIN_LIMIT, self.catch_up()).await;
        if let Some((_, server)) = self.served.take() {
            server.drained(DRAIN_LIMIT).await;
        }
        self.running.detach_all();
    }

    /// Waits until the last viewer has connected or all have ended, and until nothing is copied any more.
    async fn catch_up(&mut self) {
        if let (Some((_, server)), Some(before)) = (&self.served, self.before) {
            let running = &mut self.running;
            tokio::select! {
                () = server.admits_more_than(before) => {}
                () = async { while running.join_next().await.is_some() {} } => {}
            }
        }
        for feed in self.feeds.drain(..) {
            let _ = feed.await;
        }
    }
}
