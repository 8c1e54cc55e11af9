//! A value over several lines, in Ruby's notation: what fits a line stays on one.

use anstyle::{AnsiColor, Style};
use railjar::Value;

/// The columns that a line may fill.
const WIDTH: usize = 88;

const KEY: Style = AnsiColor::Cyan.on_default();

/// The value, indented by two; a hash with its keys in a column.
pub(super) fn value(value: &Value) -> String {
    let Some(hash) = value.as_hash().filter(|hash| !hash.is_empty()) else {
        return format!("  {}\n", nested(value, 2));
    };
    let names: Vec<_> = hash.iter().map(|(key, _)| name(key)).collect();
    // One long key does not push all values aside.
    let column = names.iter().map(|name| name.chars().count()).filter(|length| *length <= 28).max();
    let column = column.unwrap_or(0);
    let rows = names.iter().zip(hash.iter()).map(|(name, (_, value))| {
        let indent = column.max(name.chars().count()).saturating_add(4);
        format!("  {KEY}{name:<column$}{KEY:#}  {}\n", nested(value, indent))
    });
    rows.collect()
}

/// Text that came with the message, without the quotes that nothing but odd characters need.
pub(crate) fn plain(text: &str) -> String {
    let shown = Value::from(text).to_string();
    let bare = shown.get(1..shown.len().saturating_sub(1)).unwrap_or_default();
    if bare == text && !text.is_empty() { text.to_owned() } else { shown }
}

fn name(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), plain)
}

/// `value` from column `indent` on.
fn nested(value: &Value, indent: usize) -> String {
    let line = value.to_string();
    if line.chars().count().saturating_add(indent) <= WIDTH {
        return line;
    }
    let inner = indent.saturating_add(2);
    let (open, items, close): (_, Vec<String>, _) = match value {
        Value::Array(values) => ("[", values.iter().map(|item| nested(item, inner)).collect(), "]"),
        Value::Hash(hash) => {
            let pair = |(key, value): (&Value, &Value)| {
                let key = format!("{key}=>");
                let value = nested(value, inner.saturating_add(key.chars().count()));
                format!("{key}{value}")
            };
            ("{", hash.iter().map(pair).collect(), "}")
        }
        _ => return line,
    };
    let start = format!("\n{:inner$}", "");
    format!("{open}{start}{}\n{:indent$}{close}", items.join(&format!(",{start}")), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use railjar::serializer::json;

    fn shown(json: &str) -> String {
        let text = value(&json::from_slice(json.as_bytes()).unwrap());
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn what_fits_a_line_stays_on_one() {
        assert_eq!(shown("[1,{\"a\":null}]"), "  [1, {\"a\"=>nil}]\n");
        assert_eq!(shown("{\"a\":1,\"long\":\"x\"}"), "  a     1\n  long  \"x\"\n");
        assert_eq!(shown("{}"), "  {}\n");
    }

    #[test]
    fn what_does_not_is_broken_up() {
        let long = "y".repeat(50);
        assert_eq!(
            shown(&format!("{{\"k\":{{\"a\":[\"{long}\",1],\"b\":\"{long}\"}}}}")),
            format!("  k  {{\n       \"a\"=>[\"{long}\", 1],\n       \"b\"=>\"{long}\"\n     }}\n")
        );
    }

    #[test]
    fn text_that_could_move_the_cursor_is_escaped() {
        assert_eq!(plain("_app"), "_app");
        assert_eq!(plain("a\x1b[2J"), r#""a\e[2J""#);
        assert_eq!(plain(""), "\"\"");
    }
}
