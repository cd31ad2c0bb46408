//! Real sshd processes on loopback, as whoever runs the tests, with keys of their own.

pub(crate) mod target;

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The passphrase of the key `locked`.
pub(crate) const PASSPHRASE: &str = "correct horse";

/// A folder with keys: `user` lets in, `locked` too but wants [`PASSPHRASE`], `stranger` does not.
pub(crate) struct Lab {
    dir: tempfile::TempDir,
}

/// A server that ends with its value.
pub(crate) struct Sshd {
    child: Child,
    pub(crate) port: u16,
    name: String,
}

impl Lab {
    /// `None` where there is no sshd; a failure instead with `WRCAP_REQUIRE_LAB=1`.
    pub(crate) fn new() -> Option<Self> {
        if !Path::new("/usr/sbin/sshd").exists() {
            assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "no /usr/sbin/sshd");
            eprintln!("skipped: no /usr/sbin/sshd");
            return None;
        }
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").expect("the folder that sshd wants to be empty");
        }
        // Short: control sockets live in it.
        let dir = tempfile::Builder::new().prefix("wr").tempdir_in("/tmp").expect("a folder");
        let lab = Self { dir };
        lab.keygen("user", "");
        lab.keygen("locked", PASSPHRASE);
        lab.keygen("stranger", "");
        let keys = ["user.pub", "locked.pub"].map(|name| lab.read(name));
        lab.write("authorized_keys", &keys.concat());
        lab.write("known_hosts", "");
        Some(lab)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file of the lab")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file of the lab");
    }

    /// A fresh runtime folder for one session.
    pub(crate) fn session(&self, name: &str) -> PathBuf {
        let dir = self.path(name);
        fs::create_dir(&dir).expect("a new folder");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).expect("its mode");
        dir
    }

    pub(crate) fn keygen(&self, name: &str, passphrase: &str) {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f"]).arg(self.path(name));
        assert!(command.status().expect("ssh-keygen").success());
    }

    /// A server with its own host key, which goes into `known_hosts`.
    pub(crate) fn sshd(&self, name: &str, more: &str) -> Sshd {
        let sshd = self.unknown_sshd(name, more);
        let known = self.read("known_hosts") + &self.known_line(&sshd, &format!("host-{name}.pub"));
        self.write("known_hosts", &known);
        sshd
    }

    /// The line of `known_hosts` that ties a server to a public key.
    pub(crate) fn known_line(&self, sshd: &Sshd, key: &str) -> String {
        format!("[127.0.0.1]:{} {}", sshd.port, self.read(key))
    }

    /// A server whose key is in no `known_hosts`.
    pub(crate) fn unknown_sshd(&self, name: &str, more: &str) -> Sshd {
        let key = format!("host-{name}");
        self.keygen(&key, "");
        let port = free_port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\n{more}\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\n",
            self.path(&key).display(),
            self.path("authorized_keys").display(),
        );
        let file = format!("{name}.conf");
        self.write(&file, &config);
        let log = fs::File::create(self.path(&format!("{name}.log"))).expect("a log");
        let child = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(self.path(&file))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sshd");
        until("sshd listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Sshd { child, port, name: name.to_owned() }
    }

    /// How many processes have a file of this folder in their command line.
    pub(crate) fn processes_with(dir: &Path) -> usize {
        let output = Command::new("ps").args(["-A", "-ww", "-o", "args="]).output().expect("ps");
        let text = format!("{}/", dir.display());
        String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains(&text)).count()
    }
}

impl Sshd {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Kills the processes of its connections, as a crash would.
    pub(crate) fn cut(&self) {
        self.signal_connections(rustix::process::Signal::KILL);
    }

    /// A signal to each process of its connections.
    pub(crate) fn signal_connections(&self, signal: rustix::process::Signal) {
        let output = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().expect("ps");
        let text = String::from_utf8(output.stdout).expect("text");
        let numbers: Vec<i32> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let mut family = vec![self.pid()];
        let mut next = 0;
        while let Some(&parent) = family.get(next) {
            family.extend(numbers.chunks(2).filter(|pair| pair[1] == parent).map(|pair| pair[0]));
            next += 1;
        }
        for pid in &family[1..] {
            let pid = rustix::process::Pid::from_raw(*pid).expect("a pid");
            // Some end with those that were killed before them.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// Reads its configuration anew; connections that are open keep the old one.
    pub(crate) fn reload(&self, lab: &Lab) {
        let listens = || self.log(lab).matches("Server listening").count();
        let before = listens();
        let pid = rustix::process::Pid::from_raw(self.pid()).expect("a pid");
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("a signal");
        until("sshd listens again", || listens() > before);
    }

    /// What it said.
    pub(crate) fn log(&self, lab: &Lab) -> String {
        lab.read(&format!("{}.log", self.name))
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a pid")
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of loopback on which nothing listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}

/// Waits until this holds; at most 10 s.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
