//! `railjar credentials`: reads and writes a Rails app's encrypted files, as `rails
//! credentials:show` and `credentials:edit` do.

mod editor;
mod place;
mod yaml;

use std::fs;
use std::path::Path;

use railjar::Secret;
use railjar::entropy::SystemEntropy;
use railjar::messages::EncryptedFile;
use zeroize::Zeroizing;

use self::place::Place;
use crate::args::{self, Credentials};
use crate::error::{self, Error, Status};
use crate::{input, output};

pub(crate) use self::place::secret;

pub(crate) fn run(args: &Credentials) -> Result<(), Error> {
    match args {
        Credentials::Show(place) => {
            let place = Place::new(place);
            output::bytes(place.open()?.expose())
        }
        Credentials::Edit(args) => edit(&Place::new(&args.place), args.new),
        Credentials::Write(args) => write(args),
    }
}

fn edit(place: &Place, new: bool) -> Result<(), Error> {
    // Before anything is made.
    let editor = editor::named()?;
    let exists = place.file.is_file();
    if !exists && !new {
        return Err(place.missing().hint("--new, to make it"));
    }
    let (file, key) = place.sealer(new)?;
    let before = if exists { place.open_with(&file)? } else { template()? };
    writable(&place.file)?;
    let name = place.file.file_name().and_then(|name| name.to_str()).unwrap_or("credentials.yml");
    let after = editor::edit(&editor, name.strip_suffix(".enc").unwrap_or(name), before.expose())?;
    if exists && after.expose() == before.expose() {
        anstream::eprintln!("unchanged: {}", place.file.display());
        return Ok(());
    }
    save(place, &file, key.as_ref(), after.expose())
}

fn write(args: &args::WriteCredentials) -> Result<(), Error> {
    let place = Place::new(&args.place);
    if !place.file.is_file() && !args.new {
        return Err(place.missing().hint("--new, to make it"));
    }
    let (file, key) = place.sealer(args.new)?;
    if place.file.is_file() && !args.overwrite {
        readable(&place, &file)?;
    }
    let content = Zeroizing::new(input::read(None, args.content_file.as_deref())?);
    if content.trim_ascii().is_empty() {
        return Err(Error::new("there is no content to write; nothing was changed")
            .hint("railjar credentials write < credentials.yml, or --content-file PATH"));
    }
    save(&place, &file, key.as_ref(), &content)
}

/// Refuses where the key is not the file's own: what is in it would be lost.
fn readable(place: &Place, file: &EncryptedFile) -> Result<(), Error> {
    match place.open_with(file) {
        Err(error) if error.is(Status::Format) => {
            Err(error.hint("--overwrite, to give up what is in it, and encrypt with this key"))
        }
        // The right key, to content that is no text.
        Err(error) if error.is(Status::Serialization) => Ok(()),
        opened => opened.map(drop),
    }
}

/// What a new file holds.
fn template() -> Result<Secret, Error> {
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    text.extend_from_slice(b"# The secret under all cookies, sessions and signed messages.\n");
    text.extend_from_slice(b"secret_key_base: ");
    // 128 digits, as Rails' own generator makes them.
    for _ in 0..4 {
        text.extend_from_slice(key()?.expose());
    }
    text.push(b'\n');
    Ok(Secret::new(&**text))
}

/// 32 random digits.
fn key() -> Result<Secret, Error> {
    EncryptedFile::generate_key(&mut SystemEntropy)
        .map_err(|_| Error::new("the system gives no random bytes, which a key is made of"))
}

/// Writes the content, and the key that was made for it.
fn save(
    place: &Place,
    file: &EncryptedFile,
    key: Option<&Secret>,
    content: &[u8],
) -> Result<(), Error> {
    let sealed = file.seal(content, &mut SystemEntropy)?;
    // The key first: a file without its key is lost, a key without a file is not.
    if let Some(key) = key {
        place.write_key(key)?;
    }
    replace(&place.file, sealed.as_bytes())?;
    anstream::eprintln!("saved: {}", place.file.display());
    if key.is_some() {
        let path = place.key_file.display();
        anstream::eprintln!("saved: {path}, the key: share it in private, and let git ignore it");
    }
    if let Err(why) = yaml::check(content) {
        error::warn(&format!("{why}; Rails will not load it until that is fixed"));
    }
    Ok(())
}

/// Replaces a file, or makes it, in one step: whoever reads it sees the old content or the new one.
fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let failed = |error| error::io(&path.display().to_string(), &error);
    // Rails follows a link too, and replaces what it leads to.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut new = beside(path)?;
    if let Ok(old) = fs::metadata(path) {
        new.as_file().set_permissions(old.permissions()).map_err(failed)?;
    }
    std::io::Write::write_all(&mut new, content).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    new.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Whether the file can be replaced. To be asked before the editor opens, whose work would be lost.
fn writable(path: &Path) -> Result<(), Error> {
    beside(&fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())).map(drop)
}

/// A new file in the same folder, with what permissions new files have.
fn beside(path: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let failed = |error| error::io(&folder.display().to_string(), &error);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".railjar-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(failed)
}

/// A file that was refused.
fn refused(place: &Place, error: railjar::OpenError) -> Error {
    let file = place.file.display();
    match error {
        railjar::OpenError::Format(_) => {
            let error = Error::new(format!(
                "{file} was not encrypted with the key in {}, or was changed since",
                place.key_source()
            ));
            let error = error.status(Status::Format);
            match place.key_from_default_env() {
                true => error.hint(format!(
                    "unset {}, for the key in {}",
                    place::MASTER_KEY,
                    place.key_file.display()
                )),
                false => error.hint("--key-file PATH or --key-env NAME, with the right key"),
            }
        }
        _ => Error::new(format!("{file} holds something else than text"))
            .status(Status::Serialization),
    }
}
