//! The form of a profile on a real target: what the target says while somebody types.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod desk;

use desk::{Desk, Lab, Pty};

/// A dashboard with a capture that runs on the first target, and the form of that target.
fn form() -> Option<(Desk, Lab, Pty)> {
    if !desk::able(&["ip", "tcpdump"]) {
        return None;
    }
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), 2, &["viewer: none", "lease: 5s"]);
    let mut dashboard = Pty::wrcap(&desk, None, &["--profiles", lab.profiles.to_str().unwrap()]);
    dashboard.shows("Nothing running");
    dashboard.press("2s");
    dashboard.shows("1 live");
    Some((desk, lab, dashboard))
}

/// Goes from the first field of a target's form to its filter.
const TO_FILTER: &str = "\x1b[6~\x1b[B";

/// Leaves a form in which something was changed.
fn discard(dashboard: &mut Pty) {
    dashboard.press("\x1b");
    dashboard.shows("[ Discard ]");
    dashboard.press("\x1b[C\r");
    dashboard.until("no form", |screen| (!screen.contains("> edit lab/")).then_some(()));
}

#[test]
fn the_filter_is_compiled_by_the_target_while_it_is_typed() {
    let Some((desk, lab, mut dashboard)) = form() else { return };
    let running = lab.tcpdumps();
    dashboard.press("2e");
    dashboard.shows("edit lab/t1");
    dashboard.press(TO_FILTER);
    // A name that only the target's own resolver could know is the target's to judge; here it would be "not checked".
    dashboard.press("host no-such-name.invalid");
    dashboard.shows("unknown host 'no-such-name.invalid'");
    dashboard.shows("asked the target with tcpdump -d, ");
    dashboard.press("\x15tcp port 80");
    dashboard.shows("the target takes it, ");
    assert_eq!(lab.tcpdumps(), running, "nothing else captures");

    // Another target has nobody to ask for it.
    discard(&mut dashboard);
    dashboard.press("2je");
    dashboard.shows("edit lab/t2");
    dashboard.press(TO_FILTER);
    dashboard.press("tcp port 80");
    dashboard.shows("tcpdump here takes it");
    discard(&mut dashboard);
    dashboard.quit();
    desk.swept(&lab);
}

/// A folder with one site of one target, and a dashboard on it.
fn one_target(text: &str) -> (Desk, std::path::PathBuf, Pty) {
    let desk = Desk::new();
    let folder = desk.path("profiles");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("shop.yaml");
    std::fs::write(&file, text).unwrap();
    let dashboard = Pty::wrcap(&desk, None, &["--profiles", folder.to_str().unwrap()]);
    (desk, file, dashboard)
}

#[test]
fn a_file_that_changes_below_a_form_is_seen_and_never_overwritten() {
    let before = "# ours\ntargets:\n  a: { host: 127.0.0.1 } # first\n";
    let (_desk, file, mut dashboard) = one_target(before);
    dashboard.shows("Nothing running");
    dashboard.press("2je");
    dashboard.shows("edit shop/a");
    dashboard.press(TO_FILTER);
    dashboard.press("tcp");
    dashboard.shows("1 unsaved");
    let theirs = before.replace("# ours", "# theirs").replace("127.0.0.1", "127.0.0.2");
    std::fs::write(&file, &theirs).unwrap();
    dashboard.shows("the file of shop was changed by something else");
    // To the box, and the second of its buttons.
    dashboard.press("\x12");
    dashboard.shows("[ Put mine on top ]");
    dashboard.press("\x1b[C\r");
    dashboard.shows("your fields are on top of the new file");
    dashboard.shows("127.0.0.2");
    dashboard.press("\x13");
    dashboard.shows("saved: the change of shop");
    let saved = theirs.replace("{ host: 127.0.0.2 }", "{ host: 127.0.0.2, filter: tcp }");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), saved);
    dashboard.press("q");
    assert!(dashboard.left().success());
}
