//! However the dashboard ends: the terminal is what it was, and nothing of it runs any more, here or there.

use std::{fs, io::Read as _, os::unix::fs::PermissionsExt, path::Path, sync::mpsc::channel, time::Duration};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::Signal;

use crate::{
    desk::{self, Desk, Lab, Pty, signal},
    steps::{self, captured, dashboard, fill, wait_for},
};

/// No process of wrcap's, here or on the hosts.
fn assert_gone(desk: &Desk, lab: &Lab) {
    let left = || {
        let here = desk::processes(desk.path("run/").to_str().unwrap()).into_iter().map(|(_, words)| words);
        here.chain(lab.leftovers()).collect::<Vec<_>>()
    };
    desk::until("no process is left", || left().is_empty().then_some(()), || left().join("\n"));
}

/// A dashboard with a capture. Whoever waits for its end checks that the terminal is what it was.
fn capturing(desk: &Desk, lab: &Lab) -> Pty {
    let mut pty = dashboard(desk, lab);
    pty.press("2gjs");
    wait_for(&mut pty, 1, "live");
    pty.until("packets", |screen| captured(screen, "lab/t1"));
    pty
}

#[test]
fn each_signal_gives_the_terminal_back_whatever_is_open() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    lab.run(&["set", "t2", "sudo=password"]);
    for word in [Signal::TERM, Signal::HUP, Signal::INT] {
        // With the lists, with the box of a question, and with a form.
        for open in ["", "2Gs", "2gje"] {
            let mut pty = capturing(&desk, &lab);
            pty.press(open);
            match open {
                "2Gs" => pty.shows("needs the password of ec2-user for sudo"),
                "2gje" => fill(&mut pty, "Note", "never to be saved"),
                _ => {}
            }
            assert!(pty.is_changed() && pty.is_alternate(), "{open}");
            signal(pty.pid(), word);
            pty.left();
            assert!(pty.text().contains("lab/t1: stopped: "), "{word:?} {open}:\n{}", pty.text());
            assert_gone(&desk, &lab);
        }
    }
    let site = fs::read_to_string(lab.profiles.join("lab.yaml")).unwrap();
    assert!(!site.contains("never to be saved"), "{site}");
}

#[test]
fn packets_that_are_in_no_file_are_kept_or_deleted_as_was_chosen() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    // The last button deletes, the one before keeps; the second Ctrl-c does not ask and keeps.
    for (keys, told, spools) in [
        ("q\x1b[D\r", "packets that were in no file are deleted", 0),
        ("q\x1b[C\r", "packets are kept for 7 days; hint: wrcap spool save lab-t1-", 1),
        ("\x03\x03", "packets are kept for 7 days; hint: wrcap spool save lab-t1-", 2),
    ] {
        let mut pty = capturing(&desk, &lab);
        pty.press("1x");
        wait_for(&mut pty, 1, "done");
        pty.press("q");
        pty.shows("[ Quit, delete packets ]");
        pty.press("\x1b");
        pty.until("no box", |screen| (!screen.contains("[ Stay ]")).then_some(()));
        pty.press(keys);
        assert!(pty.left().success(), "{}", pty.text());
        assert!(pty.text().contains(told), "{keys:?}:\n{}", pty.text());
        desk.swept_but_for(spools, &lab);
    }
    // What was said to keep them is what saves them.
    let names: Vec<_> = desk::entries(&desk.path("state/wrcap/spool"));
    let name = names[0].file_name().unwrap().to_str().unwrap();
    let file = desk.path("kept.pcapng");
    let saved = desk.wrcap(&["spool", "save", name, "-w", file.to_str().unwrap()]).output().unwrap();
    assert!(saved.status.success() && file.exists(), "{saved:?}");
}

#[test]
fn a_second_signal_does_not_wait_for_the_last_packets() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    let mut pty = capturing(&desk, &lab);
    // The target is silent, so that a stop takes its time.
    lab.run(&["link", "t1", "down"]);
    signal(pty.pid(), Signal::TERM);
    pty.shows("waiting for the last packets");
    signal(pty.pid(), Signal::TERM);
    pty.left();
    lab.run(&["link", "t1", "up"]);
    assert_gone(&desk, &lab);
}

/// The process of a dashboard whose terminal is the other side of one that `script` holds.
fn behind_script(desk: &Desk, begin: &str, profiles: &Path) -> (Pty, String) {
    let words = format!("{} --profiles {}", env!("CARGO_BIN_EXE_wrcap"), profiles.display());
    let mut command = CommandBuilder::new("script");
    command.args(["-q", "-c", &format!("{begin} {words}"), "/dev/null"]);
    for (name, value) in desk.environment() {
        command.env(name, value);
    }
    command.env_remove("DISPLAY");
    (Pty::start(command), words)
}

/// Takes the terminal away, and waits until the dashboard has ended.
fn take_terminal(pty: &Pty, words: &str) {
    let dashboard = || desk::processes(words);
    let pid = dashboard().into_iter().find(|(_, words)| words.starts_with('/')).unwrap().0;
    signal(pty.pid(), Signal::KILL);
    let is_there = || fs::exists(format!("/proc/{pid}/fd/0")).unwrap_or_default();
    desk::until("the dashboard ends", || (!is_there()).then_some(()), || format!("{:?}", dashboard()));
}

#[test]
fn a_terminal_that_is_lost_ends_everything() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    let (mut pty, words) = behind_script(&desk, "exec", &desk.path("lab/profiles"));
    pty.shows("Nothing running");
    pty.press("2gjs");
    wait_for(&mut pty, 1, "live");
    pty.until("packets", |screen| captured(screen, "lab/t1"));
    take_terminal(&pty, &words);
    assert_gone(&desk, &lab);
    assert!(!desk.log().contains("panicked"), "{}", desk.log());
}

/// Nobody sends SIGHUP where the terminal is not the controlling one, and an idle dashboard writes nothing that could
/// fail: all there is then is an end of file.
#[test]
fn an_idle_dashboard_ends_with_a_terminal_that_is_not_its_own() {
    if !desk::able(&["script", "setsid"]) {
        return;
    }
    let desk = Desk::new();
    let (mut pty, words) = behind_script(&desk, "exec setsid --wait", &desk.path("none"));
    pty.shows("make the first profile");
    take_terminal(&pty, &words);
}

/// A terminal that takes keys and shows nothing any more: what is drawn fails, and the end has to say so.
#[test]
fn a_screen_that_cannot_be_drawn_ends_it_with_a_sentence_and_the_terminal_is_what_it_was() {
    if !desk::able(&[]) {
        return;
    }
    let desk = Desk::new();
    let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
    let screen = native_pty_system().openpty(size).unwrap();
    let said = desk.path("said");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "exec \"$0\" --profiles \"$1\" >\"$2\" 2>\"$3\"", env!("CARGO_BIN_EXE_wrcap")]);
    command.args([desk.path("none"), screen.master.tty_name().unwrap(), said.clone()]);
    for (name, value) in desk.environment() {
        command.env(name, value);
    }
    let mut pty = Pty::start(command);
    let mut reader = screen.master.try_clone_reader().unwrap();
    let (send, is_drawn) = channel();
    // It must not hold the terminal when it has seen enough.
    std::thread::spawn(move || {
        let (mut drawn, mut block) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&drawn).contains("OpenSSH") {
            let read = reader.read(&mut block).unwrap();
            drawn.extend_from_slice(&block[..read]);
        }
        drop(reader);
        send.send(()).unwrap();
    });
    is_drawn.recv_timeout(Duration::from_secs(30)).expect("it is drawn");
    assert!(pty.is_changed());
    drop(screen);
    pty.press("?");
    let status = pty.left();
    let said = fs::read_to_string(said).unwrap();
    assert_eq!(status.exit_code(), 1, "{said}");
    assert!(said.contains("the dashboard lost its terminal"), "{said}");
    let left = || desk.leftovers();
    desk::until("nothing is left", || left().is_empty().then_some(()), || left().join("\n"));
}

#[test]
fn what_goes_wrong_before_the_first_frame_leaves_a_terminal_with_a_sentence() {
    let Some((desk, lab)) = steps::lab(1) else { return };
    let profiles = lab.profiles.to_str().unwrap();
    let config = desk.path("home/.config/wrcap");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.yaml"), "theme: puce\n").unwrap();
    let mut pty = Pty::wrcap(&desk, None, &["--profiles", profiles]);
    assert_eq!(pty.left().exit_code(), 2, "{}", pty.text());
    assert!(pty.text().contains("config.yaml:1:") && pty.text().contains("theme"), "{}", pty.text());
    fs::remove_file(config.join("config.yaml")).unwrap();

    // A runtime folder that anybody may write to is none.
    let run = desk.path("run/wrcap");
    fs::create_dir_all(&run).unwrap();
    fs::set_permissions(&run, PermissionsExt::from_mode(0o777)).unwrap();
    let mut pty = Pty::wrcap(&desk, None, &["--profiles", profiles]);
    assert!(!pty.left().success(), "{}", pty.text());
    assert!(pty.text().contains("hint: "), "{}", pty.text());
    assert_gone(&desk, &lab);
}
