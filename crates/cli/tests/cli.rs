//! Every command's text, errors and exit statuses, as files: `tests/cmd/*`. After a change that is
//! meant, `TRYCMD=overwrite cargo test -p railjar-cli` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/session-7.1");
const OLD_KEY: &str = "000102030405060708090a0b0c0d0e0f";

/// The secret of the example.
fn secret() -> String {
    let text = fs::read_to_string(format!("{EXAMPLE}/secret_key_base.txt")).unwrap();
    text.trim_end().to_owned()
}

#[test]
fn commands_print_what_their_files_say() {
    trycmd::TestCases::new()
        .env("APP_SECRET", secret())
        .env("APP_SECRET_LINE", format!("{}\n", secret()))
        .env("OLD_KEY", OLD_KEY)
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml");
}

/// What the files of the test above show is all that the commands print.
#[test]
fn no_command_prints_a_secret() {
    let secrets = [
        &secret(),
        OLD_KEY,
        "test-only-old-secret",
        "not-in-a-file",
        "0123456789abcdef",
        "hunter2",
        "00112233445566778899aabbccddeeff",
        "ffeeddccbbaa99887766554433221100",
    ];
    for file in fs::read_dir(FOLDER).unwrap() {
        let path = file.unwrap().path();
        if !matches!(
            path.extension().and_then(|it| it.to_str()),
            Some("trycmd" | "stdout" | "stderr")
        ) {
            continue;
        }
        let printed = fs::read_to_string(&path).unwrap();
        for line in printed.lines().filter(|line| !line.starts_with('$')) {
            let shown = secrets.iter().find(|secret| line.contains(**secret));
            assert_eq!(shown, None, "{}", path.display());
        }
    }
}
