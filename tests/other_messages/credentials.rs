//! Credentials files, read and written.

use std::collections::BTreeMap;

use railjar::messages::EncryptedFile;
use railjar::rails::Profile;
use railjar::{ConfigError, FormatError, OpenError};

use crate::case::{Case, Fixed, cases, decode};
use crate::differences;

fn file(case: &Case) -> Result<EncryptedFile, ConfigError> {
    let key = case.config("key").as_str().unwrap();
    Profile::new(case.version).encrypted_file(key.as_bytes())
}

/// The IV that Rails drew.
fn iv(wire: &str) -> Fixed {
    Fixed(decode(wire.split("--").nth(1).unwrap()))
}

#[test]
fn every_file_is_read_and_written_again_byte_for_byte() {
    let (mut read, mut refused, mut written) = (0, 0, 0);
    for case in cases("credentials").iter().filter(|case| case.line["kind"] == "credentials") {
        // No file at all: our caller would know.
        let Some(wire) = case.text("wire") else { continue };
        let expected = case.text("expect").unwrap();
        let Ok(file) = file(case) else {
            assert!(expected.ends_with("InvalidMessage") || expected == "ArgumentError");
            refused += 1;
            continue;
        };
        let yaml = match file.open(wire.as_bytes()) {
            Ok(yaml) => yaml,
            Err(OpenError::Format(_)) => {
                assert_eq!(expected, "ActiveSupport::MessageEncryptor::InvalidMessage");
                refused += 1;
                continue;
            }
            Err(error) => panic!("{}: {error:?}", case.name()),
        };
        assert_eq!(expected, "ok", "{}", case.name());
        read += 1;
        let Some(content) = case.bytes("content_b64") else { continue };
        assert_eq!(yaml.expose(), content, "{}", case.name());
        let sealed = match case.text("read_encoding").unwrap() {
            "UTF-8" => file.seal_text(str::from_utf8(&content).unwrap(), &mut iv(wire)),
            _ => file.seal(&content, &mut iv(wire)),
        };
        assert_eq!(sealed.as_deref(), Ok(wire), "{}", case.name());
        written += 1;
    }
    assert_eq!((read, refused, written), (85, 68, 63));
    differences::check("credentials", &BTreeMap::new());
}

#[test]
fn keys_of_the_wrong_length_write_nothing() {
    let writes = cases("credentials");
    let writes = writes.iter().filter(|case| case.line["kind"] == "credentials-write");
    let mut refused = 0;
    for case in writes {
        assert!(case.text("expect").unwrap().starts_with("seal:"));
        let actual = case.config("key").as_str().unwrap().len() / 2;
        assert_eq!(file(case).unwrap_err(), ConfigError::KeyLength { expected: 16, actual });
        refused += 1;
    }
    assert_eq!(refused, 18);
}

/// What the editor's bytes become: Ruby reads them as binary.
#[test]
fn an_edited_file_opens_again() {
    for case in cases("credentials").iter().filter(|case| case.id() == "credentials/unicode") {
        let file = file(case).unwrap();
        let yaml = case.bytes("content_b64").unwrap();
        let sealed = file.seal(&yaml, &mut Fixed(vec![7; 12])).unwrap();
        assert_eq!(file.open(sealed.as_bytes()).unwrap().expose(), yaml);
        for cut in 0..sealed.len() {
            let error = file.open(&sealed.as_bytes()[..cut]).unwrap_err();
            assert!(matches!(error, OpenError::Format(FormatError::Malformed)), "{cut}");
        }
    }
}
