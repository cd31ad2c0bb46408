//! A filter, compiled by tcpdump on the target where a session's connection leads there, else by this machine's: nothing
//! is captured and no right is needed.

use std::{process::Stdio, sync::Arc, time::Duration};

use tokio::{
    process,
    sync::{mpsc, oneshot},
};

use crate::{
    engine::{
        event::{Command, SessionId},
        session::work,
    },
    profile::Target,
    remote::{compile, link_type, probe::FilterCheck, text::clean},
};

/// How long compiling may take: a name in the filter may have to be looked up.
const LIMIT: Duration = Duration::from_secs(3);
/// How long a target may take, too; its network may be slow.
const TARGET_LIMIT: Duration = Duration::from_secs(6);

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// This machine's tcpdump.
    Here,
    /// The target's.
    Target,
}

/// What is known of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It compiles.
    Good(Judge),
    /// tcpdump's own words about what is wrong.
    Bad(Judge, String),
    /// It was not checked, and why.
    NotChecked(&'static str),
}

/// The connection of a session, if it has one.
pub(super) async fn borrow(
    engine: Option<mpsc::WeakSender<Command>>,
    over: Option<SessionId>,
) -> Option<Arc<openssh::Session>> {
    let (engine, session) = (engine?.upgrade()?, over?);
    let (reply, answer) = oneshot::channel();
    engine.send(Command::Lend { session, reply }).await.ok()?;
    tokio::time::timeout(LIMIT, answer).await.ok()?.ok()?
}

/// Checks a filter; over the connection that was lent, if there is one and the target can tell.
pub(super) async fn check(filter: &str, target: &Target, lent: Option<Arc<openssh::Session>>) -> Verdict {
    let told = match lent {
        Some(session) => there(filter, target, &session).await,
        None => None,
    };
    match told {
        Some(verdict) => verdict,
        None => here(filter, link_type::compiled_for(&target.interface)).await,
    }
}

/// The target's verdict; `None` if it has none.
async fn there(filter: &str, target: &Target, session: &Arc<openssh::Session>) -> Option<Verdict> {
    let tag = work::tag(target).ok()?;
    let questions = compile::questions(&tag, &target.interface, filter).ok()?;
    let asked = work::put(session, &target.host.host, &questions, &tag);
    let answer = tokio::time::timeout(TARGET_LIMIT, asked).await.ok()?.ok()?;
    match compile::read(&answer, &tag)? {
        FilterCheck::Good => Some(Verdict::Good(Judge::Target)),
        FilterCheck::Bad(words) => Some(Verdict::Bad(Judge::Target, words)),
        FilterCheck::NotChecked => None,
    }
}

/// This machine's verdict.
async fn here(filter: &str, link: &str) -> Verdict {
    let Ok(tcpdump) = which::which_in("tcpdump", Some(places()), "/") else {
        return Verdict::NotChecked("no tcpdump here");
    };
    // The filter is one argument after `--`, so it can never be an option.
    let run = process::Command::new(tcpdump)
        .args(["-y", link, "-d", "--", filter])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(LIMIT, run).await {
        Ok(Ok(output)) if output.status.success() => Verdict::Good(Judge::Here),
        Ok(Ok(output)) => judge(&String::from_utf8_lossy(&output.stderr)),
        Ok(Err(_)) => Verdict::NotChecked("tcpdump does not start here"),
        Err(_) => Verdict::NotChecked("tcpdump takes too long here"),
    }
}

/// tcpdump stands where users without root do not always look.
fn places() -> std::ffi::OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin:/usr/local/sbin");
    path
}

/// Only what is about the filter is held against it: names that this machine does not know the target may know.
fn judge(stderr: &str) -> Verdict {
    let words = stderr.lines().find_map(|line| line.strip_prefix("tcpdump: ")).unwrap_or(stderr);
    let elsewhere = ["unknown host", "unknown network", "no link-layer", "permission", "No such device"];
    if words.trim().is_empty() || elsewhere.iter().any(|other| words.contains(other)) {
        return Verdict::NotChecked("only the target can tell");
    }
    Verdict::Bad(Judge::Here, clean(words))
}

#[cfg(test)]
mod tests {
    use super::{Judge, Verdict, here, judge};

    #[tokio::test]
    async fn real_tcpdump_judges() {
        let good = here("tcp port 80 and not host 10.0.0.1", "EN10MB").await;
        if let Verdict::NotChecked(why) = good {
            eprintln!("skipped: {why}");
            return;
        }
        assert_eq!(good, Verdict::Good(Judge::Here));
        let Verdict::Bad(Judge::Here, words) = here("not port 22 and prot tcp", "EN10MB").await else {
            panic!("prot is no word")
        };
        assert!(!words.is_empty() && !words.contains('\n'), "{words}");
        assert!(matches!(here("-w /tmp/x", "EN10MB").await, Verdict::Bad(..)), "never an option");
    }

    #[test]
    fn names_are_for_the_target_to_know() {
        assert_eq!(judge("tcpdump: unknown host 'web-1'\n"), Verdict::NotChecked("only the target can tell"));
        assert_eq!(
            judge("tcpdump: syntax error in filter expression\n"),
            Verdict::Bad(Judge::Here, "syntax error in filter expression".into())
        );
    }
}
