//! Lets a person edit a secret text in their own editor, and leaves nothing of it behind.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs, io};

use railjar::Secret;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::error::{self, Error, Status};

/// `$VISUAL`, or `$EDITOR`.
pub(super) fn named() -> Result<String, Error> {
    let set = |name| env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR")).ok_or_else(|| {
        Error::new("no editor: neither VISUAL nor EDITOR is set")
            .status(Status::Usage)
            .hint("EDITOR=nano railjar credentials edit")
            .hint("EDITOR=\"code --wait\" …: an editor with a window must be told to wait")
    })
}

/// What `content` is after the editor has ended.
pub(super) fn edit(editor: &str, name: &str, content: &[u8]) -> Result<Secret, Error> {
    // From here on, signals only say that nothing is to be saved.
    let stopped = stopped()?;
    let folder = private_folder()?;
    let edited = edit_in(folder.path(), editor, name, content, &stopped);
    let path = folder.path().display().to_string();
    folder.close().map_err(|error| {
        Error::new(format!("the decrypted content could not be removed: {error}"))
            .hint(format!("remove {path}"))
    })?;
    edited
}

fn edit_in(
    folder: &Path,
    editor: &str,
    name: &str,
    content: &[u8],
    stopped: &AtomicBool,
) -> Result<Secret, Error> {
    let path = folder.join(name);
    let failed = |error| error::io("the file to edit", &error);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(failed)?;
    io::Write::write_all(&mut file, content).map_err(failed)?;
    drop(file);
    let status = run(editor, &path)
        .map_err(|error| Error::new(format!("the editor could not be started: {error}")))?;
    if !status.success() {
        return Err(Error::new(format!("the editor failed ({status}); nothing was saved"))
            .hint("check VISUAL and EDITOR"));
    }
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::new("stopped; nothing was saved"));
    }
    Ok(Secret::new(&**Zeroizing::new(fs::read(&path).map_err(failed)?)))
}

/// A folder for this user alone. Editors put their own copies beside the file.
fn private_folder() -> Result<TempDir, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("railjar-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().map_err(|error| error::io("the folder for temporary files", &error))
}

/// The variable is a command with its arguments, as the shell reads it.
#[cfg(unix)]
fn run(editor: &str, path: &Path) -> io::Result<ExitStatus> {
    Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path).status()
}

#[cfg(not(unix))]
fn run(editor: &str, path: &Path) -> io::Result<ExitStatus> {
    let mut words = editor.split_whitespace();
    Command::new(words.next().unwrap_or_default()).args(words).arg(path).status()
}

/// Becomes true when the program is asked to end. An interrupt from the keyboard goes to the editor
/// too, which knows better what it means.
#[cfg(unix)]
fn stopped() -> Result<Arc<AtomicBool>, Error> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

    let (stopped, ignored) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    for (signal, flag) in
        [(SIGINT, &ignored), (SIGQUIT, &ignored), (SIGHUP, &stopped), (SIGTERM, &stopped)]
    {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .map_err(|error| error::io("the handler of signals", &error))?;
    }
    Ok(stopped)
}

#[cfg(not(unix))]
fn stopped() -> Result<Arc<AtomicBool>, Error> {
    Ok(Arc::new(AtomicBool::new(false)))
}
