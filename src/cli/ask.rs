//! Asking on the terminal what ssh asks.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::{
    engine::Answer,
    remote::prompt::{Prompt, PromptKind},
};

/// Questions that may wait; each session asks one at a time.
const WAITING: usize = 64;

/// The longest line that a terminal in line mode gives, in bytes.
const LONGEST_LINE: usize = 4096;

/// What is put on the terminal: who asks for what, and how often before.
#[derive(Debug)]
pub struct Asking {
    /// The question.
    pub prompt: Prompt,
    /// How often the same was asked, this time included.
    pub attempt: u32,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
}

/// The terminal, asked by one thread: questions come one after the other, however many sessions ask.
#[derive(Debug, Clone)]
pub struct Asker(mpsc::Sender<Asking>);

impl Asker {
    /// Opens the controlling terminal, which is there even when stdin and stdout are pipes.
    /// With `reuse` sessions may give what is typed again when they have to log in anew.
    pub fn open(reuse: bool) -> io::Result<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let (sender, mut receiver) = mpsc::channel::<Asking>(WAITING);
        std::thread::Builder::new().name("ask".into()).spawn(move || {
            while let Some(Asking { prompt, attempt, reply }) = receiver.blocking_recv() {
                // ssh may have given up while another question was on the terminal.
                if !reply.is_closed() {
                    let answer = match ask(&terminal, &prompt, attempt) {
                        Ok(Answer::Typed(secret)) if reuse => Answer::Typed(secret.reusable()),
                        answer => answer.unwrap_or(Answer::Cancel),
                    };
                    let _ = reply.send(answer);
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// Puts a question; with too many waiting it counts as cancelled.
    pub fn ask(&self, asking: Asking) {
        if let Err(error) = self.0.try_send(asking) {
            let asking = error.into_inner();
            let _ = asking.reply.send(Answer::Cancel);
        }
    }
}

fn ask(terminal: &File, prompt: &Prompt, attempt: u32) -> io::Result<Answer> {
    let mut out = terminal;
    let again = if attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
    match &prompt.kind {
        PromptKind::HostKey { host, key_type, fingerprint } => {
            let told =
                format!("{}: the host key of {host} is not known\n  {key_type} {fingerprint}\n", prompt.hop);
            put(out, &told)?;
            out.write_all(b"trust it and connect? type yes, or paste the fingerprint to compare: ")?;
            let typed = read_line(terminal)?;
            let typed = typed.trim();
            Ok(if typed == "yes" || typed == fingerprint { Answer::Accept } else { Answer::Cancel })
        }
        PromptKind::Confirm => {
            put(out, &format!("{}: {} [yes/no] ", prompt.hop, prompt.text))?;
            Ok(if read_line(terminal)?.trim() == "yes" { Answer::Accept } else { Answer::Cancel })
        }
        PromptKind::Touch => {
            put(out, &format!("{}: {}\n", prompt.hop, prompt.text))?;
            Ok(Answer::Accept)
        }
        _ => {
            let typed = {
                // Before the question: who sees it may type at once.
                let _quiet = Quiet::start(terminal)?;
                put(out, &format!("{}: {}{again} ", prompt.hop, prompt.text))?;
                read_line(terminal)
            };
            writeln!(out)?;
            typed.map(Answer::typed)
        }
    }
}

/// In one piece: others write to the terminal too, and must not come in between.
fn put(mut terminal: &File, text: &str) -> io::Result<()> {
    terminal.write_all(text.as_bytes())
}

/// One line without its end; nothing at all (Ctrl-d) is no answer. Read without a buffer of the standard library's,
/// which would keep a copy.
fn read_line(mut terminal: impl io::Read) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; LONGEST_LINE]);
    let mut end = 0;
    while end < bytes.len() && !bytes[..end].ends_with(b"\n") {
        match terminal.read(&mut bytes[end..])? {
            0 if end == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            0 => break,
            read => end += read,
        }
    }
    let line = str::from_utf8(&bytes[..end]).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn start(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::read_line;

    /// A terminal that gives what was typed in pieces.
    struct Typed(Vec<&'static str>);

    impl Read for Typed {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = if self.0.is_empty() { "" } else { self.0.remove(0) };
            buffer[..piece.len()].copy_from_slice(piece.as_bytes());
            Ok(piece.len())
        }
    }

    #[test]
    fn a_line_ends_where_enter_was_pressed() {
        for (typed, line) in [
            (vec!["pässword\n", "next"], Some("pässword")),
            (vec!["in ", "two\r\n"], Some("in two")),
            (vec!["no enter"], Some("no enter")),
            (vec!["\n"], Some("")),
            (vec![], None),
        ] {
            let read = read_line(Typed(typed.clone())).ok();
            assert_eq!(read.as_ref().map(|line| line.as_str()), line, "{typed:?}");
        }
    }
}
