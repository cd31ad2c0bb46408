//! The bastion goes away while its user is busy with something else.

use std::fs;

use crate::{
    desk,
    steps::{self, captured, dashboard, fill, sessions, wait_for},
};

#[test]
fn the_bastion_dies_under_an_open_form_and_comes_back() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    let mut pty = dashboard(&desk, &lab);
    pty.press("2gjs");
    wait_for(&mut pty, 1, "live");
    pty.until("packets", |screen| captured(screen, "lab/t1"));

    pty.press("e");
    pty.shows("edit lab/t1");
    fill(&mut pty, "Note", "half a");
    let kill = "kill $(cat /run/sshd.pid); pkill -KILL -f 'sshd: [e]c2-user'";
    lab.run(&["exec", "bastion", "--", "sh", "-c", kill]);
    desk::until("the log tells", || desk.log().contains("Connection refused").then_some(()), || desk.log());
    pty.press(" thought");
    pty.shows("half a thought");
    pty.shows("edit lab/t1");
    pty.press("\x13");
    pty.shows("saved: the change of lab");
    assert!(fs::read_to_string(lab.profiles.join("lab.yaml")).unwrap().contains("half a thought"));

    let reason = pty.until("the row and its reason", |screen| {
        let rows = sessions(screen);
        let place = rows.iter().position(|row| row.contains("~ retry") && row.contains("lab/t1"))?;
        rows.get(place + 1).filter(|row| row.contains("└ ")).cloned()
    });
    assert!(reason.contains(lab.value("BASTION_IP")), "{reason}");

    lab.run(&["set", "bastion", "maxsessions=10"]);
    wait_for(&mut pty, 1, "live");
    let before = pty.until("what it has", |screen| captured(screen, "lab/t1"));
    pty.until("it captures on", |screen| captured(screen, "lab/t1").filter(|now| *now != before));
    pty.quit();
    let text = pty.text();
    assert!(text.contains("lab/t1: stopped: ") && text.contains("1 gap"), "{text}");
    desk.swept(&lab);
}
