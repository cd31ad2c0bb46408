//! From the lines of an answer to a report.

use super::{
    Answer, FilterCheck, Login, MAX_ANSWER, Matching, ProbeError, ProbeReport, SshConnection, Tag, Tool, Way,
    WayState,
};
use crate::{
    remote::{interfaces, link_type, opening::Opening, privilege::Refusal, tcpdump::Line, text::clean},
    session::FailKind,
};
use std::collections::BTreeSet;

/// The most other captures on a target that a capture leaves out.
const MAX_OTHERS: usize = 32;

impl ProbeReport {
    /// Reads the whole stdout of the probe's channel; what a login shell printed around it does not matter.
    pub fn parse(bytes: &[u8], tag: &Tag) -> Result<Self, ProbeError> {
        if bytes.len() > MAX_ANSWER {
            return Err(ProbeError::TooLong);
        }
        let text = String::from_utf8_lossy(bytes);
        let answer = Answer::read(&text, tag)?;
        let connection = SshConnection::parse(&answer.text("ssh"));
        let interfaces = interfaces::read(&answer);
        Ok(Self {
            connection,
            others: others(&answer, connection),
            system: answer.word("system")?,
            release: answer.text("release"),
            hostname: answer.text("hostname"),
            login: Login { uid: answer.number("uid")?, user: answer.word("user")? },
            clock: answer.number("clock")?,
            memory: answer.number("memory").ok().and_then(|kib: u64| kib.checked_mul(1024)),
            tcpdump: tool(&answer)?,
            ways: ways(&answer)?,
            auto_interface: interfaces::auto(&answer, &interfaces, connection),
            interfaces,
            opening: Opening::read(&answer),
            filter: check(&answer, "filter", "filter-exit")?,
            matching: Matching { check: check(&answer, "match", "match-exit")?, programs: programs(&answer) },
        })
    }
}

/// The connections of other captures; a filter must not become too long for a target.
fn others(answer: &Answer<'_>, own: Option<SshConnection>) -> BTreeSet<SshConnection> {
    let all = answer.lines("other").iter().filter_map(|line| SshConnection::parse(line));
    all.filter(|other| Some(*other) != own).take(MAX_OTHERS).collect()
}
/// tcpdump's path and version. The path becomes an argument and a line of the sudoers hint, so it must be a plain one.
fn tool(answer: &Answer) -> Result<Option<Tool>, ProbeError> {
    let path = match answer.lines("tcpdump") {
        [] => return Ok(None),
        [path] if path.starts_with('/') && !path.contains(char::is_whitespace) && clean(path) == *path => {
            *path
        }
        _ => return Err(ProbeError::Value("tcpdump")),
    };
    let known = |line: &&&str| line.contains(" version ");
    let version: Vec<&str> = answer.lines("version").iter().filter(known).copied().collect();
    Ok(Some(Tool { path: path.to_owned(), version: clean(&version.join(", ")) }))
}

/// The target's verdict on a filter.
fn check(answer: &Answer, key: &'static str, exit: &'static str) -> Result<FilterCheck, ProbeError> {
    Ok(match answer.exit(exit)? {
        None => FilterCheck::NotChecked,
        Some(0) => FilterCheck::Good,
        Some(_) => {
            let text = answer.text(key);
            FilterCheck::Bad(text.strip_prefix("tcpdump: ").unwrap_or(&text).to_owned())
        }
    })
}

/// `EN10MB 4 40 0 0 12 ...`; lines of link types that nobody asked for are passed over.
fn programs(answer: &Answer) -> Vec<(u16, String)> {
    let program = |line: &&str| {
        let (name, text) = line.split_once(' ')?;
        Some((link_type::number(name)?, text.to_owned()))
    };
    answer.lines("program").iter().filter_map(program).collect()
}

/// The ways in the order of preference.
fn ways(answer: &Answer) -> Result<Vec<(Way, WayState)>, ProbeError> {
    let none = tried(answer, "none", "none-exit")?;
    let sudo = tried(answer, "sudo", "sudo-exit")?;
    let doas = tried(answer, "doas", "doas-exit")?;
    let tty = tried(answer, "tty", "tty-exit")?;
    Ok(vec![
        (Way::None, none),
        (Way::Sudo, sudo.clone()),
        (Way::Doas, doas),
        (Way::SudoPassword, asks(&sudo)),
        (Way::SudoTty, tty.clone()),
        (Way::SudoTtyPassword, asks(&tty)),
    ])
}

/// What came of trying one. tcpdump's own complaint about a device also shows that it was let in.
fn tried(answer: &Answer, key: &'static str, exit: &'static str) -> Result<WayState, ProbeError> {
    let text = answer.text(key);
    let let_in = text.starts_with("tcpdump: ")
        && matches!(Line::parse(&text), Line::Error(kind, _) if kind != FailKind::Privilege);
    Ok(match answer.exit(exit)? {
        None => WayState::NotTried,
        Some(0) => WayState::Works,
        Some(_) if let_in => WayState::Works,
        Some(_) => WayState::Fails(text),
    })
}

/// Whether the same way with a password may work.
fn asks(without: &WayState) -> WayState {
    match without {
        WayState::Fails(words) if Refusal::classify(words) == Some(Refusal::PasswordRequired) => {
            WayState::AsksPassword
        }
        _ => WayState::NotTried,
    }
}
