//! Many sessions, one fault after the other: nothing leaks, and every report says what was sent.
//!
//! A minute by default; `SOAK_SECONDS=600 SOAK_SEED=7 cargo test --test lab soak` takes its time.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::common::{PATIENCE, files, holds_within, lab::Lab, wrcap::Wrcap};

const TARGETS: u32 = 4;
/// Two sites with the same targets.
const SESSIONS: usize = 8;
const LENGTH: usize = 200;
/// The viewer of half of the sessions; the socket in its arguments tells whose it is.
const VIEWER: &str = "dumpcap -q -i {} -w /dev/null";
/// Between rounds the memory of a process that leaks nothing still moves a little, in KiB.
const SLACK_KIB: u64 = 40_000;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Numbers that look random and are the same for the same seed (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// The newest news of each session, read as it comes.
struct Tail {
    path: PathBuf,
    offset: u64,
    states: BTreeMap<String, String>,
    packets: BTreeMap<String, u64>,
    /// How often each session was heard to be tried again.
    retries: BTreeMap<String, u32>,
}

impl Tail {
    fn read(&mut self) {
        let mut file = fs::File::open(&self.path).unwrap();
        file.seek(SeekFrom::Start(self.offset)).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.offset += whole as u64;
        for event in text[..whole].lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let target = event["target"].as_str().unwrap_or_default().to_owned();
            if let Some(state) = event["state"].as_str() {
                *self.retries.entry(target.clone()).or_default() += u32::from(state == "retry");
                self.states.insert(target.clone(), state.to_owned());
            }
            if let Some(packets) = event["packets"].as_u64() {
                self.packets.insert(target, packets);
            }
        }
    }

    fn all_live(&mut self) -> bool {
        self.read();
        self.states.len() == SESSIONS && self.states.values().all(|state| state == "live")
    }
}

struct Soak {
    lab: Lab,
    wrcap: Wrcap,
    tail: Tail,
    /// Packets sent to each target.
    sent: u32,
}

#[test]
fn sessions_survive_one_fault_after_the_other() {
    let Some(lab) = Lab::up(TARGETS) else { return };
    let (seed, time) = (from_env("SOAK_SEED", 42), Duration::from_secs(from_env("SOAK_SECONDS", 60)));
    eprintln!("SOAK_SEED={seed} SOAK_SECONDS={}", time.as_secs());
    for site in ["a", "b"] {
        let line = |n| {
            let ip = lab.value(&format!("T{n}_IP"));
            // Half of the sessions are watched as well.
            let viewer = if site == "a" { VIEWER } else { "none" };
            format!("  t{n}: {{ host: {ip}, interface: cap0, lease: 5s, viewer: '{viewer}' }}\n")
        };
        lab.site(site, &[], &(1..=TARGETS).map(line).collect::<String>());
    }
    let folder = lab.path("files");
    fs::create_dir(&folder).unwrap();
    let wrcap = Wrcap::start(&lab, &["capture", "a", "b", "-w", &folder.to_string_lossy(), "--json"]);
    let (states, packets, retries) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let tail = Tail { path: wrcap.stdout_path(), offset: 0, states, packets, retries };
    let mut soak = Soak { lab, wrcap, tail, sent: 0 };
    soak.play(&mut Dice(seed), time);
    soak.end(&folder);
}

impl Soak {
    fn play(&mut self, dice: &mut Dice, time: Duration) {
        self.until_live();
        self.round(50);
        let (files, memory) = self.use_of_process();
        let (processes, kept) = self.left_here();
        let end = Instant::now() + time;
        let mut rounds = 0;
        while Instant::now() < end {
            self.fault(dice);
            self.until_live();
            self.round(20 + dice.below(100));
            rounds += 1;
            let (files_now, memory_now) = self.use_of_process();
            assert!(files_now <= files, "round {rounds}: {files} descriptors became {files_now}");
            assert!(memory_now <= memory + SLACK_KIB, "round {rounds}: {memory} KiB became {memory_now}");
            // Those that a fault ended take a moment to be gone.
            let no_more = || self.left_here().0 <= processes && self.left_here().1 <= kept;
            assert!(
                holds_within(PATIENCE, no_more),
                "round {rounds}: {processes} processes and {kept} files became {:?}",
                self.left_here()
            );
        }
        assert!(rounds > 2, "only {rounds} rounds");
    }

    fn until_live(&mut self) {
        let came = holds_within(PATIENCE * 2, || self.tail.all_live());
        assert!(came, "not all live: {:?}", self.tail.states);
    }

    /// Sends packets to every target and waits until every session has them.
    fn round(&mut self, count: u32) {
        let packets: Vec<_> =
            (self.sent..self.sent + count).map(|number| files::known_packet(number, LENGTH)).collect();
        for target in 1..=TARGETS {
            self.lab.replay(&format!("t{target}"), &packets, Some(2000));
        }
        self.sent += count;
        let sent = u64::from(self.sent);
        let came = holds_within(PATIENCE, || {
            self.tail.read();
            self.tail.packets.len() == SESSIONS && self.tail.packets.values().all(|packets| *packets == sent)
        });
        assert!(came, "{sent} sent, came {:?}", self.tail.packets);
    }

    fn fault(&mut self, dice: &mut Dice) {
        let target = format!("t{}", 1 + dice.below(TARGETS));
        let kind = dice.below(10);
        eprintln!("fault {kind} on {target}");
        self.tail.read();
        let before = self.tail.retries.clone();
        let end_logins = "pkill -KILL -f 'sshd: [e]c2-user'";
        let all = matches!(kind, 2 | 3 | 5 | 6);
        match kind {
            0 => self.end_processes(&target, "/usr/bin/tcpdump"),
            1 => drop(self.lab.on(&target, &["sh", "-c", end_logins])),
            2 => drop(self.lab.on("bastion", &["sh", "-c", end_logins])),
            3 => {
                let here = self.lab.own_ssh();
                let masters = here.lines().filter(|line| line.contains(" -M ")).filter_map(pid);
                hit_all(&masters.collect::<Vec<_>>(), Signal::KILL);
            }
            4 => self.cut(&target),
            5 => self.cut("bastion"),
            6 => self.sleep(),
            // What no session may notice.
            7 => return self.interface(&target),
            8 => return self.slow_link(&target),
            _ => return self.viewers(dice),
        }
        // All whom it concerns have noticed before it is waited for that all is well.
        let noticed = || {
            self.tail.read();
            let mut concerned = self.tail.retries.iter().filter(|(name, _)| all || name.ends_with(&target));
            concerned.all(|(name, count)| *count > before[name])
        };
        assert!(holds_within(PATIENCE, noticed), "not all noticed fault {kind} on {target}");
    }

    fn end_processes(&self, host: &str, word: &str) {
        let processes = self.lab.tell(&["ps", host]);
        for line in processes.lines().filter(|line| line.contains(word)) {
            hit(line.split('\t').next().unwrap(), Signal::KILL);
        }
    }

    /// Silence for longer than the lease.
    fn cut(&self, host: &str) {
        self.lab.tell(&["link", host, "down"]);
        let targets: Vec<String> = match host {
            "bastion" => (1..=TARGETS).map(|n| format!("t{n}")).collect(),
            target => vec![target.to_owned()],
        };
        for target in targets {
            self.lab.assert_no_tcpdump(&target, PATIENCE);
        }
        self.lab.tell(&["link", host, "up"]);
    }

    /// wrcap and its ssh are stopped for longer than the lease, as a closed laptop does.
    fn sleep(&self) {
        let ssh = self.lab.own_ssh();
        let ssh: Vec<&str> = ssh.lines().filter(|line| !is_viewer(line)).filter_map(pid).collect();
        self.wrcap.signal(Signal::STOP);
        hit_all(&ssh, Signal::STOP);
        for target in 1..=TARGETS {
            self.lab.assert_no_tcpdump(&format!("t{target}"), PATIENCE);
        }
        hit_all(&ssh, Signal::CONT);
        self.wrcap.signal(Signal::CONT);
    }

    /// The interface goes down and comes up again; tcpdump stays.
    fn interface(&self, target: &str) {
        for state in ["down", "up"] {
            self.lab.on(target, &["ip", "link", "set", "cap0", state]);
        }
    }

    /// A round over a link that loses packets, is late and narrow.
    fn slow_link(&mut self, target: &str) {
        self.lab.tell(&["link", target, "delay=200ms", "rate=2mbit", "loss=5%"]);
        self.round(50);
        self.lab.tell(&["link", target, "clear"]);
    }

    /// Viewers that stand still for a round, and one that is killed.
    fn viewers(&mut self, dice: &mut Dice) {
        let here = self.lab.own_ssh();
        let viewers: Vec<&str> = here.lines().filter(|line| is_viewer(line)).filter_map(pid).collect();
        hit_all(&viewers, Signal::STOP);
        self.round(50);
        hit_all(&viewers, Signal::CONT);
        if !viewers.is_empty() {
            let one = dice.below(u32::try_from(viewers.len()).unwrap());
            hit(viewers[one as usize], Signal::KILL);
        }
    }

    /// How many processes and files of wrcap's there are here.
    fn left_here(&self) -> (usize, usize) {
        (self.lab.own_ssh().lines().count(), self.lab.own_files().lines().count())
    }

    /// Open descriptors, and resident memory in KiB.
    fn use_of_process(&self) -> (usize, u64) {
        let proc = PathBuf::from(format!("/proc/{}", self.wrcap.id()));
        let status = fs::read_to_string(proc.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
        (fs::read_dir(proc.join("fd")).unwrap().count(), memory)
    }

    fn end(self, folder: &std::path::Path) {
        self.wrcap.signal(Signal::INT);
        let ended = self.wrcap.end().code(0);
        let sent: Vec<_> = (0..self.sent).map(|number| files::known_packet(number, LENGTH)).collect();
        assert_eq!(ended.reports().len(), SESSIONS);
        for report in ended.reports() {
            assert_eq!(report["packets"], self.sent, "{report}");
            assert_eq!(report["kernel_dropped"], 0, "{report}");
            assert_eq!(report["gaps"], report["reconnects"], "{report}");
            let name = report["target"].as_str().unwrap().replace('/', "-");
            assert!(files::bytes_of(&folder.join(format!("{name}.pcapng"))) == sent, "{name}: other packets");
        }
        self.lab.assert_nothing_left();
    }
}

/// The id at the beginning of a line of `ps`.
fn pid(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

fn is_viewer(line: &str) -> bool {
    line.contains("dumpcap -q")
}

fn hit_all(pids: &[&str], signal: Signal) {
    for pid in pids {
        hit(pid, signal);
    }
}

/// Processes that end meanwhile are fine.
fn hit(pid: &str, signal: Signal) {
    let _ = kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), signal);
}
