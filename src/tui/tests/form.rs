//! Profiles edited by keys: what is asked of the clerk, what the screen says.

use insta::assert_snapshot;

use super::{Desk, Msg, screens::roles};
use crate::{
    engine::{
        Question, QuestionId,
        check::Step,
        profiles::{Facts, Judge, KeyFacts, News, Request, TRIAL, Verdict},
        store::{Change, Outcome, SaveError},
    },
    profile::{Edit, edit_site, parse_site},
    remote::prompt::{Prompt, PromptKind},
    session::{FailKind, Failure, Stage},
    tui::{form, glyphs::GlyphSet, msg::EditorEnd, overlay::Overlay},
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
        Request::Delete { site, target: Some(target) } => format!("delete {site}/{target}"),
        Request::Delete { site, target: None } => format!("delete {site}"),
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
    assert_eq!(desk.keys("<enter> <enter>"), "");
    typed(&mut desk, "jo@inner:22");
    assert_eq!(desk.keys("<esc>"), "");
    go(&mut desk, "user");
    desk.keys("C-u");
    let text = saved(&mut desk);
    assert!(text.contains("via: [ec2-user@bastion.shop.example, jo@inner:22]\n"), "{text}");
    assert!(text.contains("defaults: { filter: tcp port 80, identity: ~/.ssh/shop.pem }\n"), "{text}");
}

#[test]
fn bastions_are_a_list() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "via");
    desk.keys("<enter> <esc>");
    assert!(!form::of(&desk.model).unwrap().is_dirty(), "the site's are not copied");
    desk.keys("<enter> C-u <esc>");
    assert_eq!(desk.keys("C-s"), "save shop: via=\"\"", "none at all is a direct way");
    let mut desk = open((100, 30), "e");
    go(&mut desk, "via");
    desk.keys("<enter> <enter>");
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
    assert_eq!(desk.keys("C-c"), "shutdown");
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-c"), "shutdown", "nothing is lost");
}

#[test]
fn a_file_that_changed_is_shown_and_mine_goes_on_top_of_it() {
    let mut desk = open((100, 30), "e");
    go(&mut desk, "note");
    typed(&mut desk, "hm");
    desk.keys("C-s");
    let theirs = SHOP.replace("10.0.1.11 }", "10.0.1.99, snaplen: 96 }");
    let changed = SaveError::Changed {
        file: "shop.yaml".into(),
        seen: Some(SHOP.to_owned()),
        found: Some(theirs.clone()),
    };
    hear(&mut desk, News::Refused(changed));
    assert_snapshot!("form_changed", desk.text());
    desk.keys("<right> <enter>");
    assert_eq!(form::of(&desk.model).unwrap().text("host"), "10.0.1.99");
    assert_eq!(saved(&mut desk), theirs.replace("snaplen: 96 }", "snaplen: 96, note: hm }"));
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

#[test]
fn the_editor_gets_what_was_changed() {
    let mut desk = open((100, 30), "e");
    assert_eq!(desk.keys("C-o"), "editor shop");
    typed(&mut desk, "x");
    assert_eq!(desk.keys("C-o"), "editor shop with text");
    let end = |outcome| {
        Msg::Edited(Box::new(EditorEnd {
            site: "shop".to_owned(),
            earlier: Vec::new(),
            draft: "/d/.shop-draft-1".into(),
            outcome,
        }))
    };
    let problems = parse_site("shop", "targets: { a: { hots: b } }").unwrap_err();
    desk.take(end(Ok(Outcome::Mistakes(problems))));
    assert_eq!(
        desk.model.notice.as_deref(),
        Some(
            "shop was not changed: line 1:12: targets.a: the host is missing; Ctrl-o goes on with your text in /d/.shop-draft-1"
        )
    );
    let change = Change {
        what: "the change of shop".to_owned(),
        file: "f".into(),
        before: None,
        after: None,
        with: None,
    };
    let effects = desk.take(end(Ok(Outcome::Saved(change))));
    assert_eq!(super::words(&effects), "remember the change of shop");
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.keys("E"), "editor shop");
}

#[test]
fn deleting_asks_first() {
    let mut desk = open((100, 30), "e");
    desk.keys("<esc> D");
    assert_snapshot!("form_delete", desk.text());
    assert_eq!(desk.keys("<enter>"), "");
    assert_eq!(desk.keys("D <right> <enter>"), "delete shop/web-1");
}

#[test]
fn files_with_mistakes_are_for_the_editor() {
    let problems = vec!["/p/lab.yaml:3:5: targets.a.hots: unknown key".to_owned()];
    let mut desk = Desk::with(Vec::new(), problems, (80, 24), GlyphSet::Unicode);
    assert_eq!(desk.keys("e"), "");
    assert_eq!(desk.keys("E"), "editor lab");
    assert_eq!(desk.keys("n"), "open lab");
    hear(&mut desk, News::Opened("lab".to_owned(), Some("a: [".to_owned())));
    assert!(desk.model.overlays.is_empty());
    assert!(desk.model.notice.as_deref().unwrap().contains("E opens it"));
}

#[test]
fn a_list_that_is_read_anew_keeps_its_cursor_and_marks() {
    let mut desk = open((100, 30), "e");
    desk.keys("<esc> <space>");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), "targets: { x: { host: y } }").unwrap();
    std::fs::write(folder.path().join("shop.yaml"), SHOP).unwrap();
    let catalog = crate::engine::store::Catalog::load(folder.path()).unwrap();
    hear(&mut desk, News::Loaded(Box::new(catalog)));
    assert_eq!(desk.keys("e"), "open shop");
    let marked: Vec<_> = desk.model.catalog.chosen().iter().map(|target| target.name.to_string()).collect();
    assert_eq!(marked, ["shop/web-1"]);
    assert!(
        matches!(desk.model.overlays.last(), Some(Overlay::Opening(wanted)) if wanted.subject == form::Subject::Target("web-2".into()))
    );
}

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
    assert_eq!(desk.keys("e C-c C-c"), "open shop, shutdown");
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

fn facts() -> Facts {
    Facts {
        host: "10.0.1.30".to_owned(),
        hostname: "db.internal".to_owned(),
        user: "me".to_owned(),
        port: "22".to_owned(),
        proxy: Some("corp-jump".to_owned()),
        jump: None,
        identity: None,
        key: Some(KeyFacts::Found {
            algorithm: "ed25519".to_owned(),
            encrypted: true,
            in_agent: Some(false),
        }),
    }
}

/// A form in the middle of work.
fn busy(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = opened(size, glyphs, "j j e");
    hear(&mut desk, News::Facts(Box::new(facts())));
    hear(&mut desk, News::Filter("tcp port 5432".to_owned(), Verdict::Good(Judge::Here)));
    go(&mut desk, "host_key");
    desk.keys("<right>");
    go(&mut desk, "filter");
    typed(&mut desk, " and prot tcp");
    let filter = "tcp port 5432 and prot tcp".to_owned();
    hear(&mut desk, News::Filter(filter, Verdict::Bad(Judge::Here, "unknown port 'prot'".to_owned())));
    desk
}

const SIZES: [(u16, u16); 4] = [(100, 30), (80, 24), (60, 16), (40, 10)];

#[test]
fn screens() {
    for (width, height) in SIZES {
        let desk = busy((width, height), GlyphSet::Unicode);
        assert_snapshot!(format!("form_{width}x{height}"), desk.text());
        assert_snapshot!(format!("form_{width}x{height}_roles"), roles(&desk));
        let desk = busy((width, height), GlyphSet::Ascii);
        assert!(desk.text().is_ascii(), "{}", desk.text());
        assert_snapshot!(format!("form_{width}x{height}_ascii"), desk.text());
    }
    let mut desk = busy((100, 30), GlyphSet::Unicode);
    go(&mut desk, "name");
    assert_snapshot!("form_top", desk.text());
    desk.keys("<up> <up>");
    assert_snapshot!("form_end", desk.text());
    assert_snapshot!("form_site", open((100, 30), "k k k e").text());
    let mut desk = open((80, 24), "e");
    go(&mut desk, "via");
    desk.keys("<enter> <enter> x");
    assert_snapshot!("form_hops", desk.text());
    let mut desk = open((80, 24), "e x <esc>");
    assert_snapshot!("form_leave", desk.text());
    desk.keys("<esc>");
    let mut desk = open((80, 24), "n");
    desk.keys("C-s");
    assert_snapshot!("form_new", desk.text());
}

#[test]
fn every_size_draws_every_layer() {
    for width in (0..210).step_by(15) {
        for height in (0..40).step_by(3) {
            let mut desk = busy((100, 30), GlyphSet::Unicode);
            desk.take(Msg::Resize(width, height));
            for keys in ["C-t", "<esc> <esc>", "<esc> <up> <up> <pgdn> <pgup> <tab>"] {
                desk.keys(keys);
                desk.text();
            }
        }
    }
}

#[test]
fn privacy_covers_a_form_too() {
    let mut desk = open((100, 40), "e");
    let targets = parse_site("shop", SHOP).unwrap().targets;
    desk.model.desk.settings.veil = Some(crate::remote::veil::Veil::new(&targets, &[]));
    let hidden = |desk: &Desk| {
        let text = desk.text();
        for secret in ["10.0.1.", "bastion.shop", "ec2-user", "ops@"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    };
    for _ in 0..40 {
        hidden(&desk);
        desk.keys("<tab>");
    }
    go(&mut desk, "via");
    desk.keys("<enter> <left> <left>");
    hidden(&desk);
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

#[test]
fn what_is_read_anew_keeps_filter_order_and_cursor() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.keys("2 / w e b <enter> j");
    let before = desk.model.catalog.rows.len();
    let new = crate::tui::catalog::Catalog::new(super::targets(), Vec::new());
    desk.model.renew_catalog(new);
    assert_eq!(desk.model.catalog.rows.len(), before);
    assert!(!desk.text().contains("n new"), "n goes to the next match: {}", desk.text());
    desk.keys("<esc>");
    assert!(desk.text().contains("n new"), "{}", desk.text());
}
