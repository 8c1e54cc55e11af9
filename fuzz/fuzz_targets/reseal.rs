//! What is sealed opens to the same; changed by one byte, it does not open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rails::Strictness;
use railjar::{Expected, Metadata, OpenError, Opened, Scratch, Serializer};
use railjar_fuzz::codecs::NOW;
use railjar_fuzz::{APPS, Input, SPECS};

/// The fuzzer chooses the vectors too.
struct Chosen(u8);

impl Entropy for Chosen {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for byte in out {
            *byte = self.0;
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
        }
        Ok(())
    }
}

/// One change that is a change.
fn change(message: &str, input: &mut Input<'_>) -> Vec<u8> {
    let mut changed = message.as_bytes().to_vec();
    let at = input.word() % (changed.len() + 1);
    let byte = input.byte();
    match input.byte() % 4 {
        0 if at < changed.len() => changed[at] ^= byte.max(1),
        1 => changed.truncate(at.min(changed.len() - 1)),
        2 if at < changed.len() => drop(changed.remove(at)),
        _ => changed.insert(at, byte),
    }
    changed
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let spec = input.pick(&SPECS);
    let app = &APPS[input.word() % APPS.len()];
    let which = input.pick(app.jars());
    let entropy = input.byte();
    let (changes, rest) = input.rest().split_at(input.rest().len().min(4));
    input = Input(rest);
    let name = input.text();
    // Rails takes blank data for no message.
    let payload: &[u8] = if input.rest().is_empty() { b"1" } else { input.rest() };
    let mut scratch = Scratch::new();

    // What reads JSON alone refuses the rest; metadata came with 5.2.
    if spec.serializer == Serializer::Null {
        let codec = spec.build();
        let (metadata, expected) = match spec.has_metadata() {
            true => (
                Metadata::none().purpose(&name).expires_at(NOW.plus_seconds(1)),
                Expected::Purpose(&name),
            ),
            false => (Metadata::none(), Expected::NoPurpose),
        };
        let sealed = codec.seal_payload(payload, &metadata, &mut Chosen(entropy)).expect("sealed");
        let opened = codec.open_in(&mut scratch, sealed.as_bytes(), expected, NOW).expect("opens");
        assert_eq!(opened.payload().as_bytes(), payload);
        let changed = change(&sealed, &mut Input(changes));
        let opened = codec.open_in(&mut scratch, &changed, expected, NOW);
        judge(&sealed, spec.strictness, payload, opened);
    }

    let jar = app.jar(which, &name);
    let expires = Some(NOW.plus_seconds(1));
    let Ok(sealed) = jar.seal_payload(payload, expires, &mut Chosen(entropy)) else {
        return; // too long for a cookie
    };
    // Refused if it is in a format that this app does not read; and where no envelope is put
    // around it, the payload may be one itself.
    let Ok(opened) = jar.open(sealed.as_bytes(), NOW) else { return };
    if app.binds_names {
        assert_eq!(opened.payload().as_bytes(), payload);
    }
    let changed = change(sealed.as_str(), &mut Input(changes));
    let reopened = jar.open_in(&mut scratch, &changed, NOW);
    judge(sealed.as_str(), app.strictness, opened.payload().as_bytes(), reopened);
});

/// A strict reader refuses every change. Rails' own leniency may let junk through, never another
/// payload.
fn judge(
    sealed: &str,
    strictness: Strictness,
    payload: &[u8],
    opened: Result<Opened<'_>, OpenError>,
) {
    match (strictness, opened) {
        (_, Err(_)) => {}
        (Strictness::Strict, Ok(_)) => panic!("opened though changed: {sealed}"),
        (Strictness::AsRails, Ok(opened)) => assert_eq!(opened.payload().as_bytes(), payload),
    }
}
