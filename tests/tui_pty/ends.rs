//! The terminal is given back as it was, whatever ends the dashboard.

use crate::glass::Pty;

#[test]
fn quitting_with_a_live_capture_asks_and_gives_the_terminal_back() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.resize(40, 10);
    pty.press("1");
    pty.until("live  shop/web-1");
    pty.press("q");
    pty.until("[Stay] [Keep] [Delete]");
    pty.press("\x1b[C\r");
    pty.left("left: Quit");
}

#[test]
fn ctrl_z_beside_a_capture_is_a_shell_and_the_dashboard_comes_back() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("\x1a");
    pty.until("captures go on; leave this shell");
    pty.press("echo in-the-$((40+2))-shell\r");
    pty.until("in-the-42-shell");
    assert!(!pty.screen().alternate_screen(), "the shell is on the user's own screen");
    pty.press("exit\r");
    pty.until("1 Sessions 1");
    pty.press("q");
    pty.until("[ Stay ]");
    pty.press("\x1b[C\r");
    pty.left("left: Quit");
}

#[test]
fn a_signal_ends_it_while_a_shell_has_the_terminal() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("\x1a");
    pty.until("captures go on; leave this shell");
    pty.signal(rustix::process::Signal::TERM);
    pty.until("left: Signal [\"shop/web-1: stopped");
}

#[test]
fn signals_give_the_terminal_back() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = Pty::open();
        pty.press("s");
        pty.until("armed, 0 packets");
        pty.signal(signal);
        pty.left("left: Signal [\"shop/web-1: stopped");
    }
}

#[test]
fn a_panic_elsewhere_gives_the_terminal_back_and_its_message_can_be_read() {
    let mut pty = Pty::open();
    pty.press("s");
    pty.until("armed, 0 packets");
    pty.press("w");
    pty.until("the fake engine panics");
    pty.left("left: ");
}
