//! A form and the file below it: changed by something else, in the user's editor, deleted, with mistakes.

use insta::assert_snapshot;

use super::{
    Desk, Msg,
    form::{SHOP, go, hear, open, saved, typed},
};
use crate::{
    engine::{
        profiles::News,
        store::{Change, Outcome, SaveError},
    },
    profile::parse_site,
    tui::{form, glyphs::GlyphSet, msg::EditorEnd, overlay::Overlay},
};

#[test]
fn a_file_that_changed_is_shown_and_mine_goes_on_top_of_it() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    desk.keys("C-s");
    let theirs = SHOP.replace("10.0.1.11 }", "10.0.1.99, snaplen: 96 }");
    let changed = SaveError::Changed {
        file: "shop.yaml".into(),
        seen: Some(SHOP.to_owned()),
        found: Some(theirs.clone()),
    };
    hear(&mut desk, News::Refused(changed));
    assert_snapshot!("form_changed", desk.text());
    desk.keys("<right> <enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("host"), "10.0.1.99");
    assert_eq!(saved(&mut desk), theirs.replace("snaplen: 96 }", "snaplen: 96, note: hm }"));
}

#[test]
fn the_editor_gets_what_was_changed() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-o"), "editor shop");
    typed(&mut desk, "x");
    assert_eq!(desk.keys("C-o"), "editor shop with text");
    let end = |outcome| {
        Msg::Edited(Box::new(EditorEnd {
            site: "shop".to_owned(),
            earlier: Vec::new(),
            draft: "/d/.shop-draft-1".into(),
            outcome,
        }))
    };
    let problems = parse_site("shop", "targets: { a: { hots: b } }").unwrap_err();
    desk.take(end(Ok(Outcome::Mistakes(problems))));
    assert_eq!(
        desk.model.notice.as_deref(),
        Some(
            "shop was not changed: line 1:12: targets.a: the host is missing; Ctrl-o goes on with your text in /d/.shop-draft-1"
        )
    );
    let change = Change {
        what: "the change of shop".to_owned(),
        file: "f".into(),
        before: None,
        after: None,
        with: None,
    };
    let effects = desk.take(end(Ok(Outcome::Saved(change))));
    assert_eq!(super::words(&effects), "remember the change of shop");
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.keys("E"), "editor shop");
}

#[test]
fn deleting_asks_first() {
    let mut desk = open((100, 30), "e");
    desk.keys("<esc> D");
    assert_snapshot!("form_delete", desk.text());
    assert_eq!(desk.keys("<enter>"), "");
    assert_eq!(desk.keys("D <right> <enter>"), "delete shop/web-1");
}

#[test]
fn files_with_mistakes_are_for_the_editor() {
    let problems = vec!["/p/lab.yaml:3:5: targets.a.hots: unknown key".to_owned()];
    let mut desk = Desk::with(Vec::new(), problems, (80, 24), GlyphSet::Unicode);
    assert_eq!(desk.keys("e"), "");
    assert_eq!(desk.keys("E"), "editor lab");
    assert_eq!(desk.keys("n"), "open lab");
    hear(&mut desk, News::Opened("lab".to_owned(), Some("a: [".to_owned())));
    assert!(desk.model.overlays.is_empty());
    assert!(desk.model.notice.as_deref().unwrap().contains("E opens it"));
}

#[test]
fn a_list_that_is_read_anew_keeps_its_cursor_and_marks() {
    let mut desk = open((100, 30), "e");
    desk.keys("<esc> <space>");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), "targets: { x: { host: y } }").unwrap();
    std::fs::write(folder.path().join("shop.yaml"), SHOP).unwrap();
    let catalog = crate::engine::store::Catalog::load(folder.path()).unwrap();
    hear(&mut desk, News::Loaded(Box::new(catalog)));
    let marked: Vec<_> = desk.model.catalog.chosen().iter().map(|target| target.name.to_string()).collect();
    assert_eq!(marked, ["shop/web-1"]);
    assert_eq!(desk.keys("<esc> e"), "open shop");
    assert!(
        matches!(desk.model.overlays.last(), Some(Overlay::Opening(wanted)) if wanted.subject == form::Subject::Target("web-2".into()))
    );
}

#[test]
fn what_is_read_anew_keeps_filter_order_and_cursor() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.keys("2 / w e b <enter> j");
    let before = desk.model.catalog.rows.len();
    let new = crate::tui::catalog::Catalog::new(super::targets(), Vec::new());
    desk.model.renew_catalog(new);
    assert_eq!(desk.model.catalog.rows.len(), before);
    assert!(!desk.text().contains("n new"), "n goes to the next match: {}", desk.text());
    desk.keys("<esc>");
    assert!(desk.text().contains("n new"), "{}", desk.text());
}
