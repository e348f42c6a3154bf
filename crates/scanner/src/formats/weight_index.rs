//! Indexes of sharded weights: `model.safetensors.index.json`, `pytorch_model.bin.index.json`, and those of diffusers.
//!
//! Source: `split_torch_state_dict_into_shards` and `save_torch_state_dict` of huggingface_hub (`weight_map`: tensor to file;
//! `metadata`: `total_size` and others), `_add_variant` of transformers and diffusers (a variant stands before the last
//! extension: `model.safetensors.index.fp16.json`). An index has names only: shapes stand in the shards.

use std::fmt;

use forebear_types::fact::{Problem, ProblemKind, Reading, Tensor, TensorSource, WeightsFormat};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::safetensors::{Name, Pairs, plain};
use super::tensor_list::{TensorList, shown};
use super::{File, conflict_marker};

/// Most bytes of an index. Those of models with a terabyte of weights have up to 20 MB.
pub(crate) const BUDGET: u64 = 32 << 20;

/// The format of the shards that an index of this name (in lower case) lists.
pub(crate) fn format(name: &str) -> Option<WeightsFormat> {
    let stem = name.strip_suffix(".json")?;
    let weights = match stem.strip_suffix(".index") {
        Some(weights) => weights,
        None => stem.rsplit_once('.')?.0.strip_suffix(".index")?,
    };
    super::weights::format(weights)
}

/// Reads an index.
pub(crate) fn read(file: File<'_>, format: WeightsFormat, reading: &mut Reading) {
    read_places(file, format, reading, &mut |_| {});
}

/// As [`read`]; and tells the names of the files, each as often as it occurs.
pub(crate) fn read_places(
    file: File<'_>,
    format: WeightsFormat,
    reading: &mut Reading,
    tell: &mut dyn FnMut(&str),
) {
    let mut list = TensorList::new(file, "write the index again; what could be read was used");
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            list.lost(format!("the index is not UTF-8 from byte {}", error.valid_up_to()));
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let walked = json.deserialize_map(Index { list: &mut list, tell }).and_then(|()| json.end());
    if let Err(error) = walked
        // What ends because it is not UTF-8 is said already.
        && text.len() == bytes.len()
    {
        let conflict = conflict_marker(text);
        let (kind, what, remedy) = match conflict {
            Some(_) => (
                ProblemKind::Conflicted,
                "the file holds merge-conflict markers: it says two things at once".to_owned(),
                "resolve the conflict and commit the result",
            ),
            None => (
                ProblemKind::Malformed,
                format!("the index cannot be read further: {}", plain(&error)),
                "write the index again; what could be read was used",
            ),
        };
        list.incomplete();
        let line = conflict.or_else(|| u32::try_from(error.line()).ok().filter(|line| *line > 0));
        reading.problems.push(Problem { line, ..file.problem(kind, what, remedy) });
    }
    list.finish(TensorSource::Index(format), reading);
}

/// The document.
struct Index<'l, 'a> {
    list: &'l mut TensorList<'a>,
    tell: &'l mut dyn FnMut(&str),
}

impl<'de> Visitor<'de> for Index<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a `weight_map`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut maps, mut metadata) = (0, 0);
        while let Some(key) = map.next_key::<Name<'de>>()? {
            match &*key.0 {
                "weight_map" => {
                    maps += 1;
                    map.next_value_seed(Weights { list: self.list, tell: self.tell })?;
                }
                "metadata" => {
                    metadata += 1;
                    map.next_value_seed(Pairs(self.list))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        for (key, count) in [("weight_map", maps), ("metadata", metadata)] {
            if count > 1 {
                self.list.fault(format!("`{key}` stands {count} times in the index"));
            }
        }
        if maps == 0 {
            self.list.lost("the index has no `weight_map`".to_owned());
        }
        Ok(())
    }
}

/// `weight_map`: names of tensors to names of files.
struct Weights<'l, 'a> {
    list: &'l mut TensorList<'a>,
    tell: &'l mut dyn FnMut(&str),
}

impl<'de> DeserializeSeed<'de> for Weights<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Weights<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of file names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut odd: Option<String> = None;
        let mut full = false;
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let shard: &'de RawValue = map.next_value()?;
            match serde_json::from_str::<Name<'_>>(shard.get()) {
                Ok(file) => (self.tell)(&file.0),
                Err(_) if odd.is_none() => odd = Some(shown(&name.0)),
                Err(_) => {}
            }
            // The rest is still read: what follows the map counts.
            if !full {
                full = !self.list.push(Tensor { name: name.0.into(), element: "".into(), shape: None });
            }
        }
        if let Some(name) = odd {
            self.list.fault(format!("the tensor {name} is mapped to something that is no file name"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text, tensors_of};
    use super::*;

    #[test]
    fn names_and_metadata_are_read() {
        let reading = read_text(
            "model.safetensors.index.json",
            r#"{"metadata": {"total_size": 1369, "note": "x"}, "weight_map": {"b": "2.safetensors", "a": "1.safetensors"}, "more": [1]}"#,
        );
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let tensors = tensors_of(&reading);
        assert_eq!(tensors.source, TensorSource::Index(WeightsFormat::Safetensors));
        let names: Vec<_> =
            tensors.tensors.iter().map(|tensor| (&*tensor.name, tensor.shape.is_none())).collect();
        assert_eq!(names, [("a", true), ("b", true)]);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(tensors.metadata, [pair("note", "x"), pair("total_size", "1369")]);
        assert!(tensors.complete);
    }

    #[test]
    fn broken_indexes_are_problems_with_their_line_and_keep_what_was_read() {
        for (text, wanted, line, names) in [
            ("{\"weight_map\": {\"a\": \"1\",\n\"b\" 2}}", "cannot be read further", Some(2), 1),
            ("{\"weight_map\": {\"a\": \"1\", \"a\": \"2\"}}", "`a` is listed twice", None, 1),
            ("{\"weight_map\": {\"a\": 7}}", "no file name", None, 1),
            ("{\"weight_map\": {\"a\": \"1\"}, \"weight_map\": {\"b\": \"1\"}}", "stands 2 times", None, 2),
            ("{\"metadata\": {}}", "no `weight_map`", None, 0),
            ("{\"weight_map\": []}", "expected an object of file names", Some(1), 0),
            ("[]", "expected an object with a `weight_map`", Some(1), 0),
            ("", "cannot be read further", Some(1), 0),
            ("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> topic\n", "merge-conflict", Some(1), 0),
            (&"{\"a\":".repeat(100_000), "cannot be read further", Some(1), 0),
        ] {
            let reading = read_text("pytorch_model.bin.index.json", text);
            assert_eq!(reading.problems.len(), 1, "{wanted}: {:?}", reading.problems);
            let problem = &reading.problems[0];
            assert!(problem.what.contains(wanted), "{wanted}: {}", problem.what);
            // A document that ends before it begins has no line.
            assert!(problem.line == line || text.is_empty(), "{wanted}: {:?}", problem.line);
            let found = reading.facts.iter().map(|fact| match &fact.kind {
                forebear_types::fact::FactKind::Tensors(tensors) => tensors.tensors.len(),
                _ => 0,
            });
            assert_eq!(found.sum::<usize>(), names, "{wanted}");
        }
        let reading =
            read_bytes("model.safetensors.index.json", b"{\"weight_map\":{\"a\":\"1\",\"\xff\":\"2\"}}");
        assert!(reading.problems[0].what.contains("not UTF-8 from byte 24"), "{:?}", reading.problems);
        assert_eq!(tensors_of(&reading).tensors.len(), 1);
    }

    #[test]
    fn an_index_of_ninety_thousand_names_is_within_the_budget() {
        let entries: Vec<String> = (0..90_000)
            .map(|number| {
                format!(
                    "    \"model.layers.{}.mlp.experts.{}.down_proj.weight_scale_inv\": \"model-00001-of-000163.safetensors\"",
                    number / 1500,
                    number % 1500
                )
            })
            .collect();
        let text = format!("{{\n  \"weight_map\": {{\n{}\n  }}\n}}", entries.join(",\n"));
        assert!((text.len() as u64) < BUDGET);
        let reading = read_text("model.safetensors.index.json", &text);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        assert_eq!(tensors_of(&reading).tensors.len(), 90_000);
    }
}
