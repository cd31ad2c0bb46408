//! What this machine has for captures: for whoever opens the dashboard for the first time.

use std::{env, path::PathBuf};

use tokio::process::Command;

use super::{facts::output, hosts};
use crate::{engine::viewer, remote::text::clean};

/// What was found. Texts are cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// ssh's own words about its version; `None` where there is no ssh.
    pub ssh: Option<String>,
    /// How many keys the agent holds; `None` without an agent.
    pub agent: Option<usize>,
    /// Wireshark's path and version; the version is empty where it does not say.
    pub wireshark: Option<(PathBuf, String)>,
    /// How many machines `~/.ssh/config` names.
    pub hosts: usize,
    /// Whether the terminal is one of tmux or screen, which may keep the clipboard to themselves.
    pub multiplexed: bool,
}

/// Looks around.
pub(super) async fn survey() -> Survey {
    let hosts = directories::BaseDirs::new().map_or(0, |dirs| hosts::names(dirs.home_dir()).len());
    let (ssh, agent, wireshark) = tokio::join!(ssh(), agent(), wireshark());
    let multiplexed = ["TMUX", "STY"].iter().any(|name| env::var_os(name).is_some());
    Survey { ssh, agent, wireshark, hosts, multiplexed }
}

/// `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19`: it goes to stderr.
async fn ssh() -> Option<String> {
    let run = Command::new("ssh").arg("-V").stdin(std::process::Stdio::null()).kill_on_drop(true).output();
    let output = run.await.ok()?;
    let words = clean(&String::from_utf8_lossy(&output.stderr));
    Some(words.split([' ', ',']).next().unwrap_or_default().replace('_', " "))
}

/// An agent without keys ends with an error and says so on stdout.
async fn agent() -> Option<usize> {
    env::var_os("SSH_AUTH_SOCK")?;
    let keys = output(Command::new("ssh-add").arg("-l")).await.unwrap_or_default();
    Some(keys.lines().filter(|line| line.contains(':')).count())
}

async fn wireshark() -> Option<(PathBuf, String)> {
    let path = viewer::find("wireshark")?;
    let words = output(Command::new(&path).arg("--version")).await.unwrap_or_default();
    let version = words.split_whitespace().nth(1).map(clean).unwrap_or_default();
    Some((path, version.trim_end_matches('.').to_owned()))
}
