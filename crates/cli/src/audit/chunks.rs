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
    /// What reading failed with: the whole lines before it come first.
    failed: Option<io::Error>,
    /// How many bytes were read.
    pub(super) read: u64,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, carry: Vec::new(), is_ended: false, failed: None, read: 0 }
    }

    /// The next piece, in the room of one that is done with; `None` at the end. The line in which
    /// reading fails is none.
    pub(super) fn next(&mut self, mut chunk: Chunk) -> io::Result<Option<Chunk>> {
        chunk.bytes.resize(SIZE, 0);
        (chunk.length, chunk.too_long) = (0, 0);
        while !(self.is_ended && self.carry.is_empty()) {
            let filled = self.fill(&mut chunk.bytes);
            let text = chunk.bytes.get(..filled).unwrap_or_default();
            let newline = memchr::memrchr(b'\n', text).map(|newline| newline.saturating_add(1));
            let whole = match (self.is_ended, newline) {
                (true, newline) if self.failed.is_some() => newline.unwrap_or(0),
                (true, _) => filled,
                (false, Some(newline)) => newline,
                (false, None) => {
                    chunk.too_long = chunk.too_long.saturating_add(1);
                    self.skip_line(&mut chunk.bytes);
                    continue;
                }
            };
            if !self.is_ended {
                self.carry.extend_from_slice(text.get(whole..).unwrap_or_default());
            }
            chunk.length = whole;
            return Ok(Some(chunk));
        }
        match self.failed.take() {
            Some(error) if chunk.too_long == 0 => Err(error),
            failed => {
                self.failed = failed;
                Ok((chunk.too_long > 0).then_some(chunk))
            }
        }
    }

    /// Reads on to the end of a line that is too long.
    fn skip_line(&mut self, buffer: &mut [u8]) {
        while !self.is_ended {
            let filled = self.fill(buffer);
            let text = buffer.get(..filled).unwrap_or_default();
            if let Some(newline) = memchr::memchr(b'\n', text) {
                let rest = text.get(newline.saturating_add(1)..).unwrap_or_default();
                self.carry.extend_from_slice(rest);
                break;
            }
        }
    }

    /// Fills a buffer, first with what was carried over, as far as the source goes.
    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let mut filled = self.carry.len();
        if let Some(start) = buffer.get_mut(..filled) {
            start.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        while !self.is_ended
            && let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty())
        {
            match self.source.read(room) {
                Ok(0) => {
                    self.is_ended = true;
                    break;
                }
                Ok(read) => {
                    filled = filled.saturating_add(read);
                    self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(0));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    self.is_ended = true;
                    break;
                }
            }
        }
        filled
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
    fn whole_lines_before_a_failure_come_first() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("cut"))
            }
        }
        let long = vec![b'a'; 2 * SIZE];
        for (text, lines, too_long) in [
            (b"".as_slice(), 0, 0),
            (b"cut", 0, 0),
            (b"a\nb\ncut", 2, 0),
            (b"a\nb\n", 2, 0),
            (&long, 0, 1),
        ] {
            let mut chunks = Chunks::new(text.chain(Fails));
            let (mut found, mut left_out) = (0, 0);
            let error = loop {
                match chunks.next(Chunk::default()) {
                    Ok(Some(chunk)) => {
                        found += chunk.lines().count();
                        left_out += chunk.too_long;
                    }
                    Ok(None) => panic!("it failed"),
                    Err(error) => break error,
                }
            };
            assert_eq!((found, left_out, error.to_string().as_str()), (lines, too_long, "cut"));
            assert_eq!(chunks.read, text.len() as u64);
        }
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
