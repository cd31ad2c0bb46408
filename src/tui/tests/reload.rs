//! The settings are read anew in an open room.

use super::{Desk, Msg, words};
use crate::{
    profile::parse_config,
    remote::veil::Veil,
    tui::{Depth, Settings, glyphs::GlyphSet, reload::Fresh},
};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

fn fresh(text: &str, glyphs: GlyphSet) -> Fresh {
    let settings = Settings::new(parse_config(text).unwrap(), Depth::Sixteen, None).unwrap();
    Fresh { settings, glyphs, note: "read /c/config.yaml anew".to_owned() }
}

fn reloaded(desk: &mut Desk, fresh: Result<Fresh, Vec<String>>) -> String {
    words(&desk.take(Msg::Reloaded(Box::new(fresh))))
}

#[test]
fn keys_signs_and_the_mouse_change_at_once() {
    let mut desk = desk();
    assert_eq!(desk.keys("C-r"), "reload");
    let text = "mouse: true\nkeys: { profiles: { start: u } }\n";
    assert_eq!(reloaded(&mut desk, Ok(fresh(text, GlyphSet::Ascii))), "mouse Ours");
    assert!(desk.text().is_ascii() && desk.text().contains("read /c/config.yaml anew"), "{}", desk.text());
    assert_eq!(desk.keys("s"), "");
    assert_eq!(desk.keys("u"), "start shop/web-1");
    assert!(!desk.text().contains("read /c/config.yaml anew|"), "the next key takes the toast away");
    assert_eq!(reloaded(&mut desk, Ok(fresh(text, GlyphSet::Ascii))), "", "the mouse stays as it is");
    assert_eq!(reloaded(&mut desk, Ok(fresh("", GlyphSet::Unicode))), "mouse Terminal");
}

#[test]
fn a_broken_file_leaves_everything_as_it_was() {
    let mut desk = desk();
    let lines = ["/c/config.yaml:2:1: theem: unknown key", "hint: did you mean theme?"];
    assert_eq!(reloaded(&mut desk, Err(lines.map(str::to_owned).to_vec())), "");
    let text = desk.text();
    assert!(text.contains("  /c/config.yaml:2:1: theem: unknown key "), "{text}");
    assert!(text.contains(" config.yaml:2:1: theem: unknown key; the old settings stay"), "{text}");
    assert!(text.contains("hint: did you mean theme?"), "the log has it whole: {text}");
    assert_eq!(desk.keys("s"), "start shop/web-1");
}

#[test]
fn what_is_hidden_stays_hidden() {
    let mut desk = desk();
    desk.model.desk.settings.veil = Some(Veil::new(&super::targets(), &[]));
    reloaded(&mut desk, Ok(fresh("", GlyphSet::Unicode)));
    assert!(!desk.text().contains("10.0.1.11"), "{}", desk.text());
    assert!(desk.text().contains("privacy counts from the next start on"), "{}", desk.text());
}
