//! Masters against real sshd on loopback: ways, questions, failures, ends.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "helpers of tests may fail and skip")]

mod shared;
mod ssh;

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use ssh::{
    Lab, PASSPHRASE, free_port,
    target::{connect, hop, target, way},
    until,
};
use tokio::{io::AsyncBufReadExt, sync::mpsc};
use wrcap::{
    engine::{
        askpass::{Answer, Question, Secret},
        master::{Guard, Master, MasterEvent, Way},
    },
    profile::{Hop, HostKeyPolicy, Target},
    remote::prompt::PromptKind,
    session::FailKind,
};
use zeroize::Zeroizing;

/// What a channel to the target says to a command.
async fn run(master: &Master, command: &str) -> String {
    let output = master.session().raw_command(command).output().await.expect("runs");
    String::from_utf8(output.stdout).expect("text")
}

/// Answers questions; the texts of all of them come out at the end.
fn answer(
    mut questions: mpsc::Receiver<Question>,
    with: impl Fn(&Question) -> Answer + Send + 'static,
) -> tokio::task::JoinHandle<Vec<(String, u32)>> {
    tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(question) = questions.recv().await {
            seen.push((question.prompt.hop.clone(), question.attempt));
            let answer = with(&question);
            question.reply.send(answer).expect("ssh still waits");
        }
        seen
    })
}

fn typed(text: &str) -> Answer {
    Answer::Typed(Secret::new(Zeroizing::new(text.to_owned())).expect("fits"))
}

fn all_gone(dir: &Path) {
    until("all processes gone", || Lab::processes_with(dir) == 0);
    until("all files gone", || fs::read_dir(dir).expect("the folder").count() == 0);
}

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

/// Connects where it must fail; the kind, whether the hop is the one expected, and the words.
async fn fails(lab: &Lab, name: &str, target: &Target, kind: FailKind, hop: usize) -> String {
    let dir = lab.path(name);
    let failure = connect(lab, name, target).await.map(drop).expect_err(name);
    let expected = target.hops().nth(hop).expect("a hop").to_string();
    assert_eq!(
        (failure.kind, failure.hop.as_deref()),
        (kind, Some(expected.as_str())),
        "{name}: {failure:?}"
    );
    assert!(!failure.message.contains("UNKNOWN port"), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    all_gone(&dir);
    format!("{}: {}", failure.message, failure.hint.unwrap_or_default())
}

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
    let mut target = ssh::target::target_with(&text("known_hosts"), hops.to_vec());
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
            .args(["--exact", "owner", "--ignored", "--nocapture"])
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
