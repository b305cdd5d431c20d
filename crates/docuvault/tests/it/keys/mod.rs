//! The vault's own keys: refused when wrong, changed while everyone goes on.

mod checks;
mod commands;
mod places;
mod rotation;
mod sealed;
