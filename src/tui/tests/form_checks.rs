//! What a form finds out while it is filled in.

use std::time::Duration;

use insta::assert_snapshot;

use super::{
    Desk, Msg,
    form::{SHOP, go, hear, open, saved, typed},
};
use crate::{
    engine::{
        profiles::{Judge, News, Survey, Verdict},
        store::{Catalog, Change, Outcome, SaveError},
    },
    profile::parse_site,
    tui::{form, glyphs::GlyphSet, msg::EditorEnd},
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
    assert_eq!(asked, "facts ops@10.0.1.12, survey", "it has no filter of its own");
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

/// The folder's watcher has seen something; the file of the shop is this now.
fn on_disk(desk: &mut Desk, text: Option<&str>) -> String {
    let targets = text.and_then(|text| parse_site("shop", text).ok()).map(|site| vec![site]);
    let catalog = Catalog { sites: targets.unwrap_or_default(), problems: Vec::new() };
    assert_eq!(hear(desk, News::Loaded(Box::new(catalog))), "open shop");
    hear(desk, News::Opened("shop".to_owned(), text.map(str::to_owned)))
}

fn theirs() -> String {
    SHOP.replace("{ host: 10.0.1.11 }", "{ host: 10.0.1.99, snaplen: 96 }")
}

#[test]
fn a_form_in_which_nothing_was_typed_shows_what_the_file_says_now() {
    let mut desk = open((100, 30), "e");
    assert_eq!(on_disk(&mut desk, Some(SHOP)), "", "another file was changed");
    assert_eq!(desk.model.notice, None);
    assert_eq!(on_disk(&mut desk, Some(&theirs())), "facts ops@10.0.1.99");
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.text("host"), form.text("snaplen"), form.is_dirty()), ("10.0.1.99", "96", false));
    assert!(desk.model.notice.as_deref().unwrap().contains("this is what it says now"));
    go(&mut desk, "note");
    typed(&mut desk, "x");
    assert_eq!(saved(&mut desk), theirs().replace("snaplen: 96 }", "snaplen: 96, note: x }"));
}

#[test]
fn a_file_that_changes_below_what_was_typed_is_told_and_nothing_is_lost() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-r"), "");
    assert!(desk.model.notice.as_deref().unwrap().contains("the file is as it was"));
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    assert_eq!(on_disk(&mut desk, Some(&theirs())), "");
    assert_snapshot!("form_disk_100x30", desk.text());
    desk.keys("C-r");
    assert_snapshot!("form_disk_box_100x30", desk.text());
    desk.keys("<esc>");
    assert!(desk.text().contains("the file of shop was changed"), "it stays: {}", desk.text());
    // Reloading gives the file's texts; putting on top keeps both.
    desk.keys("C-r <right> <right> <enter>");
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.text("host"), form.text("note"), form.changes()), ("10.0.1.99", "", 0));
    assert!(!desk.text().contains("was changed"), "{}", desk.text());
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    on_disk(&mut desk, Some(SHOP));
    desk.keys("C-r <right> <enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("host"), "10.0.1.11");
    assert_eq!(saved(&mut desk), SHOP.replace("{ host: 10.0.1.11 }", "{ host: 10.0.1.11, note: hm }"));
}

#[test]
fn a_file_that_changes_and_changes_back_is_no_news() {
    let mut desk = open((80, 24), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    on_disk(&mut desk, Some("targets: ["));
    assert!(desk.text().contains("is no YAML any more"), "{}", desk.text());
    desk.keys("C-r");
    assert!(desk.text().contains("the file of shop, line 2:1: cannot be read as YAML"), "{}", desk.text());
    desk.keys("<enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "hm");
    on_disk(&mut desk, Some(SHOP));
    assert!(!desk.text().contains("the file of shop"), "{}", desk.text());
}

#[test]
fn a_target_that_is_gone_can_be_saved_as_a_new_one() {
    let gone = SHOP.replace("  web-1: { host: 10.0.1.11 }      # rack 4\n", "");
    let mut desk = open((80, 24), "e");
    on_disk(&mut desk, Some(&gone));
    assert!(desk.text().contains("this target is gone from it"), "{}", desk.text());
    desk.keys("C-r <right> <right> <enter>");
    assert!(desk.model.overlays.is_empty(), "nothing is left to edit");

    let mut desk = open((80, 24), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    on_disk(&mut desk, Some(&gone));
    desk.keys("C-r <right> <enter>");
    let text = saved(&mut desk);
    assert!(
        text.starts_with(&gone) && text.ends_with("  web-1:\n    host: 10.0.1.11\n    note: hm\n"),
        "{text}"
    );

    let mut desk = open((80, 24), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    on_disk(&mut desk, None);
    assert!(desk.text().contains("the file of shop is gone"), "{}", desk.text());
}

#[test]
fn a_new_target_goes_on_top_of_whatever_the_file_says() {
    let mut desk = open((80, 24), "n");
    go(&mut desk, "name");
    typed(&mut desk, "web-9");
    go(&mut desk, "host");
    typed(&mut desk, "h");
    on_disk(&mut desk, Some(&theirs()));
    let text = saved(&mut desk);
    assert!(text.starts_with(&theirs()) && text.contains("web-9"), "{text}");
}

#[test]
fn a_file_that_changes_while_it_is_saved_is_told_by_the_save() {
    let mut desk = open((80, 24), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    saved(&mut desk);
    let catalog = Catalog { sites: Vec::new(), problems: Vec::new() };
    assert_eq!(hear(&mut desk, News::Loaded(Box::new(catalog))), "", "its own change is no news");
    let found = Some(theirs());
    let seen = Some(SHOP.to_owned());
    hear(&mut desk, News::Refused(SaveError::Changed { file: "shop.yaml".into(), seen, found }));
    assert!(desk.text().contains("The file has changed"), "{}", desk.text());
    desk.keys("<esc>");
    assert!(desk.text().contains("the file of shop was changed"), "{}", desk.text());
}

#[test]
fn a_text_that_the_editor_left_with_mistakes_is_gone_on_with() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    assert_eq!(desk.keys("C-o"), "editor shop with text");
    let end = |outcome| EditorEnd {
        site: "shop".to_owned(),
        earlier: vec!["/d/.shop-draft-0-b.yaml".into()],
        draft: "/d/.shop-draft-1-a.yaml".into(),
        outcome,
    };
    let problems = || parse_site("shop", "targets: { a: { hots: b } }").unwrap_err();
    desk.take(Msg::Edited(Box::new(end(Ok(Outcome::Mistakes(problems()))))));
    assert!(desk.model.log.lines.iter().any(|line| line.text.contains("an earlier draft of shop is in")));
    assert_eq!(form::of(&desk.model).unwrap().text("note"), "hm", "the form has its own text still");
    assert_eq!(desk.keys("C-o"), "editor shop", "the draft, which has more than the form");
    desk.take(Msg::Edited(Box::new(end(Ok(Outcome::Mistakes(problems()))))));
    typed(&mut desk, "!");
    assert_eq!(desk.keys("C-o"), "editor shop with text", "what was typed since is not in the draft");
    desk.take(Msg::Edited(Box::new(end(Ok(Outcome::Untouched)))));
    assert_eq!(desk.keys("C-o"), "editor shop with text", "there is no draft any more");
    on_disk(&mut desk, Some(&theirs()));
    assert_eq!(desk.keys("C-o"), "", "first it is decided what becomes of their change");
    assert!(desk.text().contains("[ Put mine on top ]"), "{}", desk.text());
}

/// The catalog's cursor on the site itself.
fn on_the_site(keys: &str) -> Desk {
    let targets = parse_site("shop", SHOP).unwrap().targets;
    let mut desk = Desk::with(targets, Vec::new(), (100, 30), GlyphSet::Unicode);
    assert_eq!(desk.keys(&format!("2 g {keys}")), "open shop");
    hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    desk
}

#[test]
fn a_site_is_renamed_and_copied_by_its_name() {
    let mut desk = on_the_site("e");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().key, "via");
    go(&mut desk, "site");
    assert_eq!(typed(&mut desk, "2"), "", "no other file is read");
    go(&mut desk, "viewer");
    typed(&mut desk, "none");
    assert_eq!(desk.keys("C-s"), "save shop renamed to shop2: viewer=\"none\"");

    let mut desk = on_the_site("c");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().key, "site");
    assert!(
        desk.text().contains("copy of site shop") && desk.text().contains("shop-copy"),
        "{}",
        desk.text()
    );
    assert_eq!(desk.keys("C-s"), "save shop copied to shop-copy: ");
    // What is refused leaves the form as it is.
    let taken = SaveError::Write("there is a site shop-copy already".to_owned());
    hear(&mut desk, News::Refused(taken));
    assert!(desk.text().contains("there is a site shop-copy already"), "{}", desk.text());
    desk.keys("C-u");
    typed(&mut desk, "shop");
    assert_eq!(desk.keys("C-s"), "", "its own name is no other one");
    assert!(desk.text().contains("there is a site shop already"), "{}", desk.text());
}

#[test]
fn a_site_is_deleted_with_all_its_targets_after_asking() {
    let mut desk = on_the_site("e");
    desk.keys("<esc> 2 g D");
    assert!(desk.text().contains("Delete the site shop with 3 targets?"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "", "the first button changes nothing");
    assert_eq!(desk.keys("D <right> <enter>"), "delete shop");
}

#[test]
fn the_viewer_and_where_it_is() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "viewer");
    desk.keys("<up>");
    let survey =
        Survey { wireshark: Some(("/usr/bin/wireshark".into(), "4.4.2".into())), ..Survey::default() };
    hear(&mut desk, News::Surveyed(Box::new(survey)));
    assert!(
        desk.text().contains("wireshark                     found /usr/bin/wireshark 4.4.2"),
        "{}",
        desk.text()
    );
    hear(&mut desk, News::Surveyed(Box::default()));
    assert!(desk.text().contains("not found on this machine"), "{}", desk.text());
}

#[test]
fn the_machine_is_looked_at_once() {
    let asked = |desk: &mut Desk| hear(desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    let targets = parse_site("shop", SHOP).unwrap().targets;
    let mut desk = Desk::with(targets, Vec::new(), (100, 30), GlyphSet::Unicode);
    desk.keys("e");
    assert!(asked(&mut desk).contains("survey"));
    hear(&mut desk, News::Surveyed(Box::default()));
    desk.keys("<esc> e");
    assert!(!asked(&mut desk).contains("survey"));
}

#[test]
fn options_that_ran_together_are_a_problem() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "ssh_options");
    assert!(desk.text().contains("`;` between them"), "{}", desk.text());
    typed(&mut desk, "ConnectTimeout=5 TCPKeepAlive=no");
    let told = "`;` separates options: TCPKeepAlive=no is in the value of ConnectTimeout";
    assert!(desk.text().contains(told), "{}", desk.text());
    for good in
        ["ConnectTimeout=5; TCPKeepAlive=no", "SetEnv A=b C=d", "ProxyCommand nc -x a=b", "Ciphers +a"]
    {
        desk.keys("C-u");
        typed(&mut desk, good);
        assert!(!desk.text().contains("separates options"), "{good}: {}", desk.text());
    }
}

#[test]
fn a_note_of_several_lines_outlives_its_target() {
    let mut desk = open((100, 30), "j j e");
    let note = |text: String| {
        parse_site("shop", &text)
            .unwrap()
            .targets
            .iter()
            .find(|t| t.name.target == "db-1")
            .unwrap()
            .note
            .clone()
    };
    let before = note(SHOP.to_owned());
    assert!(before.as_ref().unwrap().contains("two\nlines"), "{before:?}");
    go(&mut desk, "filter");
    typed(&mut desk, "9");
    let (rest, _) = SHOP.split_once("  db-1:").unwrap();
    hear(&mut desk, News::Opened("shop".to_owned(), Some(rest.to_owned())));
    desk.keys("C-r <right> <enter>");
    assert_eq!(
        note(saved(&mut desk)).map(|text| text.trim_end().to_owned()),
        before.map(|text| text.trim_end().to_owned())
    );
}

#[test]
fn the_editor_gets_the_file_that_is_there_and_another_name_waits() {
    let mut desk = open((100, 30), "k k k e");
    go(&mut desk, "site");
    typed(&mut desk, "2");
    assert_eq!(desk.keys("C-o"), "editor shop", "the file with its old name");
    go(&mut desk, "group");
    typed(&mut desk, "g");
    assert_eq!(desk.keys("C-o"), "editor shop with text");
    let after = Some(SHOP.replace("user: ops", "user: root, group: g"));
    let change =
        Change { what: "the edit of shop".to_owned(), file: "f".into(), before: None, after, with: None };
    let (site, draft) = ("shop".to_owned(), "/d/.shop-draft-1".into());
    let end = EditorEnd { site, earlier: Vec::new(), draft, outcome: Ok(Outcome::Saved(change)) };
    desk.take(Msg::Edited(Box::new(end)));
    let form = form::of(&desk.model).unwrap();
    assert_eq!((form.text("site"), form.text("user"), form.changes()), ("shop2", "root", 1));
    assert_eq!(desk.keys("C-s"), "save shop renamed to shop2: ");
    // Nothing is there yet of a copy.
    let mut desk = open((100, 30), "k k k c");
    assert_eq!(desk.keys("C-o"), "");
    let notice = desk.model.notice.clone().unwrap();
    assert_eq!(notice, "the copy has no file yet: Ctrl-s makes shop-copy, then E opens it");
}
