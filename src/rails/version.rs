//! The versions of Rails.

use core::fmt;

use crate::error::ConfigError;

/// A minor version of Rails; its patch releases are taken to be the last of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum Version {
    V3_2,
    V4_0,
    V4_1,
    V4_2,
    V5_0,
    V5_1,
    V5_2,
    V6_0,
    V6_1,
    V7_0,
    V7_1,
    V7_2,
    V8_0,
    V8_1,
    /// The main branch, towards 8.2.
    V8_2,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 15] = [
        Self::V3_2,
        Self::V4_0,
        Self::V4_1,
        Self::V4_2,
        Self::V5_0,
        Self::V5_1,
        Self::V5_2,
        Self::V6_0,
        Self::V6_1,
        Self::V7_0,
        Self::V7_1,
        Self::V7_2,
        Self::V8_0,
        Self::V8_1,
        Self::V8_2,
    ];

    /// The newest that is known: Rails' main branch.
    pub const NEWEST: Self = Self::V8_2;

    /// By its number (`"7.1"`, and `"7.1.5"` alike), or `"main"`.
    ///
    /// ```
    /// use railjar::rails::Version;
    ///
    /// assert_eq!(Version::from_name("7.1.5")?, Version::V7_1);
    /// # Ok::<(), railjar::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for a version that is not known.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        let minor = |version: &Self| {
            let rest = name.strip_prefix(version.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if name == "main" {
            return Ok(Self::NEWEST);
        }
        Self::ALL.into_iter().find(minor).ok_or(ConfigError::UnknownName { what: "Rails version" })
    }

    /// Its number: `"7.1"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V3_2 => "3.2",
            Self::V4_0 => "4.0",
            Self::V4_1 => "4.1",
            Self::V4_2 => "4.2",
            Self::V5_0 => "5.0",
            Self::V5_1 => "5.1",
            Self::V5_2 => "5.2",
            Self::V6_0 => "6.0",
            Self::V6_1 => "6.1",
            Self::V7_0 => "7.0",
            Self::V7_1 => "7.1",
            Self::V7_2 => "7.2",
            Self::V8_0 => "8.0",
            Self::V8_1 => "8.1",
            Self::V8_2 => "8.2",
        }
    }

    /// Whether `config.load_defaults` exists in this version, and takes `defaults`.
    #[must_use]
    pub fn can_load_defaults(self, defaults: Self) -> bool {
        self >= Self::V5_1 && defaults >= Self::V5_0 && defaults <= self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
