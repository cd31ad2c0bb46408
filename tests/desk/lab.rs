//! The lab, one a test.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab.sh");

/// Labs of this process so far; tests may share one.
static LABS: AtomicU32 = AtomicU32::new(0);

/// A lab that ends with its value.
pub(crate) struct Lab {
    prefix: String,
    pub(crate) profiles: PathBuf,
    hosts: Vec<String>,
    env: String,
}

impl Lab {
    /// Builds a lab below `folder`; `defaults` are lines of the site's defaults.
    pub(crate) fn new(folder: &Path, targets: usize, defaults: &[&str]) -> Self {
        let pid = std::process::id().to_string();
        let prefix = format!("d{pid}x{}", LABS.fetch_add(1, Relaxed));
        let hosts =
            std::iter::once("bastion".to_owned()).chain((1..=targets).map(|n| format!("t{n}"))).collect();
        let mut lab = Self { prefix, profiles: folder.join("profiles"), hosts, env: String::new() };
        let (place, targets) = (folder.to_str().unwrap(), targets.to_string());
        lab.run(&["up", "--dir", place, "--targets", &targets, "--owner", &pid]);
        lab.env = fs::read_to_string(folder.join("env")).unwrap();
        let site = lab.profiles.join("lab.yaml");
        let text = fs::read_to_string(&site).unwrap();
        fs::write(site, text.replacen("defaults:", &["defaults:", &defaults.join("\n  ")].join("\n  "), 1))
            .unwrap();
        lab
    }

    /// Runs a verb of the lab's script; the verb comes first.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        self.feed(words, b"")
    }

    /// The same with something to read for what it runs.
    pub(crate) fn feed(&self, words: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("bash");
        command.arg(SCRIPT).arg(words[0]).args(["--prefix", &self.prefix]).args(&words[1..]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut script = command.spawn().unwrap();
        script.stdin.take().unwrap().write_all(input).unwrap();
        let out = script.wait_with_output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// A value of the lab's `env` file.
    pub(crate) fn value(&self, key: &str) -> &str {
        let line = self.env.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {key} in {}", self.env))
    }

    /// Writes a site beside the lab's own: its bastion and keys, with words replaced, and other targets.
    pub(crate) fn site(&self, name: &str, replaced: &[(&str, &str)], targets: &str) {
        let own = fs::read_to_string(self.profiles.join("lab.yaml")).unwrap();
        let mut head = own.split_once("targets:").unwrap().0.to_owned();
        for (old, new) in replaced {
            assert!(head.contains(old), "no {old} in {head}");
            head = head.replace(old, new);
        }
        fs::write(self.profiles.join(format!("{name}.yaml")), format!("{head}targets:\n{targets}")).unwrap();
    }

    /// What runs on the hosts and is not the lab's own.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let of = |host: &String| {
            let ps = self.run(&["ps", host]);
            ps.lines().map(|line| format!("{host}: {line}")).collect::<Vec<_>>()
        };
        self.hosts.iter().flat_map(of).collect()
    }

    /// How many hosts run a tcpdump.
    pub(crate) fn tcpdumps(&self) -> usize {
        self.hosts.iter().filter(|host| self.run(&["ps", host]).contains("tcpdump")).count()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = Command::new("bash").args([SCRIPT, "down", "--prefix", &self.prefix]).output();
    }
}
