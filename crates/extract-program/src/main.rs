//! docuvault-extract: the program that opens one document, without database or network code.
fn main() {}
