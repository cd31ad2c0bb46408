//! What is said on the terminal that is given back: how each session ended, and what became of its packets.

use super::{sessions::Sessions, update::account};
use crate::{
    engine::{Fate, Report, spool::DAYS_KEPT},
    session::Outcome,
};

/// All of it, in the order in which the sessions ended.
pub(crate) fn lines(sessions: &Sessions) -> Vec<String> {
    let of = |(id, report)| {
        let fate = sessions.fates.get(id).map(|fate| told(report, fate));
        std::iter::once(summary(report)).chain(fate)
    };
    sessions.reports.iter().map(|(id, report)| (id, report)).flat_map(of).collect()
}

/// A session's account in one line, with its name and what to do about a failure.
fn summary(report: &Report) -> String {
    let hint = match &report.outcome {
        Outcome::Failed(failure) => failure.command_line_hint(),
        _ => None,
    };
    let hint = hint.map_or_else(String::new, |hint| format!("; hint: {hint}"));
    format!("{}: {}{hint}", report.name, account(report))
}

/// What became of packets that were in no file, with the command that makes a file of them.
fn told(report: &Report, fate: &Fate) -> String {
    let name = &report.name;
    match fate {
        Fate::Kept { spool } => {
            format!("{name}: packets are kept for {DAYS_KEPT} days; hint: wrcap spool save {spool}")
        }
        Fate::Deleted => format!("{name}: packets that were in no file are deleted"),
    }
}
