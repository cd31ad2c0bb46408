//! Exit codes: what a script can tell from them.

use crate::session::{FailKind, Failure, Stage};

/// How `wrcap` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Ended as asked: a limit, Ctrl-c after the start, the viewer was closed.
    Success,
    /// Unexpected error in wrcap.
    Internal,
    /// Wrong usage or configuration.
    Usage,
    /// Could not connect or log in.
    Connect,
    /// Connected, but cannot capture, or cannot end what is left there.
    Capture,
    /// The viewer could not start, or a file could not be written.
    Output,
    /// The capture broke off and the retries are used up.
    Broken,
    /// Several sessions, some failed.
    Partial,
    /// Interrupted before the capture started.
    Interrupted,
}

impl ExitCode {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::Internal,
        Self::Usage,
        Self::Connect,
        Self::Capture,
        Self::Output,
        Self::Broken,
        Self::Partial,
        Self::Interrupted,
    ];

    /// The number that the shell sees; 130 is what shells use for an interrupt.
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Connect => 3,
            Self::Capture => 4,
            Self::Output => 5,
            Self::Broken => 6,
            Self::Partial => 7,
            Self::Interrupted => 130,
        }
    }

    /// The code for a session that ended with `failure`.
    pub fn of(failure: &Failure) -> Self {
        match (failure.kind, failure.stage) {
            (FailKind::Internal, _) => Self::Internal,
            (_, Stage::Connect) => Self::Connect,
            (_, Stage::Probe | Stage::Arm) => Self::Capture,
            (_, Stage::Capture) => Self::Broken,
            (_, Stage::Write | Stage::View) => Self::Output,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;
    use crate::session::{FailKind, Failure, Stage};

    #[test]
    fn numbers_are_promised() {
        assert_eq!(ExitCode::ALL.map(ExitCode::number), [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    }

    #[test]
    fn failures_have_the_code_of_their_stage() {
        for (stage, kind, number) in [
            (Stage::Connect, FailKind::Refused, 3),
            (Stage::Probe, FailKind::NoTcpdump, 4),
            (Stage::Arm, FailKind::Filter, 4),
            (Stage::Capture, FailKind::LinkLost, 6),
            (Stage::Write, FailKind::File, 5),
            (Stage::View, FailKind::Viewer, 5),
            (Stage::Probe, FailKind::Internal, 1),
        ] {
            assert_eq!(ExitCode::of(&Failure::new(stage, None, kind, "x")).number(), number);
        }
    }
}
