//! The box about a file that has changed below a form: long differences, and files that cannot be read any more.

use insta::assert_snapshot;

use super::{
    Desk, Msg,
    form::{SHOP, go, hear, open, typed},
};
use crate::{
    engine::{
        profiles::News,
        store::{Catalog, Change, FileProblems, Outcome, SaveError, Trouble},
    },
    profile::parse_site,
    tui::{form, msg::EditorEnd},
};

/// A form with a note that is not saved.
fn dirty(size: (u16, u16)) -> Desk {
    let mut desk = open(size, "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    desk
}

/// The folder's watcher finds this text, which is no site.
fn broken(desk: &mut Desk, text: &str) {
    let trouble = Trouble::Invalid(parse_site("shop", text).unwrap_err());
    let problems = vec![FileProblems { file: "/p/shop.yaml".into(), trouble }];
    hear(desk, News::Loaded(Box::new(Catalog { sites: Vec::new(), problems })));
    hear(desk, News::Opened("shop".to_owned(), Some(text.to_owned())));
}

#[test]
fn a_long_difference_scrolls_to_its_end() {
    let more: Vec<String> = (0..30).map(|n| format!("  new-{n}: {{ host: h{n} }}\n")).collect();
    let theirs = format!("{SHOP}{}", more.concat());
    let mut desk = dirty((80, 24));
    hear(&mut desk, News::Opened("shop".to_owned(), Some(theirs)));
    desk.keys("C-r");
    assert_snapshot!("form_disk_long", desk.text());
    assert!(desk.text().contains("new-0:") && !desk.text().contains("new-29:"), "{}", desk.text());
    desk.keys("<down>");
    assert!(
        !desk.text().contains("new-0:") && desk.text().contains("lines 2 to 13 of 30"),
        "{}",
        desk.text()
    );
    desk.keys("<pgdn> <pgdn> <pgdn> <pgdn>");
    assert!(desk.text().contains("new-29:") && desk.text().contains("to 30 of 30"), "{}", desk.text());
    desk.keys("<pgup> <pgup> <pgup> k");
    assert!(desk.text().contains("new-0:"), "{}", desk.text());
    // A larger screen shows more, and from the end on there is no hole.
    desk.keys("<pgdn> <pgdn> <pgdn>");
    desk.take(Msg::Resize(100, 60));
    assert!(desk.text().contains("new-0:") && !desk.text().contains("of 30"), "{}", desk.text());
    assert!(!desk.text().contains("scroll"), "{}", desk.text());
}

#[test]
fn a_short_difference_has_nothing_to_scroll() {
    let mut desk = dirty((80, 24));
    hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.replace("10.0.1.11", "10.0.1.99"))));
    desk.keys("C-r");
    assert!(!desk.text().contains("scroll"), "{}", desk.text());
    desk.keys("j");
    assert_eq!(desk.model.notice.as_deref(), Some("Down: everything is shown"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_place_and_what_works() {
    let mut desk = dirty((80, 24));
    broken(&mut desk, "targets:\n  web-1: [\n");
    desk.keys("C-r");
    assert_snapshot!("form_broken", desk.text());
    assert_eq!(desk.keys("<right> <enter>"), "editor shop", "the file as it is, to be mended");
    let copied = desk.keys("C-r <right> <right> <enter>");
    assert_eq!(copied, format!("copy {}", SHOP.replace("10.0.1.11 }", "10.0.1.11, note: hm }")));
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "hm", "and it goes on");
    desk.keys("C-r <enter>");
    assert!(form::of(&desk.model).unwrap().layer.is_none());
}

#[test]
fn a_file_that_was_mended_in_the_editor_takes_nothing_away() {
    let mut desk = dirty((80, 24));
    broken(&mut desk, "targets: [");
    assert_eq!(desk.keys("C-o"), "editor shop");
    let mended = SHOP.replace("10.0.1.11", "10.0.1.99");
    let change = Change {
        what: "the edit of shop".to_owned(),
        file: "f".into(),
        before: None,
        after: Some(mended.clone()),
        with: None,
    };
    let (site, draft) = ("shop".to_owned(), "/d/.shop-draft-1".into());
    let end = EditorEnd { site, earlier: Vec::new(), draft, outcome: Ok(Outcome::Saved(change)) };
    let effects = desk.take(Msg::Edited(Box::new(end)));
    assert_eq!(super::words(&effects), "remember the edit of shop");
    hear(&mut desk, News::Opened("shop".to_owned(), Some(mended)));
    assert!(!desk.text().contains("the file of shop"), "its own change is no news: {}", desk.text());
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.text("note"), form.text("host")), ("hm", "10.0.1.99"));
}

#[test]
fn a_save_that_finds_a_file_with_mistakes_names_it() {
    let mut desk = dirty((100, 30));
    desk.keys("C-s");
    let (seen, found) = (Some(SHOP.to_owned()), Some("targets: [".to_owned()));
    hear(&mut desk, News::Refused(SaveError::Changed { file: "/p/shop.yml".into(), seen, found }));
    assert!(desk.text().contains("/p/shop.yml:2:1: cannot be read as YAML"), "{}", desk.text());
}
