//! The lab, one a test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
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
}

impl Lab {
    /// Builds a lab below `folder`; `defaults` are lines of the site's defaults.
    pub(crate) fn new(folder: &Path, targets: usize, defaults: &[&str]) -> Self {
        let pid = std::process::id().to_string();
        let prefix = format!("d{pid}x{}", LABS.fetch_add(1, Relaxed));
        let hosts =
            std::iter::once("bastion".to_owned()).chain((1..=targets).map(|n| format!("t{n}"))).collect();
        let lab = Self { prefix, profiles: folder.join("profiles"), hosts };
        let (folder, targets) = (folder.to_str().unwrap(), targets.to_string());
        lab.run(&["up", "--dir", folder, "--targets", &targets, "--owner", &pid]);
        let site = lab.profiles.join("lab.yaml");
        let text = fs::read_to_string(&site).unwrap();
        fs::write(site, text.replacen("defaults:", &["defaults:", &defaults.join("\n  ")].join("\n  "), 1))
            .unwrap();
        lab
    }

    /// Runs a verb of the lab's script; the verb comes first.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        let mut command = Command::new("bash");
        command.arg(SCRIPT).arg(words[0]).args(["--prefix", &self.prefix]).args(&words[1..]);
        let out = command.output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
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
