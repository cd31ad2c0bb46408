//! Other users of this machine: they reach neither sockets nor captures nor memory, and plant no folders and files.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::common::{PATIENCE, holds_within, lab::Lab, wrcap::Wrcap};

const NOBODY: u32 = 65534;

/// Tries as nobody what another user could try.
fn as_nobody(program: &str, words: &[&str]) -> Output {
    Command::new(program).args(words).uid(NOBODY).gid(NOBODY).current_dir("/").output().unwrap()
}

/// All below a folder, with its permissions.
fn modes(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let status = entry.metadata().unwrap();
        found.push((entry.path(), status.mode() & 0o777));
        if status.is_dir() {
            found.extend(modes(&entry.path()));
        }
    }
    found
}

#[test]
fn other_users_reach_neither_sockets_nor_captures() {
    let Some(lab) = Lab::up(2) else { return };
    // Nothing but wrcap's own permissions is in their way.
    for folder in [lab.folder().to_owned(), lab.path("r"), lab.path("s"), lab.path("c")] {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    let file = lab.path("out.pcapng");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    let spooled = Wrcap::start(&lab, &["capture", "lab/t1", "--no-viewer", "--json"]);
    let written = Wrcap::start(&lab, &["capture", "lab/t1", "-w", &file.to_string_lossy(), "--json"]);
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    for wrcap in [&spooled, &written] {
        wrcap.until("packets", |event| event["event"] == "stats" && event["packets"].as_u64() > Some(0));
    }

    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    for folder in ["r/wrcap", "s/wrcap"].map(|name| lab.path(name)) {
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700, "{}", folder.display());
        let found = modes(&folder);
        assert!(!found.is_empty());
        for (path, mode) in &found {
            // A link's own permissions mean nothing; sockets lie in folders that nobody enters.
            let socket = path.extension().is_some_and(|end| end == "sock") || path.ends_with("c");
            let private = [0o700, 0o600, 0o400].contains(mode);
            assert!(private || socket, "{}: {mode:o}", path.display());
        }
        let sockets = found.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "sock"));
        for (socket, _) in sockets {
            let script = "use IO::Socket::UNIX; exit(IO::Socket::UNIX->new(Peer => $ARGV[0]) ? 0 : $!{EACCES} ? 7 : 1)";
            let words = ["-MErrno", "-e", script, &socket.to_string_lossy()];
            assert_eq!(as_nobody("perl", &words).status.code(), Some(7), "{}", socket.display());
            assert_eq!(Command::new("perl").args(words).status().unwrap().code(), Some(0), "not even we");
        }
        let listed = as_nobody("find", &[&folder.to_string_lossy(), "-mindepth", "1"]);
        assert!(listed.stdout.is_empty(), "{}", String::from_utf8_lossy(&listed.stdout));
    }
    let read = as_nobody("cat", &[&file.to_string_lossy()]);
    assert!(!read.status.success() && read.stdout.is_empty());
    for wrcap in [spooled, written] {
        wrcap.signal(rustix::process::Signal::INT);
        wrcap.signal(rustix::process::Signal::INT);
        wrcap.end();
    }
    lab.tell(&["traffic", "t1", "stop"]);
    lab.assert_nothing_left();
}

/// A folder that everybody can write to, and in it what one user wants to keep and another one has put there before.
struct Shared {
    dir: tempfile::TempDir,
    runtime: PathBuf,
    uid: u32,
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.runtime);
        let _ = fs::remove_dir_all(&self.runtime);
    }
}

impl Shared {
    /// `None` without root, who alone can be others.
    fn new(number: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: being another user needs root");
            return None;
        }
        let dir = tempfile::Builder::new().prefix("wo").tempdir_in("/tmp").unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o1777)).unwrap();
        let uid = 3_000_000_000 + std::process::id() * 4 + number;
        let shared = Self { dir, runtime: format!("/tmp/wrcap-{uid}").into(), uid };
        let binary = shared.path("wrcap");
        fs::copy(env!("CARGO_BIN_EXE_wrcap"), &binary).unwrap();
        fs::set_permissions(&binary, Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(shared.path("profiles")).unwrap();
        fs::write(shared.path("profiles/site.yaml"), "targets: { t: { host: 127.0.0.1, port: 9 } }\n")
            .unwrap();
        Some(shared)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// wrcap as the victim, with nothing in its environment.
    fn wrcap(&self) -> Command {
        let mut command = Command::new(self.path("wrcap"));
        command.uid(self.uid).gid(self.uid).current_dir("/").env_clear();
        command.env("PATH", std::env::var("PATH").unwrap()).env("HOME", self.path("home"));
        command.env("XDG_STATE_HOME", self.path("state"));
        command
    }

    /// Runs a capture that must not begin; gives what it says.
    fn refused(&self, code: i32, words: &[&str]) -> String {
        let profiles = self.path("profiles");
        let mut command = self.wrcap();
        command.args(["capture", "site/t", "--profiles", &profiles.to_string_lossy()]).args(words);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        // ssh itself may have no more to say.
        assert!(code == 3 || said.contains("\nhint: "), "{said}");
        said
    }

    /// Makes a folder that belongs to somebody.
    fn folder(path: &Path, uid: u32) {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::chown(path, Some(uid), Some(uid)).unwrap();
    }
}

#[test]
fn folders_that_another_user_made_are_refused() {
    let Some(shared) = Shared::new(0) else { return };
    let words = ["--no-viewer"];
    Shared::folder(&shared.runtime, NOBODY);
    let said = shared.refused(2, &words);
    let folder = format!("the folder {} is not safe to use", shared.runtime.display());
    assert!(said.contains(&format!("{folder}: it belongs to another user")), "{said}");
    fs::remove_dir(&shared.runtime).unwrap();

    // A link to a folder of our own, too.
    Shared::folder(&shared.path("own"), shared.uid);
    symlink(shared.path("own"), &shared.runtime).unwrap();
    let said = shared.refused(2, &words);
    assert!(said.contains(&format!("{folder}: it is a symbolic link")), "{said}");
    assert_eq!(fs::read_dir(shared.path("own")).unwrap().count(), 0, "something was put behind the link");
    fs::remove_file(&shared.runtime).unwrap();

    fs::remove_dir_all(shared.path("state")).unwrap();
    fs::create_dir(shared.path("state")).unwrap();
    fs::set_permissions(shared.path("state"), Permissions::from_mode(0o1777)).unwrap();
    Shared::folder(&shared.path("state/wrcap"), NOBODY);
    let said = shared.refused(2, &words);
    assert!(said.contains("state/wrcap is not safe to use: it belongs to another user"), "{said}");
    fs::remove_dir(shared.path("state/wrcap")).unwrap();
    Shared::folder(&shared.path("state/wrcap"), shared.uid);
    Shared::folder(&shared.path("state/wrcap/spool"), NOBODY);
    let said = shared.refused(2, &words);
    assert!(said.contains("state/wrcap/spool is not safe to use: it belongs to another user"), "{said}");
    fs::remove_dir(shared.path("state/wrcap/spool")).unwrap();

    // Without all that it goes on to ssh, which knows no such user.
    let said = shared.refused(3, &words);
    assert!(said.contains("No user exists for uid") || said.contains("refused the connection"), "{said}");
}

#[test]
fn files_that_another_user_made_in_a_folder_of_all_are_refused() {
    let Some(lab) = Lab::up(1) else { return };
    let shared = tempfile::Builder::new().prefix("wo").tempdir_in("/tmp").unwrap();
    fs::set_permissions(shared.path(), Permissions::from_mode(0o1777)).unwrap();
    let [made, link, precious] = ["made", "link", "precious"].map(|name| shared.path().join(name));
    fs::write(&made, "").unwrap();
    std::os::unix::fs::chown(&made, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(&made, Permissions::from_mode(0o666)).unwrap();
    fs::write(&precious, "precious").unwrap();
    symlink(&precious, &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(NOBODY), Some(NOBODY)).unwrap();
    for path in [&made, &link] {
        let words = ["capture", "lab/t1", "-w", &path.to_string_lossy(), "-d", "1s"];
        let ended = crate::common::wrcap::run(&lab, &words).code(5);
        assert!(ended.err.contains("could not create") && ended.err.contains("\nhint: "), "{}", ended.err);
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    assert_eq!(fs::metadata(&made).unwrap().len(), 0, "packets went into somebody else's file");
    lab.assert_nothing_left();
}

/// What a process that may be dumped shows: its own user's. The kernel takes `/proc/PID` away from it otherwise.
fn is_dumpable(pid: u32, uid: u32) -> bool {
    let owner = || fs::metadata(format!("/proc/{pid}/environ")).unwrap().uid();
    !holds_within(PATIENCE, || owner() != uid)
}

#[test]
fn the_memory_of_wrcap_and_its_helper_ends_in_no_dump() {
    let Some(shared) = Shared::new(1) else { return };
    let socket = shared.path("session");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    let mut helper = shared.wrcap().env("WRCAP_ASKPASS", &socket).arg("Password: ").spawn().unwrap();
    let _asked = listener.accept().unwrap();
    assert!(!is_dumpable(helper.id(), shared.uid), "the helper of ssh can be dumped");
    helper.kill().unwrap();
    helper.wait().unwrap();

    // An editor that waits keeps wrcap waiting. What it starts is as it would be without it.
    Shared::folder(&shared.path("sites"), shared.uid);
    let pid = shared.path("sites/editor.pid");
    let editor = format!("sh -c 'echo $$ >{}; exec sleep 1000'", pid.display());
    let sites = shared.path("sites");
    let mut command = shared.wrcap();
    command.args(["edit", "site", "--profiles", &sites.to_string_lossy()]).env("EDITOR", editor);
    let mut wrcap = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    let started = || fs::read_to_string(&pid).ok()?.trim().parse::<u32>().ok();
    assert!(holds_within(PATIENCE, || started().is_some()), "no editor");
    assert!(!is_dumpable(wrcap.id(), shared.uid), "wrcap can be dumped");
    let editor = started().unwrap();
    assert_eq!(fs::metadata(format!("/proc/{editor}/environ")).unwrap().uid(), shared.uid);
    let editor = rustix::process::Pid::from_raw(i32::try_from(editor).unwrap()).unwrap();
    rustix::process::kill_process(editor, rustix::process::Signal::KILL).unwrap();
    wrcap.wait().unwrap();
}
