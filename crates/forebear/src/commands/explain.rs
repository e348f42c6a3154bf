//! `forebear explain`: a rule, a licence, or a base model.

use std::fmt::Write as _;

use forebear_licenses::terms::{self, Terms};
use forebear_lineage::catalog::Catalog;
use forebear_rules::RULES;

use super::print_text;
use crate::cli::Explain;
use crate::config::{license_id, nearest};
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &Explain) -> Result<Exit, Error> {
    let what = options.what.trim();
    let text = rule(what).or_else(|| license(what)).or_else(|| model(what)).ok_or_else(|| unknown(what))?;
    print_text(&text)?;
    Ok(Exit::Clean)
}

fn rule(name: &str) -> Option<String> {
    forebear_rules::rule(name).map(|rule| rule.docs.to_owned())
}

fn license(name: &str) -> Option<String> {
    let id = license_id(name)?;
    let mut text = format!("# {id}\n");
    if let Some(full) = forebear_licenses::name(&id) {
        let _ = writeln!(text, "\n{full}");
    }
    let Some(terms) = terms::terms(&id) else {
        let _ = writeln!(text, "\nIts duties are not in the tables of this version: read the licence.");
        return Some(text);
    };
    duties(&terms, &mut text);
    Some(text)
}

fn duties(terms: &Terms, text: &mut String) {
    text.push_str("\n## Duties\n\n");
    for term in &terms.duties {
        let _ = writeln!(text, "- {} ({}): {}", term.duty().sentence(), term.clause, term.duty().name());
        if let Some(note) = &term.note {
            let _ = writeln!(text, "  {note}");
        }
    }
    let _ = writeln!(text, "\nSource: {}", terms.source);
}

fn model(name: &str) -> Option<String> {
    let model = Catalog::embedded().find(name)?;
    let mut text = format!("# {}\n\n", model.id);
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "- {key}: {value}");
    };
    line("family", model.family.to_owned());
    line("developer", model.developer.to_owned());
    if !model.aliases.is_empty() {
        line("also known as", model.aliases.join(", "));
    }
    if let Some(parent) = model.derived_from {
        line("derived from", parent.to_owned());
    }
    if let Some(released) = model.released {
        line("released", released.to_owned());
    }
    if let Some(total) = model.total_billion {
        let active = model
            .active_billion
            .map_or_else(String::new, |active| format!(", {active} billion active per token"));
        line("parameters", format!("{total} billion{active}"));
    }
    text.push_str("\n## Licences\n\n");
    if model.licenses.is_empty() {
        text.push_str("No source for its licence is in the catalog.\n");
    }
    for period in model.licenses {
        let span = match (period.from, period.until) {
            (Some(from), Some(until)) => format!("from {from} until {until}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (None, None) => "always, as far as known".to_owned(),
        };
        let _ = writeln!(text, "- {span}: weights {}", period.weights.unwrap_or("unknown"));
        if let Some(code) = period.code {
            let _ = writeln!(text, "  code: {code}");
        }
        if !period.files.is_empty() {
            let _ = writeln!(text, "  files upstream: {}", period.files.join(", "));
        }
        for owner in period.copyright {
            let _ = writeln!(text, "  owner's line: {owner}");
        }
        let _ = writeln!(text, "  source ({}): {}", period.confidence.name(), period.source);
        if let Some(note) = period.note {
            let _ = writeln!(text, "  note: {note}");
        }
    }
    if !model.config.is_empty() {
        text.push_str("\n## Configuration\n\n");
        for (field, value) in model.config {
            let _ = writeln!(text, "- {}: {value}", field.key());
        }
    }
    Some(text)
}

fn unknown(what: &str) -> Error {
    let rules = RULES.iter().map(|rule| rule.id.0);
    let catalog = Catalog::embedded();
    let models = catalog.models().map(|model| model.id);
    let near = nearest(what, rules.chain(terms::known()).chain(models));
    Error::Argument {
        message: format!("`{what}` is no rule, licence or base model that forebear knows"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`forebear rules` lists the rules; licences go by SPDX id, models by organisation/name"
                .to_owned(),
        },
    }
}
