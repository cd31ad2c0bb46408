//! The helper's side: tiny, blocking, nothing but the standard library.

use std::{
    env,
    io::{self, Read, Write},
    os::unix::{ffi::OsStrExt, net::UnixStream},
    process::ExitCode,
};

use zeroize::Zeroizing;

use crate::remote::prompt::Prompt;

use super::wire::{ACCEPTED, HOP_VAR, SOCKET_VAR, TOKEN_VAR, encode};

/// The whole life of the helper: asks the session, prints the answer for ssh. Fails when there is none.
pub fn helper_main() -> ExitCode {
    match ask() {
        Ok(Some(answer)) if print(&answer).is_ok() => ExitCode::SUCCESS,
        Ok(None) if is_tried_again() => {
            if let Some(ssh) = rustix::process::getppid() {
                let _ = rustix::process::kill_process(ssh, rustix::process::Signal::TERM);
            }
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Whether ssh would go on without an answer.
fn is_tried_again() -> bool {
    let var = |name| env::var(name).unwrap_or_default();
    let text = env::args().nth(1).unwrap_or_default();
    Prompt::classify("", &var("SSH_ASKPASS_PROMPT"), &text).kind.is_tried_again()
}

/// The session's answer; `None` when it refuses.
fn ask() -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let var = |name| env::var_os(name).unwrap_or_default();
    let text = env::args_os().nth(1).unwrap_or_default();
    let question = encode(
        var(TOKEN_VAR).as_bytes(),
        var(HOP_VAR).as_bytes(),
        var("SSH_ASKPASS_PROMPT").as_bytes(),
        text.as_bytes(),
    );
    let mut stream = UnixStream::connect(var(SOCKET_VAR))?;
    stream.write_all(&question)?;
    // Room from the start: growing would leave copies of the secret behind.
    let mut answer = Zeroizing::new(Vec::with_capacity(2 * super::MAX_ANSWER));
    stream.take(1 + super::MAX_ANSWER as u64).read_to_end(&mut answer)?;
    Ok((answer.first() == Some(&ACCEPTED)).then_some(answer))
}

fn print(answer: &[u8]) -> io::Result<()> {
    // Straight to the descriptor: `Stdout` would keep a copy in its buffer.
    let line = Zeroizing::new([&answer[1..], b"\n"].concat());
    rustix::io::write(rustix::stdio::stdout(), &line)?;
    Ok(())
}
