//! Which keywords of `ssh_options` are the user's to set.

use super::{SshConfigError, refuse};

/// Why each of these may not be in `ssh_options`; lower case.
const REFUSED: &[(&[&str], &str)] = &[
    (&["host", "match", "include"], "it would change which hop the rest of the file speaks of"),
    (&["hostname", "port", "user"], "it is a field of each hop"),
    (&["stricthostkeychecking"], "use the field host_key"),
    (&["controlmaster", "controlpath", "controlpersist"], "wrcap runs the master connection itself"),
    (
        &["proxyjump", "proxycommand", "proxyusefdpass"],
        "use the field via, or ~/.ssh/config for the first hop",
    ),
    (&["batchmode"], "wrcap decides who answers ssh's questions"),
    (&["loglevel", "logverbose", "syslogfacility"], "wrcap reads ssh's messages"),
    (
        &["remotecommand", "requesttty", "sessiontype", "forkafterauthentication", "stdinnull"],
        "wrcap decides what the connection runs",
    ),
    (&["localcommand", "permitlocalcommand"], "wrcap runs no other commands here"),
    (
        &[
            "localforward",
            "remoteforward",
            "dynamicforward",
            "clearallforwardings",
            "exitonforwardfailure",
            "forwardagent",
            "forwardx11",
            "forwardx11trusted",
            "tunnel",
            "tunneldevice",
        ],
        "a capture forwards nothing",
    ),
];

/// Checks one keyword of `ssh_options`.
pub fn check_option(keyword: &str, value: &str) -> Result<(), SshConfigError> {
    if keyword.is_empty() || !keyword.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(SshConfigError::Keyword(keyword.to_owned()));
    }
    let lower = keyword.to_ascii_lowercase();
    if let Some((_, reason)) = REFUSED.iter().find(|(names, _)| names.contains(&lower.as_str())) {
        return Err(SshConfigError::Refused { keyword: keyword.to_owned(), reason });
    }
    refuse("the value of an ssh_option", value, |c| c.is_control() || c == '\u{2028}').map(drop)
}
