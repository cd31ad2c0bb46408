//! Filters, orders, marks and ranges.

use std::time::Duration;

use super::{Desk, EventKind, Msg, Outcome, StoppedBy, bad_day, failure};
use crate::tui::{glyphs::GlyphSet, model::Pane, remembered::Remembered};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

/// The names in a pane, from the top.
fn names(desk: &Desk, pane: Pane) -> Vec<String> {
    let text = desk.text();
    let titles = ["1 Sessions", "2 Profiles", "3 Log"];
    let from = titles[match pane {
        Pane::Sessions => 0,
        Pane::Profiles => 1,
        Pane::Log => 2,
    }];
    let lines = text.lines().skip_while(|line| !line.contains(from)).skip(2);
    lines
        .take_while(|line| !titles.iter().any(|title| line.contains(title)))
        .filter_map(|line| {
            line.get(0..)?.split_whitespace().find(|word| word.contains(['/', '-']) || *word == "router")
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_filter_shows_what_it_leaves_while_it_is_typed() {
    let mut desk = desk();
    desk.keys("/ w e");
    assert!(desk.text().contains("/we_  2 of 6"), "{}", desk.text());
    assert_eq!(names(&desk, Pane::Profiles), ["web-1", "web-2"]);
    desk.keys("b 2 <enter>");
    assert!(desk.text().contains("/web2  1 of 6"), "{}", desk.text());
    assert_eq!(desk.keys("s"), "start shop/web-2", "the cursor is on the first target, not on its site");
    desk.keys("<esc>");
    assert_eq!(names(&desk, Pane::Profiles).len(), 6);
    assert!(!desk.text().contains("of 6"), "{}", desk.text());
}

#[test]
fn keys_are_text_while_a_filter_is_typed_and_esc_clears_it() {
    let mut desk = desk();
    assert_eq!(desk.keys("/ q s x D"), "");
    assert!(desk.text().contains("Nothing matches /qsxD. Esc clears the filter."), "{}", desk.text());
    desk.keys("<esc>");
    assert_eq!(names(&desk, Pane::Profiles).len(), 6);
    assert!(desk.model.overlays.is_empty());
    desk.keys("/");
    desk.take(Msg::Paste(zeroize::Zeroizing::new("dmz\nrm".to_owned())));
    assert_eq!(names(&desk, Pane::Profiles), ["dmz-fw"]);
    desk.keys("C-u");
    assert_eq!(names(&desk, Pane::Profiles).len(), 6);
}

#[test]
fn a_site_row_stands_for_its_shown_targets() {
    let mut desk = desk();
    desk.keys("/ w e b <enter> g");
    assert_eq!(desk.keys("s"), "start shop/web-1, start shop/web-2");
}

#[test]
fn nothing_happens_to_marks_that_a_filter_hides() {
    let mut desk = desk();
    desk.keys("A / w e b <enter>");
    assert!(desk.text().contains("mark (2)"), "{}", desk.text());
    assert_eq!(desk.keys("s"), "start shop/web-1, start shop/web-2");
    desk.keys("<esc> g G <space> / w e b <enter>");
    assert_eq!(desk.model.catalog.marked.len(), 1);
    assert_eq!(desk.keys("N <esc>"), "");
    let mut desk = self::desk();
    desk.keys("<space> / d b <enter>");
    assert_eq!(desk.keys("s"), "start shop/db-1", "the hidden mark is not acted on");
}

#[test]
fn filters_are_remembered() {
    let mut desk = desk();
    desk.keys("/ w e b <enter> <esc> / d b <enter> <esc>");
    desk.keys("/ <up> <up>");
    assert!(desk.text().contains("/web_"), "{}", desk.text());
    desk.keys("<down>");
    assert!(desk.text().contains("/db_"), "{}", desk.text());
    desk.keys("<down>");
    assert!(desk.text().contains("/_"), "{}", desk.text());
    desk.keys("<up> <enter>");
    assert_eq!(names(&desk, Pane::Profiles), ["db-1"]);
}

#[test]
fn n_goes_to_the_next_target_that_a_filter_shows_and_around() {
    let mut desk = desk();
    desk.keys("/ p o r t <enter>");
    let at = |desk: &Desk| desk.model.catalog.chosen()[0].name.to_string();
    assert_eq!(at(&desk), "shop/web-1");
    desk.keys("n n n");
    assert_eq!(at(&desk), "core/router", "over the site's row");
    desk.keys("n n");
    assert_eq!(at(&desk), "shop/web-1", "around");
    desk.keys("N");
    assert_eq!(at(&desk), "core/mail-gw");
}

#[test]
fn profiles_are_filtered_by_the_state_of_their_sessions() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.keys("/ s t a t e : l i v e <enter>");
    assert_eq!(names(&desk, Pane::Profiles), ["web-1"]);
    desk.live(2, "core/router", "eth0");
    assert_eq!(names(&desk, Pane::Profiles), ["web-1", "router"]);
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    assert_eq!(names(&desk, Pane::Profiles), ["router"]);
}

#[test]
fn sessions_and_log_lines_are_filtered_too() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 / s t a t e : f a i l <enter>");
    assert_eq!(names(&desk, Pane::Sessions)[0], "core/mail-gw");
    assert!(desk.text().contains("/state:fail  1 of 6"), "{}", desk.text());
    assert_eq!(desk.model.sessions.cursor.map(|id| id.0), Some(4), "the cursor goes to what is shown");
    assert_eq!(desk.keys("D"), "dismiss 4");
    assert_eq!(desk.model.sessions.cursor, None);
    assert_eq!(desk.keys("x w D"), "", "nothing is under the cursor");
    desk.keys("<esc> 3 / v i e w e r <enter>");
    assert!(desk.text().contains("/viewer  0 of"), "{}", desk.text());
    desk.keys("<esc> / m a i l - g w <enter>");
    assert!(desk.text().contains("sudo wants a password"), "{}", desk.text());
}

#[test]
fn sessions_are_sorted_by_column_both_ways() {
    let mut desk = desk();
    for (id, name, bytes) in [(1, "shop/web-2", 1000), (2, "shop/db-1", 900_000), (3, "core/router", 50_000)]
    {
        desk.live(id, name, "eth0");
        desk.flow(id, 2, bytes);
    }
    let order = |desk: &Desk| desk.model.sessions.in_order().iter().map(|id| id.0).collect::<Vec<_>>();
    desk.keys("1");
    assert_eq!(order(&desk), [1, 2, 3], "by need all are equal");
    desk.keys("o");
    assert_eq!(order(&desk), [3, 2, 1], "by name");
    assert!(desk.text().contains("PROFILE▾") && desk.text().contains("by profile"), "{}", desk.text());
    desk.keys("O");
    assert_eq!(order(&desk), [1, 2, 3]);
    assert!(desk.text().contains("PROFILE▴"), "{}", desk.text());
    desk.keys("o o o o");
    assert!(desk.text().contains("▾CAPTURED") && desk.text().contains("by captured"), "{}", desk.text());
    assert_eq!(order(&desk), [2, 3, 1], "most first");
    desk.end(1, failure("no", "do"));
    assert_eq!(order(&desk), [2, 3, 1], "need is not asked for");
}

#[test]
fn the_targets_of_a_site_are_sorted() {
    let mut desk = desk();
    desk.keys("o");
    assert_eq!(names(&desk, Pane::Profiles), ["db-1", "web-1", "web-2", "dmz-fw", "mail-gw", "router"]);
    desk.keys("O");
    assert_eq!(names(&desk, Pane::Profiles), ["web-2", "web-1", "db-1", "router", "mail-gw", "dmz-fw"]);
    assert_eq!(desk.keys("g g s"), "start shop/web-1, start shop/web-2, start shop/db-1");
}

#[test]
fn v_marks_from_there_to_the_cursor() {
    let mut desk = desk();
    desk.keys("v j j");
    assert_eq!(desk.model.catalog.marked.iter().copied().collect::<Vec<_>>(), [0, 1, 2]);
    desk.keys("k");
    assert_eq!(desk.model.catalog.marked.iter().copied().collect::<Vec<_>>(), [0, 1], "it shrinks again");
    desk.keys("v j");
    assert_eq!(desk.model.catalog.marked.len(), 2, "the range has ended");
    assert_eq!(desk.keys("s"), "start shop/web-1, start shop/web-2");
    desk.keys("v j <esc> k");
    assert!(desk.model.catalog.marked.is_empty(), "Esc ends the range and clears its marks");
}

#[test]
fn ranges_of_sessions_follow_the_order_of_the_screen() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 <esc> g v j j");
    let marked = desk.model.sessions.marked.iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(marked, [2, 4, 6], "asking, failed, late");
}

#[test]
fn esc_takes_the_filter_first_and_then_the_marks() {
    let mut desk = desk();
    desk.keys("<space> / w e b <enter> <esc>");
    assert_eq!(desk.model.catalog.marked.len(), 1);
    desk.keys("<esc>");
    assert!(desk.model.catalog.marked.is_empty());
}

#[test]
fn a_filter_without_a_title_to_stand_in_is_in_the_last_row() {
    let mut desk = bad_day((60, 16), GlyphSet::Unicode);
    desk.keys("1 / l i v e");
    let text = desk.text();
    assert!(text.lines().last().unwrap().contains("/live_  2 of 6"), "{text}");
    desk.take(Msg::Resize(40, 10));
    assert!(desk.text().contains("/live_"), "{}", desk.text());
}

#[test]
fn plus_gives_the_pane_the_whole_screen_and_esc_takes_it_back_last() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 + <esc>");
    let text = desk.text();
    assert!(text.contains("1 Sessions") && !text.contains("2 Profiles") && !text.contains("3 Log"), "{text}");
    desk.keys("<tab>");
    assert!(desk.text().contains("2 Profiles") && !desk.text().contains("1 Sessions"), "{}", desk.text());
    desk.keys("<tab>");
    assert!(desk.text().contains("sudo -n tcpdump -U -n -i ge-0/0/1"), "{}", desk.text());
    desk.keys("<esc>");
    assert!(desk.text().contains("2 Profiles") && desk.text().contains("1 Sessions"), "{}", desk.text());
}

#[test]
fn l_shows_all_that_was_said_about_a_session() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 <esc> g l");
    let text = desk.text();
    assert!(text.contains("waiting for you") && !text.contains("sudo -n tcpdump"), "{text}");
    desk.keys("l <esc>");
    assert!(desk.text().contains("1 Sessions"), "{}", desk.text());
}

/// The cells under LAST USED in the row of a target.
fn last_used(desk: &Desk, target: &str) -> String {
    let text = desk.text();
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains("2 Profiles")).collect();
    let at = lines[1].chars().collect::<String>().find("LAST USED").expect("a column");
    let row = lines.iter().find(|line| line.contains(target)).expect("a row");
    row.chars().skip(at).take(9).collect::<String>().trim().to_owned()
}

#[test]
fn profiles_tell_when_they_were_used_last() {
    let mut desk = desk();
    assert_eq!(last_used(&desk, "web-1"), "never");
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/db-1", "eth0");
    assert_eq!(last_used(&desk, "web-1"), "now");
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk.pass(Duration::from_secs(150));
    assert_eq!((last_used(&desk, "web-1"), last_used(&desk, "db-1")), ("2 min".into(), "now".into()));
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    let told = last_used(&desk, "web-1");
    assert!(told.contains(':') && told.len() == 5, "nothing ages any more, so no age is shown: {told}");
}

#[test]
fn last_uses_are_kept_between_runs_and_can_be_sorted_by() {
    let mut desk = desk();
    desk.live(1, "shop/web-2", "eth0");
    desk.pass(Duration::from_secs(60));
    desk.live(2, "core/mail-gw", "eth0");
    let kept = Remembered::of(&desk.model);
    let text = serde_json::to_string(&kept).unwrap();
    let mut later = self::desk();
    serde_json::from_str::<Remembered>(&text).unwrap().restore(&mut later.model);
    assert_ne!(last_used(&later, "web-2"), "never");
    assert_eq!(last_used(&later, "web-1"), "never");
    later.keys("o o o o o");
    assert!(later.text().contains("by last used"), "{}", later.text());
    assert!(later.text().contains("LAST USED▾"), "{}", later.text());
    let order = names(&later, Pane::Profiles);
    assert_eq!(order, ["web-2", "web-1", "db-1", "mail-gw", "router", "dmz-fw"], "within each site");
    later.keys("O");
    assert_eq!(names(&later, Pane::Profiles)[2], "web-2", "the other way round");
}

#[test]
fn narrow_screens_do_without_the_last_use() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    desk.keys("o o o o o");
    let text = desk.text();
    assert!(text.contains("FILTER") && !text.contains("LAST USED"), "{text}");
    let head = text.lines().find(|line| line.contains("FILTER")).unwrap();
    assert!(!head.contains('▾'), "no sign without its column: {head}");
}

#[test]
fn the_log_keeps_the_reason_at_the_end_of_a_long_line() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    let text = "the connection to bastion.shop.example was lost: Timeout, server 10.0.0.1 not responding";
    desk.hear(1, EventKind::Warning { text: text.to_owned() });
    let screen = desk.text();
    let line = screen.lines().find(|line| line.contains("  the connection")).unwrap();
    assert!(line.contains('…') && line.contains("server 10.0.0.1 not responding"), "{line}");
    let command =
        "ssh -E /run/wrcap/s1/h1.log -F /run/wrcap/s1/h1.conf -M -N -T -S /run/wrcap/s1/c -- 10.20.0.1";
    desk.hear(1, EventKind::Dialing { command_line: command.to_owned() });
    assert!(
        desk.text().contains("  ssh -E /run/wrcap/s1/h1.log -F"),
        "a command begins with what it is: {}",
        desk.text()
    );
}

#[test]
fn empty_lists_say_what_to_do_and_it_is_true() {
    let mut desk = desk();
    assert!(
        desk.text().contains("Nothing running. s starts the profile under the cursor."),
        "{}",
        desk.text()
    );
    assert_eq!(desk.keys("1 s"), "start shop/web-1", "also from the empty list itself");
    let mut desk = self::desk();
    desk.keys("2 <space> 1");
    assert!(desk.text().contains("Nothing running. s starts what is marked."), "{}", desk.text());
    assert_eq!(desk.keys("s"), "start shop/web-1");
    let mut desk = self::desk();
    desk.keys("3 / z z z <enter>");
    assert!(
        desk.text().contains("Nothing running. 2 goes to the profiles, s starts one."),
        "{}",
        desk.text()
    );
    desk.hear(7, EventKind::Warning { text: "something".to_owned() });
    assert!(desk.text().contains("Nothing matches /zzz. Esc clears the filter."), "{}", desk.text());
    desk.keys("2");
    assert!(desk.text().contains("Nothing matches /zzz. 3 and Esc clear the filter."), "{}", desk.text());
    desk.keys("3 <esc>");
    assert!(desk.text().contains("something"), "{}", desk.text());
}

#[test]
fn a_row_without_packets_says_so_and_doubts_the_interface_after_a_while() {
    for (width, early, late) in [
        (100, "armed, 0 packets in 0:12, filter: not", "0 packets in 0:32; right interface? i"),
        (80, "armed, 0 packets in 0:12", "0 in 0:32; interface? i"),
        (60, "0 packets in 0:12", "0 packets in 0:32"),
    ] {
        let mut desk = Desk::new((width, 24), GlyphSet::Unicode);
        desk.live(1, "core/router", "ge-0/0/1");
        desk.pass(Duration::from_secs(12));
        assert!(desk.text().contains(early), "{width}: {}", desk.text());
        desk.pass(Duration::from_secs(20));
        assert!(desk.text().contains(late), "{width}: {}", desk.text());
        desk.flow(1, 1, 60_000);
        assert!(!desk.text().contains("0 packets in"), "{}", desk.text());
    }
}
