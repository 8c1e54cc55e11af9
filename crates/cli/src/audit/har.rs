//! The headers of a HAR file, one entry after the other: the rest of the file is never held.

use std::fmt;
use std::io::BufRead;

use railjar::audit::{Auditor, Moments};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Counts the cookies of every request and response.
pub(super) fn read(source: impl BufRead, auditor: &mut Auditor<'_>) -> serde_json::Result<()> {
    let moments = Moments::new();
    let mut take = |entry: Entry| {
        let at = entry.started.as_deref().and_then(|text| moments.find(text.as_bytes()));
        for Header { name, value } in entry.request.headers.iter().chain(&entry.response.headers) {
            if !["cookie", "set-cookie"].contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            // Browsers join several of a response by newlines.
            for value in value.lines() {
                auditor.line_at(format!("{name}: {value}").as_bytes(), at);
            }
        }
    };
    let mut json = serde_json::Deserializer::from_reader(source);
    Along { path: &["log", "entries"], take: &mut take }.deserialize(&mut json)?;
    json.end()
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "startedDateTime")]
    started: Option<String>,
    #[serde(default)]
    request: Side,
    #[serde(default)]
    response: Side,
}

#[derive(Default, Deserialize)]
struct Side {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// Follows the fields of a path to an array, and hands on its elements.
struct Along<'p, F> {
    path: &'p [&'p str],
    take: &'p mut F,
}

impl<'de, F: FnMut(Entry)> DeserializeSeed<'de> for Along<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.path {
            [] => deserializer.deserialize_seq(self),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de, F: FnMut(Entry)> Visitor<'de> for Along<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (next, rest) = self.path.split_first().unwrap_or((&"", &[]));
        while let Some(name) = map.next_key::<String>()? {
            match name == *next {
                true => map.next_value_seed(Along { path: rest, take: &mut *self.take })?,
                false => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element()? {
            (self.take)(entry);
        }
        Ok(())
    }
}
