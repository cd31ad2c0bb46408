//! Filters are filters, whatever they look like.

use std::fs;

use crate::common::{files, lab::Lab, wrcap};

#[test]
fn a_filter_lets_through_what_it_says() {
    let Some(lab) = Lab::up(2) else { return };
    lab.tell(&["traffic", "t1", "start", "http", "dns", "ping", "rate=40"]);
    let file = lab.path("web.pcapng");
    let path = file.to_string_lossy();
    let words = ["capture", "lab/t1", "-f", "tcp port 80", "-w", &path, "-c", "300", "--json"];
    let report = wrcap::run(&lab, &words).code(0).report();
    assert_eq!(report["packets"], 300);
    assert_eq!(files::fields(&file, "tcp.port == 80", "frame.number").len(), 300);

    let file = lab.path("rest.pcapng");
    let path = file.to_string_lossy();
    let words = ["capture", "lab/t1", "-f", "icmp or udp port 53", "-w", &path, "-c", "40", "--json"];
    wrcap::run(&lab, &words).code(0);
    assert_eq!(files::fields(&file, "icmp || udp.port == 53", "frame.number").len(), 40);
    lab.tell(&["traffic", "t1", "stop"]);
    lab.assert_nothing_left();
}

/// Files that must not change, on this machine and on every host.
fn witnesses(lab: &Lab) -> String {
    let here = |folder: &str| {
        let entries =
            fs::read_dir(folder).unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = entries.filter(|name| name.starts_with("hostile")).collect();
        names.sort();
        names.join(" ")
    };
    let mut found = format!("here {} {}\n", here("/tmp"), here("."));
    let look =
        "cksum /etc/passwd /etc/shadow; ls -A /tmp /home/ec2-user /root/hostile* 2>/dev/null; uptime -s";
    for host in lab.hosts() {
        found = [found, host.clone(), lab.on(&host, &["sh", "-c", look])].join("\n");
    }
    found
}

#[test]
fn hostile_filters_are_refused_and_nothing_of_them_is_run_or_written() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("{{ host: {}, filter: ", lab.value("T1_IP"));
    lab.site("hostile", &[], &format!("  t1: {target}\"tcp\\ntouch /tmp/hostile\" }}\n"));
    let before = witnesses(&lab);
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    for filter in [
        "$(touch /tmp/hostile)",
        "`touch /tmp/hostile`",
        "'; reboot; '",
        "'; touch /tmp/hostile; '",
        "\"; touch /tmp/hostile; \"",
        "-w /etc/passwd",
        "-w /tmp/hostile",
        "--",
        "-z /tmp/hostile",
        ") or (",
        "tcp) or (udp",
        "tcp port 80\ntouch /tmp/hostile",
        "tcp port 80 > /tmp/hostile",
        "tcp; touch /tmp/hostile",
        "tcp\ttouch \u{1b}]0;hostile\u{7}",
    ] {
        let words = ["capture", "lab/t1", "-f", filter, "-w", &path, "-d", "2s"];
        let ended = wrcap::run(&lab, &words);
        assert!(matches!(ended.code, 2 | 4), "{filter:?}: {ended:?}");
        assert!(ended.err.contains("filter") && ended.err.contains("\nhint: "), "{filter:?}: {}", ended.err);
        assert!(!ended.err.contains(['\u{1b}', '\u{7}']), "{filter:?}: {:?}", ended.err);
        assert!(!file.exists(), "{filter:?} left a file");
    }
    let ended = wrcap::run(&lab, &["capture", "hostile/t1", "-w", &path, "-d", "2s"]).code(2);
    assert!(ended.err.contains("filter") && ended.err.contains("hostile.yaml"), "{}", ended.err);
    assert_eq!(witnesses(&lab), before);
    lab.assert_nothing_left();
}
