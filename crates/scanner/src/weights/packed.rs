//! Matrices of GPTQ and AWQ: codes of 2, 4 or 8 bits in 32-bit words, stored with inputs as rows where the model has outputs.
//!
//! `W[output, input] = scale[group, output] * (code[input, output] - zero[group, output])`.
//!
//! Sources: `QuantLinear.pack` and `forward` in `auto_gptq/nn_modules/qlinear/qlinear_cuda_old.py` (words run along the inputs;
//! zero points are stored less one, except in `checkpoint_format: gptq_v2` of GPTQModel; `g_idx` names the group of each input);
//! `awq/utils/packing_utils.py` of AutoAWQ (words run along the outputs, whose order in a word is 0 2 4 6 1 3 5 7).

use std::sync::{Arc, Mutex, PoisonError};

use super::bytes::Span;
use super::element::{Element, Plain};
use super::values::Values;

/// Outputs that are decoded at once: reading a row of the model reads a column of the file.
const PANEL: u64 = 64;

/// Where in its word a code of AWQ stands, by the output's place among eight.
const AWQ_ORDER: [u64; 8] = [0, 4, 1, 5, 2, 6, 3, 7];

/// How codes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Words run along the inputs; `plus` is added to stored zero points.
    Gptq {
        plus: u8,
    },
    Awq,
}

/// A packed matrix.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) packing: Packing,
    /// Bits of a code: 2, 4 or 8.
    pub(super) bits: u64,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    pub(super) groups: u64,
    pub(super) codes: Span,
    pub(super) zeros: Span,
    pub(super) scales: Plain,
    /// The group of each input; without it groups of equal size follow each other.
    pub(super) group_of: Option<Plain>,
    /// One for all matrices of a model: it has megabytes.
    pub(super) panel: Arc<Mutex<Panel>>,
    /// Which matrix of the model this is.
    pub(super) number: usize,
}

/// Outputs `first..first + PANEL` of a matrix, for all inputs.
#[derive(Debug, Default)]
pub(super) struct Panel {
    /// The matrix and its first output.
    of: Option<(usize, u64)>,
    /// By output, then input.
    values: Vec<f32>,
}

impl Packed {
    fn per_word(&self) -> u64 {
        32 / self.bits
    }

    /// `count` words of a row of the codes or zero points, and codes in them.
    fn words(span: &Span, row: u64, width: u64, first: u64, words: &mut [u32]) -> Result<(), String> {
        let place = row.checked_mul(width).and_then(|at| at.checked_add(first)?.checked_mul(4));
        let mut bytes = vec![0; words.len() * 4];
        span.read(place.ok_or("its place is beyond 64 bits")?, &mut bytes)?;
        let (raw, _) = bytes.as_chunks::<4>();
        for (word, raw) in words.iter_mut().zip(raw) {
            *word = u32::from_le_bytes(*raw);
        }
        Ok(())
    }

    fn code(&self, word: u32, place: u64) -> f32 {
        ((word >> (place * self.bits)) & ((1 << self.bits) - 1)) as f32
    }

    /// Outputs packed along a row, as zero points are in both formats and codes in AWQ: those of `first..first + out.len()`.
    fn along(&self, span: &Span, row: u64, first: u64, out: &mut [f32]) -> Result<(), String> {
        let per = self.per_word();
        let end = first + out.len() as u64;
        let mut words = vec![0; (end.div_ceil(per) - first / per) as usize];
        Self::words(span, row, self.outputs.div_ceil(per), first / per, &mut words)?;
        for (output, value) in (first..end).zip(out) {
            let place = match self.packing {
                Packing::Awq => AWQ_ORDER[(output % 8) as usize],
                Packing::Gptq { .. } => output % per,
            };
            *value = self.code(words[(output / per - first / per) as usize], place);
        }
        Ok(())
    }

    /// Inputs `start..start + count` of outputs `first..first + width`, by output.
    fn tile(&self, first: u64, width: usize, start: u64, count: usize) -> Result<Vec<f32>, String> {
        let mut values = vec![0.0; width * count];
        let mut words = vec![0; width];
        let mut row = vec![0.0; width];
        let (mut scales, mut zeros) = (vec![0.0; width], vec![0.0; width]);
        let mut groups = vec![0.0; count];
        if let Some(named) = &self.group_of {
            named.read(start, &mut groups)?;
        }
        let (mut held, mut held_words) = (None, None);
        for index in 0..count {
            let input = start + index as u64;
            let group = match &self.group_of {
                // What is negative belongs to none.
                Some(_) if groups[index] < 0.0 => u64::MAX,
                Some(_) => groups[index] as u64,
                None => input / self.inputs.div_ceil(self.groups),
            };
            if held != Some(group) {
                if group >= self.groups {
                    return Err(format!("its input {input} belongs to group {group} of {}", self.groups));
                }
                self.scales.read(group * self.outputs + first, &mut scales)?;
                self.along(&self.zeros, group, first, &mut zeros)?;
                held = Some(group);
            }
            let plus = match self.packing {
                Packing::Awq => {
                    self.along(&self.codes, input, first, &mut row)?;
                    0.0
                }
                Packing::Gptq { plus } => {
                    let (word_row, place) = (input / self.per_word(), input % self.per_word());
                    if held_words != Some(word_row) {
                        Self::words(&self.codes, word_row, self.outputs, first, &mut words)?;
                        held_words = Some(word_row);
                    }
                    for (code, word) in row.iter_mut().zip(&words) {
                        *code = self.code(*word, place);
                    }
                    f32::from(plus)
                }
            };
            for (output, code) in row.iter().enumerate() {
                values[output * count + index] = scales[output] * (code - (zeros[output] + plus));
            }
        }
        Ok(values)
    }

    /// A part of one row of the model.
    fn read_row(&self, output: u64, start: u64, out: &mut [f32]) -> Result<(), String> {
        // Few elements do not pay for a panel.
        if (out.len() as u64) < PANEL {
            out.copy_from_slice(&self.tile(output, 1, start, out.len())?);
            return Ok(());
        }
        let mut panel = self.panel.lock().unwrap_or_else(PoisonError::into_inner);
        let first = output / PANEL * PANEL;
        if panel.of != Some((self.number, first)) {
            panel.of = None;
            let width = PANEL.min(self.outputs - first) as usize;
            panel.values = self.tile(first, width, 0, self.inputs as usize)?;
            panel.of = Some((self.number, first));
        }
        let at = ((output - first) * self.inputs + start) as usize;
        out.copy_from_slice(&panel.values[at..at + out.len()]);
        Ok(())
    }
}

impl Values for Packed {
    fn read(&self, start: u64, mut out: &mut [f32]) -> Result<(), String> {
        let mut at = start;
        while !out.is_empty() {
            let (output, input) = (at / self.inputs, at % self.inputs);
            let length = (self.inputs - input).min(out.len() as u64);
            let (part, rest) = out.split_at_mut(length as usize);
            self.read_row(output, input, part)?;
            out = rest;
            at += length;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.codes.each(each)?;
        self.zeros.each(each)?;
        self.scales.bytes(each)?;
        self.group_of.as_ref().map_or(Ok(()), |group_of| group_of.bytes(each))
    }
}

/// The shape of the matrix and the bits of a code, from the shapes of its parts; `None` where they do not fit together.
pub(super) struct Fit {
    pub(super) packing: Packing,
    pub(super) bits: u64,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    pub(super) groups: u64,
}

impl Fit {
    pub(super) fn of(
        codes: &[u64],
        zeros: &[u64],
        scales: &[u64],
        group_of: Option<&[u64]>,
        plus: u8,
    ) -> Option<Self> {
        let ([rows, width], [groups, zero_width], [scale_rows, outputs]) = (codes, zeros, scales) else {
            return None;
        };
        if groups != scale_rows || [*rows, *width, *groups, *zero_width, *outputs].contains(&0) {
            return None;
        }
        let per = outputs.checked_div(*zero_width).filter(|per| per * zero_width == *outputs)?;
        let bits = match per {
            4 => 8,
            8 => 4,
            16 => 2,
            _ => return None,
        };
        let (packing, inputs) = if width == outputs {
            (Packing::Gptq { plus }, rows.checked_mul(per)?)
        } else if width == zero_width && bits == 4 {
            (Packing::Awq, *rows)
        } else {
            return None;
        };
        let grouped = match group_of {
            Some(shape) => *shape == [inputs],
            None => inputs % groups == 0,
        };
        // A panel of all inputs is held in memory: 32 MiB for the most.
        (grouped && inputs <= 1 << 17).then_some(Self {
            packing,
            bits,
            inputs,
            outputs: *outputs,
            groups: *groups,
        })
    }
}

/// The element types of the parts.
pub(super) fn is_word(element: Element) -> bool {
    matches!(element, Element::I32 | Element::U32)
}
