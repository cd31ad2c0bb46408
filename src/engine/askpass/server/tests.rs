use std::path::PathBuf;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::mpsc,
};
use zeroize::Zeroizing;

use super::{super::wire::encode, Answer, AskpassServer, PromptKind, Question, Secret, Token, encode_answer};

struct Lab {
    _dir: tempfile::TempDir,
    path: PathBuf,
    token: Token,
    server: AskpassServer,
    questions: mpsc::Receiver<Question>,
}

fn lab() -> Lab {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a");
    let token = Token::random().expect("random");
    let (sender, questions) = mpsc::channel(4);
    let labels = vec!["b1".to_owned(), "t".to_owned()];
    let server = AskpassServer::bind(&path, token.clone(), labels, sender).expect("binds");
    Lab { _dir: dir, path, token, server, questions }
}

impl Lab {
    async fn send(&self, bytes: &[u8]) -> UnixStream {
        let mut stream = UnixStream::connect(&self.path).await.expect("connects");
        stream.write_all(bytes).await.expect("writes");
        stream
    }

    async fn ask(&self, text: &str) -> UnixStream {
        self.send(&encode(self.token.as_str().as_bytes(), b"1", b"", text.as_bytes())).await
    }
}

async fn answer_of(mut stream: UnixStream) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    answer
}

fn typed(text: &str) -> Answer {
    Answer::Typed(Secret::new(Zeroizing::new(text.to_owned())).expect("fits"))
}

#[tokio::test]
async fn a_question_gets_its_answer_and_counts_its_attempts() {
    let mut lab = lab();
    for attempt in 0..2 {
        let stream = lab.ask("Enter passphrase for key '/k': ").await;
        let question = lab.questions.recv().await.expect("a question");
        assert_eq!((question.prompt.hop.as_str(), question.attempt), ("t", attempt));
        assert_eq!(lab.server.state().borrow().open, 1);
        question.reply.send(typed("pw")).expect("still waits");
        assert_eq!(answer_of(stream).await, b"+pw");
    }
    assert!(lab.server.state().borrow().cancelled.is_none());
}

#[tokio::test]
async fn a_dropped_question_is_cancelled_and_remembered() {
    let mut lab = lab();
    let stream = lab.ask("Password: ").await;
    drop(lab.questions.recv().await.expect("a question"));
    assert_eq!(answer_of(stream).await, b"-");
    let state = lab.server.state().borrow().clone();
    assert_eq!((state.open, state.cancelled.map(|c| c.prompt.text)), (0, Some("Password:".to_owned())));
}

#[tokio::test]
async fn a_helper_that_goes_withdraws_its_question() {
    let mut lab = lab();
    let stream = lab.ask("Password: ").await;
    let question = lab.questions.recv().await.expect("a question");
    assert!(!question.withdrawn.is_cancelled());
    drop(stream);
    question.withdrawn.cancelled().await;
    assert!(question.reply.send(Answer::Cancel).is_err());
}

#[tokio::test]
async fn strangers_and_nonsense_are_dropped_without_a_question() {
    let mut lab = lab();
    let token = lab.token.as_str().as_bytes().to_vec();
    let cases = [
        encode(b"wrong", b"0", b"", b"Password: "),
        encode(&token, b"7", b"", b"Password: "),
        encode(&token, b"x", b"", b"Password: "),
        [&4_u32.to_be_bytes()[..], b"abcd"].concat(),
        u32::MAX.to_be_bytes().to_vec(),
    ];
    for bytes in cases {
        let stream = lab.send(&bytes).await;
        assert_eq!(answer_of(stream).await, b"", "{bytes:?}");
    }
    assert!(lab.questions.try_recv().is_err());
}

#[tokio::test]
async fn dropping_the_server_withdraws_and_removes_its_socket() {
    let mut lab = lab();
    let stream = lab.ask("Password: ").await;
    let question = lab.questions.recv().await.expect("a question");
    drop(lab.server);
    question.withdrawn.cancelled().await;
    assert_eq!(answer_of(stream).await, b"");
    assert!(!lab.path.exists());
}

#[test]
fn a_host_key_is_accepted_by_its_fingerprint_only() {
    let kind = PromptKind::HostKey {
        host: "t".into(),
        key_type: "ED25519".into(),
        fingerprint: "SHA256:abc".into(),
    };
    let bytes = |kind: &PromptKind, answer| encode_answer(kind, answer).map(|bytes| bytes.to_vec());
    assert_eq!(bytes(&kind, Answer::Accept), Some(b"+SHA256:abc".to_vec()));
    assert_eq!(bytes(&kind, typed("yes")), None);
    assert_eq!(bytes(&kind, Answer::Cancel), None);
    assert_eq!(bytes(&PromptKind::Confirm, Answer::Accept), Some(b"+".to_vec()));
    assert_eq!(bytes(&PromptKind::Unknown, Answer::Accept), None);
}

#[test]
fn an_answer_that_ssh_would_cut_is_refused() {
    for text in ["a\nb".to_owned(), "a\r".to_owned(), "x".repeat(1024)] {
        assert!(Secret::new(Zeroizing::new(text)).is_err());
    }
}
