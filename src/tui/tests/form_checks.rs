//! What a form finds out while it is filled in.

use std::time::Duration;

use insta::assert_snapshot;

use super::{
    Desk,
    form::{SHOP, go, hear, typed},
};
use crate::{
    engine::profiles::{Judge, News, Verdict},
    profile::parse_site,
    tui::glyphs::GlyphSet,
};

/// A form on a target that a session captures on, or on another one of its site.
fn beside_a_session(size: (u16, u16), keys: &str) -> (Desk, String) {
    let targets = parse_site("shop", SHOP).unwrap().targets;
    let mut desk = Desk::with(targets, Vec::new(), size, GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys(keys), "open shop");
    let asked = hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    (desk, asked)
}

#[test]
fn the_filter_is_checked_over_the_connection_of_a_session() {
    for size in [(100, 30), (80, 24)] {
        let (mut desk, _) = beside_a_session(size, "2 e");
        go(&mut desk, "filter");
        assert_eq!(typed(&mut desk, "pr"), "filter p over 1, filter pr over 1");
        hear(
            &mut desk,
            News::Filter("pr".to_owned(), Verdict::Bad(Judge::Target, "syntax error".to_owned())),
        );
        desk.pass(Duration::from_secs(1));
        assert_snapshot!(format!("form_target_says_{}x{}", size.0, size.1), desk.text());
        assert_eq!(desk.keys("C-s"), "", "first the words");
        let notice = desk.model.notice.clone().unwrap();
        assert!(notice.starts_with("the target's tcpdump does not take the filter"), "{notice}");
        typed(&mut desk, "oto 6");
        hear(&mut desk, News::Filter("proto 6".to_owned(), Verdict::Good(Judge::Target)));
        desk.pass(Duration::from_secs(3));
        assert!(desk.text().contains("the target takes it, 3s ago"), "{}", desk.text());
    }
}

#[test]
fn another_machine_is_not_asked_about_the_filter_of_this_one() {
    let (mut desk, asked) = beside_a_session((100, 30), "2 j e");
    assert_eq!(asked, "facts ops@10.0.1.12", "it has no filter of its own");
    go(&mut desk, "filter");
    assert_eq!(typed(&mut desk, "i"), "filter i", "another host");
    let (mut desk, _) = beside_a_session((100, 30), "2 e");
    go(&mut desk, "filter");
    typed(&mut desk, "i");
    go(&mut desk, "host");
    assert_eq!(typed(&mut desk, "7"), "filter i, facts ops@10.0.1.117");
    go(&mut desk, "interface");
    assert_eq!(typed(&mut desk, "a"), "filter i", "what it is compiled for depends on the interface");
}
