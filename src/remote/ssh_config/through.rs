//! The way through a connection to the last bastion that stands already.
//!
//! The bastion's hop is then a client of that connection's control socket and nothing else. Where the socket is
//! gone, ssh would make a connection of its own; a `ProxyCommand` that only fails forbids that, and so nothing is
//! resolved, dialed or asked.

use std::path::Path;

use super::{
    GeneratedConfig, HopConfig, Lines, Place, SshConfigError, SshFiles, control, hop_config, quoted,
    shell_word, text, utf8,
};
use crate::profile::{Target, TargetName};

/// Notes the address that is asked for, keeps the hop's stderr apart.
const PROXY: &str = r#"echo "$1" >"$2"; exec 2>>"$3"; shift 3; exec "$@""#;

/// The last bastion of `target` as a target of its own; targets whose bastions are equal can share one connection
/// to it. `None` without bastions.
pub fn bastion(target: &Target) -> Option<Target> {
    let (host, via) = target.via.split_last()?;
    let nobody = TargetName { site: String::new(), target: String::new() };
    Some(Target {
        via: via.to_vec(),
        host_key: target.host_key,
        ssh_options: target.ssh_options.clone(),
        keepalive: target.keepalive,
        // What goes through a bastion is ciphertext.
        compression: false,
        ..Target::new(nobody, host.clone())
    })
}

/// The files for `target` behind a bastion whose connection listens at the socket `standing`. Nothing is written.
///
/// # Errors
/// As those of [`generate`](super::generate); a target without a bastion cannot be reached so.
pub fn through(
    target: &Target,
    files: &SshFiles,
    standing: &Path,
) -> Result<GeneratedConfig, SshConfigError> {
    let control = control(target, files)?;
    let index = target.via.len();
    let (Some(hop), Some(first)) = (target.via.last(), index.checked_sub(1)) else {
        return Err(SshConfigError::Unsafe { what: "the way", value: target.host.to_string() });
    };
    let mut bastion = hop_config(hop, first, files, false, client(standing)?)?;
    bastion.address = Some(files.dir.join(format!("h{first}.to")));
    let place = Place { last: true, proxy: Some(proxy_command(files, &bastion)?), timeout: false };
    let own = text(target, &target.host, files, &place)?;
    let own = hop_config(&target.host, index, files, true, own)?;
    Ok(GeneratedConfig { hops: vec![bastion, own], first, control })
}

/// The file of a hop that only uses a control socket. Nobody's own configuration has a say in it.
fn client(standing: &Path) -> Result<String, SshConfigError> {
    let path = utf8("the runtime folder", standing)?.replace('%', "%%");
    let mut file = Lines::default();
    file.block("*");
    file.set("ControlPath", &quoted("the runtime folder", &path)?);
    file.set("ControlMaster", "no");
    file.set("BatchMode", "yes");
    file.set("LogLevel", "VERBOSE");
    file.set("ProxyCommand", "false");
    Ok(file.0)
}

fn proxy_command(files: &SshFiles, bastion: &HopConfig) -> Result<String, SshConfigError> {
    let folder = "the runtime folder";
    let word = |what, path: &Path| shell_word(what, utf8(what, path)?);
    let nowhere = Path::new("/dev/null");
    let address = word(folder, bastion.address.as_deref().unwrap_or(nowhere))?;
    let stderr = word(folder, bastion.stderr.as_deref().unwrap_or(nowhere))?;
    let (log, config) = (word(folder, &bastion.log)?, word(folder, &bastion.config)?);
    let ssh = word("the path of ssh", &files.ssh)?;
    let host = shell_word("the host", &bastion.destination)?;
    Ok(format!(
        "/bin/sh -c '{PROXY}' sh '[%h]:%p' {address} {stderr} {ssh} -E {log} -F {config} -T -W '[%h]:%p' -- {host}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{bastion, through};
    use crate::{
        profile::{Hop, Target, TargetName},
        remote::ssh_config::SshFiles,
    };
    use std::{path::Path, time::Duration};

    fn hop(host: &str) -> Hop {
        Hop { host: host.into(), ..Hop::default() }
    }

    fn target(via: &[&str], host: &str) -> Target {
        let name = TargetName { site: "shop".into(), target: host.into() };
        Target { via: via.iter().map(|host| hop(host)).collect(), ..Target::new(name, hop(host)) }
    }

    #[test]
    fn the_bastion_is_a_client_that_connects_nowhere_by_itself() {
        let files = SshFiles::new("/run/s1");
        let standing = Path::new("/run/b 1/c");
        let config = through(&target(&["b1", "b2"], "t"), &files, standing).unwrap();
        assert_eq!(config.first, 1);
        let labels: Vec<&str> = config.hops.iter().map(|hop| hop.label.as_str()).collect();
        assert_eq!(labels, ["b2", "t"]);
        insta::assert_snapshot!(config.hops[0].text, @r#"
        Host *
          ControlPath "/run/b 1/c"
          ControlMaster no
          BatchMode yes
          LogLevel VERBOSE
          ProxyCommand false
        "#);
        let proxy = config.hops[1].text.lines().find(|line| line.contains("ProxyCommand")).unwrap();
        insta::assert_snapshot!(
            proxy.trim(),
            @r#"ProxyCommand /bin/sh -c 'echo "$1" >"$2"; exec 2>>"$3"; shift 3; exec "$@"' sh '[%h]:%p' '/run/s1/h1.to' '/run/s1/h1.err' 'ssh' -E '/run/s1/h1.log' -F '/run/s1/h1.conf' -T -W '[%h]:%p' -- 'b2'"#
        );
        assert!(through(&target(&[], "t"), &files, standing).is_err());
        assert!(through(&target(&["b"], "t"), &files, Path::new("/run/\"/c")).is_err());
    }

    #[test]
    fn only_what_concerns_the_way_to_a_bastion_makes_bastions_differ() {
        let shared = bastion(&target(&["b1", "b2"], "web-1"));
        let with = |change: &dyn Fn(&mut Target)| {
            let mut other = target(&["b1", "b2"], "web-2");
            change(&mut other);
            bastion(&other)
        };
        assert_eq!(shared.as_ref().map(|bastion| bastion.hops().count()), Some(2));
        assert_eq!(with(&|_| ()), shared);
        assert_eq!(with(&|other| other.compression = !other.compression), shared);
        assert_eq!(with(&|other| other.lease = Duration::from_secs(7)), shared);
        assert_eq!(with(&|other| other.host.user = Some("root".into())), shared);
        assert_ne!(with(&|other| other.keepalive = Duration::from_secs(7)), shared);
        assert_ne!(with(&|other| other.via[1].user = Some("root".into())), shared);
        assert_ne!(with(&|other| drop(other.via.remove(0))), shared);
        assert_ne!(with(&|other| drop(other.ssh_options.insert("Ciphers".into(), "a".into()))), shared);
        assert_eq!(bastion(&target(&[], "t")), None);
    }
}
