//! `railjar keys`.

use anstyle::{AnsiColor, Style};
use railjar::SecretKeyBase;
use railjar::rails::DerivedKey;
use serde_json::json;

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
    let keys = app.profile.keys(&secrets)?;
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
    let mut line = json!({
        "name": key.purpose().name(),
        "salt": key.salt(),
        "digest": key.digest().name(),
        "iterations": key.iterations(),
        "length": key.key().expose().len(),
        "fingerprint": key.key().fingerprint(),
        "rotated_secret": !key.is_derived_from(base),
    });
    if let Some(fields) = line.as_object_mut().filter(|_| reveal) {
        fields.insert("key_hex".into(), json!(hex(key)));
    }
    format!("{line}\n")
}

fn hex(key: &DerivedKey) -> String {
    key.key().expose().iter().map(|byte| format!("{byte:02x}")).collect()
}
