//! Everything that ssh and sudo can ask for, answered on the screen.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    desk::{self, Desk, Lab, Pty, entries},
    steps::{self, captured, count, dashboard, wait_for},
};

/// A site `locked` whose key has this passphrase, for these targets.
fn locked(desk: &Desk, lab: &Lab, passphrase: &str, targets: &[&str]) {
    let (own, key) = (lab.value("LAB_IDENTITY"), desk.path("locked"));
    fs::copy(own, &key).unwrap();
    let words = ["-q", "-p", "-P", "", "-N", passphrase, "-f"];
    assert!(Command::new("ssh-keygen").args(words).arg(&key).status().unwrap().success());
    let ip = |name: &str| lab.value(&format!("{}_IP", name.to_uppercase())).to_owned();
    let line = |name: &&str| format!("  {name}: {{ host: {} }}\n", ip(name));
    lab.site("locked", &[(own, key.to_str().unwrap())], &targets.iter().map(line).collect::<String>());
    fs::remove_file(lab.profiles.join("lab.yaml")).unwrap();
}

/// The files below a folder that hold one of the secrets.
fn files_with(folder: &Path, secrets: &[&str]) -> Vec<PathBuf> {
    let holds = |path: &Path| {
        let bytes = fs::read(path).unwrap_or_default();
        secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
    };
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(files_with(&path, secrets));
        } else if path.is_file() && holds(&path) {
            found.push(path);
        }
    }
    found
}

/// None of the secrets ever went to the terminal, nor into a file that wrcap wrote.
fn assert_unseen(desk: &Desk, pty: &Pty, secrets: &[&str]) {
    for secret in secrets {
        assert!(!pty.ever_came(secret), "{secret:?} was on the terminal");
    }
    let kept: Vec<_> = ["home", "run", "state", "tmp"]
        .iter()
        .flat_map(|name| files_with(&desk.path(name), secrets))
        .collect();
    assert_eq!(kept, [] as [PathBuf; 0]);
    assert!(!desk.log().is_empty(), "nothing was logged at all");
}

/// Types into the box of a question; stars are all that is to be seen. The box goes.
fn answer(pty: &mut Pty, secret: &str) {
    pty.press(secret);
    pty.shows(&format!("> {}", "*".repeat(secret.chars().count())));
    pty.press("\r");
}

#[test]
fn three_sessions_ask_once_for_the_passphrase_of_their_key() {
    let Some((desk, lab)) = steps::lab(3) else { return };
    locked(&desk, &lab, "open sesame", &["t1", "t2", "t3"]);
    let mut pty = dashboard(&desk, &lab);
    pty.press("2As");
    pty.shows("needs the passphrase for a key");
    pty.shows("[ ] Ctrl-k keep it for other sessions");
    pty.press("\x0b");
    pty.shows("[x] Ctrl-k keep it for other sessions");
    answer(&mut pty, "open sesame");
    pty.until("three that are live, and no second question", |screen| {
        assert!(!screen.contains("attempt 2"), "{screen}");
        (count(screen, "live") == 3).then_some(())
    });
    pty.resize(120, 60);
    pty.press("3+");
    pty.until("who got the answer without a question", |screen| {
        (screen.matches("answered with what was kept").count() == 3).then_some(())
    });
    assert_eq!(pty.text().matches("waiting for you").count(), 1, "{}", pty.text());
    pty.quit();
    assert_unseen(&desk, &pty, &["open sesame"]);
    desk.swept(&lab);
}

#[test]
fn two_wrong_passphrases_are_counted_and_the_third_opens_the_key() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    locked(&desk, &lab, "open sesame", &["t1"]);
    let mut pty = dashboard(&desk, &lab);
    pty.press("2gjs");
    for (attempt, words) in [
        ("attempt 1 of 3", "wrong once"),
        ("attempt 2 of 3: the answer before was not accepted", "wrong twice"),
        ("attempt 3 of 3: the answer before was not accepted", "open sesame"),
    ] {
        pty.shows(attempt);
        assert!(pty.text().contains("hop 1 of 2"), "{}", pty.text());
        answer(&mut pty, words);
    }
    // The same key opens the target, and nobody said that the passphrase may be kept.
    pty.shows("hop 2 of 2");
    assert!(pty.text().contains("attempt 1 of 3"), "{}", pty.text());
    answer(&mut pty, "open sesame");
    wait_for(&mut pty, 1, "live");
    pty.until("packets", |screen| captured(screen, "locked/t1"));
    pty.quit();
    assert_unseen(&desk, &pty, &["wrong once", "wrong twice", "open sesame"]);
    desk.swept(&lab);
}

/// A target that wants the key and a code that serves once. Both the module and the code are inside of the host.
fn with_code(desk: &Desk, lab: &Lab, host: &str, code: &str) {
    let module = desk.path("code.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/walk/code.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&module).arg(source).status().unwrap();
    assert!(built.success(), "the PAM module");
    let put = |path: &str, bytes: &[u8]| {
        lab.feed(&["exec", host, "--", "sh", "-c", "umask 077; cat >\"$1\"", "sh", path], bytes);
    };
    put("/run/lab/code.so", &fs::read(module).unwrap());
    put("/run/lab/code", format!("{code}\n").as_bytes());
    let stack = "auth required /run/lab/code.so /run/lab/code\naccount required pam_unix.so\nsession required pam_unix.so\n";
    put("/etc/pam.d/sshd", stack.as_bytes());
    lab.run(&["set", host, "auth=key+kbd", "sudo=password"]);
}

#[test]
fn a_code_that_serves_once_and_the_password_of_sudo() {
    // Of a machine that has the tests' binary and no compiler nothing more is asked.
    let Some((desk, lab)) = desk::able(&["cc"]).then(|| steps::lab(2)).flatten() else { return };
    let (code, wrong, password) = ("417 306", "000 111", lab.value("LAB_PASSWORD"));
    with_code(&desk, &lab, "t1", code);
    let mut pty = dashboard(&desk, &lab);
    pty.press("2gjs");
    for (attempt, words) in [("attempt 1 of 3", wrong), ("attempt 2 of 3", code)] {
        pty.shows(attempt);
        let text = pty.text();
        for words in ["Verification code:", "the server asks ec2-user@", "hop 2 of 2"] {
            assert!(text.contains(words), "no {words:?}:\n{text}");
        }
        assert!(!text.contains("Ctrl-k"), "a code is never kept:\n{text}");
        answer(&mut pty, words);
    }
    pty.shows("needs the password of ec2-user for sudo");
    answer(&mut pty, "not this one");
    pty.shows("attempt 2 of 3");
    answer(&mut pty, password);
    wait_for(&mut pty, 1, "live");
    pty.until("packets", |screen| captured(screen, "lab/t1"));
    let left = lab.run(&["exec", "t1", "--", "ls", "/run/lab"]);
    assert!(!left.lines().any(|name| name == "code"), "the code was not used: {left}");
    assert!(!lab.leftovers().join("\n").contains(password), "in an argument list");

    pty.quit();
    assert_unseen(&desk, &pty, &[code, wrong, "not this one", password]);
    desk.swept(&lab);
}

#[test]
fn esc_ends_the_session_that_asks_and_no_other() {
    let Some((desk, lab)) = steps::lab(2) else { return };
    lab.run(&["set", "t2", "sudo=password"]);
    let mut pty = dashboard(&desk, &lab);
    pty.press("2As");
    pty.shows("lab/t2 needs the password of ec2-user for sudo");
    wait_for(&mut pty, 1, "live");
    pty.press("x\x1b");
    wait_for(&mut pty, 1, "live");
    desk::until(
        "nothing of ours on t2",
        || lab.run(&["ps", "t2"]).is_empty().then_some(()),
        || lab.leftovers().join("\n"),
    );
    let before = pty.until("what t1 has", |screen| captured(screen, "lab/t1"));
    pty.until("t1 goes on", |screen| captured(screen, "lab/t1").filter(|now| *now != before));
    assert_eq!(count(&pty.text(), "ask"), 0, "{}", pty.text());
    pty.quit();
    desk.swept(&lab);
}
