//! What a cookie loses when it is converted.

use railjar::serializer::json::{self, Text};
use railjar::value::{Becomes, JsonLoss, JsonLosses};
use railjar::{Opened, SealError, Timestamp, Value};

use crate::answer::Answer;
use crate::error::Error;
use crate::time;

/// As many are told to people.
const TOLD: usize = 20;

#[derive(Default)]
pub(super) struct Losses {
    json: JsonLosses,
    expiry: Option<Timestamp>,
    /// The value reads back as another, in a way that no other loss explains.
    differs: bool,
}

impl Losses {
    /// What JSON cannot say of the value.
    pub(super) fn of_value(&mut self, value: &Value) {
        self.json = value.json_losses();
    }

    /// Compares what was written with what was to be written.
    pub(super) fn of_reading_back(
        &mut self,
        written: &Opened<'_>,
        value: Option<&Value>,
        expires: Option<Timestamp>,
    ) {
        self.expiry = expires.filter(|_| written.expires_at().is_none());
        self.differs = self.json.is_empty()
            && value.is_some_and(|value| written.to_value().as_ref() != Ok(value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.json.is_empty() && self.expiry.is_none() && !self.differs
    }

    pub(super) fn has_expiry(&self) -> bool {
        self.expiry.is_some()
    }

    /// The value stays as it is.
    pub(super) fn has_only_expiry(&self) -> bool {
        self.has_expiry() && self.json.is_empty() && !self.differs
    }

    /// There is no such value in the new serializer, however much is lost.
    pub(super) fn impossible(&self, error: SealError, format: &str) -> Error {
        if error == SealError::UnsupportedSerializer {
            return error.into();
        }
        let error = Error::new(format!("this value cannot become {format}, not even with --lossy"));
        let places = self.json.listed().iter().filter(|loss| loss.becomes == Becomes::Impossible);
        places.take(TOLD).fold(error, |error, loss| error.detail(loss.to_string()))
    }

    /// A line each, for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let told = self.json.listed().iter().take(TOLD);
        let mut lines: Vec<_> = told.map(JsonLoss::to_string).collect();
        let more = self.json.count().saturating_sub(lines.len());
        if more > 0 {
            lines.push(format!("and {more} more; --format json lists them"));
        }
        lines.extend(self.expiry.map(|at| {
            let at = time::absolute(at);
            format!("the expiry, {at}, is left out: the new app writes none into its cookies")
        }));
        if self.differs {
            lines.push("$: what the new serializer writes reads back as another value".into());
        }
        lines
    }

    /// `losses` and `loss_count`.
    pub(super) fn fields<'o>(&self, answer: Answer<'o>) -> Answer<'o> {
        let mut entries: Vec<_> = self.json.listed().iter().map(entry).collect();
        if let Some(at) = self.expiry {
            entries.push(other("expires_at", &at.to_string(), "nothing"));
        }
        if self.differs {
            entries.push(other("$", "value", "another"));
        }
        let unlisted = self.json.count().saturating_sub(self.json.listed().len());
        let count = entries.len().saturating_add(unlisted);
        let list = json::to_vec(&Value::Array(entries), &Text::STDLIB);
        answer
            .json("losses", &list.unwrap_or_else(|_| b"null".to_vec()))
            .json("loss_count", count.to_string().as_bytes())
    }
}

fn entry(loss: &JsonLoss) -> Value {
    let mut fields = other(&loss.path, &loss.what, loss.becomes.name());
    if let (Value::Hash(fields), Becomes::Scalar(value)) = (&mut fields, &loss.becomes) {
        fields.insert("value", value.clone());
    }
    fields
}

fn other(path: &str, what: &str, becomes: &str) -> Value {
    let fields = [("path", path), ("what", what), ("becomes", becomes)];
    Value::Hash(fields.into_iter().collect())
}
