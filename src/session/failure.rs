//! Why a session ended badly: stage, hop, kind, words and a hint, each apart from the others.

use std::fmt;

/// How far a session had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Making the ssh connection, any hop, login included.
    Connect,
    /// Asking the target what it has.
    Probe,
    /// Starting tcpdump.
    Arm,
    /// Packets flow.
    Capture,
    /// Writing to the spool or a file here.
    Write,
    /// Starting a viewer.
    View,
}

impl Stage {
    /// The word used in JSON and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Probe => "probe",
            Self::Arm => "arm",
            Self::Capture => "capture",
            Self::Write => "write",
            Self::View => "view",
        }
    }
}

/// What went wrong, by the kind of thing a user would do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailKind {
    /// TCP connection refused.
    Refused,
    /// A host name that does not resolve.
    UnknownHost,
    /// No answer in time.
    Timeout,
    /// No route, network unreachable.
    Unreachable,
    /// The server did not let us in.
    Authentication,
    /// The host key is not known and nobody or no policy accepted it.
    HostKeyUnknown,
    /// The host key differs from the known one.
    HostKeyChanged,
    /// Host and client share no algorithm, or the other side is no ssh server.
    Protocol,
    /// ssh refused its configuration.
    SshConfig,
    /// A bastion does not forward (`AllowTcpForwarding no`, or its policy).
    ForwardingDenied,
    /// The server refused a session on a connection that is up.
    SessionDenied,
    /// A question needed an answer and nobody could or would give it.
    Unanswered,
    /// The connection went away.
    LinkLost,
    /// The program `ssh` is missing here.
    NoSsh,
    /// No tcpdump on the target.
    NoTcpdump,
    /// No way to the right to capture.
    Privilege,
    /// No such interface, or it is down.
    Interface,
    /// tcpdump refused the filter.
    Filter,
    /// tcpdump or the user's own command ended by itself.
    CaptureDied,
    /// `wrcap clean` ended the capture.
    Cleaned,
    /// What came is not a capture.
    BadStream,
    /// The target said something that cannot be true.
    BadAnswer,
    /// A viewer could not be started.
    Viewer,
    /// A file here could not be written.
    File,
    /// A bug in wrcap.
    Internal,
}

impl FailKind {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::UnknownHost => "unknown-host",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Authentication => "authentication",
            Self::HostKeyUnknown => "host-key-unknown",
            Self::HostKeyChanged => "host-key-changed",
            Self::Protocol => "protocol",
            Self::SshConfig => "ssh-config",
            Self::ForwardingDenied => "forwarding-denied",
            Self::SessionDenied => "session-denied",
            Self::Unanswered => "unanswered",
            Self::LinkLost => "link-lost",
            Self::NoSsh => "no-ssh",
            Self::NoTcpdump => "no-tcpdump",
            Self::Privilege => "privilege",
            Self::Interface => "interface",
            Self::Filter => "filter",
            Self::CaptureDied => "capture-died",
            Self::Cleaned => "cleaned",
            Self::BadStream => "bad-stream",
            Self::BadAnswer => "bad-answer",
            Self::Viewer => "viewer",
            Self::File => "file",
            Self::Internal => "internal",
        }
    }
}

/// A failure as it is told to a user: `{message}` names what failed and where; the hint says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How far the session had come.
    pub stage: Stage,
    /// The machine it happened on or on the way to, as the user names it; `None` for this machine.
    pub hop: Option<String>,
    /// What kind of thing went wrong.
    pub kind: FailKind,
    /// One lowercase sentence without a full stop, free of control characters.
    pub message: String,
    /// What to do about it; in the dashboard, where a command line has other means.
    pub hint: Option<String>,
    /// What to do about it at a command line, where that is something else.
    pub by_option: Option<String>,
}

impl Failure {
    /// A failure without a hint. Others' words may end in a colon; a sentence does not: more may follow it.
    pub fn new(stage: Stage, hop: Option<&str>, kind: FailKind, message: impl Into<String>) -> Self {
        let mut message = message.into();
        message.truncate(message.trim_end_matches([':', ' ']).len());
        Self { stage, hop: hop.map(str::to_owned), kind, message, hint: None, by_option: None }
    }

    /// The same failure with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with a hint of its own for who reads it at a command line.
    #[must_use]
    pub fn by_option(mut self, hint: impl Into<String>) -> Self {
        self.by_option = Some(hint.into());
        self
    }

    /// What to do about it, for who reads it at a command line.
    pub fn command_line_hint(&self) -> Option<&str> {
        self.by_option.as_deref().or(self.hint.as_deref())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::{FailKind, Failure, Stage};

    #[test]
    fn a_sentence_ends_without_a_colon_and_a_hint_fits_its_reader() {
        let failure = Failure::new(Stage::Connect, None, FailKind::Unanswered, "needs an answer: password: ");
        assert_eq!(failure.message, "needs an answer: password");
        assert_eq!(failure.command_line_hint(), None);
        let failure = failure.hint("press p");
        assert_eq!(failure.command_line_hint(), Some("press p"));
        let failure = failure.by_option("use --ask");
        assert_eq!(
            (failure.hint.as_deref(), failure.command_line_hint()),
            (Some("press p"), Some("use --ask"))
        );
    }
}
