//! The encodings that a Ruby string can have, by their Ruby names (`Encoding.list`).

use core::fmt;

/// A Ruby `Encoding`.
///
/// ```
/// use railjar::value::Encoding;
///
/// assert_eq!(Encoding::from_name("iso-8859-1").map(Encoding::name), Some("ISO-8859-1"));
/// assert_eq!(Encoding::from_name("BINARY"), Some(Encoding::BINARY));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Encoding(u8);

impl Encoding {
    /// `UTF-8`.
    pub const UTF_8: Self = Self(0);
    /// `US-ASCII`.
    pub const US_ASCII: Self = Self(1);
    /// `ASCII-8BIT`, which is Ruby's name for bytes.
    pub const BINARY: Self = Self(2);
    /// `ISO-8859-1`.
    pub const ISO_8859_1: Self = Self(3);

    /// By its Ruby name, in any case; `None` for one that Ruby does not have.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("BINARY") {
            return Some(Self::BINARY);
        }
        let place = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        u8::try_from(place).ok().map(Self)
    }

    /// Its Ruby name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Whether strings of it are text wherever they are valid UTF-8.
    pub(crate) fn is_utf8_or_bytes(self) -> bool {
        matches!(self, Self::UTF_8 | Self::US_ASCII | Self::BINARY)
    }

    /// Whether bytes below 128 are ASCII characters whatever stands beside them.
    pub(crate) fn is_ascii_compatible(self) -> bool {
        !matches!(self.name().get(..5), Some("UTF-1" | "UTF-3" | "UTF-7" | "ISO-2" | "CP502"))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of Ruby 3.3, the four that have a constant first.
#[rustfmt::skip]
const NAMES: [&str; 103] = [
    "UTF-8", "US-ASCII", "ASCII-8BIT", "ISO-8859-1",
    "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE", "UTF-16", "UTF-32", "UTF8-MAC", "EUC-JP",
    "Windows-31J", "Big5", "Big5-HKSCS", "Big5-UAO", "CESU-8", "CP949", "Emacs-Mule", "EUC-KR",
    "EUC-TW", "GB18030", "GBK", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5",
    "ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-11",
    "ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16", "KOI8-R", "KOI8-U", "Shift_JIS",
    "Windows-1250", "Windows-1251", "Windows-1252", "Windows-1253", "Windows-1254",
    "Windows-1257", "IBM437", "IBM720", "IBM737", "IBM775", "CP850", "IBM852", "CP852", "IBM855",
    "CP855", "IBM857", "IBM860", "IBM861", "IBM862", "IBM863", "IBM864", "IBM865", "IBM866",
    "IBM869", "Windows-1258", "GB1988", "macCentEuro", "macCroatian", "macCyrillic", "macGreek",
    "macIceland", "macRoman", "macRomania", "macThai", "macTurkish", "macUkraine", "CP950",
    "CP951", "IBM037", "stateless-ISO-2022-JP", "eucJP-ms", "CP51932", "EUC-JIS-2004", "GB2312",
    "GB12345", "ISO-2022-JP", "ISO-2022-JP-2", "CP50220", "CP50221", "Windows-1256",
    "Windows-1255", "TIS-620", "Windows-874", "MacJapanese", "UTF-7", "UTF8-DoCoMo",
    "SJIS-DoCoMo", "UTF8-KDDI", "SJIS-KDDI", "ISO-2022-JP-KDDI", "stateless-ISO-2022-JP-KDDI",
    "UTF8-SoftBank", "SJIS-SoftBank",
];
