//! File formats: from bytes to facts.
//!
//! [`interest`] says from the path which reader a file needs, [`budget`] how many bytes that reader wants, and [`read`]
//! turns them into facts and problems. Readers never fail: what they cannot read is a problem beside what they could.

mod adapter_config;
mod chat_template;
pub(crate) mod checkpoint;
mod front_matter;
mod generation_config;
pub(crate) mod gguf;
mod json;
mod legal_file;
pub(crate) mod lfs_pointer;
mod merge_recipe;
mod model_card;
mod model_config;
mod modelfile;
mod nemo;
pub(crate) mod onnx;
mod pipeline;
mod quantisation;
pub(crate) mod safetensors;
mod source_code;
pub(crate) mod tensor_list;
mod tokenizer;
mod tokenizer_config;
pub(crate) mod weight_index;
pub(crate) mod weights;
mod yaml;

use std::sync::Arc;

use forebear_licenses::{Content, Encoding};
use forebear_types::fact::{
    Fact, FactKind, LegalRole, Problem, ProblemKind, Reading, TokenizerKind, WeightsFormat,
};
use forebear_types::license::Recognition;
use forebear_types::{Located, ObjectId, RepoPath, Snapshot};

use crate::source::ReadSeek;

pub use front_matter::with_keys;
pub(crate) use legal_file::rescope;
pub(crate) use legal_file::unexamined as note_unread;

/// What a file is, from its name and folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interest {
    /// A licence, notice or policy.
    LegalFile(LegalRole),
    /// A README or model card.
    ModelCard,
    /// `config.json`, or Meta's `params.json`.
    ModelConfig,
    /// `adapter_config.json`.
    AdapterConfig,
    /// A recipe of a merge.
    MergeRecipe,
    /// How the weights were quantised, in a file of its own.
    Quantisation,
    /// The parts of a pipeline.
    Pipeline,
    /// NeMo's `model_config.yaml`.
    NemoConfig,
    /// An Ollama `Modelfile`.
    Modelfile,
    /// Python code that belongs to the model.
    SourceCode,
    /// Weights, or the pointer that stands for them.
    Weights(WeightsFormat),
    /// A vocabulary.
    Tokenizer(TokenizerKind),
    /// `tokenizer_config.json` or `special_tokens_map.json`.
    TokenizerConfig,
    /// `chat_template.jinja` and its like.
    ChatTemplate,
    /// `generation_config.json`.
    GenerationConfig,
    /// An index of sharded weights.
    WeightIndex(WeightsFormat),
}

impl Interest {
    /// Whether the file can hold a licence, an owner's line or a declaration: what the history of a repository is about.
    pub(crate) fn is_document(self) -> bool {
        matches!(self, Self::LegalFile(_) | Self::ModelCard | Self::AdapterConfig)
    }

    /// Whether the facts of the file are kept for every state of the history: documents, and configurations, which say what
    /// was loaded.
    pub(crate) fn is_kept(self) -> bool {
        self.is_document() || self == Self::ModelConfig
    }

    /// Whether the file tells of the model's descent: that it vanished is an event.
    pub(crate) fn is_evidence(self) -> bool {
        matches!(
            self,
            Self::ModelCard
                | Self::ModelConfig
                | Self::AdapterConfig
                | Self::MergeRecipe
                | Self::Tokenizer(_)
                | Self::TokenizerConfig
        )
    }

    /// Whether the walk through a history looks at the file at all.
    pub(crate) fn is_historic(self) -> bool {
        self.is_kept() || self.is_evidence() || matches!(self, Self::Weights(_))
    }

    /// What a reader of a timeline calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LegalFile(_) => "a legal file",
            Self::ModelCard => "a model card",
            Self::ModelConfig => "a configuration",
            Self::AdapterConfig => "an adapter's configuration",
            Self::MergeRecipe => "the recipe of a merge",
            Self::Quantisation => "a quantisation",
            Self::Pipeline => "a pipeline",
            Self::NemoConfig => "a configuration of NeMo",
            Self::Modelfile => "a modelfile",
            Self::SourceCode => "code of the model",
            Self::Weights(_) => "weights",
            Self::Tokenizer(_) => "a tokenizer",
            Self::TokenizerConfig => "a tokenizer's configuration",
            Self::ChatTemplate => "a chat template",
            Self::GenerationConfig => "a generation configuration",
            Self::WeightIndex(_) => "an index of weights",
        }
    }
}

/// Which reader a file needs; `None` for files that forebear does not look into.
pub fn interest(path: &RepoPath) -> Option<Interest> {
    let name = std::str::from_utf8(path.file_name()).ok()?;
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        // MLC keeps the configuration of the model that it compiled in its own.
        "config.json" | "params.json" | "mlc-chat-config.json" => return Some(Interest::ModelConfig),
        "adapter_config.json" => return Some(Interest::AdapterConfig),
        "model_config.yaml" | "model_config.yml" => return Some(Interest::NemoConfig),
        // Version 2 of NeMo keeps it in a folder of this name.
        "model.yaml" if path.parent().is_some_and(|folder| folder.file_name() == b"context") => {
            return Some(Interest::NemoConfig);
        }
        _ if quantisation::is_config(&lower) => return Some(Interest::Quantisation),
        _ if pipeline::is_index(&lower) => return Some(Interest::Pipeline),
        _ if merge_recipe::is_recipe(&lower) => return Some(Interest::MergeRecipe),
        _ if modelfile::is_modelfile(&lower) => return Some(Interest::Modelfile),
        _ if source_code::is_code(path, &lower) => return Some(Interest::SourceCode),
        "generation_config.json" => return Some(Interest::GenerationConfig),
        _ => {}
    }
    if let Some(kind) = tokenizer::kind(&lower) {
        return Some(Interest::Tokenizer(kind));
    }
    if tokenizer_config::is_config(&lower) {
        return Some(Interest::TokenizerConfig);
    }
    if chat_template::is_template(path, &lower) {
        return Some(Interest::ChatTemplate);
    }
    if let Some(format) = weights::format(&lower) {
        return Some(Interest::Weights(format));
    }
    if let Some(format) = weight_index::format(&lower) {
        return Some(Interest::WeightIndex(format));
    }
    if let Some(role) = legal_file::role(path, &lower) {
        return Some(Interest::LegalFile(role));
    }
    model_card::is_card(&lower).then_some(Interest::ModelCard)
}

/// The longest target of a symbolic link that is followed: `PATH_MAX` of Linux.
pub(crate) const LINK: u64 = 4096;

/// The most bytes that a reader wants to see; a larger file is a [`ProblemKind::Oversized`].
///
/// The longest licence of the SPDX list has 110 KiB, the longest third-party notices seen have under 1 MiB; a model card
/// of 2 MiB would be a book; a configuration with a long quantisation table stays below 4 MiB. Of weights only the first
/// 1024 bytes matter: the bound that the git-lfs specification sets for pointers.
pub fn budget(interest: Interest) -> u64 {
    match interest {
        Interest::LegalFile(_) => 1 << 20,
        Interest::ModelCard => 2 << 20,
        Interest::ModelConfig | Interest::AdapterConfig => 4 << 20,
        // A quantisation table may list every layer of a model of thousands, and a modelfile holds licences.
        Interest::Quantisation | Interest::Modelfile => 4 << 20,
        Interest::MergeRecipe | Interest::Pipeline | Interest::NemoConfig | Interest::SourceCode => 1 << 20,
        Interest::Weights(_) => lfs_pointer::LIMIT,
        Interest::Tokenizer(_) => tokenizer::BUDGET,
        Interest::TokenizerConfig => tokenizer_config::BUDGET,
        Interest::ChatTemplate => chat_template::BUDGET,
        Interest::GenerationConfig => generation_config::BUDGET,
        Interest::WeightIndex(_) => weight_index::BUDGET,
    }
}

/// Whether [`read_header`] has something to read beside what [`read`] saw: weights of a format whose headers are read, and not
/// the pointer that stands for them, nor what is left of one.
pub fn has_header(reading: &Reading, file: File<'_>, interest: Interest) -> bool {
    let Interest::Weights(format) = interest else { return false };
    let here = |fact: &Fact| matches!(&fact.kind, FactKind::Weights(weights) if weights.pointer.is_none());
    let known = match format {
        WeightsFormat::Safetensors | WeightsFormat::PyTorch | WeightsFormat::Gguf => true,
        // Beside a model stand the data of its tensors, which have no header.
        WeightsFormat::Onnx => weights::is_onnx_model(file.path),
        WeightsFormat::Other => nemo::is_archive(file.path),
    };
    known && reading.problems.is_empty() && reading.facts.iter().any(here)
}

/// Reads the header of weights of any size, and adds to the reading what it says: [`File::bytes`] may be empty. Only parts of
/// the stream are read: a header, a directory, a pickle; of a file of hundreds of gigabytes as little as of a small one.
pub fn read_header(file: File<'_>, interest: Interest, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    let Interest::Weights(format) = interest else { return };
    match format {
        WeightsFormat::Safetensors => safetensors::read_header(file, stream, reading),
        WeightsFormat::PyTorch => checkpoint::read_header(file, stream, reading),
        WeightsFormat::Gguf => gguf::read(file, stream, reading),
        WeightsFormat::Onnx => onnx::read_header(file, stream, reading),
        WeightsFormat::Other => nemo::read_archive(file, stream, reading),
    }
}

/// A file as a reader gets it.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its path.
    pub path: &'a RepoPath,
    /// Its bytes: all of them, or at least the first [`budget`] ones, or none if `size` is above the budget.
    pub bytes: &'a [u8],
    /// Its size.
    pub size: u64,
    /// Its git blob id, where there is one.
    pub blob: Option<ObjectId>,
    /// In which state of the repository it stands.
    pub snapshot: &'a Snapshot,
}

/// Reads a file.
pub fn read(file: File<'_>, interest: Interest) -> Reading {
    read_knowing(file, interest, None)
}

/// Reads a file of which it may be known already which licences are in it.
pub(crate) fn read_knowing(file: File<'_>, interest: Interest, known: Option<&Recognition>) -> Reading {
    let mut reading = Reading::default();
    if let Interest::Weights(format) = interest {
        weights::read(file, format, &mut reading);
        return reading;
    }
    if file.size > budget(interest) {
        reading.problems.push(file.problem(
            ProblemKind::Oversized,
            format!("the file has {} bytes, more than the {} that are examined", file.size, budget(interest)),
            "split the file, or check it by hand",
        ));
        legal_file::unexamined(file, interest, &mut reading);
        return reading;
    }
    match lfs_pointer::parse(file.bytes) {
        lfs_pointer::Parsed::Pointer(pointer) => {
            let (what, remedy) = match interest {
                // Usual for a large tokenizer. Its digest is known, and may be enough to recognise it.
                Interest::Tokenizer(_) => (
                    "the file is a Git LFS pointer; the vocabulary behind it was not examined",
                    "fetch it with `git lfs pull`",
                ),
                _ => (
                    "the file is a Git LFS pointer; its content is not here",
                    "fetch it with `git lfs pull`, and keep text files out of Git LFS",
                ),
            };
            reading.problems.push(file.problem(ProblemKind::PointerOnly, what.to_owned(), remedy));
            reading.facts.push(file.fact(FactKind::Pointer(pointer)));
            legal_file::unexamined(file, interest, &mut reading);
            return reading;
        }
        lfs_pointer::Parsed::Broken(what) => {
            reading.problems.push(file.problem(
                ProblemKind::Malformed,
                what,
                "restore the pointer from the history",
            ));
        }
        lfs_pointer::Parsed::Other => {}
    }
    match interest {
        Interest::LegalFile(role) => legal_file::read(file, role, known, &mut reading),
        Interest::ModelCard => model_card::read(file, known, &mut reading),
        Interest::ModelConfig => model_config::read(file, &mut reading),
        Interest::AdapterConfig => adapter_config::read(file, &mut reading),
        Interest::MergeRecipe => merge_recipe::read(file, &mut reading),
        Interest::Quantisation => quantisation::read(file, &mut reading),
        Interest::Pipeline => pipeline::read(file, &mut reading),
        Interest::NemoConfig => nemo::read(file, &mut reading),
        Interest::Modelfile => modelfile::read(file, &mut reading),
        Interest::SourceCode => source_code::read(file, &mut reading),
        Interest::Tokenizer(kind) => tokenizer::read(file, kind, &mut reading),
        Interest::TokenizerConfig => tokenizer_config::read(file, &mut reading),
        Interest::ChatTemplate => chat_template::read(file, &mut reading),
        Interest::GenerationConfig => generation_config::read(file, &mut reading),
        Interest::WeightIndex(format) => weight_index::read(file, format, &mut reading),
        Interest::Weights(_) => {}
    }
    reading
}

impl File<'_> {
    fn fact(&self, kind: FactKind) -> Fact {
        Fact { path: self.path.clone(), snapshot: self.snapshot.clone(), kind }
    }

    fn problem(&self, kind: ProblemKind, what: String, remedy: &str) -> Problem {
        Problem { path: self.path.clone(), line: None, kind, what, remedy: remedy.to_owned() }
    }

    /// The text of the file, with problems if it is not text, not wholly in one encoding, or holds merge-conflict markers.
    fn text(&self, problems: &mut Vec<Problem>) -> Option<Arc<str>> {
        let decoded = forebear_licenses::decode(self.bytes);
        match decoded.content {
            Content::Text(encoding) => self.encoding(encoding, decoded.faults, problems),
            Content::Document(document) => {
                let what = format!("this is {}: its text is not examined", document.name());
                let remedy = "read it yourself, and put the same text beside it as a plain text file";
                problems.push(self.problem(ProblemKind::Unsupported, what, remedy));
                return None;
            }
            Content::Binary => {
                let what = "the file is not text".to_owned();
                let remedy = "put a plain text file in its place";
                problems.push(self.problem(ProblemKind::Unsupported, what, remedy));
                return None;
            }
        }
        if let Some(line) = conflict_marker(&decoded.text) {
            problems.push(Problem {
                line: Some(line),
                ..self.problem(
                    ProblemKind::Conflicted,
                    "the file holds merge-conflict markers: it says two things at once".to_owned(),
                    "resolve the conflict and commit the result",
                )
            });
        }
        Some(decoded.text.into())
    }

    /// A problem where the encoding is guessed, or broken in places. Windows-1252 is none: it differs from Latin-1 and
    /// ASCII by a copyright sign, and the words of licences are ASCII.
    fn encoding(&self, encoding: Encoding, faults: usize, problems: &mut Vec<Problem>) {
        let remedy = "save the file as UTF-8";
        if encoding == Encoding::Unknown {
            let what =
                "the encoding of the file is not known: only words in ASCII letters were read".to_owned();
            problems.push(self.problem(ProblemKind::Unsupported, what, remedy));
        } else if faults > 0 {
            let places = if faults == 1 { "1 place".to_owned() } else { format!("{faults} places") };
            let what = format!(
                "{places} of the file cannot be read as {} (NULs or broken characters)",
                encoding.name()
            );
            problems.push(self.problem(ProblemKind::Malformed, what, remedy));
        }
    }

    /// The text of a JSON file and the document in it, if that is an object; faults become problems.
    fn object(&self, problems: &mut Vec<Problem>, remedy: &str) -> Option<(Arc<str>, json::Json)> {
        let text = self.text(problems)?;
        let json = self.json(&text, problems);
        if json.root().is_some_and(|root| root.is_object()) {
            return Some((text, json));
        }
        if problems.is_empty() {
            let what = "the file holds no JSON object".to_owned();
            problems.push(self.problem(ProblemKind::Malformed, what, remedy));
        }
        None
    }

    /// A parsed JSON document; its faults become problems.
    fn json(&self, text: &str, problems: &mut Vec<Problem>) -> json::Json {
        let json = json::Json::parse(text);
        for fault in json.faults.iter().take(FAULTS) {
            problems.push(Problem {
                line: Some(fault.line),
                ..self.problem(
                    ProblemKind::Malformed,
                    fault.what.clone(),
                    "correct the JSON; what could be read was used",
                )
            });
        }
        json
    }
}

/// Faults of one document that are worth a line each; a file with more is broken as a whole.
const FAULTS: usize = 20;

/// The line of `<<<<<<<`, if `=======` and `>>>>>>>` follow it at line starts, as git writes them.
fn conflict_marker(text: &str) -> Option<u32> {
    let mut opened = None;
    let mut parted = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("<<<<<<< ") || line == "<<<<<<<" {
            opened = Some(index as u32 + 1);
            parted = false;
        } else if line == "=======" {
            parted = opened.is_some();
        } else if parted && (line.starts_with(">>>>>>> ") || line == ">>>>>>>") {
            return opened;
        }
    }
    None
}

/// A text value of a JSON member with its place.
fn located_text(view: json::View<'_>) -> Option<Located<String>> {
    Some(Located { value: view.text()?.to_owned(), line: view.line(), span: view.span() })
}

/// A whole number that is not negative, with its place.
fn located_count(view: json::View<'_>) -> Option<Located<u64>> {
    Some(Located { value: view.number()?.parse().ok()?, line: view.line(), span: view.span() })
}

/// One text, or the first ones of a list.
fn located_texts(view: json::View<'_>, most: usize) -> Vec<Located<String>> {
    located_text(view).into_iter().chain(view.items().filter_map(located_text)).take(most).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use forebear_types::fact::Tensors;

    /// Reads a file from memory as if it stood in the work tree.
    pub(crate) fn read_text(path: &str, text: &str) -> Reading {
        read_bytes(path, text.as_bytes())
    }

    pub(crate) fn read_bytes(path: &str, bytes: &[u8]) -> Reading {
        let path = RepoPath::new(path).unwrap();
        let interest = interest(&path).expect("a file of interest");
        let size = bytes.len() as u64;
        read(File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree }, interest)
    }

    /// Reads a weight file with its header from memory.
    pub(crate) fn header_of(path: &str, bytes: &[u8]) -> Reading {
        let path = RepoPath::new(path).unwrap();
        let interest = interest(&path).expect("a file of interest");
        let size = bytes.len() as u64;
        let file = File { path: &path, bytes: &[], size, blob: None, snapshot: &Snapshot::WorkTree };
        let mut reading = read(file, interest);
        assert!(has_header(&reading, file, interest), "{path:?} has a header");
        read_header(file, interest, &mut std::io::Cursor::new(bytes), &mut reading);
        reading
    }

    /// The list of tensors of a reading.
    pub(crate) fn tensors_of(reading: &Reading) -> &Tensors {
        let tensors = reading.facts.iter().find_map(|fact| match &fact.kind {
            FactKind::Tensors(tensors) => Some(tensors),
            _ => None,
        });
        tensors.unwrap_or_else(|| panic!("no tensors: {:?}", reading.problems))
    }

    #[test]
    fn pointers_data_and_unknown_formats_have_no_header() {
        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
        for (name, bytes, wanted) in [
            ("model.safetensors", pointer.as_bytes(), false),
            ("model.safetensors", &pointer.as_bytes()[..60], false),
            ("model.safetensors", b"weights", true),
            ("pytorch_model.bin", b"weights", true),
            ("model.onnx", b"weights", true),
            ("model.onnx_data", b"weights", false),
            ("tf_model.h5", b"weights", false),
        ] {
            let reading = read_bytes(name, bytes);
            let path = RepoPath::new(name).unwrap();
            let size = bytes.len() as u64;
            let file = File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree };
            assert_eq!(has_header(&reading, file, interest(&path).unwrap()), wanted, "{name}");
        }
    }

    #[test]
    fn names_decide_the_reader() {
        let kind = |path: &str| interest(&RepoPath::new(path).unwrap());
        use Interest::*;
        for (path, wanted) in [
            ("LICENSE", LegalFile(LegalRole::License)),
            ("license.txt", LegalFile(LegalRole::License)),
            ("Licence.md", LegalFile(LegalRole::License)),
            ("LICENSE-MODEL", LegalFile(LegalRole::License)),
            ("MODEL_LICENSE", LegalFile(LegalRole::License)),
            ("MODEL_LICENSE_AGREEMENT.txt", LegalFile(LegalRole::License)),
            ("LICENSE.DeepSeek", LegalFile(LegalRole::License)),
            ("COPYING.LESSER", LegalFile(LegalRole::License)),
            ("UNLICENSE", LegalFile(LegalRole::License)),
            ("licenses/DeepSeek.txt", LegalFile(LegalRole::License)),
            ("LICENSES/MIT.txt", LegalFile(LegalRole::License)),
            ("Notice", LegalFile(LegalRole::Notice)),
            ("NOTICE.txt", LegalFile(LegalRole::Notice)),
            ("COPYRIGHT", LegalFile(LegalRole::Copyright)),
            ("USE_POLICY.md", LegalFile(LegalRole::UsePolicy)),
            ("THIRD_PARTY_NOTICES.md", LegalFile(LegalRole::ThirdParty)),
            ("third-party-licenses.txt", LegalFile(LegalRole::ThirdParty)),
            ("PATENTS", LegalFile(LegalRole::Patents)),
            ("LICENSE.pdf", LegalFile(LegalRole::License)),
            ("Licence.docx", LegalFile(LegalRole::License)),
            ("license.rtf", LegalFile(LegalRole::License)),
            ("Model License Agreement.odt", LegalFile(LegalRole::License)),
            ("KaguyaLicense.pdf", LegalFile(LegalRole::License)),
            ("ModelLicense.txt", LegalFile(LegalRole::License)),
            ("LICENSE.pages", LegalFile(LegalRole::License)),
            ("EULA.pdf", LegalFile(LegalRole::License)),
            ("Terms_of_Use.pdf", LegalFile(LegalRole::License)),
            ("USE_POLICY.pdf", LegalFile(LegalRole::UsePolicy)),
            ("README.md", ModelCard),
            ("readme", ModelCard),
            ("README_zh-CN.md", ModelCard),
            ("MODEL_CARD.md", ModelCard),
            ("config.json", ModelConfig),
            ("text_encoder/config.json", ModelConfig),
            ("mlc-chat-config.json", ModelConfig),
            ("adapter_config.json", AdapterConfig),
            ("adapters/adapter_config.json", AdapterConfig),
            ("original/params.json", ModelConfig),
            ("model_config.yaml", NemoConfig),
            ("nemo/context/model.yaml", NemoConfig),
            ("mergekit_config.yml", MergeRecipe),
            ("mergekit_moe_config.yml", MergeRecipe),
            ("merge_config.yaml", MergeRecipe),
            ("quantize_config.json", Quantisation),
            ("hf_quant_config.json", Quantisation),
            ("model_index.json", Pipeline),
            ("modules.json", Pipeline),
            ("Modelfile", Modelfile),
            ("kaguya.modelfile", Modelfile),
            ("modeling_deepseek.py", SourceCode),
            ("inference/model.py", SourceCode),
            ("model-00001-of-00002.safetensors", Weights(WeightsFormat::Safetensors)),
            ("pytorch_model.bin", Weights(WeightsFormat::PyTorch)),
            ("consolidated.00.pth", Weights(WeightsFormat::PyTorch)),
            ("model-Q4_K_M.gguf", Weights(WeightsFormat::Gguf)),
            ("onnx/model.onnx", Weights(WeightsFormat::Onnx)),
            ("tf_model.h5", Weights(WeightsFormat::Other)),
            ("tokenizer.json", Tokenizer(TokenizerKind::TokenizerJson)),
            ("tokenizer/vocab.json", Tokenizer(TokenizerKind::Vocabulary)),
            ("merges.txt", Tokenizer(TokenizerKind::Merges)),
            ("vocab.txt", Tokenizer(TokenizerKind::WordPiece)),
            ("tokenizer.model", Tokenizer(TokenizerKind::SentencePiece)),
            ("tokenizer.model.v3", Tokenizer(TokenizerKind::SentencePiece)),
            ("spiece.model", Tokenizer(TokenizerKind::SentencePiece)),
            ("sentencepiece.bpe.model", Tokenizer(TokenizerKind::SentencePiece)),
            ("qwen.tiktoken", Tokenizer(TokenizerKind::Tiktoken)),
            ("tekken.json", Tokenizer(TokenizerKind::Tekken)),
            ("tokenizer_config.json", TokenizerConfig),
            ("special_tokens_map.json", TokenizerConfig),
            ("chat_template.jinja", ChatTemplate),
            ("additional_chat_templates/rag.jinja", ChatTemplate),
            ("generation_config.json", GenerationConfig),
            ("model.safetensors.index.json", WeightIndex(WeightsFormat::Safetensors)),
            ("unet/diffusion_pytorch_model.safetensors.index.json", WeightIndex(WeightsFormat::Safetensors)),
            ("model.safetensors.index.fp16.json", WeightIndex(WeightsFormat::Safetensors)),
            ("pytorch_model.bin.index.json", WeightIndex(WeightsFormat::PyTorch)),
        ] {
            assert_eq!(kind(path), Some(wanted), "{path}");
        }
        for path in [
            "license.py",
            "src/licenses.rs",
            "license_checker.ts",
            "license.json",
            "docs/license.svg",
            "notice_board.py",
            "noticeable.md",
            "patents.csv",
            "terms.md",
            "long_term_of_use.md",
            "licensee.pdf.json",
            "training_args.bin",
            "optimizer.pt",
            "scheduler.pt",
            "rng_state_0.pth",
            "word2vec.model",
            "templates/page.jinja",
            "vocab.bin",
            "page.index.json",
            "index.json",
            "main.rs",
            "readme_generator.py",
            "model.yaml",
            "src/model.py",
            "merge_requests.yml",
            "modelfile.py",
        ] {
            assert_eq!(kind(path), None, "{path}");
        }
    }

    #[test]
    fn large_files_pointers_and_conflicts_are_problems() {
        let path = RepoPath::new("LICENSE").unwrap();
        let file =
            File { path: &path, bytes: b"", size: 300 << 20, blob: None, snapshot: &Snapshot::WorkTree };
        let reading = read(file, Interest::LegalFile(LegalRole::License));
        assert_eq!(reading.problems[0].kind, ProblemKind::Oversized);
        assert!(matches!(&reading.facts[0].kind, FactKind::LegalFile(file) if !file.examined));

        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
        let reading = read_text("LICENSE", &pointer);
        assert_eq!(reading.problems[0].kind, ProblemKind::PointerOnly);
        let reading = read_text("config.json", &pointer);
        assert_eq!(reading.problems[0].kind, ProblemKind::PointerOnly);

        let reading = read_text("NOTICE", "one\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n");
        assert_eq!((reading.problems[0].kind, reading.problems[0].line), (ProblemKind::Conflicted, Some(2)));
        assert!(
            read_text("README.md", "Title\n=======\ntext\n").problems.is_empty(),
            "a heading is no conflict"
        );
    }
}
