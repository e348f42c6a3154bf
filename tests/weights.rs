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
