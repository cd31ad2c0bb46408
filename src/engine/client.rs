//! Who runs this wrcap, for the labels of what it starts on targets.

use crate::remote::label::Client;

/// The user and the machine; a user without a name is `uid-N`.
pub fn client() -> Client {
    let name =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|n| !n.is_empty()));
    let user = name.unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()));
    let system = rustix::system::uname();
    Client::new(&user, &system.nodename().to_string_lossy())
}
