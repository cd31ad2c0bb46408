//! wrcap's own transports, kept out of the capture; everything else stays in.

use std::net::{IpAddr, Ipv4Addr};

/// The ssh connection as the target sees it (sshd's `SSH_CONNECTION`), addresses normalised: an IPv4-mapped IPv6
/// address is its IPv4 address, a zone id is dropped (packets do not carry it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SshConnection {
    /// The address the target was reached from: the last hop's, or its NAT's.
    pub client: IpAddr,
    /// Its TCP port.
    pub client_port: u16,
    /// The target's own address for this connection.
    pub server: IpAddr,
    /// The port sshd listens on.
    pub server_port: u16,
}

impl SshConnection {
    /// Reads `CLIENT CPORT SERVER SPORT`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let connection = Self {
            client: address(words.next()?)?,
            client_port: words.next()?.parse().ok()?,
            server: address(words.next()?)?,
            server_port: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(connection)
    }

    /// The pcap-filter expression that is true for this connection's packets, both directions, and for nothing else.
    fn expression(&self) -> String {
        let Self { client, client_port, server, server_port } = self;
        format!("tcp and host {client} and port {client_port} and host {server} and port {server_port}")
    }
}

/// An address as a target writes it: zone id dropped, IPv4-mapped addresses as IPv4, a prefix length ignored.
pub fn address(text: &str) -> Option<IpAddr> {
    let text = text.split(['%', '/']).next()?;
    let ip: IpAddr = text.parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), |v4: Ipv4Addr| IpAddr::V4(v4)),
        v4 @ IpAddr::V4(_) => v4,
    })
}

/// The exclusion of another session's connection, in another order of words: by that of our own sweep.sh and
/// leftover.rs know whose a capture is.
fn others(connection: &SshConnection) -> String {
    let SshConnection { client, client_port, server, server_port } = connection;
    format!("not (tcp and port {client_port} and host {client} and port {server_port} and host {server})")
}

/// Why a filter is refused before a target sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A newline, NUL or another control character.
    #[error("the filter holds a control character or a newline")]
    Control,
    /// Parentheses that would reach out of ours.
    #[error("the parentheses of the filter do not match")]
    Parentheses,
}

/// The filter for tcpdump: the user's one, and neither the connections that are this session's `own` nor those of
/// `other` sessions to the same target: two captures that see each other's transport fill it with copies of
/// themselves. `None` captures everything.
///
/// The conjunction holds because of two checks: here the user's parentheses must match without ever closing more than
/// they opened (pcap-filter knows neither quotes nor comments that could hide one), and the probe compiles the user's
/// filter alone on the target, so what stands in our parentheses is a whole expression.
pub fn filter(
    user: Option<&str>,
    own: &[SshConnection],
    other: &[SshConnection],
) -> Result<Option<String>, FilterError> {
    let user = user.map(str::trim).filter(|text| !text.is_empty());
    if let Some(text) = user {
        check(text)?;
    }
    // Our own ones last: sweep.sh and leftover.rs look for them there.
    let own = own.iter().map(|connection| format!("not ({})", connection.expression()));
    let exclusions: Vec<String> = other.iter().map(others).chain(own).collect();
    let excludes = !exclusions.is_empty();
    let terms: Vec<String> = user.map(|text| format!("({text})")).into_iter().chain(exclusions).collect();
    Ok(match (terms.is_empty(), user, excludes) {
        (true, _, _) => None,
        (false, Some(text), false) => Some(text.to_owned()),
        _ => Some(terms.join(" and ")),
    })
}

/// Refuses what cannot be sent on one line and parentheses that would reach out of ours.
pub fn check(filter: &str) -> Result<(), FilterError> {
    if filter.chars().any(|c| c.is_control() && c != '\t') {
        return Err(FilterError::Control);
    }
    let depth = filter.chars().try_fold(0_usize, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    if depth == Some(0) { Ok(()) } else { Err(FilterError::Parentheses) }
}

#[cfg(test)]
mod tests {
    use super::{FilterError, SshConnection, check, filter};
    use proptest::prelude::*;

    fn connection(text: &str) -> SshConnection {
        SshConnection::parse(text).unwrap()
    }

    #[test]
    fn addresses_are_normalised() {
        let mapped = connection("::ffff:10.0.0.9 50000 ::ffff:10.0.0.1 22");
        assert_eq!(mapped, connection("10.0.0.9 50000 10.0.0.1 22"));
        let zone = connection("fe80::9%eth0 50000 fe80::1%2 22");
        assert_eq!(
            filter(None, &[zone], &[]).unwrap().unwrap(),
            "not (tcp and host fe80::9 and port 50000 and host fe80::1 and port 22)"
        );
    }

    #[test]
    fn what_is_no_connection_is_none() {
        for text in
            ["", "10.0.0.9 50000 10.0.0.1", "a 1 b 2", "10.0.0.9 1 10.0.0.1 70000", "10.0.0.9 1 10.0.0.1 2 3"]
        {
            assert_eq!(SshConnection::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_filter_is_a_conjunction() {
        let own = [connection("10.0.0.9 5 10.0.0.1 22"), connection("10.0.0.8 6 10.0.0.1 22")];
        assert_eq!(
            filter(Some("tcp port 80 or arp"), &own, &[]).unwrap().unwrap(),
            "(tcp port 80 or arp) and not (tcp and host 10.0.0.9 and port 5 and host 10.0.0.1 and port 22) \
             and not (tcp and host 10.0.0.8 and port 6 and host 10.0.0.1 and port 22)"
        );
        assert_eq!(
            filter(None, &own[..1], &own[1..]).unwrap().unwrap(),
            "not (tcp and port 6 and host 10.0.0.8 and port 22 and host 10.0.0.1) \
             and not (tcp and host 10.0.0.9 and port 5 and host 10.0.0.1 and port 22)"
        );
        assert_eq!(filter(Some("arp"), &[], &[]).unwrap().unwrap(), "arp");
        assert_eq!(filter(Some("  "), &[], &[]).unwrap(), None);
    }

    #[test]
    fn parentheses_and_newlines_do_not_get_out() {
        for (text, error) in [
            ("a) or (b", FilterError::Parentheses),
            (")", FilterError::Parentheses),
            ("(", FilterError::Parentheses),
            ("tcp\nport 80", FilterError::Control),
            ("tcp\0", FilterError::Control),
        ] {
            assert_eq!(check(text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn our_exclusion_is_always_outside_the_users_parentheses(text in "[a()! ]{0,12}") {
            let own = [connection("10.0.0.9 5 10.0.0.1 22")];
            if let Ok(Some(whole)) = filter(Some(&text), &own, &[]) {
                let at = whole.find("not (tcp and host").unwrap();
                let depth = whole[..at].chars().fold(0_i32, |d, c| d + i32::from(c == '(') - i32::from(c == ')'));
                prop_assert_eq!(depth, 0);
            }
        }
    }
}
