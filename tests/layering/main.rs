//! Holds the code to the picture of `ARCHITECTURE.md` (who may use whom) and to the size budget of
//! `CONTRIBUTING.md`. Both are read from the sources, tests left out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the sources has failed")]

mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use source::sources;

/// What each room uses besides itself. An arrow that nothing needs is an error too.
const ROOMS: [(&str, &[&str]); 7] = [
    ("packet", &[]),
    ("profile", &[]),
    ("session", &[]),
    ("remote", &["profile", "session"]),
    ("engine", &["packet", "profile", "remote", "session"]),
    ("tui", &["engine", "profile", "remote", "session"]),
    ("cli", &["engine", "profile", "remote", "session", "tui"]),
];

/// The rooms without I/O, clock and environment, and the crates that each of them computes with.
const PURE: [(&str, &[&str]); 4] = [
    ("packet", &["thiserror"]),
    ("profile", &["humantime", "serde", "serde_json", "serde_yaml", "thiserror", "yaml_edit"]),
    ("session", &[]),
    ("remote", &["shlex", "thiserror", "zeroize"]),
];

/// Parts of the standard library that touch the world.
const WORLD: [&str; 7] = ["env", "fs", "io", "net", "os", "process", "thread"];

/// What is only a value in them.
const VALUES: [&str; 3] = ["std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr"];

/// What reads a clock.
const CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];

/// The only places of the dashboard that wait: its loop, and what the loop listens to.
const LOOP: [&str; 3] = ["tui/hangup.rs", "tui/inputs.rs", "tui/run.rs"];

const FILE_MEDIAN: usize = 120;

/// Of every file, also of tests and with them.
const FILE_MAX: usize = 400;

const FUNCTION_MEDIAN: usize = 10;

const FUNCTION_P95: usize = 40;

const FUNCTION_MAX: usize = 80;

const FIELDS_MAX: usize = 15;

/// The names that code uses for the crates of `[dependencies]`.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let section = manifest.split("\n[").find(|part| part.starts_with("dependencies]")).unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    names.map(|name| name.replace('-', "_")).collect()
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let names: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut found: BTreeMap<&str, BTreeSet<&str>> =
        names.iter().map(|room| (*room, BTreeSet::new())).collect();
    let sources = sources();
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| !matches!(source.room(), "lib" | "main")) {
        let room = *names.get(source.room()).unwrap_or_else(|| panic!("{} is in no room", source.name));
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).unwrap().1;
        for other in names.iter().filter(|other| **other != room) {
            for path in source.uses(&format!("crate::{other}")) {
                found.get_mut(room).unwrap().insert(other);
                if !allowed.contains(other) {
                    wrong.push(format!("{} uses {path}", source.name));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0], "\nan arrow that the picture does not have");
    for (room, allowed) in ROOMS {
        assert_eq!(found[room].iter().copied().collect::<Vec<_>>(), allowed, "what {room} uses");
    }
}

#[test]
fn pure_rooms_touch_nothing() {
    let crates = dependencies();
    let sources = sources();
    for (room, allowed) in PURE {
        let mut wrong = Vec::new();
        let mut used = BTreeSet::new();
        for source in sources.iter().filter(|source| source.room() == room) {
            for path in &source.paths {
                let mut parts = path.split("::");
                let first = parts.next().unwrap_or_default();
                if path.contains("::") && crates.contains(first) {
                    used.insert(first);
                }
                let world = first == "std" && parts.next().is_some_and(|part| WORLD.contains(&part));
                let value = VALUES.iter().any(|value| path.starts_with(value));
                let clock = CLOCKS.iter().any(|clock| path.ends_with(clock));
                if (world && !value) || clock {
                    wrong.push(format!("{} uses {path}", source.name));
                }
            }
            if source.awaits {
                wrong.push(format!("{} waits", source.name));
            }
        }
        assert_eq!(wrong, [""; 0], "\n{room} is pure");
        assert_eq!(used.into_iter().collect::<Vec<_>>(), allowed, "the crates of {room}");
    }
}

#[test]
fn the_dashboard_waits_in_its_loop_only() {
    let sources = sources();
    let waiting: Vec<&str> = sources
        .iter()
        .filter(|source| source.room() == "tui" && source.awaits)
        .map(|source| source.name.as_str())
        .collect();
    assert_eq!(waiting, LOOP);
}

/// `numbers` sorted, and the value that `percent` of them do not exceed.
fn percentile(mut numbers: Vec<usize>, percent: usize) -> usize {
    numbers.sort_unstable();
    numbers[(numbers.len() * percent).div_ceil(100).saturating_sub(1)]
}

/// The Rust files below a folder, with their lines.
fn files(folder: &Path) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            found.push((path, lines));
        }
    }
    found
}

#[test]
fn files_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all: Vec<_> =
        ["src", "tests", "benches", "examples"].iter().flat_map(|name| files(&root.join(name))).collect();
    assert!(all.iter().any(|(path, _)| path.ends_with(file!())), "this file is not among them");
    let long: Vec<_> = all
        .iter()
        .filter(|(_, lines)| *lines > FILE_MAX)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert_eq!(long, [""; 0], "\nover {FILE_MAX} lines");
    let sources = sources();
    let median = percentile(sources.iter().map(|source| source.lines).collect(), 50);
    println!("{} files, median {median} lines", sources.len());
    assert!(median <= FILE_MEDIAN, "the median file has {median} lines, over {FILE_MEDIAN}");
}

#[test]
fn functions_stay_small() {
    let sources = sources();
    let all: Vec<(String, usize)> = sources
        .iter()
        .flat_map(|source| source.functions.iter().map(|(name, n)| (format!("{}: {name}", source.name), *n)))
        .collect();
    let long: Vec<_> = all.iter().filter(|(_, lines)| *lines > FUNCTION_MAX).collect();
    assert!(long.is_empty(), "over {FUNCTION_MAX} lines: {long:?}");
    let lines: Vec<usize> = all.iter().map(|(_, lines)| *lines).collect();
    let (median, p95) = (percentile(lines.clone(), 50), percentile(lines.clone(), 95));
    println!("{} functions, median {median} lines, 95 % have at most {p95}", lines.len());
    assert!(median <= FUNCTION_MEDIAN, "the median function has {median} lines, over {FUNCTION_MEDIAN}");
    assert!(p95 <= FUNCTION_P95, "5 % of the functions have over {p95} lines, budget {FUNCTION_P95}");
}

#[test]
fn structs_stay_small() {
    let sources = sources();
    let wide: Vec<String> = sources
        .iter()
        .flat_map(|source| source.structs.iter().map(move |found| (source, found)))
        .filter(|(_, (_, fields))| *fields > FIELDS_MAX)
        .map(|(source, (name, fields))| format!("{}: {name} has {fields} fields", source.name))
        .collect();
    assert_eq!(wide, [""; 0], "\nover {FIELDS_MAX} fields");
}
