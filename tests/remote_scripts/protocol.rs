//! The minder below every login and script shell.

use std::{process::Command, time::Duration};

use wrcap::remote::{
    minder::{self, Message, Order},
    privilege::Way,
};

use crate::{
    SCRIPT_SHELLS, beat,
    channel::{Channel, nothing_left, number, processes, settings},
    open, shells,
};

/// Writes its first argument, then stays silent until it is ended; `number` makes it recognisable.
fn silent(number: u32, text: &str) -> [String; 5] {
    let script = format!("printf %s \"$1\"; exec sleep {}", number + 100_000);
    ["sh".into(), "-c".into(), script, "x".into(), text.into()]
}

#[test]
fn the_protocol_holds_below_every_login_and_script_shell() {
    let hostile = "'; touch /tmp/wrcap-was-here; $(touch /tmp/wrcap-was-here) `id` \\ \\n %s \"! *";
    let logins =
        shells(&["sh", "bash", "ksh93", "csh", "tcsh", "fish"]).into_iter().map(|login| (login, "sh"));
    for (login, sh) in logins.chain(shells(SCRIPT_SHELLS).into_iter().map(|sh| ("sh", sh))) {
        let number = number();
        let args = silent(number, hostile);
        let settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
        let mut channel = open(&settings, login, sh);
        let whole = |c: &Channel| c.stream(&settings.tag).filter(|s| s.len() >= hostile.len());
        let stream = channel.until(&format!("stream ({login}, {sh})"), whole);
        assert_eq!(String::from_utf8(stream).unwrap(), hostile, "{login} {sh}");
        (1..4).for_each(|n| beat(&mut channel, n));
        channel.order(Order::Stop);
        assert!(channel.exit() > 128, "{login} {sh}");
        channel.gone();
        nothing_left(&(number + 100_000).to_string());
        nothing_left(&settings.tag.to_string());
    }
    assert!(!std::path::Path::new("/tmp/wrcap-was-here").exists());
}

#[test]
fn beats_say_how_the_interface_is_under_every_shell() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let script = format!("echo up; exec sleep {}", number + 100_000);
        for (interface, known) in
            [("lo", std::path::Path::new("/sys/class/net/lo/carrier_changes").exists()), ("none0", false)]
        {
            let settings =
                settings(number, Way::None, &["sh", "-c", &script, "x", "-i", interface, "-w", "-"]);
            let mut channel = open(&settings, "sh", sh);
            channel.order(Order::Beat(1));
            let wire = channel.message("beat", |message| match message {
                Message::Beat { wire, .. } => Some(*wire),
                _ => None,
            });
            assert_eq!(wire.is_some(), known, "{sh} {interface}: {wire:?}");
            channel.order(Order::Stop);
            channel.exit();
        }
    }
}

#[test]
fn a_capture_that_ends_by_itself_ends_everything_at_once() {
    for sh in shells(SCRIPT_SHELLS) {
        for _ in 0..5 {
            let number = number();
            let settings = settings(number, Way::None, &["sh", "-c", "exit 3"]);
            let mut channel = open(&settings, "sh", sh);
            assert_eq!(channel.exit(), 3, "{sh}");
            channel.gone();
            nothing_left(&settings.lease.as_secs().to_string());
        }
    }
}

#[test]
fn closing_stdin_and_silence_end_a_silent_capture() {
    for sh in shells(SCRIPT_SHELLS) {
        for lease in [false, true] {
            let number = number();
            let args = silent(number, "x");
            let mut settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
            if lease {
                settings.lease = Duration::from_secs(1);
            }
            let mut channel = open(&settings, "sh", sh);
            channel.until("stream", |c| c.stream(&settings.tag));
            if !lease {
                channel.close_stdin();
            }
            assert!(channel.exit() > 128, "{sh}");
            channel.gone();
            nothing_left(&(number + 100_000).to_string());
        }
    }
}

#[test]
fn a_client_that_vanishes_leaves_nothing() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let args = silent(number, "x");
        let settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
        let mut channel = open(&settings, "sh", sh);
        channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
        beat(&mut channel, 1);
        // Beats whose answers nobody takes any more must not be what ends the minder.
        (2..40).for_each(|n| channel.order(Order::Beat(n)));
        channel.vanish();
        nothing_left(&(number + 100_000).to_string());
        nothing_left(&settings.tag.to_string());
    }
}

#[test]
fn what_does_not_end_by_term_is_killed() {
    let number = number();
    let script = format!("trap 'echo asked' TERM; echo up; while :; do sleep 0.{}; done", number + 100_000);
    let settings = settings(number, Way::None, &["sh", "-c", &script]);
    let mut channel = open(&settings, "sh", "sh");
    channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
    channel.order(Order::Stop);
    assert_eq!(channel.exit(), 128 + 9, "by KILL");
    let said = channel.until("the answer to TERM", |c| c.stream(&settings.tag).filter(|s| s.len() > 3));
    assert_eq!(String::from_utf8_lossy(&said), "up\nasked\n", "TERM comes first, with time to obey it");
    nothing_left(&(number + 100_000).to_string());
}

#[test]
fn an_own_command_ends_with_all_its_parts() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let command = format!("echo up; sleep {0} | sleep {0}; sleep {0}", number + 100_000);
        let settings = settings(number, Way::Command, &["sh", "-c", &command]);
        let mut channel = open(&settings, "sh", sh);
        let two = format!("sleep {}", number + 100_000);
        channel.until("parts", |_| {
            (processes(&two).iter().filter(|line| line.starts_with("sleep")).count() >= 2).then_some(())
        });
        channel.order(Order::Stop);
        channel.exit();
        nothing_left(&(number + 100_000).to_string());
    }
}

#[test]
fn settings_that_are_cut_off_are_refused() {
    let settings = settings(number(), Way::None, &["true"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &minder::command(&settings.tag)]);
    let mut channel = Channel::open(shell);
    let bytes = settings.encode().unwrap();
    channel.send(&bytes[..bytes.len() - 3]);
    channel.close_stdin();
    assert_eq!(channel.exit(), 125);
}
