//! Identifiers as types, so that one cannot be taken for another.

use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_id! {
    /// A licence: an SPDX identifier (`MIT`) or `LicenseRef-…` for licences outside the SPDX list.
    LicenseId
}

text_id! {
    /// A model: a Hugging Face id, `organisation/name`. Local paths never become one.
    ///
    /// The Hub compares ids without regard to case; use [`ModelId::same_as`] for that. The derived order and equality
    /// are exact, for stable output.
    ModelId
}

impl ModelId {
    /// Whether the Hub would take both for the same model (ASCII case is ignored).
    pub fn same_as(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// The part after the organisation: `DeepSeek-V3` of `deepseek-ai/DeepSeek-V3`.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The organisation or user: `deepseek-ai` of `deepseek-ai/DeepSeek-V3`; empty if there is none.
    pub fn organisation(&self) -> &str {
        self.0.split_once('/').map_or("", |(organisation, _)| organisation)
    }
}

/// The name of a rule: kebab-case, names the defect, never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub &'static str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The id of a git object: 20 bytes (SHA-1) or 32 bytes (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// Makes an id from its raw bytes; `None` unless there are 20 or 32 of them.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(Self { bytes, len: raw.len() as u8 })
    }

    /// Reads 40 or 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::from_bytes(&read_hex(text)?)
    }

    /// The raw bytes: 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The first seven hexadecimal digits, as git abbreviates.
    pub fn short(&self) -> String {
        self.to_string()[..7].to_owned()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.as_bytes(), f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

/// A SHA-256 digest of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = read_hex(text)?.try_into().ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let [high, low] = pair else { return None };
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        Some((digit(high)? * 16 + digit(low)?) as u8)
    });
    pairs.collect()
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip() {
        let hex = "6e4c38e1172f42fdbff13edf9a7a017679fb82b0fde415a3e8b3c31c6ed4a4e4";
        assert_eq!(Sha256::from_hex(hex).unwrap().to_string(), hex);
        assert_eq!(Sha256::from_hex("zz"), None);
        assert_eq!(ObjectId::from_bytes(&[0xab; 20]).unwrap().short(), "abababa");
        assert_eq!(ObjectId::from_bytes(&[0; 21]), None);
        assert_eq!(ObjectId::from_hex(&"ab".repeat(20)), ObjectId::from_bytes(&[0xab; 20]));
        assert_eq!(ObjectId::from_hex("abc"), None);
    }

    #[test]
    fn model_ids_compare_as_the_hub_does() {
        let id = ModelId::new("deepseek-ai/DeepSeek-V3");
        assert!(id.same_as("DeepSeek-AI/deepseek-v3"));
        assert_eq!((id.organisation(), id.name()), ("deepseek-ai", "DeepSeek-V3"));
    }
}
