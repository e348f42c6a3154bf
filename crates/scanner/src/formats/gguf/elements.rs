//! Element types of tensors: `ggml_type` of the GGUF specification, sizes from `GGML_QUANT_SIZES` in
//! `gguf-py/gguf/constants.py` of llama.cpp.

/// Number, name, elements of a block, and bytes of a block; 0 where support was removed and the size is not on record.
const ELEMENTS: &[(u32, &str, u64, u64)] = &[
    (0, "F32", 1, 4),
    (1, "F16", 1, 2),
    (2, "Q4_0", 32, 18),
    (3, "Q4_1", 32, 20),
    (4, "Q4_2", 0, 0),
    (5, "Q4_3", 0, 0),
    (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24),
    (8, "Q8_0", 32, 34),
    (9, "Q8_1", 32, 36),
    (10, "Q2_K", 256, 84),
    (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176),
    (14, "Q6_K", 256, 210),
    (15, "Q8_K", 256, 292),
    (16, "IQ2_XXS", 256, 66),
    (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98),
    (19, "IQ1_S", 256, 50),
    (20, "IQ4_NL", 32, 18),
    (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82),
    (23, "IQ4_XS", 256, 136),
    (24, "I8", 1, 1),
    (25, "I16", 1, 2),
    (26, "I32", 1, 4),
    (27, "I64", 1, 8),
    (28, "F64", 1, 8),
    (29, "IQ1_M", 256, 56),
    (30, "BF16", 1, 2),
    (31, "Q4_0_4_4", 0, 0),
    (32, "Q4_0_4_8", 0, 0),
    (33, "Q4_0_8_8", 0, 0),
    (34, "TQ1_0", 256, 54),
    (35, "TQ2_0", 256, 66),
    (36, "IQ4_NL_4_4", 0, 0),
    (37, "IQ4_NL_4_8", 0, 0),
    (38, "IQ4_NL_8_8", 0, 0),
    (39, "MXFP4", 32, 17),
    (40, "NVFP4", 64, 36),
    (41, "Q1_0", 128, 18),
    (42, "Q2_0", 64, 18),
];

/// The name of an element type; a type that came later has its number for a name.
pub(super) fn name(number: u32) -> Box<str> {
    entry(number).map_or_else(|| format!("type {number}").into(), |(_, name, ..)| (*name).into())
}

/// Elements and bytes of a block; `None` where the size is not known.
pub(crate) fn block(number: u32) -> Option<(u64, u64)> {
    let (_, _, elements, bytes) = *entry(number)?;
    (elements > 0).then_some((elements, bytes))
}

/// Bytes of a tensor. `None` where the type's size is not known, or the number is beyond 64 bits.
pub(crate) fn bytes(number: u32, shape: &[u64]) -> Option<u64> {
    let (_, _, block, size) = *entry(number).filter(|(_, _, block, _)| *block > 0)?;
    let elements = shape.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension))?;
    elements.div_ceil(block).checked_mul(size)
}

/// Whether weights of the type are rounded in blocks; a type that is not known is not said to be.
pub(crate) fn is_quantised(number: u32) -> bool {
    entry(number).is_some_and(|(_, _, block, _)| *block != 1)
}

fn entry(number: u32) -> Option<&'static (u32, &'static str, u64, u64)> {
    ELEMENTS.get(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_of_its_numbers() {
        for (index, (number, ..)) in ELEMENTS.iter().enumerate() {
            assert_eq!(index as u32, *number);
        }
        assert_eq!((&*name(39), &*name(43)), ("MXFP4", "type 43"));
        assert_eq!(bytes(12, &[2, 512]), Some(576));
        assert_eq!((bytes(0, &[1 << 40, 1 << 40]), bytes(4, &[1]), bytes(99, &[1])), (None, None, None));
    }
}
