//! Compares a value with Ruby's description of the object that was dumped.

use railjar::value::{Body, Comparison, Links, ModuleKind, RubyString, Symbol, Value};
use serde_json::Value as Json;

/// How much was compared, and how.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Compared {
    /// Values that were compared part by part.
    pub(crate) parts: usize,
    /// Values of which Ruby's `inspect` was compared.
    pub(crate) inspected: usize,
    /// Objects of which only the class could be compared.
    pub(crate) opaque: usize,
    /// Hashes so deep that Ruby stopped describing, and left them empty.
    pub(crate) stopped: usize,
    /// How deep it is now.
    pub(crate) depth: usize,
}

type Outcome = Result<(), String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Outcome {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: {ours:?}, not {theirs:?}")) }
}

pub(crate) fn compare<'v>(
    value: &'v Value,
    description: &Json,
    links: &Links<'v>,
    compared: &mut Compared,
) -> Outcome {
    compared.depth += 1;
    compare_one(value, description, links, compared)?;
    compared.depth -= 1;
    Ok(())
}

fn compare_one<'v>(
    value: &'v Value,
    description: &Json,
    links: &Links<'v>,
    compared: &mut Compared,
) -> Outcome {
    let value = links.follow(value);
    let kind = description["t"].as_str().unwrap();
    if kind == "…" {
        return Ok(()); // Ruby stopped describing here.
    }
    compared.parts += 1;
    let decorated = value.as_decorated();
    let class = decorated.and_then(|decorated| decorated.class.as_ref());
    let extended = decorated.map(|decorated| decorated.extended.as_slice()).unwrap_or_default();
    let ivars = decorated.map(|decorated| decorated.ivars.as_slice()).unwrap_or_default();
    let text = |name: &str| description[name].as_str().unwrap_or_default();

    if !description["extended"].is_null() || !extended.is_empty() {
        let modules = Json::from_iter(extended.iter().map(|module| module.as_str().unwrap()));
        same("extended", &modules, &description["extended"])?;
    }
    match (kind, value.core()) {
        ("nil", Value::Nil) => Ok(()),
        ("true", Value::Bool(true)) | ("false", Value::Bool(false)) => Ok(()),
        ("fixnum" | "bignum", Value::Integer(integer)) => {
            same("integer", integer.to_string().as_str(), text("v"))
        }
        ("float", Value::Float(float)) => {
            same("float", format!("{:016x}", float.to_bits()).as_str(), text("bits"))
        }
        ("string", Value::String(string)) => {
            string_is(string, text("hex"), text("enc"))?;
            class_is(class, description)?;
            fields(ivars, &description["ivars"], links, compared)
        }
        ("symbol", Value::Symbol(symbol)) => string_is(symbol.name(), text("v_hex"), text("enc")),
        ("array", Value::Array(values)) => {
            class_is(class, description)?;
            let described = description["v"].as_array().unwrap();
            same("length", values.len(), described.len())?;
            let mut pairs = values.iter().zip(described);
            pairs.try_for_each(|(value, described)| compare(value, described, links, compared))
        }
        ("hash", Value::Hash(hash)) => {
            class_is(class, description)?;
            let described = description["v"].as_array().unwrap();
            if described.is_empty() && compared.depth >= 14 {
                compared.stopped += 1;
                return Ok(());
            }
            same("length", hash.len(), described.len())?;
            for ((key, value), described) in hash.iter().zip(described) {
                compare(key, &described[0], links, compared)?;
                compare(value, &described[1], links, compared)?;
            }
            let identity = hash.comparison() == Comparison::ByIdentity;
            same("identity", identity, description["compare_by_identity"] == true)?;
            match (hash.default_value(), &description["default"]) {
                (None, Json::Null) => Ok(()),
                (Some(value), described @ Json::Object(_)) => {
                    compare(value, described, links, compared)
                }
                (ours, theirs) => Err(format!("default {ours:?}, not {theirs}")),
            }
        }
        ("time", Value::Time(time)) => {
            same("seconds", Some(time.unix_seconds()), description["unix"].as_i64())?;
            let nanoseconds = u64::from(time.subsec_nanos());
            same("nanoseconds", Some(nanoseconds), description["nsec"].as_u64())?;
            same("utc", Some(time.is_utc()), description["utc"].as_bool())?;
            same("offset", Some(time.utc_offset().into()), description["offset"].as_i64())?;
            if time.rest().is_some() {
                let fraction = format!(" {} ", text("subsec"));
                same("fraction", value.to_string().contains(&fraction), true)?;
            }
            // Ruby names UTC even where the dump has no name for it.
            let zone = time.zone().and_then(RubyString::as_str).filter(|name| !name.is_empty());
            let zone = if time.is_utc() { Some("UTC") } else { zone };
            same("zone", zone, description["zone"].as_str())
        }
        ("time", Value::TimeWithZone(time)) => {
            same("seconds", Some(time.utc.unix_seconds()), description["unix"].as_i64())?;
            let offset = time.utc_offset().map(i64::from);
            same("offset", offset, description["offset"].as_i64())
        }
        ("regexp", Value::Regexp(regexp)) => {
            class_is(class, description)?;
            string_is(&regexp.source, text("source_hex"), text("enc"))?;
            same("options", Some(i64::from(regexp.options)), description["options"].as_i64())
        }
        ("class" | "module", Value::Module(module)) => {
            same("class", module.kind == ModuleKind::Class, kind == "class")?;
            same("name", module.name.as_str(), Some(text("v")))
        }
        ("userdef", Value::BigDecimal(number)) => {
            let plain = number.to_plain().unwrap_or_else(|| number.to_string());
            same("decimal", plain.as_str(), text("v"))
        }
        ("struct", Value::Object(object)) => {
            same("class", object.class.as_str(), Some(text("class")))?;
            let described = description["v"].as_array().unwrap();
            same("members", object.fields().len(), described.len())?;
            for ((name, value), described) in object.fields().iter().zip(described) {
                same("member", name.as_str(), described[0].as_str())?;
                compare(value, &described[1], links, compared)?;
            }
            Ok(())
        }
        ("object" | "hash", Value::Object(object)) => {
            same("class", object.class.as_str(), Some(text("class")))?;
            match &object.body {
                // An exception's are hidden.
                Body::Ivars(ivars)
                    if !ivars.iter().any(|(name, _)| name.as_str() == Some("bt")) =>
                {
                    fields(ivars, &description["ivars"], links, compared)
                }
                Body::Ivars(_) => {
                    compared.inspected += 1;
                    same("inspect", value.to_string().as_str(), text("inspect"))
                }
                _ => {
                    compared.opaque += 1;
                    Ok(())
                }
            }
        }
        ("object", value) => {
            compared.inspected += 1;
            same("inspect", value.to_string().as_str(), text("inspect"))
        }
        (kind, value) => Err(format!("{value} is no {kind}")),
    }
}

fn string_is(string: &RubyString, hex: &str, encoding: &str) -> Outcome {
    let digits: String = string.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    same("bytes", digits.as_str(), hex)?;
    same("encoding", string.encoding().name(), encoding)
}

fn class_is(class: Option<&Symbol>, description: &Json) -> Outcome {
    same("class", class.and_then(Symbol::as_str), description["class"].as_str())
}

fn fields<'v>(
    fields: &'v [(Symbol, Value)],
    description: &Json,
    links: &Links<'v>,
    compared: &mut Compared,
) -> Outcome {
    let described = description.as_object().cloned().unwrap_or_default();
    same("instance variables", fields.len(), described.len())?;
    for ((name, value), (known, described)) in fields.iter().zip(&described) {
        same("instance variable", name.as_str(), Some(known.as_str()))?;
        compare(value, described, links, compared)?;
    }
    Ok(())
}
