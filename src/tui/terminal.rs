//! The terminal, borrowed: whatever happens, it is given back as it was.

use std::{
    io::{self, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::{Hide, Show},
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, EnableMouseCapture,
    },
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::read,
};

use super::{
    background::{self, Answer},
    mouse::Grip,
    theme::Background,
};
use crate::{profile::Notify, remote::text::clean};

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
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub(crate) fn grip(&self, grip: Grip) -> io::Result<()> {
        match grip {
            _ if !self.is_ours() => Ok(()),
            Grip::Ours => execute!(io::stdout(), EnableMouseCapture),
            Grip::Terminal => execute!(io::stdout(), DisableMouseCapture),
        }
    }

    /// Sends text to the terminal's clipboard. Terminals do not answer to this.
    pub(crate) fn copy(&self, text: &str) -> io::Result<()> {
        if self.is_ours() { execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)) } else { Ok(()) }
    }

    /// Tells the terminal that the user is needed.
    pub(crate) fn notify(&self, how: Notify, text: &str) -> io::Result<()> {
        let mut out = io::stdout();
        match how {
            Notify::Off => Ok(()),
            _ if !self.is_ours() => Ok(()),
            Notify::Bell => out.write_all(b"\x07").and_then(|()| out.flush()),
            // Nothing in the text may end the sequence early.
            Notify::Osc => write!(out, "\x1b]9;{}\x07", clean(text)).and_then(|()| out.flush()),
        }
    }

    /// Asks the terminal for its background, and waits at most `patience` for the answer. Keys that are pressed in
    /// this time are lost. Nobody else may read the terminal meanwhile.
    pub(crate) fn background(&self, patience: Duration) -> Option<Background> {
        if !self.is_ours() {
            return None;
        }
        let mut out = io::stdout();
        out.write_all(background::QUESTION).and_then(|()| out.flush()).ok()?;
        let (input, end) = (io::stdin(), Instant::now() + patience);
        let (mut told, mut block) = (Vec::new(), [0; 256]);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let mut ready = [PollFd::new(&input, PollFlags::IN)];
            if left.is_zero() || poll(&mut ready, Some(&left.try_into().ok()?)).ok()? == 0 {
                return None;
            }
            let length = read(&input, &mut block).ok()?;
            told.extend_from_slice(block.get(..length)?);
            if let Answer::Told(background) = background::read(&told) {
                return background;
            }
        }
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
        let _ = execute!(out, DisableMouseCapture, DisableFocusChange, DisableBracketedPaste);
        let _ = execute!(out, LeaveAlternateScreen, Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}
