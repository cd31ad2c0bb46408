//! Questions: their boxes, their queue, and what is done with answers.

use insta::assert_snapshot;

use super::{Desk, EventKind, Msg, Outcome, bad_day, question_id, screens::roles};
use crate::{
    engine::Answer,
    session::{FailKind, Failure, Stage},
    tui::{bindings::Context, glyphs::GlyphSet},
};

const PASSPHRASE: &str = "Enter passphrase for key '/home/me/.ssh/id_prod': ";
const KEY: &str = "SHA256:MNyMWJ40c9j1lCp6P3sEWD/Qi0o1WW0qy7ICS9Bv5CE";
const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (60, 16)];

pub(super) fn host_key() -> String {
    format!(
        "The authenticity of host 'jump-b (198.51.100.7)' can't be established.\nED25519 key fingerprint is {KEY}.\n\
         This key is not known by any other names.\nAre you sure you want to continue connecting \
         (yes/no/[fingerprint])? "
    )
}

fn paste(desk: &mut Desk, text: &str) {
    desk.take(Msg::Paste(zeroize::Zeroizing::new(text.to_owned())));
}

/// Two sessions on their way behind one bastion.
fn two() -> Desk {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.start(1, "core/mail-gw");
    desk.start(2, "core/dmz-fw");
    desk
}

#[test]
fn a_passphrase() {
    for (width, height) in SIZES {
        let mut desk = bad_day((width, height), GlyphSet::Unicode);
        desk.start(7, "core/mail-gw");
        desk.ask(7, 9, PASSPHRASE, 1);
        desk.keys("<esc> p s e c r e t C-k");
        assert_snapshot!(format!("passphrase_{width}x{height}"), desk.text());
    }
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("p s e c r e t");
    assert_snapshot!("passphrase_100x30_roles", roles(&desk));
    assert!(!desk.text().contains("secret"));
    desk.keys("C-v");
    assert!(desk.text().contains("> secret "), "{}", desk.text());
    desk.keys("C-v");
    assert!(!desk.text().contains("secret"));
}

#[test]
fn every_kind_has_its_words_and_an_unknown_one_its_own() {
    let mut desk = two();
    for (text, title, words) in [
        ("ops@mail01.prod's password: ", "Password", "needs the password of ops@mail01.prod"),
        ("(ops@mail01.prod) One-time code: ", "Answer to a server", "One-time code:"),
        ("Wie lautet das Losungswort?", "Question", "Wie lautet das Losungswort?"),
    ] {
        desk.ask(1, 4, text, 1);
        let screen = desk.text();
        assert!(screen.contains(title) && screen.contains(words), "{screen}");
        assert!(screen.contains("jump-b, hop 1 of 2"), "{screen}");
        assert!(screen.contains("attempt 1 of 3   the other session keeps running"), "{screen}");
        assert_eq!(screen.contains("Ctrl-k"), title == "Password", "a code serves once: {screen}");
        assert_eq!(desk.keys("<esc>"), "answer 4 Cancel");
    }
}

#[test]
fn one_answer_serves_all_who_wait_for_the_same_and_those_who_come_later() {
    let mut desk = two();
    desk.ask(1, 1, PASSPHRASE, 1);
    desk.ask(2, 2, PASSPHRASE, 1);
    desk.ask(2, 3, "(ops@192.0.2.7) Code: ", 1);
    assert_eq!(desk.keys("a b C-k <enter>"), "answer 2 \"ab\", answer 1 \"ab\"");
    assert_eq!(desk.model.questions.len(), 1);
    assert_eq!(desk.keys("7 <enter>"), "answer 3 \"7\"");
    desk.start(3, "core/router");
    let effects = desk.ask(3, 4, PASSPHRASE, 1);
    assert_eq!(super::words(&effects), "answer 4 \"ab\"");
    assert!(matches!(&effects[0], super::Effect::Answer(_, Answer::Typed(secret)) if secret.may_be_reused()));
    assert!(desk.model.questions.is_empty() && desk.model.overlays.is_empty());
    // It was wrong there: it is asked for, and not given again.
    assert_eq!(super::words(&desk.ask(3, 5, PASSPHRASE, 2)), "");
    assert!(desk.text().contains("attempt 2 of 3"), "{}", desk.text());
    desk.keys("<esc>");
    assert_eq!(super::words(&desk.ask(1, 6, PASSPHRASE, 1)), "");
    assert_eq!(desk.model.questions.len(), 1);
}

#[test]
fn without_the_tick_everyone_asks() {
    let mut desk = two();
    desk.ask(1, 1, PASSPHRASE, 1);
    desk.ask(2, 2, PASSPHRASE, 1);
    assert_eq!(desk.keys("a <enter>"), "answer 1 \"a\"");
    assert_eq!(desk.keys("b C-k C-k <enter>"), "answer 2 \"b\"");
    assert_eq!(super::words(&desk.ask(1, 3, PASSPHRASE, 1)), "");
}

#[test]
fn kept_secrets_are_in_no_dump() {
    let mut desk = two();
    desk.ask(1, 1, PASSPHRASE, 1);
    desk.keys("h u n t e r 2");
    assert!(!format!("{:?}", desk.model).contains("hunter2"));
    desk.keys("C-k <enter>");
    assert!(!format!("{:?}", desk.model).contains("hunter2"));
}

#[test]
fn tab_is_offered_only_where_another_question_waits() {
    let mut desk = two();
    desk.ask(1, 1, PASSPHRASE, 1);
    assert!(!desk.text().contains("Tab next"), "{}", desk.text());
    desk.keys("a b <tab>");
    assert_eq!(desk.model.notice.as_deref(), Some("Tab: no other question waits"));
    assert_eq!(desk.keys("c <enter>"), "answer 1 \"abc\"", "what was typed stays");
    desk.ask(1, 2, PASSPHRASE, 1);
    desk.ask(2, 3, "(ops@192.0.2.7) Code: ", 1);
    assert!(desk.text().contains("Tab next"), "{}", desk.text());
}

#[test]
fn tab_turns_the_queue_and_takes_nothing_along() {
    let mut desk = two();
    desk.ask(1, 1, PASSPHRASE, 1);
    desk.ask(2, 2, "(ops@192.0.2.7) Code: ", 1);
    desk.keys("a b <tab>");
    assert!(desk.text().contains("core/dmz-fw: the server asks"), "{}", desk.text());
    assert_eq!(desk.keys("7 <enter>"), "answer 2 \"7\"");
    assert_eq!(desk.keys("<enter>"), "answer 1 \"\"", "what was typed before is gone");
}

#[test]
fn an_unknown_host_key() {
    for (width, height) in SIZES {
        let mut desk = bad_day((width, height), GlyphSet::Unicode);
        desk.keys("p <esc>");
        desk.ask(6, 2, &host_key(), 1);
        assert_eq!(desk.model.context(), Context::HostKey);
        assert_snapshot!(format!("host_key_{width}x{height}"), desk.text());
    }
    let mut desk = two();
    desk.ask(1, 2, &host_key(), 1);
    paste(&mut desk, "SHA256:t3vG2OYyVNiQNunuyboosATuYNEXdnxdXiQ2okyTrxc");
    assert_snapshot!("host_key_different_100x30", desk.text());
    let mut desk = Desk::new((80, 24), GlyphSet::Ascii);
    desk.start(1, "core/mail-gw");
    desk.ask(1, 2, &host_key(), 1);
    assert!(desk.text().is_ascii(), "{}", desk.text());
}

#[test]
fn a_host_key_is_refused_unless_another_button_is_chosen() {
    let mut desk = two();
    for (keys, expected) in [
        ("<enter>", "answer 1 Cancel"),
        ("<esc>", "answer 1 Cancel"),
        ("y e s <enter>", "answer 1 Cancel"),
        ("<right> <enter>", "answer 1 Accept"),
        ("<right> <tab> <enter>", "answer 1 AcceptOnce"),
        ("<right> <right> <right> <enter>", "answer 1 Cancel"),
        ("C-y", "copy SHA256:MNyMWJ40c9j1lCp6P3sEWD/Qi0o1WW0qy7ICS9Bv5CE"),
    ] {
        desk.ask(1, 1, &host_key(), 1);
        assert_eq!(desk.keys(keys), expected, "{keys}");
    }
}

#[test]
fn a_key_that_is_not_the_pasted_one_cannot_be_accepted() {
    let mut desk = two();
    desk.ask(1, 1, &host_key(), 1);
    desk.keys("<right>");
    paste(&mut desk, "256 SHA256:t3vG2OYyVNiQNunuyboosATuYNEXdnxdXiQ2okyTrxc root@b (ED25519)\n");
    assert!(desk.text().contains("DIFFERENT") && !desk.text().contains("Trust"), "{}", desk.text());
    assert_eq!(desk.keys("<right> <enter>"), "answer 1 Cancel");
    desk.ask(1, 2, &host_key(), 1);
    paste(&mut desk, KEY);
    assert!(desk.text().contains("the same"), "{}", desk.text());
    assert_eq!(desk.keys("<right> <enter>"), "answer 2 Accept");
}

fn changed() -> Outcome {
    let failure = Failure::new(
        Stage::Connect,
        Some("jump-b"),
        FailKind::HostKeyChanged,
        format!("the host key of jump-b has changed, it is now {KEY}"),
    );
    Outcome::Failed(failure.hint(
        "the known key SHA256:t3vG2OYyVNiQNunuyboosATuYNEXdnxdXiQ2okyTrxc is at /home/me/.ssh/known_hosts:41; if the change is expected: ssh-keygen -f \
         '/home/me/.ssh/known_hosts' -R '198.51.100.7'",
    ))
}

#[test]
fn a_changed_host_key_is_a_box_with_the_way_on() {
    for (width, height) in SIZES {
        let mut desk = Desk::new((width, height), GlyphSet::Unicode);
        desk.start(1, "core/mail-gw");
        desk.end(1, changed());
        assert_snapshot!(format!("changed_key_{width}x{height}"), desk.text());
    }
    let mut desk = two();
    desk.end(1, changed());
    assert_eq!(desk.keys("y"), "copy ssh-keygen -f '/home/me/.ssh/known_hosts' -R '198.51.100.7'");
    desk.keys("l");
    assert_eq!(desk.model.context(), Context::Detail);
    assert!(desk.text().contains("the host key of jump-b has changed"), "{}", desk.text());
}

#[test]
fn a_changed_key_never_takes_the_keys_from_a_box() {
    let mut desk = two();
    desk.ask(2, 1, PASSPHRASE, 1);
    desk.keys("a");
    desk.end(1, changed());
    assert_eq!(desk.keys("<enter>"), "answer 1 \"a\"");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_security_key_is_touched_and_its_box_closes_itself() {
    let mut desk = two();
    let prompt =
        crate::remote::prompt::Prompt::classify("jump-b", "none", "Confirm user presence for key ED25519-SK");
    let question =
        super::Question { id: question_id(3), hop: "jump-b".to_owned(), prompt, attempt: 1, once: false };
    desk.hear(1, EventKind::Asked(question));
    assert!(desk.text().contains("Touch your security key now"), "{}", desk.text());
    assert_eq!(desk.keys("a <enter>"), "");
    desk.hear(1, EventKind::Withdrawn(question_id(3)));
    assert!(desk.model.overlays.is_empty());
    assert!(desk.model.notice.as_deref().is_some_and(|notice| notice.contains("no longer needed")));
}
