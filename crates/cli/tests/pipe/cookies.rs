//! Cookies, sessions, messages and keys, beside what Rails made of them.

use railjar::Value;
use railjar::rails::Version;

use crate::case::Case;
use crate::differences;
use crate::process::text;

/// How an answer stands to what Rails did; `Err` where they differ and no rule says so.
pub(crate) fn outcome(
    written: &str,
    version: &str,
    case: &Value,
    answer: &Value,
) -> Result<&'static str, ()> {
    match compare(case, answer) {
        "differs" => {
            let mut case: Case = serde_json::from_str(written).unwrap();
            case.version = Version::from_name(version).unwrap();
            differences::rule(&case, "strict").ok_or(())
        }
        outcome => Ok(outcome),
    }
}

fn compare(case: &Value, answer: &Value) -> &'static str {
    let opened = text(answer, "result") == "ok";
    let value = answer.get("value");
    match text(case, "expect") {
        // There is no message to open.
        unwritten if unwritten.starts_with("seal:") && !opened => "not written by Rails",
        _ if opened && text(case, "id").ends_with("unknown-class-marshal") => "an object as data",
        // Listed as `signed-nil-and-false`, which in Marshal has no name of its own in the ids.
        refused if opened && refused.ends_with("InvalidSignature") && is_nil_or_false(case) => {
            "signed nil or false, which Rails refused"
        }
        "ok" if opened && case.get("value").is_some() && value == case.get("value") => "same value",
        // What JSON cannot say: the library's tests compare it.
        "ok" if opened && case.get("value").is_none() => "opened by both",
        "nil" if value == Some(&Value::Nil) => "nil for both",
        "ok" => "differs",
        _ if text(answer, "result") == "refused" => "refused by both",
        _ => "differs",
    }
}

fn is_nil_or_false(case: &Value) -> bool {
    ["nil", "false"].contains(&text(case, "value_written_ruby"))
}
