//! What a standing connection to a bastion tells about a forwarding that failed.
//!
//! Its client only hears `Session open refused by peer`; the reason is in the log of the connection itself, which
//! carries those of many targets. At the level `DEBUG1` it says which channel is for whom:
//!
//! ```text
//! debug1: channel_connect_stdio_fwd: 10.0.1.11:22
//! debug1: channel 2: new stdio-forward [stdio-forward] (inactive timeout: 0)
//! channel 2: open failed: connect failed: Connection refused
//! ```

use std::collections::HashMap;

/// How ssh begins what it says at the level that is raised for this.
pub const DEBUG: &str = "debug1: ";

/// What the client of a standing connection says when a forwarding failed.
const CLIENT: &str = "Stdio forwarding request failed";

/// The last `channel N: open failed: ...` that was about `address`, written `[HOST]:PORT`.
pub fn refusal<'a>(log: &'a str, address: &str) -> Option<&'a str> {
    let (host, port) = address.trim().strip_prefix('[')?.rsplit_once("]:")?;
    let wanted = format!("{host}:{port}");
    let mut asked = None;
    let mut channels = HashMap::new();
    let mut found = None;
    for line in log.lines() {
        // Before 8.5 without the colon.
        let request = line.strip_prefix(DEBUG).and_then(|l| l.strip_prefix("channel_connect_stdio_fwd"));
        if let Some(request) = request {
            asked = Some(request.trim_start_matches(':').trim());
        } else if let Some((channel, what)) = channel(line) {
            if what.starts_with("new stdio-forward") || what.starts_with("new [stdio-forward") {
                channels.insert(channel, asked.take());
            } else if what.starts_with("open failed: ")
                && channels.get(channel).copied().flatten() == Some(&*wanted)
            {
                found = Some(line);
            }
        }
    }
    found
}

/// Whether the client of a standing connection was told that its forwarding failed.
pub fn was_refused(log: &str) -> bool {
    log.contains(CLIENT)
}

/// The number and the news of a line about a channel.
fn channel(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix(DEBUG).unwrap_or(line).strip_prefix("channel ")?.split_once(": ")
}

#[cfg(test)]
mod tests {
    use super::refusal;

    /// Recorded from OpenSSH 9.2; the second request came before the answer to the first.
    const LOG: &str = "\
debug1: channel 1: new mux-control [mux-control] (inactive timeout: 0)
debug1: channel_connect_stdio_fwd: 127.0.0.1:45899
debug1: channel 2: new stdio-forward [stdio-forward] (inactive timeout: 0)
debug1: getpeername failed: Bad file descriptor
debug1: channel_connect_stdio_fwd: fd00::1:22
debug1: channel 4: new stdio-forward [stdio-forward] (inactive timeout: 0)
channel 4: open failed: administratively prohibited: open failed
channel 2: open failed: connect failed: Connection refused
debug1: channel 2: free: direct-tcpip: listening port 0 for 127.0.0.1 port 45899, nchannels 3
debug1: channel_connect_stdio_fwd: 127.0.0.1:45812
debug1: channel 2: new stdio-forward [stdio-forward] (inactive timeout: 0)
";

    #[test]
    fn each_address_has_its_own_reason() {
        let refused = "channel 2: open failed: connect failed: Connection refused";
        let denied = "channel 4: open failed: administratively prohibited: open failed";
        assert_eq!(refusal(LOG, "[127.0.0.1]:45899\n"), Some(refused));
        assert_eq!(refusal(LOG, "[fd00::1]:22"), Some(denied));
        for other in ["[127.0.0.1]:45812", "[127.0.0.1]:9", "127.0.0.1:45899", ""] {
            assert_eq!(refusal(LOG, other), None, "{other}");
        }
    }

    #[test]
    fn a_channel_that_is_used_again_is_somebody_elses() {
        let log = format!("{LOG}channel 2: open failed: connect failed: No route to host\n");
        assert!(refusal(&log, "[127.0.0.1]:45899").is_some_and(|line| line.ends_with("refused")));
        assert!(refusal(&log, "[127.0.0.1]:45812").is_some_and(|line| line.ends_with("to host")));
    }
}
