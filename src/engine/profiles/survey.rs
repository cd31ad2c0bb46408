//! What this machine has for captures: for whoever opens the dashboard for the first time.

use std::{
    env,
    path::{Path, PathBuf},
};

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
    /// Whether Wireshark could open a window.
    pub display: bool,
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
    Survey { ssh, agent, wireshark, display: viewer::has_display(), hosts, multiplexed }
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

/// Wireshark makes its folder of settings even when it only tells its version: it gets one that is thrown away.
async fn wireshark() -> Option<(PathBuf, String)> {
    let path = viewer::find("wireshark")?;
    let words = version_of(&path).await.unwrap_or_default();
    let version = words.split_whitespace().nth(1).map(clean).unwrap_or_default();
    Some((path, version.trim_end_matches('.').to_owned()))
}

async fn version_of(program: &Path) -> Option<String> {
    let settings = tempfile::tempdir().ok()?;
    output(Command::new(program).arg("--version").env("WIRESHARK_CONFIG_DIR", settings.path())).await
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::version_of;

    #[tokio::test]
    async fn asking_for_a_version_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("wireshark");
        let text = "#!/bin/sh\nmkdir \"${WIRESHARK_CONFIG_DIR:-$HOME}/profiles\" && echo \"Wireshark $WIRESHARK_CONFIG_DIR\"\n";
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let words = version_of(&program).await.unwrap();
        let settings = words.trim().strip_prefix("Wireshark /").unwrap();
        assert!(!settings.is_empty() && !std::path::Path::new("/").join(settings).exists(), "{words}");
    }
}
