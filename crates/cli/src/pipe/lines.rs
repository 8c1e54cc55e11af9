//! Lines of bounded length, without a copy where they stand whole in the reader's buffer.

use std::io::{self, BufRead};

/// The longest line, in bytes without its newline: 1 MiB.
pub(super) const LONGEST: usize = 1 << 20;

/// One line, without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    Whole(&'l [u8]),
    /// It was over [`LONGEST`]; it has been skipped, and never held.
    TooLong,
}

/// Hands the next line to `take`; `false` at the end of the input. `carry` is where a line gathers
/// that the buffer does not hold whole.
pub(super) fn next(
    input: &mut impl BufRead,
    carry: &mut Vec<u8>,
    take: impl FnOnce(Line<'_>),
) -> io::Result<bool> {
    carry.clear();
    let mut length = 0_usize;
    loop {
        let buffer = input.fill_buf()?;
        let newline = memchr::memchr(b'\n', buffer);
        let piece = buffer.get(..newline.unwrap_or(buffer.len())).unwrap_or_default();
        if piece.is_empty() && newline.is_none() {
            if length > 0 {
                take(line(carry, length));
            }
            return Ok(length > 0);
        }
        length = length.saturating_add(piece.len());
        let used = piece.len().saturating_add(usize::from(newline.is_some()));
        if newline.is_some() && carry.is_empty() {
            // `piece` is all of it, unless what came before was already too long.
            take(line(piece, length));
            input.consume(used);
            return Ok(true);
        }
        if length > LONGEST {
            carry.clear();
        } else {
            carry.extend_from_slice(piece);
        }
        input.consume(used);
        if newline.is_some() {
            take(line(carry, length));
            return Ok(true);
        }
    }
}

fn line(bytes: &[u8], length: usize) -> Line<'_> {
    if length > LONGEST { Line::TooLong } else { Line::Whole(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], buffer: usize) -> Vec<Option<usize>> {
        let mut input = io::BufReader::with_capacity(buffer, input);
        let (mut carry, mut seen) = (Vec::new(), Vec::new());
        let mut note = |line: Line<'_>| {
            seen.push(match line {
                Line::Whole(bytes) => Some(bytes.len()),
                Line::TooLong => None,
            });
        };
        while next(&mut input, &mut carry, &mut note).unwrap() {
            assert!(carry.capacity() <= 4 * LONGEST);
        }
        seen
    }

    #[test]
    fn every_line_is_seen_whatever_the_buffer() {
        for buffer in [1, 2, 3, 7, 1 << 20] {
            assert_eq!(lines(b"a\n\nbcd\nlast", buffer), [Some(1), Some(0), Some(3), Some(4)]);
            assert_eq!(lines(b"", buffer), []);
            assert_eq!(lines(b"\n", buffer), [Some(0)]);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_and_the_next_one_seen() {
        let mut input = vec![b'x'; LONGEST];
        input.push(b'\n');
        input.extend(vec![b'y'; LONGEST + 1]);
        input.extend(b"\nz\n");
        input.extend(vec![b'y'; 5 * LONGEST]);
        for buffer in [4096, 1 << 23] {
            assert_eq!(lines(&input, buffer), [Some(LONGEST), None, Some(1), None]);
        }
    }
}
