//! A terminal that says when each byte came.

#[path = "../terminal/mod.rs"]
#[expect(dead_code, reason = "no use here for a terminal's settings and size")]
mod terminal;

use std::{
    ffi::OsStr,
    io::Write,
    num::NonZero,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder};

/// How long anything may take on a small machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every frame ends with it, whatever has changed on the screen.
const FRAME_END: &[u8] = b"\x1b[?25l";

/// What came in a while.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Traffic {
    pub(crate) bytes: usize,
    pub(crate) frames: usize,
}

/// A terminal with a program on it, which ends with this value.
pub(crate) struct Glass {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// The last bytes, where a frame's end may begin.
    tail: Vec<u8>,
    traffic: Traffic,
}

impl Glass {
    /// Starts a program in a terminal of so many columns and rows.
    pub(crate) fn start(
        program: &OsStr,
        arguments: &[&str],
        size: (u16, u16),
        set: &[(&str, &OsStr)],
    ) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8")] {
            command.env(name, value);
        }
        for name in ["NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(name);
        }
        for (name, value) in set {
            command.env(name, value);
        }
        let (cols, rows) = size;
        let terminal::Ends { child, keys, bytes, .. } = terminal::open(command, terminal::size(cols, rows));
        let screen = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap(), 0);
        Self { child, keys, bytes, screen, tail: Vec::new(), traffic: Traffic::default() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    pub(crate) fn text(&self) -> String {
        self.screen().contents()
    }

    /// Reads until the screen is as wanted; says when the bytes came that made it so.
    pub(crate) fn until(&mut self, what: &str, mut fits: impl FnMut(&vt100::Screen) -> bool) -> Instant {
        let end = Instant::now() + PATIENCE;
        let mut came = Instant::now();
        while !fits(self.screen()) {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((at, bytes)) => {
                    came = at;
                    self.take(&bytes);
                }
                Err(error) => panic!("{error}, never: {what}\n{}", self.text()),
            }
        }
        came
    }

    /// Reads until the screen shows `text`.
    pub(crate) fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Reads for so long; says what came.
    pub(crate) fn watch(&mut self, time: Duration) -> Traffic {
        let (end, before) = (Instant::now() + time, self.traffic);
        while let Ok((_, bytes)) = self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
        let Traffic { bytes, frames } = self.traffic;
        Traffic { bytes: bytes - before.bytes, frames: frames - before.frames }
    }

    /// Reads until nothing has come for so long.
    pub(crate) fn settle(&mut self, time: Duration) {
        let end = Instant::now() + PATIENCE;
        while self.watch(time).bytes > 0 {
            assert!(Instant::now() < end, "it never stands still:\n{}", self.text());
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.tail.extend_from_slice(bytes);
        self.traffic.bytes += bytes.len();
        self.traffic.frames +=
            self.tail.windows(FRAME_END.len()).filter(|window| *window == FRAME_END).count();
        self.tail.drain(..self.tail.len().saturating_sub(FRAME_END.len() - 1));
    }
}

impl Drop for Glass {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
