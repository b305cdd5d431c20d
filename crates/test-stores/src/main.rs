//! `docuvault-test-store KIND`: runs a store until its input ends, for tests that are not written in Rust. The first line it prints is
//! how to reach it, as JSON.

use std::io::Read;

use anyhow::Context;
use clap::Parser;
use docuvault_test_stores::{ACCESS_KEY, BUCKET, Kind, SECRET_KEY, TestStore};

#[derive(Parser)]
#[command(name = "docuvault-test-store")]
struct Arguments {
    kind: Kind,
    /// Whose pages may use it.
    #[arg(default_value = "*")]
    origin: String,
}

#[expect(clippy::print_stdout, reason = "its answer to whoever started it")]
fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = TestStore::start_for(arguments.kind, &arguments.origin)?
        .with_context(|| format!("there is no {} on this machine", arguments.kind.program()))?;
    println!(
        "{}",
        serde_json::json!({
            "endpoint": store.endpoint(), "region": store.region(), "bucket": BUCKET,
            "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "pid": store.pid(),
        })
    );
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
