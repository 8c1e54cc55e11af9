//! The dialects of JSON text, as data.

/// How JSON text is written: which characters are escaped and how, how a float looks, what a
/// number that is not finite becomes.
///
/// Start from the constant of the Rails version and change what its settings change:
///
/// ```
/// use railjar::serializer::json::{self, FloatText, JsSeparators, Text};
///
/// // Rails 8.1 with its load_defaults, on a json gem of 2.15 or later
/// let text = Text::ACTIVE_SUPPORT
///     .with_js_separators(JsSeparators::Raw)
///     .with_floats(FloatText::Json2_15);
/// assert_eq!(json::to_string(&("\u{2028}", 1e15), &text)?, "[\"\u{2028}\",1e+15]");
/// # Ok::<(), railjar::SealError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub(super) html: HtmlEscape,
    pub(super) js_separators: JsSeparators,
    pub(super) controls: HexCase,
    pub(super) non_ascii: NonAscii,
    pub(super) floats: FloatText,
    pub(super) non_finite: NonFinite,
}

/// What becomes of `<`, `>` and `&` (Rails' `escape_html_entities_in_json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HtmlEscape {
    /// They are written as they are.
    None,
    /// `\u003c`, `\u003e`, `\u0026`.
    LowerHex,
    /// `\u003C`, `\u003E`, `\u0026`: Rails 3.2 and 4.0.
    UpperHex,
}

/// What becomes of U+2028 and U+2029, which end a line in old JavaScript (Rails 8.1's
/// `escape_js_separators_in_json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsSeparators {
    /// They are written as they are.
    Raw,
    /// `\u2028`, `\u2029`.
    Escaped,
}

/// How floats are laid out: by the json gem's version, not by Rails'. The digits are always the
/// shortest that read back as the same float.
///
/// The gem's versions 2.11 to 2.14 have a third form, which is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FloatText {
    /// Ruby's `Float#to_s`, `1.0e+20` and `1.0e-05`: json gem 2.10 and earlier.
    RubyToS,
    /// `1e+20` and `0.00001`: json gem 2.15 and later.
    Json2_15,
}

/// The case of the hex digits in escaped control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HexCase {
    Lower,
    Upper,
}

/// What becomes of every character outside ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NonAscii {
    Raw,
    /// `\uXXXX` with the code point cut to 16 bits, which loses what is above U+FFFF: Rails 3.2
    /// (`pack("n*")` in its `active_support/json/encoding.rb`).
    Truncated,
}

/// What becomes of an infinity or a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NonFinite {
    Null,
    Refused,
    /// `NaN`, `Infinity`, `-Infinity`, which no JSON reader takes.
    Literal,
}

impl Text {
    /// `ActiveSupport::JSON` of Rails 4.1 and later.
    pub const ACTIVE_SUPPORT: Self = Self {
        html: HtmlEscape::LowerHex,
        js_separators: JsSeparators::Escaped,
        controls: HexCase::Lower,
        non_ascii: NonAscii::Raw,
        floats: FloatText::RubyToS,
        non_finite: NonFinite::Null,
    };

    /// `ActiveSupport::JSON` of Rails 4.0.
    pub const ACTIVE_SUPPORT_4_0: Self = Self {
        html: HtmlEscape::UpperHex,
        js_separators: JsSeparators::Raw,
        controls: HexCase::Upper,
        ..Self::ACTIVE_SUPPORT
    };

    /// `ActiveSupport::JSON` of Rails 3.2, without its setting to escape HTML. Characters above
    /// U+FFFF are lost, as they are there.
    pub const ACTIVE_SUPPORT_3_2: Self = Self {
        html: HtmlEscape::None,
        non_ascii: NonAscii::Truncated,
        non_finite: NonFinite::Literal,
        ..Self::ACTIVE_SUPPORT_4_0
    };

    /// Ruby's own `JSON.generate`: the `::JSON` serializer, and the cookies of Rails 4.1.
    pub const STDLIB: Self = Self {
        html: HtmlEscape::None,
        js_separators: JsSeparators::Raw,
        non_finite: NonFinite::Refused,
        ..Self::ACTIVE_SUPPORT
    };

    /// The same, with `<`, `>` and `&` written so.
    #[must_use]
    pub const fn with_html(self, html: HtmlEscape) -> Self {
        Self { html, ..self }
    }

    /// The same, with U+2028 and U+2029 written so.
    #[must_use]
    pub const fn with_js_separators(self, js_separators: JsSeparators) -> Self {
        Self { js_separators, ..self }
    }

    /// The same, with floats laid out so.
    #[must_use]
    pub const fn with_floats(self, floats: FloatText) -> Self {
        Self { floats, ..self }
    }
}
