//! New targets, copies, other names, and sites.

use super::{
    Desk,
    form::{SHOP, go, hear, open, saved, typed},
};
use crate::{engine::profiles::News, tui::glyphs::GlyphSet};

#[test]
fn a_new_profile_wants_name_and_host() {
    let mut desk = Desk::with(Vec::new(), Vec::new(), (80, 24), GlyphSet::Unicode);
    assert_eq!(desk.keys("n"), "open main");
    hear(&mut desk, News::Opened("main".to_owned(), None));
    assert!(!desk.text().contains("problem"), "nothing is wrong before anything was typed:\n{}", desk.text());
    assert_eq!(desk.keys("C-s"), "");
    assert!(desk.text().contains("the target needs a name"), "{}", desk.text());
    typed(&mut desk, "web-1");
    go(&mut desk, "host");
    typed(&mut desk, "10.0.0.1");
    go(&mut desk, "user");
    typed(&mut desk, "jo");
    let text = saved(&mut desk);
    assert!(text.ends_with("\ntargets:\n  web-1:\n    host: 10.0.0.1\n    user: jo\n"), "{text}");
}

#[test]
fn a_new_profile_goes_to_the_site_that_is_typed() {
    let mut desk = open((100, 30), "n");
    assert_eq!(typed(&mut desk, "web-1"), "");
    assert!(desk.text().contains("there is a target web-1 already"), "{}", desk.text());
    go(&mut desk, "site");
    desk.keys("C-u");
    assert_eq!(typed(&mut desk, "ne"), "open n, open ne");
    hear(&mut desk, News::Opened("ne".to_owned(), None));
    assert!(!desk.text().contains("already"), "{}", desk.text());
    go(&mut desk, "host");
    typed(&mut desk, "h");
    assert_eq!(desk.keys("C-s"), "save ne: add web-1 h");
}

#[test]
fn a_copy_keeps_the_style_of_its_model() {
    let mut desk = open((100, 30), "j c");
    go(&mut desk, "host");
    desk.keys("C-u");
    typed(&mut desk, "10.0.1.13");
    let line =
        "  web-2-copy: { host: 10.0.1.13, interface: eth0, privilege: sudo, stop_after: { packets: 10 } }\n";
    assert!(saved(&mut desk).contains(line));
    let mut desk = open((100, 30), "c");
    assert_eq!(desk.keys("C-s"), "save shop: clone web-1 web-1-copy");
}

#[test]
fn renaming_and_changing_are_one_save() {
    let mut desk = open((100, 30), "j j e");
    go(&mut desk, "name");
    desk.keys("C-u");
    typed(&mut desk, "db");
    go(&mut desk, "port");
    typed(&mut desk, "22");
    assert_eq!(
        saved(&mut desk),
        SHOP.replace("db-1:\n    host: 10.0.1.30", "db:\n    host: 10.0.1.30")
            .replace("      lines\n", "      lines\n    port: 22\n")
    );
}

#[test]
fn the_site_itself_has_a_form() {
    let mut desk = open((100, 30), "k k k e");
    assert!(desk.text().contains("edit site shop"), "{}", desk.text());
    assert_eq!(desk.keys("C-g <enter>"), "");
    typed(&mut desk, "jo@inner:22");
    assert_eq!(desk.keys("<esc>"), "");
    go(&mut desk, "user");
    desk.keys("C-u");
    let text = saved(&mut desk);
    assert!(text.contains("via: [ec2-user@bastion.shop.example, jo@inner:22]\n"), "{text}");
    assert!(text.contains("defaults: { filter: tcp port 80, identity: ~/.ssh/shop.pem }\n"), "{text}");
}
