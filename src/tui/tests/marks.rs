//! Verbs act on the marks that are shown, else on the cursor; looking goes by the cursor.

use insta::assert_snapshot;

use super::{Desk, Outcome, failure, form::hear};
use crate::{
    engine::profiles::{Doomed, News},
    tui::{bindings::Context, glyphs::GlyphSet, log::Line, overlay::Overlay},
};

const SEVERAL: &str = "several are marked and this takes one; Esc takes the marks away";

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

fn notice(desk: &Desk) -> &str {
    desk.model.notice.as_deref().unwrap_or_default()
}

#[test]
fn all_that_is_marked_is_deleted_after_one_question() {
    let mut desk = desk();
    // web-1, db-1, router; the cursor is on mail-gw.
    desk.keys("<space> j <space> j <space>");
    assert_eq!(desk.keys("D"), "");
    assert_snapshot!("delete_marked", desk.text());
    assert_eq!(desk.keys("<enter>"), "", "the button that changes nothing is chosen first");
    assert_eq!(desk.model.catalog.marked.len(), 3);
    assert_eq!(desk.keys("D <right> <enter>"), "delete shop/web-1, shop/db-1, core/router");
    assert!(desk.model.catalog.marked.is_empty());
}

#[test]
fn a_long_list_of_what_goes_says_how_many_more_there_are() {
    let mut desk = Desk::new((80, 14), GlyphSet::Unicode);
    desk.keys("A D");
    let text = desk.text();
    assert!(text.contains("Delete 6 profiles?") && text.contains("and 2 more"), "{text}");
    assert!(text.contains("[ Cancel ]") && text.contains("[ Delete 6 ]"), "{text}");
}

#[test]
fn what_was_deleted_is_told_with_the_way_back() {
    let mut desk = desk();
    hear(&mut desk, News::Deleted(Doomed::Targets(vec![super::name("main/web-3")])));
    assert_eq!(notice(&desk), "deleted: main/web-3 (z takes it back)");
    let said = desk.model.log.lines.back().map(|Line { text, .. }| text.clone());
    assert_eq!(said.as_deref(), Some("deleted: main/web-3 (z takes it back)"));
    let two = ["main/web-3", "core/db"].map(super::name).to_vec();
    hear(&mut desk, News::Deleted(Doomed::Targets(two)));
    assert_eq!(notice(&desk), "deleted: main/web-3, core/db (z takes them back)");
}

#[test]
fn what_takes_one_takes_the_marked_one_and_refuses_several() {
    let mut desk = desk();
    desk.keys("<space> j");
    for (key, word) in
        [("e", "open shop"), ("c", "open shop"), ("t", "test shop/web-1"), ("K", "look at shop/web-1")]
    {
        assert_eq!(desk.keys(key), word, "{key}: the marked one, not the one under the cursor");
        desk.model.overlays.clear();
    }
    desk.keys("e");
    assert!(matches!(
        desk.model.overlays.last(),
        Some(Overlay::Opening(wanted)) if wanted.subject == crate::tui::form::Subject::Target("web-1".to_owned())
    ));
    desk.keys("<esc>");
    assert_eq!(desk.keys("i"), "look 1 at shop/web-1");
    desk.keys("<esc> <space>");
    assert_eq!(desk.model.catalog.marked.len(), 2);
    for key in ["e", "c", "t", "K", "i", "f", "y"] {
        assert_eq!(desk.keys(key), "", "{key}");
        assert_eq!(notice(&desk), format!("{key}: {SEVERAL}"));
        assert!(desk.model.overlays.is_empty(), "{key}");
    }
    assert_eq!(desk.keys("E"), "editor shop", "both are in one file");
    desk.keys("G <space>");
    assert_eq!(desk.keys("E"), "");
    assert!(notice(&desk).contains("several files"), "{}", notice(&desk));
}

#[test]
fn looking_goes_by_the_cursor_and_its_sheet_is_about_itself() {
    let mut desk = desk();
    desk.keys("<space> <space> <enter>");
    assert_eq!(desk.model.context(), Context::Sheet);
    assert!(desk.text().contains("shop/db-1"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "start shop/db-1", "not what is marked");
    assert_eq!(desk.model.catalog.marked.len(), 2, "they are for something else");
    desk.keys("<enter>");
    assert_eq!(desk.keys("t"), "test shop/db-1");
}

#[test]
fn copying_is_about_the_marked_session() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/db-1", "bond0");
    desk.keys("1 g <space> G y");
    assert!(desk.keys("<enter>").contains("10.0.1.11"), "that of web-1");
    desk.keys("<space> y");
    assert_eq!(notice(&desk), format!("y: {SEVERAL}"));
    for key in ["i", "f"] {
        assert_eq!(desk.keys(key), "", "{key}");
        assert_eq!(notice(&desk), format!("{key}: {SEVERAL}"));
    }
    desk.keys("<enter>");
    assert_eq!(desk.model.context(), Context::Detail);
}

#[test]
fn several_tries_of_one_target_start_it_once() {
    let mut desk = desk();
    for id in [1, 2, 4] {
        desk.start(id, "shop/web-1");
        desk.end(id, failure("no route", "ask somebody"));
    }
    desk.start(3, "shop/db-1");
    desk.end(3, Outcome::Interrupted);
    desk.keys("1 A");
    assert_eq!(desk.keys("s"), "start shop/web-1, start shop/db-1");
    desk.model.starting.clear();
    desk.keys("A");
    assert_eq!(desk.keys("r"), "start shop/db-1, start shop/web-1");
    desk.model.starting.clear();
    desk.keys("2 j");
    desk.model.catalog.go_to(&super::name("shop/web-1"));
    assert_eq!(desk.keys("r"), "start shop/web-1", "from the profiles, too");
    desk.live(5, "shop/web-1", "eth0");
    assert_eq!(desk.keys("r"), "stop 5", "what runs, and nothing beside it");
}
