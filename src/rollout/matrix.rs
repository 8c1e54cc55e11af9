//! Who reads what whom writes: computed by sealing and opening, for people to look at.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::OpenError;
use crate::message::Matched;
use crate::rails::RecipeSummary;
use crate::serializer::Serializer;

/// What becomes of a cookie at somebody who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is read.
    Opens {
        /// By which recipe.
        matched: Matched,
        /// Whether Rails writes it again at once.
        reissues: bool,
    },
    /// It is taken for no cookie at all.
    Refused(OpenError),
    /// Rails raises: the request fails.
    Raises(OpenError),
}

impl Reading {
    /// Whether it is read.
    #[must_use]
    pub fn opens(self) -> bool {
        matches!(self, Self::Opens { .. })
    }
}

/// Everybody who writes a cookie against everybody who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Matrix {
    /// The cookie's name.
    pub cookie: String,
    /// A row for each stage, in order: how its servers write it.
    pub writers: Vec<Written>,
    /// The names of the columns: the stages' servers, then the other readers.
    pub readers: Vec<String>,
    /// By row, then by column.
    pub readings: Vec<Vec<Reading>>,
}

/// How a stage's servers write a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The stage's name.
    pub by: String,
    /// With which cipher and digests.
    pub recipe: Option<RecipeSummary>,
    /// With which serializer.
    pub serializer: Serializer,
    /// Stages that write it exactly so have the same number.
    pub form: usize,
}
