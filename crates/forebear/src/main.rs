//! The program.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the binary is where arguments come in and messages go out"
)]

use std::process::ExitCode;

use clap::Parser;
use forebear::cli::Arguments;
use forebear::error::Error;
use forebear::exit::Exit;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Where the system refuses, Ctrl-C ends the program as it ends any other.
    let _ = forebear::interrupt::watch();
    // A panic is our bug: it gets its own exit code, so that scripts cannot take it for a verdict.
    let outcome = std::panic::catch_unwind(|| forebear::run(&arguments));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(Error::ClosedPipe)) => Exit::Clean,
        Ok(Err(error)) => {
            let exit = error.exit();
            eprintln!("{:?}", miette::Report::new(error));
            exit
        }
        Err(_) => {
            eprintln!("This is a bug in forebear. Please report it with the command and the message above.");
            Exit::Bug
        }
    };
    exit.into()
}
