//! Ways to the right to capture: which one to take, and what to do when there is none.

use super::{probe::ProbeReport, text::clean};
use crate::{
    profile::Privilege,
    session::{FailKind, Failure, Stage},
};
use std::fmt;

/// How the minder starts the capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// As it is: root, or capabilities on tcpdump.
    None,
    /// The user's own shell command, in a process group of its own.
    Command,
    /// `sudo -n`.
    Sudo,
    /// `doas -n`.
    Doas,
    /// `sudo -S` with a password.
    SudoPassword,
    /// `sudo -n` below script(1), for `requiretty`.
    SudoTty,
    /// `sudo -S` below script(1).
    SudoTtyPassword,
}

impl Way {
    /// The word that the minder knows it by.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Command => "command",
            Self::Sudo => "sudo",
            Self::Doas => "doas",
            Self::SudoPassword => "sudo-password",
            Self::SudoTty => "sudo-tty",
            Self::SudoTtyPassword => "sudo-tty-password",
        }
    }

    /// Whether a password must be asked for before the start.
    pub fn needs_password(self) -> bool {
        matches!(self, Self::SudoPassword | Self::SudoTtyPassword)
    }

    /// Whether a statistics signal reaches tcpdump. doas relays SIGTERM alone, and what the user's own command does
    /// with a signal is not known.
    pub fn live_statistics(self) -> bool {
        !matches!(self, Self::Doas | Self::Command)
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no privileges needed",
            Self::Command => "own command",
            Self::Sudo => "sudo -n",
            Self::Doas => "doas -n",
            Self::SudoPassword => "sudo with a password",
            Self::SudoTty => "sudo -n on a terminal (requiretty)",
            Self::SudoTtyPassword => "sudo with a password on a terminal (requiretty)",
        })
    }
}

/// What the probe found out about a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayState {
    /// tried, works.
    Works,
    /// Works if the user's password does.
    AsksPassword,
    /// Tried, does not work: the target's words, cleaned.
    Fails(String),
    /// Not tried: an earlier way works or the profile wants another one.
    NotTried,
}

/// Why sudo or doas said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The password was wrong or empty.
    WrongPassword,
    /// A password is wanted.
    PasswordRequired,
    /// A terminal is wanted (`requiretty`).
    TtyRequired,
    /// This user may not do this.
    NotAllowed,
    /// The program is not there.
    Absent,
}

impl Refusal {
    /// Reads a line of sudo's or doas's messages (`LC_ALL=C`); `None` for anything else.
    pub fn classify(line: &str) -> Option<Self> {
        let has = |phrases: &[&str]| phrases.iter().any(|phrase| line.contains(phrase));
        if has(&["incorrect password attempt", "no password was provided", "Sorry, try again"]) {
            Some(Self::WrongPassword)
        } else if has(&["sudo: a password is required", "doas: Auth"]) {
            Some(Self::PasswordRequired)
        } else if has(&["must have a tty", "no tty present", "a terminal is required"]) {
            Some(Self::TtyRequired)
        } else if has(&[
            "is not allowed to",
            "not in the sudoers",
            "may not run sudo",
            "doas: Operation not permitted",
            "doas is not enabled",
        ]) {
            Some(Self::NotAllowed)
        } else if has(&["sudo: not found", "doas: not found", "script: not found", "sudo: command not found"])
        {
            Some(Self::Absent)
        } else {
            None
        }
    }

    /// The failure to tell when a way that was chosen says no at the start: the target's words, and what to do.
    pub fn failure(self, words: &str, report: &ProbeReport, target: &str) -> Failure {
        let message = match self {
            Self::WrongPassword => format!("sudo on {target} did not take the password"),
            _ => format!("no right to capture on {target}: {}", clean(words)),
        };
        Failure::new(Stage::Arm, Some(target), FailKind::Privilege, message).hint(sudoers_hint(report))
    }
}

/// The way to take: the first that works, in the order of the report, else the first that asks a password.
pub fn choose(report: &ProbeReport, wanted: Privilege, target: &str) -> Result<Way, Failure> {
    if report.tcpdump.is_none() {
        return Err(no_tcpdump(report, target));
    }
    let fits = |way: &Way| match wanted {
        Privilege::Auto => true,
        Privilege::None => *way == Way::None,
        Privilege::Doas => *way == Way::Doas,
        Privilege::Sudo => !matches!(way, Way::None | Way::Doas),
    };
    let with =
        |state: &WayState| report.ways.iter().find(|(way, s)| fits(way) && s == state).map(|(way, _)| *way);
    with(&WayState::Works).or_else(|| with(&WayState::AsksPassword)).ok_or_else(|| {
        let tried: Vec<String> = report
            .ways
            .iter()
            .filter(|(way, _)| fits(way))
            .filter_map(|(way, state)| match state {
                WayState::Fails(words) => Some(format!("{}: {words}", way.word())),
                _ => None,
            })
            .collect();
        let message = format!("no right to capture on {target} ({})", tried.join("; "));
        Failure::new(Stage::Probe, Some(target), FailKind::Privilege, message).hint(sudoers_hint(report))
    })
}

/// The exact line to add for this user and path, and where.
pub fn sudoers_hint(report: &ProbeReport) -> String {
    let path = report.tcpdump.as_ref().map_or("/usr/bin/tcpdump", |tool| tool.path.as_str());
    format!(
        "add this line on the target with `visudo -f /etc/sudoers.d/wrcap`: {} ALL=(root) NOPASSWD: {path}",
        report.login.user
    )
}

/// How to install tcpdump, by what the target runs.
fn no_tcpdump(report: &ProbeReport, target: &str) -> Failure {
    let hint = match report.system.as_str() {
        "Linux" => {
            "install it on the target: `apt install tcpdump` (Debian, Ubuntu), `dnf install tcpdump` (Fedora, RHEL, \
             Amazon Linux), `zypper install tcpdump` (SUSE), `apk add tcpdump` (Alpine), `pacman -S tcpdump` (Arch), \
             `opkg install tcpdump` (OpenWrt)"
        }
        "FreeBSD" | "OpenBSD" | "NetBSD" | "Darwin" => {
            "tcpdump is part of the system there: see whether it is in the PATH"
        }
        _ => "install tcpdump on the target",
    };
    let message = format!("there is no tcpdump on {target}");
    Failure::new(Stage::Probe, Some(target), FailKind::NoTcpdump, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Way, WayState, choose};
    use crate::{
        profile::Privilege,
        remote::probe::{ProbeReport, Tool},
        session::FailKind,
    };

    fn report(ways: &[(Way, WayState)]) -> ProbeReport {
        ProbeReport {
            login: crate::remote::probe::Login { user: "alice".into(), ..Default::default() },
            system: "Linux".into(),
            tcpdump: Some(Tool { path: "/usr/sbin/tcpdump".into(), version: String::new() }),
            ways: ways.to_vec(),
            ..ProbeReport::default()
        }
    }

    #[test]
    fn working_ways_come_before_questions() {
        let fails = || WayState::Fails("sudo: a password is required".into());
        let both = report(&[
            (Way::None, fails()),
            (Way::SudoPassword, WayState::AsksPassword),
            (Way::Doas, WayState::Works),
        ]);
        assert_eq!(choose(&both, Privilege::Auto, "t"), Ok(Way::Doas));
        assert_eq!(choose(&both, Privilege::Sudo, "t"), Ok(Way::SudoPassword));
        let failure = choose(&both, Privilege::None, "t").unwrap_err();
        assert_eq!(failure.kind, FailKind::Privilege);
        assert!(failure.message.contains("sudo: a password is required"));
        let hint = failure.hint.unwrap();
        assert!(hint.ends_with("alice ALL=(root) NOPASSWD: /usr/sbin/tcpdump"), "{hint}");
        assert!(hint.contains("visudo -f /etc/sudoers.d/wrcap"));
    }

    #[test]
    fn without_tcpdump_nothing_else_matters() {
        let bare = ProbeReport { tcpdump: None, ..report(&[(Way::None, WayState::Works)]) };
        let failure = choose(&bare, Privilege::Auto, "t").unwrap_err();
        assert_eq!(failure.kind, FailKind::NoTcpdump);
        assert!(failure.hint.unwrap().contains("apt install tcpdump"));
    }

    #[test]
    fn refusals_are_told_apart() {
        for (line, refusal) in [
            ("sudo: a password is required", Some(Refusal::PasswordRequired)),
            ("sudo: sorry, you must have a tty to run sudo", Some(Refusal::TtyRequired)),
            ("sudo: 1 incorrect password attempt", Some(Refusal::WrongPassword)),
            ("alice is not in the sudoers file.", Some(Refusal::NotAllowed)),
            ("Sorry, user a is not allowed to execute '/bin/x' as root on h.", Some(Refusal::NotAllowed)),
            ("doas: Operation not permitted", Some(Refusal::NotAllowed)),
            ("tcpdump: listening on lo", None),
        ] {
            assert_eq!(Refusal::classify(line), refusal, "{line}");
        }
    }
}
