//! A program in a terminal.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::{Desk, PATIENCE};

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

/// A terminal with a program on it, which ends with this value.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    before: String,
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
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut block = vec![0; 65_536];
            while let Ok(read @ 1..) = reader.read(&mut block) {
                if send.send(block[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
        Self { master: pair.master, child, keys, bytes, screen, before }
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
            match self.bytes.recv_timeout(Duration::from_millis(500)) {
                Ok(bytes) => self.screen.process(&bytes),
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
        while let Ok(bytes) = self.bytes.try_recv() {
            self.screen.process(&bytes);
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the end of the program; the terminal must be what it was.
    pub(crate) fn left(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.text()),
            }
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(
            format!("{:?}", self.master.get_termios().unwrap()),
            self.before,
            "the terminal's settings"
        );
        self.child.wait().unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
