//! What is read: files or standard input, compressed or not, lines or a HAR file; told by how they
//! begin, and not by their names.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;

use super::zstd::Zstd;

/// How much is read at once.
const BUFFER: usize = 1 << 18;
/// A HAR file is known by its first bytes.
const HEAD: u64 = 1 << 9;

pub(super) enum Source {
    Lines(Box<dyn BufRead>),
    Har(Box<dyn BufRead>),
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

/// Opens a log; `bar` sees how far it has been read.
pub(super) fn open(path: &Path, bar: &ProgressBar) -> io::Result<Source> {
    let raw: Box<dyn Read> = match is_stdin(path) {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    let raw = BufReader::with_capacity(BUFFER, bar.wrap_read(raw));
    let (head, raw) = peek(raw, 4);
    let plain: Box<dyn BufRead> = match head.as_slice() {
        [0x1f, 0x8b, ..] => buffered(MultiGzDecoder::new(raw)),
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => buffered(Zstd::new(raw)),
        _ => Box::new(raw),
    };
    let (head, plain) = peek(plain, HEAD);
    let plain = Box::new(plain);
    Ok(if is_har(&head) { Source::Har(plain) } else { Source::Lines(plain) })
}

fn buffered(source: impl Read + 'static) -> Box<dyn BufRead> {
    Box::new(BufReader::with_capacity(BUFFER, source))
}

/// The first bytes of a source, and the source with them; what fails then fails behind them again.
fn peek<R: BufRead>(mut source: R, most: u64) -> (Vec<u8>, impl BufRead) {
    let mut head = Vec::new();
    let failed = Failed(source.by_ref().take(most).read_to_end(&mut head).err());
    (head.clone(), Cursor::new(head).chain(BufReader::new(failed)).chain(source))
}

/// Fails once.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Whether a text begins as `{"log": {"version": …`. Lines of JSON may have a field `log` too.
fn is_har(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head: Vec<u8> = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let keys = ["version", "creator", "browser", "pages", "entries", "comment"];
    head.strip_prefix(b"{\"log\":{\"")
        .is_some_and(|rest| keys.iter().any(|key| rest.starts_with(key.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_har_file_is_told_from_lines_of_json() {
        for (head, expected) in [
            ("{\"log\":{\"version\":\"1.2\"", true),
            ("{\n  \"log\": {\n    \"pages\": [", true),
            ("{\"log\":{\"level\":\"info\"},\"message\":\"\"}", false),
            ("{\"log\":\"GET /\"}", false),
            ("", false),
        ] {
            assert_eq!(is_har(head.as_bytes()), expected, "{head}");
        }
    }
}
