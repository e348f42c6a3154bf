//! The small words of the tables: each list is closed, and each word has a meaning for people.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal: $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// All words of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in the tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, for people.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                Self::ALL.iter().copied().find(|known| known.name() == word).ok_or_else(|| {
                    serde::de::Error::custom(format!("`{word}` is not one of the words of {}", stringify!($name)))
                })
            }
        }
    };
}

mod duties;
mod facts;

pub use duties::*;
pub use facts::*;
