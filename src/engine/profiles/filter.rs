//! A filter, compiled by this machine's tcpdump: nothing is captured and no right is needed.

use std::{process::Stdio, time::Duration};

use tokio::process::Command;

use crate::remote::text::clean;

/// How long compiling may take: a name in the filter may have to be looked up.
const LIMIT: Duration = Duration::from_secs(3);

/// What is known of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It compiles here.
    Good,
    /// tcpdump's own words about what is wrong.
    Bad(String),
    /// It was not checked, and why.
    NotChecked(&'static str),
}

/// Checks a filter.
pub(super) async fn check(filter: &str) -> Verdict {
    let Ok(tcpdump) = which::which_in("tcpdump", Some(places()), "/") else {
        return Verdict::NotChecked("no tcpdump here");
    };
    // On Ethernet, as most targets are; the filter is one argument after `--`, so it can never be an option.
    let run = Command::new(tcpdump)
        .args(["-y", "EN10MB", "-d", "--", filter])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(LIMIT, run).await {
        Ok(Ok(output)) if output.status.success() => Verdict::Good,
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
    Verdict::Bad(clean(words))
}

#[cfg(test)]
mod tests {
    use super::{Verdict, check, judge};

    #[tokio::test]
    async fn real_tcpdump_judges() {
        let good = check("tcp port 80 and not host 10.0.0.1").await;
        if let Verdict::NotChecked(why) = good {
            eprintln!("skipped: {why}");
            return;
        }
        assert_eq!(good, Verdict::Good);
        let Verdict::Bad(words) = check("not port 22 and prot tcp").await else { panic!("prot is no word") };
        assert!(!words.is_empty() && !words.contains('\n'), "{words}");
        assert!(matches!(check("-w /tmp/x").await, Verdict::Bad(_)), "never an option");
    }

    #[test]
    fn names_are_for_the_target_to_know() {
        assert_eq!(judge("tcpdump: unknown host 'web-1'\n"), Verdict::NotChecked("only the target can tell"));
        assert_eq!(
            judge("tcpdump: syntax error in filter expression\n"),
            Verdict::Bad("syntax error in filter expression".into())
        );
    }
}
