//! Scenarios: what happens to a capture over time, and what must be true of it, each in a small file of
//! `scenarios/`. The packets that a scenario sends are numbered, so the file at the end tells which of them came.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::Value;

use crate::common::{PATIENCE, disk::SmallDisk, files, holds_within, lab::Lab, wrcap::Wrcap};

/// What the viewer's command line holds.
const VIEWER: &str = "dumpcap -q";
/// Bytes of each packet.
const LENGTH: usize = 400;

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What is told.
    #[serde(rename = "about")]
    _about: String,
    /// Fields of the target, as in a profile, besides host and interface.
    #[serde(default)]
    target: String,
    /// More words for `wrcap capture`.
    #[serde(default)]
    options: Vec<String>,
    /// Whether a dumpcap watches from the session's socket; what it saw must be what was captured, unless it is killed.
    #[serde(default)]
    viewer: bool,
    /// Whether the capture is kept in a file; without one, the viewer's copy is what it is judged by.
    #[serde(default = "yes")]
    recorded: bool,
    /// The size of a disk of its own that the file lies on.
    #[serde(default)]
    disk: Option<String>,
    /// What happens, one after the other.
    steps: Vec<Step>,
    /// wrcap's exit code; minus the signal where one ended it.
    code: i32,
    /// Values of the report: exact ones, or `">0"`.
    #[serde(default)]
    report: BTreeMap<String, serde_yaml::Value>,
    /// Words that the error's message holds.
    #[serde(default)]
    says: Option<String>,
}

/// One step; exactly one of its fields is set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Step {
    /// Send so many packets and wait until they are captured or counted as lost.
    send: Option<u32>,
    /// Send so many packets that nobody can capture.
    miss: Option<u32>,
    /// Wait until the session is in this state.
    state: Option<String>,
    /// Let time pass.
    hold: Option<String>,
    /// Words for the lab's script.
    lab: Option<Vec<String>>,
    /// `HOST SIGNAL WORD`: a signal to each process of a host whose command holds the word.
    kill: Option<String>,
    /// A signal to wrcap's ssh processes.
    ssh: Option<String>,
    /// A signal to the viewer.
    viewer: Option<String>,
    /// A signal to wrcap.
    wrcap: Option<String>,
    /// The disk has another size from now on.
    disk: Option<String>,
    /// Wait until one `stats` event has all these values.
    stats: Option<BTreeMap<String, serde_yaml::Value>>,
    /// Wait until a line of the log holds these words.
    log: Option<String>,
    /// Wait until no tcpdump runs on the target, at most so long.
    gone: Option<String>,
}

fn yes() -> bool {
    true
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_file_is_played() {
            let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/scenarios")).unwrap();
            let there: BTreeSet<String> = folder
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
                .collect();
            let played = BTreeSet::from([$(stringify!($name).replace('_', "-")),*]);
            assert_eq!(there, played);
        }
    };
}

scenarios! {
    link_cut_and_restored
    link_cut_for_good
    bastion_restarted
    target_sshd_killed
    target_reboots
    tcpdump_killed
    tcpdump_ended_by_an_admin
    interface_down_and_up
    interface_gone_and_back
    wrcap_killed
    master_killed
    laptop_asleep
    slow_lossy_link
    sudo_ticket_expired
    host_key_changed
    no_reconnect_wanted
    viewer_over_a_gap
    viewer_killed
    viewer_stopped
    viewer_closed
    disk_full_for_a_while
    spool_overruns_a_viewer
}

struct Play {
    lab: Lab,
    /// Unmounted before the lab's folder goes.
    disk: Option<SmallDisk>,
    wrcap: Wrcap,
    /// Packets sent so far, numbered from 0.
    sent: u32,
    /// Those that nobody could capture.
    missed: BTreeSet<u32>,
}

fn run(name: &str) {
    let Some(lab) = Lab::up(1) else { return };
    let path = format!("{}/tests/lab/scenarios/{}.yaml", env!("CARGO_MANIFEST_DIR"), name.replace('_', "-"));
    let scenario: Scenario = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let fields = scenario.target.replace('\n', "\n    ");
    let target = format!("  t1:\n    host: {}\n    interface: cap0\n    {fields}\n", lab.value("T1_IP"));
    lab.site("play", &[], &target);
    let disk = scenario.disk.as_ref().map(|size| SmallDisk::new(&lab, size));
    let file = disk.as_ref().map_or_else(|| lab.path("out.pcapng"), |disk| disk.path("out.pcapng"));
    let file_name = file.to_string_lossy().into_owned();
    let kept: &[&str] = if scenario.recorded { &["-w", &file_name] } else { &[] };
    let options: Vec<&str> = scenario.options.iter().map(String::as_str).collect();
    let watch = format!("dumpcap -q -i {{}} -w {}", lab.path("seen.pcapng").display());
    let viewer: &[&str] = if scenario.viewer { &["--viewer", &watch] } else { &[] };
    let words = [&["capture", "play/t1", "--json"], kept, options.as_slice(), viewer].concat();
    let wrcap = Wrcap::start(&lab, &words);
    wrcap.until_live();
    let mut play = Play { lab, disk, wrcap, sent: 0, missed: BTreeSet::new() };
    for step in &scenario.steps {
        play.step(step);
    }
    play.end(&scenario, &file);
}

impl Play {
    fn step(&mut self, step: &Step) {
        eprintln!("step {step:?}");
        if let Some(count) = step.send {
            self.send(count);
            let (sent, missed) = (u64::from(self.sent), self.missed.len() as u64);
            self.wrcap.until("all packets", |event| {
                let number = |key: &str| event[key].as_u64().unwrap_or_default();
                event["event"] == "stats" && number("packets") + number("kernel_dropped") >= sent - missed
            });
        } else if let Some(count) = step.miss {
            let first = self.sent;
            self.send(count);
            self.missed.extend(first..self.sent);
        } else if let Some(word) = &step.state {
            self.until_state(word);
        } else if let Some(time) = &step.hold {
            let end = Instant::now() + humantime::parse_duration(time).unwrap();
            std::thread::sleep(end.saturating_duration_since(Instant::now()));
        } else if let Some(words) = &step.lab {
            self.lab.tell(&words.iter().map(String::as_str).collect::<Vec<_>>());
        } else if let Some(words) = &step.kill {
            self.kill(words);
        } else if let Some(name) = &step.ssh {
            self.hit_here(name, |line| !line.contains(VIEWER));
        } else if let Some(name) = &step.viewer {
            self.hit_here(name, |line| line.contains(VIEWER));
        } else if let Some(name) = &step.wrcap {
            self.wrcap.signal(signal(name));
        } else if let Some(size) = &step.disk {
            self.disk.as_ref().unwrap().resize(size);
        } else if let Some(wanted) = &step.stats {
            self.wrcap.until(&format!("{wanted:?}"), |event| {
                event["event"] == "stats" && wanted.iter().all(|(key, value)| is(&event[key], value))
            });
        } else if let Some(words) = &step.log {
            self.wrcap.until(words, |event| {
                event["event"] == "log"
                    && event["text"].as_str().is_some_and(|text| text.contains(words.as_str()))
            });
        } else if let Some(time) = &step.gone {
            self.lab.assert_no_tcpdump("t1", humantime::parse_duration(time).unwrap());
        } else {
            panic!("an empty step");
        }
    }

    /// Signals processes here that know the session's folder.
    fn hit_here(&self, name: &str, chosen: impl Fn(&str) -> bool) {
        let processes = self.lab.own_ssh();
        let hits: Vec<&str> = processes.lines().filter(|line| chosen(line)).collect();
        assert!(!hits.is_empty(), "nobody to signal in\n{processes}");
        for line in hits {
            hit(line.split_whitespace().next().unwrap(), name);
        }
    }

    fn send(&mut self, count: u32) {
        let packets: Vec<Vec<u8>> =
            (self.sent..self.sent + count).map(|number| files::known_packet(number, LENGTH)).collect();
        self.lab.replay("t1", &packets, Some(1000));
        self.sent += count;
    }

    /// Waits until the newest state is this one.
    fn until_state(&self, word: &str) {
        let newest = || {
            let mut events = self.wrcap.events();
            events.retain(|event| event["event"] == "state");
            events.pop().map_or(Value::Null, |event| event["state"].clone())
        };
        let limit = PATIENCE * 2;
        assert!(holds_within(limit, || newest() == word), "no {word}:\n{:#?}", self.wrcap.events());
    }

    fn kill(&self, words: &str) {
        let mut words = words.splitn(3, ' ');
        let (host, name, word) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let processes = self.lab.tell(&["ps", host]);
        let hits: Vec<&str> = processes.lines().filter(|line| line.contains(word)).collect();
        assert!(!hits.is_empty(), "no {word} on {host}:\n{processes}");
        for line in hits {
            hit(line.split('\t').next().unwrap(), name);
        }
    }

    /// The report is what the scenario says, and what is kept is what was captured, each packet once and in order.
    fn end(self, scenario: &Scenario, file: &Path) {
        let ended = self.wrcap.end().code(scenario.code);
        let wanted: Vec<Vec<u8>> = (0..self.sent)
            .filter(|number| !self.missed.contains(number))
            .map(|number| files::known_packet(number, LENGTH))
            .collect();
        let seen_file = self.lab.path("seen.pcapng");
        let report = (ended.code >= 0).then(|| ended.report());
        if let Some(report) = &report {
            as_told(scenario, report);
            assert_eq!(
                number(report, "packets") + number(report, "kernel_dropped"),
                wanted.len() as u64,
                "{report}"
            );
            let unwritten = number(report, "unwritten_packets") + number(report, "evicted_packets");
            let kept = number(report, "packets")
                - if scenario.recorded { unwritten } else { number(report, "viewer_missed") };
            let came = || files::bytes_of(if scenario.recorded { file } else { &seen_file }).len() as u64;
            assert!(holds_within(PATIENCE, || came() == kept), "{} of {kept} are there: {report}", came());
        }
        let came = files::bytes_of(if scenario.recorded { file } else { &seen_file });
        if scenario.viewer && !scenario.steps.iter().any(|step| step.viewer.as_deref() == Some("KILL")) {
            let seen = || files::bytes_of(&seen_file);
            assert!(holds_within(PATIENCE, || seen() == came), "{} of {} seen", seen().len(), came.len());
        }
        let mut left = wanted.iter();
        assert!(
            came.iter().all(|packet| left.any(|sent| sent == packet)),
            "not in order, twice, or not sent"
        );
        if report.is_some() {
            self.lab.assert_nothing_left();
        } else {
            let left = || self.lab.processes() + &self.lab.own_ssh();
            assert!(holds_within(PATIENCE, || left().is_empty()), "left behind:\n{}", left());
        }
    }
}

/// The report is what the scenario says.
fn as_told(scenario: &Scenario, report: &Value) {
    for (key, value) in &scenario.report {
        assert!(is(&report[key], value), "{key} is no {value:?}: {report}");
    }
    if let Some(words) = &scenario.says {
        let said = report["error"]["message"].as_str().unwrap_or_default();
        assert!(said.contains(words.as_str()), "no {words:?}: {report}");
    }
}

fn number(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_else(|| panic!("no {key} in {report}"))
}

/// Exactly this value, or `">0"` for any number above zero.
fn is(value: &Value, wanted: &serde_yaml::Value) -> bool {
    if wanted.as_str() == Some(">0") {
        return value.as_f64().is_some_and(|number| number > 0.0);
    }
    *value == serde_json::to_value(wanted).unwrap()
}

fn signal(name: &str) -> Signal {
    match name {
        "INT" => Signal::INT,
        "TERM" => Signal::TERM,
        "KILL" => Signal::KILL,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        name => panic!("no signal {name}"),
    }
}

/// Processes that end meanwhile are fine.
fn hit(pid: &str, name: &str) {
    let _ = kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), signal(name));
}
