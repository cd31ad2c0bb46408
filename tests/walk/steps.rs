//! What every walk has to do.

use crate::desk::{self, Desk, Lab, Pty};

/// The key of the button to the right, and Enter.
pub(crate) const SECOND_BUTTON: &str = "\x1b[C\r";

/// A desk and a lab whose targets have traffic. Nothing opens a viewer there.
pub(crate) fn lab(targets: usize) -> Option<(Desk, Lab)> {
    if !desk::able(&["ip", "sshd", "sudo", "tcpdump", "tshark", "perl"]) {
        return None;
    }
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), targets, &["viewer: none", "lease: 5s", "buffer: 4MiB"]);
    lab.run(&["traffic", "all", "start", "http", "rate=20"]);
    Some((desk, lab))
}

/// The dashboard on the lab's profiles, where nothing runs yet.
pub(crate) fn dashboard(desk: &Desk, lab: &Lab) -> Pty {
    let mut pty = Pty::wrcap(desk, None, &["--profiles", lab.profiles.to_str().unwrap()]);
    pty.shows("Nothing running");
    pty
}

/// The rows of the sessions.
pub(crate) fn sessions(screen: &str) -> Vec<String> {
    let rows = screen.lines().skip_while(|line| !line.contains("1 Sessions")).skip(1);
    rows.take_while(|line| !line.contains("2 Profiles")).map(str::to_owned).collect()
}

/// How many sessions have this word for their state.
pub(crate) fn count(screen: &str, state: &str) -> usize {
    let is = |row: &&String| row.split_whitespace().take(4).any(|word| word == state);
    sessions(screen).iter().filter(is).count()
}

/// Waits until so many sessions are in a state.
pub(crate) fn wait_for(pty: &mut Pty, number: usize, state: &str) {
    pty.until(&format!("{number} sessions that are {state}"), |screen| {
        (count(screen, state) == number).then_some(())
    });
}

/// What a session's row says that it has captured; `None` until there is something.
pub(crate) fn captured(screen: &str, name: &str) -> Option<String> {
    let row = sessions(screen).into_iter().find(|row| row.split_whitespace().any(|word| word == name))?;
    let words: Vec<&str> = row.split_whitespace().collect();
    let unit = words.iter().rposition(|word| ["kB", "MB", "GB"].contains(word))?;
    Some(format!("{} {}", words.get(unit.checked_sub(1)?)?, words.get(unit)?))
}

/// The field under the cursor of a form.
fn field(screen: &str) -> Option<String> {
    let row = screen.lines().find_map(|line| line.trim_start().strip_prefix("▌ "))?;
    Some(row.split("  ").next()?.trim_end().to_owned())
}

/// Goes down a form to a field.
pub(crate) fn go_to(pty: &mut Pty, label: &str) {
    let first = pty.until("a field", field);
    let mut here = first.clone();
    while here != label {
        pty.press("\t");
        let before = here;
        here = pty.until("another field", |screen| field(screen).filter(|now| *now != before));
        assert_ne!(here, first, "no field {label} on\n{}", pty.text());
    }
}

/// Types into a field, in place of what is there.
pub(crate) fn fill(pty: &mut Pty, label: &str, text: &str) {
    go_to(pty, label);
    pty.press(&format!("\x15{text}"));
    pty.until(&format!("{label} {text}"), |screen| {
        let row = screen.lines().find(|line| line.contains(&format!("▌ {label}")))?;
        row.contains(text).then_some(())
    });
}
