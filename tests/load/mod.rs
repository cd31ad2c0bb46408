//! What a dashboard costs: one with many simulated captures, a terminal that says when each byte came, and the CPU
//! time of a process. Shared by a test, which judges counts, and by `benches/screen.rs`, which measures times.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests are tests too")]

pub(crate) mod captures;
#[path = "../fake/mod.rs"]
mod fake;
pub(crate) mod glass;

use std::{ffi::OsStr, fs, path::Path, time::Duration};

/// Tells the program how many captures to simulate.
pub(crate) const CAPTURES: &str = "LOAD_CAPTURES";

/// How much CPU time a process has used since it had used `before`.
pub(crate) fn cpu_since(pid: u32, before: Option<Duration>) -> Option<Duration> {
    Some(cpu_time(pid)?.saturating_sub(before?))
}

/// How much CPU time a process has used; `None` where the system does not tell.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the last bracket may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_micros(ticks * 1_000_000 / rustix::param::clock_ticks_per_second()))
}

/// A real wrcap in a terminal of 100 columns and 30 rows, with folders of its own below `root`.
pub(crate) fn wrcap(program: &str, profiles: &Path, root: &Path) -> glass::Glass {
    let folders = [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "run"),
    ]
    .map(|(variable, name)| (variable, root.join(name)));
    for (_, folder) in &folders {
        fs::create_dir_all(folder).unwrap();
    }
    let set = folders.each_ref().map(|(variable, folder)| (*variable, folder.as_os_str()));
    let arguments = ["--profiles", profiles.to_str().unwrap()];
    glass::Glass::start(OsStr::new(program), &arguments, (100, 30), &set)
}

/// A folder with a site of three targets, for a real wrcap that has nothing to do.
pub(crate) fn write_site(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let targets = "web-1: { host: 10.0.1.11 }, web-2: { host: 10.0.1.12 }, db-1: { host: 10.0.1.30 }";
    fs::write(folder.join("shop.yaml"), format!("targets: {{ {targets} }}\n")).unwrap();
}

/// A number from the environment.
pub(crate) fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
