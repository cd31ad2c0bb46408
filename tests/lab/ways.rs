//! Every way to the right to capture, every login shell: a correct capture each.

use std::{cell::RefCell, io::Write, sync::mpsc::Receiver, time::Instant};

use portable_pty::{Child, CommandBuilder, MasterPty};

use crate::{
    common::{
        PATIENCE, files, holds_within,
        lab::Lab,
        wrcap::{self, Wrcap},
    },
    terminal,
};

/// Captures 50 known packets and compares them. `command` is how tcpdump must have been started.
fn assert_captures(lab: &Lab, what: &str, command: &str) {
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &path, "-c", "50", "--json"];
    let wrcap = Wrcap::start(lab, &words);
    wrcap.until_live();
    let armed = wrcap.until("command line", |event| event["event"] == "armed");
    assert!(armed["command"].as_str().unwrap().starts_with(command), "{what}: {armed}");
    let sent = files::known_packets(50);
    lab.replay("t1", &sent, Some(1000));
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["packets"], &report["complete"]), (&50.into(), &true.into()), "{what}: {report}");
    assert!(files::bytes_of(&file) == sent, "{what}: other packets than those that were sent");
    lab.assert_nothing_left();
}

#[test]
fn every_way_to_root_captures() {
    let Some(lab) = Lab::up(1) else { return };
    for (knobs, command) in [
        (&["sudo=all"][..], "sudo -n /usr/"),
        (&["sudo=tcpdump-only"], "sudo -n /usr/"),
        (&["sudo=requiretty"], "sudo -n /usr/"),
        (&["sudo=none", "doas=on"], "doas -n /usr/"),
        (&["doas=off", "caps=on"], "/usr/"),
    ] {
        lab.set("t1", knobs);
        assert_captures(&lab, &format!("{knobs:?}"), command);
    }
}

#[test]
fn every_login_shell_captures() {
    let Some(lab) = Lab::up(1) else { return };
    for shell in ["banner", "fish", "csh", "bash", "ksh", "busybox"] {
        let set = lab.command(&["set", "t1", &format!("shell={shell}")]).output().unwrap();
        if set.status.code() == Some(3) && std::env::var_os("WRCAP_REQUIRE_LAB").is_none_or(|v| v != "1") {
            eprintln!("skipped: {shell} is not installed");
            continue;
        }
        assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        assert_captures(&lab, shell, "sudo -n");
    }
}

/// wrcap on a terminal.
pub(crate) struct OnPty {
    child: Box<dyn Child + Send + Sync>,
    pub(crate) keys: Box<dyn Write + Send>,
    bytes: Receiver<(Instant, Vec<u8>)>,
    shown: RefCell<String>,
    _master: Box<dyn MasterPty + Send>,
}

impl OnPty {
    pub(crate) fn start(lab: &Lab, words: &[&str]) -> Self {
        Self::start_with(lab, words, |_| {})
    }

    /// Starts it after a last change.
    pub(crate) fn start_with(lab: &Lab, words: &[&str], change: impl FnOnce(&mut CommandBuilder)) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wrcap"));
        command.args(words);
        command.arg("--profiles");
        command.arg(lab.path("lab/profiles"));
        command.cwd(lab.folder());
        for (name, value) in wrcap::folders(lab) {
            command.env(name, value);
        }
        change(&mut command);
        let terminal::Ends { master, child, keys, bytes, .. } =
            terminal::open(command, terminal::size(200, 24));
        Self { child, keys, bytes, shown: RefCell::default(), _master: master }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub(crate) fn shown(&self) -> String {
        let mut shown = self.shown.borrow_mut();
        for (_, bytes) in self.bytes.try_iter() {
            shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        shown.clone()
    }

    pub(crate) fn until(&self, text: &str) {
        assert!(holds_within(PATIENCE, || self.shown().contains(text)), "no {text:?}:\n{}", self.shown());
    }

    /// Waits for the end; gives the exit code.
    pub(crate) fn end(&mut self) -> u32 {
        let mut status = None;
        let over = holds_within(PATIENCE, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(over, "it does not end:\n{}", self.shown());
        status.unwrap().exit_code()
    }
}

impl Drop for OnPty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_sudo_password_is_asked_again_after_a_wrong_one_and_seen_nowhere() {
    let Some(lab) = Lab::up(1) else { return };
    let password = lab.value("LAB_PASSWORD");
    for sudo in ["sudo=password", "sudo=password-tcpdump-only"] {
        lab.set("t1", &[sudo]);
        let file = lab.path("out.pcapng");
        let path = file.to_string_lossy();
        let words = ["capture", "lab/t1", "-i", "cap0", "-w", &path, "-c", "50", "--json", "--ask", "-v"];
        let mut wrcap = OnPty::start(&lab, &words);
        wrcap.until("assword");
        wrcap.keys.write_all(b"certainly wrong\n").unwrap();
        wrcap.until("(attempt 2)");
        wrcap.keys.write_all(format!("{password}\n").as_bytes()).unwrap();
        wrcap.until("\"state\":\"live\"");
        assert!(!(lab.processes() + &lab.own_ssh()).contains(password), "in an argument list");
        let sent = files::known_packets(50);
        lab.replay("t1", &sent, Some(1000));
        assert_eq!(wrcap.end(), 0, "{}", wrcap.shown());
        assert!(files::bytes_of(&file) == sent, "{sudo}: other packets than those that were sent");
        let log = std::fs::read_to_string(lab.path("s/wrcap/wrcap.log")).unwrap_or_default();
        for (place, text) in [("the terminal", wrcap.shown()), ("the log", log)] {
            assert!(!text.contains(password) && !text.contains("certainly wrong"), "on {place}: {text}");
        }
        lab.assert_nothing_left();
    }
}

#[test]
fn three_wrong_passwords_are_enough_and_no_terminal_means_no_answer() {
    let Some(lab) = Lab::up(1) else { return };
    lab.set("t1", &["sudo=password"]);
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let mut wrcap = OnPty::start(&lab, &["capture", "lab/t1", "-w", &path, "--json", "--ask"]);
    for attempt in ["assword", "(attempt 2)", "(attempt 3)"] {
        wrcap.until(attempt);
        wrcap.keys.write_all(b"wrong\n").unwrap();
    }
    assert_eq!(wrcap.end(), 4, "{}", wrcap.shown());
    wrcap.until("did not take the password");
    lab.assert_nothing_left();

    lab.set("t1", &["sudo=none"]);
    let mut wrcap = OnPty::start(&lab, &["capture", "lab/t1", "-w", &path, "--json", "--ask"]);
    wrcap.until("assword");
    wrcap.keys.write_all(format!("{}\n", lab.value("LAB_PASSWORD")).as_bytes()).unwrap();
    assert_eq!(wrcap.end(), 4, "{}", wrcap.shown());
    for words in ["not in the sudoers file", "ec2-user ALL=(root) NOPASSWD: /"] {
        // The last bytes may come after the end of the process.
        wrcap.until(words);
    }
    lab.assert_nothing_left();

    let report = wrcap::run(&lab, &["capture", "lab/t1", "-w", &path, "--json"]).code(4).report();
    assert_eq!(report["error"]["kind"], "unanswered", "{report}");
    assert!(!file.exists());
    lab.assert_nothing_left();
}

#[test]
fn capturing_is_said_once_it_is_true() {
    let Some(lab) = Lab::up(1) else { return };
    lab.set("t1", &["sudo=password"]);
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let mut wrcap = OnPty::start(&lab, &["capture", "lab/t1", "-w", &path, "-d", "1s", "--ask"]);
    wrcap.until("assword");
    assert!(!wrcap.shown().contains("capturing"), "{}", wrcap.shown());
    wrcap.keys.write_all(format!("{}\n", lab.value("LAB_PASSWORD")).as_bytes()).unwrap();
    wrcap.until("capturing on eth0");
    assert_eq!(wrcap.end(), 0, "{}", wrcap.shown());
    wrcap.until("limit reached (duration)");
    lab.assert_nothing_left();
}
