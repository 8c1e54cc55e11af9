//! `railjar`: opens and seals Rails cookies and messages.
fn main() {}
