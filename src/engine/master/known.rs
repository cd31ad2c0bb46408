//! The file that a hop's ssh adds an accepted host key to. It is a link in the session's folder to the user's own file,
//! because only when the question is answered is it known whether the key is to be kept: for a key that is trusted once
//! an empty file takes the link's place, and goes with the session.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::Way;
use crate::{
    profile::HostKeyPolicy,
    remote::{
        ssh_config::{GeneratedConfig, HopConfig},
        ssh_message::{SshSaid, fingerprint_of, known_key, with_known_key},
    },
    session::{FailKind, Failure},
};

/// How long ssh may take to read its configuration.
const SETTINGS_LIMIT: Duration = Duration::from_secs(5);

/// Where the key of one hop goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHosts {
    link: PathBuf,
    /// The user's own file.
    own: PathBuf,
}

impl KnownHosts {
    /// Makes the folder of the user's own file, as ssh would: a link keeps it from doing so.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn save(&self) -> io::Result<()> {
        match self.own.parent() {
            Some(folder) if !folder.exists() => {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
            }
            _ => Ok(()),
        }
    }

    /// Keeps what ssh adds from now on out of the user's own file.
    ///
    /// # Errors
    /// When the link cannot be replaced.
    pub fn once(&self) -> io::Result<()> {
        if self.is_kept() {
            return Ok(());
        }
        let empty = self.link.with_extension("once");
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&empty)?;
        fs::rename(&empty, &self.link)
    }

    /// True if a key was trusted once before by the same session.
    fn is_kept(&self) -> bool {
        is_kept(&self.link)
    }

    /// The same words with the user's own file in place of the link.
    fn unmask(&self, text: &str) -> String {
        text.replace(&*self.link.to_string_lossy(), &self.own.to_string_lossy())
    }
}

fn is_kept(link: &Path) -> bool {
    link.symlink_metadata().is_ok_and(|file| file.is_file())
}

/// Where the link of a hop is, if it has one.
pub(super) fn link_of(hop: &HopConfig) -> Option<PathBuf> {
    Some(hop.config.with_file_name("k").join(hop.config.file_stem()?))
}

/// What is true in place of ssh's words about a key that it added to the link `link`: where the link is an empty file of
/// ours nothing was added for good.
pub(super) fn told_once(link: &Path, words: &str) -> Option<String> {
    let said = words.trim().strip_prefix("Warning: Permanently added ")?;
    let whose = said.split(" to the list").next().unwrap_or_default();
    is_kept(link).then(|| format!("trusted this once, saved nowhere: {whose}"))
}

/// The links of one connection. Dropping them removes them; what was trusted once stays for the session's next one.
#[derive(Debug, Default)]
pub(super) struct Links(pub(super) Vec<Option<KnownHosts>>);

impl Drop for Links {
    fn drop(&mut self) {
        for known in self.0.iter().flatten().filter(|known| !known.is_kept()) {
            let _ = fs::remove_file(&known.link);
            // Not while it holds another one.
            let _ = known.link.parent().map(fs::remove_dir);
        }
    }
}

/// Puts a link before the user's own files, for each hop that may ask and where ssh says which files they are.
pub(super) async fn prepare(way: &Way<'_>, config: &mut GeneratedConfig) -> Links {
    if way.target.host_key != HostKeyPolicy::Ask {
        return Links::default();
    }
    let asked = join_all(config.hops.iter().map(|hop| user_files(&way.files.ssh, hop))).await;
    Links(config.hops.iter_mut().zip(asked).map(|(hop, files)| redirect(hop, &files?)).collect())
}

/// The user's own files for a hop, as ssh reads its configuration; `None` where they cannot be told.
async fn user_files(ssh: &Path, hop: &HopConfig) -> Option<Vec<PathBuf>> {
    let mut command = Command::new(ssh);
    command.arg("-F").arg(&hop.config).args(["-G", "--", &hop.destination]);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(SETTINGS_LIMIT, output).await.ok()?.ok()?;
    known_hosts_files(&String::from_utf8_lossy(&output.stdout))
}

/// The absolute paths behind `userknownhostsfile`. Names with spaces or tokens in them are not for us.
fn known_hosts_files(settings: &str) -> Option<Vec<PathBuf>> {
    let value = settings.lines().find_map(|line| line.strip_prefix("userknownhostsfile "))?;
    let home = directories::BaseDirs::new()?.home_dir().to_owned();
    let files: Vec<PathBuf> = value
        .split(' ')
        .map(|name| name.strip_prefix("~/").map_or_else(|| PathBuf::from(name), |rest| home.join(rest)))
        .collect();
    let usable =
        |file: &PathBuf| file.is_absolute() && !file.to_string_lossy().contains(['"', '\\', '%', '$', '\'']);
    files.iter().all(usable).then_some(files)
}

/// Makes the link and names it first. ssh keeps its own ways where that fails.
fn redirect(hop: &mut HopConfig, files: &[PathBuf]) -> Option<KnownHosts> {
    let (own, rest) = files.split_first()?;
    let known = KnownHosts { link: link_of(hop)?, own: own.clone() };
    if !known.is_kept() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(known.link.parent()?).ok()?;
        let _ = fs::remove_file(&known.link);
        symlink(own, &known.link).ok()?;
    }
    // A key trusted once does not hide those that are known for good.
    let kept = known.is_kept().then_some(own);
    let names = std::iter::once(&known.link).chain(kept).chain(rest);
    let names: Vec<String> = names.map(|name| format!("\"{}\"", name.display())).collect();
    hop.text = format!("Host *\n  UserKnownHostsFile {}\n{}", names.join(" "), hop.text);
    fs::write(&hop.config, &hop.text).ok()?;
    Some(known)
}

/// The failure with the fingerprint of the key that is known, where another one was offered. It is of the line that ssh
/// named, so names that are hashed and ports make no difference.
pub(super) async fn tell_known_key(failure: Failure, said: &SshSaid) -> Failure {
    if failure.kind != FailKind::HostKeyChanged {
        return failure;
    }
    let told = match known_key(said) {
        Some((file, line)) => fingerprint(&file, line).await,
        None => None,
    };
    match &told {
        Some(told) => with_known_key(failure, told),
        None => failure,
    }
}

/// What ssh-keygen says of a line of a file of known keys.
async fn fingerprint(file: &Path, line: usize) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().nth(line.checked_sub(1)?)?.to_owned() + "\n";
    let mut command = Command::new("ssh-keygen");
    command.args(["-l", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let told = async move {
        stdin.write_all(line.as_bytes()).await.ok()?;
        drop(stdin);
        child.wait_with_output().await.ok()
    };
    let output = tokio::time::timeout(SETTINGS_LIMIT, told).await.ok()??;
    fingerprint_of(&String::from_utf8_lossy(&output.stdout)).map(str::to_owned)
}

/// The failure with the user's own files in its words.
pub(super) fn unmask(known: &Links, mut failure: Failure) -> Failure {
    for known in known.0.iter().flatten() {
        failure.message = known.unmask(&failure.message);
        for hint in [&mut failure.hint, &mut failure.by_option] {
            *hint = hint.as_deref().map(|hint| known.unmask(hint));
        }
    }
    failure
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::{HopConfig, KnownHosts, known_hosts_files, redirect, told_once};
    use crate::{
        profile::{Hop, Target, TargetName},
        remote::ssh_config::{FirstHop, SshFiles, generate},
    };

    fn hop(folder: &Path) -> HopConfig {
        let name = TargetName { site: "s".into(), target: "t".into() };
        let target = Target::new(name, Hop { host: "t".into(), ..Hop::default() });
        let mut hops = generate(&target, &SshFiles::new(folder), FirstHop::Direct).unwrap().hops;
        fs::write(&hops[0].config, &hops[0].text).unwrap();
        hops.remove(0)
    }

    #[test]
    fn only_plain_absolute_names_are_taken() {
        let files =
            |value: &str| known_hosts_files(&format!("user x\nuserknownhostsfile {value}\nport 22\n"));
        assert_eq!(files("/a/known /b/k2"), Some(vec!["/a/known".into(), "/b/k2".into()]));
        assert!(files("~/.ssh/known_hosts").is_some_and(|files| files[0].is_absolute()));
        for odd in ["none", "relative/known", "/a/%h", "/a/\"b\"", "/a/with space/b"] {
            assert_eq!(files(odd), None, "{odd}");
        }
        assert_eq!(known_hosts_files("port 22\n"), None);
    }

    #[test]
    fn a_key_goes_through_the_link_or_stays_in_the_session() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("new/known_hosts");
        let mut hop = hop(folder.path());
        let known = redirect(&mut hop, &[own.clone(), "/etc/other".into()]).unwrap();
        let first = hop.text.lines().nth(1).unwrap();
        assert_eq!(first.trim(), format!("UserKnownHostsFile \"{}\" \"/etc/other\"", known.link.display()));
        assert_eq!(fs::read_to_string(&hop.config).unwrap(), hop.text);
        known.save().unwrap();
        fs::write(&known.link, "saved\n").unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "saved\n");

        let said = "Warning: Permanently added '[10.0.0.1]:22' (ED25519) to the list of known hosts.\r\n";
        assert_eq!(told_once(&known.link, said), None, "it is saved");
        known.once().unwrap();
        assert_eq!(
            told_once(&known.link, said).as_deref(),
            Some("trusted this once, saved nowhere: '[10.0.0.1]:22' (ED25519)")
        );
        assert_eq!(told_once(&known.link, "Permission denied"), None);
        fs::write(&known.link, "once\n").unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "saved\n", "it stays as it was");

        let again = redirect(&mut hop, std::slice::from_ref(&own)).unwrap();
        assert_eq!(fs::read_to_string(&again.link).unwrap(), "once\n", "a reconnect knows it still");
        assert!(hop.text.contains(&format!("\"{}\" \"{}\"", again.link.display(), own.display())));
    }

    #[test]
    fn failures_name_the_file_that_the_user_knows() {
        let known =
            KnownHosts { link: PathBuf::from("/run/s/h0.known"), own: PathBuf::from("/home/me/known") };
        assert_eq!(
            known.unmask("at /run/s/h0.known:3; -f '/run/s/h0.known'"),
            "at /home/me/known:3; -f '/home/me/known'"
        );
    }
}
