//! One channel to a target that is this machine: a process with its own stdin, stdout and stderr, as sshd gives it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail where it stands"
)]

use std::{
    fs,
    io::{Read, Write},
    net::Shutdown,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use wrcap::remote::minder::{LineSplitter, MarkerFinder, Message, Order, Settings, StatsSignal, Tag};
use wrcap::remote::privilege::Way;

/// No wait in these tests is longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

type Bytes = Arc<Mutex<Vec<u8>>>;

pub(crate) struct Channel {
    child: Child,
    stdin: Option<ChildStdin>,
    ends: [UnixStream; 2],
    out: Bytes,
    err: Bytes,
}

fn collect(mut from: impl Read + Send + 'static) -> Bytes {
    let all = Bytes::default();
    let into = Arc::clone(&all);
    std::thread::spawn(move || {
        let mut block = vec![0; 65536];
        while let Ok(n @ 1..) = from.read(&mut block) {
            into.lock().unwrap().extend_from_slice(&block[..n]);
        }
    });
    all
}

impl Channel {
    /// Runs `command` as the leader of its own process group. Its stdout and stderr are sockets, so that
    /// [`Channel::vanish`] can close them.
    pub(crate) fn open(mut command: Command) -> Self {
        let (ours_out, out) = UnixStream::pair().unwrap();
        let (ours_err, err) = UnixStream::pair().unwrap();
        command.stdin(Stdio::piped()).stdout(OwnedFd::from(out)).stderr(OwnedFd::from(err)).process_group(0);
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let (out, err) = (collect(ours_out.try_clone().unwrap()), collect(ours_err.try_clone().unwrap()));
        Self { child, stdin, ends: [ours_out, ours_err], out, err }
    }

    /// Writes; a target that has already gone is no error here.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        let _ = stdin.write_all(bytes).and_then(|()| stdin.flush());
    }

    pub(crate) fn order(&mut self, order: Order) {
        self.send(&order.encode());
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Closes all three streams at once, as sshd does when the connection is cut.
    pub(crate) fn vanish(&mut self) {
        self.stdin = None;
        self.ends.iter().for_each(|end| end.shutdown(Shutdown::Both).unwrap());
    }

    pub(crate) fn stdout(&self) -> Vec<u8> {
        self.out.lock().unwrap().clone()
    }

    /// The stream behind the marker; `None` while there is no marker.
    pub(crate) fn stream(&self, tag: &Tag) -> Option<Vec<u8>> {
        MarkerFinder::new(tag).push(&self.stdout()).unwrap().map(<[u8]>::to_vec)
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        let mut splitter = LineSplitter::default();
        splitter.push(&self.err.lock().unwrap()).iter().map(|line| Message::parse(line)).collect()
    }

    /// Until `holds` gives something, at most [`LIMIT`]; then everything that came is shown.
    pub(crate) fn until<T>(&self, what: &str, mut holds: impl FnMut(&Self) -> Option<T>) -> T {
        eventually(|| holds(self)).unwrap_or_else(|| {
            let out = String::from_utf8_lossy(&self.stdout()).into_owned();
            panic!("{what}: not in {LIMIT:?}; stdout {:.300?}, stderr {:#?}", out, self.messages())
        })
    }

    /// The message that fits.
    pub(crate) fn message<T>(&self, what: &str, fits: impl Fn(&Message) -> Option<T>) -> T {
        self.until(what, |channel| channel.messages().iter().find_map(&fits))
    }

    /// The code of the only `exit` message, which must be the last one.
    pub(crate) fn exit(&self) -> i32 {
        let code = self.message("exit", |message| match message {
            Message::Exit(code) => Some(*code),
            _ => None,
        });
        let exits = self.messages().iter().filter(|message| matches!(message, Message::Exit(_))).count();
        assert_eq!(exits, 1);
        assert!(matches!(self.messages().last(), Some(Message::Exit(_))), "{:?}", self.messages());
        code
    }

    /// Until the channel's process is gone.
    pub(crate) fn gone(&mut self) {
        let ended = eventually(|| self.child.try_wait().unwrap());
        assert!(ended.is_some(), "the channel's process is still there");
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Until `holds` gives something, at most [`LIMIT`].
pub(crate) fn eventually<T>(mut holds: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        match holds() {
            None if start.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}

/// The command lines of living processes that hold `needle`.
pub(crate) fn processes(needle: &str) -> Vec<String> {
    let line = |entry: fs::DirEntry| {
        let bytes = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(line).filter(|line| line.contains(needle)).collect()
}

/// Nothing with this needle may be left, neither now nor a moment later.
pub(crate) fn nothing_left(needle: &str) {
    let clean = eventually(|| processes(needle).is_empty().then_some(()));
    assert!(clean.is_some(), "left behind: {:#?}", processes(needle));
}

/// A number that no other test of this run uses: it names the session, its lease and its port.
pub(crate) fn number() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    20_000 + std::process::id() % 2000 * 20 + NEXT.fetch_add(1, Ordering::Relaxed) % 20
}

/// Settings for a capture command; the lease is long and recognisable in the process list.
pub(crate) fn settings(number: u32, way: Way, args: &[&str]) -> Settings {
    Settings {
        tag: Tag::new(&format!("t{number}")).unwrap(),
        way,
        lease: Duration::from_secs(u64::from(number) + 100_000),
        stats: StatsSignal::of("Linux"),
        password: None,
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
    }
}

/// Whether the tests that need root run here: it says so when not, and `WRCAP_REQUIRE_LAB=1` makes that a failure.
pub(crate) fn lab() -> bool {
    let able = Command::new("unshare").args(["-mn", "true"]).output().is_ok_and(|out| out.status.success());
    let tools = ["sudo", "doas", "tcpdump", "script", "setpriv", "openssl"];
    let missing: Vec<&str> = tools.into_iter().filter(|tool| !installed(tool)).collect();
    if able && missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "root needed, and {missing:?}");
    println!("skipped: needs root, and {missing:?}");
    false
}

pub(crate) fn installed(program: &str) -> bool {
    which::which(program).is_ok()
}

/// A channel as a user of [`world.sh`](world.sh) with the login shell `shell`; `tcpdump` is what sudo and doas allow.
pub(crate) fn world(kind: &str, shell: &str, command: &str, tcpdump: &str) -> Channel {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/remote_scripts/world.sh");
    let mut unshare = Command::new("unshare");
    unshare.args(["-mn", "setsid", "-w", "sh", script, kind, shell, command]);
    unshare.env("WRCAP_TCPDUMP", tcpdump).env("SSH_CONNECTION", "127.0.0.1 50000 127.0.0.1 22");
    Channel::open(unshare)
}
