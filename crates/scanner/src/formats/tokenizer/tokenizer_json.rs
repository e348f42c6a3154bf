//! `tokenizer.json`, as the tokenizers library writes it.
//!
//! Source of the layout: huggingface/tokenizers, `tokenizers/src/tokenizer/serialization.rs` and `src/models/*/serialization.rs`.
//! `model.vocab` is an object of tokens and ids, or a list of `[token, score]` (Unigram); merges are `"a b"`, or `["a", "b"]` since
//! version 0.20. The file is read as a stream: the largest ones have 33 MB.

use forebear_types::fact::{AddedToken, FactKind, ProblemKind, Reading, TokenizerKind};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::canonical::Alphabet;
use super::collect::Collector;
use super::stream::{Key, Places, Scalar, Visit, Visiting, document, skip_list, skip_object};
use super::{REMEDY, broken_json, no_vocabulary};
use crate::formats::File;

/// Reads vocabulary, merges and added tokens.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let mut root = Root::new(file.bytes, None);
    let mut end = document(file.bytes, Visiting(&mut root));
    // The library writes the added tokens and the kind of the model in front of the vocabulary; a file that does otherwise is read
    // again with what its end told.
    if root.used.as_ref().is_some_and(|used| *used != root.found) {
        root = Root::new(file.bytes, Some(root.found));
        end = document(file.bytes, Visiting(&mut root));
    }
    let Root { collector, models, order, .. } = root;
    if models > 1 {
        let what = format!("`model` stands {models} times; only the first one was read");
        reading.problems.push(file.problem(ProblemKind::Malformed, what, REMEDY));
    }
    finish(file, collector, end, TokenizerKind::TokenizerJson, order, reading);
}

/// Reads an object of tokens and ids that stands by itself: `vocab.json`.
pub(crate) fn read_vocabulary(file: File<'_>, reading: &mut Reading) {
    let mut collector = Collector::new(None);
    let mut places = Places::new(file.bytes);
    let mut order = Order::Unknown;
    let vocabulary = Vocabulary { collector: &mut collector, places: &mut places, order: &mut order };
    let end = document(file.bytes, Visiting(vocabulary));
    finish(file, collector, end, TokenizerKind::Vocabulary, order, reading);
}

fn finish(
    file: File<'_>,
    collector: Collector,
    end: Result<(), serde_json::Error>,
    kind: TokenizerKind,
    order: Order,
    reading: &mut Reading,
) {
    broken_json(file, end, collector.entries(), &mut reading.problems);
    if collector.is_empty() {
        no_vocabulary(file, &mut reading.problems);
        return;
    }
    let tokenizer = collector.finish(file, kind, order == Order::List, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}

/// What must be known before the vocabulary is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Settled {
    word_piece: bool,
    added: Vec<u32>,
}

/// How the vocabulary numbers its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Unknown,
    Keys,
    List,
}

struct Root {
    collector: Collector,
    places: Places,
    /// From an earlier reading of the same file.
    known: Option<Settled>,
    /// What was told so far.
    found: Settled,
    /// What the vocabulary was read with.
    used: Option<Settled>,
    models: u32,
    order: Order,
}

impl Root {
    fn new(bytes: &[u8], known: Option<Settled>) -> Self {
        Self {
            collector: Collector::new(None),
            places: Places::new(bytes),
            known,
            found: Settled::default(),
            used: None,
            models: 0,
            order: Order::Unknown,
        }
    }

    fn before_vocabulary(&mut self) {
        let settled = self.known.as_ref().unwrap_or(&self.found).clone();
        let alphabet = settled.word_piece.then_some(Alphabet::WordPiece);
        self.collector.settle(alphabet, settled.added.clone());
        self.used.get_or_insert(settled);
    }
}

impl<'de> Visit<'de> for &mut Root {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        #[derive(Clone, Copy)]
        enum Part {
            Added,
            Model,
            Other,
        }
        let part = |key: &[u8]| match key {
            b"added_tokens" => Part::Added,
            b"model" => Part::Model,
            _ => Part::Other,
        };
        while let Some(part) = object.next_key_seed(Key(part))? {
            match part {
                Part::Added => object.next_value_seed(Visiting(AddedTokens(self)))?,
                Part::Model => {
                    self.models += 1;
                    if self.models == 1 {
                        object.next_value_seed(Visiting(Model(self)))?;
                    } else {
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                Part::Other => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn other(self) {}
}

/// `added_tokens`.
struct AddedTokens<'r>(&'r mut Root);

impl<'de> Visit<'de> for AddedTokens<'_> {
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Visiting(Added(self.0)))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.other();
        skip_object(object)
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("values of `added_tokens` that are no list", at);
    }
}

/// One of them.
struct Added<'r>(&'r mut Root);

impl<'de> Visit<'de> for Added<'_> {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let (mut id, mut content, mut special) = (None, None, false);
        let places = &mut self.0.places;
        while let Some(name) = object.next_key_seed(Key(|key: &[u8]| {
            places.of(key);
            match key {
                b"id" => 1,
                b"content" => 2,
                b"special" => 3,
                _ => 0,
            }
        }))? {
            match name {
                1 => id = object.next_value::<Scalar>()?.whole(),
                2 => content = object.next_value::<Scalar>()?.text(),
                3 => special = object.next_value::<Scalar>()? == Scalar::Flag(true),
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        let Some(text) = content else {
            self.other();
            return Ok(());
        };
        if let Some(id) = id.and_then(|id| u32::try_from(id).ok()) {
            self.0.found.added.push(id);
        } else {
            let at = self.0.places.last();
            self.0.collector.fault("added tokens without an id from 0 to 4,294,967,295", at);
        }
        self.0.collector.added(AddedToken { id, text, special });
        Ok(())
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("added tokens without a text", at);
    }
}

/// `model`.
struct Model<'r>(&'r mut Root);

impl<'de> Visit<'de> for Model<'_> {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        #[derive(Clone, Copy)]
        enum Part {
            Kind,
            Prefix,
            Vocabulary,
            Merges,
            Other,
        }
        let root = self.0;
        let part = |key: &[u8]| match key {
            b"type" => Part::Kind,
            b"continuing_subword_prefix" => Part::Prefix,
            b"vocab" => Part::Vocabulary,
            b"merges" => Part::Merges,
            _ => Part::Other,
        };
        while let Some(part) = object.next_key_seed(Key(part))? {
            match part {
                Part::Kind => root.found.word_piece |= object.next_value::<Scalar>()?.is("WordPiece"),
                // A byte-pair encoding has the key too, with `null` or an empty text; files of old versions name no type.
                Part::Prefix => root.found.word_piece |= object.next_value::<Scalar>()?.is("##"),
                Part::Vocabulary => {
                    root.before_vocabulary();
                    let Root { collector, places, order, .. } = &mut *root;
                    object.next_value_seed(Visiting(Vocabulary { collector, places, order }))?;
                }
                Part::Merges => object.next_value_seed(Visiting(Merges(root)))?,
                Part::Other => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("values of `model` that are no object", at);
    }
}

/// An object of tokens and ids, or a list of `[token, score]`.
struct Vocabulary<'r> {
    collector: &'r mut Collector,
    places: &'r mut Places,
    order: &'r mut Order,
}

impl<'de> Visit<'de> for Vocabulary<'_> {
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { collector, places, order } = self;
        *order = Order::Keys;
        let mut token = Vec::new();
        while let Some(at) = object.next_key_seed(Key(|key: &[u8]| {
            token.clear();
            token.extend_from_slice(key);
            places.of(key)
        }))? {
            match object.next_value::<Scalar>()?.whole().map(u32::try_from) {
                Some(Ok(id)) => collector.token(&token, id, at),
                _ => collector.fault("tokens without an id from 0 to 4,294,967,295", at),
            }
        }
        Ok(())
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { collector, places, order } = self;
        *order = Order::List;
        let mut id = 0;
        while list.next_element_seed(Visiting(Piece { collector, places, id }))?.is_some() {
            id = id.saturating_add(1);
        }
        Ok(())
    }

    fn other(self) {
        let at = self.places.last();
        self.collector.fault("vocabularies that are neither an object nor a list", at);
    }
}

/// `[token, score]`.
struct Piece<'r> {
    collector: &'r mut Collector,
    places: &'r mut Places,
    id: u32,
}

impl<'de> Visit<'de> for Piece<'_> {
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match list.next_element::<Scalar>()?.and_then(Scalar::text) {
            Some(token) => {
                let at = self.places.last();
                self.collector.token(token.as_bytes(), self.id, at);
            }
            None => self.other(),
        }
        skip_list(list)
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.other();
        skip_object(object)
    }

    fn other(self) {
        let at = self.places.last();
        self.collector.fault("entries of the vocabulary that are not a token and a score", at);
    }
}

/// `merges`.
struct Merges<'r>(&'r mut Root);

impl<'de> Visit<'de> for Merges<'_> {
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Visiting(Merge(self.0)))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.other();
        skip_object(object)
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("values of `merges` that are no list", at);
    }
}

/// `"a b"`, or `["a", "b"]`.
struct Merge<'r>(&'r mut Root);

impl<'de> Visit<'de> for Merge<'_> {
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let left = list.next_element::<Scalar>()?.and_then(Scalar::text);
        let right = list.next_element::<Scalar>()?.and_then(Scalar::text);
        let more = list.next_element::<IgnoredAny>()?.is_some();
        skip_list(list)?;
        match (left, right, more) {
            (Some(left), Some(right), false) => self.0.collector.merge(&left, &right),
            _ => self.other(),
        }
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.other();
        skip_object(object)
    }

    fn text(self, text: &str) {
        self.0.places.of(text.as_bytes());
        match text.split_once(' ') {
            Some((left, right)) => self.0.collector.merge(left, right),
            None => self.other(),
        }
    }

    fn other(self) {
        let at = self.0.places.last();
        self.0.collector.fault("merges that are not two tokens", at);
    }
}
