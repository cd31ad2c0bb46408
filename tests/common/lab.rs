//! One lab for one test, with folders of its own for everything that wrcap keeps here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use super::{PATIENCE, files, holds_within};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab.sh");
const TOOLS: [&str; 6] = ["sshd", "tcpdump", "sudo", "tshark", "tcpreplay", "perl"];
/// More than one lab a process only with the standard test runner.
static LABS: AtomicU32 = AtomicU32::new(0);

/// A bastion and targets; gone when dropped.
pub(crate) struct Lab {
    prefix: String,
    dir: tempfile::TempDir,
    env: String,
    targets: u32,
}

impl Lab {
    /// `None` where there can be no lab; a failure instead with `WRCAP_REQUIRE_LAB=1`.
    pub(crate) fn up(targets: u32) -> Option<Self> {
        if let Some(why) = missing() {
            assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none_or(|v| v != "1"), "no lab: {why}");
            eprintln!("skipped: {why}");
            return None;
        }
        // Short: sockets live in it.
        let dir = tempfile::Builder::new().prefix("wl").tempdir_in("/tmp").unwrap();
        let prefix = format!("k{}n{}", std::process::id(), LABS.fetch_add(1, Relaxed));
        let mut lab = Self { prefix, dir, env: String::new(), targets };
        for folder in ["r", "s", "c"] {
            fs::create_dir(lab.path(folder)).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(lab.path(folder), mode).unwrap();
        }
        let (home, owner) = (lab.path("lab"), std::process::id().to_string());
        lab.tell(&[
            "up",
            "--dir",
            &home.to_string_lossy(),
            "--targets",
            &targets.to_string(),
            "--owner",
            &owner,
        ]);
        lab.env = fs::read_to_string(lab.path("lab/env")).unwrap();
        Some(lab)
    }

    /// A path in the test's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A value of the lab's `env` file.
    pub(crate) fn value(&self, key: &str) -> &str {
        let line = self.env.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {key} in {}", self.env))
    }

    /// The script with these words, not yet started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("bash");
        command.arg(SCRIPT).arg(words[0]).args(["--prefix", &self.prefix]).args(&words[1..]);
        command.stdin(Stdio::null());
        command
    }

    fn output(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs the script, which must succeed; gives what it printed.
    pub(crate) fn tell(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "lab {words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Runs a command as root on a host of the lab.
    pub(crate) fn on(&self, host: &str, words: &[&str]) -> String {
        self.tell(&[&["exec", host, "--"], words].concat())
    }

    pub(crate) fn set(&self, host: &str, knobs: &[&str]) {
        self.tell(&[&["set", host], knobs].concat());
    }

    /// Sends packets into a target's quiet interface: all at once, or so many a second.
    pub(crate) fn replay(&self, host: &str, packets: &[Vec<u8>], per_second: Option<u32>) {
        let file = self.path("replay.pcap");
        files::write_pcap(&file, packets);
        let (file, rate) = (file.to_string_lossy(), per_second.map(|rate| rate.to_string()));
        let mut words = vec!["replay", host, &*file];
        words.extend(rate.as_deref());
        let said = self.tell(&words);
        assert!(said.contains(&format!("Actual: {} packets", packets.len())), "{said}");
    }

    /// A site beside the lab's own: its bastion and keys, with words replaced, and other targets.
    pub(crate) fn site(&self, name: &str, replaced: &[(&str, &str)], targets: &str) {
        let own = fs::read_to_string(self.path("lab/profiles/lab.yaml")).unwrap();
        let mut head = own.split_once("targets:").unwrap().0.to_owned();
        for (old, new) in replaced {
            assert!(head.contains(old), "no {old} in {head}");
            head = head.replace(old, new);
        }
        fs::write(self.path(&format!("lab/profiles/{name}.yaml")), format!("{head}targets:\n{targets}"))
            .unwrap();
    }

    pub(crate) fn hosts(&self) -> Vec<String> {
        std::iter::once("bastion".to_owned()).chain((1..=self.targets).map(|n| format!("t{n}"))).collect()
    }

    /// Processes on all hosts that are not the lab's own.
    pub(crate) fn processes(&self) -> String {
        self.hosts().iter().map(|host| self.tell(&["ps", host])).collect()
    }

    /// Processes here that were started with a path of the test's runtime folder: ssh and its helpers.
    pub(crate) fn own_ssh(&self) -> String {
        let output = Command::new("ps").args(["-A", "-ww", "-o", "pid=,stat=,args="]).output().unwrap();
        let folder = format!("{}/", self.path("r").display());
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(&folder)).collect();
        lines.join("\n")
    }

    /// Sockets, generated files and spools that are still there.
    pub(crate) fn own_files(&self) -> String {
        let folders = ["r/wrcap", "s/wrcap/spool"].map(|name| self.path(name));
        let output = Command::new("find").args(&folders).args(["-mindepth", "1"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// No process of ours on any host or here, and no socket or spool here.
    pub(crate) fn assert_nothing_left(&self) {
        let left = || [self.processes(), self.own_ssh(), self.own_files()].concat();
        assert!(holds_within(PATIENCE, || left().is_empty()), "left behind:\n{}", left());
    }

    /// Waits until no tcpdump runs on a target.
    pub(crate) fn assert_no_tcpdump(&self, host: &str, limit: Duration) {
        let ps = || self.tell(&["ps", host]);
        let gone = holds_within(limit, || !ps().contains("tcpdump"));
        assert!(gone, "after {} s on {host}:\n{}", limit.as_secs(), ps());
    }

    /// Starts a helper on a host; ended with the lab at the latest.
    pub(crate) fn start(&self, words: &[&str], stdin: Stdio, output: &Path) -> Helper {
        let out = fs::File::create(output).unwrap();
        let mut command = self.command(words);
        command.stdin(stdin).stdout(out.try_clone().unwrap()).stderr(out);
        Helper(command.spawn().unwrap())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for host in self.hosts() {
                let log = self.output(&["log", &host]).stdout;
                let log = String::from_utf8_lossy(&log).into_owned();
                let last: Vec<&str> = log.lines().rev().take(15).collect();
                eprintln!("--- {host}: the end of sshd's log, backwards\n{}", last.join("\n"));
            }
        }
        let _ = self.output(&["down"]);
    }
}

/// A process of the test's own.
pub(crate) struct Helper(pub(crate) Child);

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What this machine lacks for a lab.
fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") || !rustix::process::geteuid().is_root() {
        return Some("the lab needs Linux and root".to_owned());
    }
    let has = |tool: &&str| {
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
        path.split(':').any(|folder| Path::new(folder).join(tool).exists())
    };
    TOOLS.iter().find(|tool| !has(tool)).map(|tool| format!("the lab needs {tool}"))
}
