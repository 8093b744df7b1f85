//! Empty: see Cargo.toml beside.
