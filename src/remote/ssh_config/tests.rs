use std::path::Path;

use proptest::prelude::*;

use super::{FirstHop, SshConfigError, SshFiles, check_option, generate};
use crate::profile::{Hop, Target, TargetName};

fn hop(host: &str) -> Hop {
    Hop { host: host.into(), user: None, port: None, identity: None }
}

fn target(via: Vec<Hop>, host: Hop) -> Target {
    let name = TargetName { site: "shop".into(), target: "web-1".into() };
    Target { via, ..Target::new(name, host) }
}

fn files() -> SshFiles {
    SshFiles::new("/run/user/1000/wrcap/s1")
}

fn texts(target: &Target) -> Vec<String> {
    let config = generate(target, &files(), FirstHop::Direct).expect("generates");
    config.hops.into_iter().map(|hop| hop.text).collect()
}

#[test]
fn two_hops_of_one_name_have_a_file_each() {
    let bastion = Hop {
        host: "localhost".into(),
        user: Some("ec2-user".into()),
        port: Some(2222),
        identity: Some("~/my keys/shop.pem".into()),
    };
    let texts = texts(&target(vec![bastion], hop("localhost")));
    insta::assert_snapshot!(texts[0], @r#"
    Host localhost
      User "ec2-user"
      Port 2222
      IdentityFile "~/my keys/shop.pem"
    Host *
      BatchMode no
      LogLevel VERBOSE
      ControlMaster no
      ControlPath none
      ControlPersist no
      ClearAllForwardings yes
      ForwardAgent no
      ForwardX11 no
      PermitLocalCommand no
      RemoteCommand none
      RequestTTY no
      VisualHostKey no
      StrictHostKeyChecking ask
    Host localhost
      Compression no
      IdentitiesOnly yes
      ConnectTimeout 10
    Host *
      ServerAliveInterval 60
      ServerAliveCountMax 3
      Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com
    Host *
      Include "~/.ssh/config"
      Include "/etc/ssh/ssh_config"
    "#);
    insta::assert_snapshot!(texts[1], @r#"
    Host localhost
      ProxyCommand /bin/sh -c 'WRCAP_HOP=$1; export WRCAP_HOP; exec 2>>"$2"; shift 2; exec "$@"' sh 0 '/run/user/1000/wrcap/s1/h0.err' 'ssh' -E '/run/user/1000/wrcap/s1/h0.log' -F '/run/user/1000/wrcap/s1/h0.conf' -T -W '[%h]:%p' -- 'localhost'
      ProxyUseFdpass no
    Host *
      BatchMode no
      LogLevel VERBOSE
      ControlMaster no
      ControlPath none
      ControlPersist no
      ClearAllForwardings yes
      ForwardAgent no
      ForwardX11 no
      PermitLocalCommand no
      RemoteCommand none
      RequestTTY no
      VisualHostKey no
      StrictHostKeyChecking ask
    Host localhost
      Compression yes
    Host *
      ServerAliveInterval 60
      ServerAliveCountMax 3
      Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com
    Host *
      Include "~/.ssh/config"
      Include "/etc/ssh/ssh_config"
    "#);
}

#[test]
fn the_first_hop_has_no_time_limit_behind_a_proxy_of_the_user() {
    let target = target(Vec::new(), hop("web-1"));
    let text = |first| generate(&target, &files(), first).expect("generates").hops[0].text.clone();
    assert!(text(FirstHop::Direct).contains("  ConnectTimeout 10\n"));
    assert!(!text(FirstHop::Proxied).contains("ConnectTimeout"));
}

#[test]
fn options_come_before_the_defaults_that_they_overrule() {
    let mut target = target(Vec::new(), hop("web-1"));
    target.ssh_options.insert("Compression".into(), "no".into());
    let text = &texts(&target)[0];
    assert!(text.find("Compression no") < text.find("Compression yes"), "{text}");
}

#[test]
fn what_wrcap_decides_is_refused_with_a_reason() {
    for keyword in ["ControlPath", "proxyjump", "LOGLEVEL", "StrictHostKeyChecking", "Include", "User"] {
        let error = check_option(keyword, "x").expect_err(keyword);
        assert!(matches!(error, SshConfigError::Refused { .. }), "{error}");
        assert!(error.to_string().contains(keyword), "{error}");
    }
    assert!(matches!(check_option("A B", "x"), Err(SshConfigError::Keyword(_))));
    assert!(check_option("Ciphers", "a\nProxyCommand x").is_err());
    assert!(check_option("Ciphers", "").is_err());
    assert_eq!(check_option("SetEnv", "A=\"b c\" D=e"), Ok(()));
}

#[test]
fn hosts_that_would_mean_something_else_are_refused() {
    for host in ["", "-oProxyCommand=x", "a b", "*", "a,b", "!a", "ssh://a", "u@h", "a'b", "$(id)", "a\nb"] {
        let target = target(Vec::new(), hop(host));
        assert!(generate(&target, &files(), FirstHop::Direct).is_err(), "{host:?}");
    }
    for host in ["web-1", "10.0.0.1", "2001:db8::1", "fe80::1%eth0", "WEB_1.example", "bücher.example"] {
        let target = target(vec![hop(host)], hop("t"));
        assert!(generate(&target, &files(), FirstHop::Direct).is_ok(), "{host:?}");
    }
}

#[test]
fn a_deep_folder_is_refused_before_anybody_logs_in() {
    let files = SshFiles::new(Path::new("/run").join("x".repeat(90)));
    let error = generate(&target(Vec::new(), hop("t")), &files, FirstHop::Direct).expect_err("too long");
    assert!(matches!(error, SshConfigError::PathTooLong(_)));
}

proptest! {
    /// Whatever the fields hold, no line of a file begins with a keyword that is not wrcap's own.
    #[test]
    fn no_value_breaks_out_of_its_line(user in any::<String>(), identity in any::<String>(), value in any::<String>()) {
        let mut web = hop("web-1");
        web.user = Some(user);
        web.identity = Some(identity.into());
        let plain = texts(&target(Vec::new(), Hop { user: Some("u".into()), identity: Some("i".into()), ..hop("web-1") }));
        let mut odd = target(Vec::new(), web);
        odd.ssh_options.insert("SetEnv".into(), value);
        if let Ok(config) = generate(&odd, &files(), FirstHop::Direct) {
            prop_assert_eq!(config.hops[0].text.split('\n').count(), plain[0].split('\n').count() + 1);
            prop_assert!(!config.hops[0].text.contains('\r'));
        }
    }
}

#[test]
fn the_hop_goes_by_the_name_that_the_helper_reads() {
    assert_eq!(super::PROXY.matches(super::HOP_VAR).count(), 2);
}
