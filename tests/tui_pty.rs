//! The dashboard in a real terminal: it gives the terminal back as it was, whatever ends it. The dashboard runs in
//! this same test binary, started anew in a pty.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests are tests too")]

use std::{
    io::{Read, Write},
    num::NonZero,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tokio::sync::mpsc;
use wrcap::{
    engine::{Command, Event, EventKind, Report, SessionId},
    profile::{Config, Hop, Target, TargetName},
    session::{Counters, FailKind, Failure, Link, Outcome, Sample, Stage, State, StoppedBy},
    tui::{self, ColorChoice, Depth, GlyphSet, Settings, Setup},
};

/// Tells the dashboard that the terminal has all colours.
const ALL_COLOURS: &str = "TEST_ALL_COLOURS";

const PATIENCE: Duration = Duration::from_secs(30);

fn target() -> Target {
    let name = TargetName { site: "shop".to_owned(), target: "web-1".to_owned() };
    Target::new(name, Hop { host: "10.0.1.11".to_owned(), ..Hop::default() })
}

/// An engine of one session without packets. Opening a viewer is its panic.
async fn fake_engine(mut commands: mpsc::Receiver<Command>, events: mpsc::Sender<Event>) {
    let mut sequence = 0;
    let mut event = |kind| {
        sequence += 1;
        Event { session: SessionId(1), sequence, at: std::time::SystemTime::now(), kind }
    };
    let mut live = false;
    while let Some(command) = commands.recv().await {
        match command {
            Command::Start { target, .. } => {
                let counters = Arc::new(Counters::default());
                let now = Instant::now();
                let state = State::Live { since: now, link: Link::fresh(now) };
                let (name, target) = (target.name.clone(), Arc::new(*target));
                events.send(event(EventKind::Started { name, counters, target })).await.unwrap();
                events.send(event(EventKind::State(state))).await.unwrap();
                live = true;
            }
            // A stop goes wrong, so that there is something to ring for.
            Command::Stop(..) => {
                let failure = Failure::new(Stage::Capture, None, FailKind::LinkLost, "the link is gone");
                let (at, outcome) = (Instant::now(), Outcome::Failed(failure));
                events.send(event(EventKind::State(State::Ended { at, outcome }))).await.unwrap();
            }
            Command::OpenViewer(_) => panic!("the fake engine panics"),
            Command::Shutdown(_) => break,
            _ => {}
        }
    }
    if live {
        let outcome = Outcome::Stopped(StoppedBy::Shutdown);
        let (name, sample) = (target().name, Sample::default());
        let report = Report {
            name,
            outcome,
            sample,
            statistics_final: true,
            untaken_bytes: 0,
            file: None,
            files: Vec::new(),
        };
        events.send(event(EventKind::Ended(Box::new(report)))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the dashboard itself, started in a pty by the other tests"]
async fn dashboard() {
    let (commands, heard) = mpsc::channel(64);
    let (says, events) = mpsc::channel(256);
    tokio::spawn(fake_engine(heard, says));
    let folder = std::env::var_os("WRCAP_TEST_PROFILES").map(PathBuf::from);
    let targets = if folder.is_some() { Vec::new() } else { vec![target()] };
    let profiles = folder.unwrap_or_else(|| "/nonexistent/profiles".into());
    let state = profiles.with_file_name("state");
    let clerk = wrcap::engine::profiles::start(wrcap::engine::profiles::Settings {
        profiles: profiles.clone(),
        undo: state.join("undo.json"),
        runtime: state,
        engine: None,
    });
    let depth = if std::env::var_os(ALL_COLOURS).is_some() { Depth::True } else { Depth::Sixteen };
    let exit = tui::run(Setup {
        targets,
        problems: Vec::new(),
        notes: Vec::new(),
        commands,
        events,
        color: ColorChoice::Ansi,
        glyphs: GlyphSet::Unicode,
        settings: Settings::new(Config::default(), depth, None).unwrap(),
        reload: tui::Reload::new(|| Err(vec!["there are no settings here".to_owned()])),
        remembered: tui::Remembered::default(),
        start: Vec::new(),
        profiles,
        spool: std::path::PathBuf::from("/nonexistent"),
        throwaway: false,
        clerk,
    })
    .await;
    match exit {
        Ok(exit) => eprintln!("left: {:?} {:?}", exit.reason, exit.lines),
        Err(error) => eprintln!("left: {error}"),
    }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

struct Pty {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    before: String,
}

impl Pty {
    fn open() -> Self {
        Self::with(&[])
    }

    /// The dashboard with these variables in its environment, as soon as it is there.
    fn with(variables: &[(&str, &std::path::Path)]) -> Self {
        let mut pty = Self::begin(variables);
        pty.until("q quit");
        pty
    }

    fn begin<Value: AsRef<std::ffi::OsStr>>(variables: &[(&str, Value)]) -> Self {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "dashboard", "--ignored", "--nocapture"]);
        command.env("RUST_BACKTRACE", "0");
        command.env("SHELL", "/bin/sh");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.env("PS1", "shell> ");
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
        let screen = vt100::Parser::new(cells(30), cells(100), 0);
        Self { master: pair.master, child, keys, bytes, screen, before }
    }

    /// Reads until the screen shows `text`.
    fn until(&mut self, text: &str) {
        self.until_screen(text, |screen| screen.contains(text));
    }

    /// Reads until the screen shows `text` no more.
    fn until_gone(&mut self, text: &str) {
        self.until_screen(text, |screen| !screen.contains(text));
    }

    fn until_screen(&mut self, what: &str, is: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is(&self.screen.screen().contents()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("{error}: {what:?} on\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Reads until `bytes` came, whether they are to be seen or not.
    fn until_bytes(&mut self, bytes: &[u8]) {
        let end = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while !all.windows(bytes.len()).any(|window| window == bytes) {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(more) => {
                    self.screen.process(&more);
                    all.extend(more);
                }
                Err(error) => panic!("{error}: no {bytes:?} in {:?}", String::from_utf8_lossy(&all)),
            }
        }
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for the end; the terminal must be what it was.
    fn left(mut self, words: &str) {
        self.until(words);
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{words}");
        assert_eq!(format!("{:?}", self.master.get_termios().unwrap()), self.before, "{words}");
        self.child.wait().unwrap();
    }
}

/// A file's text as soon as it holds `wanted`.
fn file_with(file: &std::path::Path, wanted: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.contains(wanted) {
            return text;
        }
        assert!(Instant::now() < end, "no {wanted:?} in {}:\n{text}", file.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_first_profile_is_made_by_keys_alone() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("profiles");
    let mut pty = Pty::with(&[("WRCAP_TEST_PROFILES", &folder)]);
    pty.until("make the first profile");
    pty.press("n");
    pty.until("new profile");
    pty.press("\x15web-1\t\t\t");
    pty.until("Enter opens the list");
    pty.press("\rjo@bastion\rinner:2222\x1b");
    pty.until("jo@bastion, inner:2222");
    pty.press("\t10.0.0.7\t\tops");
    // The line of ssh is there while the user types.
    pty.until("ops@10.0.0.7");
    pty.press("\x13");
    pty.until("saved: the change of main");
    let text = file_with(&folder.join("main.yaml"), "web-1");
    let schema = "# yaml-language-server: $schema=.schema.json\n";
    assert!(text.starts_with(schema) && folder.join(".schema.json").exists(), "{text}");
    let target = "  web-1:\n    host: 10.0.0.7\n    via: [jo@bastion, inner:2222]\n    user: ops\n";
    assert!(text.ends_with(target), "{text}");
    pty.until("bastion > inner > ops@10.0.0.7");
    // What another program writes is there by itself; what z takes back is gone.
    std::fs::write(folder.join("lab.yaml"), "targets: { t1: { host: 10.9.9.9 } } # mine\n").unwrap();
    pty.until("10.9.9.9");
    pty.press("z");
    pty.until("taken back");
    assert!(!folder.join("main.yaml").exists());
    pty.press("q");
    pty.left("left: Quit []");
}

#[test]
fn the_editor_gets_the_terminal_and_gives_it_back() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("profiles");
    std::fs::create_dir(&folder).unwrap();
    let editor = root.path().join("editor");
    let script = "#!/bin/sh\nstty -a | grep -q '[^-]icanon' && echo cooked\nread word\nsed -i.old \"s/10.0.0.7/$word/\" \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut pty = Pty::with(&[("WRCAP_TEST_PROFILES", &folder), ("VISUAL", &editor), ("EDITOR", &editor)]);
    // The folder was empty when the dashboard began: this comes by itself.
    std::fs::write(folder.join("shop.yaml"), "targets: { web-1: { host: 10.0.0.7 } } # mine\n").unwrap();
    pty.until("10.0.0.7");
    for (word, answer) in [("10.0.0.8", "saved: the change of shop"), ("-", "nothing was changed")] {
        pty.press("E");
        pty.until("cooked");
        let size = PtySize { rows: 24, cols: 90, pixel_width: 0, pixel_height: 0 };
        pty.master.resize(size).unwrap();
        pty.screen.screen_mut().set_size(cells(24), cells(90));
        pty.press(&format!("{word}\n"));
        pty.until(answer);
    }
    let text = file_with(&folder.join("shop.yaml"), "10.0.0.8");
    assert_eq!(text, "targets: { web-1: { host: 10.0.0.8 } } # mine\n");
    pty.press("q");
    pty.left("left: Quit []");
}

/// crossterm's other reader (epoll) takes one of the two and keeps the key for the next one.
#[test]
fn keys_among_resizes_are_not_held_back() {
    let mut pty = Pty::open();
    for round in 0..100 {
        for rows in [30, 26, 24 + round % 2] {
            pty.resize(90, rows);
        }
        pty.press("?");
        pty.until("type to search");
        pty.press("\x1b");
        pty.until_gone("type to search");
    }
    pty.press("q");
    pty.left("left: Quit []");
}

#[test]
fn quitting_with_a_live_capture_asks_and_gives_the_terminal_back() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    let size = PtySize { rows: 10, cols: 40, pixel_width: 0, pixel_height: 0 };
    pty.master.resize(size).unwrap();
    pty.screen.screen_mut().set_size(cells(10), cells(40));
    pty.press("1");
    pty.until("live  shop/web-1");
    pty.press("q");
    pty.until("[Stay] [Keep] [Delete]");
    pty.press("\x1b[C\r");
    pty.left("left: Quit");
}

#[test]
fn ctrl_z_beside_a_capture_is_a_shell_and_the_dashboard_comes_back() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("\x1a");
    pty.until("captures go on; leave this shell");
    pty.press("echo in-the-$((40+2))-shell\r");
    pty.until("in-the-42-shell");
    assert!(!pty.screen.screen().alternate_screen(), "the shell is on the user's own screen");
    pty.press("exit\r");
    pty.until("1 Sessions 1");
    pty.press("q");
    pty.until("[ Stay ]");
    pty.press("\x1b[C\r");
    pty.left("left: Quit");
}

#[test]
fn a_signal_ends_it_while_a_shell_has_the_terminal() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("\x1a");
    pty.until("captures go on; leave this shell");
    pty.signal(rustix::process::Signal::TERM);
    pty.until("left: Signal [\"shop/web-1: stopped");
}

#[test]
fn the_colours_fit_the_background_that_the_terminal_tells() {
    let mut pty = Pty::begin(&[(ALL_COLOURS, "1")]);
    pty.until_bytes(b"\x1b]11;?\x1b\\");
    pty.press("\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?62;22c");
    pty.until_bytes(b"38;2;0;95;175");
    pty.press("q");
    pty.left("left: Quit");
}

#[test]
fn a_terminal_that_does_not_tell_its_background_is_not_waited_for_and_a_late_reply_is_no_key() {
    let mut pty = Pty::begin(&[(ALL_COLOURS, "1")]);
    pty.until_bytes(b"38;5;4");
    pty.until("Nothing running");
    // A 1 would go to the sessions, an s would start something.
    pty.press("\x1b]11;rgb:1111/ssss/1111\x1b\\");
    pty.press("?");
    pty.until("type to search: _");
    pty.press("\x1b");
    pty.until("Nothing running");
    pty.press("q");
    pty.left("left: Quit []");
}

#[test]
fn a_storm_of_resizes_ends_in_the_right_picture() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    for step in 0..200_u16 {
        pty.resize(20 + step * 7 % 120, 3 + step * 5 % 40);
    }
    pty.resize(25, 3);
    pty.until("25x3; q quits");
    // Ctrl-l works everywhere: when it has drawn, the keys before it have been read.
    pty.press("sxX\x0c");
    pty.until_bytes(b"\x1b[2J");
    pty.resize(100, 30);
    pty.until("1 Sessions 1");
    assert!(pty.screen.screen().contents().contains("armed, 0 packets"), "too small a screen takes no keys");
    pty.press("\x03\x03");
    pty.left("left: Quit");
}

#[test]
fn a_terminal_that_shrank_and_grew_while_the_dashboard_slept_is_drawn_anew() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.signal(rustix::process::Signal::STOP);
    pty.resize(20, 5);
    pty.resize(100, 30);
    assert!(!pty.screen.screen().contents().contains("q quit"), "a smaller screen keeps what fits");
    pty.signal(rustix::process::Signal::CONT);
    for words in ["needs you first", "2 Profiles 1", "q quit"] {
        pty.until(words);
    }
    pty.press("\x03\x03");
    pty.left("left: Quit");
}

#[test]
fn the_terminal_hears_a_bell_only_while_nobody_looks_and_a_copy_goes_to_it() {
    let mut pty = Pty::open();
    pty.press("y\r");
    pty.until_bytes(b"\x1b]52;c;c3NoIDEwLjAuMS4xMQ==\x1b\\");
    pty.until("ssh command sent to the terminal");
    pty.press("%");
    pty.until_bytes(b"\x1b[?1000h");
    pty.press("\x1b[O");
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("x");
    pty.until_bytes(b"\x07");
    pty.press("q");
    pty.left("left: Quit");
}

#[test]
fn signals_give_the_terminal_back() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = Pty::open();
        pty.press("s");
        pty.until("armed, 0 packets");
        pty.signal(signal);
        pty.left("left: Signal [\"shop/web-1: stopped");
    }
}

#[test]
fn a_panic_elsewhere_gives_the_terminal_back_and_its_message_can_be_read() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("w");
    pty.until("the fake engine panics");
    pty.left("left: ");
}
