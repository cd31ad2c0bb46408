//! Hops as they are written: `[user@]host[:port]`, or a map.

use super::{
    check,
    field::{self, Field, Shape, optional},
    problem::{Invalid, Step},
    target::Hop,
    value,
};
use serde_yaml::Value;
use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

const PORT: RangeInclusive<u64> = 1..=65535;

/// The fields of a hop. The first is the only one that it must have.
pub(super) static HOP: [Field<Hop>; 4] = [
    Field::new(
        "host",
        "Host name, address, or an alias of your ssh_config.",
        Shape::Line,
        |hop| Value::from(hop.host.as_str()),
        |hop, v| word(v, check::host).map(|host| hop.host = host),
    ),
    Field::new(
        "port",
        "TCP port of sshd; without it ssh decides.",
        Shape::Number(PORT),
        |hop| hop.port.map_or(Value::Null, Value::from),
        |hop, v| value::number(v, &PORT).map(|port| hop.port = u16::try_from(port).ok()),
    ),
    Field::new(
        "user",
        "Login name; without it ssh decides.",
        Shape::Line,
        |hop| optional(hop.user.as_deref()),
        |hop, v| word(v, check::user).map(|user| hop.user = Some(user)),
    ),
    Field::new(
        "identity",
        "Private key file, ~ is expanded; without it ssh decides.",
        Shape::Line,
        |hop| optional(hop.identity.as_deref().and_then(Path::to_str)),
        |hop, v| value::line(v).map(|path| hop.identity = path.map(PathBuf::from)),
    ),
];

/// Text that passes `rule`.
fn word(value: &Value, rule: fn(&str) -> Result<(), Invalid>) -> Result<String, Invalid> {
    let text = value::text(value)?;
    rule(text)?;
    Ok(text.to_owned())
}

/// Reads `via`: a list of hops, outermost first. An empty list means a direct connection.
pub(super) fn hops(value: &Value) -> Result<Vec<Hop>, Invalid> {
    let list = value
        .as_sequence()
        .ok_or_else(|| value::mismatch("a list of hops", value).hint("write [user@bastion.example]"))?;
    let hop = |(index, value)| hop(value).map_err(|invalid| invalid.under(Step::Index(index)));
    list.iter().enumerate().map(hop).collect()
}

fn hop(value: &Value) -> Result<Hop, Invalid> {
    let Value::Mapping(map) = value else { return hop_text(value::text(value)?) };
    let mut hop = Hop::default();
    field::apply_first(&HOP, &mut hop, value)?;
    match map.get("host") {
        Some(_) if !hop.host.is_empty() => Ok(hop),
        _ => Err(Invalid::new("a hop needs a host")),
    }
}

/// The hops of a `ProxyJump` as `ssh -G` prints it: `[user@]host[:port],...`, also as URIs; `None` for what wrcap could
/// not write, such as a name with `%` in it, and for none at all.
pub fn jumps(text: &str) -> Option<Vec<Hop>> {
    let hop = |text: &str| {
        let text = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
        hop_text(text).ok().filter(|hop| !hop.to_string().contains('%'))
    };
    text.split(',').map(str::trim).map(hop).collect()
}

/// `[user@]host[:port]`; an IPv6 address stands in brackets when a port follows. The user may contain an `@`.
fn hop_text(text: &str) -> Result<Hop, Invalid> {
    let (user, rest) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
    let (host, port) = host_and_port(rest)?;
    user.map_or(Ok(()), check::user)?;
    check::host(host)?;
    Ok(Hop { host: host.to_owned(), user: user.map(str::to_owned), port, identity: None })
}

fn host_and_port(text: &str) -> Result<(&str, Option<u16>), Invalid> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(""))),
        None => match text.split_once(':') {
            Some((_, rest)) if rest.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let Some(port) = port else { return Ok((host, None)) };
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => Ok((host, Some(number))),
        _ => Err(Invalid::new(format!("{port:?} is no port")).hint("ports are 1 to 65535")),
    }
}

/// A hop as it would be written: text where that can hold it, a map otherwise.
fn written(hop: &Hop) -> Value {
    if hop.identity.is_none() {
        return hop.to_string().into();
    }
    field::written(&HOP, hop)
}

/// `via` as it would be written.
pub(super) fn written_all(hops: &[Hop]) -> Value {
    Value::Sequence(hops.iter().map(written).collect())
}

#[cfg(test)]
mod tests {
    use super::{hop_text, hops, written_all};
    use crate::profile::target::Hop;

    fn hop(user: Option<&str>, host: &str, port: Option<u16>) -> Hop {
        Hop { host: host.into(), user: user.map(str::to_owned), port, identity: None }
    }

    #[test]
    fn texts() {
        for (text, wanted) in [
            ("bastion", hop(None, "bastion", None)),
            ("jo@bastion", hop(Some("jo"), "bastion", None)),
            ("jo@bastion:2222", hop(Some("jo"), "bastion", Some(2222))),
            ("jo@corp.example@bastion", hop(Some("jo@corp.example"), "bastion", None)),
            ("fe80::1", hop(None, "fe80::1", None)),
            ("[fe80::1%eth0]:22", hop(None, "fe80::1%eth0", Some(22))),
            ("jo@[::1]", hop(Some("jo"), "::1", None)),
        ] {
            assert_eq!(hop_text(text), Ok(wanted), "{text}");
        }
        for bad in [
            "", "@", "a:", "a:0", "a:65536", "a:+22", "a:b", "[::1]22", "[::1", "-x", "jo@-x", "a b", "a,b",
            "@a",
        ] {
            assert!(hop_text(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lists_read_back_as_written() {
        let yaml = "[a, 'jo@b:22', {host: c, identity: ~/.ssh/k, port: 23}]";
        let read = hops(&serde_yaml::from_str(yaml).unwrap()).unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(hops(&written_all(&read)), Ok(read));
    }
}
