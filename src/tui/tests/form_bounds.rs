//! What a form takes into its fields, and what it says of the rest.

use super::{
    Msg,
    form::{go, open, typed},
};
use crate::tui::form;

#[test]
fn names_have_an_end_and_a_rule() {
    for (size, keys, key) in [((80, 24), "e", "name"), ((80, 24), "k k k e", "site")] {
        let mut desk = open(size, keys);
        go(&mut desk, key);
        desk.keys("C-u");
        typed(&mut desk, &"n".repeat(64));
        assert!(form::of(&desk.model).unwrap().problems().is_empty());
        typed(&mut desk, &"n".repeat(236));
        assert!(desk.text().contains("└ 300 characters, but a name has 64 at most"), "{}", desk.text());
        assert_eq!(desk.keys("C-s"), "", "it is not saved");
        desk.keys("C-u");
        typed(&mut desk, "shop/web-1");
        let told = "└ only letters, digits, - _ . (the first no - or .)";
        assert!(desk.text().contains(told), "{}", desk.text());
        assert_eq!(desk.keys("C-s"), "");
    }
}

#[test]
fn text_that_looks_like_another_one_is_told() {
    for key in ["note", "group", "filter", "command", "record", "identity", "host", "user"] {
        let mut desk = open((100, 30), "e");
        go(&mut desk, key);
        desk.take(Msg::Paste(zeroize::Zeroizing::new("a\u{202e}b".to_owned())));
        assert!(desk.text().contains("the invisible character U+202E"), "{key}: {}", desk.text());
        assert!(!desk.text().contains('\u{202e}'), "{key}");
        desk.keys("C-s");
        assert!(!form::of(&desk.model).unwrap().saving, "{key}");
    }
}

#[test]
fn numbers_that_are_too_large_are_told_with_their_limit() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "snaplen");
    typed(&mut desk, "99999999999999999999");
    assert!(desk.text().contains("└ the number is too large: the limit is 262144"), "{}", desk.text());
    desk.keys("C-u");
    typed(&mut desk, "-1");
    assert!(desk.text().contains("└ -1 is not within 0 to 262144"), "{}", desk.text());
    desk.keys("C-u");
    typed(&mut desk, "many");
    assert!(desk.text().contains("└ wants a number, got text"), "{}", desk.text());
}
