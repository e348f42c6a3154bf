//! The header of a safetensors file.
//!
//! Source: the section "Format" of the safetensors README, and `Metadata::validate` in its `safetensors/src/tensor.rs`: eight
//! bytes with the length of the header (unsigned, little-endian), the header (JSON that begins with `{` and may end with
//! spaces, at most 100,000,000 bytes), the data. The header maps names to `dtype`, `shape` and `data_offsets` (begin and end,
//! counted from the end of the header); `__metadata__` maps text to text. Names are unique; the data of the tensors follow each
//! other without holes and end where the file ends.

use std::borrow::Cow;
use std::fmt;
use std::io::{Read, SeekFrom};

use forebear_types::fact::{Reading, Tensor, TensorSource, WeightsFormat};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::File;
use super::tensor_list::{DIMENSIONS, TensorList, elements, looks_like, shown};
use crate::source::ReadSeek;

/// `MAX_HEADER_SIZE` of the library.
const LONGEST: u64 = 100_000_000;

/// The key that is no tensor.
const METADATA: &str = "__metadata__";

/// Reads the header, and nothing behind it.
pub(crate) fn read_header(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    read_places(file, stream, reading, &mut |_, _, _| {});
}

/// As [`read_header`]; and tells of each tensor with its first byte in the file and the byte behind its last. Of two with one
/// name the last counts. A tensor whose place cannot be one is listed and not told.
pub(crate) fn read_places(
    file: File<'_>,
    stream: &mut dyn ReadSeek,
    reading: &mut Reading,
    tell: &mut dyn FnMut(&Tensor, u64, u64),
) {
    let mut list =
        TensorList::new(file, "download or write the file again; the readers of this format refuse it");
    if let Some(header) = header(file.size, stream, &mut list) {
        let start = 8 + header.len() as u64;
        Header { list: &mut list, data: file.size - start, start, spans: Vec::new(), tell }.read(&header);
    }
    list.finish(TensorSource::Header(WeightsFormat::Safetensors), reading);
}

/// The bytes of the header, if its length can be true.
fn header(size: u64, stream: &mut dyn ReadSeek, list: &mut TensorList<'_>) -> Option<Vec<u8>> {
    let mut first = [0; 8];
    if size < 8 {
        list.lost(format!("the file has {size} bytes, fewer than the 8 that say how long the header is"));
        return None;
    }
    if let Err(cause) = stream.seek(SeekFrom::Start(0)).and_then(|_| stream.read_exact(&mut first)) {
        list.unreadable(&cause);
        return None;
    }
    let length = u64::from_le_bytes(first);
    if length > size - 8 || !(2..=LONGEST).contains(&length) {
        let what = match looks_like(&first) {
            Some(other) => format!("this is no safetensors file but {other}"),
            None if length < 2 => format!("the header is said to have {length} bytes, too few for one"),
            None if length > LONGEST => {
                format!("the header is said to have {length} bytes, more than the {LONGEST} of the format")
            }
            None => format!(
                "the header is said to have {length} bytes (bytes 0 to 8), but only {} follow",
                size - 8
            ),
        };
        list.lost(what);
        return None;
    }
    // The length is no larger than what the file has, and the buffer grows with what is read.
    let mut header = Vec::new();
    if let Err(cause) = stream.take(length).read_to_end(&mut header) {
        list.unreadable(&cause);
        return None;
    }
    if (header.len() as u64) < length {
        list.lost(format!("the file ends at byte {} in the middle of its header", 8 + header.len()));
        return None;
    }
    Some(header)
}

/// What a tensor's entry says.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    dtype: Cow<'a, str>,
    #[serde(deserialize_with = "bounded")]
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

struct Header<'l, 'a> {
    list: &'l mut TensorList<'a>,
    /// Bytes behind the header.
    data: u64,
    /// Where they begin.
    start: u64,
    /// Begin and end of the tensors' data, with the tensor's place in the list.
    spans: Vec<(u64, u64, usize)>,
    tell: &'l mut dyn FnMut(&Tensor, u64, u64),
}

impl Header<'_, '_> {
    fn read(mut self, header: &[u8]) {
        let text = match std::str::from_utf8(header) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.valid_up_to();
                self.list.lost(format!("the header is not UTF-8 from byte {} of the file", 8 + valid));
                std::str::from_utf8(&header[..valid]).unwrap_or_default()
            }
        };
        if !text.starts_with('{') {
            self.list.lost("the header does not begin with `{` (byte 8 of the file)".to_owned());
            return;
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let walked = json.deserialize_map(Entries { header: &mut self, text }).and_then(|()| json.end());
        if let Err(error) = walked
            // What ends because it is not UTF-8 is said already.
            && text.len() == header.len()
        {
            let at = offset(text, error.line(), error.column());
            self.list.lost(format!(
                "the header is no JSON from byte {} of the file: {}",
                8 + at,
                plain(&error)
            ));
        }
        self.layout();
    }

    /// One entry of the header: `raw` stands `at` bytes behind its beginning.
    fn entry(&mut self, name: &str, raw: &str, at: usize) {
        let entry: Entry<'_> = match serde_json::from_str(raw) {
            Ok(entry) => entry,
            Err(error) => {
                self.list.lost(format!(
                    "the entry of the tensor {} (byte {} of the file) cannot be read: {}",
                    shown(name),
                    8 + at,
                    plain(&error)
                ));
                return;
            }
        };
        let (begin, end) = entry.data_offsets;
        let fault = if begin > end {
            Some(format!("the data of the tensor {} end before they begin ({begin} to {end})", shown(name)))
        } else if end > self.data {
            Some(format!(
                "the data of the tensor {} reach to byte {end} of the data, but only {} are there",
                shown(name),
                self.data
            ))
        } else {
            self.spans.push((begin, end, self.list.tensors.len()));
            size_fault(name, &entry)
        };
        if let Some(fault) = fault {
            self.list.fault(fault);
        }
        let tensor = Tensor {
            name: name.into(),
            element: entry.dtype.as_ref().into(),
            shape: Some(entry.shape.into()),
        };
        if begin <= end && end <= self.data {
            (self.tell)(&tensor, self.start + begin, self.start + end);
        }
        self.list.push(tensor);
    }

    fn metadata(&mut self, raw: &str, at: usize) {
        let mut json = serde_json::Deserializer::from_str(raw);
        if let Err(error) = json.deserialize_map(Pairs(self.list)) {
            self.list.fault(format!(
                "`{METADATA}` (byte {} of the file) cannot be read: {}",
                8 + at,
                plain(&error)
            ));
        }
    }

    /// The data follow each other without holes, to the end of the file. Not asked where entries could not be read: their
    /// data would look like holes.
    fn layout(mut self) {
        if !self.list.is_complete() || self.spans.len() < self.list.tensors.len() {
            return;
        }
        self.spans.sort_unstable();
        let mut reached = 0;
        let mut faults = Vec::new();
        for (begin, end, tensor) in &self.spans {
            let name = || shown(&self.list.tensors[*tensor].name);
            if *begin < reached {
                faults.push(format!(
                    "the data of the tensor {} begin at byte {begin} of the data, inside those of another that end at {reached}",
                    name()
                ));
            } else if *begin > reached {
                faults.push(format!(
                    "no tensor covers the bytes {reached} to {begin} of the data, before the tensor {}",
                    name()
                ));
            }
            reached = reached.max(*end);
        }
        if reached < self.data {
            faults.push(format!("{} bytes follow the data of the last tensor", self.data - reached));
        }
        for fault in faults {
            self.list.fault(fault);
        }
    }
}

/// Whether the bytes of a tensor are those that its shape and type need.
fn size_fault(name: &str, entry: &Entry<'_>) -> Option<String> {
    let (begin, end) = entry.data_offsets;
    let Some(bits) = bits(&entry.dtype) else {
        return Some(format!(
            "the type {} of the tensor {} is none that the format knows: its size is not checked",
            shown(&entry.dtype),
            shown(name)
        ));
    };
    let needed = elements(&entry.shape).and_then(|count| count.checked_mul(bits));
    let there = (end - begin).checked_mul(8);
    if needed.is_some() && needed == there {
        return None;
    }
    let needs = match needed {
        Some(bits) if bits % 8 == 0 => format!("{} bytes", bits / 8),
        Some(bits) => format!("{bits} bits"),
        None => "more than 2^64 bits".to_owned(),
    };
    Some(format!(
        "the tensor {} of type {} needs {needs} for its shape, and has {} bytes",
        shown(name),
        entry.dtype,
        end - begin
    ))
}

/// Bits of an element (`Dtype::bitsize` of the library).
fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        _ => return None,
    })
}

/// The members of the header.
struct Entries<'h, 'l, 'a, 'j> {
    header: &'h mut Header<'l, 'a>,
    text: &'j str,
}

impl<'de> Visitor<'de> for Entries<'_, '_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut metadata = 0;
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let value: &'de RawValue = map.next_value()?;
            // The value is a part of the text.
            let at = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
            if name.0 == METADATA {
                metadata += 1;
                self.header.metadata(value.get(), at);
            } else {
                self.header.entry(&name.0, value.get(), at);
            }
        }
        if metadata > 1 {
            self.header.list.fault(format!("`{METADATA}` stands {metadata} times in the header"));
        }
        Ok(())
    }
}

/// A key, borrowed where it holds no escapes.
#[derive(Deserialize)]
pub(crate) struct Name<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Pairs of metadata: texts, and anything else as JSON.
pub(crate) struct Pairs<'l, 'a>(pub(crate) &'l mut TensorList<'a>);

impl<'de> DeserializeSeed<'de> for Pairs<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pairs<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Name<'de>>()? {
            let raw: &'de RawValue = map.next_value()?;
            match serde_json::from_str::<Name<'_>>(raw.get()) {
                Ok(text) => self.0.note(&key.0, &text.0),
                Err(_) => self.0.note(&key.0, raw.get()),
            }
        }
        Ok(())
    }
}

/// Dimensions, no more than a tensor can have.
fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Dimensions;
    impl<'de> Visitor<'de> for Dimensions {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of dimensions")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u64>, A::Error> {
            let mut shape = Vec::new();
            while shape.len() < DIMENSIONS {
                match seq.next_element()? {
                    Some(dimension) => shape.push(dimension),
                    None => return Ok(shape),
                }
            }
            match seq.next_element::<IgnoredAny>()? {
                None => Ok(shape),
                Some(_) => Err(A::Error::custom(format!("more than {DIMENSIONS} dimensions"))),
            }
        }
    }
    deserializer.deserialize_seq(Dimensions)
}

/// The offset of a line and column (from 1 and 0, in bytes, as the library counts them).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// The library's message without the line and column, which are those of a part of the file.
pub(crate) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let text: String = text[..end].chars().take(200).flat_map(char::escape_debug).collect();
    text.replace("\\'", "'").replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{header_of, tensors_of};
    use super::*;
    use forebear_types::fact::ProblemKind;

    /// A file with this header and so many bytes of data.
    fn file(header: &str, data: usize) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; data]].concat()
    }

    fn whats(bytes: &[u8]) -> (Reading, Vec<String>) {
        let reading = header_of("model.safetensors", bytes);
        let whats = reading.problems.iter().map(|problem| problem.what.clone()).collect();
        (reading, whats)
    }

    #[test]
    fn names_types_shapes_and_metadata_are_read() {
        let header = r#"{"__metadata__":{"format":"pt","steps":12},"b":{"dtype":"F4","shape":[3,2],"data_offsets":[8,11]},
            "a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]},"nothing":{"dtype":"F32","shape":[0,9],"data_offsets":[11,11]}}  "#;
        let (reading, problems) = whats(&file(header, 11));
        assert!(problems.is_empty(), "{problems:?}");
        let tensors = tensors_of(&reading);
        assert_eq!(tensors.source, TensorSource::Header(WeightsFormat::Safetensors));
        assert!(tensors.complete);
        let listed: Vec<_> = tensors
            .tensors
            .iter()
            .map(|tensor| (&*tensor.name, &*tensor.element, tensor.shape.as_deref()))
            .collect();
        assert_eq!(
            listed,
            [
                ("a", "BF16", Some(&[2, 2][..])),
                ("b", "F4", Some(&[3, 2][..])),
                ("nothing", "F32", Some(&[0, 9][..]))
            ]
        );
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(tensors.metadata, [pair("format", "pt"), pair("steps", "12")]);
    }

    #[test]
    fn lengths_that_cannot_be_true_are_problems() {
        let long = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
        let beyond = [&10u64.to_le_bytes()[..], b"{}"].concat();
        for (bytes, wanted) in [
            (&long[..], "more than the 100000000"),
            (&beyond, "only 2 follow"),
            (b"1234567", "fewer than the 8"),
            (b"", "fewer than the 8"),
            (&[0; 8], "nothing but zeros"),
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"PK\x03\x04\0\0\0\0\0\0\0\0", "a zip archive"),
        ] {
            let (reading, problems) = whats(bytes);
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{wanted}: {problems:?}");
            assert_eq!(reading.problems[0].kind, ProblemKind::Malformed);
            assert!(
                !reading
                    .facts
                    .iter()
                    .any(|fact| matches!(fact.kind, forebear_types::fact::FactKind::Tensors(_)))
            );
        }
    }

    #[test]
    fn a_broken_entry_is_a_problem_and_the_others_are_kept() {
        let deep = "[".repeat(100_000);
        for (entry, wanted) in [
            (r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#.to_owned(), "integer `-1`"),
            (r#"{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}"#.to_owned(), "floating point"),
            (
                r#"{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}"#.to_owned(),
                "cannot be read",
            ),
            (r#"{"dtype":"F32","shape":[1],"data_offsets":[0]}"#.to_owned(), "cannot be read"),
            (r#"{"dtype":"F32","shape":[1]}"#.to_owned(), "missing field `data_offsets`"),
            (r#"{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}"#.to_owned(), "duplicate field"),
            (
                format!(r#"{{"dtype":"F32","shape":[{}],"data_offsets":[0,4]}}"#, "1,".repeat(64) + "1"),
                "more than 64",
            ),
            (r#"["a"]"#.to_owned(), "cannot be read"),
            (format!("{deep}{}", "]".repeat(100_000)), "cannot be read"),
        ] {
            let header =
                format!(r#"{{"bad":{entry},"good":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}}}"#);
            let (reading, problems) = whats(&file(&header, 4));
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{wanted}: {problems:?}");
            assert!(problems[0].contains("`bad` (byte 15 of the file)"), "{problems:?}");
            let tensors = tensors_of(&reading);
            assert!(!tensors.complete);
            assert_eq!(&*tensors.tensors[0].name, "good");
        }
    }

    #[test]
    fn data_that_overlap_leave_holes_or_have_another_size_are_problems() {
        let two = |one: &str, other: &str, data: usize| {
            whats(&file(&format!(r#"{{"a":{{"dtype":"F16",{one}}},"b":{{"dtype":"F16",{other}}}}}"#), data)).1
        };
        let good = r#""shape":[2],"data_offsets":[0,4]"#;
        for (other, data, wanted) in [
            (r#""shape":[2],"data_offsets":[2,6]"#, 6, "inside those of another"),
            (r#""shape":[2],"data_offsets":[8,12]"#, 12, "no tensor covers the bytes 4 to 8"),
            (r#""shape":[2],"data_offsets":[4,8]"#, 9, "1 bytes follow"),
            (r#""shape":[2],"data_offsets":[4,8]"#, 7, "reach to byte 8 of the data, but only 7"),
            (r#""shape":[2],"data_offsets":[8,4]"#, 8, "end before they begin"),
            (r#""shape":[3],"data_offsets":[4,8]"#, 8, "needs 6 bytes"),
            (r#""shape":[1152921504606846976,16],"data_offsets":[4,8]"#, 8, "more than 2^64 bits"),
            (r#""shape":[1152921504606846976],"data_offsets":[4,8]"#, 8, "more than 2^64 bits"),
        ] {
            let problems = two(good, other, data);
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{wanted}: {problems:?}");
        }
        let problems = whats(&file(r#"{"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,4]}}"#, 4)).1;
        assert!(problems[0].contains("`Q9`"), "{problems:?}");
        // Sizes are compared in bits: half a byte is none.
        let problems = whats(&file(r#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#, 2)).1;
        assert!(problems[0].contains("needs 12 bits"), "{problems:?}");
    }

    #[test]
    fn a_name_that_stands_twice_counts_once() {
        let header = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},
            "__metadata__":{"k":"1","k":"2"},"__metadata__":{}}"#;
        let (reading, problems) = whats(&file(header, 3));
        assert_eq!(problems.len(), 2, "{problems:?}");
        let tensors = tensors_of(&reading);
        assert_eq!(tensors.tensors.len(), 1);
        assert_eq!(tensors.tensors[0].shape.as_deref(), Some(&[2][..]));
        assert_eq!(tensors.metadata, [("k".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn what_is_no_json_or_no_utf8_ends_the_list_where_it_stands() {
        let good = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#;
        for (rest, wanted) in [
            (&b"\"b\" 1}"[..], "no JSON from byte"),
            (b"", "no JSON from byte"),
            (b"\"b\":{\"dty\xff\":1}}", "not UTF-8 from byte 70"),
        ] {
            let header = [good.as_bytes(), rest].concat();
            let bytes = [&(header.len() as u64).to_le_bytes()[..], &header, &[0]].concat();
            let (reading, problems) = whats(&bytes);
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{wanted}: {problems:?}");
            assert_eq!(tensors_of(&reading).tensors.len(), 1);
            assert!(!tensors_of(&reading).complete);
        }
        let (_, problems) = whats(&file("[1,2]", 0));
        assert!(problems[0].contains("does not begin with `{`"), "{problems:?}");
    }

    #[test]
    fn faults_without_end_are_counted_and_names_are_cut() {
        let entries: Vec<String> =
            (0..1000).map(|number| format!(r#""{}{number}":7"#, "n".repeat(200))).collect();
        let (_, problems) = whats(&file(&format!("{{{}}}", entries.join(",")), 0));
        assert_eq!(problems.len(), super::super::FAULTS + 1);
        assert!(problems.last().unwrap().starts_with("980 more"));
        assert!(problems.iter().all(|what| what.len() < 300));
    }
}
