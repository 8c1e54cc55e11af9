//! Ruby's symbols, which also name classes and instance variables.

use alloc::string::String;
use core::fmt::{self, Display, Formatter, Write as _};

use crate::value::inspect::is_printable;
use crate::value::{Encoding, RubyString};

/// A Ruby `Symbol`.
///
/// ```
/// use railjar::value::Symbol;
///
/// assert_eq!(Symbol::from("user_id").to_string(), ":user_id");
/// assert_eq!(Symbol::from("user id").to_string(), r#":"user id""#);
/// assert_eq!(Symbol::from("é").as_str(), Some("é"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol(RubyString);

impl Symbol {
    /// By its name. Whatever is all ASCII is US-ASCII, as in Ruby.
    #[must_use]
    pub fn new(name: RubyString) -> Self {
        let ascii = name.encoding().is_ascii_compatible() && name.as_bytes().is_ascii();
        Self(if ascii { name.with_encoding(Encoding::US_ASCII) } else { name })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &RubyString {
        &self.0
    }

    /// Its name, if that is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// Whether this is its name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.as_str() == Some(name)
    }
}

impl From<&str> for Symbol {
    fn from(name: &str) -> Self {
        let ascii = name.is_ascii();
        let encoding = if ascii { Encoding::US_ASCII } else { Encoding::UTF_8 };
        Self(RubyString::new(name.as_bytes(), encoding))
    }
}

impl From<String> for Symbol {
    fn from(name: String) -> Self {
        Self::from(name.as_str())
    }
}

impl Display for Symbol {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char(':')?;
        match self.as_str() {
            Some(name) if needs_no_quotes(name) => f.write_str(name),
            _ => self.0.fmt(f),
        }
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

const OPERATORS: [&str; 28] = [
    "!", "!=", "!~", "%", "&", "*", "**", "+", "+@", "-", "-@", "/", "<", "<<", "<=", "<=>", "==",
    "===", "=~", ">", ">=", ">>", "[]", "[]=", "^", "`", "|", "~",
];

/// Whether Ruby's parser takes the name after a colon, and all of it can be printed.
fn needs_no_quotes(name: &str) -> bool {
    if !name.chars().all(is_printable) {
        return false;
    }
    if OPERATORS.contains(&name) {
        return true;
    }
    let variable = name.strip_prefix("@@").or_else(|| name.strip_prefix(['@', '$']));
    if let Some(variable) = variable {
        return is_identifier(variable);
    }
    is_identifier(name.strip_suffix(['?', '!', '=']).unwrap_or(name))
}

fn is_identifier(name: &str) -> bool {
    let letter = |char: char| char == '_' || char.is_ascii_alphabetic() || !char.is_ascii();
    let mut chars = name.chars();
    chars.next().is_some_and(letter) && chars.all(|char| letter(char) || char.is_ascii_digit())
}
