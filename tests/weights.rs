//! `forebear fingerprint` and `forebear compare` from outside, on small models that the test writes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{is_snapshot, json, stderr, stdout, validates};
use serde_json::Value;

const WIDTH: usize = 128;
const INNER: usize = 192;
const TOKENS: usize = 400;

/// Seeded values without a library: SplitMix64 (Steele, Lea and Flood 2014), and the sum of four uniform ones, which is near to normal.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 40) as f32 / (1 << 24) as f32 - 0.5
    }

    fn many(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| (0..4).map(|_| self.uniform()).sum::<f32>() * scale).collect()
    }
}

/// Tensors of a small Llama: names, shapes, values.
type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;

fn model(seed: u64, layers: usize) -> Tensors {
    let mut random = Random(seed);
    let mut all: Tensors = Vec::new();
    let mut add = |name: String, shape: &[usize], around: f32| {
        let mut values = random.many(shape.iter().product(), 0.1);
        values.iter_mut().for_each(|value| *value += around);
        all.push((name, shape.to_vec(), values));
    };
    add("model.embed_tokens.weight".to_owned(), &[TOKENS, WIDTH], 0.0);
    add("model.norm.weight".to_owned(), &[WIDTH], 1.0);
    for layer in 0..layers {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        for part in ["q_proj", "k_proj", "v_proj", "o_proj"] {
            add(name(&format!("self_attn.{part}")), &[WIDTH, WIDTH], 0.0);
        }
        add(name("mlp.gate_proj"), &[INNER, WIDTH], 0.0);
        add(name("mlp.up_proj"), &[INNER, WIDTH], 0.0);
        add(name("mlp.down_proj"), &[WIDTH, INNER], 0.0);
        add(name("input_layernorm"), &[WIDTH], 1.0);
        add(name("post_attention_layernorm"), &[WIDTH], 1.0);
    }
    all
}

/// As training goes on: every value moves by a share of what it may be.
fn trained_on(model: &Tensors, share: f32) -> Tensors {
    let mut random = Random(99);
    let moved = |values: &[f32]| {
        let step = random.many(values.len(), 0.1 * share);
        values.iter().zip(step).map(|(value, step)| value + step).collect()
    };
    let mut moved = moved;
    model.iter().map(|(name, shape, values)| (name.clone(), shape.clone(), moved(values))).collect()
}

/// The model without one layer, the later ones renumbered.
fn without_layer(model: &Tensors, gone: usize) -> Tensors {
    let number = |name: &str| name.strip_prefix("model.layers.")?.split('.').next()?.parse::<usize>().ok();
    model
        .iter()
        .filter(|(name, _, _)| number(name) != Some(gone))
        .map(|(name, shape, values)| {
            let name = match number(name) {
                Some(layer) if layer > gone => {
                    name.replace(&format!("layers.{layer}."), &format!("layers.{}.", layer - 1))
                }
                _ => name.clone(),
            };
            (name, shape.clone(), values.clone())
        })
        .collect()
}

/// The model with its residual dimensions in another order: it computes the same.
fn permuted(model: &Tensors) -> Tensors {
    // 37 and 128 have no common divisor.
    let from = |index: usize| (index * 37 + 5) % WIDTH;
    model
        .iter()
        .map(|(name, shape, values)| {
            let columns = *shape.last().unwrap();
            let writes = name.contains("o_proj") || name.contains("down_proj");
            let place = |index: usize| {
                let (row, column) = (index / columns, index % columns);
                if writes { from(row) * columns + column } else { row * columns + from(column) }
            };
            (name.clone(), shape.clone(), (0..values.len()).map(|index| values[place(index)]).collect())
        })
        .collect()
}

fn safetensors(model: &Tensors) -> Vec<u8> {
    let mut header = String::from("{");
    let mut data = Vec::new();
    for (name, shape, values) in model {
        let start = data.len();
        values.iter().for_each(|value| data.extend(value.to_le_bytes()));
        let comma = if start > 0 { "," } else { "" };
        let end = data.len();
        write!(
            header,
            "{comma}{name:?}:{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}"
        )
        .unwrap();
    }
    header.push('}');
    while header.len() % 8 != 0 {
        header.push(' ');
    }
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// As GGUF with blocks of 32 values in 8 bits and a scale (Q8_0), in the names of llama.cpp. The architecture is one whose rows its
/// converter leaves in their order.
fn gguf(model: &Tensors) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let name = |name: &str| match name.strip_prefix("model.layers.") {
        Some(rest) => {
            let (layer, part) = rest.split_once('.').unwrap();
            let part = match part.trim_end_matches(".weight") {
                "self_attn.q_proj" => "attn_q",
                "self_attn.k_proj" => "attn_k",
                "self_attn.v_proj" => "attn_v",
                "self_attn.o_proj" => "attn_output",
                "mlp.gate_proj" => "ffn_gate",
                "mlp.up_proj" => "ffn_up",
                "mlp.down_proj" => "ffn_down",
                "input_layernorm" => "attn_norm",
                "post_attention_layernorm" => "ffn_norm",
                other => panic!("{other}"),
            };
            format!("blk.{layer}.{part}.weight")
        }
        None if name == "model.norm.weight" => "output_norm.weight".to_owned(),
        None => "token_embd.weight".to_owned(),
    };
    let mut header = b"GGUF".to_vec();
    header.extend(3u32.to_le_bytes());
    header.extend((model.len() as u64).to_le_bytes());
    header.extend(2u64.to_le_bytes());
    // Two texts (type 8) and the layers (type 4, unsigned 32 bits).
    header.extend([text("general.architecture"), 8u32.to_le_bytes().to_vec(), text("qwen2")].concat());
    header.extend([text("qwen2.embedding_length"), 4u32.to_le_bytes().to_vec()].concat());
    header.extend((WIDTH as u32).to_le_bytes());
    let mut data: Vec<u8> = Vec::new();
    for (theirs, shape, values) in model {
        data.resize(data.len().next_multiple_of(32), 0);
        header.extend(text(&name(theirs)));
        header.extend((shape.len() as u32).to_le_bytes());
        shape.iter().rev().for_each(|size| header.extend((*size as u64).to_le_bytes()));
        let is_norm = shape.len() == 1;
        header.extend((if is_norm { 0u32 } else { 8 }).to_le_bytes());
        header.extend((data.len() as u64).to_le_bytes());
        if is_norm {
            values.iter().for_each(|value| data.extend(value.to_le_bytes()));
            continue;
        }
        for block in values.chunks(32) {
            let most = block.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            let exponent = (most / 127.0).log2().ceil();
            // A power of two as a half: no mantissa, the exponent with its bias of 15.
            data.extend((((exponent as i32 + 15) as u16) << 10).to_le_bytes());
            data.extend(block.iter().map(|value| (value / exponent.exp2()).round() as i8 as u8));
        }
    }
    header.resize(header.len().next_multiple_of(32), 0);
    header.extend(data);
    header
}

fn write(folder: &Path, name: &str, model: &Tensors) {
    fs::create_dir(folder.join(name)).unwrap();
    fs::write(folder.join(name).join("model.safetensors"), safetensors(model)).unwrap();
}

/// Of all models one vocabulary: common letters and other words, 360 together, and 40 tokens in reserve.
fn tokenizer() -> String {
    let added: Vec<String> = (0..40)
        .map(|number| {
            let id = number + 360;
            format!("{{\"id\":{id},\"content\":\"<|reserved_special_token_{number}|>\",\"special\":true}}")
        })
        .collect();
    let letters = "etaoinshrdlucmwfgypbvk";
    let word =
        |number: usize| letters.get(number..=number).map_or_else(|| format!("word{number}"), str::to_owned);
    let words: Vec<String> = (0..360).map(|number| format!("{:?}:{}", word(number), 359 - number)).collect();
    format!(
        "{{\"added_tokens\":[{}],\"model\":{{\"type\":\"BPE\",\"vocab\":{{{}}},\"merges\":[]}}}}",
        added.join(","),
        words.join(",")
    )
}

fn forebear<S: AsRef<OsStr>>(arguments: &[S], folder: &Path) -> Output {
    let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    output
}

/// A base and what people make of it, as folders and as fingerprint files of the same names with `.print`.
fn bench() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    let base = model(1, 5);
    for (name, model) in [
        ("base", base.clone()),
        ("copy", base.clone()),
        ("derived", trained_on(&base, 0.5)),
        ("short", without_layer(&trained_on(&base, 0.2), 2)),
        ("stranger", model(2, 5)),
    ] {
        write(here.path(), name, &model);
        fs::write(here.path().join(name).join("tokenizer.json"), tokenizer()).unwrap();
        let print = format!("{name}.print");
        let made = forebear(&["fingerprint", name, "--column-norms", "--output", &print], here.path());
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        assert_eq!((stdout(&made), stderr(&made)), (String::new(), String::new()));
    }
    here
}

fn compared(arguments: &[&str], folder: &Path) -> Value {
    // Fewer draws than usual: a debug build counts them.
    let all = [&["compare", "--format", "json", "--draws", "9999"], arguments].concat();
    let output = forebear(&all, folder);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found = json(&output);
    validates("forebear-comparison-1", &found);
    found
}

fn z(found: &Value, group: &str) -> f64 {
    let groups = found["groups"].as_array().unwrap();
    groups.iter().find(|one| one["name"] == group).unwrap_or_else(|| panic!("{group}: {found}"))["z"]
        .as_f64()
        .unwrap()
}

fn has_caveat(found: &Value, name: &str) -> bool {
    found["caveats"].as_array().unwrap().iter().any(|caveat| caveat["name"] == name)
}

fn base_layers(found: &Value) -> Vec<Option<u64>> {
    found["layer_map"].as_array().unwrap().iter().map(|cell| cell[1].as_u64()).collect()
}

#[test]
fn verdicts_are_those_of_what_was_done() {
    let bench = bench();
    for end in ["", ".print"] {
        let of = |name: &str| compared(&[&format!("{name}{end}"), &format!("base{end}")], bench.path());

        let copy = of("copy");
        assert_eq!(copy["verdict"], "identical", "{copy}");
        assert_eq!(copy["identical_tensors"], copy["compared_tensors"]);
        assert!(copy["identical_tensors"].as_u64().unwrap() > 40);

        let derived = of("derived");
        assert_eq!(derived["verdict"], "shared-weights", "{derived}");
        assert_eq!(derived["identical_tensors"], 0);
        assert!(
            z(&derived, "weights") > 20.0 && z(&derived, "norms") > 6.0 && z(&derived, "embeddings") > 8.0
        );
        assert_eq!(base_layers(&derived), (0..5).map(Some).collect::<Vec<_>>());
        let weights =
            derived["groups"].as_array().unwrap().iter().find(|one| one["name"] == "weights").unwrap();
        assert_eq!((weights["draws"].as_u64(), weights["reached"].as_u64()), (Some(9999), Some(0)));
        assert!((weights["p"].as_f64().unwrap() - 1e-4).abs() < 1e-9);

        assert!(z(&derived, "unused-tokens") > 6.0, "{derived}");
        assert_eq!(
            (&derived["tokenizer"]["relation"], &derived["tokenizer"]["equal_ids"]),
            (&"same".into(), &1.0.into())
        );

        let short = of("short");
        assert_eq!(short["verdict"], "shared-weights", "{short}");
        assert_eq!(base_layers(&short), [Some(0), Some(1), Some(3), Some(4)]);

        let stranger = of("stranger");
        assert_eq!(stranger["verdict"], "none", "{stranger}");
        assert_eq!(stranger["identical_tensors"], 0);
        for group in ["norms", "weights", "embeddings", "column-norms", "unused-tokens"] {
            assert!(z(&stranger, group).abs() < 4.0, "{stranger}");
        }
        // The same vocabulary decides nothing.
        assert_eq!(stranger["tokenizer"]["relation"], "same");
        assert!(base_layers(&stranger).iter().all(Option::is_none));
        assert!(stranger["sensitivity"].as_f64().unwrap() < 0.3);
    }
    // Without its vocabulary a model is compared with one by rows, and with a fingerprint by tokens not at all.
    let by_rows = compared(&["derived/model.safetensors", "base"], bench.path());
    assert!(z(&by_rows, "embeddings") > 8.0 && has_caveat(&by_rows, "tokens-by-number"), "{by_rows}");
    assert!(has_caveat(
        &compared(&["copy/model.safetensors", "base.print"], bench.path()),
        "tokens-not-comparable"
    ));
    // A model and a fingerprint.
    assert_eq!(compared(&["derived", "base.print"], bench.path())["verdict"], "shared-weights");
    assert_eq!(compared(&["derived.print", "base"], bench.path())["verdict"], "shared-weights");
    assert_eq!(compared(&["copy/model.safetensors", "base.print"], bench.path())["verdict"], "identical");
}

#[test]
fn a_comparison_reads_well() {
    let bench = bench();
    let text = |suspect: &str, base: &str| {
        let output = forebear(&["compare", suspect, base, "--draws", "9999"], bench.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    is_snapshot("compare-dropped-layer.txt", &text("short.print", "base.print"));
    is_snapshot("compare-stranger.txt", &text("stranger.print", "base.print"));
    let folders = text("stranger", "base");
    assert!(folders.contains("would have seen weight cosine >= 0."), "{folders}");
    assert!(text("copy", "base").starts_with("copy and base hold the same tensors, byte for byte."));
}

/// The page and the picture are those of the renderers, which have tests of their own: here is what the program adds.
#[test]
fn a_comparison_is_a_page_and_a_picture() {
    let bench = bench();
    let run = |arguments: &[&str]| {
        let all = [&["compare", "--draws", "9999"], arguments].concat();
        forebear(&all, bench.path())
    };
    let page = run(&["short", "base.print", "--format", "html", "--output", "page.html"]);
    assert_eq!((page.status.code(), stdout(&page), stderr(&page)), (Some(0), String::new(), String::new()));
    let page = fs::read_to_string(bench.path().join("page.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("<h1>short compared with base.print</h1>"), "{page}");
    assert!(page.contains(concat!("Made by forebear ", env!("CARGO_PKG_VERSION"))));

    let picture = run(&["short", "base.print", "--format", "svg"]);
    assert_eq!((picture.status.code(), stderr(&picture)), (Some(0), String::new()));
    let picture = stdout(&picture);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    for (suspect, base) in [(0, 0), (1, 1), (2, 3), (3, 4)] {
        let words = format!("layer {suspect} of the suspect: layer {base} of the base, z ");
        assert!(picture.contains(&words) && page.contains(&words), "{words}: {picture}");
    }
    // A stranger has a picture, too, in which nothing stands out.
    let stranger = run(&["stranger.print", "base.print", "--format", "svg"]);
    assert_eq!(stranger.status.code(), Some(0));
    assert!(!stdout(&stranger).contains("of the suspect: layer"));
}

/// The same picture in the report of a check, of a base that only its fingerprint tells.
#[test]
fn a_check_shows_the_layers_that_a_known_base_has() {
    let bench = bench();
    let named = ["fingerprint", "base", "--name", "moon/Kaguya-Base@1", "--output", "known"];
    assert_eq!(forebear(&named, bench.path()).status.code(), Some(0));
    let all = ["check", "short", "--fingerprints", "known", "--fail-on", "never", "--format", "html"];
    let output = forebear(&all, bench.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let page = stdout(&output);
    assert!(page.contains("The weights of this model and moon/Kaguya-Base come from one training"), "{page}");
    assert!(page.contains("Layers 2 to 3 of the suspect: layers 3 to 4 of the base (z "), "{page}");
    let in_page = |words: &str| page.matches(words).count();
    assert_eq!((in_page("class=\"map\""), in_page("<rect class=\"best\"")), (1, 4 + 1));
}

/// Where no layers were compared there is a page, and no picture.
#[test]
fn without_a_layer_map_there_is_no_picture() {
    let bench = bench();
    for (name, more) in [("mini", ["--dimensions", "64"]), ("full", ["--dimensions", "256"])] {
        let print = format!("{name}.print");
        let made = forebear(
            &[&["fingerprint", "base", "--no-digests", "--output", &print], more.as_slice()].concat(),
            bench.path(),
        );
        assert_eq!(made.status.code(), Some(0));
    }
    fs::create_dir(bench.path().join("empty")).unwrap();
    let run = |base: &str, format: &str| {
        let arguments =
            ["compare", "mini.print", base, "--draws", "999", "--format", format, "--output", "out"];
        let output = forebear(&arguments, bench.path());
        let written = fs::read_to_string(bench.path().join("out")).ok();
        let _ = fs::remove_file(bench.path().join("out"));
        (output.status.code(), stderr(&output), written)
    };
    let (code, said, written) = run("full.print", "svg");
    assert_eq!((code, &written), (Some(2), &None), "{said}");
    assert!(said.contains("there is no layer map of mini.print and full.print"), "{said}");
    assert!(said.contains("help:") && said.contains("--format text"), "{said}");
    let (code, said, page) = run("full.print", "html");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(!page.unwrap().contains("class=\"map\""));
    let (code, said, written) = run("empty", "svg");
    assert_eq!((code, written), (Some(3), None), "{said}");
    assert!(said.contains("nothing to compare"), "{said}");
}

#[test]
fn a_permuted_copy_needs_the_assignment() {
    let here = tempfile::tempdir().unwrap();
    let base = model(1, 5);
    write(here.path(), "base", &base);
    write(here.path(), "permuted", &permuted(&base));
    let found = compared(&["permuted", "base"], here.path());
    assert_eq!(found["verdict"], "shared-weights", "{found}");
    assert!(found["groups"].as_array().unwrap().iter().all(|group| group["alignment"] == "assigned"));
    assert!(found["robust"]["in_place"].as_u64().unwrap() < 8, "{found}");
    let without = compared(&["permuted", "base", "--robust", "never"], here.path());
    assert_eq!((&without["verdict"], &without["robust"]), (&"none".into(), &Value::Null));
    // What the direct tests show is assigned in place.
    write(here.path(), "derived", &trained_on(&base, 0.2));
    assert_eq!(compared(&["derived", "base"], here.path())["robust"], Value::Null);
    let always = compared(&["derived", "base", "--robust", "always"], here.path());
    assert_eq!(always["verdict"], "shared-weights");
    assert_eq!(always["robust"]["in_place"], 128);
}

#[test]
fn a_fingerprint_is_the_same_wherever_it_is_made() {
    let bench = bench();
    let bytes = |name: &str| fs::read(bench.path().join(name)).unwrap();
    assert_eq!(bytes("base.print"), bytes("copy.print"));
    assert_ne!(bytes("base.print"), bytes("derived.print"));
    assert!(bytes("base.print").starts_with(b"FBFP"));

    let output = forebear(&["fingerprint", "base.print", "--format", "json"], bench.path());
    let described = json(&output);
    validates("forebear-fingerprint-1", &described);
    assert_eq!(
        (&described["kind"], &described["bytes"]),
        (&"fingerprint".into(), &bytes("base.print").len().into())
    );
    let of_model =
        json(&forebear(&["fingerprint", "base", "--column-norms", "--format", "json"], bench.path()));
    validates("forebear-fingerprint-1", &of_model);
    assert_eq!((&of_model["kind"], &of_model["sketch"]), (&"model".into(), &described["sketch"]));
    assert_eq!(of_model["sketch"]["tokens_by"], "bytes");
    assert_eq!((&of_model["sketch"]["width"], &of_model["sketch"]["layers"]), (&128.into(), &5.into()));

    let small = [
        "fingerprint", "base", "--dimensions", "64", "--no-digests", "--name", "moon/Kaguya@1", "--output",
        "small",
    ];
    assert_eq!(forebear(&small, bench.path()).status.code(), Some(0));
    assert!(bytes("small").len() * 2 < bytes("base.print").len());
    let described = json(&forebear(&["fingerprint", "small", "--format", "json"], bench.path()));
    assert_eq!(
        (&described["name"], &described["tensors"]["digests"]),
        (&"moon/Kaguya@1".into(), &Value::Null)
    );
    assert_eq!(described["sketch"]["dimensions"], 64);
    let found = compared(&["derived", "small"], bench.path());
    assert_eq!((&found["verdict"], &found["identical_tensors"]), (&"shared-weights".into(), &Value::Null));
    assert_eq!(found["base"]["name"], "moon/Kaguya@1");

    is_snapshot("fingerprint.txt", &stdout(&forebear(&["fingerprint", "base.print"], bench.path())));
}

/// One in the middle of the file is cut: what is before it is still compared.
#[test]
fn what_is_cut_is_said_and_the_rest_is_compared() {
    let bench = bench();
    let whole = safetensors(&trained_on(&model(1, 5), 0.5));
    fs::create_dir(bench.path().join("cut")).unwrap();
    fs::write(bench.path().join("cut/model.safetensors"), &whole[..whole.len() * 2 / 3]).unwrap();
    let output = forebear(&["fingerprint", "cut", "--format", "json"], bench.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let described = json(&output);
    validates("forebear-fingerprint-1", &described);
    let problems = described["problems"].as_array().unwrap();
    assert!(problems.iter().any(|one| one["path"] == "model.safetensors"), "{described}");
    assert!(stderr(&output).contains("model.safetensors"), "{}", stderr(&output));

    let found = compared(&["cut", "base.print"], bench.path());
    assert_eq!(found["verdict"], "shared-weights", "{found}");
    assert!(!found["suspect"]["problems"].as_array().unwrap().is_empty());
    let text = stdout(&forebear(&["compare", "cut", "base.print", "--draws", "9999"], bench.path()));
    assert!(text.contains("Not read, or not wholly"), "{text}");
}

#[test]
fn nothing_to_compare_and_no_such_thing_differ() {
    let bench = bench();
    fs::create_dir(bench.path().join("empty")).unwrap();
    let code = |arguments: &[&str]| {
        let output = forebear(arguments, bench.path());
        (output.status.code(), stderr(&output))
    };
    assert_eq!(code(&["fingerprint", "empty"]).0, Some(3));
    assert_eq!(code(&["fingerprint", "empty", "--output", "none.print"]).0, Some(3));
    assert!(!bench.path().join("none.print").exists());
    assert_eq!(code(&["compare", "empty", "base.print"]).0, Some(3));
    let missing = code(&["compare", "base.print", "nowhere"]);
    assert!(missing.0 == Some(2) && missing.1.contains("nowhere"), "{missing:?}");
    assert_eq!(code(&["fingerprint", "nowhere"]).0, Some(2));
    assert_eq!(code(&["fingerprint", "base", "--dimensions", "100"]).0, Some(2));
    assert_eq!(code(&["compare", "base.print", "copy.print", "--draws", "5"]).0, Some(2));
    // A fingerprint with one bit changed is none.
    let mut bytes = fs::read(bench.path().join("base.print")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(bench.path().join("damaged.print"), bytes).unwrap();
    let damaged = code(&["compare", "damaged.print", "base.print"]);
    assert!(damaged.0 == Some(2) && damaged.1.contains("checksum"), "{damaged:?}");
    assert!(damaged.1.contains("help:"), "{damaged:?}");
}

#[test]
fn help_says_what_there_is() {
    let here = tempfile::tempdir().unwrap();
    for command in ["fingerprint", "compare"] {
        let help = stdout(&forebear(&[command, "--help"], here.path()));
        is_snapshot(&format!("help-{command}.txt"), &help);
    }
}

/// A repository that holds a model of [`bench`], with a card that declares this base.
fn repository(bench: &Path, name: &str, base: Option<&str>) {
    let declared = base.map(|base| format!("base_model: {base}\n")).unwrap_or_default();
    let card = format!("---\nlicense: mit\n{declared}---\n# Lantern\n\nA small model.\n");
    fs::write(bench.join(name).join("README.md"), card).unwrap();
}

/// Fingerprints of the base and of a stranger, with their names, in a folder of their own.
fn library(bench: &Path) {
    fs::create_dir(bench.join("library")).unwrap();
    for (model, name) in [("base", "moon/Kaguya-base@1a2b"), ("stranger", "sun/Amaterasu")] {
        let file = format!("library/{model}.print");
        let made =
            forebear(&["fingerprint", model, "--column-norms", "--name", name, "--output", &file], bench);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    }
    fs::write(bench.join("library/README.md"), "What else lies there is left alone.\n").unwrap();
}

fn checked(arguments: &[&str], folder: &Path) -> Value {
    let output = forebear(&[&["check", "--format", "json"], arguments].concat(), folder);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
    let found = json(&output);
    validates("forebear-report-1", &found);
    found
}

/// The verdict on each base that weights were compared with.
fn verdicts(found: &Value) -> Vec<(&str, &str)> {
    let of = |one: &'_ Value, key: &str| one[key].as_str().map(str::to_owned).unwrap();
    let all = found["weights"].as_array().unwrap();
    all.iter()
        .map(|one| (one["base"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .inspect(|(base, _)| assert_eq!(of(&all[0], "subject"), "", "{base}"))
        .collect()
}

fn rules_of<'f>(found: &'f Value, rule: &str) -> Vec<&'f Value> {
    found["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == rule).collect()
}

#[test]
fn a_check_names_the_base_whose_fingerprint_the_weights_match() {
    let bench = bench();
    library(bench.path());
    for (name, relation) in [("derived", "unknown"), ("short", "layers-dropped")] {
        repository(bench.path(), name, None);
        let found = checked(&[name, "--fingerprints", "library"], bench.path());
        let hop = &found["lineage"][0];
        assert_eq!(hop["candidates"], serde_json::json!(["moon/Kaguya-base"]), "{found}");
        assert_eq!((&hop["strength"], &hop["relation"]), (&"weights".into(), &relation.into()));
        let p = hop["evidence"][0]["p"].as_f64().unwrap();
        assert!(p > 0.0 && p < 1e-4, "{hop}");
        assert_eq!(verdicts(&found), [("moon/Kaguya-base", "shared-weights"), ("sun/Amaterasu", "none")]);
        assert_eq!(found["weights"][0]["revision"], "1a2b");
        assert_eq!(found["weights"][0]["fingerprint"], "base.print");
        let hidden = rules_of(&found, "base-undeclared");
        // That others are made from it, nobody has said: it might be a sibling.
        assert_eq!((hidden.len(), &hidden[0]["severity"]), (1, &"warning".into()), "{found}");
        let catalog = "schema = 1\nfamily = \"F\"\ndeveloper = \"Moon\"\n[[model]]\nid = \"moon/Kaguya-base\"\n[[model]]\n\
                       id = \"moon/Kaguya-chat\"\nderived_from = { id = \"moon/Kaguya-base\", source = \"card\", confidence = \"primary\" }\n";
        fs::write(bench.path().join("moon.toml"), catalog).unwrap();
        let found = checked(&[name, "--fingerprints", "library", "--catalog", "moon.toml"], bench.path());
        let hidden = rules_of(&found, "base-undeclared");
        assert_eq!((hidden.len(), &hidden[0]["severity"]), (1, &"violation".into()), "{found}");
    }
    // So is one that went through 8 bits, under the names of another program.
    let quantised = gguf(&trained_on(&model(1, 5), 0.5));
    fs::create_dir(bench.path().join("quantised")).unwrap();
    fs::write(bench.path().join("quantised/lantern-Q8_0.gguf"), quantised).unwrap();
    let found = checked(&["quantised", "--fingerprints", "library"], bench.path());
    assert_eq!(verdicts(&found)[0], ("moon/Kaguya-base", "shared-weights"), "{found}");
    assert_eq!(found["lineage"][0]["relation"], "quantised", "{found}");
    // A copy is proven by its tensors.
    repository(bench.path(), "copy", None);
    let found = checked(&["copy", "--fingerprints", "library/base.print"], bench.path());
    assert_eq!(
        (&found["lineage"][0]["strength"], &found["lineage"][0]["relation"]),
        (&"identical".into(), &"rehost".into())
    );
    assert_eq!(rules_of(&found, "unmodified-rehost").len(), 1, "{found}");
    // Who shares shape and vocabulary is not named.
    repository(bench.path(), "stranger", None);
    let found = checked(&["stranger", "--fingerprints", "library/base.print"], bench.path());
    assert_eq!(
        (&found["lineage"], verdicts(&found)),
        (&serde_json::json!([]), vec![("moon/Kaguya-base", "none")])
    );
    assert_eq!(rules_of(&found, "base-undeclared").len(), 0);
}

#[test]
fn a_declaration_is_confirmed_or_contradicted_by_weights() {
    let bench = bench();
    library(bench.path());
    repository(bench.path(), "derived", Some("moon/Kaguya-base"));
    let found = checked(&["derived", "--fingerprints", "library"], bench.path());
    assert_eq!(
        (&found["lineage"][0]["strength"], &found["lineage"][0]["confidence"]),
        (&"weights".into(), &"high".into())
    );
    assert_eq!(rules_of(&found, "base-misdeclared").len(), 0, "{found}");

    // The weights are those of another base than the card says, and both are known.
    repository(bench.path(), "derived", Some("sun/Amaterasu"));
    let found = checked(&["derived", "--fingerprints", "library"], bench.path());
    let wrong = rules_of(&found, "base-misdeclared");
    assert_eq!((wrong.len(), &wrong[0]["severity"]), (1, &"violation".into()), "{found}");
    let declared = found["lineage"].as_array().unwrap().iter().find(|hop| hop["declared"] == true).unwrap();
    assert_eq!(declared["candidates"], serde_json::json!(["sun/Amaterasu"]));
    assert!(
        declared["against"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("share nothing with those of sun/Amaterasu"),
        "{declared}"
    );

    // Of two models of one developer one is easily taken for the other.
    let mut catalog = String::from("schema = 1\nfamily = \"F\"\ndeveloper = \"Sky\"\n");
    for id in ["moon/Kaguya-base", "sun/Amaterasu"] {
        write!(catalog, "[[model]]\nid = \"{id}\"\n").unwrap();
    }
    fs::write(bench.path().join("sky.toml"), &catalog).unwrap();
    let found = checked(&["derived", "--fingerprints", "library", "--catalog", "sky.toml"], bench.path());
    let open = rules_of(&found, "base-misdeclared");
    assert_eq!((open.len(), &open[0]["severity"]), (1, &"note".into()), "{found}");

    // Without the true base's fingerprint it cannot be told whether the declaration is wrong.
    let found = checked(&["derived", "--fingerprints", "library/stranger.print"], bench.path());
    let open = rules_of(&found, "base-misdeclared");
    assert_eq!((open.len(), &open[0]["severity"]), (1, &"note".into()), "{found}");
}

#[test]
fn a_suspected_base_is_sought_in_renumbered_dimensions_too() {
    let bench = bench();
    library(bench.path());
    write(bench.path(), "hidden", &permuted(&model(1, 5)));
    fs::write(bench.path().join("hidden/tokenizer.json"), tokenizer()).unwrap();
    repository(bench.path(), "hidden", None);
    let silent = checked(&["hidden", "--fingerprints", "library/base.print"], bench.path());
    assert_eq!(verdicts(&silent), [("moon/Kaguya-base", "shared-weights")], "unused tokens stay: {silent}");
    fs::remove_file(bench.path().join("hidden/tokenizer.json")).unwrap();
    let silent = checked(&["hidden", "--fingerprints", "library/base.print"], bench.path());
    assert_eq!(verdicts(&silent), [("moon/Kaguya-base", "none")]);
    assert_eq!(silent["weights"][0]["robust"], false);
    let found = checked(
        &["hidden", "--fingerprints", "library/base.print", "--base", "moon/Kaguya-base"],
        bench.path(),
    );
    assert_eq!(verdicts(&found), [("moon/Kaguya-base", "shared-weights")]);
    assert_eq!(found["weights"][0]["robust"], true);
}

#[test]
fn a_model_without_a_residual_stream_is_known_by_its_tensors() {
    let here = tempfile::tempdir().unwrap();
    let mut random = Random(5);
    let convolution: Tensors = (0..4)
        .map(|number| {
            let shape = vec![12, 7 + number, 3, 3];
            let values = random.many(shape.iter().product(), 0.1);
            (format!("stage.{number}.conv.weight"), shape, values)
        })
        .collect();
    for name in ["base", "copy"] {
        write(here.path(), name, &convolution);
    }
    let print = ["fingerprint", "base", "--name", "moon/Ear", "--output", "ear.print", "--format", "json"];
    assert_eq!(json(&forebear(&print, here.path()))["sketch"], Value::Null);
    let found = checked(&["copy", "--fingerprints", "ear.print"], here.path());
    assert_eq!(verdicts(&found), [("moon/Ear", "identical")]);
    assert_eq!(found["lineage"][0]["strength"], "identical");
    let mut other = convolution;
    other.iter_mut().for_each(|(_, _, values)| values.iter_mut().for_each(|value| *value += 0.01));
    write(here.path(), "other", &other);
    let found = checked(&["other", "--fingerprints", "ear.print"], here.path());
    assert_eq!(
        (verdicts(&found), &found["lineage"]),
        (vec![("moon/Ear", "withheld")], &serde_json::json!([]))
    );
}

#[test]
fn a_catalog_entry_brings_its_fingerprint() {
    let bench = bench();
    fs::write(bench.path().join("base/config.json"), "{\"model_type\": \"llama\", \"hidden_size\": 128}")
        .unwrap();
    fs::create_dir(bench.path().join("known")).unwrap();
    let added = forebear(
        &[
            "models", "add", "base", "--id", "moon/Kaguya-base", "--developer", "Moon", "--fingerprint",
            "known/base.print", "--output", "known/moon.toml",
        ],
        bench.path(),
    );
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let entry = fs::read_to_string(bench.path().join("known/moon.toml")).unwrap();
    assert!(
        entry.contains("[[fingerprint]]\nmodel = \"moon/Kaguya-base\"\nfile = \"base.print\"\n"),
        "{entry}"
    );
    repository(bench.path(), "derived", None);
    let found = checked(&["derived", "--catalog", "known/moon.toml"], bench.path());
    assert_eq!(verdicts(&found), [("moon/Kaguya-base", "shared-weights")]);
    // A folder without weights has no fingerprint, and says so.
    fs::remove_file(bench.path().join("base/model.safetensors")).unwrap();
    let none =
        forebear(&["models", "add", "base", "--id", "moon/K", "--fingerprint", "none.print"], bench.path());
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("holds no weights"), "{}", stderr(&none));
}

#[test]
fn what_is_not_compared_is_said() {
    let bench = bench();
    library(bench.path());
    repository(bench.path(), "derived", None);
    let says = |arguments: &[&str], code: i32, words: &str| {
        let output = forebear(&[&["check"], arguments].concat(), bench.path());
        let text = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{text}");
    };
    says(&["derived", "--fingerprints", "derived.print"], 2, "does not say of which model it is");
    says(&["derived", "--fingerprints", "library/README.md"], 2, "README.md holds no fingerprint");
    says(&["derived", "--fingerprints", "nowhere"], 2, "cannot read nowhere");
    fs::write(
        bench.path().join("torn.print"),
        &fs::read(bench.path().join("library/base.print")).unwrap()[..90],
    )
    .unwrap();
    says(&["derived", "--fingerprints", "torn.print"], 2, "torn.print");
    // Of a pointer nothing can be compared.
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4ec71fd53e99766de38f24753b30c9e8942630e9e576a1ba27b0ec531e87be41\nsize 123456\n";
    fs::write(bench.path().join("derived/model.safetensors"), pointer).unwrap();
    says(
        &["derived", "--fingerprints", "library"],
        0,
        "pointer of Git LFS: the weights were not compared with the fingerprints",
    );
}
