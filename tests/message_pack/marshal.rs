//! From MessagePack to Marshal and back: the bytes are those of Ruby 3.1 with Rails 6.1.

use railjar::serializer::marshal::{self, Limits};
use railjar::value::{Time, TimeWithZone};
use railjar::{SealError, Value};

use crate::{hex, read, write};

/// An expression as its `Regexp#to_s`, which is what MessagePack holds of it.
fn regexp(source: &[u8]) -> Value {
    let length = u8::try_from(source.len()).unwrap();
    read(&[&[0xcc, 0x80, 0xc7, length, 0x10], source].concat()).unwrap()
}

#[test]
fn an_expression_keeps_its_escapes() {
    // `Marshal.dump(Regexp.new(source.b))`: without its encoding, Ruby reads it as Ruby 1.8 wrote
    // it, and strips the escapes that there were not.
    let cases: [(&[u8], &str); 8] = [
        (br"(?-mix:\h+)", "0408492f10283f2d6d69783a5c682b2900063a064546"),
        (br"(?-mix:\u00e9)", "0408492f13283f2d6d69783a5c75303065392910063a064554"),
        ("(?-mix:é)".as_bytes(), "04082f0f283f2d6d69783ac3a92910"),
        (br"(?-mix:\xe9)", "04082f11283f2d6d69783a5c7865392910"),
        (br"(?-mix:\u{41 e9})", "0408492f16283f2d6d69783a5c757b34312065397d2910063a064554"),
        (
            br"(?-mix:\u0041\\u00e9)",
            "0408492f1a283f2d6d69783a5c75303034315c5c75303065392900063a064546",
        ),
        (br"\177\12", "0408492f0c5c3137375c313200063a064546"),
        // Of bytes that name no property Ruby makes no expression: this is the one that was written.
        (br"(?-mix:\p{L})", "0408492f12283f2d6d69783a5c707b4c7d2910063a064554"),
    ];
    for (source, dump) in cases {
        assert_eq!(marshal::to_vec(&regexp(source)).unwrap(), hex(dump));
    }
}

#[test]
fn a_duration_of_every_rails_becomes_one() {
    // `2.hours + 5.minutes` and `1.5.days` of Rails 6.1, whose durations have no `@variable`.
    let hours = "04086f3a1c416374697665537570706f72743a3a4475726174696f6e073a0b4070617274737b073a0a686f\
                 75727369073a0c6d696e75746573690a3a0b4076616c756569024c1d";
    let days = "04086f3a1c416374697665537570706f72743a3a4475726174696f6e073a0b4070617274737b063a096461\
                7973660831 2e353a0b4076616c7565660c312e3239366535";
    for (dump, shown) in [(hours, "2 hours and 5 minutes"), (days, "1.5 days")] {
        let dumped = marshal::read(&hex(dump), &Limits::default()).unwrap();
        let duration = read(&write(&dumped).unwrap()).unwrap();
        assert_eq!(duration.to_string(), shown);
        assert!(matches!(duration, Value::Duration(_)));
    }
}

#[test]
fn an_address_is_the_object_that_ruby_dumps() {
    let cases: [(&str, &[u8]); 4] = [
        ("10.0.0.0/8", b":\x0f@mask_addrl+\x07\0\0\0\xff:\x0c@familyi\x07:\x0a@addri\x04\0\0\0\x0a"),
        (
            "192.168.1.7",
            b":\x0f@mask_addrl+\x07\xff\xff\xff\xff:\x0c@familyi\x07:\x0a@addrl+\x07\x07\x01\xa8\xc0",
        ),
        (
            "2001:db8::/32",
            b":\x0f@mask_addrl+\x0d\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff:\x0c@familyi\x0f\
              :\x0a@addrl+\x0d\0\0\0\0\0\0\0\0\0\0\0\0\xb8\x0d\x01\x20",
        ),
        ("::/0", b":\x0f@mask_addri\0:\x0c@familyi\x0f:\x0a@addri\0"),
    ];
    for (text, ivars) in cases {
        let dump = [b"\x04\x08o:\x0bIPAddr\x09", ivars, b":\x0d@zone_id0"].concat();
        let address = Value::IpAddr(text.into());
        assert_eq!(marshal::to_vec(&address).unwrap(), dump, "{text}");
        let object = marshal::read(&dump, &Limits::default()).unwrap();
        assert_eq!(object.as_object().unwrap().text().as_deref(), Some(text));
        assert_eq!(write(&object), write(&address));
    }
    for text in ["10.0.0.0/33", "10.0.0", "::1%eth0", "::/129", "1.2.3.4/255.0.0.0"] {
        assert!(marshal::to_vec(&Value::IpAddr(text.into())).is_err(), "{text}");
    }
}

#[test]
fn a_time_in_utc_is_the_object_that_rails_dumps() {
    let utc = Time::utc(1_767_225_600, 0).unwrap();
    let time = |zone: &str| TimeWithZone { utc: utc.clone(), zone: zone.into(), local: None };
    let message_pack = write(&time("UTC").into()).unwrap();
    let dump = b"\x04\x08U:\x20ActiveSupport::TimeWithZone[\x08Iu:\x09Time\x0d\x20\x80\x1f\xc0\0\0\0\0\
        \x06:\x09zoneI\"\x08UTC\x06:\x06EFI\"\x08UTC\x06;\x08TIu;\x06\x0d\x20\x80\x1f\xc0\0\0\0\0\x06;\x07@\x07";
    assert_eq!(marshal::to_vec(&read(&message_pack).unwrap()).unwrap(), dump);
    // Of other zones only a table knows the offset.
    let refused = marshal::to_vec(&Value::from(time("Tokyo")));
    assert_eq!(refused, Err(SealError::Unrepresentable));
}
