//! The docuvault program.
fn main() {}
