//! The two sockets that other processes connect to: questions of ssh, and viewers.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixListener,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    runtime::Runtime,
    sync::mpsc,
};
use wrcap::engine::{
    Answer,
    askpass::{AskpassServer, HOP_VAR, MAX_ANSWER, Question, SOCKET_VAR, TOKEN_VAR, Token},
    spool::{Place, SpoolWriter},
    viewer::ViewerServer,
};

use crate::{
    harness::Fuzz,
    memory::{limit_process, peak_of},
    mutate::Rng,
    shown::assert_short,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// One thread for all, so that its memory is counted.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// What stands for the token in the corpus.
const PLACEHOLDER: &[u8] = b"TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT";

fn with_token(input: &[u8], token: &Token) -> Vec<u8> {
    let mut message = input.to_vec();
    let at = input.windows(PLACEHOLDER.len()).position(|window| window == PLACEHOLDER);
    if let Some(at) = at {
        message[at..at + PLACEHOLDER.len()].copy_from_slice(token.as_str().as_bytes());
    }
    message
}

/// Whether a message holds as many bytes as it says; one that does not waits for more.
fn is_whole(message: &[u8]) -> bool {
    let length = message.first_chunk().map(|&length| u32::from_be_bytes(length) as usize);
    length.is_some_and(|length| message.len() - 4 >= length)
}

/// Sends a message of a helper, answers what comes of it, and looks at both ends.
async fn ask(path: &Path, message: &[u8], questions: &mut mpsc::Receiver<Question>, rng: &mut Rng) -> bool {
    // A question that was withdrawn before it was looked at.
    while questions.try_recv().is_ok() {}
    let mut helper = UnixStream::connect(path).await.unwrap();
    // What is not read makes the rest of a long message fail, which is fine.
    let _ = helper.write_all(message).await;
    let mut reply = Vec::new();
    let question = tokio::select! {
        question = questions.recv() => question,
        () = async {
            if !is_whole(message) {
                let _ = helper.shutdown().await;
            }
            let _ = helper.read_to_end(&mut reply).await;
        } => None,
    };
    let Some(Question { prompt, reply: answer, .. }) = question else {
        assert!(reply.is_empty() || reply == b"-", "an answer to no question: {reply:?}");
        return false;
    };
    assert_short("a question", &prompt.text);
    assert!(["b1", "t"].contains(&prompt.hop.as_str()));
    let wanted = match rng.below(3) {
        0 => Answer::Accept,
        1 => Answer::Cancel,
        _ => Answer::typed(zeroize::Zeroizing::new("secret".to_owned())),
    };
    let _ = answer.send(wanted);
    let _ = helper.read_to_end(&mut reply).await;
    assert!(reply.is_empty() || reply == b"-" || reply[0] == b'+', "{reply:?}");
    assert!(reply.len() <= 1 + MAX_ANSWER);
    true
}

#[test]
fn questions_of_helpers() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let token = Token::random().unwrap();
    let (sender, mut questions) = mpsc::channel(4);
    let labels = vec!["b1".to_owned(), "t".to_owned()];
    let server = {
        let _inside = runtime.enter();
        AskpassServer::bind(&path, token.clone(), labels, sender).unwrap()
    };
    let mut asked = 0;
    Fuzz::new("askpass", 2500).memory(256 << 10, 32).run(|input, rng| {
        let message = with_token(input, &token);
        asked += u32::from(runtime.block_on(within("an end", ask(&path, &message, &mut questions, rng))));
    });
    assert!(asked > 100, "{asked} questions came through");
    // It still works after all of that.
    let question = [token.as_str(), "1", "", "Password: "].join("\0");
    let length = u32::try_from(question.len()).unwrap().to_be_bytes();
    runtime.block_on(within("a question", async {
        let mut helper = UnixStream::connect(&path).await.unwrap();
        helper.write_all(&[&length[..], question.as_bytes()].concat()).await.unwrap();
        while questions.recv().await.unwrap().prompt.text != "Password:" {}
    }));
    drop(server);
}

/// Runs the helper against a session that answers `answer`; gives its output when it succeeds.
fn help(path: &Path, listener: &UnixListener, answer: &[u8]) -> Option<Vec<u8>> {
    let mut helper = Command::new(env!("CARGO_BIN_EXE_wrcap"))
        .arg("Password: ")
        .env_clear()
        .env(SOCKET_VAR, path)
        .env(TOKEN_VAR, "token")
        .env(HOP_VAR, "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut session, _) = listener.accept().unwrap();
    let mut length = [0; 4];
    session.read_exact(&mut length).unwrap();
    let mut question = vec![0; u32::from_be_bytes(length) as usize];
    session.read_exact(&mut question).unwrap();
    assert_eq!(question, b"token\x000\0\0Password: ");
    // A helper that has read enough hangs up.
    let _ = session.write_all(answer);
    drop(session);
    let mut out = Vec::new();
    helper.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    let mut err = String::new();
    helper.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(err, "", "the helper of ssh speaks to nobody");
    helper.wait().unwrap().success().then_some(out)
}

#[test]
fn answers_of_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let listener = UnixListener::bind(&path).unwrap();
    // A process each: few of them.
    Fuzz::new("answer", 60).run(|input, _| {
        let out = help(&path, &listener, input);
        match input.split_first() {
            Some((b'+', rest)) => {
                let told = out.expect("an answer is passed on");
                let kept = &rest[..rest.len().min(MAX_ANSWER)];
                assert_eq!(told, [kept, b"\n"].concat());
            }
            _ => assert_eq!(out, None, "a refusal is passed on"),
        }
    });
    let endless = vec![b'+'; 8 << 20];
    assert_eq!(help(&path, &listener, &endless).unwrap().len(), MAX_ANSWER + 1);
}

/// A spool that goes on, and its server.
struct Served {
    _folder: tempfile::TempDir,
    writer: SpoolWriter,
    server: ViewerServer,
}

impl Served {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Segments { folder: folder.path().join("s"), budget: 1 << 30 };
        let mut writer = SpoolWriter::create(place, b"HEAD".to_vec(), Arc::default()).unwrap();
        writer.describe(b"interface");
        writer.flush().unwrap();
        let server = ViewerServer::bind(folder.path().join("v"), Arc::clone(writer.spool())).unwrap();
        Self { _folder: folder, writer, server }
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.server.path()).await.unwrap()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.writer.buffer().extend_from_slice(bytes);
        self.writer.flush().unwrap();
    }

    /// Waits until so many are connected.
    async fn until_viewers(&self, count: usize) {
        let wait = async {
            while self.server.viewers() != count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        within(&format!("{count} viewers, not {}", self.server.viewers()), wait).await;
    }
}

/// What a client does besides reading.
async fn misbehave(client: &mut UnixStream, input: &[u8], rng: &mut Rng) {
    match rng.below(4) {
        0 => drop(client.try_write(input)),
        1 => client.shutdown().await.unwrap(),
        2 => {
            let mut some = vec![0; rng.below(100)];
            drop(client.try_read(&mut some));
        }
        _ => {}
    }
}

#[test]
fn clients_of_viewers_socket() {
    let runtime = runtime();
    let mut served = runtime.block_on(async { Served::new() });
    let mut written = Vec::with_capacity(1 << 20);
    written.extend_from_slice(b"HEADinterface");
    Fuzz::new("viewer", 300).memory(4 << 20, 64).run(|input, rng| {
        runtime.block_on(async {
            let mut clients = Vec::new();
            for _ in 0..rng.below(4) {
                let mut client = served.connect().await;
                misbehave(&mut client, input, rng).await;
                clients.push(client);
            }
            // Somebody who only reads gets all of it, whatever the others do.
            let mut good = served.connect().await;
            if written.len() < 500_000 {
                served.write(input);
                written.extend_from_slice(input);
            }
            let mut read = vec![0; written.len().min(100_000)];
            within("the spool", good.read_exact(&mut read)).await.unwrap();
            assert_eq!(read, written[..read.len()]);
            for client in &mut clients {
                misbehave(client, input, rng).await;
            }
        });
    });
    runtime.block_on(served.until_viewers(0));
}

#[test]
fn many_clients_that_talk_and_never_read_take_little_memory() {
    limit_process();
    let runtime = runtime();
    let ((), peak) = peak_of(|| {
        runtime.block_on(async {
            let mut served = Served::new();
            served.write(&vec![7; 4 << 20]);
            let mut clients = Vec::new();
            for _ in 0..200 {
                let client = served.connect().await;
                drop(client.try_write(&[b'x'; 4096]));
                clients.push(client);
                tokio::task::yield_now().await;
            }
            served.until_viewers(32).await;
            drop(clients);
            served.until_viewers(0).await;
            // There is room again.
            let mut good = served.connect().await;
            let mut read = vec![0; 1 << 20];
            within("the spool", good.read_exact(&mut read)).await.unwrap();
            assert!(read.starts_with(b"HEADinterface\x07\x07"));
        });
    });
    assert!(peak < 24 << 20, "{peak} bytes");
}

#[test]
fn a_client_that_never_stops_talking_is_read_and_forgotten() {
    let runtime = runtime();
    let ((), peak) = peak_of(|| {
        runtime.block_on(async {
            let served = Served::new();
            let mut client = served.connect().await;
            let junk = vec![b'x'; 64 << 10];
            for _ in 0..256 {
                within("somebody reads", client.write_all(&junk)).await.unwrap();
            }
            assert_eq!(served.server.viewers(), 1);
        });
    });
    assert!(peak < 4 << 20, "{peak} bytes");
}
