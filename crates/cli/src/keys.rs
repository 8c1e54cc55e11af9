//! `railjar keys`.

use anstyle::{AnsiColor, Style};
use railjar::SecretKeyBase;
use railjar::rails::DerivedKey;

use crate::answer::Answer;
use crate::app::Loaded;
use crate::args::{Format, Keys};
use crate::error::Error;
use crate::output;

const NAME: Style = AnsiColor::Cyan.on_default();
const STRONG: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();

pub(crate) fn run(args: &Keys) -> Result<(), Error> {
    let mut app = Loaded::new(&args.app)?;
    let secrets = app.secrets()?;
    let keys = app.keys(&secrets)?;
    let base = SecretKeyBase::new(app.secret_key_base()?.expose())?;
    output::print(&match args.format {
        Format::Text => text(&keys, &base, args.reveal),
        Format::Json => keys.iter().map(|key| line(key, &base, args.reveal)).collect(),
    })
}

fn text(keys: &[DerivedKey], base: &SecretKeyBase, reveal: bool) -> String {
    let mut text = String::new();
    for key in keys {
        let of = if key.is_derived_from(base) { "" } else { ", from the secret of a rotation" };
        text.push_str(&format!(
            "{STRONG}{}{STRONG:#}  {NAME}{}{NAME:#}{of}\n  {QUIET}salt{QUIET:#} {:?}\
             {QUIET}, {} × {}, {} bytes{QUIET:#}\n",
            key.key().fingerprint(),
            key.purpose().name(),
            key.salt(),
            key.iterations(),
            key.digest().name(),
            key.key().expose().len(),
        ));
        if reveal {
            text.push_str(&format!("  {}\n", hex(key)));
        }
    }
    text
}

fn line(key: &DerivedKey, base: &SecretKeyBase, reveal: bool) -> String {
    let mut out = Vec::new();
    let answer = Answer::of_command(&mut out, "ok")
        .text("name", key.purpose().name())
        .text("salt", key.salt())
        .text("digest", key.digest().name())
        .json("iterations", key.iterations().to_string().as_bytes())
        .json("length", key.key().expose().len().to_string().as_bytes())
        .text("fingerprint", &key.key().fingerprint())
        .flag("rotated_secret", !key.is_derived_from(base));
    let answer = if reveal { answer.text("key_hex", &hex(key)) } else { answer };
    answer.end();
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(key: &DerivedKey) -> String {
    key.key().expose().iter().map(|byte| format!("{byte:02x}")).collect()
}
