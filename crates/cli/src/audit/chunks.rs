//! Cuts a log into pieces of whole lines, each in a buffer that is used again. Lines that do not fit
//! into one are left out.

use std::io::{self, Read};

/// The size of a piece, and so of the longest line: 1 MiB.
pub(super) const SIZE: usize = 1 << 20;

/// Whole lines.
#[derive(Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    length: usize,
    /// How many lines before these were left out.
    pub(super) too_long: u64,
}

impl Chunk {
    /// Its lines, without their newlines.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.get(..self.length).unwrap_or_default();
        std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest).or((!rest.is_empty()).then_some(rest.len()))?;
            let (line, tail) = rest.split_at_checked(end)?;
            rest = tail.get(1..).unwrap_or_default();
            Some(line)
        })
    }
}

/// Reads pieces.
pub(super) struct Chunks<R> {
    source: R,
    /// The beginning of a line, whose end is in the next piece.
    carry: Vec<u8>,
    is_ended: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, carry: Vec::new(), is_ended: false }
    }

    /// The next piece, in the room of one that is done with; `None` at the end.
    pub(super) fn next(&mut self, mut chunk: Chunk) -> io::Result<Option<Chunk>> {
        chunk.bytes.resize(SIZE, 0);
        (chunk.length, chunk.too_long) = (0, 0);
        while !(self.is_ended && self.carry.is_empty()) {
            let filled = self.fill(&mut chunk.bytes)?;
            let text = chunk.bytes.get(..filled).unwrap_or_default();
            let newline = memchr::memrchr(b'\n', text);
            let whole = match (self.is_ended, newline) {
                (true, _) => filled,
                (false, Some(newline)) => newline.saturating_add(1),
                (false, None) => {
                    chunk.too_long = chunk.too_long.saturating_add(1);
                    self.skip_line(&mut chunk.bytes)?;
                    continue;
                }
            };
            self.carry.extend_from_slice(text.get(whole..).unwrap_or_default());
            chunk.length = whole;
            return Ok(Some(chunk));
        }
        Ok((chunk.too_long > 0).then_some(chunk))
    }

    /// Reads on to the end of a line that is too long.
    fn skip_line(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        while !self.is_ended {
            let filled = self.fill(buffer)?;
            let text = buffer.get(..filled).unwrap_or_default();
            if let Some(newline) = memchr::memchr(b'\n', text) {
                let rest = text.get(newline.saturating_add(1)..).unwrap_or_default();
                self.carry.extend_from_slice(rest);
                break;
            }
        }
        Ok(())
    }

    /// Fills a buffer, first with what was carried over, as far as the source goes.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = self.carry.len();
        if let Some(start) = buffer.get_mut(..filled) {
            start.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.source.read(room) {
                Ok(0) => {
                    self.is_ended = true;
                    break;
                }
                Ok(read) => filled = filled.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a text, and how many lines were left out.
    fn read(text: &[u8]) -> (Vec<Vec<u8>>, u64) {
        let (mut chunks, mut lines, mut too_long) = (Chunks::new(text), Vec::new(), 0);
        let mut buffer = Chunk::default();
        while let Some(chunk) = chunks.next(buffer).unwrap() {
            lines.extend(chunk.lines().map(<[u8]>::to_vec));
            too_long = chunk.too_long.saturating_add(too_long);
            buffer = chunk;
        }
        (lines, too_long)
    }

    #[test]
    fn lines_come_whole() {
        for text in ["", "a", "a\n", "\n\na\n\nb", "a\r\nb\r\n"] {
            let lines: Vec<_> =
                text.split_terminator('\n').map(|line| line.as_bytes().to_vec()).collect();
            assert_eq!(read(text.as_bytes()), (lines, 0), "{text:?}");
        }
        let many: Vec<_> = (0..9000).map(|number| vec![b'a'; number % 700]).collect();
        let text = many.join(&b'\n');
        assert!(text.len() > 2 * SIZE);
        assert_eq!(read(&text).0, many);
    }

    #[test]
    fn lines_that_are_too_long_are_left_out() {
        let long = vec![b'a'; SIZE];
        let longest = vec![b'b'; SIZE - 1];
        let very = vec![b'c'; 3 * SIZE + 7];
        let short = b"short".to_vec();
        let all = [&long, &short, &longest, &very, &short, &long, &long, &short];
        let text = all.map(Vec::as_slice).join(&b'\n');
        let kept = vec![short.clone(), longest, short.clone(), short.clone()];
        assert_eq!(read(&text), (kept, 4));
        assert_eq!(read(&very), (vec![], 1));
        assert_eq!(read(&[very.as_slice(), b"\n"].concat()), (vec![], 1));
    }
}
