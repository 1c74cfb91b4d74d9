//! The `peermatch` command.
fn main() {}
