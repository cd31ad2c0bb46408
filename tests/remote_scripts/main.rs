//! The scripts that go to a target, run for real: under every shell of this machine, and with sudo, doas and
//! tcpdump in a namespace of their own.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod channel;
mod protocol;
mod questions;
mod root;
mod sweep;

use std::{process::Command, time::Duration};

use channel::{Channel, installed};
use wrcap::remote::{
    minder::{self, Message, Order, Settings},
    privilege::Way,
};
use zeroize::Zeroizing;

/// Login shells and script shells that exist here.
fn shells(all: &[&'static str]) -> Vec<&'static str> {
    all.iter().copied().filter(|shell| installed(shell.split(' ').next().unwrap())).collect()
}

/// Opens the minder below a login shell, with `sh` replaced by another script shell.
fn open(settings: &Settings, login: &str, sh: &str) -> Channel {
    let command = minder::command(&settings.tag).replacen("exec sh ", &format!("exec {sh} "), 1);
    let mut shell = Command::new(login);
    shell.args(["-c", &command]);
    let mut channel = Channel::open(shell);
    channel.send(&settings.encode().unwrap());
    channel
}

fn beat(channel: &mut Channel, n: u64) {
    channel.order(Order::Beat(n));
    let at = channel.message("beat", |message| match message {
        Message::Beat { n: got, at, .. } if *got == n => Some(*at),
        _ => None,
    });
    assert!(at.unwrap() > Duration::from_secs(1_700_000_000));
}

const SCRIPT_SHELLS: &[&str] = &["sh", "dash", "bash", "bash --posix", "busybox ash", "ksh93"];

/// Who comes to root how: the user's kind in `world.sh` and the way that must be chosen.
const WAYS: &[(&str, Way)] = &[
    ("root", Way::None),
    ("caps", Way::None),
    ("sudo", Way::Sudo),
    ("dump", Way::Sudo),
    ("password", Way::SudoPassword),
    ("requiretty", Way::SudoTty),
    ("tty-password", Way::SudoTtyPassword),
    ("doas", Way::Doas),
];

fn tcpdump() -> String {
    which::which("tcpdump").unwrap().to_str().unwrap().to_owned()
}

fn secret(way: Way, text: &str) -> Option<Zeroizing<String>> {
    way.needs_password().then(|| Zeroizing::new(text.to_owned()))
}
