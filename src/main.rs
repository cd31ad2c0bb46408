//! The `wrcap` binary: a thin shell around the library.

use std::process::ExitCode;

use wrcap::{
    cli,
    engine::{self, askpass},
};

fn main() -> ExitCode {
    engine::hide_memory();
    // ssh starts this binary again to ask its questions.
    if std::env::var_os(askpass::SOCKET_VAR).is_some() {
        return askpass::helper_main();
    }
    cli::main::run().into()
}
