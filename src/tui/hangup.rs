//! The end of the terminal, noticed before anybody reads it.
//!
//! crossterm's reader (0.29, `event/source/unix/tty.rs`) never returns from a terminal that gives nothing but its end,
//! and takes a processor with it. SIGHUP may come too late, or not at all where the terminal is not the controlling one.

use std::{
    fs::File,
    io::{self, IsTerminal as _},
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::oneshot;

/// How long the loop may take to hear of it. One that does not is caught in that reader: only an exit helps.
const GRACE: Duration = Duration::from_secs(5);

/// Watches the terminal on a thread of its own, which reads nothing.
pub(super) struct Hangup {
    terminal: Arc<OwnedFd>,
    gone: Option<oneshot::Receiver<()>>,
    heard: Arc<AtomicBool>,
}

impl Hangup {
    /// Begins to watch the terminal that keys are read from.
    pub(super) fn watch() -> io::Result<Self> {
        let stdin = io::stdin();
        let terminal = if stdin.is_terminal() {
            rustix::io::dup(&stdin)?
        } else {
            OwnedFd::from(File::open("/dev/tty")?)
        };
        let (terminal, heard) = (Arc::new(terminal), Arc::new(AtomicBool::new(false)));
        let (say, gone) = oneshot::channel();
        let (watched, answer) = (Arc::clone(&terminal), Arc::clone(&heard));
        std::thread::Builder::new().name("hangup".into()).spawn(move || {
            if !is_hung_up(&watched, None) {
                return;
            }
            let _ = say.send(());
            std::thread::sleep(GRACE);
            if !answer.load(Relaxed) {
                std::process::exit(1);
            }
        })?;
        Ok(Self { terminal, gone: Some(gone), heard })
    }

    /// The way to the terminal, for a look before each read.
    pub(super) fn line(&self) -> Line {
        Line(Arc::clone(&self.terminal))
    }

    /// Waits until the terminal is gone; tells it once.
    pub(super) async fn told(&mut self) {
        let gone = match &mut self.gone {
            // Where terminals cannot be polled (macOS says so at once), nobody ever tells.
            Some(gone) => gone.await.is_ok(),
            None => false,
        };
        self.gone = None;
        if !gone {
            std::future::pending::<()>().await;
        }
        self.heard.store(true, Relaxed);
    }
}

/// The way to a terminal.
pub(super) struct Line(Arc<OwnedFd>);

impl Line {
    /// Whether the terminal is gone by now.
    pub(super) fn is_cut(&self) -> bool {
        is_hung_up(&self.0, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))
    }
}

/// Waits for the end of a terminal, at most so long.
fn is_hung_up(terminal: &OwnedFd, limit: Option<&Timespec>) -> bool {
    let mut polled = [PollFd::new(terminal, PollFlags::empty())];
    loop {
        match poll(&mut polled, limit) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) | Ok(0) => return false,
            Ok(_) => return polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
        }
    }
}
