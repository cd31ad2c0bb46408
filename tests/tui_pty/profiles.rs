//! Profiles that are made and edited by keys.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::glass::{PATIENCE, Pty};

/// A file's text as soon as it holds `wanted`.
fn file_with(file: &Path, wanted: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.contains(wanted) {
            return text;
        }
        assert!(Instant::now() < end, "no {wanted:?} in {}:\n{text}", file.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_first_profile_is_made_by_keys_alone() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("profiles");
    let mut pty = Pty::with(&[("WRCAP_TEST_PROFILES", &folder)]);
    pty.until("make the first profile");
    pty.press("n");
    pty.until("new profile");
    pty.press("\x15web-1\t\t\t");
    pty.until("Enter opens the list");
    pty.press("\rjo@bastion\rinner:2222\x1b");
    pty.until("jo@bastion, inner:2222");
    pty.press("\t10.0.0.7\t\tops");
    // The line of ssh is there while the user types.
    pty.until("ops@10.0.0.7");
    pty.press("\x13");
    pty.until("saved: the change of main");
    let text = file_with(&folder.join("main.yaml"), "web-1");
    let schema = "# yaml-language-server: $schema=.schema.json\n";
    assert!(text.starts_with(schema) && folder.join(".schema.json").exists(), "{text}");
    let target = "  web-1:\n    host: 10.0.0.7\n    via: [jo@bastion, inner:2222]\n    user: ops\n";
    assert!(text.ends_with(target), "{text}");
    pty.until("bastion > inner > ops@10.0.0.7");
    // What another program writes is there by itself; what z takes back is gone.
    std::fs::write(folder.join("lab.yaml"), "targets: { t1: { host: 10.9.9.9 } } # mine\n").unwrap();
    pty.until("10.9.9.9");
    pty.press("z");
    pty.until("taken back");
    assert!(!folder.join("main.yaml").exists());
    pty.press("q");
    pty.left("left: Quit []");
}

#[test]
fn the_editor_gets_the_terminal_and_gives_it_back() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("profiles");
    std::fs::create_dir(&folder).unwrap();
    let editor = root.path().join("editor");
    let script = "#!/bin/sh\nstty -a | grep -q '[^-]icanon' && echo cooked\nread word\nsed -i.old \"s/10.0.0.7/$word/\" \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut pty = Pty::with(&[("WRCAP_TEST_PROFILES", &folder), ("VISUAL", &editor), ("EDITOR", &editor)]);
    // The folder was empty when the dashboard began: this comes by itself.
    std::fs::write(folder.join("shop.yaml"), "targets: { web-1: { host: 10.0.0.7 } } # mine\n").unwrap();
    pty.until("10.0.0.7");
    for (word, answer) in [("10.0.0.8", "saved: the change of shop"), ("-", "nothing was changed")] {
        pty.press("E");
        pty.until("cooked");
        pty.resize(90, 24);
        pty.press(&format!("{word}\n"));
        pty.until(answer);
    }
    let text = file_with(&folder.join("shop.yaml"), "10.0.0.8");
    assert_eq!(text, "targets: { web-1: { host: 10.0.0.8 } } # mine\n");
    pty.press("q");
    pty.left("left: Quit []");
}
