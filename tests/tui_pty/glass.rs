//! The dashboard in its terminal, as a user has it.

use std::{
    io::Write as _,
    num::NonZero,
    path::Path,
    time::{Duration, Instant},
};

use portable_pty::CommandBuilder;

use crate::terminal;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

pub(crate) struct Pty {
    ends: terminal::Ends,
    screen: vt100::Parser,
}

impl Pty {
    pub(crate) fn open() -> Self {
        Self::with(&[])
    }

    /// The dashboard with these variables in its environment, as soon as it is there.
    pub(crate) fn with(variables: &[(&str, &Path)]) -> Self {
        let mut pty = Self::begin(variables);
        pty.until("q quit");
        pty
    }

    pub(crate) fn begin<Value: AsRef<std::ffi::OsStr>>(variables: &[(&str, Value)]) -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "dashboard", "--ignored", "--nocapture"]);
        command.env("RUST_BACKTRACE", "0");
        command.env("SHELL", "/bin/sh");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.env("PS1", "shell> ");
        let ends = terminal::open(command, terminal::size(100, 30));
        let screen = vt100::Parser::new(cells(30), cells(100), 0);
        Self { ends, screen }
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    pub(crate) fn text(&self) -> String {
        self.screen().contents()
    }

    /// Reads until the screen shows `text`.
    pub(crate) fn until(&mut self, text: &str) {
        self.until_screen(text, |screen| screen.contains(text));
    }

    /// Reads until the screen shows `text` no more.
    pub(crate) fn until_gone(&mut self, text: &str) {
        self.until_screen(text, |screen| !screen.contains(text));
    }

    pub(crate) fn until_screen(&mut self, what: &str, is: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is(&self.text()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.ends.bytes.recv_timeout(left) {
                Ok((_, bytes)) => self.screen.process(&bytes),
                Err(error) => panic!("{error}: {what:?} on\n{}", self.text()),
            }
        }
    }

    /// Reads until `bytes` came, whether they are to be seen or not.
    pub(crate) fn until_bytes(&mut self, bytes: &[u8]) {
        let end = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while !all.windows(bytes.len()).any(|window| window == bytes) {
            match self.ends.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, more)) => {
                    self.screen.process(&more);
                    all.extend(more);
                }
                Err(error) => panic!("{error}: no {bytes:?} in {:?}", String::from_utf8_lossy(&all)),
            }
        }
    }

    pub(crate) fn resize(&mut self, cols: u16, rows: u16) {
        self.ends.master.resize(terminal::size(cols, rows)).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.ends.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.ends.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for the end; the terminal must be what it was.
    pub(crate) fn left(mut self, words: &str) {
        self.until(words);
        let screen = self.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{words}");
        assert_eq!(terminal::settings(self.ends.master.as_ref()), self.ends.before, "{words}");
        self.ends.child.wait().unwrap();
    }
}
