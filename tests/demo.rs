//! `wrcap demo`: it shows living targets and leaves nothing behind, whatever ends it.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod desk;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use desk::{Desk, Pty, Running, entries, processes, signal, until};
use portable_pty::CommandBuilder;
use rustix::process::Signal;

const TOOLS: [&str; 6] = ["ip", "sshd", "sudo", "tcpdump", "unshare", "perl"];

/// The demo's own folder, once it is there.
fn folder(desk: &Desk) -> PathBuf {
    until("a demo's folder", || entries(&desk.path("tmp")).pop(), String::new)
}

/// The lab's name, once it is built.
fn prefix(desk: &Desk) -> String {
    let env = folder(desk).join("lab/env");
    let read = || {
        let text = fs::read_to_string(&env).ok()?;
        text.lines().find_map(|line| Some(line.strip_prefix("LAB_PREFIX=")?.to_owned()))
    };
    until("a lab", read, || env.display().to_string())
}

/// What a demo left: folders, processes, namespaces and network devices.
fn leftovers(desk: &Desk, prefix: Option<&str>) -> Vec<String> {
    let tmp = desk.path("tmp");
    let mut left: Vec<String> = entries(&tmp).iter().map(|path| path.display().to_string()).collect();
    left.extend(processes(tmp.to_str().unwrap()).into_iter().map(|(_, words)| words));
    left.extend(desk.leftovers());
    if let Some(prefix) = prefix {
        let out = Command::new("sh")
            .args(["-c", "ip netns list; ip -o link; ls /run/wrcap-lab 2>&1"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let ours = [format!("wrcap-{prefix}-"), format!("wl-{prefix}")];
        let is_ours = |line: &&str| ours.iter().any(|name| line.contains(name)) || *line == prefix;
        left.extend(text.lines().filter(is_ours).map(str::to_owned));
    }
    left
}

fn swept(desk: &Desk, prefix: Option<&str>) {
    let left = || leftovers(desk, prefix);
    until("nothing is left of the demo", || left().is_empty().then_some(()), || left().join("\n"));
}

/// A demo without a dashboard.
fn quiet(desk: &Desk) -> Running {
    let mut command = desk.wrcap(&["demo", "--no-dashboard"]);
    Running(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Reads what the demo says until a line has `words`.
fn said(demo: &mut Running, words: &str) {
    let lines = BufReader::new(demo.0.stderr.as_mut().unwrap()).lines();
    let all: Vec<String> = lines.map(Result::unwrap).take_while(|line| !line.contains(words)).collect();
    assert!(demo.0.try_wait().unwrap().is_none(), "ended without {words:?}: {all:?}");
}

#[test]
fn the_dashboard_shows_living_targets_and_leaves_nothing() {
    if !desk::able(&TOOLS) {
        return;
    }
    let desk = Desk::new();
    let mut demo = Pty::wrcap(&desk, None, &["demo"]);
    demo.shows("web-3");
    let prefix = prefix(&desk);
    demo.press("2As");
    demo.until("three that capture", |screen| {
        let rows = screen
            .lines()
            .filter(|line| line.contains("▸ live") && line.contains("B/s") | line.contains("b/s"));
        (rows.count() == 3).then_some(())
    });
    let state = folder(&desk).join("state/wrcap");
    assert_eq!(entries(&state.join("spool")).len(), 3, "spools lie in the demo's folder");
    assert!(state.join("wrcap.log").exists(), "and the log");
    assert_eq!(entries(&desk.path("state")), Vec::<PathBuf>::new(), "and nothing in the user's");
    assert_eq!(entries(&desk.path("run")), Vec::<PathBuf>::new(), "and nothing in the user's");
    demo.press("q");
    demo.shows("[ Stay ]");
    demo.press("\x1b[C\r");
    assert!(demo.left().success(), "{}", demo.text());
    assert_eq!(leftovers(&desk, Some(&prefix)), Vec::<String>::new(), "at the moment when it ends");
}

#[test]
fn it_stays_until_enter_and_a_check_finds_it_healthy() {
    if !desk::able(&TOOLS) {
        return;
    }
    let desk = Desk::new();
    let mut demo = quiet(&desk);
    said(&mut demo, "in another terminal: ");
    let prefix = prefix(&desk);
    let profiles = folder(&desk).join("lab/profiles");
    let check = desk.wrcap(&["--profiles", profiles.to_str().unwrap(), "check", "demo"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    drop(demo.0.stdin.take());
    assert!(demo.0.wait().unwrap().success());
    swept(&desk, Some(&prefix));
}

#[test]
fn signals_take_it_down_while_it_stands_and_while_it_is_built() {
    if !desk::able(&TOOLS) {
        return;
    }
    for word in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
        for standing in [true, false] {
            let desk = Desk::new();
            let mut demo = quiet(&desk);
            let name = if standing {
                said(&mut demo, "in another terminal: ");
                Some(prefix(&desk))
            } else {
                // The first file of the lab: it is being built.
                let begun = folder(&desk).join("lab/profiles");
                until("a lab that is begun", || begun.exists().then_some(()), String::new);
                None
            };
            // Waiting for a child closes its stdin, which would be an Enter.
            let _held = demo.0.stdin.take();
            signal(demo.0.id(), word);
            let code = demo.0.wait().unwrap().code();

            assert!(word == Signal::KILL || code == Some(130), "{word:?} {standing}: {code:?}");
            swept(&desk, name.as_deref());
        }
    }
}

/// A user that only a mount namespace knows, with a home at the desk, runs `"$@"` there.
/// Arguments: the desk's folder, `caps` or `none` for tcpdump's capabilities, the command.
const AS_USER: &str = r#"
set -e
desk=$1 caps=$2; shift 2
mount -t tmpfs -o mode=755 private /mnt
cp /etc/passwd /etc/shadow /mnt
echo "wrdemo:x:61888:61888::$desk/home:/bin/sh" >>/mnt/passwd
echo "wrdemo:*:19000:0:99999:7:::" >>/mnt/shadow
mount --bind /mnt/passwd /etc/passwd
mount --bind /mnt/shadow /etc/shadow
if [ "$caps" = caps ]; then
  tcpdump=$(readlink -f "$(command -v tcpdump)")
  cp "$tcpdump" /mnt/tcpdump
  setcap cap_net_raw+ep /mnt/tcpdump
  mount --bind /mnt/tcpdump "$tcpdump"
fi
chown -R 61888:61888 "$desk"
exec setpriv --reuid=61888 --regid=61888 --clear-groups "$@"
"#;

/// A demo of an ordinary user.
fn as_user(desk: &Desk, caps: &str, arguments: &[&str]) -> Pty {
    // Where every user may go.
    let wrcap = desk.path("wrcap");
    fs::copy(env!("CARGO_BIN_EXE_wrcap"), &wrcap).unwrap();
    let mut command = CommandBuilder::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", AS_USER, "sh"]);
    command.args([desk.path("").to_str().unwrap(), caps, wrcap.to_str().unwrap(), "demo"]);
    command.args(arguments);
    for variable in ["DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(variable);
    }
    for (name, value) in desk.environment() {
        command.env(name, value);
    }
    Pty::start(command)
}

fn captures_and_leaves(desk: &Desk, demo: &mut Pty) {
    demo.shows("web-3");
    demo.press("2As");
    demo.until("three that capture", |screen| (screen.matches("▸ live").count() == 3).then_some(()));
    let spools = folder(desk).join("state/wrcap/spool");
    let files = || entries(&spools).iter().flat_map(|folder| entries(folder)).collect::<Vec<_>>();
    let counts = || files().iter().map(|file| desk::count(file)).collect::<Vec<_>>();
    let full = || counts().iter().all(|count| *count > 0).then_some(());
    until("packets of each", full, || format!("{:?}", counts()));
    demo.press("q");
    demo.shows("[ Stay ]");
    demo.press("\x1b[C\r");
    assert!(demo.left().success(), "{}", demo.text());
    swept(desk, None);
}

#[test]
fn without_root_it_captures_loopback_or_says_what_is_missing() {
    if !desk::able(&[TOOLS.as_slice(), &["setcap", "setpriv", "tshark"]].concat()) {
        return;
    }
    let desk = Desk::new();
    let mut demo = as_user(&desk, "caps", &[]);
    captures_and_leaves(&desk, &mut demo);

    let desk = Desk::new();
    let mut demo = as_user(&desk, "none", &[]);
    assert_eq!(demo.left().exit_code(), 2, "{}", demo.text());
    let text = demo.text();
    assert!(text.contains("without root: sshd on loopback ports instead"), "{text}");
    assert!(text.contains("cannot run the demo: tcpdump needs root here"), "{text}");
    assert!(text.contains("hint: run `sudo wrcap demo`"), "{text}");
    swept(&desk, None);
}

#[test]
fn on_loopback_as_root_too() {
    if !desk::able(&[TOOLS.as_slice(), &["tshark"]].concat()) {
        return;
    }
    let desk = Desk::new();
    let mut demo = Pty::wrcap(&desk, None, &["demo", "--loopback"]);
    captures_and_leaves(&desk, &mut demo);
}
