//! Many at once: verbs act on what is marked and leave the rest alone.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::{
    desk::{self, Running, signal},
    steps::{self, SECOND_BUTTON, captured, count, dashboard, wait_for},
};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// Where the cursor of the profiles stands on the first of them: on the row of the site.
const MARKED: [&str; 6] = ["many/a", "many/b", "many/c", "many/d", "many/e", "many/f"];

#[test]
fn six_marked_ones_start_and_stop_and_the_others_do_not_notice() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    let ip = |place: usize| lab.value(["T1_IP", "T2_IP"][place % 2]);
    let line = |(place, name)| format!("  {name}: {{ host: {} }}\n", ip(place));
    lab.site("many", &[], &NAMES.iter().enumerate().map(line).collect::<String>());
    std::fs::remove_file(lab.profiles.join("lab.yaml")).unwrap();
    let mut pty = dashboard(&desk, &lab);

    // The last but one by itself, then six by their marks.
    pty.press("2Gks");
    wait_for(&mut pty, 1, "live");
    pty.press("2gj      ");
    pty.shows("Space mark (6)");
    pty.press("s");
    wait_for(&mut pty, 7, "live");
    let screen = pty.text();
    let runs = |name: &str| steps::sessions(&screen).iter().any(|row| row.contains(name));
    assert!(MARKED.iter().all(|name| runs(name)) && runs("many/g") && !runs("many/h"), "{screen}");
    assert!(!screen.contains("mark ("), "a verb takes the marks away:\n{screen}");

    // The marks of the sessions; the box says how many, and Enter on its first button does nothing.
    let place = steps::sessions(&screen)
        .iter()
        .filter(|row| row.contains("▸ live"))
        .position(|row| row.contains("many/g"));
    let keys: String = (0..7).map(|row| if Some(row) == place { "j" } else { " " }).collect();
    pty.press(&format!("1g{keys}"));
    pty.shows("Space mark (6)");
    pty.press("x");
    pty.shows("6 captures");
    pty.press("\r");
    pty.until("no box", |screen| (!screen.contains("6 captures")).then_some(()));
    assert_eq!(count(&pty.text(), "live"), 7, "{}", pty.text());
    pty.shows("Space mark (6)");
    pty.press("x");
    pty.shows("6 captures");
    pty.press(SECOND_BUTTON);
    wait_for(&mut pty, 6, "done");
    wait_for(&mut pty, 1, "live");

    let before = pty.until("what the seventh has", |screen| captured(screen, "many/g"));
    pty.until("the seventh goes on", |screen| captured(screen, "many/g").filter(|now| *now != before));
    let tcpdumps = || {
        let all = ["t1", "t2"].map(|host| lab.run(&["ps", host]).matches("/tcpdump -").count());
        all.iter().sum::<usize>()
    };
    // sudo and what it runs.
    desk::until("one tcpdump", || (tcpdumps() <= 2).then_some(()), || lab.leftovers().join("\n"));
    assert!(tcpdumps() > 0);
    pty.quit();
    desk.swept(&lab);
}

#[test]
fn captures_on_the_same_target_do_not_feed_on_each_other() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    lab.run(&["traffic", "all", "stop"]);
    lab.run(&["traffic", "t1", "start", "http", "rate=50"]);
    let line = |name: &str| {
        format!("  {name}: {{ host: {}, record: {} }}\n", lab.value("T1_IP"), desk.path("kept").display())
    };
    lab.site("twins", &[], &["a", "b", "c"].map(line).concat());
    std::fs::remove_file(lab.profiles.join("lab.yaml")).unwrap();
    std::fs::create_dir(desk.path("kept")).unwrap();
    // Another process is there before.
    let (first, profiles) = (desk.path("kept/first.pcapng"), lab.profiles.to_str().unwrap());
    let words = ["capture", "twins/a", "-w", first.to_str().unwrap(), "--profiles", profiles];
    let mut first = Running(desk.wrcap(&words).stderr(Stdio::null()).spawn().unwrap());
    desk::until("its first packets", || desk::entries(&desk.path("kept")).pop(), String::new);
    let mut pty = dashboard(&desk, &lab);
    pty.press("2As");
    wait_for(&mut pty, 3, "live");
    for name in ["twins/a", "twins/b", "twins/c"] {
        pty.until(name, |screen| captured(screen, name).filter(|size| size.ends_with("MB")));
    }
    pty.quit();
    signal(first.0.id(), Signal::INT);
    first.0.wait().unwrap();
    let is_ours = format!("tcp.port == 22 && ip.addr == {}", lab.value("BASTION_INNER_IP"));
    let ports = |file: &Path| {
        let out = Command::new("tshark")
            .args(["-n", "-Y", &is_ours, "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport", "-r"])
            .arg(file)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let ports = text.split_whitespace().filter(|port| *port != "22").map(str::to_owned);
        ports.collect::<BTreeSet<_>>().len()
    };
    let mut seen: Vec<usize> = desk::entries(&desk.path("kept")).iter().map(|file| ports(file)).collect();
    seen.sort_unstable();
    // Of two, one at least leaves the other out.
    let in_a_row = seen.iter().enumerate().all(|(place, others)| *others <= place);
    assert!(seen.len() == 4 && in_a_row, "connections of others in each capture: {seen:?}");
    desk.swept(&lab);
}
