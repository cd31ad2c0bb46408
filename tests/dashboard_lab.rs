//! The dashboard on six real targets: all live at once, stopped, quit, ended by signals.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod desk;

use std::{collections::BTreeMap, path::PathBuf};

use desk::{Desk, Lab, Pty, count, signal, until};
use rustix::process::Signal;

const TARGETS: usize = 6;

/// Six targets with traffic that are all live in a dashboard without viewers.
fn six() -> Option<(Desk, Lab, Pty)> {
    if !desk::able(&["ip", "tcpdump", "tshark"]) {
        return None;
    }
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), TARGETS, &["viewer: none", "lease: 5s"]);
    lab.run(&["traffic", "all", "start", "http", "rate=5"]);
    let mut dashboard = Pty::wrcap(&desk, None, &["--profiles", lab.profiles.to_str().unwrap()]);
    dashboard.shows("Nothing running");
    dashboard.press("2As");
    dashboard.until("six that are live", |screen| (live(screen).len() == TARGETS).then_some(()));
    dashboard.shows("6 live");
    Some((desk, lab, dashboard))
}

/// The live sessions on the screen and what they have captured.
fn live(screen: &str) -> BTreeMap<String, String> {
    let sessions = screen.lines().take_while(|line| !line.contains("2 Profiles"));
    let rows = sessions.filter(|line| line.contains("▸ live"));
    rows.filter_map(|row| {
        let words: Vec<&str> = row.split_whitespace().skip_while(|word| *word != "live").collect();
        let name = (*words.get(1)?).to_owned();
        // Rate, packets a second, captured: the first number with a unit of bytes.
        let unit = words.iter().position(|word| ["B", "kB", "MB"].contains(word))?;
        Some((name, format!("{} {}", words.get(unit - 1)?, words[unit])))
    })
    .collect()
}

fn counts(desk: &Desk) -> BTreeMap<PathBuf, usize> {
    desk.spools().into_iter().flatten().map(|path| (path.clone(), count(&path))).collect()
}

#[test]
fn six_at_once_three_stopped_then_quit() {
    let Some((desk, lab, mut dashboard)) = six() else { return };
    let captured = dashboard.until("six sizes", |screen| {
        Some(live(screen)).filter(|rows| rows.len() == TARGETS && rows.values().all(|size| size != "0 B"))
    });
    dashboard.until("sizes that grow", |screen| {
        let now = live(screen);
        captured.iter().all(|(name, size)| now.get(name).is_some_and(|now| now != size)).then_some(())
    });

    let before = counts(&desk);
    assert_eq!(before.len(), TARGETS, "{before:?}");
    until(
        "six spools that grow",
        || {
            let now = counts(&desk);
            before.iter().all(|(path, count)| now[path] > *count).then_some(())
        },
        || format!("{before:?}\n{:?}", counts(&desk)),
    );

    dashboard.press("1g j j x");
    dashboard.shows("[ ");
    dashboard.press("\x1b[C\r");
    dashboard.shows("3 live");
    dashboard.until("three that are live", |screen| (live(screen).len() == TARGETS - 3).then_some(()));
    until("three tcpdumps", || (lab.tcpdumps() == TARGETS - 3).then_some(()), || lab.leftovers().join("\n"));
    assert_eq!(desk.spools().len(), TARGETS, "what has ended keeps its packets until it is dismissed");

    dashboard.quit();
    let screen = dashboard.text();
    assert_eq!(screen.matches(": stopped: ").count(), TARGETS, "{screen}");
    assert_eq!(screen.matches(", complete").count(), TARGETS, "{screen}");
    desk.swept(&lab);
}

#[test]
fn a_signal_stops_all_six_and_gives_the_terminal_back() {
    let Some((desk, lab, mut dashboard)) = six() else { return };
    let profiles = lab.profiles.to_str().unwrap();
    for (round, word) in [(1, Signal::TERM), (2, Signal::HUP)] {
        signal(dashboard.pid(), word);
        dashboard.left();
        let screen = dashboard.text();
        assert_eq!(screen.matches(": stopped: ").count(), TARGETS, "{screen}");
        desk.swept_but_for(round * TARGETS, &lab);
        if word == Signal::TERM {
            dashboard = Pty::wrcap(&desk, None, &["--profiles", profiles]);
            dashboard.shows("Nothing running");
            dashboard.press("2As");
            dashboard.shows("6 live");
        }
    }
}

#[test]
fn nothing_runs_on_the_targets_after_a_kill() {
    let Some((desk, lab, dashboard)) = six() else { return };
    assert_eq!(lab.tcpdumps(), TARGETS);
    signal(dashboard.pid(), Signal::KILL);
    until("the hosts are left", || lab.leftovers().is_empty().then_some(()), || lab.leftovers().join("\n"));
    let processes = || desk::processes(desk.path("run/").to_str().unwrap());
    until("no ssh is left", || processes().is_empty().then_some(()), || format!("{:?}", processes()));
}

#[test]
fn interfaces_are_picked_by_their_rates_and_a_wrong_filter_ends_nothing() {
    if !desk::able(&["ip", "tcpdump", "tshark"]) {
        return;
    }
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), 1, &["viewer: none", "lease: 5s"]);
    lab.run(&["traffic", "all", "start", "http", "rate=50"]);
    let mut dashboard = Pty::wrcap(&desk, None, &["--profiles", lab.profiles.to_str().unwrap()]);
    dashboard.shows("Nothing running");
    // Over a connection of its own, which goes with the box.
    dashboard.press("2i");
    dashboard.shows("Your own ssh comes in by eth0");
    dashboard.until("a rate", |screen| {
        screen.lines().any(|line| line.contains("127.0.0.1") && line.contains("Mb/s")).then_some(())
    });
    dashboard.press("\x1b");
    dashboard.until("no box", |screen| (!screen.contains("Pick interfaces")).then_some(()));
    let processes = || desk::processes(desk.path("run/").to_str().unwrap());
    until("no ssh is left", || processes().is_empty().then_some(()), || format!("{:?}", processes()));

    // A session each, on what is marked.
    dashboard.press("i");
    dashboard.shows("Your own ssh comes in by eth0");
    let row = dashboard.until("lo", |screen| {
        let rows = screen.lines().skip_while(|line| !line.contains("ADDRESS")).skip(1);
        rows.take_while(|line| line.contains("[ ]")).position(|line| line.contains("127.0.0.1"))
    });
    dashboard.press(&format!(" {} \r", "j".repeat(row - 1)));
    dashboard.until("two that are live", |screen| (screen.matches("▸ live").count() >= 2).then_some(()));

    // The details, over whose connection the filter is tried.
    dashboard.press("1gd");
    dashboard.shows("Where packets can be lost");
    dashboard.until("a reading of the target's counts", |screen| {
        screen.lines().any(|line| line.contains("target kernel") && line.contains("s ago")).then_some(())
    });
    dashboard.press("f\x15tcp prt 80\r");
    dashboard.shows("wrong: ");
    dashboard.press("\x15tcp port 80\r");
    dashboard.shows("'(tcp port 80) and not (tcp");
    dashboard.press("q");
    dashboard.quit();
    desk.swept(&lab);
}
