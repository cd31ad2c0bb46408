use super::{Group, Traces};
use crate::remote::{
    minder::Tag,
    sweep::{Kind, Sweep},
};
use proptest::prelude::*;

const ONE: &str = "11111111111111111111111111111111:shop/web-1:alice@laptop:1700000000";
const TWO: &str = "22222222222222222222222222222222:shop/web-1:bob@desk:1700000000";
const OLD: &str = "33333333333333333333333333333333";
const OWN: &str = "99999999999999999999999999999999:shop/web-1:alice@laptop:1700000009";
const DUMP: &str = "/usr/bin/tcpdump -U -n -i eth0 -s 262144 -B 32768 -w - --";
const FILTER: &str =
    "(tcp port 80) and not (tcp and host 10.0.0.9 and port 50000 and host 10.0.0.1 and port 22)";

fn minder(label: &str) -> String {
    format!("sh -c IFS= read -r wrcap; eval \"$wrcap\" wrcap-{label}")
}

/// `PID PARENT GROUP ARGUMENTS` each, with other lines behind a `|`.
fn traces(processes: &[(u32, u32, u32, String)], more: &str) -> Traces {
    let line = |(pid, parent, group, args): &(u32, u32, u32, String)| {
        format!("process {pid} {parent} {group} 1000 7{pid} {pid} S {args}\n")
    };
    let lines = processes.iter().map(line).collect::<Vec<_>>().concat();
    let text = format!("wrcap-sweep {OWN}\nuid 1000\nsystem proc\n{lines}{more}wrcap-sweep-end {OWN}\n");
    let tag = Tag::new(OWN).unwrap();
    Traces::of(&Sweep::parse(text.as_bytes(), &tag).unwrap(), &tag)
}

fn pids(groups: &[Group]) -> Vec<Vec<u32>> {
    groups.iter().map(|group| group.processes.iter().map(|process| process.pid).collect()).collect()
}

/// A session as it runs: the minder below its sshd, control, guard, sudo, tcpdump.
fn session(label: &str, sshd: u32, at: u32) -> Vec<(u32, u32, u32, String)> {
    vec![
        (at, sshd, at, minder(label)),
        (at + 1, at, at, format!("sudo -n -p wrcap-{label} -- {DUMP} {FILTER}")),
        (at + 2, at, at, minder(label)),
        (at + 3, at + 2, at, minder(label)),
        (at + 4, at + 1, at, format!("{DUMP} {FILTER}")),
    ]
}

#[test]
fn a_session_whose_sshd_lives_is_in_use() {
    let traces = traces(&[session(ONE, 40, 50), session(OWN, 41, 60)].concat(), "alive 54 50000 22\n");
    assert_eq!(pids(&traces.leftovers), [[0; 0]; 0]);
    assert_eq!(pids(&traces.in_use), [[50, 51, 52, 53, 54]]);
    let label = traces.in_use[0].label.clone().unwrap();
    assert_eq!(
        (label.target.as_deref(), label.client.unwrap().to_string()),
        (Some("shop/web-1"), "alice@laptop".into())
    );
}

#[test]
fn a_probe_is_neither_in_use_nor_left_over() {
    assert_eq!(traces(&[(50, 40, 50, minder(TWO))], ""), Traces::default());
}

#[test]
fn without_its_sshd_or_its_minder_everything_of_a_session_is_left_over() {
    let orphaned = traces(&session(ONE, 1, 50), "").leftovers;
    assert_eq!(pids(&orphaned), [[50, 51, 52, 53, 54]]);
    let kinds: Vec<Kind> = orphaned[0].chosen().map(|chosen| chosen.kind).collect();
    assert_eq!(kinds, [Kind::Minder, Kind::Relay, Kind::Own, Kind::Own, Kind::Own]);
    // The minder and its control were killed: sudo, tcpdump and the guard were adopted.
    let mut without = session(ONE, 1, 50);
    without.retain(|(pid, ..)| ![50, 52].contains(pid));
    without.iter_mut().filter(|(pid, ..)| *pid != 54).for_each(|process| process.1 = 1);
    let left = traces(&without, "alive 54 50000 22\n");
    assert_eq!(pids(&left.leftovers), [[51, 53, 54]]);
    let kinds: Vec<Kind> = left.leftovers[0].chosen().map(|chosen| chosen.kind).collect();
    assert_eq!(kinds, [Kind::Relay, Kind::Minder, Kind::Own]);
    // Nothing but the sudo: it says whose it is.
    let sudo = [(51, 1, 50, session(ONE, 1, 50)[1].3.clone())];
    assert_eq!(pids(&traces(&sudo, "").leftovers), [[51]]);
}

#[test]
fn labels_of_older_versions_are_known() {
    let group = &traces(&session(OLD, 1, 50), "").leftovers[0];
    assert_eq!(group.label.as_ref().unwrap().client, None);
    assert_eq!(group.processes.len(), 5);
}

#[test]
fn tcpdump_without_anything_above_it_is_ours_by_its_filter_once_the_connection_is_gone() {
    let alone = [(54, 1, 50, format!("{DUMP} {FILTER}"))];
    assert_eq!(pids(&traces(&alone, "").leftovers), [[54]]);
    assert_eq!(traces(&alone, "alive 54 50000 22\n"), Traces::default());
    let below = [
        (53, 1, 50, format!("doas -n {DUMP} {FILTER}")),
        (54, 53, 50, format!("{DUMP} {FILTER}")),
        (74, 1, 70, format!("{DUMP} not (tcp and host fe80::1 and port 5 and host fe80::2 and port 22)")),
    ];
    assert_eq!(pids(&traces(&below, "").leftovers), [vec![74], vec![53, 54]]);
}

#[test]
fn what_is_somebody_elses_is_never_ours() {
    for (parent, args) in [
        (1, "tcpdump -i lo -w /dev/null".to_owned()),
        (1, format!("{DUMP} tcp port 80")),
        // An admin tries our command line in a shell of their own.
        (40, format!("{DUMP} {FILTER}")),
        (1, format!("tcpdump -n {FILTER}")),
        (1, format!("{DUMP} {FILTER} and arp")),
        (1, format!("{DUMP} not (tcp and host a and port 5 and host b and port 22)")),
        (1, format!("grep wrcap-{ONE} /var/log/messages")),
        (1, format!("vim {DUMP} {FILTER}")),
        (1, format!("sudo vim wrcap-{ONE} -- {DUMP}")),
        (1, "sh -c eval \"$wrcap\" wrcap-stream".to_owned()),
        (1, "/opt/wrcap/wrcap-agent tcpdump".to_owned()),
    ] {
        assert_eq!(traces(&[(54, parent, 54, args.clone())], ""), Traces::default(), "{args}");
    }
    // In a session's group or below it, but no capture.
    let mut more = session(ONE, 1, 50);
    more.push((56, 1, 50, "less tcpdump.log".into()));
    assert_eq!(pids(&traces(&more, "").leftovers), [[50, 51, 52, 53, 54]]);
}

#[test]
fn an_own_command_is_known_by_its_environment() {
    let processes = [
        (50, 40, 50, minder(TWO)),
        (51, 50, 51, "sh -c ./mine | cat".into()),
        (52, 51, 51, "./mine".into()),
        (53, 50, 50, "sleep 3000".into()),
    ];
    let marks = format!("env 51 {TWO}\nenv 52 {TWO}\nenv 53 {TWO}\n");
    assert_eq!(pids(&traces(&processes, &marks).in_use), [[50, 51, 52, 53]]);
    let left = &processes[1..].iter().cloned().map(|p| (p.0, 1, p.2, p.3)).collect::<Vec<_>>();
    assert_eq!(pids(&traces(left, &marks).leftovers), [[51, 52, 53]]);
}

#[test]
fn a_lease_that_is_long_over_is_no_watch() {
    let mut stopped = session(TWO, 40, 150);
    // The helper above makes a process as old as its number.
    for (lease, watched) in [(160, true), (140, false)] {
        stopped.push((155, 153, 150, format!("sleep {lease}")));
        let found = traces(&stopped, &format!("env 155 {TWO}\n"));
        assert_eq!(
            (found.in_use.len(), found.leftovers.len()),
            (usize::from(watched), usize::from(!watched))
        );
        stopped.pop();
    }
}

#[test]
fn a_session_that_is_just_ending_is_not_left_over() {
    let first = traces(&[session(ONE, 1, 50), session(TWO, 1, 150)].concat(), "");
    let then = traces(&session(TWO, 1, 150), "").confirmed(&first);
    assert_eq!(pids(&then.leftovers), [[150, 151, 152, 153, 154]]);
    assert_eq!((then.left(), then.leftovers[0].age().as_secs()), (5, 154));
    assert_eq!(traces(&[], "").confirmed(&first), Traces::default());
}

#[test]
fn what_is_still_there_is_known_by_its_label_else_by_its_id() {
    let alone = [(54, 1, 50, format!("{DUMP} {FILTER}"))];
    let stray = traces(&alone, "");
    assert_eq!(pids(&stray.still(&stray.leftovers)), [[54]]);
    let another = [(55, 1, 50, format!("{DUMP} {FILTER}"))];
    assert!(traces(&another, "").still(&stray.leftovers).is_empty());
    let mut first = session(ONE, 1, 50);
    let before = traces(&first, "");
    first.push((90, 52, 50, format!("sudo -n -p wrcap-{ONE} -- {DUMP}")));
    let after = traces(&[first, session(TWO, 1, 150)].concat(), "");
    assert_eq!(pids(&after.still(&before.leftovers)), [[50, 51, 52, 53, 54, 90]]);
}

#[test]
fn what_is_found_is_said_in_a_sentence() {
    let both = traces(&[session(ONE, 1, 50), session(TWO, 40, 150)].concat(), "");
    assert_eq!(both.sentence().unwrap(), "5 processes of an earlier session (alice@laptop, 54 s ago)");
    assert_eq!(both.users().unwrap(), "in use by bob@desk for 2 min");
    let two = traces(&[session(ONE, 1, 50), session(OLD, 1, 150)].concat(), "");
    let words = "10 processes of 2 earlier sessions (the oldest: somebody, 2 min ago)";
    assert_eq!(two.sentence().unwrap(), words);
    assert_eq!(two.leftovers[0].command(), format!("{DUMP} {FILTER}"));
    assert_eq!((traces(&[], "").sentence(), traces(&[], "").users()), (None, None));
}

proptest! {
    #[test]
    fn only_what_was_listed_is_ever_chosen(
        tree in proptest::collection::vec((1_u32..9, 0_u32..9, 1_u32..9, 0_usize..6), 0..12)
    ) {
        let args = [minder(ONE), minder(TWO), format!("{DUMP} {FILTER}"), "tcpdump -i lo".into(), "sleep 1".into(),
            format!("sudo -n -p wrcap-{ONE} -- {DUMP} {FILTER}")];
        let processes: Vec<_> = tree.iter().map(|(pid, up, group, kind)| (*pid, *up, *group, args[*kind].clone())).collect();
        let found = traces(&processes, "");
        for process in found.leftovers.iter().chain(&found.in_use).flat_map(|group| &group.processes) {
            prop_assert!(tree.iter().any(|(pid, ..)| *pid == process.pid));
            prop_assert!(process.args != "sleep 1");
        }
    }
}
