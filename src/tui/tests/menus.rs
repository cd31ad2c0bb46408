//! The help and the palette: every command, its key, and why not.

use super::Desk;
use crate::tui::{bindings, glyphs::GlyphSet, menu, overlay::Overlay};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

#[test]
fn the_help_has_every_binding() {
    let desk = desk();
    let entries: usize = menu::help(&desk.model, "").iter().map(|(_, entries)| entries.len()).sum();
    assert_eq!(entries, bindings::all().count());
}

#[test]
fn what_is_typed_into_the_help_is_searched_and_enter_runs_it() {
    let mut desk = desk();
    assert_eq!(desk.keys("? s t a r t"), "");
    assert!(desk.text().contains("type to search: start_"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "start shop/web-1");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_key_is_found_by_itself() {
    let mut desk = desk();
    desk.keys("? A");
    let text = desk.text();
    assert!(text.contains("mark or unmark all that is shown") && !text.contains("kill now"), "{text}");
}

#[test]
fn enter_on_what_is_not_possible_says_why() {
    let mut desk = desk();
    desk.keys("? k i l l");
    assert!(desk.text().contains("kill now (asks) (nothing that is chosen runs)"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("X: nothing that is chosen runs"));
    desk.keys(": d i s m i s s");
    assert!(desk.text().contains("not now: works in the sessions"), "{}", desk.text());
    desk.keys("<enter>");
    assert_eq!(desk.model.notice.as_deref(), Some("D: works in the sessions"));
}

#[test]
fn the_palette_completes_and_runs() {
    let mut desk = desk();
    desk.keys(": s t a <tab>");
    assert!(desk.text().contains(":start_"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "start shop/web-1");
    desk.keys(": m a r <tab>");
    assert!(desk.text().contains(":mark_"), "{}", desk.text());
    desk.keys("<down> <tab>");
    assert!(desk.text().contains(":mark-range_"), "{}", desk.text());
    desk.keys("C-u q u i t <down> <up>");
    assert_eq!(desk.keys("<enter>"), "", "asks first, since a capture starts");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Confirm { .. })));
}

#[test]
fn the_palette_finds_abbreviations_and_meanings() {
    let mut desk = desk();
    desk.keys(": n p <enter>");
    assert_eq!(desk.model.focus, crate::tui::model::Pane::Log, "next-pane");
    desk.keys(": n o n s e n s e");
    assert!(desk.text().contains("No command is called or means that."), "{}", desk.text());
    assert_eq!(desk.keys("<enter> <tab>"), "");
    assert_eq!(desk.model.overlays.len(), 1, "nothing to run");
    desk.keys("<esc>");
    assert!(desk.model.overlays.is_empty());
}
