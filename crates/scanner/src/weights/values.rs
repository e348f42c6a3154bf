//! Where a tensor's values come from.

use super::bytes::Span;

/// The values of one tensor, by position in row-major order.
pub(super) trait Values: Send + Sync + std::fmt::Debug {
    /// Reads elements from `start` on. The caller has checked that they lie in the tensor's shape, not that they lie in the file.
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String>;

    /// Hands over the stored bytes, in pieces.
    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String>;
}

/// Values that cannot be had, and why.
#[derive(Clone, Debug)]
pub(super) struct Unread(pub(super) String);

impl Values for Unread {
    fn read(&self, _start: u64, _out: &mut [f32]) -> Result<(), String> {
        Err(self.0.clone())
    }

    fn bytes(&self, _each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        Err(self.0.clone())
    }
}

/// Bytes that are there and have no values.
#[derive(Clone, Debug)]
pub(super) struct Opaque {
    pub(super) span: Span,
    pub(super) why: String,
}

impl Values for Opaque {
    fn read(&self, _start: u64, _out: &mut [f32]) -> Result<(), String> {
        Err(self.why.clone())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.span.each(each)
    }
}

/// Values that were decoded when the file was opened, for they have no fixed width.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) values: Vec<f32>,
    pub(super) span: Span,
}

impl Values for Held {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let part = self.values.get(start..).and_then(|rest| rest.get(..out.len()));
        let there = self.values.len();
        out.copy_from_slice(part.ok_or_else(|| format!("only {there} of its elements are in the file"))?);
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.span.each(each)
    }
}

/// Elements of a storage with any distance between neighbours, as PyTorch's views are.
#[derive(Debug)]
pub(super) struct Strided {
    /// The whole storage.
    pub(super) storage: super::element::Plain,
    pub(super) offset: u64,
    pub(super) shape: Box<[u64]>,
    pub(super) strides: Box<[u64]>,
}

impl Strided {
    /// Whether elements follow each other in row-major order.
    pub(super) fn is_contiguous(shape: &[u64], strides: &[u64]) -> bool {
        let mut expected = 1u64;
        shape.iter().zip(strides).rev().all(|(size, stride)| {
            let fits = *size == 1 || *stride == expected;
            expected = expected.saturating_mul(*size);
            fits
        })
    }

    /// Runs of elements: the place of the first in the storage, the distance between neighbours, and how many.
    fn runs(
        &self,
        start: u64,
        count: u64,
        mut run: impl FnMut(u64, u64, usize) -> Result<(), String>,
    ) -> Result<(), String> {
        let (row, step) =
            (self.shape.last().copied().unwrap_or(1), self.strides.last().copied().unwrap_or(1));
        let mut at = start;
        let end = start.saturating_add(count);
        while at < end && row > 0 {
            let column = at % row;
            let length = (row - column).min(end - at);
            let mut place = Some(self.offset);
            let mut rest = at / row;
            for (size, stride) in self.shape.iter().zip(&self.strides).rev().skip(1) {
                let index = if *size > 0 { rest % size } else { 0 };
                rest /= (*size).max(1);
                place = index.checked_mul(*stride).and_then(|by| place?.checked_add(by));
            }
            let place = column.checked_mul(step).and_then(|by| place?.checked_add(by));
            let place = place.ok_or_else(|| "its place is beyond 64 bits".to_owned())?;
            run(place, step, length as usize)?;
            at += length;
        }
        Ok(())
    }
}

impl Values for Strided {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        let mut done = 0;
        self.runs(start, out.len() as u64, |place, step, length| {
            let part = &mut out[done..done + length];
            done += length;
            if step == 1 {
                return self.storage.read(place, part);
            }
            for (index, value) in part.iter_mut().enumerate() {
                let at = (index as u64).checked_mul(step).and_then(|by| by.checked_add(place));
                let at = at.ok_or_else(|| "its place is beyond 64 bits".to_owned())?;
                self.storage.read(at, std::slice::from_mut(value))?;
            }
            Ok(())
        })
    }

    /// In row-major order: the same tensor has the same bytes, whatever it is a view of.
    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let width = self.storage.element.bits() / 8;
        let count = self.shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size));
        let count = count.ok_or_else(|| "its shape is beyond 64 bits".to_owned())?;
        let mut element = [0; 8];
        self.runs(0, count, |place, step, length| {
            for index in 0..length as u64 {
                let at = index.checked_mul(step).and_then(|by| by.checked_add(place)?.checked_mul(width));
                let at = at.ok_or_else(|| "its place is beyond 64 bits".to_owned())?;
                let raw = &mut element[..width as usize];
                self.storage.span.read(at, raw)?;
                each(raw);
            }
            Ok(())
        })
    }
}

/// A matrix whose rows stand in another order in the file: within each head, even rows and odd rows alternate that the model has
/// one half after the other.
///
/// Source: `LlamaModel.permute` in `conversion/llama.py` of llama.cpp (`reshape(heads, 2, rows / heads / 2, …).swapaxes(1, 2)`).
#[derive(Debug)]
pub(super) struct Interleaved {
    pub(super) inner: Box<dyn Values>,
    /// Rows of a head, an even number.
    pub(super) head: u64,
    /// Elements of a row.
    pub(super) row: u64,
}

impl Values for Interleaved {
    fn read(&self, start: u64, mut out: &mut [f32]) -> Result<(), String> {
        let mut at = start;
        while !out.is_empty() {
            let (row, column) = (at / self.row, at % self.row);
            let (head, inner) = (row / self.head, row % self.head);
            let (half, index) = (inner / (self.head / 2), inner % (self.head / 2));
            let stored = head * self.head + 2 * index + half;
            let length = (self.row - column).min(out.len() as u64);
            let (part, rest) = out.split_at_mut(length as usize);
            self.inner.read(stored * self.row + column, part)?;
            out = rest;
            at += length;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.inner.bytes(each)
    }
}

/// The same value everywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant(pub(super) f32);

impl Values for Constant {
    fn read(&self, _start: u64, out: &mut [f32]) -> Result<(), String> {
        out.fill(self.0);
        Ok(())
    }

    fn bytes(&self, _each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        Ok(())
    }
}

/// A few values that are held.
#[derive(Clone, Debug)]
pub(super) struct Fixed(pub(super) Vec<f32>);

impl Values for Fixed {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let part = self.0.get(start..).and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(part.ok_or("it has fewer values than are needed")?);
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        for value in &self.0 {
            each(&value.to_le_bytes());
        }
        Ok(())
    }
}
