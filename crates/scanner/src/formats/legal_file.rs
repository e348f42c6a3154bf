//! Licence, notice and policy files: which file is one, for what it speaks, and what its text is.

use std::collections::BTreeSet;
use std::sync::Arc;

use forebear_types::RepoPath;
use forebear_types::fact::{Fact, FactKind, LegalFile, LegalRole, ProblemKind, Reading, Scope};
use forebear_types::license::Recognition;

use super::{File, Interest};

/// Endings of prose.
const PROSE: &[&str] = &["txt", "md", "markdown", "rst", "html", "htm", "org", "adoc", "text"];

/// Endings of documents that are not read: legal files all the same, unless their bytes turn out to be plain text.
const DOCUMENTS: &[&str] =
    &["pdf", "doc", "docx", "docm", "dot", "dotx", "rtf", "odt", "ott", "pages", "ps", "epub", "wpd", "xps"];

/// Endings of programs, data and pictures that may be called after a licence (`license.py`, `licenses.json`).
const NOT_PROSE: &[&str] = &[
    "py", "pyi", "pyc", "ipynb", "rs", "js", "mjs", "cjs", "ts", "tsx", "jsx", "vue", "json", "jsonl",
    "yaml", "yml", "toml", "xml", "csv", "tsv", "c", "cc", "cpp", "h", "hpp", "cu", "go", "java", "kt",
    "swift", "rb", "php", "pl", "sh", "bat", "ps1", "css", "scss", "svg", "png", "jpg", "jpeg", "gif", "ico",
    "webp", "lock", "cfg", "ini", "tmpl", "template", "j2", "snap", "proto", "sql", "cs", "lua", "r",
    "scala", "zip", "gz", "tar",
];

/// Folders whose files are licence texts.
const LICENSE_FOLDERS: &[&str] = &["licenses", "licences", "license", "licence", "license-texts", "legal"];

/// Folders that hold other people's components.
const OTHERS: &[&str] = &[
    "vendor", "vendored", "third_party", "third-party", "thirdparty", "3rdparty", "external", "externals",
    "extern", "deps", "dependencies", "node_modules", "site-packages", "dist-packages", "submodules",
    "subprojects", "contrib", "packages", "target",
];

/// The role of a legal file, from its name (also in lower case); `None` if it is none.
pub(crate) fn role(path: &RepoPath, name: &str) -> Option<LegalRole> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if NOT_PROSE.contains(&extension) {
        return None;
    }
    let mut words =
        name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| first.starts_with(prefix));
    if begins(&["license", "licence", "copying", "unlicense", "unlicence"]) {
        // `licensed.md`, `licensing.md` talk about licences; `license2`, `license_cn` are some.
        return (!begins(&["licensed", "licenced"])).then_some(LegalRole::License);
    }
    let flat: String = name.chars().map(|c| if c == '-' || c == ' ' || c == '.' { '_' } else { c }).collect();
    if flat.starts_with("third_party") || flat.starts_with("thirdparty") {
        return Some(LegalRole::ThirdParty);
    }
    if flat.starts_with("use_policy")
        || flat.starts_with("usage_policy")
        || flat.starts_with("acceptable_use")
    {
        return Some(LegalRole::UsePolicy);
    }
    let known = extension.is_empty() || PROSE.contains(&extension) || DOCUMENTS.contains(&extension);
    let terms = ["terms_of_use", "terms_of_service", "terms_and_conditions"];
    if known && (first == "eula" || terms.iter().any(|terms| flat.contains(terms))) {
        return Some(LegalRole::License);
    }
    match first {
        "notice" | "notices" => return Some(LegalRole::Notice),
        "copyright" | "copyrights" => return Some(LegalRole::Copyright),
        "patents" => return Some(LegalRole::Patents),
        _ => {}
    }
    // `KaguyaLicense.pdf` has no sign between its words.
    let ends =
        |word: &str| ["license", "licence", "licenses", "licences"].iter().any(|end| word.ends_with(end));
    if known && (ends(first) || words.any(ends)) {
        return Some(LegalRole::License);
    }
    let folder = path
        .components()
        .rev()
        .nth(1)
        .and_then(|folder| std::str::from_utf8(folder).ok())
        .unwrap_or_default();
    let in_folder = LICENSE_FOLDERS[..4].contains(&folder.to_ascii_lowercase().as_str());
    (in_folder && known && first != "readme" && first != "changelog").then_some(LegalRole::License)
}

/// For what a legal file speaks. `model_folders` are the folders that hold a configuration, an adapter or weights.
///
/// A file at the root, in a folder of licences below the root, or beside a model speaks for the model. A file in a folder
/// of other people's components speaks for a component, and one in any other folder for that folder.
fn scope(path: &RepoPath, model_folders: &BTreeSet<RepoPath>) -> Scope {
    let folders: Vec<String> = path
        .parent()
        .iter()
        .flat_map(|parent| {
            parent.components().map(|part| String::from_utf8_lossy(part).to_lowercase()).collect::<Vec<_>>()
        })
        .collect();
    if let Some(other) =
        folders.iter().find(|folder| OTHERS.contains(&folder.as_str()) || folder.ends_with(".dist-info"))
    {
        return Scope::OtherComponent(format!("it lies in `{other}/`, a folder of other components"));
    }
    // The folder above the first folder of licences is the one that the file speaks for.
    let kept =
        folders.iter().position(|folder| LICENSE_FOLDERS.contains(&folder.as_str())).unwrap_or(folders.len());
    let mut home = path.parent().unwrap_or_default();
    while home.depth() > kept {
        home = home.parent().unwrap_or_default();
    }
    if home.is_root() || model_folders.contains(&home) {
        return Scope::Model;
    }
    let folder = home.to_string();
    Scope::OtherComponent(format!("it lies in `{folder}/`, for which it speaks"))
}

/// Reads a legal file. The scope is that of its place alone; [`rescope`] settles it when the whole tree is known.
pub(crate) fn read(file: File<'_>, role: LegalRole, known: Option<&Recognition>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else {
        unexamined(file, Interest::LegalFile(role), reading);
        return;
    };
    if text.trim().is_empty() {
        let what = "the legal file is empty".to_owned();
        reading.problems.push(file.problem(ProblemKind::Malformed, what, "restore its text, or remove it"));
    }
    let recognition = known.cloned().unwrap_or_else(|| forebear_licenses::recognise(&text));
    // In an encoding that is not known the words may be there and not be seen.
    let guessed = reading.problems.iter().any(|problem| problem.kind == ProblemKind::Unsupported);
    let examined = !guessed || !recognition.licenses.is_empty();
    push(file, role, recognition, text, examined, reading);
}

/// Records a file that is there and could not be read: a legal file as not examined, so that it does not count as absent,
/// and weights by their name. Other kinds of files leave nothing.
pub(crate) fn unexamined(file: File<'_>, interest: Interest, reading: &mut Reading) {
    match interest {
        Interest::LegalFile(role) => push(file, role, Recognition::default(), Arc::from(""), false, reading),
        Interest::Weights(format) => super::weights::read(file, format, reading),
        _ => {}
    }
}

fn push(
    file: File<'_>,
    role: LegalRole,
    recognition: Recognition,
    text: Arc<str>,
    examined: bool,
    reading: &mut Reading,
) {
    let scope = scope(file.path, &BTreeSet::new());
    let kind = LegalFile { role, scope, recognition, text, size: file.size, blob: file.blob, examined };
    reading.facts.push(file.fact(FactKind::LegalFile(kind)));
}

/// Settles the scope of legal files, now that the folders of models are known.
pub(crate) fn rescope(fact: &mut Fact, model_folders: &BTreeSet<RepoPath>) {
    if let FactKind::LegalFile(legal) = &mut fact.kind {
        legal.scope = scope(&fact.path, model_folders);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn scope_of(path: &str, models: &[&str]) -> bool {
        let models = models.iter().map(|folder| RepoPath::new(folder).unwrap()).collect();
        scope(&RepoPath::new(path).unwrap(), &models) == Scope::Model
    }

    #[test]
    fn files_speak_for_their_place() {
        assert!(scope_of("LICENSE", &[]));
        assert!(
            scope_of("licenses/DeepSeek/LICENSE", &[]),
            "below a folder of licences everything is a licence text"
        );
        assert!(scope_of("licenses/deepseek.txt", &[]));
        assert!(scope_of("legal/licenses/deepseek.txt", &[]));
        assert!(!scope_of("vendor/lib/LICENSE", &[]));
        assert!(!scope_of("node_modules/x/LICENSE", &["node_modules/x"]));
        assert!(!scope_of("llama.cpp/LICENSE", &[]));
        assert!(scope_of("model/LICENSE", &["model"]));
        assert!(scope_of("model/licenses/MIT.txt", &["model"]));
    }

    #[test]
    fn what_cannot_be_read_is_marked_so() {
        for (path, bytes) in [
            ("LICENSE.pdf", &b"%PDF-1.7"[..]),
            ("LICENSE", b"%PDF-1.7"),
            ("LICENCE.docx", b"PK\x03\x04 word/document.xml"),
            ("license.rtf", b"{\\rtf1 MIT License}"),
            ("LICENSE", b"\0\0\0\x01\0\0\xff\xfe\0"),
        ] {
            let reading = read_bytes(path, bytes);
            assert!(!reading.problems[0].remedy.is_empty());
            assert_eq!(reading.problems.len(), 1, "{path}");
            assert!(matches!(&reading.facts[0].kind, FactKind::LegalFile(file) if !file.examined), "{path}");
        }
        // The bytes decide, not the name.
        let text = read_text("LICENSE.doc", "MIT License\n\nCopyright (c) 2024 Kaguya\n");
        assert!(text.problems.is_empty());
        assert!(matches!(&text.facts[0].kind, FactKind::LegalFile(file) if file.examined));
        let empty = read_text("LICENSE", " \n");
        assert_eq!(empty.problems.len(), 1);
        assert!(matches!(&empty.facts[0].kind, FactKind::LegalFile(file) if file.examined));
    }
}
