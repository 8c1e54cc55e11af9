//! What a cookie loses when it is converted.

use railjar::serializer::Format;
use railjar::serializer::json::{self, Text};
use railjar::serializer::message_pack::{self, Extensions};
use railjar::value::{Becomes, JsonLoss, JsonLosses};
use railjar::{Opened, SealError, Timestamp, Value};

use crate::answer::Answer;
use crate::error::Error;
use crate::time;

/// As many are told to people.
const TOLD: usize = 20;

#[derive(Default)]
pub(super) struct Losses {
    /// What JSON cannot say, or else what reads back as another value.
    places: JsonLosses,
    expiry: Option<Timestamp>,
}

impl Losses {
    /// What JSON cannot say of the value.
    pub(super) fn of_value(&mut self, value: &Value) {
        self.places = value.json_losses();
    }

    /// Compares what was written with what was to be written.
    pub(super) fn of_reading_back(
        &mut self,
        written: &Opened<'_>,
        value: Option<&Value>,
        expires: Option<Timestamp>,
    ) {
        self.expiry = expires.filter(|_| written.expires_at().is_none());
        if let Some(value) = value.filter(|_| self.places.is_empty()) {
            self.places = match written.to_value() {
                Ok(read) => value.differences(&read),
                Err(_) => value.refused_places(|_| false),
            };
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.expiry.is_none()
    }

    pub(super) fn has_expiry(&self) -> bool {
        self.expiry.is_some()
    }

    /// The value stays as it is.
    pub(super) fn has_only_expiry(&self) -> bool {
        self.has_expiry() && self.places.is_empty()
    }

    /// There is no such value in the new serializer, however much is lost.
    pub(super) fn impossible(
        mut self,
        error: SealError,
        format: &str,
        value: &Value,
        fits: impl FnMut(&Value) -> bool,
    ) -> Error {
        if error == SealError::UnsupportedSerializer {
            return error.into();
        }
        let in_json = !self.places.is_empty();
        if !in_json {
            self.places = value.refused_places(fits);
        }
        let error = Error::new(format!("this value cannot become {format}, not even with --lossy"));
        let places = self.places.listed().iter();
        let places = places.filter(|loss| loss.becomes == Becomes::Impossible);
        let error = places.take(TOLD).fold(error, |error, loss| {
            error.detail(match in_json {
                true => loss.to_string(),
                false => format!("{}: {} cannot be written", loss.path, loss.what),
            })
        });
        let newest = message_pack::to_vec(value, &Extensions::V8_1);
        match format == Format::MessagePack.name() && newest.is_ok() {
            true => error.hint("Rails 8.1 and later can write it"),
            false => error,
        }
    }

    /// A line each, for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let told = self.places.listed().iter().take(TOLD);
        let mut lines: Vec<_> = told.map(JsonLoss::to_string).collect();
        let more = self.places.count().saturating_sub(lines.len());
        if more > 0 {
            lines.push(format!("and {more} more; --format json lists them"));
        }
        lines.extend(self.expiry.map(|at| {
            let at = time::absolute(at);
            format!("the expiry, {at}, is left out: the new app writes none into its cookies")
        }));
        lines
    }

    /// `losses` and `loss_count`.
    pub(super) fn fields<'o>(&self, answer: Answer<'o>) -> Answer<'o> {
        let mut entries: Vec<_> = self.places.listed().iter().map(entry).collect();
        if let Some(at) = self.expiry {
            entries.push(other("expires_at", &at.to_string(), "nothing"));
        }
        let unlisted = self.places.count().saturating_sub(self.places.listed().len());
        let count = entries.len().saturating_add(unlisted);
        let list = json::to_vec(&Value::Array(entries), &Text::STDLIB);
        answer
            .json("losses", &list.unwrap_or_else(|_| b"null".to_vec()))
            .json("loss_count", count.to_string().as_bytes())
    }
}

fn entry(loss: &JsonLoss) -> Value {
    let mut fields = other(&loss.path, &loss.what, loss.becomes.name());
    if let (Value::Hash(fields), Becomes::Scalar(value)) = (&mut fields, &loss.becomes)
        && let Ok(value) = value.as_json()
    {
        fields.insert("value", value);
    }
    fields
}

fn other(path: &str, what: &str, becomes: &str) -> Value {
    let fields = [("path", path), ("what", what), ("becomes", becomes)];
    Value::Hash(fields.into_iter().collect())
}
