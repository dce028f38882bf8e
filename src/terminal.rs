//! What the program says on standard output.

use std::io::{self, ErrorKind, Write as _};

/// Writes a text and a line end. A reader that has gone away (`| head`) is no error: there is no one left to tell.
///
/// # Errors
/// If standard output cannot be written for another reason, such as a full disk.
pub fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
