//! The model: what the trait needs, over values of any kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear_types::RepoPath;
use forebear_types::weights::{Attention, ModelWeights, ReadError, WeightTensor};

use super::bytes::{Bytes, Span};
use super::element::{Element, Plain};
use super::values::{Opaque, Unread, Values};

/// A tensor as a file has it.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) name: Box<str>,
    pub(super) path: RepoPath,
    pub(super) shape: Box<[u64]>,
    /// The type, as the format writes it.
    pub(super) element: Box<str>,
    pub(super) quantised: bool,
    /// Bytes in the file; 0 where they are not known.
    pub(super) stored: u64,
    pub(super) values: Stored,
}

/// Values, with what is known of their place while parts are put together.
#[derive(Debug)]
pub(super) enum Stored {
    /// One element after the other, as many as the shape needs.
    Plain(Plain),
    Other(Box<dyn Values>),
}

impl Raw {
    /// A tensor that lies in one piece of a file.
    pub(super) fn plain(
        name: &str,
        element_name: &str,
        shape: Box<[u64]>,
        element: Option<Element>,
        big: bool,
        (file, start, end): (&Arc<Bytes>, u64, u64),
    ) -> Self {
        let span = Span { file: Arc::clone(file), start, length: end.saturating_sub(start) };
        let stored = span.length;
        let values = match element {
            None => {
                let why = format!("values of the type {element_name} are not read");
                Stored::Other(Box::new(Opaque { span, why }))
            }
            Some(element) => match fault(&shape, element, &span) {
                Some(why) => Stored::Other(Box::new(Opaque { span, why })),
                None => Stored::Plain(Plain { element, span, big }),
            },
        };
        Self {
            name: name.into(),
            path: file.path.clone(),
            shape,
            element: element_name.into(),
            quantised: element.is_some_and(Element::is_coarse),
            stored,
            values,
        }
    }

    /// A tensor whose place is not known.
    pub(super) fn lost(
        name: &str,
        element_name: &str,
        shape: Box<[u64]>,
        path: &RepoPath,
        why: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            path: path.clone(),
            shape,
            element: element_name.into(),
            quantised: false,
            stored: 0,
            values: Stored::Other(Box::new(Unread(why.into()))),
        }
    }

    /// The place of its elements, if they follow each other.
    pub(super) fn as_plain(&self) -> Option<&Plain> {
        match &self.values {
            Stored::Plain(plain) => Some(plain),
            Stored::Other(_) => None,
        }
    }
}

/// Why the bytes are not those of the shape.
fn fault(shape: &[u64], element: Element, span: &Span) -> Option<String> {
    let bits = crate::formats::tensor_list::elements(shape)
        .and_then(|count| count.checked_mul(element.bits()))
        .map(|bits| bits.div_ceil(8));
    match bits {
        Some(bytes) if bytes == span.length => None,
        Some(bytes) => Some(format!("its shape needs {bytes} bytes, and it has {}", span.length)),
        None => Some("its shape is beyond 64 bits".to_owned()),
    }
}

impl From<Stored> for Box<dyn Values> {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Plain(plain) => Box::new(plain),
            Stored::Other(other) => other,
        }
    }
}

/// The tensors in order of their names, and their values.
#[derive(Debug, Default)]
pub(super) struct Model {
    tensors: Vec<WeightTensor>,
    values: Vec<Box<dyn Values>>,
    attention: Attention,
}

impl Model {
    pub(super) fn new(raw: BTreeMap<Box<str>, Raw>, attention: Attention) -> Self {
        let mut model = Self { attention, ..Self::default() };
        for (name, raw) in raw {
            let Raw { path, shape, element, quantised, values, .. } = raw;
            model.tensors.push(WeightTensor { name, path, shape, element, quantised });
            model.values.push(values.into());
        }
        model
    }

    fn error(&self, tensor: usize, what: String) -> ReadError {
        match self.tensors.get(tensor) {
            Some(known) => ReadError { path: known.path.clone(), tensor: known.name.clone(), what },
            None => ReadError { path: RepoPath::root(), tensor: "".into(), what },
        }
    }

    fn get(&self, tensor: usize) -> Result<(&WeightTensor, &dyn Values), ReadError> {
        match (self.tensors.get(tensor), self.values.get(tensor)) {
            (Some(known), Some(values)) => Ok((known, &**values)),
            _ => Err(self.error(tensor, format!("there is no tensor with the number {tensor}"))),
        }
    }
}

impl ModelWeights for Model {
    fn tensors(&self) -> &[WeightTensor] {
        &self.tensors
    }

    fn read(&self, tensor: usize, start: u64, out: &mut [f32]) -> Result<(), ReadError> {
        let (known, values) = self.get(tensor)?;
        let there = crate::formats::tensor_list::elements(&known.shape);
        let end = start.checked_add(out.len() as u64);
        if end.is_none_or(|end| there.is_none_or(|there| end > there)) {
            let what = match there {
                Some(there) => format!(
                    "the elements {start} to {} are asked for, and it has {there}",
                    start.saturating_add(out.len() as u64)
                ),
                None => "its shape is beyond 64 bits".to_owned(),
            };
            return Err(self.error(tensor, what));
        }
        if out.is_empty() {
            return Ok(());
        }
        values.read(start, out).map_err(|what| self.error(tensor, what))
    }

    fn bytes(&self, tensor: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let (_, values) = self.get(tensor)?;
        values.bytes(each).map_err(|what| self.error(tensor, what))
    }

    fn attention(&self) -> Attention {
        self.attention.clone()
    }
}
