//! A terminal whose size changes all the time, from 200x60 to 20x5, while captures run and boxes are open.

use crate::{
    desk::Pty,
    steps::{self, SECOND_BUTTON, captured, dashboard, wait_for},
};

const SIZES: [(u16, u16); 9] =
    [(200, 60), (140, 50), (100, 30), (80, 24), (60, 16), (40, 10), (30, 4), (25, 3), (20, 5)];
const WIDE: (u16, u16) = (200, 60);
const USUAL: (u16, u16) = (100, 30);

/// Down and up again through all sizes, some of them faster than anything can be drawn.
fn storm(pty: &mut Pty) {
    for round in 0..3 {
        let all = SIZES.iter().chain(SIZES.iter().rev());
        for (place, (columns, rows)) in all.enumerate() {
            pty.resize(*columns, *rows);
            if (place + round) % 3 == 0 {
                pty.catch_up();
            }
        }
    }
    // At the smallest size the user sees a sentence at most, and it is from this size.
    pty.resize(20, 5);
    pty.until("a small screen", |screen| {
        screen.lines().all(|line| line.trim_end().chars().count() <= 20).then_some(())
    });
    pty.resize(WIDE.0, WIDE.1);
    pty.resize(USUAL.0, USUAL.1);
}

/// What does not change by itself: the words, without the rows of what lives.
fn still(screen: &str) -> Vec<String> {
    let moving = |c: char| c.is_ascii_digit() || "▁▂▃▄▅▆▇█.".contains(c);
    let lines = screen.lines().filter(|line| !line.contains("b/s"));
    lines.map(|line| line.replace(moving, " ").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// After a storm the screen shows this again, and drawn anew it is the same: nothing was left over or left out.
fn survives(pty: &mut Pty, words: &[&str]) {
    // A line of the log, or a number with another unit, may come between the two pictures.
    let same = (0..3).any(|_| {
        storm(pty);
        for words in words {
            pty.shows(words);
        }
        pty.is_the_same_anew(still)
    });
    let text = pty.text();
    assert!(same, "it was not what it is when drawn anew:\n{text}");
    for corner in ["╭", "╮", "╰", "╯"] {
        assert!(text.matches(corner).count() <= 1, "more than one box:\n{text}");
    }
}

#[test]
fn captures_and_boxes_survive_a_storm_of_sizes() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    lab.run(&["set", "t2", "sudo=password"]);
    let mut pty = dashboard(&desk, &lab);
    pty.resize(USUAL.0, USUAL.1);
    // t1 captures, t2 asks: the box stays open through the storm, and so does what was typed.
    pty.press("2gj s");
    wait_for(&mut pty, 1, "live");
    pty.press("2Gs");
    pty.shows("needs the password of ec2-user for sudo");
    let password = lab.value("LAB_PASSWORD");
    let (first, rest) = password.split_at(6);
    pty.press(first);
    pty.shows("> ******");
    survives(&mut pty, &["needs the password of ec2-user for sudo", "> ******"]);
    pty.press(&format!("{rest}\r"));
    wait_for(&mut pty, 2, "live");
    for name in ["lab/t1", "lab/t2"] {
        pty.until(name, |screen| captured(screen, name));
    }
    survives(&mut pty, &["2 Profiles 2", "2 live", "q quit"]);

    // Whatever can lie over the lists, each with the keys that open and close it.
    for (keys, words, close) in [
        ("?", "type to search", "\x1b"),
        (":", "─ Command ─", "\x1b"),
        ("1g\r", "Where packets can be lost", "\x1b"),
        ("1gf", "Capture filter", "\x1b"),
        ("1gS", "Save lab/", "\x1b"),
        ("1gy", "─ Copy ─", "\x1b"),
        ("q", "[ Stop all, keep packets ]", "\r"),
        ("1gAx", "2 captures", "\r"),
        ("1A2gji", "Your own ssh comes in by", "\x1b"),
    ] {
        pty.press(keys);
        pty.shows(words);
        survives(&mut pty, &[words]);
        pty.press(close);
        pty.until("the lists", |screen| {
            (screen.contains("1 Sessions") && !screen.contains('╭')).then_some(())
        });
    }
    pty.press("2gje");
    pty.shows("edit lab/");
    steps::fill(&mut pty, "Note", "kept through it all");
    survives(&mut pty, &["edit lab/", "▌ Note", "kept through it all"]);
    pty.press("\x1b");
    pty.shows("Discard");
    pty.press(SECOND_BUTTON);
    wait_for(&mut pty, 2, "live");
    pty.quit();
    assert_eq!(pty.text().matches(": stopped: ").count(), 2, "{}", pty.text());
    desk.swept(&lab);
}
