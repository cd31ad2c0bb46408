//! How a connection ends, and what is left of it: nothing.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{io::AsyncBufReadExt, sync::mpsc};
use wrcap::{
    engine::master::{Guard, Master, Way},
    profile::Hop,
    session::FailKind,
};

use crate::{
    all_gone, run,
    ssh::{
        Lab,
        target::{connect, hop, target, target_with, way},
        until,
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_told_and_a_dropped_one_is_gone() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", ""), lab.sshd("t", ""));
    let target = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")]);
    for (name, sshd, hop) in [("lost-t", &server, &target.host), ("lost-b", &bastion, &target.via[0])] {
        let mut master = connect(&lab, name, &target).await.expect("connects");
        sshd.cut();
        let failure = tokio::time::timeout(Duration::from_secs(5), master.died()).await.expect("in time");
        assert_eq!((failure.kind, &failure.hop), (FailKind::LinkLost, &Some(hop.to_string())), "{failure:?}");
        assert_eq!(master.died().await, failure);
        drop(master);
        all_gone(&lab.path(name));
    }
    drop(connect(&lab, "drop", &target).await.expect("connects"));
    all_gone(&lab.path("drop"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_connection_ends_like_any_other() {
    let Some(lab) = Lab::new() else { return };
    let server = lab.sshd("t", "");
    let target = target(&lab, vec![hop(&lab, server.port, "user")]);
    let guarded = |name| {
        let (questions, _) = mpsc::channel(1);
        Way { guard: Guard::Pipe, ..way(&target, &lab.session(name), questions) }
    };
    let master = Master::connect(guarded("close")).await.expect("connects");
    assert_eq!(run(&master, "echo up").await, "up\n");
    master.close().await;
    all_gone(&lab.path("close"));
    drop(Master::connect(guarded("drop")).await.expect("connects"));
    all_gone(&lab.path("drop"));
    let mut master = Master::connect(guarded("cut")).await.expect("connects");
    server.cut();
    assert_eq!(master.died().await.kind, FailKind::LinkLost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_attempt_leaves_nothing() {
    let Some(lab) = Lab::new() else { return };
    let server = lab.sshd("t", "");
    let target = target(&lab, vec![hop(&lab, server.port, "locked")]);
    let (sender, mut questions) = mpsc::channel(4);
    let dir = lab.session("s");
    let attempt = {
        let (target, dir) = (target.clone(), dir.clone());
        tokio::spawn(async move { Master::connect(way(&target, &dir, sender)).await.map(drop) })
    };
    let question = questions.recv().await.expect("a question");
    attempt.abort();
    question.withdrawn.cancelled().await;
    all_gone(&dir);
}

/// Not a test of its own: the process that [`killing_the_owner_ends_ssh`] kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by another test"]
async fn owner() {
    let Ok(spec) = std::env::var("WRCAP_TEST_OWNER") else { return };
    let spec: serde_json::Value = serde_json::from_str(&spec).expect("a specification");
    let text = |name: &str| spec[name].as_str().expect(name).to_owned();
    let port = |name: &str| u16::try_from(spec[name].as_u64().expect(name)).expect(name);
    let hops = ["bastion", "target"].map(|name| Hop {
        host: "127.0.0.1".into(),
        user: None,
        port: Some(port(name)),
        identity: Some(text("key").into()),
    });
    let mut target = target_with(&text("known_hosts"), hops.to_vec());
    target.keepalive = Duration::ZERO;
    let (questions, _) = mpsc::channel(1);
    let dir = PathBuf::from(text("dir"));
    let mut way = way(&target, &dir, questions);
    if text("guard") == "pipe" {
        way.guard = Guard::Pipe;
    }
    let _master = Master::connect(way).await.expect("connects");
    println!("\nup");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_owner_ends_ssh() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", ""), lab.sshd("t", ""));
    for guard in ["default", "pipe"] {
        let dir = lab.session(guard);
        let spec = serde_json::json!({
            "bastion": bastion.port, "target": server.port, "guard": guard, "dir": dir,
            "key": lab.path("user"), "known_hosts": lab.path("known_hosts"),
        });
        let mut owner = tokio::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "ends::owner", "--ignored", "--nocapture"])
            .env("WRCAP_TEST_OWNER", spec.to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("starts");
        let mut lines = tokio::io::BufReader::new(owner.stdout.take().expect("its output")).lines();
        while lines.next_line().await.expect("reads").expect("a connection") != "up" {}
        assert!(Lab::processes_with(&dir) >= 2);
        owner.kill().await.expect("SIGKILL");
        until("ssh gone with its owner", || Lab::processes_with(&dir) == 0);
    }
}
