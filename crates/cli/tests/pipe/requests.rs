//! Requests that are wrong, and what sealing takes.

use railjar::Value;

use crate::process::{answer, read, text};

#[test]
fn a_request_that_is_wrong_is_an_error_and_shows_no_secret() {
    let secret = "a-secret-that-no-one-may-see-000000";
    for (config, message) in [
        (format!("\"{secret}\""), "config must be an object"),
        (format!("[\"{secret}\"]"), "config must be an object"),
        (format!("{{\"secret_key_base\":[\"{secret}\"]}}"), "must be a string"),
        (format!("{{\"secret_hex\":\"{secret}\",\"codec\":\"verifier\"}}"), "not hexadecimal"),
        (
            format!("{{\"secret_key_base\":\"{secret}\",\"nope\":1}}"),
            "has an unknown key; expected one",
        ),
        (format!("{{\"secret_key_base\":\"{secret}\",\"cookies_digest\":\"CRC\"}}"), "digest"),
        (
            format!("{{\"secret_key_base\":\"{secret}\",\"rotations\":{{\"both\":[]}}}}"),
            "may stand here: signed, encrypted",
        ),
        ("{}".into(), "no secret"),
    ] {
        let layer = if config.contains("codec") { "message" } else { "cookie" };
        let request = format!(
            r#"{{"id":[1],"op":"open","layer":"{layer}","cookie_name":"c","wire":"x","config":{config}}}"#
        );
        let answer = answer(&request);
        assert_eq!(text(&answer, "result"), "error", "{request}");
        assert!(text(&answer, "message").contains(message), "{answer}");
        assert!(!answer.to_string().contains(secret), "{answer}");
        assert_eq!(answer.get("id").unwrap().to_string(), "[1]");
    }
}

#[test]
fn what_a_layer_misses_is_said_and_no_secret_shown() {
    let secret = "5ec4e75ec4e75ec4e75ec4e75ec4e75e";
    for (layer, config, rest, message) in [
        ("nope", "{}", "", "no such layer"),
        ("credentials", "{}", "", "key is missing"),
        ("credentials", r#"{"key":"KEY5"}"#, "", "16 bytes, not 17"),
        (
            "credentials",
            r#"{"key":"KEYx","x":1}"#,
            "",
            "an unknown key; those that may stand here: key",
        ),
        ("csrf", "{}", "", "session_token is missing"),
        ("csrf", r#"{"session_token":"KEY"}"#, "", "no token of this version"),
        ("csrf", r#"{"session_token":"KEY"}"#, r#","kind":"signed""#, "no token of this version"),
        ("csrf", "{}", r#","kind":"signed""#, "kind must be"),
        ("signed_id", r#"{"secret_key_base":"KEY"}"#, "", "give purpose, or model"),
        ("signed_id", r#"{"secret_key_base":"KEY","codec":"verifier"}"#, "", "unknown key"),
        ("signed_id", r#"{"secret_hex":"KEY","codec":"encryptor"}"#, "", "32 bytes"),
        ("token_for", r#"{"secret_key_base":"KEY"}"#, "", "given_purpose is missing"),
        ("token_for", "{}", "", "secret"),
        ("active_storage", r#"{"secret_key_base":"KEY"}"#, "", "purpose is missing"),
        ("global_id", r#"{"secret_key_base":"KEY","globalid_gem":"new"}"#, "", "globalid_gem"),
        ("message_verifiers", r#"{"secret_key_base":"KEY"}"#, "", "salt is missing"),
        ("message_verifiers", r#"{"salt":"s"}"#, "", "secret"),
        ("message_verifiers", r#"{"salt":"s","secret_generator":"KEY"}"#, "", "secret_generator"),
        ("message_verifiers", r#"{"salt":"s","secret_hex":"KEY","rotations":[]}"#, "", "options"),
        (
            "message_verifiers",
            r#"{"salt":"s","secret_hex":"KEY","rotations":[{"cipher":"aes-256-gcm"}]}"#,
            "",
            "digest, serializer, url_safe",
        ),
        (
            "message_verifiers",
            r#"{"salt":"s","secret_hex":"KEY","secret_key_base":"KEY"}"#,
            "",
            "give one of",
        ),
        ("message_encryptors", r#"{"salt":"s","secret_hex":"KEY"}"#, "", "32 bytes, not 16"),
        (
            "serializer",
            r#"{"serializer":"KEY"}"#,
            "",
            "unknown serializer; there are json, marshal",
        ),
        ("message", r#"{"digest":"KEY"}"#, "", "digest: unknown digest; there are SHA1"),
        ("message", r#"{"cipher":"KEY"}"#, "", "unknown cipher; there are aes-256-gcm"),
        ("serializer", r#"{"secret":"KEY"}"#, "", "unknown key"),
        ("serializer", "{}", r#","hex":"00""#, "one of wire, wire_b64 and hex"),
    ] {
        let config = config.replace("KEY", secret);
        let answer = answer(&format!(
            r#"{{"id":7,"op":"open","layer":"{layer}","wire":"x","config":{config}{rest}}}"#
        ));
        assert_eq!(text(&answer, "result"), "error", "{layer} {config} {answer}");
        assert!(text(&answer, "message").contains(message), "{layer} {config} {answer}");
        assert!(!answer.to_string().contains(secret), "{answer}");
    }
}

/// No byte of what was sent stands in an error, be it a secret in the wrong field.
#[test]
fn an_error_quotes_nothing() {
    let secret = "5ec4e75ec4e75ec4e75ec4e75ec4e75e";
    let config =
        |config: &str| format!(r#"{{"op":"open","cookie_name":"c","wire":"x","config":{config}}}"#);
    for (request, message) in [
        (config(r#"{"use_cookies_with_metadata":"KEY"}"#), "metadata: expected a boolean"),
        (config(r#"{"key_generator_iterations":"KEY"}"#), "key_generator_iterations: expected"),
        (config(r#"{"key_generator_iterations":"KEY, expected KEY"}"#), "expected"),
        (config(r#"{"cookies_serializer":["KEY"]}"#), "cookies_serializer: expected a name"),
        (config(r#"{"cookies_serializer":"KEY"}"#), "unknown serializer; there are json, marshal"),
        (config(r#"{"cookie_serializer":"KEY"}"#), "perhaps cookies_serializer was meant"),
        (config(r#"{"KEY":1}"#), "has an unknown key; expected one of `"),
        (config(r#"{"KEY`KEY":1}"#), "has an unknown key"),
        (config(r#"{"secret_key_base":"s","rotations":{"KEY":1}}"#), "signed, encrypted"),
        (r#"{"op":"open","expires_in":"KEY"}"#.into(), "expected i64 at byte"),
        (r#"{"op":"KEY"}"#.into(), "op must be"),
        (r#"{"op":"open","rails":"KEY"}"#.into(), "unknown Rails version"),
        (r#"{"op":"open","layer":"KEY"}"#.into(), "no such layer"),
        (r#"{"op":"open","wire":["KEY"]}"#.into(), "expected a string"),
        (r#"{"op":"open" KEY}"#.into(), "expected `,` or `}`"),
        ("\"KEY\"".into(), "expected a JSON object"),
        ("KEY".into(), "expected a JSON object"),
        ("[\"KEY\",\"open\"]".into(), "expected a JSON object"),
    ] {
        let answer = answer(&request.replace("KEY", secret));
        assert_eq!(text(&answer, "result"), "error", "{request} {answer}");
        assert!(text(&answer, "message").contains(message), "{request} {answer}");
        assert!(!answer.to_string().contains(&secret[..8]), "{answer}");
    }
}

#[test]
fn a_line_says_first_that_it_is_no_request_and_keeps_its_id() {
    for (request, id, message) in [
        ("[]", None, "expected a JSON object"),
        (r#"[7,"open"]"#, None, "expected a JSON object"),
        (r#"{"id":7,"op":"x"}"#, Some(7_i64), "op must be"),
        (r#"{"id":7,"op":"kdf"}"#, Some(7), "op must be"),
        (r#"{"id":7}"#, Some(7), "op must be"),
        (r#"{"op":"open","wire":5,"id":7}"#, Some(7), "expected a string"),
        (r#"{"id":7,"id":8}"#, None, "duplicate field"),
    ] {
        let answer = answer(request);
        assert_eq!(text(&answer, "result"), "error", "{request} {answer}");
        assert!(text(&answer, "message").contains(message), "{request} {answer}");
        assert_eq!(answer.get("id"), Some(&id.map_or(Value::Nil, Value::from)), "{answer}");
    }
}

/// A message for the wrong use is refused in the words of the protocol.
#[test]
fn ids_of_another_kind_are_refused() {
    let ask = |op: &str, layer: &str, rest: &str| {
        answer(
            &format!(
                r#"{{"op":"{op}","rails":"8.0","layer":"{layer}",{rest},
            "config":{{"secret_key_base":"s","message_serializer":"json"}}}}"#
            )
            .replace('\n', ""),
        )
    };
    let reason = |answer: &Value| text(answer, "reason").to_owned();
    let id = ask("seal", "signed_id", r#""value":7,"model":"Admin::User""#);
    let wire = text(&id, "wire");
    let open = |rest| ask("open", "signed_id", &format!(r#""wire":"{wire}",{rest}"#));
    assert_eq!(text(&open(r#""model":"Admin::User""#), "purpose"), "admin/user");
    assert_eq!(reason(&open(r#""model":"User""#)), "purpose-mismatch");
    assert_eq!(reason(&open(r#""model":"Admin::User","given_purpose":"x""#)), "purpose-mismatch");

    let of = r#""model":"User","given_purpose":"reset","expires_in":60"#;
    let token =
        ask("seal", "token_for", &format!(r#""value":[7],{of},"now":"2026-01-01T00:00:00Z""#));
    let wire = text(&token, "wire");
    let open = |now: &str| {
        ask("open", "token_for", &format!(r#""wire":"{wire}",{of},"now":"2026-01-01T00:{now}Z""#))
    };
    assert_eq!(text(&open("00:59"), "purpose"), "User\nreset\n60");
    assert_eq!(reason(&open("01:00")), "expired");

    // Signed, with a global id's own key, but no URI.
    let none = r#""purpose":"default","value":"gid://app/User/7""#;
    let id = ask("seal", "global_id", none);
    let opened = ask("open", "global_id", &format!(r#""wire":"{}""#, text(&id, "wire")));
    assert_eq!(opened.get("value"), Some(&"gid://app/User/7".into()));
    let number = ask("seal", "global_id", r#""value":7"#);
    assert_eq!(text(&number, "message"), "value must be a string");
    let key = r#""codec":"verifier","secret_hex":"00","serializer":"json""#;
    let sealed = answer(&format!(
        r#"{{"op":"seal","layer":"message","value":7,"purpose":"default","config":{{{key}}}}}"#
    ));
    let wire = text(&sealed, "wire");
    let opened = answer(&format!(
        r#"{{"op":"open","layer":"global_id","wire":"{wire}","config":{{{key}}}}}"#
    ));
    assert_eq!(
        (text(&opened, "kind"), text(&opened, "reason")),
        ("serialization", "type-mismatch")
    );
}

/// Compared with what Rails' own bytes are, in the library's tests; here, that the fields arrive.
#[test]
fn what_is_sealed_opens_and_keeps_order_and_size() {
    let config = r#""cookie_name":"c","config":{"secret_key_base":"s","cookies_serializer":"json",
        "use_authenticated_cookie_encryption":true,"use_cookies_with_metadata":true}"#;
    let config = config.replace('\n', "");
    let value = r#"{"b":1180591620717411303424,"a":[1.0e+20,null,"\u003c"]}"#;
    let sealed = answer(
        &format!(
            r#"{{"op":"seal","rails":"7.1","kind":"encrypted",{config},"value":{value},
           "iv_hex":"000102030405060708090a0b","now":"2026-01-01T00:00:00Z","expires_in":60}}"#
        )
        .replace('\n', ""),
    );
    assert_eq!(text(&sealed, "result"), "ok", "{sealed}");
    let wire = text(&sealed, "wire");
    assert!(wire.contains("--AAECAwQFBgcICQoL--"), "{wire}");
    let open = |now: &str| {
        answer(&format!(
            r#"{{"op":"open","rails":"7.1","kind":"encrypted",{config},"wire":"{wire}","now":"{now}"}}"#
        ))
    };
    let opened = open("2026-01-01T00:00:59Z");
    assert_eq!(opened.get("value"), Some(&read(value)));
    assert_eq!(text(&opened, "expires_at"), "2026-01-01T00:01:00.000Z");
    assert_eq!((text(&opened, "purpose"), text(&opened, "matched")), ("cookie.c", "primary"));
    let refused = open("2026-01-01T00:01:00Z");
    assert_eq!((text(&refused, "kind"), text(&refused, "reason")), ("content", "expired"));
}
