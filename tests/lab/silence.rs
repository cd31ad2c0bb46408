//! A target that is silent, and a bastion that is: wrcap tells one from the other, and asks only when it matters.

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{lab::Lab, wrcap::Wrcap};

/// How often sshd of the bastion has said that a connection failed.
fn questions(lab: &Lab) -> usize {
    lab.tell(&["log", "bastion"]).matches("connect_to 127.0.0.1 port 9").count()
}

fn says(event: &Value, words: &str) -> bool {
    event["event"] == "log" && event["text"].as_str().is_some_and(|text| text.contains(words))
}

#[test]
fn a_silent_target_is_told_from_a_silent_bastion() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("  t1: {{ host: {}, interface: cap0, lease: 12s }}\n", lab.value("T1_IP"));
    lab.site("hops", &[], &target);
    let file = lab.path("out.pcapng").to_string_lossy().into_owned();
    let wrcap = Wrcap::start(&lab, &["capture", "hops/t1", "-w", &file, "--json"]);
    wrcap.until_live();
    assert_eq!(questions(&lab), 0, "while beats come back nobody asks");

    lab.tell(&["link", "t1", "down"]);
    wrcap.until("word of the bastion", |event| says(event, " answers: what is silent is behind it"));
    assert_eq!(questions(&lab), 1, "once for each silence");
    lab.tell(&["link", "t1", "up"]);
    let lives = || {
        wrcap.events().iter().filter(|event| event["state"] == "live" && event["event"] == "state").count()
    };
    let before = lives();
    wrcap.until("beat after the silence", |_| lives() > before);

    lab.tell(&["link", "bastion", "down"]);
    wrcap.until("doubt about the bastion", |event| says(event, " does not answer either"));
    lab.tell(&["link", "bastion", "up"]);
    wrcap.signal(Signal::INT);
    wrcap.end();
    lab.assert_nothing_left();
}
