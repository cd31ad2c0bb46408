//! What can be copied about a session or a target.

use super::{
    bindings::Reason,
    model::{Model, Pane},
    sessions::Session,
    update::choice,
};
use crate::{engine::SessionId, profile::Target};

/// Something to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// What it is.
    pub(crate) label: &'static str,
    /// The text.
    pub(crate) text: String,
}

/// Everything that is known of what is chosen.
///
/// # Errors
/// Several are marked.
pub(crate) fn items(model: &Model) -> Result<Vec<Item>, Reason> {
    let (session, target) = match model.focus {
        Pane::Profiles if model.detailed_alone().is_none() => {
            choice::one_profile(model)?;
            let target = choice::one_target(model).ok();
            let of_target = |session: &&Session| target.is_some_and(|target| target.name == session.name);
            (model.sessions.all.values().rev().find(of_target), target)
        }
        Pane::Sessions => of_session(model, Some(choice::one_session(model)?)),
        _ => of_session(model, model.sessions.cursor),
    };
    let about = |of: fn(&Session) -> Option<String>| session.and_then(of);
    let known = [
        ("ssh command", target.map(ssh)),
        ("tcpdump command", about(commands)),
        ("last error", about(last_error)),
        ("file path", about(|session| session.facts.kept_in())),
        ("fingerprint", about(|session| session.facts.fingerprint.clone())),
    ];
    Ok(known.into_iter().filter_map(|(label, text)| Some(Item { label, text: text? })).collect())
}

fn of_session(model: &Model, id: Option<SessionId>) -> (Option<&Session>, Option<&Target>) {
    let session = id.and_then(|id| model.sessions.all.get(&id));
    (session, session.and_then(|session| session.facts.target.as_deref()))
}

/// All that runs on the target, as one line for a shell.
fn commands(session: &Session) -> Option<String> {
    let lines = &session.facts.tcpdump;
    (!lines.is_empty()).then(|| lines.join(" & "))
}

fn last_error(session: &Session) -> Option<String> {
    let failure = session.state.failure()?;
    Some(match &failure.hint {
        Some(hint) => format!("{}; hint: {hint}", failure.message),
        None => failure.message.clone(),
    })
}

/// A command line that logs in to the target on the same road, for any shell.
fn ssh(target: &Target) -> String {
    let mut words = vec!["ssh".to_owned()];
    if !target.via.is_empty() {
        let hops: Vec<String> = target.via.iter().map(ToString::to_string).collect();
        words.extend(["-J".to_owned(), quoted(&hops.join(","))]);
    }
    if let Some(port) = target.host.port {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(identity) = &target.host.identity {
        let path = identity.display().to_string();
        // The shell expands a tilde only where nothing quotes it.
        let path = match path.strip_prefix("~/") {
            Some(rest) => format!("~/{}", quoted(rest)),
            None => quoted(&path),
        };
        words.extend(["-i".to_owned(), path]);
    }
    let user = target.host.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
    words.push(quoted(&format!("{user}{}", target.host.host)));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| String::new(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::{Target, ssh};
    use crate::profile::{Hop, TargetName};

    #[test]
    fn the_ssh_command_is_one_for_a_shell() {
        let hop = |host: &str, user: Option<&str>, port| Hop {
            host: host.to_owned(),
            user: user.map(str::to_owned),
            port,
            identity: None,
        };
        let name = TargetName { site: "shop".to_owned(), target: "web-1".to_owned() };
        let mut target = Target::new(name, hop("fe80::1", Some("ops"), Some(2222)));
        assert_eq!(ssh(&target), "ssh -p 2222 ops@fe80::1");
        target.via = vec![hop("bastion", Some("me"), None), hop("2001:db8::1", None, Some(22))];
        target.host.identity = Some("~/.ssh/my key".into());
        assert_eq!(
            ssh(&target),
            "ssh -J 'me@bastion,[2001:db8::1]:22' -p 2222 -i ~/'.ssh/my key' ops@fe80::1"
        );
    }
}
