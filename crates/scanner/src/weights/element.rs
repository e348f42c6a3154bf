//! Elements of fixed width, and what they mean as 32-bit floats.
//!
//! Sources: IEEE 754-2019 for 16, 32 and 64 bits; "FP8 Formats for Deep Learning" (Micikevicius et al., arXiv:2209.05433, section 3,
//! table 1) for E4M3 and E5M2; "8-bit Numerical Formats for Deep Neural Networks" (Noune et al., arXiv:2206.02915) for the variants
//! without negative zero (`FNUZ`), whose bias is one more; the OCP Microscaling Formats specification 1.0 for E8M0 (section 5.4.1) and
//! E2M1 (section 5.3.3); `onnx.proto` for the packing of elements of less than a byte, the first in the lowest bits.

use super::bytes::Span;
use super::values::Values;

/// A type of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    Bf16,
    E4m3,
    E4m3Fnuz,
    E5m2,
    E5m2Fnuz,
    E8m0,
    E2m1,
    I64,
    I32,
    I16,
    I8,
    I4,
    I2,
    U64,
    U32,
    U16,
    U8,
    U4,
    U2,
    Bool,
}

impl Element {
    /// The type that safetensors, ONNX, GGUF or PyTorch calls so; `None` for those without real values or without a layout on record
    /// (complex numbers, text, safetensors' `F4` and `F6`, whose README gives sizes only).
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "F64" | "DOUBLE" | "DoubleStorage" | "float64" => Self::F64,
            "F32" | "FLOAT" | "FloatStorage" | "float32" => Self::F32,
            "F16" | "FLOAT16" | "HalfStorage" | "float16" => Self::F16,
            "BF16" | "BFLOAT16" | "BFloat16Storage" | "bfloat16" => Self::Bf16,
            "F8_E4M3" | "FLOAT8E4M3FN" | "float8_e4m3fn" => Self::E4m3,
            "F8_E4M3FNUZ" | "FLOAT8E4M3FNUZ" | "float8_e4m3fnuz" => Self::E4m3Fnuz,
            "F8_E5M2" | "FLOAT8E5M2" | "float8_e5m2" => Self::E5m2,
            "F8_E5M2FNUZ" | "FLOAT8E5M2FNUZ" | "float8_e5m2fnuz" => Self::E5m2Fnuz,
            "F8_E8M0" | "FLOAT8E8M0" | "float8_e8m0fnu" => Self::E8m0,
            "FLOAT4E2M1" => Self::E2m1,
            "I64" | "INT64" | "LongStorage" | "int64" => Self::I64,
            "I32" | "INT32" | "IntStorage" | "int32" => Self::I32,
            "I16" | "INT16" | "ShortStorage" | "int16" => Self::I16,
            "I8" | "INT8" | "CharStorage" | "int8" => Self::I8,
            "INT4" => Self::I4,
            "INT2" => Self::I2,
            "U64" | "UINT64" | "uint64" => Self::U64,
            "U32" | "UINT32" | "uint32" => Self::U32,
            "U16" | "UINT16" | "uint16" => Self::U16,
            "U8" | "UINT8" | "ByteStorage" | "uint8" => Self::U8,
            "UINT4" => Self::U4,
            "UINT2" => Self::U2,
            "BOOL" | "BoolStorage" | "bool" => Self::Bool,
            _ => return None,
        })
    }

    /// Bits of an element.
    pub(super) fn bits(self) -> u64 {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 64,
            Self::F32 | Self::I32 | Self::U32 => 32,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 16,
            Self::E2m1 | Self::I4 | Self::U4 => 4,
            Self::I2 | Self::U2 => 2,
            _ => 8,
        }
    }

    /// Whether values are rounded to fewer than 8 bits, or to 8 bits without a scale of their own.
    pub(super) fn is_coarse(self) -> bool {
        matches!(
            self,
            Self::E4m3
                | Self::E4m3Fnuz
                | Self::E5m2
                | Self::E5m2Fnuz
                | Self::E2m1
                | Self::I4
                | Self::I2
                | Self::U4
                | Self::U2
        )
    }

    /// The values of elements of whole bytes, in the byte order of the file. `bytes` holds as many elements as `out`.
    pub(super) fn decode(self, big: bool, bytes: &[u8], out: &mut [f32]) {
        match self {
            Self::F64 => wide(big, bytes, out, |raw| f64::from_le_bytes(raw) as f32),
            Self::F32 => wide(big, bytes, out, f32::from_le_bytes),
            Self::F16 => wide(big, bytes, out, |raw| half(u16::from_le_bytes(raw))),
            Self::Bf16 => {
                wide(big, bytes, out, |raw| f32::from_bits(u32::from(u16::from_le_bytes(raw)) << 16));
            }
            Self::I64 => wide(big, bytes, out, |raw| i64::from_le_bytes(raw) as f32),
            Self::I32 => wide(big, bytes, out, |raw| i32::from_le_bytes(raw) as f32),
            Self::I16 => wide(big, bytes, out, |raw| f32::from(i16::from_le_bytes(raw))),
            Self::U64 => wide(big, bytes, out, |raw| u64::from_le_bytes(raw) as f32),
            Self::U32 => wide(big, bytes, out, |raw| u32::from_le_bytes(raw) as f32),
            Self::U16 => wide(big, bytes, out, |raw| f32::from(u16::from_le_bytes(raw))),
            Self::I8 => wide(big, bytes, out, |[byte]| f32::from(byte as i8)),
            Self::U8 => wide(big, bytes, out, |[byte]| f32::from(byte)),
            Self::Bool => wide(big, bytes, out, |[byte]| f32::from(u8::from(byte != 0))),
            Self::E4m3 => wide(big, bytes, out, |[byte]| E4M3[usize::from(byte)]),
            Self::E4m3Fnuz => wide(big, bytes, out, |[byte]| small(byte, 3, 8, true)),
            // The upper half of a 16-bit float.
            Self::E5m2 => wide(big, bytes, out, |[byte]| half(u16::from(byte) << 8)),
            Self::E5m2Fnuz => wide(big, bytes, out, |[byte]| small(byte, 2, 16, true)),
            Self::E8m0 => wide(big, bytes, out, |[byte]| power(byte)),
            Self::E2m1 | Self::I4 | Self::I2 | Self::U4 | Self::U2 => self.decode_packed(0, bytes, out),
        }
    }

    /// Elements of less than a byte, `skip` of them left out at the start.
    fn decode_packed(self, skip: usize, bytes: &[u8], out: &mut [f32]) {
        let bits = self.bits() as usize;
        for (index, value) in out.iter_mut().enumerate() {
            let at = (skip + index) * bits;
            let code = (bytes[at / 8] >> (at % 8)) & ((1 << bits) - 1);
            *value = match self {
                Self::E2m1 => E2M1[usize::from(code)],
                // Two's complement.
                Self::I4 => f32::from((code << 4) as i8 >> 4),
                Self::I2 => f32::from((code << 6) as i8 >> 6),
                _ => f32::from(code),
            };
        }
    }
}

/// Elements one after the other.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub(super) element: Element,
    pub(super) span: Span,
    pub(super) big: bool,
}

/// Bytes that are decoded at once: they and their values stay in the processor's cache.
const PIECE: usize = 64 << 10;

impl Values for Plain {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        let bits = self.element.bits();
        let beyond = || "its place is beyond 64 bits".to_owned();
        // A few elements need no memory of their own.
        let mut few = [0; 512];
        let mut many = Vec::new();
        let per_piece = PIECE * 8 / bits as usize;
        let mut at = start;
        for piece in out.chunks_mut(per_piece) {
            let first = at.checked_mul(bits).ok_or_else(beyond)?;
            let last = first.checked_add(piece.len() as u64 * bits).ok_or_else(beyond)?;
            let length = (last.div_ceil(8) - first / 8) as usize;
            let bytes = if length <= few.len() {
                &mut few[..length]
            } else {
                many.resize(length, 0);
                &mut many[..]
            };
            self.span.read(first / 8, bytes)?;
            if bits < 8 {
                self.element.decode_packed((first % 8 / bits) as usize, bytes, piece);
            } else {
                self.element.decode(self.big, bytes, piece);
            }
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.span.each(each)
    }
}

/// Elements of `N` bytes.
#[inline(always)]
fn wide<const N: usize>(big: bool, bytes: &[u8], out: &mut [f32], value: impl Fn([u8; N]) -> f32) {
    let (elements, _) = bytes.as_chunks::<N>();
    if big && N > 1 {
        for (value_of, raw) in out.iter_mut().zip(elements) {
            let mut raw = *raw;
            raw.reverse();
            *value_of = value(raw);
        }
    } else {
        for (value_of, raw) in out.iter_mut().zip(elements) {
            *value_of = value(*raw);
        }
    }
}

/// A 16-bit float.
#[inline(always)]
pub(super) fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let rest = u32::from(bits & 0x7fff) << 13;
    // As a 32-bit float the exponent is 112 too small, and multiplying mends it for subnormal numbers too, exactly.
    let finite = (f32::from_bits(rest) * f32::from_bits((127 + 112) << 23)).to_bits();
    let special = rest | 0x7f80_0000;
    f32::from_bits(sign | if rest >= 0x0f80_0000 { special } else { finite })
}

/// 2 to the power of `byte` - 127; 255 is no number.
#[inline(always)]
pub(super) fn power(byte: u8) -> f32 {
    match byte {
        // The smallest is subnormal.
        0 => f32::from_bits(0x0040_0000),
        255 => f32::NAN,
        other => f32::from_bits(u32::from(other) << 23),
    }
}

/// The values of E2M1: one bit of sign, two of exponent, one of mantissa.
pub(super) const E2M1: [f32; 16] =
    [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0];

/// The values of E4M3.
pub(super) static E4M3: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = small(byte as u8, 3, 7, false);
        byte += 1;
    }
    table
};

/// An 8-bit float with so many bits of mantissa. `unsigned_zero`: what would be minus zero is no number, and nothing else is;
/// otherwise all ones is no number, and there are no infinities.
const fn small(byte: u8, mantissa: u32, bias: u32, unsigned_zero: bool) -> f32 {
    if (unsigned_zero && byte == 0x80) || (!unsigned_zero && byte & 0x7f == 0x7f) {
        return f32::NAN;
    }
    let sign = ((byte as u32) & 0x80) << 24;
    let exponent = ((byte & 0x7f) >> mantissa) as u32;
    let fraction = (byte as u32) & ((1 << mantissa) - 1);
    if exponent > 0 {
        return f32::from_bits(sign | (exponent + 127 - bias) << 23 | fraction << (23 - mantissa));
    }
    // Subnormal: fraction times 2^(1 - bias - mantissa).
    let value = fraction as f32 * f32::from_bits((127 + 1 - bias - mantissa) << 23);
    f32::from_bits(sign | value.to_bits())
}
