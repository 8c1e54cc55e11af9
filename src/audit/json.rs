//! The form in which tallies are written and read: flat, with names for all that has one, so that
//! `jq` and people can read it. What is read is checked.

mod cookies;

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use self::cookies::CookieForm;
use super::counts::{Counts, FORMATS, REASONS};
use super::day::{Day, When};
use super::subject::{AuditedCookie, AuditedRecipe, Subject};
use super::tally::{Lines, Tally};
use super::{Direction, MAX_COOKIES, MAX_DAYS};
use crate::rails::{Strictness, Version};

/// The version of the form.
const FORM: u8 = 1;
/// The most samples that are read.
const MAX_SAMPLES: usize = 10_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    railjar_audit: u8,
    rails: String,
    strictness: String,
    serializer: String,
    keys: String,
    cookies: Vec<CookieForm>,
    lines: LinesForm,
    seen: Vec<SeenForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    samples: Vec<SampleForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinesForm {
    read: u64,
    undated: u64,
    too_long: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenForm {
    day: String,
    cookie: String,
    direction: String,
    total: u64,
    opened: BTreeMap<String, u64>,
    must_reissue: u64,
    serializers: BTreeMap<String, u64>,
    refused: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleForm {
    cookie: String,
    refused: String,
    shape: String,
    cause: String,
    count: u64,
}

/// Needs the feature `config`.
impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::of(self).serialize(serializer)
    }
}

/// Needs the feature `config`.
impl<'de> Deserialize<'de> for Tally {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Form::deserialize(deserializer)?.read().map_err(|Wrong(what)| {
            de::Error::custom(alloc::format!("not a tally of railjar audit: wrong {what}"))
        })
    }
}

/// What is wrong.
struct Wrong(&'static str);

impl Form {
    fn of(tally: &Tally) -> Self {
        let Subject { rails, strictness, serializer, cookies, keys } = tally.subject();
        let Lines { read, undated, too_long } = tally.lines();
        let samples = cookies.iter().enumerate().flat_map(|(index, cookie)| {
            tally.samples().of(index).map(move |(refused, shape, cause, count)| SampleForm {
                cookie: cookie.name().to_owned(),
                refused: refused.to_owned(),
                shape: shape.to_owned(),
                cause: cause.to_owned(),
                count,
            })
        });
        Self {
            railjar_audit: FORM,
            rails: rails.name().to_owned(),
            strictness: strictness_name(*strictness).to_owned(),
            serializer: serializer.name().to_owned(),
            keys: keys.clone(),
            cookies: cookies.iter().map(CookieForm::of).collect(),
            lines: LinesForm { read, undated, too_long },
            seen: tally.rows().map(SeenForm::of).collect(),
            samples: samples.collect(),
        }
    }

    fn read(self) -> Result<Tally, Wrong> {
        if self.railjar_audit != FORM {
            return Err(Wrong("railjar_audit: another version of the form"));
        }
        let mut tally = Tally::new(self.subject()?);
        let LinesForm { read, undated, too_long } = self.lines;
        tally.lines = Lines { read, undated, too_long };
        if self.seen.len() > (MAX_DAYS.saturating_add(2)).saturating_mul(MAX_COOKIES * 2) {
            return Err(Wrong("seen: too much"));
        }
        for seen in self.seen {
            seen.read(&mut tally)?;
        }
        if self.samples.len() > MAX_SAMPLES {
            return Err(Wrong("samples: too many"));
        }
        for sample in self.samples {
            sample.read(&mut tally)?;
        }
        Ok(tally)
    }

    fn subject(&self) -> Result<Subject, Wrong> {
        let cookies: Vec<_> =
            self.cookies.iter().map(CookieForm::read).collect::<Result<_, _>>()?;
        let pairs = cookies.iter().zip(cookies.iter().skip(1));
        let sorted = pairs.map(|(one, next)| (one.name(), next.name())).all(|(a, b)| a < b);
        if cookies.is_empty() || cookies.len() > MAX_COOKIES || !sorted {
            return Err(Wrong("cookies"));
        }
        let is_hash = self.keys.len() == 16 && self.keys.bytes().all(|it| it.is_ascii_hexdigit());
        Ok(Subject {
            rails: Version::from_name(&self.rails).map_err(|_| Wrong("rails"))?,
            strictness: [Strictness::Strict, Strictness::AsRails]
                .into_iter()
                .find(|it| strictness_name(*it) == self.strictness)
                .ok_or(Wrong("strictness"))?,
            serializer: crate::serializer::Serializer::from_name(&self.serializer)
                .map_err(|_| Wrong("serializer"))?,
            cookies,
            keys: is_hash.then(|| self.keys.clone()).ok_or(Wrong("keys"))?,
        })
    }
}

fn strictness_name(strictness: Strictness) -> &'static str {
    match strictness {
        Strictness::Strict => "strict",
        Strictness::AsRails => "as-rails",
    }
}

impl SeenForm {
    fn of(row: super::Row<'_>) -> Self {
        let super::Row { when, cookie, direction, counts } = row;
        let recipes = cookie.recipes().iter().map(AuditedRecipe::name);
        let opened = recipes.zip(&counts.opened).map(|(name, count)| (name, *count));
        let named = |(name, count): (&str, u64)| (name.to_owned(), count);
        let some = |(_, count): &(_, u64)| *count > 0;
        Self {
            day: match when {
                When::Unknown => "unknown".to_owned(),
                When::Earlier => "earlier".to_owned(),
                When::Day(day) => day.to_string(),
            },
            cookie: cookie.name().to_owned(),
            direction: direction_name(direction).to_owned(),
            total: counts.total(),
            opened: opened
                .filter(|(_, count)| *count > 0)
                .map(|(name, count)| (name.into_owned(), count))
                .collect(),
            must_reissue: counts.must_reissue(),
            serializers: counts
                .formats()
                .map(|(format, count)| (format.name(), count))
                .filter(some)
                .map(named)
                .collect(),
            refused: counts.refused().filter(some).map(named).collect(),
        }
    }

    fn read(self, tally: &mut Tally) -> Result<(), Wrong> {
        let when = match self.day.as_str() {
            "unknown" => When::Unknown,
            "earlier" => When::Earlier,
            day => When::Day(Day::parse(day).ok_or(Wrong("day"))?),
        };
        let directions = [Direction::Sent, Direction::Written].into_iter();
        let mut directions = directions.filter(|it| direction_name(*it) == self.direction);
        let direction = directions.next().ok_or(Wrong("direction"))?;
        let cookies = tally.subject.cookies();
        let index = cookies.iter().position(|cookie| cookie.name() == self.cookie);
        let index = index.ok_or(Wrong("cookie"))?;
        let names: Vec<_> =
            cookies.get(index).map(AuditedCookie::recipes).unwrap_or_default().into();
        let names: Vec<_> = names.iter().map(AuditedRecipe::name).collect();
        let mut counts = Counts::new(names.len());
        let known = |name: &str| names.iter().position(|known| known == name);
        fill(&mut counts.opened, &self.opened, known)?;
        let known = |name: &str| FORMATS.iter().position(|known| known.name() == name);
        fill(&mut counts.formats, &self.serializers, known)?;
        let known = |name: &str| REASONS.iter().position(|known| *known == name);
        fill(&mut counts.refused, &self.refused, known)?;
        counts.must_reissue = self.must_reissue;
        if counts.total() != self.total {
            return Err(Wrong("total"));
        }
        let both = tally.day_mut(when).get_mut(index).ok_or(Wrong("cookie"))?;
        match direction {
            Direction::Sent => both.sent.merge(&counts),
            Direction::Written => both.written.merge(&counts),
        }
        Ok(())
    }
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Written => "written",
    }
}

/// Puts what stands under a name into its place.
fn fill(
    counts: &mut [u64],
    named: &BTreeMap<String, u64>,
    place: impl Fn(&str) -> Option<usize>,
) -> Result<(), Wrong> {
    for (name, count) in named {
        let place =
            place(name).and_then(|at| counts.get_mut(at)).ok_or(Wrong("name of a count"))?;
        *place = *count;
    }
    Ok(())
}

impl SampleForm {
    fn read(self, tally: &mut Tally) -> Result<(), Wrong> {
        let cookies = tally.subject.cookies();
        let cookie = cookies.iter().position(|cookie| cookie.name() == self.cookie);
        let reason = REASONS.iter().position(|reason| *reason == self.refused);
        let is_word = |text: &str| {
            text.len() <= 40
                && text.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        };
        let (Some(cookie), Some(reason)) = (cookie, reason) else { return Err(Wrong("sample")) };
        if !is_word(&self.shape) || !is_word(&self.cause) {
            return Err(Wrong("sample"));
        }
        tally.samples.add(cookie, reason, self.shape.into(), self.cause.into(), self.count);
        Ok(())
    }
}
