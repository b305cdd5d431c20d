//! The docuvault program.

use std::process::ExitCode;

fn main() -> ExitCode {
    match docuvault::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The last word to whoever started it, whether logging works or not.
            #[expect(
                clippy::print_stderr,
                reason = "a start that fails is told on the terminal"
            )]
            {
                eprintln!("docuvault: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
