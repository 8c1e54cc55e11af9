//! `railjar credentials` on real files: what is written, and what must never be left behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// An app's config folder, and a folder for temporary files that must stay empty.
struct App {
    root: TempDir,
}

impl App {
    fn new() -> Self {
        let app = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir(app.path("tmp")).unwrap();
        app
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("config/credentials.yml.enc")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_railjar"));
        command.arg("credentials").args(args).current_dir(self.root.path());
        command.env("TMPDIR", self.path("tmp"));
        for name in ["RAILS_MASTER_KEY", "VISUAL", "EDITOR"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(args).spawn().unwrap();
        // It may end without reading.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn write(&self, content: &[u8]) {
        let output = self.run(&["write", "--new"], content);
        assert!(output.status.success(), "{output:?}");
    }

    /// A script for an editor, which gets the file as `$1`. It stays in its file while it runs.
    fn editor(&self, script: &str) -> String {
        fs::write(self.path("editor"), script).unwrap();
        format!("sh {}", self.path("editor").display())
    }

    fn edit(&self, args: &[&str], script: &str) -> Output {
        let output = self.command(args).env("EDITOR", self.editor(script)).output().unwrap();
        assert_eq!(fs::read_dir(self.path("tmp")).unwrap().count(), 0, "{output:?}");
        output
    }

    fn show(&self) -> Vec<u8> {
        let output = self.run(&["show"], b"");
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_written_is_shown() {
    let app = App::new();
    for content in [&b"secret_key_base: 0f8d\n"[..], b"no newline: 1", b"bytes: \xff\x00\n"] {
        app.write(content);
        assert_eq!(app.show(), content);
    }
    assert!(!fs::read(app.file()).unwrap().ends_with(b"\n"));
}

#[test]
fn a_new_app_gets_a_key_that_only_its_owner_reads() {
    let app = App::new();
    let output = app.edit(&["edit", "--new", "-e", "production"], "exit 3");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!app.path("config/credentials/production.key").exists());

    let output =
        app.edit(&["edit", "--new"], "grep -q '^secret_key_base: [0-9a-f]\\{128\\}$' \"$1\"");
    assert!(output.status.success(), "{output:?}");
    let key = app.path("config/master.key");
    assert_eq!((mode(&key), fs::read(&key).unwrap().len()), (0o600, 32));

    // A key that is there is never replaced, and no new one reads an old file.
    let before = fs::read(&key).unwrap();
    app.write(b"a: 1\n");
    assert_eq!(fs::read(&key).unwrap(), before);
    fs::remove_file(&key).unwrap();
    let output = app.run(&["write", "--new"], b"a: 2\n");
    assert!(!output.status.success() && !key.exists(), "{output:?}");
}

#[test]
fn an_editor_sees_a_private_file_and_leaves_nothing() {
    let app = App::new();
    app.write(b"a: 1\n");
    let script = "stat -c %a \"$1\" \"$(dirname \"$1\")\" > modes; basename \"$1\" >> modes
                  cp \"$1\" \"$1~\"; echo 'b: 2' >> \"$1\"";
    let output = app.edit(&["edit"], script);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read_to_string(app.path("modes")).unwrap(), "600\n700\ncredentials.yml\n");
    assert_eq!(app.show(), b"a: 1\nb: 2\n");

    let before = fs::read(app.file()).unwrap();
    for (script, expected) in [
        ("exit 0", "unchanged"),
        ("echo 'c: 3' >> \"$1\"; exit 1", "nothing was saved"),
        ("rm \"$1\"", "No such file"),
        ("kill -9 $$", "nothing was saved"),
    ] {
        let output = app.edit(&["edit"], script);
        assert!(told(&output).contains(expected), "{script}: {output:?}");
        assert_eq!(fs::read(app.file()).unwrap(), before);
    }

    let output = app.edit(&["edit"], "echo 'x: \"hunter2' > \"$1\"");
    assert!(output.status.success() && told(&output).contains("it is not YAML"), "{output:?}");
    assert!(!told(&output).contains("hunter2"));
}

#[test]
fn nothing_is_left_where_the_program_is_stopped() {
    let app = App::new();
    app.write(b"a: 1\n");
    let wait = "echo 'b: 2' >> \"$1\"; touch started; while [ ! -e go ]; do sleep 0.05; done";
    let (started, go) = (app.path("started"), app.path("go"));
    for (signal, saved) in [("-INT", true), ("-TERM", false), ("-HUP", false)] {
        let _ = (fs::remove_file(&started), fs::remove_file(&go));
        let child = app.command(&["edit"]).env("EDITOR", app.editor(wait)).spawn().unwrap();
        while !started.exists() {
            sleep(Duration::from_millis(20));
        }
        assert!(
            Command::new("kill")
                .args([signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        sleep(Duration::from_millis(50));
        fs::write(&go, "").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.success(), saved, "{signal}: {output:?}");
        assert_eq!(fs::read_dir(app.path("tmp")).unwrap().count(), 0, "{signal}");
    }
    assert_eq!(app.show(), b"a: 1\nb: 2\n");
}

#[test]
fn a_file_is_replaced_where_it_lies_with_its_permissions() {
    let app = App::new();
    app.write(b"a: 1\n");
    let real = app.path("config/real.enc");
    fs::rename(app.file(), &real).unwrap();
    fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
    symlink("real.enc", app.file()).unwrap();
    app.write(b"a: 2\n");
    assert!(fs::symlink_metadata(app.file()).unwrap().is_symlink());
    assert_eq!((mode(&real), app.show()), (0o640, b"a: 2\n".to_vec()));
    // Nothing but the file, its link and the key.
    assert_eq!(fs::read_dir(app.path("config")).unwrap().count(), 3);
    // Nothing is no content.
    assert!(!app.run(&["write"], b"\n").status.success());
    assert_eq!(app.show(), b"a: 2\n");
}

#[test]
fn a_file_is_not_replaced_under_another_key() {
    let app = App::new();
    app.write(b"a: 1\n");
    let before = fs::read(app.file()).unwrap();
    let other = "ffeeddccbbaa99887766554433221100";
    let write = |args: &[&str]| {
        let mut child = app.command(args).env("RAILS_MASTER_KEY", other).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(b"a: 2\n");
        child.wait_with_output().unwrap()
    };
    for args in [&["write"][..], &["write", "--new"]] {
        let output = write(args);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let told = told(&output);
        assert!(told.contains("in RAILS_MASTER_KEY") && told.contains("--overwrite"), "{told}");
        assert_eq!(fs::read(app.file()).unwrap(), before);
    }
    assert_eq!(app.show(), b"a: 1\n");
    assert!(write(&["write", "--overwrite"]).status.success());
    assert_eq!(app.run(&["show"], b"").status.code(), Some(3));
}
