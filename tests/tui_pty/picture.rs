//! Sizes, colours and bells: what the terminal says and is told.

use crate::{ALL_COLOURS, glass::Pty};

/// crossterm's other reader (epoll) takes one of the two and keeps the key for the next one.
#[test]
fn keys_among_resizes_are_not_held_back() {
    let mut pty = Pty::open();
    for round in 0..100 {
        for rows in [30, 26, 24 + round % 2] {
            pty.resize(90, rows);
        }
        pty.press("?");
        pty.until("type to search");
        pty.press("\x1b");
        pty.until_gone("type to search");
    }
    pty.press("q");
    pty.left("left: Quit []");
}

/// What a program that was killed left on the alternate screen is not among what is drawn.
#[test]
fn the_first_frame_is_drawn_on_an_empty_screen() {
    let mut pty = Pty::begin::<&str>(&[]);
    pty.until_bytes(b"\x1b[2J");
    pty.until("q quit");
    pty.press("q");
    pty.left("left: Quit");
}

#[test]
fn the_colours_fit_the_background_that_the_terminal_tells() {
    let mut pty = Pty::begin(&[(ALL_COLOURS, "1")]);
    pty.until_bytes(b"\x1b]11;?\x1b\\");
    pty.press("\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?62;22c");
    pty.until_bytes(b"38;2;0;95;175");
    pty.press("q");
    pty.left("left: Quit");
}

#[test]
fn a_terminal_that_does_not_tell_its_background_is_not_waited_for_and_a_late_reply_is_no_key() {
    let mut pty = Pty::begin(&[(ALL_COLOURS, "1")]);
    pty.until_bytes(b"38;5;4");
    pty.until("Nothing running");
    // A 1 would go to the sessions, an s would start something.
    pty.press("\x1b]11;rgb:1111/ssss/1111\x1b\\");
    pty.press("?");
    pty.until("type to search: _");
    pty.press("\x1b");
    pty.until("Nothing running");
    pty.press("q");
    pty.left("left: Quit []");
}

#[test]
fn a_storm_of_resizes_ends_in_the_right_picture() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    for step in 0..200_u16 {
        pty.resize(20 + step * 7 % 120, 3 + step * 5 % 40);
    }
    pty.resize(25, 3);
    pty.until("25x3; q quits");
    // Ctrl-l works everywhere: when it has drawn, the keys before it have been read.
    pty.press("sxX\x0c");
    pty.until_bytes(b"\x1b[2J");
    pty.resize(100, 30);
    pty.until("1 Sessions 1");
    assert!(pty.text().contains("armed, 0 packets"), "too small a screen takes no keys");
    pty.press("\x03\x03");
    pty.left("left: Quit");
}

#[test]
fn a_terminal_that_shrank_and_grew_while_the_dashboard_slept_is_drawn_anew() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.signal(rustix::process::Signal::STOP);
    pty.resize(20, 5);
    pty.resize(100, 30);
    assert!(!pty.text().contains("q quit"), "a smaller screen keeps what fits");
    pty.signal(rustix::process::Signal::CONT);
    for words in ["needs you first", "2 Profiles 1", "q quit"] {
        pty.until(words);
    }
    pty.press("\x03\x03");
    pty.left("left: Quit");
}

#[test]
fn the_terminal_hears_a_bell_only_while_nobody_looks_and_a_copy_goes_to_it() {
    let mut pty = Pty::open();
    pty.press("y\r");
    pty.until_bytes(b"\x1b]52;c;c3NoIDEwLjAuMS4xMQ==\x1b\\");
    pty.until("ssh command sent to the terminal");
    pty.press("%");
    pty.until_bytes(b"\x1b[?1000h");
    pty.press("\x1b[O");
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("x");
    pty.until_bytes(b"\x07");
    pty.press("q");
    pty.left("left: Quit");
}
