//! What is said to the minder on a target (`minder.sh`) and what it says back.

use super::{
    privilege::{Refusal, Way},
    script,
    tcpdump::Line,
    text::clean,
};
use crate::session::{FailKind, Failure, Stage};
use std::{fmt, time::Duration};
use zeroize::Zeroizing;

/// The longest line kept of a target's stderr, in bytes; the rest of a longer line is thrown away.
pub const MAX_LINE: usize = 8 * 1024;

/// How much may come before the marker, in bytes: a login banner, never a stream.
pub const MAX_BANNER: usize = 64 * 1024;

/// The most arguments a capture command may have.
const MAX_ARGUMENTS: usize = 64;

/// The longest tag, in bytes.
const MAX_TAG: usize = 240;

/// A channel's label on the target: letters, digits and `-_.:/@`, which no login shell treats specially in a word,
/// chosen so that no banner holds it by chance. What stands in it is [`Label`](super::label::Label)'s.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag, or `None` when it is not one.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/@".contains(&b);
        let good = (1..=MAX_TAG).contains(&text.len()) && text.bytes().all(plain);
        good.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The signal that makes tcpdump print its statistics; elsewhere it would kill it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsSignal {
    /// Linux.
    Usr1,
    /// macOS and the BSDs.
    Info,
}

impl StatsSignal {
    /// By the target's `uname -s`.
    pub fn of(system: &str) -> Self {
        match system {
            "Darwin" | "FreeBSD" | "OpenBSD" | "NetBSD" | "DragonFly" => Self::Info,
            _ => Self::Usr1,
        }
    }

    /// Its name for kill(1).
    fn name(self) -> &'static str {
        match self {
            Self::Usr1 => "USR1",
            Self::Info => "INFO",
        }
    }
}

/// Everything the minder is told before it starts the capture.
#[derive(Clone)]
pub struct Settings {
    /// The session's label.
    pub tag: Tag,
    /// How the capture gets its rights.
    pub way: Way,
    /// How long the target goes on without a beat; whole seconds, at least one.
    pub lease: Duration,
    /// What asks for statistics.
    pub stats: StatsSignal,
    /// For ways that need one; never logged, wiped when dropped.
    pub password: Option<Zeroizing<String>>,
    /// The capture command, program first.
    pub args: Vec<String>,
}

impl fmt::Debug for Settings {
    /// Without the password: this ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, way, lease, stats, password, args } = self;
        let password = password.as_ref().map(|_| "..");
        f.debug_struct("Settings")
            .field("tag", tag)
            .field("way", way)
            .field("lease", lease)
            .field("stats", stats)
            .field("password", &password)
            .field("args", args)
            .finish()
    }
}

/// Why settings cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value holds what ends a line, or NUL.
    #[error("{0} holds a newline or a NUL")]
    Line(&'static str),
    /// The way needs a password and there is none.
    #[error("{0} needs a password")]
    NoPassword(Way),
    /// No command, or one with too many arguments.
    #[error("the capture command has no or too many arguments")]
    Arguments,
}

impl Settings {
    /// The bytes to send first on the channel that runs [`command`]: the script, then the settings, one a line.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
        if !(1..=MAX_ARGUMENTS).contains(&self.args.len()) {
            return Err(SettingsError::Arguments);
        }
        let script = script::flatten(include_str!("minder.sh"));
        let lease = self.lease.as_secs().max(1).to_string();
        let count = self.args.len().to_string();
        let head = [script.as_str(), &self.tag.0, self.way.word(), &lease, self.stats.name()];
        // One allocation: a growing buffer would leave copies of the password behind.
        let size = 256 + script.len() + self.args.iter().map(|arg| arg.len() + 1).sum::<usize>();
        let mut out =
            Zeroizing::new(Vec::with_capacity(size + self.password.as_ref().map_or(0, |p| p.len())));
        head.into_iter().try_for_each(|line| push(&mut out, line, "a setting"))?;
        if self.way.needs_password() {
            let password = self.password.as_ref().ok_or(SettingsError::NoPassword(self.way))?;
            push(&mut out, password, "the password")?;
        }
        push(&mut out, &count, "a setting")?;
        self.args.iter().try_for_each(|arg| push(&mut out, arg, "an argument"))?;
        Ok(out)
    }
}

/// Appends one line; a value that is more than a line is refused.
fn push(out: &mut Vec<u8>, line: &str, what: &'static str) -> Result<(), SettingsError> {
    if line.contains(['\n', '\0']) {
        return Err(SettingsError::Line(what));
    }
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
    Ok(())
}

/// The command of the channel.
pub fn command(tag: &Tag) -> String {
    script::command(tag)
}

/// What the minder is told while the capture runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// We are still here; answered with the same number and the target's clock.
    Beat(u64),
    /// Print statistics.
    Stat,
    /// End the capture.
    Stop,
}

impl Order {
    /// Its line.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::Beat(n) => format!("beat {n}\n").into_bytes(),
            Self::Stat => b"stat\n".to_vec(),
            Self::Stop => b"stop\n".to_vec(),
        }
    }
}

/// What Linux says of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire {
    /// How often its carrier came or went.
    pub changes: u64,
    /// It is down, or has no carrier.
    pub down: bool,
}

impl Wire {
    /// What happened since `before`, in words; `None` for nothing. Without an earlier look only what is down now is news.
    pub fn news(self, before: Option<Self>) -> Option<&'static str> {
        let changed = before.is_some_and(|before| before.changes != self.changes);
        let was_down = before.is_some_and(|before| before.down);
        match (was_down, self.down) {
            (false, true) => Some("is down; what the wire carries meanwhile is unknown"),
            (true, false) => Some("is up again; what the wire carried meanwhile is unknown"),
            (false, false) if changed => {
                Some("was down for a while; what the wire carried meanwhile is unknown")
            }
            _ => None,
        }
    }
}

/// One line of the channel's stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The answer to a beat.
    Beat {
        /// The beat's number.
        n: u64,
        /// The target's clock since 1970: nanoseconds, or whole seconds where its date(1) knows no `%N`.
        at: Option<Duration>,
        /// What the target says of the interface, where it can.
        wire: Option<Wire>,
    },
    /// What was started could not be ended; comes before the exit.
    Stays,
    /// The capture is over and, unless it stays, nothing of it is left; above 128 it ended by a signal.
    Exit(i32),
    /// `wrcap clean` ends it; comes before the exit.
    Cleaned,
    /// sudo or doas said no.
    Refused(Refusal, String),
    /// Everything else: tcpdump's lines, cleaned.
    Tcpdump(Line),
}

impl Message {
    /// Reads one line.
    pub fn parse(line: &str) -> Self {
        let own = line.strip_prefix("wrcap: ").and_then(own_message);
        let refused = || Refusal::classify(line).map(|refusal| Self::Refused(refusal, clean(line)));
        own.or_else(refused).unwrap_or_else(|| Self::Tcpdump(Line::parse(line)))
    }
}

/// `beat N CLOCK`, `cleaned`, `stays` or `exit CODE`.
fn own_message(text: &str) -> Option<Message> {
    match text.trim_end() {
        "cleaned" => return Some(Message::Cleaned),
        "stays" => return Some(Message::Stays),
        _ => {}
    }
    let mut words = text.split_ascii_whitespace();
    match (words.next()?, words.next()?) {
        ("beat", n) => Some(Message::Beat {
            n: n.parse().ok()?,
            at: words.next().and_then(clock),
            wire: wire(words.next(), words.next()),
        }),
        ("exit", code) => Some(Message::Exit(code.parse().ok()?)),
        _ => None,
    }
}

/// `CHANGES STATE`: the state is the kernel's word.
fn wire(changes: Option<&str>, state: Option<&str>) -> Option<Wire> {
    let down = matches!(state?, "down" | "lowerlayerdown" | "notpresent" | "dormant");
    Some(Wire { changes: changes?.parse().ok()?, down })
}

/// The answer of `date +%s%N`: macOS and `BusyBox` leave something of the `%N` behind the seconds.
fn clock(text: &str) -> Option<Duration> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    let number: u64 = digits.parse().ok()?;
    Some(if digits.len() > 12 { Duration::from_nanos(number) } else { Duration::from_secs(number) })
}

/// Cuts a byte stream into lines, never keeping more than [`MAX_LINE`] of one. `\r` ends a line too.
#[derive(Debug, Default)]
pub struct LineSplitter {
    line: Vec<u8>,
    /// The line was longer than what is kept.
    skipping: bool,
}

impl LineSplitter {
    /// Takes bytes and gives the lines that ended, empty ones left out, bytes that are no UTF-8 replaced.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for &byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                lines.extend(self.finish());
            } else if self.line.len() < MAX_LINE {
                self.line.push(byte);
            } else {
                self.skipping = true;
            }
        }
        lines
    }

    /// The last line, when the stream ended without a newline.
    pub fn finish(&mut self) -> Option<String> {
        let cut = if std::mem::take(&mut self.skipping) { "…" } else { "" };
        let line = String::from_utf8_lossy(&self.line).into_owned() + cut;
        self.line.clear();
        (!line.is_empty()).then_some(line)
    }
}

/// No marker came: the target sent something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the target sent no capture but {shown:?}")]
pub struct NoMarker {
    /// The first words of what came, cleaned.
    pub shown: String,
}

impl NoMarker {
    /// The failure to tell.
    pub fn failure(&self, target: &str) -> Failure {
        let came = match self.shown.as_str() {
            "" => format!("{target} closed the channel before the capture began"),
            shown => format!("{target} sent something else than a capture: {shown}"),
        };
        Failure::new(Stage::Arm, Some(target), FailKind::BadStream, came)
            .hint("look for a forced command or a login script that prints or never ends")
    }
}

/// Throws away what a login shell printed before the minder's marker line.
#[derive(Debug, Clone)]
pub struct MarkerFinder {
    marker: Vec<u8>,
    seen: Vec<u8>,
}

impl MarkerFinder {
    /// For the session with this tag.
    pub fn new(tag: &Tag) -> Self {
        Self { marker: format!("wrcap-stream {tag}\n").into_bytes(), seen: Vec::new() }
    }

    /// The marker itself, as the minder sends it.
    pub fn marker(&self) -> &[u8] {
        &self.marker
    }

    /// What came in its place so far.
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// Takes bytes; once the marker is complete, gives what follows it in them. Not to be called again then.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, NoMarker> {
        let before = self.seen.len();
        self.seen.extend_from_slice(bytes);
        let from = before.saturating_sub(self.marker.len());
        let found = self.seen[from..].windows(self.marker.len()).position(|window| window == self.marker);
        if let Some(at) = found {
            return Ok(bytes.get(from + at + self.marker.len() - before..));
        }
        if self.seen.len() > MAX_BANNER { Err(self.lost()) } else { Ok(None) }
    }

    /// What to say when the stream ended, or went on too long, without a marker.
    pub fn lost(&self) -> NoMarker {
        let start = &self.seen[..self.seen.len().min(400)];
        NoMarker { shown: clean(&String::from_utf8_lossy(start)) }
    }
}

#[cfg(test)]
#[path = "minder_tests.rs"]
mod tests;
