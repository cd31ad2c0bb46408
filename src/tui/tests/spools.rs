//! What earlier runs left in the spool.

use std::time::{Duration, SystemTime};

use insta::assert_snapshot;

use super::{Desk, Msg};
use crate::{
    engine::{
        Saved,
        spool::{About, Done, Shelf, StoredSpool},
    },
    profile::parse_config,
    tui::{Depth, Settings, glyphs::GlyphSet},
};

fn desk() -> Desk {
    Desk::new((80, 24), GlyphSet::Unicode)
}

fn spool(name: &str, target: &str) -> StoredSpool {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(40_000);
    StoredSpool {
        name: name.to_owned(),
        path: "/s".into(),
        about: Some(About::new(target.to_owned(), at, None)),
        bytes: 1_234_567,
        written: at,
        is_live: false,
        has_ended: true,
    }
}

/// The engine tells what came of a task, and that these are left.
fn told(desk: &mut Desk, done: Done, names: &[&str]) {
    let left = names.iter().map(|name| spool(name, &format!("shop/{name}"))).collect();
    desk.take(Msg::Spools(Box::new(Shelf { done, left })));
}

#[test]
fn the_log_says_what_is_left_and_which_key_shows_it() {
    let mut desk = desk();
    told(&mut desk, Done::Listed, &[]);
    assert!(desk.model.log.lines.is_empty());
    told(&mut desk, Done::Listed, &["a"]);
    assert!(desk.text().contains("an earlier run left 1 capture: U saves or removes it "), "{}", desk.text());
    let config = parse_config("keys: { everywhere: { spool-open: F6 } }").unwrap();
    desk.model.desk.settings = Settings::new(config, Depth::Sixteen, None).unwrap();
    told(&mut desk, Done::Listed, &["a", "b"]);
    assert!(
        desk.text().contains("earlier runs left 2 captures: F6 saves or removes them "),
        "{}",
        desk.text()
    );
}

#[test]
fn they_are_saved_and_removed_one_by_one() {
    let mut desk = desk();
    assert_eq!(desk.keys("U"), "list spools");
    assert!(desk.text().contains("looking ..."), "{}", desk.text());
    told(&mut desk, Done::Listed, &["a", "b"]);
    assert_eq!(desk.keys("j S"), "save spool b");
    assert_eq!(desk.keys("S D"), "", "one after the other");
    let file =
        Saved { path: "/home/me/shop-b-\u{1b}[2J19700101-110640.pcapng".into(), packets: 9, bytes: 99 };
    told(&mut desk, Done::Saved(file), &["a", "b"]);
    assert_snapshot!("spools_box", desk.text());
    assert_eq!(desk.keys("D <enter>"), "", "Keep comes first");
    desk.keys("D");
    assert_snapshot!("spools_remove", desk.text());
    assert_eq!(desk.keys("<right> <enter>"), "remove spool b");
    told(&mut desk, Done::Removed("b".to_owned()), &["a"]);
    assert_eq!(desk.keys("<enter>"), "save spool a", "the cursor is on what is left");
    let failed =
        Done::Failed { message: "could not write x: no".to_owned(), hint: Some("choose another place") };
    told(&mut desk, failed, &["a"]);
    assert!(desk.text().contains("could not write x: no"), "{}", desk.text());
    assert_eq!(desk.keys("q"), "");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn an_empty_spool_is_said_and_nothing_can_be_done_about_it() {
    let mut desk = desk();
    desk.keys("U");
    told(&mut desk, Done::Listed, &[]);
    assert!(desk.text().contains("nothing of an earlier run is in the spool"), "{}", desk.text());
    assert_eq!(desk.keys("S D <enter>"), "");
    assert_eq!(desk.model.overlays.len(), 1);
}

#[test]
fn read_only_shows_them_and_changes_nothing() {
    let mut desk = desk();
    desk.model.desk.settings.read_only = true;
    assert_eq!(desk.keys(": s p o o l - o <enter>"), "list spools");
    told(&mut desk, Done::Listed, &["a"]);
    assert_eq!(desk.keys("S D"), "");
    assert!(desk.model.notice.as_deref().is_some_and(|notice| notice.contains("read-only")));
}
