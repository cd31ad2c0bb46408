//! The session's side: takes questions from helpers, hands them to whoever answers.

use std::{
    collections::HashMap,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use zeroize::Zeroizing;

use super::{
    Answer, Question, Secret,
    wire::{ACCEPTED, Asked, MAX_QUESTION, Token, decode},
};
use crate::{
    engine::master::KnownHosts,
    remote::prompt::{Prompt, PromptKind},
};

/// How long a helper may take to say what it wants.
const READ_LIMIT: Duration = Duration::from_secs(5);
/// Helpers served at a time; more than the hops of one session could ever ask.
const MAX_HELPERS: usize = 16;
/// Questions whose repetitions are counted.
const MAX_ATTEMPTS: usize = 64;

/// What is going on with questions.
#[derive(Debug, Clone, Default)]
pub struct AskState {
    /// Questions that wait for an answer.
    pub open: usize,
    /// The last question that nobody answered.
    pub cancelled: Option<Cancelled>,
}

/// A question that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// Index of the hop whose ssh asked.
    pub hop: usize,
    /// The question.
    pub prompt: Prompt,
}

/// Listens for the helpers of one session's ssh processes. Dropping it withdraws all questions.
#[derive(Debug)]
pub struct AskpassServer {
    path: PathBuf,
    state: watch::Receiver<AskState>,
    _stop: DropGuard,
}

/// What all connections share.
struct Shared {
    token: Token,
    labels: Vec<String>,
    /// Where the accepted key of each hop goes, where that can be chosen.
    known: Vec<Option<KnownHosts>>,
    questions: mpsc::Sender<Question>,
    state: watch::Sender<AskState>,
    attempts: Mutex<HashMap<(usize, String), u32>>,
    stop: CancellationToken,
}

impl AskpassServer {
    /// Listens at `path`, which must be new and in a folder of ours (0700). `labels` are the hops, outermost first;
    /// every question goes to `questions`.
    ///
    /// When `questions` is full or closed, the question counts as cancelled.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn bind(
        path: &Path,
        token: Token,
        labels: Vec<String>,
        questions: mpsc::Sender<Question>,
    ) -> io::Result<Self> {
        Self::bind_for(path, token, labels, Vec::new(), questions)
    }

    /// The same for hops whose accepted keys go where `known` says, by the place of the hop.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn bind_for(
        path: &Path,
        token: Token,
        labels: Vec<String>,
        known: Vec<Option<KnownHosts>>,
        questions: mpsc::Sender<Question>,
    ) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let (sender, state) = watch::channel(AskState::default());
        let stop = CancellationToken::new();
        let shared = Shared {
            token,
            labels,
            known,
            questions,
            state: sender,
            attempts: Mutex::default(),
            stop: stop.clone(),
        };
        tokio::spawn(accept(listener, Arc::new(shared)));
        Ok(Self { path: path.to_owned(), state, _stop: stop.drop_guard() })
    }

    /// To watch what is going on.
    pub fn state(&self) -> watch::Receiver<AskState> {
        self.state.clone()
    }
}

impl Drop for AskpassServer {
    fn drop(&mut self) {
        // Its folder goes too: what is left of it there is nobody's.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, shared: Arc<Shared>) {
    let mut helpers = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            Some(_) = helpers.join_next() => {}
            connection = listener.accept() => {
                match connection {
                    Ok((stream, _)) if helpers.len() < MAX_HELPERS => {
                        helpers.spawn(serve(stream, Arc::clone(&shared)));
                    }
                    Ok(_) => {}
                    // Out of descriptors, most likely: others may be closed meanwhile.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        }
    }
}

/// One helper, one question. Whoever is not a helper of ours is dropped without a word.
async fn serve(mut stream: UnixStream, shared: Arc<Shared>) -> Option<()> {
    let peer = stream.peer_cred().ok()?;
    if peer.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    let body = tokio::time::timeout(READ_LIMIT, read_question(&mut stream)).await.ok()??;
    let asked = decode(&body).filter(|asked| shared.token.matches(asked.token))?;
    let label = shared.labels.get(asked.hop)?;
    let prompt = Prompt::classify(label, asked.mode, &asked.text);
    let open = Open::new(&shared, &asked, prompt.clone());
    let answer = put(&mut stream, &shared, &asked, &prompt).await?;
    let answer = keep_key(&prompt.kind, answer, shared.known(asked.hop));
    if let Some(bytes) = encode_answer(&prompt.kind, answer) {
        open.answered();
        stream.write_all(&bytes).await.ok()?;
    } else {
        drop(open);
        stream.write_all(b"-").await.ok()?;
    }
    Some(())
}

async fn read_question(stream: &mut UnixStream) -> Option<Vec<u8>> {
    let length = usize::try_from(stream.read_u32().await.ok()?).ok()?;
    if length > MAX_QUESTION {
        return None;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// Puts the question to whoever answers; `None` when ssh gives up first.
async fn put(stream: &mut UnixStream, shared: &Shared, asked: &Asked<'_>, prompt: &Prompt) -> Option<Answer> {
    let (reply, answer) = oneshot::channel();
    let withdrawn = CancellationToken::new();
    let _withdraw = withdrawn.clone().drop_guard();
    let attempt = shared.attempt(asked);
    let once = matches!(prompt.kind, PromptKind::HostKey { .. }) && shared.known(asked.hop).is_some();
    let question = Question { prompt: prompt.clone(), attempt, once, reply, withdrawn };
    if shared.questions.try_send(question).is_err() {
        return Some(Answer::Cancel);
    }
    tokio::select! {
        answer = answer => Some(answer.unwrap_or(Answer::Cancel)),
        // The helper says nothing more: whatever comes is its end.
        _ = stream.read_u8() => None,
    }
}

/// Sees to it that ssh, once it has the answer, adds an accepted key where it belongs. Where that fails nothing is
/// accepted.
fn keep_key(kind: &PromptKind, answer: Answer, known: Option<&KnownHosts>) -> Answer {
    let done = match (kind, &answer, known) {
        (PromptKind::HostKey { .. }, Answer::AcceptOnce, Some(known)) => known.once(),
        (PromptKind::HostKey { .. }, Answer::Accept, Some(known)) => known.save(),
        (_, Answer::AcceptOnce, _) => return Answer::Cancel,
        _ => return answer,
    };
    match done {
        Ok(()) => Answer::Accept,
        Err(error) => {
            tracing::warn!(%error, "could not prepare the file for a host key");
            Answer::Cancel
        }
    }
}

/// The bytes of an answer; `None` refuses.
fn encode_answer(kind: &PromptKind, answer: Answer) -> Option<Zeroizing<Vec<u8>>> {
    let accepted = |text: &[u8]| Zeroizing::new([&[ACCEPTED], text].concat());
    match (kind, answer) {
        (PromptKind::HostKey { fingerprint, .. }, Answer::Accept) => Some(accepted(fingerprint.as_bytes())),
        (PromptKind::Confirm | PromptKind::Touch, Answer::Accept) => Some(accepted(b"")),
        (kind, Answer::Typed(secret)) if kind.is_secret() => Some(accepted(Secret::as_bytes(&secret))),
        _ => None,
    }
}

impl Shared {
    /// Where a hop's accepted key goes.
    fn known(&self, hop: usize) -> Option<&KnownHosts> {
        self.known.get(hop)?.as_ref()
    }

    /// How often this hop has asked this before.
    fn attempt(&self, asked: &Asked<'_>) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        // A server may ask something else each time.
        if attempts.len() >= MAX_ATTEMPTS {
            attempts.clear();
        }
        let count = attempts.entry((asked.hop, asked.text.clone())).or_insert(0);
        let before = *count;
        *count = before.saturating_add(1);
        before
    }
}

/// A question while it is open; one that is dropped without an answer was cancelled.
struct Open<'a> {
    state: &'a watch::Sender<AskState>,
    cancelled: Option<Cancelled>,
}

impl<'a> Open<'a> {
    fn new(shared: &'a Shared, asked: &Asked<'_>, prompt: Prompt) -> Self {
        shared.state.send_modify(|state| state.open += 1);
        Self { state: &shared.state, cancelled: Some(Cancelled { hop: asked.hop, prompt }) }
    }

    /// Also forgets what was cancelled before: ssh went on to ask something that was answered.
    fn answered(mut self) {
        self.cancelled = None;
        self.state.send_modify(|state| state.cancelled = None);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.state.send_modify(|state| {
            state.open -= 1;
            if let Some(cancelled) = self.cancelled.take() {
                state.cancelled = Some(cancelled);
            }
        });
    }
}

#[cfg(test)]
mod tests;
