//! Two trees side by side: what is lost between what was written and what is read back. And which
//! places of a value cannot be written at all.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::text::{self, Step, class_of};
use super::{Becomes, JsonLoss, JsonLosses, LOSSES_LISTED};
use crate::value::as_json::EXPANSION_LIMIT;
use crate::value::{Body, Decorated, Hash, Label, Links, Object, Time, TimeWithZone, Value};

impl Value {
    /// Where `read`, which is what another serializer made of this value, is not what Ruby's `==`
    /// takes for the same: an object may be an extension, a time in UTC one at `+00:00`, and what
    /// is shared a copy. Subclasses, instance variables and defaults count, though, and so do the
    /// hours of a time.
    ///
    /// ```
    /// use railjar::value::{Time, Value};
    ///
    /// let time = |zone| Value::from(vec![Value::from(Time::at(0, 0, zone).unwrap())]);
    /// let utc = Value::from(vec![Value::from(Time::utc(0, 0).unwrap())]);
    /// assert!(utc.differences(&time(0)).is_empty());
    ///
    /// let differences = utc.differences(&time(3600));
    /// let text = "$[0]: Time becomes 1970-01-01 01:00:00 +0100";
    /// assert_eq!(differences.listed()[0].to_string(), text);
    /// ```
    pub fn differences(&self, read: &Self) -> JsonLosses {
        let mut compare = Compare {
            links: [Links::of(self), Links::of(read)],
            open: BTreeSet::new(),
            budget: EXPANSION_LIMIT,
            places: Places::default(),
        };
        compare.value(self, read);
        compare.places.losses
    }

    /// The places that `fits` says no of, where a whole value cannot be written: it is asked of
    /// each value without parts, and of each object. All of them become
    /// [`Impossible`](Becomes::Impossible).
    ///
    /// ```
    /// use railjar::serializer::marshal;
    /// use railjar::value::Value;
    ///
    /// let links = Value::from(vec![Value::from(1), Value::Uri("http://a/".into())]);
    /// let refused = links.refused_places(|part| marshal::to_vec(part).is_ok());
    /// assert_eq!(refused.listed()[0].path, "$[1]");
    /// ```
    pub fn refused_places(&self, mut fits: impl FnMut(&Self) -> bool) -> JsonLosses {
        let mut places = Places::default();
        refused(self, &mut fits, &mut places);
        places.losses
    }
}

/// What is lost, and the place that is looked at.
#[derive(Default)]
struct Places<'v> {
    path: Vec<Step<'v>>,
    losses: JsonLosses,
}

impl<'v> Places<'v> {
    fn lose(&mut self, what: impl FnOnce() -> String, becomes: impl FnOnce() -> Becomes) {
        self.losses.count = self.losses.count.saturating_add(1);
        if self.losses.listed.len() < LOSSES_LISTED {
            let (path, what, becomes) = (text::path(&self.path), what(), becomes());
            self.losses.listed.push(JsonLoss { path, what, becomes });
        }
    }
}

fn refused<'v>(value: &'v Value, fits: &mut dyn FnMut(&Value) -> bool, places: &mut Places<'v>) {
    let mut inside = |step, part: &'v Value| {
        places.path.push(step);
        refused(part, fits, places);
        places.path.pop();
    };
    match value {
        Value::Link(_) => {}
        Value::Shared(shared) => refused(&shared.value, fits, places),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(at, part)| inside(Step::Index(at), part));
        }
        Value::Set(set) => {
            set.iter().enumerate().for_each(|(at, part)| inside(Step::Index(at), part));
        }
        Value::Hash(hash) => {
            for (key, part) in hash {
                inside(Step::Key(key), key);
                inside(Step::Key(key), part);
            }
        }
        Value::Decorated(decorated) => {
            let empty = match decorated.value.core() {
                Value::Array(_) => Value::Array(Vec::new()),
                Value::Hash(_) => Value::Hash(Hash::new()),
                value => value.clone(),
            };
            let bare = Decorated { ivars: Vec::new(), value: empty, ..(**decorated).clone() };
            match fits(&bare.into()) {
                true => refused(&decorated.value, fits, places),
                false => places.lose(|| class_of(value), || Becomes::Impossible),
            }
        }
        leaf if fits(leaf) => {}
        leaf => places.lose(|| class_of(leaf), || Becomes::Impossible),
    }
}

struct Compare<'v> {
    /// Of what was written, and of what is read.
    links: [Links<'v>; 2],
    /// The links that are being followed.
    open: BTreeSet<(usize, Label)>,
    /// How many values are still compared that stand elsewhere too.
    budget: usize,
    places: Places<'v>,
}

impl<'v> Compare<'v> {
    fn value(&mut self, written: &'v Value, read: &'v Value) {
        if !self.open.is_empty() {
            match self.budget.checked_sub(1) {
                Some(left) => self.budget = left,
                None => return,
            }
            // The rest is not looked at, and said once to be another value.
            if self.budget == 0 {
                return self.places.lose(|| class_of(written), || Becomes::Another);
            }
        }
        let mut opened = Vec::new();
        let (written, read) =
            (self.follow(0, written, &mut opened), self.follow(1, read, &mut opened));
        if let (Some(written), Some(read)) = (written, read) {
            self.followed(written, read);
        }
        for link in opened {
            self.open.remove(&link);
        }
    }

    /// The value behind labels and links; `None` inside itself.
    fn follow(
        &mut self,
        side: usize,
        value: &'v Value,
        opened: &mut Vec<(usize, Label)>,
    ) -> Option<&'v Value> {
        let (label, target) = match value {
            Value::Shared(shared) => (shared.label, &shared.value),
            Value::Link(label) => (*label, self.links.get(side)?.get(*label)?),
            _ => return Some(value),
        };
        if !self.open.insert((side, label)) {
            return None;
        }
        opened.push((side, label));
        self.follow(side, target, opened)
    }

    fn followed(&mut self, written: &'v Value, read: &'v Value) {
        match (written, read) {
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                self.items(ours.iter().zip(theirs));
            }
            (Value::Hash(ours), Value::Hash(theirs)) => self.hash(written, ours, theirs),
            (Value::Decorated(ours), theirs) => self.decorated(ours, theirs),
            (Value::Time(ours), Value::Time(theirs)) if same_time(ours, theirs) => {}
            (Value::TimeWithZone(ours), Value::TimeWithZone(theirs))
                if same_time(&ours.utc, &theirs.utc) && ours.zone == theirs.zone => {}
            (Value::Range(ours), Value::Range(theirs)) if ours.bound == theirs.bound => {
                self.at(Step::Name("begin"), &ours.begin, &theirs.begin);
                self.at(Step::Name("end"), &ours.end, &theirs.end);
            }
            (Value::Complex(ours), Value::Complex(theirs)) => {
                self.at(Step::Name("real"), &ours.real, &theirs.real);
                self.at(Step::Name("imaginary"), &ours.imaginary, &theirs.imaginary);
            }
            _ => self.typed(written, read),
        }
    }

    /// What Marshal may have as an object and MessagePack as an extension.
    fn typed(&mut self, written: &'v Value, read: &'v Value) {
        if let (Some(ours), Some(theirs)) = (elements(written), elements(read))
            && ours.len() == theirs.len()
        {
            return self.items(ours.into_iter().zip(theirs));
        }
        if let (Value::Object(ours), Value::TimeWithZone(theirs)) = (written, read)
            && let Some(ours) = self.links.first().and_then(|links| TimeWithZone::of(ours, links))
            && same_time(&ours.utc, &theirs.utc)
            && ours.zone == theirs.zone
        {
            return;
        }
        if let (Some(ours), Some(theirs)) = (seconds(written), seconds(read)) {
            return self.at(Step::Name("value"), ours, theirs);
        }
        let text = |value| named_text(value).filter(|(_, text)| text.is_some());
        let same = text(written).is_some_and(|ours| Some(ours) == text(read));
        if !same && written != read {
            self.differ(written, read);
        }
    }

    fn items(&mut self, pairs: impl Iterator<Item = (&'v Value, &'v Value)>) {
        for (at, (written, read)) in pairs.enumerate() {
            self.at(Step::Index(at), written, read);
        }
    }

    fn hash(&mut self, written: &'v Value, ours: &'v Hash, theirs: &'v Hash) {
        if ours.len() != theirs.len() || ours.comparison() != theirs.comparison() {
            return self.places.lose(|| class_of(written), || Becomes::Another);
        }
        if ours.default_value().is_some() && theirs.default_value().is_none() {
            self.places.lose(|| "the default of the Hash".into(), || Becomes::Nothing);
        }
        for ((key, ours), (other, theirs)) in ours.iter().zip(theirs) {
            self.at(Step::Key(key), key, other);
            self.at(Step::Key(key), ours, theirs);
        }
    }

    fn decorated(&mut self, ours: &'v Decorated, read: &'v Value) {
        let (theirs, inside) = match read {
            Value::Decorated(theirs) => (Some(theirs), &theirs.value),
            _ => (None, read),
        };
        let what = || class_of(&ours.value);
        if theirs.and_then(|theirs| theirs.class.as_ref()) != ours.class.as_ref() {
            let class = ours.class.as_ref().map_or_else(what, text::class_name);
            self.places.lose(|| format!("the class {class}"), || Becomes::Nothing);
        }
        if theirs.map_or(&[][..], |theirs| theirs.ivars.as_slice()) != ours.ivars.as_slice() {
            let what = || format!("the instance variables of the {}", what());
            self.places.lose(what, || Becomes::Nothing);
        }
        if theirs.map_or(&[][..], |theirs| theirs.extended.as_slice()) != ours.extended.as_slice() {
            self.places.lose(|| format!("the modules of the {}", what()), || Becomes::Nothing);
        }
        self.value(&ours.value, inside);
    }

    fn at(&mut self, step: Step<'v>, written: &'v Value, read: &'v Value) {
        self.places.path.push(step);
        self.value(written, read);
        self.places.path.pop();
    }

    fn differ(&mut self, written: &Value, read: &Value) {
        let becomes = || match read {
            Value::Array(_) | Value::Hash(_) | Value::Object(_) | Value::Decorated(_) => {
                Becomes::Another
            }
            // One that looks the same differs in what is not seen.
            read if text::short(written) == text::short(read) => Becomes::Another,
            read => Becomes::Scalar(read.clone()),
        };
        self.places.lose(|| class_of(written), becomes);
    }
}

/// The same instant by the same clock.
fn same_time(ours: &Time, theirs: &Time) -> bool {
    let instant = |time: &Time| (time.unix_seconds(), time.subsec_nanos(), time.utc_offset());
    instant(ours) == instant(theirs) && ours.rest() == theirs.rest()
}

fn elements(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Set(set) => Some(set.iter().collect()),
        Value::Object(object) if object.class.is("Set") => {
            Some(object.get("@hash")?.as_hash()?.iter().map(|(element, _)| element).collect())
        }
        _ => None,
    }
}

/// What `ActiveSupport::Duration#==` compares.
fn seconds(value: &Value) -> Option<&Value> {
    match value {
        Value::Duration(duration) => Some(&duration.value),
        Value::Object(object) => match (&**object, &object.body) {
            (Object { class, .. }, Body::Ivars(_)) if class.is("ActiveSupport::Duration") => {
                object.get("@value")
            }
            _ => None,
        },
        _ => None,
    }
}

/// A URI, an address or a zone, by its kind and its text.
fn named_text(value: &Value) -> Option<(&'static str, Option<String>)> {
    Some(match value {
        Value::Uri(text) => ("URI", text.to_utf8().map(String::from)),
        Value::IpAddr(text) => ("IPAddr", text.to_utf8().map(String::from)),
        Value::TimeZone(name) => ("ActiveSupport::TimeZone", name.to_utf8().map(String::from)),
        Value::Object(object) => match object.class.as_str()? {
            "IPAddr" => ("IPAddr", object.text()),
            "ActiveSupport::TimeZone" => ("ActiveSupport::TimeZone", object.text()),
            _ => ("URI", Some(object.text()?)),
        },
        _ => return None,
    })
}
