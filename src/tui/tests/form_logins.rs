//! The bastions of a form: how their list opens, and which keys they log in with.

use insta::assert_snapshot;

use super::{
    Desk,
    form::{go, hear, open, typed},
};
use crate::{
    engine::profiles::News,
    tui::{
        form::{self, Layer},
        glyphs::GlyphSet,
    },
};

/// A form on the target of a site whose bastions have no key of the site's.
fn without_shared_key(size: (u16, u16), via: &str) -> Desk {
    let text = format!("via: {via}\ntargets:\n  a: {{ host: h }}\n");
    let targets = crate::profile::parse_site("lab", &text).unwrap().targets;
    let mut desk = Desk::with(targets, Vec::new(), size, GlyphSet::Unicode);
    assert_eq!(desk.keys("e"), "open lab");
    hear(&mut desk, News::Opened("lab".to_owned(), Some(text)));
    desk
}

fn under_cursor(desk: &Desk) -> String {
    form::of(&desk.model).unwrap().row().unwrap().key.clone()
}

fn lists(desk: &Desk) -> bool {
    matches!(form::of(&desk.model).unwrap().layer, Some(Layer::Hops(_)))
}

#[test]
fn enter_goes_on_from_bastions_that_are_there() {
    // The site's.
    let mut desk = open((100, 30), "e");
    go(&mut desk, "via");
    assert!(desk.text().contains("Ctrl-g opens the list"), "{}", desk.text());
    desk.keys("<enter>");
    assert!(!lists(&desk));
    assert_eq!(under_cursor(&desk), "host");
    // Its own.
    go(&mut desk, "via");
    typed(&mut desk, "b");
    desk.keys("<enter>");
    typed(&mut desk, "9");
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.text("via"), form.text("host")), ("b", "10.0.1.119"));
    // None at all: what comes next is a hop.
    let mut desk = without_shared_key((100, 30), "[]");
    desk.keys("C-g");
    assert!(!lists(&desk) && desk.model.notice.is_some(), "not from the field Host");
    go(&mut desk, "via");
    desk.keys("C-u");
    assert!(desk.text().contains("Enter opens the list"), "{}", desk.text());
    desk.keys("<enter>");
    assert!(lists(&desk));
    typed(&mut desk, "jo@b");
    desk.keys("<esc> <enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("via"), "jo@b");
    assert_eq!(under_cursor(&desk), "host");
}

#[test]
fn a_key_that_is_not_for_the_bastions_says_so() {
    for size in [(100, 30), (80, 24)] {
        let mut desk = without_shared_key(size, "[jo@b]");
        go(&mut desk, "identity");
        assert!(!desk.text().contains("not for the bastion"), "{}", desk.text());
        typed(&mut desk, "~/.ssh/t");
        assert_snapshot!(format!("form_logins_{}x{}", size.0, size.1), desk.text());
    }
    let mut desk = without_shared_key((100, 30), "[jo@b]");
    go(&mut desk, "identity");
    typed(&mut desk, "~/.ssh/t");
    // From there to the list, which says the same, and a key for the bastion.
    desk.keys("C-g");
    assert!(lists(&desk));
    assert_snapshot!("form_logins_hops", desk.text());
    typed(&mut desk, " ~/.ssh/b");
    desk.keys("<esc>");
    assert_eq!(under_cursor(&desk), "via");
    assert!(desk.text().contains("not for the bastion: it uses ~/.ssh/b; Ctrl-g"), "{}", desk.text());
    assert_eq!(
        desk.keys("C-s"),
        "save lab: via=\"jo@b ~/.ssh/b\", identity=\"~/.ssh/t\"",
        "each has its own"
    );
}

#[test]
fn the_key_of_the_site_is_for_all() {
    let mut desk = open((100, 30), "e");
    assert!(!desk.text().contains("not for the bastion"), "{}", desk.text());
    desk.keys("<up> C-g");
    assert!(desk.text().contains("Identity, ~/.ssh/shop.pem. A"), "{}", desk.text());
    desk.keys("<esc>");
    go(&mut desk, "identity");
    typed(&mut desk, "k");
    assert!(desk.text().contains("it uses ~/.ssh/shop.pem; Ctrl-g"), "{}", desk.text());
    let mut desk = without_shared_key((100, 30), "[a, {host: b, identity: k}]");
    go(&mut desk, "identity");
    typed(&mut desk, "t");
    assert!(desk.text().contains("not for bastions: they use keys of their own"), "{}", desk.text());
    let mut desk = open((100, 30), "k k k e");
    go(&mut desk, "identity");
    let told = "Targets and bastions without a";
    assert!(desk.text().contains(told), "{}", desk.text());
}
