//! Saving captures from the dashboard.

use insta::assert_snapshot;

use super::{Desk, EventKind, FailKind, Failure, Msg, Outcome, Stage, StoppedBy};
use crate::{
    engine::Saved,
    tui::{glyphs::GlyphSet, overlay::Overlay},
};

fn saved(desk: &mut Desk, session: u32) {
    let file = Saved { path: "/tmp/x\u{1b}[2J.pcapng".into(), packets: 12, bytes: 3456 };
    desk.hear(session, EventKind::Saved { file, reaches: 0 });
}

fn not_saved(desk: &mut Desk, session: u32, message: &str, hint: &str) {
    let failure = Failure::new(Stage::Write, None, FailKind::File, message).hint(hint);
    desk.hear(session, EventKind::NotSaved(failure));
}

fn desk() -> Desk {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "core/dmz-fw", "eth3");
    desk
}

#[test]
fn one_capture_is_saved_whole() {
    let mut desk = desk();
    assert_eq!(desk.keys("1 S"), "");
    assert_snapshot!("save_box", desk.text());
    assert_eq!(desk.keys("<enter>"), "save 1 All shop-web-1.pcapng");
    saved(&mut desk, 1);
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn what_is_typed_is_where_it_goes() {
    let mut desk = desk();
    desk.keys("1 S C-u q / x <bs> S ?");
    desk.take(Msg::Paste(zeroize::Zeroizing::new(".pcapng\nrest".to_owned())));
    assert_eq!(desk.keys("<enter>"), "save 1 All q/S?.pcapng");
}

#[test]
fn the_last_minutes_or_megabytes() {
    let mut desk = desk();
    desk.keys("1 S <tab> <right> <tab> <bs> <bs> x 5");
    assert_snapshot!("save_box_minutes", desk.text());
    assert_eq!(desk.keys("<enter>"), "save 1 LastDuration(300s) shop-web-1.pcapng");
    saved(&mut desk, 1);
    desk.keys("S <tab> <left> <tab>");
    assert_eq!(desk.keys("<enter>"), "save 1 LastBytes(10000000) shop-web-1.pcapng");
    saved(&mut desk, 1);
    desk.keys("S <right> <tab> <right> <right> <right> <tab>");
    assert_eq!(desk.keys("z <enter>"), "save 1 All shop-web-1.pcapngz", "all has no number");
}

#[test]
fn several_get_a_name_for_each() {
    let mut desk = desk();
    desk.keys("1 A S");
    assert_snapshot!("save_box_several", desk.text());
    let name = "{site}-{target}-{start}.pcapng";
    assert_eq!(desk.keys("<enter>"), format!("save 1 All {name}, save 2 All {name}"));
    saved(&mut desk, 1);
    assert_eq!(desk.model.overlays.len(), 1, "the other one is awaited");
    saved(&mut desk, 2);
    assert!(desk.model.overlays.is_empty() && desk.model.sessions.marked.is_empty());
}

#[test]
fn what_is_missing_keeps_the_box_open() {
    let mut desk = desk();
    for keys in ["C-u <enter>", "{ x } <enter>", "C-u a <tab> <right> <tab> C-u <enter>", "0 <enter>"] {
        if desk.model.overlays.is_empty() {
            desk.keys("1 S");
        }
        assert_eq!(desk.keys(keys), "", "{keys}");
        let Some(Overlay::Save(form)) = desk.model.overlays.last() else { panic!("{keys}") };
        assert!(form.wrong().is_some(), "{keys}");
    }
    assert_eq!(desk.keys("<esc>"), "");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn an_ended_capture_can_be_saved_and_nothing_cannot() {
    let mut desk = desk();
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    assert_eq!(desk.keys("2 S <enter>"), "save 1 All shop-web-1.pcapng");
    saved(&mut desk, 1);
    assert_eq!(desk.keys("G k S"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("S: choose a capture first"));
}

#[test]
fn the_answer_is_in_the_log() {
    let mut desk = desk();
    saved(&mut desk, 1);
    let failure = Failure::new(Stage::Write, None, FailKind::File, "there are no packets to save yet");
    desk.hear(2, EventKind::NotSaved(failure));
    let last: Vec<_> = desk.model.log.lines.iter().rev().take(2).map(|line| line.text.clone()).collect();
    assert_eq!(last, ["there are no packets to save yet", "saved 12 packets in /tmp/x [2J.pcapng"]);
}

#[test]
fn a_box_whose_save_fails_stays_with_the_reason_and_what_was_typed() {
    let mut desk = desk();
    let path = "a-name-that-is-".repeat(20);
    desk.keys("1 S C-u");
    desk.take(Msg::Paste(zeroize::Zeroizing::new(path.clone())));
    assert_eq!(desk.keys("<enter>"), format!("save 1 All {path}"));
    assert_eq!(desk.keys("<enter> x q <bs>"), "", "no key is a command, and nothing is saved twice");
    not_saved(
        &mut desk,
        1,
        &format!("could not write {path}: File name too long (os error 36)"),
        "choose a shorter name",
    );
    assert_snapshot!("save_box_failed", desk.text());
    assert_eq!(desk.keys("C-u b <enter>"), "save 1 All b");
    let Some(Overlay::Save(form)) = desk.model.overlays.last() else { panic!("{}", desk.text()) };
    assert_eq!(form.wrong(), None);
    saved(&mut desk, 1);
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn only_what_could_not_be_saved_is_tried_again() {
    let mut desk = desk();
    desk.keys("1 A S <enter>");
    not_saved(&mut desk, 2, "there are no packets to save yet", "wait for the first packets");
    saved(&mut desk, 1);
    assert!(desk.text().contains("hint: wait for the first packets"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "save 2 All {site}-{target}-{start}.pcapng");
    assert_eq!(desk.keys("<esc>"), "");
    assert!(desk.model.overlays.is_empty(), "who does not want to wait need not");
}
