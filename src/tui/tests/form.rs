//! Profiles edited by keys: what is asked of the clerk, what the screen says.

use insta::assert_snapshot;

use super::{Desk, Msg};
use crate::{
    engine::{
        Question, QuestionId,
        check::Step,
        profiles::{Judge, News, Request, TRIAL, Verdict},
    },
    profile::{Edit, edit_site, parse_site},
    remote::prompt::{Prompt, PromptKind},
    session::{FailKind, Failure, Stage},
    tui::{form, glyphs::GlyphSet, overlay::Overlay},
};

pub(super) const SHOP: &str = "\
# the shop
via: [ec2-user@bastion.shop.example]
defaults: { user: ops, filter: tcp port 80, identity: ~/.ssh/shop.pem }
targets:
  web-1: { host: 10.0.1.11 }      # rack 4
  web-2: { host: 10.0.1.12, interface: eth0, privilege: sudo, stop_after: { packets: 10 } }
  db-1:
    host: 10.0.1.30
    filter: tcp port 5432
    note: |
      two
      lines
";

/// Requests in words.
pub(super) fn words(request: &Request) -> String {
    match request {
        Request::Open(site) => format!("open {site}"),
        Request::Save { site, edits, .. } => {
            format!("save {site}: {}", edits.iter().map(edit_words).collect::<Vec<_>>().join(", "))
        }
        Request::SaveAs { site: (site, to), edits, copy, .. } => {
            let how = if *copy { "copied" } else { "renamed" };
            format!(
                "save {site} {how} to {to}: {}",
                edits.iter().map(edit_words).collect::<Vec<_>>().join(", ")
            )
        }
        Request::Delete(doomed) => format!("delete {doomed}"),
        Request::Undo => "undo".to_owned(),
        Request::Remember(change) => format!("remember {}", change.what),
        Request::Filter { filter, over: None, .. } => format!("filter {filter}"),
        Request::Filter { filter, over: Some(id), .. } => format!("filter {filter} over {id}"),
        Request::Facts(target) => format!("facts {}", target.host),
        Request::Test(target) => format!("test {}", target.name),
        Request::EndTest => "end test".to_owned(),
        Request::Survey => "survey".to_owned(),
        Request::Hosts => "hosts".to_owned(),
        Request::Answer(id, _) => format!("answer {}", id.number),
    }
}

fn edit_words(edit: &Edit) -> String {
    match edit {
        Edit::Set { key, text, .. } => format!("{key}={text:?}"),
        Edit::Unset { key, .. } => format!("no {key}"),
        Edit::Add { name, host } => format!("add {name} {host}"),
        Edit::Clone { from, to } => format!("clone {from} {to}"),
        Edit::Rename { from, to } => format!("rename {from} {to}"),
        Edit::Remove { name } => format!("remove {name}"),
    }
}

pub(super) fn hear(desk: &mut Desk, news: News) -> String {
    super::words(&desk.take(Msg::Clerk(Box::new(news))))
}

/// A desk with the shop, and a form on what `keys` lead to.
pub(super) fn open(size: (u16, u16), keys: &str) -> Desk {
    opened(size, GlyphSet::Unicode, keys)
}

pub(super) fn opened(size: (u16, u16), glyphs: GlyphSet, keys: &str) -> Desk {
    let targets = parse_site("shop", SHOP).unwrap().targets;
    let mut desk = Desk::with(targets, Vec::new(), size, glyphs);
    assert_eq!(desk.keys(keys), "open shop");
    hear(&mut desk, News::Opened("shop".to_owned(), Some(SHOP.to_owned())));
    desk
}

/// Types a text.
pub(super) fn typed(desk: &mut Desk, text: &str) -> String {
    let keys: Vec<String> =
        text.chars().map(|c| if c == ' ' { "<space>".to_owned() } else { c.to_string() }).collect();
    desk.keys(&keys.join(" "))
}

/// Goes to the field with this label.
pub(super) fn go(desk: &mut Desk, key: &str) {
    for _ in 0..60 {
        if form::of(&desk.model).and_then(form::Form::row).is_some_and(|row| row.key == key) {
            return;
        }
        desk.keys("<tab>");
    }
    panic!("no field {key}");
}

/// Saves as the clerk would: what the file is then.
pub(super) fn saved(desk: &mut Desk) -> String {
    let effects = desk.take(Msg::Key(super::key_event("C-s")));
    let [crate::tui::msg::Effect::Clerk(Request::Save { site, edits, seen })] = effects.as_slice() else {
        panic!("{effects:?}\n{}", desk.text())
    };
    edit_site(site, seen.as_deref().unwrap_or_default(), edits).unwrap()
}

#[test]
fn a_changed_field_is_saved_and_nothing_else() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-s"), "");
    assert!(desk.model.notice.as_deref().unwrap().contains("nothing was changed"));
    go(&mut desk, "filter");
    assert_eq!(typed(&mut desk, "ic"), "filter i, filter ic");
    assert_eq!(saved(&mut desk), SHOP.replace("{ host: 10.0.1.11 }", "{ host: 10.0.1.11, filter: ic }"));
    assert_eq!(desk.keys("C-s"), "", "not twice");
    hear(&mut desk, News::Saved("the change of shop".to_owned()));
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.model.notice.as_deref(), Some("saved: the change of shop; z takes it back"));
    assert_eq!(desk.keys("z"), "undo");
}

#[test]
fn what_the_site_says_is_shown_and_can_be_taken_over() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "filter");
    assert!(desk.text().contains("tcp port 80"), "{}", desk.text());
    assert_eq!(desk.keys("<right>"), "filter tcp port 80");
    assert_eq!(typed(&mut desk, "!"), "filter tcp port 80!");
    assert_eq!(desk.keys("C-u"), "", "cleared: the site's again");
    assert!(!form::of(&desk.model).unwrap().is_dirty());
    typed(&mut desk, "\"\"");
    assert!(saved(&mut desk).contains("{ host: 10.0.1.11, filter: '' }"), "set to nothing");
}

#[test]
fn choices_turn_both_ways_and_what_holds_anyway_is_not_written() {
    let mut desk = open((100, 30), "j e");
    go(&mut desk, "privilege");
    assert_eq!(desk.keys("C-s"), "");
    desk.keys("<right>");
    assert_eq!(desk.keys("C-s"), "save shop: privilege=\"doas\"");
    let mut desk = open((100, 30), "e");
    go(&mut desk, "privilege");
    desk.keys("<left>");
    assert_eq!(form::of(&desk.model).unwrap().text("privilege"), "doas");
    desk.keys("<right>");
    assert!(!form::of(&desk.model).unwrap().is_dirty(), "auto is the default");
    go(&mut desk, "on_viewer_exit");
    desk.keys("<right> <right> <right>");
    assert!(!form::of(&desk.model).unwrap().is_dirty(), "around to not set");
}

#[test]
fn a_cleared_field_leaves_the_file() {
    let mut desk = open((100, 30), "j e");
    go(&mut desk, "stop_after.packets");
    desk.keys("C-u");
    go(&mut desk, "interface");
    desk.keys("C-w");
    assert_eq!(
        saved(&mut desk),
        SHOP.replace(", interface: eth0", "").replace(", stop_after: { packets: 10 }", "")
    );
}

#[test]
fn mistakes_are_told_below_their_field_and_saving_goes_to_the_first() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "snaplen");
    typed(&mut desk, "many");
    go(&mut desk, "port");
    typed(&mut desk, "0");
    go(&mut desk, "buffer");
    assert!(desk.text().contains("2 problems"), "{}", desk.text());
    assert_eq!(desk.keys("C-s"), "");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().key, "port");
    assert!(desk.text().contains("└ 0 is not within 1 to 65535"), "{}", desk.text());
    desk.keys("C-u");
    assert_eq!(desk.keys("C-s"), "");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().key, "snaplen");
    go(&mut desk, "ssh_options");
    typed(&mut desk, "BatchMode yes");
    assert!(desk.text().contains("ssh_options may not set BatchMode"), "{}", desk.text());
}

#[test]
fn bastions_are_a_list() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "via");
    desk.keys("C-g <esc>");
    assert!(!form::of(&desk.model).unwrap().is_dirty(), "the site's are not copied");
    desk.keys("C-g C-u <esc>");
    assert_eq!(desk.keys("C-s"), "save shop: via=\"\"", "none at all is a direct way");
    let mut desk = open((100, 30), "e");
    go(&mut desk, "via");
    desk.keys("C-g <enter>");
    typed(&mut desk, "b 2");
    desk.keys("<pgup> <esc>");
    assert_eq!(desk.keys("C-s"), "save shop: via=\"b 2, ec2-user@bastion.shop.example\"");
}

#[test]
fn leaving_asks_only_when_something_would_be_lost() {
    let mut desk = open((100, 30), "e");
    desk.keys("<esc>");
    assert!(desk.model.overlays.is_empty());
    let mut desk = open((100, 30), "e");
    typed(&mut desk, "x");
    desk.keys("<esc>");
    assert!(desk.text().contains("[ Keep editing ]"), "{}", desk.text());
    desk.keys("<enter>");
    assert!(form::of(&desk.model).unwrap().is_dirty());
    assert_eq!(desk.keys("<esc> <right> <right> <enter>"), "save shop: host=\"10.0.1.11x\"");
    desk.keys("<esc> <right> <enter>");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn ctrl_c_does_not_lose_what_was_typed_unless_it_is_pressed_twice() {
    let mut desk = open((100, 30), "e");
    desk.keys("x");
    assert_eq!(desk.keys("C-c"), "");
    assert!(desk.text().contains("[ Keep editing ]"), "{}", desk.text());
    assert_eq!(desk.keys("C-c"), "shutdown Keep");
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-c"), "shutdown Keep", "nothing is lost");
}

#[test]
fn a_filter_that_tcpdump_refuses_may_be_saved_the_second_time() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "filter");
    typed(&mut desk, "prot");
    hear(&mut desk, News::Filter("pro".to_owned(), Verdict::Bad(Judge::Here, "old news".to_owned())));
    assert!(!desk.text().contains("old news"));
    hear(&mut desk, News::Filter("prot".to_owned(), Verdict::Bad(Judge::Here, "syntax error".to_owned())));
    go(&mut desk, "note");
    assert!(desk.text().contains("1 problem") && desk.text().contains("└ syntax error"), "{}", desk.text());
    assert_eq!(desk.keys("C-s"), "");
    assert_eq!(form::of(&desk.model).unwrap().row().unwrap().key, "filter");
    assert_eq!(desk.keys("C-s"), "save shop: filter=\"prot\"");
}

#[test]
fn a_test_shows_its_steps_and_asks_over_the_form() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-t"), "test shop/web-1");
    let prompt = Prompt { kind: PromptKind::Unknown, text: "Code:".to_owned(), hop: "bastion".to_owned() };
    let id = QuestionId { session: TRIAL, number: 3 };
    hear(&mut desk, News::Asked(Question { id, hop: "bastion".to_owned(), prompt, attempt: 1, once: false }));
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Question { .. })));
    assert_eq!(desk.keys("1 2 <enter>"), "answer 3 \"12\"");
    let failure =
        Failure::new(Stage::Connect, Some("bastion"), FailKind::Refused, "bastion refuses the connection")
            .hint("is sshd running?");
    hear(
        &mut desk,
        News::Tested(vec![
            Step::new("path", Ok("ec2-user@bastion.shop.example > ops@10.0.1.11".to_owned())),
            Step {
                advice: Some("delivery: batched asks less of it".to_owned()),
                ..Step::new("privilege", Ok("sudo asks for a password".to_owned()))
            },
            Step::new("login", Err(failure)),
        ]),
    );
    assert_snapshot!("form_test", desk.text());
    assert_eq!(desk.keys("<esc>"), "end test");
    assert!(form::of(&desk.model).is_some_and(|form| form.layer.is_none()));
}

#[test]
fn questions_of_captures_wait_while_somebody_types() {
    let mut desk = open((100, 30), "e");
    desk.start(1, "shop/web-2");
    desk.ask(1, 1, "Password:", 1);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Form(_))));
    assert!(desk.text().contains("1 waits for an answer"), "{}", desk.text());
    desk.keys("<esc> p");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Question { .. })));
}
