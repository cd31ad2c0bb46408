//! Logs recorded from OpenSSH 9.2 against real servers on loopback: `b1`, `b2` bastions, `t` the target.

use super::{HopSaid, SshSaid, classify};
use crate::session::{FailKind, Stage};

const IN: &str = "Authenticated to 127.0.0.1 ([127.0.0.1]:46101) using \"publickey\".\n";
const VIA: &str = "Authenticated to 127.0.0.1 (via proxy) using \"publickey\".\n";
const CUT: &str = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n";
const CHANGED: &str = "\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
It is also possible that a host key has just been changed.
The fingerprint for the ED25519 key sent by the remote host is
SHA256:fhSA7A7jE4SMjIO1o9YgH2ze0/g6j5mBYyuU/mBqv/s.
Please contact your system administrator.
Add correct host key in /k/known_hosts to get rid of this message.
Offending ED25519 key in /k/known_hosts:1
  remove with:
  ssh-keygen -f \"/k/known_hosts\" -R \"[127.0.0.1]:46101\"
Host key for [127.0.0.1]:46101 has changed and you have requested strict checking.
Host key verification failed.
";

fn failure(logs: &[&str]) -> crate::session::Failure {
    let names: &[&str] = match logs.len() {
        1 => &["t"],
        2 => &["b1", "t"],
        _ => &["b1", "b2", "t"],
    };
    let labels: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let hops = logs.iter().map(|&log| HopSaid { log: log.to_owned(), ..HopSaid::default() }).collect();
    classify(Stage::Connect, &labels, &SshSaid { hops })
}

/// Logs of the hops, the hop to be named, the kind.
type Case<'a> = (&'a [&'a str], &'a str, FailKind);

fn check(cases: &[Case<'_>]) {
    for (logs, hop, kind) in cases {
        let found = failure(logs);
        assert_eq!((found.hop.as_deref(), found.kind), (Some(*hop), *kind), "{logs:?}: {found:?}");
        assert!(found.message.contains(hop) || *kind == FailKind::SshConfig, "{found:?}");
        assert!(!found.message.contains("UNKNOWN port"), "{found:?}");
    }
}

#[test]
fn every_recorded_failure_names_its_hop_and_reason() {
    let open = |words: &str| format!("{IN}channel 0: open failed: {words}\nstdio forwarding failed\n");
    let killed = format!("{IN}Killed by signal 1.\n");
    let denied = "root@127.0.0.1: Permission denied (publickey).\n";
    let unknown = "No ED25519 host key is known for [127.0.0.1]:46101 and you have requested strict checking.\n\
                   Host key verification failed.\n";
    let refused = open("connect failed: Connection refused");
    let no_name = open("connect failed: Name or service not known");
    let prohibited = open("administratively prohibited: open failed");
    let no_route = open("connect failed: No route to host");
    let late = open("connect failed: Connection timed out");
    let cases: &[Case<'_>] = &[
        (&["ssh: connect to host 127.0.0.1 port 46199: Connection refused\n", CUT], "b1", FailKind::Refused),
        (
            &["ssh: Could not resolve hostname nohost.invalid: Name or service not known\n", CUT],
            "b1",
            FailKind::UnknownHost,
        ),
        (&[denied, CUT], "b1", FailKind::Authentication),
        (&[unknown, CUT], "b1", FailKind::HostKeyUnknown),
        (&[CHANGED, CUT], "b1", FailKind::HostKeyChanged),
        (&[&refused, CUT], "t", FailKind::Refused),
        (&[&no_name, CUT], "t", FailKind::UnknownHost),
        (&[&no_route, CUT], "t", FailKind::Unreachable),
        (&[&late, CUT], "t", FailKind::Timeout),
        (&[&killed, denied], "t", FailKind::Authentication),
        (&[&killed, unknown], "t", FailKind::HostKeyUnknown),
        (&[&killed, CHANGED], "t", FailKind::HostKeyChanged),
        (&[&refused, CUT, CUT], "b2", FailKind::Refused),
        (&[IN, &refused.replace(IN, VIA), CUT], "t", FailKind::Refused),
        (&[&prohibited, CUT], "b1", FailKind::ForwardingDenied),
        (&[IN, &prohibited, CUT], "b2", FailKind::ForwardingDenied),
    ];
    check(cases);
}

#[test]
fn a_login_is_no_reason_for_an_end() {
    let account = "Transferred: sent 3300, received 2844 bytes, in 6.0 seconds\nBytes per second: sent 550.8, received 474.7\n";
    let said = [IN.to_owned(), format!("{VIA}{account}")];
    let hops: Vec<HopSaid> = said.map(|log| HopSaid { log, ..HopSaid::default() }).into();
    let failure = classify(Stage::Capture, &["b".into(), "t".into()], &SshSaid { hops });
    assert_eq!(failure.message, "the connection to t ended without a word from ssh");
    assert_eq!(failure.kind, FailKind::LinkLost);
}

#[test]
fn servers_that_do_not_get_as_far_as_a_login_are_told_apart() {
    let killed = format!("{IN}Killed by signal 1.\n");
    let cases: &[Case<'_>] = &[
        (
            &[
                "Unable to negotiate with 127.0.0.1 port 46101: no matching cipher found. Their offer: x\n",
                CUT,
            ],
            "b1",
            FailKind::Protocol,
        ),
        (
            &[
                "Connection timed out during banner exchange\nConnection to 127.0.0.1 port 46123 timed out\n",
                CUT,
            ],
            "b1",
            FailKind::Timeout,
        ),
        (
            &[
                &killed,
                "Connection timed out during banner exchange\nConnection to UNKNOWN port 65535 timed out\n",
            ],
            "t",
            FailKind::Timeout,
        ),
        (
            &[
                "",
                "/r/h1.conf: line 13: Bad configuration option: foobar\n/r/h1.conf: terminating, 1 bad \
               configuration options\n",
            ],
            "t",
            FailKind::SshConfig,
        ),
        (&["/r/h0.conf line 9: no argument after keyword \"ciphers\"\n"], "t", FailKind::SshConfig),
        (
            &["Received disconnect from 127.0.0.1 port 1:2: Too many authentication failures\n\
               Disconnected from 127.0.0.1 port 1\n"],
            "t",
            FailKind::Authentication,
        ),
        (
            &["kex_exchange_identification: Connection closed by remote host\n\
               Connection closed by 127.0.0.1 port 46122\n"],
            "t",
            FailKind::Protocol,
        ),
        (&[IN, CUT], "t", FailKind::Protocol),
        (&[&format!("{IN}Timeout, server 127.0.0.1 not responding.\n"), VIA], "b1", FailKind::LinkLost),
        (&[IN, &format!("{VIA}Timeout, server 127.0.0.1 not responding.\n")], "t", FailKind::LinkLost),
        (&[&format!("{IN}client_loop: send disconnect: Broken pipe\n")], "t", FailKind::LinkLost),
        (&[IN, VIA], "t", FailKind::LinkLost),
        (&[""], "t", FailKind::Protocol),
    ];
    check(cases);
}

#[test]
fn a_changed_key_says_how_to_forget_the_old_one() {
    let found = failure(&[CHANGED]);
    let hint = found.hint.expect("a hint");
    assert!(hint.contains("/k/known_hosts:1"), "{hint}");
    assert!(hint.contains("ssh-keygen -f '/k/known_hosts' -R '[127.0.0.1]:46101'"), "{hint}");
    assert!(
        found.message.contains("SHA256:fhSA7A7jE4SMjIO1o9YgH2ze0/g6j5mBYyuU/mBqv/s"),
        "{}",
        found.message
    );
}

#[test]
fn a_login_that_failed_says_what_is_wrong_with_the_key() {
    let denied = "root@127.0.0.1: Permission denied (publickey).\n";
    let cases = [
        ("no such identity: /k/gone: No such file or directory\n", "/k/gone does not exist"),
        ("Permissions 0644 for '/k/open' are too open.\n", "chmod 600 /k/open"),
        ("Load key \"/k/bad\": invalid format\n", "/k/bad could not be used"),
        ("", "ssh-add"),
    ];
    for (log, words) in cases {
        let hint = failure(&[&format!("{log}{denied}")]).hint.expect("a hint");
        assert!(hint.contains(words), "{hint}");
    }
}

#[test]
fn words_of_a_server_are_harmless() {
    let found = failure(&["ssh: Could not resolve hostname \x1b]0;x\x07y: no\n"]);
    assert!(!found.message.chars().any(char::is_control), "{found:?}");
}

#[test]
fn a_jump_of_the_users_own_configuration_is_told_apart() {
    let stderr = "ssh: connect to host 10.9.9.9 port 22: Connection refused\n".to_owned();
    let said = SshSaid { hops: vec![HopSaid { log: CUT.to_owned(), stderr, ..HopSaid::default() }] };
    let found = classify(Stage::Connect, &["t".to_owned()], &said);
    assert_eq!(found.kind, FailKind::Refused);
    assert_eq!(
        found.message,
        "the way to t in your ssh_config failed: ssh: connect to host 10.9.9.9 port 22: Connection refused"
    );
}

#[test]
fn a_cut_is_told_of_the_outermost_hop_that_saw_it() {
    let end = "Transferred: sent 7052, received 6620 bytes, in 0.7 seconds\n";
    let goodbye = "Connection to 127.0.0.1 closed by remote host.\n";
    let said = |log: &str, stderr: &str| HopSaid {
        log: log.to_owned(),
        stderr: stderr.to_owned(),
        ..HopSaid::default()
    };
    let labels = ["b1".to_owned(), "t".to_owned()];
    let hop = |hops: [HopSaid; 2]| {
        let found = classify(Stage::Capture, &labels, &SshSaid { hops: hops.to_vec() });
        assert_eq!(found.kind, FailKind::LinkLost, "{found:?}");
        found.hop.expect("a hop")
    };
    let broken = format!("{VIA}client_loop: send disconnect: Broken pipe\n");
    let (ended, killed) = (format!("{IN}{end}"), format!("{IN}Killed by signal 1.\n"));
    assert_eq!(hop([said(&ended, goodbye), said(&broken, "")]), "b1");
    assert_eq!(hop([said(&ended, goodbye), said(&format!("{VIA}{end}"), goodbye)]), "b1");
    assert_eq!(hop([said(&killed, ""), said(&format!("{VIA}{end}"), goodbye)]), "t");
}

#[test]
fn nothing_of_a_log_reaches_a_terminal_as_it_is() {
    let log = "REMOTE HOST IDENTIFICATION HAS CHANGED!\nOffending ED25519 key in /k\x1b[2J:3\x1b[2J\n";
    let said = SshSaid { hops: vec![HopSaid { log: log.into(), ..HopSaid::default() }] };
    let failure = classify(Stage::Connect, &["t".to_owned()], &said);
    let hint = failure.hint.unwrap();
    assert!(hint.contains("/k [2J:3 [2J") && !hint.contains('\x1b'), "{hint:?}");
}
