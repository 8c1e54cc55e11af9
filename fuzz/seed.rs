//! Writes the fuzz targets' first inputs: of what real Rails wrote, one case of each kind and
//! version. Run in `fuzz/`: `cargo run --example seed`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use railjar_fuzz::naive_base64;
use serde_json::Value;

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/rails-corpus");
    let mut seeds = Seeds { count: 0 };
    let mut files: Vec<_> = fs::read_dir(corpus).expect("the corpus").flatten().collect();
    files.sort_by_key(fs::DirEntry::path);
    for file in files {
        let text = fs::read_to_string(file.path()).expect("UTF-8");
        let mut kinds = BTreeSet::new();
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).expect("JSON");
            let id = case["id"].as_str().unwrap_or_default();
            let kind = id.rsplit_once('/').map_or(id, |(kind, _)| kind);
            if kinds.insert(kind.to_owned()) {
                seeds.case(&case);
            }
        }
    }
    println!("{} seeds", seeds.count);
}

struct Seeds {
    count: usize,
}

impl Seeds {
    fn case(&mut self, case: &Value) {
        let text = |key: &str| case[key].as_str().map(str::as_bytes);
        if let Some(dump) = case["hex"].as_str() {
            return self.dump(&unhex(dump));
        }
        let bytes = |key: &str| naive_base64::strict(text(key)?);
        let name = text("cookie_name").unwrap_or(b"p");
        let purpose = text("purpose").unwrap_or(name);
        // Spreads the seeds over the codecs and versions that the targets choose between.
        let spread = u16::try_from(self.count % 65_521).expect("in range").wrapping_mul(257);
        let choice = spread.to_be_bytes();

        if let Some(wire) = text("wire") {
            self.write("open_anything", &[&choice, &choice, wire]);
            self.write("frame", &[&choice, wire]);
            self.write(
                "base64",
                &[&choice, wire.split(|byte| *byte == b'-').next().unwrap_or(wire)],
            );
            let header = [b"a=1; ", name, b"=", wire, b"; b"].concat();
            self.write("cookie_header", &[&choice, &choice, &counted(name), &header]);
            if text("cookie_name").is_some() {
                self.edge(choice, wire);
            }
        }
        if let Some(set_cookie) = text("set_cookie") {
            self.write("cookie_header", &[&choice, &choice, &counted(name), set_cookie]);
        }
        if let Some(plain) = bytes("plain_b64") {
            self.write("envelope", &[&choice, &counted(purpose), b"\xff", &choice, &plain]);
            self.write("json", &[&plain]);
        }
        if let Some(payload) = bytes("payload_b64") {
            self.dump(&payload);
            self.write("json", &[&payload]);
            self.write("envelope", &[&choice, &counted(purpose), b"\xff", &choice, &payload]);
            let changes = [0, choice[0], 1, choice[1]];
            let choices = [choice, choice, choice].concat();
            self.write("reseal", &[&choices, b"\x00", &changes, &counted(name), &payload]);
        }
    }

    /// A member's session that the target seals itself, and beside it this cookie, both ways.
    fn edge(&mut self, [high, low]: [u8; 2], wire: &[u8]) {
        let formats = [high, low, low, high, 0, low];
        let settings = [low, 0, high, 0, low, 0, high, 0, low];
        let member = [0, 0, low, 0, 2, 1, 7, 0xff, 0xff, 0, 0, 0];
        let header = [b"a=1; o=", wire, b"; s=", wire].concat();
        let set_cookie = counted(&[b"o=", wire].concat());
        self.write("edge", &[&formats, &settings, &[1], &member, &set_cookie, &header]);
    }

    /// A value that Ruby dumped, or Rails' MessagePack.
    fn dump(&mut self, payload: &[u8]) {
        let version = [u8::try_from(self.count % 4).expect("in range")];
        match payload.first() {
            Some(4) => {
                self.write("marshal", &[payload]);
                self.write("typed", &[payload]);
                self.write("memory", &[&[0, 0, 0], payload]);
                self.write("credentials", &[&[0; 2], &[0; 2], &version, payload]);
            }
            Some(0xcc) => {
                self.write("message_pack", &[&version, payload]);
                self.write("typed", &[payload]);
                self.write("memory", &[&[1, 0, 0], payload]);
            }
            _ => {}
        }
    }

    fn write(&mut self, target: &str, parts: &[&[u8]]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("seed-{:05}", self.count)), parts.concat()).expect("a file");
        self.count += 1;
    }
}

/// A text as `Input::text` reads it.
fn counted(text: &[u8]) -> Vec<u8> {
    let text = &text[..text.len().min(255)];
    let length = u8::try_from(text.len()).expect("cut to fit");
    [&[length], text].concat()
}

fn unhex(digits: &str) -> Vec<u8> {
    let bytes = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    bytes.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}
