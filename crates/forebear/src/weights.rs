//! Fingerprints of what lies at a path: made from weights, or read from a fingerprint file.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use forebear_report::weights::{Side, Trouble};
use forebear_scanner::{native, weights};
use forebear_types::fact::{Problem, TokenSketch, Tokenizer};
use forebear_types::path::PathBytes;
use forebear_types::weights::{ANCHORS, Attention, ModelWeights, ReadError, WeightTensor};
use forebear_weights::Fingerprint;
use forebear_weights::describe::Description;
use forebear_weights::file::{LONGEST, is_fingerprint};
use forebear_weights::fingerprint::Options;
use forebear_weights::sketch::{Group, Profile, Vocabulary};
use forebear_weights::tokenizer::{SampledToken, TokenizerSketch};

use crate::error::Error;
use crate::pipeline::open_error;
use crate::progress::Line;

/// A fingerprint, and where it is from.
pub(crate) struct Loaded {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) is_fingerprint: bool,
    pub(crate) problems: Vec<Trouble>,
}

impl Loaded {
    /// What a report says of it, under the path of the command line.
    pub(crate) fn side(&self, path: &Path) -> Side {
        Side {
            path: shown(path),
            is_fingerprint: self.is_fingerprint,
            description: Description::of(&self.fingerprint),
            problems: self.problems.clone(),
        }
    }

    /// Whether there is anything in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.fingerprint.tensors == 0
            && self.fingerprint.sketch.is_none()
            && self.fingerprint.unused.is_none()
            && self.fingerprint.tokenizer.is_none()
    }
}

/// The path for a report.
pub(crate) fn shown(path: &Path) -> String {
    PathBytes(&native::bytes(path)).to_string()
}

/// The fingerprint in a file that begins like one; `None` if the path is of something else.
pub(crate) fn read(path: &Path) -> Result<Option<Loaded>, Error> {
    let failed = |cause: std::io::Error| Error::Source {
        message: format!("cannot read {}: {cause}", path.display()),
        help: "check that the file exists and that you may read it".to_owned(),
    };
    // A pipe or a device is never opened: that could wait for ever.
    if !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(4).read_to_end(&mut bytes).map_err(failed)?;
    if !is_fingerprint(&bytes) {
        return Ok(None);
    }
    // One byte more than a fingerprint may have tells a longer file.
    file.take(LONGEST as u64).read_to_end(&mut bytes).map_err(failed)?;
    let fingerprint = Fingerprint::from_bytes(&bytes).map_err(|error| Error::Source {
        message: format!("{}: {error}", path.display()),
        help: "make it again with `forebear fingerprint MODEL --output FILE`".to_owned(),
    })?;
    Ok(Some(Loaded { fingerprint, is_fingerprint: true, problems: Vec::new() }))
}

/// What to take of a model that is compared with a fingerprint: what that one was made with. Other rows, or digests that only one side has,
/// would be read for nothing.
pub(crate) fn asked_as(other: &Fingerprint) -> Options<'static> {
    let asked = Options { profile: Profile::FULL, digests: other.digests.is_some(), ..Options::default() };
    match &other.sketch {
        Some(sketch) => {
            Options { profile: sketch.profile, column_norms: sketch.count(Group::ColumnNorms) > 0, ..asked }
        }
        None => Options { column_norms: false, ..asked },
    }
}

/// Whether the embeddings of such a model are chosen by the bytes of their tokens.
pub(crate) fn by_bytes_as(other: &Fingerprint) -> bool {
    other.sketch.as_ref().is_none_or(|sketch| sketch.tokens_by_bytes)
}

/// Threads for a comparison. More than a few do not help: the draws are done before they have begun.
pub(crate) fn threads() -> usize {
    const MOST: usize = 8;
    std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST))
}

/// A model of which a fingerprint can be made.
pub(crate) struct Model {
    opened: weights::Opened,
    tokenizer: Option<Tokenizer>,
}

impl Model {
    /// Opens what lies at a path: a folder, a model cache or a weight file.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { opened: weights::open(path).map_err(open_error)?, tokenizer: weights::vocabulary(path) })
    }

    /// A model that was opened already, with its vocabulary.
    pub(crate) fn of(opened: weights::Opened, tokenizer: Option<Tokenizer>) -> Self {
        Self { opened, tokenizer }
    }

    /// Whether the embeddings that are compared can be chosen by the bytes of their tokens.
    pub(crate) fn has_tokens(&self) -> bool {
        self.sketch().is_some_and(|sketch| sketch.anchors.len() >= FEWEST_ANCHORS)
    }

    /// Makes the fingerprint. Says how far it is, where somebody waits. `by_bytes`: whether embeddings are chosen by the bytes of their
    /// tokens, where the vocabulary is known; else by rows.
    pub(crate) fn fingerprint(&self, options: Options<'_>, by_bytes: bool) -> Loaded {
        let mut problems: Vec<Trouble> = self.opened.problems.iter().map(of_problem).collect();
        let unused: Vec<(&[u8], u64)> = self.tokenizer.iter().flat_map(unused).collect();
        let row = |token: &[u8]| {
            let place = ANCHORS.iter().position(|anchor| anchor.as_bytes() == token)?;
            let (_, id) = self.sketch()?.anchors.iter().find(|(anchor, _)| usize::from(*anchor) == place)?;
            Some(u64::from(*id))
        };
        let vocabulary: Option<Vocabulary<'_>> =
            if by_bytes && self.has_tokens() { Some(&row) } else { None };
        let watched = Watched::new(self.opened.model.as_ref());
        let options = Options { unused: &unused, vocabulary, ..options };
        let (mut fingerprint, errors) = Fingerprint::of(&watched, options);
        drop(watched);
        problems.extend(errors.into_iter().map(of_error));
        fingerprint.tokenizer = self.tokenizer.as_ref().and_then(sketch);
        Loaded { fingerprint, is_fingerprint: false, problems }
    }

    fn sketch(&self) -> Option<&TokenSketch> {
        self.tokenizer.as_ref()?.sketch.as_ref()
    }
}

/// A vocabulary with fewer of the tokens that are compared is none of those that the list was made for.
const FEWEST_ANCHORS: usize = 16;

fn of_problem(problem: &Problem) -> Trouble {
    Trouble {
        path: problem.path.to_string(),
        tensor: None,
        what: match problem.line {
            Some(line) => format!("line {line}: {}", problem.what),
            None => problem.what.clone(),
        },
        remedy: Some(problem.remedy.clone()),
    }
}

fn of_error(error: ReadError) -> Trouble {
    Trouble {
        path: error.path.to_string(),
        tensor: Some(error.tensor.into()),
        what: error.what,
        remedy: None,
    }
}

/// Tokens in reserve, which training never saw, and their rows.
fn unused(tokenizer: &Tokenizer) -> impl Iterator<Item = (&[u8], u64)> {
    let regular = tokenizer.sketch.iter().flat_map(|sketch| &sketch.reserve);
    let added = tokenizer.added.iter().filter(|token| is_reserve(&token.text));
    regular
        .map(|(id, written)| (&**written, u64::from(*id)))
        .chain(added.filter_map(|token| Some((token.text.as_bytes(), token.id?))))
}

/// Llama 3 writes `<|reserved_special_token_12|>`, Gemma `<unused12>`, BERT `[unused12]`, Mistral `[control_12]`.
fn is_reserve(text: &str) -> bool {
    let numbered = |open: &str, close: &str| {
        let number = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    numbered("<|reserved_special_token_", "|>")
        || numbered("<unused", ">")
        || numbered("[unused", "]")
        || numbered("[control_", "]")
}

/// The scanner's sample and that of a fingerprint are the same: the tokens with the least 48 bits of SHA-256.
fn sketch(tokenizer: &Tokenizer) -> Option<TokenizerSketch> {
    let known = tokenizer.sketch.as_ref()?;
    let controls = tokenizer
        .added
        .iter()
        .filter_map(|token| Some((token.text.as_bytes(), u32::try_from(token.id?).ok()?)));
    let mut sketch = TokenizerSketch::of([], controls);
    sketch.size = u32::try_from(known.tokens).unwrap_or(u32::MAX);
    sketch.sample = known.sample.iter().map(|(hash, id)| SampledToken { hash: *hash, id: *id }).collect();
    Some(sketch)
}

/// A model that says how many of its tensors were read.
struct Watched<'m> {
    model: &'m dyn ModelWeights,
    line: Line,
    /// Tensors of which values were read.
    read: RefCell<Vec<bool>>,
    sampled: Cell<usize>,
    digested: Cell<usize>,
}

impl<'m> Watched<'m> {
    fn new(model: &'m dyn ModelWeights) -> Self {
        let read = RefCell::new(vec![false; model.tensors().len()]);
        Self { model, line: Line::begin(), read, sampled: Cell::new(0), digested: Cell::new(0) }
    }
}

impl ModelWeights for Watched<'_> {
    fn tensors(&self) -> &[WeightTensor] {
        self.model.tensors()
    }

    fn read(&self, tensor: usize, start: u64, out: &mut [f32]) -> Result<(), ReadError> {
        if let Some(read) = self.read.borrow_mut().get_mut(tensor)
            && !std::mem::replace(read, true)
        {
            self.sampled.set(self.sampled.get() + 1);
        }
        self.line.say("sampling tensors", self.sampled.get(), Some(self.tensors().len()));
        self.model.read(tensor, start, out)
    }

    fn bytes(&self, tensor: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        self.line.say("digests of tensors", self.digested.get(), Some(self.tensors().len()));
        self.digested.set(self.digested.get() + 1);
        self.model.bytes(tensor, each)
    }

    fn attention(&self) -> Attention {
        self.model.attention()
    }
}

#[cfg(test)]
mod tests {
    use super::is_reserve;

    #[test]
    fn tokens_in_reserve_are_told_by_their_number() {
        for text in ["<|reserved_special_token_0|>", "<unused12>", "[unused993]", "[control_768]"] {
            assert!(is_reserve(text), "{text}");
        }
        // T5 trains its sentinels.
        for text in ["<unused>", "<|eot_id|>", "[unusedx]", "<extra_id_1>", "<|reserved_special_token_1", ""]
        {
            assert!(!is_reserve(text), "{text}");
        }
    }
}
