//! Failures: the hop, the kind, the words.

use std::{net::TcpListener, time::Duration};

use tokio::sync::mpsc;
use wrcap::{
    engine::master::{Master, Way},
    profile::{Hop, HostKeyPolicy},
    session::FailKind,
};

use crate::{
    all_gone, fails,
    ssh::{
        Lab, free_port,
        target::{connect, hop, target, way},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_names_its_hop() {
    let Some(lab) = Lab::new() else { return };
    let servers = ["b1", "b2", "t"].map(|name| lab.sshd(name, ""));
    let closed = free_port();
    for at in 0..3 {
        let with = |change: &dyn Fn(&mut Hop)| {
            let mut hops: Vec<_> = servers.iter().map(|sshd| hop(&lab, sshd.port, "user")).collect();
            change(&mut hops[at]);
            target(&lab, hops)
        };
        let refused = with(&|hop| hop.port = Some(closed));
        fails(&lab, &format!("r{at}"), &refused, FailKind::Refused, at).await;
        let nameless = with(&|hop| hop.host = "no-such-host.invalid".into());
        fails(&lab, &format!("n{at}"), &nameless, FailKind::UnknownHost, at).await;
        let stranger = with(&|hop| hop.identity = Some(lab.path("stranger")));
        fails(&lab, &format!("a{at}"), &stranger, FailKind::Authentication, at).await;
        let keyless = with(&|hop| hop.identity = Some(lab.path("gone")));
        let words = fails(&lab, &format!("k{at}"), &keyless, FailKind::Authentication, at).await;
        assert!(words.contains("gone does not exist"), "{words}");
    }
}

/// What ssh-keygen says about a file of the lab, or does to it.
fn keygen(lab: &Lab, words: &[&str], file: &str) -> String {
    let command = std::process::Command::new("ssh-keygen").args(words).arg("-f").arg(lab.path(file)).output();
    let output = command.expect("ssh-keygen");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn host_keys_that_are_unknown_or_changed_are_refused() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.unknown_sshd("b1", ""), lab.unknown_sshd("t", ""));
    let lines = [&bastion, &server].map(|sshd| lab.known_line(sshd, &format!("host-{}.pub", sshd.name())));
    let wrong = [&bastion, &server].map(|sshd| lab.known_line(sshd, "stranger.pub"));
    let mut target = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")]);
    let told = keygen(&lab, &["-l"], "stranger.pub");
    let stranger = told.split(' ').nth(1).expect("a fingerprint");
    for at in 0..2 {
        let other = &lines[1 - at];
        lab.write("known_hosts", &format!("{other}{}", wrong[at]));
        if at == 1 {
            // As Debian has them: the names cannot be read any more.
            keygen(&lab, &["-H"], "known_hosts");
        }
        let words = fails(&lab, &format!("c{at}"), &target, FailKind::HostKeyChanged, at).await;
        assert!(words.contains("known_hosts:2") && words.contains("ssh-keygen -f "), "{words}");
        assert!(words.contains(&format!("the known key {stranger} is at ")), "{words}");
        lab.write("known_hosts", other);
        target.host_key = HostKeyPolicy::Strict;
        fails(&lab, &format!("u{at}"), &target, FailKind::HostKeyUnknown, at).await;
        target.host_key = HostKeyPolicy::Ask;
        let words = fails(&lab, &format!("q{at}"), &target, FailKind::Unanswered, at).await;
        assert!(words.contains("needs an answer: The authenticity of host"), "{words}");
        assert_eq!(lab.read("known_hosts"), *other);
    }
    lab.write("known_hosts", "");
    target.host_key = HostKeyPolicy::AcceptNew;
    connect(&lab, "accept", &target).await.expect("connects").close().await;
    assert_eq!(lab.read("known_hosts").lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bastion_that_forbids_forwarding_is_named() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", "AllowTcpForwarding no"), lab.sshd("t", ""));
    let target = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")]);
    fails(&lab, "s", &target, FailKind::ForwardingDenied, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_a_timeout_of_the_silent_hop() {
    let Some(lab) = Lab::new() else { return };
    let bastion = lab.sshd("b1", "");
    // The backlog accepts, nobody answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let mut direct = target(&lab, vec![hop(&lab, port, "user")]);
    direct.ssh_options.insert("ConnectTimeout".into(), "1".into());
    fails(&lab, "d", &direct, FailKind::Timeout, 0).await;
    let behind = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, port, "user")]);
    let (questions, _) = mpsc::channel(1);
    let dir = lab.session("b");
    let way = Way { hop_limit: Duration::from_secs(1), ..way(&behind, &dir, questions) };
    let failure = Master::connect(way).await.map(drop).expect_err("silent");
    assert_eq!((failure.kind, failure.hop), (FailKind::Timeout, Some(format!("127.0.0.1:{port}"))));
    all_gone(&dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ends_of_a_connection_are_told_apart() {
    let Some(lab) = Lab::new() else { return };
    let server = lab.sshd("t", "");
    let mut target = target(&lab, vec![hop(&lab, server.port, "user")]);
    target.ssh_options.insert("KexAlgorithms".into(), "diffie-hellman-group1-sha1".into());
    fails(&lab, "kex", &target, FailKind::Protocol, 0).await;
    target.ssh_options.insert("KexAlgorithms".into(), "nonsense".into());
    fails(&lab, "bad", &target, FailKind::SshConfig, 0).await;
    target.ssh_options.clear();
    target.ssh_options.insert("ProxyCommand".into(), "true".into());
    let failure = connect(&lab, "own", &target).await.map(drop).expect_err("refused");
    assert_eq!(failure.kind, FailKind::SshConfig);
    target.ssh_options.clear();
    let dir = lab.session("none");
    let (questions, _) = mpsc::channel(1);
    let mut way = way(&target, &dir, questions);
    way.files.ssh = lab.path("no-ssh");
    let failure = Master::connect(way).await.map(drop).expect_err("no ssh");
    assert_eq!(failure.kind, FailKind::NoSsh);
    all_gone(&dir);
}
