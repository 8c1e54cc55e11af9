//! Sealing a cookie again, in another format: the same value, expiry and purpose.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cookies::Jar;
use crate::edge::Edge;
use crate::edge::event::Event;
use crate::edge::format::FormatId;
use crate::edge::kept::{CookieId, Kept};
use crate::edge::policy::Lossy;
use crate::entropy::Entropy;
use crate::error::SealError;
use crate::message::{Opened, Scratch};
use crate::serializer::Format;

/// What limits a cookie on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To a server, which reads any length, and of which the expiry was checked just now.
    ToServer,
    /// To a browser, which keeps what Rails lets it have.
    ToBrowser,
}

/// A cookie to seal again.
pub(super) struct Reseal<'r> {
    pub(super) cookie: CookieId,
    pub(super) kept: &'r Kept,
    pub(super) opened: &'r Opened<'static>,
    pub(super) from: FormatId,
    pub(super) to: FormatId,
    pub(super) way: Way,
}

impl Edge {
    /// The value in the format `to`, not yet escaped. `None` where it has to stay as it is; `events`
    /// tell why.
    pub(super) fn reseal(
        &self,
        scratch: &mut Scratch,
        what: &Reseal<'_>,
        entropy: &mut impl Entropy,
        events: &mut Vec<Event>,
    ) -> Option<String> {
        let Reseal { cookie, kept, opened, from, to, way } = *what;
        let jar = self.jar(to, kept)?;
        let expires = opened.expires_at();
        if expires.is_some() && !jar.embeds_expiry() {
            events.push(Event::ExpiryLost { cookie });
            if way == Way::ToBrowser {
                return None;
            }
        }
        let payload = match self.payload_for(&jar, opened) {
            Ok(payload) => payload,
            Err(SealError::NoSecret) => {
                events.push(Event::NotSealed { cookie, error: SealError::NoSecret });
                return None;
            }
            Err(_) => {
                events.push(Event::ValueLost { cookie });
                return None;
            }
        };
        let wire = match jar.reseal_in(scratch, &payload, expires, entropy) {
            Ok(wire) => wire,
            Err(error) => {
                events.push(Event::NotSealed { cookie, error });
                return None;
            }
        };
        if let Err(SealError::CookieOverflow { size }) = jar.check_size(wire) {
            events.push(Event::Oversize { cookie, size });
            if way == Way::ToBrowser {
                return None;
            }
        }
        events.push(Event::Resealed { cookie, from, matched: opened.matched(), to });
        Some(wire.into())
    }

    /// The same bytes where they can be read there; else the value in that jar's serializer, unless
    /// something of it would be lost.
    fn payload_for<'o>(
        &self,
        jar: &Jar<'_>,
        opened: &'o Opened<'static>,
    ) -> Result<Cow<'o, [u8]>, SealError> {
        let writes = jar.writes().ok_or(SealError::NoSecret)?;
        let payload = opened.payload().as_bytes();
        if jar.reads(payload, opened.format()) {
            return Ok(Cow::Borrowed(payload));
        }
        let value = opened.to_value().map_err(|_| SealError::Unrepresentable)?;
        let loses = writes == Format::Json && !value.fits_json();
        if loses && self.policies.lossy != Lossy::Convert {
            return Err(SealError::Unrepresentable);
        }
        jar.serialize(&value).map(Cow::Owned)
    }
}
