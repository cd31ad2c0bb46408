//! From an empty folder to a saved capture, with nothing but keys.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use crate::{
    desk::{self, Desk, Lab, Pty},
    steps::{self, SECOND_BUTTON, captured, fill, sessions, wait_for},
};

/// The fingerprint of a host's key, from the host's own file.
fn fingerprint(desk: &Desk, host: &str) -> String {
    let key = desk.path(&format!("lab/hosts/{host}/hostkey.pub"));
    let out = Command::new("ssh-keygen").arg("-lf").arg(key).output().unwrap();
    String::from_utf8_lossy(&out.stdout).split_whitespace().nth(1).unwrap().to_owned()
}

/// Makes a profile of t1 in the form.
fn make_profile(pty: &mut Pty, desk: &Desk, lab: &Lab) {
    let (key, user) = (lab.value("LAB_IDENTITY"), lab.value("LAB_USER"));
    pty.press("n");
    pty.shows("new profile");
    fill(pty, "Name", "web-1");
    fill(pty, "Bastions", &format!("{user}@{} {key}", lab.value("BASTION_IP")));
    fill(pty, "Host", lab.value("T1_IP"));
    fill(pty, "User", user);
    fill(pty, "Identity", key);
    fill(pty, "SSH options", &format!("UserKnownHostsFile {}", desk.path("known_hosts").display()));
    fill(pty, "Viewer", "none");
    pty.press("\x13");
    pty.shows("saved: the change of main");
}

/// Starts it; the keys of both hops are trusted for good.
fn trust(pty: &mut Pty, desk: &Desk) {
    pty.press("s");
    for (host, hop) in [("bastion", "hop 1 of 2"), ("t1", "hop 2 of 2")] {
        pty.shows(hop);
        let text = pty.text();
        for words in ["Unknown host key", &fingerprint(desk, host), "[ Trust and save ]"] {
            assert!(text.contains(words), "no {words}:\n{text}");
        }
        pty.press(SECOND_BUTTON);
    }
    wait_for(pty, 1, "live");
    let known = fs::read_to_string(desk.path("known_hosts")).unwrap();
    assert_eq!(known.lines().count(), 2, "{known}");
}

/// Another filter in the detail, then all anew.
fn filter_and_restart(pty: &mut Pty) {
    pty.press("1\r");
    pty.shows("Where packets can be lost");
    pty.shows("filter everything");
    pty.press("f");
    pty.shows("Capture filter");
    pty.press("tcp port 80\r");
    pty.shows("filter tcp port 80");
    pty.shows("'(tcp port 80) and not (tcp");
    pty.press("\x1b");
    wait_for(pty, 1, "done");
    wait_for(pty, 1, "live");
    pty.press("r");
    wait_for(pty, 2, "done");
    wait_for(pty, 1, "live");
}

#[test]
fn from_an_empty_folder_to_a_saved_capture() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    let mut pty = Pty::wrcap(&desk, None, &[]);
    pty.shows("No profiles yet");
    make_profile(&mut pty, &desk, &lab);
    trust(&mut pty, &desk);
    filter_and_restart(&mut pty);

    // The cursor went along with what was started again.
    let live = |screen: &str| sessions(screen).into_iter().find(|row| row.contains("▸ live"));
    pty.until("the cursor on what is live", |screen| live(screen)?.starts_with('▌').then_some(()));
    pty.until("packets of the last session", |screen| live(screen)?.contains("kB").then_some(()));
    pty.press("S");
    pty.shows("Save main/web-1");
    let file = desk.path("kept.pcapng");
    pty.press(&format!("\x15{}\r", file.display()));
    pty.shows(" packets in ");
    desk::until("the saved file", || file.exists().then_some(()), || pty.text());
    let packets = |filter: &str| {
        let mut tshark = Command::new("tshark");
        let out = tshark.args(["-n", "-Y", filter, "-T", "fields", "-e", "frame.number", "-r"]).arg(&file);
        let out = out.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).lines().count()
    };
    assert!(packets("tcp.port == 80") > 0);
    assert_eq!(packets("not tcp.port == 80"), 0, "the filter holds after a restart");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    pty.quit();
    desk.swept(&lab);
    let site = fs::read_to_string(desk.path("home/.config/wrcap/profiles/main.yaml")).unwrap();
    assert!(!site.contains("filter"), "the filter was for that session only: {site}");

    // What was trusted and saved is there the next time.
    let mut pty = Pty::wrcap(&desk, None, &[]);
    pty.shows("Nothing running");
    pty.press("s");
    pty.until("packets without a question", |screen| {
        assert!(!screen.contains("Unknown host key"), "{screen}");
        captured(screen, "main/web-1")
    });
    pty.quit();
    desk.swept(&lab);
}
