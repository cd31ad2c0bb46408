//! Sessions through the same bastion: one login, one question, and each still has failures of its own.

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::future::join_all;
use rustix::process::Signal;
use tokio::{sync::mpsc, task::JoinHandle};
use wrcap::{
    engine::{
        askpass::{Answer, Question},
        bastions::{Bastions, Seat},
        master::{Master, MasterEvent, Way},
    },
    profile::Target,
    session::{FailKind, Failure},
};

use crate::{
    answer, run,
    ssh::{
        Lab, PASSPHRASE, Sshd, free_port,
        target::{hop, target, way},
        until,
    },
    typed,
};

/// Where sessions of a test live.
struct Desk {
    lab: Lab,
    bastions: Arc<Bastions>,
}

impl Desk {
    fn new() -> Option<Self> {
        let lab = Lab::new()?;
        let bastions = Bastions::new(lab.session("r"));
        Some(Self { lab, bastions })
    }

    /// A target behind a bastion.
    fn behind(&self, bastion: &Sshd, port: u16) -> Target {
        self.through(bastion, "user", port)
    }

    fn through(&self, bastion: &Sshd, key: &str, port: u16) -> Target {
        target(&self.lab, vec![hop(&self.lab, bastion.port, key), hop(&self.lab, port, "user")])
    }

    fn session(&self, name: &str, target: &Target) -> Session {
        Session { seat: self.bastions.seat(target), target: target.clone(), folder: self.lab.session(name) }
    }

    /// Connects where nobody answers.
    async fn connect(&self, name: &str, target: &Target) -> Result<Master, Failure> {
        let (questions, _) = mpsc::channel(1);
        let (events, _news) = mpsc::channel(1);
        self.session(name, target).connect(questions, events).await
    }

    fn logins(&self, bastion: &Sshd) -> usize {
        bastion.log(&self.lab).matches("Accepted publickey").count()
    }

    /// No process, and no file in a folder of ours.
    fn all_gone(&self) {
        until("all processes gone", || Lab::processes_with(&self.lab.path("r")) == 0);
        until("the runtime folder empty", || {
            std::fs::read_dir(self.lab.path("r")).expect("the folder").count() == 0
        });
    }
}

struct Session {
    seat: Seat,
    target: Target,
    folder: std::path::PathBuf,
}

impl Session {
    async fn connect(
        &self,
        questions: mpsc::Sender<Question>,
        events: mpsc::Sender<MasterEvent>,
    ) -> Result<Master, Failure> {
        let way = Way { events, ..way(&self.target, Path::new(&self.folder), questions) };
        self.seat.connect(way).await
    }

    /// Connects beside the test.
    fn start(self, questions: mpsc::Sender<Question>) -> JoinHandle<Result<Master, Failure>> {
        tokio::spawn(async move {
            let (events, _news) = mpsc::channel(1);
            self.connect(questions, events).await
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sessions_ask_once_and_log_in_once() {
    let Some(desk) = Desk::new() else { return };
    let bastion = desk.lab.sshd("b1", "MaxStartups 1");
    let servers = ["t1", "t2"].map(|name| desk.lab.sshd(name, "MaxStartups 5"));
    let (sender, questions) = mpsc::channel(16);
    let answers = answer(questions, |_| typed(PASSPHRASE));
    let attempts: Vec<_> = (0..12)
        .map(|n| {
            let target = desk.through(&bastion, "locked", servers[n % 2].port);
            desk.session(&format!("s{n}"), &target).start(sender.clone())
        })
        .collect();
    drop(sender);
    let mut masters = Vec::new();
    for attempt in join_all(attempts).await {
        masters.push(attempt.expect("no panic").expect("connects"));
    }
    for (n, master) in masters.iter().enumerate() {
        let connection = run(master, "echo $SSH_CONNECTION").await;
        assert!(connection.trim().ends_with(&format!(" {}", servers[n % 2].port)), "{connection}");
    }
    assert_eq!(answers.await.expect("answered").len(), 1, "questions");
    assert_eq!(desk.logins(&bastion), 1, "{}", bastion.log(&desk.lab));
    // The last one takes the connection to the bastion along, and nobody before it.
    for master in masters {
        assert_eq!(run(&master, "echo up").await, "up\n");
        master.close().await;
    }
    desk.bastions.ended().await;
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_fail_at_once_have_each_their_reason_and_stop_nobody() {
    let Some(desk) = Desk::new() else { return };
    let bastion = desk.lab.sshd("b1", "PermitOpen 127.0.0.1:* no-such-host.invalid:*");
    let server = desk.lab.sshd("t", "");
    let standing = desk.connect("up", &desk.behind(&bastion, server.port)).await.expect("connects");
    let with = |change: &dyn Fn(&mut Target)| {
        let mut target = desk.behind(&bastion, server.port);
        change(&mut target);
        target
    };
    let closed = free_port();
    let key = desk.lab.path("stranger");
    let cases = [
        (with(&|target| target.host.port = Some(closed)), FailKind::Refused, 1),
        (with(&|target| target.host.host = "no-such-host.invalid".into()), FailKind::UnknownHost, 1),
        (with(&|target| target.host.identity = Some(key.clone())), FailKind::Authentication, 1),
        (with(&|target| target.host.host = "127.0.0.2".into()), FailKind::ForwardingDenied, 0),
    ];
    for round in 0..3 {
        let attempts = cases.iter().enumerate().map(|(n, (target, kind, at))| {
            let name = format!("f{round}-{n}");
            let desk = &desk;
            async move {
                let failure = desk.connect(&name, target).await.map(drop).expect_err("fails");
                let hop = target.hops().nth(*at).map(ToString::to_string);
                assert_eq!((failure.kind, &failure.hop), (*kind, &hop), "{failure:?}");
                assert!(failure.hint.is_some(), "{failure:?}");
            }
        });
        join_all(attempts).await;
        assert_eq!(run(&standing, "echo up").await, "up\n");
    }
    // The one that is denied tries by itself each time; nobody else logs in.
    assert_eq!(desk.logins(&bastion), 1 + 3);
    standing.close().await;
    desk.bastions.ended().await;
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bastion_that_lets_nobody_in_is_tried_once_for_all_who_wait() {
    let Some(desk) = Desk::new() else { return };
    let (bastion, server) = (desk.lab.sshd("b1", "LogLevel VERBOSE"), desk.lab.sshd("t", ""));
    let target = desk.through(&bastion, "stranger", server.port);
    let attempts = (0..4).map(|n| {
        let (target, name, desk) = (&target, format!("s{n}"), &desk);
        async move { desk.connect(&name, target).await.map(drop).expect_err("refused") }
    });
    let failures = join_all(attempts).await;
    for failure in &failures {
        assert_eq!(
            (failure.kind, &failure.hop),
            (FailKind::Authentication, &Some(target.via[0].to_string())),
            "{failure:?}"
        );
    }
    let log = bastion.log(&desk.lab);
    assert_eq!(log.matches("Connection from ").count(), 2, "one is the test's own look: {log}");
    // Who comes later tries anew.
    desk.connect("later", &target).await.map(drop).expect_err("refused");
    assert_eq!(bastion.log(&desk.lab).matches("Connection from ").count(), 3);
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_asking_session_goes_the_next_one_asks() {
    let Some(desk) = Desk::new() else { return };
    let (bastion, server) = (desk.lab.sshd("b1", ""), desk.lab.sshd("t", ""));
    let target = desk.through(&bastion, "locked", server.port);
    let start = |name: &str| {
        let (sender, asked) = mpsc::channel(4);
        (desk.session(name, &target).start(sender), asked)
    };
    let (first, mut asked) = start("s1");
    let question = asked.recv().await.expect("the first is asked");
    let ((second, mut second_asked), (third, mut third_asked)) = (start("s2"), start("s3"));
    // The session of the first is stopped.
    first.abort();
    question.withdrawn.cancelled().await;
    let ask = async {
        tokio::select! {
            Some(question) = second_asked.recv() => question,
            Some(question) = third_asked.recv() => question,
        }
    };
    let question = tokio::time::timeout(Duration::from_secs(10), ask).await.expect("the next one is asked");
    // Its user does not answer; then it is the other's turn.
    question.reply.send(Answer::Cancel).expect("ssh waits");
    let ask = async {
        tokio::select! {
            Some(question) = second_asked.recv() => question,
            Some(question) = third_asked.recv() => question,
        }
    };
    let question = tokio::time::timeout(Duration::from_secs(10), ask).await.expect("the last one is asked");
    question.reply.send(typed(PASSPHRASE)).expect("ssh waits");
    let ends = [second.await, third.await].map(|end| end.expect("no panic"));
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
    let failed = ends.iter().find_map(|end| end.as_ref().err()).expect("one");
    assert_eq!(failed.kind, FailKind::Unanswered);
    drop(ends);
    desk.bastions.ended().await;
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_lose_a_bastion_that_is_lost_and_one_dials_again() {
    let Some(desk) = Desk::new() else { return };
    let (bastion, server) = (desk.lab.sshd("b1", ""), desk.lab.sshd("t", ""));
    let target = desk.behind(&bastion, server.port);
    let sessions = ["s1", "s2", "s3"].map(|name| desk.session(name, &target));
    let all = async || {
        let (questions, _) = mpsc::channel(1);
        let (events, _news) = mpsc::channel(1);
        let attempts = sessions.iter().map(|session| session.connect(questions.clone(), events.clone()));
        join_all(attempts).await.into_iter().map(|end| end.expect("connects")).collect::<Vec<_>>()
    };
    let mut masters = all().await;
    bastion.cut();
    for master in &mut masters {
        let failure = tokio::time::timeout(Duration::from_secs(5), master.died()).await.expect("in time");
        assert_eq!(
            (failure.kind, &failure.hop),
            (FailKind::LinkLost, &Some(target.via[0].to_string())),
            "{failure:?}"
        );
        assert_eq!(master.died().await, failure);
    }
    for master in masters {
        master.close().await;
    }
    let masters = all().await;
    assert_eq!(desk.logins(&bastion), 2, "{}", bastion.log(&desk.lab));
    // A target that goes away is not the bastion's loss.
    server.cut();
    for mut master in masters {
        let failure = tokio::time::timeout(Duration::from_secs(5), master.died()).await.expect("in time");
        assert_eq!((failure.kind, failure.hop), (FailKind::LinkLost, Some(target.host.to_string())));
    }
    desk.bastions.ended().await;
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bastion_that_carries_no_more_is_logged_in_to_separately() {
    let Some(desk) = Desk::new() else { return };
    let servers = ["t1", "t2"].map(|name| desk.lab.sshd(name, ""));
    let open = format!("PermitOpen 127.0.0.1:{}", servers[0].port);
    let bastion = desk.lab.sshd("b1", &open);
    let first = desk.connect("s1", &desk.behind(&bastion, servers[0].port)).await.expect("connects");
    // Connections that are open keep the old rule: the one that stands carries no more, a new one does.
    let config = desk.lab.read("b1.conf").replace(&open, "");
    desk.lab.write("b1.conf", &config);
    bastion.reload(&desk.lab);
    let session = desk.session("s2", &desk.behind(&bastion, servers[1].port));
    let (questions, _) = mpsc::channel(1);
    let (events, mut news) = mpsc::channel(64);
    let second = session.connect(questions, events).await.expect("connects");
    assert_eq!(run(&second, "echo up").await, "up\n");
    assert_eq!(desk.logins(&bastion), 2, "{}", bastion.log(&desk.lab));
    let mut notes = Vec::new();
    while let Ok(event) = news.try_recv() {
        notes.extend(match event {
            MasterEvent::Note(text) => Some(text),
            _ => None,
        });
    }
    assert!(notes.iter().any(|note| note.contains("logs in to it separately")), "{notes:?}");
    first.close().await;
    second.close().await;
    desk.bastions.ended().await;
    desk.all_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_answer_is_left_to_those_who_have_it() {
    let Some(desk) = Desk::new() else { return };
    let (bastion, server) = (desk.lab.sshd("b1", ""), desk.lab.sshd("t", ""));
    let target = desk.behind(&bastion, server.port);
    let first = desk.connect("s1", &target).await.expect("connects");
    // As a cut cable would.
    bastion.signal_connections(Signal::STOP);
    // What worked a moment ago is believed to work.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let second = desk.connect("s2", &target).await.expect("connects");
    assert_eq!(run(&second, "echo up").await, "up\n");
    bastion.signal_connections(Signal::CONT);
    assert_eq!(run(&first, "echo up").await, "up\n");
    assert_eq!(desk.logins(&bastion), 2, "{}", bastion.log(&desk.lab));
    // The next one goes through the new one, which works.
    let third = desk.connect("s3", &target).await.expect("connects");
    assert_eq!(desk.logins(&bastion), 2, "{}", bastion.log(&desk.lab));
    for master in [first, second, third] {
        master.close().await;
    }
    desk.bastions.ended().await;
    desk.all_gone();
}
