//! Which format a server writes, where the configuration says that it is to be found out: from a
//! header of its responses, or else from the recipe of the cookies that it sets.

use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;
use railjar::config::Settings;
use serde::Deserialize as _;

use crate::config::Format;

/// What one server has shown of itself so far.
#[derive(Default)]
pub(crate) struct Learned {
    known: ArcSwap<Known>,
}

/// From one moment at which a server may have been restarted to the next: what was asked before says
/// nothing about what runs after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

#[derive(Clone, Default)]
struct Known {
    epoch: Epoch,
    said: Option<HeaderValue>,
    /// The format that this means, by name, which outlives a reload; none where it fits no format,
    /// or several.
    meant: Option<String>,
    /// The format of its cookies. What a server says outweighs it.
    wrote: Option<String>,
    /// A probe was answered, whatever it said.
    probed: bool,
}

impl Learned {
    /// The place of the format in `formats`, if it is known.
    pub(crate) fn format(&self, formats: &[Format]) -> Option<usize> {
        let known = self.known.load();
        let name = known.meant.as_ref().or(known.wrote.as_ref())?;
        formats.iter().position(|format| format.name == *name)
    }

    /// Whether the server said it, so that its cookies need not be looked at.
    pub(crate) fn is_said(&self) -> bool {
        self.known.load().meant.is_some()
    }

    /// Whether anything was heard of it: what is unknown after that may stay so.
    pub(super) fn has_answered(&self) -> bool {
        let known = self.known.load();
        known.probed || known.said.is_some() || known.wrote.is_some()
    }

    /// The epoch that a request begins in.
    pub(super) fn epoch(&self) -> Epoch {
        self.known.load().epoch
    }

    pub(super) fn probed(&self, epoch: Epoch) {
        self.learn(epoch, |known| {
            let answered = known.probed || known.said.is_some() || known.wrote.is_some();
            (!answered).then(|| Known { probed: true, ..known.clone() })
        });
    }

    /// The server may be another one now.
    pub(super) fn forget(&self) {
        self.known
            .rcu(|known| Known { epoch: Epoch(known.epoch.0.wrapping_add(1)), ..Known::default() });
    }

    /// Takes the header of a response to a request of `epoch`. Says whether that is news.
    pub(crate) fn said(&self, header: &HeaderValue, epoch: Epoch, formats: &[Format]) -> bool {
        self.learn(epoch, |known| {
            (known.said.as_ref() != Some(header)).then(|| Known {
                said: Some(header.clone()),
                meant: named(meant(header, formats), formats),
                epoch,
                ..Known::default()
            })
        })
    }

    /// Takes the format that a cookie was seen to be written in, in the response to a request of
    /// `epoch`. Says whether that is news.
    pub(crate) fn wrote(&self, index: usize, epoch: Epoch, formats: &[Format]) -> bool {
        let wrote = named(Some(index), formats);
        self.learn(epoch, |known| {
            let news = known.meant.is_none() && wrote.is_some() && known.wrote != wrote;
            news.then(|| Known { wrote: wrote.clone(), ..known.clone() })
        })
    }

    /// Puts news in the place of what is known, if that is still of the epoch.
    fn learn(&self, epoch: Epoch, news: impl Fn(&Known) -> Option<Known>) -> bool {
        let mut known = self.known.load();
        loop {
            let Some(news) = (known.epoch == epoch).then(|| news(&known)).flatten() else {
                return false;
            };
            let before = self.known.compare_and_swap(&known, Arc::new(news));
            if std::ptr::eq(&**before, &**known) {
                return true;
            }
            known = before;
        }
    }

    /// After a reload the names may mean something else.
    pub(crate) fn again(&self, formats: &[Format]) {
        self.known.rcu(|known| {
            let mut known = Known::clone(known);
            let said = known.said.as_ref();
            known.meant = said.and_then(|said| named(meant(said, formats), formats));
            let is_there = |wrote: &String| formats.iter().any(|known| known.name == *wrote);
            known.wrote = known.wrote.filter(is_there);
            known
        });
    }
}

fn named(index: Option<usize>, formats: &[Format]) -> Option<String> {
    formats.get(index?).map(|format| format.name.clone())
}

/// Which format a header means: `format=NAME`, or Rails' own settings, `rails=7.1;
/// cookies_serializer=json; …`, if exactly one format has them all.
fn meant(header: &HeaderValue, formats: &[Format]) -> Option<usize> {
    let pairs = header.to_str().ok()?.split(';').map(|pair| pair.trim().split_once('='));
    let pairs: Vec<(&str, &str)> = pairs.collect::<Option<_>>()?;
    if let [("format", name)] = pairs.as_slice() {
        return formats.iter().position(|format| format.name == *name);
    }
    let mut fitting = (0..).zip(formats).filter(|(_, format)| has(format, &pairs));
    match (fitting.next(), fitting.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// Whether `format` has these settings: putting them over its own changes nothing.
fn has(format: &Format, pairs: &[(&str, &str)]) -> bool {
    let mut settings = toml::Table::new();
    for (name, value) in pairs {
        if *name == "rails" {
            if format.profile.version().name() != *value {
                return false;
            }
            continue;
        }
        let value = match *value {
            "true" => toml::Value::Boolean(true),
            "false" => toml::Value::Boolean(false),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => match number.parse() {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => return false,
            },
            text => toml::Value::String(text.to_owned()),
        };
        settings.insert((*name).to_owned(), value);
    }
    let Ok(settings) = Settings::deserialize(toml::Value::Table(settings)) else { return false };
    settings.apply(format.profile.clone()).settings() == format.profile.settings()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use railjar::rails::{Profile, Version};

    use super::*;

    fn formats() -> Vec<Format> {
        let format = |name: &str, profile| Format { name: name.into(), profile };
        vec![
            format("old", Profile::new(Version::V6_1)),
            format("new", Profile::new(Version::V7_2)),
            format("half", Profile::load_defaults(Version::V7_2, Version::V6_1).unwrap()),
        ]
    }

    #[test]
    fn a_header_means_the_one_format_that_has_its_settings() {
        let formats = formats();
        for (header, index) in [
            ("format=new", Some(1)),
            ("format=other", None),
            ("rails=6.1", Some(0)),
            ("rails=7.2", None),
            ("rails=7.2; key_generator_hash_digest_class=SHA1", Some(2)),
            ("rails=7.2; key_generator_hash_digest_class=SHA256", Some(1)),
            ("rails=7.2; key_generator_hash_digest_class=MD5", None),
            ("rails=7.2; nonsense=1", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(meant(&HeaderValue::from_static(header), &formats), index, "{header}");
        }
    }

    #[test]
    fn what_a_server_says_outweighs_what_its_cookies_show() {
        let (formats, learned) = (formats(), Learned::default());
        let now = learned.epoch();
        assert!(learned.wrote(0, now, &formats));
        assert_eq!(learned.format(&formats), Some(0));
        assert!(learned.said(&HeaderValue::from_static("format=new"), now, &formats));
        assert!(!learned.said(&HeaderValue::from_static("format=new"), now, &formats));
        assert!(!learned.wrote(0, now, &formats));
        assert_eq!(learned.format(&formats), Some(1));
        learned.again(&formats);
        assert_eq!(learned.format(&formats), Some(1));
        learned.forget();
        assert_eq!(learned.format(&formats), None);
        // A late response of the server that there was.
        assert!(!learned.said(&HeaderValue::from_static("format=new"), now, &formats));
        assert!(!learned.wrote(1, now, &formats));
        learned.probed(now);
        assert!(!learned.has_answered());
    }
}
