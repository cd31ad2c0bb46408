//! What is lost is counted, shown while it happens, and written down.

use serde_json::Value;

use crate::common::{files, lab::Lab, wrcap::Wrcap};

const BURST: u32 = 20_000;

fn burst() -> Vec<Vec<u8>> {
    (0..BURST).map(|number| files::known_packet(number, 1000)).collect()
}

fn number(event: &Value, key: &str) -> u64 {
    event[key].as_u64().unwrap_or_else(|| panic!("no {key} in {event}"))
}

fn is_stats(event: &Value) -> bool {
    event["event"] == "stats"
}

#[test]
fn drops_of_a_small_buffer_are_shown_live_and_at_the_end_and_in_the_file() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("{{ host: {}, interface: cap0, buffer: 64KiB }}", lab.value("T1_IP"));
    lab.site("small", &[], &format!("  t1: {target}\n"));
    let file = lab.path("out.pcapng");
    let wrcap = Wrcap::start(&lab, &["capture", "small/t1", "-w", &file.to_string_lossy(), "--json"]);
    wrcap.until_live();
    lab.replay("t1", &burst(), None);
    let seen = wrcap.until("drops", |event| is_stats(event) && number(event, "kernel_dropped") > 0);
    let dropped = number(&seen, "kernel_dropped");
    // What follows the drops carries them.
    let after = files::known_packets(20);
    lab.replay("t1", &after, Some(50));
    wrcap.until("packets after the drops", |event| {
        is_stats(event) && number(event, "packets") > number(&seen, "packets")
    });
    wrcap.signal(rustix::process::Signal::INT);

    let report = wrcap.end().code(0).report();
    assert_eq!((&report["complete"], &report["outcome"]), (&false.into(), &"stopped".into()), "{report}");
    let at_the_end = number(&report, "kernel_dropped");
    let came = files::bytes_of(&file);
    assert_eq!(came.len() as u64, number(&report, "packets"));
    let noted = files::fields(&file, "frame.drop_count", "frame.drop_count");
    let noted: u64 = noted.iter().map(|count| count.parse::<u64>().unwrap()).sum();
    // What was learned after the last packet is in the statistics at the end of the file alone.
    assert!((dropped..=at_the_end).contains(&noted), "{dropped} <= {noted} <= {at_the_end}");
    let counts = files::statistics_block(&file);
    assert_eq!(counts[&7], at_the_end, "{counts:?}");
    let sent = u64::from(BURST) + after.len() as u64;
    // What still was in the target's buffer at the stop is neither here nor dropped.
    assert!(came.len() as u64 + at_the_end <= sent, "{report}");
    assert!(came.len() as u64 + at_the_end >= sent - 20, "{report}");
    lab.assert_nothing_left();
}

#[test]
fn the_default_buffer_loses_nothing_of_the_same_burst() {
    let Some(lab) = Lab::up(1) else { return };
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let count = BURST.to_string();
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &path, "-c", &count, "--json"];
    let wrcap = Wrcap::start(&lab, &words);
    wrcap.until_live();
    let sent = burst();
    lab.replay("t1", &sent, None);
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["complete"], &report["kernel_dropped"]), (&true.into(), &0.into()), "{report}");
    assert!(files::bytes_of(&file) == sent, "other packets than those of the burst");
    lab.assert_nothing_left();
}
