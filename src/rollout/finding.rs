//! What is wrong with a rollout, and how somebody gets there.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Rule, Severity, Unreadable};
use crate::explain::{Cause, Change};
use crate::serializer::Format;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// By which rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The cookie's name.
    pub cookie: String,
    /// The deploy in which it happens, from 0: from the stage of this place to the next. A setting
    /// of the first stage itself belongs to none.
    pub deploy: Option<usize>,
    /// What it is about.
    pub subject: Subject,
    /// Why the cookie is not read.
    pub cause: Option<Cause>,
    /// The one change with which it would be.
    pub change: Option<Box<Change>>,
    /// The shortest way there, from a browser's first request.
    pub path: Vec<Move>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// Somebody does not read what somebody wrote.
    Reading {
        /// Who wrote it.
        writer: Writer,
        /// Who does not read it.
        reader: Party,
    },
    /// A rotation of somebody's list.
    Rotation {
        /// Whose.
        party: Party,
        /// Its place, from 0, among those for this cookie's jar.
        index: usize,
    },
    /// A cookie that grows.
    Size {
        /// The stage whose servers cannot write it.
        stage: usize,
        /// What it will have, in bytes, as that Rails counts.
        bytes: usize,
    },
}

/// Who wrote a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Writer {
    /// The servers of the stage of this place.
    Stage(usize),
    /// An earlier release than the first stage: what its rotation of this place is for.
    Rotation(usize),
    /// An earlier release than the first stage, in this format.
    Format(Format),
}

/// Who reads a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// The servers of the stage of this place.
    Servers {
        /// Its place.
        stage: usize,
    },
    /// Another reader.
    Reader {
        /// The stage in which it reads so.
        stage: usize,
        /// Its name.
        name: String,
        /// What it takes a cookie for that it cannot read.
        takes: Unreadable,
    },
}

/// A step on the way to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Move {
    /// The first stage serves, and a browser has the cookie from before.
    Has {
        /// Who wrote it.
        writer: Writer,
    },
    /// A server writes the cookie anew: at a login.
    Writes {
        /// The server's stage.
        stage: usize,
    },
    /// The deploy of this place begins: both stages serve.
    DeployBegins {
        /// Its place.
        deploy: usize,
    },
    /// The deploy of this place is over: only the later stage serves.
    DeployEnds {
        /// Its place.
        deploy: usize,
    },
    /// The deploy of this place is taken back: only the earlier stage serves again.
    RollsBack {
        /// Its place.
        deploy: usize,
    },
    /// A server reads the cookie and writes it again, as it writes cookies.
    Rewrites {
        /// The server's stage.
        stage: usize,
    },
    /// The cookie meets somebody who does not read it.
    Meets {
        /// Who.
        reader: Party,
    },
}
