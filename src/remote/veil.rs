//! Hides addresses, machines and users in text, for screens that others see.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv6Addr},
};

use crate::profile::{Hop, Target};

/// What is hidden, and what stands in its place: always the same for the same thing, so that a screen still tells
/// which is which.
#[derive(Debug, Clone, Default)]
pub struct Veil {
    words: BTreeMap<String, String>,
}

impl Veil {
    /// Hides the machines and users of these targets and of their bastions, and these words, such as the local user.
    pub fn new<'a>(targets: impl IntoIterator<Item = &'a Target>, users: &[String]) -> Self {
        let mut veil = Self::default();
        for user in users {
            veil.user(user);
        }
        veil.learn(targets);
        veil
    }

    /// Hides these targets' machines and users, too.
    pub fn learn<'a>(&mut self, targets: impl IntoIterator<Item = &'a Target>) {
        for target in targets {
            target.via.iter().chain([&target.host]).for_each(|hop| self.hop(hop));
        }
    }

    fn hop(&mut self, hop: &Hop) {
        let hosts: BTreeSet<_> = self.words.values().filter(|name| name.starts_with("host-")).collect();
        let hosts = hosts.len();
        let host = hop.host.to_lowercase();
        let name = self.words.entry(host.clone()).or_insert_with(|| format!("host-{}", hosts + 1)).clone();
        // Machines speak of themselves by the first part of their name.
        if let (Some((short, _)), Err(_)) = (host.split_once('.'), host.parse::<IpAddr>()) {
            self.words.entry(short.to_owned()).or_insert(name);
        }
        if let Some(user) = &hop.user {
            self.user(user);
        }
    }

    fn user(&mut self, user: &str) {
        // `root` tells nothing of anybody, and messages that speak of it must stay readable.
        if !user.is_empty() && user != "root" {
            self.words.entry(user.to_lowercase()).or_insert_with(|| "user".to_owned());
        }
    }

    /// `text` without what is hidden.
    pub fn cover(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let (before, from) = rest.split_at(start);
            let (word, behind) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
            out.push_str(before);
            self.cover_word(word, &mut out);
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// A word may have a dot, a colon or a port behind it that is not part of an address.
    fn cover_word(&self, word: &str, out: &mut String) {
        let core = word.trim_matches(['.', ':', '-', '_']);
        let offset = word.find(core).unwrap_or(0);
        let (lead, tail) =
            (word.get(..offset).unwrap_or_default(), word.get(offset + core.len()..).unwrap_or_default());
        // `::1` begins with colons that belong to it.
        if let Some(covered) = self.covered(word) {
            out.push_str(&covered);
        } else if let Some(covered) = self.covered(core) {
            out.extend([lead, &covered, tail]);
        } else {
            // `host:22`, `user-1.log`: the parts for themselves.
            for part in word.split_inclusive([':', '_']) {
                let name = part.trim_end_matches([':', '_']);
                match self.covered(name) {
                    Some(covered) => {
                        out.push_str(&covered);
                        out.push_str(part.get(name.len()..).unwrap_or_default());
                    }
                    None => out.push_str(part),
                }
            }
        }
    }

    /// What stands in the place of a whole word that is hidden.
    fn covered(&self, word: &str) -> Option<String> {
        if let Some(name) = self.words.get(&word.to_lowercase()) {
            return Some(name.clone());
        }
        match word.parse() {
            Ok(IpAddr::V4(_)) => Some("x.x.x.x".to_owned()),
            Ok(IpAddr::V6(_)) => Some("x::x".to_owned()),
            Err(_) => covered_parts(word),
        }
    }
}

/// Hardware addresses, and addresses that tcpdump writes with a port behind a dot.
fn covered_parts(word: &str) -> Option<String> {
    let hexes: Vec<&str> = word.split(':').collect();
    if hexes.len() == 6 && hexes.iter().all(|hex| hex.len() == 2 && u8::from_str_radix(hex, 16).is_ok()) {
        return Some("x:x:x:x:x:x".to_owned());
    }
    let (address, port) = word.rsplit_once('.')?;
    let is_port = port.parse::<u16>().is_ok();
    let is_address = address.parse::<std::net::Ipv4Addr>().is_ok() || address.parse::<Ipv6Addr>().is_ok();
    (is_port && is_address).then(|| format!("x.x.x.x.{port}"))
}

/// Characters of names and addresses.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ':' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::{Hop, Target, Veil};
    use crate::profile::TargetName;

    fn veil() -> Veil {
        let hop = |host: &str, user: Option<&str>| Hop {
            host: host.to_owned(),
            user: user.map(str::to_owned),
            ..Hop::default()
        };
        let name = TargetName { site: "shop".to_owned(), target: "web-1".to_owned() };
        let mut target = Target::new(name, hop("web9.prod", Some("ops")));
        target.via = vec![hop("bastion.shop.example", Some("ec2-user")), hop("2001:db8::9", Some("root"))];
        Veil::new([&target], &["alice".to_owned()])
    }

    #[test]
    fn machines_users_and_addresses_are_hidden_and_nothing_else() {
        let veil = veil();
        for (text, covered) in [
            ("ops@web9.prod", "user@host-3"),
            (
                "ssh -J ec2-user@bastion.shop.example:2222 ops@web9.prod",
                "ssh -J user@host-1:2222 user@host-3",
            ),
            ("BASTION.shop.example: no route", "host-1: no route"),
            ("from 10.0.1.11, port 22.", "from x.x.x.x, port 22."),
            ("10.0.1.11:22 and 10.0.1.11.443 >", "x.x.x.x:22 and x.x.x.x.443 >"),
            ("[2001:db8::9]:22 ::1 fe80::1", "[host-2]:22 x::x x::x"),
            ("ether 02:42:ac:11:00:02", "ether x:x:x:x:x:x"),
            ("/home/alice/.ssh/id_prod", "/home/user/.ssh/id_prod"),
            ("root on web9.prod.", "root on host-3."),
            ("a password is required on web9", "a password is required on host-3"),
            ("14:03:27 shop/web-1 1.21 GB 0:19:38 5.9k", "14:03:27 shop/web-1 1.21 GB 0:19:38 5.9k"),
            ("tcpdump version 4.99.3, options and drops", "tcpdump version 4.99.3, options and drops"),
            ("── é ▸ live ──", "── é ▸ live ──"),
        ] {
            assert_eq!(veil.cover(text), covered);
        }
    }

    proptest! {
        #[test]
        fn no_address_comes_through(a in 0_u8.., b in 0_u8.., before in "[ ,(<=/@>]?", behind in "[ ,)>/:]?") {
            let address = format!("{a}.{b}.7.9");
            let covered = veil().cover(&format!("{before}{address}{behind}"));
            prop_assert!(!covered.contains(&address), "{covered}");
        }

        #[test]
        fn any_text_can_be_covered(text in "\\PC{0,60}") {
            veil().cover(&text);
        }
    }
}
