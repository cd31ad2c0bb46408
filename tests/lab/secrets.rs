//! Answers to questions: what nobody may see of them, in lists of processes, memory, files and on the terminal.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
};

use crate::{
    common::{PATIENCE, files, holds_within, lab::Lab},
    ways::OnPty,
};

fn holds(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Looks at the arguments and the environment of every process, here and on the targets, again and again: helpers live
/// for milliseconds.
struct Watch {
    found: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    looks: JoinHandle<u32>,
}

impl Watch {
    fn new(secrets: Vec<String>) -> Self {
        let (found, over) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let (hits, end) = (Arc::clone(&found), Arc::clone(&over));
        let looks = std::thread::spawn(move || {
            let mut looks = 0;
            while !end.load(Relaxed) {
                let mut now = processes_with(&secrets);
                hits.lock().unwrap().append(&mut now);
                looks += 1;
            }
            looks
        });
        Self { found, over, looks }
    }

    /// How often it looked; fails when it saw something.
    fn end(self) -> u32 {
        self.over.store(true, Relaxed);
        let looks = self.looks.join().unwrap();
        assert_eq!(*self.found.lock().unwrap(), [] as [&str; 0], "seen in a list of processes");
        looks
    }
}

/// The places where a process shows one of the secrets.
fn processes_with(secrets: &[String]) -> Vec<String> {
    let numbered = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let folders = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut found = Vec::new();
    for folder in folders.filter(|folder| folder.file_name().to_str().is_some_and(numbered)) {
        for name in ["cmdline", "environ"] {
            let place = folder.path().join(name);
            // It may have ended meanwhile.
            let text = fs::read(&place).unwrap_or_default();
            if secrets.iter().any(|secret| holds(&text, secret)) {
                found.push(format!("{}: {}", place.display(), String::from_utf8_lossy(&text)));
            }
        }
    }
    found
}

/// The files below `folder` that hold one of the secrets.
fn files_with(folder: &Path, secrets: &[String]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files_with(&entry.path(), secrets));
        } else if kind.is_file() {
            let text = fs::read(entry.path()).unwrap_or_default();
            found.extend(secrets.iter().any(|secret| holds(&text, secret)).then(|| entry.path()));
        }
    }
    found
}

/// How often a word is in the memory of a process.
fn in_memory(pid: u32, word: &str) -> usize {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut count = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        memory.seek(SeekFrom::Start(from)).unwrap();
        if memory.read_exact(&mut bytes).is_ok() {
            count += bytes.windows(word.len()).filter(|window| *window == word.as_bytes()).count();
        }
    }
    count
}

/// Waits for a question and answers it; only what came after the one before counts.
fn answer(wrcap: &mut OnPty, seen: &mut usize, question: &str, answer: &str) {
    let place = |wrcap: &OnPty, from: usize| wrcap.shown().get(from..)?.find(question);
    let came = holds_within(PATIENCE, || place(wrcap, *seen).is_some());
    assert!(came, "no {question:?}:\n{}", wrcap.shown());
    *seen += place(wrcap, *seen).unwrap() + question.len();
    wrcap.keys.write_all(format!("{answer}\n").as_bytes()).unwrap();
}

/// A target that wants a key with a passphrase, a password, and one for sudo.
fn locked(lab: &Lab, passphrase: &str) {
    let (own, key) = (lab.value("LAB_IDENTITY"), lab.path("locked"));
    fs::copy(own, &key).unwrap();
    let words = ["-q", "-p", "-P", "", "-N", passphrase, "-f"];
    assert!(Command::new("ssh-keygen").args(words).arg(&key).status().unwrap().success());
    lab.set("t1", &["auth=key+password", "sudo=password"]);
    let target = format!("  t1: {{ host: {} }}\n", lab.value("T1_IP"));
    lab.site("locked", &[(own, &*key.to_string_lossy())], &target);
}

#[test]
fn answers_are_seen_nowhere_and_wiped() {
    let Some(lab) = Lab::up(1) else { return };
    let passphrase = format!("open sesame {}", std::process::id());
    let password = lab.value("LAB_PASSWORD").to_owned();
    locked(&lab, &passphrase);
    let secrets = vec![passphrase.clone(), password.clone()];
    // ssh-keygen, above, had the passphrase as an argument, and is gone.
    let watch = Watch::new(secrets.clone());
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let words = ["capture", "locked/t1", "-i", "cap0", "-w", &path, "-c", "50", "--json", "--ask", "-v"];
    let mut wrcap = OnPty::start_with(&lab, &words, |command| {
        command.env("WRCAP_LOG", "trace");
        command.env("RUST_LOG", "trace");
        command.env("RUST_BACKTRACE", "full");
    });
    let mut seen = 0;
    // With the space it is the question itself, and not the event about it.
    answer(&mut wrcap, &mut seen, "/locked': ", &passphrase);
    answer(&mut wrcap, &mut seen, "/locked': ", &passphrase);
    answer(&mut wrcap, &mut seen, "'s password: ", &password);
    answer(&mut wrcap, &mut seen, ": [sudo] password for ec2-user on", &password);
    wrcap.until("\"state\":\"live\"");

    assert!(in_memory(wrcap.id(), "locked/t1") > 0, "nothing is found in memory");
    for secret in &secrets {
        assert_eq!(in_memory(wrcap.id(), secret), 0, "{secret:?} is still in memory");
    }
    let kept = || -> Vec<PathBuf> {
        ["r", "s", "c"].iter().flat_map(|name| files_with(&lab.path(name), &secrets)).collect()
    };
    assert_eq!(kept(), [] as [PathBuf; 0]);
    let log = fs::read_to_string(lab.path("s/wrcap/wrcap.log")).unwrap();
    assert!(log.contains("listening on cap0"), "nothing was logged: {log}");
    let sent = files::known_packets(50);
    lab.replay("t1", &sent, Some(1000));
    assert_eq!(wrcap.end(), 0, "{}", wrcap.shown());
    assert!(watch.end() > 10);
    assert_eq!(kept(), [] as [PathBuf; 0]);
    for secret in &secrets {
        assert!(!wrcap.shown().contains(secret.as_str()), "on the terminal: {}", wrcap.shown());
        assert!(!holds(&fs::read(&file).unwrap(), secret), "in the capture");
    }
    lab.assert_nothing_left();
}
