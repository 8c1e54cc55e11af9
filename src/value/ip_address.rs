//! `IPAddr`, of which Marshal has the numbers and MessagePack the text (Ruby's `ipaddr.rb`).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::value::{Integer, Object, Value};

/// What an `IPAddr` holds. Of an IPv4 address the number has 32 bits.
pub(crate) struct IpAddress {
    family: Family,
    address: u128,
    mask: u128,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

impl IpAddress {
    /// Of the object that Marshal dumps.
    pub(super) fn of(object: &Object) -> Option<Self> {
        // Numbers from 8000:: on do not fit 127 bits.
        let number = |name| object.get(name)?.as_integer()?.to_string().parse::<u128>().ok();
        // `Socket::AF_INET` is 2 everywhere, `AF_INET6` differs.
        let family = if object.get("@family")?.as_i64()? == 2 { Family::V4 } else { Family::V6 };
        let all = family.all();
        let (address, mask) = (number("@addr")?, number("@mask_addr").unwrap_or(all));
        (address <= all && mask <= all).then_some(Self { family, address, mask })
    }

    /// `IPAddr.new`, of an address with or without a prefix: `10.0.0.0/8`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (family, address) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => (Family::V4, u128::from(address.to_bits())),
            IpAddr::V6(address) => (Family::V6, address.to_bits()),
        };
        let bits = family.bits();
        let host = bits.checked_sub(prefix.unwrap_or(bits))?;
        let mask = family.all() & u128::MAX.checked_shl(host).unwrap_or(0);
        Some(Self { family, address: address & mask, mask })
    }

    /// The address, and its prefix where that is not the whole address.
    pub(super) fn text(&self) -> String {
        let address = match self.family {
            Family::V4 => v4(self.address).to_string(),
            Family::V6 => Ipv6Addr::from_bits(self.address).to_string(),
        };
        match self.mask.count_ones() {
            prefix if prefix == self.family.bits() => address,
            prefix => format!("{address}/{prefix}"),
        }
    }

    /// `inspect`: `#<IPAddr: IPv4:10.0.0.0/255.0.0.0>`.
    pub(super) fn inspect(&self) -> String {
        let [address, mask] = [self.address, self.mask].map(|number| match self.family {
            Family::V4 => v4(number).to_string(),
            Family::V6 => {
                let groups = Ipv6Addr::from_bits(number).segments();
                let groups: Vec<_> = groups.iter().map(|group| format!("{group:04x}")).collect();
                groups.join(":")
            }
        });
        let family = if self.family == Family::V4 { "IPv4" } else { "IPv6" };
        format!("#<IPAddr: {family}:{address}/{mask}>")
    }

    /// The object that Ruby 3.1 dumps on Linux.
    pub(crate) fn object(&self) -> Object {
        let number = |number: u128| Value::Integer(Integer::from(number));
        let family = if self.family == Family::V4 { 2 } else { 10 };
        let (mask, address) = (number(self.mask), number(self.address));
        Object::new(
            "IPAddr",
            [
                ("@mask_addr", mask),
                ("@family", Value::from(family)),
                ("@addr", address),
                ("@zone_id", Value::Nil),
            ],
        )
    }
}

/// No number is larger: it was checked when it was made.
fn v4(number: u128) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX))
}

impl Family {
    fn bits(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    fn all(self) -> u128 {
        match self {
            Self::V4 => u32::MAX.into(),
            Self::V6 => u128::MAX,
        }
    }
}
