//! Requests that are wrong, and what sealing takes.

use crate::process::{answer, read, text};

#[test]
fn a_request_that_is_wrong_is_an_error_and_shows_no_secret() {
    let secret = "a-secret-that-no-one-may-see-000000";
    for (config, message) in [
        (format!("\"{secret}\""), "config must be an object"),
        (format!("[\"{secret}\"]"), "config must be an object"),
        (format!("{{\"secret_key_base\":[\"{secret}\"]}}"), "must be a string"),
        (format!("{{\"secret_hex\":\"{secret}\",\"codec\":\"verifier\"}}"), "not hexadecimal"),
        (format!("{{\"secret_key_base\":\"{secret}\",\"nope\":1}}"), "nope"),
        (format!("{{\"secret_key_base\":\"{secret}\",\"cookies_digest\":\"CRC\"}}"), "digest"),
        (
            format!("{{\"secret_key_base\":\"{secret}\",\"rotations\":{{\"both\":[]}}}}"),
            "no key \"both\"",
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
        ("credentials", r#"{"key":"KEYx","x":1}"#, "", "no key \"x\""),
        ("csrf", "{}", "", "session_token is missing"),
        ("csrf", r#"{"session_token":"KEY"}"#, "", "no token of this version"),
        ("csrf", r#"{"session_token":"KEY"}"#, r#","kind":"signed""#, "no token of this version"),
        ("csrf", "{}", r#","kind":"signed""#, "kind must be"),
        ("signed_id", r#"{"secret_key_base":"KEY"}"#, "", "give purpose, or model"),
        ("signed_id", r#"{"secret_key_base":"KEY","codec":"verifier"}"#, "", "codec"),
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
            "no key \"cipher\"",
        ),
        (
            "message_verifiers",
            r#"{"salt":"s","secret_hex":"KEY","secret_key_base":"KEY"}"#,
            "",
            "give one of",
        ),
        ("message_encryptors", r#"{"salt":"s","secret_hex":"KEY"}"#, "", "32 bytes, not 16"),
        ("serializer", r#"{"serializer":"KEY"}"#, "", "serializer"),
        ("serializer", r#"{"secret":"KEY"}"#, "", "secret"),
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
    let reason = |answer: &railjar::Value| text(answer, "reason").to_owned();
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
