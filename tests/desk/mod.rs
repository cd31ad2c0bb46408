//! A desk for the tests that use wrcap as its user does: a lab, folders of its own, a terminal, a screen.
//! What a test starts here ends with it.

#![expect(dead_code, reason = "each test binary uses a part of it")]
#![expect(clippy::panic, clippy::print_stdout, reason = "the helpers of tests are tests too")]

pub(crate) mod display;
pub(crate) mod lab;
pub(crate) mod pty;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

pub(crate) use lab::Lab;
/// The terminal; not every test binary has one.
pub(crate) type Pty = pty::Pty;

/// How long anything may take on a small machine under load.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again until `look` finds something; `story` is told when it never does.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>, story: impl FnOnce() -> String) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "never: {what}\n{}", story());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether tests that need root and these programs run here: it says so when not, and `WRCAP_REQUIRE_LAB=1` makes
/// that a failure.
pub(crate) fn able(programs: &[&str]) -> bool {
    let missing: Vec<&&str> = programs.iter().filter(|program| which::which(program).is_err()).collect();
    let root = rustix::process::geteuid().is_root();
    if cfg!(target_os = "linux") && root && missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "root and Linux needed, and {missing:?}");
    println!("skipped: needs root and Linux, and {missing:?}");
    false
}

/// Folders of one user, all below one short one.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("wd").tempdir_in("/tmp").unwrap();
        let desk = Self { folder };
        for name in ["home/.config/wireshark", "run", "state", "tmp"] {
            fs::create_dir_all(desk.path(name)).unwrap();
        }
        // Wireshark would ask root whether it means it.
        fs::write(desk.path("home/.config/wireshark/recent_common"), "privs.warn_if_elevated: FALSE\n")
            .unwrap();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a program of this desk finds in its environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name| self.path(name).to_str().unwrap().to_owned();
        vec![
            ("HOME", path("home")),
            ("XDG_CONFIG_HOME", path("home/.config")),
            ("XDG_STATE_HOME", path("state")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("TMPDIR", path("tmp")),
            ("LANG", "C.UTF-8".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
        ]
    }

    /// wrcap, at this desk.
    pub(crate) fn wrcap(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wrcap"));
        command.args(arguments).envs(self.environment());
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }

    /// The spools that are there, each with its segments in order.
    pub(crate) fn spools(&self) -> Vec<Vec<PathBuf>> {
        let is_segment = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pcapng");
        let segments = |folder: &PathBuf| entries(folder).into_iter().filter(is_segment).collect();
        entries(&self.path("state/wrcap/spool")).iter().map(segments).collect()
    }

    /// What wrcap left in this desk's folders and among the processes.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let files = ["run/wrcap", "state/wrcap/spool"].iter().flat_map(|name| entries(&self.path(name)));
        let mut left: Vec<String> = files.map(|path| path.display().to_string()).collect();
        left.extend(processes(self.path("run/").to_str().unwrap()).into_iter().map(|(_, words)| words));
        left
    }

    /// Waits until nothing of wrcap is left here nor in the lab.
    pub(crate) fn swept(&self, lab: &Lab) {
        let left = || [self.leftovers(), lab.leftovers()].concat();
        until("nothing is left", || left().is_empty().then_some(()), || left().join("\n"));
    }

    /// Waits until all that is left is so many spools: of captures that nobody chose to end.
    pub(crate) fn swept_but_for(&self, spools: usize, lab: &Lab) {
        let kept = self.path("state/wrcap/spool").display().to_string();
        let left = || {
            let (spools, rest): (Vec<_>, Vec<_>) =
                self.leftovers().into_iter().partition(|left| left.starts_with(&kept));
            (spools.len(), [rest, lab.leftovers()].concat())
        };
        let story = || format!("{:?}", left());
        until("spools and nothing else", || (left() == (spools, Vec::new())).then_some(()), story);
    }

    /// The log that wrcap wrote.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("state/wrcap/wrcap.log")).unwrap_or_default()
    }
}

/// What is in a folder, in order; nothing where there is none.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = found.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The processes that have `text` in their command line.
pub(crate) fn processes(text: &str) -> Vec<(u32, String)> {
    let pids = entries(Path::new("/proc")).into_iter();
    pids.filter_map(|folder| {
        let pid = folder.file_name()?.to_str()?.parse().ok()?;
        let words = String::from_utf8_lossy(&fs::read(folder.join("cmdline")).ok()?).replace('\0', " ");
        words.contains(text).then_some((pid, words))
    })
    .collect()
}

/// Sends a signal.
pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = rustix::process::kill_process(pid, signal);
}

/// What one field of the first packets of a capture is; a file that still grows may end in the middle of one.
pub(crate) fn times(file: &Path, packets: u32) -> Vec<String> {
    let out = Command::new("tshark")
        .args(["-n", "-c", &packets.to_string(), "-T", "fields", "-e", "frame.time_epoch", "-r"])
        .arg(file)
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
}

/// The packets of a capture, counted by tshark; a file that still grows may end in the middle of one.
pub(crate) fn count(file: &Path) -> usize {
    let out =
        Command::new("tshark").args(["-n", "-T", "fields", "-e", "frame.number", "-r"]).arg(file).output();
    String::from_utf8_lossy(&out.unwrap().stdout).lines().count()
}

/// A process that ends with its value.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
