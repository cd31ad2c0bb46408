//! Keys and characters in the fields of a form.

use super::{
    Desk, Msg,
    form::{SHOP, go, hear, open, typed},
};
use crate::{
    engine::profiles::News,
    tui::{form, glyphs::GlyphSet, overlay::Overlay},
};

#[test]
fn what_is_typed_while_a_form_opens_is_typed_into_it() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    assert_eq!(desk.keys("e <tab> 2 2 2 2"), "open shop");
    hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.row().unwrap().key.as_str(), form.text("port")), ("port", "2222"));

    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.keys("e x <esc>");
    assert!(desk.model.overlays.is_empty(), "Esc does not wait");
    assert_eq!(desk.keys("e C-c C-c"), "open shop, shutdown Keep");
}

#[test]
fn a_paste_is_one_line() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "note");
    desk.take(Msg::Paste(zeroize::Zeroizing::new("\na\u{1b}[2Jb\nrm -rf\n".to_owned())));
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "a[2Jb");
}

#[test]
fn lines_are_edited_as_in_a_shell() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "note");
    typed(&mut desk, "one two three");
    desk.keys("C-w C-a x <right> C-k");
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "xo");
    desk.keys("C-e 4 <left> <bs>");
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "x4");
    desk.keys("C-u ?");
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "?");
    desk.keys("<f1>");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Help { .. })));
}

#[test]
fn keys_of_a_form_change_as_all_others_and_letters_stay_letters() {
    let mut desk = open((100, 30), "e");
    let changes = "keys: { form: { form-save: F2 }, everywhere: { help: H, redraw: [R, F5] } }";
    let config = crate::profile::parse_config(changes).unwrap();
    desk.model.desk.settings = crate::tui::Settings::new(config, crate::tui::Depth::Sixteen, None).unwrap();
    go(&mut desk, "note");
    typed(&mut desk, "HR");
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "HR");
    assert!(desk.text().contains("F2 save"), "{}", desk.text());
    assert_eq!(desk.keys("C-s"), "");
    desk.keys("<f1>");
    assert!(
        matches!(desk.model.overlays.last(), Some(Overlay::Help(_))),
        "its own key stays where H is a letter"
    );
    let effects = desk.keys("s a v e ; <esc>");
    assert_eq!(effects, "");
    assert!(form::of(&desk.model).is_some());
}

#[test]
fn the_help_over_a_form_runs_what_the_form_can_do() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("<f1> s t a r t <enter>"), "", "nothing behind the form");
    desk.keys("<f1>");
    typed(&mut desk, "form-leave");
    desk.keys("<enter>");
    assert!(form::of(&desk.model).is_none());
}
