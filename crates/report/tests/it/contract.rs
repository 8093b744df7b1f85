//! The files of `contracts/`.

/// Compares with a file of `contracts/`; what differs is left beside the build for a look.
pub(crate) fn contract(name: &str, rendered: &str) {
    let path = format!("{}/../../contracts/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::fs::read_to_string(&path).is_ok_and(|kept| kept == rendered) {
        return;
    }
    let new = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&new, rendered).unwrap();
    panic!("the contract changes: diff {path} {new}; contracts/README.md says what then");
}

/// The same JSON, a field a line; strings as they were written.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    let mut chars = json.trim_end().chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
            continue;
        }
        match c {
            '"' => in_string = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        match c {
            '\n' => {}
            ',' => out.push_str(&format!(",\n{}", "  ".repeat(depth))),
            ':' => out.push_str(": "),
            '{' | '[' if matches!(chars.peek(), Some('}' | ']')) => out.push(c),
            '{' | '[' => out.push_str(&format!("{c}\n{}", "  ".repeat(depth))),
            '}' | ']' if out.ends_with(['{', '[']) => out.push(c),
            '}' | ']' => out.push_str(&format!("\n{}{c}", "  ".repeat(depth))),
            _ => out.push(c),
        }
    }
    out + "\n"
}
