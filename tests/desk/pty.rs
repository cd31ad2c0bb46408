//! A program in a terminal.

#[path = "../terminal/mod.rs"]
mod terminal;

use std::{
    num::NonZero,
    sync::mpsc::RecvTimeoutError,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, ExitStatus};

use super::{Desk, PATIENCE};

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

/// A terminal with a program on it, which ends with this value.
pub(crate) struct Pty {
    ends: terminal::Ends,
    screen: vt100::Parser,
    /// Every byte that came so far.
    stream: Vec<u8>,
}

impl Pty {
    /// Starts wrcap in a terminal.
    pub(crate) fn wrcap(desk: &Desk, display: Option<&str>, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wrcap"));
        command.args(arguments);
        for variable in ["DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(variable);
        }
        for (name, value) in desk.environment() {
            command.env(name, value);
        }
        if let Some(display) = display {
            command.env("DISPLAY", display);
        }
        Self::start(command)
    }

    /// Starts a program in a terminal.
    pub(crate) fn start(command: CommandBuilder) -> Self {
        let ends = terminal::open(command, terminal::size(COLUMNS, ROWS));
        let screen = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
        Self { ends, screen, stream: Vec::new() }
    }

    /// What is on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Reads until `look` finds something on the screen.
    pub(crate) fn until<T>(&mut self, what: &str, mut look: impl FnMut(&str) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.text()) {
                return found;
            }
            assert!(Instant::now() < end, "never: {what}\n{}", self.text());
            match self.ends.bytes.recv_timeout(Duration::from_millis(500)) {
                Ok((_, bytes)) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let found = look(&self.text());
                    return found.unwrap_or_else(|| panic!("ended without {what}:\n{}", self.text()));
                }
            }
        }
    }

    /// Reads until the screen shows `text`.
    pub(crate) fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text).then_some(()));
    }

    /// Takes in what was drawn meanwhile.
    pub(crate) fn catch_up(&mut self) {
        while let Ok((_, bytes)) = self.ends.bytes.try_recv() {
            self.take(&bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.stream.extend_from_slice(bytes);
    }

    /// Whether `text` ever came, seen or not.
    pub(crate) fn ever_came(&self, text: &str) -> bool {
        self.stream.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Gives the terminal another size, and the program the signal that tells it.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.ends.master.resize(terminal::size(columns, rows)).unwrap();
        let size = |cells| NonZero::new(cells).unwrap();
        self.screen.screen_mut().set_size(size(rows), size(columns));
    }

    /// True while the program has changed the terminal's settings.
    pub(crate) fn is_changed(&self) -> bool {
        terminal::settings(self.ends.master.as_ref()) != self.ends.before
    }

    /// True while the program has the alternate screen.
    pub(crate) fn is_alternate(&self) -> bool {
        self.screen.screen().alternate_screen()
    }

    /// Has every cell drawn anew; true once the screen is what it was before, as far as `still` tells.
    pub(crate) fn is_the_same_anew(&mut self, still: impl Fn(&str) -> Vec<String>) -> bool {
        // A frame may come in parts, and no two of them so soon after each other.
        while let Ok((_, bytes)) = self.ends.bytes.recv_timeout(Duration::from_millis(100)) {
            self.take(&bytes);
        }
        let (before, drawn) = (still(&self.text()), self.stream.len());
        self.press("\x0c");
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            let anew = &self.stream[drawn..];
            if anew.windows(4).any(|bytes| bytes == b"\x1b[2J") && still(&self.text()) == before {
                return true;
            }
            match self.ends.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, bytes)) => self.take(&bytes),
                Err(_) => return false,
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.ends.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.ends.child.process_id().unwrap()
    }

    /// Leaves the dashboard by the box that asks, and says that everything may stop and that no packets are wanted.
    pub(crate) fn quit(&mut self) {
        self.press("q");
        self.shows("[ Stay ]");
        // The last button, left of the first one.
        self.press("\x1b[D\r");
        assert!(self.left().success());
    }

    /// Waits for the end of the program; the terminal must be what it was.
    pub(crate) fn left(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.ends.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, bytes)) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.text()),
            }
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(
            terminal::settings(self.ends.master.as_ref()),
            self.ends.before,
            "the terminal's settings"
        );
        self.ends.child.wait().unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.ends.child.kill();
        let _ = self.ends.child.wait();
    }
}
