//! The rules, by names that do not change. docs/rollout has a page for each.

use core::fmt;

/// What can go wrong in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Servers of before the deploy meet a cookie that those after it wrote, and cannot read it.
    OldCannotReadNew,
    /// Servers of after the deploy meet a cookie of before it, and cannot read it.
    NewCannotReadOld,
    /// After a roll-back, cookies that the deploy wrote cannot be read.
    RollbackStrands,
    /// Something besides the app's servers cannot read what they write.
    EdgeCannotRead,
    /// A server raises at a cookie: every request that brings it fails.
    Poison,
    /// A rotation reads nothing that the app does not read without it.
    RotationRotatesNothing,
    /// A rotation goes while cookies that need it may be there.
    RotatorRemovedTooSoon,
    /// Rails writes a cookie that a rotation opened again without its expiry and its other options.
    ReissueDropsExpiry,
    /// Rails writes a hash that a rotation opened again as nil.
    ReissueEmptiesHash,
    /// A cookie that fits today is over Rails' limit when it is written otherwise.
    OverflowAfterUpgrade,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No session is lost by it alone.
    Warning,
    /// Sessions are lost, or requests fail, or a rotation does not do what it is there for.
    Error,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::OldCannotReadNew,
        Self::NewCannotReadOld,
        Self::RollbackStrands,
        Self::EdgeCannotRead,
        Self::Poison,
        Self::RotationRotatesNothing,
        Self::RotatorRemovedTooSoon,
        Self::ReissueDropsExpiry,
        Self::ReissueEmptiesHash,
        Self::OverflowAfterUpgrade,
    ];

    /// `"OLD_CANNOT_READ_NEW"`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OldCannotReadNew => "OLD_CANNOT_READ_NEW",
            Self::NewCannotReadOld => "NEW_CANNOT_READ_OLD",
            Self::RollbackStrands => "ROLLBACK_STRANDS",
            Self::EdgeCannotRead => "EDGE_CANNOT_READ",
            Self::Poison => "POISON",
            Self::RotationRotatesNothing => "ROTATION_ROTATES_NOTHING",
            Self::RotatorRemovedTooSoon => "ROTATOR_REMOVED_TOO_SOON",
            Self::ReissueDropsExpiry => "REISSUE_DROPS_EXPIRY",
            Self::ReissueEmptiesHash => "REISSUE_EMPTIES_HASH",
            Self::OverflowAfterUpgrade => "OVERFLOW_AFTER_UPGRADE",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Severity {
    /// `"warning"` or `"error"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
