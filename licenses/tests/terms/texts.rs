//! Where the licence texts are, and how they are compared.

use forebear_types::LicenseId;

/// The folder of texts that are not part of the project.
pub(crate) fn shared() -> String {
    std::env::var("FOREBEAR_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned())
}

/// The text of a licence or policy; says so if it is not here.
pub(crate) fn text_of(id: &LicenseId) -> Option<String> {
    if let Some(text) = forebear_licenses::text(id) {
        return Some(text.to_owned());
    }
    let name = id.as_str().trim_start_matches("LicenseRef-");
    let text = std::fs::read_to_string(format!("{}/license-texts/{name}.txt", shared())).ok();
    if text.is_none() {
        println!("skipped: the text of {id} is not part of the project; set FOREBEAR_SHARED");
    }
    text
}

/// Marks of Markdown and of quotations: they differ between copies of one text.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| !"*_\\`#>".contains(*character))
        .map(|character| match character {
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            other => other,
        })
        .collect()
}

/// A text in one line and one case.
pub(crate) fn fold(text: &str) -> String {
    plain(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a text, folded, with the place of each in the folded text.
pub(crate) fn folded_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.lines() {
        let line = fold(line);
        if line.is_empty() {
            continue;
        }
        let length = line.len();
        lines.push((at, line));
        at += length + 1;
    }
    lines
}
