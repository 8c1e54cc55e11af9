//! What may be said of JSON that is not as it should be. Serde quotes what it found there, which may
//! be a secret; nothing of that goes into an answer.

/// What was expected, and where.
pub(super) fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let (text, place) = match text.strip_suffix(&place) {
        Some(text) => (text, format!(" at byte {}", error.column())),
        None => (&*text, String::new()),
    };
    match text.rsplit_once(", expected ") {
        // `invalid type: string "what was sent", expected a boolean`.
        Some((_, expected)) => format!("expected {expected}{place}"),
        None if error.is_data() && !is_plain(text) => format!("not as it should be{place}"),
        None => format!("{text}{place}"),
    }
}

/// Whether an error holds nothing of what was sent: the library's own, and what names our fields.
fn is_plain(text: &str) -> bool {
    let quoting = ["invalid ", "unknown field ", "unknown variant "];
    !quoting.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_expected_is_told() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its errors are looked at")]
        struct Shape {
            flag: bool,
        }
        for (text, told_of_it) in [
            (r#"{"flag":"secret, expected x"}"#, "expected a boolean at byte "),
            (r#"{"flag":true,"flag":true}"#, "duplicate field `flag` at byte "),
            (r#"{"flag":secret}"#, "expected value at byte 9"),
            ("{}", "missing field `flag` at byte 2"),
        ] {
            let told = told(&serde_json::from_str::<Shape>(text).unwrap_err());
            assert!(told.starts_with(told_of_it) && !told.contains("secret"), "{told}");
        }
    }
}
