//! How soon a key is on the screen, and what the screen costs a terminal and this machine.
//!
//! ```text
//! cargo bench --bench screen -- keys             100 simulated captures, KEYS=1000 keys at two sizes
//! cargo bench --bench screen -- idle             nothing live for IDLE_SECONDS=300
//! cargo bench --bench screen -- lab PROFILES     all targets of a folder live for LOAD_SECONDS=60
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench says what it found, and fails loudly"
)]

#[path = "../tests/load/mod.rs"]
mod load;

use std::{
    env,
    ffi::OsStr,
    path::Path,
    time::{Duration, Instant},
};

use load::{CAPTURES, captures, cpu_since, cpu_time, from_env, glass::Glass};

const WRCAP: &str = env!("CARGO_BIN_EXE_wrcap");

/// Down and up by a row and by half a screen: each moves the cursor to another capture.
const KEYS: [&str; 4] = ["j", "\x04", "k", "\x15"];

fn main() {
    // cargo adds `--bench`.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["dashboard"] => {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(captures::dashboard(usize::try_from(from_env(CAPTURES, 100)).unwrap()));
        }
        [] => {
            keys((100, 30));
            keys((200, 60));
        }
        ["keys"] => [(100, 30), (200, 60)].into_iter().for_each(keys),
        ["idle"] => idle(),
        ["lab", profiles] => lab(profiles),
        _ => panic!("keys, idle, or lab PROFILES"),
    }
}

/// The capture under the cursor.
fn under_cursor(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    let row = text.lines().find(|line| line.starts_with('▌') && line.contains("▸ live"))?;
    row.split_whitespace().find(|word| word.starts_with("site-")).map(str::to_owned)
}

/// From the moment a key is written until the bytes are read that show what it did.
fn keys(size: (u16, u16)) {
    let program = env::current_exe().unwrap();
    let set = [(CAPTURES, OsStr::new("100"))];
    let mut glass = Glass::start(program.as_os_str(), &["dashboard"], size, &set);
    glass.shows("100 live");
    glass.press("1+");
    glass.until("a cursor", |screen| under_cursor(screen).is_some());
    // The histories fill up: sparklines are wide for most of a dashboard's life.
    glass.watch(Duration::from_secs(from_env("WARM_SECONDS", 20)));
    let mut times: Vec<Duration> = (0..from_env("KEYS", 1000))
        .map(|number| {
            // Keys come at any moment between two ticks, from as fast as a key repeats to a second's third.
            glass.watch(Duration::from_millis(20 + number * 7919 % 180));
            let key = KEYS[usize::try_from(number).unwrap() % KEYS.len()];
            let mut before = None;
            glass.until("a cursor", |screen| {
                before = under_cursor(screen);
                before.is_some()
            });
            let pressed = Instant::now();
            glass.press(key);
            glass.until("another row", |screen| under_cursor(screen).is_some_and(|now| Some(now) != before))
                - pressed
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    let (columns, rows) = size;
    println!(
        "key to frame, 100 live captures, {columns}x{rows}, {} keys: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        times.len(),
        at(50),
        at(99),
        at(100),
    );
}

fn idle() {
    let root = tempfile::tempdir().unwrap();
    let profiles = root.path().join("profiles");
    load::write_site(&profiles);
    let mut glass = load::wrcap(WRCAP, &profiles, root.path());
    glass.shows("Nothing running");
    glass.settle(Duration::from_secs(2));
    report("nothing live", &mut glass, from_env("IDLE_SECONDS", 300));
}

fn lab(profiles: &str) {
    let root = tempfile::tempdir().unwrap();
    let mut glass = load::wrcap(WRCAP, Path::new(profiles), root.path());
    glass.shows("Nothing running");
    glass.press("2As");
    let mut live = 0;
    glass.until("all live", |screen| {
        let text = screen.contents();
        live = text.matches("▸ live").count();
        live > 0 && text.contains(&format!(" {live} live ")) && !text.contains(" starting")
    });
    glass.watch(Duration::from_secs(from_env("WARM_SECONDS", 20)));
    report(&format!("{live} live on the lab"), &mut glass, from_env("LOAD_SECONDS", 60));
    glass.press("q");
    glass.shows("[ Stay ]");
    glass.press("\x1b[C\r");
    glass.shows("stopped");
}

fn report(what: &str, glass: &mut Glass, seconds: u64) {
    let before = cpu_time(glass.pid());
    let traffic = glass.watch(Duration::from_secs(seconds));
    let used = cpu_since(glass.pid(), before);
    println!(
        "{what}: in {seconds} s {} frames, {} bytes, CPU {} ms",
        traffic.frames,
        traffic.bytes,
        used.map_or("?".to_owned(), |used| used.as_millis().to_string()),
    );
}
