//! Pieces of a streaming JSON reader on top of `serde_json`: nothing of the document is built, and a value of a wrong type is a
//! fault of that value and no more.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Tells the offset of a borrowed piece of a document, and keeps the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    base: usize,
    len: usize,
    last: usize,
}

impl Places {
    pub(crate) fn new(document: &[u8]) -> Self {
        Self { base: document.as_ptr().addr(), len: document.len(), last: 0 }
    }

    /// The offset of `piece`; of one that is not a part of the document (a string with escapes), that of the piece before.
    pub(crate) fn of(&mut self, piece: &[u8]) -> usize {
        let offset = piece.as_ptr().addr().wrapping_sub(self.base);
        if offset < self.len {
            self.last = offset;
        }
        self.last
    }

    /// The offset of the last piece.
    pub(crate) fn last(&self) -> usize {
        self.last
    }
}

/// Reads a document to its end.
///
/// # Errors
/// What breaks the grammar of JSON; what came before was handed over.
pub(crate) fn document<'de, S: DeserializeSeed<'de, Value = ()>>(
    bytes: &'de [u8],
    seed: S,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    seed.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// The bytes of a key, escapes undone. Lone surrogates, which Python writes, become three bytes.
pub(crate) struct Key<F>(pub(crate) F);

impl<'de, F: FnOnce(&[u8]) -> T, T> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<F: FnOnce(&[u8]) -> T, T> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        Ok((self.0)(bytes))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text.as_bytes()))
    }
}

/// A value of any type, reduced to what a reader of vocabularies can use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Whole(u64),
    Text(String),
    Flag(bool),
    /// Negative or broken numbers, `null`, lists, objects.
    Other,
}

impl Scalar {
    pub(crate) fn whole(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Text(text) if text == wanted)
    }
}

impl<'de> de::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(u64::try_from(number).map_or(Scalar::Other, Scalar::Whole))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Scalar, A::Error> {
        skip_list(list)?;
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Scalar, A::Error> {
        skip_object(object)?;
        Ok(Scalar::Other)
    }
}

/// Reads a list to its end. `serde_json` skips values of any depth without recursion.
pub(crate) fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads an object to its end.
pub(crate) fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// What a reader does with a value that should be a list or an object. Every method has to read what it is given to the end;
/// scalars go to [`Visit::other`].
pub(crate) trait Visit<'de>: Sized {
    /// A list.
    fn list<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.other();
        skip_list(list)
    }

    /// An object.
    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error>;

    /// A text.
    fn text(self, _text: &str) {
        self.other();
    }

    /// A value of a type that does not belong here.
    fn other(self);
}

/// Hands a value to a [`Visit`].
pub(crate) struct Visiting<V>(pub(crate) V);

impl<'de, V: Visit<'de>> DeserializeSeed<'de> for Visiting<V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, V: Visit<'de>> Visitor<'de> for Visiting<V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.text(text);
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.0.other();
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.0.other();
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.0.other();
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.0.other();
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.other();
        Ok(())
    }
}
