//! Clicks on what is no row: buttons, the footer's keys, titles of columns; and the wheel.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{Desk, Msg, bad_day, words};
use crate::tui::{
    glyphs::GlyphSet,
    model::Pane,
    order::{ProfileKey, SessionKey},
    overlay::Overlay,
};

fn at(desk: &mut Desk, kind: MouseEventKind, text: &str, skip: usize) -> String {
    let screen = desk.text();
    let place = |(row, line): (usize, &str)| {
        let before = &line[..line.find(text)?];
        Some((u16::try_from(before.chars().count() + 1).unwrap(), u16::try_from(row).unwrap()))
    };
    let found = screen.lines().enumerate().filter_map(place).nth(skip);
    let (column, row) = found.unwrap_or_else(|| panic!("no {text}:\n{screen}"));
    words(&desk.take(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })))
}

fn click(desk: &mut Desk, text: &str) -> String {
    at(desk, MouseEventKind::Down(MouseButton::Left), text, 0)
}

#[test]
fn buttons_are_pushed() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("2 <esc> q");
    assert_eq!(click(&mut desk, "[ Stay ]"), "");
    assert!(desk.model.overlays.is_empty());
    desk.keys("q");
    assert_eq!(click(&mut desk, "[ Stop all, keep packets ]"), "shutdown Keep");
}

#[test]
fn a_host_key_is_decided_by_a_button_as_far_as_it_may_be() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.start(1, "core/mail-gw");
    let key = super::questions::host_key();
    desk.ask(1, 1, &key, 1);
    assert_eq!(click(&mut desk, "[ Trust this once ]"), "answer 1 AcceptOnce");
    desk.ask(1, 2, &key, 1);
    desk.take(Msg::Paste("SHA256:t3vG2OYyVNiQNunuyboosATuYNEXdnxdXiQ2okyTrxc".to_owned().into()));
    assert_eq!(click(&mut desk, "[ Do not connect ]"), "answer 2 Cancel");
}

#[test]
fn keys_of_the_footer_do_what_they_say() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    // The first one is in the sentence about nothing that runs.
    assert_eq!(at(&mut desk, MouseEventKind::Down(MouseButton::Left), "s start", 1), "start shop/web-1");
    click(&mut desk, "? help");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Help(_))));
    click(&mut desk, "Esc close");
    assert!(desk.model.overlays.is_empty(), "the key on the box's own border");
    click(&mut desk, "? help");
    at(&mut desk, MouseEventKind::Down(MouseButton::Left), "Esc close", 1);
    assert!(desk.model.overlays.is_empty(), "the footer's is");
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 <enter>");
    click(&mut desk, "Esc back");
    assert!(desk.model.desk.detail.is_none(), "of the detail, too");
}

#[test]
fn titles_of_columns_sort() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("2");
    click(&mut desk, "RATE");
    assert_eq!((desk.model.sessions.sort.key, desk.model.focus), (SessionKey::Rate, Pane::Sessions));
    assert!(!desk.model.sessions.sort.reversed);
    click(&mut desk, "RATE");
    assert!(desk.model.sessions.sort.reversed);
    click(&mut desk, "LAST USED");
    assert_eq!((desk.model.catalog.sort.key, desk.model.focus), (ProfileKey::Used, Pane::Profiles));
    assert!(desk.text().contains("LAST USED▾"), "{}", desk.text());
    desk.keys("q");
    click(&mut desk, "DROPS");
    assert_eq!(desk.model.sessions.sort.key, SessionKey::Rate, "not below a box");
}

#[test]
fn a_click_on_a_covered_place_is_the_box_s() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("2 ?");
    let before = desk.text();
    click(&mut desk, "Sessions and profiles");
    assert_eq!(desk.text(), before);
}

#[test]
fn commands_of_the_help_and_the_palette_run_by_a_click() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.keys("? s t a r t");
    assert_eq!(click(&mut desk, "start what is marked"), "start shop/web-1");
    assert!(desk.model.overlays.is_empty());
    desk.keys(": s o r t");
    let before = desk.model.catalog.sort.reversed;
    click(&mut desk, "turn the order around");
    assert!(desk.model.overlays.is_empty());
    assert_ne!(desk.model.catalog.sort.reversed, before);
}

#[test]
fn bastions_of_a_form_are_clicked() {
    let mut desk = super::form::open((100, 30), "e");
    super::form::go(&mut desk, "via");
    desk.keys("C-g");
    let cursor = |desk: &Desk| match &crate::tui::form::of(&desk.model).unwrap().layer {
        Some(crate::tui::form::Layer::Hops(list)) => Some(list.cursor),
        _ => None,
    };
    desk.keys("<enter> o p s @ s e c o n d");
    assert_eq!(cursor(&desk), Some(1), "{}", desk.text());
    click(&mut desk, "1. ec2-user@bastion");
    assert_eq!(cursor(&desk), Some(0), "{}", desk.text());
    click(&mut desk, "ops@second");
    click(&mut desk, "ops@second");
    assert_eq!(cursor(&desk), Some(1), "a double click is no Enter, which would add one: {}", desk.text());
    assert!(!desk.text().contains("3. "), "{}", desk.text());
}

#[test]
fn the_wheel_moves_lists_in_boxes_and_nothing_behind_others() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.keys("y");
    at(&mut desk, MouseEventKind::ScrollDown, "Copy", 0);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Copy { cursor: 1, .. })));
    desk.keys("<esc> S");
    let cursor = desk.model.catalog.cursor;
    at(&mut desk, MouseEventKind::ScrollDown, "Save", 0);
    assert_eq!(desk.model.catalog.cursor, cursor);
}

#[test]
fn the_wheel_over_a_detail_beside_the_lists_scrolls_its_log() {
    let mut desk = bad_day((160, 24), GlyphSet::Unicode);
    desk.keys("1 <enter>");
    for number in 0..40 {
        let log = super::EventKind::Log { source: "ssh".to_owned(), text: format!("line {number}") };
        let id = desk.model.sessions.cursor.unwrap().0;
        desk.hear(id, log);
    }
    let cursor = desk.model.sessions.cursor;
    at(&mut desk, MouseEventKind::ScrollUp, "Where packets can be lost", 0);
    assert_eq!(desk.model.sessions.all[&cursor.unwrap()].facts.log.back, 3);
    assert_eq!(desk.model.sessions.cursor, cursor);
}

#[test]
fn keys_and_rows_of_boxes_are_clicked() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 <esc> <esc> G y");
    let Some(Overlay::Copy { items, .. }) = desk.model.overlays.last() else { panic!("no list") };
    let (last, text) = (items.last().unwrap().label, items.last().unwrap().text.clone());
    click(&mut desk, last);
    assert!(
        matches!(desk.model.overlays.last(), Some(Overlay::Copy { items, cursor }) if *cursor == items.len() - 1)
    );
    assert_eq!(click(&mut desk, "Enter copy   Esc"), format!("copy {text}"));
    desk.keys("y");
    assert_eq!(click(&mut desk, "Esc close \u{2500}"), "");
    assert!(desk.model.overlays.is_empty(), "the key of the box, not the one of the footer");
    desk.keys("q");
    assert_eq!(click(&mut desk, "Left/Right choose"), "", "two keys are no place");
    assert!(!desk.model.overlays.is_empty());
}

#[test]
fn fields_and_buttons_of_a_form_are_clicked() {
    let mut desk = super::form::open((100, 30), "e");
    click(&mut desk, "Compression ");
    assert_eq!(crate::tui::form::of(&desk.model).unwrap().row().unwrap().key, "compression");
    desk.keys("<right> <esc>");
    click(&mut desk, "Lease ");
    assert_eq!(
        crate::tui::form::of(&desk.model).unwrap().row().unwrap().key,
        "compression",
        "a box lies over it"
    );
    click(&mut desk, "[ Keep editing ]");
    assert!(crate::tui::form::of(&desk.model).unwrap().layer.is_none());
    desk.keys("<esc>");
    click(&mut desk, "[ Discard ]");
    assert!(desk.model.overlays.is_empty());
}
