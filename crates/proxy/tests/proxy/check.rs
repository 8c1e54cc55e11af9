//! `--check`: what is wrong, where, and what to do.

use std::{env, fs, process};

use crate::support::Proxy;

const GOOD: &str = r#"[server]
listen = ["127.0.0.1:3000"]

[[pools]]
name = "app"
servers = ["127.0.0.1:3001"]
format = "old"

[edge.session]
name = "_app_session"

[[edge.signed_in]]
preset = "devise"

[edge.formats.old]
rails = "6.1"
secrets.secret_key_base = { env = "PATH" }

[edge.formats.new]
rails = "7.2"
secrets.secret_key_base = { env = "PATH" }
"#;

fn check(config: &str) -> (bool, String) {
    let name = format!("railjar-proxy-check-{}-{:p}.toml", process::id(), config);
    let file = env::temp_dir().join(name);
    fs::write(&file, config).unwrap();
    let output = Proxy::command(&file).arg("--check").output().unwrap();
    fs::remove_file(&file).unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap().replace(file.to_str().unwrap(), "proxy.toml");
    (output.status.success(), text)
}

#[test]
fn what_is_good() {
    let good = "proxy.toml: good (1 servers in 1 pools, 2 formats)\n";
    assert_eq!(check(GOOD), (true, good.into()));
}

#[test]
fn what_is_wrong() {
    for (from, to, message) in [
        ("listen =", "lisen =", "line 2: unknown field `lisen`\n  try: did you mean listen?"),
        ("[server]", "[sever]", "line 1: unknown field `sever`\n  try: did you mean server?"),
        (
            "127.0.0.1:3001",
            "127.0.0.1",
            "line 6: \"127.0.0.1\" is not a server\n  try: a host and a port, as \"127.0.0.1:3001\"",
        ),
        (
            "servers = [",
            "servers = [\"127.0.0.1:3001\", ",
            "line 6: 127.0.0.1:3001 stands in two places",
        ),
        (
            "format = \"old\"",
            "format = \"olds\"",
            "line 7: there is no format \"olds\"\n  try: did you mean \"old\"?",
        ),
        (
            "format = \"old\"",
            "format = \"zzz\"",
            "line 7: there is no format \"zzz\"\n  try: one of old, new, learned, or a table \
             [edge.formats.zzz]",
        ),
        (
            "format = \"old\"",
            "",
            "pool \"app\" has no format\n  try: format = one of old, new, learned",
        ),
        ("rails = \"6.1\"", "rails = \"6.3\"", "unknown Rails version"),
        ("\"PATH\"", "\"NO_SUCH_VARIABLE\"", "environment variable NO_SUCH_VARIABLE is not set"),
        ("{ env = \"PATH\" }", "{ file = \"none.txt\" }", "none.txt: No such file"),
        ("{ env = \"PATH\" }", "{ stdin = true }", "a file or the environment"),
        ("preset = \"devise\"", "preset = \"device\"", "did you mean devise?"),
        ("[edge.formats.old]", "[edge.formats.learned]", "a format cannot be called \"learned\""),
        ("[edge.session]\nname = \"_app_session\"", "", "session"),
        (
            "[server]",
            "timeouts.header = 10\n[server]",
            "line 1: invalid value: integer `10`, expected a time",
        ),
        ("[server]", "timeouts.header = \"0s\"\n[server]", "a timeout of 0"),
        ("[server]", "limits.header_bytes = \"1KB\"\n[server]", "at least 8KB"),
        ("[server]", "limits.body_bytes = \"1TB\"\n[server]", "a number of bytes"),
        ("[server]", "retry.attempts = 0\n[server]", "at least 1"),
        ("[server]", "balance = \"round\"\n[server]", "line 1: unknown variant `round`"),
        ("[server]", "forwarded.trusted = [\"10.0.0.0/99\"]\n[server]", "line 1"),
        ("[server]", "learn.path = \"up\"\n[server]", "a path, as"),
        ("listen = [\"127.0.0.1:3000\"]", "", "there is nothing to listen on"),
        ("listen = [\"127.0.0.1:3000\"]", "listen = [\"here\"]", "line 2: invalid socket address"),
        (
            "[server]",
            "[server.tls]\nlisten = [\"127.0.0.1:0\"]\ncertificate = \"no.pem\"\nkey = \"no.pem\"\n[server]",
            "no.pem",
        ),
        ("[[pools]]", "[[pools]", "line 4"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let (good, text) = check(&GOOD.replacen(from, to, 1));
        assert!(!good && text.contains(message), "{to}: expected {message:?}, found\n{text}");
    }
}

#[test]
fn no_file() {
    let output = Proxy::command("none.toml".as_ref()).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: none.toml: No such file or directory (os error 2)\n"
    );
}
