//! Says early when the web UI has not been built. It never builds it: compiling must work offline and without Node, and the
//! program then serves a page that says what to do. `DOCUVAULT_REQUIRE_UI=1` (releases, images) makes its absence an error.

use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-env-changed=DOCUVAULT_REQUIRE_UI");
    println!("cargo::rerun-if-changed={}", dist.display());
    if dist.join("index.html").exists() {
        return ExitCode::SUCCESS;
    }
    let advice = "web/dist is missing: run `npm ci && npm run build` in web/";
    if env::var("DOCUVAULT_REQUIRE_UI").is_ok_and(|value| value == "1") {
        println!("cargo::error={advice}");
        return ExitCode::FAILURE;
    }
    println!("cargo::warning={advice}. The program will serve a placeholder page.");
    ExitCode::SUCCESS
}
