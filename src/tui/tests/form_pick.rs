//! The interface of a profile, picked from its target.

use insta::assert_snapshot;

use super::{
    form::{SHOP, go, hear, open, saved, typed},
    picker::{news, report},
};
use crate::{
    engine::{LookNews, profiles::News},
    session::{FailKind, Failure, Stage},
    tui::{bindings::Context, form},
};

#[test]
fn the_interface_is_picked_from_the_target() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "filter");
    assert_eq!(desk.keys("C-p"), "", "only in its field");
    assert_eq!(desk.model.notice.as_deref(), Some("Ctrl-p: only the interface is picked from the target"));
    go(&mut desk, "interface");
    let text = desk.text();
    assert!(text.contains("Ctrl-p picks from the target") && text.contains("Ctrl-p pick "), "{text}");
    assert_eq!(desk.keys("C-p"), "look 1 at shop/web-1");
    news(&mut desk, LookNews::Began { ticket: 1 });
    news(&mut desk, LookNews::Seen(Box::new(report())));
    assert_eq!(desk.model.context(), Context::Picker);
    assert_eq!(desk.keys("j <space>"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("Space: the field takes one interface"));
    desk.keys("j");
    assert_snapshot!("form_pick", desk.text());
    desk.keys("k");
    assert_eq!(desk.keys("<enter>"), "dismiss 77");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().input.value(), "ge-0/0/2");
    let wanted = SHOP.replace("{ host: 10.0.1.11 }", "{ host: 10.0.1.11, interface: ge-0/0/2 }");
    assert_eq!(saved(&mut desk), wanted);
}

#[test]
fn the_target_as_it_is_in_the_form_is_asked() {
    let mut desk = open((100, 30), "n");
    go(&mut desk, "interface");
    assert_eq!(desk.keys("C-p"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("Ctrl-p: the host is missing"));
    let mut desk = open((100, 30), "e");
    desk.live(1, "shop/web-1", "eth0");
    go(&mut desk, "interface");
    assert_eq!(desk.keys("C-p"), "look 1 at shop/web-1 over 1");
    assert_eq!(desk.keys("<esc>"), "");
    go(&mut desk, "host");
    typed(&mut desk, "9");
    go(&mut desk, "interface");
    assert_eq!(desk.keys("C-p"), "look 2 at shop/web-1", "another machine: not over that connection");
    // News of the file must not take the box away.
    hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    assert_eq!(desk.model.context(), Context::Picker);
}

#[test]
fn a_target_that_cannot_be_asked_leaves_a_field_to_type_in() {
    let mut desk = open((80, 24), "e");
    go(&mut desk, "interface");
    desk.keys("C-p");
    news(&mut desk, LookNews::Began { ticket: 1 });
    let failure =
        Failure::new(Stage::Connect, Some("bastion"), FailKind::Refused, "bastion refuses the connection");
    news(&mut desk, LookNews::Failed(Box::new(failure)));
    typed(&mut desk, "eth7");
    desk.keys("<enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("interface"), "eth7");
}
