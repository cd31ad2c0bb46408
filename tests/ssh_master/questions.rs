//! What ssh asks, and what comes of the answers.

use std::time::Duration;

use tokio::sync::mpsc;
use wrcap::{
    engine::{
        askpass::{Answer, Question},
        master::{Master, Way},
    },
    remote::prompt::PromptKind,
    session::FailKind,
};

use crate::{
    all_gone, answer, fails, run,
    ssh::{
        Lab, PASSPHRASE,
        target::{connect, hop, target, way},
    },
    typed,
};

#[tokio::test(flavor = "multi_thread")]
async fn passphrases_are_asked_for_the_bastion_and_the_target() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", ""), lab.sshd("t", ""));
    let hops = vec![hop(&lab, bastion.port, "locked"), hop(&lab, server.port, "locked")];
    let target = target(&lab, hops);
    let (sender, questions) = mpsc::channel(4);
    let key = lab.path("locked").display().to_string();
    let answers = answer(questions, move |question| {
        assert_eq!(question.prompt.kind, PromptKind::Passphrase { key: key.clone() });
        // Wrong the first time, so that ssh asks again.
        typed(if question.attempt == 0 { "wrong" } else { PASSPHRASE })
    });
    let master = Master::connect(way(&target, &lab.session("s"), sender)).await.expect("connects");
    assert_eq!(run(&master, "echo up").await, "up\n");
    let (b, t) = (format!("127.0.0.1:{}", bastion.port), format!("127.0.0.1:{}", server.port));
    let mut seen = answers.await.expect("answered");
    seen.sort();
    let mut expected = vec![(b.clone(), 0), (b, 1), (t.clone(), 0), (t, 1)];
    expected.sort();
    assert_eq!(seen, expected);
    master.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_key_is_accepted_by_its_fingerprint() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.unknown_sshd("b1", ""), lab.unknown_sshd("t", ""));
    let hops = vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")];
    let target = target(&lab, hops);
    let (sender, questions) = mpsc::channel(4);
    let answers = answer(questions, |question| {
        assert!(matches!(question.prompt.kind, PromptKind::HostKey { .. }), "{question:?}");
        Answer::Accept
    });
    let master = Master::connect(way(&target, &lab.session("s"), sender)).await.expect("connects");
    assert_eq!(answers.await.expect("answered").len(), 2);
    master.close().await;
    let known = lab.read("known_hosts");
    for sshd in [&bastion, &server] {
        let key = lab.read(&format!("host-{}.pub", sshd.name()));
        let key = key.split_whitespace().nth(1).expect("a key");
        assert!(known.contains(key), "{known}");
    }
    // Known now: nobody needs to be there.
    connect(&lab, "again", &target).await.expect("connects").close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_key_that_is_trusted_once_is_known_to_its_session_only() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.unknown_sshd("b1", ""), lab.unknown_sshd("t", ""));
    let target = target(&lab, vec![hop(&lab, bastion.port, "user"), hop(&lab, server.port, "user")]);
    let dir = lab.session("s");
    let (sender, questions) = mpsc::channel(4);
    let answers = answer(questions, |question| {
        assert!(question.once, "{question:?}");
        Answer::AcceptOnce
    });
    let master = Master::connect(way(&target, &dir, sender)).await.expect("connects");
    assert_eq!(answers.await.expect("answered").len(), 2);
    assert_eq!(run(&master, "echo up").await, "up\n");
    master.close().await;
    assert_eq!(lab.read("known_hosts"), "");
    // The same session, when it has to log in anew, asks nobody.
    let (closed, _) = mpsc::channel(1);
    Master::connect(way(&target, &dir, closed)).await.expect("connects again").close().await;
    assert_eq!(lab.read("known_hosts"), "");
    // Another one does.
    fails(&lab, "other", &target, FailKind::Unanswered, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_waited_for() {
    let Some(lab) = Lab::new() else { return };
    let (bastion, server) = (lab.sshd("b1", ""), lab.sshd("t", ""));
    let hops = vec![hop(&lab, bastion.port, "locked"), hop(&lab, server.port, "user")];
    let target = target(&lab, hops);
    let (sender, mut questions) = mpsc::channel::<Question>(4);
    let human = tokio::spawn(async move {
        let question = questions.recv().await.expect("a question");
        // Longer than a hop may take by itself.
        tokio::time::sleep(Duration::from_secs(3)).await;
        question.reply.send(typed(PASSPHRASE)).expect("ssh still waits");
    });
    let dir = lab.session("s");
    let way = Way { hop_limit: Duration::from_secs(2), ..way(&target, &dir, sender) };
    let master = Master::connect(way).await.expect("connects");
    human.await.expect("answered");
    master.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_that_nobody_types_is_named() {
    let Some(lab) = Lab::new() else { return };
    let server = lab.sshd("t", "");
    let target = target(&lab, vec![hop(&lab, server.port, "locked")]);
    let words = fails(&lab, "s", &target, FailKind::Unanswered, 0).await;
    assert!(words.contains("needs an answer: Enter passphrase for key"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_three_times_and_then_refused() {
    let Some(lab) = Lab::new() else { return };
    let server = lab.sshd("t", "AuthenticationMethods password\nPasswordAuthentication yes");
    let mut target = target(&lab, vec![hop(&lab, server.port, "user")]);
    target.host.user = Some("nobody".into());
    let dir = lab.session("s");
    let (sender, questions) = mpsc::channel(4);
    let answers = answer(questions, |question| {
        assert_eq!(question.prompt.kind, PromptKind::Password { who: "nobody@127.0.0.1".into() });
        typed("wrong")
    });
    let failure = Master::connect(way(&target, &dir, sender)).await.map(drop).expect_err("refused");
    assert_eq!(failure.kind, FailKind::Authentication, "{failure:?}");
    let attempts: Vec<u32> =
        answers.await.expect("answered").into_iter().map(|(_, attempt)| attempt).collect();
    assert_eq!(attempts, [0, 1, 2]);
    fails(&lab, "u", &target, FailKind::Unanswered, 0).await;
}

/// ssh would send an empty password, and ask again: failed logins of somebody who only wanted to cancel.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_cancelled_is_asked_once_and_not_sent() {
    let Some(lab) = Lab::new() else { return };
    let by_password = "AuthenticationMethods password\nPasswordAuthentication yes";
    let (asking, other) = (lab.sshd("a", by_password), lab.sshd("o", ""));
    for (name, ports, place) in [("s", [other.port, asking.port], 1), ("u", [asking.port, other.port], 0)] {
        let target = target(&lab, ports.map(|port| hop(&lab, port, "user")).to_vec());
        let dir = lab.session(name);
        let (sender, questions) = mpsc::channel(4);
        let answers = answer(questions, |_| Answer::Cancel);
        let failure = Master::connect(way(&target, &dir, sender)).await.map(drop).expect_err("cancelled");
        let hop = target.hops().nth(place).expect("a hop").to_string();
        assert_eq!(
            (failure.kind, failure.hop),
            (FailKind::Unanswered, Some(hop)),
            "{name}: {}",
            failure.message
        );
        assert_eq!(answers.await.expect("answered").len(), 1, "{name}");
        all_gone(&dir);
    }
}
