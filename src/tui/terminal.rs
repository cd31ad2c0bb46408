//! The terminal, borrowed: whatever happens, it is given back as it was.

use std::{
    io::{self, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};

/// Holds the terminal in raw mode on the alternate screen. It is given back by [`leave`](Self::leave), by
/// dropping, and by the panic hook, whichever comes first: with `panic = "abort"` nothing is dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    ours: Arc<AtomicBool>,
}

impl Guard {
    /// Takes the terminal.
    pub(crate) fn new() -> io::Result<Self> {
        let guard = Self { ours: Arc::new(AtomicBool::new(false)) };
        let (ours, before) = (Arc::clone(&guard.ours), panic::take_hook());
        panic::set_hook(Box::new(move |panic| {
            // First the terminal, so that the message can be read.
            give_back(&ours);
            before(panic);
        }));
        guard.enter()?;
        Ok(guard)
    }

    /// Takes the terminal, again after [`leave`](Self::leave).
    pub(crate) fn enter(&self) -> io::Result<()> {
        self.ours.store(true, SeqCst);
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)
    }

    /// Gives the terminal back.
    pub(crate) fn leave(&self) {
        give_back(&self.ours);
    }

    /// False once the terminal was given back, also by a panic somewhere else in the process.
    pub(crate) fn is_ours(&self) -> bool {
        self.ours.load(SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Each step is tried even if the one before failed: half a terminal is better than none.
fn give_back(ours: &AtomicBool) {
    if ours.swap(false, SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}
