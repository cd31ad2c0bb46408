//! Leaving: packets that are in no file do not go without a word.

use std::time::Duration;

use insta::assert_snapshot;

use super::{Desk, EventKind, Msg, Outcome, StoppedBy, failure};
use crate::{
    engine::{Fate, Saved},
    tui::{farewell, glyphs::GlyphSet},
};

fn desk() -> Desk {
    Desk::new((80, 24), GlyphSet::Unicode)
}

/// A capture with packets that was stopped.
fn stopped() -> Desk {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.flow(1, 3, 6500);
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk
}

#[test]
fn what_was_stopped_and_is_in_no_file_is_asked_about() {
    let mut desk = stopped();
    desk.live(2, "core/router", "eth0");
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    assert_eq!(desk.keys("q"), "");
    assert_snapshot!("quit_unsaved", desk.text());
    assert_eq!(desk.keys("<enter>"), "", "Stay comes first");
    assert_eq!(desk.keys("q <esc>"), "");
    assert_eq!(desk.keys("q <right> <enter>"), "shutdown Keep");
}

#[test]
fn packets_are_deleted_by_the_last_button_only() {
    for (keys, effect) in [
        ("q <right> <right> <enter>", "shutdown Delete"),
        ("q <left> <enter>", "shutdown Delete"),
        ("q <left> <left> <enter>", "shutdown Keep"),
        ("q <right> <right> <right> <enter>", ""),
    ] {
        assert_eq!(stopped().keys(keys), effect, "{keys}");
    }
}

#[test]
fn what_runs_and_what_has_ended_are_asked_about_in_one_box() {
    let mut desk = stopped();
    desk.live(2, "shop/db-1", "bond0");
    desk.flow(2, 2, 90_000);
    desk.keys("q <right> <right>");
    assert_snapshot!("quit_both", desk.text());
    assert_eq!(desk.keys("<enter>"), "shutdown Delete");
}

#[test]
fn a_narrow_screen_has_all_three_buttons() {
    let mut desk = stopped();
    desk.take(Msg::Resize(40, 12));
    desk.keys("q <right>");
    let text = desk.text();
    assert!(text.contains("[Stay] [Keep] [Delete]"), "{text}");
    assert_eq!(desk.keys("<enter>"), "shutdown Keep");
}

#[test]
fn a_second_interrupt_keeps_packets() {
    let mut desk = stopped();
    assert_eq!(desk.keys("C-c"), "");
    assert!(desk.text().contains("[ Quit, keep packets ]"), "{}", desk.text());
    assert_eq!(desk.keys("C-c"), "shutdown Keep");
    let mut desk = stopped();
    desk.keys("C-c");
    desk.pass(Duration::from_secs(3));
    assert_eq!(desk.keys("C-c"), "", "too late for a second one");
}

#[test]
fn what_is_in_a_file_is_not_asked_about() {
    let mut desk = stopped();
    let packets = desk.counters[&1].sample().packets;
    let saved = |packets| Saved { path: "/tmp/x.pcapng".into(), packets, bytes: 3456 };
    desk.hear(1, EventKind::Saved { file: saved(packets - 1), reaches: packets - 1 });
    assert_eq!(desk.keys("q"), "", "one packet is in no file");
    desk.keys("<esc>");
    desk.hear(1, EventKind::Saved { file: saved(packets), reaches: packets });
    assert_eq!(desk.keys("q"), "shutdown Keep");
}

#[test]
fn what_broke_off_is_asked_about_as_well() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.flow(1, 3, 6500);
    desk.end(1, failure("the connection was lost", "try again"));
    assert_eq!(desk.keys("q"), "");
    assert!(desk.text().contains("not saved to a file"), "{}", desk.text());
}

#[test]
fn a_demo_takes_everything_with_it() {
    let mut desk = stopped();
    desk.model.desk.throwaway = true;
    assert_eq!(desk.keys("q"), "shutdown Delete");
}

#[test]
fn the_farewell_says_what_became_of_the_packets() {
    let mut desk = stopped();
    desk.live(2, "shop/db-1", "bond0");
    desk.flow(2, 1, 6500);
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    desk.live(3, "core/router", "eth0");
    desk.end(3, Outcome::Stopped(StoppedBy::User));
    desk.keys("q <right> <enter>");
    desk.hear(1, EventKind::Unsaved(Fate::Kept { spool: "shop-web-1-Ab3dE".to_owned() }));
    desk.hear(2, EventKind::Unsaved(Fate::Deleted));
    assert_eq!(
        farewell::lines(&desk.model.sessions),
        [
            "shop/web-1: stopped: 29 packets, 19.5 kB, complete",
            "shop/web-1: packets are kept for 7 days; hint: wrcap spool save shop-web-1-Ab3dE",
            "shop/db-1: stopped: 3 packets, 2.17 kB, complete",
            "shop/db-1: packets that were in no file are deleted",
            "core/router: stopped: 0 packets, 0 B, complete",
        ]
    );
}
