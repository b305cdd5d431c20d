//! `docuvault openapi`

use std::io::Write;

pub fn print() -> anyhow::Result<()> {
    writeln!(
        std::io::stdout(),
        "{}",
        serde_json::to_string_pretty(&crate::app::openapi::document())?
    )?;
    Ok(())
}
