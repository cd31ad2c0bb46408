//! The machines of the user's `ssh_config`, and what ssh makes of each.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use futures_util::{StreamExt as _, stream};

use super::facts::{self, Facts};
use crate::{
    profile::{Hop, jumps, valid_name},
    remote::ssh_config::scan,
};

/// `Include` in `Include` deeper than this is not followed.
const DEEPEST: usize = 4;
/// More bastions than this are on no way that somebody means.
const MOST_HOPS: usize = 8;
/// How many machines ssh is asked about at the same time.
const AT_ONCE: usize = 8;

/// A machine that could become a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name in the configuration: also the target's name and host.
    pub name: String,
    /// What ssh makes of it.
    pub facts: Facts,
    /// The bastions on the way to it, outermost first: those of its `ProxyJump`, and of theirs.
    pub via: Vec<Hop>,
}

/// The names in the user's configuration that can name a target.
pub(super) fn names(home: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    read(&home.join(".ssh/config"), home, DEEPEST, &mut seen, &mut found);
    found.retain(|name| valid_name(name));
    found
}

/// Reads a file and what it includes, each once.
fn read(path: &Path, home: &Path, deeper: usize, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<String>) {
    if !seen.insert(path.to_owned()) {
        return;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let scanned = scan(&text);
    for name in scanned.hosts {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    for include in scanned.includes.iter().filter(|_| deeper > 0) {
        for path in matching(include, home) {
            read(&path, home, deeper - 1, seen, found);
        }
    }
}

/// The files that an `Include` means: relative to `~/.ssh`, with patterns in the last part only.
fn matching(include: &str, home: &Path) -> Vec<PathBuf> {
    let path = match include.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => home.join(".ssh").join(include),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !name.contains(['*', '?']) {
        return vec![path];
    }
    let Some(entries) = path.parent().and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return Vec::new();
    };
    let fits = |entry: &std::fs::DirEntry| fits(&name, &entry.file_name().to_string_lossy());
    let mut files: Vec<PathBuf> = entries.flatten().filter(fits).map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    let mut rest = name.chars();
    let mut wanted = pattern.chars();
    match wanted.next() {
        None => name.is_empty(),
        Some('*') => {
            let left = wanted.as_str();
            fits(left, name) || rest.next().is_some_and(|_| fits(pattern, rest.as_str()))
        }
        Some(c) => {
            rest.next().is_some_and(|have| c == '?' || c == have) && fits(wanted.as_str(), rest.as_str())
        }
    }
}

/// All of them, with what ssh makes of each, in the configuration's order.
pub(super) async fn list(home: &Path) -> Vec<Host> {
    let ask = |hop: Hop| async move { facts::settings(&hop).await };
    let asked = names(home).into_iter().map(|name| async move {
        let facts = ask(Hop { host: name.clone(), ..Hop::default() }).await;
        let via = match &facts.jump {
            Some(jump) => road(jump, ask).await,
            None => Vec::new(),
        };
        Host { name, facts, via }
    });
    stream::iter(asked).buffered(AT_ONCE).collect().await
}

/// All bastions that a jump leads through. ssh reaches the first one of a jump as its own configuration says, and every
/// other one through the one before, whatever its configuration says. What cannot be written as bastions, or leads
/// in a circle, is left to ssh.
async fn road<F: Future<Output = Facts>>(jump: &str, ask: impl Fn(Hop) -> F) -> Vec<Hop> {
    let mut hops = jumps(jump).unwrap_or_default();
    while let Some(first) = hops.first() {
        let more = ask(first.clone()).await.jump.and_then(|jump| jumps(&jump));
        let Some(mut outer) = more else { break };
        let circle = outer.iter().any(|hop| hops.iter().any(|known| known.host == hop.host));
        if circle || hops.len() + outer.len() > MOST_HOPS {
            return Vec::new();
        }
        outer.append(&mut hops);
        hops = outer;
    }
    hops
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Facts, Hop, fits, names, road};

    /// The way of a jump, where these machines have jumps of their own.
    async fn way(jump: &str, own: &[(&str, &str)]) -> Vec<String> {
        let ask = |hop: Hop| {
            let jump = own.iter().find(|(host, _)| *host == hop.host).map(|(_, jump)| (*jump).to_owned());
            async move { Facts { jump, ..Facts::default() } }
        };
        road(jump, ask).await.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn jumps_become_bastions_with_those_before_them() {
        let own = [("inner", "outer"), ("outer", "me@gate:2222"), ("x", "y"), ("y", "x"), ("odd", "%r@z")];
        for (jump, expected) in [
            ("outer", &["me@gate:2222", "outer"][..]),
            ("inner", &["me@gate:2222", "outer", "inner"]),
            // The second one is reached through the first, whatever it would do by itself.
            ("a,inner", &["a", "inner"]),
            ("a, jo@b:2022 ,[fe80::1]:22", &["a", "jo@b:2022", "[fe80::1]:22"]),
            ("ssh://jo@b:2022/", &["jo@b:2022"]),
            ("x", &[]),
            ("%h-gate", &[]),
            ("odd", &["odd"]),
        ] {
            assert_eq!(way(jump, &own).await, expected, "{jump}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "a", true),
            ("*.conf", "a.conf", true),
            ("*.conf", "a.config", false),
            ("?b*", "abc", true),
            ("?b*", "b", false),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn included_files_are_read_once_and_names_that_cannot_be_targets_are_left_out() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        fs::create_dir_all(ssh.join("config.d")).unwrap();
        fs::write(ssh.join("config"), "Include config.d/*.conf config\nHost web-1 a/b 'x y'\n").unwrap();
        fs::write(ssh.join("config.d/b.conf"), "Host db\nInclude ~/.ssh/config\n").unwrap();
        fs::write(ssh.join("config.d/a.conf"), "Host gate web-1\n").unwrap();
        fs::write(ssh.join("config.d/notes"), "Host not-me\n").unwrap();
        assert_eq!(names(home.path()), ["web-1", "gate", "db"]);
        assert!(names(&home.path().join("nowhere")).is_empty());
    }
}
