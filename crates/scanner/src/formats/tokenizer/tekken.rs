//! `tekken.json` of Mistral.
//!
//! Source of the layout: mistral-common, `tokens/tokenizers/tekken.py`: `config` with `default_vocab_size` and
//! `default_num_special_tokens`; `vocab`, a list of `{rank, token_bytes, token_str}` in order of the ranks, of which only the
//! first `default_vocab_size - default_num_special_tokens` are in use; `special_tokens` in newer files. An id is the rank plus
//! the number of special tokens.

use forebear_types::fact::{AddedToken, FactKind, Reading, TokenizerKind};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::collect::Collector;
use super::stream::{Key, Places, Scalar, Visit, Visiting, document, skip_object};
use super::tiktoken::base64;
use super::{broken_json, no_vocabulary};
use crate::formats::File;

/// Reads vocabulary and special tokens.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let mut root = Root::new(file.bytes, None);
    let mut end = document(file.bytes, Visiting(&mut root));
    // The sizes stand in front in the publisher's files; in one that does otherwise they are known for a second reading.
    if root.used.is_some_and(|used| used != root.found) {
        root = Root::new(file.bytes, Some(root.found));
        end = document(file.bytes, Visiting(&mut root));
    }
    let collector = root.collector;
    broken_json(file, end, collector.entries(), &mut reading.problems);
    if collector.is_empty() {
        no_vocabulary(file, &mut reading.problems);
        return;
    }
    let tokenizer = collector.finish(file, TokenizerKind::Tekken, false, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}

/// How much of the list is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sizes {
    all: Option<u64>,
    special: Option<u64>,
}

struct Root {
    collector: Collector,
    places: Places,
    known: Option<Sizes>,
    found: Sizes,
    used: Option<Sizes>,
    token: Vec<u8>,
}

impl Root {
    fn new(bytes: &[u8], known: Option<Sizes>) -> Self {
        Self {
            collector: Collector::new(None),
            places: Places::new(bytes),
            known,
            found: Sizes::default(),
            used: None,
            token: Vec::new(),
        }
    }
}

impl<'de> Visit<'de> for &mut Root {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(part) = object.next_key_seed(Key(|key: &[u8]| match key {
            b"config" => 1,
            b"vocab" => 2,
            b"special_tokens" => 3,
            _ => 0,
        }))? {
            match part {
                1 => object.next_value_seed(Visiting(Config(self)))?,
                2 => {
                    let sizes = self.known.unwrap_or(self.found);
                    self.used.get_or_insert(sizes);
                    object.next_value_seed(Visiting(Entries { root: self, sizes, special: false }))?;
                }
                3 => {
                    let sizes = Sizes::default();
                    object.next_value_seed(Visiting(Entries { root: self, sizes, special: true }))?;
                }
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn other(self) {}
}

struct Config<'r>(&'r mut Root);

impl<'de> Visit<'de> for Config<'_> {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(part) = object.next_key_seed(Key(|key: &[u8]| match key {
            b"default_vocab_size" => 1,
            b"default_num_special_tokens" => 2,
            _ => 0,
        }))? {
            match part {
                1 => self.0.found.all = object.next_value::<Scalar>()?.whole(),
                2 => self.0.found.special = object.next_value::<Scalar>()?.whole(),
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("configurations that are no object", at);
    }
}

/// `vocab` or `special_tokens`.
struct Entries<'r> {
    root: &'r mut Root,
    sizes: Sizes,
    special: bool,
}

impl<'de> Visit<'de> for Entries<'_> {
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { root, sizes, special } = self;
        while list.next_element_seed(Visiting(Entry { root, sizes, special }))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.other();
        skip_object(object)
    }

    // `special_tokens` is `null` in some versions.
    fn other(self) {
        if !self.special {
            let at = self.root.places.last();
            self.root.collector.fault("vocabularies that are no list", at);
        }
    }
}

struct Entry<'r> {
    root: &'r mut Root,
    sizes: Sizes,
    special: bool,
}

impl<'de> Visit<'de> for Entry<'_> {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { root, sizes, special } = self;
        let (mut rank, mut bytes, mut text) = (None, None, None);
        let places = &mut root.places;
        while let Some(part) = object.next_key_seed(Key(|key: &[u8]| {
            places.of(key);
            match key {
                b"rank" => 1,
                b"token_bytes" => 2,
                b"token_str" => 3,
                _ => 0,
            }
        }))? {
            match part {
                1 => rank = object.next_value::<Scalar>()?.whole(),
                2 => bytes = object.next_value::<Scalar>()?.text(),
                3 if special => text = object.next_value::<Scalar>()?.text(),
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        let at = root.places.last();
        if special {
            match text {
                Some(text) => root.collector.added(AddedToken { id: rank, text, special: true }),
                None => root.collector.fault("special tokens without a text", at),
            }
            return Ok(());
        }
        let specials = sizes.special.unwrap_or(0);
        let in_use = |rank: u64| sizes.all.is_none_or(|all| rank < all.saturating_sub(specials));
        match (rank, bytes) {
            (Some(rank), Some(_)) if !in_use(rank) => {}
            (Some(rank), Some(bytes)) => match rank.checked_add(specials).map(u32::try_from) {
                Some(Ok(id)) if base64(bytes.as_bytes(), &mut root.token) => {
                    root.collector.bytes(&root.token, id, at);
                }
                _ => root.collector.fault("tokens without base64, or with an id beyond 4,294,967,295", at),
            },
            _ => root.collector.fault("tokens without a rank or without bytes", at),
        }
        Ok(())
    }

    fn other(self) {
        let at = self.root.places.last();
        self.root.collector.fault("tokens that are no objects", at);
    }
}
