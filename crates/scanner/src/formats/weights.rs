//! Weight files, by their names. Their content is not read here, except for an LFS pointer that stands for one; the modules of
//! the formats read their headers.

use forebear_types::RepoPath;
use forebear_types::fact::{FactKind, ProblemKind, Reading, WeightsFile, WeightsFormat};

use super::File;
use super::lfs_pointer::{self, Parsed};

/// Files that training leaves beside the weights and that are none.
const NOT_WEIGHTS: &[&str] =
    &["training_args", "optimizer", "scheduler", "rng_state", "trainer_state", "scaler", "random_states"];

/// The format of a weight file from its name in lower case.
pub(crate) fn format(name: &str) -> Option<WeightsFormat> {
    let (stem, extension) = name.rsplit_once('.')?;
    if NOT_WEIGHTS.iter().any(|prefix| stem.starts_with(prefix)) {
        return None;
    }
    match extension {
        "safetensors" => Some(WeightsFormat::Safetensors),
        "gguf" | "ggml" => Some(WeightsFormat::Gguf),
        "pt" | "pth" | "ckpt" => Some(WeightsFormat::PyTorch),
        // `.bin` is used for anything; of names that hold one of these words the Hub's own loaders expect weights.
        "bin" => ["model", "weights", "ggml", "consolidated", "diffusion"]
            .iter()
            .any(|word| stem.contains(word))
            .then_some(WeightsFormat::PyTorch),
        "onnx" | "onnx_data" => Some(WeightsFormat::Onnx),
        "h5" | "tflite" | "msgpack" | "nemo" | "npz" | "mlmodel" | "ot" | "pdparams" | "distcp" => {
            Some(WeightsFormat::Other)
        }
        _ => None,
    }
}

/// Whether a file of the format ONNX is a model; the others hold the data of its tensors.
pub(crate) fn is_onnx_model(path: &RepoPath) -> bool {
    path.file_name().to_ascii_lowercase().ends_with(b".onnx")
}

/// Records the file; a pointer gives the size of the real one.
pub(crate) fn read(file: File<'_>, format: WeightsFormat, reading: &mut Reading) {
    let mut pointer = None;
    if file.size < lfs_pointer::LIMIT {
        match lfs_pointer::parse(file.bytes) {
            Parsed::Pointer(found) => pointer = Some(found),
            Parsed::Broken(what) => {
                let remedy = "restore the pointer from the history, or fetch the file with `git lfs pull`";
                reading.problems.push(file.problem(ProblemKind::Malformed, what, remedy));
            }
            Parsed::Other => {}
        }
    }
    let name = file.path.file_name().to_ascii_lowercase();
    reading.facts.push(file.fact(FactKind::Weights(WeightsFile {
        format,
        size: pointer.map_or(file.size, |pointer| pointer.size),
        pointer,
        adapter: name.starts_with(b"adapter_model") || name.starts_with(b"pytorch_lora"),
    })));
}
