//! Everybody who writes or reads, with their keys; every form in which a cookie may be; and who
//! reads which. Nothing here is known beforehand: each cookie is really sealed, and really opened.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::{Cookie, CookieJar, Expiry, Reading, Release};
use crate::cookies::{Cookies, Jar};
use crate::entropy::{Entropy, EntropyUnavailable};
use crate::error::{ConfigError, ContentError, OpenError, SealError};
use crate::message::{Matched, Origin, Scratch};
use crate::rails::{CookieKind, KeyCache, Strictness};
use crate::serializer::{Format, Serializer, marshal};
use crate::time::Timestamp;

/// Some time, for cookies that are only compared.
pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// What a session holds that is only compared.
const VALUES: [(&str, &str); 2] = [("session_id", "0123456789abcdef"), ("user_id", "7")];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartyId(pub(super) usize);

/// One form of one cookie: which recipe made it, and how its value is serialized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FormId(pub(super) usize);

/// Who it is that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Rails: with all of its leniency, and its exceptions.
    Server,
    /// Anything else.
    Reader,
}

pub(super) struct Party {
    pub(super) release: Release,
    role: Role,
    pub(super) cookies: Cookies,
}

/// One cookie's forms, and how each party reads them.
#[derive(Default)]
pub(super) struct Table {
    forms: Vec<Vec<u8>>,
    /// By party: the form that it writes.
    writes: Vec<FormId>,
    /// By form, then by party.
    readings: Vec<Vec<Reading>>,
}

pub(super) struct World<'r> {
    pub(super) cookies: &'r [Cookie],
    parties: Vec<Party>,
    tables: Vec<Table>,
    keys: KeyCache,
}

/// The same bytes each time: what is sealed alike then looks alike.
pub(super) struct Still;

impl Entropy for Still {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        out.fill(7);
        Ok(())
    }
}

impl<'r> World<'r> {
    pub(super) fn new(cookies: &'r [Cookie]) -> Self {
        let tables = cookies.iter().map(|_| Table::default()).collect();
        Self { cookies, parties: Vec::new(), tables, keys: KeyCache::default() }
    }

    /// The party of this release; the same one where it is known already.
    pub(super) fn party(&mut self, release: &Release, role: Role) -> Result<PartyId, ConfigError> {
        let known = self.parties.iter().position(|it| it.release == *release && it.role == role);
        if let Some(index) = known {
            return Ok(PartyId(index));
        }
        let profile = match role {
            Role::Server => release.profile.clone().strictness(Strictness::AsRails),
            Role::Reader => release.profile.clone(),
        };
        let cookies = profile.cookies_with_cache(&release.secrets, &mut self.keys)?;
        for (cookie, table) in self.cookies.iter().zip(&mut self.tables) {
            let form = table.form(sealed(cookie, &cookies, None)?);
            table.writes.push(form);
        }
        self.parties.push(Party { release: release.clone(), role, cookies });
        self.read_all();
        Ok(PartyId(self.parties.len().saturating_sub(1)))
    }

    pub(super) fn release(&self, party: PartyId) -> Option<&Release> {
        self.parties.get(party.0).map(|party| &party.release)
    }

    pub(super) fn jars(&self, party: PartyId) -> Option<&Cookies> {
        self.parties.get(party.0).map(|party| &party.cookies)
    }

    pub(super) fn table(&self, cookie: usize) -> Option<&Table> {
        self.tables.get(cookie)
    }

    /// What this party may have written before: with the recipes that it now only reads, and in
    /// Marshal where its serializer still allows that. What Rails reads by itself is not counted:
    /// it may never have been written.
    pub(super) fn earlier(
        &mut self,
        cookie: usize,
        party: PartyId,
    ) -> Result<Vec<(FormId, Earlier)>, ConfigError> {
        let (Some(of), Some(writer)) = (self.cookies.get(cookie), self.parties.get(party.0)) else {
            return Ok(Vec::new());
        };
        let serializer = writer.release.profile.settings().cookies_serializer;
        let marshal = matches!(
            serializer,
            Serializer::JsonAllowMarshal | Serializer::MessagePackAllowMarshal
        );
        let mut wires = Vec::new();
        if marshal {
            let wire = sealed(of, &writer.cookies, Some(Format::Marshal))?;
            wires.push((wire, Earlier::Marshal));
        }
        let mut index = 0;
        while let Some((origin, promoted)) = of.promoted(&writer.cookies, index) {
            if origin == Origin::Configured {
                let by = Earlier::Rotation { index };
                wires.push((sealed(of, &promoted, None)?, by));
                if marshal {
                    wires.push((sealed(of, &promoted, Some(Format::Marshal))?, by));
                }
            }
            index = index.saturating_add(1);
        }
        let Some(table) = self.tables.get_mut(cookie) else { return Ok(Vec::new()) };
        let own = table.writes.get(party.0).copied();
        let mut forms = Vec::new();
        for (wire, earlier) in wires {
            let form = table.form(wire);
            if Some(form) != own && !forms.iter().any(|(known, _)| *known == form) {
                forms.push((form, earlier));
            }
        }
        self.read_all();
        Ok(forms)
    }

    /// The places of those of a party's own rotations that read nothing which it does not read
    /// without them, in neither jar that they are for.
    pub(super) fn useless(&self, cookie: usize, party: PartyId) -> Result<Vec<usize>, ConfigError> {
        let (Some(cookie), Some(party)) = (self.cookies.get(cookie), self.parties.get(party.0))
        else {
            return Ok(Vec::new());
        };
        let kind = cookie.jar().kind();
        let other = match kind {
            CookieKind::Signed => CookieKind::Encrypted,
            CookieKind::Encrypted => CookieKind::Signed,
        };
        let of_other = useless(&any(other), &party.cookies).unwrap_or_default();
        let profile = &party.release.profile;
        let is_used = |index: &usize| {
            let there = profile.counterpart(kind.scope(), *index);
            there.is_some_and(|there| !of_other.contains(&there))
        };
        let mut useless = useless(cookie, &party.cookies)?;
        useless.retain(|index| !is_used(index));
        Ok(useless)
    }

    /// The place of the app's own rotation that opens a form, whatever else opens it too.
    pub(super) fn rotation_for(
        &self,
        cookie: usize,
        form: FormId,
        party: PartyId,
    ) -> Option<usize> {
        let of = self.cookies.get(cookie)?;
        let reader = self.parties.get(party.0)?;
        let wire = self.tables.get(cookie)?.forms.get(form.0)?;
        let mut index = 0;
        while let Some((origin, promoted)) = of.promoted(&reader.cookies, index) {
            let opened = of.of(&promoted).open(wire, NOW);
            let by_itself = opened.is_ok_and(|opened| opened.matched() == Matched::Primary);
            if origin == Origin::Configured && by_itself {
                return Some(index);
            }
            index = index.saturating_add(1);
        }
        None
    }

    /// Has every party read every form that it has not read yet.
    fn read_all(&mut self) {
        for (cookie, table) in self.cookies.iter().zip(&mut self.tables) {
            table.readings.resize(table.forms.len(), Vec::new());
            for (form, readings) in table.forms.iter().zip(&mut table.readings) {
                let unread = self.parties.iter().skip(readings.len());
                readings.extend(unread.map(|party| party.read(cookie, form)));
            }
        }
    }
}

/// What a form was written by before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// What this rotation is for.
    Rotation { index: usize },
    /// A serializer that wrote Marshal.
    Marshal,
}

impl Table {
    fn form(&mut self, wire: Vec<u8>) -> FormId {
        let known = self.forms.iter().position(|form| *form == wire);
        FormId(known.unwrap_or_else(|| {
            self.forms.push(wire);
            self.forms.len().saturating_sub(1)
        }))
    }

    pub(super) fn written_by(&self, party: PartyId) -> Option<FormId> {
        self.writes.get(party.0).copied()
    }

    pub(super) fn reading(&self, form: FormId, party: PartyId) -> Option<Reading> {
        self.readings.get(form.0)?.get(party.0).copied()
    }

    /// How many forms there are.
    pub(super) fn len(&self) -> usize {
        self.forms.len()
    }

    pub(super) fn wire(&self, form: FormId) -> &[u8] {
        self.forms.get(form.0).map_or(&[], Vec::as_slice)
    }
}

impl Party {
    fn read(&self, cookie: &Cookie, wire: &[u8]) -> Reading {
        let mut scratch = Scratch::new();
        let opened = cookie.of(&self.cookies).open_in(&mut scratch, wire, NOW);
        // Rails reads the value at once: one that is taken for JSON and is none is not read.
        let read = opened.and_then(|opened| match opened.to_value() {
            Ok(_) => Ok(opened),
            Err(error) => Err(error.into()),
        });
        match read {
            Ok(opened) => {
                Reading::Opens { matched: opened.matched(), reissues: opened.must_reissue() }
            }
            Err(error) if self.raises(error) => Reading::Raises(error),
            Err(error) => Reading::Refused(error),
        }
    }

    /// Whether this Rails fails at it, instead of finding no cookie.
    fn raises(&self, error: OpenError) -> bool {
        self.role == Role::Server
            && match error {
                OpenError::Serialization(_) => self.release.profile.dialect().raises_undecodable(),
                OpenError::Content(error) => error == ContentError::MalformedMetadata,
                OpenError::Format(_) => false,
            }
    }
}

/// The places of the configured rotations that open what the first recipe, or one before it, opens.
fn useless(cookie: &Cookie, jars: &Cookies) -> Result<Vec<usize>, ConfigError> {
    let mut known = vec![sealed(cookie, jars, None)?];
    let mut useless = Vec::new();
    let mut index = 0;
    while let Some((origin, promoted)) = cookie.promoted(jars, index) {
        let wire = sealed(cookie, &promoted, None)?;
        match known.contains(&wire) {
            true if origin == Origin::Configured => useless.push(index),
            true => {}
            false => known.push(wire),
        }
        index = index.saturating_add(1);
    }
    Ok(useless)
}

/// Whether one of the configured rotations for this kind of cookie is one too many.
pub(super) fn duplicates(jars: &Cookies, kind: CookieKind) -> bool {
    useless(&any(kind), jars).is_ok_and(|useless| !useless.is_empty())
}

/// Some cookie of this kind.
fn any(kind: CookieKind) -> Cookie {
    let jar = match kind {
        CookieKind::Signed => CookieJar::Signed,
        CookieKind::Encrypted => CookieJar::Encrypted,
    };
    Cookie::new("any", jar, Duration::ZERO)
}

/// The cookie as these jars write it, or with its value serialized in another format.
fn sealed(cookie: &Cookie, jars: &Cookies, format: Option<Format>) -> Result<Vec<u8>, ConfigError> {
    let jar: Jar<'_> = cookie.of(jars);
    let value = BTreeMap::from(VALUES);
    let expires = match cookie.expiry() {
        Expiry::WithBrowser => None,
        Expiry::Set => Some(NOW.plus_seconds(1)),
    };
    let payload = match format {
        Some(Format::Marshal) => marshal::to_vec(&value),
        _ => jar.serialize(&value),
    };
    let sealed = payload.and_then(|payload| jar.seal_payload(&payload, expires, &mut Still));
    sealed.map(|sealed| sealed.as_bytes().to_vec()).map_err(|error| match error {
        SealError::NoSecret => ConfigError::MissingSecret,
        // Two short texts are said in any serializer that writes values.
        _ => ConfigError::NotInThisVersion { setting: "cookies_serializer".into() },
    })
}
