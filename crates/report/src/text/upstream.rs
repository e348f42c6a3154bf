//! The comparison with a local copy of the suspected base.

use forebear_types::RepoPath;
use forebear_types::run::Run;
use forebear_types::upstream::{ConfigurationComparison, Fate, LegalFileFate, UpstreamComparison};

use super::paint::Painter;
use super::{count, place, size_in_bytes};
use crate::safe;

/// Entries of one list that are shown; JSON has all.
const MOST: usize = 12;

/// What is the same, and what the copy has and the repository lacks. Nothing without a comparison.
pub(super) fn comparison(run: &Run, paint: &Painter) -> String {
    let Some(comparison) = &run.upstream else { return String::new() };
    let mut text = paint.heading("Compared with the local copy of the base");
    for line in sentences(comparison) {
        text.push_str(&paint.wrap(&format!("- {line}"), "  ", "    "));
    }
    text
}

/// What the comparison gave, a sentence each.
pub(crate) fn sentences(comparison: &UpstreamComparison) -> Vec<String> {
    let mut lines = vec![title(comparison)];
    lines.extend(comparison.legal_files.iter().map(legal_file));
    if comparison.legal_files.is_empty() {
        lines.push("the copy holds no legal file".to_owned());
    }
    lines.extend(comparison.copyright_lost.iter().map(|lost| {
        let line = format!("{}:{}", safe::line(&lost.path.to_string()), lost.line);
        format!("owner line lost: “{}” [copy {line}]", safe::line(&lost.text))
    }));
    lines.extend(weights(comparison));
    lines.extend(comparison.configuration.as_ref().map(configuration));
    for part in [&comparison.tokenizer, &comparison.chat_template].into_iter().flatten() {
        lines.push(format!("{} [{}]", safe::line(&part.detail), safe::line(&part.here.to_string())));
    }
    lines.extend(other_files(comparison));
    lines
}

fn title(comparison: &UpstreamComparison) -> String {
    use forebear_types::upstream::NamedBy;
    let by = match comparison.named_by {
        NamedBy::User => "as you stated",
        NamedBy::Address => "by its address",
        NamedBy::Configuration => "by its configuration",
        NamedBy::Nothing => "nothing tells whose copy it is; name it with --base",
    };
    let license = match (&comparison.license, &comparison.declared_license) {
        (Some(license), _) => format!("licence {}", safe::line(license.as_str())),
        (None, Some(declared)) => format!("declared licence {}", safe::line(declared)),
        (None, None) => "licence not told".to_owned(),
    };
    let bases = match comparison.base_models.as_slice() {
        [] => String::new(),
        [only] => format!("; declares base {}", safe::line(only)),
        [first, rest @ ..] => format!("; declares bases {} and {} more", safe::line(first), rest.len()),
    };
    format!("{} ({by}; {license}{bases})", safe::line(comparison.model.as_str()))
}

fn legal_file(file: &LegalFileFate) -> String {
    const DIFFERENCES: usize = 3;
    let ids: Vec<String> = file.licenses.iter().map(|id| safe::line(id.as_str())).collect();
    let what = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
    let path = safe::line(&file.path.to_string());
    let here = file.here.as_ref().map(|location| format!(" [{}]", place(location))).unwrap_or_default();
    let mut words = match file.fate {
        Fate::Copied => format!("copied: {path}{what}{here}"),
        Fate::Altered => format!("altered: {path}{what}{here}"),
        Fate::Missing => format!("not copied: {path}{what}"),
        Fate::Unknown => format!("could not tell whether it was copied: {path}{what}"),
    };
    for change in file.differences.iter().take(DIFFERENCES) {
        let difference = match (change.expected.is_empty(), change.found.is_empty()) {
            (false, true) => format!("lacks “{}”", safe::line(&change.expected)),
            (true, _) => format!("adds “{}”", safe::line(&change.found)),
            (false, false) => {
                format!("“{}” instead of “{}”", safe::line(&change.found), safe::line(&change.expected))
            }
        };
        words.push_str(&format!("; {difference}"));
    }
    if file.differences.len() > DIFFERENCES {
        words.push_str(&format!("; {}", count(file.differences.len() - DIFFERENCES, "more difference")));
    }
    words
}

fn weights(comparison: &UpstreamComparison) -> Option<String> {
    let weights = comparison.weights?;
    let files = comparison.identical.iter().filter(|file| file.weights).count();
    if files == 0 {
        return Some("no weight file is byte for byte one of the copy's".to_owned());
    }
    let proof = if weights.proof {
        "the same bytes prove descent"
    } else {
        "a part, which both may have from a third model"
    };
    let all = if weights.all_of_here { ", all that are here" } else { "" };
    Some(format!(
        "byte for byte the same: {}{all}, {} of the copy's {}; {proof}",
        count(files, "weight file"),
        size_in_bytes(weights.same),
        size_in_bytes(weights.upstream),
    ))
}

fn configuration(configuration: &ConfigurationComparison) -> String {
    if configuration.same_text {
        return format!("the same configuration, to the letter [{}]", place(&configuration.here));
    }
    let listed: Vec<String> = configuration
        .differences
        .iter()
        .take(MOST)
        .map(|one| {
            let value = |value: &Option<String>| {
                value.as_ref().map_or_else(|| "nothing".to_owned(), |value| safe::line(value))
            };
            format!("{} {} instead of {}", safe::line(&one.field), value(&one.here), value(&one.upstream))
        })
        .collect();
    let more = match configuration.differences.len() {
        number if number > MOST => format!(" and {} more", number - MOST),
        _ => String::new(),
    };
    let differences = if listed.is_empty() {
        "no field differs".to_owned()
    } else {
        format!("{}{more}", listed.join(", "))
    };
    format!(
        "configuration: {} equal, {} different; {differences} [{}]",
        count(configuration.same_shape, "shape field"),
        configuration.shape_differences(),
        place(&configuration.here)
    )
}

/// Files other than weights that are the same; legal files are listed by themselves.
fn other_files(comparison: &UpstreamComparison) -> Option<String> {
    let legal = |path: &RepoPath| comparison.legal_files.iter().any(|file| file.path == *path);
    let same: Vec<String> = comparison
        .identical
        .iter()
        .filter(|file| !file.weights && !legal(&file.upstream))
        .map(|file| safe::line(&file.here.to_string()))
        .collect();
    if same.is_empty() {
        return None;
    }
    let more = if same.len() > MOST { format!(" and {} more", same.len() - MOST) } else { String::new() };
    Some(format!("also the same: {}{more}", same[..same.len().min(MOST)].join(", ")))
}
