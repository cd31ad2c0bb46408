//! What is captured is what was on the wire, all of it and nothing of our own.

use std::{
    io::Write as _,
    process::{ChildStdin, Stdio},
    sync::mpsc::{Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

use crate::common::{
    PATIENCE, files, holds_within,
    lab::{Helper, Lab},
    wrcap::{self, Wrcap},
};

/// While it lives, the kernel stamps each packet once, when it comes in, and not once for every capture of it.
fn stamp_on_arrival(lab: &Lab) -> Helper {
    let out = lab.path("stamps.out");
    let program = "use Socket; $| = 1; socket(my $s, PF_INET, SOCK_DGRAM, 0) or die; \
                   setsockopt($s, SOL_SOCKET, 29, 1) or die; print qq(ready\\n); <STDIN>";
    let child = std::process::Command::new("perl")
        .args(["-e", program])
        .stdin(Stdio::piped())
        .stdout(std::fs::File::create(&out).unwrap())
        .spawn();
    let helper = Helper(child.unwrap());
    assert!(holds_within(PATIENCE, || std::fs::read_to_string(&out).unwrap().contains("ready")));
    helper
}

#[test]
fn twenty_thousand_packets_arrive_as_they_were_with_the_times_that_tcpdump_gave() {
    let Some(lab) = Lab::up(1) else { return };
    lab.site("quiet", &[], &format!("  t1: {{ host: {}, interface: cap0 }}\n", lab.value("T1_IP")));
    let _stamps = stamp_on_arrival(&lab);
    let sent = files::known_packets(20_000);
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let (seen, words) = (lab.path("reference.log"), ["-i", "cap0", "-B", "32768", "-c", "20000"]);
    let exec = ["exec", "t1", "--", "tcpdump", "-Z", "root", "-w", "/tmp/reference.pcap"];
    let mut reference = lab.start(&[&exec[..], &words].concat(), Stdio::null(), &seen);
    let wrcap = Wrcap::start(&lab, &["capture", "quiet/t1", "-w", &path, "-c", "20000", "--json"]);
    wrcap.until_live();
    assert!(holds_within(PATIENCE, || std::fs::read_to_string(&seen).unwrap().contains("listening on cap0")));
    lab.replay("t1", &sent, Some(20_000));

    let ended = wrcap.end().code(0);
    let report = ended.report();
    assert_eq!(report["packets"], 20_000);
    assert_eq!(report["bytes"], sent.iter().map(Vec::len).sum::<usize>());
    assert_eq!((&report["kernel_dropped"], &report["complete"]), (&0.into(), &true.into()), "{report}");
    assert_eq!(report["outcome"], "limit");

    let came = files::packets_of(&file);
    assert_eq!(came.len(), sent.len());
    let different = came.iter().zip(&sent).position(|((_, came), sent)| came != sent);
    assert_eq!(different, None, "the first packet that is not the one that was sent");
    assert!(reference.0.wait().unwrap().success());
    let copy = lab.command(&["exec", "t1", "--", "cat", "/tmp/reference.pcap"]).output().unwrap();
    std::fs::write(lab.path("reference.pcap"), copy.stdout).unwrap();
    let reference = files::read_pcap(&lab.path("reference.pcap"));
    let different = came.iter().zip(&reference).position(|(ours, tcpdump)| ours != tcpdump);
    assert_eq!(different, None, "the first packet that a second tcpdump saw otherwise");
    assert_eq!(reference.len(), 20_000);

    let told = files::capinfos(&file);
    for words in ["pcapng", "20000", "Name = t1:cap0", "Capture length = 262144", "Strict time order:   True"]
    {
        assert!(told.contains(words), "no '{words}' in\n{told}");
    }
    let names = files::fields(&file, "frame.number <= 2", "frame.interface_name");
    assert_eq!(names, ["t1:cap0", "t1:cap0"]);
    let counts = files::statistics_block(&file);
    assert_eq!([counts[&4], counts[&7]], [20_000, 0], "{counts:?}");
    lab.assert_nothing_left();
}

/// Another ssh connection to a target, with a word on it every tenth of a second until it is closed.
struct Talk {
    helper: Helper,
    close: Option<Sender<()>>,
    talker: Option<JoinHandle<ChildStdin>>,
}

impl Talk {
    fn start(lab: &Lab, from: &str, to: &str) -> Self {
        let out = lab.path("talk.out");
        let ssh = ["ssh", "-T", "-o", "BatchMode=yes", to, "cat"];
        let exec = ["exec", from, "--user", "--"];
        let mut helper = lab.start(&[&exec[..], &ssh].concat(), Stdio::piped(), &out);
        let mut stdin = helper.0.stdin.take().unwrap();
        let (close, closed) = channel::<()>();
        let talker = std::thread::spawn(move || {
            while closed.recv_timeout(Duration::from_millis(100)).is_err() {
                if stdin.write_all(b"word\n").is_err() {
                    break;
                }
            }
            stdin
        });
        let talk = Self { helper, close: Some(close), talker: Some(talker) };
        assert!(holds_within(PATIENCE, || std::fs::read_to_string(&out).unwrap().contains("word")));
        talk
    }

    fn close(mut self) {
        self.close.take().unwrap().send(()).unwrap();
        drop(self.talker.take().unwrap().join().unwrap());
        assert!(self.helper.0.wait().unwrap().success());
    }
}

#[test]
fn nothing_of_our_own_is_captured_and_other_ssh_connections_are() {
    let Some(lab) = Lab::up(2) else { return };
    let talk = Talk::start(&lab, "t2", "t1");
    let file = lab.path("out.pcapng");
    let wrcap =
        Wrcap::start(&lab, &["capture", "lab/t1", "-w", &file.to_string_lossy(), "-d", "11s", "--json"]);
    let armed = wrcap.until("command line", |event| event["event"] == "armed");
    let ended = wrcap.end().code(0);
    talk.close();

    assert_eq!(armed["interface"], "eth0");
    let command = armed["command"].as_str().unwrap();
    let own: Vec<&str> =
        command.rsplit_once("'not (tcp and ").unwrap().1.trim_end_matches(")'").split(' ').collect();
    let [_, from, _, _, port, _, _, to, _, _, server_port] = own[..] else { panic!("{own:?}") };
    assert_eq!((from, to, server_port), (lab.value("BASTION_INNER_IP"), lab.value("T1_IP"), "22"));

    let own = format!("tcp.port == {port} && ip.addr == {from}");
    assert_eq!(files::fields(&file, &own, "frame.number"), Vec::<String>::new());
    let bastion = files::fields(&file, &format!("tcp && ip.addr == {from}"), "frame.number");
    assert_eq!(bastion, Vec::<String>::new(), "nothing else comes from there");
    let other = format!("tcp.port == 22 && ip.addr == {}", lab.value("T2_IP"));
    // At least a word and its echo for most tenths of the seconds.
    let other = files::fields(&file, &other, "frame.number").len();
    assert!(other > 80, "only {other} packets of the other connection");
    let stats = |event: &&serde_json::Value| event["event"] == "stats" && event["round_trip_ms"].is_number();
    let beats = ended.out.lines().filter_map(|line| serde_json::from_str(line).ok());
    assert!(
        beats.collect::<Vec<serde_json::Value>>().iter().any(|event| stats(&event)),
        "no beat was answered"
    );

    // The same without the exclusion: it would have been seen.
    let target = format!("  t1: {{ host: {}, exclude_self: false }}\n", lab.value("T1_IP"));
    lab.site("all", &[], &target);
    let path = file.to_string_lossy();
    wrcap::run(&lab, &["capture", "all/t1", "-w", &path, "-c", "20", "-d", "20s"]).code(0);
    let own = files::fields(&file, &format!("tcp.port == 22 && ip.addr == {from}"), "frame.number");
    assert!(!own.is_empty(), "the capture without the exclusion has nothing of our own");
    lab.assert_nothing_left();
}
