//! What the names in a checkpoint stand for.
//!
//! Source: `_get_allowed_globals` in PyTorch's `torch/_weights_only_unpickler.py`, and the functions of `torch/_utils.py` and
//! `torch/_tensor.py` that it lists.

/// What calling a name gives. Nothing is ever called: the arguments say what the result would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callable {
    /// A dictionary.
    Dict,
    /// `_rebuild_tensor(storage, offset, size, stride)` and its successors with more arguments.
    Tensor,
    /// `_rebuild_tensor_v3`: the seventh argument is the element type.
    TypedTensor,
    /// `_rebuild_meta_tensor_no_storage(dtype, size, stride, requires_grad)`.
    MetaTensor,
    /// `_rebuild_parameter(tensor, …)`.
    Parameter,
    /// `_rebuild_from_type_v2(function, type, arguments, state)`: calls the function.
    FromType,
    /// `torch.Size(sequence)`.
    Size,
    /// A pickle inside of the pickle.
    Nested,
    /// Something that loading may name, without tensors.
    Plain,
    /// Code that is no part of loading tensors.
    Foreign,
}

/// What a name stands for.
pub(super) fn callable(module: &str, name: &str) -> Callable {
    match (module, name) {
        ("collections", "OrderedDict" | "defaultdict" | "Counter") | ("builtins" | "__builtin__", "dict") => {
            Callable::Dict
        }
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_qtensor") => Callable::Tensor,
        ("torch._utils", "_rebuild_tensor_v3") => Callable::TypedTensor,
        ("torch._utils", "_rebuild_meta_tensor_no_storage") => Callable::MetaTensor,
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => Callable::Parameter,
        ("torch._tensor", "_rebuild_from_type_v2") => Callable::FromType,
        ("torch", "Size") => Callable::Size,
        ("torch.storage", "_load_from_bytes") => Callable::Nested,
        ("torch", _) if is_type(name) => Callable::Plain,
        ("torch" | "torch.cuda" | "torch.storage", _) if name.ends_with("Storage") => Callable::Plain,
        ("torch._utils", _) if name.starts_with("_rebuild_") => Callable::Plain,
        ("torch" | "torch.cuda", "device" | "Tensor" | "FloatTensor" | "HalfTensor" | "BFloat16Tensor")
        | ("torch.nn.parameter", "Parameter" | "Buffer" | "UninitializedParameter" | "UninitializedBuffer")
        | ("torch.serialization", "_get_layout")
        | ("torch.jit._pickle", _)
        | ("_codecs", "encode")
        | ("copyreg" | "copy_reg", "_reconstructor")
        | ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct" | "scalar")
        | ("numpy", "ndarray" | "dtype")
        | ("numpy.dtypes", _) => Callable::Plain,
        (
            "builtins" | "__builtin__",
            "set" | "frozenset" | "list" | "tuple" | "int" | "long" | "float" | "complex" | "bool" | "str"
            | "unicode" | "bytes" | "bytearray" | "object" | "slice" | "range" | "xrange",
        ) => Callable::Plain,
        // Classes of a TorchScript archive: their code lies in the archive and is not examined.
        _ if module.starts_with("__torch__") => Callable::Plain,
        _ => Callable::Foreign,
    }
}

/// Element types, layouts and memory formats.
fn is_type(name: &str) -> bool {
    const FAMILIES: &[&str] = &["float", "bfloat", "int", "uint", "complex", "qint", "quint", "bits"];
    let counted = FAMILIES.iter().any(|family| {
        name.strip_prefix(family)
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    });
    counted
        || matches!(name, "half" | "double" | "short" | "long" | "bool" | "strided" | "sparse_coo" | "jagged")
        || name.starts_with("per_tensor_")
        || name.starts_with("per_channel_")
        || name.ends_with("_format")
}

/// Bytes of an element, by the class of the storage or the name of the type.
pub(super) fn element_bytes(name: &str) -> Option<u64> {
    Some(match name {
        "UntypedStorage" | "ByteStorage" | "CharStorage" | "BoolStorage" | "QInt8Storage"
        | "QUInt8Storage" | "uint8" | "int8" | "bool" | "float8_e4m3fn" | "float8_e5m2"
        | "float8_e4m3fnuz" | "float8_e5m2fnuz" | "float8_e8m0fnu" => 1,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" | "float16" | "bfloat16" | "int16" | "uint16" => 2,
        "FloatStorage" | "IntStorage" | "QInt32Storage" | "float32" | "int32" | "uint32" => 4,
        "DoubleStorage"
        | "LongStorage"
        | "ComplexFloatStorage"
        | "float64"
        | "int64"
        | "uint64"
        | "complex64" => 8,
        "ComplexDoubleStorage" | "complex128" => 16,
        _ => return None,
    })
}
