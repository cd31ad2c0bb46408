//! What the dashboard asks of a terminal and a machine: nothing while nothing is live, little while much is.
//! Judged are counts alone; times are measured by `make bench`.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod load;

use std::{ffi::OsStr, time::Duration};

use load::{CAPTURES, captures, cpu_since, cpu_time, from_env, glass::Glass};

/// Four frames a second, and what may have been on its way when the counting began.
const FRAMES_A_SECOND: u64 = 4;
const ON_THE_WAY: u64 = 3;
const BYTES_A_SECOND: u64 = 5000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the dashboard itself, started in a terminal by the others"]
async fn dashboard() {
    captures::dashboard(usize::try_from(from_env(CAPTURES, 8)).unwrap()).await;
}

/// A terminal with a real wrcap that has nothing to do; its folders are gone with the value beside it.
fn idle(profiles: bool) -> (Glass, tempfile::TempDir) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("profiles");
    if profiles {
        load::write_site(&folder);
    }
    (load::wrcap(env!("CARGO_BIN_EXE_wrcap"), &folder, root.path()), root)
}

/// `IDLE_SECONDS=300 cargo test --release --test screen_load nothing_is_live` for the time that a user may be away.
#[test]
fn while_nothing_is_live_not_a_byte_is_written() {
    let time = Duration::from_secs(from_env("IDLE_SECONDS", 20));
    let screens = [(true, "Nothing running"), (false, "This machine")].map(|(profiles, text)| {
        std::thread::spawn(move || {
            let (mut glass, _root) = idle(profiles);
            glass.shows(text);
            glass.settle(Duration::from_secs(2));
            let before = cpu_time(glass.pid());
            let traffic = glass.watch(time);
            let used = cpu_since(glass.pid(), before);
            println!("{text}: {} bytes in {} s, CPU {used:?}", traffic.bytes, time.as_secs());
            assert_eq!(traffic.bytes, 0, "{}", glass.text());
            glass.press("?");
            glass.shows("type to search");
        })
    });
    for screen in screens {
        screen.join().unwrap();
    }
}

#[test]
fn eight_live_captures_are_four_frames_a_second_and_little_for_the_terminal() {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "dashboard", "--ignored", "--nocapture"];
    let set = [(CAPTURES, OsStr::new("8"))];
    let mut glass = Glass::start(program.as_os_str(), &arguments, (100, 30), &set);
    glass.until("eight that capture", |screen| {
        screen.contents().lines().filter(|line| line.contains("▸ live") && line.contains("b/s")).count() == 8
    });
    let seconds = from_env("LOAD_SECONDS", 10);
    let traffic = glass.watch(Duration::from_secs(seconds));
    let (bytes, frames) = (traffic.bytes as u64, traffic.frames as u64);
    println!("8 live: {frames} frames and {bytes} bytes in {seconds} s");
    assert!(frames > 0, "{}", glass.text());
    assert!(frames <= FRAMES_A_SECOND * seconds + ON_THE_WAY, "{frames} frames in {seconds} s");
    assert!(bytes <= BYTES_A_SECOND * seconds, "{bytes} bytes in {seconds} s");
}
