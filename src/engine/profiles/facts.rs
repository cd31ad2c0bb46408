//! What this machine's ssh makes of a target: the user's own configuration, and the key.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use crate::{
    profile::{Hop, Target},
    remote::text::clean,
};

/// How long each question may take: a configuration may run programs (`Match exec`).
const LIMIT: Duration = Duration::from_secs(3);

/// What ssh would do by itself for a target's own machine. Texts are cleaned; what ssh does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The machine that was asked about, as the user names it.
    pub host: String,
    /// The host that ssh connects to.
    pub hostname: String,
    /// The login name.
    pub user: String,
    /// The port.
    pub port: String,
    /// The jump or command of the user's configuration, if any.
    pub proxy: Option<String>,
    /// The jump of the user's configuration, if it is one.
    pub jump: Option<String>,
    /// The key file that ssh tries first of those that exist.
    pub identity: Option<String>,
    /// The key file that is used, looked at.
    pub key: Option<KeyFacts>,
}

/// A key file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFacts {
    /// There is no such file.
    Missing,
    /// It is there.
    Found {
        /// Its algorithm, as ssh-keygen calls it; empty if that could not tell.
        algorithm: String,
        /// It needs a passphrase.
        encrypted: bool,
        /// The agent has it; `None` without an agent.
        in_agent: Option<bool>,
    },
}

/// Finds out about a target.
pub(super) async fn find(target: &Target) -> Facts {
    let mut facts = settings(&target.host).await;
    let key = target.host.identity.clone().or_else(|| facts.identity.as_ref().map(PathBuf::from));
    if let Some(path) = key {
        facts.key = Some(look_at(&expand(&path.to_string_lossy())).await);
    }
    facts
}

/// The same without a look at the key.
pub(super) async fn settings(hop: &Hop) -> Facts {
    let mut facts = Facts { host: hop.host.clone(), ..Facts::default() };
    let mut ssh = Command::new("ssh");
    if let Some(user) = &hop.user {
        ssh.args(["-l", user]);
    }
    if let Some(port) = hop.port {
        ssh.arg("-p").arg(port.to_string());
    }
    ssh.args(["-G", "--", &hop.host]);
    let settings = output(&mut ssh).await.unwrap_or_default();
    read(&settings, &mut facts, |path| expand(path).exists());
    facts
}

/// The standard output of a command that ends well.
pub(super) async fn output(command: &mut Command) -> Option<String> {
    let run = command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(LIMIT, run).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads `ssh -G`.
fn read(settings: &str, facts: &mut Facts, exists: impl Fn(&str) -> bool) {
    for line in settings.lines() {
        let Some((keyword, value)) = line.split_once(' ') else { continue };
        let value = clean(value);
        match keyword {
            "hostname" => facts.hostname = value,
            "user" => facts.user = value,
            "port" => facts.port = value,
            "proxyjump" if value != "none" => {
                facts.jump = Some(value.clone());
                facts.proxy = Some(value);
            }
            "proxycommand" if value != "none" => facts.proxy = Some(value),
            "identityfile" if facts.identity.is_none() && exists(&value) => facts.identity = Some(value),
            _ => {}
        }
    }
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

async fn look_at(path: &Path) -> KeyFacts {
    if !path.is_file() {
        return KeyFacts::Missing;
    }
    let keygen = || Command::new("ssh-keygen");
    let print = output(keygen().arg("-l").arg("-f").arg(path)).await.unwrap_or_default();
    // The empty passphrase opens only what has none.
    let open = output(keygen().args(["-y", "-P", "", "-f"]).arg(path)).await.is_some();
    let fingerprint = print.split(' ').nth(1).unwrap_or_default();
    let algorithm = print.trim_end().rsplit_once('(').map_or("", |(_, end)| end.trim_end_matches(')'));
    let in_agent = if env::var_os("SSH_AUTH_SOCK").is_some() {
        let keys = output(Command::new("ssh-add").arg("-l")).await.unwrap_or_default();
        Some(!fingerprint.is_empty() && keys.contains(fingerprint))
    } else {
        None
    };
    KeyFacts::Found { algorithm: clean(&algorithm.to_lowercase()), encrypted: !open, in_agent }
}

#[cfg(test)]
mod tests {
    use super::{Facts, KeyFacts, look_at, read};
    use std::process::Command;

    #[test]
    fn settings_are_read() {
        let mut facts = Facts::default();
        let text = "user jo\nhostname 10.0.0.1\nport 2222\nidentityfile ~/.ssh/none\nidentityfile ~/.ssh/k\n\
                    identityfile ~/.ssh/l\nproxyjump a,b\nproxycommand none\n";
        read(text, &mut facts, |path| path != "~/.ssh/none");
        assert_eq!(
            (facts.user.as_str(), facts.hostname.as_str(), facts.port.as_str()),
            ("jo", "10.0.0.1", "2222")
        );
        assert_eq!((facts.identity.as_deref(), facts.proxy.as_deref()), (Some("~/.ssh/k"), Some("a,b")));
    }

    #[tokio::test]
    async fn keys_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        assert_eq!(look_at(&path).await, KeyFacts::Missing);
        for (passphrase, locked) in [("", false), ("secret", true)] {
            let _ = std::fs::remove_file(&path);
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", passphrase, "-f"])
                .arg(&path)
                .stdin(std::process::Stdio::null())
                .status();
            if !made.is_ok_and(|status| status.success()) {
                eprintln!("skipped: no ssh-keygen");
                return;
            }
            let KeyFacts::Found { algorithm, encrypted, .. } = look_at(&path).await else {
                panic!("it is there")
            };
            assert_eq!((algorithm.as_str(), encrypted), ("ed25519", locked));
        }
    }
}
