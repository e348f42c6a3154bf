//! The header of GGUF files, versions 1 to 3, in both byte orders.
//!
//! Source of the format: the GGUF specification, `docs/gguf.md` of ggml-org/ggml; of keys, types of tokens and sizes of elements,
//! `gguf-py/gguf/constants.py` of ggml-org/llama.cpp. A header is a list of keys with values and a list of tensors; the weights
//! behind it are never read. Of a split model (`…-00001-of-00005.gguf`) the first part has the keys, the others list tensors.

mod config;
mod cursor;
pub(crate) mod elements;
mod metadata;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use forebear_types::fact::{
    ChatTemplate, FactKind, Gguf, GgufBase, Problem, ProblemKind, Reading, Tensor, TensorSource, Tensors,
    TokenizerConfig, WeightsFormat,
};

use self::config::{located, model_config};
use self::cursor::{Cursor, Fault};
use self::metadata::Metadata;
use super::{FAULTS, File};
use crate::source::ReadSeek;

/// Tensors that are read: a hundred times as many as the largest models have.
const MOST_TENSORS: u64 = 1 << 18;

/// The longest name of a tensor; the specification allows 64 bytes.
const LONGEST_NAME: u64 = 256;

/// The specification has at most 4 dimensions, "but this may change".
const MOST_DIMENSIONS: u32 = 8;

/// `general.alignment` where it is not given.
const ALIGNMENT: u64 = 32;

/// What was there before GGUF: GGML, GGMF, GGJT, and GGLA for adapters. The number is stored little-endian.
const FORMER: &[&[u8; 4]] = &[b"lmgg", b"fmgg", b"tjgg", b"algg", b"ggml", b"ggmf", b"ggjt", b"ggla"];

const REMEDY: &str = "fetch the file again from where it came, or convert the model again";

/// The file and what is found in it; problems are counted, since a hostile header can hold millions.
struct Header<'f, 'r> {
    file: File<'f>,
    problems: &'r mut Vec<Problem>,
    said: usize,
}

impl Header<'_, '_> {
    fn malformed(&mut self, at: u64, what: String) {
        self.problem(ProblemKind::Malformed, at, what);
    }

    fn problem(&mut self, kind: ProblemKind, at: u64, what: String) {
        self.said += 1;
        let what = match self.said {
            said if said <= FAULTS => format!("byte {at}: {what}"),
            said if said == FAULTS + 1 => format!("byte {at}: there are more faults; these are the first"),
            _ => return,
        };
        self.problems.push(self.file.problem(kind, what, REMEDY));
    }

    fn fault(&mut self, fault: Fault) {
        self.problem(fault.kind, fault.at, fault.what);
    }
}

/// Where the tensors of a file lie, and what is needed to read them.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Whether numbers are big-endian.
    pub(crate) big: bool,
    /// `general.architecture`.
    pub(crate) architecture: Option<String>,
    /// Rows of the query and key matrices that belong to one head, where the keys tell.
    pub(crate) head: Option<u64>,
    /// Name, number of the element type, and first byte in the file of each tensor. Of two with one name the first counts.
    pub(crate) tensors: Vec<(Box<str>, u32, u64)>,
}

/// Reads the header. What was read before a fault is kept.
pub(super) fn read(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    read_places(file, stream, reading);
}

/// As [`read`]; and says where the tensors lie.
pub(crate) fn read_places(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) -> Places {
    let mut places = Places::default();
    read_into(file, stream, reading, &mut places);
    places
}

fn read_into(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading, places: &mut Places) {
    let mut cursor = Cursor::new(stream, file.size);
    let Reading { facts, problems } = reading;
    let mut header = Header { file, problems, said: 0 };
    let (version, tensors, keys) = match opening(&mut cursor) {
        Ok(opening) => opening,
        Err(fault) => return header.fault(fault),
    };
    let mut metadata = Metadata::default();
    let list = match metadata.read(keys, &mut cursor, &mut header) {
        Ok(()) => {
            let list = read_tensors(tensors, &metadata, &mut cursor, &mut header, places);
            Some(list)
        }
        Err(fault) => {
            header.fault(fault);
            None
        }
    };
    let mut gguf = model(&metadata, &mut header);
    places.big = cursor.big;
    places.architecture.clone_from(&gguf.architecture);
    places.head = gguf.architecture.as_deref().and_then(|name| metadata.head(name));
    (gguf.version, gguf.tensors) = (version, tensors);
    let quantised = gguf.file_type.is_some_and(|kind| ![0, 1, 32].contains(&kind))
        || list.as_ref().is_some_and(|list| list.quantised);
    if let Some(config) = gguf.config.as_mut().filter(|_| quantised) {
        config.quantisation = Some(located("gguf".to_owned()));
    }
    let settings = tokenizer_config(&metadata, &mut header);
    let tokenizer = metadata.vocabulary.tokenizer(gguf.tokenizer_model.as_deref());
    let mut kinds = vec![FactKind::Gguf(Box::new(gguf))];
    kinds.extend(list.filter(|list| !list.tensors.is_empty()).map(|list| {
        FactKind::Tensors(Tensors {
            source: TensorSource::Header(WeightsFormat::Gguf),
            tensors: list.tensors,
            metadata: Vec::new(),
            complete: list.complete,
        })
    }));
    kinds.extend(tokenizer.map(FactKind::Tokenizer));
    kinds.extend(settings.map(FactKind::TokenizerConfig));
    kinds.extend(metadata.templates.iter().map(|(name, source)| {
        FactKind::ChatTemplate(ChatTemplate {
            template: Arc::from(source.as_str()),
            digest: vocabulary::digest(source.as_bytes()),
            line: 0,
            name: name.clone(),
        })
    }));
    facts.extend(kinds.into_iter().map(|kind| file.fact(kind)));
}

/// Version, number of tensors, number of keys.
fn opening(cursor: &mut Cursor<'_>) -> Result<(u32, u64, u64), Fault> {
    let magic = cursor.magic()?;
    if magic != *b"GGUF" {
        let at = 0;
        if FORMER.contains(&&magic) {
            let what = "the file has a format from before GGUF, of which nothing is read".to_owned();
            return Err(Fault { kind: ProblemKind::Unsupported, what, at });
        }
        return Err(Fault { at, ..cursor.fault("the file does not begin with `GGUF`") });
    }
    let mut version = cursor.u32()?;
    // A version in the other byte order has its bytes at the other end.
    if version & 0xffff == 0 {
        cursor.big = true;
        version = version.swap_bytes();
    }
    if !(1..=3).contains(&version) {
        let what = format!("version {version} of the format is not known: nothing is read");
        return Err(Fault { kind: ProblemKind::Unsupported, what, at: 4 });
    }
    cursor.wide = version > 1;
    Ok((version, cursor.count()?, cursor.count()?))
}

/// What the keys say of the model.
fn model(metadata: &Metadata, header: &mut Header<'_, '_>) -> Gguf {
    let architecture = metadata.text("general.architecture", header);
    let config = architecture.as_ref().and_then(|name| model_config(name, metadata, header));
    let mut text = |key: &str| metadata.text(key, header).filter(|text| !text.trim().is_empty());
    let bases = metadata.bases().into_iter().map(|index| {
        let mut text = |field: &str| text(&format!("general.base_model.{index}.{field}"));
        GgufBase {
            index,
            name: text("name"),
            author: text("author"),
            organization: text("organization"),
            version: text("version"),
            repo_url: text("repo_url"),
        }
    });
    Gguf {
        bases: bases.collect(),
        name: text("general.name"),
        author: text("general.author"),
        quantized_by: text("general.quantized_by"),
        license: text("general.license"),
        license_name: text("general.license.name"),
        license_link: text("general.license.link"),
        source_repo_url: text("general.source.repo_url"),
        adapter: text("general.type").is_some_and(|kind| kind == "adapter"),
        tokenizer_model: text("tokenizer.ggml.model"),
        tokenizer_pre: text("tokenizer.ggml.pre"),
        file_type: metadata.integer("general.file_type", header).and_then(|kind| kind.try_into().ok()),
        tokens: metadata.vocabulary.count,
        architecture,
        config,
        ..Gguf::default()
    }
}

/// Beginning, end and padding as texts; `None` where no key names one.
fn tokenizer_config(metadata: &Metadata, header: &mut Header<'_, '_>) -> Option<TokenizerConfig> {
    let mut token = |key: &str| metadata.vocabulary.text(metadata.integer(key, header)?);
    let (bos, eos) = (token("tokenizer.ggml.bos_token_id"), token("tokenizer.ggml.eos_token_id"));
    let pad = token("tokenizer.ggml.padding_token_id");
    (bos.is_some() || eos.is_some() || pad.is_some()).then(|| TokenizerConfig {
        bos,
        eos,
        pad,
        ..TokenizerConfig::default()
    })
}

#[derive(Default)]
struct List {
    tensors: Vec<Tensor>,
    complete: bool,
    quantised: bool,
    /// Begin and end of the bytes of each tensor, counted from where the weights begin.
    places: Vec<(u64, u64)>,
    /// The number of each tensor's element type.
    elements: Vec<u32>,
}

/// Reads the list of tensors, as far as it goes.
fn read_tensors(
    count: u64,
    metadata: &Metadata,
    cursor: &mut Cursor<'_>,
    header: &mut Header<'_, '_>,
    places: &mut Places,
) -> List {
    let mut list = List::default();
    let wanted = count.min(MOST_TENSORS);
    for number in 0..wanted {
        if let Err(fault) = read_tensor(cursor, &mut list) {
            let what = format!("tensor {} of {count}: {}", number + 1, fault.what);
            header.fault(Fault { what, ..fault });
            break;
        }
    }
    if count > MOST_TENSORS && list.tensors.len() as u64 == wanted {
        let what = format!("the header claims {count} tensors, of which the first {MOST_TENSORS} were read");
        header.problem(ProblemKind::Oversized, cursor.at, what);
    }
    list.complete = list.tensors.len() as u64 == count;
    if list.complete {
        let start = check_places(&list, metadata, cursor, header);
        let told = list.tensors.iter().zip(&list.elements).zip(&list.places);
        places.tensors = told
            .map(|((tensor, element), (offset, _))| {
                (tensor.name.clone(), *element, start.saturating_add(*offset))
            })
            .collect();
    }
    list.tensors.sort_by(|one, two| one.name.cmp(&two.name));
    let before = list.tensors.len();
    list.tensors.dedup_by(|later, earlier| later.name == earlier.name);
    if list.tensors.len() < before {
        let what = format!("{} names of tensors are there twice", before - list.tensors.len());
        header.malformed(cursor.at, what);
    }
    list
}

fn read_tensor(cursor: &mut Cursor<'_>, list: &mut List) -> Result<(), Fault> {
    let at = cursor.at;
    let Some(name) = cursor.bytes(LONGEST_NAME)? else {
        return Err(Fault { at, ..cursor.fault(format!("its name has more than {LONGEST_NAME} bytes")) });
    };
    let dimensions = cursor.u32()?;
    if dimensions > MOST_DIMENSIONS {
        let what = format!("it has {dimensions} dimensions, and {MOST_DIMENSIONS} is the most");
        return Err(Fault { at, ..cursor.fault(what) });
    }
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        shape.push(cursor.count()?);
    }
    // The file has the innermost first.
    shape.reverse();
    let element = cursor.u32()?;
    let offset = cursor.u64()?;
    if shape.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension)).is_none() {
        return Err(Fault { at, ..cursor.fault(format!("its shape {shape:?} is beyond 64 bits")) });
    }
    let bytes = elements::bytes(element, &shape).unwrap_or(0);
    list.places.push((offset, offset.saturating_add(bytes)));
    list.elements.push(element);
    list.quantised |= elements::is_quantised(element);
    list.tensors.push(Tensor {
        name: String::from_utf8_lossy(&name).into(),
        element: elements::name(element),
        shape: Some(shape.into()),
    });
    Ok(())
}

/// Whether the bytes of the tensors are there, and each byte belongs to one. Gives the byte at which the weights begin.
fn check_places(list: &List, metadata: &Metadata, cursor: &Cursor<'_>, header: &mut Header<'_, '_>) -> u64 {
    let alignment = metadata.integer("general.alignment", header).map_or(ALIGNMENT, |stated| {
        u64::try_from(stated).ok().filter(|stated| (1..=1 << 20).contains(stated)).unwrap_or(ALIGNMENT)
    });
    let start = cursor.at.next_multiple_of(alignment);
    let room = cursor.size.saturating_sub(start);
    let beyond: Vec<usize> = (0..list.places.len()).filter(|index| list.places[*index].1 > room).collect();
    if let Some(first) = beyond.first() {
        let what = format!(
            "the weights of {} of {} tensors, `{}` the first, reach beyond the end of the file, which has {} bytes: it was cut off",
            beyond.len(),
            list.places.len(),
            list.tensors[*first].name,
            cursor.size
        );
        header.malformed(start, what);
    }
    let mut order: Vec<usize> = (0..list.places.len()).collect();
    order.sort_by_key(|index| list.places[*index]);
    let overlap = order.windows(2).find(|pair| list.places[pair[0]].1 > list.places[pair[1]].0);
    if let Some([one, two]) = overlap {
        let what =
            format!("the weights of `{}` and `{}` overlap", list.tensors[*one].name, list.tensors[*two].name);
        header.malformed(start, what);
    }
    start
}
