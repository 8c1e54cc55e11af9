//! The bytes with which values begin, each as short as it can be, as the gem's packer writes them.

use alloc::vec::Vec;

use crate::serializer::message_pack::extension::Kind;
use crate::time::Timestamp;

/// The markers for lengths of one, two and four bytes, and below which length it is in a marker of
/// its own.
struct Markers {
    fixed: u8,
    below: u32,
    sized: [Option<u8>; 3],
}

const TEXT: Markers =
    Markers { fixed: 0xa0, below: 32, sized: [Some(0xd9), Some(0xda), Some(0xdb)] };
const BYTES: Markers = Markers { fixed: 0, below: 0, sized: [Some(0xc4), Some(0xc5), Some(0xc6)] };
const ARRAY: Markers = Markers { fixed: 0x90, below: 16, sized: [None, Some(0xdc), Some(0xdd)] };
const MAP: Markers = Markers { fixed: 0x80, below: 16, sized: [None, Some(0xde), Some(0xdf)] };
const EXTENSION: Markers =
    Markers { fixed: 0, below: 0, sized: [Some(0xc7), Some(0xc8), Some(0xc9)] };

impl Markers {
    /// `None` for a length that no marker has.
    fn write(&self, out: &mut Vec<u8>, length: usize) -> Option<()> {
        let length = u32::try_from(length).ok()?;
        let [one, two, _] = self.sized;
        let bytes = length.to_be_bytes();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short), _) if length < self.below => out.push(self.fixed | short),
            (Ok(short), _) if one.is_some() => out.extend(one.into_iter().chain([short])),
            (_, Ok(short)) => out.extend(two.into_iter().chain(short.to_be_bytes())),
            _ => {
                let [.., four] = self.sized;
                out.extend(four.into_iter().chain(bytes));
            }
        }
        Some(())
    }
}

pub(super) fn write_unsigned(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    let (marker, length) = match value {
        0..=0x7f => (None, 1),
        0x80..=0xff => (Some(0xcc), 1),
        0x100..=0xffff => (Some(0xcd), 2),
        0x1_0000..=0xffff_ffff => (Some(0xce), 4),
        _ => (Some(0xcf), 8),
    };
    write_last(out, marker, &bytes, length);
}

pub(super) fn write_signed(out: &mut Vec<u8>, value: i64) {
    if let Ok(value) = u64::try_from(value) {
        return write_unsigned(out, value);
    }
    let (marker, length) = match value {
        -0x20.. => (None, 1),
        -0x80.. => (Some(0xd0), 1),
        -0x8000.. => (Some(0xd1), 2),
        -0x8000_0000.. => (Some(0xd2), 4),
        _ => (Some(0xd3), 8),
    };
    write_last(out, marker, &value.to_be_bytes(), length);
}

/// A marker, if any, and the last bytes of a number.
fn write_last(out: &mut Vec<u8>, marker: Option<u8>, bytes: &[u8; 8], length: usize) {
    out.extend(marker);
    out.extend(bytes.iter().skip(bytes.len().saturating_sub(length)));
}

pub(super) fn write_float(out: &mut Vec<u8>, value: f64) {
    out.push(0xcb);
    out.extend_from_slice(&value.to_be_bytes());
}

/// Writes bytes that say they are UTF-8.
pub(crate) fn write_text(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    TEXT.write(out, bytes.len())?;
    out.extend_from_slice(bytes);
    Some(())
}

/// Writes bytes that are only bytes.
pub(super) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    BYTES.write(out, bytes.len())?;
    out.extend_from_slice(bytes);
    Some(())
}

pub(super) fn write_array(out: &mut Vec<u8>, count: usize) -> Option<()> {
    ARRAY.write(out, count)
}

/// Writes the head of a map with so many pairs.
pub(crate) fn write_map(out: &mut Vec<u8>, count: usize) -> Option<()> {
    MAP.write(out, count)
}

/// Turns all that was written since `start` into the content of an extension.
pub(super) fn close_extension(out: &mut Vec<u8>, kind: Kind, start: usize) -> Option<()> {
    let length = out.len().checked_sub(start)?;
    let mut head = Vec::with_capacity(6);
    match length {
        1 => head.push(0xd4),
        2 => head.push(0xd5),
        4 => head.push(0xd6),
        8 => head.push(0xd7),
        16 => head.push(0xd8),
        _ => EXTENSION.write(&mut head, length)?,
    }
    head.push(kind.number());
    out.splice(start..start, head);
    Some(())
}

/// The parts of a `Time`: seconds, nanoseconds, offset.
pub(super) fn write_time_parts(out: &mut Vec<u8>, seconds: i64, nanoseconds: u32, offset: i32) {
    write_signed(out, seconds);
    write_unsigned(out, nanoseconds.into());
    write_signed(out, offset.into());
}

/// Writes an instant as a `Time` in UTC.
pub(crate) fn write_instant(out: &mut Vec<u8>, at: Timestamp) -> Option<()> {
    let start = out.len();
    write_time_parts(out, at.unix_seconds(), at.subsec_nanos(), 0);
    close_extension(out, Kind::Time, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_as_short_as_they_can_be() {
        let head = |markers: &Markers, length| {
            let mut out = Vec::new();
            markers.write(&mut out, length).map(|()| out)
        };
        let cases: [(&Markers, usize, &[u8]); 12] = [
            (&TEXT, 31, &[0xbf]),
            (&TEXT, 32, &[0xd9, 32]),
            (&TEXT, 256, &[0xda, 1, 0]),
            (&TEXT, 65_536, &[0xdb, 0, 1, 0, 0]),
            (&BYTES, 0, &[0xc4, 0]),
            (&ARRAY, 15, &[0x9f]),
            (&ARRAY, 16, &[0xdc, 0, 16]),
            (&ARRAY, 65_536, &[0xdd, 0, 1, 0, 0]),
            (&MAP, 15, &[0x8f]),
            (&MAP, 255, &[0xde, 0, 255]),
            (&EXTENSION, 0, &[0xc7, 0]),
            (&EXTENSION, 65_535, &[0xc8, 255, 255]),
        ];
        for (markers, length, bytes) in cases {
            assert_eq!(head(markers, length).as_deref(), Some(bytes));
        }
        #[cfg(target_pointer_width = "64")]
        assert_eq!(head(&TEXT, 1 << 32), None);
    }
}
