//! Ways with one, two and three hops, and whose words they are.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use tokio::sync::mpsc;
use wrcap::{
    engine::master::{Master, MasterEvent, Way},
    profile::{Hop, HostKeyPolicy},
};

use crate::{
    all_gone, run,
    ssh::{
        Lab,
        target::{connect, hop, target, way},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn one_two_and_three_hops_run_commands_and_leave_nothing() {
    let Some(lab) = Lab::new() else { return };
    let servers = ["b1", "b2", "t"].map(|name| lab.sshd(name, ""));
    for count in 1..=3 {
        let hops = servers[3 - count..].iter().map(|sshd| hop(&lab, sshd.port, "user")).collect();
        let target = target(&lab, hops);
        let dir = lab.session(&format!("s{count}"));
        let (events, mut news) = mpsc::channel(64);
        let (questions, _) = mpsc::channel(1);
        let master =
            Master::connect(Way { events, ..way(&target, &dir, questions) }).await.expect("connects");
        let connection = run(&master, "echo $SSH_CONNECTION").await;
        assert!(connection.trim().ends_with(&format!("127.0.0.1 {}", servers[2].port)), "{connection}");
        assert_eq!(Lab::processes_with(&dir), count);
        for secret in fs::read_dir(&dir).expect("the folder") {
            let mode = secret.expect("a file").metadata().expect("its mode").permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        master.close().await;
        all_gone(&dir);
        let mut reached = Vec::new();
        while let Some(event) = news.recv().await {
            reached.extend(matches!(event, MasterEvent::LoggedIn(_)).then_some(event));
        }
        assert_eq!(reached.last(), Some(&MasterEvent::LoggedIn(count)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_own_configuration_applies_to_the_users_own_words() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", ""), lab.sshd("t", ""));
    let key = lab.path("user").display().to_string();
    let config = format!(
        "Host gate\n  HostName 127.0.0.1\n  Port {}\nHost web\n  HostName 127.0.0.1\n  Port {}\n  \
         ProxyJump gate\nHost *\n  IdentityFile {key}\n  ControlMaster auto\n  ControlPath {}/user-%C\n  \
         LogLevel QUIET\n  RemoteCommand tmux\n  LocalForward {} 127.0.0.1:1\n  BatchMode yes\n",
        bastion.port,
        server.port,
        lab.path("").display(),
        bastion.port,
    );
    lab.write("config", &config);
    let word = |host: &str| Hop { host: host.into(), user: None, port: None, identity: None };
    let cases = [
        ("jump", vec![word("web")], 2),
        ("via", vec![word("gate"), word("web")], 2),
        ("mixed", vec![word("gate"), hop(&lab, server.port, "user")], 2),
    ];
    for (name, hops, processes) in cases {
        let target = target(&lab, hops);
        let dir = lab.session(name);
        let (questions, _) = mpsc::channel(1);
        let mut way = way(&target, &dir, questions);
        way.files.user_config = Some(lab.path("config"));
        let master = Master::connect(way).await.expect(name);
        assert_eq!(run(&master, "echo up").await, "up\n");
        assert_eq!(Lab::processes_with(&dir), processes, "{name}");
        // The user's own jump may ask a human: ssh's clock must not run meanwhile.
        let first = fs::read_to_string(dir.join("h0.conf")).expect("the first hop's file");
        assert_eq!(first.contains("ConnectTimeout"), name != "jump", "{first}");
        master.close().await;
        all_gone(&dir);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_ipv6_are_hops_too() {
    let Some(lab) = Lab::new() else { return };
    if TcpListener::bind(("::1", 0)).is_err() {
        eprintln!("skipped: no IPv6 on loopback");
        return;
    }
    let (bastion, server) = (lab.sshd("b1", "ListenAddress ::1"), lab.sshd("t", "ListenAddress ::1"));
    let mut target = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")]);
    target.via[0].host = "::1".into();
    target.host.host = "::1".into();
    target.host_key = HostKeyPolicy::AcceptNew;
    let master = connect(&lab, "s", &target).await.expect("connects");
    let connection = run(&master, "echo $SSH_CONNECTION").await;
    assert!(connection.trim().ends_with(&format!("::1 {}", server.port)), "{connection}");
    master.close().await;
}
