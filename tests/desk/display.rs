//! A screen without glass: Xvfb, and what can be seen and pressed on it.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use super::{Desk, Running, entries, processes, signal, until};

/// A display; it and the viewers of its desk end with its value.
pub(crate) struct Display {
    _server: Running,
    pub(crate) name: String,
    /// Every viewer that is started at the desk has this in its command line.
    sockets: String,
}

impl Display {
    pub(crate) fn new(desk: &Desk) -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
        let mut server = Running(
            command.envs(desk.environment()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap(),
        );
        let mut number = String::new();
        BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let name = format!(":{}", number.trim());
        assert_ne!(name, ":", "Xvfb does not start");
        Self { _server: server, name, sockets: desk.path("run/").to_str().unwrap().to_owned() }
    }

    fn tool(&self, words: &[&str]) -> String {
        let out = Command::new("xdotool").args(words).env("DISPLAY", &self.name).output().unwrap();
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// The windows that can be seen, each with its title.
    pub(crate) fn windows(&self) -> Vec<(String, String)> {
        let all = self.tool(&["search", "--onlyvisible", "--name", "."]);
        all.lines().map(|id| (id.to_owned(), self.tool(&["getwindowname", id]))).collect()
    }

    fn story(&self) -> String {
        format!("{:?}", self.windows())
    }

    /// Waits for a window whose title `fits`.
    pub(crate) fn window(&self, what: &str, fits: impl Fn(&str, &str) -> bool) -> (String, String) {
        let look = || self.windows().into_iter().find(|(id, title)| fits(id, title));
        until(what, look, || self.story())
    }

    /// Presses a key in a window until `done`. A key may get lost while a window is busy, so it is pressed again when
    /// nothing came of it; questions about unsaved packets are answered with "without saving".
    pub(crate) fn press<T>(&self, window: &str, key: &str, done: impl Fn(&Self) -> Option<T>) -> T {
        let mut pressed = 0;
        let look = || {
            if let Some(done) = done(self) {
                return Some(done);
            }
            let question = self.windows().into_iter().find(|(_, title)| title.starts_with("Unsaved"));
            if let Some((question, _)) = question {
                self.key(&question, "alt+w");
            } else if pressed % 50 == 0 {
                self.key(window, key);
            }
            pressed += 1;
            None
        };
        until(&format!("something comes of {key}"), look, || self.story())
    }

    fn key(&self, window: &str, key: &str) {
        self.tool(&["windowfocus", window]);
        self.tool(&["key", key]);
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for (pid, _) in processes(&self.sockets) {
            signal(pid, Signal::KILL);
        }
    }
}

/// The files that the Wiresharks of a desk wrote so far.
pub(crate) fn captures(desk: &Desk) -> Vec<PathBuf> {
    let name =
        |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("wireshark_"));
    entries(&desk.path("tmp")).into_iter().filter(name).collect()
}
