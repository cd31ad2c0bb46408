//! Viewers as their users see them: a real Wireshark under Xvfb on a real target, tshark, termshark, own commands.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests are tests too")]

mod desk;

use std::{
    collections::HashSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use desk::{
    Desk, Lab, Pty, Running, count,
    display::{Display, captures},
    processes, signal, times, until,
};
use rustix::process::Signal;

const TOOLS: [&str; 6] = ["ip", "tcpdump", "Xvfb", "xdotool", "wireshark", "tshark"];
/// Packets at the beginning of a capture that are compared.
const BEGINNING: u32 = 20;

/// A desk, and a lab whose first target never rests.
fn busy(targets: usize) -> (Desk, Lab) {
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), targets, &[]);
    lab.run(&["traffic", "t1", "start", "http", "rate=20"]);
    (desk, lab)
}

/// The first capture file of a Wireshark that is none of `known`, once it holds the beginning of `spool`.
fn begins(desk: &Desk, known: &mut HashSet<PathBuf>, beginning: &[String]) -> PathBuf {
    let look = || {
        let new = captures(desk).into_iter().find(|path| !known.contains(path))?;
        (times(&new, BEGINNING).len() == beginning.len()).then_some(new)
    };
    let new = until("another capture file", look, || format!("{:?}\n{}", captures(desk), desk.log()));
    assert_eq!(times(&new, BEGINNING), beginning, "{}", new.display());
    known.insert(new.clone());
    new
}

fn grows(file: &Path) {
    let before = count(file);
    until("live packets", || (count(file) > before).then_some(()), || file.display().to_string());
}

/// wrcap without a dashboard, its messages in a file.
fn capture(desk: &Desk, lab: &Lab, display: Option<&Display>, more: &[&str]) -> (Running, PathBuf, PathBuf) {
    let profiles = lab.profiles.to_str().unwrap();
    let mut command = desk.wrcap(&[&["--profiles", profiles, "capture", "lab/t1"], more].concat());
    if let Some(display) = display {
        command.env("DISPLAY", &display.name);
    }
    let (out, said) = (desk.path("out"), desk.path("said"));
    command.stdin(Stdio::null());
    command.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&said).unwrap());
    (Running(command.spawn().unwrap()), out, said)
}

fn read(path: &Path) -> String {
    let mut bytes = Vec::new();
    fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits for the end of wrcap.
fn ended(running: &mut Running, said: &Path) -> i32 {
    let code = until("wrcap ends", || running.0.try_wait().unwrap(), || read(said));
    code.code().unwrap_or_else(|| panic!("{code}: {}", read(said)))
}

/// The process of the viewer that wrcap says it started.
fn viewer(said: &Path) -> u32 {
    let look = || read(said).lines().find_map(|line| line.split_once("started, process ")?.1.parse().ok());
    until("a viewer", look, || read(said))
}

#[test]
fn every_start_and_every_window_shows_the_capture_from_its_beginning() {
    if !desk::able(&TOOLS) {
        return;
    }
    let (desk, lab) = busy(2);
    let display = Display::new(&desk);
    let mut dashboard =
        Pty::wrcap(&desk, Some(&display.name), &["--profiles", lab.profiles.to_str().unwrap()]);
    dashboard.shows("Nothing running");
    dashboard.press("2gjs");
    dashboard.shows("live on eth0");

    let (first, _) =
        display.window("a live capture", |_, title| title.starts_with("[lab/t1] Capturing from "));
    let mut known = HashSet::new();
    let spool = until("a spool", || desk.spools().into_iter().flatten().next(), || desk.log());
    let beginning = until(
        "a beginning",
        || Some(times(&spool, BEGINNING)).filter(|times| times.len() == BEGINNING as usize),
        || dashboard.text(),
    );
    grows(&begins(&desk, &mut known, &beginning));

    let title = |window: &str, words: &str| {
        let (window, words) = (window.to_owned(), words.to_owned());
        move |display: &Display| {
            display
                .windows()
                .into_iter()
                .find(|(id, title)| *id == window && title.starts_with(&words))
                .map(drop)
        }
    };
    display.press(&first, "ctrl+e", title(&first, "[lab/t1] *"));
    dashboard.catch_up();
    assert!(
        dashboard.text().contains("1 live"),
        "stopping inside Wireshark ends nothing:\n{}",
        dashboard.text()
    );
    let another = || captures(&desk).into_iter().any(|path| !known.contains(&path)).then_some(());
    display.press(&first, "ctrl+e", |_| another());
    grows(&begins(&desk, &mut known, &beginning));
    let another = || captures(&desk).into_iter().any(|path| !known.contains(&path)).then_some(());
    display.press(&first, "ctrl+r", |_| another());
    grows(&begins(&desk, &mut known, &beginning));

    dashboard.press("1w");
    let (second, _) = display
        .window("a second window", |id, title| id != first && title.starts_with("[lab/t1] Capturing from "));
    grows(&begins(&desk, &mut known, &beginning));

    let gone = |window: &str| {
        let window = window.to_owned();
        move |display: &Display| display.windows().iter().all(|(id, _)| *id != window).then_some(())
    };
    display.press(&second, "ctrl+q", gone(&second));
    dashboard.shows("viewer closed, pid");
    assert!(dashboard.text().contains("1 live"), "the first window is still there:\n{}", dashboard.text());
    display.press(&first, "ctrl+q", gone(&first));
    dashboard.shows("viewer closed: ");
    until("the target is left", || lab.leftovers().is_empty().then_some(()), || lab.leftovers().join("\n"));
    dashboard.press("1D");
    dashboard.shows("Packets that are in no file are deleted");
    dashboard.press("\x1b[C\r");
    dashboard.shows("Nothing running");
    desk.swept(&lab);
    dashboard.press("q");
    assert!(dashboard.left().success());
}

#[test]
fn a_wireshark_that_is_killed_ends_the_session_with_its_own_sentence() {
    if !desk::able(&TOOLS) {
        return;
    }
    let (desk, lab) = busy(2);
    let display = Display::new(&desk);
    let (mut wrcap, _, said) = capture(&desk, &lab, Some(&display), &[]);
    let file = until("a capture file", || captures(&desk).pop(), || read(&said));
    grows(&file);
    let pid = viewer(&said);
    signal(pid, Signal::KILL);
    assert_eq!(ended(&mut wrcap, &said), 0, "{}", read(&said));
    let sentence = format!("lab/t1: viewer broke off, process {pid}: signal: 9 (SIGKILL)");
    assert!(read(&said).contains(&sentence), "{}", read(&said));
    // The window is gone with what it had, so the packets stay here.
    assert!(read(&said).contains("1 capture that is not saved stays in the spool"), "{}", read(&said));
    assert!(desk.wrcap(&["spool", "rm", "--all", "--yes"]).status().unwrap().success());
    desk.swept(&lab);
}

#[test]
fn wireshark_keeps_every_packet_when_wrcap_leaves() {
    if !desk::able(&TOOLS) {
        return;
    }
    let (desk, lab) = busy(2);
    let display = Display::new(&desk);
    let (mut wrcap, _, said) = capture(&desk, &lab, Some(&display), &[]);
    let file = until("a capture file", || captures(&desk).pop(), || read(&said));
    grows(&file);
    let pid = viewer(&said);
    signal(wrcap.0.id(), Signal::INT);
    assert_eq!(ended(&mut wrcap, &said), 0, "{}", read(&said));
    display.window("a window that stays", |_, title| title.starts_with("[lab/t1] *"));
    assert_eq!(processes(desk.path("run/").to_str().unwrap())[0].0, pid, "the window's process");
    let words = read(&said);
    let packets = words
        .lines()
        .find_map(|line| line.strip_prefix("lab/t1: stopped: ")?.split(' ').next()?.parse().ok());
    assert_eq!(packets, Some(count(&file)), "{words}");
    drop(display);
    desk.swept(&lab);
}

#[test]
fn a_capture_that_is_over_at_once_is_shown_whole() {
    if !desk::able(&TOOLS) {
        return;
    }
    let (desk, lab) = busy(2);
    let display = Display::new(&desk);
    let (mut wrcap, _, said) = capture(&desk, &lab, Some(&display), &["-c", "3"]);
    assert_eq!(ended(&mut wrcap, &said), 0, "{}", read(&said));
    display.window("a window with its end", |_, title| title.starts_with("[lab/t1] *"));
    assert_eq!(captures(&desk).iter().map(|file| count(file)).collect::<Vec<_>>(), [3], "{}", read(&said));
    for viewer in ["tshark", "tshark -n -l -r -"] {
        let (mut wrcap, out, said) = capture(&desk, &lab, None, &["--viewer", viewer, "-c", "100"]);
        assert_eq!(ended(&mut wrcap, &said), 0, "{viewer}: {}", read(&said));
        until("all packets", || (read(&out).lines().count() == 100).then_some(()), || read(&out));
    }
    drop(display);
    desk.swept(&lab);
}

#[test]
fn viewers_without_a_window() {
    if !desk::able(&["ip", "tcpdump", "tshark"]) {
        return;
    }
    let (desk, lab) = busy(2);
    let kept = desk.path("kept.pcapng");
    let to_file = format!("tshark -n -q -i {{}} -w {}", kept.display());
    for viewer in ["tshark", &to_file, "tshark -n -l -r -"] {
        let (mut wrcap, out, said) = capture(&desk, &lab, None, &["--viewer", viewer]);
        let seen = || if viewer == to_file { count(&kept) } else { read(&out).matches("HTTP").count() };
        let before = until("packets", || Some(seen()).filter(|seen| *seen > 0), || read(&said));
        until("more packets", || (seen() > before).then_some(()), || read(&said));
        signal(wrcap.0.id(), Signal::INT);
        assert_eq!(ended(&mut wrcap, &said), 0, "{viewer}: {}", read(&said));
        desk.swept(&lab);
    }
    let (mut wrcap, _, said) = capture(&desk, &lab, None, &["--viewer", "tshark -n -c 30 -i {}"]);
    assert_eq!(ended(&mut wrcap, &said), 0, "{}", read(&said));
    assert!(read(&said).contains("lab/t1: viewer closed: "), "{}", read(&said));
    desk.swept(&lab);
}

#[test]
fn termshark_on_the_terminal() {
    if !desk::able(&["ip", "tcpdump", "tshark"]) {
        return;
    }
    if which::which("termshark").is_err() {
        return println!("skipped: no termshark");
    }
    let (desk, lab) = busy(2);
    let profiles = lab.profiles.to_str().unwrap();
    let mut terminal =
        Pty::wrcap(&desk, None, &["--profiles", profiles, "capture", "lab/t1", "--viewer", "termshark"]);
    // The list follows the capture: numbers of packets that come later and later.
    let number = |screen: &str| {
        let words = screen.lines().filter(|line| line.contains("10.") && line.contains("TCP"));
        words.filter_map(|line| line.split_whitespace().next()?.parse::<u32>().ok()).max()
    };
    let before = terminal.until("packets", number);
    terminal.until("live packets", |screen| number(screen).filter(|now| *now > before));
    // A capture that ends does not take the terminal away from it.
    signal(terminal.pid(), Signal::INT);
    until("the target is left", || lab.leftovers().is_empty().then_some(()), || lab.leftovers().join("\n"));
    terminal.press("q");
    terminal.shows("Do you want to quit?");
    terminal.press("\r");
    terminal.shows("<Delete>");
    terminal.press("\x1b[C\r");
    assert!(terminal.left().success(), "{}", terminal.text());
    assert!(terminal.text().contains("lab/t1: viewer closed, process "), "{}", terminal.text());
    desk.swept(&lab);
}
