//! `docuvault settings`

use std::io::Write;

pub fn print() -> anyhow::Result<()> {
    write!(std::io::stdout(), "{}", crate::config::settings_table())?;
    Ok(())
}
