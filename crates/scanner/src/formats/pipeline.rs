//! Of what a pipeline consists: `model_index.json` of diffusers, `modules.json` of sentence-transformers.
//!
//! Sources of the layouts: diffusers `pipelines/pipeline_utils.py` (`_class_name`; every other member is `[library, class]` and
//! lies in the folder of its name) and `modular_pipelines/` (a third item names another repository); sentence-transformers
//! `SentenceTransformer.py` (a list of `{idx, name, path, type}`). `config_sentence_transformers.json` holds versions and prompts,
//! nothing of where the model comes from, and is not read.

use forebear_types::Located;
use forebear_types::RepoPath;
use forebear_types::fact::{FactKind, Part, Pipeline, Problem, ProblemKind, Reading};

use super::json::View;
use super::{File, located_text};

/// Parts that are kept; a pipeline has about ten.
const PARTS: usize = 256;

/// Members of `model_index.json` that are lists of two and no parts.
const SETTINGS: char = '_';

/// Whether a file of this name (in lower case) lists parts.
pub(crate) fn is_index(name: &str) -> bool {
    matches!(name, "model_index.json" | "modular_model_index.json" | "modules.json")
}

/// Reads the parts. A `modules.json` of another program gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    let json = file.json(&text, &mut reading.problems);
    let modules = file.path.file_name().eq_ignore_ascii_case(b"modules.json");
    let found = json.root().map(|root| if modules { of_modules(file, root) } else { of_index(file, root) });
    let (mut pipeline, mut faults) = found.unwrap_or_default();
    if pipeline.parts.is_empty() && (pipeline.class.is_none() || modules) {
        if modules {
            reading.problems.clear();
        } else if reading.problems.is_empty() {
            let what = "the file names no part of a pipeline".to_owned();
            let remedy = "restore the index that diffusers wrote";
            reading.problems.push(file.problem(ProblemKind::Malformed, what, remedy));
        }
        return;
    }
    reading.problems.append(&mut faults);
    pipeline.text = text;
    reading.facts.push(file.fact(FactKind::Pipeline(pipeline)));
}

fn of_index(file: File<'_>, root: View<'_>) -> (Pipeline, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut pipeline = Pipeline {
        class: root.get("_class_name").and_then(class_name),
        name_or_path: root
            .get("_name_or_path")
            .and_then(located_text)
            .filter(|name| !name.value.trim().is_empty()),
        ..Pipeline::default()
    };
    for (name, view) in root.members() {
        if name.starts_with(SETTINGS) || pipeline.parts.len() >= PARTS {
            continue;
        }
        // `[null, null]` is a part that was left out, and a list of numbers a setting.
        let items: Vec<View<'_>> = view.items().take(3).collect();
        let (Some(library), Some(class)) =
            (items.first().and_then(View::text), items.get(1).and_then(View::text))
        else {
            continue;
        };
        let from = items.get(2).and_then(|more| {
            ["pretrained_model_name_or_path", "repo"].iter().find_map(|key| more.get(key)?.text())
        });
        pipeline.parts.push(Part {
            name: name.to_owned(),
            library: library.to_owned(),
            class: class.to_owned(),
            folder: if from.is_some() { None } else { folder(file, name, view.line(), &mut problems) },
            from: from.map(str::to_owned),
            line: view.line(),
        });
    }
    (pipeline, problems)
}

/// `_class_name`, which is a list of module and class for pipelines of a repository's own.
fn class_name(view: View<'_>) -> Option<Located<String>> {
    located_text(view).or_else(|| view.items().filter_map(located_text).last())
}

fn of_modules(file: File<'_>, root: View<'_>) -> (Pipeline, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut pipeline = Pipeline::default();
    for item in root.items().take(PARTS) {
        let Some(kind) = item.get("type").and_then(located_text) else { continue };
        let Some((library, class)) = kind.value.rsplit_once('.') else { continue };
        let path = item.get("path").and_then(|path| path.text());
        let name = path.filter(|path| !path.is_empty()).or_else(|| item.get("name")?.text());
        pipeline.parts.push(Part {
            name: name.unwrap_or(class).to_owned(),
            library: library.to_owned(),
            class: class.to_owned(),
            folder: path.and_then(|path| folder(file, path, kind.line, &mut problems)),
            from: None,
            line: kind.line,
        });
        pipeline.class.get_or_insert(Located { value: "SentenceTransformer".to_owned(), ..kind });
    }
    (pipeline, problems)
}

/// The folder of a part, beside the file. A path that leaves the repository is a problem.
fn folder(file: File<'_>, name: &str, line: u32, problems: &mut Vec<Problem>) -> Option<RepoPath> {
    let home = file.path.parent().unwrap_or_default();
    match home.join(name) {
        Ok(folder) => Some(folder),
        Err(error) => {
            problems.push(Problem {
                line: Some(line),
                ..file.problem(
                    ProblemKind::Malformed,
                    format!("a part of the pipeline lies at no place of the repository: {error}"),
                    "write the folder's name as it stands beside this file",
                )
            });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn of(path: &str, text: &str) -> Pipeline {
        match read_text(path, text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::Pipeline(pipeline)) => pipeline,
            other => panic!("no pipeline: {other:?}"),
        }
    }

    #[test]
    fn parts_of_a_diffusion_pipeline_lie_in_their_folders() {
        let text = "{\"_class_name\": \"StableDiffusionXLPipeline\",\n\"_diffusers_version\": \"0.19.0\", \"_name_or_path\": \"stabilityai/sdxl\",\n\"force_zeros\": true, \"size\": [1, 2],\n\"unet\": [\"diffusers\", \"UNet2DConditionModel\"],\n\"safety_checker\": [null, null],\n\"text_encoder\": [\"transformers\", \"CLIPTextModel\"]}";
        let pipeline = of("sd/model_index.json", text);
        assert_eq!(pipeline.class.unwrap().value, "StableDiffusionXLPipeline");
        assert_eq!(pipeline.name_or_path.unwrap().value, "stabilityai/sdxl");
        let parts: Vec<_> = pipeline
            .parts
            .iter()
            .map(|part| (part.class.as_str(), part.folder.as_ref().unwrap().to_string(), part.line))
            .collect();
        assert_eq!(
            parts,
            [
                ("UNet2DConditionModel", "sd/unet".to_owned(), 4),
                ("CLIPTextModel", "sd/text_encoder".to_owned(), 6)
            ]
        );
        let modular = of(
            "modular_model_index.json",
            r#"{"_class_name": ["pipeline", "Own"], "vae": ["diffusers", "AutoencoderKL", {"repo": "org/sdxl", "subfolder": "vae"}]}"#,
        );
        assert_eq!(modular.class.unwrap().value, "Own");
        assert_eq!((modular.parts[0].from.as_deref(), &modular.parts[0].folder), (Some("org/sdxl"), &None));
    }

    #[test]
    fn modules_of_sentence_transformers_are_parts() {
        let text = r#"[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#;
        let pipeline = of("modules.json", text);
        assert_eq!(pipeline.class.unwrap().value, "SentenceTransformer");
        let folders: Vec<_> = pipeline.parts.iter().map(|part| part.folder.clone().unwrap()).collect();
        assert_eq!(folders, [RepoPath::root(), RepoPath::new("1_Pooling").unwrap()]);
        assert_eq!(pipeline.parts[1].library, "sentence_transformers.models");
        for other in ["{\"name\": \"module\"}", "[1, 2]", "[{\"type\": \"plain\"}]", "not json", ""] {
            let reading = read_text("src/modules.json", other);
            assert!(reading.facts.is_empty() && reading.problems.is_empty(), "{other}");
        }
    }

    #[test]
    fn hostile_indices_are_problems() {
        let away = read_text("model_index.json", "{\"_class_name\": \"X\",\n\"../../etc\": [\"a\", \"B\"]}");
        assert_eq!((away.problems.len(), away.problems[0].line), (1, Some(2)));
        let modules = read_text("modules.json", r#"[{"path": "/etc/\u0000", "type": "a.B"}]"#);
        assert_eq!((modules.problems.len(), modules.facts.len()), (1, 1));
        for text in ["[]", "{}", "{\"unet\": [\"a\"]}", "{\"_class_name\": 3", "nul"] {
            let reading = read_text("model_index.json", text);
            assert_eq!((reading.facts.len(), reading.problems.len()), (0, 1), "{text}");
        }
        let many: String = (0..5_000).map(|n| format!("\"p{n}\": [\"a\", \"B\"],")).collect();
        let reading = read_text("model_index.json", &format!("{{{many}\"_class_name\": \"X\"}}"));
        assert!(matches!(&reading.facts[0].kind, FactKind::Pipeline(one) if one.parts.len() == PARTS));
        assert!(!read_bytes("model_index.json", b"{\"_class_name\": \"\xff\0\"}").problems.is_empty());
    }
}
